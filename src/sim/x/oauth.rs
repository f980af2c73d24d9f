//! The token endpoints: codes and refresh tokens for access tokens, their revocation, and the app's own bearer.
//!
//! They take forms and answer in OAuth's words, not in those of the rest of the API.

use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::{Value, json};

use super::XTwin;
use super::answer::Answer;
use super::api::refusal;
use super::gate::Request;
use super::grants::{Grant, LIFETIME, Tokens};
use super::journal::Change;
use super::posts::Refused;

/// The fields of both forms; each grant type needs its own.
#[derive(Deserialize)]
struct TokenForm {
    #[serde(default)]
    grant_type: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    redirect_uri: String,
    #[serde(default)]
    code_verifier: String,
    #[serde(default)]
    refresh_token: String,
    #[serde(default)]
    token: String,
    #[serde(default)]
    client_id: String,
}

impl XTwin {
    /// The answer, if the path is one of the token endpoints.
    pub(super) fn token_endpoint(&self, request: &Request) -> Option<Answer> {
        let answer = match (request.method.as_str(), request.path.as_str()) {
            ("POST", "/2/oauth2/token") => self.give_tokens(request),
            ("POST", "/2/oauth2/revoke") => self.take_back(request),
            ("POST", "/oauth2/token") => self.give_bearer(request),
            _ => return None,
        };
        Some(answer.unwrap_or_else(|refusal| refusal))
    }

    fn give_tokens(&self, request: &Request) -> Result<Answer, Answer> {
        let form = self.read_form(request)?;
        let now = self.now();
        let mut state = self.state();
        let change = match form.grant_type.as_str() {
            "authorization_code" => {
                let grants = &state.world.grants;
                let consent = grants.exchange(&form.code, &form.redirect_uri, &form.code_verifier, now);
                let consent = consent.map_err(|said| objection(400, "invalid_request", said))?.clone();
                let tokens = Tokens::fresh(&consent.scopes, now);
                let id = state.world.free_id(now, None, None);
                Change::Grant { id, user: consent.user, scopes: consent.scopes, code: Some(form.code), tokens }
            }
            "refresh_token" => {
                let given = state.world.grants.renewable(&form.refresh_token);
                let given = given.map_err(|said| objection(400, "invalid_request", said))?;
                Change::Refresh { id: given.id, tokens: Tokens::fresh(&given.scopes, now) }
            }
            _ => {
                let said = "Value passed for the grant type was invalid. Supported: authorization_code, refresh_token.";
                return Err(objection(400, "invalid_request", said));
            }
        };
        let (Change::Grant { id, ref tokens, .. } | Change::Refresh { id, ref tokens }) = change else {
            return Err(Answer::server_error());
        };
        let grant: Grant = tokens.clone().grant();
        state.accept(change).map_err(|error| refusal(Refused::from(error)))?;
        let scopes = state.world.grants.get(id).map(|given| given.scopes.join(" ")).unwrap_or_default();
        let mut answer = json!({
            "token_type": "bearer",
            "expires_in": LIFETIME.as_secs(),
            "access_token": grant.access_token,
            "scope": scopes,
        });
        if let Some(refresh) = grant.refresh_token {
            answer["refresh_token"] = json!(refresh);
        }
        Ok(Answer::ok(answer))
    }

    /// Either token ends the grant. A token that nobody knows is as good as revoked.
    fn take_back(&self, request: &Request) -> Result<Answer, Answer> {
        let form = self.read_form(request)?;
        if form.token.is_empty() {
            return Err(objection(400, "invalid_request", "Missing required parameter [token]."));
        }
        let at = self.now();
        let mut state = self.state();
        if let Some(id) = state.world.grants.whose(&form.token).filter(|given| !given.revoked).map(|given| given.id) {
            let change = Change::Revoke { id, by_user: false, at };
            state.accept(change).map_err(|error| refusal(Refused::from(error)))?;
        }
        Ok(Answer::ok(json!({ "revoked": true })))
    }

    fn give_bearer(&self, request: &Request) -> Result<Answer, Answer> {
        let wrong = |code: u16, message: &str, label: &str| Answer {
            status: 403,
            body: json!({"errors": [{"code": code, "message": message, "label": label}]}),
        };
        let settings = self.settings();
        let known = (settings.consumer_key.clone(), self.consumer_secret());
        if request.basic.as_ref().map(decoded) != Some(known) {
            return Err(wrong(99, "Unable to verify your credentials", "authenticity_token_error"));
        }
        let form: TokenForm = serde_urlencoded::from_bytes(&request.body).map_err(|_| Answer::server_error())?;
        if form.grant_type != "client_credentials" {
            return Err(wrong(170, "Missing required parameter: grant_type", "forbidden_missing_parameter"));
        }
        Ok(Answer::ok(json!({"token_type": "bearer", "access_token": settings.bearer_token})))
    }

    /// The form of a client that proved to be ours: by its secret, or, where it has none, by its id.
    fn read_form(&self, request: &Request) -> Result<TokenForm, Answer> {
        let form: TokenForm = serde_urlencoded::from_bytes(&request.body)
            .map_err(|_| objection(400, "invalid_request", "The body of the request is not a form."))?;
        let (id, secret) = (&self.settings().client_id, &self.settings().client_secret);
        let ours = match request.basic.as_ref().map(decoded) {
            Some((given, word)) => given == *id && word == *secret,
            None => secret.is_empty() && form.client_id == *id,
        };
        if ours {
            return Ok(form);
        }
        Err(match &request.basic {
            Some(_) => objection(401, "unauthorized_client", "Invalid client credentials."),
            None => objection(401, "unauthorized_client", "Missing valid authorization header"),
        })
    }
}

fn decoded((name, word): &(String, String)) -> (String, String) {
    let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    (plain(name), plain(word))
}

fn objection(status: u16, error: &str, said: &str) -> Answer {
    let body: Value = json!({"error": error, "error_description": said});
    Answer { status, body }
}
