//! Threads whose asker waits for a word from us, and their rows in the queue of the desk.

use diesel::prelude::*;

use crate::bridge::outbound::state::Label;
use crate::bridge::{ChannelId, RemotePostId};
use crate::clock::Millis;
use crate::db::schema::{delivery, remote_author, remote_post, waiting};
use crate::db::{Conn, DbError, PostRef, Tx, per_database};
use crate::posts::{Origin, RemoteAuthorId};
use crate::queue::{self, Kind};

use super::queued;
use super::remote::{self, Fate, Path};

/// A row of the desk: the asker's newest post, and since when an answer is owed.
#[derive(Clone, Debug)]
pub struct WaitingRow {
    pub question_id: i64,
    pub newest: RemotePostId,
    /// The remote time of the oldest post that nobody answered.
    pub since: Millis,
    pub network: Origin,
    pub author_id: Option<RemoteAuthorId>,
    pub text: String,
    pub lang: Option<String>,
    pub url: String,
    /// Whether the network's API may answer any of the asker's posts in the thread.
    pub path: Path,
    /// The account of ours that was addressed.
    pub channel_id: ChannelId,
}

/// The asker wrote: the thread waits since then, or since the earlier post that waits already.
pub fn asker_wrote(tx: &mut Tx<'_>, question_id: i64, post: RemotePostId, posted_at: Millis) -> Result<(), DbError> {
    let row = (waiting::question_id.eq(question_id), waiting::remote_post_id.eq(post), waiting::since.eq(posted_at));
    let since: Option<Millis> = waiting::table.find(question_id).select(waiting::since).first(&mut **tx).optional()?;
    if let Some(since) = since {
        let updated = diesel::update(waiting::table.find(question_id))
            .set((waiting::remote_post_id.eq(post), waiting::since.eq(since.min(posted_at))))
            .execute(&mut **tx)?;
        if updated == 1 {
            return queued::waiting(tx, question_id, post, posted_at);
        }
    }
    // It waits for the first time, or was settled a moment ago.
    per_database!(&mut **tx, conn => diesel::insert_into(waiting::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    queued::waiting(tx, question_id, post, posted_at)
}

/// A post of the asker is gone: the thread waits with another one, or not any more.
pub fn forget(
    tx: &mut Tx<'_>,
    question_id: i64,
    gone: RemotePostId,
    newest: Option<RemotePostId>,
) -> Result<(), DbError> {
    let row = waiting::table.find(question_id).filter(waiting::remote_post_id.eq(gone));
    match newest {
        Some(newest) => {
            diesel::update(row).set(waiting::remote_post_id.eq(newest)).execute(&mut **tx)?;
        }
        None => {
            let gone = diesel::delete(row).execute(&mut **tx)?;
            closed(tx, question_id, gone)?;
        }
    };
    Ok(())
}

/// Something was sent, or staff say that no answer is needed, having seen the asker's words up to `seen`. `false`: the
/// asker wrote again since then and goes on waiting, or waits no more.
pub fn settle(tx: &mut Tx<'_>, question_id: i64, seen: RemotePostId) -> Result<bool, DbError> {
    let row = waiting::table.find(question_id).filter(waiting::remote_post_id.eq(seen));
    let settled = diesel::delete(row).execute(&mut **tx)?;
    closed(tx, question_id, settled)?;
    Ok(settled == 1)
}

/// Nobody waits in the thread any more, where `rows` went.
fn closed(tx: &mut Tx<'_>, question_id: i64, rows: usize) -> Result<(), DbError> {
    if rows > 0 {
        queue::close(tx, Kind::Mirrored, question_id)?;
    }
    Ok(())
}

/// The thread is gone: nobody waits in it.
pub fn end(tx: &mut Tx<'_>, question_id: i64) -> Result<(), DbError> {
    let ended = diesel::delete(waiting::table.find(question_id)).execute(&mut **tx)?;
    closed(tx, question_id, ended)
}

/// A colleague answered in the network's own app: what the asker wrote before that waits no more.
pub fn answered(tx: &mut Tx<'_>, question_id: i64, at: Millis) -> Result<(), DbError> {
    let earlier = remote_post::table
        .filter(remote_post::question_id.eq(question_id))
        .filter(remote_post::posted_at.le(at))
        .select(remote_post::id);
    let answered = diesel::delete(waiting::table.find(question_id).filter(waiting::remote_post_id.eq_any(earlier)))
        .execute(&mut **tx)?;
    closed(tx, question_id, answered)
}

type Row = (i64, RemotePostId, Millis, Origin, Option<RemoteAuthorId>, String, Option<String>, String, Path, ChannelId);

#[diesel::dsl::auto_type(no_type_alias)]
fn columns() -> _ {
    (
        waiting::question_id,
        waiting::remote_post_id,
        waiting::since,
        remote_post::network,
        remote_post::remote_author_id,
        remote_post::text,
        remote_post::lang,
        remote_post::url,
        remote_post::reply_path,
        remote_post::channel_id,
    )
}

/// Up to `limit` waiting threads after the cursor, longest waiting first.
pub fn list(conn: &mut Conn, after: Option<(Millis, i64)>, limit: i64) -> Result<Vec<WaitingRow>, DbError> {
    let (since, id) = after.unwrap_or((Millis(i64::MIN), 0));
    let rows: Vec<Row> = waiting::table
        .inner_join(remote_post::table.left_join(remote_author::table))
        .filter(waiting::since.gt(since).or(waiting::since.eq(since).and(waiting::question_id.gt(id))))
        .order((waiting::since, waiting::question_id))
        .limit(limit)
        .select(columns())
        .load(conn)?;
    dress(conn, rows)
}

/// Those of these threads that wait, in two queries.
pub fn list_of(conn: &mut Conn, threads: &[i64]) -> Result<Vec<WaitingRow>, DbError> {
    if threads.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = waiting::table
        .inner_join(remote_post::table)
        .filter(waiting::question_id.eq_any(threads))
        .select(columns())
        .load(conn)?;
    dress(conn, rows)
}

/// A thread may be answered by the API where any of the asker's posts in it may.
fn dress(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<WaitingRow>, DbError> {
    let threads: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let answerable: Vec<(Option<i64>, Option<RemoteAuthorId>)> = remote_post::table
        .filter(remote_post::question_id.eq_any(threads))
        .filter(remote_post::state.eq(Fate::Mirrored))
        .filter(remote_post::reply_path.eq(Path::Api))
        .select((remote_post::question_id, remote_post::remote_author_id))
        .distinct()
        .load(conn)?;
    let dressed =
        rows.into_iter().map(|(question_id, newest, since, network, author_id, text, lang, url, path, channel_id)| {
            let by_api = answerable.contains(&(Some(question_id), author_id));
            let path = if by_api { Path::Api } else { path };
            WaitingRow { question_id, newest, since, network, author_id, text, lang, url, path, channel_id }
        });
    Ok(dressed.collect())
}

/// Nothing stands or is to stand under this post any more: its author waits again. Nothing happens where something else
/// was sent to it, or where the post is gone.
pub fn reopen(tx: &mut Tx<'_>, question_id: i64, post: RemotePostId) -> Result<(), DbError> {
    let others = delivery::table.filter(delivery::remote_post_id.eq(post)).filter(delivery::state.ne(Label::Withdrawn));
    if diesel::select(diesel::dsl::exists(others)).get_result::<bool>(&mut **tx)? {
        return Ok(());
    }
    let posted_at: Option<Millis> = remote_post::table
        .find(post)
        .filter(remote_post::state.eq(Fate::Mirrored))
        .select(remote_post::posted_at)
        .first(&mut **tx)
        .optional()?;
    match posted_at {
        Some(posted_at) => asker_wrote(tx, question_id, post, posted_at),
        None => Ok(()),
    }
}

/// What was said to the asker did not help: they wait again since this post of theirs. `false`: it is none of a network.
pub fn wait_again(tx: &mut Tx<'_>, question_id: i64, post: PostRef) -> Result<bool, DbError> {
    let Some(row) = remote::find_by_post(tx, post)?.filter(|row| row.fate == Fate::Mirrored) else { return Ok(false) };
    if find(tx, question_id)?.is_none() {
        asker_wrote(tx, question_id, row.id, row.posted_at)?;
    }
    Ok(true)
}

/// The newest post of this thread's asker that waits for a word from us; `None`: none does.
pub fn find(conn: &mut Conn, question_id: i64) -> Result<Option<RemotePostId>, DbError> {
    Ok(waiting::table.find(question_id).select(waiting::remote_post_id).first(conn).optional()?)
}

pub fn count(conn: &mut Conn) -> Result<i64, DbError> {
    Ok(waiting::table.count().get_result(conn)?)
}
