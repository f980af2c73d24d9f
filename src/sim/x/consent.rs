//! The page on which one lets the app in, or not, as any user; and where a user takes that back.

use actix_web::http::Uri;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::XTwin;
use super::grants::{Consent, Grant, SCOPES, Tokens, random};
use super::journal::Change;
use super::pages::{People, people};
use super::posts::Refused;
use crate::sim::pages::{own_origin, page, page_leading_to, read, see_other};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/i/oauth2/authorize", web::get().to(ask))
        .route("/i/oauth2/authorize", web::post().to(decide))
        .route("/settings/connected_apps/{handle}/revoke", web::post().to(disconnect));
}

/// What an app asks for, and, when the form comes back, what was decided.
#[derive(Clone, Deserialize)]
struct Asked {
    #[serde(default)]
    response_type: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    redirect_uri: String,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    code_challenge: String,
    #[serde(default)]
    code_challenge_method: String,
    #[serde(default, rename = "as")]
    deciding: String,
    #[serde(default)]
    decision: String,
}

#[derive(Template)]
#[template(path = "sim/x/consent.html")]
struct ConsentPage {
    app: String,
    host: String,
    wishes: Vec<&'static str>,
    asked: Asked,
    problem: String,
    people: People,
}

#[derive(Template)]
#[template(path = "sim/x/no_consent.html")]
struct NoConsent {
    why: String,
}

async fn ask(query: web::Query<Asked>, twin: web::Data<XTwin>) -> HttpResponse {
    let mut asked = query.into_inner();
    asked.deciding.clone_from(&twin.settings().account.handle);
    match twin.check_wish(&asked) {
        Ok(_) => twin.consent_page(asked, String::new()),
        Err(why) => page(400, &NoConsent { why }),
    }
}

async fn decide(request: HttpRequest, body: web::Bytes, twin: web::Data<XTwin>) -> actix_web::Result<HttpResponse> {
    let asked: Asked = read(&request, &body)?;
    Ok(match twin.check_wish(&asked) {
        Err(why) => page(400, &NoConsent { why }),
        Ok(_) if asked.decision != "allow" => back(&asked, &[("error", "access_denied")]),
        Ok(scopes) => match twin.consent(&asked, scopes) {
            Ok(code) => back(&asked, &[("code", &code)]),
            Err(problem) => twin.consent_page(asked, problem.to_string()),
        },
    })
}

async fn disconnect(
    request: HttpRequest,
    handle: web::Path<String>,
    twin: web::Data<XTwin>,
) -> actix_web::Result<HttpResponse> {
    own_origin(&request)?;
    Ok(match twin.disconnect(&handle) {
        Ok(_) => see_other(&format!("/{handle}")),
        Err(problem) => HttpResponse::NotFound().body(problem.to_string()),
    })
}

/// Back to the app with `state` and what came of it.
fn back(asked: &Asked, said: &[(&str, &str)]) -> HttpResponse {
    let mut pairs: Vec<(&str, &str)> = said.to_vec();
    pairs.insert(0, ("state", &asked.state));
    let query = serde_urlencoded::to_string(pairs).unwrap_or_default();
    let sign = if asked.redirect_uri.contains('?') { '&' } else { '?' };
    see_other(&format!("{}{sign}{query}", asked.redirect_uri))
}

impl XTwin {
    /// Lets the app act for this person, as the consent page does: `scopes` are X's words, such as [`SCOPES`].
    ///
    /// # Errors
    /// There is no such person or scope, or the journal cannot be written.
    pub fn grant(&self, handle: &str, scopes: &[&str]) -> Result<Grant, Refused> {
        if let Some(unknown) = scopes.iter().find(|scope| !SCOPES.contains(scope)) {
            return Err(Refused::NoSuchScope((*unknown).to_owned()));
        }
        let user = self.known(handle)?;
        let now = self.now();
        let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let tokens = Tokens::fresh(&scopes, now);
        let grant = tokens.clone().grant();
        let mut state = self.state();
        let id = state.world.free_id(now, None, None);
        state.accept(Change::Grant { id, user, scopes, code: None, tokens })?;
        Ok(grant)
    }

