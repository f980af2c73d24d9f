//! Threads whose asker waits for a word from us, and their rows in the queue of the desk.

use diesel::prelude::*;

use crate::bridge::outbound::state::Label;
use crate::bridge::{ChannelId, RemotePostId};
use crate::clock::Millis;
use crate::db::schema::{channel, delivery, remote_author, remote_post, waiting};
use crate::db::{Conn, DbError, PostRef, Tx, per_database};
use crate::posts::{Origin, RemoteAuthorId};
use crate::queue::{self, Kind};

use super::queued;
use super::remote::{self, Fate, Path, RemoteRow};

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

/// The asker wrote: the thread waits since then, or since the earlier post that waits already. What is older than words of
/// theirs that were answered arrived late, and waits no more: whoever answered the later words has answered the asker.
pub fn asker_wrote(tx: &mut Tx<'_>, question_id: i64, post: RemotePostId, posted_at: Millis) -> Result<(), DbError> {
    if is_answered(tx, question_id, posted_at)? { Ok(()) } else { wait(tx, question_id, post, posted_at) }
}

/// Whether a reply of ours goes to later words of the asker than those of this moment, or a colleague wrote later in the
/// network's own app. Of the same moment proves nothing: some networks count in seconds.
fn is_answered(conn: &mut Conn, question_id: i64, posted_at: Millis) -> Result<bool, DbError> {
    let later = delivery::table
        .inner_join(remote_post::table)
        .filter(delivery::question_id.eq(question_id))
        .filter(delivery::state.ne(Label::Withdrawn))
        .filter(remote_post::posted_at.gt(posted_at));
    if diesel::select(diesel::dsl::exists(later)).get_result::<bool>(conn)? {
        return Ok(true);
    }
    let by_colleague = remote_post::table
        .inner_join(remote_author::table)
        .inner_join(channel::table.on(channel::id.eq(remote_post::channel_id)))
        .filter(remote_post::question_id.eq(question_id))
        .filter(remote_post::state.eq(Fate::Mirrored))
        .filter(remote_post::posted_at.gt(posted_at))
        .filter(remote_author::remote_id.eq(channel::remote_id));
    Ok(diesel::select(diesel::dsl::exists(by_colleague)).get_result(conn)?)
}

/// The thread waits for an answer to this post, whatever was said before.
fn wait(tx: &mut Tx<'_>, question_id: i64, post: RemotePostId, posted_at: Millis) -> Result<(), DbError> {
    let row = (waiting::question_id.eq(question_id), waiting::remote_post_id.eq(post), waiting::since.eq(posted_at));
    let known: Option<(RemotePostId, Millis, Millis)> = waiting::table
        .inner_join(remote_post::table)
        .filter(waiting::question_id.eq(question_id))
        .select((waiting::remote_post_id, remote_post::posted_at, waiting::since))
        .first(&mut **tx)
        .optional()?;
    if let Some((known, written_at, since)) = known {
        // Posts arrive in any order.
        let newest = if (posted_at, post) >= (written_at, known) { post } else { known };
        let updated = diesel::update(waiting::table.find(question_id))
            .set((waiting::remote_post_id.eq(newest), waiting::since.eq(since.min(posted_at))))
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

/// A post of the asker is gone: the thread waits with the newest other one of theirs, or not any more if that was answered
/// before this one came.
pub fn forget(
    tx: &mut Tx<'_>,
    question_id: i64,
    gone: RemotePostId,
    newest: Option<&RemoteRow>,
) -> Result<(), DbError> {
    let row = waiting::table.find(question_id).filter(waiting::remote_post_id.eq(gone));
    if let Some(newest) = newest {
        let unanswered = row.filter(waiting::since.le(newest.posted_at));
        if diesel::update(unanswered).set(waiting::remote_post_id.eq(newest.id)).execute(&mut **tx)? == 1 {
            return Ok(());
        }
    }
    let rows = diesel::delete(row).execute(&mut **tx)?;
    closed(tx, question_id, rows)
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
    closed(tx, question_id, answered)?;
    // What they wrote since then goes on waiting, and no longer than it stands there.
    let Some(asker) = remote::find_asker(tx, question_id)? else { return Ok(()) };
    let posts = remote::list_of_asker(tx, question_id, asker)?;
    if let Some(oldest) = posts.iter().map(|post| post.posted_at).filter(|posted_at| *posted_at > at).min() {
        diesel::update(waiting::table.find(question_id).filter(waiting::since.le(at)))
            .set(waiting::since.eq(oldest))
            .execute(&mut **tx)?;
    }
    Ok(())
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
        Some(posted_at) => wait(tx, question_id, post, posted_at),
        None => Ok(()),
    }
}

/// What was said to the asker did not help: they wait again since this post of theirs. `false`: it is none of a network.
pub fn wait_again(tx: &mut Tx<'_>, question_id: i64, post: PostRef) -> Result<bool, DbError> {
    let Some(row) = remote::find_by_post(tx, post)?.filter(|row| row.fate == Fate::Mirrored) else { return Ok(false) };
    if find(tx, question_id)?.is_none() {
        wait(tx, question_id, row.id, row.posted_at)?;
    }
    Ok(true)
}

/// A thread that was out of sight is shown again: its asker waits with their newest post, unless a reply of ours was written
/// after it had come, or a colleague answered it in the network's own app.
pub fn bring_back(tx: &mut Tx<'_>, question_id: i64) -> Result<(), DbError> {
    let Some(asker) = remote::find_asker(tx, question_id)? else { return Ok(()) };
    let posts = remote::list_of_asker(tx, question_id, asker)?;
    let Some(newest) = posts.iter().find(|post| post.fate == Fate::Mirrored) else { return Ok(()) };
    let received_at: Millis = remote_post::table.find(newest.id).select(remote_post::received_at).first(&mut **tx)?;
    let said_since = delivery::table
        .filter(delivery::question_id.eq(question_id))
        .filter(delivery::state.ne(Label::Withdrawn))
        .filter(delivery::created_at.ge(received_at));
    if diesel::select(diesel::dsl::exists(said_since)).get_result::<bool>(&mut **tx)? {
        return Ok(());
    }
    asker_wrote(tx, question_id, newest.id, newest.posted_at)
}

/// The newest post of this thread's asker that waits for a word from us; `None`: none does.
pub fn find(conn: &mut Conn, question_id: i64) -> Result<Option<RemotePostId>, DbError> {
    Ok(waiting::table.find(question_id).select(waiting::remote_post_id).first(conn).optional()?)
}

pub fn count(conn: &mut Conn) -> Result<i64, DbError> {
    Ok(waiting::table.count().get_result(conn)?)
}
