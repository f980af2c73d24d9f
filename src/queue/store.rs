//! All SQL of the queue.

use std::time::Duration;

use diesel::prelude::*;

use super::{Item, Kind, Subject};
use crate::clock::Millis;
use crate::db::schema::{handling, presence, work};
use crate::db::{DbError, Tx, per_database};
use crate::hours::Targets;
use crate::members::MemberId;

/// How soon a first response is due where nobody said otherwise.
const FIRST_RESPONSE: Duration = Duration::from_secs(12 * 60);

/// Puts something into the queue. Where it waits already its row stays, with the earlier of both moments.
pub fn open(tx: &mut Tx<'_>, item: &Item) -> Result<(), DbError> {
    let Item { kind, ref_id, subject, topic_id, channel_id, network, lang, since, arrived_at } = item;
    let due_at = since.plus(FIRST_RESPONSE);
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
        work::due_at.eq(due_at),
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
            .set((work::since.eq(since), work::due_at.eq(due_at)))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// Takes something out of the queue; `false`: it was not in it.
pub fn close(tx: &mut Tx<'_>, kind: Kind, ref_id: i64) -> Result<bool, DbError> {
    let row = work::table.filter(work::kind.eq(kind)).filter(work::ref_id.eq(ref_id));
    Ok(diesel::delete(row).execute(&mut **tx)? == 1)
}

/// Dates up to `limit` rows anew, after the targets or their hours have changed: those that follow the row with the id
/// `after`. Returns the id of the last one that was looked at; `None`: there was none left.
pub fn redate(tx: &mut Tx<'_>, targets: &Targets, after: i64, limit: i64) -> Result<Option<i64>, DbError> {
    let rows: Vec<(i64, Millis, Option<i64>, Option<i64>, Millis)> = work::table
        .filter(work::id.gt(after))
        .order(work::id)
        .limit(limit)
        .select((work::id, work::since, work::channel_id, work::topic_id, work::due_at))
        .load(&mut **tx)?;
    let last = rows.last().map(|row| row.0);
    for (id, since, channel, topic, dated) in rows {
        let due = targets.due(since, channel, topic);
        if due != dated {
            diesel::update(work::table.find(id)).set(work::due_at.eq(due)).execute(&mut **tx)?;
        }
    }
    Ok(last)
}

/// Gives back what somebody who leaves the desk had claimed or was given, so that others see it wait.
pub fn release_member(tx: &mut Tx<'_>, member: MemberId) -> Result<(), DbError> {
    let nobody = (handling::claimed_by.eq(None::<MemberId>), handling::claimed_until.eq(None::<Millis>));
    diesel::update(handling::table.filter(handling::claimed_by.eq(member))).set(nobody).execute(&mut **tx)?;
    diesel::update(handling::table.filter(handling::assignee_id.eq(member)))
        .set(handling::assignee_id.eq(None::<MemberId>))
        .execute(&mut **tx)?;
    diesel::delete(presence::table.filter(presence::member_id.eq(member))).execute(&mut **tx)?;
    Ok(())
}

/// Gives back what a team that goes was given.
pub fn release_team(tx: &mut Tx<'_>, team: i64) -> Result<(), DbError> {
    diesel::update(handling::table.filter(handling::team_id.eq(team)))
        .set(handling::team_id.eq(None::<i64>))
        .execute(&mut **tx)?;
    Ok(())
}

/// A thread is in another topic: so is what waits in it, due as that topic asks.
pub fn move_thread(tx: &mut Tx<'_>, question_id: i64, topic_id: Option<i64>) -> Result<(), DbError> {
    let targets = Targets::load(tx)?;
    let rows: Vec<(i64, Millis, Option<i64>)> = work::table
        .filter(work::subject.eq(Subject::Question(question_id).to_string()))
        .select((work::id, work::since, work::channel_id))
        .load(&mut **tx)?;
    for (id, since, channel) in rows {
        let due = targets.due(since, channel, topic_id);
        diesel::update(work::table.find(id))
            .set((work::topic_id.eq(topic_id), work::due_at.eq(due)))
            .execute(&mut **tx)?;
    }
    Ok(())
}
