//! How a page is connected: the dialog, its code exchanged for a long-lived token, the pages that this opens, and what
//! Facebook says of a token.
//!
//! There is no refresh token: a page's own token lives as long as the grant of the person who connected it. Codes, tokens
//! and the app's secret are sent in bodies, which no log keeps.

use serde_json::Value;

use super::client::{Graph, List, Place, unreadable};
use super::words;
use super::{FacebookNetwork, LABEL, outcome, wire};
use crate::clock::Millis;
use crate::networks::http::{Answer, NoAnswer};
use crate::networks::watch::Endpoint;
use crate::networks::{AppKeys, Failure, GrantError, Granted, Key, Mend, Offer, Us, text};
use crate::secret::Secret;

/// What we ask a page's owner for, and what stops without it.
pub const SCOPES: [(&str, &str); 8] = [
    ("pages_show_list", words::WITHOUT_THE_LIST),
    ("pages_read_engagement", words::WITHOUT_READING),
    ("pages_read_user_content", words::WITHOUT_READING_OTHERS),
    ("pages_manage_engagement", words::WITHOUT_ANSWERING),
    ("pages_manage_metadata", words::WITHOUT_EVENTS),
    ("pages_manage_posts", words::WITHOUT_HIDING),
    ("pages_messaging", words::WITHOUT_MESSAGES),
    ("business_management", words::WITHOUT_PORTFOLIOS),
];

const BODY_LIMIT: usize = 1024 * 1024;
/// Most parts of the list of pages that are read.
const MOST_PARTS: usize = 10;

/// The code of an unknown app, and that of a wrong secret.
const UNKNOWN_APP: i64 = 101;
const WRONG_SECRET: i64 = 1;

/// What Facebook says of a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Token {
    pub is_valid: bool,
    pub scopes: Vec<String>,
    /// `None`: not by itself. The earlier of the token's own end and that of our access to data.
    pub expires_at: Option<Millis>,
    /// Why it is not valid, in Facebook's words.
    pub objection: Option<String>,
}

impl Token {
    pub fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|known| known == scope)
    }

    pub fn said(&self) -> String {
        let said = self.objection.as_deref().unwrap_or(words::NOT_VALID);
        words::connect_again(said)
    }

    fn of(value: &Value) -> Option<Self> {
        let data = value.get("data").filter(|data| data.is_object())?;
        let ends = ["expires_at", "data_access_expires_at"].into_iter();
        let ends = ends.filter_map(|name| wire::moment(&data[name])).filter(|at| at.0 > 0);
        let said = data.pointer("/error/message").and_then(Value::as_str);
        Some(Self {
            is_valid: data["is_valid"] == true,
            scopes: wire::list(&data["scopes"]).iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            expires_at: ends.min(),
            objection: said.map(|said| said.chars().filter(|c| !c.is_control()).take(300).collect()),
        })
    }
}

/// What Facebook says of a token. `app`: Graph by the app's own.
pub async fn inspect(app: &Graph, token: &Secret) -> Result<Token, Failure> {
    let place = Place::of(&["debug_token"], &[("input_token", token.expose())]);
    Token::of(&app.read(Endpoint::Connection, &place).await?).ok_or_else(unreadable)
}

impl FacebookNetwork {
    pub(super) fn dialog(&self, keys: &AppKeys, redirect_uri: &str, state: &str) -> Result<String, Failure> {
        let mut url =
            self.place.page(&["dialog", "oauth"]).map_err(|wrong| Failure::ChannelBroken(Mend::Connect, wrong))?;
        let scopes = SCOPES.map(|(scope, _)| scope).join(",");
        url.query_pairs_mut().extend_pairs([
            ("client_id", keys.client_id.as_str()),
            ("redirect_uri", redirect_uri),
            ("state", state),
            ("response_type", "code"),
            ("scope", &scopes),
            // Whoever said no to a permission before is asked for it again.
            ("auth_type", "rerequest"),
        ]);
        Ok(url.into())
    }

