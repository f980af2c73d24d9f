//! The addresses of the twin, its server, and what tests and the fault page steer it with.

use std::io;
use std::net::TcpListener;
use std::time::Duration;

use actix_web::error::{ErrorBadRequest, ErrorForbidden};
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::faults::{Fault, Release};
use super::gate::call_api;
use super::journal::Attempt;
use super::{XTwin, consent, delivery, locked, mailbox, pages};

/// The largest body that the twin reads.
const LARGEST_BODY: usize = 1 << 20;
/// The same, for pictures: an upload with its form around it.
pub(super) const LARGEST_UPLOAD: usize = 24 << 20;

impl XTwin {
    /// All paths of the twin, for an actix app. Webhooks are only sent while [`XTwin::serve`]'s server runs.
    pub fn routes(&self) -> impl FnOnce(&mut web::ServiceConfig) + Clone + use<> {
        let twin = web::Data::new(self.clone());
        move |config| {
            config
                .app_data(twin)
                .app_data(web::PayloadConfig::new(LARGEST_BODY))
                .app_data(web::FormConfig::default().limit(LARGEST_BODY))
                .service(
                    web::resource("/2/media/{rest:.*}")
                        .app_data(web::PayloadConfig::new(LARGEST_UPLOAD))
                        .route(web::route().to(call_api)),
                )
                .route("/2/{rest:.*}", web::route().to(call_api))
                .route("/oauth2/token", web::post().to(call_api))
                .route("/sim/faults", web::get().to(list_faults))
                .route("/sim/faults", web::post().to(add_fault))
                .route("/sim/faults", web::delete().to(clear_faults))
                .route("/sim/faults/clear", web::post().to(clear_faults))
                .route("/sim/held", web::get().to(list_held))
                .route("/sim/release", web::post().to(release))
                .route("/sim/lag", web::post().to(set_lag))
                .route("/sim/limits", web::post().to(raise_limits))
                .route("/sim/credits", web::post().to(set_credits))
                .route("/sim/state", web::get().to(show_state))
                .configure(consent::routes)
                .configure(mailbox::routes)
                .configure(pages::routes);
        }
    }

    /// Serves the twin on one worker, and starts to deliver webhooks. Call it inside a tokio runtime; the caller awaits
    /// or spawns the server, and stops it through its handle.
    ///
    /// # Errors
    /// The listener cannot be used.
    pub fn serve(&self, listener: TcpListener) -> io::Result<actix_web::dev::Server> {
        let routes = self.routes();
        let app = move || App::new().configure(routes.clone());
        let server = HttpServer::new(app).workers(1).disable_signals().shutdown_timeout(1).listen(listener)?.run();
        delivery::start(self);
        Ok(server)
    }
}

/// A form or a JSON body, whichever came from here.
///
/// # Errors
/// 403 for another site's form, 400 for what cannot be read.
pub(super) fn read<T: DeserializeOwned>(request: &HttpRequest, body: &[u8]) -> actix_web::Result<T> {
    own_origin(request)?;
    let json = request.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if json {
        serde_json::from_slice(body).map_err(ErrorBadRequest)
    } else {
        serde_urlencoded::from_bytes(body).map_err(ErrorBadRequest)
    }
}

/// Forms come from the twin's own pages. Programs, which send no `Sec-Fetch-Site`, may do what they like.
pub(super) fn own_origin(request: &HttpRequest) -> actix_web::Result<()> {
    match request.headers().get("sec-fetch-site").map(|value| value.as_bytes()) {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) => Err(ErrorForbidden("This form belongs to another site. Use the twin's own pages.")),
    }
}

/// A browser's form goes back to the page; everybody else gets JSON.
fn done(request: &HttpRequest, value: Value) -> HttpResponse {
    let html = request
        .headers()
        .get("accept")
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.contains("text/html"));
    if html { pages::see_other("/sim") } else { HttpResponse::Ok().json(value) }
}

/// The fault form: empty fields mean "any".
#[derive(Deserialize)]
struct FaultForm {
    kind: String,
    #[serde(default)]
    calls: Option<Loose>,
    #[serde(default)]
    path: Option<String>,
    #[serde(default)]
    method: Option<String>,
    #[serde(default)]
    seconds: Option<Loose>,
    /// In percent.
    #[serde(default)]
    share: Option<Loose>,
}

/// A whole number, in JSON or in a form, or an empty field.
#[derive(Deserialize)]
#[serde(untagged)]
enum Loose {
    Number(u64),
    Text(String),
}

impl Loose {
    fn number(self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Text(text) => text.trim().parse().ok(),
        }
    }
}

