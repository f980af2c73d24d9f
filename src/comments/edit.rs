//! A better version of a comment: `GET` and `POST /comments/{id}/edit`, for its author and for staff.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{Comment, CommentId, load_seen, revise};
use crate::app::App;
use crate::audit::{self, Act, Entry};
use crate::clock::Millis;
use crate::db::{Conn, Tx};
use crate::holds;
use crate::members::{Member, Posted};
use crate::mentions;
use crate::notices::{self, EditedPost};
use crate::posts::{self, Body, LONGEST_COMMENT};
use crate::questions::Question;
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
    /// Whoever edits this must say why.
    must_say_why: bool,
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
    let who = by.clone();
    let (question, comment) = app.db.read(move |conn| load_editable(conn, id, &who)).await?;
    let must_say_why = posts::must_say_why(comment.author, &by);
    let form = Editing {
        body: comment.body.clone(),
        reason: String::new(),
        revision: comment.revision,
        submission: new_submission(),
    };
    Ok(Page::ok(EditPage { frame, problems: Problems::default(), form, question, comment, must_say_why }))
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
    let author = app.db.read(move |conn| load_editable(conn, id, &who)).await?.1.author;
    let mut problems = Problems::default();
    let reason = posts::check_reason_of(&mut problems, &form.reason, author, &by);
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
    if !question.private
        && let Some(why) = holds::why_held(tx, by, topic, &body.html)?
    {
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
        note(tx, &comment, by, reason, now)?;
    }
    Ok(Ok(posts::place(question.id.0, &question.title, id.post())))
}

/// Whose words others edit is told; who of staff does leaves a line in the log.
fn note(tx: &mut Tx<'_>, comment: &Comment, by: &Member, reason: &str, at: Millis) -> Result<(), Error> {
    let Some(author) = comment.author.member().filter(|author| *author != by.id) else { return Ok(()) };
    let (post, question_id) = (comment.id.post(), comment.question_id.0);
    notices::tell_edited(tx, EditedPost { post, question_id, author, by: by.id, reason, at })?;
    if by.role.is_staff() {
        let (subject, question_id) = (post.to_string(), Some(question_id));
        let words = format!("version {}", comment.revision + 1);
        audit::record(tx, &Entry { by: Some(by.id), act: Act::Edit, subject, question_id, words, at })?;
    }
    Ok(())
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
    let who = by.clone();
    let (question, comment) = app.db.read(move |conn| load_editable(conn, id, &who)).await?;
    let must_say_why = posts::must_say_why(comment.author, &by);
    // Only who was told that others changed it has read what they wrote.
    let revision = if problems.of("body") == Some(CHANGED) { comment.revision } else { form.revision };
    let form = Editing { revision, submission: new_submission(), ..form };
    Page::unprocessable(EditPage { frame, problems, form, question, comment, must_say_why }).render(request)
}

fn load_editable(conn: &mut Conn, id: CommentId, by: &Member) -> Result<(Question, Comment), Error> {
    let (comment, question) = load_seen(conn, id, Some(by))?;
    if !posts::find_may_edit(conn, comment.author, by)? {
        let why = match comment.author.origin() {
            Some(_) => "This was written on a network: its author edits it there, and the change is followed here.",
            None => {
                "Only its author and staff can edit a comment, and trusted members where no colleague of ours wrote it. You \
                 can write one of your own."
            }
        };
        return Err(Error::Forbidden(why.to_owned()));
    }
    Ok((question, comment))
}
