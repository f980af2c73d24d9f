//! Topics: the product areas that questions are sorted into.
//!
//! Owns the table `topic`. The page of a topic is a list of questions and lives with those.

mod store;

pub use store::{find, find_by_slug, insert, list, needs_second};

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