    /// The token of the person who came back with this code, for about sixty days.
    pub(super) async fn long_token(
        &self,
        keys: &AppKeys,
        code: &str,
        redirect_uri: &str,
    ) -> Result<Granted, GrantError> {
        let short = self.token(keys, &[("code", code), ("redirect_uri", redirect_uri)]).await?;
        let fields = [("grant_type", "fb_exchange_token"), ("fb_exchange_token", short.access_token.expose())];
        self.token(keys, &fields).await.map_err(|error| match error {
            GrantError::NotSent { why, .. } => lost(why),
            other => other,
        })
    }

    /// Whether Facebook knows the app by this id and secret; what is wrong, with its key.
    pub(super) async fn wrong_keys(&self, keys: &AppKeys) -> Vec<(Key, String)> {
        let Ok(answer) = self.ask_token(keys, &[("grant_type", "client_credentials")]).await else { return Vec::new() };
        match outcome::error_of(&answer) {
            Some((UNKNOWN_APP, said)) => {
                vec![(Key::ClientId, words::unknown_app(&said))]
            }
            Some((WRONG_SECRET, said)) if said.to_lowercase().contains("secret") => {
                vec![(Key::SigningSecret, words::wrong_secret(&said))]
            }
            _ => Vec::new(),
        }
    }

    /// The pages that a person's token opens.
    pub(super) async fn pages(&self, keys: &AppKeys, granted: &Granted) -> Result<Vec<Offer>, Failure> {
        let graph = self.graph(keys, &granted.access_token);
        let query = [("fields", "id,name,access_token,tasks"), ("limit", "100")];
        let mut next = Some(Place::of(&["me", "accounts"], &query));
        let mut offers = Vec::new();
        for _ in 0..MOST_PARTS {
            let Some(place) = next.take() else { break };
            let List { data, next: rest } = graph.list(Endpoint::Connection, &place).await?;
            next = rest;
            for page in &data {
                offers.extend(self.offer(keys, page).await?);
            }
        }
        Ok(offers)
    }

    /// One page of the list; `None`: it cannot be read.
    async fn offer(&self, keys: &AppKeys, page: &Value) -> Result<Option<Offer>, Failure> {
        let Some(id) = wire::id(&page["id"]) else { return Ok(None) };
        let name = page["name"].as_str().map(text::name).filter(|name| !name.is_empty()).unwrap_or_else(|| id.clone());
        let mut obstacle = obstacle(&name, &page["tasks"]);
        let access_token = page["access_token"].as_str().unwrap_or_default();
        let token = match access_token {
            "" => Token::default(),
            token => inspect(&self.app_graph(keys), &Secret::new(token)).await?,
        };
        if obstacle.is_none() && !token.is_valid {
            obstacle = Some(words::no_access_given(&name));
        }
        let granted = Granted {
            access_token: Secret::new(access_token),
            refresh_token: None,
            expires_at: token.expires_at,
            scopes: token.scopes.join(" "),
        };
        Ok(Some(Offer { us: Us { id, handle: name }, granted, longest_post: None, obstacle }))
    }

    async fn token(&self, keys: &AppKeys, fields: &[(&str, &str)]) -> Result<Granted, GrantError> {
        let answer = self.ask_token(keys, fields).await.map_err(|error| match error {
            NoAnswer::NeverLeft(why) => GrantError::NotSent { network: LABEL, why },
            NoAnswer::MaybeSent(why) => lost(why),
        })?;
        if let Some((code, said)) = outcome::error_of(&answer) {
            return Err(refused(&answer, code, said));
        }
        let body = wire::json(&answer.body).ok().filter(|_| answer.status == 200);
        let token = body.as_ref().and_then(|body| body["access_token"].as_str()).filter(|token| !token.is_empty());
        let token = token.ok_or_else(|| lost(words::without_a_token(answer.status)))?;
        let life = body.as_ref().and_then(|body| body["expires_in"].as_u64()).map(std::time::Duration::from_secs);
        Ok(Granted {
            access_token: Secret::new(token),
            refresh_token: None,
            expires_at: life.map(|life| self.clock.now().plus(life)),
            scopes: String::new(),
        })
    }

