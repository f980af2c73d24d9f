//! The door of the API: every call to `/2/…` comes through here.
//!
//! In this order: faults, the token, the rate limit, the endpoint. A call is carried out in a task of its own, so that
//! a client that dies cannot undo half of it: the network had the request, and does with it what it wants.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use actix_web::body::BodyStream;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::answer::Answer;
use super::endpoints::Endpoint;
use super::faults::{Fault, FaultKind, Held, Release};
use super::journal::Change;
use super::limits::Rate;
use super::{XTwin, locked};
use crate::clock::{Clock, Millis};

/// How many calls the page and the tests can look back on.
const CALLS_KEPT: usize = 2_000;
/// What X says in `api-version`.
const API_VERSION: &str = "2.167";

pub(super) type Calls = VecDeque<Call>;

/// A call that was answered, or whose connection was dropped (status 0).
#[derive(Clone, Debug, Serialize)]
pub(super) struct Call {
    pub at: Millis,
    pub method: String,
    pub path: String,
    pub query: String,
    pub status: u16,
}

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

enum Ending {
    Answered(Answer, Option<Rates>),
    /// With a clock that is so many seconds ahead.
    Ahead(Answer, Option<Rates>, u64),
    /// Byte by byte, over so many seconds.
    Dripped(Answer, Option<Rates>, u64),
    Html(u16),
    Huge,
    Elsewhere,
    Dropped,
}

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
    match ending.unwrap_or(Ending::Dropped) {
        Ending::Answered(answer, rates) => respond(&answer, rates).body(answer.body.to_string()),
        Ending::Ahead(answer, rates, seconds) => {
            let now = u64::try_from(Clock::Real.now().0).unwrap_or_default();
            let date = std::time::UNIX_EPOCH + Duration::from_millis(now) + Duration::from_secs(seconds);
            let mut response = respond(&answer, rates);
            response.insert_header(("date", actix_web::http::header::HttpDate::from(date).to_string()));
            response.body(answer.body.to_string())
        }
        Ending::Dripped(answer, rates, seconds) => {
            let body = drip(answer.body.to_string().into_bytes(), Duration::from_secs(seconds));
            respond(&answer, rates).body(BodyStream::new(body))
        }
        Ending::Html(status) => HttpResponse::build(StatusCode::from_u16(status).unwrap_or_default())
            .content_type("text/html; charset=utf-8")
            .body("<!doctype html><title>Please wait</title><p>Something in between answers with a page instead of the API."),
        Ending::Huge => HttpResponse::Ok().content_type("application/json").streaming(huge()),
        Ending::Elsewhere => HttpResponse::Found().insert_header(("location", "http://10.0.0.1/2/tweets")).finish(),
        Ending::Dropped => dropped(),
    }
}

impl XTwin {
    async fn meet(&self, request: Request, fault: Option<Fault>) -> Ending {
        let fault_seconds = |usual| fault.as_ref().and_then(|fault| fault.seconds).unwrap_or(usual);
        let ending = match fault.as_ref().map(|fault| fault.kind) {
            Some(FaultKind::TooManyRequests) => {
                let reset = self.now().plus(Duration::from_secs(fault_seconds(5))).0.div_euclid(1000) + 1;
                let window = Rate { limit: 100, remaining: 0, reset, exceeded: true };
                Ending::Answered(Answer::too_many_requests(), Some(Rates { window, day: None }))
            }
            Some(FaultKind::ServerError) => Ending::Answered(Answer::server_error(), None),
            Some(FaultKind::Html) => Ending::Html(200),
            Some(FaultKind::HtmlError) => Ending::Html(502),
            Some(FaultKind::HugeBody) => Ending::Huge,
            Some(FaultKind::Redirect) => Ending::Elsewhere,
            Some(FaultKind::Unauthorized) => Ending::Answered(Answer::unauthorized(), None),
            Some(FaultKind::CreditsDepleted) => Ending::Answered(self.depleted(), None),
            Some(FaultKind::RevokedToken) => {
                self.revoke_in_mid_send(&request);
                self.carry_out(&request).await
            }
            Some(FaultKind::WrongClock) => match self.carry_out(&request).await {
                Ending::Answered(answer, rates) => Ending::Ahead(answer, rates, fault_seconds(7_200)),
                other => other,
            },
            Some(FaultKind::OddPost) => match self.carry_out(&request).await {
                Ending::Answered(mut answer, rates) => {
                    if let Some(post) = answer.body.pointer_mut("/data/0") {
                        post["author_id"] = serde_json::json!({});
                    }
                    Ending::Answered(answer, rates)
                }
                other => other,
            },
            Some(FaultKind::SlowDrip) => match self.carry_out(&request).await {
                Ending::Answered(answer, rates) => Ending::Dripped(answer, rates, fault_seconds(60)),
                other => other,
            },
            Some(FaultKind::DropBefore) => Ending::Dropped,
            Some(FaultKind::DropAfter) => {
                self.carry_out(&request).await;
                Ending::Dropped
            }
            Some(FaultKind::HoldBefore) => match self.hold(FaultKind::HoldBefore, &request).await {
                Release::GoOn => self.carry_out(&request).await,
                Release::Drop => Ending::Dropped,
            },
            Some(FaultKind::HoldAfter) => {
                let ending = self.carry_out(&request).await;
                match self.hold(FaultKind::HoldAfter, &request).await {
                    Release::GoOn => ending,
                    Release::Drop => Ending::Dropped,
                }
            }
            Some(FaultKind::Slow) => {
                let ending = self.carry_out(&request).await;
                tokio::time::sleep(Duration::from_secs(fault_seconds(5))).await;
                ending
            }
            // Those of webhooks are never taken for a call.
            Some(_) | None => self.carry_out(&request).await,
        };
        self.note(request, &ending);
        ending
    }

