//! X as a network: our app there, and the way to an account of ours.
//!
//! `connect` makes the calls, `tend` looks after the connection, `webhook` knows the signatures; here they become what
//! every network is asked.

use std::sync::Arc;

use async_trait::async_trait;
use reqwest::Url;
use serde_json::Value;

use super::connect::XApp;
use super::words;
use super::{
    BASE_URL, EVERYBODYS_LONGEST, SEARCHED, SIGNATURE_HEADER, WEB_URL, X, holds_link, id_at, intent_url, parse, query,
    tend, time_of, webhook,
};
use crate::clock::{Clock, Millis};
use crate::networks::http::Guarded;
use crate::networks::{
    Abilities, Account, AccountLook, AccountState, AppKeys, AppLook, AppState, Failure, GrantError, Granted, Key,
    KeyField, Malformed, Network, NoProof, Offer, Part, Proof, Seat, Words,
};
use crate::secret::Secret;

pub(super) const LABEL: &str = "X";

const ABILITIES: Abilities = Abilities {
    pushes: true,
    names_account_first: true,
    idempotent_sends: false,
    edits_keep_ids: false,
    searches: Some(SEARCHED),
    has_prices: true,
    hides: false,
    private_reply_within: None,
    most_pictures: 4,
};

const WORDS: Words = Words {
    an_account: words::AN_ACCOUNT,
    console: words::CONSOLE,
    console_url: "https://console.x.com",
    home_url: "https://x.com",
    asks: words::ASKS,
    must_have: words::MUST_HAVE,
    take_away: words::TAKE_AWAY,
    late_answers: None,
};

const KEY_FIELDS: [KeyField; 4] = [
    KeyField { key: Key::ClientId, label: words::CLIENT_ID, hint: "", is_needed: true },
    KeyField { key: Key::ClientSecret, label: words::CLIENT_SECRET, hint: "", is_needed: false },
    KeyField { key: Key::ApiKey, label: words::API_KEY, hint: "", is_needed: true },
    KeyField { key: Key::SigningSecret, label: words::API_KEY_SECRET, hint: "", is_needed: true },
];

/// Tokens of X's challenge are far shorter; a longer one is no challenge of X's.
const LONGEST_TOKEN: usize = 200;

/// Where X is. Only the demo and the tests have it elsewhere: there it is a twin.
#[derive(Clone, Debug)]
pub struct XPlace {
    /// Of the API, without a trailing slash.
    pub base_url: String,
    /// Of X's own pages, without a trailing slash.
    pub web_url: String,
}

impl Default for XPlace {
    fn default() -> Self {
        Self { base_url: BASE_URL.to_owned(), web_url: WEB_URL.to_owned() }
    }
}

impl XPlace {
    /// A twin, whose API and pages share one address.
    pub fn twin(address: &str) -> Self {
        Self { base_url: address.to_owned(), web_url: address.to_owned() }
    }
}

/// How X is reached, whichever account speaks.
#[derive(Clone, Debug)]
pub struct XNetwork {
    pub http: Guarded,
    pub place: XPlace,
    pub clock: Clock,
}

impl XNetwork {
    pub(super) fn app<'a>(&'a self, keys: &'a AppKeys) -> XApp<'a> {
        XApp { x: self, keys }
    }
}

