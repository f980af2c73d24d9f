//! Which tags a question carries, and which answers it gives to its topic's own fields.

use std::collections::HashMap;

use diesel::prelude::*;

use super::changed;
use crate::clock::Millis;
use crate::db::schema::{field_value, question, question_tag, tag};
use crate::db::{Conn, DbError, Tx};
use crate::questions::QuestionId;
use crate::tags::{self, TagId, TagName};
use crate::topics::fields::FieldId;

/// Gives a question these tags and no others.
pub fn set_tags(tx: &mut Tx<'_>, id: QuestionId, names: &[TagName], now: Millis) -> Result<(), DbError> {
    let before = diesel::delete(question_tag::table.filter(question_tag::question_id.eq(id))).execute(&mut **tx)?;
    let activity_at: Millis = question::table.find(id).select(question::activity_at).first(&mut **tx)?;
    for tag in tags::name_all(tx, names, now)? {
        diesel::insert_into(question_tag::table)
            .values((
                question_tag::question_id.eq(id),
                question_tag::tag_id.eq(tag),
                question_tag::activity_at.eq(activity_at),
            ))
            .execute(&mut **tx)?;
    }
    if before > 0 || !names.is_empty() {
        changed(tx, id, now);
    }
    Ok(())
}

/// Something happened in the thread: its tags list it in the order of that, by an index of their own.
pub(super) fn touched(tx: &mut Tx<'_>, id: QuestionId, now: Millis) -> Result<(), DbError> {
    diesel::update(question_tag::table.filter(question_tag::question_id.eq(id)))
        .set(question_tag::activity_at.eq(now))
        .execute(&mut **tx)?;
    Ok(())
}

/// The tags of these questions, by name; a question without any is not there.
pub(super) fn list_tags(conn: &mut Conn, ids: &[QuestionId]) -> Result<HashMap<QuestionId, Vec<String>>, DbError> {
    let rows: Vec<(QuestionId, String)> = question_tag::table
        .inner_join(tag::table)
        .filter(question_tag::question_id.eq_any(ids))
        .order(tag::name)
        .select((question_tag::question_id, tag::name))
        .load(conn)?;
    let mut tags: HashMap<QuestionId, Vec<String>> = HashMap::new();
    for (id, name) in rows {
        tags.entry(id).or_default().push(name);
    }
    Ok(tags)
}

/// The tags of one question.
pub fn list_tags_of(conn: &mut Conn, id: QuestionId) -> Result<Vec<String>, DbError> {
    Ok(question_tag::table
        .inner_join(tag::table)
        .filter(question_tag::question_id.eq(id))
        .order(tag::name)
        .select(tag::name)
        .load(conn)?)
}

/// At most `limit` tags that begin with these letters and that a shown question carries: what was written on a question that
/// staff took away is suggested to nobody.
pub fn list_tags_beginning(conn: &mut Conn, with: &TagName, limit: i64) -> Result<Vec<String>, DbError> {
    Ok(question_tag::table
        .inner_join(tag::table)
        .inner_join(question::table)
        .filter(question::removed_at.is_null())
        // A name holds neither '%' nor '_'.
        .filter(tag::name.like(format!("{}%", with.as_str())))
        .select(tag::name)
        .distinct()
        .order(tag::name)
        .limit(limit)
        .load(conn)?)
}

/// The tags with the number of shown questions that carry them, the most used first; a tag without any is not there.
pub fn count_by_tag(conn: &mut Conn, limit: i64) -> Result<Vec<(String, i64)>, DbError> {
    let counted: Vec<(TagId, i64)> = question_tag::table
        .inner_join(question::table)
        .filter(question::removed_at.is_null())
        .group_by(question_tag::tag_id)
        .select((question_tag::tag_id, diesel::dsl::count_star()))
        .order(diesel::dsl::count_star().desc())
        .limit(limit)
        .load(conn)?;
    let ids: Vec<TagId> = counted.iter().map(|(id, _)| *id).collect();
    let names: Vec<(TagId, String)> = tag::table.filter(tag::id.eq_any(ids)).select((tag::id, tag::name)).load(conn)?;
    let names: HashMap<TagId, String> = names.into_iter().collect();
    let mut tags: Vec<(String, i64)> =
        counted.into_iter().filter_map(|(id, count)| Some((names.get(&id)?.clone(), count))).collect();
    tags.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    Ok(tags)
}

/// What a question answers to its topic's own fields, instead of what it did before; of other topics' fields nothing changes.
pub fn set_values(tx: &mut Tx<'_>, id: QuestionId, values: &[(FieldId, String)]) -> Result<(), DbError> {
    let fields: Vec<FieldId> = values.iter().map(|(field, _)| *field).collect();
    let known = field_value::table.filter(field_value::question_id.eq(id));
    diesel::delete(known.filter(field_value::field_id.eq_any(fields))).execute(&mut **tx)?;
    for (field, value) in values.iter().filter(|(_, value)| !value.is_empty()) {
        diesel::insert_into(field_value::table)
            .values((field_value::question_id.eq(id), field_value::field_id.eq(field), field_value::value.eq(value)))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// What a question answers to fields, of whatever topic.
pub fn list_values(conn: &mut Conn, id: QuestionId) -> Result<HashMap<FieldId, String>, DbError> {
    let rows: Vec<(FieldId, String)> = field_value::table
        .filter(field_value::question_id.eq(id))
        .select((field_value::field_id, field_value::value))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// What questions answer to a field has another name now.
pub fn rename_value(tx: &mut Tx<'_>, field: FieldId, was: &str, now: &str) -> Result<(), DbError> {
    tx.shown_everywhere();
    let answered = field_value::table.filter(field_value::field_id.eq(field)).filter(field_value::value.eq(was));
    diesel::update(answered).set(field_value::value.eq(now)).execute(&mut **tx)?;
    Ok(())
}

/// Forgets what questions answer to these fields, which are about to go.
pub fn forget_values(tx: &mut Tx<'_>, fields: &[FieldId]) -> Result<(), DbError> {
    diesel::delete(field_value::table.filter(field_value::field_id.eq_any(fields))).execute(&mut **tx)?;
    Ok(())
}
