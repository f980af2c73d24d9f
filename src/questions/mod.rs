//! Questions: the heads of threads, how they are asked, and the lists they stand in.
//!
//! Owns the tables `question` and `question_revision`. Knows answers only as numbers (how many, how many accepted, which is
//! verified): the slices above tell it. A removed question is found by nothing here but [`load`], which says that it is gone.
//! A private one is found by none but those that ask who reads it ([`load_seen`]), and those that show nothing to anybody
//! ([`find_open`], [`find_living`]).

pub mod lists;
pub mod retitle;
mod store;
pub mod tagged;
mod words;

pub use store::{
    NewVersion, accepted, add_score, answer_removed, answer_returned, answered, await_staff, close, count_by_tag,
    count_by_topic, count_in_topic, edit, find, find_in_whole, find_kept, find_living, find_merged_into, find_open,
    find_topic, forget_values, heard_privately, hide, hold, hold_living, hold_whole, insert, insert_held,
    insert_imported, list, list_askers, list_by_member, list_by_member_at_desk, list_figures, list_ids_merged_into,
    list_kept, list_merged_into, list_public_after, list_shown_after, list_tagged, list_tags_beginning, list_tags_of,
    list_taken, list_values, list_versions, list_whole, list_whole_threads, load, load_living, load_seen, load_texts,
    load_texts_in_whole, load_whole, lock, move_topic, newest_public, remove, rename_value, reopen, restore, revise,
    rows, rows_at_desk, rows_of_threads, set_affected, set_answer_counts, set_merged_into, set_private, set_tags,
    set_title, set_topic, set_values, set_verified, spoken_before, spoken_in, touched, unlock, wait_again,
    wait_as_before,
};

use std::collections::HashMap;

use crate::clock::Millis;
use crate::db::{Fresh, MadeOf, Memo, PostKind, PostRef, Recalled, id_type};
use crate::members::MemberId;
use crate::posts::{self, Author, Body, Origin};
use crate::tags::TagName;
use crate::topics::TopicId;
use crate::web::markdown::CleanHtml;

/// Questions that are part of a thread, as far as its page shows them.
pub const SHOWN_PARTS: usize = 50;

id_type!(
    /// The id of a question, and of its thread.
    QuestionId
);

impl QuestionId {
    pub fn post(self) -> PostRef {
        PostRef { kind: PostKind::Question, id: self.0 }
    }
}

impl From<QuestionId> for PostRef {
    fn from(id: QuestionId) -> Self {
        id.post()
    }
}

/// How many questions each topic and each tag has: a walk through all questions, and shown on page after page.
#[derive(Default)]
pub struct Counts {
    topics: Memo<HashMap<TopicId, i64>>,
    tags: Memo<Vec<(String, i64)>>,
}

impl Counts {
    fn topics(&self, fresh: &Fresh) -> Recalled<HashMap<TopicId, i64>> {
        self.topics.recall(fresh, &MadeOf::Posts)
    }

    fn tags(&self, fresh: &Fresh) -> Recalled<Vec<(String, i64)>> {
        self.tags.recall(fresh, &MadeOf::Posts)
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
    /// Only its asker and the desk see it.
    pub private: bool,
    /// When it was asked, where it was asked.
    pub created_at: Millis,
}

/// A question that was asked on another site.
#[derive(Clone, Debug)]
pub struct Imported {
    /// Free here.
    pub id: QuestionId,
    pub by: MemberId,
    pub title: String,
    pub body: Body,
    /// What the votes there came to.
    pub score: i64,
    pub tags: Vec<TagName>,
    pub closed: Option<Closed>,
    pub created_at: Millis,
    pub activity_at: Millis,
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
    /// How many of its answers are accepted.
    pub accepted_count: i64,
    pub verified_answer_id: Option<i64>,
    /// How many people have this too.
    pub affected: i64,
    /// Counts the versions of its words from 1.
    pub revision: i64,
    /// Only its asker and the desk see it.
    pub private: bool,
    pub locked: Option<Locked>,
    pub closed: Option<Closed>,
    pub created_at: Millis,
    pub activity_at: Millis,
}

/// Staff locked a thread: what is in it stays, and members write nothing more there. What arrives from a network still
/// does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked {
    pub at: Millis,
    pub reason: String,
}

