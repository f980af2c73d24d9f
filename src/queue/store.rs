//! All SQL of the queue.

use std::time::Duration;

use diesel::prelude::*;

use super::{Item, Kind};
use crate::db::schema::work;
use crate::db::{DbError, Tx, per_database};

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
