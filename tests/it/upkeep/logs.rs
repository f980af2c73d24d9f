//! What a run writes to its log: lines for programs, each request with its number, and nothing of what people are called,
//! wrote, searched for or sign in with.

use std::net::TcpListener;

use answerwell::clock::Clock;
use answerwell::demo;
use answerwell::sim::x::XTwin;
use reqwest::Method;
use serde_json::Value;

use super::Run;
use crate::support::{TestApp, TestDatabase, Visitor, eventually, program};

const NAME: &str = "Ottilie Quendelbein";
const EMAIL: &str = "ottilie@quendel.example";
const PASSWORD: &str = "seven zephyr marmots";
const HERE: (&str, &str) = ("sec-fetch-site", "same-origin");

/// Nothing of these may stand in a log, in any case or spelling.
const PERSONAL: [&str; 14] = [
    "quendel",
    "ottilie",
    "marmots",
    "zamboni",
    "sesquipedalian",
    "wunderkerze",
    "mirabelle",
    "torvaldine",
    "kumquat",
    "203.0.113.77",
    "demo-access-token",
    "demo-bearer-token",
    "demo-consumer-secret",
    "crc_token=",
];

#[tokio::test]
async fn the_log_tells_what_happened_and_of_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let twin_address = format!("http://{}", listener.local_addr().unwrap());
    let twin = XTwin::open(demo::x::twin(folder.path(), &twin_address, Clock::Real)).unwrap();
    tokio::spawn(twin.serve(listener).unwrap());
    twin.user("mirabelle", "Mirabelle Torvaldine", 120).unwrap();
    let database = TestDatabase::copy();
    let mut command = program();
    command
        .args(["demo", "--port", "0", "--twin", &twin_address, "--database", &database.address(), "--data"])
        .arg(folder.path().join("data"))
        .env("ANSWERWELL_LOG", "info,answerwell=trace")
        .env("ANSWERWELL_LOG_FORMAT", "json");
    let run = Run::start(&mut command, &folder.path().join("log")).await;
    let somebody = Visitor::at(&run.address);

    twin.post("mirabelle", "@acme my wunderkerze drops wifi, call me at mirabelle@torvaldine.example", None, None)
        .unwrap();
    eventually("the post is a question", async || somebody.get("/newest").await.says("wunderkerze drops wifi")).await;
    let signed_up = somebody.post_form("/sign-up", &[("name", NAME), ("email", EMAIL), ("password", PASSWORD)]).await;
    assert!(somebody.cookie("answerwell_session").is_some(), "{}", signed_up.text());
    let form = somebody.get("/ask").await.expect(200);
    let question =
        [("title", "Why is my zamboni so sesquipedalian?"), ("body", "It hums a kumquat song all day long.")];
    let asked = somebody.submit(&form, "/ask", &question).await.expect(200);
    assert!(asked.path.starts_with("/questions/"), "{}", asked.text());
    somebody.get("/search?q=zamboni+kumquat").await.expect(200);
    let profile = asked.links().into_iter().find(|link| link.starts_with("/members/ottilie")).unwrap();
    somebody.get(&profile).await.expect(200);
    let wrong = [("email", EMAIL), ("password", "kumquat")];
    Visitor::at(&run.address).post_form("/sign-in", &wrong).await.expect(422);
    somebody.get("/zamboni/kumquat?torvaldine").await.expect(404);
    let behind = somebody.request(Method::GET, "/newest").header("x-forwarded-for", "203.0.113.77");
    somebody.send(behind).await.expect(200);
    let refused = somebody.request(Method::POST, "/webhooks/x").header(HERE.0, HERE.1).body(r#"{"for": "kumquat"}"#);
    let refused = somebody.send(refused).await.expect(403);
    let number = refused.header("x-request-id").unwrap().to_owned();
    let session = somebody.cookie("answerwell_session").unwrap();

    let log = run.log();
    run.stop();
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("no JSON ({error}): {line}")))
        .collect();
    let of_request = |number: &str| lines.iter().filter(|line| line["span"]["request"] == number).collect::<Vec<_>>();
    let told = of_request(&number);
    assert_eq!(told.len(), 1, "{told:?}");
    let fields = &told[0]["fields"];
    assert_eq!((fields["route"].as_str(), fields["status"].as_i64()), (Some("/webhooks/{network}"), Some(403)));
    assert!(told[0]["timestamp"].is_string() && told[0]["level"] == "INFO", "{:?}", told[0]);
    let routes: Vec<&str> = lines.iter().filter_map(|line| line["fields"]["route"].as_str()).collect();
    for route in ["/ask", "/search", "/members/{handle}", "an unknown address"] {
        assert!(routes.contains(&route), "{route} is not in {routes:?}");
    }
    assert!(routes.iter().any(|route| route.starts_with("/questions/") && route.ends_with("/{slug}")), "{routes:?}");
    let low = log.to_lowercase();
    for personal in PERSONAL.into_iter().chain([session.to_lowercase().as_str()]) {
        let line = low.lines().find(|line| line.contains(personal));
        assert_eq!(line, None, "{personal} is in the log");
    }
}

#[tokio::test]
async fn a_request_has_one_number_everywhere() {
    let behind_proxy = TestApp::start_with(Clock::Real, |config| {
        config.server.trusted_proxies = answerwell::web::client::Proxies::parse(["127.0.0.1"]).unwrap();
    })
    .await;
    let open = TestApp::start().await;
    let ask = async |app: &TestApp, path: &str, given: Option<&str>, json: bool| {
        let visitor = app.visitor();
        let mut request = visitor.request(Method::GET, path);
        for (name, value) in [("x-request-id", given), ("accept", json.then_some("application/json"))] {
            request = value.into_iter().fold(request, |request, value| request.header(name, value));
        }
        visitor.send(request).await
    };
    // Taken over from a proxy that is trusted, from nobody else, and never when it could break a line.
    let number = |answer: &crate::support::Answer| answer.header("x-request-id").unwrap().to_owned();
    assert_eq!(number(&ask(&behind_proxy, "/newest", Some("proxy-7"), false).await), "proxy-7");
    assert_ne!(number(&ask(&open, "/newest", Some("proxy-7"), false).await), "proxy-7");
    assert_ne!(number(&ask(&behind_proxy, "/newest", Some("two words"), false).await), "two words");
    let (first, second) = (ask(&open, "/newest", None, false).await, ask(&open, "/newest", None, false).await);
    assert_ne!(number(&first), number(&second));
    // Who tells us of an error can name it.
    let page = ask(&open, "/sign-out", None, false).await.expect(405);
    page.expect_text(&format!("name the number of this request: {}", number(&page)));
    let json = ask(&open, "/no/such/page", None, true).await.expect(404);
    assert_eq!(json.json()["error"]["request"], number(&json).as_str());
    assert!(!ask(&open, "/no/such/page", None, false).await.expect(404).says("number of this request"));
}

#[test]
fn a_log_format_nobody_knows_is_refused() {
    let output = program().arg("migrate").env("ANSWERWELL_LOG_FORMAT", "xml").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && said.contains("json or text"), "{said}");
}
