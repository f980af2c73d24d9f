//! Pictures that go along with a delivery: kept while their form is filled in, and uploaded within the one send, before
//! the post.
//!
//! An upload posts nothing, so a step on this way that fails or is lost is simply taken again. What the network took is
//! recorded before the next step, in the transaction that renews the lease: whoever lost the delivery stops there.

use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpResponse, web};

use super::state::State;
use super::words;
use crate::app::App;
use crate::bridge::store::attached::{self, AttachedRow};
use crate::bridge::store::deliveries::{self, DeliveryRow};
use crate::bridge::{Bridge, Channel, ChannelId};
use crate::clock::Millis;
use crate::db::{Conn, DbError, Tx};
use crate::members::{AtDesk, MemberId};
use crate::networks::{Outcome, Uploaded};
use crate::pictures::{self, Unusable};
use crate::web::Error;

/// Most pictures of one reply.
pub const MOST: usize = 4;
/// Longest description, in characters.
pub const LONGEST_ALT: usize = 1_000;
/// The network forgets an upload after a day; its clock and ours differ.
const UPLOAD_LIVES: Duration = Duration::from_secs(23 * 3600);
/// Looks at a picture that the network works on, before the delivery is put off, and the longest time between two.
const LOOKS: usize = 3;
const LONGEST_LOOK: Duration = Duration::from_secs(5);

/// A picture that goes along, with its description for people who do not see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    pub hash: String,
    pub alt: String,
}

/// Whether all of these pictures are still kept.
pub fn are_kept(conn: &mut Conn, hashes: &[String]) -> Result<bool, DbError> {
    attached::are_kept(conn, hashes)
}

/// Why no pictures can go along with what a channel sends; `None`: they can.
pub fn why_none(bridge: &Bridge, channel: ChannelId) -> Option<String> {
    let channel = bridge.channel(channel)?;
    // A network that did not say what it granted is asked.
    if channel.abilities().most_pictures == 0 {
        let network = channel.origin.label();
        return Some(words::no_pictures(network));
    }
    let needed = channel.account.pictures_scope();
    let has = |needed: &str| channel.scopes.split_whitespace().any(|scope| scope == needed);
    let granted = channel.scopes.is_empty() || needed.is_none_or(has);
    let account = channel.called();
    (!granted).then(|| words::not_allowed_to_upload(account))
}

/// Writes a picture anew and keeps it for the form of this member. `Err`: why it cannot be sent.
pub async fn keep_draft(app: &App, by: MemberId, file: Vec<u8>) -> Result<Result<String, String>, DbError> {
    let made = tokio::task::spawn_blocking(move || pictures::still(&file)).await;
    let made = made.unwrap_or_else(|_| Err(Unusable::gave_up()));
    let picture = match made {
        Ok(picture) => picture,
        Err(error) => return Ok(Err(words(&error))),
    };
    let (hash, now) = (picture.sha256.clone(), app.clock.now());
    app.db.write(move |tx| attached::insert_draft(tx, by, &picture, now)).await?;
    Ok(Ok(hash))
}

fn words(error: &Unusable) -> String {
    match error {
        Unusable::TooLarge => words::PICTURE_TOO_LARGE.to_owned(),
        _ => words::PICTURE_UNREADABLE.to_owned(),
    }
}

/// Those of these pictures that this member put into a form and that are still kept.
pub fn list_drafts(conn: &mut Conn, by: MemberId, hashes: &[String]) -> Result<Vec<String>, DbError> {
    attached::list_drafts(conn, by, hashes)
}

/// Lets a member send these pictures of another's form, as far as the other put them there.
pub fn adopt(tx: &mut Tx<'_>, from: MemberId, to: MemberId, hashes: &[String], now: Millis) -> Result<(), DbError> {
    for hash in attached::list_drafts(tx, from, hashes)? {
        attached::keep_draft(tx, to, &hash, now)?;
    }
    Ok(())
}

/// `GET /desk/pictures/{hash}`: a picture that staff send along, for who works at the desk alone.
pub async fn show(app: web::Data<App>, _reader: AtDesk, hash: web::Path<String>) -> Result<HttpResponse, Error> {
    let hash = hash.into_inner();
    let found = app.db.read(move |conn| attached::find(conn, &hash)).await?;
    let (media_type, bytes) = found.ok_or(Error::NotFound)?;
    Ok(HttpResponse::Ok()
        .content_type(media_type)
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .body(bytes))
}

/// Why a delivery cannot be posted now. In no case was anything posted.
pub(super) enum Stop {
    Outcome(Outcome),
    /// The delivery is somebody else's by now: nothing of it may be touched.
    Lost,
    Db(DbError),
}

