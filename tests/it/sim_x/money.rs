//! What calls cost, what happens without money, and limits of a day.

use reqwest::Method;
use serde_json::json;

use super::{ACME, APP, Stage, USER, answered};

#[actix_web::test]
async fn calls_cost_what_x_takes_for_them() {
    let stage = Stage::open().await;
    let cost = async |call: reqwest::RequestBuilder| {
        let before = stage.twin.spent();
        let reply = answered(call).await;
        assert!(reply.status < 300, "{}", reply.body);
        stage.twin.spent() - before
    };
    let get = |path: &str| stage.request(Method::GET, path, USER);
    let post = |body: serde_json::Value| stage.request(Method::POST, "/2/tweets", USER).json(&body);
    let question = stage.says("jo", "@acme help", None);
    stage.says("jo", "acme is slow", None);
    let mentions = format!("/2/users/{ACME}/mentions");
    assert_eq!(cost(get(&mentions)).await, 1_000, "one's own mentions");
    assert_eq!(cost(get(&mentions)).await, 0, "twice in a day is free");
    assert_eq!(cost(get("/2/tweets/search/recent?query=acme")).await, 5_000, "the other post");
    assert_eq!(cost(get(&format!("/2/tweets/{question}?expansions=author_id"))).await, 10_000, "its author");
    assert_eq!(cost(post(json!({"text": "Good morning"}))).await, 15_000);
    assert_eq!(cost(post(json!({"text": "See https://acme.example"}))).await, 200_000);
    let reply = json!({"text": "On it", "reply": {"in_reply_to_tweet_id": question}});
    assert_eq!(cost(post(reply)).await, 10_000);
    assert_eq!(cost(stage.request(Method::GET, "/2/webhooks", APP)).await, 0);
    let usage = answered(stage.request(Method::GET, "/2/usage/tweets", APP)).await.body;
    assert_eq!(usage["data"]["project_usage"], "2", "{usage}");
}

#[actix_web::test]
async fn without_credits_nothing_that_costs_is_done() {
    let stage = Stage::open().await;
    stage.twin.set_credits(Some(20_000));
    assert_eq!(stage.send(json!({"text": "one"})).await.status, 201);
    assert_eq!(stage.send(json!({"text": "two"})).await.status, 201, "the last of it");
    let refused = stage.send(json!({"text": "three"})).await;
    assert_eq!((refused.status, &refused.body["title"]), (402, &json!("CreditsDepleted")));
    assert!(refused.body["type"].as_str().unwrap().ends_with("/problems/credits"));
    assert!(refused.headers.contains_key("x-rate-limit-remaining"), "the limits look fine");
    assert_eq!(stage.twin.posts().len(), 2);
    assert_eq!(answered(stage.request(Method::GET, "/2/webhooks", APP)).await.status, 200);
    let fill = stage.http.post(format!("{}/sim/credits", stage.base)).form(&[("cents", "")]);
    assert_eq!(answered(fill).await.status, 200);
    assert_eq!(stage.send(json!({"text": "three"})).await.status, 201);
}

#[actix_web::test]
async fn a_day_has_a_limit_of_its_own() {
    let stage = Stage::open().await;
    let header = |reply: &super::Reply, name: &str| reply.headers[name].to_str().unwrap().to_owned();
    let sent = stage.send(json!({"text": "one"})).await;
    assert_eq!(header(&sent, "x-app-limit-24hour-limit"), "10000");
    assert_eq!(header(&sent, "x-app-limit-24hour-remaining"), "9999");
    let jo = stage.twin.user("jo", "", 0).unwrap().0;
    let path = format!("/2/dm_conversations/with/{jo}/messages");
    let written = answered(stage.request(Method::POST, &path, USER).json(&json!({"text": "hello"}))).await;
    assert_eq!(header(&written, "x-user-limit-24hour-limit"), "1440");
    let reset = |reply: &super::Reply, name: &str| header(reply, name).parse::<i64>().unwrap();
    let (day, window) = (reset(&written, "x-user-limit-24hour-reset"), reset(&written, "x-rate-limit-reset"));
    assert_eq!(day - window, 24 * 3600 - 15 * 60);
}
