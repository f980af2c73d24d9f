//! Talking to the asker without verifying anything: a question back, an acknowledgement, a holding reply. A staff comment
//! in the thread and its delivery, in one transaction; its sender vouches for it.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::attach::Attaching;
use super::queue::Filter;
use super::queue::act::take_over;
use super::queue::next::url as next_url;
use super::suggest::{self, Taking};
use super::thread::{Opened, ThreadPage};
use super::words;
use super::writing;
use crate::answers;
use crate::app::App;
use crate::audit::{self, Act, Entry};
use crate::bridge::outbound::pictures::Attached;
use crate::bridge::outbound::{Letter, Target, enqueue, find_target};
use crate::bridge::{self, Cargo, RemotePostId};
use crate::clock::Millis;
use crate::comments::{self, CommentId, NewComment};
use crate::db::{Conn, DbError, Tx};
use crate::drafts::{DraftId, Place};
use crate::members::{Member, MemberId, Posted, PostedWithFiles, Staff, load_cards};
use crate::posts::{Author, Body};
use crate::questions::{self, QuestionId};
use crate::queue::{self, Sending, Subject};
use crate::web::once::try_once;
use crate::web::{Error, Frame, Page, Problems, redirect};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Talking {
    pub(super) text: String,
    /// The remote post that its writer saw as the one to be answered; 0 without one.
    pub(super) target: i64,
    /// The newest delivery of the thread that its writer saw; 0 without one.
    pub(super) last_delivery: i64,
    /// The asker's newest post that its writer saw waiting; 0 without one.
    pub(super) newest: i64,
    pub(super) submission: String,
    /// The draft that its writer sends in their own name; 0: none.
    pub(super) draft: i64,
    /// The list of the queue that stands beside it.
    pub(super) queue: String,
    /// Where the thread stands in it.
    pub(super) at: String,
    /// The newest answer and comment that its writer saw.
    pub(super) known: String,
    /// `next`: to be sent, and on to the next thread.
    pub(super) then: String,
    /// The writer saw that a colleague has claimed the thread, and sends all the same.
    pub(super) take_over: String,
    /// The verification of another thread whose words were taken; 0: none.
    pub(super) suggestion: i64,
}

/// What goes out, and the comment that stands for it.
struct Words {
    /// The comment.
    body: Body,
    /// What is sent.
    text: String,
    pictures: Vec<Attached>,
    /// The verified answer of another thread that it carries.
    taken: Option<Taking>,
}

/// Writes the comment and the delivery that carries it, which may be taken back for so long. The body is plain text, shown
/// as it is sent. Call `Bridge::wake_outbox` after it.
pub fn say(
    tx: &mut Tx<'_>,
    question_id: QuestionId,
    target: Target,
    body: Body,
    by: MemberId,
    when: (Millis, Duration),
) -> Result<CommentId, DbError> {
    let words = Words { text: body.source.clone(), body, pictures: Vec::new(), taken: None };
    say_with(tx, question_id, target, words, by, when)
}

/// As [`say`], with pictures that go along, or as the reply that carries a verified answer of another thread.
fn say_with(
    tx: &mut Tx<'_>,
    question_id: QuestionId,
    target: Target,
    words: Words,
    by: MemberId,
    (now, window): (Millis, Duration),
) -> Result<CommentId, DbError> {
    let Words { body: Body { source, html }, text, pictures, taken } = words;
    let author = Author::Member(by);
    let new = NewComment { question_id, answer_id: None, author, body: source, body_html: html, created_at: now };
    let id = comments::insert(tx, &new)?;
    let cargo = match taken {
        Some(taken) => taken.cargo(id),
        None => Cargo::Comment { comment_id: id.0 },
    };
    enqueue(tx, Letter { question_id: question_id.0, cargo, target, text, pictures, by, window }, now)?;
    let line = Entry::new(by, Act::Send, id.post(), now);
    audit::record(tx, &Entry { question_id: Some(question_id.0), ..line })?;
    Ok(id)
}

