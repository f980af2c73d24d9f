//! The queue: one row for each thing that waits for staff, whatever its kind.
//!
//! Owns the tables `work`, `handling`, `presence`, `reminder` and `saved_view`. Whoever makes something that waits opens
//! its row in the same transaction, and whoever settles it closes it; the thing itself stays with its slice, which this
//! one does not know. Decides nothing about a thread: the desk does.

mod store;
mod wanted;

use std::fmt;

pub use store::handling::{assign, claim, load_handling, may_send, release, set_snooze, settle_claim, take_over};
pub use store::list::{Counts, count, count_open, list, list_of_subjects};
pub use store::presence::{Look, forget_looks, list_looks, look, renew_looks};
pub use store::reminders::{
    Reminder, list_due as list_due_reminders, list_ended_snoozes, remind, take as take_reminder,
};
pub use store::views::{SavedView, delete_view, list_views, save_view};
pub use store::{close, close_thread, move_topic, open, redate, release_member, release_team, set_topic};
pub use wanted::{Wanted, Whose};

use std::time::Duration;

use crate::clock::Millis;
use crate::db::{id_type, text_enum};
use crate::members::MemberId;
use crate::posts::Origin;

/// How long a claim holds without a sign of its holder; renewed while they have the page open.
pub const CLAIM: Duration = Duration::from_secs(15 * 60);

id_type!(
    /// The id of a row of the queue.
    WorkId
);
id_type!(
    /// The id of a saved view.
    ViewId
);

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

impl Item {
    /// Something in a thread that came by no channel of its own, and that we learn of at the moment in which its clock
    /// starts. `network`: of the thread.
    pub fn in_thread(
        kind: Kind,
        ref_id: i64,
        question_id: i64,
        topic_id: Option<i64>,
        network: Option<Origin>,
        since: Millis,
    ) -> Self {
        let subject = Subject::Question(question_id);
        Self { kind, ref_id, subject, topic_id, channel_id: None, network, lang: None, since, arrived_at: since }
    }
}

/// A row of the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    pub id: WorkId,
    pub item: Item,
    /// When three quarters of the time for a first response are over.
    pub soon_at: Millis,
    pub due_at: Millis,
}

/// How a subject is handled; of one that nobody has touched, the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Handling {
    /// Who works on it, and until when without a sign of them. An ended claim is none.
    pub claim: Option<Claim>,
    pub assignee: Option<MemberId>,
    pub team: Option<i64>,
    /// It is not shown before.
    pub snoozed_until: Option<Millis>,
    /// Which state this is: whoever acts says which one they saw.
    pub revision: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    pub by: MemberId,
    pub until: Millis,
}

/// To whom something is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    Nobody,
    Person(MemberId),
    Team(i64),
}

/// What became of an act on a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    Yes,
    /// Somebody was faster: this is how it stands now.
    No(Handling),
}

/// Whether somebody may send into a subject now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sending {
    Free,
    /// A colleague has claimed it.
    Claimed(Claim),
}
