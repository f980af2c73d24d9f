//! The door of the API: every call to `/2/…` comes through here.
//!
//! In this order: faults, the token, the rate limit, the endpoint. A call is carried out in a task of its own, so that
//! a client that dies cannot undo half of it: the network had the request, and does with it what it wants.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::answer::Answer;
use super::endpoints::Endpoint;
use super::faults::{Fault, FaultKind, Held};
use super::journal::Change;
use super::limits::Rate;
use super::{XTwin, locked};
use crate::sim::door::{self, Answers, Call, Ending};

/// What X says in `api-version`.
const API_VERSION: &str = "2.167";

/// A request, read to its end.
#[derive(Clone)]
pub(super) struct Request {
    pub method: String,
    pub path: String,
    pub query: String,
    pub body: web::Bytes,
    pub content_type: String,
    token: Option<String>,
    /// Name and password of basic authentication: how an app shows who it is where it asks for tokens.
    pub basic: Option<(String, String)>,
}

/// Whose token it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    /// A person who let the app in, by this grant.
    User {
        id: u64,
        grant: u64,
    },
    App,
}

impl Caller {
    pub fn user(self) -> Option<u64> {
        match self {
            Self::User { id, .. } => Some(id),
            Self::App => None,
        }
    }
}

/// What an endpoint says, and how much of the limits is used up by it.
type Said = (Answer, Option<Rates>);

/// The limits that a call counts towards: that of 15 minutes, and one of a day with whose it is.
#[derive(Clone, Copy)]
struct Rates {
    window: Rate,
    day: Option<(&'static str, Rate)>,
}

pub(super) async fn call_api(request: HttpRequest, body: web::Bytes, twin: web::Data<XTwin>) -> HttpResponse {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let token = header("authorization");
    let request = Request {
        method: request.method().to_string(),
        path: request.path().to_owned(),
        query: request.query_string().to_owned(),
        body,
        content_type: header("content-type").unwrap_or_default().to_owned(),
        token: token.and_then(|value| value.strip_prefix("Bearer ")).map(|token| token.trim().to_owned()),
        basic: token.and_then(|value| value.strip_prefix("Basic ")).and_then(name_and_password),
    };
    let twin = twin.get_ref().clone();
    let fault = locked(&twin.inner.faults).take(&request.method, &request.path);
    let ending = actix_web::rt::spawn(async move { twin.meet(request, fault).await }).await;
    ending.unwrap_or(Ending::Dropped).respond()
}

impl Answers for Said {
    fn status(&self) -> u16 {
        self.0.status
    }

    fn head(&self) -> HttpResponseBuilder {
        respond(&self.0, self.1)
    }

    fn body(&self) -> Vec<u8> {
        self.0.body.to_string().into_bytes()
    }
}

impl XTwin {
    async fn meet(&self, request: Request, fault: Option<Fault>) -> Ending<Said> {
        let fault_seconds = |usual| fault.as_ref().and_then(|fault| fault.seconds).unwrap_or(usual);
        let ending = match fault.as_ref().map(|fault| fault.kind) {
            Some(FaultKind::TooManyRequests) => {
                let reset = self.now().plus(Duration::from_secs(fault_seconds(5))).0.div_euclid(1000) + 1;
                let window = Rate { limit: 100, remaining: 0, reset, exceeded: true };
                Ending::Answered((Answer::too_many_requests(), Some(Rates { window, day: None })))
            }
            Some(FaultKind::ServerError) => Ending::Answered((Answer::server_error(), None)),
            Some(FaultKind::Unauthorized) => Ending::Answered((Answer::unauthorized(), None)),
            Some(FaultKind::CreditsDepleted) => Ending::Answered((self.depleted(), None)),
            Some(FaultKind::RevokedToken) => {
                self.revoke_in_mid_send(&request);
                Ending::Answered(self.carry_out(&request).await)
            }
            Some(FaultKind::OddPost) => {
                let (mut answer, rates) = self.carry_out(&request).await;
                if let Some(post) = answer.body.pointer_mut("/data/0") {
                    post["author_id"] = serde_json::json!({});
                }
                Ending::Answered((answer, rates))
            }
            // Those of webhooks are never taken for a call.
            _ => {
                let body = String::from_utf8_lossy(&request.body).into_owned();
                let (method, path) = (request.method.clone(), request.path.clone());
                let call = Held { at: FaultKind::HoldBefore, method, path, body };
                door::meet(&self.inner.faults, fault, call, async || self.carry_out(&request).await).await
            }
        };
        self.note(request, ending.status());
        ending
    }