#[async_trait]
impl Network for XNetwork {
    fn name(&self) -> &'static str {
        "x"
    }

    fn label(&self) -> &'static str {
        LABEL
    }

    fn abilities(&self) -> &'static Abilities {
        &ABILITIES
    }

    fn words(&self) -> &'static Words {
        &WORDS
    }

    fn base_url(&self) -> &str {
        &self.place.base_url
    }

    fn is_twin(&self) -> bool {
        !self.place.base_url.starts_with("https://")
    }

    fn key_fields(&self) -> &'static [KeyField] {
        &KEY_FIELDS
    }

    async fn try_keys(&self, keys: &mut AppKeys) -> Vec<(Key, String)> {
        let mut problems = vec![];
        if let Err(GrantError::WrongClient { why, .. }) = self.app(keys).knows_client().await {
            let words = words::COPY_BOTH_ONCE_MORE;
            problems.push((Key::ClientId, format!("{} {words}", tend::wrong_client(&why))));
        }
        let asked = self.app(keys).bearer().await;
        match asked {
            Ok(bearer) => keys.app_token = Some(bearer),
            // They are tried again until X says something.
            Err(Failure::Unavailable(_) | Failure::RetryAfter(_)) => {}
            Err(failure) => problems.push((Key::ApiKey, words::wrong_api_key(&failure))),
        }
        problems
    }

    fn consent_url(
        &self,
        keys: &AppKeys,
        redirect_uri: &str,
        state: &str,
        verifier: &Secret,
    ) -> Result<String, Failure> {
        self.app(keys).consent_url(redirect_uri, state, verifier)
    }

    /// The code lives 30 seconds.
    async fn exchange(
        &self,
        keys: &AppKeys,
        code: &str,
        verifier: &Secret,
        redirect_uri: &str,
    ) -> Result<Granted, GrantError> {
        self.app(keys).exchange(code, verifier, redirect_uri).await
    }

    /// The one account that was signed in when its owner let us in.
    async fn offers(&self, keys: &AppKeys, granted: &Granted) -> Result<Vec<Offer>, Failure> {
        let known = self.app(keys).who(&granted.access_token).await?;
        let longest_post = Some(known.longest_post);
        Ok(vec![Offer { us: known.us, granted: granted.clone(), longest_post, obstacle: None }])
    }

    async fn renew(&self, keys: &AppKeys, refresh_token: &Secret) -> Result<Granted, GrantError> {
        self.app(keys).refresh(refresh_token).await
    }

    async fn give_back(&self, keys: &AppKeys, account: Option<&str>, token: &Secret) -> Result<(), Failure> {
        let app = self.app(keys);
        if let Some(account) = account
            && let Err(failure) = tend::unsubscribe(&app, account).await
        {
            tracing::warn!(%failure, "subscriptions were not ended: {failure}");
        }
        app.revoke(token).await
    }

    fn hook_obstacle(&self, hook: &str) -> Option<String> {
        let fits = Url::parse(hook).is_ok_and(|url| url.scheme() == "https" && url.port().is_none());
        (!fits && !self.is_twin()).then(|| words::hook_cannot_be_called(hook))
    }

    fn hook_token(&self, _keys: &AppKeys) -> Option<String> {
        None
    }

    /// `?crc_token=…`: the answer shows that we know the secret.
    fn prove(&self, keys: &AppKeys, query: &[(String, String)]) -> Result<Proof, NoProof> {
        let token = query.iter().find(|(name, _)| name == "crc_token").map(|(_, token)| token);
        let token = token.filter(|token| is_challenge(token)).ok_or(NoProof::NotAChallenge)?;
        Ok(Proof { media_type: "application/json", body: webhook::crc(&keys.signing_secret, token) })
    }

    fn signature_header(&self) -> &'static str {
        SIGNATURE_HEADER
    }

    fn is_genuine(&self, keys: &AppKeys, signature: Option<&str>, raw: &[u8]) -> bool {
        let earlier = keys.earlier_signing_secret.as_ref();
        webhook::verify(&keys.signing_secret, signature, raw)
            || earlier.is_some_and(|secret| webhook::verify(secret, signature, raw))
    }

    /// X sends an event to one account at a time.
    fn parts(&self, raw: &[u8]) -> Result<Vec<Part>, Malformed> {
        let is_object = serde_json::from_slice::<Value>(raw).is_ok_and(|body| body.is_object());
        if !is_object {
            return Err(Malformed("it is no JSON object".to_owned()));
        }
        Ok(vec![Part { account: parse::recipient(raw), body: raw.to_vec() }])
    }

    async fn look_at_app(&self, keys: &AppKeys, state: &AppState) -> AppLook {
        tend::look_at_app(self, keys, state).await
    }

    async fn look_at_account(&self, keys: &AppKeys, account: &dyn Account, state: &AccountState) -> AccountLook {
        tend::look_at_account(&self.app(keys), account, state).await
    }

    fn seat(&self, seat: Seat) -> Arc<dyn Account> {
        Arc::new(X {
            http: self.http.clone(),
            base_url: self.place.base_url.clone(),
            web_url: self.place.web_url.clone(),
            account: seat.us,
            longest_post: seat.longest_post.unwrap_or(EVERYBODYS_LONGEST),
            access_token: seat.access_token,
            bearer_token: seat.keys.and_then(|keys| keys.app_token),
            clock: self.clock.clone(),
            watch: seat.watch,
        })
    }

    fn by_hand_url(&self, target: &str, _target_url: &str, text: &str) -> String {
        intent_url(&self.place.web_url, target, text)
    }

    /// As in `https://x.com/acme/status/123/photo/1`.
    fn id_in_link(&self, url: &str) -> Option<String> {
        let path = url.split(['?', '#']).next()?;
        let id = path.split('/').skip_while(|part| *part != "status").nth(1)?;
        (!id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())).then(|| id.to_owned())
    }

    fn holds_link(&self, text: &str) -> bool {
        holds_link(text)
    }

    fn check_query(&self, query: &str) -> Result<(), String> {
        query::check(query)
    }

    fn mark_at(&self, moment: Millis) -> String {
        id_at(moment)
    }

    fn moment_of(&self, mark: &str) -> Millis {
        time_of(mark)
    }
}

/// The answer to a challenge is made with the secret that signs events, and anybody may ask for one: so nothing is
/// answered that could be an event, which is a JSON object.
fn is_challenge(token: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-+/=.".contains(&byte);
    !token.is_empty() && token.len() <= LONGEST_TOKEN && token.bytes().all(plain)
}
