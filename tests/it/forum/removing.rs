//! What was removed is shown nowhere and takes nothing more.

use answerwell::answers::{self, AnswerId};
use answerwell::clock::Millis;
use answerwell::comments::{self, CommentId};
use answerwell::db::{Changed, DbError, PostKind, list_changes};
use answerwell::questions::{self, QuestionId};

use super::{TITLE, answer, ask};
use crate::support::TestApp;

const NOW: Millis = Millis(1_784_928_203_000);

#[tokio::test]
async fn a_removed_question_takes_its_thread_with_it() {
    let app = TestApp::start().await;
    let (customer, peer) = (app.customer().await, app.peer().await);
    ask(&customer, TITLE).await;
    answer(&peer, "Try another channel.").await;
    peer.post_form("/questions/1/comments", &[("body", "Same here, odd.")]).await.expect(200);
    app.db().write(|tx| questions::remove(tx, QuestionId(1), NOW)).await.unwrap();
    for path in ["/questions/1", "/questions/1/my-router-drops-the-wi-fi-every-evening"] {
        app.visitor().get(path).await.expect(410).expect_text("This question was removed");
    }
    for (path, fields) in [
        ("/questions/1/answers", [("body", "Another one."), ("x", "")]),
        ("/questions/1/comments", [("body", "Another one."), ("x", "")]),
        ("/votes", [("post", "question-1"), ("value", "1")]),
        ("/votes", [("post", "answer-1"), ("value", "1")]),
        ("/answers/1/accept", [("accepted", "yes"), ("x", "")]),
    ] {
        customer.post_form(path, &fields).await.expect(410);
    }
    for path in ["/", "/newest", "/unanswered", "/members/parkerpeer", "/members/caseycustomer"] {
        let page = app.visitor().get(path).await.expect(200);
        assert!(!page.says("router") && !page.says("channel"), "{path}: {}", page.text());
    }
    let found = app.db().read(|conn| {
        let answer = answers::find(conn, AnswerId(1))?.is_some();
        let comment = comments::find(conn, CommentId(1))?.is_some();
        Ok::<_, DbError>((questions::find(conn, QuestionId(1))?.is_some(), answer, comment))
    });
    assert_eq!(found.await.unwrap(), (false, false, false));
}

#[tokio::test]
async fn a_removed_answer_is_no_longer_counted_accepted_or_verified() {
    let app = TestApp::start().await;
    let (customer, peer) = (app.customer().await, app.peer().await);
    ask(&customer, TITLE).await;
    answer(&peer, "Try another channel.").await;
    customer.post_form("/questions/1/comments", &[("body", "Which one?"), ("answer_id", "1")]).await.expect(200);
    customer.post_form("/answers/1/accept", &[("accepted", "yes")]).await.expect(200);
    app.db().write(|tx| questions::set_verified(tx, QuestionId(1), Some(1), NOW)).await.unwrap();
    app.visitor().get("/").await.expect_text("Verified");
    for _ in 0..2 {
        app.db().write(|tx| answers::remove(tx, AnswerId(1), NOW)).await.unwrap();
    }
    let thread = app.visitor().get("/questions/1").await.expect(200);
    thread.expect_text("No answer yet");
    assert!(!thread.says("Which one?"), "the comments of a removed answer go with it");
    app.visitor().get("/unanswered").await.expect_text(TITLE).expect_text("Open").expect_text("0 answers");
    customer
        .post_form("/answers/1/accept", &[("accepted", "yes")])
        .await
        .expect(410)
        .expect_text("This answer was removed.");
}

#[tokio::test]
async fn every_write_stands_in_the_change_feed() {
    let app = TestApp::start().await;
    let (customer, peer) = (app.customer().await, app.peer().await);
    let mut seen = 0;
    let mut news = async |expected: &[(PostKind, i64)]| {
        let after = seen;
        let changes: Vec<Changed> = app.db().read(move |conn| list_changes(conn, after, 100)).await.unwrap();
        seen = changes.last().map_or(seen, |change| change.id);
        let posts: Vec<_> = changes.iter().filter_map(Changed::post).map(|post| (post.kind, post.id)).collect();
        assert_eq!(posts, expected);
        // What one member is shown, as a notice, is in no thread.
        assert!(changes.iter().all(|change| change.question_id == 1 || change.member().is_some()));
    };
    let (question, its_answer, comment) = ((PostKind::Question, 1), (PostKind::Answer, 1), (PostKind::Comment, 1));
    ask(&customer, TITLE).await;
    news(&[question]).await;
    answer(&peer, "Try another channel.").await;
    news(&[question, its_answer]).await;
    customer.post_form("/questions/1/comments", &[("body", "Which one?"), ("answer_id", "1")]).await.expect(200);
    news(&[question, comment]).await;
    customer.post_form("/votes", &[("post", "answer-1"), ("value", "1")]).await.expect(200);
    news(&[its_answer]).await;
    customer.post_form("/answers/1/accept", &[("accepted", "yes")]).await.expect(200);
    news(&[question, its_answer]).await;
    app.db().write(|tx| answers::remove(tx, AnswerId(1), NOW)).await.unwrap();
    news(&[question, its_answer]).await;
    app.db().write(|tx| questions::remove(tx, QuestionId(1), NOW)).await.unwrap();
    news(&[question]).await;
}
