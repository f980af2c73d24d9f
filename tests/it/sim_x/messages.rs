//! Direct messages: written on the page and through the API, told by webhook, listed, refused.

use std::time::Duration;

use answerwell::sim::x::SCOPES;
use reqwest::Method;
use serde_json::json;

use super::webhooks::Receiver;
use super::{ACME, APP, Reply, Stage, USER, answered, ids};

impl Stage {
    fn id_of(&self, handle: &str) -> String {
        self.twin.user(handle, "", 0).unwrap().0.to_string()
    }

    async fn write_to(&self, other: &str, body: serde_json::Value) -> Reply {
        let path = format!("/2/dm_conversations/with/{other}/messages");
        answered(self.request(Method::POST, &path, USER).json(&body)).await
    }

    /// A customer's message, a second after the one before.
    fn whispers(&self, handle: &str, text: &str) -> String {
        self.clock.advance(Duration::from_secs(1));
        self.twin.message(handle, "acme", text, None).unwrap()
    }
}

#[actix_web::test]
async fn a_customer_and_the_brand_write_to_each_other() {
    let stage = Stage::open().await;
    let receiver = Receiver::default();
    let created = stage.request(Method::POST, "/2/webhooks", APP).json(&json!({ "url": receiver.listen() }));
    let webhook = answered(created).await.body["data"]["id"].clone();
    for event in ["dm.received", "dm.sent"] {
        let body = json!({"event_type": event, "filter": {"user_id": ACME}, "webhook_id": webhook});
        let subscribe = |token: &str| stage.request(Method::POST, "/2/activity/subscriptions", token).json(&body);
        assert_eq!(answered(subscribe(APP)).await.status, 403, "messages are private");
        let reader = stage.twin.grant("acme", &["tweet.read", "users.read"]).unwrap().access_token;
        assert_eq!(answered(subscribe(&reader)).await.status, 403, "dm.read is missing");
        assert_eq!(answered(subscribe(USER)).await.status, 200);
    }
    let form = [("as", "@jo"), ("with", "acme"), ("text", "my order <7> never came")];
    let sent = stage.http.post(format!("{}/messages", stage.base)).header("sec-fetch-site", "same-origin");
    assert_eq!(answered(sent.form(&form)).await.status, 303);
    let jo = stage.id_of("jo");
    let told = receiver.wait_for(1).await[0]["data"].clone();
    assert_eq!(told["event_type"], "dm.received");
    let event = &told["payload"]["direct_message_events"][0];
    assert_eq!(event["message_create"]["message_data"]["text"], "my order &lt;7&gt; never came");
    assert_eq!(event["message_create"]["sender_id"], jo.as_str());
    assert_eq!(told["payload"]["users"][jo.as_str()]["data"]["username"], "jo");

    stage.clock.advance(Duration::from_secs(1));
    let answer = stage.write_to(&jo, json!({"text": "We are looking into it"})).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    assert_eq!(receiver.wait_for(2).await[1]["data"]["event_type"], "dm.sent");
    let conversation = answer.body["data"]["dm_conversation_id"].as_str().unwrap();
    let fields = "dm_event.fields=id,text,event_type,created_at,dm_conversation_id,sender_id&expansions=sender_id";
    for path in [
        format!("/2/dm_events?{fields}"),
        format!("/2/dm_conversations/with/{jo}/dm_events?{fields}"),
        format!("/2/dm_conversations/{conversation}/dm_events?{fields}"),
    ] {
        let listed = stage.get(&path).await;
        assert_eq!(listed.status, 200, "{path}: {}", listed.body);
        assert_eq!(listed.body["data"][0]["text"], "We are looking into it");
        assert_eq!(listed.body["data"][1]["sender_id"], jo.as_str());
        assert_eq!(listed.body["data"][1]["dm_conversation_id"], conversation);
        assert_eq!(listed.body["includes"]["users"].as_array().unwrap().len(), 2);
    }
    let page = answered(stage.http.get(format!("{}/messages?as=jo&with=acme", stage.base))).await;
    assert!(page.body.as_str().unwrap().contains("We are looking into it"));
    let own = format!("/2/dm_events/{}", answer.body["data"]["dm_event_id"].as_str().unwrap());
    assert_eq!(answered(stage.request(Method::DELETE, &own, USER)).await.body["data"]["deleted"], true);
    assert_eq!(stage.get(&own).await.status, 404);
    assert_eq!(stage.twin.messages("jo", "acme").len(), 1);
    assert_eq!(stage.reopen().unwrap().messages("jo", "acme").len(), 1);
}

