//! Every query shape that the product relies on, and every promise of `Db`, against the real database of this run.
//!
//! What works on one database and not on the other shows here first, in a small test with a name.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use answerwell::clock::Millis;
use answerwell::db::schema::{answer, feed, member, question, topic, vote};
use answerwell::db::{Change, Conn, Db, DbError, PostKind, PostRef, Tx, list_changes, newest_change};
use answerwell::members::Role;
use diesel::dsl::{case_when, count, sum};
use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};

use crate::support::{TestDatabase, eventually};

/// Longer than any test takes: only a deadlock meets it.
const STUCK: Duration = Duration::from_secs(120);

/// A database of this test alone, open.
fn open() -> (TestDatabase, Db) {
    let database = TestDatabase::copy();
    let db = Db::open_migrated(database.place.clone()).unwrap();
    (database, db)
}

fn insert_member(conn: &mut Conn, handle: &str) -> Result<i64, DbError> {
    Ok(diesel::insert_into(member::table)
        .values((
            member::handle.eq(handle),
            member::name.eq(handle),
            member::email.eq(format!("{handle}@example.com")),
            member::email_key.eq(format!("{handle}@example.com")),
            member::role.eq(Role::Member),
            member::password_hash.eq("none"),
            member::created_at.eq(Millis(1)),
        ))
        .returning(member::id)
        .get_result(conn)?)
}

fn insert_topic(conn: &mut Conn, slug: &str) -> Result<i64, DbError> {
    Ok(diesel::insert_into(topic::table)
        .values((topic::slug.eq(slug), topic::name.eq(slug)))
        .returning(topic::id)
        .get_result(conn)?)
}

fn insert_question(conn: &mut Conn, by: i64, about: Option<i64>, at: i64) -> Result<i64, DbError> {
    Ok(diesel::insert_into(question::table)
        .values((
            question::member_id.eq(by),
            question::topic_id.eq(about),
            question::title.eq(format!("question at {at}")),
            question::body.eq("body"),
            question::body_html.eq("<p>body</p>"),
            question::created_at.eq(Millis(at)),
            question::activity_at.eq(Millis(at)),
        ))
        .returning(question::id)
        .get_result(conn)?)
}

fn insert_answer(conn: &mut Conn, to: i64, by: i64) -> Result<i64, DbError> {
    Ok(diesel::insert_into(answer::table)
        .values((
            answer::question_id.eq(to),
            answer::member_id.eq(by),
            answer::body.eq("body"),
            answer::body_html.eq("<p>body</p>"),
            answer::created_at.eq(Millis(2)),
        ))
        .returning(answer::id)
        .get_result(conn)?)
}

fn insert_vote(conn: &mut Conn, by: i64, on: i64, value: i64) -> Result<(), DbError> {
    diesel::insert_into(vote::table)
        .values((
            vote::member_id.eq(by),
            vote::post_kind.eq(PostKind::Question),
            vote::post_id.eq(on),
            vote::value.eq(value),
            vote::created_at.eq(Millis(3)),
        ))
        .execute(conn)?;
    Ok(())
}

fn count_members(conn: &mut Conn) -> Result<i64, DbError> {
    Ok(member::table.count().get_result(conn)?)
}

fn change_of(id: i64) -> Change {
    Change { post: PostRef { kind: PostKind::Answer, id }, question_id: 1, at: Millis(9) }
}

#[tokio::test]
async fn an_insert_returns_the_id_that_finds_the_row() {
    let (_database, db) = open();
    let (first, second) =
        db.write(|tx| Ok::<_, DbError>((insert_member(tx, "ada")?, insert_member(tx, "bob")?))).await.unwrap();
    assert!(first < second);
    let handle: String = db
        .read(move |conn| Ok::<_, DbError>(member::table.find(second).select(member::handle).first(conn)?))
        .await
        .unwrap();
    assert_eq!(handle, "bob");
}

