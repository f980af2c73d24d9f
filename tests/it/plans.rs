//! How the database runs what the desk asks of the queue: by ranges of indexes, in the order of the list, however much waits.
//!
//! SQLite plans by the indexes alone. PostgreSQL plans by what the tables hold, which here is next to nothing: it is forbidden
//! what it would do there, so that the plan says what an index can serve.

use std::sync::{Arc, Mutex};

use answerwell::clock::Millis;
use answerwell::db::page::Cursor;
use answerwell::db::{Conn, DbError, Tx};
use answerwell::members::MemberId;
use answerwell::posts::Origin;
use answerwell::questions;
use answerwell::queue::{self, Kind, Subject, Wanted, Whose};
use answerwell::tags::TagId;
use diesel::backend::Backend;
use diesel::connection::{InstrumentationEvent, SimpleConnection};
use diesel::deserialize::{FromSql, QueryableByName};
use diesel::prelude::*;
use diesel::row::NamedRow;
use diesel::sql_types::Text;

use crate::support::{Kind as Database, TestApp, kind};

const NOW: Millis = Millis(1_800_000_000_000);

/// Something that queries, made anew for each question about it.
type Work = Box<dyn FnOnce(&mut Tx<'_>) -> Result<(), DbError> + Send>;

/// A line of a plan.
struct Step(String);

impl<DB: Backend> QueryableByName<DB> for Step
where
    String: FromSql<Text, DB>,
{
    fn build<'a>(row: &impl NamedRow<'a, DB>) -> diesel::deserialize::Result<Self> {
        let column = if kind() == Database::Sqlite { "detail" } else { "QUERY PLAN" };
        NamedRow::get::<Text, String>(row, column).map(Self)
    }
}

/// How the queries that `work` makes are run, one after the other.
async fn plans_of(app: &TestApp, may_sort: bool, work: Work) -> Vec<String> {
    let planned = app.db().write(move |tx| {
        let mut plans = Vec::new();
        for query in queries_of(tx, work)? {
            let conn: &mut Conn = tx;
            plans.push(match kind() {
                Database::Sqlite => explained(conn, &format!("EXPLAIN QUERY PLAN {query}"))?,
                Database::Postgres => planned_by_postgres(conn, may_sort, &query)?,
            });
        }
        Ok::<_, DbError>(plans)
    });
    planned.await.unwrap()
}

fn queries_of(tx: &mut Tx<'_>, work: Work) -> Result<Vec<String>, DbError> {
    let queries = Arc::new(Mutex::new(Vec::new()));
    let list = Arc::clone(&queries);
    tx.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let query = query.to_string();
            list.lock().unwrap().extend(query.split(" -- binds").next().map(str::to_owned));
        }
    });
    let done = work(tx);
    tx.set_instrumentation(|_: InstrumentationEvent<'_>| {});
    done?;
    Ok(queries.lock().unwrap().clone())
}

/// The plan for any values, whatever stands in the tables.
fn planned_by_postgres(conn: &mut Conn, may_sort: bool, query: &str) -> Result<String, DbError> {
    let sorts = if may_sort { "on" } else { "off" };
    conn.batch_execute(&format!(
        "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = {sorts}; \
         SET LOCAL plan_cache_mode = force_generic_plan; PREPARE asked AS {query}"
    ))?;
    let values = (1..).take_while(|number| query.contains(&format!("${number}"))).map(|_| "NULL");
    let values = values.collect::<Vec<_>>().join(", ");
    let values = if values.is_empty() { values } else { format!("({values})") };
    let plan = explained(conn, &format!("EXPLAIN (COSTS OFF) EXECUTE asked{values}"))?;
    conn.batch_execute("DEALLOCATE asked")?;
    Ok(plan)
}

