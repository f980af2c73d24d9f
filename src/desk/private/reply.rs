//! Answering in private: `POST /desk/private/{id}/messages` writes a message and its delivery in one transaction;
//! `…/settle` says that none is needed.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::may::{self, May};
use super::thread::ThreadPage;
use crate::app::App;
use crate::audit::{self, Act, Entry};
use crate::bridge::ChannelId;
use crate::bridge::outbound::messages;
use crate::db::{DbError, Tx};
use crate::desk::queue::Filter;
use crate::desk::queue::next::url as next_url;
use crate::desk::talk::refuse_claimed;
use crate::desk::words;
use crate::members::{Posted, Staff};
use crate::private::{self, PrivateMessageId, PrivateThread, PrivateThreadId};
use crate::queue::Subject;
use crate::web::form::clean;
use crate::web::once::try_once;
use crate::web::{Error, Frame, Page, Problems, redirect};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Writing {
    text: String,
    /// The newest message that its writer saw.
    last: i64,
    /// The list of the queue that stands beside it, and where the conversation stands in it.
    queue: String,
    at: String,
    /// `next`: to be sent, and on to the next thing.
    then: String,
    /// The writer saw that a colleague has claimed it, and sends all the same.
    take_over: String,
    #[serde(rename = "submission")]
    _submission: String,
}

/// `POST /desk/private/{id}/messages`
pub async fn send(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<PrivateThreadId>,
    posted: Posted<Staff, Writing>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (id, now) = (id.into_inner(), app.clock.now());
    let Posted { by: staff, form, kept } = posted;
    let reader = staff.clone();
    let data = app.clone();
    let (thread, may) = app
        .db
        .read(move |conn| {
            let thread = private::find(conn, id, &reader)?.ok_or(Error::NotFound)?;
            let may = may::load(conn, &data, &thread, &reader, now)?;
            Ok::<_, Error>((thread, may))
        })
        .await?;
    let mut problems = Problems::default();
    let text = check(&mut problems, &app, &thread, may, &form.text);
    if !problems.is_empty() {
        let filter = Filter::parse(&form.queue);
        return again(&app, frame, staff, (id, filter), form.text, problems, &request).await;
    }
    let (reader, data) = (staff.clone(), app.clone());
    let window = app.config.bridge.undo_window;
    let filter = Filter::parse(&form.queue);
    let done = try_once(&app.db, kept, now, move |tx| {
        private::hold(tx, id)?;
        let (subject, takes_over) = (Subject::Private(id.0), !form.take_over.is_empty());
        if let Some(problem) = refuse_claimed(tx, subject, reader.0.id, takes_over, now)? {
            let mut problems = Problems::default();
            problems.add("claim", problem);
            return Ok(Err((form.text, problems)));
        }
        let (seen, _) = private::list_messages(tx, id, &reader)?;
        if seen.iter().map(|message| message.id.0).max() != Some(form.last) {
            let mut problems = Problems::default();
            problems.add("text", words::SOMETHING_WRITTEN);
            return Ok(Err((form.text, problems)));
        }
        // Of two who write the first word at once, one does.
        if !may::load(tx, &data, &thread, &reader, now)?.is_open() {
            let mut problems = Problems::default();
            problems.add("text", words::COLLEAGUE_WAS_FASTER);
            return Ok(Err((form.text, problems)));
        }
        let message = messages::write(tx, &thread, text, reader.0.id, (now, window))?;
        audit::record(tx, &Entry::new(reader.0.id, Act::Send, format!("private-{id}"), now))?;
        let place = format!("/desk/private/{id}#message-{message}");
        Ok(Ok(if form.then == "next" { next_url(&form.queue, &form.at) } else { place }))
    });
    match done.await? {
        Ok(place) => {
            app.bridge.wake_outbox();
            Ok(redirect(place))
        }
        Err((text, problems)) => again(&app, frame, staff, (id, filter), text, problems, &request).await,
    }
}

fn check(problems: &mut Problems, app: &App, thread: &PrivateThread, may: May, text: &str) -> String {
    let longest = app.bridge.longest_message(ChannelId(thread.channel_id));
    if longest == 0 {
        let problem = words::NOT_CONNECTED;
        problems.add("text", problem);
        return String::new();
    }
    if let Some(why) = may.refusal(network_of(app, thread)) {
        problems.add("text", why);
        return String::new();
    }
    problems.text("text", "Your message", text, longest)
}

fn network_of(app: &App, thread: &PrivateThread) -> &'static str {
    app.bridge.channel(ChannelId(thread.channel_id)).map_or("The network", |channel| channel.origin.label())
}

async fn again(
    app: &web::Data<App>,
    frame: Frame,
    staff: Staff,
    (id, filter): (PrivateThreadId, Filter),
    text: String,
    problems: Problems,
    request: &HttpRequest,
) -> Result<HttpResponse, Error> {
    let page = ThreadPage::of(app, frame, staff, id, filter).await?;
    Page::unprocessable(page.with_form(text, problems)).render(request)
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Towards {
    channel: i64,
}

#[derive(Deserialize)]
pub struct Counting {
    text: String,
}

/// `POST /desk/private/count`: `{used, limit, over}` of the field `text`, as a message of a channel.
pub async fn count(app: web::Data<App>, towards: web::Query<Towards>, posted: Posted<Staff, Counting>) -> HttpResponse {
    let (used, limit) =
        (clean(&posted.form.text).chars().count(), app.bridge.longest_message(ChannelId(towards.channel)));
    let counted = serde_json::json!({ "used": used, "limit": limit, "over": used > limit });
    HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(counted)
}

#[derive(Deserialize)]
pub struct Settling {
    last: PrivateMessageId,
}

/// `POST /desk/private/{id}/settle`: no reply is needed to what its reader saw.
pub async fn settle(
    app: web::Data<App>,
    id: web::Path<PrivateThreadId>,
    posted: Posted<Staff, Settling>,
) -> Result<HttpResponse, Error> {
    let (id, last, by, now) = (id.into_inner(), posted.form.last, posted.by.0.id, app.clock.now());
    let settle = move |tx: &mut Tx<'_>| {
        let done = private::settle(tx, id, last)?;
        if done {
            audit::record(tx, &Entry::new(by, Act::Settle, format!("private-{id}"), now))?;
        }
        Ok::<_, DbError>(done)
    };
    match app.db.write(settle).await? {
        true => Ok(redirect("/desk/private")),
        false => Ok(redirect(format!("/desk/private/{id}?faster=1"))),
    }
}
