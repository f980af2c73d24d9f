//! The server of a twin, and the addresses with which tests and the workshop page steer it: faults, held requests, lag
//! and limits.

use std::io;
use std::net::TcpListener;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use actix_web::error::ErrorBadRequest;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde::Deserialize;
use serde_json::json;

use super::faults::{Described, Fault, Faults, Release, listed};
use super::locked;
use super::pages::{done, own_origin, read};

/// The largest body that a twin reads.
pub(super) const LARGEST_BODY: usize = 1 << 20;
/// The same, for pictures: an upload with its form around it.
pub(super) const LARGEST_UPLOAD: usize = 24 << 20;

/// A twin that can be steered.
pub(super) trait Steered: Clone + 'static {
    /// The faults that only this network has.
    const OWN_FAULTS: &'static [Described];

    fn faults(&self) -> MutexGuard<'_, Faults>;
    /// How long the company's own new posts stay unread.
    fn lag(&self) -> &Mutex<Duration>;
    fn raise_limits(&self, factor: u32);
}

pub(super) fn routes<T: Steered>(config: &mut web::ServiceConfig) {
    config
        .route("/sim/faults", web::get().to(list_faults::<T>))
        .route("/sim/faults", web::post().to(add_fault::<T>))
        .route("/sim/faults", web::delete().to(clear_faults::<T>))
        .route("/sim/faults/clear", web::post().to(clear_faults::<T>))
        .route("/sim/held", web::get().to(list_held::<T>))
        .route("/sim/release", web::post().to(release::<T>))
        .route("/sim/lag", web::post().to(set_lag::<T>))
        .route("/sim/limits", web::post().to(raise_limits::<T>));
}

/// One worker with these routes. The caller awaits or spawns it, and stops it through its handle.
pub(super) fn serve(
    listener: TcpListener,
    routes: impl FnOnce(&mut web::ServiceConfig) + Clone + Send + 'static,
) -> io::Result<actix_web::dev::Server> {
    let app = move || App::new().configure(routes.clone());
    Ok(HttpServer::new(app).workers(1).disable_signals().shutdown_timeout(1).listen(listener)?.run())
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
    #[serde(default)]
    code: Option<Loose>,
    #[serde(default)]
    subcode: Option<Loose>,
}

/// A whole number, in JSON or in a form, or an empty field.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Loose {
    Number(u64),
    Text(String),
}

impl Loose {
    pub fn number(self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Text(text) => text.trim().parse().ok(),
        }
    }
}

async fn add_fault<T: Steered>(
    request: HttpRequest,
    body: web::Bytes,
    twin: web::Data<T>,
) -> actix_web::Result<HttpResponse> {
    let form: FaultForm = read(&request, &body)?;
    let kind = listed(T::OWN_FAULTS).find(|(_, name, _)| *name == form.kind).map(|(kind, ..)| kind);
    let Some(kind) = kind else {
        return Err(ErrorBadRequest(format!("There is no fault {:?}.", form.kind)));
    };
    let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let calls = form.calls.and_then(Loose::number).unwrap_or(1).try_into().unwrap_or(u32::MAX);
    let share = form.share.and_then(Loose::number).filter(|percent| *percent < 100);
    let mut fault = Fault::new(kind, calls);
    (fault.path, fault.method) = (given(form.path), given(form.method));
    fault.seconds = form.seconds.and_then(Loose::number);
    fault.share = share.map(|percent| percent as f64 / 100.0);
    fault.code = form.code.and_then(Loose::number);
    fault.subcode = form.subcode.and_then(Loose::number);
    twin.faults().add(fault);
    Ok(done(&request, json!({ "ok": true })))
}

async fn list_faults<T: Steered>(twin: web::Data<T>) -> HttpResponse {
    let waiting: Vec<Fault> = twin.faults().waiting().cloned().collect();
    HttpResponse::Ok().json(waiting)
}

async fn clear_faults<T: Steered>(request: HttpRequest, twin: web::Data<T>) -> actix_web::Result<HttpResponse> {
    own_origin(&request)?;
    twin.faults().clear();
    Ok(done(&request, json!({ "ok": true })))
}

async fn list_held<T: Steered>(twin: web::Data<T>) -> HttpResponse {
    HttpResponse::Ok().json(twin.faults().held())
}

#[derive(Deserialize)]
struct ReleaseForm {
    #[serde(default)]
    how: Option<Release>,
}

async fn release<T: Steered>(
    request: HttpRequest,
    body: web::Bytes,
    twin: web::Data<T>,
) -> actix_web::Result<HttpResponse> {
    let form: ReleaseForm = read(&request, &body)?;
    let released = twin.faults().release(form.how.unwrap_or(Release::GoOn));
    Ok(done(&request, json!({ "released": released })))
}

#[derive(Deserialize)]
struct LagForm {
    seconds: Loose,
}

async fn set_lag<T: Steered>(
    request: HttpRequest,
    body: web::Bytes,
    twin: web::Data<T>,
) -> actix_web::Result<HttpResponse> {
    let form: LagForm = read(&request, &body)?;
    let Some(seconds) = form.seconds.number() else {
        return Err(ErrorBadRequest("seconds must be a whole number"));
    };
    *locked(twin.lag()) = Duration::from_secs(seconds);
    Ok(done(&request, json!({ "ok": true })))
}

#[derive(Deserialize)]
struct LimitsForm {
    factor: Loose,
}

async fn raise_limits<T: Steered>(
    request: HttpRequest,
    body: web::Bytes,
    twin: web::Data<T>,
) -> actix_web::Result<HttpResponse> {
    let form: LimitsForm = read(&request, &body)?;
    twin.raise_limits(form.factor.number().unwrap_or(1).try_into().unwrap_or(u32::MAX));
    Ok(done(&request, json!({ "ok": true })))
}
