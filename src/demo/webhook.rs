//! Tells the twin where to send what happens, as an administrator would tell X: over its API.
//!
//! May be repeated: what is registered already is left as it is, and webhooks of an earlier address are taken away.

use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::{ACCESS_TOKEN, ACCOUNT_ID, BEARER_TOKEN};

/// The twin asks the forum back within this time.
const PATIENCE: Duration = Duration::from_secs(15);
/// What the forum wants to hear of, and whose token may subscribe to it.
const EVENTS: [(&str, &str); 5] = [
    ("post.mention.create", ACCESS_TOKEN),
    ("post.reply.create", ACCESS_TOKEN),
    ("post.delete", BEARER_TOKEN),
    ("dm.received", ACCESS_TOKEN),
    ("dm.sent", ACCESS_TOKEN),
];

/// Registers `address` as the one webhook of the twin, with its subscriptions. The error says what was refused.
pub async fn register(twin: &str, address: &str) -> Result<(), String> {
    let client = Client::builder().timeout(PATIENCE).no_proxy().build().map_err(|error| error.to_string())?;
    let call = Caller { client, twin };
    let known = call.ask(Method::GET, "/2/webhooks", BEARER_TOKEN, None).await?;
    let mut ours = None;
    for webhook in known["data"].as_array().into_iter().flatten() {
        let id = webhook["id"].as_str().unwrap_or_default();
        let path = format!("/2/webhooks/{id}");
        if webhook["url"] == address {
            call.ask(Method::PUT, &path, BEARER_TOKEN, None).await?;
            ours = Some(id.to_owned());
        } else {
            call.ask(Method::DELETE, &path, BEARER_TOKEN, None).await?;
        }
    }
    let id = match ours {
        Some(id) => id,
        None => {
            let made = call.ask(Method::POST, "/2/webhooks", BEARER_TOKEN, Some(json!({ "url": address }))).await?;
            made["data"]["id"].as_str().ok_or("the twin named no webhook")?.to_owned()
        }
    };
    let subscribed = call.ask(Method::GET, "/2/activity/subscriptions", BEARER_TOKEN, None).await?;
    for (event, token) in EVENTS {
        let same = |one: &Value| one["event_type"] == event && one["webhook_id"] == id.as_str();
        if subscribed["data"].as_array().is_some_and(|all| all.iter().any(same)) {
            continue;
        }
        let body = json!({
            "event_type": event, "filter": {"user_id": ACCOUNT_ID.to_string()}, "tag": "answerwell demo", "webhook_id": id,
        });
        call.ask(Method::POST, "/2/activity/subscriptions", token, Some(body)).await?;
    }
    Ok(())
}

struct Caller<'a> {
    client: Client,
    twin: &'a str,
}

impl Caller<'_> {
    async fn ask(&self, method: Method, path: &str, token: &str, body: Option<Value>) -> Result<Value, String> {
        let mut request = self.client.request(method.clone(), format!("{}{path}", self.twin)).bearer_auth(token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.map_err(|error| format!("the twin does not answer: {error}"))?;
        let status = answer.status();
        let text = answer.text().await.map_err(|error| format!("the twin's answer broke off: {error}"))?;
        if !status.is_success() {
            return Err(format!("the twin answered {status} to {method} {path}: {text}"));
        }
        serde_json::from_str(&text).map_err(|_| format!("the twin answered {method} {path} without JSON"))
    }
}