impl From<Outcome> for Stop {
    fn from(outcome: Outcome) -> Self {
        Self::Outcome(outcome)
    }
}

impl From<DbError> for Stop {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

/// Brings the pictures of a claimed delivery to the network and returns their ids there, in order. The lease of `claimed`
/// is renewed on the way.
pub(super) async fn upload(app: &App, channel: &Channel, claimed: &mut DeliveryRow) -> Result<Vec<String>, Stop> {
    let id = claimed.id;
    let rows = app.db.read(move |conn| attached::list(conn, &[id])).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    if let Some(reason) = why_none(&app.bridge, channel.id) {
        return Err(Outcome::Refused { reason }.into());
    }
    let mut ids = Vec::new();
    for row in rows {
        ids.push(bring(app, channel, claimed, row).await?);
    }
    // All this took a while, in which somebody may have changed their mind.
    if app.db.read(move |conn| deliveries::load(conn, id)).await?.revoked {
        let reason = words::WITHDRAWN_MEANWHILE.to_owned();
        return Err(Outcome::RetryAfter { wait: Duration::ZERO, reason }.into());
    }
    Ok(ids)
}

async fn bring(app: &App, channel: &Channel, claimed: &mut DeliveryRow, row: AttachedRow) -> Result<String, Stop> {
    let known =
        row.media_id.clone().filter(|_| row.uploaded_at.is_some_and(|at| app.clock.now().since(at) < UPLOAD_LIVES));
    if let (Some(id), Some(_)) = (&known, row.described_at) {
        return Ok(id.clone());
    }
    let mut uploaded = match known {
        Some(id) => match channel.account.upload_state(&id).await {
            // It does not know it any more.
            Err(Outcome::Refused { .. }) => upload_one(app, channel, claimed, &row).await?,
            other => other?,
        },
        None => upload_one(app, channel, claimed, &row).await?,
    };
    for _ in 0..LOOKS {
        let Some(after) = uploaded.look_after else { break };
        tokio::time::sleep(after.min(LONGEST_LOOK)).await;
        record(app, claimed, |_| Ok(())).await?;
        uploaded = channel.account.upload_state(&uploaded.id).await?;
    }
    if let Some(wait) = uploaded.look_after {
        let reason = words::STILL_WORKED_ON.to_owned();
        return Err(Outcome::RetryAfter { wait, reason }.into());
    }
    record(app, claimed, |_| Ok(())).await?;
    channel.account.describe(&uploaded.id, &row.alt).await?;
    let now = app.clock.now();
    record(app, claimed, move |tx| attached::set_described(tx, &row, now)).await?;
    Ok(uploaded.id)
}

async fn upload_one(
    app: &App,
    channel: &Channel,
    claimed: &mut DeliveryRow,
    row: &AttachedRow,
) -> Result<Uploaded, Stop> {
    let hash = row.hash.clone();
    let Some((media_type, bytes)) = app.db.read(move |conn| attached::find(conn, &hash)).await? else {
        let reason = words::PICTURE_IS_GONE.to_owned();
        return Err(Outcome::Refused { reason }.into());
    };
    let uploaded = channel.account.upload(&media_type, &bytes).await?;
    let (row, id, now) = (row.clone(), uploaded.id.clone(), app.clock.now());
    record(app, claimed, move |tx| attached::set_uploaded(tx, &row, &id, now)).await?;
    Ok(uploaded)
}

/// Records a step and renews the lease with it, if the delivery is still ours.
async fn record<F>(app: &App, claimed: &mut DeliveryRow, step: F) -> Result<(), Stop>
where
    F: FnOnce(&mut Tx<'_>) -> Result<(), DbError> + Send + 'static,
{
    let (row, lease) = (claimed.clone(), app.bridge.settings.lease);
    let renewed = app
        .db
        .write(move |tx| {
            let renewed = deliveries::renew_lease(tx, &row, lease)?;
            if renewed.is_some() {
                step(tx)?;
            }
            Ok::<_, DbError>(renewed)
        })
        .await?;
    let lease_until = renewed.ok_or(Stop::Lost)?;
    claimed.state = State::Sending { lease_until };
    Ok(())
}

/// A worker that died before the last description was taken had posted nothing: what that means for its delivery.
pub(super) fn of_orphan(conn: &mut Conn, row: &DeliveryRow) -> Result<Option<Outcome>, DbError> {
    let reason = words::STOPPED_UPLOADING.to_owned();
    Ok(attached::is_incomplete(conn, row.id)?.then_some(Outcome::RetryAfter { wait: Duration::ZERO, reason }))
}