    async fn ask_token(&self, keys: &AppKeys, fields: &[(&str, &str)]) -> Result<Answer, NoAnswer> {
        let url = self.place.address(&["oauth", "access_token"]).map_err(NoAnswer::NeverLeft)?;
        let ours = [("client_id", keys.client_id.as_str()), ("client_secret", keys.signing_secret.expose())];
        self.http.post_form(&url, None, &[&ours, fields].concat(), BODY_LIMIT).await
    }
}

fn refused(answer: &Answer, code: i64, why: String) -> GrantError {
    match code {
        UNKNOWN_APP => GrantError::WrongClient { network: LABEL, why },
        WRONG_SECRET if why.to_lowercase().contains("client secret") => GrantError::WrongClient { network: LABEL, why },
        _ if outcome::is_throttled(answer) => GrantError::NotSent { network: LABEL, why },
        _ if answer.status >= 500 => lost(why),
        _ => GrantError::Refused { network: LABEL, why },
    }
}

fn lost(why: String) -> GrantError {
    GrantError::Lost { network: LABEL, why }
}

/// Why a page cannot be connected by who is here, by what they may do on it. Facebook that says nothing of it objects to
/// nothing.
fn obstacle(name: &str, tasks: &Value) -> Option<String> {
    let tasks: Vec<&str> = tasks.as_array()?.iter().filter_map(Value::as_str).collect();
    let may = |task: &str| tasks.contains(&task) || tasks.contains(&"MANAGE");
    let speaks = may("CREATE_CONTENT") && may("MODERATE");
    let lacking = match (speaks, tasks.contains(&"MESSAGING")) {
        (true, true) => return None,
        (false, true) => words::WRITE_AND_MODERATE,
        (true, false) => words::ANSWER_MESSAGES,
        (false, false) => words::WRITE_MODERATE_AND_ANSWER,
    };
    Some(words::you_may_not(lacking, name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_page_takes_somebody_who_may_speak_for_it() {
        for (tasks, is_fine) in [
            (json!(["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE"]), true),
            (json!(["CREATE_CONTENT", "MODERATE", "MESSAGING"]), true),
            (json!(["MANAGE", "MESSAGING"]), true),
            (json!(null), true),
            (json!(["MODERATE", "MESSAGING"]), false),
            (json!(["CREATE_CONTENT", "MODERATE"]), false),
            (json!(["ANALYZE"]), false),
            (json!([]), false),
        ] {
            assert_eq!(obstacle("Acme", &tasks).is_none(), is_fine, "{tasks}");
        }
        assert!(obstacle("Acme", &json!(["MANAGE"])).is_some_and(|words| words.contains("private messages")));
    }

    #[test]
    fn a_token_ends_with_the_first_of_its_ends() {
        let ends = |expires: i64, data: i64| {
            let said = json!({"data": {"is_valid": true, "expires_at": expires, "data_access_expires_at": data,
                "scopes": ["pages_messaging", 7]}});
            Token::of(&said).map(|token| (token.expires_at.map(|at| at.0), token.scopes.len()))
        };
        assert_eq!(ends(0, 0), Some((None, 1)));
        assert_eq!(ends(0, 1_784_928_203), Some((Some(1_784_928_203_000), 1)));
        assert_eq!(ends(1_784_928_100, 1_784_928_203), Some((Some(1_784_928_100_000), 1)));
        let dead = json!({"data": {"is_valid": false, "error": {"code": 190, "message": "Session has\n expired."}}});
        let token = Token::of(&dead).unwrap_or_default();
        assert_eq!((token.is_valid, token.objection.as_deref()), (false, Some("Session has expired.")));
        assert_eq!(Token::of(&json!({"data": []})), None);
    }
}
