//! More at once than a page, a turn or a purse holds: nothing is lost, and nobody pays for strangers.

use std::time::Duration;

use answerwell::db::DbError;
use answerwell::sim::x::{Fault, FaultKind};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::late::{MINUTE, calls, lose_webhooks, next_turn, start, waiting};
use crate::support::{TestLoop, eventually};

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

async fn count(ends: &TestLoop, table: &'static str) -> i64 {
    let counted = ends.db().read(move |conn| {
        let query = diesel::sql_query(format!("SELECT count(*) AS count FROM {table}"));
        Ok::<_, DbError>(query.get_result::<Counted>(conn)?.count)
    });
    counted.await.unwrap()
}

#[tokio::test]
async fn the_first_storm_over_a_quiet_account_is_read_to_its_first_post() {
    let (ends, clock) = start().await;
    next_turn(&ends, &clock).await;
    lose_webhooks(&ends, 130);
    for number in 0..130 {
        ends.says(&format!("c{number}"), &format!("@acme complaint number {number} of the evening"), None);
    }
    next_turn(&ends, &clock).await;
    eventually("all are here", async || waiting(&ends).await.len() == 130).await;
}

#[tokio::test]
async fn more_private_messages_than_one_turn_reads_are_read_by_the_next() {
    let (ends, clock) = start().await;
    ends.twin.user("mara_w", "Mara", 12).unwrap();
    // The account was quiet so far: its cursor begins all the same.
    eventually("its messages were read", async || calls(&ends, "/2/dm_events") > 0).await;
    lose_webhooks(&ends, 125);
    for number in 1..=125 {
        ends.twin.message("mara_w", "acme", &format!("Message number {number}"), None).unwrap();
    }
    clock.advance(MINUTE * 2);
    eventually("a turn ends where its pages end", async || count(&ends, "private_message").await == 100).await;
    // A turn that brings nothing keeps the place.
    ends.twin.set_fault(Fault::new(FaultKind::ServerError, 1).on("GET", "/2/dm_events"));
    clock.advance(MINUTE * 2);
    eventually("that turn failed", async || {
        ends.twin.calls().iter().any(|(_, path, status)| path == "/2/dm_events" && *status == 500)
    })
    .await;
    clock.advance(MINUTE * 2);
    eventually("all are here", async || count(&ends, "private_message").await == 125).await;
}

#[tokio::test]
async fn of_a_post_that_went_round_the_world_one_page_is_read() {
    let (ends, clock) = start().await;
    let root = ends.says("famous", "What a lovely evening", None);
    for number in 0..130 {
        ends.says(&format!("c{number}"), &format!("Number {number} thinks so, too"), Some(&root));
    }
    ends.says("mara_w", "@acme is your router as lovely?", Some(&root));
    eventually("it is here, with what stands around it", async || {
        // What failed once is tried again in its time.
        clock.advance(Duration::from_secs(1));
        count(&ends, "remote_post").await > 50
    })
    .await;
    assert_eq!(calls(&ends, "/2/tweets/search/recent"), 1);
}

#[tokio::test]
async fn what_stands_around_a_mention_is_read_when_only_a_turn_brings_it() {
    let (ends, clock) = start().await;
    next_turn(&ends, &clock).await;
    let root = ends.says("tom_h", "My router lost its name again", None);
    for number in 0..3 {
        ends.says(&format!("c{number}"), &format!("Number {number} had that, too"), Some(&root));
    }
    lose_webhooks(&ends, 1);
    ends.says("mara_w", "@acme what helps against it?", Some(&root));
    next_turn(&ends, &clock).await;
    eventually("it is here, with what stands around it", async || count(&ends, "remote_post").await == 5).await;
    assert_eq!(calls(&ends, "/2/tweets/search/recent"), 1);
    // What stands around the next one is here already.
    lose_webhooks(&ends, 1);
    ends.says("lena_k", "@acme I would like to know that, too", Some(&root));
    next_turn(&ends, &clock).await;
    eventually("it is here", async || count(&ends, "remote_post").await == 6).await;
    assert_eq!(calls(&ends, "/2/tweets/search/recent"), 1);
}