    /// Holds the request for a photo until it is released, whichever way.
    pub(super) async fn hold_photo(&self, at: FaultKind, path: &str) {
        let held = Held { at, method: "GET".to_owned(), path: path.to_owned(), body: String::new() };
        door::hold(&self.inner.faults, held).await;
    }

    async fn carry_out(&self, request: &Request) -> Said {
        if let Some(answer) = self.token_endpoint(request) {
            return (answer, None);
        }
        let Some(caller) = request.token.as_deref().and_then(|token| self.caller(token)) else {
            return (Answer::unauthorized(), None);
        };
        let Some(endpoint) = Endpoint::find(&request.method, &request.path) else {
            return (Answer::no_such_page(), None);
        };
        if let Err(answer) = endpoint.allows(caller).and_then(|()| self.needs(caller, endpoint.scopes())) {
            return (answer, None);
        }
        let (name, limit) = endpoint.limit(caller);
        let rates = {
            let (now, mut limits) = (self.now(), locked(&self.inner.limits));
            let window = limits.count(name, caller.user(), limit, now);
            let day = endpoint.day_limit().map(|(whose, limit)| {
                let user = caller.user().filter(|_| whose == "user");
                (whose, limits.count_day(name, user, limit, now))
            });
            Rates { window, day }
        };
        if rates.window.exceeded || rates.day.is_some_and(|(_, day)| day.exceeded) {
            return (Answer::too_many_requests(), Some(rates));
        }
        if let Err(answer) = self.pays_for(&endpoint) {
            return (answer, Some(rates));
        }
        let answer = self.answer(endpoint.clone(), request, caller).await.unwrap_or_else(|refusal| refusal);
        self.charge(&endpoint, caller, request, &answer);
        (answer, Some(rates))
    }

    /// The person behind the token takes the grant back, as if in X's settings, at the worst moment.
    fn revoke_in_mid_send(&self, request: &Request) {
        let Some(Caller::User { grant, .. }) = request.token.as_deref().and_then(|token| self.caller(token)) else {
            return;
        };
        let change = Change::Revoke { id: grant, by_user: true, at: self.now() };
        if let Err(error) = self.state().accept(change) {
            tracing::error!("The X twin cannot note that a grant was taken back: {error}");
        }
        self.inner.wake.send_replace(());
    }

    fn caller(&self, token: &str) -> Option<Caller> {
        if token == self.settings().bearer_token {
            return Some(Caller::App);
        }
        let now = self.now();
        let state = self.state();
        state.world.grants.open(token, now).map(|given| Caller::User { id: given.user, grant: given.id })
    }

    /// Holds a person's grant against the scopes that a call takes. X does not say which is missing.
    pub(super) fn needs(&self, caller: Caller, scopes: &[&str]) -> Result<(), Answer> {
        let Caller::User { grant, .. } = caller else { return Ok(()) };
        let state = self.state();
        let given = state.world.grants.get(grant);
        let has = |scope: &&str| given.is_some_and(|given| given.scopes.iter().any(|known| known == scope));
        if scopes.iter().all(has) { Ok(()) } else { Err(Answer::forbidden("Forbidden")) }
    }

    fn note(&self, request: Request, status: u16) {
        let Request { method, path, query, .. } = request;
        locked(&self.inner.calls).note(Call { at: self.now(), method, path, query, status });
    }
}

fn name_and_password(encoded: &str) -> Option<(String, String)> {
    let plain = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    plain.split_once(':').map(|(name, password)| (name.to_owned(), password.to_owned()))
}

/// Status and headers of an answer.
fn respond(answer: &Answer, rates: Option<Rates>) -> HttpResponseBuilder {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponseBuilder::new(status);
    response.insert_header((CONTENT_TYPE, "application/json; charset=utf-8"));
    response.insert_header(("api-version", API_VERSION));
    response.insert_header(("cache-control", "no-cache, no-store, max-age=0"));
    response.insert_header(("x-transaction-id", format!("{:016x}", rand_id())));
    if let Some(Rates { window, day }) = rates {
        let day = day.map(|(whose, rate)| (format!("x-{whose}-limit-24hour"), rate));
        for (name, rate) in [("x-rate-limit".to_owned(), window)].into_iter().chain(day) {
            response.insert_header((format!("{name}-limit"), rate.limit.to_string()));
            response.insert_header((format!("{name}-remaining"), rate.remaining.to_string()));
            response.insert_header((format!("{name}-reset"), rate.reset.to_string()));
        }
    }
    response
}

fn rand_id() -> u64 {
    getrandom::u64().unwrap_or_default()
}
