//! The dialog in which one lets the app in, or not, as anybody, for pages that one has a role on; and where that ends.

use actix_web::http::Uri;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::grants::{Consent, DATA_ACCESS, End, Grant, LONG, SCOPES, Token, fresh, random};
use super::journal::Change;
use super::pages::{People, people};
use super::{FacebookTwin, Refused};
use crate::sim::pages::{own_origin, page, page_leading_to, see_other};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/dialog/oauth", web::get().to(ask))
        .route("/dialog/oauth", web::post().to(decide))
        .route(r"/{version:v\d+\.\d+}/dialog/oauth", web::get().to(ask))
        .route(r"/{version:v\d+\.\d+}/dialog/oauth", web::post().to(decide))
        .route("/settings/apps/{handle}/end", web::post().to(end));
}

/// The tokens of a person who let the app in.
#[derive(Clone, Debug)]
pub struct Granted {
    /// The person's own, for 60 days.
    pub user_token: String,
    /// The page's, which does not end by itself.
    pub page_token: String,
}

/// What an app asks for, and, when the form comes back, what was decided.
#[derive(Clone, Default)]
struct Asked {
    client_id: String,
    redirect_uri: String,
    state: String,
    /// What may be chosen from.
    scope: String,
    config_id: String,
    response_type: String,
    deciding: String,
    pages: Vec<u64>,
    scopes: Vec<String>,
    decision: String,
}

impl Asked {
    fn read(pairs: Vec<(String, String)>) -> Self {
        let mut asked = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "client_id" => asked.client_id = value,
                "redirect_uri" => asked.redirect_uri = value,
                "state" => asked.state = value,
                "scope" => asked.scope = value,
                "config_id" => asked.config_id = value,
                "response_type" => asked.response_type = value,
                "as" => asked.deciding = value.trim().trim_start_matches('@').to_owned(),
                "page" => asked.pages.extend(value.parse::<u64>()),
                "allowed" => asked.scopes.push(value),
                "decision" => asked.decision = value,
                _ => {}
            }
        }
        asked
    }

    /// The permissions that are asked for. A configuration of Login for Business asks for all.
    fn wishes(&self) -> Vec<&'static str> {
        let asked: Vec<&str> = self.scope.split([',', ' ']).map(str::trim).collect();
        let wished = |scope: &&str| !self.config_id.is_empty() || asked.contains(scope) || *scope == "public_profile";
        SCOPES.into_iter().filter(wished).collect()
    }
}

#[derive(Template)]
#[template(path = "sim/facebook/consent.html")]
struct ConsentPage {
    app: String,
    host: String,
    /// A permission, its words, and whether it is chosen.
    wishes: Vec<(&'static str, &'static str, bool)>,
    /// A page, its name, who has a role on it, and whether it is chosen.
    pages: Vec<(u64, String, String, bool)>,
    asked: Asked,
    problem: String,
    people: People,
}

#[derive(Template)]
#[template(path = "sim/facebook/no_consent.html")]
struct NoConsent {
    why: String,
}

async fn ask(request: HttpRequest, twin: web::Data<FacebookTwin>) -> HttpResponse {
    let pairs = serde_urlencoded::from_str(request.query_string()).unwrap_or_default();
    let mut asked = Asked::read(pairs);
    asked.deciding = twin.settings().owner.handle.clone();
    asked.pages = vec![twin.settings().page.id];
    asked.scopes = asked.wishes().into_iter().map(str::to_owned).collect();
    match twin.check_wish(&asked) {
        Ok(()) => twin.consent_page(asked, String::new()),
        Err(why) => page(400, &NoConsent { why }),
    }
}

