//! All posts of one author at once: `POST /desk/members/{handle}/hide-all` and `/desk/remote-authors/{id}/hide-all` take them
//! out of sight, those since a day or all; `POST /desk/bulk-hides/{id}/restore` brings the same ones back. In batches, each
//! a short transaction: whatever breaks off in the middle can be pressed again.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::flags;
use super::hide::Doing;
use super::people::{PersonPage, Typed};
use super::sanctions::may_be_stopped;
use super::sight::{self, Spot};
use super::words;
use super::{BulkAuthor, BulkId, check_reason, store};
use crate::app::App;
use crate::audit::{self, Act, Entry};
use crate::bridge::view::load_authors;
use crate::clock::Millis;
use crate::db::{Conn, DbError, PostRef, Tx};
use crate::members::{AtDesk, Member, MemberId, Posted, Staff, Viewer, find_by_handle, load_member};
use crate::notices::{self, NewNotice};
use crate::posts::{Author, HiddenAs, RemoteAuthorId, list_shown_of, load_for};
use crate::questions::QuestionId;
use crate::web::{Error, Frame, Page, Problems, redirect};

/// Posts of one transaction: others write in between.
const BATCH: i64 = 50;

#[derive(Deserialize)]
pub struct HidingAll {
    /// The first day, as `2027-01-31`, in UTC; empty: all.
    #[serde(default)]
    since: String,
    reason: String,
}

/// `POST /desk/members/{handle}/hide-all`
pub async fn hide_member(
    app: web::Data<App>,
    frame: Frame,
    handle: web::Path<String>,
    posted: Posted<Staff, HidingAll>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (handle, Posted { by: Staff(by), form, .. }) = (handle.into_inner(), posted);
    let asked = handle.clone();
    let found = app.db.read(move |conn| find_by_handle(conn, &asked)).await?.ok_or(Error::NotFound)?;
    may_be_stopped(&by, found.id, found.role).map_err(|why| Error::Forbidden(why.to_owned()))?;
    match check(form) {
        Err((typed, problems)) => {
            let page = PersonPage::of_member(&app, frame, AtDesk(by), handle).await?;
            Page::unprocessable(page.with_form(typed, problems)).render(&request)
        }
        Ok((since, reason)) => {
            hide_all(&app, Author::Member(found.id), by, since, reason).await?;
            Ok(redirect(format!("/desk/members/{handle}#together")))
        }
    }
}

/// `POST /desk/remote-authors/{id}/hide-all`
pub async fn hide_remote(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<RemoteAuthorId>,
    posted: Posted<Staff, HidingAll>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (id, Posted { by: Staff(by), form, .. }) = (id.into_inner(), posted);
    match check(form) {
        Err((typed, problems)) => {
            let page = PersonPage::of_remote(&app, frame, AtDesk(by), id).await?;
            Page::unprocessable(page.with_form(typed, problems)).render(&request)
        }
        Ok((since, reason)) => {
            let card = app.db.read(move |conn| load_authors(conn, &[id])).await?.remove(&id).ok_or(Error::NotFound)?;
            hide_all(&app, Author::Remote { author: id, origin: card.origin }, by, since, reason).await?;
            Ok(redirect(format!("/desk/remote-authors/{id}#together")))
        }
    }
}

fn check(form: HidingAll) -> Result<(Millis, String), (Typed, Problems)> {
    let mut problems = Problems::default();
    let day = form.since.trim();
    let since = match Millis::parse_rfc3339(&format!("{day}T00:00:00Z")) {
        Some(since) => since,
        None if day.is_empty() => Millis(i64::MIN),
        None => {
            problems.add("since", words::NO_DAY);
            Millis(0)
        }
    };
    let reason = check_reason(&mut problems, &form.reason);
    if problems.is_empty() {
        return Ok((since, reason));
    }
    Err((Typed { form: "hide-all", reason: form.reason, day: form.since }, problems))
}

async fn hide_all(app: &App, author: Author, by: Member, since: Millis, reason: String) -> Result<(), Error> {
    let (now, by_id) = (app.clock.now(), by.id);
    let id = app.db.write(move |tx| begin(tx, author, by_id, reason, now)).await?;
    loop {
        let who = by.clone();
        let hidden = app.db.write(move |tx| hide_batch(tx, id, author, since, &who, now)).await?;
        app.bridge.wake_outbox();
        if hidden == 0 {
            return Ok(());
        }
    }
}

/// Writes that it was begun, with the reason, and tells the author once.
fn begin(tx: &mut Tx<'_>, author: Author, by: MemberId, reason: String, now: Millis) -> Result<BulkId, DbError> {
    let id = store::insert_bulk(tx, author.into(), &reason, by, now)?;
    note(tx, author.into(), by, (Act::HideAll, notices::Kind::Hidden), reason, now)?;
    Ok(id)
}

