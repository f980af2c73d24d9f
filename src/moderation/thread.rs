//! What is done to a whole thread: `POST /desk/questions/{id}/lock` locks it for members or closes it for answers alone, or
//! takes either back; `POST /desk/questions/{id}/move` puts it into another topic.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::act::PostPage;
use super::people::Typed;
use super::words;
use super::{LONGEST_REASON, check_reason};
use crate::app::App;
use crate::audit::{self, Act, Entry};
use crate::clock::Millis;
use crate::db::{DbError, Tx};
use crate::members::{Member, MemberId, Posted, Staff};
use crate::notices::{self, NewNotice};
use crate::questions::{self, Question, QuestionId};
use crate::topics::{self, TopicId};
use crate::web::{Error, Frame, Page, Problems, redirect};

#[derive(Deserialize)]
pub struct Locking {
    act: Shutting,
    #[serde(default)]
    reason: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Shutting {
    Lock,
    Unlock,
    /// It takes no further answers; comments go on.
    Close,
    Reopen,
}

/// `POST /desk/questions/{id}/lock`
pub async fn lock(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<QuestionId>,
    posted: Posted<Staff, Locking>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (id, now) = (id.into_inner(), app.clock.now());
    let Posted { by: Staff(by), form, .. } = posted;
    let mut problems = Problems::default();
    let reason = match form.act {
        Shutting::Lock | Shutting::Close => check_reason(&mut problems, &form.reason),
        Shutting::Unlock | Shutting::Reopen => {
            problems.optional_text("reason", "The reason", &form.reason, LONGEST_REASON)
        }
    };
    if !problems.is_empty() {
        let place = if matches!(form.act, Shutting::Close | Shutting::Reopen) { "close" } else { "lock" };
        let typed = Typed { form: place, reason: form.reason, ..Typed::default() };
        return again(&app, frame, by, id, (typed, problems), &request).await;
    }
    let done = app
        .db
        .write(move |tx| {
            let question = questions::load_seen(tx, id, Some(&by))?;
            let (done, act, kind) = match form.act {
                Shutting::Lock => (questions::lock(tx, id, &reason, now)?, Act::Lock, notices::Kind::Locked),
                Shutting::Unlock => (questions::unlock(tx, id, now)?, Act::Unlock, notices::Kind::Unlocked),
                Shutting::Close => (questions::close(tx, id, &reason, now)?, Act::Close, notices::Kind::Closed),
                Shutting::Reopen => (questions::reopen(tx, id, now)?, Act::Reopen, notices::Kind::Reopened),
            };
            if done {
                note(tx, &question, by.id, (act, kind), reason, now)?;
            }
            Ok::<_, Error>(done)
        })
        .await?;
    Ok(back_to(id, done))
}

#[derive(Deserialize)]
pub struct Moving {
    /// The id of a topic; empty: none.
    topic: String,
    /// The topic that its sender saw it in; empty: none.
    from: String,
}

/// `POST /desk/questions/{id}/move`
pub async fn move_to(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<QuestionId>,
    posted: Posted<Staff, Moving>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (id, now) = (id.into_inner(), app.clock.now());
    let Posted { by: Staff(by), form, .. } = posted;
    let topics = app.db.read(topics::list).await?;
    let chosen = topics.into_iter().find(|topic| topic.id.to_string() == form.topic);
    if chosen.is_none() && !form.topic.is_empty() {
        let mut problems = Problems::default();
        problems.add("topic", words::NO_SUCH_TOPIC);
        let typed = Typed { form: "move", ..Typed::default() };
        return again(&app, frame, by, id, (typed, problems), &request).await;
    }
    let (to, name) = chosen.map(|topic| (topic.id, topic.name)).unzip();
    let name = name.unwrap_or_else(|| "none".to_owned());
    let done = app
        .db
        .write(move |tx| {
            questions::hold(tx, id)?;
            let question = questions::load_seen(tx, id, Some(&by))?;
            let from = question.topic.as_ref().map(|topic| topic.id);
            if from.map(|id| id.to_string()).unwrap_or_default() != form.from {
                return Ok::<_, Error>(false);
            }
            if from != to {
                carry_over(tx, &question, to, name, by.id, now)?;
            }
            Ok(true)
        })
        .await?;
    Ok(back_to(id, done))
}

fn carry_over(
    tx: &mut Tx<'_>,
    question: &Question,
    to: Option<TopicId>,
    name: String,
    by: MemberId,
    now: Millis,
) -> Result<(), DbError> {
    questions::set_topic(tx, question.id, to, now)?;
    note(tx, question, by, (Act::Move, notices::Kind::Moved), name, now)
}

/// Tells the asker and writes the log.
pub(super) fn note(
    tx: &mut Tx<'_>,
    question: &Question,
    by: MemberId,
    (act, kind): (Act, notices::Kind),
    words: String,
    now: Millis,
) -> Result<(), DbError> {
    if let Some(to) = question.author.member() {
        let notice = NewNotice {
            to,
            kind,
            question_id: Some(question.id.0),
            post: Some(question.id.post()),
            subject: None,
            by: Some(by),
            words: words.clone(),
            at: now,
        };
        notices::tell(tx, &notice)?;
    }
    let (subject, question_id) = (question.id.post().to_string(), Some(question.id.0));
    audit::record(tx, &Entry { by: Some(by), act, subject, question_id, words, at: now })
}

pub(super) fn back_to(id: QuestionId, done: bool) -> HttpResponse {
    redirect(format!("/desk/moderate/{}{}", id.post(), if done { "" } else { "?faster=1" }))
}

async fn again(
    app: &App,
    frame: Frame,
    by: Member,
    id: QuestionId,
    (typed, problems): (Typed, Problems),
    request: &HttpRequest,
) -> Result<HttpResponse, Error> {
    let page = PostPage::of(app, frame, by, id.post()).await?;
    Page::unprocessable(page.with_form(typed, problems)).render(request)
}
