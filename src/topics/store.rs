//! All SQL of topics.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{Rules, Topic, TopicId};
use crate::db::schema::{topic, topic_field};
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

type RulesColumns = (i64, i64, i64);

fn rules((two_person, hold_first, hold_links): RulesColumns) -> Rules {
    Rules { two_person: two_person != 0, hold_first, hold_links: hold_links != 0 }
}

/// What an administrator chose for a topic, and the revision of all that they may change of it.
pub fn find_rules(conn: &mut Conn, id: TopicId) -> Result<Option<(Rules, i64)>, DbError> {
    let row: Option<(RulesColumns, i64)> = topic::table
        .find(id)
        .select(((topic::two_person, topic::hold_first, topic::hold_links), topic::revision))
        .first(conn)
        .optional()?;
    Ok(row.map(|(columns, revision)| (rules(columns), revision)))
}

/// The rules of every topic.
pub fn list_rules(conn: &mut Conn) -> Result<HashMap<TopicId, Rules>, DbError> {
    let rows: Vec<(TopicId, RulesColumns)> =
        topic::table.select((topic::id, (topic::two_person, topic::hold_first, topic::hold_links))).load(conn)?;
    Ok(rows.into_iter().map(|(id, columns)| (id, rules(columns))).collect())
}

/// What the strictest topics ask for together: it holds for a question without a topic, else a rule could be walked around
/// by choosing none.
pub fn load_strictest(conn: &mut Conn) -> Result<Rules, DbError> {
    Ok(list_rules(conn)?.into_values().fold(Rules::default(), Rules::and))
}

/// Adds a topic after the others. A taken slug is a unique violation.
pub fn insert(tx: &mut Tx<'_>, slug: &str, name: &str, description: &str) -> Result<TopicId, DbError> {
    tx.shown_everywhere();
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
    tx.shown_everywhere();
    Ok(changed == 1)
}

/// Puts all topics into this order; those that are not in it come last.
pub fn order(tx: &mut Tx<'_>, ids: &[TopicId]) -> Result<(), DbError> {
    tx.shown_everywhere();
    let last = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    diesel::update(topic::table.filter(diesel::dsl::not(topic::id.eq_any(ids))))
        .set(topic::position.eq(last + 1))
        .execute(&mut **tx)?;
    for (position, id) in (1_i64..).zip(ids) {
        diesel::update(topic::table.find(id)).set(topic::position.eq(position)).execute(&mut **tx)?;
    }
    Ok(())
}

/// Deletes a topic that nothing belongs to any more, with its own fields; `false`: it was gone.
pub fn delete(tx: &mut Tx<'_>, id: TopicId) -> Result<bool, DbError> {
    tx.shown_everywhere();
    diesel::delete(topic_field::table.filter(topic_field::topic_id.eq(id))).execute(&mut **tx)?;
    Ok(diesel::delete(topic::table.find(id)).execute(&mut **tx)? == 1)
}
