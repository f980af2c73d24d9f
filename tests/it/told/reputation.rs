//! Reputation: what gives it, that it goes with its cause, that it can be counted anew, and who is shown as having helped.

use std::time::Duration;

use answerwell::answers::{self, AnswerId};
use answerwell::app::App;
use answerwell::clock::{Clock, Millis};
use answerwell::db::DbError;
use answerwell::members::{MemberId, Role};
use answerwell::people::recount::{Recounted, recount};
use answerwell::reputation;
use diesel::prelude::*;

use crate::forum::{TITLE, answer, ask};
use crate::support::{Person, TestApp};

const NOW: Millis = Millis(1_800_000_000_000);

async fn points(app: &TestApp, of: &Person) -> i64 {
    let id = of.id;
    app.db().read(move |conn| reputation::of_members(conn, &[id])).await.unwrap()[&id]
}

async fn vote(by: &Person, post: &str, value: i64) {
    by.post_form("/votes", &[("post", post), ("value", &value.to_string())]).await.expect(200);
}

/// Staff vouch for an answer as it is, or do no more.
async fn vouch(app: &App, answer: i64, stands: bool, at: Millis) {
    let number = stands.then_some(1);
    app.db.write(move |tx| answers::set_vouched(tx, AnswerId(answer), number, at)).await.unwrap();
}

#[tokio::test]
async fn reputation_comes_with_its_cause_and_goes_with_it() {
    let app = TestApp::start_with(Clock::fixed(NOW), |_| {}).await;
    let (casey, parker, nora) = (app.customer().await, app.peer().await, app.staff().await);
    ask(&casey, TITLE).await;
    answer(&parker, "Change the channel to 11.").await;
    vote(&nora, "answer-1", 1).await;
    vote(&nora, "answer-1", 1).await;
    assert_eq!(points(&app, &parker).await, 10, "a double click is one vote");
    vote(&nora, "answer-1", -1).await;
    assert_eq!(points(&app, &parker).await, -2, "a vote that turned");
    vote(&nora, "answer-1", 0).await;
    assert_eq!(points(&app, &parker).await, 0);
    vote(&nora, "question-1", 1).await;
    assert_eq!(points(&app, &casey).await, 5);
    casey.post_form("/answers/1/accept", &[("accepted", "yes")]).await.expect(200);
    casey.post_form("/answers/1/accept", &[("accepted", "yes")]).await.expect(200);
    assert_eq!(points(&app, &parker).await, 15);
    vouch(&app.app, 1, true, NOW).await;
    assert_eq!(points(&app, &parker).await, 40);
    app.visitor().get("/members/parkerpeer").await.expect(200).expect_text("40 points");
    vouch(&app.app, 1, false, NOW).await;
    casey.post_form("/answers/1/accept", &[("accepted", "no")]).await.expect(200);
    assert_eq!(points(&app, &parker).await, 0);
    // Nobody helps themselves.
    parker.post_form("/votes", &[("post", "answer-1"), ("value", "1")]).await.expect(403);
    answer(&casey, "I found it: channel 11.").await;
    casey.post_form("/answers/2/accept", &[("accepted", "yes")]).await.expect(200);
    assert_eq!(points(&app, &casey).await, 5, "one's own answer to one's own question");
}

/// What counts for everybody.
async fn all_events(app: &TestApp, people: &[Person]) -> Vec<(MemberId, i64, Vec<(String, i64)>)> {
    let ids: Vec<MemberId> = people.iter().map(|person| person.id).collect();
    let load = move |conn: &mut answerwell::db::Conn| {
        let sums = reputation::of_members(conn, &ids)?;
        let each = ids.iter().map(|id| {
            let events = reputation::list_events(conn, *id)?;
            Ok::<_, DbError>((*id, sums[id], events.into_iter().map(|one| (one.event, one.points)).collect()))
        });
        each.collect::<Result<Vec<_>, DbError>>()
    };
    app.db().read(load).await.unwrap()
}

