//! Consents and tokens: who let the app in, for which pages, how far, until when, and how it ended.
//!
//! Pure, like the rest of the world. A person's grant has user tokens, short and long ones, and page tokens made from
//! them. What ends the grant ends them all.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::journal::Change;
use crate::clock::Millis;

/// The permissions that an app may ask for, of what the twin can do.
pub const SCOPES: [&str; 9] = [
    "pages_show_list",
    "pages_read_engagement",
    "pages_read_user_content",
    "pages_manage_engagement",
    "pages_manage_metadata",
    "pages_manage_posts",
    "pages_messaging",
    "business_management",
    "public_profile",
];
pub(super) const SHORT: Duration = Duration::from_secs(90 * 60);
pub(super) const LONG: Duration = Duration::from_secs(60 * 24 * 3600);
/// How long after a consent the app may see people's data.
pub(super) const DATA_ACCESS: Duration = Duration::from_secs(90 * 24 * 3600);
const CODE_LIFETIME: Duration = Duration::from_secs(600);

/// How a token ends, with Facebook's error subcode for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// 458: the person took the app away.
    AppRemoved,
    /// 459: the person must log in at Facebook.
    Checkpoint,
    /// 460: the password was changed.
    PasswordChanged,
    /// 463.
    Expired,
    /// 464: the person's session is not confirmed.
    Unconfirmed,
    /// 467.
    Invalid,
    /// 492: the person lost the role on the page.
    RoleLost,
    /// 493: the person has not used the app for 90 days.
    Inactive,
}

impl End {
    pub const ALL: [Self; 8] = [
        Self::AppRemoved,
        Self::Checkpoint,
        Self::PasswordChanged,
        Self::Expired,
        Self::Unconfirmed,
        Self::Invalid,
        Self::RoleLost,
        Self::Inactive,
    ];

    pub fn subcode(self) -> u64 {
        match self {
            Self::AppRemoved => 458,
            Self::Checkpoint => 459,
            Self::PasswordChanged => 460,
            Self::Expired => 463,
            Self::Unconfirmed => 464,
            Self::Invalid => 467,
            Self::RoleLost => 492,
            Self::Inactive => 493,
        }
    }

    pub(super) fn of(subcode: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|end| end.subcode() == subcode)
    }

    /// Facebook's words.
    pub(super) fn said(self) -> &'static str {
        match self {
            Self::AppRemoved => "Error validating access token: The user has not authorized application.",
            Self::Checkpoint => {
                "Error validating access token: You cannot access the app till you log in to www.facebook.com and \
                 follow the instructions given."
            }
            Self::PasswordChanged => {
                "Error validating access token: The session has been invalidated because the user changed their \
                 password or Facebook has changed the session for security reasons."
            }
            Self::Expired => "Error validating access token: Session has expired.",
            Self::Unconfirmed => {
                "Error validating access token: Sessions for the user are not allowed because the \
                 user is not a confirmed user."
            }
            Self::Invalid => "Error validating access token: The session is invalid because the user logged out.",
            Self::RoleLost => {
                "Error validating access token: The user must be an administrator, editor, or moderator \
                 of the page in order to impersonate it."
            }
            Self::Inactive => {
                "The access token is invalid since the user hasn't engaged the app in longer than 90 days."
            }
        }
    }
}

/// What somebody agreed to, until its code is exchanged.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Consent {
    pub person: u64,
    pub pages: Vec<u64>,
    pub scopes: Vec<String>,
    pub redirect: String,
    pub at: Millis,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Grant {
    pub id: u64,
    pub person: u64,
    pub pages: Vec<u64>,
    pub scopes: Vec<String>,
    pub at: Millis,
    /// Data about people is given until then.
    pub data_until: Option<Millis>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Token {
    pub token: String,
    pub grant: u64,
    /// The page that it speaks for; without, it speaks for the person.
    pub page: Option<u64>,
    pub long: bool,
    pub issued: Millis,
    pub until: Option<Millis>,
}

/// Why a token is not taken: how it ended, or that nobody ever gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dead {
    Ended(End),
    Unknown,
}

