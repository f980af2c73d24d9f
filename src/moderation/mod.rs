//! Moderation: what members report, what staff take out of sight and bring back, threads that are closed or moved, held
//! posts let through or not, and members who are warned or stopped for a while.
//!
//! Owns the tables `flag`, `report`, `sanction`, `bulk_hide` and `bulk_hidden`. Every act is one transaction that tells its
//! author why and writes a line of the audit log. Sends nothing: what is hidden here is not touched on its network.

pub mod act;
pub mod bulk;
pub mod flags;
pub mod held;
pub mod hide;
pub mod labels;
pub mod people;
pub mod readers;
pub mod report;
pub mod room;
pub mod sanctions;
mod sight;
mod store;
pub mod thread;
mod words;

pub use store::{count_open_flags, list_reports_by};

use serde::Deserialize;

use crate::clock::Millis;
use crate::db::{PostKind, PostRef, id_type, text_enum};
use crate::members::MemberId;
use crate::posts::Author;
use crate::trust;
use crate::web::Problems;

/// Characters of a reason that staff give.
const LONGEST_REASON: usize = 500;
/// Rows of a list that is decided one by one: more are shown when these are.
const LISTED: i64 = 50;

id_type!(
    /// The id of a flag.
    FlagId
);
id_type!(
    /// The id of a bulk hide.
    BulkId
);

text_enum! {
    /// Why a member reports a post.
    pub enum Reason {
        Spam = "spam",
        Rude = "rude",
        Personal = "personal",
        Wrong = "wrong",
        Outdated = "outdated",
        Other = "other",
    }
}

impl Reason {
    /// The word for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Spam => "Spam",
            Self::Rude => "Rude",
            Self::Personal => "Personal data",
            Self::Wrong => "Wrong",
            Self::Outdated => "Outdated",
            Self::Other => "Other",
        }
    }

    /// For whoever chooses.
    pub fn explained(self) -> &'static str {
        match self {
            Self::Spam => words::SPAM,
            Self::Rude => words::RUDE,
            Self::Personal => words::PERSONAL,
            Self::Wrong => words::WRONG,
            Self::Outdated => words::OUTDATED,
            Self::Other => "Something else",
        }
    }

    /// Whether this can be said of a post: only an answer holds until something changes.
    pub fn fits(self, post: PostRef) -> bool {
        self != Self::Outdated || post.kind == PostKind::Answer
    }
}

/// One reported post, whoever reported it: open until staff decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    pub id: FlagId,
    pub post: PostRef,
    pub question_id: i64,
    pub created_at: Millis,
    /// What its reports weigh together, see [`weight_of`].
    pub weight: i64,
    /// Who decided, when, and whether the post was hidden for it.
    pub decision: Option<(MemberId, Millis, bool)>,
}

/// What one report weighs: that of a new member half as much as that of a trusted one.
pub fn weight_of(reporter: trust::Level) -> i64 {
    match reporter {
        trust::Level::New => 1,
        trust::Level::Trusted => FULL_WEIGHT,
    }
}

/// From here on a report is looked at in its turn: a trusted member or two people say it. What weighs less comes after.
const FULL_WEIGHT: i64 = 2;

impl Flag {
    /// Nobody says it but one new member.
    pub fn is_by_new(&self) -> bool {
        self.weight < FULL_WEIGHT
    }
}

/// What one member says of a reported post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub flag: FlagId,
    pub by: MemberId,
    pub reason: Reason,
    pub words: String,
    pub at: Millis,
}

text_enum! {
    /// What staff did about a member.
    pub enum SanctionKind {
        Warning = "warning",
        Ban = "ban",
        Lift = "lift",
    }
}

/// A warning, a ban or its end, as the page of the member keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sanction {
    pub kind: SanctionKind,
    pub until: Option<Millis>,
    pub reason: String,
    pub by: MemberId,
    pub at: Millis,
}

/// Posts of one author that were hidden together, to come back together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bulk {
    pub id: BulkId,
    pub author: BulkAuthor,
    pub reason: String,
    pub by: MemberId,
    pub at: Millis,
    pub restored_at: Option<Millis>,
    /// How many posts it took out of sight.
    pub posts: i64,
}

/// Whose posts they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkAuthor {
    Member(MemberId),
    Remote(i64),
}

impl BulkAuthor {
    /// As the audit log names it.
    fn subject(self) -> String {
        match self {
            Self::Member(id) => format!("member-{id}"),
            Self::Remote(id) => format!("remote-author-{id}"),
        }
    }
}

impl From<Author> for BulkAuthor {
    fn from(author: Author) -> Self {
        match author {
            Author::Member(id) => Self::Member(id),
            Author::Remote { author, .. } => Self::Remote(author.0),
        }
    }
}

/// What the address of a page says after a button on it.
#[derive(Deserialize)]
pub struct Pressed {
    faster: Option<String>,
}

impl Pressed {
    /// It did nothing, because somebody was faster.
    fn was_late(&self) -> bool {
        self.faster.is_some()
    }
}

/// The forms of a list that is decided one by one: which one came back, and why.
struct Forms<Id> {
    failed: Option<Id>,
    problems: Problems,
    none: Problems,
}

impl<Id: Copy + PartialEq> Forms<Id> {
    /// None came back.
    fn fresh() -> Self {
        Self { failed: None, problems: Problems::default(), none: Problems::default() }
    }

    fn back(id: Id, problems: Problems) -> Self {
        Self { failed: Some(id), problems, none: Problems::default() }
    }

    fn problems_of(&self, id: Id) -> &Problems {
        if self.failed == Some(id) { &self.problems } else { &self.none }
    }
}

/// Reads the reason of a decision; one that takes something away must have one.
fn read_reason(takes_away: bool, reason: &str) -> Result<String, Problems> {
    let mut problems = Problems::default();
    let reason = if takes_away { check_reason(&mut problems, reason) } else { String::new() };
    if problems.is_empty() { Ok(reason) } else { Err(problems) }
}

/// Checks the reason that staff give to whom it concerns.
fn check_reason(problems: &mut Problems, reason: &str) -> String {
    let reason = problems.text("reason", "The reason", reason, LONGEST_REASON);
    if !problems.is_empty() {
        return String::new();
    }
    reason.split_whitespace().collect::<Vec<_>>().join(" ")
}
