//! What a list of the queue shows: pure, made by the desk from the address of its page.

use super::Kind;
use crate::clock::Millis;
use crate::db::text_enum;
use crate::members::MemberId;
use crate::posts::Origin;

text_enum! {
    /// Whose work.
    pub enum Whose {
        All = "all",
        /// Claimed by the reader, or assigned to them.
        Mine = "mine",
        /// Assigned to a team of theirs.
        Team = "team",
        /// Neither claimed nor assigned.
        Nobody = "nobody",
        /// Put off for now; every other list leaves these out.
        Snoozed = "snoozed",
    }
}

/// What is wanted, and by whom.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub reader: MemberId,
    /// The teams that they belong to.
    pub teams: Vec<i64>,
    /// They may know of private conversations.
    pub sees_private: bool,
    pub whose: Whose,
    /// Empty: all kinds.
    pub kinds: Vec<Kind>,
    pub topic: Option<i64>,
    /// `Some(None)`: what was written here.
    pub network: Option<Option<Origin>>,
    pub lang: Option<String>,
    pub now: Millis,
}
