//! Pictures that came with remote posts: fetched once through the guarded client, written anew, and served from here as
//! long as their post is shown. Whoever reads a thread tells no network about it.
//!
//! A webhook may name a picture by its key alone; then the network is asked for the rest, within the month's ceiling.

use std::collections::HashSet;
use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use super::{mirror, poll};
use crate::answers::{self, AnswerId};
use crate::app::App;
use crate::bridge::meter::{self, prices::Kind};
use crate::bridge::store::channels::{self, Health};
use crate::bridge::store::pictures::{self, PictureRow};
use crate::bridge::store::remote::{self, Fate};
use crate::bridge::{Channel, ChannelId, RemotePostId};
use crate::clock::Millis;
use crate::comments::{self, CommentId};
use crate::db::{Conn, DbError, PostKind, PostRef, Tx};
use crate::jobs::Progress;
use crate::members::Viewer;
use crate::networks::pictures::{PictureError, fetch_photo};
use crate::networks::{Failure, PostPage};
use crate::questions::{self, QuestionId};
use crate::web::Error;

/// Tries before a picture is given up: the last comes about six hours after the first.
const MOST_TRIES: i64 = 6;
/// Posts that are asked for in one call.
const MOST: i64 = 100;

/// Asks for the addresses that are missing, then fetches the next picture that is due.
pub async fn step(app: &App) -> Result<Progress, DbError> {
    for channel in app.bridge.channels() {
        let (id, now) = (channel.id, app.clock.now());
        let due = app.db.read(move |conn| list_payable(conn, id, now)).await?;
        if !due.is_empty() {
            look_up(app, &channel, due).await?;
            return Ok(Progress::More);
        }
    }
    fetch_next(app).await
}

/// What is due without an address, as far as asking can be paid for.
fn list_payable(conn: &mut Conn, id: ChannelId, now: Millis) -> Result<Vec<(PictureRow, String)>, DbError> {
    let due = pictures::list_unplaced(conn, id, now, MOST)?;
    if due.is_empty() || channels::load(conn, id)?.health == Health::Broken {
        return Ok(Vec::new());
    }
    let left = meter::left_to_spend(conn, id, now)?.map(|micros| micros / Kind::Post.price(false));
    let most = left.map_or(usize::MAX, |posts| usize::try_from(posts).unwrap_or(0));
    Ok(due.into_iter().take(most).collect())
}

