//! Who waits for an answer of ours since when, and the desk's row that says so. Worked out anew after every change.

use diesel::prelude::*;

use crate::clock::Millis;
use crate::db::schema::{private_message, private_thread};
use crate::db::{DbError, Tx};
use crate::posts::Origin;
use crate::private::{PrivateThreadId, Side};
use crate::queue::{self, Item, Kind, Subject};

/// Works out anew who waits since when. What we wrote here answers all that had come by then, since its writer saw it; of
/// what a colleague wrote in the network's own app only the time is known.
pub(super) fn reckon(tx: &mut Tx<'_>, thread: PrivateThreadId) -> Result<(), DbError> {
    let standing = private_message::table
        .filter(private_message::thread_id.eq(thread))
        .filter(private_message::withdrawn_at.is_null())
        .filter(private_message::taken_back_at.is_null());
    let ours = standing.filter(private_message::side.eq(Side::Ours));
    let written: Option<i64> = ours
        .filter(private_message::member_id.is_not_null())
        .select(diesel::dsl::max(private_message::id))
        .first(&mut **tx)?;
    let elsewhere: Option<Millis> = ours
        .filter(private_message::member_id.is_null())
        .select(diesel::dsl::max(private_message::sent_at))
        .first::<Option<i64>>(&mut **tx)?
        .map(Millis);
    let settled: Option<i64> =
        private_thread::table.find(thread).select(private_thread::settled_id).first(&mut **tx)?;
    let waits_since: Option<i64> = standing
        .filter(private_message::side.eq(Side::Theirs))
        .filter(private_message::id.gt(written.max(settled).unwrap_or(0)))
        .filter(private_message::sent_at.gt(elsewhere.unwrap_or(Millis(i64::MIN))))
        .select(diesel::dsl::min(private_message::sent_at))
        .first(&mut **tx)?;
    let last_at: Option<i64> = standing.select(diesel::dsl::max(private_message::sent_at)).first(&mut **tx)?;
    let row = private_thread::table.find(thread);
    diesel::update(row).set(private_thread::waits_since.eq(waits_since)).execute(&mut **tx)?;
    if let Some(last_at) = last_at {
        diesel::update(row).set(private_thread::last_at.eq(last_at)).execute(&mut **tx)?;
    }
    queue_up(tx, thread, waits_since.map(Millis))
}

/// The desk's row of a conversation: there while somebody waits in it.
fn queue_up(tx: &mut Tx<'_>, thread: PrivateThreadId, waits_since: Option<Millis>) -> Result<(), DbError> {
    let Some(since) = waits_since else { return queue::close(tx, Kind::Private, thread.0).map(drop) };
    let (channel_id, network): (i64, Option<Origin>) = private_thread::table
        .find(thread)
        .select((private_thread::channel_id, private_thread::network))
        .first(&mut **tx)?;
    let arrived_at: Option<i64> = private_message::table
        .filter(private_message::thread_id.eq(thread))
        .filter(private_message::sent_at.eq(since))
        .select(diesel::dsl::max(private_message::received_at))
        .first(&mut **tx)?;
    let item = Item {
        kind: Kind::Private,
        ref_id: thread.0,
        subject: Subject::Private(thread.0),
        topic_id: None,
        channel_id: Some(channel_id),
        network,
        lang: None,
        since,
        arrived_at: arrived_at.map_or(since, Millis),
    };
    queue::open(tx, &item)
}
