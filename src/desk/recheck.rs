//! What must be checked again: its verification becomes stale, it waits in the queue, and what has not left of it stays
//! here. `put_up_due` is done from time to time; the other causes are acts of staff.

use super::words;
use crate::bridge::outbound;
use crate::clock::Millis;
use crate::db::{DbError, Tx};
use crate::verifications::{self, State, VerificationId};

/// Puts a verification up for being checked again, and withdraws what has not left. `false`: it does not stand any more.
pub fn put_up(tx: &mut Tx<'_>, id: VerificationId, why: &str, now: Millis) -> Result<bool, DbError> {
    match verifications::put_up(tx, id, why, now)? {
        Ok(record) => {
            // Nothing is on its way of what awaited its second person.
            if matches!(record.state, State::Awaiting { .. }) {
                return Ok(true);
            }
            outbound::withdraw_answer(tx, record.question_id.0, record.answer_id.0, None, now)?;
            Ok(true)
        }
        Err(_) => Ok(false),
    }
}

/// Puts up what has ended and what a release has overtaken, at most so many; says how many there were.
pub fn put_up_due(tx: &mut Tx<'_>, now: Millis, most: i64) -> Result<usize, DbError> {
    let mut done = 0;
    for (id, why) in verifications::list_suspects(tx, now, most)? {
        if put_up(tx, id, &why, now)? {
            done += 1;
        }
    }
    Ok(done)
}

/// Ends the verifications of answers that were removed for good, at most so many.
pub fn end_gone(tx: &mut Tx<'_>, now: Millis, most: i64) -> Result<usize, DbError> {
    let gone = verifications::list_of_gone(tx, most)?;
    for id in &gone {
        // One that was ended a moment ago needs no end.
        let _ended = verifications::withdraw(tx, *id, None, words::ANSWER_REMOVED, now)?;
    }
    Ok(gone.len())
}
