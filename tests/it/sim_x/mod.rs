//! The X twin alone, over real HTTP: its rules, its wire format against X's own papers, its webhooks, its failures.
//!
//! With `ANSWERWELL_TEST_DATA` set to a folder that holds `platforms/x`, answers are also checked against X's OpenAPI
//! files, its sample webhooks and recorded exchanges; without it those checks say on stderr that they were left out.

mod consent;
mod faults;
mod media;
mod messages;
mod money;
mod pages;
mod papers;
mod rules;
mod versions;
mod webhooks;

use std::net::TcpListener;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use answerwell::clock::{Clock, Millis};
use answerwell::sim::x::{Account, Settings, XTwin};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// 24 Jul 2026, 21:23:23 UTC.
const NOW: Millis = Millis(1_784_928_203_000);
const ACME: &str = "1111111111111111111";
const USER: &str = "user-token";
const APP: &str = "app-token";
const CLIENT_ID: &str = "client-id";
const CLIENT_SECRET: &str = "client-secret";
const CONSUMER_KEY: &str = "consumer-key";
const SECRET: &str = "consumer_secret";

/// A twin that serves, with a company and a customer.
struct Stage {
    twin: XTwin,
    base: String,
    clock: Clock,
    http: reqwest::Client,
    folder: tempfile::TempDir,
}

struct Reply {
    status: u16,
    headers: reqwest::header::HeaderMap,
    body: Value,
}

impl Stage {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(NOW);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let twin = XTwin::open(settings(&folder, &base, &clock)).unwrap();
        tokio::spawn(twin.serve(listener).unwrap());
        twin.user("jo", "Jo Miller", 97).unwrap();
        Self { twin, base, clock, http: client(), folder }
    }

    /// Another twin on the same journal, as after a restart.
    fn reopen(&self) -> std::io::Result<XTwin> {
        XTwin::open(settings(&self.folder, &self.base, &self.clock))
    }

    fn journal(&self) -> PathBuf {
        self.folder.path().join("x.jsonl")
    }

    fn request(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).bearer_auth(token)
    }

    async fn get(&self, path: &str) -> Reply {
        answered(self.request(Method::GET, path, USER)).await
    }

    async fn send(&self, body: Value) -> Reply {
        answered(self.request(Method::POST, "/2/tweets", USER).json(&body)).await
    }

    async fn reply(&self, to: &str, text: &str) -> Reply {
        self.send(json!({"text": text, "reply": {"in_reply_to_tweet_id": to}})).await
    }

    /// A customer's post, a second after the one before.
    fn says(&self, handle: &str, text: &str, to: Option<&str>) -> String {
        self.clock.advance(Duration::from_secs(1));
        self.twin.post(handle, text, to, None).unwrap()
    }
}

fn settings(folder: &tempfile::TempDir, base: &str, clock: &Clock) -> Settings {
    Settings {
        state: folder.path().join("x.jsonl"),
        public_url: base.to_owned(),
        clock: clock.clone(),
        account: Account { id: ACME.parse().unwrap(), handle: "acme".to_owned(), name: "Acme".to_owned() },
        access_token: USER.to_owned(),
        bearer_token: APP.to_owned(),
        client_id: CLIENT_ID.to_owned(),
        client_secret: CLIENT_SECRET.to_owned(),
        consumer_key: CONSUMER_KEY.to_owned(),
        consumer_secret: SECRET.to_owned(),
        read_back_lag: Duration::ZERO,
    }
}

fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client =
        reqwest::Client::builder().timeout(Duration::from_secs(60)).redirect(reqwest::redirect::Policy::none());
    client.build().unwrap()
}

async fn answered(request: RequestBuilder) -> Reply {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap();
    Reply { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
}

/// Waits until the condition gives something.
async fn eventually<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(180);
    loop {
        if let Some(found) = condition() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn ids(list: &Value) -> Vec<&str> {
    list["data"].as_array().into_iter().flatten().filter_map(|post| post["id"].as_str()).collect()
}
