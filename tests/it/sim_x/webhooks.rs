//! Webhooks: the challenge, the signature, which events come, in what order, and what a failure costs.

use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use answerwell::sim::x::{Fault, FaultKind};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

use super::{ACME, APP, SECRET, Stage, USER, answered, eventually};

/// The receiver of the company: answers challenges and keeps what it is sent.
#[derive(Clone, Default)]
pub struct Receiver {
    got: Arc<Mutex<Vec<Value>>>,
    lies: Arc<AtomicBool>,
    unwell: Arc<AtomicBool>,
}

fn sign(bytes: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(bytes);
    format!("sha256={}", STANDARD.encode(mac.finalize().into_bytes()))
}

impl Receiver {
    pub fn listen(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hooks/x", listener.local_addr().unwrap());
        let data = web::Data::new(self.clone());
        let app = move || {
            let route = web::resource("/hooks/x").route(web::get().to(challenge)).route(web::post().to(receive));
            App::new().app_data(data.clone()).service(route)
        };
        tokio::spawn(HttpServer::new(app).workers(1).disable_signals().listen(listener).unwrap().run());
        url
    }

    fn events(&self) -> Vec<Value> {
        self.got.lock().unwrap().clone()
    }

    pub async fn wait_for(&self, count: usize) -> Vec<Value> {
        eventually("webhook events", || Some(self.events()).filter(|events| events.len() >= count)).await
    }
}

async fn challenge(request: HttpRequest, receiver: web::Data<Receiver>) -> HttpResponse {
    if receiver.unwell.load(Ordering::SeqCst) {
        return HttpResponse::ServiceUnavailable().finish();
    }
    let query = web::Query::<std::collections::HashMap<String, String>>::from_query(request.query_string()).unwrap();
    let token = if receiver.lies.load(Ordering::SeqCst) { "another" } else { query["crc_token"].as_str() };
    HttpResponse::Ok().json(json!({ "response_token": sign(token.as_bytes()) }))
}

async fn receive(request: HttpRequest, body: web::Bytes, receiver: web::Data<Receiver>) -> HttpResponse {
    if receiver.unwell.load(Ordering::SeqCst) {
        return HttpResponse::ServiceUnavailable().finish();
    }
    let signature = request.headers().get("x-twitter-webhooks-signature").and_then(|value| value.to_str().ok());
    if signature != Some(sign(&body).as_str()) {
        return HttpResponse::Unauthorized().finish();
    }
    receiver.got.lock().unwrap().push(serde_json::from_slice(&body).unwrap());
    HttpResponse::Ok().finish()
}

/// Registers the receiver and subscribes the company to everything it may hear.
pub async fn subscribe(stage: &Stage, url: &str) -> String {
    let created = stage.request(Method::POST, "/2/webhooks", APP).json(&json!({ "url": url }));
    let created = answered(created).await;
    assert_eq!((created.status, &created.body["data"]["valid"]), (200, &json!(true)), "{}", created.body);
    let webhook = created.body["data"]["id"].as_str().unwrap().to_owned();
    for (event, tag) in
        [("post.mention.create", "mentions"), ("post.reply.create", "replies"), ("post.delete", "deletes")]
    {
        let body = json!({"event_type": event, "filter": {"user_id": ACME}, "tag": tag, "webhook_id": webhook});
        let made = answered(stage.request(Method::POST, "/2/activity/subscriptions", USER).json(&body)).await;
        assert_eq!(made.status, 200, "{}", made.body);
    }
    webhook
}

#[test]
fn the_signature_is_the_known_one() {
    assert_eq!(sign(b"challenge_string"), "sha256=v1WdiCVwy17uGTMWveHGlqQXN/qW1bQraNXXByRO2YA=");
}

#[actix_web::test]
async fn the_company_hears_of_typed_mentions_direct_replies_and_deletions() {
    let stage = Stage::open().await;
    stage.twin.user("kim", "Kim", 3).unwrap();
    let receiver = Receiver::default();
    subscribe(&stage, &receiver.listen()).await;

    let question = stage.says("jo", "hey @acme", None);
    let answer = stage.reply(&question, "Yes?").await.body["data"]["id"].as_str().unwrap().to_owned();
    let bare = stage.says("jo", "thanks", Some(&answer));
    let implicit = stage.says("kim", "same here", Some(&bare));
    let both = stage.says("jo", "@acme one more", Some(&answer));
    stage.twin.delete("acme", &answer).unwrap();
    stage.twin.delete("jo", &both).unwrap();
    stage.says("jo", "@acme the end", None);

    let events = receiver.wait_for(6).await;
    let told: Vec<(&str, &str)> = events
        .iter()
        .map(|event| &event["data"])
        .map(|data| (data["event_type"].as_str().unwrap(), data["payload"]["id"].as_str().unwrap()))
        .collect();
    assert_eq!(
        told[..5],
        [
            ("post.mention.create", question.as_str()),
            ("post.reply.create", &bare),
            ("post.mention.create", &both),
            ("post.reply.create", &both),
            ("post.delete", &answer),
        ]
    );
    assert_eq!(told.len(), 6, "others' replies ({implicit}) and others' deletions are not told: {told:?}");
}

