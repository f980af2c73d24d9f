//! Webhooks and activity subscriptions: who hears of what.

use std::net::IpAddr;
use std::time::Duration;

use actix_web::http::Uri;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::answer::Answer;
use super::api::{read_body, read_id, refusal, timestamp};
use super::events::{Subscription, Webhook};
use super::gate::{Caller, Request};
use super::journal::Change;
use super::posts::Refused;
use super::{XTwin, locked};
use crate::clock::Millis;

/// How long X waits for a receiver.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often X looks whether a receiver still knows the secret, and how long it bears one that is unwell.
const CHECK_EVERY: Duration = Duration::from_secs(3600);
const BORNE: Duration = Duration::from_secs(28 * 3600);
/// How long X keeps events for a replay.
const REPLAYED: Duration = Duration::from_secs(24 * 3600);
/// How many subscriptions a self-serve plan has.
const MOST_SUBSCRIPTIONS: usize = 1_500;
/// Events that only the person they are about may subscribe to, and the scope that takes.
const PRIVATE_EVENTS: [(&str, &str); 4] = [
    ("post.mention.create", "tweet.read"),
    ("post.reply.create", "tweet.read"),
    ("dm.received", "dm.read"),
    ("dm.sent", "dm.read"),
];
const PUBLIC_EVENTS: [&str; 3] = ["post.create", "post.delete", "oauth.revoke"];

impl XTwin {
    pub(super) fn webhooks(&self) -> Answer {
        let state = self.state();
        let all: Vec<Value> = state.world.events.webhooks.values().map(webhook_value).collect();
        let count = all.len();
        Answer::ok(match count {
            0 => json!({ "meta": {"result_count": 0} }),
            _ => json!({ "data": all, "meta": {"result_count": count} }),
        })
    }

    pub(super) async fn create_webhook(&self, request: &Request) -> Result<Answer, Answer> {
        let body = read_body(request, &["url"])?;
        let url = body.get("url").and_then(Value::as_str).unwrap_or_default().to_owned();
        check_address(&url)?;
        if self.state().world.events.webhooks.values().any(|webhook| webhook.url == url) {
            return Err(Answer::invalid("", "", "DuplicateUrlFailed: There is a webhook with this url already."));
        }
        self.challenge(&url).await.map_err(|failure| {
            let (Failure::Lies(why) | Failure::Unwell(why)) = failure;
            Answer::invalid("", "", &format!("CrcValidationFailed: {why}"))
        })?;
        let now = self.now();
        let mut state = self.state();
        let id = state.world.free_id(now, None, None);
        state.accept(Change::Webhook { id, url, at: now }).map_err(|error| refusal(Refused::from(error)))?;
        let value = state.world.events.webhooks.get(&id).map(webhook_value);
        Ok(Answer::ok(json!({ "data": value })))
    }

    pub(super) async fn check_webhook(&self, id: &str) -> Result<Answer, Answer> {
        let id = read_id("webhook_id", id)?;
        let url =
            self.state().world.events.webhooks.get(&id).map(|webhook| webhook.url.clone()).ok_or_else(no_webhook)?;
        let valid = self.challenge(&url).await.is_ok();
        let change = Change::WebhookChecked { id, valid };
        self.state().accept(change).map_err(|error| refusal(Refused::from(error)))?;
        Ok(Answer::ok(json!({ "data": {"valid": valid} })))
    }

    pub(super) fn delete_webhook(&self, id: &str) -> Result<Answer, Answer> {
        let id = read_id("webhook_id", id)?;
        let mut state = self.state();
        if !state.world.events.webhooks.contains_key(&id) {
            return Err(no_webhook());
        }
        state.accept(Change::WebhookGone { id }).map_err(|error| refusal(Refused::from(error)))?;
        Ok(Answer::ok(json!({ "data": {"deleted": true} })))
    }

