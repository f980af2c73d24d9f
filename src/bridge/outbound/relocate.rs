//! A post that moves to a thread of its own, or back: its tie to the network, and whether its author waits there.

use crate::bridge::store::{deliveries, places, remote, waiting};
use crate::db::{Conn, DbError, PostKind, PostRef, Tx};

/// Whether the words of a post were sent by us, or are to be.
pub fn is_sent(conn: &mut Conn, post: PostRef) -> Result<bool, DbError> {
    deliveries::is_carried(conn, post)
}

/// Whether anything of ours was sent in a thread, or is to be.
pub fn is_answered(conn: &mut Conn, question_id: i64) -> Result<bool, DbError> {
    deliveries::has_any(conn, question_id)
}

/// A post became the question of a new thread: replies to the remote post behind it belong there from now on, and its
/// author waits there unless we answered that post.
pub fn to_question(tx: &mut Tx<'_>, post: PostRef, from: i64, to: i64) -> Result<(), DbError> {
    let Some(row) = remote::find_by_post(tx, post)? else { return Ok(()) };
    places::set_place(tx, row.id, PostRef { kind: PostKind::Question, id: to }, to)?;
    let posts = match remote::find_asker(tx, from)? {
        Some(asker) => remote::list_of_asker(tx, from, asker)?,
        None => Vec::new(),
    };
    waiting::forget(tx, from, row.id, posts.first())?;
    waiting::reopen(tx, to, row.id)
}

/// A question becomes the post again that it was. The asker of that thread waits there again if it is their post.
pub fn back(tx: &mut Tx<'_>, post: PostRef, to: i64, question_id: i64) -> Result<(), DbError> {
    waiting::end(tx, question_id)?;
    let Some(row) = remote::find_by_post(tx, PostRef { kind: PostKind::Question, id: question_id })? else {
        return Ok(());
    };
    places::set_place(tx, row.id, post, to)?;
    if row.author.is_some() && remote::find_asker(tx, to)? == row.author && post.kind == PostKind::Comment {
        waiting::reopen(tx, to, row.id)?;
    }
    Ok(())
}
