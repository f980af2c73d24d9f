//! Webhooks and activity subscriptions: who hears of what.

use std::time::Duration;

use actix_web::http::Uri;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::XTwin;
use super::answer::Answer;
use super::api::{read_body, read_id, refusal, timestamp};
use super::events::{Subscription, Webhook};
use super::gate::{Caller, Request};
use super::journal::Change;
use super::posts::Refused;

/// How long X waits for a receiver.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many subscriptions a self-serve plan has.
const MOST_SUBSCRIPTIONS: usize = 1_500;
/// Events that only the person they are about may subscribe to, and the scope that takes.
const PRIVATE_EVENTS: [(&str, &str); 2] = [("post.mention.create", "tweet.read"), ("post.reply.create", "tweet.read")];
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
        self.challenge(&url).await.map_err(|why| Answer::invalid("", "", &format!("CrcValidationFailed: {why}")))?;
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

    /// Asks a receiver to prove that it knows the secret. The error says what it did instead.
    async fn challenge(&self, url: &str) -> Result<(), String> {
        let token = format!("{:016x}", getrandom::u64().map_err(|error| error.to_string())?);
        let ask = self.client()?.get(url).query(&[("crc_token", token.as_str()), ("nonce", token.as_str())]).send();
        let response = ask.await.map_err(|error| format!("{url} did not answer: {error}"))?;
        if response.status() != 200 {
            return Err(format!("{url} answered {}", response.status()));
        }
        let body: Value = response.json().await.map_err(|_| format!("{url} answered without JSON"))?;
        let wanted = self.signature(token.as_bytes());
        match body.get("response_token").and_then(Value::as_str) {
            Some(given) if given == wanted => Ok(()),
            _ => Err(format!("{url} answered with a wrong response_token; is the consumer secret the same?")),
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
        let mut mac = Hmac::<Sha256>::new_from_slice(self.consumer_secret().as_bytes())
            .expect("invariant: HMAC takes keys of any length");
        mac.update(bytes);
        format!("sha256={}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

/// X wants https and no port. The twin lives on one machine, so it speaks http to that machine and to no other.
fn check_address(url: &str) -> Result<(), Answer> {
    let wrong = |message: &str| Answer::invalid("url", url, message);
    if url.is_empty() || url.chars().count() > 200 {
        return Err(wrong("$.url: must have a length between 1 and 200"));
    }
    let uri: Uri = url.parse().map_err(|_| wrong("UrlValidationFailed: The url is not one."))?;
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let here = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    if uri.scheme_str() == Some("http") && here {
        Ok(())
    } else {
        Err(wrong(
            "UrlValidationFailed: This is a twin of X: it sends webhooks to http://127.0.0.1 and http://localhost only.",
        ))
    }
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
