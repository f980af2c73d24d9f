//! A better version of a question: `GET` and `POST /questions/{id}/edit`, for who asked it here and for staff. What somebody
//! asked on a network is changed there; staff may give it another title.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{NewVersion, Question, QuestionId, load_seen, revise};
use crate::app::App;
use crate::audit::{self, Act, Entry};
use crate::clock::Millis;
use crate::db::{Conn, Tx};
use crate::holds;
use crate::members::{Member, Posted};
use crate::mentions;
use crate::notices::{self, EditedPost};
use crate::posts::{self, Body, LONGEST_BODY};
use crate::trust;
use crate::web::form::new_submission;
use crate::web::once::try_once;
use crate::web::{Error, Frame, Page, Problems, redirect};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Editing {
    title: String,
    body: String,
    /// Why it was changed; may be empty.
    reason: String,
    /// The revision that its writer began from.
    revision: i64,
    submission: String,
}

#[derive(Template)]
#[template(path = "questions/edit.html")]
struct EditPage {
    frame: Frame,
    problems: Problems,
    form: Editing,
    question: Question,
    /// Whoever edits this must say why.
    must_say_why: bool,
}

impl EditPage {
    fn draft_key(&self) -> String {
        format!("edit-question-{}-{}", self.question.id, self.question.revision)
    }
}

/// `GET /questions/{id}/edit`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    by: Member,
    id: web::Path<QuestionId>,
) -> Result<Page<impl Template>, Error> {
    let id = id.into_inner();
    let who = by.clone();
    let question = app.db.read(move |conn| load_editable(conn, id, &who)).await?;
    let must_say_why = posts::must_say_why(question.author, &by);
    let form = Editing {
        title: question.title.clone(),
        body: question.body.clone(),
        reason: String::new(),
        revision: question.revision,
        submission: new_submission(),
    };
    Ok(Page::ok(EditPage { frame, problems: Problems::default(), form, question, must_say_why }))
}

/// `POST /questions/{id}/edit`
pub async fn edit(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<QuestionId>,
    posted: Posted<Member, Editing>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (id, now) = (id.into_inner(), app.clock.now());
    let Posted { by, form, kept } = posted;
    let who = by.clone();
    let author = app.db.read(move |conn| load_editable(conn, id, &who)).await?.author;
    let mut problems = Problems::default();
    let title = posts::check_title(&mut problems, "title", &form.title);
    let reason = posts::check_reason_of(&mut problems, &form.reason, author, &by);
    let body = posts::check_body(&mut problems, "body", "Your question", &form.body, LONGEST_BODY);
    trust::check_links(&app, &by, body.as_ref(), &mut problems, "body").await?;
    let Some(body) = body.filter(|_| problems.is_empty()) else {
        return again(&app, frame, by, id, form, problems, &request).await;
    };
    let body = mentions::link(&app.db, body).await?;
    let (seen, writer) = (form.revision, by.clone());
    let done =
        try_once(&app.db, kept, now, move |tx| write(tx, id, seen, (&title, &body, &reason), &writer, now)).await?;
    match done {
        Ok(place) => Ok(redirect(place)),
        Err(why) => {
            problems.add("body", why);
            again(&app, frame, by, id, form, problems, &request).await
        }
    }
}

const CHANGED: &str = "Somebody changed the question since you opened this page. The history shows how. Put your change into \
                       what it says now.";

/// Writes the version and returns where its author should land. `Err`: why it was not written.
fn write(
    tx: &mut Tx<'_>,
    id: QuestionId,
    seen: i64,
    (title, body, reason): (&str, &Body, &str),
    by: &Member,
    now: Millis,
) -> Result<Result<String, String>, Error> {
    let question = load_editable(tx, id, by)?;
    if question.revision != seen {
        return Ok(Err(CHANGED.to_owned()));
    }
    if let Some(locked) = question.locked.as_ref().filter(|_| !by.role.is_at_desk()) {
        return Ok(Err(locked.refusal()));
    }
    let topic = question.topic.as_ref().map(|topic| topic.id);
    if !question.private
        && let Some(why) = holds::why_held(tx, by, topic, &body.html)?
    {
        return Ok(Err(why.of_an_edit().to_owned()));
    }
    // The same words are no new version, and nobody need read them again.
    if question.title != title || question.body != body.source {
        let version = NewVersion { title, body: Some((&body.source, &body.html)), by: by.id, reason };
        if !revise(tx, id, seen, &version, now)? {
            return Ok(Err(CHANGED.to_owned()));
        }
        note(tx, &question, by, reason, now)?;
    }
    Ok(Ok(posts::question_place(id.0, title)))
}

/// Whose words others edit is told; who of staff does leaves a line in the log.
fn note(tx: &mut Tx<'_>, question: &Question, by: &Member, reason: &str, at: Millis) -> Result<(), Error> {
    let Some(author) = question.author.member().filter(|author| *author != by.id) else { return Ok(()) };
    let post = question.id.post();
    notices::tell_edited(tx, EditedPost { post, question_id: post.id, author, by: by.id, reason, at })?;
    if by.role.is_staff() {
        let (subject, question_id) = (question.id.post().to_string(), Some(question.id.0));
        let words = format!("version {}", question.revision + 1);
        audit::record(tx, &Entry { by: Some(by.id), act: Act::Edit, subject, question_id, words, at })?;
    }
    Ok(())
}

/// The form with what was typed, over the question as it is now.
async fn again(
    app: &App,
    frame: Frame,
    by: Member,
    id: QuestionId,
    form: Editing,
    problems: Problems,
    request: &HttpRequest,
) -> Result<HttpResponse, Error> {
    let who = by.clone();
    let question = app.db.read(move |conn| load_editable(conn, id, &who)).await?;
    let must_say_why = posts::must_say_why(question.author, &by);
    // Only who was told that others changed it has read what they wrote.
    let revision = if problems.of("body") == Some(CHANGED) { question.revision } else { form.revision };
    let form = Editing { revision, submission: new_submission(), ..form };
    Page::unprocessable(EditPage { frame, problems, form, question, must_say_why }).render(request)
}

fn load_editable(conn: &mut Conn, id: QuestionId, by: &Member) -> Result<Question, Error> {
    let question = load_seen(conn, id, Some(by))?;
    if posts::find_may_edit(conn, question.author, by)? {
        return Ok(question);
    }
    let why = match question.author.origin() {
        Some(_) => {
            "This question was asked on a network: its author edits it there, and the change is followed here. Staff can \
             give it another title."
        }
        None => {
            "Only who asked it and staff can edit a question, and trusted members where no colleague of ours asked it. You can \
             comment on it."
        }
    };
    Err(Error::Forbidden(why.to_owned()))
}
