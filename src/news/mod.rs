//! News: a post that its readers see for the first time, on its way to those of them who want to hear of it: of a private
//! thread its asker and the desk.
//!
//! Whoever shows such a post notes it here, in the same transaction; a loop tells the followers, a batch in a transaction, so
//! that ten thousand of them take no request's time. Owns the tables `news` and `to_search`, whose rows go when everybody was
//! told. A post that is out of sight by then is told to nobody. Whoever is meant by several rules hears of a post once.
//!
//! What a followed search finds it does not know: the search takes the new questions from here, and says what was found.

mod spread;
mod store;

pub use spread::start;
pub use store::searching::list_to_search;

use crate::clock::Millis;
use crate::db::{Db, DbError, PostKind, PostRef, Tx};
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
    if new.post.kind == PostKind::Question
        && let Some(newest) = follows::newest_search(tx)?
    {
        store::searching::note(tx, new.question_id, new.author.member(), newest)?;
    }
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

/// New questions, each to be asked of the searches that were followed when it was shown, and the last search that all of
/// them were asked of.
#[derive(Clone, Debug)]
pub struct ToSearch {
    pub asked_up_to: i64,
    pub questions: Vec<Unsearched>,
}

#[derive(Clone, Copy, Debug)]
pub struct Unsearched {
    id: i64,
    pub question_id: i64,
    pub by: Option<MemberId>,
    /// Later ones are not asked.
    pub last_search: i64,
}

/// A search finds a new question.
#[derive(Clone, Copy, Debug)]
pub struct Find {
    pub search_id: i64,
    pub question_id: i64,
    pub by: Option<MemberId>,
}

/// Notes what the searches up to this one found among these: its followers are told. Where another node was faster, or a
/// question changed meanwhile, nothing is noted, and they are to be looked at again.
pub async fn searched(db: &Db, these: ToSearch, up_to: i64, finds: Vec<Find>) -> Result<(), DbError> {
    match db.write(move |tx| store::searching::searched(tx, &these, up_to, &finds)).await {
        Err(DbError::Query(diesel::result::Error::RollbackTransaction)) => Ok(()),
        other => other,
    }
}
