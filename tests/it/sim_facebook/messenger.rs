//! Messenger through the API: conversations, the window, private answers, and who takes no messages.

use std::time::Duration;

use answerwell::sim::facebook::With;
use serde_json::{Value, json};

use super::{PAGE, Reply, Stage, ids, png};

const HOUR: Duration = Duration::from_secs(3600);

impl Stage {
    async fn answer(&self, to: &str, text: &str) -> Reply {
        let body = json!({"recipient": {"id": to}, "messaging_type": "RESPONSE", "message": {"text": text}});
        self.post("/me/messages", body).await
    }

    async fn answer_privately(&self, comment: &str) -> Reply {
        self.post("/me/messages", json!({"recipient": {"comment_id": comment}, "message": {"text": "Write me"}})).await
    }
}

#[actix_web::test]
async fn a_page_answers_within_its_window() {
    let stage = Stage::open().await;
    let jo = stage.twin.psid("jo").unwrap();
    assert_eq!(stage.answer(&jo, "Hello?").await.code(), (10, Some(2_018_278)), "jo never wrote");
    stage.twin.message("jo", "order 42 never came", With::default()).unwrap();
    let sent = stage.answer(&jo, "Sorry! On it.").await;
    assert_eq!(sent.body["recipient_id"], jo.as_str(), "{}", sent.body);
    assert!(sent.body["message_id"].as_str().unwrap().starts_with("m_"));
    stage.clock.advance(24 * HOUR);
    assert_eq!(stage.answer(&jo, "Still there?").await.code(), (10, Some(2_018_278)));
    let human = json!({
        "recipient": {"id": jo}, "messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT", "message": {"text": "Found it"},
    });
    assert_eq!(stage.post("/me/messages", human.clone()).await.status, 200);
    stage.twin.set_human_agent(false).unwrap();
    assert_eq!(stage.post("/me/messages", human.clone()).await.code(), (10, None), "the feature is not reviewed");
    stage.twin.set_human_agent(true).unwrap();
    stage.clock.advance(6 * 24 * HOUR);
    assert_eq!(stage.post("/me/messages", human).await.code(), (10, Some(2_018_278)));
    stage.twin.message("jo", "it came", With::default()).unwrap();
    assert_eq!(stage.answer(&jo, "Good").await.status, 200, "the window is open again");
    let told: Vec<_> = stage.twin.messages("jo").into_iter().map(|one| (one.from, one.text)).collect();
    assert_eq!(told.len(), 5);
    assert_eq!(told[1], ("acme".to_owned(), "Sorry! On it.".to_owned()));
}

#[actix_web::test]
async fn messages_that_are_none_are_refused() {
    let stage = Stage::open().await;
    let jo = stage.twin.psid("jo").unwrap();
    stage.twin.message("jo", "hello", With::default()).unwrap();
    let send = async |body: Value| stage.post("/me/messages", body).await.code();
    let to = json!({ "id": jo });
    let old = json!({
        "recipient": to, "messaging_type": "MESSAGE_TAG", "tag": "ACCOUNT_UPDATE", "message": {"text": "x"},
    });
    for (body, code) in [
        (json!({"message": {"text": "x"}}), (100, None)),
        (json!({"recipient": {"id": "12"}, "message": {"text": "x"}}), (100, Some(2_018_001))),
        (json!({"recipient": to}), (100, None)),
        (json!({"recipient": to, "message": {"text": ""}}), (100, None)),
        (json!({"recipient": to, "message": {"text": "x".repeat(2_001)}}), (100, None)),
        (json!({"recipient": to, "messaging_type": "SHOUT", "message": {"text": "x"}}), (100, None)),
        (old, (100, None)),
    ] {
        assert_eq!(send(body.clone()).await, code, "{body}");
    }
    stage.twin.close_messages("jo", true).unwrap();
    assert_eq!(stage.answer(&jo, "x").await.code(), (551, Some(1_545_041)));
    let typing = json!({"recipient": to, "sender_action": "typing_on"});
    assert_eq!(stage.post("/me/messages", typing).await.body, json!({"recipient_id": jo}));
    let form = [("recipient", to.to_string()), ("message", json!({"text": "in a form"}).to_string())];
    stage.twin.close_messages("jo", false).unwrap();
    let request = stage.request(reqwest::Method::POST, &format!("/{PAGE}/messages"), super::TOKEN).form(&form);
    assert_eq!(super::answered(request).await.status, 200);
}

