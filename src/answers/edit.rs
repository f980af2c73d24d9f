//! A better version of an answer: `GET` and `POST /answers/{id}/edit`, for its author and for staff. What staff vouch for
//! stays what is shown until they have verified the new version.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{Answer, AnswerId, NewWords, edit as write, load_revision, load_seen};
use crate::app::App;
use crate::audit::{self, Act, Entry};
use crate::clock::Millis;
use crate::db::{Conn, DbError, Tx};
use crate::files::take::{into_text, is_a_look};
use crate::holds;
use crate::members::{Member, PostedWithFiles};
use crate::mentions;
use crate::notices::{self, EditedPost};
use crate::posts::{self, LONGEST_BODY};
use crate::preview::{Shown, shown};
use crate::questions::{self, Question};
use crate::trust;
use crate::web::form::new_submission;
use crate::web::markdown::CleanHtml;
use crate::web::once::try_once;
use crate::web::{Error, Frame, Page, Problems, redirect};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Editing {
    body: String,
    /// Why it was changed; may be empty.
    reason: String,
    /// What the picture that comes along shows.
    alt: String,
    /// The button: `picture` or `preview` sends nothing yet.
    then: String,
    /// The revision that its writer began from.
    revision: i64,
    submission: String,
}

#[derive(Template)]
#[template(path = "answers/edit.html")]
struct EditPage {
    frame: Frame,
    problems: Problems,
    form: Editing,
    question: Question,
    answer: Answer,
    preview: Option<Shown>,
    /// Whoever edits this must say why.
    must_say_why: bool,
}

impl EditPage {
    fn draft_key(&self) -> String {
        format!("edit-{}-{}", self.answer.id, self.answer.revision)
    }
}

/// `GET /answers/{id}/edit`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    by: Member,
    id: web::Path<AnswerId>,
) -> Result<Page<impl Template>, Error> {
    let id = id.into_inner();
    let (question, answer, newest, must_say_why) = app
        .db
        .read(move |conn| {
            let (question, answer) = load_editable(conn, id, &by)?;
            let newest = load_revision(conn, id, answer.revision)?;
            let must_say_why = posts::must_say_why(answer.author, &by);
            Ok::<_, Error>((question, answer, newest, must_say_why))
        })
        .await?;
    let form =
        Editing { body: newest.body, revision: answer.revision, submission: new_submission(), ..Editing::default() };
    Ok(Page::ok(EditPage { frame, problems: Problems::default(), form, question, answer, preview: None, must_say_why }))
}

/// `POST /answers/{id}/edit`
pub async fn edit(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<AnswerId>,
    posted: PostedWithFiles<Member, Editing>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (id, now) = (id.into_inner(), app.clock.now());
    let PostedWithFiles { by, mut form, mut kept, files } = posted;
    let who = by.clone();
    let author = app.db.read(move |conn| load_editable(conn, id, &who)).await?.1.author;
    let mut problems = Problems::default();
    into_text(&app, &by, (&mut form.body, &mut form.alt), (&mut kept, files), &mut problems).await?;
    if (is_a_look(&form.then) && problems.is_empty()) || problems.of("file_1").is_some() {
        return again(&app, frame, by, id, form, problems, &request).await;
    }
    let reason = posts::check_reason_of(&mut problems, &form.reason, author, &by);
    let body = posts::check_body(&mut problems, "body", "Your answer", &form.body, LONGEST_BODY);
    trust::check_links(&app, &by, body.as_ref(), &mut problems, "body").await?;
    let Some(body) = body.filter(|_| problems.is_empty()) else {
        return again(&app, frame, by, id, form, problems, &request).await;
    };
    let body = mentions::link(&app.db, body).await?;
    let (seen, writer) = (form.revision, by.clone());
    let done = try_once(&app.db, kept, now, move |tx| {
        let question_id = load_seen(tx, id, Some(&writer))?.1.id;
        questions::hold(tx, question_id)?;
        let (question, answer) = load_editable(tx, id, &writer)?;
        let newest = load_revision(tx, id, answer.revision)?;
        let place = posts::place(question.id.0, &question.title, id.post());
        if answer.revision != seen {
            return Ok(Err(CHANGED.to_owned()));
        }
        if let Some(why) = why_not(tx, &question, &writer, &body.html)? {
            return Ok(Err(why));
        }
        // The same words are no new version, and nobody need read them again.
        if newest.body != body.source {
            let words = NewWords { body: &body.source, html: &body.html, by: Some(writer.id), reason: &reason };
            write(tx, id, &words, now)?;
            note(tx, &answer, &writer, &reason, now)?;
        }
        Ok(Ok(place))
    });
    match done.await? {
        Ok(place) => Ok(redirect(place)),
        Err(why) => {
            problems.add("body", why);
            again(&app, frame, by, id, form, problems, &request).await
        }
    }
}

