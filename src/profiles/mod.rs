//! The page of a member: `GET /members/{handle}`. Owns no table and writes nothing.

use std::collections::HashMap;

use actix_web::web;
use askama::Template;

use crate::answers;
use crate::app::App;
use crate::clock::Millis;
use crate::db::{Conn, PostRef};
use crate::members::{Card, find_by_handle, load_cards};
use crate::posts;
use crate::questions::{self, QuestionId, Row};
use crate::web::{Error, Frame, Page};

/// The newest of each kind that are shown.
const SHOWN: i64 = 30;

#[derive(Template)]
#[template(path = "profiles/profile.html")]
struct ProfilePage {
    frame: Frame,
    profile: Profile,
}

struct Profile {
    card: Card,
    answers: Vec<Given>,
    questions: Vec<Row>,
}

/// An answer, by the question it was given to.
struct Given {
    post: PostRef,
    question: Row,
    score: i64,
    created_at: Millis,
    verified: bool,
    accepted: bool,
}

/// `GET /members/{handle}`
pub async fn show(app: web::Data<App>, frame: Frame, handle: web::Path<String>) -> Result<Page<impl Template>, Error> {
    let profile = app.db.read(move |conn| load(conn, &handle)).await?;
    Ok(Page::ok(ProfilePage { frame, profile }))
}

fn load(conn: &mut Conn, handle: &str) -> Result<Profile, Error> {
    let id = find_by_handle(conn, handle)?.ok_or(Error::NotFound)?.id;
    let card = load_cards(conn, &[id])?.remove(&id).ok_or(Error::NotFound)?;
    let answers = answers::list_by_member(conn, id, SHOWN)?;
    let asked: Vec<QuestionId> = answers.iter().map(|answer| answer.question_id).collect();
    let rows: HashMap<QuestionId, Row> = questions::rows(conn, &asked)?.into_iter().map(|row| (row.id, row)).collect();
    let mut given: Vec<Given> = answers
        .into_iter()
        .filter_map(|answer| {
            let question = rows.get(&answer.question_id)?.clone();
            Some(Given {
                post: answer.id.post(),
                score: answer.score,
                created_at: answer.created_at,
                verified: question.verified_answer_id == Some(answer.id.0),
                accepted: question.accepted_answer_id == Some(answer.id.0),
                question,
            })
        })
        .collect();
    // Stable: within each kind the newest stay first.
    given.sort_by_key(|given| !given.verified);
    Ok(Profile { card, answers: given, questions: questions::list_by_member(conn, id, SHOWN)? })
}

impl Given {
    fn place(&self) -> String {
        posts::place(self.question.id.0, &self.question.title, self.post)
    }
}
