//! What cannot be read, or not be stored: kept, shown to staff, and tried again when they say so.

use std::time::Duration;

use answerwell::clock::Clock;
use answerwell::db::DbError;
use answerwell::sim::x::{Fault, FaultKind};
use diesel::RunQueryDsl;
use serde_json::json;

use super::hook::{MARA, Told, US, send, tell};
use super::late::{lose_webhooks, next_turn, start, waiting};
use crate::support::{TestLoop, eventually};

async fn run(ends: &TestLoop, statement: &'static str) {
    let done = ends.db().write(move |tx| {
        diesel::sql_query(statement).execute(&mut **tx)?;
        Ok::<_, DbError>(())
    });
    done.await.unwrap();
}

/// What became of the newest body in the inbox.
#[derive(diesel::QueryableByName)]
struct Tries {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    attempts: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    refusals: i64,
    #[diesel(sql_type = diesel::sql_types::Text)]
    state: String,
}

/// Lets time pass until the newest body has come this far.
async fn until(ends: &TestLoop, clock: &Clock, far: impl Fn(Tries) -> bool) {
    let query = "SELECT attempts, refusals, state FROM inbox ORDER BY id DESC LIMIT 1";
    eventually("it was tried often enough", async || {
        clock.advance(Duration::from_secs(5));
        let tries = ends.db().read(move |conn| Ok::<_, DbError>(diesel::sql_query(query).get_result::<Tries>(conn)?));
        tries.await.is_ok_and(&far)
    })
    .await;
}

#[tokio::test]
async fn a_post_of_a_page_that_cannot_be_read_is_kept_once_and_does_not_hold_up_the_others() {
    let (ends, clock) = start().await;
    let staff = ends.staff().await;
    ends.asks("mara_w", "@acme the very first words of all").await;
    next_turn(&ends, &clock).await;
    lose_webhooks(&ends, 2);
    ends.says("tom_h", "@acme the bill of March is wrong", None);
    ends.says("nora_p", "@acme nobody can read this", None);
    ends.twin.set_fault(Fault::new(FaultKind::OddPost, 2).on("GET", "/mentions"));
    next_turn(&ends, &clock).await;
    next_turn(&ends, &clock).await;
    eventually("the other is here", async || waiting(&ends).await.iter().any(|text| text.contains("March"))).await;
    let told = "1 arrival could not be read or placed";
    eventually("the desk says it", async || staff.get("/desk").await.says(told)).await;
    // What cannot be read today may be readable to tomorrow's release; until then it stays.
    let desk = staff.get("/desk").await;
    staff.submit(&desk, "/desk/unreadable", &[]).await.expect(200);
    eventually("it is there again", async || staff.get("/desk").await.says(told)).await;
    next_turn(&ends, &clock).await;
    eventually("shown readably, it is here", async || {
        waiting(&ends).await.iter().any(|text| text.contains("nobody can read this"))
    })
    .await;
}

#[tokio::test]
async fn what_waited_long_for_x_is_not_given_up_when_the_database_stumbles_once() {
    let (ends, clock) = start().await;
    let staff = ends.staff().await;
    ends.twin.set_fault(Fault::new(FaultKind::ServerError, 10).on("GET", "/2/tweets"));
    // The post above it must be asked for.
    let tweet = json!({
        "id": "2080765813578191303", "text": "@acme my router drops wifi", "author_id": MARA.0,
        "created_at": "2026-07-24T21:23:23.000Z", "conversation_id": "2080765813578191000",
        "referenced_tweets": [{ "type": "replied_to", "id": "2080765813578191000" }],
    });
    let users = json!([{ "id": MARA.0, "username": MARA.1, "name": MARA.1 }]);
    let data = json!({
        "event_type": "post.mention.create", "filter": { "user_id": US }, "payload": tweet,
        "includes": { "users": users },
    });
    send(&ends, &json!({ "data": data })).await;
    until(&ends, &clock, |body| body.attempts >= 9).await;
    run(&ends, "ALTER TABLE waiting RENAME TO elsewhere").await;
    until(&ends, &clock, |body| body.refusals >= 1 || body.state == "failed").await;
    run(&ends, "ALTER TABLE elsewhere RENAME TO waiting").await;
    until(&ends, &clock, |body| matches!(body.state.as_str(), "done" | "failed")).await;
    assert_eq!(waiting(&ends).await.len(), 1);
    assert!(!staff.get("/desk").await.says("could not be read or placed"));
}

#[tokio::test]
async fn what_the_database_refuses_again_and_again_is_given_to_staff_who_try_it_again() {
    let (ends, clock) = start().await;
    let staff = ends.staff().await;
    run(&ends, "ALTER TABLE waiting RENAME TO elsewhere").await;
    let words = "@acme my router drops wifi every evening";
    tell(&ends, &Told { id: "2080765813578191303", text: words, versions: &[], parent: None, by: MARA }).await;
    until(&ends, &clock, |body| body.state == "failed").await;
    run(&ends, "ALTER TABLE elsewhere RENAME TO waiting").await;
    let told = "could not be read or placed";
    let desk = staff.get("/desk").await.expect(200);
    desk.expect_text(told);
    staff.submit(&desk, "/desk/unreadable", &[]).await.expect(200);
    eventually("it is here", async || waiting(&ends).await.len() == 1).await;
    assert!(!staff.get("/desk").await.says(told));
}
