//! Answering in private: `POST /desk/private/{id}/messages` writes a message and its delivery in one transaction;
//! `…/settle` says that none is needed.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::thread::ThreadPage;
use crate::app::App;
use crate::bridge::ChannelId;
use crate::bridge::outbound::messages;
use crate::members::{Posted, Staff};
use crate::private::{self, PrivateMessageId, PrivateThread, PrivateThreadId};
use crate::web::once::try_once;
use crate::web::{Error, Frame, Page, Problems, redirect};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Writing {
    text: String,
    /// The newest message that its writer saw.
    last: i64,
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
    let thread = app.db.read(move |conn| private::find(conn, id, &reader)).await?.ok_or(Error::NotFound)?;
    let mut problems = Problems::default();
    let text = check(&mut problems, &app, &thread, &form.text);
    if !problems.is_empty() {
        return again(&app, frame, staff, id, form.text, problems, &request).await;
    }
    let reader = staff.clone();
    let done = try_once(&app.db, kept, now, move |tx| {
        private::hold(tx, id)?;
        let (seen, _) = private::list_messages(tx, id, &reader)?;
        if seen.iter().map(|message| message.id.0).max() != Some(form.last) {
            let mut problems = Problems::default();
            problems.add("text", "Something was written here since you opened the page. Read it, then send.");
            return Ok(Err((form.text, problems)));
        }
        let message = messages::write(tx, &thread, text, reader.0.id, now)?;
        Ok(Ok(format!("/desk/private/{id}#message-{message}")))
    });
    match done.await? {
        Ok(place) => {
            app.bridge.wake_outbox();
            Ok(redirect(place))
        }
        Err((text, problems)) => again(&app, frame, staff, id, text, problems, &request).await,
    }
}

fn check(problems: &mut Problems, app: &App, thread: &PrivateThread, text: &str) -> String {
    let longest = app.bridge.longest_message(ChannelId(thread.channel_id));
    if longest == 0 {
        let problem = "The account that they wrote to is not connected now. Ask the people who run this site.";
        problems.add("text", problem);
        return String::new();
    }
    problems.text("text", "Your message", text, longest)
}

async fn again(
    app: &web::Data<App>,
    frame: Frame,
    staff: Staff,
    id: PrivateThreadId,
    text: String,
    problems: Problems,
    request: &HttpRequest,
) -> Result<HttpResponse, Error> {
    let page = ThreadPage::of(app, frame, staff, id).await?;
    Page::unprocessable(page.with_form(text, problems)).render(request)
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
    let (id, last) = (id.into_inner(), posted.form.last);
    match app.db.write(move |tx| private::settle(tx, id, last)).await? {
        true => Ok(redirect("/desk/private")),
        false => Ok(redirect(format!("/desk/private/{id}?faster=1"))),
    }
}
