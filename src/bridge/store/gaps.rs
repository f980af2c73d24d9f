//! Stretches of a timeline that were not read yet. A gap is worked on by whoever has its lease, by the database's clock; who
//! lost it touches nothing.

use std::time::Duration;

use diesel::prelude::*;

use crate::bridge::ChannelId;
use crate::clock::Millis;
use crate::db::schema::{channel, timeline_gap};
use crate::db::{Conn, DbError, Tx, id_type, text_enum};
use crate::networks;
use crate::posts::Origin;

id_type!(
    /// The id of a gap.
    GapId
);

text_enum! {
    /// A list of posts that the poller reads.
    pub enum Timeline {
        /// Posts that mention us.
        Mentions = "mentions",
        /// Our own.
        Own = "own",
    }
}

impl From<Timeline> for networks::Timeline {
    fn from(timeline: Timeline) -> Self {
        match timeline {
            Timeline::Mentions => Self::Mentions,
            Timeline::Own => Self::Own,
        }
    }
}

#[derive(Clone, Debug, Queryable)]
pub struct Gap {
    pub id: GapId,
    pub timeline: Timeline,
    /// The posts that are missing have greater ids than this …
    pub after_id: String,
    /// … and smaller ones than this.
    pub before_id: String,
    /// 1: the network's timeline ended, the rest is searched for.
    searching: i64,
    pub posts_read: i64,
    pub attempts: i64,
    lease_until: Option<Millis>,
}

impl Gap {
    pub fn is_searched(&self) -> bool {
        self.searching != 0
    }
}

/// A gap that staff should know of.
#[derive(Clone, Debug, Queryable)]
pub struct GapRow {
    pub id: GapId,
    pub network: Origin,
    /// Of our account, without the leading `@`.
    pub handle: String,
    pub timeline: Timeline,
    pub after_id: String,
    pub before_id: String,
    /// When it is tried again; `None`: never, it cannot be had.
    pub due_at: Option<Millis>,
    pub reason: Option<String>,
}

#[diesel::dsl::auto_type(no_type_alias)]
fn columns() -> _ {
    (
        timeline_gap::id,
        timeline_gap::timeline,
        timeline_gap::after_id,
        timeline_gap::before_id,
        timeline_gap::searching,
        timeline_gap::posts_read,
        timeline_gap::attempts,
        timeline_gap::lease_until,
    )
}

/// Notes that a timeline was read down to `before` and not to `after`, with `read` posts so far.
pub fn insert(
    tx: &mut Tx<'_>,
    channel: ChannelId,
    timeline: Timeline,
    after: &str,
    before: &str,
    read: i64,
    now: Millis,
) -> Result<(), DbError> {
    diesel::insert_into(timeline_gap::table)
        .values((
            timeline_gap::channel_id.eq(channel),
            timeline_gap::timeline.eq(timeline),
            timeline_gap::after_id.eq(after),
            timeline_gap::before_id.eq(before),
            timeline_gap::posts_read.eq(read),
            timeline_gap::found_at.eq(now),
            timeline_gap::due_at.eq(Some(now)),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The newest gap that is due and that nobody reads: its posts are the ones that somebody may still wait for.
pub fn find_due(conn: &mut Conn, channel: ChannelId, now: Millis) -> Result<Option<Gap>, DbError> {
    let lease_clock = conn.database_now()?;
    Ok(timeline_gap::table
        .filter(timeline_gap::channel_id.eq(channel))
        .filter(timeline_gap::due_at.le(now))
        .filter(timeline_gap::lease_until.is_null().or(timeline_gap::lease_until.lt(lease_clock)))
        .order(timeline_gap::id.desc())
        .select(columns())
        .first(conn)
        .optional()?)
}

/// Takes a due gap; `None`: another node was faster.
pub fn claim(tx: &mut Tx<'_>, gap: Gap, lease: Duration) -> Result<Option<Gap>, DbError> {
    let until = tx.database_now()?.plus(lease);
    let row = timeline_gap::table.find(gap.id).filter(timeline_gap::attempts.eq(gap.attempts));
    let taken = (timeline_gap::lease_until.eq(Some(until)), timeline_gap::attempts.eq(gap.attempts + 1));
    let claimed = match gap.lease_until {
        Some(ended) => diesel::update(row.filter(timeline_gap::lease_until.eq(ended))).set(taken).execute(&mut **tx)?,
        None => diesel::update(row.filter(timeline_gap::lease_until.is_null())).set(taken).execute(&mut **tx)?,
    };
    Ok((claimed == 1).then_some(Gap { lease_until: Some(until), attempts: gap.attempts + 1, ..gap }))
}

/// What is missing now lies below `before`; it is due at once. `false`: the lease was lost.
pub fn narrow(
    tx: &mut Tx<'_>,
    gap: &Gap,
    before: &str,
    read: i64,
    searching: bool,
    now: Millis,
) -> Result<bool, DbError> {
    let narrowed =
        diesel::update(timeline_gap::table.find(gap.id).filter(timeline_gap::lease_until.eq(gap.lease_until)))
            .set((
                timeline_gap::before_id.eq(before),
                timeline_gap::posts_read.eq(gap.posts_read + read),
                timeline_gap::searching.eq(i64::from(searching)),
                timeline_gap::due_at.eq(Some(now)),
                timeline_gap::lease_until.eq(None::<Millis>),
                timeline_gap::attempts.eq(0),
                timeline_gap::reason.eq(None::<String>),
            ))
            .execute(&mut **tx)?;
    Ok(narrowed == 1)
}

/// Nothing is missing any more. `false`: the lease was lost.
pub fn close(tx: &mut Tx<'_>, gap: &Gap) -> Result<bool, DbError> {
    let row = timeline_gap::table.find(gap.id).filter(timeline_gap::lease_until.eq(gap.lease_until));
    Ok(diesel::delete(row).execute(&mut **tx)? == 1)
}

/// To be tried again at `due`; `None`: never again, a person must know. `false`: the lease was lost.
pub fn put_off(tx: &mut Tx<'_>, gap: &Gap, due: Option<Millis>, reason: &str) -> Result<bool, DbError> {
    let row = timeline_gap::table.find(gap.id).filter(timeline_gap::lease_until.eq(gap.lease_until));
    let later = (
        timeline_gap::due_at.eq(due),
        timeline_gap::lease_until.eq(None::<Millis>),
        timeline_gap::reason.eq(Some(reason)),
    );
    Ok(diesel::update(row).set(later).execute(&mut **tx)? == 1)
}

/// A person has looked after a gap that cannot be had. `false`: it is not there, or is still worked on.
pub fn dismiss(tx: &mut Tx<'_>, id: GapId) -> Result<bool, DbError> {
    let lost = timeline_gap::table.find(id).filter(timeline_gap::due_at.is_null());
    Ok(diesel::delete(lost).execute(&mut **tx)? == 1)
}

/// Gaps that could not be filled at once, oldest first.
pub fn list_stuck(conn: &mut Conn) -> Result<Vec<GapRow>, DbError> {
    Ok(timeline_gap::table
        .inner_join(channel::table)
        .filter(timeline_gap::reason.is_not_null())
        .order(timeline_gap::id)
        .limit(20)
        .select((
            timeline_gap::id,
            channel::network,
            channel::handle,
            timeline_gap::timeline,
            timeline_gap::after_id,
            timeline_gap::before_id,
            timeline_gap::due_at,
            timeline_gap::reason,
        ))
        .load(conn)?)
}