#[tokio::test]
async fn counted_anew_after_a_long_story_it_is_what_it_was() {
    let clock = Clock::fixed(NOW);
    let app = TestApp::start_with(clock.clone(), |_| {}).await;
    let mut people = Vec::new();
    for name in ["Ada A", "Bo B", "Cy C", "Dee D", "Eve E"] {
        people.push(app.person(name, Role::Member).await);
    }
    for (number, asker) in people.iter().take(2).enumerate() {
        ask(asker, &format!("{TITLE}, number {number}")).await;
        for (other, person) in people.iter().enumerate().filter(|(other, _)| other % 2 == number) {
            let place = format!("/questions/{}/answers", number + 1);
            person.post_form(&place, &[("body", &format!("Try channel {other}."))]).await.expect(200);
        }
    }
    // The same story each time.
    let mut seed = 20_261_123_u64;
    let mut draw = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for _ in 0..160 {
        clock.advance(Duration::from_secs(60));
        let (who, answer) = (&people[draw(5) as usize], 1 + draw(5));
        match draw(8) {
            0 => vouch(&app.app, answer as i64, draw(2) == 0, clock.now()).await,
            1 | 2 => {
                let accepted = if draw(3) == 0 { "no" } else { "yes" };
                // Not theirs to say, mostly: then nothing happens.
                who.post_form(&format!("/answers/{answer}/accept"), &[("accepted", accepted)]).await;
            }
            kind => {
                let post = if kind == 3 { format!("question-{}", 1 + draw(2)) } else { format!("answer-{answer}") };
                let value = (draw(4) as i64 - 1).min(1).to_string();
                who.post_form("/votes", &[("post", post.as_str()), ("value", value.as_str())]).await;
            }
        }
    }
    let story = all_events(&app, &people).await;
    assert!(story.iter().map(|(_, _, events)| events.len()).sum::<usize>() > 15, "{story:?}");
    for (_, sum, events) in &story {
        assert_eq!(*sum, events.iter().map(|(_, points)| points).sum::<i64>());
    }
    let Recounted { members, mended } = recount(app.db(), clock.now()).await.unwrap();
    assert_eq!((members, mended), (5, 0));
    assert_eq!(all_events(&app, &people).await, story);
    // Rows that were lost or made up are mended.
    let break_it = |tx: &mut answerwell::db::Tx<'_>| {
        diesel::sql_query("UPDATE member SET reputation = reputation + 1000 WHERE id = 1").execute(&mut **tx)?;
        diesel::sql_query("DELETE FROM reputation WHERE member_id = 2").execute(&mut **tx)?;
        diesel::sql_query("INSERT INTO reputation (member_id, event, points, at) VALUES (3, 'made-up', 9, 1)")
            .execute(&mut **tx)?;
        Ok::<_, DbError>(())
    };
    app.db().write(break_it).await.unwrap();
    assert_eq!(recount(app.db(), clock.now()).await.unwrap().mended, 3);
    assert_eq!(all_events(&app, &people).await, story);
}

#[tokio::test]
async fn who_helped_most_is_told_by_period() {
    let clock = Clock::fixed(NOW);
    let app = TestApp::start_with(clock.clone(), |_| {}).await;
    app.visitor().get("/people").await.expect(200).expect_text("Nobody yet");
    let (casey, parker, nora) = (app.customer().await, app.peer().await, app.staff().await);
    ask(&casey, TITLE).await;
    answer(&parker, "Change the channel to 11.").await;
    vote(&nora, "answer-1", 1).await;
    vote(&casey, "answer-1", 1).await;
    clock.advance(Duration::from_secs(10 * 24 * 3_600));
    nora.sign_in().await;
    answer(&nora, "Or to 6.").await;
    parker.sign_in().await;
    vote(&parker, "answer-2", 1).await;
    let shown = async |period: &str| app.visitor().get(&format!("/people?period={period}")).await.expect(200);
    let week = shown("week").await;
    week.expect_text("Sam Staff").expect_text("10 points");
    assert!(!week.says("Parker Peer"), "that was before");
    let month = shown("month").await.text();
    assert!(month.find("Parker Peer") < month.find("Sam Staff") && month.contains("20 points"), "{month}");
    shown("all").await.expect_text("Parker Peer").expect_text("20 points");
    app.visitor().get("/people?period=decade").await.expect(400);
}