#[actix_web::test]
async fn messages_are_for_the_two_who_write_them() {
    let stage = Stage::open().await;
    stage.twin.user("kim", "Kim", 3).unwrap();
    let theirs = stage.twin.message("jo", "kim", "not for a company", None).unwrap();
    assert_eq!(stage.get("/2/dm_events").await.body, json!({"meta": {"result_count": 0}}));
    assert_eq!(stage.get(&format!("/2/dm_events/{theirs}")).await.status, 404);
    let (jo, kim) = (stage.id_of("jo"), stage.id_of("kim"));
    assert_eq!(stage.get(&format!("/2/dm_conversations/{jo}-{kim}/dm_events")).await.status, 403);
    let app = answered(stage.request(Method::GET, "/2/dm_events", APP)).await;
    assert_eq!((app.status, app.body["title"].as_str()), (403, Some("Unsupported Authentication")));
    let poster = stage.twin.grant("acme", &["tweet.read", "tweet.write", "users.read"]).unwrap().access_token;
    assert_eq!(answered(stage.request(Method::GET, "/2/dm_events", &poster)).await.status, 403);
    let jos = stage.twin.grant("jo", &SCOPES).unwrap().access_token;
    assert_eq!(ids(&answered(stage.request(Method::GET, "/2/dm_events", &jos)).await.body), [&theirs]);

    for (body, said) in [
        (json!({}), "required"),
        (json!({"text": " "}), "required"),
        (json!({"text": "x".repeat(10_001)}), "10000"),
        (json!({"attachments": [{"media_id": "5"}]}), "media IDs"),
        (json!({"attachments": [{"media_id": "5"}, {"media_id": "6"}]}), "maximum of 1"),
    ] {
        let refused = stage.write_to(&jo, body).await;
        assert!(refused.status == 400 && refused.body.to_string().contains(said), "{said}: {}", refused.body);
    }
    assert_eq!(stage.write_to(&jo, json!({"text": "x".repeat(10_000)})).await.status, 201);
    assert_eq!(stage.write_to("5", json!({"text": "anybody?"})).await.status, 400);
    stage.twin.close_messages("kim", true).unwrap();
    let closed = stage.write_to(&kim, json!({"text": "an offer for you"})).await;
    assert!(closed.status == 403 && closed.body.to_string().contains("permission to DM"), "{}", closed.body);
    stage.whispers("kim", "a question");
    assert_eq!(stage.write_to(&kim, json!({"text": "an answer"})).await.status, 201);
}

#[actix_web::test]
async fn messages_come_in_pages_and_fifteen_calls() {
    let stage = Stage::open().await;
    let all: Vec<String> = (0..5).map(|n| stage.whispers("jo", &format!("message {n}"))).collect();
    let mut found = Vec::new();
    let mut path = "/2/dm_events?max_results=2".to_owned();
    loop {
        let page = stage.get(&path).await;
        found.extend(ids(&page.body).into_iter().map(str::to_owned));
        let Some(token) = page.body["meta"]["next_token"].as_str() else { break };
        path = format!("/2/dm_events?max_results=2&pagination_token={token}");
    }
    found.reverse();
    assert_eq!(found, all);
    for _ in 0..12 {
        stage.get("/2/dm_events").await;
    }
    assert_eq!(stage.get("/2/dm_events").await.status, 429);
    stage.clock.advance(Duration::from_secs(31 * 24 * 3600));
    assert_eq!(stage.get("/2/dm_events").await.body["meta"]["result_count"], 0, "a month back, no further");
}
