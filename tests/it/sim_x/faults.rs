//! Failures on order: refusals, dropped connections, held requests.

use std::time::Duration;

use answerwell::sim::x::{Fault, FaultKind, Release};
use reqwest::Method;
use serde_json::json;

use super::webhooks::{Receiver, subscribe};
use super::{Stage, USER, answered, eventually};

#[actix_web::test]
async fn the_next_calls_that_match_fail() {
    let stage = Stage::open().await;
    let faults = format!("{}/sim/faults", stage.base);
    let order =
        stage.http.post(&faults).json(&json!({"kind": "429", "calls": 2, "path": "/2/tweets", "method": "POST"}));
    assert_eq!(answered(order).await.status, 200);
    assert_eq!(stage.get("/2/users/me").await.status, 200, "another path goes through");
    for _ in 0..2 {
        let refused = stage.send(json!({"text": "hello"})).await;
        assert_eq!((refused.status, refused.headers["x-rate-limit-remaining"].to_str().unwrap()), (429, "0"));
    }
    let order = stage.http.post(&faults).form(&[("kind", "500"), ("calls", ""), ("path", "")]);
    assert_eq!(answered(order).await.status, 200);
    assert_eq!(stage.send(json!({"text": "hello"})).await.status, 500);
    stage.twin.set_fault(Fault::new(FaultKind::Html, 1));
    let page = stage.send(json!({"text": "hello"})).await;
    assert!(page.status == 200 && page.headers["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(stage.twin.posts().is_empty(), "nothing of it was accepted");
    assert_eq!(answered(stage.http.post(&faults).form(&[("kind", "flood")])).await.status, 400);

    stage.twin.set_fault(Fault::new(FaultKind::ServerError, 5));
    stage.twin.clear_faults();
    assert_eq!(stage.send(json!({"text": "hello"})).await.status, 201);
    let statuses: Vec<u16> =
        stage.twin.calls().iter().filter(|call| call.1 == "/2/tweets").map(|call| call.2).collect();
    assert_eq!(statuses, [429, 429, 500, 200, 201]);
}

#[actix_web::test]
async fn a_dropped_connection_says_nothing_of_what_was_done() {
    let stage = Stage::open().await;
    for (kind, accepted) in [(FaultKind::DropBefore, 0), (FaultKind::DropAfter, 1)] {
        stage.twin.set_fault(Fault::new(kind, 1).on("POST", "/2/tweets"));
        let sent = stage.request(Method::POST, "/2/tweets", USER).json(&json!({"text": "hello"})).send().await;
        let error = sent.expect_err("no answer may come");
        assert!(!error.is_timeout(), "{error:?}");
        assert_eq!(stage.twin.posts().len(), accepted, "{kind:?}");
    }
    assert_eq!(stage.send(json!({"text": "hello"})).await.status, 403, "the second is a duplicate of the accepted one");
}

#[actix_web::test]
async fn held_requests_wait_for_their_release() {
    let stage = Stage::open().await;
    for (kind, held_posts) in [(FaultKind::HoldBefore, 0), (FaultKind::HoldAfter, 1)] {
        let text = format!("{kind:?}");
        stage.twin.set_fault(Fault::new(kind, 1).on("POST", "/2/tweets"));
        let call = stage.request(Method::POST, "/2/tweets", USER).json(&json!({"text": text})).send();
        let call = actix_web::rt::spawn(call);
        let held = eventually("a held request", || stage.twin.held().pop()).await;
        assert_eq!((held.at, held.method.as_str(), held.path.as_str()), (kind, "POST", "/2/tweets"));
        let posted = stage.twin.posts().iter().filter(|post| post.text == text).count();
        assert_eq!(posted, held_posts);
        let released = answered(stage.http.post(format!("{}/sim/release", stage.base))).await;
        assert_eq!(released.body, json!({"released": 1}));
        assert_eq!(call.await.unwrap().unwrap().status(), 201);
    }
    assert!(stage.twin.held().is_empty());
}

#[actix_web::test]
async fn a_client_that_dies_does_not_undo_what_the_network_has() {
    let stage = Stage::open().await;
    for (how, posts) in [(Release::Drop, 0), (Release::GoOn, 1)] {
        stage.twin.set_fault(Fault::new(FaultKind::HoldBefore, 1));
        let call = stage.request(Method::POST, "/2/tweets", USER).json(&json!({"text": "hello"})).send();
        let client = actix_web::rt::spawn(call);
        eventually("a held request", || stage.twin.held().pop()).await;
        client.abort();
        assert!(client.await.is_err_and(|error| error.is_cancelled()), "the client gave up");
        assert_eq!(stage.twin.held().len(), 1);
        assert_eq!(stage.twin.release(how), 1);
        eventually("the call to end", || (stage.twin.calls().len() == posts + 1).then_some(())).await;
        assert_eq!(stage.twin.posts().len(), posts, "{how:?}");
    }
    assert_eq!(stage.get("/2/users/me").await.status, 200);
}

#[actix_web::test]
async fn faults_strike_their_share_of_calls_and_beside_each_other() {
    let stage = Stage::open().await;
    stage.twin.set_fault(Fault::new(FaultKind::ServerError, 2).on("GET", "/2/users").share(0.25));
    stage.twin.set_fault(Fault::new(FaultKind::HtmlError, 1).on("GET", "/2/users/me").share(0.5));
    let mut statuses = Vec::new();
    for _ in 0..9 {
        statuses.push(stage.get("/2/users/me").await.status);
    }
    assert_eq!(statuses, [200, 502, 200, 500, 200, 200, 200, 500, 200]);
    let order = [("kind", "401"), ("calls", "1"), ("share", "50"), ("path", ""), ("method", ""), ("seconds", "")];
    assert_eq!(answered(stage.http.post(format!("{}/sim/faults", stage.base)).form(&order)).await.status, 200);
    assert_eq!([stage.get("/2/users/me").await.status, stage.get("/2/users/me").await.status], [200, 401]);
}

#[actix_web::test]
async fn answers_of_every_odd_kind() {
    let stage = Stage::open().await;
    let once = |kind| stage.twin.set_fault(Fault::new(kind, 1));
    once(FaultKind::Redirect);
    let elsewhere = stage.send(json!({"text": "hello"})).await;
    assert_eq!((elsewhere.status, elsewhere.headers["location"].to_str().unwrap()), (302, "http://10.0.0.1/2/tweets"));
    once(FaultKind::CreditsDepleted);
    assert_eq!(stage.send(json!({"text": "hello"})).await.body["title"], "CreditsDepleted");
    once(FaultKind::HugeBody);
    let mut huge = stage.request(Method::GET, "/2/users/me", USER).send().await.unwrap();
    let mut length = 0;
    while let Some(piece) = huge.chunk().await.unwrap() {
        length += piece.len();
    }
    assert!(length > 100 << 20, "{length}");
    assert!(stage.twin.posts().is_empty(), "nothing of it was accepted");

    stage.twin.set_fault(Fault::new(FaultKind::WrongClock, 1).seconds(3_600));
    let sent = stage.send(json!({"text": "hello"})).await;
    let ahead = time_of(sent.headers["date"].to_str().unwrap());
    let honest = time_of(stage.get("/2/users/me").await.headers["date"].to_str().unwrap());
    assert!(sent.status == 201 && (3_500..3_700).contains(&(ahead - honest)), "{ahead} {honest}");

    stage.twin.set_fault(Fault::new(FaultKind::SlowDrip, 1).seconds(1));
    let begun = std::time::Instant::now();
    let dripped = stage.send(json!({"text": "drop by drop"})).await;
    assert_eq!(dripped.body["data"]["text"], "drop by drop");
    assert!(begun.elapsed() > Duration::from_millis(900));

    let token = stage.twin.grant("acme", &answerwell::sim::x::SCOPES).unwrap().access_token;
    once(FaultKind::RevokedToken);
    for text in ["in mid-send", "and after"] {
        let refused = stage.request(Method::POST, "/2/tweets", &token).json(&json!({ "text": text }));
        assert_eq!(answered(refused).await.status, 401);
    }
    assert_eq!(stage.send(json!({"text": "the other token"})).await.status, 201);
}

/// The seconds of a day in a Date header.
fn time_of(date: &str) -> i64 {
    let clock = date.split(' ').nth(4).unwrap();
    let parts: Vec<i64> = clock.split(':').map(|part| part.parse().unwrap()).collect();
    let day: i64 = date.split(' ').nth(1).unwrap().parse().unwrap();
    ((day * 24 + parts[0]) * 60 + parts[1]) * 60 + parts[2]
}

#[actix_web::test]
async fn webhooks_come_late_in_disorder_and_from_strangers() {
    let stage = Stage::open().await;
    let receiver = Receiver::default();
    subscribe(&stage, &receiver.listen()).await;
    let once = |kind| stage.twin.set_fault(Fault::new(kind, 1));
    once(FaultKind::WebhookSwapped);
    once(FaultKind::ForeignWebhook);
    let first = stage.says("jo", "@acme first", None);
    let second = stage.says("jo", "@acme second", None);
    let events = receiver.wait_for(3).await;
    let uuids: Vec<_> = events.iter().map(|event| event["data"]["event_uuid"].as_str().unwrap()).collect();
    assert_eq!(uuids, ["9000000000000000001", second.as_str(), first.as_str()]);
    assert_eq!(events[0]["data"]["filter"]["user_id"], "9000000000000000009");

    stage.twin.set_fault(Fault::new(FaultKind::WebhookLate, 1).seconds(1));
    let late = stage.says("jo", "@acme late", None);
    let punctual = stage.says("jo", "@acme punctual", None);
    let events = receiver.wait_for(5).await;
    assert_eq!(events[3]["data"]["event_uuid"], punctual.as_str());
    assert_eq!(events[4]["data"]["event_uuid"], late.as_str());
    once(FaultKind::OldSignature);
    stage.says("jo", "@acme signed with the old secret", None);
    once(FaultKind::HugeWebhook);
    stage.says("jo", "@acme after something huge", None);
    let events = receiver.wait_for(6).await;
    assert_eq!(events[5]["data"]["payload"]["text"], "@acme after something huge");
}
