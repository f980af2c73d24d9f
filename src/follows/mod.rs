//! Follows: whoever wants to hear of a question, a tag, a topic, a member, or of what a search finds.
//!
//! Owns the tables `follow` and `followed_search`, and of a member whether they follow by themselves what they write in.
//! Says nothing to anybody: the news look here whom to tell. What a search finds it does not know.

pub mod follow;
pub mod list;
mod store;
mod words;

pub use follow::Wanted;
pub use store::searches::{
    find_search, follow_search, is_following_search, list_searches, list_searches_of, newest_search, unfollow_search,
};
pub use store::{
    follow, follows_own, forget, is_following, list_followers, list_of_member, move_followers, set_follows_own,
    unfollow,
};
pub use words::{NEVER_NEW, NO_SEARCH, enough_searches};

use std::fmt;

use diesel::Queryable;

use crate::db::{Conn, DbError, Tx, text_enum};
use crate::members::{MemberId, Viewer};

text_enum! {
    /// What can be followed.
    pub enum Kind {
        Question = "question",
        Tag = "tag",
        Topic = "topic",
        Member = "member",
        Search = "search",
    }
}

/// Searches that one member follows at most: each new question is held against all.
pub const MOST_SEARCHES: i64 = 50;

/// A search that somebody follows.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Search {
    pub id: i64,
    /// As whoever followed it first typed it, with single spaces.
    pub words: String,
}

/// Something that can be followed. In a form: `question-12`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct What {
    pub kind: Kind,
    pub id: i64,
}

impl What {
    pub fn question(id: i64) -> Self {
        Self { kind: Kind::Question, id }
    }

    pub fn topic(id: i64) -> Self {
        Self { kind: Kind::Topic, id }
    }

    pub fn tag(id: i64) -> Self {
        Self { kind: Kind::Tag, id }
    }

    pub fn search(id: i64) -> Self {
        Self { kind: Kind::Search, id }
    }

    pub fn member(id: MemberId) -> Self {
        Self { kind: Kind::Member, id: id.0 }
    }

    /// Reads what is written in a form.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, id) = text.split_once('-')?;
        Some(Self { kind: Kind::parse(kind)?, id: id.parse().ok()? })
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.kind.as_str(), self.id)
    }
}

/// The button that follows or stops following, for `follows/button.html`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Button {
    pub what: What,
    pub follows: bool,
}

impl Button {
    /// `None`: nobody is signed in, or it is the viewer themselves.
    pub fn load(conn: &mut Conn, viewer: &Viewer, what: What) -> Result<Option<Self>, DbError> {
        let Some(member) = viewer.id().filter(|id| what != What::member(*id)) else { return Ok(None) };
        Ok(Some(Self { what, follows: is_following(conn, member, what)? }))
    }

    /// What it does, for people.
    pub fn label(&self) -> &'static str {
        match (self.what.kind, self.follows) {
            (Kind::Question, false) => words::FOLLOW_QUESTION,
            (Kind::Tag, false) => words::FOLLOW_TAG,
            (Kind::Topic, false) => words::FOLLOW_TOPIC,
            (Kind::Search, false) => words::FOLLOW_SEARCH,
            (Kind::Member, false) => "Follow",
            (_, true) => "Stop following",
        }
    }

    /// What following brings.
    pub fn brings(&self) -> &'static str {
        match self.what.kind {
            Kind::Question => words::FOLLOWERS_OF_A_QUESTION,
            Kind::Tag | Kind::Topic => words::FOLLOWERS_OF_A_LIST,
            Kind::Search => words::FOLLOWERS_OF_A_SEARCH,
            Kind::Member => words::FOLLOWERS_OF_A_MEMBER,
        }
    }
}

/// Somebody wrote in a thread: they follow it from now on, unless they chose otherwise.
pub fn wrote_in(tx: &mut Tx<'_>, member: MemberId, question: i64, now: crate::clock::Millis) -> Result<(), DbError> {
    if follows_own(tx, member)? {
        follow(tx, member, What::question(question), now)?;
    }
    Ok(())
}
