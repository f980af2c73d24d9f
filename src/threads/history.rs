//! The versions of a question and of a comment: `GET /questions/{id}/history` and `/comments/{id}/history`. Who wrote each,
//! why, and what they changed, word by word. Those of an answer are its own slice's.

use actix_web::web;
use askama::Template;

use crate::app::App;
use crate::comments::{self, CommentId};
use crate::db::{Conn, DbError};
use crate::members::{Viewer, load_cards};
use crate::posts::history::{Change, MOST, Version, Written, versions};
use crate::posts::{self, Author};
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
    let (id, who) = (id.into_inner(), viewer);
    let (question, written, may_edit) = app
        .db
        .read(move |conn| {
            let question = questions::load_seen(conn, id, who.0.as_ref())?;
            let author = match question.author {
                Author::Member(member) => load_cards(conn, &[member])?.remove(&member).map(|card| card.name),
                Author::Remote { origin, .. } => Some(format!("its author on {}", origin.label())),
            };
            let author = author.unwrap_or_else(|| "somebody who left".to_owned());
            let written = questions::list_versions(conn, id, &author)?;
            let may_edit = may_edit(conn, question.author, &who)?;
            Ok::<_, Error>((question, written, may_edit))
        })
        .await?;
    let (edit, back) = (may_edit.then(|| format!("/questions/{id}/edit")), question.place());
    Ok(Page::ok(HistoryPage { frame, question, what: "question", back, versions: rendered(written).await?, edit }))
}

/// `GET /comments/{id}/history`
pub async fn of_comment(
    app: web::Data<App>,
    frame: Frame,
    viewer: Viewer,
    id: web::Path<CommentId>,
) -> Result<Page<impl Template>, Error> {
    let (id, who) = (id.into_inner(), viewer);
    let (question, written, may_edit) = app
        .db
        .read(move |conn| {
            let (comment, question) = comments::load_seen(conn, id, who.0.as_ref())?;
            let written = comments::list_versions(conn, id)?;
            let may_edit = may_edit(conn, comment.author, &who)?;
            Ok::<_, Error>((question, written, may_edit))
        })
        .await?;
    let edit = may_edit.then(|| format!("/comments/{id}/edit"));
    let back = format!("{}#{}", question.place(), id.post());
    Ok(Page::ok(HistoryPage { frame, question, what: "comment", back, versions: rendered(written).await?, edit }))
}

/// Whether this viewer may write another version.
fn may_edit(conn: &mut Conn, author: Author, viewer: &Viewer) -> Result<bool, DbError> {
    viewer.0.as_ref().map_or(Ok(false), |member| posts::find_may_edit(conn, author, member))
}

/// With their words as they are shown, off the async threads.
async fn rendered(written: Vec<Written>) -> Result<Vec<Version>, Error> {
    let render = |one: Written| Written { body_html: markdown::to_html(&one.body).into_string(), ..one };
    // One more than is shown, to compare the last one with.
    let done = web::block(move || versions(written.into_iter().take(MOST + 1).map(render).collect())).await;
    done.map_err(|error| Error::Internal(format!("a history could not be rendered: {error}")))
}
