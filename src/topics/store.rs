//! All SQL of topics.

use diesel::prelude::*;

use super::{HoldRule, Topic, TopicId};
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

/// What is held in a topic. A question without one is held as it would be in the strictest: else the rule could be walked
/// around by choosing none.
pub fn find_hold_rule(conn: &mut Conn, id: Option<TopicId>) -> Result<HoldRule, DbError> {
    let (first, links): (Option<i64>, Option<i64>) = match id {
        Some(id) => {
            let found: Option<(i64, i64)> =
                topic::table.find(id).select((topic::hold_first, topic::hold_links)).first(conn).optional()?;
            found.unzip()
        }
        None => {
            let most = (diesel::dsl::max(topic::hold_first), diesel::dsl::max(topic::hold_links));
            topic::table.select(most).first(conn)?
        }
    };
    Ok(HoldRule { first: first.unwrap_or(0), links: links.unwrap_or(0) == 1 })
}

/// Says what is held in a topic from now on.
pub fn set_hold_rule(tx: &mut Tx<'_>, id: TopicId, rule: HoldRule) -> Result<(), DbError> {
    diesel::update(topic::table.find(id))
        .set((topic::hold_first.eq(rule.first), topic::hold_links.eq(i64::from(rule.links))))
        .execute(&mut **tx)?;
    Ok(())
}
