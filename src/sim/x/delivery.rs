//! Sends webhook events, one after the other in order of acceptance, each once.
//!
//! X promises no second try, so a failed event stays failed; it is kept for the page. What waited when the twin ended
//! is in the journal and is sent when it runs again.

use std::collections::HashSet;
use std::sync::{Arc, Weak};
use std::time::Duration;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::events::{About, Delivery};
use super::faults::FaultKind;
use super::hooks::{filter_value, sign};
use super::journal::{Attempt, Change};
use super::posts::Post;
use super::wire::whole_post;
use super::world::World;
use super::{Inner, XTwin, locked};
use crate::sim::door::huge;

/// How often somebody looks whether webhooks are due to be looked at.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// The app's number at X.
const APP_ID: &str = "29820954";

/// Starts delivering, for as long as the twin lives. A second call changes nothing.
pub(super) fn start(twin: &XTwin) {
    let weak = Arc::downgrade(&twin.inner);
    let mut woken = twin.inner.wake.subscribe();
    let turn = Arc::clone(&twin.inner.delivering);
    tokio::spawn(async move {
        let _turn = turn.lock_owned().await;
        woken.mark_changed();
        loop {
            match tokio::time::timeout(LOOK_EVERY, woken.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return,
                Err(_) => match weak.upgrade() {
                    Some(inner) => XTwin { inner }.check_stale_webhooks().await,
                    None => return,
                },
            }
            deliver_waiting(&weak).await;
        }
    });
}

/// Sends what waits, in order; with several lanes, so many at a time.
async fn deliver_waiting(weak: &Weak<Inner>) {
    let mut from = 0;
    while let Some(twin) = weak.upgrade().map(|inner| XTwin { inner }) {
        let lanes = *locked(&twin.inner.lanes);
        let mut events = Vec::new();
        while events.len() < lanes
            && let Some(event) = twin.next_event(from)
        {
            from = event.number + 1;
            events.push(event);
        }
        if events.is_empty() {
            return;
        }
        futures_util::future::join_all(events.into_iter().map(|event| twin.deliver(event))).await;
    }
}

/// Events that are held back, and those of them that the next one is to bring along.
#[derive(Default)]
pub(super) struct Waiting {
    numbers: HashSet<usize>,
    swapped: Vec<Event>,
}

/// An event ready to be sent.
struct Event {
    number: usize,
    about: About,
    url: Option<String>,
    body: Vec<u8>,
}

impl XTwin {
    /// Whether every webhook event was sent, but for those that a fault holds back.
    pub fn is_told(&self) -> bool {
        self.next_event(0).is_none()
    }

    fn next_event(&self, from: usize) -> Option<Event> {
        let state = self.state();
        let world = &state.world;
        let mut number = world.events.next_waiting(from)?;
        while locked(&self.inner.waiting).numbers.contains(&number) {
            number = world.events.next_waiting(number + 1)?;
        }
        let delivery = world.events.deliveries.get(number)?;
        let url = world
            .events
            .webhooks
            .get(&delivery.webhook)
            .filter(|webhook| webhook.valid)
            .map(|webhook| webhook.url.clone());
        let body = self.event_value(world, delivery).to_string().into_bytes();
        Some(Event { number, about: delivery.about, url, body })
    }

