//! Votes: what members think of questions and answers, one vote each, changeable.
//!
//! Owns the table `vote`. The score stands at the post itself and is moved by the difference in the same transaction,
//! so that it stays right whoever votes at the same moment.

mod store;
pub mod vote;
mod words;

pub use store::{Voted, cast, list_by_member, list_for_author, list_of_member};

use crate::clock::Millis;
use crate::db::{DbError, PostRef};
use crate::members::MemberId;

/// What a member thinks of a post. Not having voted is no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vote {
    Up,
    Down,
}

impl Vote {
    /// How much it moves the score.
    pub fn value(self) -> i64 {
        match self {
            Self::Up => 1,
            Self::Down => -1,
        }
    }
}

/// A vote that was cast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cast {
    pub post: PostRef,
    pub by: MemberId,
    /// 1 or -1.
    pub value: i64,
    pub at: Millis,
}

/// Why a vote was not cast. The transaction must be undone.
#[derive(Debug, thiserror::Error)]
pub enum CastError {
    /// Another request of the same member was faster: begin again.
    #[error("another vote of the same member was faster")]
    Raced,
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<diesel::result::Error> for CastError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Db(error.into())
    }
}
