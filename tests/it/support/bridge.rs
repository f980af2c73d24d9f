//! The whole loop: an app whose account is connected to a twin of X over real HTTP, both with their background work, the
//! twin's webhooks registered at the app by the app itself.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use answerwell::app::App;
use answerwell::bridge::access::{self, NewAccess, Tokens};
use answerwell::bridge::{Mode, WaitingRow, list_waiting};
use answerwell::clock::Clock;
use answerwell::config::{Config, XPlace};
use answerwell::jobs::Jobs;
use answerwell::networks::{AppKeys, Us};
use answerwell::posts::Origin;
use answerwell::secret::Secret;
use answerwell::sim::x::{Account, PostView, Settings, XTwin};
use tempfile::TempDir;

use super::{TestApp, eventually};

/// The keys of our app on the twin, as the form of the page takes them.
pub const APP_KEYS: [(&str, &str); 4] =
    [("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET), ("api_key", CONSUMER_KEY), ("signing_secret", SECRET)];
const ACCOUNT: u64 = 1_111_111_111_111_111_111;
const USER: &str = "user-token";
const BEARER: &str = "app-token";
const CLIENT_ID: &str = "client-id";
const CLIENT_SECRET: &str = "client-secret";
const CONSUMER_KEY: &str = "consumer-key";
const SECRET: &str = "consumer_secret";

/// An app and a twin that speak to each other. What a `TestApp` can do, it can. Dropping it ends both.
pub struct TestLoop {
    app: TestApp,
    pub twin: XTwin,
    /// Of the twin, without a trailing slash.
    pub twin_address: String,
    server: ServerHandle,
    _jobs: Option<Jobs>,
    _folder: TempDir,
}

impl std::ops::Deref for TestLoop {
    type Target = TestApp;
    fn deref(&self) -> &TestApp {
        &self.app
    }
}

impl TestLoop {
    /// What arrives is public at once; the twin shows its own posts at once.
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

    /// With settings, and another access than the usual.
    pub async fn start_connected(settings: impl FnOnce(&mut Config), change: impl FnOnce(&mut NewAccess)) -> Self {
        let mut access = access();
        change(&mut access);
        Self::start_all(Clock::Real, settings, Some(access)).await
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

    /// Each side with a clock of its own.
    pub async fn start_by(ours: Clock, of_x: Clock) -> Self {
        let mut ends = Self::start_idle_by(ours, of_x, |_| {}, Some(access())).await;
        ends._jobs = Some(App::start(&ends.app.app));
        ends
    }

    async fn start_idle(clock: Clock, settings: impl FnOnce(&mut Config), access: Option<NewAccess>) -> Self {
        Self::start_idle_by(clock.clone(), clock, settings, access).await
    }

    async fn start_idle_by(
        ours: Clock,
        of_x: Clock,
        settings: impl FnOnce(&mut Config),
        access: Option<NewAccess>,
    ) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let twin_address = format!("http://{}", listener.local_addr().expect("a bound port"));
        let twin = XTwin::open(Settings {
            state: folder.path().join("x.jsonl"),
            public_url: twin_address.clone(),
            clock: of_x,
            account: Account { id: ACCOUNT, handle: "acme".to_owned(), name: "Acme".to_owned() },
            access_token: USER.to_owned(),
            bearer_token: BEARER.to_owned(),
            client_id: CLIENT_ID.to_owned(),
            client_secret: CLIENT_SECRET.to_owned(),
            consumer_key: CONSUMER_KEY.to_owned(),
            consumer_secret: SECRET.to_owned(),
            read_back_lag: Duration::ZERO,
        })
        .expect("a twin on an empty journal");
        twin.raise_limits(1_000);
        let served = twin.serve(listener).expect("a server on the bound port");
        let server = served.handle();
        tokio::spawn(served);
        let app = TestApp::start_with(ours, |config| {
            config.x = XPlace::twin(&twin_address);
            settings(config);
        })
        .await;
        if let Some(access) = access {
            access::connect(&app.app, access).await.expect("an account that is connected");
            access::upkeep_step(&app.app).await.expect("a webhook and subscriptions");
        }
        Self { app, twin, twin_address, server, _jobs: None, _folder: folder }
    }

    /// Somebody posts on the twin; who is not known there yet is made. Returns the id of the post.
    pub fn says(&self, handle: &str, text: &str, to: Option<&str>) -> String {
        self.twin.user(handle, handle, 1_204).expect("a handle");
        self.twin.post(handle, text, to, None).expect("a post that X takes")
    }

    /// Somebody addresses us, and the desk knows of it. Returns the ids of the post and of the question it became.
    pub async fn asks(&self, handle: &str, text: &str) -> (String, i64) {
        let post = self.says(handle, text, None);
        let question = self.waiting_for(&post).await.question_id;
        (post, question)
    }

    /// The row of the desk for this post, once it is the newest of its thread.
    pub async fn waiting_for(&self, post: &str) -> WaitingRow {
        let end = format!("/{post}");
        let mut found = None;
        eventually("the post waits on the desk", async || {
            let rows = self.db().read(|conn| list_waiting(conn, None, 200)).await.expect("the list of the desk");
            found = rows.into_iter().find(|row| row.url.ends_with(&end));
            found.is_some()
        })
        .await;
        found.expect("found a moment ago")
    }

    /// Waits until the twin holds this many replies of ours under a post, and returns them.
    pub async fn replies(&self, post: &str, count: usize) -> Vec<PostView> {
        eventually("the reply stands on the twin", async || self.ours_under(post).len() >= count).await;
        let replies = self.ours_under(post);
        assert_eq!(replies.len(), count, "{replies:?}");
        replies
    }

    /// The replies of ours that stand under a post now.
    pub fn ours_under(&self, post: &str) -> Vec<PostView> {
        self.twin.replies_to(post).into_iter().filter(|reply| reply.handle == "acme").collect()
    }

    /// What an administrator does when the access is gone: the account grants it anew.
    pub async fn connect_again(&self) {
        self.connect_without("").await;
    }

    /// The same, and X does not do everything that it said it granted.
    pub async fn connect_without(&self, scope: &str) {
        let mut access = access();
        let scopes: Vec<&str> = access.tokens.scopes.split(' ').filter(|one| *one != scope).collect();
        access.tokens.access = Secret::new(self.twin.grant("acme", &scopes).expect("a grant").access_token);
        access::connect(&self.app.app, access).await.expect("an account that is connected again");
    }
}

impl Drop for TestLoop {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

/// The company's access, with the fixed tokens of its twin.
fn access() -> NewAccess {
    NewAccess {
        network: Origin::X,
        app: AppKeys {
            client_id: CLIENT_ID.to_owned(),
            client_secret: Some(Secret::new(CLIENT_SECRET)),
            api_key: Some(Secret::new(CONSUMER_KEY)),
            signing_secret: Secret::new(SECRET),
            earlier_signing_secret: None,
            app_token: Some(Secret::new(BEARER)),
            may_answer_late: false,
        },
        account: Us { id: ACCOUNT.to_string(), handle: "acme".to_owned() },
        tokens: Tokens {
            access: Secret::new(USER),
            refresh: None,
            expires_at: None,
            scopes: "tweet.read tweet.write users.read offline.access media.write dm.read dm.write".to_owned(),
        },
        mode: Mode::Mirror,
        topic: None,
    }
}
