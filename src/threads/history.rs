//! The versions of a question and of a comment: `GET /questions/{id}/history` and `/comments/{id}/history`. Who wrote each,
//! why, and what they changed, word by word. Those of an answer are its own slice's.

use actix_web::web;
use askama::Template;

use crate::app::App;
use crate::comments::{self, CommentId};
use crate::members::{Viewer, load_cards};
use crate::posts::history::{Change, Version, Written, versions};
use crate::posts::{Author, may_edit};
use crate::questions::{self, Question, QuestionId};
use crate::web::{Error, Frame, Page, markdown};

#[derive(Template)]
#[template(path = "threads/history.html")]
struct HistoryPage {
    frame: Frame,
    question: Question,
    /// "question" or "comment".
    what: &'static str,
    back: String,
    /// Newest first; none: it was never changed.
    versions: Vec<Version>,
    /// Where the viewer may write another.
    edit: Option<String>,
}

/// `GET /questions/{id}/history`
pub async fn of_question(
    app: web::Data<App>,
    frame: Frame,
    viewer: Viewer,
    id: web::Path<QuestionId>,
) -> Result<Page<impl Template>, Error> {
    let id = id.into_inner();
    let (question, written) = app
        .db
        .read(move |conn| {
            let question = questions::load(conn, id)?;
            let author = match question.author {
                Author::Member(member) => load_cards(conn, &[member])?.remove(&member).map(|card| card.name),
                Author::Remote { origin, .. } => Some(format!("its author on {}", origin.label())),
            };
            let author = author.unwrap_or_else(|| "somebody who left".to_owned());
            let written = questions::list_versions(conn, id, &author)?;
            Ok::<_, Error>((question, written))
        })
        .await?;
    let may_edit = viewer.0.as_ref().is_some_and(|member| may_edit(question.author, member));
    let (edit, back) = (may_edit.then(|| format!("/questions/{id}/edit")), question.place());
    Ok(Page::ok(HistoryPage { frame, question, what: "question", back, versions: rendered(written), edit }))
}

/// `GET /comments/{id}/history`
pub async fn of_comment(
    app: web::Data<App>,
    frame: Frame,
    viewer: Viewer,
    id: web::Path<CommentId>,
) -> Result<Page<impl Template>, Error> {
    let id = id.into_inner();
    let (question, comment, written) = app
        .db
        .read(move |conn| {
            let comment = comments::load(conn, id)?;
            let question = questions::load(conn, comment.question_id)?;
            let written = comments::list_versions(conn, id)?;
            Ok::<_, Error>((question, comment, written))
        })
        .await?;
    let may_edit = viewer.0.as_ref().is_some_and(|member| may_edit(comment.author, member));
    let edit = may_edit.then(|| format!("/comments/{id}/edit"));
    let back = format!("{}#{}", question.place(), id.post());
    Ok(Page::ok(HistoryPage { frame, question, what: "comment", back, versions: rendered(written), edit }))
}

fn rendered(written: Vec<Written>) -> Vec<Version> {
    let render = |one: Written| Written { body_html: markdown::to_html(&one.body).into_string(), ..one };
    versions(written.into_iter().map(render).collect())
}
