//! Facebook, as the bridge asks for it: what the network can do, how our app is connected, and which page's seat is taken.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::Url;

use super::client::{Ask, Graph, NotAsked, Place};
use super::words;
use super::{FacebookNetwork, FacebookPage, LABEL, NO_SEARCH, cut, outcome, places, proof};
use crate::clock::Millis;
use crate::networks::watch::{Caller, Endpoint};
use crate::networks::{
    Abilities, Account, AccountLook, AccountState, AppKeys, AppLook, AppState, Failure, GrantError, Granted, Key,
    KeyField, Malformed, Network, NoProof, Offer, Part, Proof, Seat, Words,
};
use crate::secret::Secret;

const ABILITIES: Abilities = Abilities {
    pushes: true,
    names_account_first: false,
    idempotent_sends: false,
    edits_keep_ids: true,
    searches: None,
    has_prices: false,
    hides: true,
    private_reply_within: Some(Duration::from_secs(7 * 24 * 3600)),
    most_pictures: 0,
};

const WORDS: Words = Words {
    an_account: words::AN_ACCOUNT,
    console: words::CONSOLE,
    console_url: "https://developers.facebook.com/apps",
    home_url: "https://www.facebook.com",
    asks: words::ASKS,
    must_have: words::MUST_HAVE,
    take_away: words::TAKE_AWAY,
    late_answers: Some((words::LATE_ANSWERS, words::LATE_ANSWERS_HINT)),
};

const KEY_FIELDS: [KeyField; 2] = [
    KeyField { key: Key::ClientId, label: words::APP_ID, hint: words::APP_ID_HINT, is_needed: true },
    KeyField { key: Key::SigningSecret, label: words::APP_SECRET, hint: words::APP_SECRET_HINT, is_needed: true },
];

#[async_trait]
impl Network for FacebookNetwork {
    fn name(&self) -> &'static str {
        "facebook"
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
        self.place.is_twin()
    }

    fn key_fields(&self) -> &'static [KeyField] {
        &KEY_FIELDS
    }

    async fn try_keys(&self, keys: &mut AppKeys) -> Vec<(Key, String)> {
        self.wrong_keys(keys).await
    }

    /// The dialog knows no verifier: what protects the code is the app's secret.
    fn consent_url(
        &self,
        keys: &AppKeys,
        redirect_uri: &str,
        state: &str,
        _verifier: &Secret,
    ) -> Result<String, Failure> {
        self.dialog(keys, redirect_uri, state)
    }

    async fn exchange(
        &self,
        keys: &AppKeys,
        code: &str,
        _verifier: &Secret,
        redirect_uri: &str,
    ) -> Result<Granted, GrantError> {
        self.long_token(keys, code, redirect_uri).await
    }

    async fn offers(&self, keys: &AppKeys, granted: &Granted) -> Result<Vec<Offer>, Failure> {
        self.pages(keys, granted).await
    }

    async fn renew(&self, _keys: &AppKeys, _refresh_token: &Secret) -> Result<Granted, GrantError> {
        let why = words::RENEWS_NONE.to_owned();
        Err(GrantError::Refused { network: LABEL, why })
    }

    /// A page's token ends with the grant of a person, which is theirs to end, and other pages may live on it; what a page
    /// can do is to stop its events.
    async fn give_back(&self, keys: &AppKeys, account: Option<&str>, token: &Secret) -> Result<(), Failure> {
        let Some(account) = account else { return Ok(()) };
        let place = Place::of(&[account, "subscribed_apps"], &[]);
        let asked = self.graph(keys, token).call(Endpoint::Connection, &place, Ask::Delete).await;
        let answer = asked.map_err(NotAsked::of_read)?.map_err(|error| Failure::Unavailable(error.to_string()))?;
        outcome::of_read(&answer).map(drop)
    }

    fn hook_obstacle(&self, hook: &str) -> Option<String> {
        let fits = Url::parse(hook).is_ok_and(|url| url.scheme() == "https" && url.domain().is_some());
        (!fits && !self.is_twin()).then(|| words::hook_cannot_be_called(hook))
    }

    fn hook_token(&self, keys: &AppKeys) -> Option<String> {
        Some(proof::hook_token(&keys.signing_secret))
    }

    fn prove(&self, keys: &AppKeys, query: &[(String, String)]) -> Result<Proof, NoProof> {
        proof::prove(keys, query)
    }

    fn signature_header(&self) -> &'static str {
        proof::SIGNATURE_HEADER
    }

    fn is_genuine(&self, keys: &AppKeys, signature: Option<&str>, raw: &[u8]) -> bool {
        proof::is_genuine(keys, signature, raw)
    }

    fn parts(&self, raw: &[u8]) -> Result<Vec<Part>, Malformed> {
        cut::parts(raw)
    }

    async fn look_at_app(&self, keys: &AppKeys, state: &AppState) -> AppLook {
        self.app_findings(keys, state).await
    }

    async fn look_at_account(&self, keys: &AppKeys, account: &dyn Account, state: &AccountState) -> AccountLook {
        self.page_findings(keys, account, state).await
    }

    fn seat(&self, seat: Seat) -> Arc<dyn Account> {
        let Seat { us, access_token, keys, longest_post: _, watch } = seat;
        let graph = Graph {
            http: self.http.clone(),
            place: self.place.clone(),
            clock: self.clock.clone(),
            token: access_token,
            secret: keys.as_ref().map(|keys| keys.signing_secret.clone()),
            caller: Caller::Account,
            watch,
        };
        Arc::new(FacebookPage { us, keys, graph })
    }

    /// Facebook has no page for writing a reply beside the one on which the comment stands.
    fn by_hand_url(&self, target: &str, target_url: &str, _text: &str) -> String {
        if target_url.is_empty() { format!("{}/{target}", self.place.web_url) } else { target_url.to_owned() }
    }

    fn id_in_link(&self, url: &str) -> Option<String> {
        places::id_in_link(url)
    }

    fn holds_link(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        ["http://", "https://", "www."].into_iter().any(|sign| text.contains(sign))
    }

    fn check_query(&self, _query: &str) -> Result<(), String> {
        Err(NO_SEARCH.to_owned())
    }

    fn mark_at(&self, moment: Millis) -> String {
        moment.0.max(0).to_string()
    }

    fn moment_of(&self, mark: &str) -> Millis {
        Millis(mark.parse().unwrap_or_default())
    }
}
