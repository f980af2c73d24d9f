//! How SQLite runs what each page of the desk asks: by ranges of indexes, in the order of the list, however much waits.

use std::sync::{Arc, Mutex};

use diesel::connection::InstrumentationEvent;
use diesel::prelude::*;

use super::{list, presence};
use crate::clock::Millis;
use crate::db::page::Cursor;
use crate::db::{Conn, Db, DbError, Place, Tx};
use crate::members::MemberId;
use crate::posts::Origin;
use crate::queue::{Kind, Subject, Wanted, Whose};

const NOW: Millis = Millis(1_800_000_000_000);

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = diesel::sql_types::Text)]
    detail: String,
}

/// How the queries that `work` makes are run, one after the other.
fn plans_of(tx: &mut Tx<'_>, work: impl FnOnce(&mut Tx<'_>) -> Result<(), DbError>) -> Result<Vec<String>, DbError> {
    let queries = Arc::new(Mutex::new(Vec::new()));
    let list = Arc::clone(&queries);
    let conn: &mut Conn = tx;
    conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            list.lock().unwrap().push(query.to_string());
        }
    });
    let done = work(tx);
    let conn: &mut Conn = tx;
    conn.set_instrumentation(|_: InstrumentationEvent<'_>| {});
    done?;
    let queries = queries.lock().unwrap().clone();
    let mut plans = Vec::new();
    for query in queries.iter().filter_map(|query| query.split(" -- binds").next()) {
        let steps: Vec<Step> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {query}")).load(conn)?;
        plans.push(steps.into_iter().map(|step| step.detail).collect::<Vec<_>>().join("; "));
    }
    Ok(plans)
}

fn wanted() -> Wanted {
    Wanted {
        reader: MemberId(1),
        teams: vec![1, 2],
        sees_private: true,
        whose: Whose::All,
        kinds: Vec::new(),
        topic: None,
        network: None,
        lang: None,
        now: NOW,
    }
}

async fn db() -> (tempfile::TempDir, Db) {
    let folder = tempfile::TempDir::new().unwrap();
    let db = Db::open(Place::Sqlite(folder.path().join("plans.db"))).unwrap();
    (folder, db)
}

#[tokio::test]
async fn a_page_of_the_queue_is_the_range_of_an_index_in_its_order() {
    let (_folder, db) = db().await;
    let lists = [
        ("everything", wanted(), "work_due"),
        ("one sort", Wanted { kinds: vec![Kind::Verify], ..wanted() }, "work_by_kind"),
        ("several sorts", Wanted { kinds: vec![Kind::Mirrored, Kind::Asked], ..wanted() }, "work_by_kind"),
        ("a topic", Wanted { topic: Some(3), ..wanted() }, "work_by_topic"),
        ("a network", Wanted { network: Some(Some(Origin::X)), ..wanted() }, "work_by_network"),
        ("nobody's", Wanted { whose: Whose::Nobody, ..wanted() }, "work_due"),
        ("a trainee's", Wanted { sees_private: false, ..wanted() }, "work_due"),
    ];
    for (what, wanted, index) in lists {
        for after in [None, Some(Cursor { at: NOW, id: 7 })] {
            let wanted = wanted.clone();
            let plans =
                db.write(move |tx| plans_of(tx, |tx| list::list(tx, &wanted, after, 51).map(drop))).await.unwrap();
            let plan = plans.join("; ");
            assert!(plan.contains(&format!("USING INDEX {index}")), "{what}, {after:?}: {plan}");
            assert!(!plan.contains("TEMP B-TREE FOR ORDER BY"), "{what}, {after:?}: {plan}");
        }
    }
}

#[tokio::test]
async fn nothing_else_walks_through_all_that_waits() {
    let (_folder, db) = db().await;
    type Work = fn(&mut Tx<'_>) -> Result<(), DbError>;
    let subjects = [Subject::Question(1), Subject::Private(2)];
    let of_subjects = move |tx: &mut Tx<'_>| list::list_of_subjects(tx, &subjects).map(drop);
    let plans = db.write(move |tx| plans_of(tx, of_subjects)).await.unwrap().join("; ");
    assert!(plans.contains("work_by_subject") && !plans.contains("SCAN work"), "{plans}");
    let rest: [(&str, Work); 3] = [
        ("closing", |tx| super::close(tx, Kind::Mirrored, 7).map(drop)),
        ("the end of a thread", |tx| super::close_thread(tx, 7)),
        ("a look that goes on", |tx| presence::renew_looks(tx, &["a-1".to_owned()], NOW, NOW)),
    ];
    for (what, work) in rest {
        let plans = db.write(move |tx| plans_of(tx, work)).await.unwrap().join("; ");
        assert!(!plans.contains("SCAN work") && !plans.contains("SCAN question"), "{what}: {plans}");
    }
    // Counting is one walk over an index that holds the kinds alone.
    let plans = db.write(|tx| plans_of(tx, |tx| list::count(tx, &wanted()).map(drop))).await.unwrap();
    assert!(plans[0].contains("USING COVERING INDEX"), "{plans:?}");
}