fn explained(conn: &mut Conn, explain: &str) -> Result<String, DbError> {
    let steps: Vec<Step> = diesel::sql_query(explain).load(conn)?;
    Ok(steps.into_iter().map(|Step(step)| step).collect::<Vec<_>>().join("; "))
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

/// What a plan says that reads a range of this index, and never all of a table.
fn by_index(index: &str) -> String {
    if kind() == Database::Sqlite {
        format!("USING INDEX {index}")
    } else {
        format!("Index Scan using {index} on work")
    }
}

#[tokio::test]
async fn a_page_of_the_queue_is_the_range_of_an_index_in_its_order() {
    let app = TestApp::start().await;
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
            let list: Work = Box::new(move |tx| queue::list(tx, &wanted, after, 51).map(drop));
            for plan in plans_of(&app, false, list).await {
                assert!(plan.contains(&by_index(index)), "{what}, {after:?}: {plan}");
                assert!(!plan.contains("TEMP B-TREE FOR ORDER BY"), "{what}, {after:?}: {plan}");
                assert!(!plan.contains("Sort Key"), "{what}, {after:?}: {plan}");
            }
        }
    }
}

#[tokio::test]
async fn nothing_else_walks_through_all_that_waits() {
    let app = TestApp::start().await;
    let staff = app.staff().await.id;
    let subjects = [Subject::Question(1), Subject::Private(2)];
    // What is done, and the index by which either database finds it.
    let rest: [(&str, [&str; 2], Work); 5] = [
        (
            "what waits in subjects",
            ["work USING INDEX work_by_subject", "Index Scan using work_by_subject"],
            Box::new(move |tx| queue::list_of_subjects(tx, &subjects).map(drop)),
        ),
        (
            "closing",
            ["work USING INDEX sqlite_autoindex_work_1", "Index Scan using work_kind_ref_id_key"],
            Box::new(|tx| queue::close(tx, Kind::Mirrored, 7).map(drop)),
        ),
        (
            "the end of a thread",
            ["work USING INDEX work_by_subject", "Index Scan using work_by_subject"],
            Box::new(|tx| queue::close_thread(tx, 7)),
        ),
        (
            "a claim",
            ["handling USING INDEX sqlite_autoindex_handling_1", "Index Scan using handling_pkey"],
            Box::new(move |tx| queue::claim(tx, Subject::Question(7), staff, NOW).map(drop)),
        ),
        (
            "a look that goes on",
            ["presence USING INDEX sqlite_autoindex_presence_1", "Index Scan using presence_pkey"],
            Box::new(|tx| queue::renew_looks(tx, &["a-1".to_owned()], NOW, NOW)),
        ),
    ];
    for (what, [sqlite, postgres], work) in rest {
        let plans = plans_of(&app, true, work).await.join("; ");
        let index = if kind() == Database::Sqlite { sqlite } else { postgres };
        assert!(plans.contains(index), "{what}: {plans}");
        let walks = ["SCAN work", "SCAN question", "Seq Scan on work", "Seq Scan on question"];
        assert!(!walks.iter().any(|walk| plans.contains(walk)), "{what}: {plans}");
    }
    // Counting is one walk over an index that holds the kinds alone.
    let plans = plans_of(&app, true, Box::new(|tx| queue::count(tx, &wanted()).map(drop))).await;
    assert!(
        plans[0].contains("USING COVERING INDEX") || plans[0].contains("Index Only Scan using work_by_kind"),
        "{plans:?}"
    );
}

#[tokio::test]
async fn the_questions_of_a_tag_are_the_range_of_an_index_in_its_order() {
    let app = TestApp::start().await;
    for after in [None, Some(Cursor { at: NOW, id: 7 })] {
        let list: Work = Box::new(move |tx| questions::list_tagged(tx, TagId(1), after).map(drop));
        let plan = &plans_of(&app, false, list).await[0];
        let index = if kind() == Database::Sqlite { "INDEX question_tag_active" } else { "using question_tag_active" };
        assert!(plan.contains(index), "{after:?}: {plan}");
        assert!(!plan.contains("TEMP B-TREE FOR ORDER BY") && !plan.contains("Sort Key"), "{after:?}: {plan}");
    }
}
