//! "I have this too": people, each once, members and guests, and how a merge counts them.

use super::Scene;
use crate::support::{TestApp, Visitor};
use crate::tools::{ask_here, desk_place};

const COOKIE: &str = "answerwell_guest";

async fn say(who: &Visitor, question: i64, word: &str) -> crate::support::Answer {
    who.post_form(&format!("/questions/{question}/affected"), &[("affected", word)]).await
}

async fn people(app: &TestApp, question: i64) -> String {
    let page = app.visitor().get(&format!("/questions/{question}")).await.expect(200).text();
    let after = page.split("Do you have this, too?").nth(1).expect("the box").trim_start().to_owned();
    after.split(" too").next().expect("words").to_owned()
}

#[tokio::test]
async fn members_and_guests_count_once_each_and_can_take_it_back() {
    let scene = Scene::set().await;
    let Scene { app, customer, peer, .. } = &scene;
    let guest = app.visitor();
    assert!(guest.get("/questions/1").await.header("set-cookie").is_none(), "a reader is not counted");
    let thread = say(&guest, 1, "yes").await.expect(200);
    thread.expect_text("1 person has this too").expect_text("You have this too");
    assert!(guest.cookie(COOKIE).is_some());
    say(&guest, 1, "yes").await.expect(200).expect_text("1 person has this too");
    let page = peer.get("/questions/1").await;
    peer.submit(&page, "/questions/1/affected", &[("affected", "yes")])
        .await
        .expect(200)
        .expect_text("2 people have this");
    app.visitor().get("/").await.expect_text("2 people affected");
    app.visitor().get("/affected").await.expect(200).expect_text("My router drops the Wi-Fi");
    // Not the asker, of whom it is known; not a word that was made up.
    say(customer, 1, "yes").await.expect(403).expect_text("You asked this question");
    say(peer, 1, "perhaps").await.expect(400);
    say(peer, 99, "yes").await.expect(404);
    assert_eq!(people(app, 1).await, "2 people have this");

    say(&guest, 1, "no").await.expect(200).expect_text("1 person has this too");
    let stranger = app.visitor();
    say(&stranger, 1, "no").await.expect(200).expect_text("1 person has this too");
    say(peer, 1, "no").await.expect(200).expect_text("Nobody else has said so yet");
    app.visitor().get("/affected").await.expect_text("Nobody has said so yet");
}

#[tokio::test]
async fn a_tampered_cookie_is_another_guest_and_too_many_guests_of_one_address_must_wait() {
    let scene = Scene::set().await;
    let guest = scene.app.visitor();
    say(&guest, 1, "yes").await.expect(200);
    let given = guest.cookie(COOKIE).unwrap();
    let (name, signature) = given.split_once('.').unwrap();
    for wrong in ["x", &format!("{name}."), &format!("other.{signature}"), &format!("{name}x.{signature}")] {
        let forger = scene.app.visitor();
        forger.set_cookie(COOKIE, wrong);
        assert!(!forger.get("/questions/1").await.expect(200).says("You have this too"), "{wrong}");
        say(&forger, 1, "no").await.expect(200).expect_text("1 person has this too");
        assert_ne!(forger.cookie(COOKIE).as_deref(), Some(wrong), "they got one that holds");
    }
    let same = scene.app.visitor();
    same.set_cookie(COOKIE, &given);
    same.get("/questions/1").await.expect_text("You have this too");
    for _ in 5..40 {
        say(&scene.app.visitor(), 1, "yes").await.expect(200);
    }
    let refused = say(&scene.app.visitor(), 1, "yes").await.expect(403);
    refused.expect_text("Too many people said something from your address");
    say(&scene.peer, 1, "yes").await.expect(200);
    say(&same, 1, "no").await.expect(200).expect_text("people have this too");
}

#[tokio::test]
async fn a_merged_thread_brings_its_people_each_once_and_takes_them_back() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    let main = ask_here(&customer, "Wifi drops every evening at nine").await;
    let other = ask_here(&peer, "Zephyrquill network goes away at night").await;
    let (both, one) = (app.visitor(), app.visitor());
    for question in [main, other] {
        say(&both, question, "yes").await.expect(200);
    }
    say(&one, other, "yes").await.expect(200);
    // Of the main one, its asker is known to have it.
    say(&customer, other, "yes").await.expect(200).expect_text("3 people have this");
    let page = staff.get(&desk_place(other)).await.expect(200);
    let merge = format!("{}/merge", desk_place(other));
    staff.submit(&page, &merge, &[("into", &main.to_string())]).await.expect(200);
    assert_eq!(people(&app, main).await, "3 people have this", "two guests, and who asked the other one");
    one.get(&format!("/questions/{main}")).await.expect_text("You have this too");
    say(&one, main, "no").await.expect(200).expect_text("2 people have this too");
    let page = staff.get(&desk_place(main)).await;
    staff.submit(&page, &format!("{}/unmerge", desk_place(other)), &[]).await.expect(200);
    assert_eq!(
        (people(&app, main).await, people(&app, other).await),
        ("1 person has this".into(), "2 people have this".into())
    );
}

#[tokio::test]
async fn who_asked_the_same_is_counted_and_not_asked_again() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    let main = ask_here(&customer, "Wifi drops every evening at nine").await;
    let other = ask_here(&peer, "Zephyrquill network goes away at night").await;
    let place = format!("/questions/{main}");
    peer.get(&place).await.expect(200).expect_text("I have this too");
    staff.post_form(&format!("{}/merge", desk_place(other)), &[("into", &main.to_string())]).await.expect(200);
    let thread = peer.get(&place).await.expect(200);
    thread.expect_text("1 person has this too").expect_text("You are counted: you asked Zephyrquill network");
    assert!(!thread.says("I have this too"));
    say(&peer, main, "yes").await.expect(403).expect_text("You asked the same");
    for reader in [&customer, &staff] {
        assert!(!reader.get(&place).await.says("You are counted"));
    }
    app.visitor().get(&place).await.expect_text("I have this too");
    staff.post_form(&format!("{}/unmerge", desk_place(other)), &[]).await.expect(200);
    peer.get(&place).await.expect(200).expect_text("I have this too");
    say(&peer, main, "yes").await.expect(200).expect_text("1 person has this too");
}

#[tokio::test]
async fn the_most_affected_come_first_in_pages_without_gaps() {
    let app = TestApp::start().await;
    let customer = app.customer().await;
    let (first, second) = (app.visitor(), app.visitor());
    for number in 1..=23 {
        let id = ask_here(&customer, &format!("Question [{number}] of the test")).await;
        say(&first, id, "yes").await.expect(200);
        if number == 7 {
            say(&second, id, "yes").await.expect(200);
        }
    }
    let page = app.visitor().get("/affected").await.expect(200);
    let next = page.links().into_iter().find(|link| link.contains("after=")).expect("a second page");
    let rest = app.visitor().get(&next).await.expect(200);
    let text = format!("{} {}", page.text(), rest.text());
    let numbers: Vec<u32> =
        text.split("Question [").skip(1).map(|rest| rest.split(']').next().unwrap().parse().unwrap()).collect();
    let expected: Vec<u32> = std::iter::once(7).chain((1..=23).rev().filter(|number| *number != 7)).collect();
    assert_eq!(numbers, expected);
    app.visitor().get("/affected?after=forged").await.expect(400).expect_text("does not name a place in the list");
}
