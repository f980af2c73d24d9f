//! Verifications: who vouches for which revision of an answer, on what evidence, for which scope, until when.
//!
//! Owns the table `verification`, and tells the question which of its answers is verified. Knows nothing of the desk, on
//! which staff verify, nor of deliveries: threads show what stands here, and the desk sends it.

mod store;

pub use store::{insert, load_standing, withdraw};

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
    pub scope: String,
    pub valid_until: Option<Millis>,
    /// What was sent to the asker with it; none where the question was asked here.
    pub short_form: Option<String>,
}

/// What a verification was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withdrawn {
    pub question_id: QuestionId,
    pub answer_id: AnswerId,
    /// It did not stand any more.
    pub already: bool,
}

/// A verification that stands: shown with its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub id: VerificationId,
    pub answer_id: i64,
    /// Which revision of the answer was vouched for.
    pub revision: i64,
    pub by_name: String,
    pub by_handle: String,
    pub by_title: String,
    pub evidence: String,
    pub scope: String,
    pub valid_until: Option<Millis>,
    pub created_at: Millis,
}

impl Standing {
    /// Whether its end date has passed: it is still shown, and says so.
    pub fn expired(&self, now: Millis) -> bool {
        self.valid_until.is_some_and(|until| until < now)
    }
}
