//! Private messages on their way in: read from `dm_events` in case a webhook was lost, and placed in their private
//! threads. Nothing of them is masked (staff need what was written), and nothing of them becomes a change row.

use std::time::Duration;

use super::mirror::{Batch, PlaceError};
use super::poll::begin;
use super::words;
use crate::app::App;
use crate::bridge::outbound;
use crate::bridge::store::channels::{self, Health, MessageCursor, MessagePlace};
use crate::bridge::store::inbox::{self, Source};
use crate::bridge::store::remote::{self, NewAuthor};
use crate::bridge::{Channel, ChannelId};
use crate::clock::Millis;
use crate::db::{DbError, Tx};
use crate::jobs::Progress;
use crate::networks::{Failure, MessagePage, RemoteMessage, Unreadable, compare_marks};
use crate::pictures;
use crate::private::{self, Arrival, AttachmentKind, NewAttachment, Side};
use crate::web::form::clean;

/// Pages of one turn; the next turn reads on where this one stopped.
const MOST_PAGES: usize = 10;
/// Tries before a picture is left to the network's own app.
const MOST_TRIES: i64 = 5;

/// Stores the messages of a batch, each once.
pub(super) fn take_in(tx: &mut Tx<'_>, batch: &Batch, now: Millis) -> Result<(), PlaceError> {
    for message in &batch.messages {
        take_in_one(tx, batch, message, now)?;
    }
    for (message, is_gone) in &batch.altered {
        // What overtook its message stands in its place, so that the old words do not come back.
        take_in_one(tx, batch, message, now)?;
        let text = Some(clean(&message.text)).filter(|_| !is_gone);
        private::alter(tx, batch.channel_id.0, &message.id, text.as_deref(), now)?;
    }
    Ok(())
}

fn take_in_one(tx: &mut Tx<'_>, batch: &Batch, message: &RemoteMessage, now: Millis) -> Result<(), PlaceError> {
    if private::is_known(tx, batch.channel_id.0, &message.id)? {
        return Ok(());
    }
    let author = &message.with;
    let new = NewAuthor {
        remote_id: &author.id,
        handle: &author.handle,
        name: &author.name,
        followers: author.followers,
        // A photo that we serve would tell everybody who knows it that they wrote to us.
        picture_url: None,
    };
    let with = remote::upsert_author(tx, batch.scope, &new, now)?;
    if message.ours && outbound::messages::recognise(tx, batch.channel_id, with, message, now)? {
        return Ok(());
    }
    let attachments = message.attachments.iter().map(|one| NewAttachment {
        kind: if one.is_photo { AttachmentKind::Photo } else { AttachmentKind::Other },
        url: one.url.as_deref(),
        alt: &one.alt,
    });
    let arrival = Arrival {
        channel_id: batch.channel_id.0,
        network: batch.scope.network,
        conversation: &message.conversation,
        with,
        remote_id: &message.id,
        side: if message.ours { Side::Ours } else { Side::Theirs },
        text: &clean(&message.text),
        raw: &message.raw,
        sent_at: message.sent_at,
        attachments: attachments.collect(),
    };
    private::take_in(tx, &arrival, now)?;
    Ok(())
}

/// Reads the private messages of each channel whose turn it is.
pub async fn step(app: &App) -> Result<Progress, DbError> {
    for channel in app.bridge.channels() {
        read_if_due(app, &channel).await?;
    }
    Ok(Progress::Idle)
}

async fn read_if_due(app: &App, channel: &Channel) -> Result<(), DbError> {
    let (id, now) = (channel.id, app.clock.now());
    let cursor = app
        .db
        .read(move |conn| {
            let health = channels::load(conn, id)?.health;
            Ok::<_, DbError>((health != Health::Broken).then_some(channels::load_message_cursor(conn, id)?))
        })
        .await?;
    let Some(cursor) = cursor.filter(|cursor| cursor.due_at <= now) else { return Ok(()) };
    let next_due = now.plus(app.bridge.settings.read_messages_every);
    let due = cursor.due_at;
    if !app.db.write(move |tx| channels::claim_messages(tx, id, due, next_due)).await? {
        return Ok(());
    }
    let trouble = match read_new(app, channel, &cursor).await? {
        Ok(()) => None,
        Err(failure) => {
            tracing::warn!(channel = id.0, %failure, "reading private messages failed: {failure}");
            note_failure(app, channel, &failure).await?;
            Some(failure.to_string())
        }
    };
    if trouble != cursor.trouble {
        app.db.write(move |tx| channels::set_messages_trouble(tx, id, trouble.as_deref())).await?;
    }
    Ok(())
}

