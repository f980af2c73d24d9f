//! All SQL of topics.

use diesel::prelude::*;

use super::{Topic, TopicId};
use crate::db::schema::topic;
use crate::db::{Conn, DbError, Tx};

/// All topics, in the order that the site wants.
pub fn list(conn: &mut Conn) -> Result<Vec<Topic>, DbError> {
    Ok(topic::table
        .order((topic::position, topic::id))
        .select((topic::id, topic::slug, topic::name, topic::description))
        .load(conn)?)
}

pub fn find(conn: &mut Conn, id: TopicId) -> Result<Option<Topic>, DbError> {
    Ok(topic::table
        .find(id)
        .select((topic::id, topic::slug, topic::name, topic::description))
        .first(conn)
        .optional()?)
}

pub fn find_by_slug(conn: &mut Conn, slug: &str) -> Result<Option<Topic>, DbError> {
    Ok(topic::table
        .filter(topic::slug.eq(slug))
        .select((topic::id, topic::slug, topic::name, topic::description))
        .first(conn)
        .optional()?)
}

/// Whether a verification in this topic needs a second person.
pub fn needs_second(conn: &mut Conn, id: TopicId) -> Result<bool, DbError> {
    let two_person: Option<i64> = topic::table.find(id).select(topic::two_person).first(conn).optional()?;
    Ok(two_person == Some(1))
}

/// Adds a topic after the others. A taken slug is a unique violation.
pub fn insert(tx: &mut Tx<'_>, slug: &str, name: &str, description: &str) -> Result<TopicId, DbError> {
    let last: Option<i64> = topic::table.select(diesel::dsl::max(topic::position)).first(&mut **tx)?;
    Ok(diesel::insert_into(topic::table)
        .values((
            topic::slug.eq(slug),
            topic::name.eq(name),
            topic::description.eq(description),
            topic::position.eq(last.unwrap_or(0) + 1),
        ))
        .returning(topic::id)
        .get_result(&mut **tx)?)
}
