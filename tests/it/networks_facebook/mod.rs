//! The Facebook adapter against its twin, over real HTTP: connecting, reading, writing, and every way in which it fails.
//!
//! With `ANSWERWELL_TEST_DATA` set to a folder that holds `platforms/facebook`, the webhook bodies there are read as well;
//! without it that check says on stderr that it was left out.

mod connect;
mod faults;
mod messages;
mod reading;
mod webhooks;
mod writing;

use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use answerwell::clock::{Clock, Millis};
use answerwell::networks::facebook::{FacebookNetwork, FacebookPlace};
use answerwell::networks::http::{GuardSettings, Guarded};
use answerwell::networks::watch::{Observed, Watch};
use answerwell::networks::{Account, AppKeys, Network, PostPage, RemotePost, Seat, Stretch, Timeline, Us};
use answerwell::secret::Secret;
use answerwell::sim::facebook::{self as sim, FacebookTwin, Settings, With};

/// 24 Jul 2026, 21:23:23 UTC.
const NOW: Millis = Millis(1_784_928_203_000);
const PAGE: u64 = 102_938_475_610_293;
const OWNER: u64 = 10_158_000_000_000_001;
const APP: u64 = 1_234_567_890;
const SECRET: &str = "app_secret";
const TOKEN: &str = "page-token";
const HOUR: Duration = Duration::from_secs(3600);

/// A twin with a company's page, its owner and a customer, and our adapter that speaks to it. Every call must be proven.
struct Stage {
    twin: FacebookTwin,
    network: FacebookNetwork,
    page: Arc<dyn Account>,
    keys: AppKeys,
    base: String,
    clock: Clock,
    /// What was told of the calls of the page.
    told: Arc<Mutex<Vec<Observed>>>,
    _folder: tempfile::TempDir,
}

impl Stage {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(NOW);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let account =
            |id, handle: &str, name: &str| sim::Account { id, handle: handle.to_owned(), name: name.to_owned() };
        let settings = Settings {
            state: folder.path().join("facebook.jsonl"),
            public_url: base.clone(),
            clock: clock.clone(),
            page: account(PAGE, "acme", "Acme"),
            owner: account(OWNER, "olga", "Olga Owner"),
            page_token: TOKEN.to_owned(),
            app_id: APP,
            app_secret: SECRET.to_owned(),
            require_proof: true,
            read_back_lag: Duration::ZERO,
        };
        let twin = FacebookTwin::open(settings).unwrap();
        tokio::spawn(twin.serve(listener).unwrap());
        twin.person("jo", "Jo Miller").unwrap();
        let (network, told) = (network(&base, &clock), Arc::default());
        let page = network.seat(seat(TOKEN, Some(keys()), &told));
        Self { twin, network, page, keys: keys(), base, clock, told, _folder: folder }
    }

    /// Our page with another token.
    fn seat(&self, token: &str, keys: Option<AppKeys>) -> Arc<dyn Account> {
        self.network.seat(seat(token, keys, &self.told))
    }

    /// A post of the page, a second after what was before.
    fn page_post(&self, text: &str) -> String {
        self.clock.advance(Duration::from_secs(1));
        self.twin.post("acme", "acme", text, With::default()).unwrap()
    }

    /// A customer's comment, a second after what was before.
    fn says(&self, on: &str, text: &str) -> String {
        self.clock.advance(Duration::from_secs(1));
        self.twin.comment("jo", on, text, With::default()).unwrap()
    }

    /// Everything since a mark, read and parsed.
    async fn since(&self, since: Option<&str>) -> PostPage {
        let body = self.page.timeline(Timeline::Mentions, Stretch { since, until: None }).await.unwrap();
        let page = self.page.parse_page(&body).unwrap();
        assert_eq!(page.unreadable, []);
        page
    }

    async fn one(&self, id: &str) -> RemotePost {
        let body = self.page.posts(&[id.to_owned()]).await.unwrap();
        self.page.parse_page(&body).unwrap().posts.remove(0)
    }
}

fn network(base: &str, clock: &Clock) -> FacebookNetwork {
    let settings = GuardSettings { allowed_origins: vec![base.to_owned()], ..GuardSettings::default() };
    FacebookNetwork { http: Guarded::new(settings).unwrap(), place: FacebookPlace::twin(base), clock: clock.clone() }
}

fn keys() -> AppKeys {
    AppKeys {
        client_id: APP.to_string(),
        client_secret: None,
        api_key: None,
        signing_secret: Secret::new(SECRET),
        earlier_signing_secret: None,
        app_token: None,
        may_answer_late: false,
    }
}

fn seat(token: &str, keys: Option<AppKeys>, told: &Arc<Mutex<Vec<Observed>>>) -> Seat {
    let told = told.clone();
    let ask = |_, _| -> futures_util::future::BoxFuture<'static, Option<Millis>> { Box::pin(async { None }) };
    let watch = Watch::new(ask, move |observed| told.lock().unwrap().push(observed));
    let us = Us { id: PAGE.to_string(), handle: "Acme".to_owned() };
    Seat { us, access_token: Secret::new(token), keys, longest_post: None, watch }
}

fn ids(posts: &[RemotePost]) -> Vec<&str> {
    posts.iter().map(|post| post.id.as_str()).collect()
}

fn texts(posts: &[RemotePost]) -> Vec<&str> {
    posts.iter().map(|post| post.text.as_str()).collect()
}
