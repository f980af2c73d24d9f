//! Channels: accounts of ours, whether they work, and how far their timelines were read.

use diesel::prelude::*;

use super::lost_access;
use crate::bridge::ChannelId;
use crate::clock::Millis;
use crate::db::schema::{channel, message_reading};
use crate::db::{Conn, DbError, Tx, text_enum};
use crate::networks::Mend;
use crate::posts::{Called, Origin};

text_enum! {
    /// What happens to a post that arrives on a channel.
    pub enum Mode {
        /// It is public at once.
        Mirror = "mirror",
        /// It waits for staff.
        Hold = "hold",
    }
}

text_enum! {
    /// Whether a channel works.
    pub enum Health {
        Live = "live",
        /// The network asked us to wait.
        Paused = "paused",
        /// Its access is gone: an administrator must mend it.
        Broken = "broken",
    }
}

/// A channel as the mirror needs it.
#[derive(Clone, Debug, Queryable)]
pub struct ChannelRow {
    pub network: Origin,
    pub mode: Mode,
    pub topic_id: Option<i64>,
    pub health: Health,
}

/// How far the timelines of a channel were read.
#[derive(Clone, Debug, Queryable)]
pub struct Cursors {
    pub mentions_since: Option<String>,
    pub own_since: Option<String>,
    pub poll_due_at: Millis,
}

/// How far the private messages of a channel were read.
#[derive(Clone, Debug, Queryable)]
pub struct MessageCursor {
    pub since: Option<String>,
    pub due_at: Millis,
    /// What keeps us from reading them.
    pub trouble: Option<String>,
}

/// How far a result of more pages than one turn reads was read.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct MessagePlace {
    /// How far the messages will be read when its last page is.
    pub newest: String,
    pub next_token: String,
}

/// Makes everybody else who places posts of this channel wait until this transaction ends. Two bodies that bring the
/// same post (webhook and poller, on two nodes) are so placed one after the other; SQLite has one writer anyway.
pub fn hold(tx: &mut Tx<'_>, id: ChannelId) -> Result<(), DbError> {
    diesel::update(channel::table.find(id)).set(channel::id.eq(id)).execute(&mut **tx)?;
    Ok(())
}

/// [`hold`]s all channels of a network: for what concerns a post under more than one id, each of which another channel
/// may be placing. In the order of their ids, so that two who do this do not wait for each other.
pub fn hold_all(tx: &mut Tx<'_>, network: Origin) -> Result<(), DbError> {
    let ids: Vec<ChannelId> =
        channel::table.filter(channel::network.eq(network)).order(channel::id).select(channel::id).load(&mut **tx)?;
    ids.into_iter().try_for_each(|id| hold(tx, id))
}

pub fn load(conn: &mut Conn, id: ChannelId) -> Result<ChannelRow, DbError> {
    Ok(channel::table
        .find(id)
        .select((channel::network, channel::mode, channel::topic_id, channel::state))
        .first(conn)?)
}

/// The network and the handle of an account of ours.
pub fn load_name(conn: &mut Conn, id: ChannelId) -> Result<(Origin, String), DbError> {
    Ok(channel::table.find(id).select((channel::network, channel::handle)).first(conn)?)
}

pub fn load_cursors(conn: &mut Conn, id: ChannelId) -> Result<Cursors, DbError> {
    Ok(channel::table
        .find(id)
        .select((channel::mentions_since, channel::own_since, channel::poll_due_at))
        .first(conn)?)
}

/// Takes the turn to poll until `next_due`; `false`: another node was faster.
pub fn claim_poll(tx: &mut Tx<'_>, id: ChannelId, due: Millis, next_due: Millis) -> Result<bool, DbError> {
    let claimed = diesel::update(channel::table.find(id).filter(channel::poll_due_at.eq(due)))
        .set(channel::poll_due_at.eq(next_due))
        .execute(&mut **tx)?;
    Ok(claimed == 1)
}

pub fn set_poll_due(tx: &mut Tx<'_>, id: ChannelId, due: Millis) -> Result<(), DbError> {
    diesel::update(channel::table.find(id)).set(channel::poll_due_at.eq(due)).execute(&mut **tx)?;
    Ok(())
}

pub fn set_mentions_since(tx: &mut Tx<'_>, id: ChannelId, since: &str) -> Result<(), DbError> {
    diesel::update(channel::table.find(id)).set(channel::mentions_since.eq(since)).execute(&mut **tx)?;
    Ok(())
}

pub fn set_own_since(tx: &mut Tx<'_>, id: ChannelId, since: &str) -> Result<(), DbError> {
    diesel::update(channel::table.find(id)).set(channel::own_since.eq(since)).execute(&mut **tx)?;
    Ok(())
}

/// `mend`: what gives it its access back; `reason`: what happened, for people.
pub fn mark_broken(tx: &mut Tx<'_>, id: ChannelId, mend: Mend, reason: &str) -> Result<(), DbError> {
    diesel::update(channel::table.find(id))
        .set((
            channel::state.eq(Health::Broken),
            channel::paused_until.eq(None::<Millis>),
            channel::reason.eq(Some(reason)),
        ))
        .execute(&mut **tx)?;
    lost_access::set_mend(tx, id, mend)
}

