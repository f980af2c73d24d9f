//! What a demo mails, on a page instead of in somebody's mailbox: `GET /demo/mail` and `/demo/mail/{id}`. Anywhere else
//! there is no such page: mails hold links that open accounts.

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::{MailId, MailRow, State, Way, find, list_newest};
use crate::app::App;
use crate::web::markdown::from_plain;
use crate::web::{Error, Frame, Page};

const PAGE_SIZE: usize = 30;

#[derive(Deserialize)]
pub struct Before {
    before: Option<MailId>,
}

#[derive(Template)]
#[template(path = "mail/list.html")]
struct ListPage {
    frame: Frame,
    rows: Vec<MailRow>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "mail/mail.html")]
struct MailPage {
    frame: Frame,
    row: MailRow,
    /// Its plain text, with links.
    html: String,
}

/// Only where mail goes to this page.
fn here(app: &App) -> Result<(), Error> {
    if matches!(app.mail.way, Way::Page) { Ok(()) } else { Err(Error::NotFound) }
}

/// `GET /demo/mail`
pub async fn list(app: web::Data<App>, frame: Frame, before: web::Query<Before>) -> Result<Page<impl Template>, Error> {
    here(&app)?;
    let before = before.before.unwrap_or(MailId(i64::MAX));
    let most = PAGE_SIZE + 1;
    let mut rows = app.db.read(move |conn| list_newest(conn, State::EVERY, before, most as i64)).await?;
    let more = rows.len() == most;
    rows.truncate(PAGE_SIZE);
    let next = rows.last().filter(|_| more).map(|last| format!("/demo/mail?before={}", last.id));
    Ok(Page::ok(ListPage { frame, rows, next }))
}

/// `GET /demo/mail/{id}`
pub async fn show(app: web::Data<App>, frame: Frame, id: web::Path<MailId>) -> Result<Page<impl Template>, Error> {
    here(&app)?;
    let id = id.into_inner();
    let row = app.db.read(move |conn| find(conn, id)).await?.ok_or(Error::NotFound)?;
    let html = from_plain(&row.text).into_string();
    Ok(Page::ok(MailPage { frame, row, html }))
}
