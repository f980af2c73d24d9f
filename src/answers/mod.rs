//! Answers: written by members here, or mirrored from a network.
//!
//! Owns the table `answer`. Every write tells the question of it. An answer of a removed question is found by nothing.

pub mod accept;
pub mod answer;
mod store;

pub use store::{
    add_score, edit, find, hide, insert, insert_held, list, list_of, list_by_member, load, load_texts, load_texts_of, newest,
    remove, restore,
};

use crate::clock::Millis;
use crate::db::{PostKind, PostRef, id_type};
use crate::posts::Author;
use crate::questions::QuestionId;
use crate::web::markdown::CleanHtml;

id_type!(
    /// The id of an answer.
    AnswerId
);

impl AnswerId {
    pub fn post(self) -> PostRef {
        PostRef { kind: PostKind::Answer, id: self.0 }
    }
}

/// An answer to be written. Rendered before the transaction, in which nothing is.
#[derive(Clone, Debug)]
pub struct NewAnswer {
    pub question_id: QuestionId,
    pub author: Author,
    /// Markdown of a member, plain text of a remote author.
    pub body: String,
    pub body_html: CleanHtml,
    pub created_at: Millis,
}

/// An answer that may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub id: AnswerId,
    pub question_id: QuestionId,
    pub author: Author,
    pub body: String,
    /// Only [`CleanHtml`] is ever stored here.
    pub body_html: String,
    /// Counts the edits from 1: staff vouch for one revision.
    pub revision: i64,
    pub score: i64,
    pub created_at: Millis,
}
