//! All SQL of topics.

use diesel::prelude::*;

use super::{HoldRule, Rules, Topic, TopicId};
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

/// What an administrator chose for a topic, and the revision of all that they may change of it.
pub fn find_rules(conn: &mut Conn, id: TopicId) -> Result<Option<(Rules, i64)>, DbError> {
    let row: Option<(i64, i64, i64, i64)> = topic::table
        .find(id)
        .select((topic::two_person, topic::hold_first, topic::hold_links, topic::revision))
        .first(conn)
        .optional()?;
    Ok(row.map(|(two_person, hold_first, hold_links, revision)| {
        (Rules { two_person: two_person != 0, hold_first, hold_links: hold_links != 0 }, revision)
    }))
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

/// Changes a topic, unless somebody did since the revision `seen` was loaded, or it is gone: then `false`. A taken slug is
/// a unique violation.
pub fn change(tx: &mut Tx<'_>, new: &Topic, rules: Rules, seen: i64) -> Result<bool, DbError> {
    let changed = diesel::update(topic::table.find(new.id).filter(topic::revision.eq(seen)))
        .set((
            topic::slug.eq(&new.slug),
            topic::name.eq(&new.name),
            topic::description.eq(&new.description),
            topic::two_person.eq(i64::from(rules.two_person)),
            topic::hold_first.eq(rules.hold_first),
            topic::hold_links.eq(i64::from(rules.hold_links)),
            topic::revision.eq(seen + 1),
        ))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}

/// Puts all topics into this order; those that are not in it come last.
pub fn order(tx: &mut Tx<'_>, ids: &[TopicId]) -> Result<(), DbError> {
    let last = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    diesel::update(topic::table.filter(diesel::dsl::not(topic::id.eq_any(ids))))
        .set(topic::position.eq(last + 1))
        .execute(&mut **tx)?;
    for (position, id) in (1_i64..).zip(ids) {
        diesel::update(topic::table.find(id)).set(topic::position.eq(position)).execute(&mut **tx)?;
    }
    Ok(())
}

/// Deletes a topic that nothing belongs to any more; `false`: it was gone.
pub fn delete(tx: &mut Tx<'_>, id: TopicId) -> Result<bool, DbError> {
    Ok(diesel::delete(topic::table.find(id)).execute(&mut **tx)? == 1)
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
