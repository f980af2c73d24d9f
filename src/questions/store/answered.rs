//! What a question knows of its answers and of who has it too: how many there are, how many of them helped the asker,
//! which one staff vouch for, how many people are affected.

use diesel::prelude::*;

use super::merged::{find_merged_into, hold_whole};
use super::{changed, is_open, touched, written};
use crate::clock::Millis;
use crate::db::schema::question;
use crate::db::{DbError, Tx};
use crate::posts::HiddenAs;
use crate::questions::QuestionId;
use crate::queue::{self, Kind};

/// So many more (or, below nothing, fewer) of its answers are accepted.
pub fn accepted(tx: &mut Tx<'_>, id: QuestionId, difference: i64, now: Millis) -> Result<(), DbError> {
    let whole = hold_whole(tx, id)?;
    let goes_on = is_open!().or(question::hidden_as.assume_not_null().eq(HiddenAs::Merged));
    let done = diesel::update(question::table.find(id))
        .filter(goes_on)
        .set(question::accepted_count.eq(question::accepted_count + difference))
        .execute(&mut **tx)?;
    written(tx, done, id, now)?;
    if let Some(whole) = whole {
        diesel::update(question::table.find(whole))
            .set(question::accepted_count.eq(question::accepted_count + difference))
            .execute(&mut **tx)?;
        changed(tx, whole, now);
    }
    if difference > 0 {
        for thread in std::iter::once(id).chain(whole) {
            queue::close(tx, Kind::Asked, thread.0)?;
        }
    }
    Ok(())
}

/// Notes how many answers a thread shows with those of the threads that are part of it, and how many of them are accepted.
pub fn set_answer_counts(
    tx: &mut Tx<'_>,
    id: QuestionId,
    answers: i64,
    accepted: i64,
    now: Millis,
) -> Result<(), DbError> {
    diesel::update(question::table.find(id))
        .set((question::answer_count.eq(answers), question::accepted_count.eq(accepted)))
        .execute(&mut **tx)?;
    changed(tx, id, now);
    Ok(())
}

/// Notes how many people have this too, out of sight or not.
pub fn set_affected(tx: &mut Tx<'_>, id: QuestionId, people: i64, now: Millis) -> Result<(), DbError> {
    diesel::update(question::table.find(id)).set(question::affected.eq(people)).execute(&mut **tx)?;
    changed(tx, id, now);
    Ok(())
}

/// Notes which answer staff vouch for, in this thread or in one that is part of it, or that none is.
pub fn set_verified(tx: &mut Tx<'_>, id: QuestionId, answer_id: Option<i64>, now: Millis) -> Result<(), DbError> {
    if answer_id.is_some() {
        queue::close(tx, Kind::Asked, id.0)?;
    }
    let goes_on = is_open!().or(question::hidden_as.assume_not_null().eq(HiddenAs::Merged));
    let done = diesel::update(question::table.find(id))
        .filter(goes_on)
        .set(question::verified_answer_id.eq(answer_id))
        .execute(&mut **tx)?;
    written(tx, done, id, now)
}

/// One answer more.
pub fn answered(tx: &mut Tx<'_>, id: QuestionId, now: Millis) -> Result<(), DbError> {
    let whole = hold_whole(tx, id)?;
    // What is said in a thread that is out of sight counts there, too: it may come back.
    let kept = question::removed_at.is_null().or(question::hidden_as.is_not_null());
    let done = diesel::update(question::table.find(id))
        .filter(kept)
        .set(question::answer_count.eq(question::answer_count + 1))
        .execute(&mut **tx)?;
    written(tx, done, id, now)?;
    touched(tx, id, now)?;
    // It is shown in the thread that this one is part of.
    if let Some(whole) = whole {
        add_answers(tx, whole, 1, 0, now)?;
        touched(tx, whole, now)?;
    }
    Ok(())
}

/// So many more answers, and accepted ones among them; below nothing, fewer.
fn add_answers(tx: &mut Tx<'_>, id: QuestionId, answers: i64, accepted: i64, now: Millis) -> Result<(), DbError> {
    let counts = (
        question::answer_count.eq(question::answer_count + answers),
        question::accepted_count.eq(question::accepted_count + accepted),
    );
    diesel::update(question::table.find(id)).set(counts).execute(&mut **tx)?;
    changed(tx, id, now);
    Ok(())
}

/// As [`add_answers`], of a thread and of the one that it is part of.
fn add_in_whole(tx: &mut Tx<'_>, id: QuestionId, answers: i64, accepted: i64, now: Millis) -> Result<(), DbError> {
    let whole = hold_whole(tx, id)?;
    whole.into_iter().chain([id]).try_for_each(|thread| add_answers(tx, thread, answers, accepted, now))
}

/// One answer less; where it was accepted, one accepted one less; where it was the verified one, none is, before the
/// verifications name another.
pub fn answer_removed(
    tx: &mut Tx<'_>,
    id: QuestionId,
    answer_id: i64,
    was_accepted: bool,
    now: Millis,
) -> Result<(), DbError> {
    add_in_whole(tx, id, -1, -i64::from(was_accepted), now)?;
    let whole = find_merged_into(tx, id)?.unwrap_or(id);
    diesel::update(question::table.filter(question::id.eq_any([id, whole])))
        .filter(question::verified_answer_id.eq(answer_id))
        .set(question::verified_answer_id.eq(None::<i64>))
        .execute(&mut **tx)?;
    Ok(())
}

/// An answer is shown again, perhaps an accepted one.
pub fn answer_returned(tx: &mut Tx<'_>, id: QuestionId, is_accepted: bool, now: Millis) -> Result<(), DbError> {
    add_in_whole(tx, id, 1, i64::from(is_accepted), now)
}
