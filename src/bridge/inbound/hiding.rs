//! Posts that are hidden on the network by whoever owns the place where they stand, and shown there again. What is hidden
//! there waits here for staff, who can publish it all the same; what is shown again comes back by itself.

use super::edit;
use super::mirror;
use super::words;
use crate::bridge::store::channels::{self, Mode};
use crate::bridge::store::remote::{self, Fate, RemoteRow};
use crate::clock::Millis;
use crate::db::{DbError, Tx};

/// Follows what happened to a post on the network.
pub(in crate::bridge) fn follow(tx: &mut Tx<'_>, row: &RemoteRow, hidden: bool, now: Millis) -> Result<(), DbError> {
    if !remote::set_hidden(tx, row.id, hidden, now)? {
        return Ok(());
    }
    match (row.fate, hidden) {
        (Fate::Mirrored, true) => {
            remote::mark_held(tx, row.id)?;
            edit::cover(tx, row, words::TITLE_HIDDEN, words::HIDDEN, now)
        }
        (Fate::Held, false) => restore(tx, row, now),
        _ => Ok(()),
    }
}

/// Shows a post again that stood here before it was hidden. One that never stood here goes on waiting for staff, as does
/// one that was ever edited, of a channel that shows nothing unseen: whether they saw these words is not known.
fn restore(tx: &mut Tx<'_>, row: &RemoteRow, now: Millis) -> Result<(), DbError> {
    let (Some(post), Some(question_id)) = (row.post(), row.question_id) else { return Ok(()) };
    channels::hold(tx, row.channel_id)?;
    if row.edited_at.is_some() && channels::load(tx, row.channel_id)?.mode == Mode::Hold {
        return edit::show_under_review(tx, row, now);
    }
    let title = edit::title_of(tx, row, &row.text)?;
    edit::show(tx, row, &title, &row.text, &mirror::render(&row.text), now)?;
    remote::mark_mirrored(tx, row.id, post, question_id).map(drop)
}
