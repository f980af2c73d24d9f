//! Making a thread part of another, and taking it out again.

use std::collections::HashSet;

use super::store;
use super::words;
use crate::affected;
use crate::answers;
use crate::audit::{self, Act, Entry};
use crate::clock::Millis;
use crate::comments;
use crate::db::{Change, Conn, DbError, Tx};
use crate::follows;
use crate::members::{MemberId, load_cards};
use crate::notices::{self, NewNotice};
use crate::posts::HiddenAs;
use crate::questions::{self, Question, QuestionId};
use crate::queue;
use crate::verifications;

/// Why nothing was merged, or taken back.
#[derive(Debug, thiserror::Error)]
pub enum NotMerged {
    #[error("{}", words::ITSELF)]
    Itself,
    #[error("{}", words::NO_SUCH_QUESTION)]
    Gone,
    #[error("{}", words::CIRCLE)]
    Circle,
    #[error("{}", words::ONE_IS_PRIVATE)]
    Private,
    #[error("{}", words::MERGED_MEANWHILE)]
    Merged,
    #[error("{}", words::NOT_PART)]
    NotPart,
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<diesel::result::Error> for NotMerged {
    fn from(error: diesel::result::Error) -> Self {
        Self::Db(error.into())
    }
}

/// Makes a thread part of another, and of the one that this is part of if it is; returns which that was. What was said and
/// vouched for in either stays what it was; the other shows it, and counts it.
pub fn merge(
    tx: &mut Tx<'_>,
    question: QuestionId,
    into: QuestionId,
    by: MemberId,
    now: Millis,
) -> Result<QuestionId, NotMerged> {
    if question == into {
        return Err(NotMerged::Itself);
    }
    let into = questions::find_merged_into(tx, into)?.unwrap_or(into);
    if into == question {
        return Err(NotMerged::Circle);
    }
    // In one order for everybody, so that two who merge the same threads wait for each other and never in a circle.
    for id in [question.min(into), question.max(into)] {
        questions::hold(tx, id).map_err(|error| if error.is_not_found() { NotMerged::Gone } else { error.into() })?;
    }
    // What was read before may be other by now.
    if questions::find_merged_into(tx, question)?.is_some() {
        return Err(NotMerged::Merged);
    }
    if questions::find_merged_into(tx, into)?.is_some() {
        return Err(NotMerged::Gone);
    }
    for id in [question, into] {
        if questions::find_open(tx, id)?.is_some_and(|found| found.private) {
            return Err(NotMerged::Private);
        }
    }
    let merged = questions::find(tx, question)?.ok_or(NotMerged::Gone)?;
    store::insert_merge(tx, question, into, by, now)?;
    questions::hide(tx, question, HiddenAs::Merged, now)?;
    for part in list_below(tx, question)? {
        questions::set_merged_into(tx, part, Some(into), now)?;
    }
    answers::recount(tx, into, now)?;
    affected::recount(tx, into, now)?;
    verifications::follow(tx, into, now)?;
    follows::move_followers(tx, question.0, into.0)?;
    questions::touched(tx, into, now)?;
    queue::close(tx, queue::Kind::Asked, question.0)?;
    if let Some(author) = merged.author.member() {
        let told = NewNotice {
            to: author,
            kind: notices::Kind::Merged,
            question_id: Some(into.0),
            post: None,
            subject: None,
            by: Some(by),
            words: merged.title,
            at: now,
        };
        notices::tell(tx, &told)?;
    }
    note(tx, Act::Merge, question, into, by, now)?;
    Ok(into)
}

/// Takes a thread out of the one that it is part of: it stands for itself again, with what was part of it before.
pub fn unmerge(tx: &mut Tx<'_>, question: QuestionId, by: MemberId, now: Millis) -> Result<(), NotMerged> {
    let Some(from) = questions::hold_whole(tx, question)? else { return Err(NotMerged::NotPart) };
    let was_settled = questions::find(tx, from)?.is_some_and(|from| is_settled(&from));
    if !store::undo_merge(tx, question, by, now)? {
        return Err(NotMerged::NotPart);
    }
    questions::set_merged_into(tx, question, None, now)?;
    questions::restore(tx, question, HiddenAs::Merged, now)?;
    for part in list_below(tx, question)?.into_iter().filter(|part| *part != question) {
        questions::set_merged_into(tx, part, Some(question), now)?;
    }
    // The search forgot the thread with its question: everything in it is to be found again.
    let below = answers::load_texts_of(tx, &[question])?.into_iter().chain(comments::load_texts_of(tx, &[question])?);
    for text in below {
        tx.changed(Change { post: text.post, question_id: question.0, at: now });
    }
    end_what_the_other_said(tx, from, question, now)?;
    end_what_the_other_said(tx, question, from, now)?;
    for thread in [from, question] {
        answers::recount(tx, thread, now)?;
        affected::recount(tx, thread, now)?;
        verifications::follow(tx, thread, now)?;
    }
    wait_if_unheard(tx, question)?;
    // It waited for nobody while the other's answer stood in it.
    if was_settled {
        wait_if_unheard(tx, from)?;
    }
    questions::touched(tx, from, now)?;
    tell_unmerged(tx, question, from, by, now)?;
    note(tx, Act::Unmerge, question, from, by, now)?;
    Ok(())
}

/// Notes that two questions are not the same, whatever they have in common: it is not suggested again.
pub fn keep_apart(
    tx: &mut Tx<'_>,
    question: QuestionId,
    other: QuestionId,
    by: MemberId,
    now: Millis,
) -> Result<(), NotMerged> {
    if question == other {
        return Err(NotMerged::Itself);
    }
    for id in [question, other] {
        questions::find_living(tx, id)?.ok_or(NotMerged::Gone)?;
    }
    store::insert_not_the_same(tx, (question, other), by, now)?;
    Ok(note(tx, Act::KeepApart, question, other, by, now)?)
}

/// What the askers of one thread said of the answers of another, while the two were one, holds no more: an answer keeps what who
/// asked it, or asked the thread that it stands in, said of it, and what staff said.
fn end_what_the_other_said(tx: &mut Tx<'_>, thread: QuestionId, other: QuestionId, now: Millis) -> Result<(), DbError> {
    let (own, others) = (questions::list_whole(tx, thread)?, questions::list_whole(tx, other)?);
    let askers = questions::list_askers(tx, &own)?;
    let others = questions::list_askers(tx, &others)?;
    let asked = |by: MemberId, question: QuestionId| askers.get(&question).and_then(|one| one.member()) == Some(by);
    let others: Vec<MemberId> = others.values().filter_map(|one| one.member()).collect();
    let staff = load_cards(tx, &others)?;
    for (answer, question, by) in answers::list_accepted_by(tx, &own, &others)? {
        let is_staff = staff.get(&by).is_some_and(|card| card.role.is_staff());
        if !is_staff && !asked(by, question) && !asked(by, thread) {
            answers::end_accepted(tx, answer, now)?;
        }
    }
    Ok(())
}

/// Who was told that their question is part of another hears that it stands for itself again.
fn tell_unmerged(
    tx: &mut Tx<'_>,
    question: QuestionId,
    from: QuestionId,
    by: MemberId,
    now: Millis,
) -> Result<(), DbError> {
    let Some(author) = questions::find_living(tx, question)?.and_then(|question| question.author.member()) else {
        return Ok(());
    };
    let told = NewNotice {
        to: author,
        kind: notices::Kind::Unmerged,
        question_id: Some(question.0),
        post: None,
        subject: None,
        by: Some(by),
        words: questions::find_living(tx, from)?.map(|from| from.title).unwrap_or_default(),
        at: now,
    };
    notices::tell(tx, &told).map(drop)
}

/// Staff vouch for an answer in it, or one helped who asked.
fn is_settled(question: &Question) -> bool {
    question.verified_answer_id.is_some() || question.accepted_count > 0
}

/// A question waits for staff again where nothing in it would have ended that.
fn wait_if_unheard(tx: &mut Tx<'_>, id: QuestionId) -> Result<(), DbError> {
    let is_heard = questions::find_open(tx, id)?.is_none_or(|question| is_settled(&question));
    if is_heard || has_word_of_desk(tx, id)? { Ok(()) } else { questions::wait_as_before(tx, id) }
}

/// Whether anybody at the desk has said something in a thread.
fn has_word_of_desk(conn: &mut Conn, question: QuestionId) -> Result<bool, DbError> {
    let mut writers: Vec<MemberId> =
        answers::list(conn, question)?.into_iter().filter_map(|answer| answer.author.member()).collect();
    writers.extend(comments::list(conn, question)?.into_iter().filter_map(|comment| comment.author.member()));
    Ok(load_cards(conn, &writers)?.values().any(|card| card.role.is_at_desk()))
}

/// A thread and all that is part of it, by whatever way.
fn list_below(conn: &mut Conn, top: QuestionId) -> Result<Vec<QuestionId>, DbError> {
    let (mut found, mut seen) = (vec![top], HashSet::from([top]));
    let mut at = 0;
    while let Some(next) = found.get(at).copied() {
        let parts = store::list_parts(conn, next)?;
        found.extend(parts.into_iter().filter(|part| seen.insert(*part)));
        at += 1;
    }
    Ok(found)
}

fn note(
    tx: &mut Tx<'_>,
    act: Act,
    question: QuestionId,
    other: QuestionId,
    by: MemberId,
    now: Millis,
) -> Result<(), DbError> {
    let (subject, words) = (question.post().to_string(), other.post().to_string());
    audit::record(tx, &Entry { by: Some(by), act, subject, question_id: Some(question.0), words, at: now })
}
