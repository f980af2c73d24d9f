//! Hiding a post and showing it again: what it means, whoever asks for it. The author is told why, reporters are told what
//! became of their reports, and the log keeps it.

use super::flags;
use super::sight::{self, Spot};
use crate::audit::{self, Act, Entry};
use crate::clock::Millis;
use crate::db::{DbError, Tx};
use crate::holds;
use crate::members::MemberId;
use crate::notices::{self, NewNotice};
use crate::posts::{AnyPost, HiddenAs};
use crate::questions::QuestionId;

/// Somebody at the desk who does something for a reason, now.
#[derive(Clone, Debug)]
pub(super) struct Doing {
    pub by: MemberId,
    /// What the author is told.
    pub reason: String,
    pub now: Millis,
}

pub(super) fn spot_of(post: &AnyPost) -> Spot {
    Spot { post: post.post, thread: QuestionId(post.question_id) }
}

/// Hides a post that everybody sees. `false`: it is not shown any more, and nothing was changed.
pub(super) fn hide(tx: &mut Tx<'_>, post: &AnyPost, doing: &Doing) -> Result<bool, DbError> {
    if !sight::take_away(tx, spot_of(post), doing.by, doing.now)? {
        return Ok(false);
    }
    flags::uphold(tx, post.post, doing)?;
    tell_author(tx, post, notices::Kind::Hidden, doing)?;
    record(tx, post, Act::Hide, doing)?;
    Ok(true)
}

/// Shows a post again that was hidden, or was not let through. `false`: it is not out of sight for either reason, or waits
/// for review, and nothing was changed.
pub(super) fn restore(tx: &mut Tx<'_>, post: &AnyPost, doing: &Doing) -> Result<bool, DbError> {
    let from = match post.why() {
        Some(why @ (HiddenAs::Hidden | HiddenAs::Held)) if !holds::waits(tx, post.post)? => why,
        _ => return Ok(false),
    };
    if !sight::bring_back(tx, spot_of(post), from, doing.now)? {
        return Ok(false);
    }
    tell_author(tx, post, notices::Kind::Restored, doing)?;
    record(tx, post, Act::Restore, doing)?;
    Ok(true)
}

/// Tells the author of a post what was done with it, where they have an account here.
pub(super) fn tell_author(tx: &mut Tx<'_>, post: &AnyPost, kind: notices::Kind, doing: &Doing) -> Result<(), DbError> {
    let Some(to) = post.author.member() else { return Ok(()) };
    let notice = NewNotice {
        to,
        kind,
        question_id: Some(post.question_id),
        post: Some(post.post),
        subject: None,
        by: Some(doing.by),
        words: doing.reason.clone(),
        at: doing.now,
    };
    notices::tell(tx, &notice).map(drop)
}

pub(super) fn record(tx: &mut Tx<'_>, post: &AnyPost, act: Act, doing: &Doing) -> Result<(), DbError> {
    let entry = Entry {
        by: Some(doing.by),
        act,
        subject: post.post.to_string(),
        question_id: Some(post.question_id),
        words: doing.reason.clone(),
        at: doing.now,
    };
    audit::record(tx, &entry)
}
