//! `GET /desk/private`: who wrote to us in private and waits, longest waiting first; with `?all=1` all conversations.

use std::collections::HashMap;

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::name_of;
use crate::app::App;
use crate::bridge::view::{RemoteCard, load_authors};
use crate::bridge::{self, ChannelId, TroubleKind};
use crate::clock::Millis;
use crate::db::DbError;
use crate::db::page::{self, Cursor};
use crate::desk::lists::{List, Overview, first_words, load_overview, waiting_chip};
use crate::members::Staff;
use crate::posts::{Called, Origin, RemoteAuthorId};
use crate::private::{self, Side, ThreadRow, Which};
use crate::web::{Error, Frame, Page};

const PAGE_SIZE: usize = 30;

#[derive(Template)]
#[template(path = "desk/private/list.html")]
struct ListPage {
    frame: Frame,
    overview: Overview,
    which: Which,
    rows: Vec<Row>,
    /// Each account whose private messages cannot be read, and why.
    trouble: Vec<(Called, String)>,
    /// What of X's own does not arrive here is told.
    has_x: bool,
    next: Option<Cursor>,
    further: bool,
}

struct Row {
    row: ThreadRow,
    author: Option<RemoteCard>,
    /// Our account that they wrote to; none: it is not connected now.
    account: Option<Called>,
}

#[derive(Deserialize)]
pub struct Asked {
    all: Option<String>,
    after: Option<String>,
}

/// `GET /desk/private`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    staff: Staff,
    asked: web::Query<Asked>,
) -> Result<Page<impl Template>, Error> {
    let which = if asked.all.is_some() { Which::All } else { Which::Waiting };
    let after = asked.after.as_deref().and_then(Cursor::parse);
    let (data, now) = (app.clone(), frame.now);
    let (overview, trouble, rows, next) = app
        .db
        .read(move |conn| {
            let overview = load_overview(conn, &data.bridge, List::Private, &staff.0, now)?;
            let place = after.map(|cursor| (cursor.at, cursor.id));
            let found = private::list(conn, which, place, PAGE_SIZE as i64 + 1, &staff)?;
            let page::Page { rows, next } = page::Page::of(found, PAGE_SIZE, |row| cursor_of(which, row));
            let authors: Vec<RemoteAuthorId> = rows.iter().map(|row| row.thread.with).collect();
            let mut authors: HashMap<RemoteAuthorId, RemoteCard> = load_authors(conn, &authors)?;
            let dressed = rows.into_iter().map(|row| Row {
                author: authors.remove(&row.thread.with),
                account: data.bridge.account_of(ChannelId(row.thread.channel_id)),
                row,
            });
            Ok::<_, DbError>((overview, bridge::list_messages_trouble(conn)?, dressed.collect(), next))
        })
        .await?;
    let has_x = app.bridge.channels().iter().any(|channel| channel.origin == Origin::X);
    Ok(Page::ok(ListPage { frame, overview, which, rows, trouble, has_x, next, further: after.is_some() }))
}

fn cursor_of(which: Which, row: &ThreadRow) -> Cursor {
    let at = match which {
        Which::Waiting => row.thread.waits_since.unwrap_or(row.thread.last_at),
        Which::All => row.thread.last_at,
    };
    Cursor { at, id: row.thread.id.0 }
}

impl ListPage {
    fn next_url(&self) -> Option<String> {
        let all = if self.which == Which::All { "all=1&" } else { "" };
        self.next.map(|cursor| format!("/desk/private?{all}after={cursor}"))
    }

    fn clock(&self, since: &Millis) -> (&'static str, String) {
        waiting_chip(self.frame.now, *since)
    }
}

impl Row {
    fn first_words(&self) -> String {
        first_words(&self.row.last_text)
    }

    fn name(&self) -> &str {
        name_of(self.author.as_ref())
    }
}