const CHANGED: &str = "Somebody changed the answer since you opened this page. The history shows how. Put your change into what \
                       it says now.";

/// Why this member may not put these words there now: an edit is no way around a closed thread, nor around what staff look
/// at before others see it.
fn why_not(conn: &mut Conn, question: &Question, by: &Member, html: &CleanHtml) -> Result<Option<String>, DbError> {
    if let Some(locked) = question.locked.as_ref().filter(|_| !by.role.is_at_desk()) {
        return Ok(Some(locked.refusal()));
    }
    if question.private {
        return Ok(None);
    }
    let why = holds::why_held(conn, by, question.topic.as_ref().map(|topic| topic.id), html)?;
    Ok(why.map(|why| why.of_an_edit().to_owned()))
}

/// The form with what was typed, over the answer as it is now.
async fn again(
    app: &App,
    frame: Frame,
    by: Member,
    id: AnswerId,
    form: Editing,
    problems: Problems,
    request: &HttpRequest,
) -> Result<HttpResponse, Error> {
    let who = by.clone();
    let (question, answer) = app.db.read(move |conn| load_editable(conn, id, &who)).await?;
    let must_say_why = posts::must_say_why(answer.author, &by);
    let preview = match is_a_look(&form.then) {
        true => Some(shown(&app.db, &form.body).await?),
        false => None,
    };
    // Only who was told that others changed it has read what they wrote.
    let revision = if problems.of("body") == Some(CHANGED) { answer.revision } else { form.revision };
    let form = Editing { revision, submission: new_submission(), ..form };
    let is_wrong = !problems.is_empty();
    let page = EditPage { frame, problems, form, question, answer, preview, must_say_why };
    if is_wrong { Page::unprocessable(page) } else { Page::ok(page) }.render(request)
}

fn load_editable(conn: &mut Conn, id: AnswerId, by: &Member) -> Result<(Question, Answer), Error> {
    let (answer, question) = load_seen(conn, id, Some(by))?;
    if !posts::find_may_edit(conn, answer.author, by)? {
        let why = match answer.author.origin() {
            Some(_) if by.role.is_staff() => {
                "This answer was written on a network: its author edits it there, and the change is followed here. Write an \
                 answer of your own instead."
            }
            _ => {
                "Only its author and staff can edit an answer, and trusted members where no colleague of ours wrote it. You \
                 can comment on it, or write one of your own."
            }
        };
        return Err(Error::Forbidden(why.to_owned()));
    }
    Ok((question, answer))
}

/// Whose words others edit is told; who of staff does leaves a line in the log.
fn note(tx: &mut Tx<'_>, answer: &Answer, by: &Member, reason: &str, at: Millis) -> Result<(), Error> {
    let Some(author) = answer.author.member().filter(|author| *author != by.id) else { return Ok(()) };
    let (post, question_id) = (answer.id.post(), answer.question_id.0);
    notices::tell_edited(tx, EditedPost { post, question_id, author, by: by.id, reason, at })?;
    if by.role.is_staff() {
        let (subject, question_id) = (answer.id.post().to_string(), Some(answer.question_id.0));
        let words = format!("version {}", answer.revision + 1);
        audit::record(tx, &Entry { by: Some(by.id), act: Act::Edit, subject, question_id, words, at })?;
    }
    Ok(())
}
