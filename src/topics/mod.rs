//! Topics: the product areas that questions are sorted into.
//!
//! Owns the table `topic`. The page of a topic is a list of questions and lives with those.

pub mod fields;
mod store;

pub use store::{change, delete, find, find_by_slug, find_rules, insert, list, list_rules, load_strictest, order};

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

impl Rules {
    /// Whether some posts wait until staff have looked at them.
    pub fn hold(self) -> bool {
        self.hold_first > 0 || self.hold_links
    }

    /// What both ask for.
    fn and(self, other: Self) -> Self {
        Self {
            two_person: self.two_person || other.two_person,
            hold_first: self.hold_first.max(other.hold_first),
            hold_links: self.hold_links || other.hold_links,
        }
    }
}
