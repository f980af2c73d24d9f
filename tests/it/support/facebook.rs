//! The whole loop on Facebook: an app whose page is connected to a twin of Facebook over real HTTP, both with their
//! background work, the webhook entered at the twin as its owner would.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use answerwell::app::App;
use answerwell::bridge::access::{self, NewAccess, Tokens};
use answerwell::bridge::{Mode, WaitingRow, list_waiting};
use answerwell::clock::Clock;
use answerwell::config::{Config, FacebookPlace};
use answerwell::jobs::Jobs;
use answerwell::networks::{AppKeys, Us};
use answerwell::posts::Origin;
use answerwell::secret::Secret;
use answerwell::sim::facebook::{Account, FIELDS, FacebookTwin, ItemView, SCOPES, Settings, With};
use tempfile::TempDir;

use super::{TestApp, eventually};

pub const PAGE: u64 = 900_000_000_000_001;
const APP: u64 = 1_234_567_890_123_456;
const SECRET: &str = "app-secret";
const PAGE_TOKEN: &str = "page-token";

/// An app and a twin of Facebook that speak to each other. What a `TestApp` can do, it can. Dropping it ends both.
pub struct FacebookLoop {
    app: TestApp,
    pub twin: FacebookTwin,
    /// Of the twin, without a trailing slash.
    pub twin_address: String,
    server: ServerHandle,
    _jobs: Option<Jobs>,
    _folder: TempDir,
}

impl std::ops::Deref for FacebookLoop {
    type Target = TestApp;
    fn deref(&self) -> &TestApp {
        &self.app
    }
}

impl FacebookLoop {
    /// What arrives is public at once; the twin shows its own comments at once.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// With settings changed before anything sees them.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_on(Clock::Real, change).await
    }

    /// On one clock for both sides; a fixed one is moved by the test.
    pub async fn start_on(clock: Clock, change: impl FnOnce(&mut Config)) -> Self {
        Self::start_all(clock, change, Some(access())).await
    }

    /// Both sides, and nothing connects them: the app does not even have keys.
    pub async fn start_apart(clock: Clock) -> Self {
        Self::start_all(clock, |_| {}, None).await
    }

    /// Without workers, and on a clock that forum and twin share: the test drives both.
    pub async fn start_still(clock: Clock, settings: impl FnOnce(&mut Config)) -> Self {
        Self::start_idle(clock, settings, Some(access())).await
    }

    async fn start_all(clock: Clock, settings: impl FnOnce(&mut Config), access: Option<NewAccess>) -> Self {
        let mut ends = Self::start_idle(clock, settings, access).await;
        ends._jobs = Some(App::start(&ends.app.app));
        ends
    }

    async fn start_idle(clock: Clock, settings: impl FnOnce(&mut Config), access: Option<NewAccess>) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let twin_address = format!("http://{}", listener.local_addr().expect("a bound port"));
        let twin = FacebookTwin::open(Settings {
            state: folder.path().join("facebook.jsonl"),
            public_url: twin_address.clone(),
            clock: clock.clone(),
            page: Account { id: PAGE, handle: "acme".to_owned(), name: "Acme".to_owned() },
            owner: Account { id: 700_000_000_000_001, handle: "ada".to_owned(), name: "Ada Owner".to_owned() },
            page_token: PAGE_TOKEN.to_owned(),
            app_id: APP,
            app_secret: SECRET.to_owned(),
            require_proof: true,
            read_back_lag: Duration::ZERO,
        })
        .expect("a twin on an empty journal");
        twin.set_advanced_access(true).expect("a reviewed app");
        twin.raise_limits(1_000);
        let served = twin.serve(listener).expect("a server on the bound port");
        let server = served.handle();
        tokio::spawn(served);
        let app = TestApp::start_with(clock, |config| {
            config.facebook = FacebookPlace::twin(&twin_address);
            settings(config);
        })
        .await;
        let ends = Self { app, twin, twin_address, server, _jobs: None, _folder: folder };
        if let Some(access) = access {
            access::connect(&ends.app.app, access).await.expect("a page that is connected");
            ends.enter_webhook().await;
            access::upkeep_step(&ends.app.app).await.expect("subscriptions");
        }
        ends
    }

    /// What the owner of the app does in Meta's dashboard: address, verify token and fields.
    pub async fn enter_webhook(&self) {
        let hook = format!("{}/webhooks/facebook", self.address);
        let token = self.app.app.bridge.hook_token(Origin::Facebook).expect("a token to enter");
        self.twin.set_webhook(&hook, &token, &FIELDS).await.expect("a webhook that Meta finds in order");
    }

    /// Somebody writes on the page: a post of their own, or a comment on one or on a comment. Who is not known there yet is
    /// made. Returns its id.
    pub fn says(&self, handle: &str, text: &str, on: Option<&str>) -> String {
        self.twin.person(handle, handle).expect("a handle");
        match on {
            Some(on) => self.twin.comment(handle, on, text, With::default()),
            None => self.twin.post(handle, "acme", text, With::default()),
        }
        .expect("words that Facebook takes")
    }

    /// Somebody writes on the page, and the desk knows of it. Returns the ids of the post and of the question it became.
    pub async fn asks(&self, handle: &str, text: &str) -> (String, i64) {
        let post = self.says(handle, text, None);
        let question = self.waiting_for(text).await.question_id;
        (post, question)
    }

    /// The row of the desk for these words, once they are the newest of their thread.
    pub async fn waiting_for(&self, text: &str) -> WaitingRow {
        let mut found = None;
        eventually("the words wait on the desk", async || {
            let rows = self.db().read(|conn| list_waiting(conn, None, 200)).await.expect("the list of the desk");
            found = rows.into_iter().find(|row| row.text.contains(text));
            found.is_some()
        })
        .await;
        found.expect("found a moment ago")
    }

    /// Waits until the twin holds this many comments of ours under a post or comment, and returns them.
    pub async fn replies(&self, id: &str, count: usize) -> Vec<ItemView> {
        eventually("the comment stands on the twin", async || self.ours_under(id).len() >= count).await;
        let replies = self.ours_under(id);
        assert_eq!(replies.len(), count, "{replies:?}");
        replies
    }

    /// The comments of ours that stand under a post or comment now.
    pub fn ours_under(&self, id: &str) -> Vec<ItemView> {
        self.twin.replies_to(id).into_iter().filter(|item| item.handle == "acme").collect()
    }

    /// What an administrator does when the access is gone: the owner grants it anew.
    pub async fn connect_again(&self) {
        let mut access = access();
        let granted = self.twin.grant("ada", &SCOPES).expect("a grant");
        access.tokens.access = Secret::new(granted.page_token);
        access::connect(&self.app.app, access).await.expect("a page that is connected again");
    }
}

impl Drop for FacebookLoop {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

/// The company's access, with the fixed tokens of its twin.
fn access() -> NewAccess {
    NewAccess {
        network: Origin::Facebook,
        app: AppKeys {
            client_id: APP.to_string(),
            client_secret: None,
            api_key: None,
            signing_secret: Secret::new(SECRET),
            earlier_signing_secret: None,
            app_token: None,
            may_answer_late: false,
        },
        account: Us { id: PAGE.to_string(), handle: "Acme".to_owned() },
        tokens: Tokens { access: Secret::new(PAGE_TOKEN), refresh: None, expires_at: None, scopes: SCOPES.join(" ") },
        mode: Mode::Mirror,
        topic: None,
    }
}
