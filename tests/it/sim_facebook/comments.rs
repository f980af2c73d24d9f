//! Posts and comments through the API: who may write, change, hide and remove what, and what that looks like.

use std::time::Duration;

use answerwell::sim::facebook::{Task, With};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::json;

use super::{PAGE, Stage, TOKEN, answered, ids, png, texts};

const ALL: &str = "id,message,from{id,name},created_time,parent{id},attachment,permalink_url,is_hidden,\
    can_reply_privately,comment_count,can_hide,can_remove,application,admin_creator,object";

#[actix_web::test]
async fn the_page_answers_and_a_reply_to_a_reply_stands_under_the_same_comment() {
    let stage = Stage::open().await;
    let post = stage.page_post("A new release");
    assert!(post.starts_with(&format!("{PAGE}_")), "{post}");
    let question = stage.says("jo", &post, "¿Cómo reinicio mi widget? 😀");
    let part = post.split('_').nth(1).unwrap();
    assert!(question.starts_with(&format!("{part}_")), "{question}");

    let answer = stage.post(&format!("/{question}/comments"), json!({"message": "Hold it 5s"})).await.id();
    let thanks = stage.says("jo", &answer, "thanks, and the blue one?");
    for (id, parent) in [(&answer, &question), (&thanks, &question)] {
        let found = stage.get(&format!("/{id}?fields={ALL}")).await.body;
        assert_eq!(found["parent"]["id"], parent.as_str(), "{found:#}");
    }
    let asked = stage.get(&format!("/{question}?fields={ALL}")).await.body;
    assert_eq!(asked["message"], "¿Cómo reinicio mi widget? 😀");
    assert_eq!(asked["from"], json!({"name": "Jo Miller", "id": stage.twin.psid("jo").unwrap()}));
    assert_eq!(asked["created_time"], "2026-07-24T21:23:25+0000");
    assert_eq!((&asked["comment_count"], &asked["can_reply_privately"]), (&json!(2), &json!(true)));
    assert!(asked.get("parent").is_none() && asked["object"]["id"] == post.as_str(), "{asked:#}");
    let ours = stage.get(&format!("/{answer}?fields={ALL}")).await.body;
    assert_eq!(ours["from"]["id"], PAGE.to_string());
    assert_eq!((&ours["can_hide"], &ours["admin_creator"]["name"]), (&json!(false), &json!("Olga Owner")));
    let plain = stage.get(&format!("/{question}")).await.body;
    assert_eq!(plain.as_object().unwrap().keys().collect::<Vec<_>>(), ["created_time", "from", "message", "id"]);
    let view = stage.twin.replies_to(&question);
    assert_eq!(
        view.iter().map(|one| (one.handle.as_str(), one.app)).collect::<Vec<_>>(),
        [("acme", true), ("jo", false)]
    );
}

#[actix_web::test]
async fn the_page_edits_its_own_hides_others_and_removes_both() {
    let stage = Stage::open().await;
    let post = stage.page_post("A new release");
    let question = stage.says("jo", &post, "Rude words");
    let answer = stage.post(&format!("/{question}/comments"), json!({"message": "Hold it 5s"})).await.id();
    let (ours, theirs) = (format!("/{answer}"), format!("/{question}"));

    assert_eq!(stage.post(&ours, json!({"message": "Hold it 10s"})).await.body, json!({"success": true}));
    assert_eq!(stage.get(&ours).await.body["message"], "Hold it 10s");
    assert_eq!(stage.post(&theirs, json!({"message": "Kind words"})).await.code(), (200, None));
    assert_eq!(stage.post(&theirs, json!({"is_hidden": true})).await.body, json!({"success": true}));
    assert_eq!(stage.get(&format!("{theirs}?fields=is_hidden")).await.body["is_hidden"], true);
    assert_eq!(stage.post(&theirs, json!({"is_hidden": "false"})).await.status, 200);
    assert_eq!(stage.post(&ours, json!({"is_hidden": true})).await.code(), (200, None));
    assert_eq!(stage.post(&theirs, json!({"is_hidden": "perhaps"})).await.code(), (100, None));
    assert_eq!(stage.post(&theirs, json!({})).await.code(), (100, None));

    assert_eq!(stage.delete(&theirs).await.body, json!({"success": true}));
    for gone in [&theirs, &ours] {
        assert_eq!(stage.get(gone).await.code(), (100, Some(33)), "what stood under it is gone too");
    }
    assert_eq!(stage.delete(&theirs).await.code(), (100, Some(33)));
    assert_eq!(stage.post(&format!("{theirs}/comments"), json!({"message": "late"})).await.code(), (100, Some(33)));
}

