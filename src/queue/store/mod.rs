//! All SQL of the queue. Here: what waits, opened and closed.

pub mod handling;
pub mod list;
pub mod presence;
pub mod reminders;
pub mod views;

use std::time::Duration;

use diesel::prelude::*;

use super::{Item, Kind};
use crate::clock::Millis;
use crate::db::schema::{handling as handled, work};
use crate::db::{DbError, Tx, per_database};

/// How soon a first response is due where nobody said otherwise.
const FIRST_RESPONSE: Duration = Duration::from_secs(12 * 60);
/// Kinds that end by themselves, whatever becomes of the thread: somebody else has to be told or looked for.
const OUTLIVE_THEIR_THREAD: [Kind; 3] = [Kind::Delivery, Kind::Removal, Kind::Held];

/// Puts something into the queue. Where it waits already its row stays, with the earlier of both moments. Whatever was
/// put off is shown again: there is news of it.
pub fn open(tx: &mut Tx<'_>, item: &Item) -> Result<(), DbError> {
    let Item { kind, ref_id, subject, topic_id, channel_id, network, lang, since, arrived_at } = item;
    let (soon_at, due_at) = due(*since);
    let row = (
        work::kind.eq(kind),
        work::ref_id.eq(ref_id),
        work::subject.eq(subject.to_string()),
        work::question_id.eq(subject.question_id()),
        work::topic_id.eq(topic_id),
        work::channel_id.eq(channel_id),
        work::network.eq(network),
        work::lang.eq(lang),
        work::since.eq(since),
        work::arrived_at.eq(arrived_at),
        (work::soon_at.eq(soon_at), work::due_at.eq(due_at)),
    );
    let opened = per_database!(&mut **tx, conn => diesel::insert_into(work::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    if opened == 0 {
        diesel::update(work::table)
            .filter(work::kind.eq(kind))
            .filter(work::ref_id.eq(ref_id))
            .filter(work::since.gt(since))
            .set((work::since.eq(since), work::soon_at.eq(soon_at), work::due_at.eq(due_at)))
            .execute(&mut **tx)?;
    }
    diesel::update(handled::table.find(subject.to_string()).filter(handled::snoozed_until.is_not_null()))
        .set((handled::snoozed_until.eq(None::<Millis>), handled::revision.eq(handled::revision + 1)))
        .execute(&mut **tx)?;
    tx.work_changed(subject.question_id());
    Ok(())
}

/// When a first response to something of this moment is nearly due, and when it is.
fn due(since: Millis) -> (Millis, Millis) {
    (since.plus(FIRST_RESPONSE * 3 / 4), since.plus(FIRST_RESPONSE))
}

/// Takes something out of the queue; `false`: it was not in it. With the last row of a subject its claim ends.
pub fn close(tx: &mut Tx<'_>, kind: Kind, ref_id: i64) -> Result<bool, DbError> {
    let row = work::table.filter(work::kind.eq(kind)).filter(work::ref_id.eq(ref_id));
    let found: Option<(String, Option<i64>)> =
        row.select((work::subject, work::question_id)).first(&mut **tx).optional()?;
    let Some((subject, question_id)) = found else { return Ok(false) };
    let closed = diesel::delete(row).execute(&mut **tx)? == 1;
    rest(tx, &subject)?;
    tx.work_changed(question_id);
    Ok(closed)
}

/// A thread is shown to nobody any more: nothing waits in it but what ends by itself.
pub fn close_thread(tx: &mut Tx<'_>, question_id: i64) -> Result<(), DbError> {
    let rows = work::table.filter(work::question_id.eq(question_id)).filter(work::kind.ne_all(OUTLIVE_THEIR_THREAD));
    if diesel::delete(rows).execute(&mut **tx)? > 0 {
        rest(tx, &super::Subject::Question(question_id).to_string())?;
        tx.work_changed(Some(question_id));
    }
    Ok(())
}

/// A thread is of another topic now.
pub fn set_topic(tx: &mut Tx<'_>, question_id: i64, topic: Option<i64>) -> Result<(), DbError> {
    let rows = work::table.filter(work::question_id.eq(question_id));
    if diesel::update(rows).set(work::topic_id.eq(topic)).execute(&mut **tx)? > 0 {
        tx.work_changed(Some(question_id));
    }
    Ok(())
}

/// Where nothing waits any more nobody works on it, and nothing is put off. To whom it was given stays: they know it.
fn rest(tx: &mut Tx<'_>, subject: &str) -> Result<(), DbError> {
    let waits = work::table.filter(work::subject.eq(subject));
    if diesel::select(diesel::dsl::exists(waits)).get_result::<bool>(&mut **tx)? {
        return Ok(());
    }
    diesel::update(handled::table.find(subject))
        .set((
            handled::claimed_by.eq(None::<i64>),
            handled::claimed_until.eq(None::<Millis>),
            handled::snoozed_until.eq(None::<Millis>),
            handled::revision.eq(handled::revision + 1),
        ))
        .execute(&mut **tx)?;
    Ok(())
}
