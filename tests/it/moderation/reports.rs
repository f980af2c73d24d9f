//! Reports: who may, once, and what becomes of them.

use answerwell::members::Role;
use futures_util::future::join_all;

use super::{count, logged, report, told};
use crate::forum::{TITLE, answer, ask};
use crate::support::TestApp;

#[tokio::test]
async fn a_reported_post_waits_for_staff_who_hide_it_and_everybody_is_told() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    ask(&customer, TITLE).await;
    answer(&peer, "Buy my miracle router instead.").await;
    let thread = customer.get("/questions/1").await;
    assert!(thread.links().contains(&"/report/answer-1".to_owned()), "it is offered at the answer");
    assert!(!thread.links().contains(&"/report/question-1".to_owned()), "nobody reports themselves");
    assert!(!app.visitor().get("/questions/1").await.says("Report"), "strangers sign in first");

    report(&customer, "answer-1", "spam").await.expect(200).expect_text("Thank you for telling us");
    let other = app.person("Olga Other", answerwell::members::Role::Member).await;
    report(&other, "answer-1", "rude").await.expect(200);
    assert_eq!(count(&app, "work WHERE kind = 'flag'").await, 1, "one row of the queue, however many report");

    let list = staff.get("/desk/flags").await.expect(200);
    list.expect_text("Reported 2 times: Spam (1), Rude (1)").expect_text("Buy my miracle router");
    list.expect_text("Casey Customer").expect_text("Parker Peer");
    let silent = staff.submit(&list, "/desk/flags/1", &[("act", "hide")]).await.expect(422);
    silent.expect_text("The reason is missing");
    let filled = [("act", "hide"), ("reason", "It advertises another product.")];
    staff.submit(&silent, "/desk/flags/1", &filled).await.expect(200).expect_text("Nothing was reported");
    assert_eq!(count(&app, "work WHERE kind = 'flag'").await, 0);
    assert_eq!(logged(&app, "hide").await, 1);

    assert!(!app.visitor().get("/questions/1").await.says("miracle"));
    told(&customer).await.expect_text("Sam Staff hid what you reported");
    told(&other).await.expect_text("Sam Staff hid what you reported");
    let author = told(&peer).await;
    author.expect_text("Sam Staff hid your answer").expect_text("Why: It advertises another product.");
    // A second decision finds that the first was made.
    let late = staff.submit(&list, "/desk/flags/1", &[("act", "dismiss")]).await.expect(200);
    late.expect_text("was faster");
    assert_eq!(logged(&app, "dismiss").await, 0);
}

#[tokio::test]
async fn where_nothing_is_wrong_the_post_stays_and_who_reported_it_is_told() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    ask(&customer, TITLE).await;
    answer(&peer, "Try another channel.").await;
    report(&customer, "answer-1", "wrong").await.expect(200);
    let list = staff.get("/desk/flags").await.expect(200);
    staff.submit(&list, "/desk/flags/1", &[("act", "dismiss")]).await.expect(200);
    app.visitor().get("/questions/1").await.expect_text("Try another channel.");
    told(&customer).await.expect_text("and let it stand");
    told(&peer).await.expect_text("Nothing to tell you yet");
    assert_eq!((logged(&app, "dismiss").await, logged(&app, "hide").await), (1, 0));
    // Once per post, even after the decision.
    customer.get("/report/answer-1").await.expect(200).expect_text("Thank you for telling us");
    customer.post_form("/report/answer-1", &[("reason", "spam")]).await.expect(200);
    assert_eq!((count(&app, "report").await, count(&app, "flag").await), (1, 1));
}

#[tokio::test]
async fn a_report_says_why_and_names_a_post_that_everybody_sees() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    ask(&customer, TITLE).await;
    answer(&peer, "Try another channel.").await;
    let cases = [
        ("/report/answer-1", vec![("reason", "")], 422, "choose one of these"),
        ("/report/answer-1", vec![("reason", "other")], 422, "What is wrong with it is missing"),
        ("/report/answer-1", vec![("reason", "made up")], 422, "choose one of these"),
        ("/report/answer-9", vec![("reason", "spam")], 404, "no such page"),
        ("/report/member-1", vec![("reason", "spam")], 404, "no such page"),
        ("/report/question-1", vec![("reason", "spam")], 403, "You wrote this yourself"),
    ];
    for (place, fields, status, words) in cases {
        customer.post_form(place, &fields).await.expect(status).expect_text(words);
    }
    app.visitor().post_form("/report/answer-1", &[("reason", "spam")]).await.expect(401);
    assert_eq!(count(&app, "flag").await, 0);
    report(&customer, "answer-1", "spam").await.expect(200);
    // What is hidden is nobody's to report any more.
    staff.post_form("/desk/moderate/answer-1", &[("act", "hide"), ("reason", "Not this.")]).await.expect(200);
    let late = app.person("Olga Other", answerwell::members::Role::Member).await;
    late.post_form("/report/answer-1", &[("reason", "spam")]).await.expect(404);
}

