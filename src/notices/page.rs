//! The page of notices: `GET /notices`, unread ones first; `POST /notices/{id}` opens one, which reads it; `POST
//! /notices/read` reads all that its sender saw. Whoever may not write here may still read.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{Notice, NoticeId, store, words};
use crate::app::App;
use crate::db::{Conn, DbError};
use crate::members::{Cards, Member, MemberId, Posted, Viewer, load_cards};
use crate::posts::{find_readable, load_told_titles};
use crate::web::{Error, Frame, Page, redirect};

const PAGE_SIZE: usize = 30;

#[derive(Deserialize)]
pub struct After {
    /// The last notice of the page before: `unread-17` or `read-17`.
    after: Option<String>,
}

/// A notice with its words.
struct Told {
    notice: Notice,
    sentence: String,
    icon: &'static str,
    words_are: &'static str,
}

#[derive(Template)]
#[template(path = "notices/list.html")]
struct NoticesPage {
    frame: Frame,
    told: Vec<Told>,
    /// The newest unread one, for the button that reads all.
    newest: Option<NoticeId>,
    next: Option<String>,
    further: bool,
}

/// `GET /notices`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    member: Member,
    after: web::Query<After>,
) -> Result<Page<impl Template>, Error> {
    let after = after.into_inner().after;
    let further = after.is_some();
    let (told, next) = app
        .db
        .read(move |conn| {
            let (notices, next) = list(conn, member.id, after.as_deref())?;
            Ok::<_, DbError>((dress(conn, notices, &member)?, next))
        })
        .await?;
    let newest = told.iter().filter(|one| one.notice.read_at.is_none()).map(|one| one.notice.id).max();
    Ok(Page::ok(NoticesPage { frame, told, newest, next, further }))
}

/// One page: unread ones, newest first, then those that were read.
fn list(conn: &mut Conn, member: MemberId, after: Option<&str>) -> Result<(Vec<Notice>, Option<String>), DbError> {
    let newest = NoticeId(i64::MAX);
    let (unread_before, read_before) = match after.and_then(|after| after.split_once('-')) {
        Some(("unread", id)) => (Some(NoticeId(id.parse().unwrap_or(i64::MAX))), newest),
        Some(("read", id)) => (None, NoticeId(id.parse().unwrap_or(i64::MAX))),
        _ => (Some(newest), newest),
    };
    // One more than is shown: it only tells that there is more.
    let most = PAGE_SIZE + 1;
    let mut notices = match unread_before {
        Some(before) => store::list_unread(conn, member, before, most as i64)?,
        None => Vec::new(),
    };
    let room = most - notices.len();
    if room > 0 {
        notices.extend(store::list_read(conn, member, read_before, room as i64)?);
    }
    let more = notices.len() == most;
    notices.truncate(PAGE_SIZE);
    let next = notices.last().filter(|_| more).map(|last| {
        let part = if last.read_at.is_some() { "read" } else { "unread" };
        format!("/notices?after={part}-{}", last.id)
    });
    Ok((notices, next))
}

fn dress(conn: &mut Conn, notices: Vec<Notice>, reader: &Member) -> Result<Vec<Told>, DbError> {
    let threads: Vec<i64> = notices.iter().filter_map(|notice| notice.question_id).collect();
    let titles = load_told_titles(conn, &threads)?;
    let people: Vec<MemberId> = notices.iter().filter_map(|notice| notice.by).collect();
    let cards: Cards = load_cards(conn, &people)?;
    let told = notices.into_iter().map(|notice| {
        let by = notice.by.and_then(|id| cards.get(&id)).map(|card| card.name.as_str());
        let title = notice.question_id.and_then(|id| titles.for_reader(id, reader.id, reader.role));
        Told {
            sentence: words::sentence(&notice, by, title),
            icon: words::icon(notice.kind),
            words_are: words::words_are(notice.kind),
            notice,
        }
    });
    Ok(told.collect())
}

#[derive(Deserialize)]
pub struct Opening {}

/// `POST /notices/{id}`: reads a notice and leads to what it is about.
pub async fn open(
    app: web::Data<App>,
    id: web::Path<NoticeId>,
    posted: Posted<Viewer, Opening>,
) -> Result<HttpResponse, Error> {
    let Some(member) = posted.by.0 else { return Err(Error::SignIn { kept: None }) };
    let (id, now) = (id.into_inner(), app.clock.now());
    let place = app
        .db
        .write(move |tx| {
            let notice = store::mark_read(tx, id, member.id, now)?;
            let titles = load_told_titles(tx, notice.question_id.as_slice())?;
            let title = notice.question_id.and_then(|id| titles.for_reader(id, member.id, member.role));
            // Of a post that is out of sight by now its thread is left to read.
            let shown = match notice.post {
                Some(post) => find_readable(tx, post)?.map(|_| post),
                None => None,
            };
            let notice = Notice { post: shown, ..notice };
            Ok::<_, DbError>(words::place(&notice, title, &format!("/members/{}", member.handle)))
        })
        .await?;
    Ok(redirect(place))
}

#[derive(Deserialize)]
pub struct Reading {
    /// The newest notice that the page showed.
    newest: NoticeId,
}

/// `POST /notices/read`
pub async fn read_all(app: web::Data<App>, posted: Posted<Viewer, Reading>) -> Result<HttpResponse, Error> {
    let Some(member) = posted.by.0 else { return Err(Error::SignIn { kept: None }) };
    let (newest, now) = (posted.form.newest, app.clock.now());
    app.db.write(move |tx| store::mark_all_read(tx, member.id, newest, now)).await?;
    Ok(redirect("/notices"))
}
