//! The tie between a remote post and the post here that stands for it, as it moves from thread to thread; and the language
//! in which a thread is held.

use diesel::prelude::*;

use super::remote::{Fate, find_asker};
use crate::bridge::RemotePostId;
use crate::db::schema::remote_post;
use crate::db::{Conn, DbError, PostRef, Tx};

/// The language of the asker's newest words in a thread, as the network names it.
pub fn find_lang(conn: &mut Conn, question_id: i64) -> Result<Option<String>, DbError> {
    let Some(asker) = find_asker(conn, question_id)? else { return Ok(None) };
    Ok(remote_post::table
        .filter(remote_post::question_id.eq(question_id))
        .filter(remote_post::remote_author_id.eq(asker))
        .filter(remote_post::state.eq_any([Fate::Mirrored, Fate::Held]))
        .filter(remote_post::lang.is_not_null())
        // What has no words has no language.
        .filter(remote_post::lang.assume_not_null().ne("und"))
        .order((remote_post::posted_at.desc(), remote_post::id.desc()))
        .select(remote_post::lang.assume_not_null())
        .first(conn)
        .optional()?)
}

/// Ties a remote post to another post here, in whichever thread.
pub fn set_place(tx: &mut Tx<'_>, id: RemotePostId, post: PostRef, question_id: i64) -> Result<(), DbError> {
    diesel::update(remote_post::table.find(id))
        .set((
            remote_post::post_kind.eq(Some(post.kind)),
            remote_post::post_id.eq(Some(post.id)),
            remote_post::question_id.eq(Some(question_id)),
        ))
        .execute(&mut **tx)?;
    tx.shown_in(question_id);
    Ok(())
}
