//! When remote posts are looked up again. A row goes with the last look, or with the post. Who looks has a lease, by the
//! database's clock.

use std::time::Duration;

use diesel::prelude::*;

use crate::bridge::{ChannelId, RemotePostId};
use crate::clock::Millis;
use crate::db::schema::{recheck, remote_author, remote_post};
use crate::db::{Conn, DbError, Tx, per_database};

/// A post to be looked up.
#[derive(Clone, Debug, Queryable)]
pub struct Due {
    pub id: RemotePostId,
    remote_id: String,
    version_id: Option<String>,
    pub received_at: Millis,
    /// When it was first found missing, and from when on a look that misses it again is believed.
    pub missed: (Option<Millis>, Option<Millis>),
    /// Of its author, without the leading `@`.
    pub handle: Option<String>,
    lease_until: Option<Millis>,
}

impl Due {
    /// The remote id of the version whose words are held.
    pub fn version(&self) -> &str {
        self.version_id.as_deref().unwrap_or(&self.remote_id)
    }
}

/// Plans the first look.
pub fn insert(tx: &mut Tx<'_>, post: RemotePostId, channel: ChannelId, due: Millis) -> Result<(), DbError> {
    let row = (recheck::remote_post_id.eq(post), recheck::channel_id.eq(channel), recheck::due_at.eq(due));
    per_database!(&mut **tx, conn => diesel::insert_into(recheck::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(())
}

/// The posts of a channel that are due and that nobody looks at, the longest due first.
pub fn list_due(conn: &mut Conn, channel: ChannelId, now: Millis, limit: i64) -> Result<Vec<RemotePostId>, DbError> {
    let lease_clock = conn.database_now()?;
    Ok(recheck::table
        .filter(recheck::channel_id.eq(channel))
        .filter(recheck::due_at.le(now))
        .filter(recheck::lease_until.is_null().or(recheck::lease_until.lt(lease_clock)))
        .order((recheck::due_at, recheck::remote_post_id))
        .limit(limit)
        .select(recheck::remote_post_id)
        .load(conn)?)
}

/// Takes those of these posts that are still due: whoever asks beside us asks for others.
pub fn claim(tx: &mut Tx<'_>, posts: &[RemotePostId], now: Millis, lease: Duration) -> Result<Vec<Due>, DbError> {
    let lease_clock = tx.database_now()?;
    let still_due = recheck::table
        .filter(recheck::remote_post_id.eq_any(posts))
        .filter(recheck::due_at.le(now))
        .filter(recheck::lease_until.is_null().or(recheck::lease_until.lt(lease_clock)));
    let claimed: Vec<RemotePostId> = diesel::update(still_due)
        .set(recheck::lease_until.eq(Some(lease_clock.plus(lease))))
        .returning(recheck::remote_post_id)
        .get_results(&mut **tx)?;
    Ok(recheck::table
        .inner_join(remote_post::table.left_join(remote_author::table))
        .filter(recheck::remote_post_id.eq_any(claimed))
        .select((
            recheck::remote_post_id,
            remote_post::remote_id,
            remote_post::version_id,
            remote_post::received_at,
            (recheck::missed_at, recheck::believed_at),
            remote_author::handle.nullable(),
            recheck::lease_until,
        ))
        .load(&mut **tx)?)
}

/// Gives a look back and plans the next one at `due`. `missed`: it was not there, as [`Due::missed`] has it. `false`: the
/// lease was lost, and whoever has it now goes on.
pub fn plan(
    tx: &mut Tx<'_>,
    post: &Due,
    due: Millis,
    missed: (Option<Millis>, Option<Millis>),
) -> Result<bool, DbError> {
    let row = recheck::table.find(post.id).filter(recheck::lease_until.eq(post.lease_until));
    let planned = (
        recheck::due_at.eq(due),
        recheck::missed_at.eq(missed.0),
        recheck::believed_at.eq(missed.1),
        recheck::lease_until.eq(None::<Millis>),
    );
    Ok(diesel::update(row).set(planned).execute(&mut **tx)? == 1)
}

/// Puts looks off that could not be made; what was missed stays missed.
pub fn put_off(tx: &mut Tx<'_>, posts: &[Due], due: Millis) -> Result<(), DbError> {
    posts.iter().try_for_each(|post| plan(tx, post, due, post.missed).map(drop))
}

/// How many of a channel's posts should have been looked up before this time.
pub fn count_due(conn: &mut Conn, channel: ChannelId, before: Millis) -> Result<i64, DbError> {
    Ok(recheck::table
        .filter(recheck::channel_id.eq(channel))
        .filter(recheck::due_at.le(before))
        .count()
        .get_result(conn)?)
}

/// No more looks.
pub fn forget(tx: &mut Tx<'_>, post: RemotePostId) -> Result<(), DbError> {
    diesel::delete(recheck::table.find(post)).execute(&mut **tx)?;
    Ok(())
}
