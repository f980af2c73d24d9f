//! Moderation through the eyes of those who report, of staff who decide, and of those whom it concerns.

mod audit;
mod held;
mod hiding;
mod log_of_acts;
mod members;
mod notices;
mod reports;
mod threads;

use answerwell::db::DbError;
use answerwell::members::MemberId;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::support::{Answer, Person, TestApp};

/// Reports a post through its form.
async fn report(who: &Person, post: &str, reason: &str) -> Answer {
    let place = format!("/report/{post}");
    let page = who.get(&place).await.expect(200);
    who.submit(&page, &place, &[("reason", reason)]).await
}

/// Hides a post, or shows it again, through the page of the desk.
pub(crate) async fn moderate(staff: &Person, post: &str, act: &str, reason: &str) -> Answer {
    let place = format!("/desk/moderate/{post}");
    let page = staff.get(&place).await.expect(200);
    staff.submit(&page, &place, &[("act", act), ("reason", reason)]).await
}

/// What somebody's page of notices says.
async fn told(who: &Person) -> Answer {
    who.get("/notices").await.expect(200)
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many rows a condition finds.
pub(crate) async fn count(app: &TestApp, from: &str) -> i64 {
    let query = format!("SELECT count(*) AS count FROM {from}");
    let found: Result<Counted, DbError> =
        app.db().read(move |conn| Ok(diesel::sql_query(query).get_result(conn)?)).await;
    found.unwrap().count
}

/// Does to the database what no page does.
pub(crate) async fn on_database(app: &TestApp, statement: &'static str) {
    let done = app.db().write(move |tx| Ok::<_, DbError>(diesel::sql_query(statement).execute(&mut **tx)?));
    assert_eq!(done.await.unwrap(), 1, "{statement}");
}

/// How many lines of the log tell of this act.
pub(crate) async fn logged(app: &TestApp, act: &str) -> i64 {
    count(app, &format!("audit WHERE act = '{act}'")).await
}

/// Makes somebody something else, as an administrator's page does, while they are signed in.
async fn set_role(app: &TestApp, member: MemberId, role: &'static str) {
    app.db()
        .write(move |tx| {
            let update = diesel::sql_query("UPDATE member SET role = $1 WHERE id = $2");
            update.bind::<Text, _>(role).bind::<BigInt, _>(member.0).execute(&mut **tx)?;
            Ok::<_, DbError>(())
        })
        .await
        .unwrap();
}