impl Locked {
    /// For somebody who would write there.
    pub fn refusal(&self) -> String {
        words::locked(&self.at.to_day(), &self.reason)
    }
}

/// Staff take no further answers in a thread; comments go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    pub at: Millis,
    pub reason: String,
}

impl Closed {
    /// For everybody who reads, and for somebody who would answer.
    pub fn refusal(&self) -> String {
        words::closed(&self.at.to_day(), &self.reason)
    }
}

impl Question {
    /// Why nobody may answer; `None`: everybody may.
    pub fn takes_no_answer(&self) -> Option<String> {
        let locked = self.locked.as_ref().map(Locked::refusal);
        locked.or_else(|| self.closed.as_ref().map(Closed::refusal))
    }

    pub fn place(&self) -> String {
        posts::question_place(self.id.0, &self.title)
    }

    pub fn state(&self) -> State {
        State::of(self.answer_count, self.accepted_count, self.verified_answer_id)
    }

    pub fn shut(&self) -> Option<Shut> {
        Shut::of(self.closed.is_some(), self.locked.is_some())
    }

    pub fn chips(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        chips(self.state(), self.shut())
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
    fn of(answer_count: i64, accepted_count: i64, verified: Option<i64>) -> Self {
        match (verified, accepted_count, answer_count) {
            (Some(_), _, _) => Self::Verified,
            (None, 1.., _) => Self::Accepted,
            (None, _, 0) => Self::Open,
            (None, _, _) => Self::Answered,
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

/// What staff take no more of in a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shut {
    /// No answers.
    Closed,
    /// Nothing at all.
    Locked,
}

impl Shut {
    fn of(is_closed: bool, is_locked: bool) -> Option<Self> {
        match (is_closed, is_locked) {
            (_, true) => Some(Self::Locked),
            (true, false) => Some(Self::Closed),
            (false, false) => None,
        }
    }

    /// The word for style sheets and tests.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Locked => "locked",
        }
    }

    /// The word for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Closed => "Closed",
            Self::Locked => "Locked",
        }
    }
}

/// How far a thread has come and what it takes no more of, in chips: their kinds and their words. Nobody who reads that it is
/// closed or locked is told that it is open.
fn chips(state: State, shut: Option<Shut>) -> impl Iterator<Item = (&'static str, &'static str)> {
    let state = (state != State::Open || shut.is_none()).then(|| (state.as_str(), state.label()));
    state.into_iter().chain(shut.map(|shut| (shut.as_str(), shut.label())))
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
    /// How many of its answers are accepted.
    pub accepted_count: i64,
    pub verified_answer_id: Option<i64>,
    /// How many people have this too.
    pub affected: i64,
    /// Only its asker and the desk see it.
    pub private: bool,
    pub shut: Option<Shut>,
    pub created_at: Millis,
    pub activity_at: Millis,
    /// By name.
    pub tags: Vec<String>,
}

impl Row {
    pub fn place(&self) -> String {
        posts::question_place(self.id.0, &self.title)
    }

    pub fn chips(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        chips(self.state(), self.shut)
    }

    pub fn state(&self) -> State {
        State::of(self.answer_count, self.accepted_count, self.verified_answer_id)
    }
}

/// What of a thread changes while somebody reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    pub id: QuestionId,
    pub answers: i64,
    /// How many people have this too.
    pub affected: i64,
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
    /// Those that most people have, too.
    Affected,
}

impl List {
    /// The word for addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Newest => "newest",
            Self::Unanswered => "unanswered",
            Self::Affected => "affected",
        }
    }

    /// Reads the word of an address; `None`: there is no such list.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.as_str() == word)
    }

    pub const ALL: [Self; 4] = [Self::Active, Self::Newest, Self::Unanswered, Self::Affected];

    /// The word for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Newest => "Newest",
            Self::Unanswered => "Unanswered",
            Self::Affected => "Most affected",
        }
    }
}