/// Pauses a live channel; a broken one stays broken.
pub fn mark_paused(tx: &mut Tx<'_>, id: ChannelId, until: Millis, reason: &str) -> Result<(), DbError> {
    diesel::update(channel::table.find(id).filter(channel::state.ne(Health::Broken)))
        .set((
            channel::state.eq(Health::Paused),
            channel::paused_until.eq(Some(until)),
            channel::reason.eq(Some(reason)),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Those of these channels whose access is not gone.
pub fn list_working(conn: &mut Conn, ids: &[ChannelId]) -> Result<Vec<ChannelId>, DbError> {
    Ok(channel::table
        .filter(channel::id.eq_any(ids))
        .filter(channel::state.ne(Health::Broken))
        .select(channel::id)
        .load(conn)?)
}

/// The channels that may send now.
pub fn list_sending(conn: &mut Conn, now: Millis) -> Result<Vec<ChannelId>, DbError> {
    Ok(channel::table
        .filter(channel::state.eq(Health::Live).or(channel::paused_until.le(now)))
        .select(channel::id)
        .load(conn)?)
}

pub fn load_message_cursor(conn: &mut Conn, id: ChannelId) -> Result<MessageCursor, DbError> {
    Ok(channel::table
        .find(id)
        .select((channel::messages_since, channel::messages_due_at, channel::messages_trouble))
        .first(conn)?)
}

/// Takes the turn to read private messages until `next_due`; `false`: another node was faster.
pub fn claim_messages(tx: &mut Tx<'_>, id: ChannelId, due: Millis, next_due: Millis) -> Result<bool, DbError> {
    let claimed = diesel::update(channel::table.find(id).filter(channel::messages_due_at.eq(due)))
        .set(channel::messages_due_at.eq(next_due))
        .execute(&mut **tx)?;
    Ok(claimed == 1)
}

pub fn set_messages_due(tx: &mut Tx<'_>, id: ChannelId, due: Millis) -> Result<(), DbError> {
    diesel::update(channel::table.find(id)).set(channel::messages_due_at.eq(due)).execute(&mut **tx)?;
    Ok(())
}

pub fn set_messages_since(tx: &mut Tx<'_>, id: ChannelId, since: &str) -> Result<(), DbError> {
    diesel::update(channel::table.find(id)).set(channel::messages_since.eq(since)).execute(&mut **tx)?;
    Ok(())
}

pub fn find_message_place(conn: &mut Conn, id: ChannelId) -> Result<Option<MessagePlace>, DbError> {
    let place = message_reading::table.find(id).select((message_reading::newest_id, message_reading::next_token));
    Ok(place.first(conn).optional()?)
}

/// Keeps where the next turn reads on; `None`: at the newest message.
pub fn set_message_place(tx: &mut Tx<'_>, id: ChannelId, place: Option<&MessagePlace>) -> Result<(), DbError> {
    diesel::delete(message_reading::table.find(id)).execute(&mut **tx)?;
    let Some(place) = place else { return Ok(()) };
    diesel::insert_into(message_reading::table)
        .values((
            message_reading::channel_id.eq(id),
            message_reading::newest_id.eq(&place.newest),
            message_reading::next_token.eq(&place.next_token),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// What keeps us from reading private messages, or that nothing does any more.
pub fn set_messages_trouble(tx: &mut Tx<'_>, id: ChannelId, trouble: Option<&str>) -> Result<(), DbError> {
    diesel::update(channel::table.find(id)).set(channel::messages_trouble.eq(trouble)).execute(&mut **tx)?;
    Ok(())
}

/// No private message is sent until then; replies go on.
pub fn pause_messages(tx: &mut Tx<'_>, id: ChannelId, until: Millis) -> Result<(), DbError> {
    diesel::update(channel::table.find(id)).set(channel::messages_paused_until.eq(Some(until))).execute(&mut **tx)?;
    Ok(())
}

/// The channels that may send no private message now, and until when.
pub fn list_messages_paused(conn: &mut Conn, now: Millis) -> Result<Vec<(ChannelId, Millis)>, DbError> {
    Ok(channel::table
        .filter(channel::messages_paused_until.gt(now))
        .select((channel::id, channel::messages_paused_until.assume_not_null()))
        .load(conn)?)
}

/// The channels whose private messages cannot be read, with handle and reason.
pub fn list_messages_trouble(conn: &mut Conn) -> Result<Vec<(Called, String)>, DbError> {
    let rows: Vec<(Origin, String, String)> = channel::table
        .filter(channel::messages_trouble.is_not_null())
        .select((channel::network, channel::handle, channel::messages_trouble.assume_not_null()))
        .load(conn)?;
    Ok(rows.into_iter().map(|(network, handle, trouble)| (network.called(&handle, ""), trouble)).collect())
}
