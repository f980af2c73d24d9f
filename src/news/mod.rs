//! News: a post that its readers see for the first time, on its way to those of them who want to hear of it: of a private
//! thread its asker and the desk.
//!
//! Whoever shows such a post notes it here, in the same transaction; a loop tells the followers, a batch in a transaction, so
//! that ten thousand of them take no request's time. Owns the table `news`, whose rows go when everybody was told. A post
//! that is out of sight by then is told to nobody. Whoever is meant by several rules hears of a post once.

mod spread;
mod store;

pub use spread::start;

use crate::clock::Millis;
use crate::db::{DbError, PostKind, PostRef, Tx};
use crate::follows;
use crate::members::MemberId;
use crate::posts::Author;

/// A post that is shown to its readers from now on.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    pub post: PostRef,
    pub question_id: i64,
    pub author: Author,
    pub at: Millis,
}

/// Notes a post for the loop. A member who asks or answers follows the thread from now on, unless they chose otherwise. Once
/// more changes nothing.
pub fn shown(tx: &mut Tx<'_>, new: Shown) -> Result<(), DbError> {
    store::note(tx, &new)?;
    match new.author.member() {
        Some(author) if new.post.kind != PostKind::Comment => follows::wrote_in(tx, author, new.question_id, new.at),
        _ => Ok(()),
    }
}

/// A post has other words: whom they name hears of it, who has not heard of this post before. Its followers hear nothing.
/// While the post itself is still being told, its new words are looked at with that.
pub fn edited(tx: &mut Tx<'_>, post: PostRef, by: MemberId) -> Result<(), DbError> {
    store::note_names(tx, post, by)
}
