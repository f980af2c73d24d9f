//! The rooms of an administrator: topics, people, teams, business hours, response targets and the site itself, and how the
//! first administrator comes in.
//!
//! Owns no table: each page calls the slice whose table it shows, and writes one line of the audit log with each act. Who is
//! let in is said by the extractor `Admin`; the two pages of one-time links take whoever holds one.

pub mod first_run;
pub mod hours;
pub mod invitations;
pub mod join;
pub mod mail;
pub mod overview;
pub mod people;
mod redate;
pub mod site;
pub mod targets;
pub mod teams;
pub mod topic_end;
pub mod topic_field;
pub mod topic_fields;
pub mod topics;
mod words;

use serde::Deserialize;

pub use redate::start;

use crate::audit::{self, Act, Entry};
use crate::clock::Millis;
use crate::db::{DbError, Tx};
use crate::members::MemberId;

/// What was done a moment ago, as the address of the page after it carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Told {
    Saved,
    Deleted,
    /// Somebody else did it before.
    Gone,
    /// The role or the title is another by now than the page showed.
    Changed,
    /// The last administrator stays one.
    Last,
    /// The link of the invitation was shown before.
    Shown,
    Welcome,
}

#[derive(Deserialize)]
pub struct Asked {
    told: Option<Told>,
}

/// A form of a button alone.
#[derive(Deserialize)]
pub struct Nothing {}

impl Told {
    /// Whether it is good news.
    pub fn is_good(self) -> bool {
        matches!(self, Self::Saved | Self::Deleted | Self::Welcome)
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::Saved => "Saved.",
            Self::Deleted => "Deleted.",
            Self::Gone => words::SOMEBODY_WAS_FASTER,
            Self::Changed => words::OTHER_ROLE_MEANWHILE,
            Self::Last => words::LAST_ADMINISTRATOR,
            Self::Shown => words::LINK_WAS_SHOWN,
            Self::Welcome => words::WELCOME,
        }
    }
}

/// Notes an act of an administrator. `subject` as in `topic-2`; `words`: what was chosen.
fn note(
    tx: &mut Tx<'_>,
    by: MemberId,
    act: Act,
    subject: impl Into<String>,
    words: impl Into<String>,
    at: Millis,
) -> Result<(), DbError> {
    let (subject, words) = (subject.into(), words.into());
    audit::record(tx, &Entry { by: Some(by), act, subject, question_id: None, words, at })
}