    pub(super) fn subscriptions(&self) -> Answer {
        let state = self.state();
        let all: Vec<Value> = state.world.events.subscriptions.values().map(subscription_value).collect();
        let count = all.len();
        Answer::ok(json!({ "data": all, "meta": {"result_count": count} }))
    }

    pub(super) fn subscribe(&self, request: &Request, caller: Caller) -> Result<Answer, Answer> {
        let body = read_body(request, &["event_type", "filter", "tag", "webhook_id"])?;
        let wrong = |message: &str| Answer::invalid("", "", message);
        let event = body.get("event_type").and_then(Value::as_str).unwrap_or_default().to_owned();
        let filter = body.get("filter").and_then(|filter| filter.get("user_id")).and_then(Value::as_str);
        let user = filter.map(|id| read_id("filter.user_id", id)).transpose()?;
        if user.is_none() && event != "oauth.revoke" {
            return Err(wrong("$.filter.user_id: is missing but it is required"));
        }
        if let Some((_, scope)) = PRIVATE_EVENTS.iter().find(|(private, _)| *private == event) {
            let theirs = caller.user().is_some() && caller.user() == user;
            if !theirs {
                return Err(Answer::forbidden("This event type needs the authorization of the user it is about."));
            }
            self.needs(caller, &[scope])?;
        } else if !PUBLIC_EVENTS.contains(&event.as_str()) {
            return Err(wrong(&format!("$.event_type: does not have a value in the enumeration: {event}")));
        }
        let tag = body.get("tag").and_then(Value::as_str).map(str::to_owned);
        if tag.as_deref().is_some_and(|tag| tag.is_empty() || tag.chars().count() > 200) {
            return Err(wrong("$.tag: must have a length between 1 and 200"));
        }
        let webhook = body.get("webhook_id").and_then(Value::as_str).map(|id| read_id("webhook_id", id)).transpose()?;
        let now = self.now();
        let mut state = self.state();
        if webhook.is_some_and(|id| !state.world.events.webhooks.contains_key(&id)) {
            return Err(no_webhook());
        }
        if state.world.events.subscriptions.len() >= MOST_SUBSCRIPTIONS {
            return Err(Answer::forbidden("You have reached the maximum number of subscriptions."));
        }
        let same = |known: &&Subscription| known.event == event && known.user == user && known.webhook == webhook;
        if state.world.events.subscriptions.values().any(|known| same(&known)) {
            return Err(Answer::plain(409, "Conflict", "DuplicateSubscriptionFailed: Subscription already exists"));
        }
        let id = state.world.free_id(now, None, None);
        let change = Change::Subscribe { id, event, user, tag, webhook, at: now };
        state.accept(change).map_err(|error| refusal(Refused::from(error)))?;
        let value = state.world.events.subscriptions.get(&id).map(subscription_value);
        let total = state.world.events.subscriptions.len();
        Ok(Answer::ok(json!({ "data": {"subscription": value}, "meta": {"total_subscriptions": total} })))
    }

    pub(super) fn unsubscribe(&self, id: &str) -> Result<Answer, Answer> {
        let id = read_id("subscription_id", id)?;
        let mut state = self.state();
        if !state.world.events.subscriptions.contains_key(&id) {
            return Err(Answer::plain(404, "Not Found", "There is no such subscription."));
        }
        state.accept(Change::Unsubscribe { id }).map_err(|error| refusal(Refused::from(error)))?;
        let total = state.world.events.subscriptions.len();
        Ok(Answer::ok(json!({ "data": {"deleted": true}, "meta": {"total_subscriptions": total} })))
    }

