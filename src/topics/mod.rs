//! Topics: the product areas that questions are sorted into.
//!
//! Owns the table `topic`. The page of a topic is a list of questions and lives with those.

mod store;

pub use store::{change, delete, find, find_by_slug, find_hold_rule, find_rules, insert, list, order, set_hold_rule};

use crate::db::id_type;

id_type!(
    /// The id of a topic.
    TopicId
);

/// A product area.
#[derive(Clone, Debug, PartialEq, Eq, diesel::Queryable)]
pub struct Topic {
    pub id: TopicId,
    /// Its part of the address: `/topics/{slug}`.
    pub slug: String,
    pub name: String,
    pub description: String,
}

/// What an administrator chose for a topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// A verification counts only once a second person has confirmed it.
    pub two_person: bool,
    /// So many posts of a new member wait until staff have looked at them.
    pub hold_first: i64,
    /// Posts of new members that hold a link wait until staff have looked at them.
    pub hold_links: bool,
}

/// Which posts of new members staff look at before anybody else does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HoldRule {
    /// The first so many posts of each member.
    pub first: i64,
    /// Posts with links, of members who have written little so far.
    pub links: bool,
}
