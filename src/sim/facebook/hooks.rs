//! Who hears of what: the app's webhook, and the pages whose events it gets.

use std::net::IpAddr;
use std::time::Duration;

use actix_web::http::Uri;
use futures_util::TryStreamExt;
use serde_json::{Value, json};

use super::answer::Answer;
use super::events::FIELDS;
use super::gate::{Caller, Request, Who};
use super::grants::random;
use super::journal::Change;
use super::people::Task;
use super::wire::APP_NAME;
use super::{FacebookTwin, Refused};

/// How long Meta waits for a receiver.
const PATIENCE: Duration = Duration::from_secs(20);
/// The largest answer to a challenge, and the largest picture, that is read.
const LARGEST_ANSWER: usize = 4_096;
const LARGEST_PICTURE: usize = 10 << 20;

impl FacebookTwin {
    /// Registers the app's webhook for pages, as its owner does in Meta's dashboard: the receiver must answer the
    /// challenge. `fields` are Meta's words, such as [`FIELDS`].
    ///
    /// # Errors
    /// The address is none that Meta takes, the receiver does not answer as it must, a field is unknown, or the journal
    /// cannot be written.
    pub async fn set_webhook(&self, url: &str, verify_token: &str, fields: &[&str]) -> Result<(), Refused> {
        check_address(url).map_err(Refused::BadWebhook)?;
        if let Some(unknown) = fields.iter().find(|field| !is_field(field)) {
            return Err(Refused::BadWebhook(format!("There is no field {unknown:?}.")));
        }
        self.challenge(url, verify_token).await.map_err(Refused::BadWebhook)?;
        let fields = fields.iter().map(|field| (*field).to_owned()).collect();
        let (url, verify_token) = (url.to_owned(), verify_token.to_owned());
        self.accept(Change::Webhook { url, verify_token, fields, at: self.now() })
    }

    /// The fields that the app hears of the company's page; empty without a subscription.
    pub fn subscribed(&self) -> Vec<String> {
        self.state().world.events.subscriptions.get(&self.settings().page.id).cloned().unwrap_or_default()
    }

