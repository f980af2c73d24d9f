//! The Facebook twin alone, over real HTTP: its rules, its wire format against Meta's own papers, its webhooks, its
//! failures.
//!
//! With `ANSWERWELL_TEST_DATA` set to a folder that holds `platforms/facebook`, answers are also checked against Meta's
//! Graph specifications and webhook bodies; without it those checks say on stderr that they were left out.

mod comments;
mod faults;
mod lists;
mod login;
mod messenger;
mod pages;
mod papers;
mod webhooks;

use std::net::TcpListener;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use answerwell::clock::{Clock, Millis};
use answerwell::sim::facebook::{Account, FacebookTwin, Settings, With};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use sha2::Sha256;

/// 24 Jul 2026, 21:23:23 UTC.
const NOW: Millis = Millis(1_784_928_203_000);
const PAGE: u64 = 102_938_475_610_293;
const OWNER: u64 = 10_158_000_000_000_001;
const APP: u64 = 1_234_567_890;
const SECRET: &str = "app_secret";
const TOKEN: &str = "page-token";

/// A twin that serves, with a company's page, its owner and a customer.
struct Stage {
    twin: FacebookTwin,
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

impl Reply {
    /// Code and subcode of an error.
    fn code(&self) -> (u64, Option<u64>) {
        let error = &self.body["error"];
        assert!(error["message"].is_string() && error["fbtrace_id"].is_string(), "{}", self.body);
        (error["code"].as_u64().unwrap(), error["error_subcode"].as_u64())
    }

    fn id(&self) -> String {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body["id"].as_str().unwrap_or_else(|| panic!("{}", self.body)).to_owned()
    }
}

impl Stage {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(NOW);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let twin = FacebookTwin::open(settings(&folder, &base, &clock)).unwrap();
        tokio::spawn(twin.serve(listener).unwrap());
        twin.person("jo", "Jo Miller").unwrap();
        Self { twin, base, clock, http: client(), folder }
    }

    /// Another twin on the same journal, as after a restart.
    fn reopen(&self) -> std::io::Result<FacebookTwin> {
        FacebookTwin::open(settings(&self.folder, &self.base, &self.clock))
    }

    fn journal(&self) -> PathBuf {
        self.folder.path().join("facebook.jsonl")
    }

    /// A call with a token and the proof that goes with it.
    fn request(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        let sign = if path.contains('?') { '&' } else { '?' };
        let url = format!("{}/v25.0{path}{sign}appsecret_proof={}", self.base, proof(token));
        self.http.request(method, url).bearer_auth(token)
    }

    async fn get(&self, path: &str) -> Reply {
        answered(self.request(Method::GET, path, TOKEN)).await
    }

    async fn post(&self, path: &str, body: Value) -> Reply {
        answered(self.request(Method::POST, path, TOKEN).json(&body)).await
    }

    async fn delete(&self, path: &str) -> Reply {
        answered(self.request(Method::DELETE, path, TOKEN)).await
    }

    /// A post of the page, a second after what was before.
    fn page_post(&self, text: &str) -> String {
        self.clock.advance(Duration::from_secs(1));
        self.twin.post("acme", "acme", text, With::default()).unwrap()
    }

    /// A customer's comment, a second after what was before.
    fn says(&self, handle: &str, on: &str, text: &str) -> String {
        self.clock.advance(Duration::from_secs(1));
        self.twin.comment(handle, on, text, With::default()).unwrap()
    }
}

