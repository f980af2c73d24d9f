//! Questions that were asked here and wait for a word of staff: their rows in the queue of the desk.

use super::find_open;
use crate::clock::Millis;
use crate::db::{DbError, Tx};
use crate::members::{self, Role};
use crate::posts::Author;
use crate::questions::{Question, QuestionId};
use crate::queue::{self, Item, Kind};
use crate::topics::TopicId;

/// What a customer asks here waits for staff.
pub fn await_staff(
    tx: &mut Tx<'_>,
    id: QuestionId,
    author: Author,
    topic: Option<TopicId>,
    asked_at: Millis,
) -> Result<(), DbError> {
    let Author::Member(asker) = author else { return Ok(()) };
    if members::find_role(tx, asker)?.is_some_and(Role::is_at_desk) {
        return Ok(());
    }
    wait(tx, id, topic, asked_at)
}

/// Somebody spoke in a thread. A word of somebody at the desk is what a question that was asked here waits for.
pub fn spoken_in(tx: &mut Tx<'_>, id: QuestionId, by: Author) -> Result<(), DbError> {
    if let Author::Member(by) = by
        && members::find_role(tx, by)?.is_some_and(Role::is_at_desk)
    {
        queue::close(tx, Kind::Asked, id.0)?;
    }
    Ok(())
}

/// A question that was asked here waits for a word of ours again: what it got did not help.
pub fn wait_again(tx: &mut Tx<'_>, id: QuestionId, now: Millis) -> Result<(), DbError> {
    let Some(question) = find_open(tx, id)? else { return Ok(()) };
    wait(tx, id, question.topic.map(|topic| topic.id), now)
}

/// Somebody spoke in a thread. What the asker of a private one says there waits for staff again: nobody else can help.
pub fn heard_privately(tx: &mut Tx<'_>, question: &Question, by: Author, now: Millis) -> Result<(), DbError> {
    match question.private && question.author == by {
        true => wait(tx, question.id, question.topic.as_ref().map(|topic| topic.id), now),
        false => Ok(()),
    }
}

/// A question that was asked here waits for a word of staff again, since the moment of asking.
pub fn wait_as_before(tx: &mut Tx<'_>, id: QuestionId) -> Result<(), DbError> {
    match find_open(tx, id)? {
        Some(found) => await_staff(tx, id, found.author, found.topic.map(|topic| topic.id), found.created_at),
        None => Ok(()),
    }
}

fn wait(tx: &mut Tx<'_>, id: QuestionId, topic: Option<TopicId>, since: Millis) -> Result<(), DbError> {
    queue::open(tx, &Item::in_thread(Kind::Asked, id.0, id.0, topic.map(|topic| topic.0), None, since))
}
