//! What is old goes by itself, a batch at a time, and what is young stays.

use answerwell::app::App;
use answerwell::clock::{Clock, Millis};
use answerwell::db::schema::{change, inbox, periodic, session, submission};
use answerwell::db::{Conn, Db, DbError, Tx, newest_change};
use answerwell::members::Role;
use diesel::prelude::*;

use crate::support::{TestApp, eventually};

/// 20 November 2025, in milliseconds.
const NOW: i64 = 1_763_600_000_000;
const DAY: i64 = 24 * 3600 * 1000;

fn insert_submission(tx: &mut Tx<'_>, token: &str, at: i64) -> Result<(), DbError> {
    let row = (submission::token.eq(token), submission::place.eq("/"), submission::at.eq(Millis(at)));
    diesel::insert_into(submission::table).values(row).execute(&mut **tx)?;
    Ok(())
}

fn insert_session(tx: &mut Tx<'_>, member: i64, token: &str, end: i64) -> Result<(), DbError> {
    let row = (
        session::token_hash.eq(token),
        session::member_id.eq(member),
        session::created_at.eq(Millis(NOW - 40 * DAY)),
        session::expires_at.eq(Millis(end)),
    );
    diesel::insert_into(session::table).values(row).execute(&mut **tx)?;
    Ok(())
}

fn insert_change(tx: &mut Tx<'_>, at: i64) -> Result<(), DbError> {
    let row =
        (change::kind.eq("question"), change::post_id.eq(1), change::question_id.eq(1), change::at.eq(Millis(at)));
    diesel::insert_into(change::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// Tokens of the forms, hashes of the sessions, the change feed, and how many items of the list had their turn.
fn left(conn: &mut Conn) -> Result<(Vec<String>, Vec<String>, i64, i64), DbError> {
    Ok((
        submission::table.order(submission::token).select(submission::token).load(conn)?,
        session::table.order(session::token_hash).select(session::token_hash).load(conn)?,
        change::table.count().get_result(conn)?,
        periodic::table.filter(periodic::due_at.gt(Millis(NOW))).count().get_result(conn)?,
    ))
}

async fn state(db: &Db) -> (Vec<String>, Vec<String>, i64, i64) {
    db.read(left).await.unwrap()
}

#[tokio::test]
async fn what_is_old_goes_and_what_is_young_stays() {
    let app = TestApp::start_with(Clock::fixed(Millis(NOW)), |_| {}).await;
    let member = app.person("Ada", Role::Member).await.id.0;
    app.db()
        .write(move |tx| {
            for number in 0..1_201 {
                insert_submission(tx, &format!("old{number}"), NOW - 8 * DAY)?;
            }
            insert_submission(tx, "young", NOW - DAY)?;
            diesel::delete(session::table).execute(&mut **tx)?;
            insert_session(tx, member, "over", NOW - 1)?;
            insert_session(tx, member, "valid", NOW + DAY)?;
            for _ in 0..700 {
                insert_change(tx, NOW - 31 * DAY)?;
            }
            Ok::<_, DbError>(())
        })
        .await
        .unwrap();
    let newest = app.db().read(newest_change).await.unwrap();
    // Two nodes on one database: each item has its turn once.
    let (_first, _second) = (App::start(&app.app), App::start(&app.app));
    let expected = (vec!["young".to_owned()], vec!["valid".to_owned()], 1, 16);
    eventually("what is old is gone", async || state(app.db()).await == expected).await;
    assert_eq!(app.db().read(newest_change).await.unwrap(), newest, "the feed goes on from its newest change");
    let bodies = app.db().read(|conn| Ok::<i64, DbError>(inbox::table.count().get_result(conn)?)).await.unwrap();
    assert_eq!(bodies, 0);
}