#[tokio::test]
async fn ten_at_once_are_ten_reports_of_one_flag_and_two_presses_are_one() {
    let app = TestApp::start().await;
    let (customer, peer) = (app.customer().await, app.peer().await);
    ask(&customer, TITLE).await;
    answer(&peer, "Buy my miracle router instead.").await;
    let mut people = Vec::new();
    for number in 0..5 {
        people.push(app.person(&format!("Reader {number}"), answerwell::members::Role::Member).await);
    }
    let presses =
        people.iter().chain(people.iter()).map(|who| who.post_form("/report/answer-1", &[("reason", "spam")]));
    for answer in join_all(presses).await {
        answer.expect(200).expect_text("Thank you for telling us");
    }
    assert_eq!((count(&app, "flag").await, count(&app, "report").await), (1, 5));
}

#[tokio::test]
async fn two_who_decide_one_flag_are_told_apart() {
    let app = TestApp::start().await;
    let (customer, peer) = (app.customer().await, app.peer().await);
    let (one, other) = (app.staff().await, app.person("Stella Staff", answerwell::members::Role::Staff).await);
    ask(&customer, TITLE).await;
    answer(&peer, "Buy my miracle router instead.").await;
    report(&customer, "answer-1", "spam").await.expect(200);
    let hide = [("act", "hide"), ("reason", "Spam.")];
    let (hidden, dismissed) =
        tokio::join!(one.post_form("/desk/flags/1", &hide), other.post_form("/desk/flags/1", &[("act", "dismiss")]));
    let late = [&hidden, &dismissed].into_iter().filter(|answer| answer.says("was faster")).count();
    assert_eq!(late, 1, "{}\n{}", hidden.text(), dismissed.text());
    assert_eq!(logged(&app, "hide").await + logged(&app, "dismiss").await, 1);
    let is_shown = app.visitor().get("/questions/1").await.says("miracle");
    assert_eq!(is_shown, logged(&app, "dismiss").await == 1, "the post is as the one who was first decided");
    assert_eq!(count(&app, "notice WHERE kind LIKE 'report_%'").await, 1, "told once");
}

#[tokio::test]
async fn only_staff_decide_and_nobody_about_their_own_words() {
    let app = TestApp::start().await;
    let (customer, staff) = (app.customer().await, app.staff().await);
    let trainee = app.person("Tina Trainee", answerwell::members::Role::Trainee).await;
    let colleague = app.person("Stella Staff", answerwell::members::Role::Staff).await;
    ask(&customer, TITLE).await;
    answer(&staff, "Read the manual.").await;
    report(&customer, "answer-1", "rude").await.expect(200);
    let dismiss = [("act", "dismiss")];
    customer.get("/desk/flags").await.expect(403);
    customer.post_form("/desk/flags/1", &dismiss).await.expect(403);
    trainee.get("/desk/flags").await.expect(200).expect_text("Reported once");
    trainee.post_form("/desk/flags/1", &dismiss).await.expect(403);
    staff.post_form("/desk/flags/1", &dismiss).await.expect(403).expect_text("a colleague decides");
    assert_eq!(count(&app, "flag WHERE decided_at IS NULL").await, 1);
    colleague.post_form("/desk/flags/1", &dismiss).await.expect(200);
    assert_eq!(count(&app, "flag WHERE decided_at IS NULL").await, 0);
}

#[tokio::test]
async fn what_one_new_member_reports_comes_after_what_others_report() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    let (nora, tess) = (app.person("Nora New", Role::Member).await, app.person("Tess Trusted", Role::Member).await);
    let page = staff.get("/desk/members/tesstrusted").await.expect(200);
    staff.submit(&page, "/desk/members/tesstrusted/trust", &[("level", "trusted")]).await.expect(200);
    ask(&customer, TITLE).await;
    for words in ["Buy my miracle router.", "You should know that yourself."] {
        answer(&peer, words).await;
    }
    report(&nora, "answer-1", "spam").await.expect(200);
    report(&tess, "answer-2", "rude").await.expect(200);
    let order = async || {
        let text = staff.get("/desk/flags").await.expect(200).text();
        let at = |words: &str| text.find(words).unwrap_or_else(|| panic!("{words:?} is not in: {text}"));
        (at("miracle router") < at("know that yourself"), text)
    };
    let (new_first, text) = order().await;
    assert!(!new_first && text.contains("Reported once, by a new member: Spam"), "{text}");
    assert!(text.contains("Reported once: Rude"), "{text}");
    // Two people are no whim: in its turn it was the first.
    report(&customer, "answer-1", "spam").await.expect(200);
    let (new_first, text) = order().await;
    assert!(new_first && text.contains("Reported 2 times: Spam (2)") && !text.contains("by a new member"), "{text}");
    // Who is new reads so where they read what trusted members may do.
    nora.get("/members/noranew").await.expect(200).expect_text("Our staff look first at what trusted members report");
}