    /// Sends the events of a time once more: `from_date` and `to_date` are minutes, as `202611220930`.
    pub(super) fn replay(&self, request: &Request) -> Result<Answer, Answer> {
        let body = read_body(request, &["webhook_id", "from_date", "to_date"])?;
        let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
        let webhook = read_id("webhook_id", text("webhook_id"))?;
        let minute = |key: &str| {
            read_minute(text(key))
                .ok_or_else(|| Answer::invalid("", "", &format!("$.{key}: does not match ^[0-9]{{12}}$")))
        };
        let (from, to) = (minute("from_date")?, minute("to_date")?);
        let now = self.now();
        if from > to || from < now.minus(REPLAYED + Duration::from_secs(60)) {
            return Err(Answer::invalid("", "", "$.from_date: must lie before to_date and within the last 24 hours"));
        }
        let mut state = self.state();
        if !state.world.events.webhooks.contains_key(&webhook) {
            return Err(no_webhook());
        }
        let id = state.world.free_id(now, None, None);
        // Both minutes count whole.
        let change = Change::Replay { id, webhook, from, to: to.plus(Duration::from_millis(59_999)) };
        state.accept(change).map_err(|error| refusal(Refused::from(error)))?;
        drop(state);
        self.inner.wake.send_replace(());
        Ok(Answer::ok(json!({ "data": {"job_id": id.to_string(), "created_at": timestamp(now)} })))
    }

    /// Looks at every webhook now, as X does each hour: whoever lies is invalid at once, whoever is unwell after 28 hours.
    pub async fn check_webhooks(&self) {
        self.check_due_webhooks(Duration::ZERO).await;
    }

    /// Looks at the webhooks that X has not looked at for an hour.
    pub(super) async fn check_stale_webhooks(&self) {
        self.check_due_webhooks(CHECK_EVERY).await;
    }

    async fn check_due_webhooks(&self, age: Duration) {
        let now = self.now();
        let all: Vec<(u64, String, Millis)> = {
            let state = self.state();
            let all = state.world.events.webhooks.values().filter(|webhook| webhook.valid);
            all.map(|webhook| (webhook.id, webhook.url.clone(), webhook.created_at)).collect()
        };
        for (id, url, created) in all {
            let last = locked(&self.inner.checks).get(&id).map_or(created, |check| check.at);
            if now.since(last) < age {
                continue;
            }
            let failure = self.challenge(&url).await.err();
            let invalid = {
                let mut checks = locked(&self.inner.checks);
                let check = checks.entry(id).or_insert(Check { at: now, unwell_since: None });
                check.at = now;
                check.unwell_since = failure.as_ref().map(|_| check.unwell_since.unwrap_or(now));
                let long = check.unwell_since.is_some_and(|since| now.since(since) >= BORNE);
                failure.is_some_and(|failure| long || matches!(failure, Failure::Lies(_)))
            };
            if invalid && let Err(error) = self.state().accept(Change::WebhookChecked { id, valid: false }) {
                tracing::error!("The X twin cannot note that webhook {id} is invalid: {error}");
            }
        }
    }

    /// Asks a receiver to prove that it knows the secret. The error says what it did instead.
    async fn challenge(&self, url: &str) -> Result<(), Failure> {
        let unwell = |why: String| Err(Failure::Unwell(why));
        let token = format!("{:016x}", getrandom::u64().unwrap_or_default());
        let client = match self.client() {
            Ok(client) => client,
            Err(why) => return unwell(why),
        };
        let ask = client.get(url).query(&[("crc_token", token.as_str()), ("nonce", token.as_str())]).send();
        let response = match ask.await {
            Ok(response) => response,
            Err(error) => return unwell(format!("{url} did not answer: {error}")),
        };
        let status = response.status();
        if status.is_client_error() || status.is_server_error() {
            return unwell(format!("{url} answered {status}"));
        }
        if status != 200 {
            return Err(Failure::Lies(format!("{url} answered {status}")));
        }
        let body: Value = response.json().await.map_err(|_| Failure::Lies(format!("{url} answered without JSON")))?;
        let wanted = self.signature(token.as_bytes());
        match body.get("response_token").and_then(Value::as_str) {
            Some(given) if given == wanted => Ok(()),
            _ => {
                let why = format!("{url} answered with a wrong response_token; is the consumer secret the same?");
                Err(Failure::Lies(why))
            }
        }
    }