#[actix_web::test]
async fn texts_have_an_end_and_must_be_there() {
    let stage = Stage::open().await;
    let post = stage.page_post("A new release");
    let edge = format!("/{post}/comments");
    for (message, code) in [("", 100), (" \n ", 100), ("😀".repeat(4_001).as_str(), 100)] {
        assert_eq!(stage.post(&edge, json!({ "message": message })).await.code().0, code);
    }
    assert_eq!(stage.post(&edge, json!({"message": "😀".repeat(4_000)})).await.status, 200, "8,000 units");
    let twice = json!({"message": "Twice the same"});
    assert_ne!(
        stage.post(&edge, twice.clone()).await.id(),
        stage.post(&edge, twice).await.id(),
        "nothing is idempotent"
    );
    let news = json!({"message": "News"});
    assert_eq!(stage.post("/me/feed", news.clone()).await.status, 200);
    assert_eq!(stage.post("/me/feed", news).await.code().0, 506);
    let link = json!({"message": "See", "link": "https://nowhere.invalid/"});
    assert_eq!(stage.post("/me/feed", link).await.code().0, 1_609_005);
    let share = json!({"message": "See", "attachment_share_url": "https://nowhere.invalid/"});
    assert_eq!(stage.post(&edge, share).await.code().0, 1_609_005);
}

#[actix_web::test]
async fn comments_come_without_text_without_from_with_photo_or_sticker() {
    let stage = Stage::open().await;
    let post = stage.page_post("A new release");
    let picture = stage.twin.add_picture(&png(40, 30)).unwrap();
    let photo = With { picture: Some(&picture), ..With::default() };
    let photo = stage.twin.comment("jo", &post, "", photo).unwrap();
    let sticker = stage.twin.comment("jo", &post, "", With { sticker: true, ..With::default() }).unwrap();
    stage.twin.person("kim", "Kim").unwrap();
    stage.twin.hide_person("kim", true).unwrap();
    let unseen = stage.says("kim", &post, "anonymous to us");

    let shown = stage.get(&format!("/{photo}?fields={ALL}")).await.body;
    assert_eq!((&shown["message"], &shown["attachment"]["type"]), (&json!(""), &json!("photo")));
    let image = &shown["attachment"]["media"]["image"];
    assert_eq!((&image["width"], &image["height"]), (&json!(40), &json!(30)));
    let bytes = stage.http.get(image["src"].as_str().unwrap()).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(bytes, png(40, 30));
    assert_eq!(stage.get(&format!("/{sticker}?fields=attachment")).await.body["attachment"]["type"], "sticker");
    let anonymous = stage.get(&format!("/{unseen}?fields={ALL}")).await.body;
    assert!(anonymous.get("from").is_none() && anonymous["message"] == "anonymous to us", "{anonymous:#}");

    let form = Form::new().text("message", "Like so").part("source", Part::bytes(png(8, 8)).file_name("a.png"));
    let sent = answered(stage.request(Method::POST, &format!("/{photo}/comments"), TOKEN).multipart(form)).await.id();
    assert_eq!(stage.get(&format!("/{sent}?fields=attachment")).await.body["attachment"]["type"], "photo");
    let form = Form::new().text("published", "false").part("source", Part::bytes(png(9, 9)).file_name("a.png"));
    let kept = answered(stage.request(Method::POST, "/me/photos", TOKEN).multipart(form)).await.id();
    let with_kept = json!({"attachment_id": kept});
    assert_eq!(stage.post(&format!("/{post}/comments"), with_kept).await.status, 200);
    let broken = json!({"message": "x", "attachment_id": "nonsense"});
    assert_eq!(stage.post(&format!("/{post}/comments"), broken).await.code().0, 324);
}