    /// This person takes back what they granted, in X's settings: their tokens end and `oauth.revoke` is told. Returns
    /// how many grants there were.
    ///
    /// # Errors
    /// There is no such person, or the journal cannot be written.
    pub fn disconnect(&self, handle: &str) -> Result<usize, Refused> {
        let user = self.known(handle)?;
        let at = self.now();
        let mut state = self.state();
        let ids: Vec<u64> = state.world.grants.of(user).map(|given| given.id).collect();
        for id in &ids {
            state.accept(Change::Revoke { id: *id, by_user: true, at })?;
        }
        drop(state);
        self.inner.wake.send_replace(());
        Ok(ids.len())
    }

    /// Ends this person's access tokens as if their two hours were over; refresh tokens go on. Returns how many ended.
    ///
    /// # Errors
    /// There is no such person, or the journal cannot be written.
    pub fn expire_access(&self, handle: &str) -> Result<usize, Refused> {
        let user = self.known(handle)?;
        let now = self.now();
        let mut state = self.state();
        let ended: Vec<(u64, Tokens)> =
            state.world.grants.of(user).map(|given| (given.id, given.tokens.clone())).collect();
        for (id, tokens) in &ended {
            let tokens = Tokens { until: Some(now), ..tokens.clone() };
            state.accept(Change::Refresh { id: *id, tokens })?;
        }
        Ok(ended.len())
    }

    /// The scopes that are asked for, if the app asks as it must.
    fn check_wish(&self, asked: &Asked) -> Result<Vec<String>, String> {
        let say = |why: &str| Err(why.to_owned());
        if asked.client_id != self.settings().client_id {
            return say("The client_id is not one of an app that X knows.");
        }
        if asked.response_type != "code" {
            return say("response_type must be code.");
        }
        let callback: Option<Uri> = asked.redirect_uri.parse().ok();
        if !callback.as_ref().is_some_and(|uri| uri.scheme().is_some() && uri.host().is_some()) {
            return say("The redirect_uri is not an address that is registered for the app.");
        }
        if asked.state.is_empty() || asked.state.chars().count() > 500 {
            return say("state must have a length between 1 and 500.");
        }
        if asked.code_challenge.is_empty() || !matches!(asked.code_challenge_method.as_str(), "S256" | "plain") {
            return say("code_challenge is missing, or code_challenge_method is neither S256 nor plain.");
        }
        let scopes: Vec<String> = asked.scope.split_whitespace().map(str::to_owned).collect();
        match scopes.iter().find(|scope| !SCOPES.contains(&scope.as_str())) {
            Some(unknown) => Err(format!("The scope {unknown:?} is not one that this twin of X knows.")),
            None if scopes.is_empty() => say("scope names nothing."),
            None => Ok(scopes),
        }
    }

    /// The code for what this person agrees to. Somebody new is made on the way.
    fn consent(&self, asked: &Asked, scopes: Vec<String>) -> Result<String, Refused> {
        let handle = asked.deciding.trim().trim_start_matches('@');
        let user = self.user(handle, "", 20)?.0;
        let at = self.now();
        let code = random(&format!("{}:1:1:ac:1", at.0));
        let consent = Consent {
            user,
            scopes,
            redirect: asked.redirect_uri.clone(),
            challenge: asked.code_challenge.clone(),
            method: asked.code_challenge_method.clone(),
            at,
        };
        self.state().accept(Change::Consent { code: code.clone(), consent })?;
        Ok(code)
    }

    fn consent_page(&self, asked: Asked, problem: String) -> HttpResponse {
        let callback: Uri = asked.redirect_uri.parse().unwrap_or_default();
        let host = callback.authority().map(ToString::to_string).unwrap_or_default();
        let origin = format!("{}://{host}", callback.scheme_str().unwrap_or("https"));
        let wishes = SCOPES.iter().filter(|scope| asked.scope.split_whitespace().any(|wish| wish == **scope));
        let wishes = wishes.map(|scope| in_words(scope)).collect();
        let app = format!("{} forum", self.settings().account.name);
        let people = people(&self.state().world);
        let status = if problem.is_empty() { 200 } else { 422 };
        page_leading_to(&origin, status, &ConsentPage { app, host, wishes, asked, problem, people })
    }
}

fn in_words(scope: &str) -> &'static str {
    match scope {
        "tweet.read" => "See the posts you can see, also those of protected accounts you follow.",
        "tweet.write" => "Post and delete posts for you.",
        "tweet.moderate.write" => "Hide and show replies to your posts.",
        "users.read" => "See any account that you can see.",
        "dm.read" => "Read your direct messages.",
        "dm.write" => "Send and manage direct messages for you.",
        "media.write" => "Upload pictures for you.",
        _ => "Stay connected until you end it.",
    }
}
