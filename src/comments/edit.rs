//! A better version of a comment: `GET` and `POST /comments/{id}/edit`, for its author and for staff.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{Comment, CommentId, load, revise};
use crate::app::App;
use crate::audit::{self, Act, Entry};
use crate::clock::Millis;
use crate::db::{Conn, Tx};
use crate::holds;
use crate::members::{Member, Posted};
use crate::mentions;
use crate::posts::{self, Body, LONGEST_COMMENT, may_edit};
use crate::questions::{self, Question};
use crate::trust;
use crate::web::form::new_submission;
use crate::web::once::try_once;
use crate::web::{Error, Frame, Page, Problems, redirect};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Editing {
    body: String,
    /// Why it was changed; may be empty.
    reason: String,
    /// The revision that its writer began from.
    revision: i64,
    submission: String,
}

#[derive(Template)]
#[template(path = "comments/edit.html")]
struct EditPage {
    frame: Frame,
    problems: Problems,
    form: Editing,
    question: Question,
    comment: Comment,
}

impl EditPage {
    fn draft_key(&self) -> String {
        format!("edit-comment-{}-{}", self.comment.id, self.comment.revision)
    }
}

/// `GET /comments/{id}/edit`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    by: Member,
    id: web::Path<CommentId>,
) -> Result<Page<impl Template>, Error> {
    let id = id.into_inner();
    let (question, comment) = app.db.read(move |conn| load_editable(conn, id, &by)).await?;
    let form = Editing {
        body: comment.body.clone(),
        reason: String::new(),
        revision: comment.revision,
        submission: new_submission(),
    };
    Ok(Page::ok(EditPage { frame, problems: Problems::default(), form, question, comment }))
}

/// `POST /comments/{id}/edit`
pub async fn edit(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<CommentId>,
    posted: Posted<Member, Editing>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (id, now) = (id.into_inner(), app.clock.now());
    let Posted { by, form, kept } = posted;
    let who = by.clone();
    app.db.read(move |conn| load_editable(conn, id, &who).map(drop)).await?;
    let mut problems = Problems::default();
    let reason = posts::check_reason(&mut problems, &form.reason);
    let body = posts::check_body(&mut problems, "body", "Your comment", &form.body, LONGEST_COMMENT);
    trust::check_links(&app, &by, body.as_ref(), &mut problems, "body").await?;
    let Some(body) = body.filter(|_| problems.is_empty()) else {
        return again(&app, frame, by, id, form, problems, &request).await;
    };
    let body = mentions::link(&app.db, body).await?;
    let (seen, writer) = (form.revision, by.clone());
    let done = try_once(&app.db, kept, now, move |tx| write(tx, id, seen, (&body, &reason), &writer, now)).await?;
    match done {
        Ok(place) => Ok(redirect(place)),
        Err(why) => {
            problems.add("body", why);
            again(&app, frame, by, id, form, problems, &request).await
        }
    }
}

const CHANGED: &str = "Somebody changed the comment since you opened this page. The history shows how. Put your change into \
                       what it says now.";

/// Writes the version and returns where its author should land. `Err`: why it was not written.
fn write(
    tx: &mut Tx<'_>,
    id: CommentId,
    seen: i64,
    (body, reason): (&Body, &str),
    by: &Member,
    now: Millis,
) -> Result<Result<String, String>, Error> {
    let (question, comment) = load_editable(tx, id, by)?;
    if let Some(locked) = question.locked.as_ref().filter(|_| !by.role.is_at_desk()) {
        return Ok(Err(locked.refusal()));
    }
    let topic = question.topic.as_ref().map(|topic| topic.id);
    if let Some(why) = holds::why_held(tx, by, topic, &body.html)? {
        return Ok(Err(why.of_an_edit().to_owned()));
    }
    if comment.revision != seen {
        return Ok(Err(CHANGED.to_owned()));
    }
    // The same words are no new version.
    if comment.body != body.source {
        if !revise(tx, id, seen, body, (by.id, reason), now)? {
            return Ok(Err(CHANGED.to_owned()));
        }
        // Who edits the words of others leaves a line in the log.
        if comment.author.member() != Some(by.id) {
            let (subject, question_id) = (id.post().to_string(), Some(question.id.0));
            let words = format!("version {}", seen + 1);
            audit::record(tx, &Entry { by: Some(by.id), act: Act::Edit, subject, question_id, words, at: now })?;
        }
    }
    Ok(Ok(posts::place(question.id.0, &question.title, id.post())))
}

/// The form with what was typed, over the comment as it is now.
async fn again(
    app: &App,
    frame: Frame,
    by: Member,
    id: CommentId,
    form: Editing,
    problems: Problems,
    request: &HttpRequest,
) -> Result<HttpResponse, Error> {
    let (question, comment) = app.db.read(move |conn| load_editable(conn, id, &by)).await?;
    let form = Editing { revision: comment.revision, submission: new_submission(), ..form };
    Page::unprocessable(EditPage { frame, problems, form, question, comment }).render(request)
}

fn load_editable(conn: &mut Conn, id: CommentId, by: &Member) -> Result<(Question, Comment), Error> {
    let comment = load(conn, id)?;
    if !may_edit(comment.author, by) {
        let why = match comment.author.origin() {
            Some(_) => "This was written on a network: its author edits it there, and the change is followed here.",
            None => "Only its author and staff can edit a comment. You can write one of your own.",
        };
        return Err(Error::Forbidden(why.to_owned()));
    }
    let question = questions::load(conn, comment.question_id)?;
    Ok((question, comment))
}
