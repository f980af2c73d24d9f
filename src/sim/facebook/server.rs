//! The addresses of the twin and its server.

use std::io;
use std::net::TcpListener;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::gate::call_api;
use super::{FacebookTwin, consent, delivery, locked, mailbox, pages, workshop};
use crate::sim::faults::{Described, FaultKind, Faults};
use crate::sim::steering::{self, LARGEST_BODY, LARGEST_UPLOAD, Steered};

impl Steered for FacebookTwin {
    const OWN_FAULTS: &'static [Described] = &[
        (FaultKind::GraphError, "graph_error", "An error of the API, by its code"),
        (FaultKind::ErrorInside, "error_inside", "An error inside an answer with status 200"),
    ];

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

impl FacebookTwin {
    /// All paths of the twin, for an actix app. Webhooks are only sent while [`FacebookTwin::serve`]'s server runs.
    pub fn routes(&self) -> impl FnOnce(&mut web::ServiceConfig) + Clone + use<> {
        let twin = web::Data::new(self.clone());
        move |config| {
            config
                .app_data(twin)
                .app_data(web::PayloadConfig::new(LARGEST_BODY))
                .app_data(web::FormConfig::default().limit(LARGEST_BODY))
                .configure(consent::routes)
                .service(
                    web::resource(r"/v{version:\d+\.\d+}{rest:.*}")
                        .app_data(web::PayloadConfig::new(LARGEST_UPLOAD))
                        .route(web::route().to(call_api)),
                )
                .configure(steering::routes::<FacebookTwin>)
                .route("/sim/state", web::get().to(show_state))
                .configure(workshop::routes)
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

/// Everything a test wants to count: posts, comments and events, oldest first, and the latest calls.
async fn show_state(twin: web::Data<FacebookTwin>) -> HttpResponse {
    let (posts, comments) = (twin.posts(), twin.comments());
    let calls: Vec<_> = locked(&twin.inner.calls).iter().cloned().collect();
    let state = twin.state();
    let events: Vec<Value> = state
        .world
        .events
        .all
        .iter()
        .map(|event| {
            json!({
                "page": event.page.to_string(), "field": event.field, "value": event.value, "at": event.at,
                "attempts": event.attempts, "last": event.last, "waits": event.due.is_some(),
            })
        })
        .collect();
    drop(state);
    HttpResponse::Ok().json(json!({"posts": posts, "comments": comments, "events": events, "calls": calls}))
}
