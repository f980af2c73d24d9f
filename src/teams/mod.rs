//! Teams: colleagues to whom work is given together.
//!
//! Owns the tables `team` and `team_member`. What a team was given stands in the queue, which this slice does not know.

mod store;

pub use store::{change, delete, find, insert, leave_all, list, list_of};

use crate::db::id_type;
use crate::members::MemberId;

id_type!(
    /// The id of a team.
    TeamId
);

/// A team and who is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    pub id: TeamId,
    pub name: String,
    /// Counts the changes: who saves says which one they saw.
    pub revision: i64,
    pub members: Vec<MemberId>,
}
