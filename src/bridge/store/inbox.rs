//! The inbox: verified raw bodies, claimed by one worker at a time and never lost.

use std::time::Duration;

use diesel::prelude::*;

use crate::bridge::ChannelId;
use crate::clock::Millis;
use crate::db::schema::inbox;
use crate::db::{Conn, DbError, Tx, id_type, text_enum};

id_type!(
    /// The id of a body in the inbox.
    InboxId
);

text_enum! {
    /// Which way a body came, which tells how to read it.
    pub enum Source {
        Webhook = "webhook",
        Poll = "poll",
    }
}

text_enum! {
    pub enum Label {
        New = "new",
        Working = "working",
        Done = "done",
        Failed = "failed",
    }
}

/// A body that this worker owns until its lease ends.
#[derive(Debug)]
pub struct Claimed {
    pub id: InboxId,
    pub channel_id: ChannelId,
    pub source: Source,
    pub body: Vec<u8>,
    pub attempts: i64,
    lease_until: Millis,
}

pub fn insert(tx: &mut Tx<'_>, channel_id: ChannelId, source: Source, body: &[u8], now: Millis) -> Result<(), DbError> {
    diesel::insert_into(inbox::table)
        .values((
            inbox::channel_id.eq(channel_id),
            inbox::source.eq(source),
            inbox::body.eq(body),
            inbox::received_at.eq(now),
            inbox::state.eq(Label::New),
            inbox::due_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Whether a body is due, or one is owned by a worker that is gone.
pub fn any_due(conn: &mut Conn, now: Millis) -> Result<bool, DbError> {
    let lease_clock = conn.database_now()?;
    let due = inbox::state.eq(Label::New).and(inbox::due_at.le(now));
    let orphaned = inbox::state.eq(Label::Working).and(inbox::lease_until.assume_not_null().lt(lease_clock));
    let fresh = diesel::select(diesel::dsl::exists(inbox::table.filter(due))).get_result::<bool>(conn)?;
    Ok(fresh || diesel::select(diesel::dsl::exists(inbox::table.filter(orphaned))).get_result::<bool>(conn)?)
}

/// Claims the oldest due body. Placing is repeatable, so what a dead worker owned is simply due again.
pub fn claim(tx: &mut Tx<'_>, now: Millis, lease: Duration) -> Result<Option<Claimed>, DbError> {
    let lease_clock = tx.database_now()?;
    diesel::update(inbox::table.filter(inbox::state.eq(Label::Working)).filter(inbox::lease_until.lt(lease_clock)))
        .set((inbox::state.eq(Label::New), inbox::lease_until.eq(None::<Millis>)))
        .execute(&mut **tx)?;
    type Row = (InboxId, ChannelId, Source, Vec<u8>, i64);
    let row: Option<Row> = inbox::table
        .filter(inbox::state.eq(Label::New))
        .filter(inbox::due_at.le(now))
        .order((inbox::due_at, inbox::id))
        .select((inbox::id, inbox::channel_id, inbox::source, inbox::body, inbox::attempts))
        .first(&mut **tx)
        .optional()?;
    let Some((id, channel_id, source, body, attempts)) = row else { return Ok(None) };
    // A body that takes long (many calls to a slow network) gets longer with each try.
    let tries = u32::try_from(attempts + 1).unwrap_or(1);
    let lease_until = lease_clock.plus(lease.saturating_mul(tries));
    let claimed = diesel::update(inbox::table.find(id).filter(inbox::state.eq(Label::New)))
        .set((
            inbox::state.eq(Label::Working),
            inbox::lease_until.eq(Some(lease_until)),
            inbox::attempts.eq(attempts + 1),
        ))
        .execute(&mut **tx)?;
    Ok((claimed == 1).then_some(Claimed { id, channel_id, source, body, attempts: attempts + 1, lease_until }))
}

/// Marks an owned body as understood; `false`: the lease was lost, and whoever has it now goes on.
pub fn mark_done(tx: &mut Tx<'_>, claimed: &Claimed) -> Result<bool, DbError> {
    mark(tx, claimed, Label::Done, None, None)
}

/// Gives an owned body back, to be tried again at `due`.
pub fn put_back(tx: &mut Tx<'_>, claimed: &Claimed, due: Millis, reason: &str) -> Result<bool, DbError> {
    mark(tx, claimed, Label::New, Some(due), Some(reason))
}

/// Marks an owned body as one that no trying will make readable. Staff see it.
pub fn mark_failed(tx: &mut Tx<'_>, claimed: &Claimed, reason: &str) -> Result<bool, DbError> {
    mark(tx, claimed, Label::Failed, None, Some(reason))
}

fn mark(
    tx: &mut Tx<'_>,
    claimed: &Claimed,
    label: Label,
    due: Option<Millis>,
    reason: Option<&str>,
) -> Result<bool, DbError> {
    let owned = inbox::table
        .find(claimed.id)
        .filter(inbox::state.eq(Label::Working))
        .filter(inbox::lease_until.eq(Some(claimed.lease_until)));
    let reason = (inbox::reason.eq(reason), inbox::lease_until.eq(None::<Millis>));
    let rows = match due {
        Some(due) => {
            diesel::update(owned).set((inbox::state.eq(label), inbox::due_at.eq(due), reason)).execute(&mut **tx)?
        }
        None => diesel::update(owned).set((inbox::state.eq(label), reason)).execute(&mut **tx)?,
    };
    Ok(rows == 1)
}

/// Bodies that could not be read: how many, and why the newest one could not.
pub fn unreadable(conn: &mut Conn) -> Result<Option<(i64, String)>, DbError> {
    let failed = inbox::table.filter(inbox::state.eq(Label::Failed));
    let count: i64 = failed.count().get_result(conn)?;
    if count == 0 {
        return Ok(None);
    }
    let reason: Option<String> = failed.order(inbox::id.desc()).select(inbox::reason).first(conn)?;
    Ok(Some((count, reason.unwrap_or_default())))
}

/// Gives a body back whose placing must wait for something of ours; that was no fault of the body.
pub fn release(tx: &mut Tx<'_>, id: InboxId, due: Millis) -> Result<(), DbError> {
    diesel::update(inbox::table.find(id).filter(inbox::state.eq(Label::Working)))
        .set((
            inbox::state.eq(Label::New),
            inbox::lease_until.eq(None::<Millis>),
            inbox::due_at.eq(due),
            inbox::attempts.eq(inbox::attempts - 1),
        ))
        .execute(&mut **tx)?;
    Ok(())
}
