//! Consents and tokens: who let the app act for them, how far and until when.
//!
//! Pure, like the rest of the world. A code lives 30 seconds and works once. A refresh gives a new pair of tokens and
//! ends the old one; a refresh token that was used already is refused, and costs the grant nothing.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::journal::Change;
use crate::clock::Millis;

/// What an app may ask for, of what the twin can do.
pub const SCOPES: [&str; 8] = [
    "tweet.read",
    "tweet.write",
    "tweet.moderate.write",
    "users.read",
    "dm.read",
    "dm.write",
    "media.write",
    "offline.access",
];
/// How long an access token lives.
pub(super) const LIFETIME: Duration = Duration::from_secs(7_200);
const CODE_LIFETIME: Duration = Duration::from_secs(30);

/// The tokens that a consent gives.
#[derive(Clone, Debug)]
pub struct Grant {
    pub access_token: String,
    /// Only with the scope `offline.access`.
    pub refresh_token: Option<String>,
    /// In seconds, from when it was given.
    pub expires_in: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Tokens {
    pub access: String,
    pub refresh: Option<String>,
    /// When the access token ends; the fixed token of the settings never does.
    pub until: Option<Millis>,
}

/// What somebody agreed to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Consent {
    pub user: u64,
    pub scopes: Vec<String>,
    pub redirect: String,
    pub challenge: String,
    /// `plain` or `S256`.
    pub method: String,
    pub at: Millis,
}

/// Why a code or a refresh token is not taken, in X's words.
pub(super) type Objection = &'static str;

#[derive(Default)]
pub(super) struct Grants {
    all: BTreeMap<u64, Given>,
    /// Access and refresh tokens that were ever given.
    tokens: HashMap<String, u64>,
    codes: HashMap<String, Consent>,
}

pub(super) struct Given {
    pub id: u64,
    pub user: u64,
    pub scopes: Vec<String>,
    pub tokens: Tokens,
    pub revoked: bool,
}

impl Tokens {
    /// Fresh ones. They look like X's: letters and digits, with the time and the kind at the end.
    pub fn fresh(scopes: &[String], now: Millis) -> Self {
        let offline = scopes.iter().any(|scope| scope == "offline.access");
        Self {
            access: random(&format!("{}:1:1:at:1", now.0)),
            refresh: offline.then(|| random(&format!("{}:1:1:rt:1", now.0))),
            until: Some(now.plus(LIFETIME)),
        }
    }

    pub fn grant(self) -> Grant {
        Grant { access_token: self.access, refresh_token: self.refresh, expires_in: LIFETIME.as_secs() }
    }
}

impl Grants {
    pub fn apply(&mut self, change: Change) {
        match change {
            Change::Consent { code, consent } => {
                self.codes.insert(code, consent);
            }
            Change::Grant { id, user, scopes, code, tokens } => {
                if let Some(code) = code {
                    self.codes.remove(&code);
                }
                self.remember(id, &tokens);
                self.all.insert(id, Given { id, user, scopes, tokens, revoked: false });
            }
            Change::Refresh { id, tokens } => {
                self.remember(id, &tokens);
                if let Some(given) = self.all.get_mut(&id) {
                    given.tokens = tokens;
                }
            }
            Change::Revoke { id, .. } => {
                if let Some(given) = self.all.get_mut(&id) {
                    given.revoked = true;
                }
            }
            _ => {}
        }
    }

    fn remember(&mut self, id: u64, tokens: &Tokens) {
        self.tokens.insert(tokens.access.clone(), id);
        if let Some(refresh) = &tokens.refresh {
            self.tokens.insert(refresh.clone(), id);
        }
    }

    /// The grant that this access token opens now.
    pub fn open(&self, access: &str, now: Millis) -> Option<&Given> {
        let given = self.whose(access)?;
        let alive = given.tokens.until.is_none_or(|until| now < until);
        (given.tokens.access == access && alive && !given.revoked).then_some(given)
    }

    /// The grant that this token, of either kind and whether it still works or not, belongs to.
    pub fn whose(&self, token: &str) -> Option<&Given> {
        self.tokens.get(token).and_then(|id| self.all.get(id))
    }

    /// The grants of a person that stand.
    pub fn of(&self, user: u64) -> impl Iterator<Item = &Given> {
        self.all.values().filter(move |given| given.user == user && !given.revoked)
    }

    pub fn get(&self, id: u64) -> Option<&Given> {
        self.all.get(&id)
    }

    pub fn user_of(&self, id: u64) -> Option<u64> {
        self.all.get(&id).map(|given| given.user)
    }

    /// Whether this person ever let the app in.
    pub fn has_been_given_by(&self, user: u64) -> bool {
        self.all.values().any(|given| given.user == user)
    }

    /// What was agreed to under this code, if whoever shows it may have it.
    pub fn exchange(&self, code: &str, redirect: &str, verifier: &str, now: Millis) -> Result<&Consent, Objection> {
        let consent = self.codes.get(code).filter(|consent| now.since(consent.at) < CODE_LIFETIME);
        let consent = consent.ok_or("Value passed for the authorization code was invalid.")?;
        if consent.redirect != redirect {
            return Err("Value passed for the redirect uri did not match the uri of the authorization code.");
        }
        let shown = match consent.method.as_str() {
            "plain" => verifier.to_owned(),
            _ => URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())),
        };
        if shown != consent.challenge {
            return Err("Value passed for the code verifier did not match the code challenge.");
        }
        Ok(consent)
    }

    /// The grant that this refresh token renews: only the newest does.
    pub fn renewable(&self, refresh: &str) -> Result<&Given, Objection> {
        let newest = |given: &&Given| given.tokens.refresh.as_deref() == Some(refresh) && !given.revoked;
        self.whose(refresh).filter(newest).ok_or("Value passed for the token was invalid.")
    }
}

/// A random word with a suffix inside, as X's codes and tokens are.
pub(super) fn random(suffix: &str) -> String {
    let mut bytes = [0_u8; 32];
    // Without randomness the twin still works; its tokens are no secrets.
    let _ = getrandom::fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(format!("{}:{suffix}", URL_SAFE_NO_PAD.encode(bytes)))
}