/// Why a code is not taken, with Facebook's subcode.
pub(super) type Objection = (u64, &'static str);

#[derive(Default)]
pub(super) struct Grants {
    pub all: BTreeMap<u64, Grant>,
    tokens: HashMap<String, Token>,
    codes: HashMap<String, (Consent, bool)>,
    /// Of a grant, or of one page of it.
    ends: HashMap<(u64, Option<u64>), End>,
}

impl Grants {
    pub fn apply(&mut self, change: Change) {
        match change {
            Change::Consent { code, consent } => drop(self.codes.insert(code, (consent, false))),
            Change::CodeUsed { code } => {
                if let Some((_, used)) = self.codes.get_mut(&code) {
                    *used = true;
                }
            }
            Change::Grant { grant } => drop(self.all.insert(grant.id, grant)),
            Change::Token { token } => drop(self.tokens.insert(token.token.clone(), token)),
            Change::End { grant, page, how, .. } => drop(self.ends.insert((grant, page), how)),
            _ => {}
        }
    }

    /// The token, whether it still works or not.
    pub fn known(&self, token: &str) -> Option<&Token> {
        self.tokens.get(token)
    }

    /// The token with its grant, if it works now.
    pub fn open(&self, token: &str, now: Millis) -> Result<(&Token, &Grant), Dead> {
        let token = self.tokens.get(token).ok_or(Dead::Unknown)?;
        let grant = self.all.get(&token.grant).ok_or(Dead::Unknown)?;
        let ended =
            self.end_of(grant.id, None).or_else(|| token.page.and_then(|page| self.end_of(grant.id, Some(page))));
        if let Some(end) = ended {
            return Err(Dead::Ended(end));
        }
        if token.until.is_some_and(|until| until <= now) {
            return Err(Dead::Ended(End::Expired));
        }
        Ok((token, grant))
    }

    fn end_of(&self, grant: u64, page: Option<u64>) -> Option<End> {
        self.ends.get(&(grant, page)).copied()
    }

    /// The grants of a person that stand.
    pub fn of(&self, person: u64) -> impl Iterator<Item = &Grant> {
        self.all.values().filter(move |grant| grant.person == person && self.end_of(grant.id, None).is_none())
    }

    /// The page token that this user token was given before.
    pub fn page_token(&self, user: &Token, page: u64) -> Option<&Token> {
        let same = |known: &&Token| known.grant == user.grant && known.page == Some(page) && known.long == user.long;
        self.tokens.values().filter(same).find(|known| known.issued >= user.issued)
    }

    pub fn next_id(&self) -> u64 {
        self.all.last_key_value().map_or(1, |(last, _)| last + 1)
    }

    /// What was agreed to under this code, if whoever shows it may have it.
    pub fn exchange(&self, code: &str, redirect: &str, now: Millis) -> Result<&Consent, Objection> {
        let (consent, used) = self.codes.get(code).ok_or((36_009, "Invalid verification code format."))?;
        if *used {
            return Err((36_009, "This authorization code has been used."));
        }
        if now.since(consent.at) >= CODE_LIFETIME {
            return Err((36_007, "This authorization code has expired."));
        }
        if consent.redirect != redirect {
            let said = "Error validating verification code. Please make sure your redirect_uri is identical to the one \
                        you used in the OAuth dialog request";
            return Err((36_008, said));
        }
        Ok(consent)
    }
}

/// A fresh token as Facebook's look.
pub(super) fn fresh() -> String {
    format!("EAA{}", random(90))
}

/// A random word. Without randomness the twin still works; its tokens are no secrets.
pub(super) fn random(bytes: usize) -> String {
    let mut all = vec![0_u8; bytes];
    let _ = getrandom::fill(&mut all);
    URL_SAFE_NO_PAD.encode(all).replace(['-', '_'], "Z")
}
