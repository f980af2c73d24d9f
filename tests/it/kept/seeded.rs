//! The corpus of `bench seed`: every figure is the sum of its rows, its pages are whole, and it is the same each time.

use answerwell::bench::seed;
use answerwell::clock::Millis;
use answerwell::db::{Db, DbError};
use answerwell::people::recount::recount;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::support::TestApp;

const QUESTIONS: usize = 400;

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

async fn count(db: &Db, query: &'static str) -> i64 {
    let found: Result<Counted, DbError> = db
        .read(move |conn| Ok(diesel::sql_query(format!("SELECT count(*) AS count FROM {query}")).get_result(conn)?))
        .await;
    found.unwrap_or_else(|error| panic!("{query}: {error}")).count
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

async fn fill(app: &TestApp) -> String {
    let mut said = Vec::new();
    seed::run(app.db(), &app.app.search, QUESTIONS, &mut said).await.expect("a corpus");
    String::from_utf8(said).expect("words")
}

#[tokio::test]
async fn every_figure_of_the_corpus_is_the_sum_of_its_rows() {
    let app = TestApp::start().await;
    let said = fill(&app).await;
    assert!(said.contains("400 questions, 1200 answers"), "{said}");
    let db = app.db();
    // Nothing is wrong, and there is something of each sort that could be.
    for (wrong, there) in [
        (
            "question q WHERE score <> coalesce((SELECT sum(value) FROM vote WHERE post_kind = 'question' AND post_id = q.id), 0)",
            "question WHERE score <> 0",
        ),
        (
            "answer a WHERE score <> coalesce((SELECT sum(value) FROM vote WHERE post_kind = 'answer' AND post_id = a.id), 0)",
            "answer WHERE score <> 0",
        ),
        (
            "question q WHERE answer_count <> (SELECT count(*) FROM answer WHERE question_id = q.id)",
            "question WHERE answer_count = 0",
        ),
        (
            "question q WHERE accepted_count <> (SELECT count(*) FROM answer WHERE question_id = q.id AND accepted_at IS NOT NULL)",
            "question WHERE accepted_count > 0",
        ),
        (
            "question q WHERE affected <> (SELECT count(*) FROM affected WHERE question_id = q.id)",
            "question WHERE affected > 0",
        ),
        (
            "answer a WHERE helped <> (SELECT count(*) FROM helped WHERE answer_id = a.id AND value = 1) \
             OR not_helped <> (SELECT count(*) FROM helped WHERE answer_id = a.id AND value = -1)",
            "answer WHERE helped > 0",
        ),
        (
            "question q WHERE verified_answer_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM verification v \
             JOIN answer a ON a.id = v.answer_id WHERE v.question_id = q.id AND v.answer_id = q.verified_answer_id \
             AND v.member_id <> a.member_id AND a.vouched = v.revision)",
            "question WHERE verified_answer_id IS NOT NULL",
        ),
        (
            "vote v JOIN answer a ON v.post_kind = 'answer' AND a.id = v.post_id WHERE v.member_id = a.member_id",
            "comment WHERE answer_id IS NOT NULL",
        ),
        (
            "question q WHERE activity_at < created_at OR activity_at < \
             coalesce((SELECT max(created_at) FROM answer WHERE question_id = q.id), 0)",
            "question WHERE activity_at > created_at",
        ),
        (
            "question_tag t JOIN question q ON q.id = t.question_id WHERE t.activity_at <> q.activity_at",
            "question_tag t WHERE activity_at > 0",
        ),
        (
            "remote_post p WHERE NOT EXISTS (SELECT 1 FROM question q WHERE q.id = p.question_id AND q.origin = 'x' \
             AND q.remote_author_id = p.remote_author_id)",
            "question WHERE origin = 'x'",
        ),
    ] {
        assert_eq!(count(db, wrong).await, 0, "{wrong}");
        assert!(count(db, there).await > 0, "{there}");
    }
    let counted = recount(db, Millis(1_800_000_000_000)).await.expect("a recount");
    assert!(counted.members >= 20 && counted.mended == 0, "{counted:?}");
    assert!(count(db, "member WHERE reputation >= 50 AND trusted_at IS NOT NULL").await > 0);
    assert!(count(db, "member WHERE reputation < 50 AND trusted_at IS NOT NULL").await == 0);
}

#[tokio::test]
async fn the_corpus_is_served_found_and_refused_a_second_time() {
    let app = TestApp::start().await;
    fill(&app).await;
    let mut places = Vec::new();
    for list in ["/", "/newest", "/unanswered", "/affected", "/tags", "/people?period=all", "/search?q=router"] {
        let page = app.visitor().get(list).await.expect(200);
        places.extend(page.links().into_iter().filter(|link| {
            ["/questions/", "/topics/", "/tags/", "/members/"].iter().any(|begin| link.starts_with(begin))
        }));
    }
    places.sort_unstable();
    places.dedup();
    assert!(places.len() > 60, "{}", places.len());
    for place in &places {
        app.visitor().get(place).await.expect(200);
    }
    let staff = app.visitor();
    let signed_in = [("email", "staff1@example.com"), ("password", seed::PASSWORD)];
    staff.post_form("/sign-in", &signed_in).await.expect(200);
    staff.get("/desk").await.expect(200);
    let refused = seed::run(app.db(), &app.app.search, 10, &mut Vec::new()).await;
    assert!(refused.is_err_and(|error| error.to_string().contains("an empty one")));
}

/// What the whole corpus says.
async fn read_all(app: &TestApp) -> Vec<String> {
    let lines: Result<Vec<Line>, DbError> = app
        .db()
        .read(|conn| {
            let query = "SELECT title || body_html || score || created_at AS line FROM question ORDER BY id";
            Ok(diesel::sql_query(query).load(conn)?)
        })
        .await;
    lines.expect("the questions").into_iter().map(|row| row.line).collect()
}

#[tokio::test]
async fn the_same_number_makes_the_same_corpus() {
    let (one, other) = (TestApp::start().await, TestApp::start().await);
    fill(&one).await;
    fill(&other).await;
    let (one, other) = (read_all(&one).await, read_all(&other).await);
    assert_eq!(one.len(), QUESTIONS);
    assert_eq!(one, other);
}
