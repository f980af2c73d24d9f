//! First posts and links of new members, which staff see before anybody else does.

use answerwell::db::DbError;
use answerwell::members::Role;
use answerwell::topics::{Rules, TopicId};

use super::{count, logged, moderate, set_role, told};
use crate::forum::{TITLE, answer, ask, insert_topic, set_rules};
use crate::support::{Answer, Person, TestApp};

const HELD: &str = "/desk/posts-held";

async fn rule(app: &TestApp, topic: TopicId, first: i64, links: bool) {
    set_rules(app, topic, Rules { hold_first: first, hold_links: links, ..Rules::default() }).await;
}

async fn decide(staff: &Person, hold: i64, act: &str, reason: &str) -> Answer {
    let page = staff.get(HELD).await.expect(200);
    staff.submit(&page, &format!("{HELD}/{hold}"), &[("act", act), ("reason", reason)]).await
}

#[tokio::test]
async fn a_first_question_waits_and_appears_when_staff_let_it_through() {
    let app = TestApp::start().await;
    let topic = insert_topic(&app, "wifi", "Wi-Fi").await;
    rule(&app, topic, 1, false).await;
    let (customer, staff) = (app.customer().await, app.staff().await);
    let led = ask(&customer, TITLE).await;
    led.expect_text("Your question waits for review").expect_text("the first posts of new members");
    assert_eq!(led.path, "/held/1");
    for path in ["/", "/newest", "/unanswered"] {
        assert!(!app.visitor().get(path).await.says(TITLE), "{path}");
    }
    app.visitor().get("/questions/1").await.expect(410).expect_text("waits until our staff have looked at it");
    customer.get("/questions/1").await.expect(200).expect_text("Held for review").expect_text(TITLE);
    customer.get("/members/caseycustomer").await.expect_text("Only you see this").expect_text(TITLE);
    app.visitor().get("/held/1").await.expect(401);
    staff.get("/held/1").await.expect(404);
    assert_eq!(count(&app, "work WHERE kind = 'held_post'").await, 1);
    assert_eq!(
        count(&app, "change WHERE kind IN ('question', 'answer', 'comment')").await,
        0,
        "nothing tells the search"
    );

    let list = staff.get(HELD).await.expect(200);
    list.expect_text(TITLE).expect_text("among the first posts of its author");
    decide(&staff, 1, "approve", "").await.expect(200).expect_text("Nothing is held");
    app.visitor().get("/").await.expect_text(TITLE);
    app.visitor().get("/questions/1").await.expect(200);
    told(&customer).await.expect_text("Sam Staff let your question through");
    customer.get("/held/1").await.expect_text("is there for everybody");
    assert_eq!(count(&app, "work WHERE kind = 'held_post'").await, 0);
    assert_eq!(logged(&app, "approve").await, 1);
    // The second one does not wait.
    let second = ask(&customer, "My television box does not start").await;
    assert!(second.path.starts_with("/questions/2"), "{}", second.path);
}

#[tokio::test]
async fn an_answer_that_is_not_let_through_says_why_to_its_author_alone() {
    let app = TestApp::start().await;
    let topic = insert_topic(&app, "wifi", "Wi-Fi").await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    ask(&customer, TITLE).await;
    rule(&app, topic, 0, true).await;
    let thread = peer.get("/questions/1").await;
    let filled = [("body", "See [my shop](https://shop.example).")];
    let led = peer.submit(&thread, "/questions/1/answers", &filled).await.expect(200);
    led.expect_text("Your answer waits for review").expect_text("posts with links");
    assert_eq!(count(&app, "question WHERE answer_count = 0").await, 1, "it is counted nowhere");
    let plain = peer.submit(&thread, "/questions/1/answers", &[("body", "Try another channel.")]).await.expect(200);
    assert!(plain.path.starts_with("/questions/1"), "without a link nothing waits");
    peer.get("/questions/1").await.expect_text("Only you see this").expect_text("my shop");
    assert!(!customer.get("/questions/1").await.says("my shop"));

    decide(&staff, 1, "reject", "").await.expect(422).expect_text("The reason is missing");
    decide(&staff, 1, "reject", "No advertising, please.").await.expect(200);
    assert!(!app.visitor().get("/questions/1").await.says("my shop"));
    told(&peer).await.expect_text("did not let your answer through").expect_text("No advertising, please.");
    peer.get("/held/1").await.expect_text("was not let through").expect_text("No advertising, please.");
    peer.get("/members/parkerpeer").await.expect_text("my shop");
    let late = staff.post_form(&format!("{HELD}/1"), &[("act", "approve")]).await.expect(200);
    late.expect_text("was faster");
    assert_eq!((logged(&app, "reject").await, logged(&app, "approve").await), (1, 0));
    // Who changes their mind shows it from its own page.
    let page = staff.get("/desk/moderate/answer-1").await.expect(200);
    staff.submit(&page, "/desk/moderate/answer-1", &[("act", "restore")]).await.expect(200);
    app.visitor().get("/questions/1").await.expect_text("my shop").expect_text("2 answers");
}

