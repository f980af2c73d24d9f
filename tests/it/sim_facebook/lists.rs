//! Lists: walls, comments, their order, parts, times, and what lies between writing and reading.

use std::collections::BTreeSet;
use std::time::Duration;

use answerwell::sim::facebook::With;
use serde_json::json;

use super::{NOW, Stage, TOKEN, answered, ids, proof, texts};

#[actix_web::test]
async fn a_list_is_read_part_by_part_by_its_own_addresses() {
    let stage = Stage::open().await;
    let post = stage.page_post("A new release");
    let all: Vec<String> = (0..7).map(|n| stage.says("jo", &post, &format!("number {n}"))).collect();
    let first = stage.get(&format!("/{post}/comments?limit=3&fields=id,message&order=chronological")).await.body;
    assert_eq!(ids(&first), all[..3]);
    assert!(first["paging"].get("previous").is_none());
    let next = first["paging"]["next"].as_str().unwrap();
    assert!(next.contains(TOKEN) && !next.contains("appsecret_proof"), "{next}");
    let proven = |url: &str| answered(stage.http.get(format!("{url}&appsecret_proof={}", proof(TOKEN))));
    assert_eq!(answered(stage.http.get(next)).await.code(), (100, None), "a proof must be added");
    let second = proven(next).await.body;
    assert_eq!(ids(&second), all[3..6]);
    // What is removed meanwhile does not break the place.
    stage.twin.delete("jo", &all[5]).unwrap();
    let third = proven(second["paging"]["next"].as_str().unwrap()).await.body;
    assert_eq!(ids(&third), all[6..]);
    assert!(third["paging"].get("next").is_none() && third["paging"]["cursors"]["after"].is_string());
    let back = proven(second["paging"]["previous"].as_str().unwrap()).await.body;
    assert_eq!(ids(&back), all[..3]);
    let beyond = third["paging"]["cursors"]["after"].as_str().unwrap();
    let empty = stage.get(&format!("/{post}/comments?after={beyond}")).await.body;
    assert_eq!(empty, json!({"data": []}));
    assert_eq!(stage.get(&format!("/{post}/comments?after=nonsense")).await.code(), (100, None));
    assert_eq!(stage.get(&format!("/{post}/comments?limit=many")).await.code(), (100, None));
}

#[actix_web::test]
async fn comments_are_filtered_ordered_and_bounded_by_time() {
    let stage = Stage::open().await;
    let post = stage.page_post("A new release");
    let question = stage.says("jo", &post, "question");
    let answer = stage.post(&format!("/{question}/comments"), json!({"message": "answer"})).await.id();
    stage.says("jo", &answer, "thanks");
    let other = stage.says("jo", &post, "other");
    let edge = async |rest: &str| stage.get(&format!("/{post}/comments?{rest}")).await.body;
    assert_eq!(texts(&edge("").await), ["question", "other"]);
    assert_eq!(texts(&edge("filter=stream").await), ["question", "answer", "thanks", "other"]);
    assert_eq!(
        texts(&edge("filter=stream&order=reverse_chronological").await),
        ["other", "thanks", "answer", "question"]
    );
    let since = NOW.0 / 1000 + 4;
    assert_eq!(texts(&edge(&format!("filter=stream&since={since}")).await), ["other"]);
    assert_eq!(texts(&edge("since=2026-07-24T21:23:27%2B0000").await), ["other"]);
    let counted = edge("summary=true&limit=1").await;
    assert_eq!(counted["summary"]["total_count"], 2);
    assert_eq!(texts(&stage.get(&format!("/{question}/comments")).await.body), ["answer", "thanks"]);
    for wrong in ["filter=deep", "order=random", "since=yesterday", "fields=id,nonsense", "fields=from{"] {
        assert_eq!(stage.get(&format!("/{post}/comments?{wrong}")).await.status, 400, "{wrong}");
    }
    let several = stage.get(&format!("/?ids={question},{other}&fields=message")).await.body;
    assert_eq!(several[&other], json!({"message": "other", "id": other}));
}

#[actix_web::test]
async fn walls_hold_posts_of_both_and_comments_inside_them() {
    let stage = Stage::open().await;
    let own = stage.page_post("A new release");
    stage.clock.advance(Duration::from_secs(1));
    let visitor = stage.twin.post("jo", "acme", "Your widget is broken, help?", With::default()).unwrap();
    for n in 0..3 {
        stage.says("jo", &own, &format!("number {n}"));
    }
    assert_eq!(ids(&stage.get("/me/feed").await.body), [visitor.as_str(), own.as_str()]);
    assert_eq!(ids(&stage.get("/me/published_posts").await.body), [own.as_str()]);
    assert_eq!(ids(&stage.get("/me/visitor_posts").await.body), [visitor.as_str()]);
    let fields = "id,message,from,created_time,permalink_url,status_type,comments.limit(2).order(reverse_chronological){id,message}";
    let feed = stage.get(&format!("/me/feed?fields={fields}&limit=100")).await.body;
    let comments = &feed["data"][1]["comments"];
    assert_eq!(texts(comments), ["number 2", "number 1"]);
    let next = comments["paging"]["next"].as_str().unwrap();
    let rest = answered(stage.http.get(format!("{next}&appsecret_proof={}", proof(TOKEN)))).await.body;
    assert_eq!(texts(&rest), ["number 0"]);
    assert_eq!(stage.get("/me/feed?limit=101").await.code(), (1, None));
    stage.twin.hide(&visitor, true).unwrap();
    assert_eq!(ids(&stage.get("/me/feed").await.body).len(), 1);
    assert_eq!(ids(&stage.get("/me/feed?include_hidden=true").await.body).len(), 2);
    stage.twin.delete("jo", &visitor).unwrap();
    assert_eq!(stage.get(&format!("/{visitor}/comments")).await.code(), (100, Some(33)));
}

#[actix_web::test]
async fn what_the_page_wrote_is_in_lists_a_little_later() {
    let stage = Stage::open().await;
    let post = stage.page_post("A new release");
    stage.twin.set_lag(Duration::from_secs(5));
    let answer = stage.post(&format!("/{post}/comments"), json!({"message": "answer"})).await.id();
    let edge = async || ids(&stage.get(&format!("/{post}/comments")).await.body).len();
    assert_eq!(edge().await, 0);
    assert_eq!(stage.get(&format!("/{answer}")).await.status, 200, "but it is there");
    stage.clock.advance(Duration::from_secs(5));
    assert_eq!(edge().await, 1);
}

#[actix_web::test]
async fn history_comes_with_its_own_times() {
    let stage = Stage::open().await;
    let at = |seconds: i64| answerwell::clock::Millis(NOW.0 - 86_400_000 + seconds * 1000);
    let question = stage.twin.post_at("jo", "acme", "my widget is dead", at(0)).unwrap();
    let answer = stage.twin.comment_at("acme", &question, "Did you plug it in?", at(60)).unwrap();
    stage.twin.comment_at("jo", &answer, "ah", at(120)).unwrap();
    let found = stage.get(&format!("/{question}/comments?filter=stream&fields=message,created_time")).await.body;
    assert_eq!(texts(&found), ["Did you plug it in?", "ah"]);
    assert_eq!(found["data"][0]["created_time"], "2026-07-23T21:24:23+0000");
    let people: BTreeSet<_> = stage.twin.comments().into_iter().map(|one| one.handle).collect();
    assert_eq!(people, BTreeSet::from(["acme".to_owned(), "jo".to_owned()]));
}
