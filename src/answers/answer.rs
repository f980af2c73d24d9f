//! Answering: `POST /questions/{id}/answers`. The form stands in the thread; a text that cannot be taken comes back on a
//! page of its own, with the question's title.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{NewAnswer, insert, insert_held};
use crate::app::App;
use crate::db::Tx;
use crate::holds;
use crate::members::{Member, Posted};
use crate::posts::{self, Author, LONGEST_BODY};
use crate::questions::{self, Locked, Question, QuestionId};
use crate::web::once::try_once;
use crate::web::{Error, Frame, Page, Problems, redirect};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Answering {
    body: String,
    submission: String,
}

#[derive(Template)]
#[template(path = "answers/answer.html")]
struct AnswerPage {
    frame: Frame,
    problems: Problems,
    form: Answering,
    question: Question,
}

/// `POST /questions/{id}/answers`
pub async fn answer(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<QuestionId>,
    posted: Posted<Member, Answering>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let question_id = id.into_inner();
    let Posted { by, form, kept } = posted;
    let mut problems = Problems::default();
    let body = posts::check_body(&mut problems, "body", "Your answer", &form.body, LONGEST_BODY);
    let Some(body) = body else {
        let question = app.db.read(move |conn| questions::load(conn, question_id)).await?;
        return Page::unprocessable(AnswerPage { frame, problems, form, question }).render(&request);
    };
    let now = app.clock.now();
    let new = NewAnswer {
        question_id,
        author: Author::Member(by.id),
        body: body.source,
        body_html: body.html,
        created_at: now,
    };
    let done = try_once(&app.db, kept, now, move |tx| write(tx, &new, &by)).await?;
    match done {
        Ok(place) => Ok(redirect(place)),
        // Closed while it was written: the text comes back with the reason.
        Err(locked) => {
            let question = app.db.read(move |conn| questions::load(conn, question_id)).await?;
            problems.add("body", locked.refusal());
            Page::unprocessable(AnswerPage { frame, problems, form, question }).render(&request)
        }
    }
}

/// Writes the answer and returns where its author should land; a closed thread takes none.
fn write(tx: &mut Tx<'_>, new: &NewAnswer, by: &Member) -> Result<Result<String, Locked>, Error> {
    let question = questions::load(tx, new.question_id)?;
    if let Some(locked) = question.locked {
        return Ok(Err(locked));
    }
    let topic = question.topic.map(|topic| topic.id);
    if let Some(why) = holds::why_held(tx, by, topic, &new.body_html)? {
        let id = insert_held(tx, new)?;
        let hold = holds::hold(tx, id.post(), question.id.0, topic, by.id, why, new.created_at)?;
        return Ok(Ok(hold.place()));
    }
    let id = insert(tx, new)?;
    Ok(Ok(posts::place(question.id.0, &question.title, id.post())))
}

impl AnswerPage {
    /// The same key as in the thread, so that the browser forgets the draft once it was sent.
    fn draft_key(&self) -> String {
        format!("answer-{}", self.question.id)
    }
}
