//! The forum as people use it in a browser without script: ask, answer, comment, vote, accept.

mod bad_input;
mod lists;
mod posting_once;
mod removing;
mod voting;

pub(crate) use lists::count_queries;

use answerwell::db::{DbError, Tx};
use answerwell::members::MemberId;
use answerwell::posts::Author;
use answerwell::questions::{self, NewQuestion, QuestionId};
use answerwell::topics::{self, Rules, TopicId};
use answerwell::web::markdown;
use answerwell::{clock::Millis, members::Role};

use crate::support::{Answer, Person, TestApp};

pub(super) const TITLE: &str = "My router drops the Wi-Fi every evening";

/// Asks through the form; returns the thread as the asker then sees it.
pub(super) async fn ask(person: &Person, title: &str) -> Answer {
    let form = person.get("/ask").await.expect(200);
    person.submit(&form, "/ask", &[("title", title), ("body", "Since **last week**, at 20:15.")]).await.expect(200)
}

/// Answers the only question through its page; returns the thread as the answerer then sees it.
pub(super) async fn answer(person: &Person, text: &str) -> Answer {
    let thread = person.get("/questions/1").await.expect(200);
    person.submit(&thread, "/questions/1/answers", &[("body", text)]).await.expect(200)
}

/// Writes a question as the bridge and the demo do, at a moment of the test's choice.
pub(super) async fn insert_question(
    app: &TestApp,
    member: MemberId,
    topic: Option<TopicId>,
    title: &str,
    at: Millis,
) -> QuestionId {
    let new = NewQuestion {
        topic_id: topic,
        author: Author::Member(member),
        title: title.to_owned(),
        body: "text".to_owned(),
        body_html: markdown::to_html("text"),
        private: false,
        created_at: at,
    };
    app.db().write(move |tx| questions::insert(tx, &new)).await.unwrap()
}

pub(super) async fn insert_topic(app: &TestApp, slug: &'static str, name: &'static str) -> TopicId {
    app.db().write(move |tx| topics::insert(tx, slug, name, "")).await.unwrap()
}

/// Says what is asked for in a topic, as an administrator's page does.
pub(super) async fn set_rules(app: &TestApp, topic: TopicId, rules: Rules) {
    let change = move |tx: &mut Tx<'_>| {
        let (known, seen) = (topics::find(tx, topic)?, topics::find_rules(tx, topic)?);
        topics::change(tx, &known.expect("the topic"), rules, seen.expect("its rules").1)
    };
    assert!(app.db().write(change).await.unwrap());
}

#[tokio::test]
async fn a_question_is_asked_answered_commented_and_accepted() {
    let app = TestApp::start().await;
    insert_topic(&app, "wifi", "Wi-Fi").await;
    let (customer, peer) = (app.customer().await, app.peer().await);

    let form = customer.get("/ask?topic=wifi").await.expect(200);
    let filled = [("title", TITLE), ("body", "Since **last week**, at 20:15.")];
    let thread = customer.submit(&form, "/ask", &filled).await.expect(200);
    assert_eq!(thread.path, "/questions/1/my-router-drops-the-wi-fi-every-evening");
    thread.expect_text(TITLE).expect_text("No answer yet").expect_text("Wi-Fi");
    assert!(thread.body.contains("<strong>last week</strong>"));
    app.visitor().get("/topics/wifi").await.expect(200).expect_text(TITLE).expect_text("Open");

    let thread = answer(&peer, "Change the *channel* to 11.").await;
    thread.expect_text("1 answer").expect_text("Change the channel to 11.").expect_text("Parker Peer");
    app.visitor().get("/").await.expect_text("Answered").expect_text("1 answer");
    app.visitor().get("/unanswered").await.expect_text("Every question has an answer");

    for number in 1..=4 {
        let thread = customer.get("/questions/1").await;
        let text = format!("Which channel is best? Comment {number}");
        let filled = [("body", text.as_str()), ("answer_id", "1")];
        customer.post_form("/questions/1/comments", &filled).await.expect(200).expect_text(&text);
        customer.submit(&thread, "/questions/1/comments", &[("body", &text)]).await.expect(200);
    }
    let thread = app.visitor().get("/questions/1").await.expect(200);
    assert_eq!(thread.text().matches("1 more comment").count(), 2, "three are shown, the fourth folds");
    assert_eq!(thread.text().matches("Comment 2").count(), 2);

    assert!(!peer.get("/questions/1").await.says("This helped me"), "only the asker says what helped");
    let thread = customer.get("/questions/1").await;
    let thread = customer.submit(&thread, "/answers/1/accept", &[("accepted", "yes")]).await.expect(200);
    thread.expect_text("Helped the person who asked").expect_text("Accepted");
    let thread = customer.submit(&thread, "/answers/1/accept", &[("accepted", "no")]).await.expect(200);
    assert!(!thread.says("Helped the person who asked"));
    let refused = peer.post_form("/answers/1/accept", &[("accepted", "yes")]).await.expect(403);
    refused.expect_text("Only the person who asked and our staff can say which answers helped.");

    let profile = app.visitor().get("/members/parkerpeer").await.expect(200);
    profile.expect_text("Parker Peer").expect_text(TITLE).expect_text("No questions yet.");
}