async fn decide(
    request: HttpRequest,
    body: web::Bytes,
    twin: web::Data<FacebookTwin>,
) -> actix_web::Result<HttpResponse> {
    own_origin(&request)?;
    let pairs = serde_urlencoded::from_bytes(&body).map_err(actix_web::error::ErrorBadRequest)?;
    let asked = Asked::read(pairs);
    Ok(match twin.check_wish(&asked) {
        Err(why) => page(400, &NoConsent { why }),
        Ok(()) if asked.decision != "allow" => {
            let refused = [
                ("error", "access_denied"),
                ("error_code", "200"),
                ("error_description", "Permissions error"),
                ("error_reason", "user_denied"),
            ];
            back(&asked, &refused)
        }
        Ok(()) => match twin.agree(&asked) {
            Ok(code) => back(&asked, &[("code", &code)]),
            Err(problem) => twin.consent_page(asked, problem.to_string()),
        },
    })
}

/// A person takes the app away, changes a password, and the like.
async fn end(
    request: HttpRequest,
    handle: web::Path<String>,
    body: web::Bytes,
    twin: web::Data<FacebookTwin>,
) -> actix_web::Result<HttpResponse> {
    let form: std::collections::HashMap<String, u64> = crate::sim::pages::read(&request, &body)?;
    let how = form.get("how").copied().and_then(End::of).unwrap_or(End::AppRemoved);
    Ok(match twin.end_tokens(&handle, how) {
        Ok(_) => see_other("/sim"),
        Err(problem) => HttpResponse::NotFound().body(problem.to_string()),
    })
}

/// Back to the app with `state` and what came of it; Facebook adds its fragment.
fn back(asked: &Asked, said: &[(&str, &str)]) -> HttpResponse {
    let mut pairs: Vec<(&str, &str)> = said.to_vec();
    if !asked.state.is_empty() {
        pairs.push(("state", &asked.state));
    }
    let query = serde_urlencoded::to_string(pairs).unwrap_or_default();
    let sign = if asked.redirect_uri.contains('?') { '&' } else { '?' };
    see_other(&format!("{}{sign}{query}#_=_", asked.redirect_uri))
}

impl FacebookTwin {
    /// Lets the app act for this person on the company's page, as the dialog does: `scopes` are Facebook's words, such as
    /// [`SCOPES`]. The tokens are the long ones.
    ///
    /// # Errors
    /// There is no such person or permission, or the journal cannot be written.
    pub fn grant(&self, handle: &str, scopes: &[&str]) -> Result<Granted, Refused> {
        self.grant_for(handle, &self.settings().page.handle, scopes)
    }

    /// The same on another page, on which the person has a role.
    ///
    /// # Errors
    /// As for [`FacebookTwin::grant`], and there is no such page.
    pub fn grant_for(&self, handle: &str, page: &str, scopes: &[&str]) -> Result<Granted, Refused> {
        if let Some(unknown) = scopes.iter().find(|scope| !SCOPES.contains(scope)) {
            return Err(Refused::NoSuchScope((*unknown).to_owned()));
        }
        let (person, page, now) = (self.known(handle)?, self.known(page)?, self.now());
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let mut state = self.state();
        let id = state.world.grants.next_id();
        let data_until = Some(now.plus(DATA_ACCESS));
        state.accept(Change::Grant { grant: Grant { id, person, pages: vec![page], scopes, at: now, data_until } })?;
        let user_token = fresh();
        let token = Token {
            token: user_token.clone(),
            grant: id,
            page: None,
            long: true,
            issued: now,
            until: Some(now.plus(LONG)),
        };
        state.accept(Change::Token { token })?;
        let page_token = state.page_token(&user_token, page, now)?;
        Ok(Granted { user_token, page_token })
    }

    /// Ends all tokens of this person in this way. Returns how many grants there were.
    ///
    /// # Errors
    /// There is no such person, or the journal cannot be written.
    pub fn end_tokens(&self, handle: &str, how: End) -> Result<usize, Refused> {
        let (person, at) = (self.known(handle)?, self.now());
        let mut state = self.state();
        let grants: Vec<u64> = state.world.grants.of(person).map(|grant| grant.id).collect();
        for grant in &grants {
            state.accept(Change::End { grant: *grant, page: None, how, at })?;
        }
        Ok(grants.len())
    }