async fn look_up(app: &App, channel: &Channel, due: Vec<(PictureRow, String)>) -> Result<(), DbError> {
    let now = app.clock.now();
    let claimed = app.db.write(move |tx| claim(tx, due, now)).await?;
    if claimed.is_empty() {
        return Ok(());
    }
    let mut ids: Vec<String> = claimed.iter().map(|(_, version)| version.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    let asked = channel.account.versions(&ids).await;
    let page = asked.and_then(|body| {
        channel.account.parse_page(&body).map_err(|malformed| Failure::Unavailable(malformed.to_string()))
    });
    match page {
        Ok(page) => app.db.write(move |tx| take(tx, page, &claimed, now)).await,
        Err(failure) => poll::note_failure(app, channel, &failure).await,
    }
}

fn claim(tx: &mut Tx<'_>, due: Vec<(PictureRow, String)>, now: Millis) -> Result<Vec<(PictureRow, String)>, DbError> {
    let mut claimed = Vec::with_capacity(due.len());
    for (row, version) in due {
        if pictures::put_off(tx, &row, next_try(row.attempts, now))? {
            claimed.push((row, version));
        }
    }
    Ok(claimed)
}

/// Gives the posts the pictures that they are said to have now.
fn take(tx: &mut Tx<'_>, page: PostPage, claimed: &[(PictureRow, String)], now: Millis) -> Result<(), DbError> {
    let mut done: HashSet<RemotePostId> = HashSet::new();
    for post in page.posts {
        let Some((row, _)) = claimed.iter().find(|(_, version)| *version == post.id) else { continue };
        let stored = remote::load(tx, row.post)?;
        let shown = matches!(stored.fate, Fate::Mirrored | Fate::Held) && stored.version() == post.id;
        if shown && done.insert(row.post) {
            pictures::set_all(tx, row.post, &mirror::masked(post.media), now)?;
            // What the network does not say when it is asked, it would not say the next time.
            pictures::give_up_unplaced(tx, row.post)?;
            pictures::show_anew(tx, row.post, now)?;
        }
    }
    Ok(())
}

async fn fetch_next(app: &App) -> Result<Progress, DbError> {
    let now = app.clock.now();
    let Some(row) = app.db.read(move |conn| pictures::find_due(conn, now)).await? else { return Ok(Progress::Idle) };
    let (tried, again) = (row.clone(), next_try(row.attempts, now));
    if !app.db.write(move |tx| pictures::put_off(tx, &tried, again)).await? {
        return Ok(Progress::More);
    }
    let post = row.post;
    match fetch_photo(app.bridge.http(), row.url.as_deref().unwrap_or_default()).await {
        Ok(photo) => {
            if !app.db.write(move |tx| pictures::set_photo(tx, &row, &photo, now)).await? {
                tracing::info!(post = post.0, "a picture was dropped: its post was taken away or changed meanwhile");
            }
        }
        Err(error) => {
            tracing::info!(post = post.0, %error, "a picture of a post could not be had: {error}");
            if matches!(error, PictureError::Address | PictureError::Unusable(_)) {
                app.db.write(move |tx| pictures::give_up(tx, &row)).await?;
            }
        }
    }
    Ok(Progress::More)
}

/// After a minute, then four times as long each time; `None`: this try is the last.
fn next_try(attempts: i64, now: Millis) -> Option<Millis> {
    let tries = u32::try_from(attempts).unwrap_or(0).min(8);
    (attempts + 1 < MOST_TRIES).then(|| now.plus(Duration::from_secs(60 * 4u64.pow(tries))))
}

/// `GET /pictures/{hash}.jpg`: a picture of a post that everybody may see; staff see those of held posts, too.
pub async fn show(
    app: web::Data<App>,
    viewer: Viewer,
    hash: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let hash = hash.into_inner();
    let tag = format!("\"{hash}\"");
    let is_staff = viewer.0.is_some_and(|member| member.role.is_staff());
    let found = app.db.read(move |conn| find_shown(conn, &hash, is_staff)).await?;
    let (bytes, reach) = found.ok_or(Error::NotFound)?;
    // Asked for each time: a picture that is hidden must go from browsers at once.
    let cache = (header::CACHE_CONTROL, format!("{reach}, no-cache"));
    let seen = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if seen.is_some_and(|seen| seen == tag) {
        return Ok(HttpResponse::NotModified().insert_header(cache).insert_header((header::ETAG, tag)).finish());
    }
    Ok(HttpResponse::Ok()
        .content_type("image/jpeg")
        .insert_header(cache)
        .insert_header((header::ETAG, tag))
        .body(bytes))
}

fn find_shown(conn: &mut Conn, hash: &str, is_staff: bool) -> Result<Option<(Vec<u8>, &'static str)>, DbError> {
    let holders = pictures::list_holders(conn, hash)?;
    for (fate, post) in &holders {
        if let (Fate::Mirrored, Some(post)) = (fate, post)
            && stands(conn, *post)?
        {
            return Ok(pictures::find_bytes(conn, hash)?.map(|bytes| (bytes, "public")));
        }
    }
    let for_staff = is_staff && holders.iter().any(|(fate, _)| *fate == Fate::Held);
    if for_staff { Ok(pictures::find_bytes(conn, hash)?.map(|bytes| (bytes, "private"))) } else { Ok(None) }
}

/// Whether a post is to be seen now, with all that it hangs on.
fn stands(conn: &mut Conn, post: PostRef) -> Result<bool, DbError> {
    Ok(match post.kind {
        PostKind::Question => questions::find(conn, QuestionId(post.id))?.is_some(),
        PostKind::Answer => answers::find(conn, AnswerId(post.id))?.is_some(),
        PostKind::Comment => comments::find(conn, CommentId(post.id))?.is_some(),
    })
}