#[tokio::test]
async fn a_thread_has_one_address_and_staff_can_give_it_a_better_title() {
    let app = TestApp::start().await;
    let (customer, staff) = (app.customer().await, app.staff().await);
    ask(&customer, TITLE).await;
    let visitor = app.visitor();
    for other in ["/questions/1", "/questions/1/", "/questions/1/something-else", "/questions/1/%D8%A7%FF"] {
        let answer = visitor.send(visitor.request(reqwest::Method::GET, other)).await;
        if other.ends_with('/') {
            assert_eq!(answer.status, 404, "{other}");
            continue;
        }
        assert_eq!(answer.status, 301, "{other}");
        assert_eq!(answer.location(), Some("/questions/1/my-router-drops-the-wi-fi-every-evening"), "{other}");
    }
    let thread = staff.get("/questions/1").await.expect(200);
    let better = "AC-200 loses the 2.4 GHz band each evening";
    let thread = staff.submit(&thread, "/questions/1/title", &[("title", better)]).await.expect(200);
    assert_eq!(thread.path, "/questions/1/ac-200-loses-the-2-4-ghz-band-each-evening");
    let page = visitor.get("/questions/1").await.expect(200);
    page.expect_text(better);
    assert!(page.body.contains(&format!("rel=\"canonical\" href=\"{}{}\"", app.address, thread.path)));
    assert!(page.body.contains("content=\"Since last week, at 20:15.\""), "the description is the question's text");
    customer.post_form("/questions/1/title", &[("title", better)]).await.expect(403).expect_text("This is for staff.");
}

#[tokio::test]
async fn a_thread_takes_as_many_queries_with_thirty_answers_as_with_one() {
    let app = TestApp::start().await;
    let customer = app.customer().await;
    ask(&customer, TITLE).await;
    let mut counts = Vec::new();
    for answers in [1, 29] {
        for number in 0..answers {
            let person = app.person(&format!("Peer {answers} {number}"), Role::Member).await;
            answer(&person, "Try another channel.").await;
            customer
                .post_form("/questions/1/comments", &[("body", "Which one?"), ("answer_id", "1")])
                .await
                .expect(200);
        }
        let viewer = answerwell::members::Viewer::default();
        let count = lists::count_queries(&app, move |conn| {
            answerwell::threads::load(conn, QuestionId(1), &viewer).map(drop).map_err(|_| DbError::Busy)
        });
        counts.push(count.await);
    }
    assert_eq!(counts[0], counts[1]);
    assert!(counts[0] <= 8, "{} queries", counts[0]);
}
