//! Taking posts out of sight and bringing them back, with all that hangs on it: counts, the accepted and the verified
//! answer, what has not left yet, what waits for staff, and what the search must see anew. Says nothing to anybody; who
//! calls it does.

use super::flags;
use crate::answers::{self, AnswerId};
use crate::bridge::outbound;
use crate::clock::Millis;
use crate::comments::{self, CommentId};
use crate::db::{Change, DbError, PostKind, PostRef, Tx};
use crate::holds;
use crate::members::{MemberId, load_cards};
use crate::posts::{Author, HiddenAs};
use crate::questions::{self, QuestionId};
use crate::queue;
use crate::verifications;

/// A post and its thread.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub post: PostRef,
    pub thread: QuestionId,
}

/// Takes a shown post out of sight. `false`: it is not shown any more.
pub(super) fn take_away(tx: &mut Tx<'_>, spot: Spot, by: MemberId, now: Millis) -> Result<bool, DbError> {
    let why = HiddenAs::Hidden;
    let Spot { post, thread } = spot;
    let done = match post.kind {
        PostKind::Question => questions::hide(tx, QuestionId(post.id), why, now)?,
        PostKind::Answer => answers::hide(tx, AnswerId(post.id), why, now)?,
        PostKind::Comment => comments::hide(tx, CommentId(post.id), why, now)?,
    };
    if !done {
        return Ok(false);
    }
    match post.kind {
        PostKind::Question => {
            outbound::put_away(tx, post.id, by, now)?;
            queue::close_thread(tx, post.id)?;
        }
        PostKind::Answer => {
            outbound::withdraw_answer(tx, thread.0, post.id, Some(by), now)?;
            queue::close(tx, queue::Kind::Verify, post.id)?;
            verifications::follow(tx, thread, now)?;
        }
        PostKind::Comment => {}
    }
    Ok(true)
}

/// Brings a post back that was out of sight for this reason. `false`: it is not, or not any more.
pub(super) fn bring_back(tx: &mut Tx<'_>, spot: Spot, from: HiddenAs, now: Millis) -> Result<bool, DbError> {
    let Spot { post, thread } = spot;
    let done = match post.kind {
        PostKind::Question => questions::restore(tx, QuestionId(post.id), from, now)?,
        PostKind::Answer => answers::restore(tx, AnswerId(post.id), from, now)?,
        PostKind::Comment => comments::restore(tx, CommentId(post.id), from, now)?,
    };
    if !done {
        return Ok(false);
    }
    match post.kind {
        PostKind::Question => {
            show_thread(tx, thread, now)?;
            verifications::follow(tx, thread, now)?;
            outbound::bring_back(tx, post.id)?;
            await_again(tx, thread)?;
        }
        PostKind::Answer => {
            show_comments(tx, thread, AnswerId(post.id), now)?;
            verifications::follow(tx, thread, now)?;
        }
        PostKind::Comment => {}
    }
    Ok(true)
}

/// Everybody reads a thread from now on that only its asker and the desk did: everything in it is to be found, and what
/// waits for staff in it waits.
pub(super) fn shown_again(tx: &mut Tx<'_>, thread: QuestionId, now: Millis) -> Result<(), DbError> {
    show_thread(tx, thread, now)?;
    await_again(tx, thread)
}

/// What waited for staff in a thread waits again: its question, where nobody at the desk has spoken to who asked it here,
/// its answers that nobody vouches for as they are, and what was reported or is held in it.
fn await_again(tx: &mut Tx<'_>, thread: QuestionId) -> Result<(), DbError> {
    let Some(question) = questions::find_open(tx, thread)? else { return Ok(()) };
    let topic = question.topic.as_ref().map(|topic| topic.id);
    let answers = answers::list(tx, thread)?;
    for answer in answers.iter().filter(|answer| answer.vouched != Some(answer.revision)) {
        answers::await_review(tx, answer.id, thread, answer.created_at)?;
    }
    let answers = answers.into_iter().map(|answer| answer.author);
    let comments = comments::list(tx, thread)?.into_iter().map(|comment| comment.author);
    let spoken: Vec<MemberId> = answers.chain(comments).filter_map(Author::member).collect();
    let is_at_desk = load_cards(tx, &spoken)?.values().any(|card| card.role.is_at_desk());
    if !is_at_desk && question.accepted_count == 0 {
        questions::await_staff(tx, thread, question.author, topic, question.created_at)?;
    }
    flags::await_again(tx, &question)?;
    holds::await_again(tx, thread.0, topic)
}

/// The search forgot the whole thread with its question: everything in it is to be found again.
fn show_thread(tx: &mut Tx<'_>, thread: QuestionId, now: Millis) -> Result<(), DbError> {
    let below = answers::load_texts_of(tx, &[thread])?.into_iter().chain(comments::load_texts_of(tx, &[thread])?);
    for text in below {
        tx.changed(Change { post: text.post, question_id: thread.0, at: now });
    }
    Ok(())
}

fn show_comments(tx: &mut Tx<'_>, thread: QuestionId, answer: AnswerId, now: Millis) -> Result<(), DbError> {
    for text in comments::load_texts_of(tx, &[thread])?.into_iter().filter(|text| text.answer_id == Some(answer.0)) {
        tx.changed(Change { post: text.post, question_id: thread.0, at: now });
    }
    Ok(())
}
