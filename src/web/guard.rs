//! What every request passes: the cross-site check, the security headers, the log line, and the page around an error.

use std::sync::Arc;
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use askama::Template;
use tracing::Instrument;

use super::client::{Client, REQUEST_ID, RequestId};
use super::form::Kept;
use super::words;
use super::{Error, Frame, Page, Shell};

/// The name of the session cookie, here because a request that carries it is checked more strictly.
pub const SESSION_COOKIE: &str = "answerwell_session";

const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'";

/// Outermost: numbers and logs the request, turns errors into pages or JSON, and sets the headers of every answer.
pub async fn around(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let client = Client::read(request.request());
    let id = client.request.clone();
    request.extensions_mut().insert(client);
    // At the level of errors: whatever is logged at all names its request.
    let span = tracing::error_span!("request", request = %id);
    guarded(request, next, &id).instrument(span).await
}

async fn guarded(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    id: &RequestId,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let begun = std::time::Instant::now();
    // The request must not be cloned before it is routed: actix writes the matched path into it. Therefore nothing
    // further in may return `Err`; what fails there answers with the error.
    let mut response = match without_nul(request.request()).and_then(|()| cross_site(request.request())) {
        Err(refusal) => request.error_response(refusal),
        Ok(()) => next.call(request).await?.map_into_boxed_body(),
    };
    if response.status().is_client_error() || response.status().is_server_error() {
        response = dressed(response);
    }
    set_headers(response.headers_mut());
    if let Ok(id) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(HeaderName::from_static(REQUEST_ID), id);
    }
    log(&response, begun.elapsed());
    Ok(response)
}

/// The route of an answer that no handler gave, for the log.
#[derive(Clone, Debug)]
pub(super) struct Route(Arc<str>);

impl Route {
    pub fn of(route: &str) -> Self {
        Self(Arc::from(route))
    }
}

/// One line a request: which route, never which address. A path may hold a name or the words of a title, a query what
/// somebody searched for.
fn log(response: &ServiceResponse<BoxBody>, took: Duration) {
    let request = response.request();
    let (method, route, status) = (request.method(), route(request), response.status().as_u16());
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    if ["/assets/", "/pictures/", "/files/", "/health", "/ready"].iter().any(|quiet| route.starts_with(quiet)) {
        tracing::debug!(%method, route, status, micros, "{method} {route} {status}");
    } else {
        tracing::info!(%method, route, status, micros, "{method} {route} {status}");
    }
}

/// The route of a request with the id in its path, as in `/questions/12/{slug}`.
pub(super) fn route(request: &HttpRequest) -> String {
    if let Some(Route(known)) = request.extensions().get::<Route>() {
        return known.to_string();
    }
    let Some(pattern) = request.match_pattern() else { return "an unknown address".to_owned() };
    let id = request.match_info().get("id").filter(|id| id.bytes().all(|byte| byte.is_ascii_digit()));
    id.map_or_else(|| pattern.clone(), |id| pattern.replace("{id}", id))
}

fn set_headers(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// A path that holds a NUL names nothing here, and PostgreSQL refuses every statement with one.
fn without_nul(request: &HttpRequest) -> Result<(), Error> {
    let asked = request.uri().path();
    if asked.contains("%00") { Err(Error::NotFound) } else { Ok(()) }
}

/// Refuses requests that another site makes in a member's name. Networks' webhooks carry a signature instead, and the
/// links by which a mail program stops mail a key.
fn cross_site(request: &HttpRequest) -> Result<(), Error> {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS)
        || ["/webhooks/", "/mail/stop/"].iter().any(|begin| request.path().starts_with(begin))
    {
        return Ok(());
    }
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let allowed = match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => {
            request.app_data::<web::Data<Shell>>().is_some_and(|shell| shell.identity.is_ours(origin))
        }
        (None, None) => request.cookie(SESSION_COOKIE).is_none(),
    };
    if allowed {
        return Ok(());
    }
    Err(Error::Forbidden(words::FROM_ANOTHER_SITE.to_owned()))
}

#[derive(Template)]
#[template(path = "web/error.html")]
struct ErrorPage<'a> {
    frame: Frame,
    title: &'a str,
    advice: &'a str,
    kept: Option<&'a Kept>,
    /// It may be sent once more as it is.
    again: bool,
    sign_in: bool,
    /// What to name in a report.
    number: Option<RequestId>,
}

/// Puts a page (or JSON, where that is asked for) around an error that has none yet.
fn dressed(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let request = &response.request().clone();
    let status = response.status();
    let has_body = response.headers().contains_key(header::CONTENT_TYPE) && response.response().error().is_none();
    if has_body {
        return response;
    }
    let unknown = match status {
        StatusCode::NOT_FOUND => Error::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Error::Method,
        StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge(words::SHORTEN_IT.to_owned()),
        _ if status.is_client_error() => {
            // What the error itself says is for whoever wrote the program, and may hold what somebody typed.
            Error::BadRequest(words::NOT_RIGHT.to_owned())
        }
        _ => Error::Internal("an error without a name".to_owned()),
    };
    let known = response.response().error().and_then(|error| error.as_error::<Error>());
    let error = known.unwrap_or(&unknown);
    if let Error::Internal(reason) = error {
        let (method, route) = (request.method(), route(request));
        tracing::error!(%method, route, reason, "{method} {route}: {reason}");
    }
    let advice = error.advice();
    let number = Client::of(request).map(|client| client.request);
    let json = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    if json.is_some_and(|accept| accept.starts_with("application/json")) {
        let number = number.as_ref().map(RequestId::as_str);
        let body = serde_json::json!({ "error": { "code": error.code(), "message": advice, "request": number } });
        let answer = HttpResponse::build(status).json(body);
        return response.into_response(answer);
    }
    let page = Frame::of(request).and_then(|frame| {
        let sign_in = matches!(error, Error::SignIn { .. });
        // Whoever mistyped an address or has to sign in reports nothing.
        let number = number.filter(|_| !sign_in && !matches!(error, Error::NotFound | Error::Gone(_)));
        let (again, title) = (!matches!(error, Error::Barred { .. }), error.title());
        // A button alone leaves nothing to copy.
        let kept = error.kept().filter(|kept| again || kept.written().next().is_some());
        let page = ErrorPage { frame, title, advice: &advice, kept, again, sign_in, number };
        Page::with_status(page, status).render(request)
    });
    match page {
        Ok(answer) => {
            let mut answer = answer;
            if let Some(retry) = matches!(error, Error::Busy { .. }).then(|| HeaderValue::from_static("2")) {
                answer.headers_mut().insert(header::RETRY_AFTER, retry);
            }
            response.into_response(answer)
        }
        Err(_) => response.into_response(HttpResponse::build(status).body(advice)),
    }
}