#[actix_web::test]
async fn a_comment_is_answered_privately_once_and_within_a_week() {
    let stage = Stage::open().await;
    let post = stage.page_post("A new release");
    let (first, second) = (stage.says("jo", &post, "order 42?"), stage.says("jo", &post, "hello?"));
    let own = stage.page_post("Own");
    let sent = stage.answer_privately(&first).await;
    assert_eq!(sent.body["recipient_id"], stage.twin.psid("jo").unwrap(), "{}", sent.body);
    let fields = format!("/{first}?fields=can_reply_privately,private_reply_conversation");
    let found = stage.get(&fields).await.body;
    assert_eq!(found["can_reply_privately"], false);
    let conversation = found["private_reply_conversation"]["id"].as_str().unwrap().to_owned();
    assert_eq!(stage.answer_privately(&first).await.code(), (10_900, None));
    assert_eq!(stage.answer_privately(&own).await.code(), (10_903, None), "not to a page");
    assert_eq!(stage.answer_privately("1_2").await.code(), (10_901, None));
    let jo = stage.twin.psid("jo").unwrap();
    assert_eq!(stage.answer(&jo, "Are you there?").await.code(), (10, Some(2_018_278)), "only if jo writes back");
    stage.clock.advance(8 * 24 * HOUR);
    assert_eq!(stage.answer_privately(&second).await.code(), (10_902, None));
    stage.twin.message("jo", "yes", With::default()).unwrap();
    assert_eq!(stage.answer(&jo, "Good").await.status, 200);
    let messages = stage.get(&format!("/{conversation}/messages")).await.body;
    assert_eq!(ids(&messages).len(), 3);
    assert_eq!(stage.twin.messages("jo")[0].answers.as_deref(), Some(first.as_str()));
}

#[actix_web::test]
async fn conversations_can_be_read() {
    let stage = Stage::open().await;
    stage.twin.person("kim", "Kim").unwrap();
    let picture = stage.twin.add_picture(&png(40, 30)).unwrap();
    for (who, text) in [("jo", "one"), ("kim", "two"), ("jo", "three")] {
        stage.clock.advance(Duration::from_secs(1));
        stage.twin.message(who, text, With::default()).unwrap();
    }
    let taken_back = stage.twin.message("jo", "oops", With::default()).unwrap();
    let shown = stage.twin.message("jo", "", With { picture: Some(&picture), ..With::default() }).unwrap();
    stage.twin.unsend(&taken_back).unwrap();
    stage.twin.message_from_page("kim", "By hand", With::default()).unwrap();
    let jo = stage.twin.psid("jo").unwrap();
    let one = format!(
        "/{PAGE}/conversations?platform=MESSENGER&user_id={jo}\
         &fields=id,updated_time,participants,can_reply,message_count,unread_count,snippet,messages.limit(2){{id,message,from,to,created_time,attachments}}"
    );
    let found = stage.get(&one).await.body;
    assert_eq!(ids(&found).len(), 1);
    let talk = &found["data"][0];
    assert_eq!(
        (&talk["message_count"], &talk["can_reply"], &talk["unread_count"]),
        (&json!(3), &json!(true), &json!(3))
    );
    assert_eq!(talk["participants"]["data"][0]["name"], "Jo Miller");
    let newest = &talk["messages"]["data"][0];
    assert_eq!((&newest["id"], &newest["message"]), (&json!(shown), &json!("")));
    assert_eq!(newest["attachments"]["data"][0]["image_data"]["width"], 40);
    assert_eq!((&newest["from"]["id"], &newest["to"]["data"][0]["id"]), (&json!(jo), &json!(PAGE.to_string())));
    assert_eq!(ids(&stage.get("/me/conversations").await.body).len(), 2);
    let talk = talk["id"].as_str().unwrap();
    let all = stage.get(&format!("/{talk}/messages?fields=message")).await.body;
    assert_eq!(super::texts(&all), ["", "three", "one"]);
    assert_eq!(stage.get(&format!("/{taken_back}")).await.code(), (100, Some(33)));
    let profile = stage.get(&format!("/{jo}?fields=first_name,last_name,profile_pic")).await.body;
    assert_eq!((&profile["first_name"], &profile["last_name"]), (&json!("Jo"), &json!("Miller")));
    let face = stage.http.get(profile["profile_pic"].as_str().unwrap()).send().await.unwrap();
    assert_eq!((face.status().as_u16(), face.headers()["content-type"].to_str().unwrap()), (200, "image/png"));
}
