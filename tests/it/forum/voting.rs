//! Votes: one each, changeable, not on one's own, and a score that is right whoever votes at the same moment.

use answerwell::members::Role;
use futures_util::future::join_all;

use super::{TITLE, answer, ask};
use crate::support::{Answer, Person, TestApp};

/// The scores that the thread shows, the question's first.
fn scores(thread: &Answer) -> Vec<i64> {
    let parts = thread.body.split("aria-label=\"Score\">").skip(1);
    parts.map(|part| part.split('<').next().unwrap().parse().unwrap()).collect()
}

async fn vote(person: &Person, post: &str, value: &str) -> Answer {
    person.post_form("/votes", &[("post", post), ("value", value)]).await
}

#[tokio::test]
async fn a_vote_counts_once_can_be_changed_and_taken_back() {
    let app = TestApp::start().await;
    let (customer, peer) = (app.customer().await, app.peer().await);
    ask(&customer, TITLE).await;
    answer(&peer, "Try another channel.").await;
    for (value, score) in [("1", 1), ("1", 1), ("-1", -1), ("0", 0), ("0", 0), ("-1", -1), ("1", 1)] {
        let thread = vote(&customer, "answer-1", value).await.expect(200);
        assert_eq!(scores(&thread), [0, score], "after {value}");
    }
    let thread = customer.get("/questions/1").await;
    assert!(
        thread.body.contains("name=\"value\" value=\"0\" aria-pressed=\"true\""),
        "the standing vote's button takes it back"
    );
    assert_eq!(scores(&vote(&peer, "question-1", "1").await), [1, 1]);
    for (person, post) in [(&customer, "question-1"), (&peer, "answer-1")] {
        let refused = vote(person, post, "1").await.expect(403);
        refused.expect_text("You cannot vote on what you wrote yourself.");
    }
    assert_eq!(scores(&app.visitor().get("/questions/1").await), [1, 1]);
}

#[tokio::test]
async fn scores_are_right_when_many_vote_at_once() {
    let app = TestApp::start().await;
    let customer = app.customer().await;
    ask(&customer, TITLE).await;
    let mut people = Vec::new();
    for number in 0..8 {
        people.push(app.person(&format!("Voter {number}"), Role::Member).await);
    }
    // Each person clicks up, down and up at the same moment; some of it may be told "busy", none of it may miscount.
    let clicks = people.iter().flat_map(|person| ["1", "-1", "1"].map(|value| vote(person, "question-1", value)));
    for click in join_all(clicks).await {
        assert!(matches!(click.status, 200 | 503), "{}: {}", click.status, click.text());
    }
    let standing = app.db().read(|conn| {
        let mut sum = 0;
        for id in 1..=9 {
            let votes = answerwell::votes::list_of_member(
                conn,
                answerwell::members::MemberId(id),
                answerwell::questions::QuestionId(1),
                &[],
            )?;
            sum += votes.values().map(|vote| vote.value()).sum::<i64>();
        }
        Ok::<_, answerwell::db::DbError>(sum)
    });
    assert_eq!(scores(&app.visitor().get("/questions/1").await), [standing.await.unwrap()]);
    for person in &people {
        vote(person, "question-1", "1").await.expect(200);
    }
    assert_eq!(scores(&app.visitor().get("/questions/1").await), [8]);
}

#[tokio::test]
async fn a_guest_who_votes_signs_in_first() {
    let app = TestApp::start().await;
    let (customer, peer) = (app.customer().await, app.peer().await);
    ask(&customer, TITLE).await;
    peer.set_cookie("answerwell_session", "over");
    let thread = peer.get("/questions/1").await.expect(200);
    let refused = peer.submit(&thread, "/votes", &[("value", "1")]).await.expect(401);
    let right = [("email", peer.email.as_str()), ("password", peer.password.as_str())];
    let resume = peer.submit(&refused, "/sign-in", &right).await.expect(200);
    assert_eq!(scores(&peer.submit(&resume, "/votes", &[]).await.expect(200)), [1]);
}