#[tokio::test]
async fn an_edit_is_no_way_around_what_staff_look_at() {
    let app = TestApp::start().await;
    let topic = insert_topic(&app, "wifi", "Wi-Fi").await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    ask(&customer, TITLE).await;
    answer(&peer, "Try another channel.").await;
    let (place, shop) = ("/answers/1/edit", "Try another channel, or [my shop](https://shop.example).");
    let edit = async |who: &Person, text: &str| {
        let page = who.get(place).await.expect(200);
        who.submit(&page, place, &[("body", text)]).await
    };
    rule(&app, topic, 0, true).await;
    let refused = edit(&peer, shop).await.expect(422);
    refused.expect_text("Our staff look at links of new members");
    assert_eq!(refused.field("body").as_deref(), Some(shop), "what was typed stays");
    edit(&peer, "Try channel 44.").await.expect(200);
    rule(&app, topic, 2, false).await;
    edit(&peer, "Try channel 48.").await.expect(422).expect_text("Our staff look at the first posts");
    let public = app.visitor().get("/questions/1").await.expect(200);
    public.expect_text("Try channel 44.");
    assert!(!public.says("my shop"));
    // A closed thread takes no new words either; staff still mend theirs.
    rule(&app, topic, 0, false).await;
    staff.post_form("/desk/questions/1/lock", &[("act", "lock"), ("reason", "Solved.")]).await.expect(200);
    edit(&peer, shop).await.expect(422).expect_text("Our staff locked this thread").expect_text("Solved.");
    edit(&staff, "Try channel 52.").await.expect(200);
    app.visitor().get("/questions/1").await.expect_text("Try channel 52.");
}

#[tokio::test]
async fn what_hangs_on_a_hidden_answer_is_shown_to_nobody_who_would_report_it() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    ask(&customer, TITLE).await;
    answer(&peer, "Try another channel.").await;
    let words = [("body", "Call me on 555-0199."), ("answer_id", "1")];
    peer.post_form("/questions/1/comments", &words).await.expect(200);
    customer.get("/report/comment-1").await.expect(200).expect_text("555-0199");
    moderate(&staff, "answer-1", "hide", "It is about another product.").await.expect(200);
    let gone = customer.get("/report/comment-1").await.expect(410);
    assert!(!gone.says("555-0199"));
    customer.post_form("/report/comment-1", &[("reason", "spam")]).await.expect(410);
}

#[tokio::test]
async fn comments_wait_too_and_appear_in_the_thread() {
    let app = TestApp::start().await;
    let topic = insert_topic(&app, "wifi", "Wi-Fi").await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    ask(&customer, TITLE).await;
    answer(&staff, "Try another channel.").await;
    rule(&app, topic, 2, false).await;
    let held = peer.post_form("/questions/1/comments", &[("body", "Same here, odd."), ("answer_id", "1")]).await;
    held.expect(200).expect_text("Your comment waits for review");
    // Who works at the desk never waits.
    staff.post_form("/questions/1/comments", &[("body", "Which model?")]).await.expect(200);
    let public = app.visitor().get("/questions/1").await;
    public.expect_text("Which model?");
    assert!(!public.says("Same here"));
    decide(&staff, 1, "approve", "").await.expect(200);
    app.visitor().get("/questions/1").await.expect_text("Same here, odd.");
}

#[tokio::test]
async fn what_the_asker_says_of_an_answer_is_heard_when_it_is_let_through() {
    let app = TestApp::start().await;
    let topic = insert_topic(&app, "wifi", "Wi-Fi").await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    ask(&customer, TITLE).await;
    answer(&peer, "Try another channel.").await;
    let form = staff.get("/desk/answers/1/verify").await.expect(200);
    staff.submit(&form, "/desk/answers/1/verify", &[("evidence", "Tried it.")]).await.expect(200);
    rule(&app, topic, 9, false).await;
    for (who, words) in [(&peer, "It works for me."), (&customer, "That did it, it works now!")] {
        let held = who.post_form("/questions/1/comments", &[("body", words)]).await.expect(200);
        held.expect_text("Your comment waits for review");
    }
    assert_eq!(count(&app, "work WHERE kind = 'result'").await, 0);
    decide(&staff, 1, "approve", "").await.expect(200);
    assert_eq!(count(&app, "work WHERE kind = 'result'").await, 0, "a peer's word is no result");
    decide(&staff, 2, "approve", "").await.expect(200);
    assert_eq!(count(&app, "work WHERE kind = 'result'").await, 1);
    staff.get("/desk/questions/1").await.expect_text("Did it work?").expect_text("It reads like: It worked");
}

