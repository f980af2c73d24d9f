//! What of an answer counts for its author: that staff vouch for it, and that who asked accepted it. Told to the
//! reputation in the transaction of either.

pub(super) mod store;

use super::AnswerId;
use crate::clock::Millis;
use crate::db::{DbError, Tx};
use crate::posts::{self, Author, Readers};
use crate::questions::QuestionId;
use crate::reputation::{self, Event};

/// Staff vouch for it, or do no more.
pub(super) fn count_verified(tx: &mut Tx<'_>, id: AnswerId, counts: bool, now: Millis) -> Result<(), DbError> {
    count(tx, id, Event::Verified { answer: id.0 }, counts, now)
}

/// Who asked accepted it, or does no more. One's own answer to one's own question counts for nothing, nor does what one says of
/// one's own answer, nor what nobody but the asker reads.
pub(super) fn count_accepted(
    tx: &mut Tx<'_>,
    id: AnswerId,
    question: QuestionId,
    counts: bool,
    now: Millis,
) -> Result<(), DbError> {
    let author = posts::find_author(tx, id.post())?;
    let by = store::find_accepted_by(tx, id)?.map(Author::Member);
    let is_own = author == posts::find_author(tx, question.post())? || (by.is_some() && author == by);
    let is_public = posts::find_readers(tx, question.0)? == Readers::Everybody;
    count(tx, id, Event::Accepted { answer: id.0 }, counts && !is_own && is_public, now)
}

fn count(tx: &mut Tx<'_>, id: AnswerId, event: Event, counts: bool, now: Millis) -> Result<(), DbError> {
    match posts::find_author(tx, id.post())?.and_then(Author::member) {
        Some(author) => reputation::set(tx, author, event, counts, now),
        None => Ok(()),
    }
}