#[tokio::test]
async fn a_guarded_update_tells_whether_it_was_the_one() {
    let (_database, db) = open();
    let promote = |tx: &mut Tx<'_>| {
        let guarded = member::table.filter(member::handle.eq("ada")).filter(member::role.eq(Role::Member));
        Ok::<_, DbError>(diesel::update(guarded).set(member::role.eq(Role::Staff)).execute(&mut **tx)?)
    };
    db.write(|tx| insert_member(tx, "ada")).await.unwrap();
    assert_eq!(db.write(promote).await.unwrap(), 1);
    assert_eq!(db.write(promote).await.unwrap(), 0);
}

/// Question, its answer, the answer's author and the question's topic, where there is one.
type Joined = (String, i64, Option<String>, Option<String>);

fn list_joined(conn: &mut Conn) -> Result<Vec<Joined>, DbError> {
    Ok(question::table
        .inner_join(answer::table.on(answer::question_id.eq(question::id)))
        .left_join(member::table.on(answer::member_id.eq(member::id.nullable())))
        .left_join(topic::table.on(question::topic_id.eq(topic::id.nullable())))
        .order(question::id)
        .select((question::title, answer::id, member::handle.nullable(), topic::slug.nullable()))
        .load(conn)?)
}

#[tokio::test]
async fn four_tables_join_and_the_missing_side_is_none() {
    let (_database, db) = open();
    let rows = db
        .write(|tx| {
            let (ada, wifi) = (insert_member(tx, "ada")?, insert_topic(tx, "wifi")?);
            let with = insert_question(tx, ada, Some(wifi), 10)?;
            let without = insert_question(tx, ada, None, 20)?;
            insert_question(tx, ada, None, 30)?;
            insert_answer(tx, with, ada)?;
            insert_answer(tx, without, ada)?;
            list_joined(tx)
        })
        .await
        .unwrap();
    let topics: Vec<_> =
        rows.iter().map(|(title, _, by, about)| (title.as_str(), by.as_deref(), about.as_deref())).collect();
    assert_eq!(topics, [("question at 10", Some("ada"), Some("wifi")), ("question at 20", Some("ada"), None)]);
}

/// Per post: votes, and those in favour.
fn count_votes(conn: &mut Conn) -> Result<Vec<(i64, i64, Option<i64>)>, DbError> {
    // Typed literals: an ambiguous one makes rustc run for minutes.
    let in_favour =
        case_when(vote::value.eq(1_i64), 1_i32.into_sql::<Integer>()).otherwise(0_i32.into_sql::<Integer>());
    Ok(vote::table
        .group_by(vote::post_id)
        .select((vote::post_id, count(vote::id), sum(in_favour)))
        .order(vote::post_id)
        .load(conn)?)
}

#[tokio::test]
async fn groups_are_counted_by_case() {
    let (_database, db) = open();
    let counted = db
        .write(|tx| {
            let (ada, bob) = (insert_member(tx, "ada")?, insert_member(tx, "bob")?);
            for (by, on, value) in [(ada, 1, 1), (bob, 1, -1), (ada, 2, 1)] {
                insert_vote(tx, by, on, value)?;
            }
            count_votes(tx)
        })
        .await
        .unwrap();
    assert_eq!(counted, [(1, 2, Some(1)), (2, 1, Some(1))]);
}

/// Newest first, of one topic or of all, not older than a moment.
fn list_filtered(conn: &mut Conn, about: Option<i64>, since: Option<Millis>, most: i64) -> Result<Vec<i64>, DbError> {
    let mut query = question::table.select(question::created_at).into_boxed();
    if let Some(about) = about {
        query = query.filter(question::topic_id.eq(about));
    }
    if let Some(since) = since {
        query = query.filter(question::created_at.ge(since));
    }
    let rows: Vec<Millis> = query.order((question::created_at.desc(), question::id.desc())).limit(most).load(conn)?;
    Ok(rows.into_iter().map(|at| at.0).collect())
}

#[tokio::test]
async fn filters_are_put_together_at_run_time_under_a_limit() {
    let (_database, db) = open();
    let (all, few, some) = db
        .write(|tx| {
            let (ada, wifi) = (insert_member(tx, "ada")?, insert_topic(tx, "wifi")?);
            for at in 1..=5 {
                insert_question(tx, ada, Some(wifi).filter(|_| at % 2 == 1), at)?;
            }
            let all = list_filtered(tx, None, None, 10)?;
            let few = list_filtered(tx, None, None, 2)?;
            let some = list_filtered(tx, Some(wifi), Some(Millis(2)), 10)?;
            Ok::<_, DbError>((all, few, some))
        })
        .await
        .unwrap();
    assert_eq!((all, few, some), (vec![5, 4, 3, 2, 1], vec![5, 4], vec![5, 3]));
}

