//! Answering: `POST /questions/{id}/answers`. The form stands in the thread; a text that cannot be taken comes back on a
//! page of its own, with the question's title.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{NewAnswer, insert, insert_held};
use crate::app::App;
use crate::db::Tx;
use crate::files::take::{into_text, is_a_look};
use crate::holds;
use crate::members::{Member, PostedWithFiles};
use crate::mentions;
use crate::posts::{self, Author, LONGEST_BODY};
use crate::preview::{Shown, shown};
use crate::questions::{self, Question, QuestionId};
use crate::trust;
use crate::web::once::try_once;
use crate::web::{Error, Frame, Page, Problems, redirect};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Answering {
    body: String,
    /// What the picture that comes along shows.
    alt: String,
    /// The button: `picture` or `preview` sends nothing yet.
    then: String,
    submission: String,
}

#[derive(Template)]
#[template(path = "answers/answer.html")]
struct AnswerPage {
    frame: Frame,
    problems: Problems,
    form: Answering,
    question: Question,
    preview: Option<Shown>,
}

/// `POST /questions/{id}/answers`
pub async fn answer(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<QuestionId>,
    posted: PostedWithFiles<Member, Answering>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let question_id = id.into_inner();
    let PostedWithFiles { by, mut form, mut kept, files } = posted;
    let mut problems = Problems::default();
    into_text(&app, &by, (&mut form.body, &mut form.alt), (&mut kept, files), &mut problems).await?;
    if is_a_look(&form.then) && problems.is_empty() {
        let question = app.db.read(move |conn| questions::load_whole(conn, question_id, Some(&by))).await?;
        let preview = Some(shown(&app.db, &form.body).await?);
        return Page::ok(AnswerPage { frame, problems, form, question, preview }).render(&request);
    }
    let body = posts::check_body(&mut problems, "body", "Your answer", &form.body, LONGEST_BODY);
    trust::check(&app, &by, body.as_ref(), &mut problems, "body").await?;
    let Some(body) = body.filter(|_| problems.is_empty()) else {
        let question = app.db.read(move |conn| questions::load_whole(conn, question_id, Some(&by))).await?;
        return Page::unprocessable(AnswerPage { frame, problems, form, question, preview: None }).render(&request);
    };
    let body = mentions::link(&app.db, body).await?;
    let now = app.clock.now();
    let new = NewAnswer {
        question_id,
        author: Author::Member(by.id),
        body: body.source,
        body_html: body.html,
        created_at: now,
    };
    let writer = by.clone();
    let done = try_once(&app.db, kept, now, move |tx| write(tx, &new, &writer)).await?;
    match done {
        Ok(place) => Ok(redirect(place)),
        // Locked or closed while it was written: the text comes back with the reason.
        Err(why) => {
            let question = app.db.read(move |conn| questions::load_whole(conn, question_id, Some(&by))).await?;
            problems.add("body", why);
            Page::unprocessable(AnswerPage { frame, problems, form, question, preview: None }).render(&request)
        }
    }
}

/// Writes the answer and returns where its author should land; `Err`: why a locked or closed thread takes none. What was merged
/// while it was written is answered in the thread that it is part of now.
fn write(tx: &mut Tx<'_>, new: &NewAnswer, by: &Member) -> Result<Result<String, String>, Error> {
    let question = questions::load_whole(tx, new.question_id, Some(by))?;
    if let Some(why) = question.takes_no_answer() {
        return Ok(Err(why));
    }
    let topic = question.topic.as_ref().map(|topic| topic.id);
    // Staff read what is private anyway.
    if !question.private
        && let Some(why) = holds::why_held(tx, by, topic, &new.body_html)?
    {
        let id = insert_held(tx, new)?;
        let hold = holds::hold(tx, id.post(), new.question_id.0, topic, by.id, why, new.created_at)?;
        return Ok(Ok(hold.place()));
    }
    let id = insert(tx, new)?;
    questions::heard_privately(tx, &question, new.author, new.created_at)?;
    Ok(Ok(posts::place(question.id.0, &question.title, id.post())))
}

impl AnswerPage {
    /// The same key as in the thread, so that the browser forgets the draft once it was sent.
    fn draft_key(&self) -> String {
        format!("answer-{}", self.question.id)
    }
}
