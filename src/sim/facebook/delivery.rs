//! Sends webhook events: what waits together goes in one body, in order; what fails comes again.
//!
//! What waited when the twin ended is in the journal and is sent when it runs again.

use std::collections::HashSet;
use std::sync::{Arc, Weak};
use std::time::Duration;

use serde_json::{Value, json};

use super::events::{Attempt, Event};
use super::gate::hex_hmac;
use super::journal::Change;
use super::told::seconds;
use super::{FacebookTwin, Inner, locked};
use crate::sim::door::huge;
use crate::sim::faults::FaultKind;

/// How often somebody looks whether a second try is due: the twin's clock does not say that it was moved.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// The same, if nothing waits.
const REST: Duration = Duration::from_secs(60);
/// How many events go into one body, as long as nobody says otherwise. Meta sends up to 1,000.
const USUAL_BATCH: usize = 25;

/// Starts delivering, for as long as the twin lives. A second call changes nothing.
pub(super) fn start(twin: &FacebookTwin) {
    let weak = Arc::downgrade(&twin.inner);
    let mut woken = twin.inner.wake.subscribe();
    let turn = Arc::clone(&twin.inner.delivering);
    tokio::spawn(async move {
        let _turn = turn.lock_owned().await;
        woken.mark_changed();
        loop {
            let Some(rest) = weak.upgrade().map(|inner| FacebookTwin { inner }.rest()) else { return };
            if let Ok(Err(_)) = tokio::time::timeout(rest, woken.changed()).await {
                return;
            }
            deliver_due(&weak).await;
        }
    });
}

async fn deliver_due(weak: &Weak<Inner>) {
    while let Some(twin) = weak.upgrade().map(|inner| FacebookTwin { inner }) {
        let Some(batch) = twin.next_batch() else { return };
        twin.deliver(batch).await;
    }
}

/// Events that are held back, and bodies that the next one is to bring along.
pub(super) struct Waiting {
    numbers: HashSet<usize>,
    swapped: Vec<Batch>,
    most: usize,
    paused: bool,
}

impl Default for Waiting {
    fn default() -> Self {
        Self { numbers: HashSet::new(), swapped: Vec::new(), most: USUAL_BATCH, paused: false }
    }
}

/// Events that go out in one body.
struct Batch {
    numbers: Vec<usize>,
    url: Option<String>,
    body: Vec<u8>,
}

impl FacebookTwin {
    /// Whether every webhook event that is due was sent, but for those that a fault holds back.
    pub fn is_told(&self) -> bool {
        let now = self.now();
        let held = locked(&self.inner.waiting).numbers.clone();
        let state = self.state();
        let mut waiting = state.world.events.waiting().filter(|(number, _)| !held.contains(number));
        waiting.all(|(_, event)| event.due.is_some_and(|due| due > now))
    }

    /// How many events go into one body at most. One keeps them apart.
    pub fn deliver_in_batches(&self, most: usize) {
        locked(&self.inner.waiting).most = most.max(1);
    }

    /// Holds all webhook events back, or lets them go: what gathered goes together.
    pub fn pause_webhooks(&self, paused: bool) {
        locked(&self.inner.waiting).paused = paused;
        self.inner.wake.send_replace(());
    }

    fn rest(&self) -> Duration {
        if self.state().world.events.waiting().next().is_some() { LOOK_EVERY } else { REST }
    }

    fn next_batch(&self) -> Option<Batch> {
        let now = self.now();
        let waiting = locked(&self.inner.waiting);
        if waiting.paused {
            return None;
        }
        let state = self.state();
        let events = &state.world.events;
        let due = events
            .waiting()
            .filter(|(number, event)| event.due.is_some_and(|due| due <= now) && !waiting.numbers.contains(number));
        let due: Vec<(usize, &Event)> = due.take(waiting.most).collect();
        if due.is_empty() {
            return None;
        }
        let url = events.webhook.as_ref().map(|webhook| webhook.url.clone());
        let entries = entries(due.iter().map(|(_, event)| *event));
        let body = escaped(&json!({"object": "page", "entry": entries}));
        Some(Batch { numbers: due.into_iter().map(|(number, _)| number).collect(), url, body })
    }

