//! Tells the twin where to send what happens, as an administrator would tell X: over its API.
//!
//! May be repeated: what is registered already is left as it is, and webhooks of an earlier address are taken away.

use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::{ACCESS_TOKEN, ACCOUNT_ID, BEARER_TOKEN};

/// The twin asks the forum back within this time.
const PATIENCE: Duration = Duration::from_secs(15);
/// What the forum wants to hear of an account, with that account's own token.
const PRIVATE_EVENTS: [&str; 4] = ["post.mention.create", "post.reply.create", "dm.received", "dm.sent"];
/// What the app's token may subscribe to.
const PUBLIC_EVENTS: [&str; 1] = ["post.delete"];

/// An account of ours that hears of what concerns it.
pub struct Subscriber {
    /// The account's id.
    pub account: String,
    /// Its own token.
    pub token: String,
    /// Whether it hears of its own posts, too: what colleagues write in X's app, at once.
    pub own_posts: bool,
}

/// The company of the demo.
pub fn company() -> Subscriber {
    Subscriber { account: ACCOUNT_ID.to_string(), token: ACCESS_TOKEN.to_owned(), own_posts: false }
}

/// Registers `address` as the one webhook of the twin, with the subscriptions of these accounts. The error says what was
/// refused.
pub async fn register(twin: &str, address: &str, subscribers: &[Subscriber]) -> Result<(), String> {
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
        None => call.make_webhook(address).await?,
    };
    let subscribed = call.ask(Method::GET, "/2/activity/subscriptions", BEARER_TOKEN, None).await?;
    for Subscriber { account, token, own_posts } in subscribers {
        let public = PUBLIC_EVENTS.into_iter().chain(own_posts.then_some("post.create"));
        let events = PRIVATE_EVENTS.map(|event| (event, token.as_str())).into_iter();
        for (event, token) in events.chain(public.map(|event| (event, BEARER_TOKEN))) {
            let same = |one: &Value| {
                one["event_type"] == event
                    && one["webhook_id"] == id.as_str()
                    && one["filter"]["user_id"] == account.as_str()
            };
            if subscribed["data"].as_array().is_some_and(|all| all.iter().any(same)) {
                continue;
            }
            let body = json!({
                "event_type": event, "filter": {"user_id": account}, "tag": "answerwell demo", "webhook_id": id,
            });
            if let Err(why) = call.ask(Method::POST, "/2/activity/subscriptions", token, Some(body)).await {
                // The forum looks after its own at the same moment: what it made is as good.
                let now = call.ask(Method::GET, "/2/activity/subscriptions", BEARER_TOKEN, None).await?;
                if !now["data"].as_array().is_some_and(|all| all.iter().any(same)) {
                    return Err(why);
                }
            }
        }
    }
    Ok(())
}

struct Caller<'a> {
    client: Client,
    twin: &'a str,
}

impl Caller<'_> {
    /// The id of the webhook for this address: made now, or by the forum itself a moment ago.
    async fn make_webhook(&self, address: &str) -> Result<String, String> {
        let made = self.ask(Method::POST, "/2/webhooks", BEARER_TOKEN, Some(json!({ "url": address }))).await;
        let id = match made {
            Ok(made) => made["data"]["id"].as_str().map(str::to_owned),
            Err(why) => {
                let known = self.ask(Method::GET, "/2/webhooks", BEARER_TOKEN, None).await?;
                let same = known["data"].as_array().into_iter().flatten().find(|one| one["url"] == address);
                Some(same.and_then(|one| one["id"].as_str()).ok_or(why)?.to_owned())
            }
        };
        id.ok_or_else(|| "the twin named no webhook".to_owned())
    }

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
