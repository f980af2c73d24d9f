//! What becomes of posts: edits with new ids, deletions, long and quoted posts, hidden accounts.

use std::time::Duration;

use answerwell::sim::x::With;
use serde_json::json;

use super::webhooks::{Receiver, subscribe};
use super::{ACME, Stage, ids};

#[actix_web::test]
async fn an_edited_post_has_a_new_id_and_all_its_versions() {
    let stage = Stage::open().await;
    let receiver = Receiver::default();
    subscribe(&stage, &receiver.listen()).await;
    let first = stage.says("jo", "@acme my rooter drops wifi", None);
    stage.clock.advance(Duration::from_secs(60));
    let second = stage.twin.edit("jo", &first, "@acme my router drops wifi").unwrap();
    assert!(second > first);
    let told = receiver.wait_for(2).await;
    assert_eq!(told[1]["data"]["payload"]["edit_history_tweet_ids"], json!([first, second]));
    assert_eq!(told[1]["data"]["payload"]["conversation_id"], first.as_str());
    let both = stage.get(&format!("/2/tweets?ids={first},{second}&tweet.fields=edit_controls")).await.body;
    assert_eq!(both["data"][0]["text"], "@acme my rooter drops wifi", "a version stays what it was");
    assert_eq!(both["data"][0]["edit_history_tweet_ids"], json!([first, second]));
    assert_eq!(both["data"][1]["edit_controls"]["edits_remaining"], 4);
    assert_eq!(ids(&stage.get(&format!("/2/users/{ACME}/mentions")).await.body), [&second]);

    assert!(stage.twin.edit("jo", &first, "an old version").is_err());
    assert!(stage.twin.edit("acme", &second, "somebody else's").is_err());
    let answer = stage.says("jo", "and the lights are red", Some(&second));
    assert!(stage.twin.edit("jo", &answer, "an answer").is_err());
    let mut newest = second.clone();
    for n in 0..4 {
        stage.clock.advance(Duration::from_secs(1));
        newest = stage.twin.edit("jo", &newest, &format!("@acme router {n}")).unwrap();
    }
    assert!(stage.twin.edit("jo", &newest, "once too often").is_err());
    let late = stage.says("jo", "@acme too late soon", None);
    stage.clock.advance(Duration::from_secs(3600));
    assert!(stage.twin.edit("jo", &late, "@acme too late").is_err());

    stage.twin.delete("jo", &second).unwrap();
    let gone = stage.get(&format!("/2/tweets?ids={first},{second},{newest}")).await.body;
    assert!(gone.get("data").is_none() && gone["errors"].as_array().unwrap().len() == 3, "{gone}");
    assert_eq!(gone["errors"][0]["title"], "Not Found Error");
}

#[actix_web::test]
async fn only_premium_accounts_write_long_posts_and_edit_through_the_api() {
    let stage = Stage::open().await;
    let long = format!("@jo {} the end", "a long answer ".repeat(40));
    let send = json!({ "text": long });
    assert_eq!(stage.send(send.clone()).await.status, 400);
    stage.twin.set_premium("acme", true).unwrap();
    let me = stage.get("/2/users/me?user.fields=subscription_type,verified_type").await.body;
    assert_eq!(me["data"]["subscription_type"], "Premium");
    let sent = stage.send(send).await;
    assert_eq!(sent.status, 201, "{}", sent.body);
    let id = sent.body["data"]["id"].as_str().unwrap();
    let older = stage.get(&format!("/2/tweets/{id}?tweet.fields=note_tweet")).await.body["data"].clone();
    assert_eq!(older["note_tweet"]["text"], long.as_str());
    let text = older["text"].as_str().unwrap();
    assert!(text.chars().count() <= 280 && text.ends_with('…') && long.starts_with(text.trim_end_matches('…')));
    let newer = stage.get(&format!("/2/tweets/{id}?post.fields=note_post")).await.body["data"].clone();
    assert_eq!(newer["note_post"]["text"], long.as_str(), "{newer}");

    stage.clock.advance(Duration::from_secs(5));
    let edit = json!({"text": "Shorter now", "edit_options": {"previous_post_id": id}});
    let edited = stage.send(edit.clone()).await;
    assert_eq!((edited.status, &edited.body["data"]["edit_history_tweet_ids"][0]), (201, &json!(id)));
    assert_eq!(stage.send(edit).await.status, 403, "that is not the newest version");
    stage.twin.set_premium("acme", false).unwrap();
    let again = json!({"text": "No more", "edit_options": {"previous_post_id": edited.body["data"]["id"]}});
    assert_eq!(stage.send(again).await.status, 403);
}

#[actix_web::test]
async fn who_quotes_the_brand_may_be_answered() {
    let stage = Stage::open().await;
    let promotion = stage.says("acme", "Our new router is out", None);
    let with = With { quoting: Some(&promotion), ..With::default() };
    stage.clock.advance(Duration::from_secs(1));
    let quote = stage.twin.post_with("jo", "does it do mesh?", with).unwrap();
    let read = stage.get(&format!("/2/tweets/{quote}?expansions=referenced_tweets.id")).await.body;
    assert_eq!(read["data"]["referenced_tweets"], json!([{"type": "quoted", "id": promotion}]));
    assert_eq!(read["includes"]["tweets"][0]["text"], "Our new router is out");
    assert_eq!(stage.reply(&quote, "It does").await.status, 201);
    let quoting = json!({"text": "See", "quote_tweet_id": quote});
    assert_eq!(stage.send(quoting).await.status, 403, "quoting through the API takes another plan");
}

#[actix_web::test]
async fn a_protected_account_is_not_shown() {
    let stage = Stage::open().await;
    let before = stage.says("jo", "@acme hello", None);
    stage.twin.set_protected("jo", true).unwrap();
    stage.says("jo", "@acme for my followers only", None);
    let one = stage.get(&format!("/2/tweets?ids={before}")).await.body;
    assert_eq!(one["errors"][0]["title"], "Authorization Error", "{one}");
    assert_eq!(stage.get(&format!("/2/users/{ACME}/mentions")).await.body["meta"]["result_count"], 0);
    stage.twin.set_protected("jo", false).unwrap();
    assert_eq!(stage.get(&format!("/2/users/{ACME}/mentions")).await.body["meta"]["result_count"], 2);
}