    /// Ends the subscription of the company's page, as Meta does without telling anybody.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn drop_subscription(&self) -> Result<(), Refused> {
        self.accept(Change::Unsubscribe { page: self.settings().page.id, at: self.now() })
    }

    /// `GET /{app}/subscriptions`.
    pub(super) fn app_subscriptions(&self, caller: &Caller, id: &str) -> Result<Answer, Answer> {
        self.own_app(caller, id)?;
        let state = self.state();
        let webhook = state.world.events.webhook.as_ref().map(|webhook| {
            let fields = webhook.fields.iter().map(|field| json!({"name": field, "version": "v25.0"}));
            let fields: Vec<Value> = fields.collect();
            json!({"object": "page", "callback_url": webhook.url, "active": true, "fields": fields})
        });
        Ok(Answer::ok(json!({ "data": webhook.into_iter().collect::<Vec<_>>() })))
    }

    /// `POST /{app}/subscriptions`.
    pub(super) async fn subscribe_app(&self, request: &Request, caller: &Caller, id: &str) -> Result<Answer, Answer> {
        self.own_app(caller, id)?;
        if request.text("object") != "page" {
            return Err(Answer::invalid("Param object must be page on this twin"));
        }
        let fields = list_of(request, "fields");
        if fields.is_empty() {
            return Err(Answer::invalid("The parameter fields is required"));
        }
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        self.set_webhook(request.text("callback_url"), request.text("verify_token"), &fields).await?;
        Ok(Answer::success())
    }

    /// `DELETE /{app}/subscriptions`.
    pub(super) fn unsubscribe_app(&self, caller: &Caller, id: &str) -> Result<Answer, Answer> {
        self.own_app(caller, id)?;
        self.accept(Change::WebhookGone)?;
        Ok(Answer::success())
    }

    fn own_app(&self, caller: &Caller, id: &str) -> Result<(), Answer> {
        if caller.who != Who::App {
            let said = "This method must be called with an app access_token.";
            return Err(Answer::error(400, "OAuthException", 15, None, &format!("(#15) {said}")));
        }
        if id == self.settings().app_id.to_string() { Ok(()) } else { Err(Answer::missing(id)) }
    }

    /// `GET /{page}/subscribed_apps`.
    pub(super) fn subscribed_apps(&self, caller: &Caller, id: &str) -> Result<Answer, Answer> {
        let page = self.subscribable(caller, id)?;
        let state = self.state();
        let ours = state.world.events.subscriptions.get(&page).map(|fields| {
            let link = format!("{}/", self.settings().public_url);
            let id = self.settings().app_id.to_string();
            json!({"link": link, "name": APP_NAME, "id": id, "subscribed_fields": fields})
        });
        Ok(Answer::ok(json!({ "data": ours.into_iter().collect::<Vec<_>>() })))
    }

    /// `POST /{page}/subscribed_apps`.
    pub(super) fn subscribe_page(&self, request: &Request, caller: &Caller, id: &str) -> Result<Answer, Answer> {
        let page = self.subscribable(caller, id)?;
        let fields = list_of(request, "subscribed_fields");
        if fields.is_empty() {
            return Err(Answer::invalid("The parameter subscribed_fields is required"));
        }
        if let Some((at, unknown)) = fields.iter().enumerate().find(|(_, field)| !is_field(field)) {
            let said =
                format!("Param subscribed_fields[{at}] must be one of {{{}}} - got \"{unknown}\".", FIELDS.join(", "));
            return Err(Answer::invalid(&said));
        }
        if let Some(field) = fields.iter().find(|field| field.starts_with("messag"))
            && caller.needs("pages_messaging").is_err()
        {
            let said = format!(
                "To subscribe to the {field} field, one of these permissions is needed: pages_messaging. At least one \
                 of the subscribed_fields you are subscribing to requires it."
            );
            return Err(Answer::not_permitted(200, &said));
        }
        self.accept(Change::Subscribe { page, fields, at: self.now() })?;
        Ok(Answer::success())
    }

    /// `DELETE /{page}/subscribed_apps`.
    pub(super) fn unsubscribe_page(&self, caller: &Caller, id: &str) -> Result<Answer, Answer> {
        let page = self.subscribable(caller, id)?;
        self.accept(Change::Unsubscribe { page, at: self.now() })?;
        Ok(Answer::success())
    }

    /// The page, if this token may say what is heard of it.
    fn subscribable(&self, caller: &Caller, id: &str) -> Result<u64, Answer> {
        let (page, person) = caller.page()?;
        if id.parse() != Ok(page) {
            return Err(Answer::missing(id));
        }
        if caller.needs("pages_manage_metadata").is_err() {
            let said = "To subscribe to this Page, one of these permissions is needed: pages_manage_metadata.";
            return Err(Answer::not_permitted(200, said));
        }
        self.needs_task(page, person, &[Task::Moderate, Task::Manage, Task::CreateContent])?;
        Ok(page)
    }

    /// Asks a receiver to prove that it was told the word. The error says what it did instead.
    async fn challenge(&self, url: &str, verify_token: &str) -> Result<(), String> {
        let challenge: String = random(12).bytes().map(|byte| char::from(b'0' + byte % 10)).take(10).collect();
        let query =
            [("hub.mode", "subscribe"), ("hub.challenge", challenge.as_str()), ("hub.verify_token", verify_token)];
        let response = self.client()?.get(url).query(&query).send().await.map_err(|error| error.to_string())?;
        let status = response.status();
        if status != 200 {
            return Err(format!(
                "HTTP Status Code = {}; HTTP Message = {}",
                status.as_u16(),
                status.canonical_reason().unwrap_or_default()
            ));
        }
        let body = read_at_most(response, LARGEST_ANSWER).await?;
        if body == challenge.as_bytes() {
            return Ok(());
        }
        Err("The URL couldn't be validated. Response does not match challenge.".to_owned())
    }

    /// The client for webhooks and pictures: it waits as long as Meta does, and follows nothing.
    pub(super) fn client(&self) -> Result<reqwest::Client, String> {
        if let Some(client) = self.inner.client.get() {
            return Ok(client.clone());
        }
        // Whoever installs a provider first wins; this only makes sure that there is one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client =
            reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).no_proxy();
        let client = client.user_agent("facebookexternalua").build().map_err(|error| error.to_string())?;
        Ok(self.inner.client.get_or_init(|| client).clone())
    }

    /// A picture that an app says lies there.
    pub(super) async fn fetch(&self, url: &str) -> Result<Vec<u8>, String> {
        let response = self.client()?.get(url).send().await.map_err(|error| error.to_string())?;
        let response = response.error_for_status().map_err(|error| error.to_string())?;
        read_at_most(response, LARGEST_PICTURE).await
    }
}

async fn read_at_most(response: reqwest::Response, most: usize) -> Result<Vec<u8>, String> {
    let mut pieces = response.bytes_stream();
    let mut body = Vec::new();
    while let Some(piece) = pieces.try_next().await.map_err(|error| error.to_string())? {
        body.extend_from_slice(&piece);
        if body.len() > most {
            return Err("The answer is too large.".to_owned());
        }
    }
    Ok(body)
}

/// A list with commas, or a JSON list.
fn list_of(request: &Request, name: &str) -> Vec<String> {
    if let Some(list) = request.json(name).as_ref().and_then(Value::as_array) {
        return list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    }
    let words = request.text(name).split(',').map(str::trim);
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Fields that the twin tells of, and others that Meta has and that may be asked for.
fn is_field(field: &str) -> bool {
    let silent =
        ["messaging_postbacks", "message_reactions", "messaging_referrals", "messaging_optins", "ratings", "name"];
    FIELDS.contains(&field) || silent.contains(&field)
}

/// Meta wants https. The twin's own machine may be reached as it is.
fn check_address(url: &str) -> Result<(), String> {
    let Ok(uri) = url.parse::<Uri>() else { return Err("The URL is not one.".to_owned()) };
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    match uri.scheme_str() {
        Some("http" | "https") if here => Ok(()),
        Some("https") if host.contains('.') => Ok(()),
        _ => Err("The URL must be an https address that everybody can reach.".to_owned()),
    }
}
