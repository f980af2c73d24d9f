//! Topics: made, changed, put in order, and ended without losing a question.

use answerwell::db::DbError;
use answerwell::hours::{self, Target};
use answerwell::questions;
use answerwell::topics::{self, Rules};

use super::admin;
use crate::forum::{insert_question, insert_topic};
use crate::support::TestApp;

#[tokio::test]
async fn a_topic_is_made_changed_and_moved() {
    let app = TestApp::start().await;
    let ada = admin(&app).await;
    let new = ada.get("/admin/topics/new").await.expect(200);
    let filled = [("name", "Wi-Fi & router"), ("description", "Coverage and drops."), ("two_person", "yes")];
    let list = ada.submit(&new, "/admin/topics/new", &filled).await.expect(200);
    list.expect_text("Saved.").expect_text("/topics/wi-fi-router").expect_text("two people verify");
    // The same page sent twice makes one topic.
    ada.submit(&new, "/admin/topics/new", &filled).await.expect(200);
    assert_eq!(app.db().read(topics::list).await.unwrap().len(), 1);
    insert_topic(&app, "billing", "Billing").await;
    insert_topic(&app, "tv", "TV box").await;

    let names = async || {
        let list = app.db().read(topics::list).await.unwrap();
        list.into_iter().map(|topic| topic.name).collect::<Vec<_>>().join(", ")
    };
    let list = ada.get("/admin/topics").await.expect(200);
    ada.submit(&list, "/admin/topics/3/order", &[("to", "up")]).await.expect(200);
    assert_eq!(names().await, "Wi-Fi & router, TV box, Billing");
    // At the top there is no further up; a forged direction is refused.
    ada.post_form("/admin/topics/1/order", &[("to", "up")]).await.expect(200);
    ada.post_form("/admin/topics/1/order", &[("to", "sideways")]).await.expect(400);
    ada.submit(&list, "/admin/topics/1/order", &[("to", "down")]).await.expect(200);
    assert_eq!(names().await, "TV box, Wi-Fi & router, Billing");

    let page = ada.get("/admin/topics/1").await.expect(200);
    assert_eq!(page.field("slug").as_deref(), Some("wi-fi-router"));
    let filled = [("name", "Wi-Fi"), ("slug", "wifi"), ("hold_first", "3"), ("hold_links", "yes")];
    ada.submit(&page, "/admin/topics/1", &filled).await.expect(200).expect_text("first 3 posts held");
    let (rules, revision) = app.db().read(|conn| topics::find_rules(conn, topics::TopicId(1))).await.unwrap().unwrap();
    assert_eq!(rules, Rules { two_person: true, hold_first: 3, hold_links: true });
    ada.get("/topics/wifi").await.expect(200).expect_text("Wi-Fi");
    ada.get("/topics/wi-fi-router").await.expect(404);

    // Two at once: the later one sees what the first one saved, and keeps what was typed.
    let late = ada.submit(&page, "/admin/topics/1", &[("name", "WLAN"), ("slug", "wlan")]).await.expect(422);
    late.expect_text("Somebody else saved this topic").expect_text("\"Wi-Fi\"");
    assert_eq!(late.field("name").as_deref(), Some("WLAN"));
    assert_eq!(late.field("revision"), Some(revision.to_string()));
    ada.submit(&late, "/admin/topics/1", &[]).await.expect(200).expect_text("WLAN");
}

#[tokio::test]
async fn what_is_wrong_with_a_topic_is_said_at_its_field() {
    let app = TestApp::start().await;
    let ada = admin(&app).await;
    insert_topic(&app, "wifi", "Wi-Fi").await;
    for (field, value, said) in [
        ("name", " ", "The name is missing"),
        ("name", "x".repeat(61).as_str(), "60 are allowed"),
        ("slug", "Wi Fi", "small letters"),
        ("slug", "../etc", "small letters"),
        ("slug", "wifi", "Another topic has this address"),
        ("hold_first", "-1", "a number from 0"),
        ("hold_first", "many", "a number from 0"),
        ("hold_first", "51", "a number from 0"),
    ] {
        let page = ada.get("/admin/topics/new").await;
        let filled = [("name", "Router"), ("slug", "router"), ("description", "Kept."), (field, value)];
        let filled: Vec<_> = filled.into_iter().rev().collect();
        let mut once: Vec<(&str, &str)> = Vec::new();
        for (name, value) in filled {
            if !once.iter().any(|(known, _)| *known == name) {
                once.push((name, value));
            }
        }
        let answer = ada.submit(&page, "/admin/topics/new", &once).await.expect(422);
        answer.expect_text(said);
        assert_eq!(answer.field("description").as_deref(), Some("Kept."));
        assert!(answer.body.contains(&format!("id=\"{field}-error\"")), "{}", answer.body);
    }
    assert_eq!(app.db().read(topics::list).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_topic_ends_and_its_questions_go_on_elsewhere() {
    let app = TestApp::start().await;
    let (ada, customer) = (admin(&app).await, app.customer().await);
    let (old, new) = (insert_topic(&app, "old", "Old").await, insert_topic(&app, "new", "New").await);
    let now = app.app.clock.now();
    let question = insert_question(&app, customer.id, Some(old), "Where is my router?", now).await;
    let gone = insert_question(&app, customer.id, Some(old), "A removed one", now).await;
    app.db()
        .write(move |tx| {
            questions::remove(tx, gone, now)?;
            hours::set_rule(tx, None, Some(old.0), Target { minutes: 5, hours: None })
        })
        .await
        .unwrap();
    let place = format!("/admin/topics/{old}/delete");
    let page = ada.get(&place).await.expect(200);
    page.expect_text("2 questions stand in it");
    // Without a place for them nothing is deleted, nor with a made-up one.
    ada.submit(&page, &place, &[]).await.expect(422).expect_text("Choose where its questions go");
    ada.post_form(&place, &[("to", "999")]).await.expect(422);
    ada.post_form(&place, &[("to", &old.to_string())]).await.expect(422);
    let list = ada.submit(&page, &place, &[("to", &new.to_string())]).await.expect(200);
    list.expect_text("Deleted.");
    let (topic, rules, left) = app
        .db()
        .read(move |conn| {
            let topic = questions::find(conn, question)?.and_then(|found| found.topic).map(|topic| topic.id);
            Ok::<_, DbError>((topic, hours::list_rules(conn)?.len(), questions::count_in_topic(conn, new)?))
        })
        .await
        .unwrap();
    assert_eq!((topic, rules, left), (Some(new), 0, 2));
    ada.get("/topics/old").await.expect(404);
    ada.get("/topics/new").await.expect_text("Where is my router?");
    ada.get(&place).await.expect(404);
    // Nobody's questions can also go into no topic at all.
    let place = format!("/admin/topics/{new}/delete");
    let page = ada.get(&place).await.expect(200);
    ada.submit(&page, &place, &[("to", "none")]).await.expect(200);
    ada.get(&format!("/questions/{question}")).await.expect(200).expect_text("Where is my router?");
}