    /// The client for webhooks: it waits as long as X does, and follows nothing.
    pub(super) fn client(&self) -> Result<reqwest::Client, String> {
        if let Some(client) = self.inner.client.get() {
            return Ok(client.clone());
        }
        // Whoever installs a provider first wins; this only makes sure that there is one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client =
            reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).no_proxy();
        let client = client.build().map_err(|error| error.to_string())?;
        Ok(self.inner.client.get_or_init(|| client).clone())
    }

    /// `sha256=` and the base64 of the HMAC under the consumer secret.
    pub(super) fn signature(&self, bytes: &[u8]) -> String {
        sign(&self.consumer_secret(), bytes)
    }
}

pub(super) fn sign(secret: &str, bytes: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("invariant: HMAC takes keys of any length");
    mac.update(bytes);
    format!("sha256={}", STANDARD.encode(mac.finalize().into_bytes()))
}

/// When X last looked at a webhook, and since when it found it unwell.
pub(super) struct Check {
    at: Millis,
    unwell_since: Option<Millis>,
}

/// What is wrong with a receiver.
enum Failure {
    /// It answers, but not as somebody who knows the secret.
    Lies(String),
    /// It cannot be reached, or has trouble.
    Unwell(String),
}

/// X wants https and no port. The twin's own machine may be reached as it is.
fn check_address(url: &str) -> Result<(), Answer> {
    let wrong = |message: &str| Err(Answer::invalid("url", url, message));
    if url.is_empty() || url.chars().count() > 200 {
        return wrong("$.url: must have a length between 1 and 200");
    }
    let Ok(uri) = url.parse::<Uri>() else { return wrong("UrlValidationFailed: The url is not one.") };
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let address = host.parse::<IpAddr>().ok();
    let here = host == "localhost" || address.is_some_and(|address| address.is_loopback());
    match uri.scheme_str() {
        Some("http" | "https") if here => Ok(()),
        Some("https") if uri.port().is_some() => wrong("UrlValidationFailed: The url must not name a port."),
        Some("https") if address.is_some() => wrong("UrlValidationFailed: The url must name a host, not an address."),
        Some("https") if host.contains('.') => Ok(()),
        _ => wrong("UrlValidationFailed: The url must be an https address that everybody can reach."),
    }
}

/// `202611220930` as the beginning of that minute.
fn read_minute(text: &str) -> Option<Millis> {
    if text.len() != 12 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, month, day, hour, minute) = (&text[..4], &text[4..6], &text[6..8], &text[8..10], &text[10..]);
    Millis::parse_rfc3339(&format!("{year}-{month}-{day}T{hour}:{minute}:00Z"))
}

fn no_webhook() -> Answer {
    Answer::plain(404, "Not Found", "There is no such webhook.")
}

fn webhook_value(webhook: &Webhook) -> Value {
    json!({
        "id": webhook.id.to_string(),
        "url": webhook.url,
        "valid": webhook.valid,
        "created_at": timestamp(webhook.created_at),
    })
}

pub(super) fn filter_value(user: Option<u64>) -> Value {
    user.map_or_else(|| json!({}), |user| json!({ "user_id": user.to_string() }))
}

fn subscription_value(subscription: &Subscription) -> Value {
    let mut value = json!({
        "subscription_id": subscription.id.to_string(),
        "event_type": subscription.event,
        "filter": filter_value(subscription.user),
        "created_at": timestamp(subscription.created_at),
        "updated_at": timestamp(subscription.created_at),
    });
    if let Some(tag) = &subscription.tag {
        value["tag"] = json!(tag);
    }
    if let Some(webhook) = subscription.webhook {
        value["webhook_id"] = json!(webhook.to_string());
    }
    value
}
