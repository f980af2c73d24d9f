//! Freshness: what makes a verification stale. An end date that has passed, a release of the product it names, an asker for
//! whom the answer did not work, a success rate that falls.

use std::time::Duration;

use super::act::{self, note, tell};
use super::state::{self, Event, Facts, NotAllowed, State};
use super::words;
use super::{Record, Scope, VerificationId, store};
use crate::answers;
use crate::audit::{self, Act, Entry};
use crate::clock::Millis;
use crate::db::{DbError, Tx};
use crate::members::MemberId;
use crate::notices::Kind;
use crate::queue;

pub use store::releases::{Release, list as list_releases};

/// Fewer results say nothing about an answer.
const FEWEST_RESULTS: i64 = 4;
/// Older ones say nothing about today.
pub const RESULTS_COUNT_FOR: Duration = Duration::from_secs(90 * 24 * 3600);

/// What must be checked again now and why, at most so many: what has ended, and what a release has overtaken.
pub fn list_suspects(tx: &mut Tx<'_>, now: Millis, most: i64) -> Result<Vec<(VerificationId, String)>, DbError> {
    let mut suspects: Vec<(VerificationId, String)> = store::list_ended(tx, now, most)?
        .into_iter()
        .map(|(id, until)| (id, words::until_has_passed(&until.to_day())))
        .collect();
    for release in store::releases::list_unsettled(tx)? {
        let left = most.saturating_sub(i64::try_from(suspects.len()).unwrap_or(i64::MAX));
        let overtaken = store::releases::list_overtaken(tx, &release, left)?;
        if i64::try_from(overtaken.len()).is_ok_and(|found| found < left) {
            store::releases::mark_settled(tx, release.id, now)?;
        }
        let why = words::release_came_out(&release.product, &release.version);
        let is_new = |id: &VerificationId| suspects.iter().all(|(known, _)| known != id);
        let found: Vec<_> = overtaken.into_iter().filter(is_new).map(|id| (id, why.clone())).collect();
        suspects.extend(found);
    }
    Ok(suspects)
}

/// Puts a verification up for being checked again; the author of its answer is told. One that awaits its second person ends
/// with a word to the first, and the answer waits again for whoever verifies it. `Err`: it does not stand any more. What has
/// not left of it is the caller's to withdraw. Returns the record as it was.
pub fn put_up(
    tx: &mut Tx<'_>,
    id: VerificationId,
    why: &str,
    now: Millis,
) -> Result<Result<Record, NotAllowed>, DbError> {
    let record = act::hold_record(tx, id)?;
    let Some(answer) = answers::find(tx, record.answer_id)? else {
        return Ok(put_up_unseen(tx, &record, why, now)?.map(|()| record));
    };
    if let Err(refusal) = act::step(tx, &record, &Event::WentStale { why: why.to_owned() }, &answer, now)? {
        return Ok(Err(refusal));
    }
    if matches!(record.state, State::Awaiting { .. }) {
        answers::await_review(tx, answer.id, answer.question_id, now)?;
        tell(tx, record.by, Kind::NotConfirmed, &answer, None, why, now)?;
    } else if let Some(author) = answer.author.member() {
        tell(tx, author, Kind::Stale, &answer, None, why, now)?;
    }
    note(tx, Act::PutUp, None, &answer, why.to_owned(), now)?;
    Ok(Ok(record))
}

/// The same for an answer that is not shown now: there is nobody to tell before it comes back.
fn put_up_unseen(tx: &mut Tx<'_>, record: &Record, why: &str, now: Millis) -> Result<Result<(), NotAllowed>, DbError> {
    let facts = Facts { now, first: record.by, authors: &[], is_newest: true };
    let next = match state::next(&record.state, &Event::WentStale { why: why.to_owned() }, facts) {
        Ok(next) => next,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if !store::step(tx, record, &next, None)? {
        return Ok(Err(NotAllowed::Late(next.label())));
    }
    if matches!(record.state, State::Awaiting { .. }) {
        queue::close(tx, queue::Kind::Second, record.id.0)?;
        return Ok(Ok(()));
    }
    act::wait(tx, queue::Kind::Recheck, record.id, record.question_id, now).map(Ok)
}

/// Whether these results of the last 90 days say that an answer helps fewer than half: the sentence that says so.
pub fn falls(worked: i64, broken: i64) -> Option<String> {
    let told = worked + broken;
    (told >= FEWEST_RESULTS && worked * 2 < told).then(|| words::helps_few(worked, told))
}

/// Staff say that a version of a product came out. `None`: it was entered before.
pub fn enter_release(tx: &mut Tx<'_>, of: &Scope, by: MemberId, now: Millis) -> Result<Option<i64>, DbError> {
    let Scope { product, version, .. } = of;
    let Some(id) = store::releases::insert(tx, product, version, by, now)? else { return Ok(None) };
    let words = format!("{product} {version}");
    let (subject, question_id) = (format!("release-{id}"), None);
    audit::record(tx, &Entry { by: Some(by), act: Act::EnterRelease, subject, question_id, words, at: now })?;
    Ok(Some(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_falls_when_it_helps_fewer_than_half_of_four_or_more() {
        for (worked, broken, expected) in
            [(0, 3, false), (1, 3, true), (2, 2, false), (2, 3, true), (9, 1, false), (0, 0, false)]
        {
            assert_eq!(falls(worked, broken).is_some(), expected, "{worked} worked, {broken} did not");
        }
    }
}
