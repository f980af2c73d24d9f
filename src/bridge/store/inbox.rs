//! The inbox: verified raw bodies, claimed in groups by one worker at a time and never lost.

use std::time::Duration;

use diesel::prelude::*;

use crate::bridge::ChannelId;
use crate::clock::Millis;
use crate::db::schema::inbox;
use crate::db::{Conn, DbError, Tx, id_type, text_enum};
use crate::networks::Unreadable;

use super::searches::SearchId;

/// Bodies that are claimed and placed together: their transaction must stay a short one.
const GROUP: i64 = 32;

id_type!(
    /// The id of a body in the inbox.
    InboxId
);

text_enum! {
    /// Which way a body came, which tells how to read it.
    pub enum Source {
        Webhook = "webhook",
        Poll = "poll",
        /// A page of private messages.
        Messages = "messages",
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
    pub ticket: Ticket,
    pub channel_id: ChannelId,
    pub source: Source,
    pub body: Vec<u8>,
    /// Claims so far: waiting for the network and for a send of ours among them.
    pub attempts: i64,
    /// How often the database itself refused it.
    pub refusals: i64,
    pub received_at: Millis,
    /// The brand search that brought it.
    pub search: Option<SearchId>,
}

/// The proof of ownership: who has lost the lease touches nothing.
#[derive(Clone, Copy, Debug)]
pub struct Ticket {
    pub id: InboxId,
    lease_until: Millis,
}

pub fn insert(tx: &mut Tx<'_>, channel_id: ChannelId, source: Source, body: &[u8], now: Millis) -> Result<(), DbError> {
    insert_from(tx, channel_id, source, None, body, now)
}

/// Puts in a page that a brand search brought.
pub fn insert_found(
    tx: &mut Tx<'_>,
    channel_id: ChannelId,
    search: SearchId,
    body: &[u8],
    now: Millis,
) -> Result<(), DbError> {
    insert_from(tx, channel_id, Source::Poll, Some(search), body, now)
}

fn insert_from(
    tx: &mut Tx<'_>,
    channel_id: ChannelId,
    source: Source,
    search: Option<SearchId>,
    body: &[u8],
    now: Millis,
) -> Result<(), DbError> {
    diesel::insert_into(inbox::table)
        .values((
            inbox::channel_id.eq(channel_id),
            inbox::source.eq(source),
            inbox::body.eq(body),
            inbox::received_at.eq(now),
            inbox::state.eq(Label::New),
            inbox::due_at.eq(now),
            inbox::search_id.eq(search),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Keeps what could not be read of a page for staff, as a page of its own that may be tried again, once however often the
/// network shows it.
pub fn keep_unreadable(
    tx: &mut Tx<'_>,
    channel_id: ChannelId,
    source: Source,
    search: Option<SearchId>,
    unreadable: &[Unreadable],
    now: Millis,
) -> Result<(), DbError> {
    for one in unreadable {
        let kept = inbox::table
            .filter(inbox::state.eq_any([Label::Failed, Label::New, Label::Working]))
            .filter(inbox::channel_id.eq(channel_id))
            .filter(inbox::body.eq(&one.page));
        if diesel::select(diesel::dsl::exists(kept)).get_result::<bool>(&mut **tx)? {
            continue;
        }
        diesel::insert_into(inbox::table)
            .values((
                inbox::channel_id.eq(channel_id),
                inbox::source.eq(source),
                inbox::body.eq(&one.page),
                inbox::received_at.eq(now),
                inbox::state.eq(Label::Failed),
                inbox::reason.eq(Some(&one.reason)),
                inbox::due_at.eq(now),
                inbox::search_id.eq(search),
            ))
            .execute(&mut **tx)?;
    }
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

/// Claims the oldest due body, and what is due of the same channel behind it: they are placed together. What came before
/// `old` is claimed alone, and so is what a search brought, since both are read differently. Placing is repeatable, so what a dead worker owned is simply due
/// again.
pub fn claim(tx: &mut Tx<'_>, now: Millis, old: Millis, lease: Duration) -> Result<Vec<Claimed>, DbError> {
    let lease_clock = tx.database_now()?;
    diesel::update(inbox::table.filter(inbox::state.eq(Label::Working)).filter(inbox::lease_until.lt(lease_clock)))
        .set((inbox::state.eq(Label::New), inbox::lease_until.eq(None::<Millis>)))
        .execute(&mut **tx)?;
    type Row = (InboxId, ChannelId, Source, Vec<u8>, (i64, i64), Millis, Option<SearchId>);
    let rows: Vec<Row> = inbox::table
        .filter(inbox::state.eq(Label::New))
        .filter(inbox::due_at.le(now))
        .order((inbox::due_at, inbox::id))
        .limit(GROUP)
        .select((
            inbox::id,
            inbox::channel_id,
            inbox::source,
            inbox::body,
            (inbox::attempts, inbox::refusals),
            inbox::received_at,
            inbox::search_id,
        ))
        .load(&mut **tx)?;
    let Some((_, first, _, _, tries, received_at, search)) = rows.first() else { return Ok(Vec::new()) };
    let (first, alone) = (*first, *received_at < old || search.is_some());
    // What takes long (many calls to a slow network) gets longer with each try, and a group longer than a body.
    let tries = u32::try_from(tries.0 + 1).unwrap_or(1);
    let group = rows.into_iter().take(if alone { 1 } else { usize::MAX });
    let group = group.filter(|(_, channel, .., received_at, search)| {
        alone || (*channel == first && *received_at >= old && search.is_none())
    });
    let mut claimed: Vec<Claimed> = Vec::new();
    let lease_until = lease_clock.plus(lease.saturating_mul(tries).saturating_mul(if alone { 1 } else { 2 }));
    for (id, channel_id, source, body, (attempts, refusals), received_at, search) in group {
        let updated = diesel::update(inbox::table.find(id).filter(inbox::state.eq(Label::New)))
            .set((
                inbox::state.eq(Label::Working),
                inbox::lease_until.eq(Some(lease_until)),
                inbox::attempts.eq(attempts + 1),
            ))
            .execute(&mut **tx)?;
        if updated == 1 {
            let ticket = Ticket { id, lease_until };
            let attempts = attempts + 1;
            claimed.push(Claimed { ticket, channel_id, source, body, attempts, refusals, received_at, search });
        }
    }
    Ok(claimed)
}

/// Marks an owned body as understood and lets it go: what is kept of it stands with its posts. `false`: the lease was
/// lost, and whoever has it now goes on.
pub fn mark_done(tx: &mut Tx<'_>, ticket: Ticket) -> Result<bool, DbError> {
    let done = (inbox::state.eq(Label::Done), inbox::lease_until.eq(None::<Millis>), inbox::body.eq(Vec::<u8>::new()));
    Ok(diesel::update(inbox::table.find(ticket.id).filter(inbox::lease_until.eq(Some(ticket.lease_until))))
        .set(done)
        .execute(&mut **tx)?
        == 1)
}

/// Gives an owned body back, to be tried again at `due`.
pub fn put_back(tx: &mut Tx<'_>, ticket: Ticket, due: Millis, reason: &str) -> Result<bool, DbError> {
    let again = (
        inbox::state.eq(Label::New),
        inbox::lease_until.eq(None::<Millis>),
        inbox::due_at.eq(due),
        inbox::reason.eq(Some(reason)),
    );
    Ok(diesel::update(inbox::table.find(ticket.id).filter(inbox::lease_until.eq(Some(ticket.lease_until))))
        .set(again)
        .execute(&mut **tx)?
        == 1)
}

/// Gives back an owned body that the database refused, to be tried again at `due`.
pub fn put_back_refused(tx: &mut Tx<'_>, ticket: Ticket, due: Millis, reason: &str) -> Result<bool, DbError> {
    diesel::update(inbox::table.find(ticket.id).filter(inbox::lease_until.eq(Some(ticket.lease_until))))
        .set(inbox::refusals.eq(inbox::refusals + 1))
        .execute(&mut **tx)?;
    put_back(tx, ticket, due, reason)
}

/// Marks an owned body as one that no trying will make readable. It is kept, and staff see it.
pub fn mark_failed(tx: &mut Tx<'_>, ticket: Ticket, reason: &str) -> Result<bool, DbError> {
    let failed =
        (inbox::state.eq(Label::Failed), inbox::lease_until.eq(None::<Millis>), inbox::reason.eq(Some(reason)));
    Ok(diesel::update(inbox::table.find(ticket.id).filter(inbox::lease_until.eq(Some(ticket.lease_until))))
        .set(failed)
        .execute(&mut **tx)?
        == 1)
}

/// Puts everything that could not be read or placed back into the inbox, as if it had just come.
pub fn try_failed_again(tx: &mut Tx<'_>, now: Millis) -> Result<usize, DbError> {
    let anew = (
        inbox::state.eq(Label::New),
        inbox::due_at.eq(now),
        inbox::received_at.eq(now),
        inbox::attempts.eq(0),
        inbox::refusals.eq(0),
    );
    Ok(diesel::update(inbox::table.filter(inbox::state.eq(Label::Failed))).set(anew).execute(&mut **tx)?)
}

/// Bodies that could not be read or placed: how many, and why the newest one could not.
pub fn unreadable(conn: &mut Conn) -> Result<Option<(i64, String)>, DbError> {
    let failed = inbox::table.filter(inbox::state.eq(Label::Failed));
    let count: i64 = failed.count().get_result(conn)?;
    if count == 0 {
        return Ok(None);
    }
    let reason: Option<String> = failed.order(inbox::id.desc()).select(inbox::reason).first(conn)?;
    Ok(Some((count, reason.unwrap_or_default())))
}

/// Bodies that are not placed yet.
pub fn count_unplaced(conn: &mut Conn) -> Result<i64, DbError> {
    Ok(inbox::table.filter(inbox::state.eq_any([Label::New, Label::Working])).count().get_result(conn)?)
}

/// Throws away at most `limit` bodies that were due before `before` and were understood. Failed ones stay for staff.
pub fn prune(tx: &mut Tx<'_>, before: Millis, limit: i64) -> Result<usize, DbError> {
    let old: Vec<InboxId> = inbox::table
        .filter(inbox::state.eq(Label::Done))
        .filter(inbox::due_at.lt(before))
        .limit(limit)
        .select(inbox::id)
        .load(&mut **tx)?;
    if old.is_empty() {
        return Ok(0);
    }
    Ok(diesel::delete(inbox::table.filter(inbox::id.eq_any(old))).execute(&mut **tx)?)
}
