//! The photos of remote authors, fetched when they are due, and where an author is shown.

use diesel::prelude::*;

use super::pictures;
use super::remote::Fate;
use crate::clock::Millis;
use crate::db::schema::{remote_author, remote_post};
use crate::db::{Conn, DbError, Tx};
use crate::posts::RemoteAuthorId;
use crate::private;

/// The newest threads of one author that are told of when the author is another.
const TOLD: i64 = 1_000;

/// The name or the photo of an author is another: the pages of their threads show it.
pub(super) fn shown_anew(tx: &mut Tx<'_>, id: RemoteAuthorId) -> Result<(), DbError> {
    let threads: Vec<i64> = remote_post::table
        .filter(remote_post::remote_author_id.eq(id))
        .filter(remote_post::question_id.is_not_null())
        .order((remote_post::posted_at.desc(), remote_post::id.desc()))
        .limit(TOLD)
        .select(remote_post::question_id.assume_not_null())
        .load(&mut **tx)?;
    if i64::try_from(threads.len()).is_ok_and(|many| many >= TOLD) {
        tx.shown_everywhere();
    } else {
        threads.into_iter().for_each(|thread| tx.shown_in(thread));
    }
    Ok(())
}

/// The next author whose photo is due, with its address.
pub fn find_picture_due(conn: &mut Conn, now: Millis) -> Result<Option<(RemoteAuthorId, String)>, DbError> {
    Ok(remote_author::table
        .filter(remote_author::picture_due_at.le(now))
        // One that is due without an address would stand before all others for ever.
        .filter(remote_author::picture_url.is_not_null())
        .order(remote_author::picture_due_at)
        .select((remote_author::id, remote_author::picture_url.assume_not_null()))
        .first::<(RemoteAuthorId, String)>(conn)
        .optional()?)
}

/// Puts the next try off before it is made, so that one photo that cannot be had does not hold up the others. `false`:
/// the author's photo is not at `url` any more.
pub fn set_picture_due(tx: &mut Tx<'_>, id: RemoteAuthorId, url: &str, due: Millis) -> Result<bool, DbError> {
    let changed = diesel::update(remote_author::table.find(id))
        .filter(remote_author::picture_url.eq(url))
        .set(remote_author::picture_due_at.eq(Some(due)))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}

/// Stores the photo that was fetched from `url` under its hash and ties it to its author; the one before goes when
/// nobody shows it any more. `false`: the author was erased or has another photo by now, and nothing was stored.
pub fn set_picture(
    tx: &mut Tx<'_>,
    id: RemoteAuthorId,
    url: &str,
    hash: &str,
    bytes: &[u8],
    now: Millis,
) -> Result<bool, DbError> {
    // First, because it locks the author: an erasure at the same moment waits, and then finds the photo.
    let done = diesel::update(remote_author::table.find(id))
        .filter(remote_author::picture_url.eq(url))
        .set(remote_author::picture_due_at.eq(None::<Millis>))
        .execute(&mut **tx)?;
    if done == 0 {
        return Ok(false);
    }
    let before: Option<String> = remote_author::table.find(id).select(remote_author::picture_hash).first(&mut **tx)?;
    pictures::keep(tx, hash, bytes, now)?;
    diesel::update(remote_author::table.find(id)).set(remote_author::picture_hash.eq(Some(hash))).execute(&mut **tx)?;
    shown_anew(tx, id)?;
    if let Some(before) = before {
        pictures::release(tx, &before)?;
    }
    Ok(true)
}

/// Removes the photo of an author who has nothing left here; the picture goes when nobody shows it.
pub fn forget_author_if_unused(tx: &mut Tx<'_>, id: RemoteAuthorId) -> Result<(), DbError> {
    let shown = remote_post::table.filter(remote_post::remote_author_id.eq(id)).filter(remote_post::state.eq_any([
        Fate::Mirrored,
        Fate::Held,
        Fate::Ours,
    ]));
    if diesel::select(diesel::dsl::exists(shown)).get_result::<bool>(&mut **tx)? {
        return Ok(());
    }
    shown_anew(tx, id)?;
    let hash: Option<String> =
        remote_author::table.find(id).select(remote_author::picture_hash).first(&mut **tx).optional()?.flatten();
    diesel::update(remote_author::table.find(id))
        .set((
            remote_author::picture_hash.eq(None::<String>),
            remote_author::picture_url.eq(None::<String>),
            remote_author::picture_due_at.eq(None::<Millis>),
        ))
        .execute(&mut **tx)?;
    // Who writes to us in private keeps a name, which staff alone see.
    if !private::has_thread_with(tx, id)? {
        diesel::update(remote_author::table.find(id))
            .set((remote_author::name.eq(""), remote_author::handle.eq("")))
            .execute(&mut **tx)?;
    }
    hash.map_or(Ok(()), |hash| pictures::release(tx, &hash))
}
