//! Deliveries: each change of state is one compare-and-swap, and each leaves an event behind. Here is the row itself; what is
//! due, what was seen on the network, and what a thread has sent is asked in the files below.

mod due;
mod of_thread;
mod seen;

use std::time::Duration;

use diesel::prelude::*;

pub use due::{find_due, find_look_due, list_looks_due, list_orphaned, list_windows_over};
pub use of_thread::{Unsent, find_answer_sent, has_any, is_carried, list_written_with, newest, revoke_unsent};
pub use seen::{find_sent, find_sent_message, list_open_messages, list_open_towards, list_sent_ids};

use super::queued;
use crate::bridge::outbound::state::{Columns, Label, NEED_A_PERSON, State};
use crate::bridge::{ChannelId, DeliveryId, RemotePostId};
use crate::clock::Millis;
use crate::db::schema::{delivery, delivery_event, remote_post};
use crate::db::{Conn, DbError, PostKind, PostRef, Tx};
use crate::members::MemberId;
use crate::private::PrivateMessageId;

/// What a reply carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cargo {
    /// A verified answer.
    Answer { verification_id: i64, answer_id: i64 },
    /// A verified answer of another thread, under a comment of staff that says where it comes from.
    Elsewhere { verification_id: i64, answer_id: i64, comment_id: i64 },
    /// A staff comment, vouched for by its sender.
    Comment { comment_id: i64 },
}

/// What a new delivery is to do on the network.
pub enum NewErrand {
    Reply { question_id: i64, cargo: Cargo, target: RemotePostId },
    Message(PrivateMessageId),
}

pub struct NewDelivery {
    pub channel_id: ChannelId,
    pub errand: NewErrand,
    pub text: String,
    pub state: State,
    pub created_by: MemberId,
}

/// What a delivery is to do on the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    /// Answer a post, for everybody to read.
    Reply(Reply),
    /// Write to one person, for nobody else to read.
    Message(PrivateMessageId),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub question_id: i64,
    /// The post of this thread that stands for its words.
    pub carries: PostRef,
    /// The verified answer that it is, of whichever thread.
    pub answer_id: Option<i64>,
    pub target_id: RemotePostId,
    /// The remote id of the post under which it stands: mostly the one that it answers.
    pub target: String,
}

/// A delivery as the outbox works on it.
#[derive(Clone, Debug)]
pub struct DeliveryRow {
    pub id: DeliveryId,
    pub channel_id: ChannelId,
    pub errand: Errand,
    pub text: String,
    pub state: State,
    pub attempts: i64,
    pub attempted_at: Option<Millis>,
    pub created_at: Millis,
    /// Nobody vouches for it any more.
    pub revoked: bool,
}

impl DeliveryRow {
    /// The delivery's own key: the network is told it with each send, and some send it back. With the moment of its making,
    /// because a restored database counts from where it was.
    pub fn key(&self) -> String {
        format!("{}-{}", self.id, self.created_at.0)
    }

    pub fn reply(&self) -> Option<&Reply> {
        match &self.errand {
            Errand::Reply(reply) => Some(reply),
            Errand::Message(_) => None,
        }
    }
}

/// The remote ids of the post that a reply answers and of the one under which it stands, if that is another.
type TargetIds = (Option<String>, Option<String>);

type Row = (
    (DeliveryId, ChannelId, String, i64, Option<Millis>, Millis, Option<Millis>),
    (Option<i64>, Option<i64>, Option<i64>, Option<RemotePostId>, TargetIds, Option<PrivateMessageId>),
    (Label, Option<Millis>, Option<Millis>, Option<Millis>, Option<String>, Option<String>),
);

#[diesel::dsl::auto_type(no_type_alias)]
fn columns() -> _ {
    (
        (
            delivery::id,
            delivery::channel_id,
            delivery::text,
            delivery::attempts,
            delivery::attempted_at,
            delivery::created_at,
            delivery::revoked_at,
        ),
        (
            delivery::question_id,
            delivery::answer_id,
            delivery::comment_id,
            delivery::remote_post_id,
            (remote_post::remote_id.nullable(), remote_post::answers_under.nullable()),
            delivery::private_message_id,
        ),
        (
            delivery::state,
            delivery::due_at,
            delivery::lease_until,
            delivery::sent_at,
            delivery::sent_remote_id,
            delivery::reason,
        ),
    )
}

fn decode(row: Row) -> Result<DeliveryRow, DbError> {
    let (
        (id, channel_id, text, attempts, attempted_at, created_at, revoked_at),
        (question_id, answer_id, comment_id, target_id, (target, under), message_id),
        (label, due_at, lease_until, sent_at, sent_remote_id, reason),
    ) = row;
    let state = State::decode(Columns { label, due_at, lease_until, sent_at, sent_remote_id, reason })?;
    let carries = match (answer_id, comment_id) {
        // With both, the answer stands in another thread.
        (_, Some(id)) => Some(PostRef { kind: PostKind::Comment, id }),
        (Some(id), None) => Some(PostRef { kind: PostKind::Answer, id }),
        (None, None) => None,
    };
    let errand = match (question_id, carries, target_id, under.or(target), message_id) {
        (Some(question_id), Some(carries), Some(target_id), Some(target), None) => {
            Errand::Reply(Reply { question_id, carries, answer_id, target_id, target })
        }
        (None, None, None, None, Some(message_id)) => Errand::Message(message_id),
        _ => return Err(DbError::Inconsistent { what: "errand of a delivery", value: id.to_string() }),
    };
    let revoked = revoked_at.is_some();
    Ok(DeliveryRow { id, channel_id, errand, text, state, attempts, attempted_at, created_at, revoked })
}

