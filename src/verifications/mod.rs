//! Verifications: who vouches for which revision of an answer, on what evidence, for which scope, until when; and what
//! makes somebody check it again.
//!
//! Owns the tables `verification`, `product_release` and `answer_review`. Tells the question which of its answers is
//! verified, the answer which of its revisions is shown, its author what became of it, and the queue what waits for staff.
//! Knows nothing of the desk, on which staff verify, nor of deliveries: threads show what stands here, and the desk sends it.

mod act;
mod fresh;
mod review;
mod scope;
pub mod state;
mod store;
mod words;

use std::fmt;

pub use act::{Rules, Vouched, confirm, follow, needs_second, refuse_second, vouch, withdraw};
pub use fresh::{RESULTS_COUNT_FOR, Release, enter_release, falls, list_releases, list_suspects, put_up};
pub use review::{Review, find_review, is_seen, note_seen, refuse};
pub use scope::Scope;
pub use state::{NotAllowed, State};
pub use store::{
    find_awaiting, find_live, list_awaiting, list_of_gone, load_record, load_standing, load_standing_answers,
    load_standing_in, load_standing_of,
};

use crate::answers::AnswerId;
use crate::clock::Millis;
use crate::db::id_type;
use crate::members::MemberId;
use crate::questions::QuestionId;

id_type!(
    /// The id of a verification.
    VerificationId
);

/// A verification to be written.
#[derive(Clone, Debug)]
pub struct NewVerification {
    pub question_id: QuestionId,
    pub answer_id: AnswerId,
    /// The revision that was read.
    pub revision: i64,
    pub by: MemberId,
    pub evidence: String,
    pub scope: Scope,
    pub valid_until: Option<Millis>,
    /// What is sent to the asker with it; none where the question was asked here, or nothing is to be sent.
    pub short_form: Option<String>,
    /// What goes along with it, as JSON; only its sender reads it.
    pub pictures: String,
}

/// A verification as it was written, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub id: VerificationId,
    pub question_id: QuestionId,
    pub answer_id: AnswerId,
    pub revision: i64,
    /// Who vouched first.
    pub by: MemberId,
    /// Who vouched as well, where the topic asked for a second person.
    pub second: Option<MemberId>,
    pub evidence: String,
    pub scope: Scope,
    pub valid_until: Option<Millis>,
    pub short_form: Option<String>,
    pub pictures: String,
    pub state: State,
    pub created_at: Millis,
}

/// A verification that is shown with its answer: one that stands, or that is being checked again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub id: VerificationId,
    pub answer_id: i64,
    /// Which revision of the answer was vouched for.
    pub revision: i64,
    pub by_name: String,
    pub by_handle: String,
    pub by_title: String,
    pub second_name: Option<String>,
    pub evidence: String,
    pub scope: Scope,
    pub valid_until: Option<Millis>,
    pub created_at: Millis,
    /// Since when it is being checked again, and why.
    pub stale: Option<Stale>,
}

/// Why something is checked again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stale {
    pub since: Millis,
    pub why: String,
}

impl Standing {
    /// Whether its end date has passed, be it that nobody has noted so yet.
    pub fn expired(&self, now: Millis) -> bool {
        self.valid_until.is_some_and(|until| until < now)
    }

    /// Whether staff stand by it now: it may go out and be suggested.
    pub fn holds(&self, now: Millis) -> bool {
        self.stale.is_none() && !self.expired(now)
    }

    /// Whoever vouches for it.
    pub fn by(&self) -> String {
        match &self.second_name {
            Some(second) => format!("{} and {second}", self.by_name),
            None => self.by_name.clone(),
        }
    }
}

/// How often an answer worked for those who told us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Success {
    pub worked: i64,
    pub told: i64,
}

impl Success {
    /// `None`: nobody told us.
    pub fn of(worked: i64, broken: i64) -> Option<Self> {
        (worked + broken > 0).then_some(Self { worked, told: worked + broken })
    }
}

/// `worked for 3 of 4 who told us`
impl fmt::Display for Success {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.worked, self.told) {
            (1, 1) => f.write_str(words::WORKED_FOR_THE_ONE),
            (0, 1) => f.write_str(words::NOT_FOR_THE_ONE),
            (worked, told) => write!(f, "worked for {worked} of {told} who told us"),
        }
    }
}
