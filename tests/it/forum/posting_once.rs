//! What was typed is posted once and never lost: double clicks, sessions that ended, people without an account.

use futures_util::future::join_all;

use super::{TITLE, ask};
use crate::support::{Person, TestApp};

/// How many questions the newest list shows.
async fn questions(app: &TestApp) -> usize {
    app.visitor().get("/newest").await.expect(200).body.matches("class=\"question-row\"").count()
}

#[tokio::test]
async fn a_double_click_posts_once_and_lands_on_the_same_question() {
    let app = TestApp::start().await;
    let customer = app.customer().await;
    let form = customer.get("/ask").await.expect(200);
    let filled = [("title", TITLE), ("body", "Since last week.")];
    let clicks = join_all((0..4).map(|_| customer.submit(&form, "/ask", &filled))).await;
    let later = customer.submit(&form, "/ask", &filled).await;
    for click in clicks.iter().chain([&later]) {
        assert_eq!((click.status, click.path.as_str()), (200, later.path.as_str()));
    }
    assert_eq!(questions(&app).await, 1);
    // Back in the browser's memory of the page, with another text: that is another question.
    let other = [("title", "My television box does not start"), ("body", "It stays black.")];
    customer.submit(&form, "/ask", &other).await.expect(200).expect_text("It stays black.");
    assert_eq!(questions(&app).await, 2);
}

#[tokio::test]
async fn answers_and_comments_are_posted_once_too() {
    let app = TestApp::start().await;
    let (customer, peer) = (app.customer().await, app.peer().await);
    ask(&customer, TITLE).await;
    let thread = peer.get("/questions/1").await;
    for (action, text) in
        [("/questions/1/answers", "Try another channel."), ("/questions/1/comments", "Same here, odd.")]
    {
        let filled = [("body", text)];
        join_all((0..3).map(|_| peer.submit(&thread, action, &filled))).await;
        let thread = app.visitor().get("/questions/1").await;
        assert_eq!(thread.text().matches(text).count(), 1, "{action}");
    }
    app.visitor().get("/").await.expect_text("1 answer");
}

#[tokio::test]
async fn a_long_answer_survives_a_session_that_ended() {
    let app = TestApp::start().await;
    let (customer, peer) = (app.customer().await, app.peer().await);
    ask(&customer, TITLE).await;
    let text = format!("{}\n\n<b>&amp; \"quotes\"</b>", "A long and careful answer. ".repeat(200).trim());
    let thread = peer.get("/questions/1").await;
    peer.set_cookie("answerwell_session", "over");
    let refused = peer.submit(&thread, "/questions/1/answers", &[("body", &text)]).await.expect(401);
    refused.expect_text("What you wrote is kept");
    let wrong = [("email", peer.email.as_str()), ("password", "wrong password")];
    let again = peer.submit(&refused, "/sign-in", &wrong).await.expect(422);
    let right = [("email", peer.email.as_str()), ("password", peer.password.as_str())];
    let resume = peer.submit(&again, "/sign-in", &right).await.expect(200);
    resume.expect_text("nothing was sent yet");
    assert_eq!(resume.field("body").as_deref(), Some(text.as_str()));
    let thread = peer.submit(&resume, "/questions/1/answers", &[]).await.expect(200);
    assert_eq!(thread.text().matches("A long and careful answer.").count(), 200);
}

#[tokio::test]
async fn somebody_without_an_account_writes_first_and_signs_up_then() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    let form = visitor.get("/ask").await.expect(200);
    let filled = [("title", TITLE), ("body", "Since last week.")];
    let refused = visitor.submit(&form, "/ask", &filled).await.expect(401);
    assert_eq!(questions(&app).await, 0);
    let sign_up = visitor.submit(&refused, "/sign-up/keep", &[]).await.expect(200);
    let account = [("name", "Nora New"), ("email", "nora@example.com"), ("password", "three odd words")];
    let resume = visitor.submit(&sign_up, "/sign-up", &account).await.expect(200);
    let thread = visitor.submit(&resume, "/ask", &[]).await.expect(200);
    thread.expect_text(TITLE).expect_text("Nora New");
    assert_eq!(questions(&app).await, 1);
}

#[tokio::test]
async fn a_form_that_is_refused_keeps_what_was_typed() {
    let app = TestApp::start().await;
    let customer: Person = app.customer().await;
    let form = customer.get("/ask").await;
    let body = "Two lines\nand <b>marks</b>, \"quotes\" & more.";
    let refused = customer.submit(&form, "/ask", &[("title", "Too short"), ("body", body)]).await.expect(422);
    refused.expect_text("The title has 9 characters and needs at least 15.").expect_text("One thing needs a change");
    assert_eq!(refused.field("title").as_deref(), Some("Too short"));
    assert_eq!(refused.field("body").as_deref(), Some(body));
    customer.submit(&refused, "/ask", &[("title", TITLE)]).await.expect(200).expect_text("Two lines");
}