#[actix_web::test]
async fn a_receiver_must_prove_itself() {
    let stage = Stage::open().await;
    let receiver = Receiver::default();
    let url = receiver.listen();
    receiver.lies.store(true, Ordering::SeqCst);
    let create = |url: &str| stage.request(Method::POST, "/2/webhooks", APP).json(&json!({ "url": url }));
    let refused = answered(create(&url)).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body.to_string().contains("CrcValidationFailed"), "{}", refused.body);
    for wrong in [
        "",
        "nonsense",
        "http://example.com/hook",
        "https://10.0.0.1/hook",
        "https://example.com:8443/hook",
        "ftp://127.0.0.1/",
    ] {
        assert_eq!(answered(create(wrong)).await.status, 400, "{wrong}");
    }
    receiver.lies.store(false, Ordering::SeqCst);
    let webhook = subscribe(&stage, &url).await;
    assert_eq!(answered(create(&url)).await.status, 400, "once is enough");

    receiver.lies.store(true, Ordering::SeqCst);
    let check = |id: &str| stage.request(Method::PUT, &format!("/2/webhooks/{id}"), APP);
    assert_eq!(answered(check(&webhook)).await.body, json!({"data": {"valid": false}}));
    stage.says("jo", "@acme nobody hears this", None);
    receiver.lies.store(false, Ordering::SeqCst);
    eventually("the event to be skipped", || {
        let journal = std::fs::read_to_string(stage.journal()).unwrap();
        journal.contains("\"skipped\"").then_some(())
    })
    .await;
    assert_eq!(answered(check(&webhook)).await.body, json!({"data": {"valid": true}}));
    stage.says("jo", "@acme this is heard", None);
    assert_eq!(receiver.wait_for(1).await[0]["data"]["payload"]["text"], "@acme this is heard");
}

#[actix_web::test]
async fn x_looks_at_receivers_again_and_again() {
    let stage = Stage::open().await;
    let receiver = Receiver::default();
    let webhook = subscribe(&stage, &receiver.listen()).await;
    let valid = async || {
        let listed = answered(stage.request(Method::GET, "/2/webhooks", APP)).await.body;
        listed["data"][0]["valid"].as_bool().unwrap()
    };
    receiver.unwell.store(true, Ordering::SeqCst);
    stage.twin.check_webhooks().await;
    assert!(valid().await, "an hour of trouble is borne");
    stage.clock.advance(Duration::from_secs(29 * 3600));
    stage.twin.check_webhooks().await;
    assert!(!valid().await, "a day of it is not");
    receiver.unwell.store(false, Ordering::SeqCst);
    stage.twin.check_webhooks().await;
    assert!(!valid().await, "X waits to be asked");
    let again = answered(stage.request(Method::PUT, &format!("/2/webhooks/{webhook}"), APP)).await;
    assert_eq!(again.body, json!({"data": {"valid": true}}));
    stage.twin.rotate_consumer_secret("another secret").unwrap();
    stage.twin.check_webhooks().await;
    assert!(!valid().await, "who does not know the new secret is invalid at once");
}