/// Hides the next posts, and returns how many there were. Who lost the right to in the middle hides no more.
fn hide_batch(
    tx: &mut Tx<'_>,
    id: BulkId,
    author: Author,
    since: Millis,
    by: &Member,
    now: Millis,
) -> Result<usize, Error> {
    still_staff(tx, by)?;
    let posts = list_shown_of(tx, author, since, BATCH)?;
    for post in &posts {
        let spot = spot_of(tx, *post, by)?;
        if sight::take_away(tx, spot, by.id, now)? {
            store::insert_bulk_post(tx, id, *post)?;
            flags::uphold(tx, *post, &Doing { by: by.id, reason: String::new(), now })?;
        }
    }
    Ok(posts.len())
}

fn still_staff(conn: &mut Conn, by: &Member) -> Result<(), Error> {
    if load_member(conn, by.id)?.role.is_staff() {
        return Ok(());
    }
    Err(Error::Forbidden(words::NO_LONGER_STAFF.to_owned()))
}

fn spot_of(conn: &mut Conn, post: PostRef, by: &Member) -> Result<Spot, Error> {
    let found = load_for(conn, post, &Viewer(Some(by.clone())))?;
    Ok(Spot { post, thread: QuestionId(found.question_id) })
}

#[derive(Deserialize)]
pub struct Restoring {
    #[serde(default)]
    reason: String,
}

/// `POST /desk/bulk-hides/{id}/restore`
pub async fn restore(
    app: web::Data<App>,
    id: web::Path<BulkId>,
    posted: Posted<Staff, Restoring>,
) -> Result<HttpResponse, Error> {
    let (id, now) = (id.into_inner(), app.clock.now());
    let Posted { by: Staff(by), form, .. } = posted;
    let mut problems = Problems::default();
    let reason = problems.optional_text("reason", "The reason", &form.reason, super::LONGEST_REASON);
    if let Some(problem) = problems.of("reason") {
        return Err(Error::BadRequest(words::go_back(problem)));
    }
    let by_id = by.id;
    let (place, done) = app.db.write(move |tx| begin_restore(tx, id, by_id, reason, now)).await?;
    if !done {
        return Ok(redirect(format!("{place}?faster=1")));
    }
    let mut after = None;
    loop {
        let who = by.clone();
        after = app.db.write(move |tx| restore_batch(tx, id, after, &who, now)).await?;
        if after.is_none() {
            return Ok(redirect(format!("{place}#together")));
        }
    }
}

fn begin_restore(
    tx: &mut Tx<'_>,
    id: BulkId,
    by: MemberId,
    reason: String,
    now: Millis,
) -> Result<(String, bool), Error> {
    let bulk = store::find_bulk(tx, id)?.ok_or(Error::NotFound)?;
    let place = match bulk.author {
        BulkAuthor::Member(member) if member == by => {
            return Err(Error::Forbidden(words::THESE_ARE_YOURS.to_owned()));
        }
        BulkAuthor::Member(member) => format!("/desk/members/{}", load_member(tx, member)?.handle),
        BulkAuthor::Remote(author) => format!("/desk/remote-authors/{author}"),
    };
    let done = store::restore_bulk(tx, id, by, now)?;
    if done {
        note(tx, bulk.author, by, (Act::RestoreAll, notices::Kind::Restored), reason, now)?;
    }
    Ok((place, done))
}

/// Shows the next posts again, and returns the last of them; `None`: that was all. What was hidden for another reason
/// since, or was shown by itself, stays as it is.
fn restore_batch(
    tx: &mut Tx<'_>,
    id: BulkId,
    after: Option<PostRef>,
    by: &Member,
    now: Millis,
) -> Result<Option<PostRef>, Error> {
    still_staff(tx, by)?;
    let posts = store::list_bulk_posts(tx, id, after, BATCH)?;
    for post in &posts {
        let spot = match spot_of(tx, *post, by) {
            Ok(spot) => spot,
            // Removed for good meanwhile.
            Err(Error::NotFound) => continue,
            Err(error) => return Err(error),
        };
        sight::bring_back(tx, spot, HiddenAs::Hidden, now)?;
    }
    Ok(posts.last().copied())
}

/// Tells the author, where they have an account here, and writes the log.
fn note(
    tx: &mut Tx<'_>,
    author: BulkAuthor,
    by: MemberId,
    (act, kind): (Act, notices::Kind),
    words: String,
    now: Millis,
) -> Result<(), DbError> {
    if let BulkAuthor::Member(to) = author {
        let words = words.clone();
        let about = NewNotice { to, kind, question_id: None, post: None, subject: None, by: Some(by), words, at: now };
        notices::tell(tx, &about)?;
    }
    audit::record(tx, &Entry { by: Some(by), act, subject: author.subject(), question_id: None, words, at: now })
}
