//! What of the bridge waits for staff, as rows of the queue of the desk.

use diesel::prelude::*;

use super::remote;
use crate::bridge::outbound::state::{NEED_A_PERSON, State};
use crate::bridge::{ChannelId, DeliveryId, RemotePostId};
use crate::clock::Millis;
use crate::db::schema::{channel, delivery, remote_post};
use crate::db::{DbError, Tx};
use crate::posts::Origin;
use crate::private::{self, PrivateMessageId};
use crate::questions::{self, QuestionId};
use crate::queue::{self, Item, Kind, Subject};

/// The desk's row of a thread that waits since then.
pub(super) fn waiting(tx: &mut Tx<'_>, question_id: i64, post: RemotePostId, since: Millis) -> Result<(), DbError> {
    let (channel_id, network, lang, arrived_at): (ChannelId, Origin, Option<String>, Millis) = remote_post::table
        .find(post)
        .select((remote_post::channel_id, remote_post::network, remote_post::lang, remote_post::received_at))
        .first(&mut **tx)?;
    let item = Item {
        kind: Kind::Mirrored,
        ref_id: question_id,
        subject: Subject::Question(question_id),
        topic_id: questions::find_topic(tx, QuestionId(question_id))?.map(|topic| topic.0),
        channel_id: Some(channel_id.0),
        network: Some(network),
        lang,
        since,
        arrived_at,
    };
    queue::open(tx, &item)
}

/// The desk's row of a held post.
pub(super) fn held(tx: &mut Tx<'_>, id: RemotePostId) -> Result<(), DbError> {
    let (network, received_at): (Origin, Millis) =
        remote_post::table.find(id).select((remote_post::network, remote_post::received_at)).first(&mut **tx)?;
    let row = remote::load(tx, id)?;
    let item = Item {
        kind: Kind::Held,
        ref_id: id.0,
        subject: row.question_id.map_or(Subject::RemotePost(id.0), Subject::Question),
        topic_id: None,
        channel_id: Some(row.channel_id.0),
        network: Some(network),
        lang: row.lang,
        since: row.posted_at,
        arrived_at: received_at,
    };
    queue::open(tx, &item)
}

/// The desk's row of a delivery: there while only a person can bring it further.
pub(super) fn delivery(tx: &mut Tx<'_>, id: DeliveryId, state: &State, now: Millis) -> Result<(), DbError> {
    if !NEED_A_PERSON.contains(&state.label()) {
        return queue::close(tx, Kind::Delivery, id.0).map(drop);
    }
    type Of = (Option<i64>, Option<PrivateMessageId>, ChannelId, Origin);
    let (question_id, message, channel_id, network): Of = delivery::table
        .inner_join(channel::table.on(channel::id.eq(delivery::channel_id)))
        .filter(delivery::id.eq(id))
        .select((delivery::question_id, delivery::private_message_id, delivery::channel_id, channel::network))
        .first(&mut **tx)?;
    let subject = match (question_id, message) {
        (Some(question_id), _) => Some(Subject::Question(question_id)),
        (None, Some(message)) => {
            let to = private::list_addressees(tx, &[message])?.remove(&message);
            to.map(|to| Subject::Private(to.thread_id.0))
        }
        (None, None) => None,
    };
    let Some(subject) = subject else { return Ok(()) };
    let topic_id = match question_id {
        Some(id) => questions::find_topic(tx, QuestionId(id))?.map(|topic| topic.0),
        None => None,
    };
    let item = Item {
        kind: Kind::Delivery,
        ref_id: id.0,
        subject,
        topic_id,
        channel_id: Some(channel_id.0),
        network: Some(network),
        lang: None,
        since: now,
        arrived_at: now,
    };
    queue::open(tx, &item)
}