fn settings(folder: &tempfile::TempDir, base: &str, clock: &Clock) -> Settings {
    let account = |id, handle: &str, name: &str| Account { id, handle: handle.to_owned(), name: name.to_owned() };
    Settings {
        state: folder.path().join("facebook.jsonl"),
        public_url: base.to_owned(),
        clock: clock.clone(),
        page: account(PAGE, "acme", "Acme"),
        owner: account(OWNER, "olga", "Olga Owner"),
        page_token: TOKEN.to_owned(),
        app_id: APP,
        app_secret: SECRET.to_owned(),
        require_proof: true,
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

fn hmac_hex(secret: &str, bytes: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(bytes);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn proof(token: &str) -> String {
    hmac_hex(SECRET, token.as_bytes())
}

fn ids(list: &Value) -> Vec<&str> {
    list["data"].as_array().into_iter().flatten().filter_map(|one| one["id"].as_str()).collect()
}

fn texts(list: &Value) -> Vec<&str> {
    list["data"].as_array().into_iter().flatten().filter_map(|one| one["message"].as_str()).collect()
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(width, height).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[test]
fn the_proof_is_the_known_one() {
    let known = "7a883a4518f67854cd5b8f7b707be17aa3950f4edb66ef1acd1e5c7b9dcf1ebc";
    assert_eq!(hmac_hex("appsecret", b"pagetoken"), known);
}

#[actix_web::test]
async fn a_call_needs_a_version_a_token_and_its_proof() {
    let stage = Stage::open().await;
    let call = |path: &str| stage.http.get(format!("{}{path}", stage.base));
    assert_eq!(answered(call("/v25.0/me")).await.code(), (104, None));
    assert_eq!(answered(call("/v25.0/me").bearer_auth("nonsense")).await.code(), (190, None));
    assert_eq!(answered(call("/v25.0/me").bearer_auth(TOKEN)).await.code(), (100, None), "the proof is missing");
    let wrong = format!("/v25.0/me?appsecret_proof={}", proof("another"));
    assert_eq!(answered(call(&wrong).bearer_auth(TOKEN)).await.code(), (100, None));
    let proven = format!("me?access_token={TOKEN}&appsecret_proof={}", proof(TOKEN));
    let me = answered(call(&format!("/v25.0/{proven}"))).await;
    assert_eq!(me.body, json!({"name": "Acme", "id": PAGE.to_string()}));
    assert_eq!(me.headers["facebook-api-version"], "v25.0");
    assert_eq!(answered(call(&format!("/v2.8/{proven}"))).await.headers["facebook-api-version"], "v19.0");
    assert_eq!(answered(call(&format!("/v99.0/{proven}"))).await.code(), (2_500, None));
    assert_eq!(stage.get("/me/nonsense").await.code(), (2_500, None));
    assert_eq!(stage.get("/123").await.code(), (100, Some(33)));
    assert_eq!(stage.get("/me?fields=id,nonsense").await.code(), (100, None));

    stage.twin.rotate_app_secret("another secret").unwrap();
    assert_eq!(stage.get("/me").await.code(), (100, None), "a proof made with the old secret");
}

#[actix_web::test]
async fn what_happened_survives_a_restart() {
    let stage = Stage::open().await;
    let post = stage.page_post("A new release");
    let comment = stage.says("jo", &post, "Nice, and the blue one?");
    stage.twin.edit("jo", &comment, "Nice! And the blue one?").unwrap();
    let gone = stage.says("jo", &post, "never mind");
    stage.twin.delete("jo", &gone).unwrap();
    stage.twin.message("jo", "hello", With::default()).unwrap();
    let told = |twin: &FacebookTwin| {
        let comments = twin.comments().into_iter().map(|one| (one.id, one.text, one.removed)).collect::<Vec<_>>();
        (comments, twin.messages("jo").len(), twin.posts().len())
    };
    let before = told(&stage.twin);
    assert_eq!(told(&stage.reopen().unwrap()), before);
    assert_eq!(before.0[0], (comment, "Nice! And the blue one?".to_owned(), false));

    use std::io::Write;
    let mut journal = std::fs::OpenOptions::new().append(true).open(stage.journal()).unwrap();
    journal.write_all(b"{\"change\":\"remove\",\"num").unwrap();
    assert_eq!(told(&stage.reopen().unwrap()), before, "a torn line was never answered");
    journal.write_all(b"\nnot ours\n{}\n").unwrap();
    assert!(stage.reopen().is_err());
}
