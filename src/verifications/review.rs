//! What staff make of an answer without vouching for it: that they saw it, and that they do not verify it.

use super::act::{note, tell};
use super::store;
use crate::answers::{self, Answer, AnswerId};
use crate::audit::Act;
use crate::clock::Millis;
use crate::db::{DbError, Tx};
use crate::members::MemberId;
use crate::notices::Kind;
use crate::queue;

pub(super) use store::review::forget_refusal;
pub use store::review::{Review, find as find_review, is_seen};

/// A colleague reads this answer before verifying it. Its author is told so, once. `false`: somebody read it before.
pub fn note_seen(tx: &mut Tx<'_>, answer: &Answer, by: MemberId, now: Millis) -> Result<bool, DbError> {
    if !store::review::mark_seen(tx, answer.id, by, now)? {
        return Ok(false);
    }
    if let Some(author) = answer.author.member() {
        tell(tx, author, Kind::Seen, answer, Some(by), "", now)?;
    }
    Ok(true)
}

/// Staff do not vouch for these words, and say why. `false`, and nothing happens: the answer says something else by now, or
/// somebody was faster.
pub fn refuse(
    tx: &mut Tx<'_>,
    id: AnswerId,
    revision: i64,
    by: MemberId,
    why: &str,
    now: Millis,
) -> Result<bool, DbError> {
    let Some(answer) = answers::find(tx, id)? else { return Err(diesel::result::Error::NotFound.into()) };
    let live = store::find_live(tx, id)?.is_some_and(|record| record.revision == revision);
    let is_settled = live || store::find_awaiting(tx, id)?.is_some_and(|record| record.revision == revision);
    if answer.revision != revision || is_settled || !store::review::mark_refused(tx, id, revision, by, why, now)? {
        return Ok(false);
    }
    queue::close(tx, queue::Kind::Verify, id.0)?;
    if let Some(author) = answer.author.member() {
        tell(tx, author, Kind::Refused, &answer, Some(by), why, now)?;
    }
    note(tx, Act::Refuse, Some(by), &answer, why.to_owned(), now)?;
    Ok(true)
}
