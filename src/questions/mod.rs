//! Questions: the heads of threads, how they are asked, and the lists they stand in.
//!
//! Owns the table `question`. Knows answers only as numbers (how many, which is accepted, which is verified): the
//! slices above tell it. A removed question is found by nothing here but [`load`], which says that it is gone.

pub mod ask;
pub mod lists;
pub mod retitle;
mod store;

pub use store::{
    add_score, answer_removed, answer_returned, answered, await_staff, count_by_topic, count_in_topic, edit, find,
    find_kept, find_living, find_merged_into, find_topic, hide, hold, hold_living, insert, insert_held, is_accepted,
    list, list_askers, list_by_member, list_merged_into, list_texts_after, load, load_living, load_texts, lock,
    move_topic, remove, restore, rows, set_accepted, set_merged_into, set_title, set_topic, set_verified, spoken_in,
    touched, unlock, wait_again, wait_as_before,
};

use crate::clock::Millis;
use crate::db::{PostKind, PostRef, id_type};
use crate::posts::{self, Author, Origin};
use crate::topics::TopicId;
use crate::web::markdown::CleanHtml;

id_type!(
    /// The id of a question, and of its thread.
    QuestionId
);

impl QuestionId {
    pub fn post(self) -> PostRef {
        PostRef { kind: PostKind::Question, id: self.0 }
    }
}

/// A question to be written. Rendered before the transaction, in which nothing is.
#[derive(Clone, Debug)]
pub struct NewQuestion {
    pub topic_id: Option<TopicId>,
    pub author: Author,
    pub title: String,
    /// Markdown of a member, plain text of a remote author.
    pub body: String,
    pub body_html: CleanHtml,
    /// When it was asked, where it was asked.
    pub created_at: Millis,
}

/// A question that may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub id: QuestionId,
    pub topic: Option<TopicLink>,
    pub author: Author,
    pub title: String,
    pub body: String,
    /// Only [`CleanHtml`] is ever stored here.
    pub body_html: String,
    pub score: i64,
    pub answer_count: i64,
    pub accepted_answer_id: Option<i64>,
    pub verified_answer_id: Option<i64>,
    pub locked: Option<Locked>,
    pub created_at: Millis,
    pub activity_at: Millis,
}

/// Staff closed a thread: what is in it stays, and members write nothing more there. What arrives from a network still
/// does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked {
    pub at: Millis,
    pub reason: String,
}

impl Locked {
    /// For somebody who would write there.
    pub fn refusal(&self) -> String {
        format!("Our staff closed this thread on {}: {}", self.at.to_day(), self.reason)
    }
}

impl Question {
    pub fn place(&self) -> String {
        posts::question_place(self.id.0, &self.title)
    }

    pub fn state(&self) -> State {
        State::of(self.answer_count, self.accepted_answer_id, self.verified_answer_id)
    }
}

/// The topic of a question, as far as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, diesel::Queryable)]
pub struct TopicLink {
    pub id: TopicId,
    pub slug: String,
    pub name: String,
}

/// How far a question has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Open,
    Answered,
    Accepted,
    Verified,
}

impl State {
    fn of(answer_count: i64, accepted: Option<i64>, verified: Option<i64>) -> Self {
        match (verified, accepted, answer_count) {
            (Some(_), _, _) => Self::Verified,
            (None, Some(_), _) => Self::Accepted,
            (None, None, 0) => Self::Open,
            (None, None, _) => Self::Answered,
        }
    }

    /// The word for style sheets and tests.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Answered => "answered",
            Self::Accepted => "accepted",
            Self::Verified => "verified",
        }
    }

    /// The word for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::Answered => "Answered",
            Self::Accepted => "Accepted",
            Self::Verified => "Verified",
        }
    }
}

/// A question in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub id: QuestionId,
    pub title: String,
    pub topic: Option<TopicLink>,
    /// The network that it came from; `None`: asked here.
    pub origin: Option<Origin>,
    pub score: i64,
    pub answer_count: i64,
    pub accepted_answer_id: Option<i64>,
    pub verified_answer_id: Option<i64>,
    pub created_at: Millis,
    pub activity_at: Millis,
}

impl Row {
    pub fn place(&self) -> String {
        posts::question_place(self.id.0, &self.title)
    }

    pub fn state(&self) -> State {
        State::of(self.answer_count, self.accepted_answer_id, self.verified_answer_id)
    }
}

/// The lists of the home page and of each topic, newest first by what they are ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// By the last activity.
    Active,
    /// By the moment of asking.
    Newest,
    /// Those without an answer, by the moment of asking.
    Unanswered,
}

impl List {
    pub const ALL: [Self; 3] = [Self::Active, Self::Newest, Self::Unanswered];

    /// The word for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Newest => "Newest",
            Self::Unanswered => "Unanswered",
        }
    }
}