/// Pages from the newest message back to the last one read. The network knows no "since", so each page says by its ids
/// whether it went far enough. The cursor moves only when one did, or nothing older was left; until then each page leaves
/// the place for the next, and where a turn ends in between, the next turn reads on.
async fn read_new(app: &App, channel: &Channel, cursor: &MessageCursor) -> Result<Result<(), Failure>, DbError> {
    let id = channel.id;
    let mut place = app.db.read(move |conn| channels::find_message_place(conn, id)).await?;
    let mut lowest: Option<String> = None;
    for _ in 0..MOST_PAGES {
        let asked = channel.account.messages(place.as_ref().map(|place| place.next_token.as_str())).await;
        let body = match asked {
            Ok(body) => body,
            // Its tokens do not live for ever.
            Err(failure @ Failure::Refused(_)) if place.is_some() => return begin_again(app, id, failure).await,
            Err(failure) => return Ok(Err(failure)),
        };
        let page = match channel.account.parse_messages(&body) {
            Ok(page) => page,
            Err(malformed) => return Ok(Err(Failure::Unavailable(malformed.to_string()))),
        };
        let top = page.marks.iter().max_by(|a, b| compare_marks(a, b)).cloned();
        if let (Some(lowest), Some(top)) = (&lowest, &top)
            && compare_marks(top, lowest).is_ge()
        {
            let again = Failure::Unavailable(words::SAME_MESSAGES_AGAIN.to_owned());
            return begin_again(app, id, again).await;
        }
        lowest = page.marks.iter().min_by(|a, b| compare_marks(a, b)).cloned().or(lowest);
        place = take_page(app, channel, cursor, place, top, body, page).await?;
        if place.is_none() {
            return Ok(Ok(()));
        }
    }
    if lowest.is_none() {
        let empty = Failure::Unavailable(words::PAGES_WITHOUT_MESSAGES.to_owned());
        return begin_again(app, id, empty).await;
    }
    Ok(Ok(()))
}

/// Stores a page and keeps how far it went, at once. `None`: everything up to the cursor was read.
async fn take_page(
    app: &App,
    channel: &Channel,
    cursor: &MessageCursor,
    place: Option<MessagePlace>,
    top: Option<String>,
    body: Vec<u8>,
    page: MessagePage,
) -> Result<Option<MessagePlace>, DbError> {
    let (id, now, since) = (channel.id, app.clock.now(), cursor.since.as_deref());
    for Unreadable { reason, .. } in &page.unreadable {
        tracing::warn!(channel = id.0, reason, "a private message could not be read: {reason}");
    }
    let is_new = |one: &&String| since.is_none_or(|since| compare_marks(one, since).is_gt());
    let fresh = page.marks.iter().filter(is_new).count();
    let is_worth = fresh > 0 && !page.messages.is_empty();
    // An account that was just connected brings its newest page along, not its whole past; one that nobody wrote to yet
    // begins here, so that nothing is too much at its next turn.
    let top = top.filter(|top| is_new(&top));
    let newest = place
        .map(|place| place.newest)
        .or(top)
        .or(cursor.since.clone())
        .unwrap_or_else(|| begin(&*channel.network, now));
    let next_token = page.next_token.filter(|_| since.is_some() && fresh == page.marks.len());
    let place = next_token.map(|next_token| MessagePlace { newest: newest.clone(), next_token });
    let kept = place.clone();
    app.db
        .write(move |tx| {
            if is_worth {
                inbox::insert(tx, id, Source::Messages, &body, now)?;
            }
            if fresh > 0 {
                inbox::keep_unreadable(tx, id, Source::Messages, None, &page.unreadable, now)?;
            }
            channels::set_message_place(tx, id, kept.as_ref())?;
            if kept.is_none() { channels::set_messages_since(tx, id, &newest) } else { Ok(()) }
        })
        .await?;
    if is_worth {
        app.bridge.wake_inbox();
    }
    Ok(place)
}

/// A result of several pages cannot be read on: it is read anew from the newest message, and the cursor stays.
async fn begin_again(app: &App, id: ChannelId, failure: Failure) -> Result<Result<(), Failure>, DbError> {
    app.db.write(move |tx| channels::set_message_place(tx, id, None)).await?;
    Ok(Err(failure))
}

/// A token that may not read private messages can still do all the rest: only what concerns the whole channel goes on.
async fn note_failure(app: &App, channel: &Channel, failure: &Failure) -> Result<(), DbError> {
    let id = channel.id;
    match failure {
        Failure::ChannelBroken(..) | Failure::TokenRefused(_) => super::poll::note_failure(app, channel, failure).await,
        Failure::RetryAfter(wait) => {
            let due = app.clock.now().plus(*wait);
            app.db.write(move |tx| channels::set_messages_due(tx, id, due)).await
        }
        Failure::Unavailable(_) | Failure::Refused(_) => Ok(()),
    }
}

/// Fetches one picture that came with a private message. It is re-encoded and kept with its message, for staff alone.
pub async fn fetch_picture(app: &App) -> Result<Progress, DbError> {
    let now = app.clock.now();
    let Some((id, channel_id, url, attempts)) = app.db.read(move |conn| private::find_due_picture(conn, now)).await?
    else {
        return Ok(Progress::Idle);
    };
    let tries = u32::try_from(attempts + 1).unwrap_or(1).min(10);
    let again = (attempts + 1 < MOST_TRIES).then(|| now.plus(Duration::from_secs(60 * 4u64.pow(tries))));
    if !app.db.write(move |tx| private::put_off_picture(tx, id, attempts, again)).await? {
        return Ok(Progress::More);
    }
    let Some(channel) = app.bridge.channel(ChannelId(channel_id)) else { return Ok(Progress::More) };
    match channel.account.message_picture(&url).await {
        Ok(bytes) => {
            let picture = tokio::task::spawn_blocking(move || pictures::photo(&bytes)).await;
            match picture {
                Ok(Ok(photo)) => app.db.write(move |tx| private::set_picture(tx, id, &photo.jpeg)).await?,
                _ => app.db.write(move |tx| private::put_off_picture(tx, id, attempts + 1, None).map(drop)).await?,
            }
        }
        Err(failure) => tracing::warn!(attachment = id.0, %failure, "a private picture was not fetched: {failure}"),
    }
    Ok(Progress::More)
}
