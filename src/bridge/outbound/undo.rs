//! Taking back what was written, before it leaves: the delivery, with all that were written in the same act, in one
//! transaction. What they carried is for the caller to take back.
//!
//! A sender that claims one of them in the same moment either comes first, and nothing is taken back, or finds it
//! withdrawn.

use std::time::Duration;

use super::state::{Event, NotAllowed, State};
use super::take_step;
use crate::answers::{self, AnswerId};
use crate::bridge::outbound::pictures::Attached;
use crate::bridge::store::attached;
use crate::bridge::store::deliveries::{self, Beside, DeliveryRow, Errand};
use crate::bridge::store::waiting;
use crate::bridge::{Cargo, DeliveryId};
use crate::clock::Millis;
use crate::db::{DbError, PostKind, PostRef, Tx};
use crate::members::MemberId;
use crate::private::{self, PrivateMessageId};
use crate::questions::{self, QuestionId};

/// What was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    pub what: What,
    /// As it would have been sent.
    pub text: String,
    pub pictures: Vec<Attached>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Reply { question_id: i64, cargo: Cargo },
    Message(PrivateMessageId),
}

/// Why nothing was taken back.
#[derive(Debug, thiserror::Error)]
pub enum NotUndone {
    /// It left, or somebody took it back already.
    #[error(transparent)]
    Late(#[from] NotAllowed),
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<diesel::result::Error> for NotUndone {
    fn from(error: diesel::result::Error) -> Self {
        Self::Db(error.into())
    }
}

/// Takes a delivery back, and all that were written with it. As an error of its transaction, [`NotUndone::Late`] leaves
/// everything as it was.
pub fn undo(tx: &mut Tx<'_>, id: DeliveryId, by: MemberId, now: Millis) -> Result<Undone, NotUndone> {
    let row = deliveries::load(tx, id)?;
    let (verification, written) = deliveries::list_written_with(tx, id)?;
    if matches!(row.state, State::Withdrawn) {
        return Err(late(&row).into());
    }
    // As whoever verifies does: the thread before what is sent from it.
    if let Errand::Reply(reply) = &row.errand {
        match reply.carries {
            PostRef { kind: PostKind::Answer, id } => answers::hold(tx, AnswerId(id)).map(drop)?,
            _ => questions::hold_whole(tx, QuestionId(reply.question_id)).map(drop)?,
        }
    }
    for one in &written {
        withdraw(tx, one, by, now)?;
    }
    let pictures = attached::list(tx, &[id])?;
    attached::put_back(tx, by, id, now)?;
    let pictures = pictures.into_iter().map(|one| Attached { hash: one.hash, alt: one.alt }).collect();
    let what = match &row.errand {
        Errand::Message(message) => What::Message(*message),
        Errand::Reply(reply) => {
            let cargo = match (verification, reply.carries) {
                (Some(verification_id), PostRef { id: answer_id, .. }) => Cargo::Answer { verification_id, answer_id },
                // Also where it carries a verified answer of another thread, which stands.
                (None, PostRef { kind: PostKind::Comment, id: comment_id }) => Cargo::Comment { comment_id },
                (None, other) => {
                    return Err(DbError::Inconsistent { what: "cargo of a delivery", value: other.to_string() }.into());
                }
            };
            What::Reply { question_id: reply.question_id, cargo }
        }
    };
    Ok(Undone { what, text: row.text, pictures })
}

fn withdraw(tx: &mut Tx<'_>, row: &DeliveryRow, by: MemberId, now: Millis) -> Result<(), NotUndone> {
    // What is posted by hand has no window: whoever wrote it has not posted it yet.
    let event = if matches!(row.state, State::ByHand { .. }) { Event::Withdraw } else { Event::Undo };
    let beside = Beside { by: Some(by), ..Beside::default() };
    if !take_step(tx, row, &event, &beside, now, Duration::ZERO)?? {
        return Err(late(row).into());
    }
    match &row.errand {
        Errand::Reply(reply) => waiting::reopen(tx, reply.question_id, reply.target_id)?,
        Errand::Message(message) => private::withdraw(tx, *message, now)?,
    }
    Ok(())
}

fn late(row: &DeliveryRow) -> NotAllowed {
    NotAllowed { from: row.state.label().as_str() }
}