/// Inserts a delivery. A second one for the same words and target is a unique violation.
pub fn insert(tx: &mut Tx<'_>, new: &NewDelivery, now: Millis) -> Result<DeliveryId, DbError> {
    let (verification_id, answer_id, comment_id) = match new.errand {
        NewErrand::Reply { cargo: Cargo::Answer { verification_id, answer_id }, .. } => {
            (Some(verification_id), Some(answer_id), None)
        }
        NewErrand::Reply { cargo: Cargo::Elsewhere { verification_id, answer_id, comment_id }, .. } => {
            (Some(verification_id), Some(answer_id), Some(comment_id))
        }
        NewErrand::Reply { cargo: Cargo::Comment { comment_id }, .. } => (None, None, Some(comment_id)),
        NewErrand::Message(_) => (None, None, None),
    };
    let (question_id, target, message_id) = match new.errand {
        NewErrand::Reply { question_id, target, .. } => (Some(question_id), Some(target), None),
        NewErrand::Message(message_id) => (None, None, Some(message_id)),
    };
    let Columns { label, due_at, reason, .. } = new.state.encode();
    let id = diesel::insert_into(delivery::table)
        .values((
            (
                delivery::channel_id.eq(new.channel_id),
                delivery::question_id.eq(question_id),
                delivery::verification_id.eq(verification_id),
                delivery::answer_id.eq(answer_id),
                delivery::comment_id.eq(comment_id),
                delivery::remote_post_id.eq(target),
                delivery::private_message_id.eq(message_id),
                delivery::kind.eq("reply"),
                delivery::text.eq(&new.text),
            ),
            (
                delivery::state.eq(label),
                delivery::due_at.eq(due_at),
                delivery::reason.eq(reason),
                delivery::created_by.eq(new.created_by),
                delivery::created_at.eq(now),
            ),
        ))
        .returning(delivery::id)
        .get_result(&mut **tx)?;
    insert_event(tx, id, &new.state, Some(new.created_by), now)?;
    if let Some(question_id) = question_id {
        tx.shown_in(question_id);
    }
    queued::delivery(tx, id, &new.state, now)?;
    Ok(id)
}

pub fn load(conn: &mut Conn, id: DeliveryId) -> Result<DeliveryRow, DbError> {
    decode(delivery::table.left_join(remote_post::table).filter(delivery::id.eq(id)).select(columns()).first(conn)?)
}

/// What changes beside the state.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    pub attempts: Option<i64>,
    pub attempted_at: Option<Millis>,
    pub sent_url: Option<String>,
    /// The person who decided.
    pub by: Option<MemberId>,
}

/// Moves a delivery from the state it was read in to the next; `false`: it is not in that state any more.
pub fn step(tx: &mut Tx<'_>, row: &DeliveryRow, to: &State, beside: &Beside, now: Millis) -> Result<bool, DbError> {
    let from = row.state.encode();
    let Columns { label, due_at, lease_until, sent_at, sent_remote_id, reason } = to.encode();
    let attempts = beside.attempts.unwrap_or(row.attempts);
    let attempted_at = beside.attempted_at.or(row.attempted_at);
    let values = (
        (delivery::state.eq(label), delivery::due_at.eq(due_at), delivery::lease_until.eq(lease_until)),
        (delivery::sent_at.eq(sent_at), delivery::sent_remote_id.eq(sent_remote_id), delivery::reason.eq(reason)),
        (
            delivery::attempts.eq(attempts),
            delivery::attempted_at.eq(attempted_at),
            delivery::sent_url.eq(&beside.sent_url),
        ),
    );
    let same_state = delivery::table.find(row.id).filter(delivery::state.eq(from.label));
    let same_attempt = same_state
        .filter(delivery::attempts.eq(row.attempts))
        .filter(delivery::revoked_at.is_not_null().eq(row.revoked));
    // The lease is the proof of ownership: a worker that lost it must touch nothing.
    let changed = match from.lease_until {
        Some(lease) => {
            diesel::update(same_attempt.filter(delivery::lease_until.eq(lease))).set(values).execute(&mut **tx)?
        }
        None => diesel::update(same_attempt).set(values).execute(&mut **tx)?,
    };
    if changed == 1 {
        insert_event(tx, row.id, to, beside.by, now)?;
        if let Some(reply) = row.reply() {
            tx.shown_in(reply.question_id);
        }
        let needed_a_person = NEED_A_PERSON.contains(&from.label);
        if needed_a_person != NEED_A_PERSON.contains(&label) {
            queued::delivery(tx, row.id, to, now)?;
        }
    }
    Ok(changed == 1)
}

/// Renews the lease of a delivery that is being sent; `None`: it is somebody else's by now.
pub fn renew_lease(tx: &mut Tx<'_>, row: &DeliveryRow, lease: Duration) -> Result<Option<Millis>, DbError> {
    let until = tx.database_now()?.plus(lease);
    let mine = delivery::table
        .find(row.id)
        .filter(delivery::state.eq(Label::Sending))
        .filter(delivery::attempts.eq(row.attempts))
        .filter(delivery::lease_until.eq(row.state.encode().lease_until));
    let renewed = diesel::update(mine).set(delivery::lease_until.eq(Some(until))).execute(&mut **tx)?;
    Ok((renewed == 1).then_some(until))
}

fn insert_event(
    tx: &mut Tx<'_>,
    id: DeliveryId,
    state: &State,
    by: Option<MemberId>,
    now: Millis,
) -> Result<(), DbError> {
    let Columns { label, reason, .. } = state.encode();
    diesel::insert_into(delivery_event::table)
        .values((
            delivery_event::delivery_id.eq(id),
            delivery_event::state.eq(label),
            delivery_event::reason.eq(reason),
            delivery_event::member_id.eq(by),
            delivery_event::at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(())
}
