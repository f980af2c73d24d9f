//! All SQL of the queue. Here: what waits, opened and closed.

pub mod handling;
pub mod list;
#[cfg(test)]
mod plans;
pub mod presence;
pub mod reminders;
pub mod views;

use diesel::prelude::*;

use super::{Item, Kind};
use crate::clock::Millis;
use crate::db::schema::{handling as handled, presence as looking, work};
use crate::db::{DbError, Tx, per_database};
use crate::hours::Targets;
use crate::members::MemberId;

/// Kinds that end by themselves, whatever becomes of the thread: somebody else has to be told or looked for.
const OUTLIVE_THEIR_THREAD: [Kind; 3] = [Kind::Delivery, Kind::Removal, Kind::Held];

/// Puts something into the queue. Where it waits already its row stays, with the earlier of both moments. Whatever was
/// put off is shown again: there is news of it.
pub fn open(tx: &mut Tx<'_>, item: &Item) -> Result<(), DbError> {
    let Item { kind, ref_id, subject, topic_id, channel_id, network, lang, since, arrived_at } = item;
    let (soon_at, due_at) = Targets::load_for(tx, *channel_id, *topic_id)?.dates(*since, *channel_id, *topic_id);
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
    let subject = super::Subject::Question(question_id).to_string();
    let rows = work::table.filter(work::subject.eq(&subject)).filter(work::kind.ne_all(OUTLIVE_THEIR_THREAD));
    if diesel::delete(rows).execute(&mut **tx)? > 0 {
        rest(tx, &subject)?;
        tx.work_changed(Some(question_id));
    }
    Ok(())
}

/// A thread is of another topic now: so is what waits in it, due as that topic asks.
pub fn set_topic(tx: &mut Tx<'_>, question_id: i64, topic: Option<i64>) -> Result<(), DbError> {
    let rows: Vec<(i64, Millis, Option<i64>)> = work::table
        .filter(work::subject.eq(super::Subject::Question(question_id).to_string()))
        .select((work::id, work::since, work::channel_id))
        .load(&mut **tx)?;
    if rows.is_empty() {
        return Ok(());
    }
    let targets = Targets::load(tx)?;
    for (id, since, channel) in rows {
        let (soon, due) = targets.dates(since, channel, topic);
        diesel::update(work::table.find(id))
            .set((work::topic_id.eq(topic), work::soon_at.eq(soon), work::due_at.eq(due)))
            .execute(&mut **tx)?;
    }
    tx.work_changed(Some(question_id));
    Ok(())
}

/// Gives what waits in one topic to another; who calls it has it dated anew.
pub fn move_topic(tx: &mut Tx<'_>, from: i64, to: Option<i64>) -> Result<(), DbError> {
    diesel::update(work::table.filter(work::topic_id.eq(from))).set(work::topic_id.eq(to)).execute(&mut **tx)?;
    tx.work_changed(None);
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

/// Dates up to `limit` rows anew, after the targets or their hours have changed: those that follow the row with the id
/// `after`. Returns the id of the last one that was looked at; `None`: there was none left.
pub fn redate(tx: &mut Tx<'_>, targets: &Targets, after: i64, limit: i64) -> Result<Option<i64>, DbError> {
    type Dated = (i64, Millis, Option<i64>, Option<i64>, Millis);
    let rows: Vec<Dated> = work::table
        .filter(work::id.gt(after))
        .order(work::id)
        .limit(limit)
        .select((work::id, work::since, work::channel_id, work::topic_id, work::due_at))
        .load(&mut **tx)?;
    let last = rows.last().map(|row| row.0);
    for (id, since, channel, topic, dated) in rows {
        let (soon, due) = targets.dates(since, channel, topic);
        if due != dated {
            diesel::update(work::table.find(id))
                .set((work::soon_at.eq(soon), work::due_at.eq(due)))
                .execute(&mut **tx)?;
            tx.work_changed(None);
        }
    }
    Ok(last)
}

/// Gives back what somebody who leaves the desk had claimed or was given, so that others see it wait.
pub fn release_member(tx: &mut Tx<'_>, member: MemberId) -> Result<(), DbError> {
    let nobody = (
        handled::claimed_by.eq(None::<MemberId>),
        handled::claimed_until.eq(None::<Millis>),
        handled::revision.eq(handled::revision + 1),
    );
    diesel::update(handled::table.filter(handled::claimed_by.eq(member))).set(nobody).execute(&mut **tx)?;
    diesel::update(handled::table.filter(handled::assignee_id.eq(member)))
        .set((handled::assignee_id.eq(None::<MemberId>), handled::revision.eq(handled::revision + 1)))
        .execute(&mut **tx)?;
    diesel::delete(looking::table.filter(looking::member_id.eq(member))).execute(&mut **tx)?;
    tx.work_changed(None);
    Ok(())
}

/// Gives back what a team that goes was given.
pub fn release_team(tx: &mut Tx<'_>, team: i64) -> Result<(), DbError> {
    diesel::update(handled::table.filter(handled::team_id.eq(team)))
        .set((handled::team_id.eq(None::<i64>), handled::revision.eq(handled::revision + 1)))
        .execute(&mut **tx)?;
    tx.work_changed(None);
    Ok(())
}
