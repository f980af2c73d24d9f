//! The workshop: faults, the webhook, access, tokens, and what was called and told.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::events::FIELDS;
use super::grants::End;
use super::journal::Change;
use super::{FacebookTwin, locked};
use crate::sim::door::Call;
use crate::sim::faults::{Described, Held, listed, said_of};
use crate::sim::pages::{Filled, page, see_other};
use crate::sim::steering::Steered;

/// How many calls and events the workshop shows.
const LATEST: usize = 60;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/sim", web::get().to(show))
        .route("/sim/webhook", web::post().to(set_webhook))
        .route("/sim/subscription/drop", web::post().to(drop_subscription))
        .route("/sim/access", web::post().to(set_access))
        .route("/sim/pause", web::post().to(pause));
}

#[derive(Template)]
#[template(path = "sim/facebook/workshop.html")]
struct Workshop {
    kinds: Vec<Described>,
    waiting: Vec<String>,
    held: Vec<Held>,
    lag: u64,
    problem: String,
    app_id: u64,
    url: String,
    verify_token: String,
    /// Pages and the fields that are heard of them.
    subscriptions: Vec<(String, String)>,
    /// Pages that were unsubscribed after failures, and when.
    dropped: Vec<(String, String)>,
    advanced: bool,
    human_agent: bool,
    ends: Vec<(u64, &'static str)>,
    /// Who let the app in.
    connected: Vec<(String, String)>,
    /// Field, what happened, tries, what came of it.
    events: Vec<(&'static str, String, u32, String)>,
    events_total: usize,
    calls: Vec<Call>,
}

async fn show(twin: web::Data<FacebookTwin>) -> HttpResponse {
    page(200, &twin.workshop(String::new()))
}

async fn set_webhook(
    request: HttpRequest,
    body: web::Bytes,
    twin: web::Data<FacebookTwin>,
) -> actix_web::Result<HttpResponse> {
    let form = Filled::read(&request, body).await?;
    let set = twin.set_webhook(form.text("url").trim(), form.text("verify_token").trim(), &FIELDS).await;
    Ok(match set {
        Ok(()) => see_other("/sim"),
        Err(problem) => page(422, &twin.workshop(problem.to_string())),
    })
}

async fn drop_subscription(
    request: HttpRequest,
    body: web::Bytes,
    twin: web::Data<FacebookTwin>,
) -> actix_web::Result<HttpResponse> {
    Filled::read(&request, body).await?;
    Ok(match twin.drop_subscription() {
        Ok(()) => see_other("/sim"),
        Err(problem) => HttpResponse::ServiceUnavailable().body(problem.to_string()),
    })
}

async fn set_access(
    request: HttpRequest,
    body: web::Bytes,
    twin: web::Data<FacebookTwin>,
) -> actix_web::Result<HttpResponse> {
    let form = Filled::read(&request, body).await?;
    let on = |name: &str| !form.text(name).is_empty();
    let set = twin
        .accept(Change::Access { advanced: on("advanced") })
        .and_then(|()| twin.accept(Change::HumanAgent { on: on("human_agent") }));
    Ok(match set {
        Ok(()) => see_other("/sim"),
        Err(problem) => HttpResponse::ServiceUnavailable().body(problem.to_string()),
    })
}

async fn pause(
    request: HttpRequest,
    body: web::Bytes,
    twin: web::Data<FacebookTwin>,
) -> actix_web::Result<HttpResponse> {
    let form = Filled::read(&request, body).await?;
    twin.pause_webhooks(form.text("paused") == "true");
    Ok(see_other("/sim"))
}

impl FacebookTwin {
    fn workshop(&self, problem: String) -> Workshop {
        let faults = locked(&self.inner.faults);
        let waiting = faults.waiting().map(|fault| said_of(fault, Self::OWN_FAULTS)).collect();
        drop(faults);
        let calls = locked(&self.inner.calls).iter().rev().take(LATEST).cloned().collect();
        let (held, lag) = (self.held(), self.lag().as_secs());
        let state = self.state();
        let world = &state.world;
        let events = world.events.all.iter().rev().take(LATEST).map(|event| {
            let text = |name: &str| event.value.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
            let what = format!("{} {} {}", text("item"), text("verb"), text("comment_id")).trim().to_owned();
            let waits = if event.due.is_some() { ", waits" } else { "" };
            let came = event.last.as_ref().map_or_else(|| "not sent yet".to_owned(), super::events::Attempt::said);
            (event.field, what, event.attempts, format!("{came}{waits}"))
        });
        let webhook = world.events.webhook.as_ref();
        let subscriptions = world.events.subscriptions.iter();
        let dropped = world.events.dropped.iter();
        let people = world.people.values().filter(|person| world.grants.of(person.id).next().is_some());
        Workshop {
            kinds: listed(Self::OWN_FAULTS).collect(),
            waiting,
            held,
            lag,
            problem,
            app_id: self.settings().app_id,
            url: webhook.map(|webhook| webhook.url.clone()).unwrap_or_default(),
            verify_token: webhook.map(|webhook| webhook.verify_token.clone()).unwrap_or_default(),
            subscriptions: subscriptions
                .map(|(page, fields)| (world.name(*page).to_owned(), fields.join(", ")))
                .collect(),
            dropped: dropped.map(|(page, at)| (world.name(*page).to_owned(), at.to_words())).collect(),
            advanced: world.advanced_access,
            human_agent: world.human_agent,
            ends: End::ALL.iter().map(|end| (end.subcode(), end.said())).collect(),
            connected: people.map(|person| (person.handle.clone(), person.name.clone())).collect(),
            events: events.collect(),
            events_total: world.events.all.len(),
            calls,
        }
    }
}
