//! Reputation: what others make of what a member wrote, as a sum of events.
//!
//! Owns the table `reputation`, one row for each event that counts, and of a member the sum. Whoever causes an event says
//! so in the same transaction, and says so again when it is taken back: a row is then gone as if it had never been. Knows
//! none of those who do; `people` can count everything anew from the votes and marks themselves.

mod store;

pub use store::{hold, list_events, list_leaders, of_members, replace, set};

use std::fmt;

use crate::clock::Millis;
use crate::db::{PostKind, PostRef};
use crate::members::MemberId;

/// Something that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody's vote: 1 or -1.
    Vote { post: PostRef, by: MemberId, value: i64 },
    /// Who asked says that the answer helped.
    Accepted { answer: i64 },
    /// Staff vouch for the answer.
    Verified { answer: i64 },
    /// Staff understood a reply to it as: solved.
    Solved { result: i64 },
}

impl Event {
    /// A vote against costs its receiver little: it says that a text is not good, not that its writer is not.
    pub fn points(self) -> i64 {
        match self {
            Self::Vote { post, value, .. } => match (post.kind, value > 0) {
                (PostKind::Answer, true) => 10,
                (PostKind::Question, true) => 5,
                (PostKind::Comment, true) => 0,
                (PostKind::Answer | PostKind::Question, false) => -2,
                (PostKind::Comment, false) => 0,
            },
            Self::Accepted { .. } => 15,
            Self::Verified { .. } => 25,
            Self::Solved { .. } => 15,
        }
    }
}

/// What it is called in the table, once for each member: whether a vote is for or against is no part of it.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vote { post, by, .. } => write!(f, "vote-{post}-by-{by}"),
            Self::Accepted { answer } => write!(f, "accepted-answer-{answer}"),
            Self::Verified { answer } => write!(f, "verified-answer-{answer}"),
            Self::Solved { result } => write!(f, "result-{result}"),
        }
    }
}

/// An event as it is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    pub event: String,
    pub points: i64,
    pub at: Millis,
}

impl Counted {
    pub fn of(event: Event, at: Millis) -> Self {
        Self { event: event.to_string(), points: event.points(), at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_has_its_weight_and_one_name() {
        let answer = PostRef { kind: PostKind::Answer, id: 7 };
        let vote = |post, value| Event::Vote { post, by: MemberId(4), value };
        for (event, points, name) in [
            (vote(answer, 1), 10, "vote-answer-7-by-4"),
            (vote(answer, -1), -2, "vote-answer-7-by-4"),
            (vote(PostRef { kind: PostKind::Question, id: 7 }, 1), 5, "vote-question-7-by-4"),
            (Event::Accepted { answer: 7 }, 15, "accepted-answer-7"),
            (Event::Verified { answer: 7 }, 25, "verified-answer-7"),
            (Event::Solved { result: 12 }, 15, "result-12"),
        ] {
            assert_eq!((event.points(), event.to_string().as_str()), (points, name));
        }
    }
}