/// `POST /desk/questions/{id}/messages`
pub async fn send(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<QuestionId>,
    posted: PostedWithFiles<Staff, Talking>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (id, now) = (id.into_inner(), app.clock.now());
    let PostedWithFiles { by: Staff(by), form, mut kept, files } = posted;
    let target = load_target(&app, id).await?;
    let mut problems = Problems::default();
    writing::adopt_pictures(&app, form.draft, by.id).await?;
    let pictures = Attaching::take_in(&app, by.id, &mut kept, files, &mut problems).await?;
    if pictures.is_a_look {
        return again(&app, frame, by, id, (form, pictures), problems, &request).await;
    }
    let text = check(&mut problems, &app, target.as_ref(), &form.text);
    let attached = pictures.check(&mut problems, &app, target.as_ref().map(|target| target.channel_id));
    let taken = suggest::load_taken(&app, &frame, id, form.suggestion, &mut problems).await?;
    if !problems.is_empty() {
        return again(&app, frame, by, id, (form, pictures), problems, &request).await;
    }
    let words = Words { body: suggest::body(&text, taken.as_ref()), text, pictures: attached, taken };
    let (member, window) = (by.id, app.config.bridge.undo_window);
    let done = try_once(&app.db, kept, now, move |tx| {
        questions::hold_living(tx, id)?;
        if let Some(problem) = refuse_claimed(tx, Subject::Question(id.0), member, !form.take_over.is_empty(), now)? {
            let mut problems = Problems::default();
            problems.add("claim", problem);
            return Ok(Err((form, problems)));
        }
        match find_unchanged(tx, id, &form)? {
            Err(problems) => Ok(Err((form, problems))),
            Ok(target) => {
                if let Err(problems) = writing::settle(tx, Place::message(id.0), form.draft, member, now)? {
                    return Ok(Err((form, problems)));
                }
                if let Some(taken) = &words.taken
                    && let Err(problems) = taken.take(tx, id, member, now)?
                {
                    return Ok(Err((form, problems)));
                }
                let comment = say_with(tx, id, target, words, member, (now, window))?;
                let place = format!("/desk/questions/{id}#{}", comment.post());
                Ok(Ok(if form.then == "next" { next_url(&form.queue, &form.at) } else { place }))
            }
        }
    });
    match done.await? {
        Ok(place) => {
            app.bridge.wake_outbox();
            Ok(redirect(place))
        }
        Err((form, problems)) => again(&app, frame, by, id, (form, pictures), problems, &request).await,
    }
}

pub(super) async fn load_target(app: &App, id: QuestionId) -> Result<Option<Target>, Error> {
    let load = move |conn: &mut Conn| {
        questions::load_living(conn, id)?;
        find_target(conn, id.0).map_err(Error::from)
    };
    app.db.read(load).await
}

pub(super) fn check(problems: &mut Problems, app: &App, target: Option<&Target>, text: &str) -> String {
    match target {
        Some(target) => super::check_outgoing(problems, &app.bridge, target, "text", "Your message", text),
        None => {
            problems.add("text", words::ASKED_HERE);
            String::new()
        }
    }
}

/// The target, unless it or what was sent is not what the writer saw any more.
fn find_unchanged(tx: &mut Tx<'_>, id: QuestionId, form: &Talking) -> Result<Result<Target, Problems>, DbError> {
    let mut problems = Problems::default();
    let target = find_target(tx, id.0)?.filter(|target| target.remote_post_id.0 == form.target);
    if target.is_none() {
        problems.add("text", words::TARGET_CHANGED);
    } else if target.as_ref().is_some_and(|target| wrote_again(target, form.newest)) {
        problems.add("text", words::WROTE_AGAIN);
    } else if form.last_delivery != bridge::newest_delivery(tx, id.0)? {
        let news = words::SENT_MEANWHILE;
        problems.add("text", news);
    } else if let Some(news) = find_news(tx, id, &form.known)? {
        problems.add("text", news);
    }
    Ok(target.filter(|_| problems.is_empty()).ok_or(problems))
}