#[actix_web::test]
async fn a_mention_elsewhere_can_be_read_and_answered() {
    let stage = Stage::open().await;
    let aside = stage.twin.post("jo", "jo", "Nothing about anybody", With::default()).unwrap();
    let mention = stage.twin.post("jo", "jo", "@Acme my router is slow", With::default()).unwrap();
    assert_eq!(stage.get(&format!("/{aside}")).await.code(), (100, Some(33)));
    assert_eq!(stage.get(&format!("/{mention}")).await.body["message"], "@Acme my router is slow");
    assert_eq!(texts(&stage.get("/me/tagged").await.body), ["@Acme my router is slow"]);
    let answer = stage.post(&format!("/{mention}/comments"), json!({"message": "Which model?"})).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(stage.delete(&format!("/{mention}")).await.code(), (200, None), "not on our page");
}

#[actix_web::test]
async fn ids_are_as_long_as_one_likes_and_say_nothing_of_their_order() {
    let stage = Stage::open().await;
    let post = stage.page_post("A new release");
    stage.twin.set_id_digits(30);
    let comments: Vec<String> = (0..5).map(|n| stage.says("jo", &post, &format!("number {n}"))).collect();
    for id in &comments {
        assert_eq!(id.split('_').nth(1).unwrap().len(), 30, "{id}");
        assert_eq!(stage.get(&format!("/{id}")).await.id(), *id);
    }
    let mut sorted = comments.clone();
    sorted.sort();
    assert_ne!(sorted, comments);
    let listed = stage.get(&format!("/{post}/comments")).await.body;
    assert_eq!(ids(&listed), comments);
}

#[actix_web::test]
async fn roles_and_permissions_are_looked_at() {
    let stage = Stage::open().await;
    let post = stage.page_post("A new release");
    let question = stage.says("jo", &post, "Hello?");
    stage.twin.person("ann", "Ann Analyst").unwrap();
    stage.twin.set_role("ann", "acme", &[Task::Analyze]).unwrap();
    let comment = async |token: &str| {
        let request = stage.request(Method::POST, &format!("/{question}/comments"), token);
        answered(request.json(&json!({"message": "Hold it"}))).await
    };
    let analyst = stage.twin.grant("ann", &answerwell::sim::facebook::SCOPES).unwrap();
    assert_eq!(comment(&analyst.page_token).await.code(), (200, None), "may look, not speak");
    assert_eq!(comment(&analyst.user_token).await.code(), (210, None), "not a page's token");
    let reader = stage.twin.grant("olga", &["pages_show_list", "pages_read_engagement"]).unwrap();
    let blind = ["pages_read_engagement", "pages_manage_engagement"];
    let blind = stage.twin.grant("olga", &blind).unwrap();
    assert_eq!(comment(&blind.page_token).await.code(), (100, Some(33)), "cannot even see it");
    let edge = format!("/{post}/comments");
    let read = answered(stage.request(Method::GET, &edge, &reader.page_token)).await;
    assert_eq!(read.code(), (10, None));
    let seeing = stage.twin.grant("olga", &["pages_read_engagement", "pages_read_user_content"]).unwrap();
    assert_eq!(comment(&seeing.page_token).await.code(), (10, None), "may not write");

    stage.twin.set_advanced_access(false).unwrap();
    assert_eq!(ids(&stage.get(&edge).await.body).len(), 0, "without review only people with a role are seen");
    stage.says("ann", &post, "A colleague asks");
    assert_eq!(texts(&stage.get(&edge).await.body), ["A colleague asks"]);
    stage.twin.set_advanced_access(true).unwrap();
    stage.clock.advance(Duration::from_secs(1));
    assert_eq!(ids(&stage.get(&edge).await.body).len(), 2);
}
