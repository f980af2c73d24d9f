//! The queue: one row for each thing that waits for staff, whatever its kind.
//!
//! Owns the tables `work`, `handling`, `presence`, `reminder` and `saved_view`. Whoever makes something that waits opens
//! its row in the same transaction, and whoever settles it closes it; the thing itself stays with its slice, which this
//! one does not know. Decides nothing about a thread: the desk does.

mod store;

use std::fmt;

pub use store::{close, move_thread, open, redate, release_member, release_team};

use crate::clock::Millis;
use crate::db::text_enum;
use crate::posts::Origin;

text_enum! {
    /// What waits.
    pub enum Kind {
        /// An asker on a network waits for a word from us.
        Mirrored = "mirrored",
        /// A question that was asked here, and that nobody of us has looked at.
        Asked = "asked",
        /// An answer that staff have neither verified nor refused.
        Verify = "verify",
        /// A verification that needs its second person.
        Second = "second",
        /// A verification that does not hold any more unless somebody checks it.
        Recheck = "recheck",
        /// What an asker said after our reply.
        Result = "result",
        /// Somebody waits for an answer in private.
        Private = "private",
        /// A remote post that is not published before staff have looked at it.
        Held = "held",
        /// A post written here that is not published before staff have looked at it.
        HeldPost = "held_post",
        /// A delivery that only a person can bring further.
        Delivery = "delivery",
        /// Somebody wants their post taken away.
        Removal = "removal",
        /// A trainee's words that wait for approval.
        Draft = "draft",
        /// A post that somebody reported.
        Flag = "flag",
    }
}

/// What is claimed, assigned and put off as one: a thread with all that waits in it, a private conversation, and what has
/// neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A thread, by its question.
    Question(i64),
    /// A private conversation.
    Private(i64),
    /// A remote post that has no thread yet.
    RemotePost(i64),
}

impl Subject {
    /// Reads what [`Display`](fmt::Display) writes; `None`: it is something else.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, id) = text.rsplit_once('-')?;
        let id = id.parse().ok()?;
        match kind {
            "question" => Some(Self::Question(id)),
            "private" => Some(Self::Private(id)),
            "remote-post" => Some(Self::RemotePost(id)),
            _ => None,
        }
    }

    /// The thread, where it is one.
    pub fn question_id(self) -> Option<i64> {
        match self {
            Self::Question(id) => Some(id),
            Self::Private(_) | Self::RemotePost(_) => None,
        }
    }
}

/// Written as in a row or an address: `question-12`.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Question(id) => write!(f, "question-{id}"),
            Self::Private(id) => write!(f, "private-{id}"),
            Self::RemotePost(id) => write!(f, "remote-post-{id}"),
        }
    }
}

/// Something that waits for staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub kind: Kind,
    /// Its id in the table of its kind.
    pub ref_id: i64,
    pub subject: Subject,
    pub topic_id: Option<i64>,
    /// The channel that it came by; `None`: it was written here.
    pub channel_id: Option<i64>,
    pub network: Option<Origin>,
    /// The language of the original, as its network names it.
    pub lang: Option<String>,
    /// When the clock starts: the moment of the original, on its network.
    pub since: Millis,
    /// When we learned of it.
    pub arrived_at: Millis,
}