    /// Whether the app asks as it must.
    fn check_wish(&self, asked: &Asked) -> Result<(), String> {
        if asked.client_id != self.settings().app_id.to_string() {
            return Err("Invalid App ID: The provided app ID does not look like a valid app ID.".to_owned());
        }
        if !matches!(asked.response_type.as_str(), "" | "code") {
            return Err("This twin knows the response_type code only.".to_owned());
        }
        let callback: Option<Uri> = asked.redirect_uri.parse().ok();
        if !callback.is_some_and(|uri| uri.scheme().is_some() && uri.host().is_some()) {
            let said = "URL Blocked: This redirect failed because the redirect URI is not whitelisted in the app's \
                        Client OAuth Settings.";
            return Err(said.to_owned());
        }
        let known = |scope: &str| scope.is_empty() || scope == "email" || SCOPES.contains(&scope);
        match asked.scope.split([',', ' ']).map(str::trim).find(|scope| !known(scope)) {
            Some(unknown) => Err(format!("Invalid Scopes: {unknown}. This twin does not know it.")),
            None => Ok(()),
        }
    }

    /// The code for what this person agrees to.
    fn agree(&self, asked: &Asked) -> Result<String, Refused> {
        let person = self.known(&asked.deciding)?;
        let at = self.now();
        let mut state = self.state();
        if !state.world.people.contains_key(&person) {
            return Err(Refused::NoSuchPerson(asked.deciding.clone()));
        }
        let has_role = |page: &u64| state.world.pages.get(page).is_some_and(|page| page.roles.contains_key(&person));
        if !asked.pages.iter().all(has_role) {
            return Err(Refused::NoRole(asked.deciding.clone()));
        }
        let code = format!("AQ{}", random(120));
        let wishes = asked.wishes();
        let mut scopes = asked.scopes.clone();
        scopes.retain(|scope| wishes.contains(&scope.as_str()));
        let consent = Consent { person, pages: asked.pages.clone(), scopes, redirect: asked.redirect_uri.clone(), at };
        state.accept(Change::Consent { code: code.clone(), consent })?;
        Ok(code)
    }

    fn consent_page(&self, asked: Asked, problem: String) -> HttpResponse {
        let callback: Uri = asked.redirect_uri.parse().unwrap_or_default();
        let host = callback.authority().map(ToString::to_string).unwrap_or_default();
        let origin = format!("{}://{host}", callback.scheme_str().unwrap_or("https"));
        let wishes = asked.wishes().into_iter().map(|scope| {
            let chosen = asked.scopes.iter().any(|known| known == scope);
            (scope, in_words(scope), chosen)
        });
        let wishes = wishes.collect();
        let state = self.state();
        let pages = state.world.pages.values().map(|page| {
            let admins = page.roles.keys().map(|person| state.world.name(*person)).collect::<Vec<_>>().join(", ");
            (page.id, page.name.clone(), admins, asked.pages.contains(&page.id))
        });
        let pages = pages.collect();
        let people = people(&state.world);
        drop(state);
        let app = format!("{} forum", self.settings().page.name);
        let status = if problem.is_empty() { 200 } else { 422 };
        page_leading_to(&origin, status, &ConsentPage { app, host, wishes, pages, asked, problem, people })
    }
}

fn in_words(scope: &str) -> &'static str {
    match scope {
        "pages_show_list" => "See which pages you manage.",
        "pages_read_engagement" => "Read what your pages post, and who follows them.",
        "pages_read_user_content" => "Read what people write on your pages.",
        "pages_manage_engagement" => "Answer, hide and remove comments on your pages.",
        "pages_manage_metadata" => "Hear of what happens on your pages.",
        "pages_manage_posts" => "Write posts for your pages.",
        "pages_messaging" => "Read and answer your pages' messages.",
        "business_management" => "Manage your business.",
        _ => "See your name and picture.",
    }
}