    async fn deliver(&self, event: Event) {
        let fault = event.url.as_deref().and_then(|url| locked(&self.inner.faults).take_for_event(url));
        match fault.as_ref().map(|fault| fault.kind) {
            Some(FaultKind::WebhookSwapped) => {
                let mut waiting = locked(&self.inner.waiting);
                waiting.numbers.insert(event.number);
                waiting.swapped.push(event);
                return;
            }
            Some(FaultKind::WebhookLate) => {
                locked(&self.inner.waiting).numbers.insert(event.number);
                let (weak, late) = (Arc::downgrade(&self.inner), fault.and_then(|fault| fault.seconds).unwrap_or(5));
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_secs(late)).await;
                    if let Some(twin) = weak.upgrade().map(|inner| XTwin { inner }) {
                        twin.deliver_now(&event, None).await;
                    }
                });
                return;
            }
            kind => self.deliver_now(&event, kind).await,
        }
        let passed = std::mem::take(&mut locked(&self.inner.waiting).swapped);
        for event in passed {
            self.deliver_now(&event, None).await;
        }
    }

    async fn deliver_now(&self, event: &Event, fault: Option<FaultKind>) {
        let result = self.attempt(event, fault).await;
        if matches!(result, Attempt::Answered { .. }) {
            self.charge_event(event.about);
        }
        let change = Change::Attempt { delivery: event.number, result, at: self.now() };
        if let Err(error) = self.state().accept_lazily(change) {
            tracing::error!("The X twin cannot note that webhook event {} was sent: {error}", event.number);
        }
        locked(&self.inner.waiting).numbers.remove(&event.number);
    }

    /// How many events are under way at the same time. One keeps them in order, as long as the receiver answers.
    pub fn deliver_in_lanes(&self, lanes: usize) {
        *locked(&self.inner.lanes) = lanes.max(1);
    }

    async fn attempt(&self, event: &Event, fault: Option<FaultKind>) -> Attempt {
        let Some(url) = &event.url else {
            return Attempt::Skipped { why: "the webhook is gone or invalid".to_owned() };
        };
        match fault {
            Some(FaultKind::WebhookOff) => return Attempt::Skipped { why: "fault: webhook_off".to_owned() },
            Some(FaultKind::DuplicateWebhook) => {
                drop(self.send(url, event.body.clone(), &self.signature(&event.body)).await)
            }
            Some(FaultKind::OldSignature) => {
                let signature = sign(&self.earlier_secret(), &event.body);
                return self.send(url, event.body.clone(), &signature).await;
            }
            Some(FaultKind::ForeignWebhook) => {
                let foreign = foreign(&event.body);
                let signature = self.signature(&foreign);
                self.send(url, foreign, &signature).await;
            }
            Some(FaultKind::HugeWebhook) => {
                self.send(url, reqwest::Body::wrap_stream(huge()), &self.signature(b"")).await;
            }
            _ => {}
        }
        self.send(url, event.body.clone(), &self.signature(&event.body)).await
    }

    /// The secret before the present one. One that was never replaced had some other before the twin knew of it.
    fn earlier_secret(&self) -> String {
        let state = self.state();
        match state.world.secrets.as_slice() {
            [] => format!("before {}", self.settings().consumer_secret),
            [_] => self.settings().consumer_secret.clone(),
            [.., earlier, _] => earlier.clone(),
        }
    }

    async fn send(&self, url: &str, body: impl Into<reqwest::Body>, signature: &str) -> Attempt {
        let client = match self.client() {
            Ok(client) => client,
            Err(why) => return Attempt::Failed { why },
        };
        let request = client.post(url).header("content-type", "application/json");
        match request.header("x-twitter-webhooks-signature", signature).body(body).send().await {
            Ok(response) => Attempt::Answered { status: response.status().as_u16() },
            Err(error) => Attempt::Failed { why: error.to_string() },
        }
    }

    /// The envelope with the post as it is now.
    fn event_value(&self, world: &World, delivery: &Delivery) -> Value {
        let mut data = json!({
            "event_uuid": event_id(delivery),
            "filter": filter_value(delivery.user),
            "event_type": delivery.event,
        });
        if let Some(tag) = &delivery.tag {
            data["tag"] = json!(tag);
        }
        match delivery.about {
            About::Revoked { user, at } => {
                let date_time = at.to_rfc3339().replace('Z', "+00:00");
                data["payload"] = json!({"date_time": date_time, "user_id": user.to_string(), "app_id": APP_ID});
            }
            About::Message(id) => {
                data["payload"] = self.message_payload(world, id);
            }
            About::Post(id) | About::Deleted { post: id, .. } => {
                let (payload, includes) = match world.posts.get(&id) {
                    Some(post) => self.post_payload(world, delivery, post),
                    None => (json!({}), json!({})),
                };
                data["payload"] = payload;
                data["includes"] = includes;
            }
        }
        json!({ "data": with_strings(data) })
    }

    fn post_payload(&self, world: &World, delivery: &Delivery, post: &Post) -> (Value, Value) {
        if delivery.event == "post.delete" {
            let user = world.users.get(&post.author).map(|user| self.whole_user(world, user));
            let payload = json!({"id": post.id.to_string(), "author_id": post.author.to_string()});
            return (payload, json!({"users": [{"data": user}]}));
        }
        let mut whole = whole_post(world, post);
        if let Some(parent) = post.parent {
            whole.insert("in_reply_to_tweet_id".to_owned(), json!(parent.to_string()));
        }
        let whole = Value::Object(whole);
        if delivery.event == "post.reply.create" {
            return (whole, json!({}));
        }
        let people = [Some(post.author), delivery.user].into_iter().flatten().filter_map(|id| world.users.get(&id));
        let people: Vec<_> = people.map(|user| self.whole_user(world, user)).collect();
        let includes = json!({"users": people, "tweets": [whole]});
        (whole, includes)
    }
}

/// The same event about an account that nobody here has.
fn foreign(body: &[u8]) -> Vec<u8> {
    let mut value: Value = serde_json::from_slice(body).unwrap_or_default();
    value["data"]["filter"]["user_id"] = json!("9000000000000000009");
    value["data"]["event_uuid"] = json!("9000000000000000001");
    value.to_string().into_bytes()
}

/// A mention's event has the id of its post, as X's have; others get one made of what they are about.
fn event_id(delivery: &Delivery) -> String {
    let about = delivery.about;
    if let (About::Post(post), "post.mention.create") = (about, delivery.event.as_str()) {
        return post.to_string();
    }
    let digest = Sha256::digest(format!("{} {} {about:?}", delivery.subscription, delivery.event));
    let number = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    (number >> 2).to_string()
}

/// Webhooks carry every number a second time as text: `"start": 4, "start_str": "4"`.
fn with_strings(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut doubled = Map::new();
            for (key, field) in map {
                let text = field.is_number().then(|| (format!("{key}_str"), json!(field.to_string())));
                doubled.insert(key, with_strings(field));
                doubled.extend(text);
            }
            Value::Object(doubled)
        }
        Value::Array(list) => Value::Array(list.into_iter().map(with_strings).collect()),
        other => other,
    }
}
