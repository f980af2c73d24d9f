//! The company on Facebook: its page on the twin, with tokens that everybody knows, and what the owner of an app does by
//! hand in Meta's dashboard.

use std::path::Path;
use std::time::Duration;

use super::{HANDLE, NAME, READ_BACK_LAG};
use crate::app::App;
use crate::bridge::Mode;
use crate::bridge::access::{self, NewAccess, Tokens};
use crate::clock::Clock;
use crate::networks::{AppKeys, Us};
use crate::posts::Origin;
use crate::secret::Secret;
use crate::sim::facebook::{Account, FIELDS, FacebookTwin, Refused, SCOPES, Settings};
use crate::topics::TopicId;

/// The company's page. A twin that runs elsewhere must have the same, and the same tokens.
pub const PAGE_ID: u64 = 104_882_159_330_417;
pub const PAGE_TOKEN: &str = "demo-page-token";
pub const APP_ID: u64 = 1_187_340_226_591_803;
pub const APP_SECRET: &str = "demo-app-secret";
/// Who has every role on the pages.
pub const OWNER: &str = "ada.owner";
const OWNER_ID: u64 = 10_158_442_903_671_126;
/// Between two tries to enter the webhook, while a side is still starting.
const TRY_EVERY: Duration = Duration::from_secs(1);
/// How long Meta's dashboard is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// The twin, in `folder`, reached at `address` (without a slash at the end).
pub fn twin(folder: &Path, address: &str, clock: Clock) -> Settings {
    Settings {
        state: folder.join("facebook.jsonl"),
        public_url: address.to_owned(),
        clock,
        page: Account { id: PAGE_ID, handle: HANDLE.to_owned(), name: NAME.to_owned() },
        owner: Account { id: OWNER_ID, handle: OWNER.to_owned(), name: "Ada Owner".to_owned() },
        page_token: PAGE_TOKEN.to_owned(),
        app_id: APP_ID,
        app_secret: APP_SECRET.to_owned(),
        require_proof: true,
        read_back_lag: READ_BACK_LAG,
    }
}

/// Opens the twin. The company's app has passed its review: it hears everybody, and its staff may answer late.
///
/// # Errors
/// The journal cannot be read or written.
pub fn open(settings: Settings) -> Result<FacebookTwin, Refused> {
    let twin = FacebookTwin::open(settings)?;
    twin.set_advanced_access(true)?;
    twin.set_human_agent(true)?;
    Ok(twin)
}

/// The company's access to the twin: what an administrator would have got from Facebook.
pub fn access(topic: Option<TopicId>) -> NewAccess {
    NewAccess { topic, ..page_access(PAGE_ID, NAME, PAGE_TOKEN.to_owned()) }
}

/// The access to a page by its token.
pub(super) fn page_access(id: u64, name: &str, token: String) -> NewAccess {
    NewAccess {
        network: Origin::Facebook,
        app: AppKeys {
            client_id: APP_ID.to_string(),
            client_secret: None,
            api_key: None,
            signing_secret: Secret::new(APP_SECRET),
            earlier_signing_secret: None,
            app_token: None,
            may_answer_late: true,
        },
        account: Us { id: id.to_string(), handle: name.to_owned() },
        tokens: Tokens { access: Secret::new(token), refresh: None, expires_at: None, scopes: SCOPES.join(" ") },
        mode: Mode::Mirror,
        topic: None,
    }
}

/// Tells the twin where the forum is now, as the owner of an app does in Meta's dashboard: until it works, since either
/// side may still be starting. Returns once Facebook is looked after with it.
pub async fn enter_webhook(app: &App, forum: &str) {
    let Ok(client) = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build() else {
        return tracing::error!("there is no client to enter Facebook's webhook with");
    };
    let mut is_told = false;
    while let Err(problem) = try_webhook(app, &client, forum).await {
        if !is_told {
            tracing::warn!("Facebook's webhook is not entered yet, and is tried again: {problem}");
        }
        is_told = true;
        tokio::time::sleep(TRY_EVERY).await;
    }
    if let Err(error) = access::look_after(app, false).await {
        tracing::warn!(%error, "the connection could not be looked at: {error}");
    }
}

async fn try_webhook(app: &App, client: &reqwest::Client, forum: &str) -> Result<(), String> {
    let Some(token) = app.bridge.hook_token(Origin::Facebook) else {
        return Err("the app has no keys for Facebook".to_owned());
    };
    let place = &app.config.facebook;
    let hook = format!("{forum}/webhooks/facebook");
    let fields = FIELDS.join(",");
    let form = [
        ("access_token", format!("{APP_ID}|{APP_SECRET}")),
        ("object", "page".to_owned()),
        ("callback_url", hook),
        ("verify_token", token),
        ("fields", fields),
    ];
    let url = format!("{}/{}/{APP_ID}/subscriptions", place.base_url, place.version);
    let answer = client.post(url).form(&form).send().await.map_err(|error| error.to_string())?;
    if answer.status().is_success() {
        return Ok(());
    }
    Err(answer.text().await.map_err(|error| error.to_string())?)
}
