//! Hiding a post on its network, and showing it there again: `POST /desk/posts/{id}/hide`.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::queue::Filter;
use super::thread::ThreadPage;
use crate::app::App;
use crate::bridge::RemotePostId;
use crate::bridge::outbound::hide::{self, Hiding};
use crate::members::{Posted, Staff};
use crate::questions::QuestionId;
use crate::web::{Error, Frame, Page, redirect};

#[derive(Deserialize)]
pub struct Choosing {
    act: Act,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Act {
    Hide,
    Show,
}

/// `POST /desk/posts/{id}/hide`: back to the thread; where the network did not do it, with its words.
pub async fn choose(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<RemotePostId>,
    posted: Posted<Staff, Choosing>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (id, Posted { by: Staff(by), form, .. }) = (id.into_inner(), posted);
    let done = hide::hide(&app, id, matches!(form.act, Act::Hide), by.id).await?;
    let thread = app.db.read(move |conn| hide::find_thread(conn, id)).await?.map(QuestionId);
    match (done, thread) {
        (Hiding::Done, None) => Ok(redirect("/desk/held")),
        (Hiding::Done, Some(thread)) => Ok(redirect(format!("/desk/questions/{thread}#original-{id}"))),
        (Hiding::NotDone(words), None) => Err(Error::BadRequest(words)),
        (Hiding::NotDone(words), Some(thread)) => {
            let page = ThreadPage::of(&app, frame, by, thread, Filter::default(), 0).await?;
            Page::unprocessable(page.not_hidden(id, words)).render(&request)
        }
    }
}
