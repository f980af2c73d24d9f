//! Failures on order, limits, and errors in every shape of Meta's.

use std::time::Duration;

use answerwell::sim::facebook::{Fault, FaultKind, Release, SCOPES};
use reqwest::Method;
use serde_json::{Value, json};

use super::{PAGE, Stage, TOKEN, answered, eventually};

#[actix_web::test]
async fn errors_come_with_their_numbers_and_do_nothing() {
    let stage = Stage::open().await;
    let post = stage.page_post("A new release");
    let edge = format!("/{post}/comments");
    let hello = json!({"message": "hello"});
    for (code, subcode, status) in [
        (1, None, 500),
        (2, None, 500),
        (4, None, 403),
        (10, None, 403),
        (17, None, 403),
        (32, None, 403),
        (100, None, 400),
        (102, None, 400),
        (190, Some(460), 400),
        (200, None, 403),
        (341, None, 403),
        (368, None, 403),
        (506, None, 400),
        (551, Some(1_545_041), 400),
        (613, None, 400),
        (80_001, None, 403),
        (80_006, None, 403),
        (1_609_005, None, 400),
        (123_456, None, 400),
    ] {
        stage.twin.set_fault(Fault::new(FaultKind::GraphError, 1).on("POST", "/comments").code(code, subcode));
        let refused = stage.post(&edge, hello.clone()).await;
        assert_eq!((refused.status, refused.code()), (status, (code, subcode)), "{}", refused.body);
    }
    stage.twin.set_fault(Fault::new(FaultKind::ErrorInside, 1).code(368, None));
    let inside = stage.post(&edge, hello.clone()).await;
    assert_eq!((inside.status, inside.code()), (200, (368, None)));
    assert!(inside.body["error"]["error_user_msg"].is_string());
    stage.twin.set_fault(Fault::new(FaultKind::Html, 1));
    let page = stage.post(&edge, hello.clone()).await;
    assert!(page.status == 200 && page.headers["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(stage.twin.comments().is_empty(), "nothing of it was done");
    let order = [("kind", "graph_error"), ("code", "368"), ("calls", ""), ("subcode", ""), ("path", "")];
    assert_eq!(answered(stage.http.post(format!("{}/sim/faults", stage.base)).form(&order)).await.status, 200);
    assert_eq!(stage.post(&edge, hello).await.code(), (368, None));
    let unknown = answered(stage.http.post(format!("{}/sim/faults", stage.base)).form(&[("kind", "402")])).await;
    assert_eq!(unknown.status, 400, "that one is X's");
}

#[actix_web::test]
async fn limits_are_told_before_they_are_reached() {
    let stage = Stage::open().await;
    stage.twin.set_limit(4);
    let usage = |headers: &reqwest::header::HeaderMap| -> Value {
        let all: Value = serde_json::from_str(headers["x-business-use-case-usage"].to_str().unwrap()).unwrap();
        all[PAGE.to_string()][0].clone()
    };
    for percent in [25, 50, 75, 100] {
        let reply = stage.get("/me").await;
        assert_eq!((reply.status, &usage(&reply.headers)["call_count"]), (200, &json!(percent)));
        assert_eq!(usage(&reply.headers)["type"], "pages");
    }
    let over = stage.get("/me").await;
    assert_eq!((over.status, over.code()), (403, (80_001, None)));
    assert_eq!(usage(&over.headers)["estimated_time_to_regain_access"], 60);
    let user = stage.twin.grant("olga", &SCOPES).unwrap().user_token;
    let me = answered(stage.request(Method::GET, "/me", &user)).await;
    assert!(me.status == 200 && me.headers.contains_key("x-app-usage"), "another token has its own limit");
    stage.clock.advance(Duration::from_secs(3600));
    assert_eq!(stage.get("/me").await.status, 200);
    stage.twin.set_fault(Fault::new(FaultKind::TooManyRequests, 1).seconds(125));
    let fault = stage.get("/me").await;
    assert_eq!((fault.code().0, &usage(&fault.headers)["estimated_time_to_regain_access"]), (80_001, &json!(3)));
}

#[actix_web::test]
async fn a_dropped_connection_says_nothing_of_what_was_done() {
    let stage = Stage::open().await;
    let post = stage.page_post("A new release");
    let send = || {
        let request = stage.request(Method::POST, &format!("/{post}/comments"), TOKEN);
        request.json(&json!({"message": "hello"})).send()
    };
    for (kind, done) in [(FaultKind::DropBefore, 0), (FaultKind::DropAfter, 1)] {
        stage.twin.set_fault(Fault::new(kind, 1).on("POST", "/comments"));
        assert!(!send().await.expect_err("no answer may come").is_timeout());
        assert_eq!(stage.twin.comments().len(), done, "{kind:?}");
    }
    stage.twin.set_fault(Fault::new(FaultKind::HoldAfter, 1).on("POST", "/comments"));
    let call = actix_web::rt::spawn(send());
    let held = eventually("a held request", || stage.twin.held().pop()).await;
    assert!(held.path.ends_with("/comments") && held.body.contains("hello"));
    assert_eq!(stage.twin.comments().len(), 2);
    assert_eq!(stage.twin.release(Release::GoOn), 1);
    assert_eq!(call.await.unwrap().unwrap().status(), 200);
    let statuses: Vec<u16> = stage.twin.calls().iter().map(|(_, _, status)| *status).collect();
    assert_eq!(statuses, [0, 0, 200]);
}

#[actix_web::test]
async fn answers_of_every_odd_kind() {
    let stage = Stage::open().await;
    let once = |kind| stage.twin.set_fault(Fault::new(kind, 1));
    once(FaultKind::Redirect);
    let elsewhere = stage.get("/me").await;
    assert_eq!((elsewhere.status, elsewhere.headers["location"].to_str().unwrap()), (302, "http://10.0.0.1/v25.0/me"));
    once(FaultKind::HtmlError);
    assert_eq!(stage.get("/me").await.status, 502);
    once(FaultKind::ServerError);
    assert_eq!(stage.get("/me").await.code(), (2, None));
    once(FaultKind::HugeBody);
    let mut huge = stage.request(Method::GET, "/me", TOKEN).send().await.unwrap();
    let mut length = 0;
    while let Some(piece) = huge.chunk().await.unwrap() {
        length += piece.len();
    }
    assert!(length > 100 << 20, "{length}");
    stage.twin.set_fault(Fault::new(FaultKind::SlowDrip, 1).seconds(1));
    assert_eq!(stage.get("/me").await.body["name"], "Acme");

    once(FaultKind::Unauthorized);
    assert_eq!(stage.get("/me").await.code(), (190, Some(467)));
    assert_eq!(stage.get("/me").await.status, 200, "only this once");
    let token = stage.twin.grant("olga", &SCOPES).unwrap().page_token;
    stage.twin.set_fault(Fault::new(FaultKind::RevokedToken, 1).code(190, Some(460)));
    for _ in 0..2 {
        let refused = answered(stage.request(Method::POST, "/me/feed", &token).json(&json!({"message": "x"}))).await;
        assert_eq!(refused.code(), (190, Some(460)), "in mid-send, and after");
    }
    assert_eq!(stage.get("/me").await.status, 200, "the other token stands");
}

#[actix_web::test]
async fn hostile_requests_get_an_answer() {
    let stage = Stage::open().await;
    let post = stage.page_post("A new release");
    let long = "9".repeat(4_000);
    for path in [
        format!("/{long}"),
        format!("/{long}_{long}/comments"),
        "/t_1/messages".to_owned(),
        "/m_1".to_owned(),
        "/%00%ff/comments".to_owned(),
        format!("/{post}/comments?limit=99999999999999999999"),
        format!("/{post}/comments?limit=-1"),
        format!("/{post}/comments?since={long}"),
        format!("/{post}/comments?after=QVFIZD"),
        format!("/{post}?fields={}", "comments{".repeat(400)),
        format!("/?ids={}", "1,".repeat(60)),
        "/me/feed?fields=id&until=-9223372036854775808".to_owned(),
    ] {
        let reply = stage.get(&path).await;
        assert!(reply.status == 400 || reply.body.get("data").is_some(), "{path}: {} {}", reply.status, reply.body);
    }
    for (kind, body) in [
        ("application/json", "{\"message\":"),
        ("application/json", "[1,2]"),
        ("application/json", "{\"message\":{\"a\":[null]}}"),
        ("application/x-www-form-urlencoded", "message=%ff%fe&a=%"),
        ("multipart/form-data; boundary=x", "--x\r\nnonsense"),
        ("multipart/form-data", "no boundary"),
        ("text/plain", "hello"),
    ] {
        let request = stage.request(Method::POST, &format!("/{post}/comments"), TOKEN);
        let reply = answered(request.header("content-type", kind).body(body)).await;
        assert!(matches!(reply.status, 200 | 400), "{kind} {body}: {} {}", reply.status, reply.body);
    }
    let odd = json!({"recipient": [1], "message": "text", "messaging_type": {"a": 1}});
    assert_eq!(stage.post("/me/messages", odd).await.status, 400);
    assert_eq!(stage.get("/me").await.status, 200);
}

#[actix_web::test]
async fn one_object_of_a_list_cannot_be_read() {
    let stage = Stage::open().await;
    let post = stage.page_post("A new release");
    stage.says("jo", &post, "one");
    stage.says("jo", &post, "two");
    stage.twin.set_fault(Fault::new(FaultKind::OddPost, 1).on("GET", "/comments"));
    let list = stage.get(&format!("/{post}/comments")).await.body;
    assert_eq!((&list["data"][0]["created_time"], &list["data"][1]["message"]), (&json!({}), &json!("two")));
    assert_eq!(stage.twin.count_faults(), 0);
}
