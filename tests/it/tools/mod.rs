//! What staff work with, through their eyes, over real HTTP against the twin of X: taking back, drafts and approval, macros,
//! notes, merging and splitting.

mod approval;
mod drafts;
mod macros;
mod merging;
mod notes;
mod splitting;
mod twice;
mod undo;
mod verifying_merged;

use answerwell::members::Role;

use crate::support::{Answer, Person, TestApp, eventually};

pub const QUESTION: &str = "@acme my router drops wifi every evening, is it just me?";
pub const FIX: &str = "It is not just you. Set the channel to 40 under Wi-Fi, Advanced, then restart.";
pub const EVIDENCE: &str = "Tried on two routers, see the release note of 4.2.1";

/// Answers a question as this member and returns the id of the answer.
pub async fn answer(who: &Person, question: i64, text: &str) -> i64 {
    let thread = who.get(&format!("/questions/{question}")).await.expect(200);
    let page = who.submit(&thread, &format!("/questions/{question}/answers"), &[("body", text)]).await.expect(200);
    let ids = page.links().into_iter().filter_map(|link| link.strip_prefix("/answers/")?.parse().ok());
    ids.max().expect("the thread shows the answer")
}

pub fn verify_place(answer: i64) -> String {
    format!("/desk/answers/{answer}/verify")
}

/// Opens the form and sends it with evidence and what else is filled in.
pub async fn verify(staff: &Person, answer: i64, filled: &[(&str, &str)]) -> Answer {
    let place = verify_place(answer);
    let page = staff.get(&place).await.expect(200);
    let mut fields = vec![("evidence", EVIDENCE)];
    fields.extend_from_slice(filled);
    staff.submit(&page, &place, &fields).await
}

pub fn desk_place(question: i64) -> String {
    format!("/desk/questions/{question}")
}

/// Writes to the asker from the desk.
pub async fn say(staff: &Person, question: i64, text: &str) -> Answer {
    let page = staff.get(&desk_place(question)).await.expect(200);
    staff.submit(&page, &format!("{}/messages", desk_place(question)), &[("text", text)]).await
}

/// Waits until staff read these words on a page.
pub async fn shown(staff: &Person, path: &str, words: &str) -> Answer {
    eventually(&format!("{path} says {words:?}"), async || staff.get(path).await.says(words)).await;
    staff.get(path).await
}

/// Asks on the site itself and returns the id of the question.
pub async fn ask_here(customer: &Person, title: &str) -> i64 {
    let page = customer.get("/ask").await.expect(200);
    let words = [("title", title), ("body", "Every evening at nine. What can I do?"), ("seen", "yes")];
    let thread = customer.submit(&page, "/ask", &words).await.expect(200);
    thread.path.split('/').nth(2).and_then(|id| id.parse().ok()).expect("the thread")
}

/// The first address on a page that begins like this, up to its end or its quote.
pub fn find_action(page: &Answer, begin: &str, end: &str) -> Option<String> {
    page.body.split('"').find(|part| part.starts_with(begin) && part.ends_with(end)).map(str::to_owned)
}

/// Somebody who only drafts.
pub async fn trainee(app: &TestApp) -> Person {
    app.person("Tara Trainee", Role::Trainee).await
}
