//! The addresses of the twin, its server, and what tests and the fault page steer it with.

use std::io;
use std::net::TcpListener;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::gate::call_api;
use super::journal::Attempt;
use super::{XTwin, consent, delivery, locked, mailbox, pages};
use crate::sim::faults::{Described, FaultKind, Faults};
use crate::sim::pages::{done, read};
use crate::sim::steering::{self, LARGEST_BODY, LARGEST_UPLOAD, Loose, Steered};

impl Steered for XTwin {
    const OWN_FAULTS: &'static [Described] = &[(FaultKind::CreditsDepleted, "402", "402: no money for this call")];

    fn faults(&self) -> MutexGuard<'_, Faults> {
        locked(&self.inner.faults)
    }

    fn lag(&self) -> &Mutex<Duration> {
        &self.inner.lag
    }

    fn raise_limits(&self, factor: u32) {
        self.raise_limits(factor);
    }
}

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
                .route("/sim/credits", web::post().to(set_credits))
                .route("/sim/state", web::get().to(show_state))
                .configure(steering::routes::<XTwin>)
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
        let server = steering::serve(listener, self.routes())?;
        delivery::start(self);
        Ok(server)
    }
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
