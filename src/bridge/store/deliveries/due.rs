//! What the outbox turns to next: deliveries that are due to be sent or looked for, whose window is over, or whose worker is
//! gone. Only asks; what becomes of them is decided elsewhere.

use diesel::prelude::*;

use super::{DeliveryRow, Row, columns, decode};
use crate::bridge::ChannelId;
use crate::bridge::outbound::state::Label;
use crate::clock::Millis;
use crate::db::schema::{delivery, remote_post};
use crate::db::{Conn, DbError};

/// The next delivery that is due to be sent: a reply of the channels in `replying`, or a private message of those in
/// `writing`.
pub fn find_due(
    conn: &mut Conn,
    replying: &[ChannelId],
    writing: &[ChannelId],
    now: Millis,
) -> Result<Option<DeliveryRow>, DbError> {
    let reply = delivery::private_message_id.is_null().and(delivery::channel_id.eq_any(replying));
    let message = delivery::private_message_id.is_not_null().and(delivery::channel_id.eq_any(writing));
    delivery::table
        .left_join(remote_post::table)
        .filter(delivery::state.eq(Label::Queued))
        .filter(delivery::revoked_at.is_null())
        .filter(delivery::due_at.le(now))
        .filter(reply.or(message))
        .order((delivery::due_at, delivery::id))
        .select(columns())
        .first::<Row>(conn)
        .optional()?
        .map(decode)
        .transpose()
}

/// The next delivery of unknown fate that is due for a look, of these channels.
pub fn find_look_due(conn: &mut Conn, channels: &[ChannelId], now: Millis) -> Result<Option<DeliveryRow>, DbError> {
    delivery::table
        .left_join(remote_post::table)
        .filter(delivery::state.eq(Label::Uncertain))
        .filter(delivery::channel_id.eq_any(channels))
        .filter(delivery::due_at.le(now))
        .order((delivery::due_at, delivery::id))
        .select(columns())
        .first::<Row>(conn)
        .optional()?
        .map(decode)
        .transpose()
}

/// The replies of a channel of unknown fate that are due for a look, those that wait longest first.
pub fn list_looks_due(
    conn: &mut Conn,
    channel: ChannelId,
    now: Millis,
    most: i64,
) -> Result<Vec<DeliveryRow>, DbError> {
    let rows: Vec<Row> = delivery::table
        .left_join(remote_post::table)
        .filter(delivery::state.eq(Label::Uncertain))
        .filter(delivery::due_at.le(now))
        .filter(delivery::channel_id.eq(channel))
        .filter(delivery::private_message_id.is_null())
        .order((delivery::due_at, delivery::id))
        .limit(most)
        .select(columns())
        .load(conn)?;
    rows.into_iter().map(decode).collect()
}

/// Deliveries whose undo window is over, oldest first.
pub fn list_windows_over(conn: &mut Conn, now: Millis) -> Result<Vec<DeliveryRow>, DbError> {
    let rows: Vec<Row> = delivery::table
        .left_join(remote_post::table)
        .filter(delivery::state.eq(Label::Delayed))
        .filter(delivery::due_at.le(now))
        .filter(delivery::revoked_at.is_null())
        .order((delivery::due_at, delivery::id))
        .limit(100)
        .select(columns())
        .load(conn)?;
    rows.into_iter().map(decode).collect()
}

/// Deliveries whose worker is gone: their lease ended, by the database's clock.
pub fn list_orphaned(conn: &mut Conn) -> Result<Vec<DeliveryRow>, DbError> {
    let now = conn.database_now()?;
    let rows: Vec<Row> = delivery::table
        .left_join(remote_post::table)
        .filter(delivery::state.eq(Label::Sending))
        .filter(delivery::lease_until.lt(now))
        .limit(100)
        .select(columns())
        .load(conn)?;
    rows.into_iter().map(decode).collect()
}
