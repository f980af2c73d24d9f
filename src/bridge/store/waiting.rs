//! Threads whose asker waits for a word from us.

use diesel::prelude::*;

use crate::bridge::RemotePostId;
use crate::clock::Millis;
use crate::db::schema::{remote_author, remote_post, waiting};
use crate::db::{Conn, DbError, Tx, per_database};
use crate::posts::{Origin, RemoteAuthorId};

use super::remote::Path;

/// A row of the desk: the asker's newest post, and since when an answer is owed.
#[derive(Clone, Debug, Queryable)]
pub struct WaitingRow {
    pub question_id: i64,
    /// The remote time of the oldest post that nobody answered.
    pub since: Millis,
    pub network: Origin,
    pub author_id: Option<RemoteAuthorId>,
    pub text: String,
    pub lang: Option<String>,
    pub url: String,
    pub path: Path,
}

/// The asker wrote: the thread waits since then, or since the earlier post that waits already.
pub fn asker_wrote(tx: &mut Tx<'_>, question_id: i64, post: RemotePostId, posted_at: Millis) -> Result<(), DbError> {
    let row = (waiting::question_id.eq(question_id), waiting::remote_post_id.eq(post), waiting::since.eq(posted_at));
    let known: Option<(RemotePostId, Millis)> = waiting::table
        .find(question_id)
        .select((waiting::remote_post_id, waiting::since))
        .first(&mut **tx)
        .optional()?;
    let Some((_, since)) = known else {
        per_database!(&mut **tx, conn => diesel::insert_into(waiting::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(conn))?;
        return Ok(());
    };
    diesel::update(waiting::table.find(question_id))
        .set((waiting::remote_post_id.eq(post), waiting::since.eq(since.min(posted_at))))
        .execute(&mut **tx)?;
    Ok(())
}

/// Something was sent, or staff say that no answer is needed.
pub fn settle(tx: &mut Tx<'_>, question_id: i64) -> Result<bool, DbError> {
    Ok(diesel::delete(waiting::table.find(question_id)).execute(&mut **tx)? == 1)
}

/// Up to `limit` waiting threads after the cursor, longest waiting first.
pub fn list(conn: &mut Conn, after: Option<(Millis, i64)>, limit: i64) -> Result<Vec<WaitingRow>, DbError> {
    let (since, id) = after.unwrap_or((Millis(i64::MIN), 0));
    Ok(waiting::table
        .inner_join(remote_post::table.left_join(remote_author::table))
        .filter(waiting::since.gt(since).or(waiting::since.eq(since).and(waiting::question_id.gt(id))))
        .order((waiting::since, waiting::question_id))
        .limit(limit)
        .select((
            waiting::question_id,
            waiting::since,
            remote_post::network,
            remote_post::remote_author_id,
            remote_post::text,
            remote_post::lang,
            remote_post::url,
            remote_post::reply_path,
        ))
        .load(conn)?)
}

pub fn count(conn: &mut Conn) -> Result<i64, DbError> {
    Ok(waiting::table.count().get_result(conn)?)
}