    async fn deliver(&self, batch: Batch) {
        let fault = batch.url.as_deref().and_then(|url| locked(&self.inner.faults).take_for_event(url));
        match fault.as_ref().map(|fault| fault.kind) {
            Some(FaultKind::WebhookSwapped) => {
                let mut waiting = locked(&self.inner.waiting);
                waiting.numbers.extend(&batch.numbers);
                waiting.swapped.push(batch);
                return;
            }
            Some(FaultKind::WebhookLate) => {
                locked(&self.inner.waiting).numbers.extend(&batch.numbers);
                let (weak, late) = (Arc::downgrade(&self.inner), fault.and_then(|fault| fault.seconds).unwrap_or(5));
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_secs(late)).await;
                    if let Some(twin) = weak.upgrade().map(|inner| FacebookTwin { inner }) {
                        twin.deliver_now(&batch, None).await;
                    }
                });
                return;
            }
            kind => self.deliver_now(&batch, kind).await,
        }
        let passed = std::mem::take(&mut locked(&self.inner.waiting).swapped);
        for batch in passed {
            self.deliver_now(&batch, None).await;
        }
    }

    async fn deliver_now(&self, batch: &Batch, fault: Option<FaultKind>) {
        let result = self.attempt(batch, fault).await;
        let change = Change::Attempt { events: batch.numbers.clone(), result, at: self.now() };
        if let Err(error) = self.state().accept_lazily(change) {
            tracing::error!("The Facebook twin cannot note that webhook events were sent: {error}");
        }
        let mut waiting = locked(&self.inner.waiting);
        waiting.numbers.retain(|number| !batch.numbers.contains(number));
    }

    async fn attempt(&self, batch: &Batch, fault: Option<FaultKind>) -> Attempt {
        let Some(url) = &batch.url else { return Attempt::Skipped { why: "the webhook is gone".to_owned() } };
        match fault {
            Some(FaultKind::WebhookOff) => return Attempt::Skipped { why: "fault: webhook_off".to_owned() },
            Some(FaultKind::DuplicateWebhook) => {
                drop(self.send(url, batch.body.clone(), &self.signature(&batch.body)).await);
            }
            Some(FaultKind::OldSignature) => {
                let signature = format!("sha256={}", hex_hmac(&self.earlier_secret(), &batch.body));
                return self.send(url, batch.body.clone(), &signature).await;
            }
            Some(FaultKind::ForeignWebhook) => {
                let foreign = foreign(&batch.body);
                let signature = self.signature(&foreign);
                self.send(url, foreign, &signature).await;
            }
            Some(FaultKind::HugeWebhook) => {
                self.send(url, reqwest::Body::wrap_stream(huge()), &self.signature(b"")).await;
            }
            _ => {}
        }
        self.send(url, batch.body.clone(), &self.signature(&batch.body)).await
    }

    fn signature(&self, bytes: &[u8]) -> String {
        format!("sha256={}", hex_hmac(&self.app_secret(), bytes))
    }

    /// The secret before the present one. One that was never replaced had some other before the twin knew of it.
    fn earlier_secret(&self) -> String {
        let state = self.state();
        match state.world.secrets.as_slice() {
            [] => format!("before {}", self.settings().app_secret),
            [_] => self.settings().app_secret.clone(),
            [.., earlier, _] => earlier.clone(),
        }
    }

    async fn send(&self, url: &str, body: impl Into<reqwest::Body>, signature: &str) -> Attempt {
        let client = match self.client() {
            Ok(client) => client,
            Err(why) => return Attempt::Failed { why },
        };
        let request = client.post(url).header("content-type", "application/json");
        match request.header("x-hub-signature-256", signature).body(body).send().await {
            Ok(response) => Attempt::Answered { status: response.status().as_u16() },
            Err(error) => Attempt::Failed { why: error.to_string() },
        }
    }
}

/// The events as Meta packs them: what happened to a page within one second shares an entry; messages have one each.
fn entries<'a>(events: impl Iterator<Item = &'a Event>) -> Vec<Value> {
    let mut entries: Vec<Value> = Vec::new();
    for event in events {
        let page = event.page.to_string();
        if event.is_message() {
            entries.push(json!({"id": page, "time": event.at.0, "messaging": [event.value]}));
            continue;
        }
        let change = json!({"field": event.field, "value": event.value});
        let time = json!(seconds(event.at));
        let last = entries.last_mut().filter(|last| last["id"] == page.as_str() && last["time"] == time);
        match last.and_then(|last| last.get_mut("changes")).and_then(Value::as_array_mut) {
            Some(changes) => changes.push(change),
            None => entries.push(json!({"id": page, "time": time, "changes": [change]})),
        }
    }
    entries
}

/// The same events of a page that nobody here has.
fn foreign(body: &[u8]) -> Vec<u8> {
    let mut value: Value = serde_json::from_slice(body).unwrap_or_default();
    for entry in value.get_mut("entry").and_then(Value::as_array_mut).into_iter().flatten() {
        entry["id"] = json!("900000000000009");
    }
    escaped(&value)
}

/// JSON as Meta writes it, and signs it: everything beyond ASCII as `\uXXXX` in small letters, slashes with a backslash.
pub(super) fn escaped(value: &Value) -> Vec<u8> {
    use std::fmt::Write;
    let plain = value.to_string();
    let mut text = String::with_capacity(plain.len());
    for c in plain.chars() {
        match c {
            '/' => text.push_str("\\/"),
            c if c.is_ascii() => text.push(c),
            c => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    // Writing into a String cannot fail.
                    let _ = write!(text, "\\u{unit:04x}");
                }
            }
        }
    }
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_ascii_is_escaped_as_meta_does() {
        let value = json!({"text": "¿Cómo? 😀 a/b \"q\""});
        let written = String::from_utf8(escaped(&value)).unwrap();
        assert_eq!(written, r#"{"text":"\u00bfC\u00f3mo? \ud83d\ude00 a\/b \"q\""}"#);
        assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), value);
    }
}