#[tokio::test]
async fn a_list_of_ids_finds_its_rows_even_if_it_is_empty() {
    let (_database, db) = open();
    let find = |conn: &mut Conn, ids: &[i64]| -> Result<Vec<String>, DbError> {
        let rows = member::table.filter(member::id.eq_any(ids)).order(member::id).select(member::handle);
        Ok(rows.load(conn)?)
    };
    let (two, none) = db
        .write(move |tx| {
            let (ada, _bob, cid) = (insert_member(tx, "ada")?, insert_member(tx, "bob")?, insert_member(tx, "cid")?);
            Ok::<_, DbError>((find(tx, &[cid, ada, 999_999])?, find(tx, &[])?))
        })
        .await
        .unwrap();
    assert_eq!((two, none), (vec!["ada".to_owned(), "cid".to_owned()], vec![]));
}

#[tokio::test]
async fn words_and_moments_come_back_as_they_went_and_unknown_words_are_refused() {
    let (_database, db) = open();
    let moment = Millis(1_784_928_203_123);
    let back: (PostKind, Millis) = db
        .write(move |tx| {
            let ada = insert_member(tx, "ada")?;
            insert_vote(tx, ada, 7, 1)?;
            diesel::update(vote::table).set(vote::created_at.eq(moment)).execute(&mut **tx)?;
            Ok::<_, DbError>(vote::table.select((vote::post_kind, vote::created_at)).first(&mut **tx)?)
        })
        .await
        .unwrap();
    assert_eq!(back, (PostKind::Question, moment));
    let unknown = db
        .read(|conn| Ok::<PostKind, DbError>(diesel::select("novel".into_sql::<Text>()).get_result(conn)?))
        .await
        .unwrap_err();
    let DbError::Query(diesel::result::Error::DeserializationError(reason)) = unknown else { panic!("{unknown}") };
    assert!(format!("{reason:?}").contains("is no PostKind"), "{reason:?}");
}

fn upsert_topic(conn: &mut Conn, slug: &str, name: &str) -> Result<usize, DbError> {
    macro_rules! upsert {
        ($inner:expr) => {
            diesel::insert_into(topic::table)
                .values((topic::slug.eq(slug), topic::name.eq(name)))
                .on_conflict(topic::slug)
                .do_update()
                .set(topic::name.eq(name))
                .execute($inner)?
        };
    }
    // What `per_database!` writes inside the house.
    Ok(match conn {
        Conn::Postgres(inner) => upsert!(inner),
        Conn::Sqlite(inner) => upsert!(inner),
    })
}

#[tokio::test]
async fn an_upsert_inserts_once_and_then_updates() {
    let (_database, db) = open();
    let rows: Vec<(String, String)> = db
        .write(|tx| {
            assert_eq!(upsert_topic(tx, "wifi", "Wifi")?, 1);
            assert_eq!(upsert_topic(tx, "wifi", "Wi-Fi")?, 1);
            Ok::<_, DbError>(topic::table.select((topic::slug, topic::name)).load(&mut **tx)?)
        })
        .await
        .unwrap();
    assert_eq!(rows, [("wifi".to_owned(), "Wi-Fi".to_owned())]);
}

#[tokio::test]
async fn a_taken_key_is_told_apart_and_a_savepoint_saves_the_transaction() {
    let (_database, db) = open();
    let handles: Vec<String> = db
        .write(|tx| {
            insert_member(tx, "ada")?;
            let again = tx.transaction(|conn| insert_member(conn, "ada")).unwrap_err();
            assert!(again.is_unique_violation(), "{again}");
            insert_member(tx, "bob")?;
            Ok::<_, DbError>(member::table.order(member::id).select(member::handle).load(&mut **tx)?)
        })
        .await
        .unwrap();
    assert_eq!(handles, ["ada", "bob"]);
    assert_eq!(db.read(count_members).await.unwrap(), 2);
}

