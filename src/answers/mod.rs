//! Answers: written by members here, or mirrored from a network.
//!
//! Owns the tables `answer`, `answer_revision` and `helped`. Every write tells the question of it. An answer of a removed question is
//! found by nothing. What is shown of an answer stands in its own row; every version of its words stands in its revisions.

pub mod accept;
pub mod answer;
pub mod helped;
mod merits;
mod store;
mod words;

pub use merits::store::{Merit, list_merits};
pub use store::{
    add_results, add_score, await_review, cover, edit, end_accepted, find, find_accepted, find_kept, find_thread, hide,
    hold, insert, insert_held, insert_imported, list, list_accepted_by, list_by_member, list_kept, list_of,
    list_revisions, list_said_by, list_shown, list_taken, load, load_revision, load_seen, load_texts, load_texts_of,
    newest, recount, recount_accepted, remove, restore, say_helped, set_accepted, set_vouched,
};

use crate::clock::Millis;
use crate::db::{PostKind, PostRef, id_type};
use crate::members::MemberId;
use crate::posts::{Author, Body};
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

impl From<AnswerId> for PostRef {
    fn from(id: AnswerId) -> Self {
        id.post()
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

/// An answer that was given on another site.
#[derive(Clone, Debug)]
pub struct Imported {
    /// Free here.
    pub id: AnswerId,
    pub question_id: QuestionId,
    pub by: MemberId,
    pub body: Body,
    /// What the votes there came to.
    pub score: i64,
    /// Who asked, and when they said that it helped.
    pub accepted: Option<(MemberId, Millis)>,
    pub created_at: Millis,
}

/// An answer that may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub id: AnswerId,
    pub question_id: QuestionId,
    pub author: Author,
    /// What is shown: the words that staff vouch for, else the newest.
    pub body: String,
    /// Only [`CleanHtml`] is ever stored here.
    pub body_html: String,
    /// The newest revision; counts the edits from 1.
    pub revision: i64,
    /// The revision that staff vouch for: it is shown, whatever was written since.
    pub vouched: Option<i64>,
    /// How many askers said that it helped, and that it did not, as staff understood them.
    pub worked: i64,
    pub broken: i64,
    pub score: i64,
    /// When it was accepted, by the asker or by staff.
    pub accepted_at: Option<Millis>,
    /// How many readers say that it helped them, and that it did not.
    pub helped: i64,
    pub not_helped: i64,
    pub created_at: Millis,
}

impl Answer {
    /// The revision whose words are shown.
    pub fn shown(&self) -> i64 {
        self.vouched.unwrap_or(self.revision)
    }

    /// A newer version waits until staff have verified it.
    pub fn has_newer(&self) -> bool {
        self.shown() < self.revision
    }
}

/// The words of a next version.
#[derive(Clone, Copy, Debug)]
pub struct NewWords<'a> {
    pub body: &'a str,
    pub html: &'a CleanHtml,
    /// Who wrote them; `None`: the remote author.
    pub by: Option<MemberId>,
    /// Why; may be empty.
    pub reason: &'a str,
}

/// One version of an answer's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    pub number: i64,
    pub body: String,
    pub body_html: String,
    /// Who wrote it; `None`: the remote author of the answer.
    pub by: Option<MemberId>,
    pub by_name: Option<String>,
    pub by_handle: Option<String>,
    /// Why; may be empty.
    pub reason: String,
    pub written_at: Millis,
}
