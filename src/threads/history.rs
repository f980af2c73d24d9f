//! The versions of a post: `GET /questions/{id}/history`, `/answers/{id}/history` and `/comments/{id}/history`. Who wrote each,
//! why, and what they changed, word by word. Each kind of post keeps its own versions; here they are shown alike.

use actix_web::web;
use askama::Template;

use super::words;
use crate::answers::{self, AnswerId, Revision};
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
    /// What the post is, and how the page is called.
    what: (&'static str, &'static str),
    back: String,
    /// Newest first; none: it was never changed.
    versions: Vec<Version>,
    /// Which versions staff vouch for, where they vouch for posts of this kind.
    standing: Option<Standing>,
    /// Where the viewer may write another.
    edit: Option<String>,
}

/// The versions of an answer that differ from the others.
struct Standing {
    vouched: Option<i64>,
    shown: i64,
    newest: i64,
}

impl HistoryPage {
    /// The version that is shown, and the newest one, which waits for staff.
    fn waiting(&self) -> Option<(i64, i64)> {
        let standing = self.standing.as_ref()?;
        (standing.newest > standing.shown).then_some((standing.shown, standing.newest))
    }

    fn is_vouched(&self, version: &Version) -> bool {
        self.standing.as_ref().is_some_and(|standing| standing.vouched == Some(version.number))
    }

    fn waits(&self, version: &Version) -> bool {
        self.standing.as_ref().is_some_and(|standing| version.number > standing.shown)
    }
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
            let author = name_of(conn, question.author)?;
            let written = questions::list_versions(conn, id, &author)?;
            let may_edit = may_edit(conn, question.author, &who)?;
            Ok::<_, Error>((question, written, may_edit))
        })
        .await?;
    let (edit, back) = (may_edit.then(|| format!("/questions/{id}/edit")), question.place());
    let (what, versions) = (words::QUESTION_VERSIONS, rendered(written).await?);
    Ok(Page::ok(HistoryPage { frame, question, what, back, versions, standing: None, edit }))
}

/// `GET /answers/{id}/history`
pub async fn of_answer(
    app: web::Data<App>,
    frame: Frame,
    viewer: Viewer,
    id: web::Path<AnswerId>,
) -> Result<Page<impl Template>, Error> {
    let (id, is_at_desk, who) = (id.into_inner(), viewer.is_at_desk(), viewer);
    let (question, answer, written, may_edit) = app
        .db
        .read(move |conn| {
            let (answer, question) = answers::load_seen(conn, id, who.0.as_ref())?;
            let author = name_of(conn, answer.author)?;
            let mut revisions = answers::list_revisions(conn, id)?;
            // What somebody took back on a network is not for everybody to read; staff see what they once verified.
            if answer.author.origin().is_some() && !is_at_desk {
                revisions.retain(|one| [answer.shown(), answer.revision].contains(&one.number));
            }
            let written = revisions.into_iter().map(|one| written(one, &author)).collect();
            let may_edit = may_edit(conn, answer.author, &who)?;
            Ok::<_, Error>((question, answer, written, may_edit))
        })
        .await?;
    let edit = may_edit.then(|| format!("/answers/{id}/edit"));
    let back = format!("{}#{}", question.place(), id.post());
    let standing = Some(Standing { vouched: answer.vouched, shown: answer.shown(), newest: answer.revision });
    let (what, versions) = (words::ANSWER_VERSIONS, rendered(written).await?);
    Ok(Page::ok(HistoryPage { frame, question, what, back, versions, standing, edit }))
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
    let (what, versions) = (words::COMMENT_VERSIONS, rendered(written).await?);
    Ok(Page::ok(HistoryPage { frame, question, what, back, versions, standing: None, edit }))
}

/// How the author of a post is called, for the versions that nobody else wrote.
fn name_of(conn: &mut Conn, author: Author) -> Result<String, DbError> {
    Ok(match author {
        Author::Member(member) => {
            let card = load_cards(conn, &[member])?.remove(&member);
            card.map_or_else(|| words::FORMER_MEMBER.to_owned(), |card| card.name)
        }
        Author::Remote { origin, .. } => words::author_on(origin.label()),
    })
}

/// A version of an answer, whose words are kept as they are shown.
fn written(one: Revision, author: &str) -> Written {
    Written {
        number: one.number,
        by: one.by_name.unwrap_or_else(|| author.to_owned()),
        handle: one.by_handle,
        written_at: one.written_at,
        reason: one.reason,
        title: String::new(),
        body: one.body,
        body_html: one.body_html,
    }
}

/// Whether this viewer may write another version.
fn may_edit(conn: &mut Conn, author: Author, viewer: &Viewer) -> Result<bool, DbError> {
    viewer.0.as_ref().map_or(Ok(false), |member| posts::find_may_edit(conn, author, member))
}

/// With their words as they are shown, off the async threads.
async fn rendered(written: Vec<Written>) -> Result<Vec<Version>, Error> {
    let render = |one: Written| match one.body_html.is_empty() {
        true => Written { body_html: markdown::to_html(&one.body).into_string(), ..one },
        false => one,
    };
    // One more than is shown, to compare the last one with.
    let done = web::block(move || versions(written.into_iter().take(MOST + 1).map(render).collect())).await;
    done.map_err(|error| Error::Internal(format!("a history could not be rendered: {error}")))
}
