//! Which delivery became what a network shows: those that a post or message of ours may turn out to be, and those that are
//! known to be one. Only asks; which of several it is, is decided elsewhere.

use diesel::prelude::*;

use super::{DeliveryRow, Row, columns, decode};
use crate::bridge::ChannelId;
use crate::bridge::outbound::state::Label;
use crate::db::schema::{delivery, remote_post};
use crate::db::{Conn, DbError};
use crate::private::PrivateMessageId;

/// Replies that one of our own posts under `target` may turn out to be.
pub fn list_open_towards(conn: &mut Conn, channel: ChannelId, target: &str) -> Result<Vec<DeliveryRow>, DbError> {
    let rows: Vec<Row> = delivery::table
        .inner_join(remote_post::table)
        .filter(delivery::channel_id.eq(channel))
        // What arrived has its remote id: the others are one small range of an index.
        .filter(delivery::sent_remote_id.is_null())
        .filter(
            delivery::state
                .eq_any([Label::Sending, Label::Uncertain, Label::ByHand])
                .or(delivery::state.eq(Label::Queued).and(delivery::attempted_at.is_not_null()))
                .or(delivery::state.eq(Label::Sent)),
        )
        .filter(
            remote_post::answers_under
                .assume_not_null()
                .eq(target)
                .or(remote_post::answers_under.is_null().and(remote_post::remote_id.eq(target))),
        )
        .order(delivery::id)
        .select(columns())
        .load(conn)?;
    rows.into_iter().map(decode).collect()
}

/// Private messages of a channel whose fate may still turn out.
pub fn list_open_messages(conn: &mut Conn, channel: ChannelId) -> Result<Vec<DeliveryRow>, DbError> {
    let rows: Vec<Row> = delivery::table
        .left_join(remote_post::table)
        .filter(delivery::channel_id.eq(channel))
        // What arrived has its remote id: the others are one small range of an index.
        .filter(delivery::sent_remote_id.is_null())
        .filter(delivery::private_message_id.is_not_null())
        .filter(
            delivery::state
                .eq_any([Label::Sending, Label::Uncertain])
                .or(delivery::state.eq(Label::Queued).and(delivery::attempted_at.is_not_null()))
                .or(delivery::state.eq(Label::Sent)),
        )
        .order(delivery::id)
        .select(columns())
        .load(conn)?;
    rows.into_iter().map(decode).collect()
}

/// The reply that became this post of ours.
pub fn find_sent(conn: &mut Conn, channel: ChannelId, remote_id: &str) -> Result<Option<DeliveryRow>, DbError> {
    delivery::table
        .inner_join(remote_post::table)
        .filter(delivery::channel_id.eq(channel))
        .filter(delivery::sent_remote_id.eq(remote_id))
        .select(columns())
        .first::<Row>(conn)
        .optional()?
        .map(decode)
        .transpose()
}

/// The private message here that a delivery carried to the network under this id.
pub fn find_sent_message(
    conn: &mut Conn,
    channel: ChannelId,
    remote_id: &str,
) -> Result<Option<PrivateMessageId>, DbError> {
    Ok(delivery::table
        .filter(delivery::channel_id.eq(channel))
        .filter(delivery::sent_remote_id.eq(remote_id))
        .select(delivery::private_message_id)
        .first::<Option<PrivateMessageId>>(conn)
        .optional()?
        .flatten())
}

/// Those of these remote ids that deliveries, replies or messages, have become.
pub fn list_sent_ids(conn: &mut Conn, channel: ChannelId, ids: &[String]) -> Result<Vec<String>, DbError> {
    let rows: Vec<Option<String>> = delivery::table
        .filter(delivery::channel_id.eq(channel))
        .filter(delivery::sent_remote_id.eq_any(ids))
        .select(delivery::sent_remote_id)
        .load(conn)?;
    Ok(rows.into_iter().flatten().collect())
}