pub(super) async fn again(
    app: &web::Data<App>,
    frame: Frame,
    by: Member,
    id: QuestionId,
    (form, pictures): (Talking, Attaching),
    problems: Problems,
    request: &HttpRequest,
) -> Result<HttpResponse, Error> {
    let draft = Some(DraftId(form.draft)).filter(|draft| draft.0 != 0);
    let page = ThreadPage::asked(app, frame, by, id, Filter::parse(&form.queue), Opened { back: 0, draft }).await?;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Page::with_status(page.with_form(app, form, pictures, problems), status).render(request)
}

/// What a form carries of the conversation that its writer saw: the newest answer and the newest comment.
pub(super) fn known_of(conn: &mut Conn, id: QuestionId) -> Result<String, DbError> {
    Ok(format!("{}-{}", answers::newest(conn, id)?, comments::newest(conn, id)?))
}

/// What was written in the thread, by anybody, since its reader saw what is `known`. A form that says nothing of it is an
/// old one, and is not held up.
pub(super) fn find_news(conn: &mut Conn, id: QuestionId, known: &str) -> Result<Option<String>, DbError> {
    let Some((answer, comment)) = known.split_once('-') else { return Ok(None) };
    let seen = |text: &str| text.parse().unwrap_or(i64::MAX);
    let (newest_answer, newest_comment) = (answers::newest(conn, id)?, comments::newest(conn, id)?);
    let what = match (newest_answer > seen(answer), newest_comment > seen(comment)) {
        (true, _) => "an answer",
        (false, true) => "a comment",
        (false, false) => return Ok(None),
    };
    Ok(Some(words::somebody_wrote(what)))
}

/// Why this member does not send into a thread or a conversation: a colleague has claimed it. Who takes it over tells them.
pub(super) fn refuse_claimed(
    tx: &mut Tx<'_>,
    subject: Subject,
    by: MemberId,
    takes_over: bool,
    now: Millis,
) -> Result<Option<String>, DbError> {
    let Sending::Claimed(claim) = queue::may_send(tx, subject, by, now)? else { return Ok(None) };
    if takes_over {
        take_over(tx, subject, by, now)?;
        return Ok(None);
    }
    let holder = load_cards(tx, &[claim.by])?.remove(&claim.by).map_or("A colleague".to_owned(), |card| card.name);
    Ok(Some(words::claimed_by(&holder)))
}

/// The asker's newest post that waits, as forms carry it; 0 without one.
pub(super) fn newest_of(target: &Target) -> i64 {
    target.waiting.map_or(0, |post| post.0)
}

/// Whether the asker wrote something that who saw `newest` waiting has not seen. That nobody waits any more is told by what
/// was sent meanwhile.
pub(super) fn wrote_again(target: &Target, newest: i64) -> bool {
    newest_of(target) != 0 && newest_of(target) != newest
}

#[derive(Deserialize)]
pub struct Settling {
    /// The asker's newest post that the person saw.
    newest: i64,
    /// The list of the queue that stands beside it.
    #[serde(default)]
    queue: String,
    /// Where the thread stands in it.
    #[serde(default)]
    at: String,
}

/// `POST /desk/questions/{id}/settle`: no reply is needed to what was seen, and on to the next thread. Where the asker wrote
/// again, this one is shown with the news.
pub async fn settle(
    app: web::Data<App>,
    id: web::Path<QuestionId>,
    posted: Posted<Staff, Settling>,
) -> Result<HttpResponse, Error> {
    let Posted { by: Staff(by), form: Settling { newest, queue, at }, .. } = posted;
    let (id, seen, by, now) = (id.into_inner(), RemotePostId(newest), by.id, app.clock.now());
    let waits = app
        .db
        .write(move |tx| {
            if bridge::settle_waiting(tx, id.0, seen)? {
                let line = Entry::new(by, Act::Settle, id.post(), now);
                audit::record(tx, &Entry { question_id: Some(id.0), ..line })?;
            }
            bridge::find_waiting(tx, id.0)
        })
        .await?;
    Ok(redirect(match waits {
        None => next_url(&queue, &at),
        Some(_) => format!("/desk/questions/{id}?faster=1"),
    }))
}
