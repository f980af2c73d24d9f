//! Verification through the eyes of those who vouch, confirm, refuse, edit and check again, over real HTTP: every step that
//! is allowed, and beside it the one that is refused.

mod editing;
mod fresh;
mod own;
mod races;
mod results;
mod second;
mod suggest;

use answerwell::clock::Millis;
use answerwell::db::schema::{answer_revision, audit, notice, topic, verification, work};
use answerwell::db::{Db, DbError};
use answerwell::members::{MemberId, Role};
use answerwell::questions::{self, QuestionId};
use answerwell::topics;
use diesel::prelude::*;

use crate::support::{Answer, Person, TestApp};

const FIX: &str = "It is not just you. Set the channel to 40 under Wi-Fi, Advanced, then restart.";
const EVIDENCE: &str = "Tried on two routers, see the release note of 4.2.1";

/// Asks on the site itself and returns the id of the question.
async fn ask(customer: &Person) -> i64 {
    ask_about(customer, "Wifi drops in the evening", "Every evening at nine. What can I do?").await
}

pub(crate) async fn ask_about(customer: &Person, title: &str, body: &str) -> i64 {
    let page = customer.get("/ask").await.expect(200);
    // What is verified already may be similar: it was looked at.
    let words = [("title", title), ("body", body), ("seen", "yes")];
    let thread = customer.submit(&page, "/ask", &words).await.expect(200);
    thread.path.split('/').nth(2).and_then(|id| id.parse().ok()).expect("the thread")
}

/// Answers a question as this member and returns the id of the answer.
async fn answer(who: &Person, question: i64, text: &str) -> i64 {
    let thread = who.get(&format!("/questions/{question}")).await.expect(200);
    let page = who.submit(&thread, &format!("/questions/{question}/answers"), &[("body", text)]).await.expect(200);
    let ids = page.links().into_iter().filter_map(|link| link.strip_prefix("/answers/")?.parse().ok());
    ids.max().expect("the thread shows the answer")
}

fn verify_place(answer: i64) -> String {
    format!("/desk/answers/{answer}/verify")
}

/// Opens the form and sends it with evidence and what else is filled in.
async fn verify(staff: &Person, answer: i64, filled: &[(&str, &str)]) -> Answer {
    let place = verify_place(answer);
    let page = staff.get(&place).await.expect(200);
    let mut fields = vec![("evidence", EVIDENCE)];
    fields.extend_from_slice(filled);
    staff.submit(&page, &place, &fields).await
}

/// Writes another version of an answer.
async fn edit(who: &Person, answer: i64, text: &str) -> Answer {
    let place = format!("/answers/{answer}/edit");
    let page = who.get(&place).await.expect(200);
    who.submit(&page, &place, &[("body", text)]).await
}

/// The action of the first form on a page that begins and ends so: `/desk/verifications/`, `/confirm`.
#[track_caller]
fn action(page: &Answer, begin: &str, end: &str) -> String {
    let actions = page.body.split("action=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let mut fitting = actions.filter(|action| action.starts_with(begin) && action.ends_with(end));
    fitting.next().unwrap_or_else(|| panic!("no form {begin}…{end} on {}: {}", page.path, page.text())).to_owned()
}

async fn thread(app: &TestApp, question: i64) -> Answer {
    app.visitor().get(&format!("/questions/{question}")).await.expect(200)
}

/// Another member of the staff.
async fn colleague(app: &TestApp) -> Person {
    app.person("Kim Colleague", Role::Staff).await
}

/// Puts a question into a topic that asks for two people.
pub(crate) async fn ask_for_two(app: &TestApp, question: i64) {
    app.db()
        .write(move |tx| {
            let id = topics::insert(tx, "safety", "Safety", "What can hurt somebody")?;
            diesel::update(topic::table.find(id)).set(topic::two_person.eq(1)).execute(&mut **tx)?;
            questions::set_topic(tx, QuestionId(question), Some(id), Millis(0))?;
            Ok::<_, DbError>(())
        })
        .await
        .expect("a topic for two");
}

/// The ids of what waits in the queue of this kind.
async fn waiting(db: &Db, kind: &'static str) -> Vec<i64> {
    db.read(move |conn| {
        let rows = work::table.filter(work::kind.eq(kind)).order(work::ref_id).select(work::ref_id).load(conn)?;
        Ok::<Vec<i64>, DbError>(rows)
    })
    .await
    .expect("the queue")
}

/// The kinds of notices that a member got, in order, each with its words.
async fn told(db: &Db, who: MemberId) -> Vec<(String, String)> {
    db.read(move |conn| {
        let mine = notice::table.filter(notice::member_id.eq(who)).order(notice::id);
        Ok::<Vec<(String, String)>, DbError>(mine.select((notice::kind, notice::words)).load(conn)?)
    })
    .await
    .expect("the notices")
}

async fn kinds_told(db: &Db, who: MemberId) -> Vec<String> {
    told(db, who).await.into_iter().map(|(kind, _)| kind).collect()
}

/// The acts of the log, in order.
async fn acts(db: &Db) -> Vec<String> {
    db.read(|conn| Ok::<Vec<String>, DbError>(audit::table.order(audit::id).select(audit::act).load(conn)?))
        .await
        .expect("the log")
}

/// The states of the verifications of an answer, oldest first.
async fn states(db: &Db, answer: i64) -> Vec<String> {
    db.read(move |conn| {
        let of_answer = verification::table.filter(verification::answer_id.eq(answer)).order(verification::id);
        Ok::<Vec<String>, DbError>(of_answer.select(verification::state).load(conn)?)
    })
    .await
    .expect("the verifications")
}

/// The words of every version of an answer.
async fn versions(db: &Db, answer: i64) -> Vec<String> {
    db.read(move |conn| {
        let of_answer = answer_revision::table.filter(answer_revision::answer_id.eq(answer));
        let words = of_answer.order(answer_revision::revision).select(answer_revision::body).load(conn)?;
        Ok::<Vec<String>, DbError>(words)
    })
    .await
    .expect("the versions")
}
