//! Comments: short remarks on a question or on one of its answers.
//!
//! Owns the tables `comment` and `comment_revision`. Every write tells the question of it. A comment of a removed question is found by nothing.

pub mod comment;
mod store;

pub use store::{
    edit, find, find_kept, find_thread, hide, insert, insert_held, insert_imported, list, list_figures, list_of,
    list_taken, list_versions, load, load_seen, load_texts, load_texts_of, newest, remove, restore, revise,
};

use crate::answers::AnswerId;
use crate::clock::Millis;
use crate::db::{PostKind, PostRef, id_type};
use crate::members::MemberId;
use crate::posts::{Author, Body};
use crate::questions::QuestionId;
use crate::web::markdown::CleanHtml;

id_type!(
    /// The id of a comment.
    CommentId
);

impl CommentId {
    pub fn post(self) -> PostRef {
        PostRef { kind: PostKind::Comment, id: self.0 }
    }
}

impl From<CommentId> for PostRef {
    fn from(id: CommentId) -> Self {
        id.post()
    }
}

/// A comment to be written. Rendered before the transaction, in which nothing is.
#[derive(Clone, Debug)]
pub struct NewComment {
    pub question_id: QuestionId,
    /// The answer that it is about; `None`: the question itself.
    pub answer_id: Option<AnswerId>,
    pub author: Author,
    /// Markdown of a member, plain text of a remote author.
    pub body: String,
    pub body_html: CleanHtml,
    pub created_at: Millis,
}

/// A comment that was made on another site.
#[derive(Clone, Debug)]
pub struct Imported {
    /// Free here.
    pub id: CommentId,
    pub question_id: QuestionId,
    /// The answer that it is about; `None`: the question itself.
    pub answer_id: Option<AnswerId>,
    pub by: MemberId,
    pub body: Body,
    pub created_at: Millis,
}

/// A comment that may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    pub id: CommentId,
    pub question_id: QuestionId,
    pub answer_id: Option<AnswerId>,
    pub author: Author,
    pub body: String,
    /// Only [`CleanHtml`] is ever stored here.
    pub body_html: String,
    /// Counts the versions of its words from 1.
    pub revision: i64,
    pub created_at: Millis,
}

/// What of the comments of a thread changes while somebody reads it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    pub many: i64,
    /// The id of the one that was written last; 0 without one.
    pub newest: i64,
}

impl Figures {
    /// Those of comments as a page shows them, that is without what hangs on an answer that is out of sight.
    pub fn of<'a>(shown: impl Iterator<Item = &'a Comment>) -> Self {
        let mut figures = Self::default();
        shown.for_each(|comment| figures.add(Self { many: 1, newest: comment.id.0 }));
        figures
    }

    /// Counts others along, as of a thread that is part of this one.
    pub fn add(&mut self, others: Self) {
        self.many += others.many;
        self.newest = self.newest.max(others.newest);
    }
}
