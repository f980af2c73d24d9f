//! Commenting: `POST /questions/{id}/comments`, on the question or, with `answer_id`, on one of its answers.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{NewComment, insert};
use crate::answers::{self, AnswerId};
use crate::app::App;
use crate::db::Tx;
use crate::members::{Member, Posted};
use crate::posts::{self, Author, LONGEST_COMMENT};
use crate::questions::{self, Question, QuestionId};
use crate::results::{self, Reply};
use crate::web::once::post_once;
use crate::web::{Error, Frame, Page, Problems, redirect};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Commenting {
    body: String,
    /// Not there: on the question itself.
    answer_id: Option<AnswerId>,
    submission: String,
}

#[derive(Template)]
#[template(path = "comments/comment.html")]
struct CommentPage {
    frame: Frame,
    problems: Problems,
    form: Commenting,
    question: Question,
}

/// `POST /questions/{id}/comments`
pub async fn comment(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<QuestionId>,
    posted: Posted<Member, Commenting>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let question_id = id.into_inner();
    let Posted { by, form, kept } = posted;
    let mut problems = Problems::default();
    let body = posts::check_body(&mut problems, "body", "Your comment", &form.body, LONGEST_COMMENT);
    let Some(body) = body else {
        let question = app.db.read(move |conn| questions::load(conn, question_id)).await?;
        return Page::unprocessable(CommentPage { frame, problems, form, question }).render(&request);
    };
    let now = app.clock.now();
    let new = NewComment {
        question_id,
        answer_id: form.answer_id,
        author: Author::Member(by.id),
        body: body.source,
        body_html: body.html,
        created_at: now,
    };
    let place = post_once(&app.db, kept, now, move |tx| {
        let question = load_parents(tx, &new)?;
        let id = insert(tx, &new)?;
        if question.author == new.author {
            let reply = Reply { question_id, comment_id: id.0, sent: None, text: &new.body, at: now };
            results::asker_replied(tx, reply, now)?;
        }
        Ok(posts::place(question_id.0, &question.title, id.post()))
    });
    Ok(redirect(place.await?))
}

/// The question, after seeing that the answer commented on is one of its own.
fn load_parents(tx: &mut Tx<'_>, new: &NewComment) -> Result<Question, Error> {
    let question = questions::load(tx, new.question_id)?;
    if let Some(answer) = new.answer_id
        && answers::load(tx, answer)?.question_id != question.id
    {
        return Err(Error::NotFound);
    }
    Ok(question)
}
