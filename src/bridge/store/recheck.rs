//! When remote posts are looked up again. A row goes with the last look, or with the post.

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
    /// When it was found missing the last time.
    pub missed_at: Option<Millis>,
    /// Of its author, without the leading `@`.
    pub handle: Option<String>,
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

/// The posts of a channel that are due, the longest due first.
pub fn list_due(conn: &mut Conn, channel: ChannelId, now: Millis, limit: i64) -> Result<Vec<RemotePostId>, DbError> {
    Ok(recheck::table
        .filter(recheck::channel_id.eq(channel))
        .filter(recheck::due_at.le(now))
        .order((recheck::due_at, recheck::remote_post_id))
        .limit(limit)
        .select(recheck::remote_post_id)
        .load(conn)?)
}

/// Takes those of these posts that are still due, until `until`: whoever asks beside us asks for others.
pub fn claim(tx: &mut Tx<'_>, posts: &[RemotePostId], now: Millis, until: Millis) -> Result<Vec<Due>, DbError> {
    let still_due = recheck::table.filter(recheck::remote_post_id.eq_any(posts)).filter(recheck::due_at.le(now));
    let claimed: Vec<RemotePostId> = diesel::update(still_due)
        .set(recheck::due_at.eq(until))
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
            recheck::missed_at,
            remote_author::handle.nullable(),
        ))
        .load(&mut **tx)?)
}

/// Plans the next look; `missed_at`: it was not there.
pub fn plan(tx: &mut Tx<'_>, post: RemotePostId, due: Millis, missed_at: Option<Millis>) -> Result<(), DbError> {
    diesel::update(recheck::table.find(post))
        .set((recheck::due_at.eq(due), recheck::missed_at.eq(missed_at)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Puts looks off that could not be made; what was missed stays missed.
pub fn put_off(tx: &mut Tx<'_>, posts: &[RemotePostId], due: Millis) -> Result<(), DbError> {
    diesel::update(recheck::table.filter(recheck::remote_post_id.eq_any(posts)))
        .set(recheck::due_at.eq(due))
        .execute(&mut **tx)?;
    Ok(())
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
