//! Results: what an asker says of an answer after it reached them. A guess is made from a few plain phrases, and staff say
//! what it means; that is what the answer's success is counted from.
//!
//! Owns the tables `result` and `suggestion` (which answers of other threads were offered to staff, and which they took).
//! Does not know where a reply came from: the bridge and the comments tell it of one, and which answer had gone to its
//! writer. What follows for the thread and for the verification is the desk's to do.

mod guess;
mod store;

pub use guess::guess;
pub use store::suggestions::{Taken, count_suggested, list_offered, list_taken, note_offered, note_taken};
pub use store::{count_since, find, forget, list_decided_in, list_of_thread, list_solved, settle};

use crate::answers::{self, AnswerId};
use crate::clock::Millis;
use crate::db::{DbError, Tx, id_type, text_enum};
use crate::questions::{self, QuestionId};
use crate::queue::{self, Item, Kind};
use crate::verifications;

id_type!(
    /// The id of a result.
    ResultId
);

text_enum! {
    /// What an asker says of an answer.
    pub enum Verdict {
        Worked = "worked",
        Broken = "broken",
        /// They speak of something else.
        Neither = "neither",
    }
}

impl Verdict {
    /// What it adds to the answer's numbers: worked, broken.
    pub fn counts(self) -> (i64, i64) {
        match self {
            Self::Worked => (1, 0),
            Self::Broken => (0, 1),
            Self::Neither => (0, 0),
        }
    }

    /// The word for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Worked => "It worked",
            Self::Broken => "Still broken",
            Self::Neither => "Neither",
        }
    }
}

/// What an asker wrote after an answer had reached them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub id: ResultId,
    pub question_id: QuestionId,
    /// The answer that had reached them.
    pub answer_id: Option<AnswerId>,
    /// The comment that they wrote.
    pub comment_id: i64,
    pub guess: Option<Verdict>,
    pub decided: Option<Verdict>,
    /// Who decided, and when.
    pub by_name: Option<String>,
    pub decided_at: Option<Millis>,
}

/// The asker of a thread replied.
#[derive(Clone, Copy, Debug)]
pub struct Reply<'a> {
    pub question_id: QuestionId,
    pub comment_id: i64,
    /// The answer that had been sent to them; `None`: none was, and the one that staff verified or they accepted counts.
    pub sent: Option<AnswerId>,
    /// Plain words.
    pub text: &'a str,
    /// When they wrote it.
    pub at: Millis,
}

/// Notes a reply of the asker as a result for staff to decide about, if an answer had reached them before.
pub fn asker_replied(tx: &mut Tx<'_>, reply: Reply<'_>, now: Millis) -> Result<(), DbError> {
    let Some(question) = questions::find_in_whole(tx, reply.question_id)? else { return Ok(()) };
    let taken = match store::suggestions::find_taken(tx, reply.question_id)? {
        Some(id) => Some(verifications::load_record(tx, id)?.answer_id),
        None => None,
    };
    let verified = match (question.verified_answer_id, questions::find_merged_into(tx, question.id)?) {
        (None, Some(whole)) => questions::find(tx, whole)?.and_then(|whole| whole.verified_answer_id),
        (verified, _) => verified,
    };
    let known = match verified {
        Some(verified) => Some(AnswerId(verified)),
        None => answers::find_accepted(tx, question.id)?,
    };
    let Some(answer) = reply.sent.or(taken).or(known) else { return Ok(()) };
    let Some(id) = store::insert(tx, &reply, answer, guess(reply.text), now)? else { return Ok(()) };
    let (topic, network) = (question.topic.map(|topic| topic.id.0), question.author.origin());
    let item = Item::in_thread(Kind::Result, id.0, question.id.0, topic, network, reply.at);
    queue::open(tx, &Item { arrived_at: now, ..item })
}
