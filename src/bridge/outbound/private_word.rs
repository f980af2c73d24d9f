//! A private word to the author of a post, which some networks allow once and for a while: what it would be about, and
//! the conversation that it begins.

use std::collections::HashMap;
use std::time::Duration;

use super::messages;
use crate::bridge::store::channels;
use crate::bridge::store::remote::{self, Fate};
use crate::bridge::{Bridge, ChannelId, RemotePostId, view};
use crate::clock::Millis;
use crate::db::{Conn, DbError, PostRef, Tx};
use crate::members::Staff;
use crate::posts::{Called, Origin, RemoteAuthorId};
use crate::private::{self, PrivateMessageId, PrivateThread, PrivateThreadId};

/// A post whose author may be written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occasion {
    pub post: RemotePostId,
    pub channel_id: ChannelId,
    pub origin: Origin,
    pub author: RemoteAuthorId,
    pub to: Called,
    /// Empty once the post is gone.
    pub text: String,
    pub url: String,
    pub posted_at: Millis,
    /// The post here that stands for it, and its thread.
    pub place: Option<(PostRef, i64)>,
    /// Until when. `None`: its network knows no such thing, or the post is not there any more.
    pub until: Option<Millis>,
}

impl Occasion {
    pub fn is_open(&self, now: Millis) -> bool {
        self.until.is_some_and(|until| until > now)
    }
}

/// What a post is an occasion for; `None`: it is not known here, or is our own, or its author is not known.
pub fn find(conn: &mut Conn, bridge: &Bridge, post: RemotePostId) -> Result<Option<Occasion>, DbError> {
    let Some(row) = remote::find_by_id(conn, post)? else { return Ok(None) };
    let Some(author) = row.author else { return Ok(None) };
    let Some(card) = view::load_authors(conn, &[author])?.remove(&author).filter(|card| !card.ours) else {
        return Ok(None);
    };
    let stands = matches!(row.fate, Fate::Mirrored | Fate::Held);
    let until = until(bridge, card.origin, row.posted_at).filter(|_| stands);
    Ok(Some(Occasion {
        post,
        channel_id: row.channel_id,
        origin: card.origin,
        author,
        to: card.called(),
        place: row.post().zip(row.question_id),
        text: row.text,
        url: row.url,
        posted_at: row.posted_at,
        until,
    }))
}

/// Until when the author of a post of this time may be written to; `None`: not at all.
pub fn until(bridge: &Bridge, origin: Origin, posted_at: Millis) -> Option<Millis> {
    bridge.abilities(origin).private_reply_within.map(|within: Duration| posted_at.plus(within))
}

/// Which of these posts a conversation began with.
pub fn list_begun(
    conn: &mut Conn,
    posts: &[RemotePostId],
    reader: &Staff,
) -> Result<HashMap<RemotePostId, PrivateThreadId>, DbError> {
    let ids: Vec<i64> = posts.iter().map(|post| post.0).collect();
    let begun = private::list_about(conn, &ids, reader)?;
    Ok(begun.into_iter().map(|(about, thread)| (RemotePostId(about), thread)).collect())
}

/// Begins the conversation and puts its first message into the outbox. `Err`: a colleague has begun it already. Call
/// `Bridge::wake_outbox` after it.
pub fn begin(
    tx: &mut Tx<'_>,
    occasion: &Occasion,
    text: String,
    by: &Staff,
    (now, window): (Millis, Duration),
) -> Result<Result<(PrivateThreadId, PrivateMessageId), PrivateThreadId>, DbError> {
    channels::hold(tx, occasion.channel_id)?;
    if let Some(begun) = private::find_about(tx, occasion.post.0, by)? {
        return Ok(Err(begun.id));
    }
    let on = (occasion.channel_id.0, channels::load(tx, occasion.channel_id)?.network);
    let id = private::begin_about(tx, on, occasion.post.0, occasion.author, now)?;
    let thread = PrivateThread {
        id,
        channel_id: occasion.channel_id.0,
        with: occasion.author,
        waits_since: None,
        last_at: now,
        about: Some(occasion.post.0),
    };
    let message = messages::write(tx, &thread, text, by.0.id, (now, window))?;
    Ok(Ok((id, message)))
}
