//! The lists: keyset pages without gaps or doubles, and queries that do not grow with the rows.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use answerwell::clock::Millis;
use answerwell::db::page::Cursor;
use answerwell::db::{Conn, Db, DbError, Place};
use answerwell::questions::{self, List};
use answerwell::topics::TopicId;
use diesel::Connection;
use diesel::connection::InstrumentationEvent;
use diesel::prelude::*;

use super::{insert_question, insert_topic};
use crate::support::{Answer, TestApp};

const BEGIN: Millis = Millis(1_784_928_203_000);

#[tokio::test]
async fn pages_have_no_gaps_and_no_doubles_while_questions_arrive() {
    let app = TestApp::start().await;
    let customer = app.customer().await;
    let topic = insert_topic(&app, "wifi", "Wi-Fi").await;
    // Three at each moment, so that pages end between equals.
    for number in 0..50u64 {
        let at = BEGIN.plus(Duration::from_secs(number / 3));
        insert_question(&app, customer.id, Some(topic), &format!("Question [{number}] of the test"), at).await;
    }
    for list in
        ["/", "/newest", "/unanswered", "/topics/wifi", "/topics/wifi?list=newest", "/topics/wifi?list=unanswered"]
    {
        let mut seen: Vec<u64> = Vec::new();
        let mut next = Some(list.to_owned());
        let mut pages = 0;
        while let Some(path) = next {
            let page = app.visitor().get(&path).await.expect(200);
            seen.extend(numbers(&page));
            next = page.links().into_iter().find(|link| link.contains("after="));
            pages += 1;
            let late = BEGIN.plus(Duration::from_secs(9_000));
            insert_question(&app, customer.id, Some(topic), "A question that arrived later", late).await;
        }
        assert_eq!(seen.len(), seen.iter().collect::<BTreeSet<_>>().len(), "{list} shows one twice");
        assert!(pages >= 3, "{list} has {pages} pages");
        assert_eq!(seen, (0..50).rev().collect::<Vec<_>>(), "{list}");
    }
}

/// The numbers in the titles of the rows, in order.
fn numbers(page: &Answer) -> Vec<u64> {
    let text = page.text();
    text.split("Question [").skip(1).map(|rest| rest.split(']').next().unwrap().parse().unwrap()).collect()
}

#[tokio::test]
async fn the_active_list_follows_what_happens() {
    let app = TestApp::start().await;
    let (customer, peer) = (app.customer().await, app.peer().await);
    for number in 1..=3u64 {
        let at = BEGIN.plus(Duration::from_secs(number));
        insert_question(&app, customer.id, None, &format!("Question [{number}] of the test"), at).await;
    }
    assert_eq!(numbers(&app.visitor().get("/").await), [3, 2, 1]);
    peer.post_form("/questions/1/answers", &[("body", "Try another channel.")]).await.expect(200);
    assert_eq!(numbers(&app.visitor().get("/").await), [1, 3, 2]);
    customer.post_form("/questions/2/comments", &[("body", "It happens to me too.")]).await.expect(200);
    assert_eq!(numbers(&app.visitor().get("/").await), [2, 1, 3]);
    assert_eq!(numbers(&app.visitor().get("/newest").await), [3, 2, 1]);
    assert_eq!(numbers(&app.visitor().get("/unanswered").await), [3, 2]);
}

#[tokio::test]
async fn a_list_takes_as_many_queries_with_twenty_rows_as_with_one() {
    let app = TestApp::start().await;
    let customer = app.customer().await;
    let topic = insert_topic(&app, "wifi", "Wi-Fi").await;
    let mut counts = Vec::new();
    for rows in [1, 19u64] {
        for number in 0..rows {
            insert_question(
                &app,
                customer.id,
                Some(topic),
                "One of many questions",
                BEGIN.plus(Duration::from_secs(number)),
            )
            .await;
        }
        counts.push(count_queries(&app, |conn| questions::list(conn, List::Active, None, None).map(drop)).await);
    }
    // The rows, and the tags of all of them.
    assert_eq!(counts, [2, 2]);
}

/// Every list, in SQLite's own words, is one range of an index made for it: nothing is sorted, no table is walked.
#[tokio::test]
async fn every_list_is_one_range_of_its_index() {
    let folder = tempfile::TempDir::new().unwrap();
    let db = Db::open(Place::Sqlite(folder.path().join("plans.db"))).unwrap();
    let after = Some(Cursor { at: BEGIN, id: 7 });
    for (list, topic, index) in [
        (List::Active, None, "question_active (activity_at<?)"),
        (List::Newest, None, "question_newest (created_at<?)"),
        (List::Unanswered, None, "question_unanswered (created_at<?)"),
        (List::Active, Some(TopicId(1)), "question_topic_active (topic_id=? AND activity_at<?)"),
        (List::Newest, Some(TopicId(1)), "question_topic_newest (topic_id=? AND created_at<?)"),
        (List::Unanswered, Some(TopicId(1)), "question_topic_unanswered (topic_id=? AND created_at<?)"),
        (List::Affected, None, "question_affected (affected>? AND affected<?)"),
        (List::Affected, Some(TopicId(1)), "question_topic_affected (topic_id=? AND affected>? AND affected<?)"),
    ] {
        let plan = db.read(move |conn| plan_of(conn, |conn| questions::list(conn, list, topic, after).map(drop)));
        let plan = plan.await.unwrap();
        assert!(plan.contains(&format!("SEARCH question USING INDEX {index}")), "{list:?} {topic:?}: {plan}");
        assert!(!plan.contains("TEMP B-TREE") && !plan.contains("SCAN"), "{list:?} {topic:?}: {plan}");
    }
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = diesel::sql_types::Text)]
    detail: String,
}

/// How SQLite would run the one query that `work` makes.
fn plan_of(conn: &mut Conn, work: impl FnOnce(&mut Conn) -> Result<(), DbError>) -> Result<String, DbError> {
    let queries = recorded(conn, work)?;
    let query = queries.iter().find(|query| query.starts_with("SELECT")).unwrap();
    let query = query.split(" -- binds").next().unwrap();
    let steps: Vec<Step> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {query}")).load(conn)?;
    Ok(steps.into_iter().map(|step| step.detail).collect::<Vec<_>>().join("; "))
}

/// How many queries `work` makes on one read snapshot.
pub(crate) async fn count_queries(
    app: &TestApp,
    work: impl FnOnce(&mut Conn) -> Result<(), DbError> + Send + 'static,
) -> usize {
    app.db().read(move |conn| recorded(conn, work)).await.unwrap().len()
}

fn recorded(conn: &mut Conn, work: impl FnOnce(&mut Conn) -> Result<(), DbError>) -> Result<Vec<String>, DbError> {
    let queries = Arc::new(Mutex::new(Vec::new()));
    let list = Arc::clone(&queries);
    conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            list.lock().unwrap().push(query.to_string());
        }
    });
    let done = work(conn);
    conn.set_instrumentation(|_: InstrumentationEvent<'_>| {});
    done?;
    let queries = queries.lock().unwrap().clone();
    Ok(queries)
}