#[tokio::test]
async fn a_write_that_fails_leaves_neither_rows_nor_changes() {
    let (_database, db) = open();
    let failed: Result<(), DbError> = db
        .write(|tx| {
            insert_member(tx, "ada")?;
            tx.changed(change_of(1));
            Err(DbError::Busy)
        })
        .await;
    assert!(matches!(failed, Err(DbError::Busy)));
    let left = db.read(|conn| Ok::<_, DbError>((count_members(conn)?, newest_change(conn)?))).await.unwrap();
    assert_eq!(left, (0, 0));
}

#[tokio::test]
async fn what_a_row_must_hold_is_checked_by_the_database_itself() {
    let (_database, db) = open();
    let refused = |error: DbError| matches!(error, DbError::Query(diesel::result::Error::DatabaseError(..)));
    let ownerless = db.write(|tx| insert_question(tx, 404, None, 1)).await.unwrap_err();
    assert!(refused(ownerless), "a question by a member that does not exist");
    let twofold = db.write(|tx| {
        let ada = insert_member(tx, "ada")?;
        insert_vote(tx, ada, 1, 2)
    });
    assert!(refused(twofold.await.unwrap_err()), "a vote that counts twice");
}

#[tokio::test]
async fn a_read_cannot_write() {
    let (_database, db) = open();
    db.read(|conn| insert_member(conn, "ada")).await.unwrap_err();
    assert_eq!(db.read(count_members).await.unwrap(), 0);
}

/// Two `Db`s are two processes: a command beside the server, or two nodes.
#[tokio::test]
async fn writers_of_several_processes_wait_for_each_other() {
    let (database, db) = open();
    let other = Db::open_migrated(database.place.clone()).unwrap();
    db.write(|tx| insert_topic(tx, "wifi")).await.unwrap();
    let mut writes = tokio::task::JoinSet::new();
    for db in [db.clone(), other] {
        for _ in 0..20 {
            let db = db.clone();
            // A read first: were the lock not taken at once, SQLite could not let the write follow.
            writes.spawn(async move {
                db.write(|tx| {
                    count_members(tx)?;
                    let one_more = topic::position.eq(topic::position + 1);
                    Ok::<_, DbError>(diesel::update(topic::table).set(one_more).execute(&mut **tx)?)
                })
                .await
            });
        }
    }
    for written in writes.join_all().await {
        assert_eq!(written.unwrap(), 1);
    }
    let position: i64 =
        db.read(|conn| Ok::<_, DbError>(topic::table.select(topic::position).first(conn)?)).await.unwrap();
    assert_eq!(position, 40);
}

#[tokio::test]
async fn a_read_is_one_moment_whatever_is_written_meanwhile() {
    let (_database, db) = open();
    let (begun, has_begun) = mpsc::channel();
    let (written, is_written) = mpsc::channel();
    let reading = tokio::spawn({
        let db = db.clone();
        async move {
            db.read(move |conn| {
                let before = count_members(conn)?;
                begun.send(()).unwrap();
                is_written.recv_timeout(STUCK).unwrap();
                Ok::<_, DbError>((before, count_members(conn)?))
            })
            .await
        }
    });
    tokio::task::spawn_blocking(move || has_begun.recv_timeout(STUCK)).await.unwrap().unwrap();
    db.write(|tx| insert_member(tx, "ada")).await.unwrap();
    written.send(()).unwrap();
    assert_eq!(reading.await.unwrap().unwrap(), (0, 0));
    assert_eq!(db.read(count_members).await.unwrap(), 1);
}

