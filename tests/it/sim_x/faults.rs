//! Failures on order: refusals, dropped connections, held requests.

use std::time::Duration;

use answerwell::sim::x::{Fault, FaultKind, Release};
use reqwest::Method;
use serde_json::json;

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
        let call = stage.request(Method::POST, "/2/tweets", USER).json(&json!({"text": "hello"}));
        let call = call.timeout(Duration::from_millis(200)).send().await;
        assert!(call.is_err(), "the client gave up");
        assert_eq!(stage.twin.held().len(), 1);
        assert_eq!(stage.twin.release(how), 1);
        eventually("the call to end", || (stage.twin.calls().len() == posts + 1).then_some(())).await;
        assert_eq!(stage.twin.posts().len(), posts, "{how:?}");
    }
    assert_eq!(stage.get("/2/users/me").await.status, 200);
}
