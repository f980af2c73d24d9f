//! "This is my post, remove it": the page on every mirrored question, and what staff do about a request.
//!
//! Anybody may ask, so nobody's word alone takes a post away: an original that is gone from the network does, since only
//! its author can delete it; any other request is settled by staff.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::mirror;
use super::words;
use crate::app::App;
use crate::bridge::store::{remote, requests};
use crate::bridge::{RequestId, store::remote::RemoteRow};
use crate::clock::Millis;
use crate::db::{Conn, DbError, Tx};
use crate::members::MemberId;
use crate::questions::{self, Question, QuestionId};
use crate::web::form::{Form, earlier_submission, new_submission, note_submission};
use crate::web::{Error, Frame, Page, Problems, redirect};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Request {
    pub message: String,
    pub contact: String,
    pub submission: String,
}

#[derive(Template)]
#[template(path = "bridge/remove.html")]
struct RemovePage {
    frame: Frame,
    question: Question,
    original: String,
    problems: Problems,
    form: Request,
    /// What came of the look whether the original is deleted; `None`: nobody looked.
    look: Option<Look>,
}

/// Why the original counts as there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    /// The network shows it, or could not be asked.
    StillThere,
    /// It was looked at a few times just now, and each look costs money.
    TooSoon,
}

/// Looks at the same original in a minute: anybody may ask for one.
const MOST_LOOKS: i64 = 3;
const MINUTE: Duration = Duration::from_secs(60);

#[derive(Template)]
#[template(path = "bridge/remove_asked.html")]
struct AskedPage {
    frame: Frame,
}

/// `GET /questions/{id}/remove`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<i64>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (question, original) = load_mirrored(&app, id.into_inner()).await?;
    let form = Request { submission: new_submission(), ..Request::default() };
    Page::ok(RemovePage { frame, question, original: original.url, problems: Problems::default(), form, look: None })
        .render(&request)
}

/// `POST /questions/{id}/remove`
pub async fn ask(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<i64>,
    form: Form<Request>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (question, original) = load_mirrored(&app, id.into_inner()).await?;
    let form = form.value;
    let mut problems = Problems::default();
    let message = problems.optional_text("message", "Your message", &form.message, 1_000);
    let contact = problems.text("contact", words::HOW_TO_REACH_YOU, &form.contact, 200);
    if !problems.is_empty() {
        let page = RemovePage { frame, question, original: original.url, problems, form, look: None };
        return Page::unprocessable(page).render(&request);
    }
    let (question_id, now, submission) = (question.id.0, app.clock.now(), form.submission);
    let asked = app
        .db
        .write(move |tx| {
            if earlier_submission(tx, &submission)?.is_none() {
                requests::insert(tx, question_id, &message, &contact, now)?;
                note_submission(tx, &submission, "/removal-asked", now)?;
            }
            Ok::<_, DbError>(())
        })
        .await;
    match asked {
        // Pressed twice at the same moment: the other press has asked.
        Err(error) if error.is_unique_violation() => {}
        other => other?,
    }
    Ok(redirect("/removal-asked"))
}

/// `POST /questions/{id}/remove/deleted`: the author says that the original is deleted. We look; if it is gone, so is ours.
pub async fn deleted(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<i64>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (question, original) = load_mirrored(&app, id.into_inner()).await?;
    let (question_id, now) = (question.id.0, app.clock.now());
    let since = now.minus(MINUTE);
    let may_look = app.db.write(move |tx| requests::claim_look(tx, question_id, MOST_LOOKS, since, now)).await?;
    let still = if !may_look {
        Some((Look::TooSoon, StatusCode::TOO_MANY_REQUESTS))
    } else if !is_gone(&app, &original).await {
        Some((Look::StillThere, StatusCode::CONFLICT))
    } else {
        None
    };
    if let Some((look, status)) = still {
        let form = Request { submission: new_submission(), ..Request::default() };
        let problems = Problems::default();
        let page = RemovePage { frame, question, original: original.url, problems, form, look: Some(look) };
        return Page::with_status(page, status).render(&request);
    }
    app.db.write(move |tx| mirror::erase(tx, &original, words::DELETED, now)).await?;
    // The place says itself that it is gone.
    Ok(redirect(format!("/questions/{}", question.id)))
}

/// Whether the network answers, and shows the post no more.
async fn is_gone(app: &App, original: &RemoteRow) -> bool {
    let Some(channel) = app.bridge.channel(original.channel_id) else { return false };
    let asked = channel.account.posts(std::slice::from_ref(&original.remote_id)).await;
    let page = asked.ok().and_then(|body| channel.account.parse_page(&body).ok());
    page.is_some_and(|page| page.posts.is_empty() && page.missing.contains(&original.remote_id))
}

/// `GET /removal-asked`
pub async fn asked(frame: Frame) -> Page<impl Template> {
    Page::ok(AskedPage { frame })
}

async fn load_mirrored(app: &App, id: i64) -> Result<(Question, RemoteRow), Error> {
    app.db
        .read(move |conn| {
            let question = questions::load(conn, QuestionId(id))?;
            let original = find_original(conn, &question)?.ok_or(Error::NotFound)?;
            Ok((question, original))
        })
        .await
}

fn find_original(conn: &mut Conn, question: &Question) -> Result<Option<RemoteRow>, DbError> {
    remote::find_by_post(conn, question.id.post())
}

/// Staff settle a request: `remove` takes the thread and all texts of its remote posts away. `false`: a colleague was
/// faster.
pub fn settle(tx: &mut Tx<'_>, id: RequestId, remove: bool, by: MemberId, now: Millis) -> Result<bool, DbError> {
    let Some(question_id) = requests::settle(tx, id, by, now)? else { return Ok(false) };
    if remove && let Some(original) = remote::find_by_post(tx, QuestionId(question_id).post())? {
        mirror::erase(tx, &original, words::REMOVED_AT_REQUEST, now)?;
    }
    Ok(true)
}