#[actix_web::test]
async fn events_of_the_last_day_are_replayed() {
    let stage = Stage::open().await;
    let receiver = Receiver::default();
    let webhook = subscribe(&stage, &receiver.listen()).await;
    stage.says("jo", "@acme too early", None);
    stage.clock.advance(Duration::from_secs(600));
    receiver.wait_for(1).await;
    receiver.unwell.store(true, Ordering::SeqCst);
    let missed = stage.says("jo", "@acme missed", None);
    stage.twin.delete("jo", &stage.says("jo", "@acme missed and gone", None)).unwrap();
    eventually("two failures", || {
        let journal = std::fs::read_to_string(stage.journal()).unwrap();
        (journal.matches("\"status\":503},\"at\"").count() == 2).then_some(())
    })
    .await;
    stage.clock.advance(Duration::from_secs(600));
    receiver.unwell.store(false, Ordering::SeqCst);
    let replay = |from: &str, to: &str| {
        let body = json!({"webhook_id": webhook, "from_date": from, "to_date": to});
        stage.request(Method::POST, "/2/webhooks/replay", APP).json(&body)
    };
    for (from, to) in
        [("202607232100", "202607242140"), ("20260724213", "202607242140"), ("202607242140", "202607242130")]
    {
        assert_eq!(answered(replay(from, to)).await.status, 400, "{from} {to}");
    }
    let job = answered(replay("202607242133", "202607242140")).await;
    assert_eq!(job.status, 200, "{}", job.body);
    assert!(job.body["data"]["job_id"].is_string());
    let events = receiver.wait_for(3).await;
    assert_eq!(events[1]["data"]["event_uuid"], missed.as_str());
    assert_eq!(events.len(), 3, "the early one was outside: {events:#?}");
}

#[actix_web::test]
async fn subscriptions_are_for_those_they_are_about() {
    let stage = Stage::open().await;
    let subscribe = |token: &str, event: &str, user: &str| {
        let body = json!({"event_type": event, "filter": {"user_id": user}});
        stage.request(Method::POST, "/2/activity/subscriptions", token).json(&body)
    };
    assert_eq!(answered(subscribe(APP, "post.mention.create", ACME)).await.status, 403);
    assert_eq!(answered(subscribe(USER, "post.mention.create", "5")).await.status, 403);
    assert_eq!(answered(subscribe(USER, "rain.fall", ACME)).await.status, 400);
    assert_eq!(answered(subscribe(USER, "post.mention.create", "x")).await.status, 400);
    let made = answered(subscribe(USER, "post.mention.create", ACME)).await;
    let id = made.body["data"]["subscription"]["subscription_id"].as_str().unwrap().to_owned();
    assert_eq!(answered(subscribe(USER, "post.mention.create", ACME)).await.status, 409);
    let path = format!("/2/activity/subscriptions/{id}");
    assert_eq!(answered(stage.request(Method::DELETE, &path, APP)).await.body["data"]["deleted"], true);
    assert_eq!(answered(stage.request(Method::DELETE, &path, APP)).await.status, 404);
}

#[actix_web::test]
async fn a_lost_event_is_not_sent_again_and_a_doubled_one_comes_twice() {
    let stage = Stage::open().await;
    let receiver = Receiver::default();
    subscribe(&stage, &receiver.listen()).await;
    stage.twin.set_fault(Fault::new(FaultKind::WebhookOff, 1));
    stage.twin.set_fault(Fault::new(FaultKind::DuplicateWebhook, 1));
    stage.says("jo", "@acme lost", None);
    stage.says("jo", "@acme doubled", None);
    stage.says("jo", "@acme plain", None);
    let events = receiver.wait_for(3).await;
    let texts: Vec<_> = events.iter().map(|event| event["data"]["payload"]["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["@acme doubled", "@acme doubled", "@acme plain"]);
    assert_eq!(events[0]["data"]["event_uuid"], events[1]["data"]["event_uuid"]);
    let state = answered(stage.http.get(format!("{}/sim/state", stage.base))).await.body;
    assert_eq!((&state["failed_deliveries"], state["deliveries"].as_array().unwrap().len()), (&json!(1), 3));
}

#[actix_web::test]
async fn events_that_waited_are_sent_after_a_restart() {
    let stage = Stage::open().await;
    let receiver = Receiver::default();
    let url = receiver.listen();
    subscribe(&stage, &url).await;
    stage.says("jo", "@acme first", None);
    receiver.wait_for(1).await;
    eventually("the attempt to be noted", || {
        std::fs::read_to_string(stage.journal()).unwrap().contains("\"attempt\"").then_some(())
    })
    .await;

    // A copy of the journal on which nobody delivers, as after a crash right after acceptance.
    let stopped = stage.reopen().unwrap();
    stopped.post("jo", "@acme second", None, None).unwrap();
    drop(stopped);
    let again = stage.reopen().unwrap();
    let server = again.serve(TcpListener::bind("127.0.0.1:0").unwrap()).unwrap();
    tokio::spawn(server);
    let events = receiver.wait_for(2).await;
    assert_eq!(events[1]["data"]["payload"]["text"], "@acme second");
    assert_eq!(events.len(), 2, "the first is not sent again");
}