    /// Holds the request for a photo until it is released, whichever way.
    pub(super) async fn hold_photo(&self, at: FaultKind, path: &str) {
        let held = Held { at, method: "GET".to_owned(), path: path.to_owned(), body: String::new() };
        let released = locked(&self.inner.faults).hold(held);
        // A holder that is gone has released it.
        let _released = released.await;
    }

    async fn hold(&self, at: FaultKind, request: &Request) -> Release {
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let held = Held { at, method: request.method.clone(), path: request.path.clone(), body };
        let released = locked(&self.inner.faults).hold(held);
        released.await.unwrap_or(Release::Drop)
    }

    async fn carry_out(&self, request: &Request) -> Ending {
        if let Some(answer) = self.token_endpoint(request) {
            return Ending::Answered(answer, None);
        }
        let Some(caller) = request.token.as_deref().and_then(|token| self.caller(token)) else {
            return Ending::Answered(Answer::unauthorized(), None);
        };
        let Some(endpoint) = Endpoint::find(&request.method, &request.path) else {
            return Ending::Answered(Answer::no_such_page(), None);
        };
        if let Err(answer) = endpoint.allows(caller).and_then(|()| self.needs(caller, endpoint.scopes())) {
            return Ending::Answered(answer, None);
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
            return Ending::Answered(Answer::too_many_requests(), Some(rates));
        }
        if let Err(answer) = self.pays_for(&endpoint) {
            return Ending::Answered(answer, Some(rates));
        }
        let answer = self.answer(endpoint.clone(), request, caller).await.unwrap_or_else(|refusal| refusal);
        self.charge(&endpoint, caller, request, &answer);
        Ending::Answered(answer, Some(rates))
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

    fn note(&self, request: Request, ending: &Ending) {
        let status = match ending {
            Ending::Answered(answer, _) | Ending::Ahead(answer, ..) | Ending::Dripped(answer, ..) => answer.status,
            Ending::Html(status) => *status,
            Ending::Huge => 200,
            Ending::Elsewhere => 302,
            Ending::Dropped => 0,
        };
        let Request { method, path, query, .. } = request;
        let mut calls = locked(&self.inner.calls);
        if calls.len() == CALLS_KEPT {
            calls.pop_front();
        }
        calls.push_back(Call { at: self.now(), method, path, query, status });
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

/// A body that takes so long to arrive.
fn drip(body: Vec<u8>, time: Duration) -> impl futures_util::Stream<Item = Result<web::Bytes, Infallible>> {
    let pause = time / u32::try_from(body.len().max(1)).unwrap_or(u32::MAX);
    futures_util::stream::unfold(body.into_iter(), move |mut rest| async move {
        let byte = rest.next()?;
        tokio::time::sleep(pause).await;
        Some((Ok(web::Bytes::copy_from_slice(&[byte])), rest))
    })
}

/// 100 MB that begin like an answer.
pub(super) fn huge() -> impl futures_util::Stream<Item = Result<web::Bytes, Infallible>> {
    let begin = web::Bytes::from_static(br#"{"data":[{"id":"1","text":""#);
    let rest = web::Bytes::from(vec![b'a'; 1 << 20]);
    let all = std::iter::once(begin).chain(std::iter::repeat_n(rest, 100));
    futures_util::stream::iter(all.map(Ok))
}

fn rand_id() -> u64 {
    getrandom::u64().unwrap_or_default()
}

/// Ends the connection without a byte: the body fails before the head has left the buffer.
fn dropped() -> HttpResponse {
    let broken = std::io::Error::new(std::io::ErrorKind::ConnectionAborted, "the twin drops this connection");
    let body = futures_util::stream::once(std::future::ready(Err::<web::Bytes, _>(broken)));
    HttpResponse::Ok().body(BodyStream::new(body))
}