/// A tail that reads by its cursor must not miss what commits late. Two nodes, many writers each.
#[tokio::test]
async fn the_change_feed_shows_its_ids_in_order_to_whoever_tails_it() {
    let (database, db) = open();
    let other = Db::open_migrated(database.place.clone()).unwrap();
    let mut writes = tokio::task::JoinSet::new();
    for number in 0..60 {
        let db = if number % 2 == 0 { db.clone() } else { other.clone() };
        writes.spawn(async move {
            db.write(move |tx| {
                tx.changed(change_of(number));
                tx.changed(change_of(number));
                tx.changed(change_of(1000 + number));
                insert_member(tx, &format!("member{number}"))
            })
            .await
        });
    }
    let (mut seen, mut cursor) = (Vec::new(), 0);
    while seen.len() < 120 {
        while let Some(written) = writes.try_join_next() {
            written.unwrap().unwrap();
        }
        let all_written = writes.is_empty();
        let new = db.read(move |conn| list_changes(conn, cursor, 50)).await.unwrap();
        assert!(!(all_written && new.is_empty()), "the tail saw {} of 120 changes", seen.len());
        cursor = new.last().map_or(cursor, |last| last.id);
        seen.extend(new.into_iter().map(|change| change.post_id));
    }
    seen.sort_unstable();
    let expected: Vec<i64> = (0..60).chain(1000..1060).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn whoever_waits_for_changes_is_woken_by_the_next_write() {
    let (_database, db) = open();
    let woken = db.changed().notified();
    tokio::pin!(woken);
    woken.as_mut().enable();
    db.write(|tx| insert_member(tx, "ada")).await.unwrap();
    assert!(futures_util::FutureExt::now_or_never(woken.as_mut()).is_none(), "nothing was said to have changed");
    db.write(|tx| {
        tx.changed(change_of(1));
        Ok::<_, DbError>(())
    })
    .await
    .unwrap();
    tokio::time::timeout(STUCK, woken).await.unwrap();
}

#[tokio::test]
async fn a_panic_in_a_transaction_undoes_it_and_stops_nobody_else() {
    let (_database, db) = open();
    // More often than there are connections: none may be lost.
    for _ in 0..15 {
        let ended: Result<(), DbError> = db
            .write(|tx| {
                insert_member(tx, "ada")?;
                panic!("a rule that does not hold")
            })
            .await;
        assert!(matches!(ended, Err(DbError::Unreachable(_))));
    }
    let ended: Result<(), DbError> = db.read(|_| panic!("a rule that does not hold")).await;
    assert!(matches!(ended, Err(DbError::Unreachable(_))));
    db.write(|tx| insert_member(tx, "ada")).await.unwrap();
    assert_eq!(db.read(count_members).await.unwrap(), 1);
}

#[tokio::test]
async fn one_writer_too_many_is_told_busy_and_the_others_are_served() {
    let (_database, db) = open();
    let gate = Arc::new((Mutex::new(false), Condvar::new()));
    let queued = Arc::new(AtomicUsize::new(0));
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..512 {
        let (db, gate, queued) = (db.clone(), Arc::clone(&gate), Arc::clone(&queued));
        waiting.spawn(async move {
            queued.fetch_add(1, Ordering::Relaxed);
            db.write(move |_| {
                let (open, changed) = &*gate;
                let shut = changed.wait_timeout_while(open.lock().unwrap(), STUCK, |open| !*open).unwrap();
                assert!(*shut.0, "nobody opened the gate");
                Ok::<_, DbError>(())
            })
            .await
        });
    }
    eventually("all have their place in the queue", async || queued.load(Ordering::Relaxed) == 512).await;
    let refused = db.write(|tx| insert_member(tx, "ada")).await;
    let (open, changed) = &*gate;
    *open.lock().unwrap() = true;
    changed.notify_all();
    assert!(matches!(refused, Err(DbError::Busy)), "{refused:?}");
    for served in waiting.join_all().await {
        served.unwrap();
    }
    db.write(|tx| insert_member(tx, "ada")).await.unwrap();
}

#[tokio::test]
async fn a_database_has_one_epoch_however_often_it_is_opened() {
    let (database, db) = open();
    let first = db.read(answerwell::db::epoch).await.unwrap();
    let again = Db::open(database.place.clone()).unwrap();
    assert_eq!(again.read(answerwell::db::epoch).await.unwrap(), first);
    let rows: i64 = db.read(|conn| Ok::<_, DbError>(feed::table.count().get_result(conn)?)).await.unwrap();
    assert_eq!((rows, first.len()), (1, 24));
}
