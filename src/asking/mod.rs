//! Asking: the form of a new question, what is found while it is filled in, and what is written when it is sent.
//!
//! Owns no table: it puts together what topics, tags, uploads, the search and questions know. Everybody may write; who is
//! not signed in does so while posting, and keeps the text.

pub mod ask;
pub mod details;
mod form;
pub mod guest;
pub mod similar;
mod words;

use self::form::Asked;
use crate::clock::Millis;
use crate::db::{DbError, Tx};
use crate::holds::{self, HoldId};
use crate::members::Member;
use crate::posts::{self, Author};
use crate::questions::{self, NewQuestion, QuestionId};

/// Writes the question of a member. With a hold: by the rule of its topic it waits until staff have looked at it. A private
/// one waits for nobody: only staff read it.
pub fn write(tx: &mut Tx<'_>, by: &Member, new: &NewQuestion) -> Result<(QuestionId, Option<HoldId>), DbError> {
    if new.private {
        return Ok((questions::insert(tx, new)?, None));
    }
    let Some(why) = holds::why_held(tx, by, new.topic_id, &new.body_html)? else {
        return Ok((questions::insert(tx, new)?, None));
    };
    let id = questions::insert_held(tx, new)?;
    let hold = holds::hold(tx, id.post(), id.0, new.topic_id, by.id, why, new.created_at)?;
    Ok((id, Some(hold)))
}

/// Writes what a member asked, with its tags and the answers to its topic's own fields. Returns where its author lands.
fn ask_checked(tx: &mut Tx<'_>, by: &Member, asked: &Asked, now: Millis) -> Result<String, DbError> {
    let new = NewQuestion {
        topic_id: asked.topic,
        author: Author::Member(by.id),
        title: asked.title.clone(),
        body: asked.body.source.clone(),
        body_html: asked.body.html.clone(),
        private: asked.private,
        created_at: now,
    };
    let (id, held) = write(tx, by, &new)?;
    questions::set_tags(tx, id, &asked.tags, now)?;
    questions::set_values(tx, id, &asked.values)?;
    Ok(held.map_or_else(|| posts::question_place(id.0, &new.title), |hold| hold.place()))
}