async fn add_fault(request: HttpRequest, body: web::Bytes, twin: web::Data<XTwin>) -> actix_web::Result<HttpResponse> {
    let form: FaultForm = read(&request, &body)?;
    let Ok(kind) = serde_json::from_value(json!(form.kind)) else {
        return Err(ErrorBadRequest(format!("There is no fault {:?}.", form.kind)));
    };
    let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let calls = form.calls.and_then(Loose::number).unwrap_or(1).try_into().unwrap_or(u32::MAX);
    let seconds = form.seconds.and_then(Loose::number);
    let share = form.share.and_then(Loose::number).filter(|percent| *percent < 100);
    let mut fault = Fault::new(kind, calls);
    (fault.path, fault.method, fault.seconds) = (given(form.path), given(form.method), seconds);
    fault.share = share.map(|percent| percent as f64 / 100.0);
    twin.set_fault(fault);
    Ok(done(&request, json!({ "ok": true })))
}

async fn list_faults(twin: web::Data<XTwin>) -> HttpResponse {
    let waiting: Vec<Fault> = locked(&twin.inner.faults).waiting().cloned().collect();
    HttpResponse::Ok().json(waiting)
}

async fn clear_faults(request: HttpRequest, twin: web::Data<XTwin>) -> actix_web::Result<HttpResponse> {
    own_origin(&request)?;
    twin.clear_faults();
    Ok(done(&request, json!({ "ok": true })))
}

async fn list_held(twin: web::Data<XTwin>) -> HttpResponse {
    HttpResponse::Ok().json(twin.held())
}

#[derive(Deserialize)]
struct ReleaseForm {
    #[serde(default)]
    how: Option<Release>,
}

async fn release(request: HttpRequest, body: web::Bytes, twin: web::Data<XTwin>) -> actix_web::Result<HttpResponse> {
    let form: ReleaseForm = read(&request, &body)?;
    let released = twin.release(form.how.unwrap_or(Release::GoOn));
    Ok(done(&request, json!({ "released": released })))
}

#[derive(Deserialize)]
struct LagForm {
    seconds: Loose,
}

async fn set_lag(request: HttpRequest, body: web::Bytes, twin: web::Data<XTwin>) -> actix_web::Result<HttpResponse> {
    let form: LagForm = read(&request, &body)?;
    let Some(seconds) = form.seconds.number() else {
        return Err(ErrorBadRequest("seconds must be a whole number"));
    };
    twin.set_lag(Duration::from_secs(seconds));
    Ok(done(&request, json!({ "ok": true })))
}

#[derive(Deserialize)]
struct LimitsForm {
    factor: Loose,
}

async fn raise_limits(
    request: HttpRequest,
    body: web::Bytes,
    twin: web::Data<XTwin>,
) -> actix_web::Result<HttpResponse> {
    let form: LimitsForm = read(&request, &body)?;
    twin.raise_limits(form.factor.number().unwrap_or(1).try_into().unwrap_or(u32::MAX));
    Ok(done(&request, json!({ "ok": true })))
}

#[derive(Deserialize)]
struct CreditsForm {
    /// In cents; empty is a card that never ends.
    cents: Option<Loose>,
}

async fn set_credits(
    request: HttpRequest,
    body: web::Bytes,
    twin: web::Data<XTwin>,
) -> actix_web::Result<HttpResponse> {
    let form: CreditsForm = read(&request, &body)?;
    twin.set_credits(form.cents.and_then(Loose::number).map(|cents| cents.saturating_mul(10_000)));
    Ok(done(&request, json!({ "ok": true })))
}

/// Everything a test wants to count: posts and deliveries, oldest first, and the latest calls.
async fn show_state(twin: web::Data<XTwin>) -> HttpResponse {
    let posts = twin.posts();
    let calls: Vec<_> = locked(&twin.inner.calls).iter().cloned().collect();
    let state = twin.state();
    let deliveries: Vec<Value> = state
        .world
        .events
        .deliveries
        .iter()
        .map(|delivery| {
            let (attempt, at) = delivery.attempt.clone().unzip();
            let (post, user) = (delivery.about.id().map(|id| id.to_string()), delivery.user.map(|id| id.to_string()));
            json!({"event": delivery.event, "post": post, "user": user, "attempt": attempt, "at": at})
        })
        .collect();
    let failed = state.world.events.deliveries.iter().filter(|delivery| {
        delivery
            .attempt
            .as_ref()
            .is_some_and(|(attempt, _)| !matches!(attempt, Attempt::Answered { status: 200..=299 }))
    });
    let failed = failed.count();
    drop(state);
    HttpResponse::Ok()
        .json(json!({"posts": posts, "deliveries": deliveries, "failed_deliveries": failed, "calls": calls}))
}