#[tokio::test]
async fn moving_a_question_is_no_way_around_what_its_new_topic_holds() {
    let app = TestApp::start().await;
    let (mild, strict) = (insert_topic(&app, "wifi", "Wi-Fi").await, insert_topic(&app, "tv", "Television").await);
    rule(&app, strict, 9, false).await;
    let (customer, staff) = (app.customer().await, app.staff().await);
    let form = customer.get("/ask").await;
    let fields = [("title", TITLE), ("body", "Every evening."), ("topic", &mild.to_string())];
    customer.submit(&form, "/ask", &fields).await.expect(200);
    let place = "/questions/1/details";
    let moved = [("topic", strict.to_string()), ("tags", "router".to_owned())];
    let moved = moved.each_ref().map(|(name, value)| (*name, value.as_str()));
    let page = customer.get(place).await.expect(200);
    let refused = customer.submit(&page, place, &moved).await.expect(422);
    refused.expect_text("Our staff look at the first posts of new members");
    assert_eq!(refused.field("tags").as_deref(), Some("router"), "what was typed stays");
    customer.submit(&refused, place, &[("topic", &mild.to_string())]).await.expect(200).expect_text("router");
    let page = staff.get(place).await.expect(200);
    staff.submit(&page, place, &moved).await.expect(200).expect_text("Television");
}

#[tokio::test]
async fn a_question_without_a_topic_is_held_as_in_the_strictest() {
    let app = TestApp::start().await;
    let (mild, strict) = (insert_topic(&app, "wifi", "Wi-Fi").await, insert_topic(&app, "tv", "Television").await);
    rule(&app, strict, 1, false).await;
    let (customer, peer) = (app.customer().await, app.peer().await);
    let form = customer.get("/ask").await;
    let fields = [("title", TITLE), ("body", "Every evening."), ("topic", &mild.to_string())];
    let shown = customer.submit(&form, "/ask", &fields).await.expect(200);
    assert!(shown.path.starts_with("/questions/"), "its topic holds nothing: {}", shown.path);
    ask(&peer, "My television box does not start").await.expect_text("waits for review");
}

#[tokio::test]
async fn a_double_click_holds_once_and_lands_on_the_same_page() {
    let app = TestApp::start().await;
    let topic = insert_topic(&app, "wifi", "Wi-Fi").await;
    rule(&app, topic, 1, false).await;
    let customer = app.customer().await;
    let form = customer.get("/ask").await.expect(200);
    let filled = [("title", TITLE), ("body", "Since last week.")];
    let (one, other) = tokio::join!(customer.submit(&form, "/ask", &filled), customer.submit(&form, "/ask", &filled));
    assert!(one.path.starts_with("/held/") && one.path == other.path, "{} {}", one.path, other.path);
    assert_eq!((count(&app, "hold").await, count(&app, "question").await), (1, 1));
}

#[tokio::test]
async fn nobody_lets_their_own_post_through() {
    let app = TestApp::start().await;
    let topic = insert_topic(&app, "wifi", "Wi-Fi").await;
    rule(&app, topic, 1, false).await;
    let (author, staff) = (app.customer().await, app.staff().await);
    let trainee = app.person("Tina Trainee", Role::Trainee).await;
    ask(&author, TITLE).await;
    let approve = [("act", "approve")];
    let place = format!("{HELD}/1");
    author.get(HELD).await.expect(403);
    author.post_form(&place, &approve).await.expect(403);
    trainee.get(HELD).await.expect(200).expect_text(TITLE);
    trainee.post_form(&place, &approve).await.expect(403);
    // Staff by now, and still the author.
    set_role(&app, author.id, "staff").await;
    author.get(HELD).await.expect(200).expect_text("a colleague decides about it");
    author.post_form(&place, &approve).await.expect(403).expect_text("You wrote this yourself");
    let restore = [("act", "restore"), ("reason", "")];
    author.post_form("/desk/moderate/question-1", &restore).await.expect(403);
    // Not by the way around either: what waits is decided where it waits.
    staff.post_form("/desk/moderate/question-1", &restore).await.expect(200).expect_text("was faster");
    assert_eq!(count(&app, "question WHERE removed_at IS NULL").await, 0);
    staff.post_form(&place, &approve).await.expect(200);
    assert_eq!(count(&app, "question WHERE removed_at IS NULL").await, 1);
}

#[tokio::test]
async fn two_who_decide_one_held_post_are_told_apart() {
    let app = TestApp::start().await;
    let topic = insert_topic(&app, "wifi", "Wi-Fi").await;
    rule(&app, topic, 1, false).await;
    let customer = app.customer().await;
    let (one, other) = (app.staff().await, app.person("Stella Staff", Role::Staff).await);
    ask(&customer, TITLE).await;
    let place = format!("{HELD}/1");
    let reject = [("act", "reject"), ("reason", "No.")];
    let (a, b) = tokio::join!(one.post_form(&place, &[("act", "approve")]), other.post_form(&place, &reject));
    assert_eq!([&a, &b].into_iter().filter(|answer| answer.says("was faster")).count(), 1);
    let approved = logged(&app, "approve").await;
    assert_eq!(approved + logged(&app, "reject").await, 1);
    assert_eq!(count(&app, "question WHERE removed_at IS NULL").await, approved);
    let notices = count(&app, "notice WHERE kind IN ('approved', 'rejected')").await;
    assert_eq!(notices, 1);
    app.db()
        .read(|conn| answerwell::holds::count_open(conn).map(|open| assert_eq!(open, 0)))
        .await
        .unwrap_or_else(|error: DbError| panic!("{error}"));
}
