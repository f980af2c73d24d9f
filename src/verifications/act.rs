//! What people do with a verification. Each act asks the one transition function, moves the row by compare-and-swap, and
//! carries the consequences: what is shown, what is verified, who is told, what waits in the queue, the line in the log.

use super::state::{self, Event, Facts, NotAllowed, State};
use super::words;
use super::{NewVerification, Record, VerificationId, store};
use crate::answers::{self, Answer};
use crate::audit::{self, Act, Entry};
use crate::clock::Millis;
use crate::db::{Conn, DbError, Tx};
use crate::members::MemberId;
use crate::notices::{self, NewNotice};
use crate::questions::{self, Question, QuestionId};
use crate::queue::{self, Item, Kind};
use crate::topics;

/// What this site and this topic ask for.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// The site has one staff member only, and lets them verify their own words.
    pub single_staff: bool,
}

/// What became of vouching.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vouched {
    pub id: VerificationId,
    /// The topic asks for a second person: nothing is verified yet, and nothing may leave.
    pub awaits_second: bool,
}

/// Somebody vouches for the newest revision of an answer. It takes the place of an earlier verification that is being
/// checked again, or that was given to earlier words. Hold the answer's thread before ([`answers::hold`]), as with every act
/// here: one that finds its way to the answer by itself does so first.
pub fn vouch(
    tx: &mut Tx<'_>,
    new: &NewVerification,
    rules: Rules,
    now: Millis,
) -> Result<Result<Vouched, NotAllowed>, DbError> {
    let Some(answer) = answers::find(tx, new.answer_id)? else { return Err(diesel::result::Error::NotFound.into()) };
    if answer.revision != new.revision {
        return Ok(Err(NotAllowed::Changed));
    }
    let authors = authors(tx, &answer, new.revision)?;
    let question = questions::find_in_whole(tx, answer.question_id)?.ok_or(diesel::result::Error::NotFound)?;
    let needs_second = needs_second(tx, &question)?;
    let begun = match state::begin(new.by, &authors, rules.single_staff, needs_second, new.valid_until) {
        Ok(begun) => begun,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Some(earlier) = store::find_awaiting(tx, new.answer_id)? {
        if earlier.revision == new.revision {
            return Ok(Err(NotAllowed::Late(earlier.state.label())));
        }
        let gone = Event::Withdrawn { by: Some(new.by), why: words::CHANGED_BEFORE_CONFIRMED.to_owned() };
        if let Err(refusal) = step(tx, &earlier, &gone, &answer, now)? {
            return Ok(Err(refusal));
        }
    }
    // Awaiting at first in any case: an earlier one gives way to it by its id.
    let id = store::insert(tx, new, now)?;
    let awaits_second = matches!(begun, State::Awaiting { .. });
    if awaits_second {
        queue::close(tx, Kind::Verify, answer.id.0)?;
        wait(tx, Kind::Second, id, answer.question_id, now)?;
    } else {
        let record = store::load_record(tx, id)?;
        if let Err(refusal) = take_the_place(tx, &record, &answer, now)? {
            return Ok(Err(refusal));
        }
        if !store::step(tx, &record, &begun, None)? {
            return Ok(Err(NotAllowed::Late(record.state.label())));
        }
        stands(tx, &record, &answer, new.by, now)?;
    }
    let words = format!("for {}: {}", new.scope, new.evidence);
    note(tx, Act::Verify, Some(new.by), &answer, words, now)?;
    Ok(Ok(Vouched { id, awaits_second }))
}

/// A second person vouches as well: from now on it stands.
pub fn confirm(
    tx: &mut Tx<'_>,
    id: VerificationId,
    by: MemberId,
    now: Millis,
) -> Result<Result<Record, NotAllowed>, DbError> {
    let record = store::load_record(tx, id)?;
    let Some(answer) = answers::find(tx, record.answer_id)? else { return Err(diesel::result::Error::NotFound.into()) };
    let authors = authors(tx, &answer, record.revision)?;
    let confirmed = match state::next(&record.state, &Event::Confirmed { by }, facts(&record, &answer, &authors, now)) {
        Ok(confirmed) => confirmed,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Err(refusal) = take_the_place(tx, &record, &answer, now)? {
        return Ok(Err(refusal));
    }
    if !store::step(tx, &record, &confirmed, Some((by, now)))? {
        return Ok(Err(NotAllowed::Late(store::load_record(tx, id)?.state.label())));
    }
    queue::close(tx, Kind::Second, id.0)?;
    stands(tx, &record, &answer, by, now)?;
    note(tx, Act::Confirm, Some(by), &answer, String::new(), now)?;
    Ok(Ok(record))
}

/// The second person does not agree: the answer waits again for whoever verifies it.
pub fn refuse_second(
    tx: &mut Tx<'_>,
    id: VerificationId,
    by: MemberId,
    why: &str,
    now: Millis,
) -> Result<Result<Record, NotAllowed>, DbError> {
    let record = store::load_record(tx, id)?;
    let Some(answer) = answers::find(tx, record.answer_id)? else { return Err(diesel::result::Error::NotFound.into()) };
    let event = Event::Refused { by, why: why.to_owned() };
    if let Err(refusal) = step(tx, &record, &event, &answer, now)? {
        return Ok(Err(refusal));
    }
    answers::await_review(tx, answer.id, answer.question_id, now)?;
    tell(tx, record.by, notices::Kind::NotConfirmed, &answer, Some(by), why, now)?;
    note(tx, Act::Refuse, Some(by), &answer, why.to_owned(), now)?;
    Ok(Ok(record))
}

/// Nobody vouches for the answer any more. `Err`: it was ended already.
pub fn withdraw(
    tx: &mut Tx<'_>,
    id: VerificationId,
    by: Option<MemberId>,
    why: &str,
    now: Millis,
) -> Result<Result<Record, NotAllowed>, DbError> {
    let record = hold_record(tx, id)?;
    let Some(answer) = answers::find(tx, record.answer_id)? else {
        return Ok(end_of_gone(tx, &record, by, why, now)?.map(|()| record));
    };
    let event = Event::Withdrawn { by, why: why.to_owned() };
    if let Err(refusal) = step(tx, &record, &event, &answer, now)? {
        return Ok(Err(refusal));
    }
    // The author of an answer that was not shown as verified yet knows of nothing that could be taken back.
    if !matches!(record.state, State::Awaiting { .. })
        && let Some(author) = answer.author.member()
    {
        tell(tx, author, notices::Kind::Withdrawn, &answer, by, why, now)?;
    }
    note(tx, Act::Withdraw, by, &answer, why.to_owned(), now)?;
    Ok(Ok(record))
}

/// Holds the thread of a verification's answer, and returns the record as it stays from then on.
pub(super) fn hold_record(tx: &mut Tx<'_>, id: VerificationId) -> Result<Record, DbError> {
    let answer = store::load_record(tx, id)?.answer_id;
    answers::hold(tx, answer)?;
    store::load_record(tx, id)
}

/// Ends a verification whose answer is not shown any more.
fn end_of_gone(
    tx: &mut Tx<'_>,
    record: &Record,
    by: Option<MemberId>,
    why: &str,
    now: Millis,
) -> Result<Result<(), NotAllowed>, DbError> {
    let facts = Facts { now, first: record.by, authors: &[], is_newest: true };
    let ended = match state::next(&record.state, &Event::Withdrawn { by, why: why.to_owned() }, facts) {
        Ok(ended) => ended,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if !store::step(tx, record, &ended, None)? {
        return Ok(Err(NotAllowed::Late(ended.label())));
    }
    if !matches!(record.state, State::Awaiting { .. }) {
        answers::set_vouched(tx, record.answer_id, None, now)?;
    }
    follow(tx, record.question_id, now)?;
    queue::close(tx, Kind::Second, record.id.0)?;
    queue::close(tx, Kind::Recheck, record.id.0)?;
    Ok(Ok(()))
}

/// Moves a record by an event that ends it or makes it stale, with what that means for its answer.
pub(super) fn step(
    tx: &mut Tx<'_>,
    record: &Record,
    event: &Event,
    answer: &Answer,
    now: Millis,
) -> Result<Result<State, NotAllowed>, DbError> {
    let authors = authors(tx, answer, record.revision)?;
    let next = match state::next(&record.state, event, facts(record, answer, &authors, now)) {
        Ok(next) => next,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if !store::step(tx, record, &next, None)? {
        return Ok(Err(NotAllowed::Late(store::load_record(tx, record.id)?.state.label())));
    }
    match (&record.state, &next) {
        (State::Awaiting { .. }, _) => {
            queue::close(tx, Kind::Second, record.id.0)?;
        }
        (_, State::Stale { .. }) => wait(tx, Kind::Recheck, record.id, answer.question_id, now)?,
        (_, State::Withdrawn { .. }) => {
            answers::set_vouched(tx, answer.id, None, now)?;
            queue::close(tx, Kind::Recheck, record.id.0)?;
        }
        _ => {
            queue::close(tx, Kind::Recheck, record.id.0)?;
        }
    }
    follow(tx, answer.question_id, now)?;
    Ok(Ok(next))
}

/// An earlier verification of the same answer gives way to this one.
fn take_the_place(
    tx: &mut Tx<'_>,
    record: &Record,
    answer: &Answer,
    now: Millis,
) -> Result<Result<(), NotAllowed>, DbError> {
    let Some(mut earlier) = store::find_live(tx, answer.id)? else { return Ok(Ok(())) };
    // Its end has passed, and nobody has noted so yet.
    if let State::Standing { until: Some(until) } = earlier.state
        && until <= now
    {
        let ended = Event::WentStale { why: words::until_has_passed(&until.to_day()) };
        match step(tx, &earlier, &ended, answer, now)? {
            Ok(state) => earlier.state = state,
            Err(refusal) => return Ok(Err(refusal)),
        }
    }
    Ok(step(tx, &earlier, &Event::Superseded { by: record.id }, answer, now)?.map(drop))
}

/// What follows from a verification that stands now.
fn stands(tx: &mut Tx<'_>, record: &Record, answer: &Answer, by: MemberId, now: Millis) -> Result<(), DbError> {
    answers::set_vouched(tx, answer.id, Some(record.revision), now)?;
    // The thread that it is part of shows it, too.
    for thread in questions::find_merged_into(tx, answer.question_id)?.into_iter().chain([answer.question_id]) {
        questions::set_verified(tx, thread, Some(answer.id.0), now)?;
        questions::touched(tx, thread, now)?;
    }
    queue::close(tx, Kind::Verify, answer.id.0)?;
    for bystander in answers::list(tx, answer.question_id)?.iter().filter(|one| one.author.origin().is_some()) {
        queue::close(tx, Kind::Verify, bystander.id.0)?;
    }
    super::review::forget_refusal(tx, answer.id)?;
    if let Some(author) = answer.author.member() {
        tell(tx, author, notices::Kind::Verified, answer, Some(by), "", now)?;
    }
    Ok(())
}

/// A question's verified answer is the one that was vouched for last among those that staff stand by, in its thread and in those
/// that are part of it. Names it anew: for the thread and for the one that it is part of.
pub fn follow(tx: &mut Tx<'_>, thread: QuestionId, now: Millis) -> Result<(), DbError> {
    for thread in questions::find_merged_into(tx, thread)?.into_iter().chain([thread]) {
        if questions::find_in_whole(tx, thread)?.is_some() {
            let whole = questions::list_whole(tx, thread)?;
            let newest = store::find_newest_standing(tx, &whole)?;
            questions::set_verified(tx, thread, newest, now)?;
        }
    }
    Ok(())
}

fn facts<'a>(record: &Record, answer: &Answer, authors: &'a [MemberId], now: Millis) -> Facts<'a> {
    Facts { now, first: record.by, authors, is_newest: answer.revision == record.revision }
}

/// Whose words a revision holds: who wrote the answer, and who wrote this version of it.
fn authors(tx: &mut Tx<'_>, answer: &Answer, revision: i64) -> Result<Vec<MemberId>, DbError> {
    let by = answers::load_revision(tx, answer.id, revision)?.by;
    Ok(answer.author.member().into_iter().chain(by).collect())
}

/// Whether a verification in this thread needs a second person: its topic asks for one, or that of the thread that it is part
/// of, under which it would be read.
pub fn needs_second(conn: &mut Conn, question: &Question) -> Result<bool, DbError> {
    let whole = match questions::find_merged_into(conn, question.id)? {
        Some(whole) => questions::find(conn, whole)?,
        None => None,
    };
    for topic in [Some(question), whole.as_ref()].into_iter().flatten().filter_map(|one| one.topic.as_ref()) {
        if topics::find_rules(conn, topic.id)?.is_some_and(|(rules, _)| rules.two_person) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Puts a verification into the queue.
pub(super) fn wait(
    tx: &mut Tx<'_>,
    kind: Kind,
    id: VerificationId,
    question_id: QuestionId,
    now: Millis,
) -> Result<(), DbError> {
    let question = questions::find_in_whole(tx, question_id)?;
    let network = question.as_ref().and_then(|question| question.author.origin());
    let topic = question.and_then(|question| question.topic).map(|topic| topic.id.0);
    queue::open(tx, &Item::in_thread(kind, id.0, question_id.0, topic, network, now))
}

pub(super) fn tell(
    tx: &mut Tx<'_>,
    to: MemberId,
    kind: notices::Kind,
    answer: &Answer,
    by: Option<MemberId>,
    words: &str,
    now: Millis,
) -> Result<(), DbError> {
    let (question_id, post) = (Some(answer.question_id.0), Some(answer.id.post()));
    let new = NewNotice { to, kind, question_id, post, subject: None, by, words: words.to_owned(), at: now };
    notices::tell(tx, &new).map(drop)
}

pub(super) fn note(
    tx: &mut Tx<'_>,
    act: Act,
    by: Option<MemberId>,
    answer: &Answer,
    words: String,
    now: Millis,
) -> Result<(), DbError> {
    let (subject, question_id) = (answer.id.post().to_string(), Some(answer.question_id.0));
    audit::record(tx, &Entry { by, act, subject, question_id, words, at: now })
}
