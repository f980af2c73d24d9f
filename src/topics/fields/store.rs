//! All SQL of the topics' own fields.

use diesel::prelude::*;

use super::{Field, FieldId, Kind, Renamed};
use crate::clock::Millis;
use crate::db::schema::topic_field;
use crate::db::{Conn, DbError, Tx};
use crate::topics::TopicId;

type Row = (FieldId, String, Kind, String, i64, Option<Millis>);

macro_rules! columns {
    () => {
        (
            topic_field::id,
            topic_field::name,
            topic_field::kind,
            topic_field::choices,
            topic_field::required,
            topic_field::ended_at,
        )
    };
}

/// Stands between the name of a choice and those that it had before; no form brings one.
const EARLIER: char = '\u{1F}';

fn field((id, name, kind, stored, required, ended_at): Row) -> Field {
    let (mut choices, mut renamed) = (Vec::new(), Vec::new());
    for line in stored.lines() {
        let mut names = line.split(EARLIER).map(str::to_owned);
        let now = names.next().unwrap_or_default();
        renamed.extend(names.map(|was| Renamed { was, now: now.clone() }));
        choices.push(now);
    }
    Field { id, name, kind, choices, renamed, required: required != 0, ended: ended_at.is_some() }
}

/// Choices as they are stored: one a line, each with the names that it had before.
fn stored(choices: &[String], renamed: &[Renamed]) -> String {
    let line = |choice: &String| {
        let earlier = renamed.iter().filter(|one| one.now == *choice).map(|one| format!("{EARLIER}{}", one.was));
        format!("{choice}{}", earlier.collect::<String>())
    };
    choices.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What a topic asks now, in its order.
pub fn list(conn: &mut Conn, topic: TopicId) -> Result<Vec<Field>, DbError> {
    Ok(list_all(conn, topic)?.into_iter().filter(|field| !field.ended).collect())
}

/// What a topic asks and asked, in its order.
pub fn list_all(conn: &mut Conn, topic: TopicId) -> Result<Vec<Field>, DbError> {
    let rows: Vec<Row> = topic_field::table
        .filter(topic_field::topic_id.eq(topic))
        .order((topic_field::position, topic_field::id))
        .select(columns!())
        .load(conn)?;
    Ok(rows.into_iter().map(field).collect())
}

/// The topic that a field belongs to.
pub fn find_topic(conn: &mut Conn, id: FieldId) -> Result<Option<TopicId>, DbError> {
    Ok(topic_field::table.find(id).select(topic_field::topic_id).first(conn).optional()?)
}

/// A field, with the topic that asks it.
pub fn find(conn: &mut Conn, id: FieldId) -> Result<Option<(TopicId, Field)>, DbError> {
    let found: Option<(TopicId, Row)> =
        topic_field::table.find(id).select((topic_field::topic_id, columns!())).first(conn).optional()?;
    Ok(found.map(|(topic, row)| (topic, field(row))))
}

/// Gives a field, known as `was`, another name, other choices, or another weight. `false`: somebody else changed it meanwhile.
pub fn rewrite(tx: &mut Tx<'_>, was: &Field, now: &Field) -> Result<bool, DbError> {
    let known = topic_field::table
        .find(was.id)
        .filter(topic_field::name.eq(&was.name))
        .filter(topic_field::choices.eq(stored(&was.choices, &was.renamed)));
    let done = diesel::update(known)
        .set((
            topic_field::name.eq(&now.name),
            topic_field::choices.eq(stored(&now.choices, &now.renamed)),
            topic_field::required.eq(i64::from(now.required)),
        ))
        .execute(&mut **tx)?;
    tx.shown_everywhere();
    Ok(done == 1)
}

/// Adds a field after the others.
pub fn add(
    tx: &mut Tx<'_>,
    topic: TopicId,
    name: &str,
    kind: Kind,
    choices: &[String],
    required: bool,
) -> Result<FieldId, DbError> {
    let last: Option<i64> = topic_field::table
        .filter(topic_field::topic_id.eq(topic))
        .select(diesel::dsl::max(topic_field::position))
        .first(&mut **tx)?;
    Ok(diesel::insert_into(topic_field::table)
        .values((
            topic_field::topic_id.eq(topic),
            topic_field::name.eq(name),
            topic_field::kind.eq(kind),
            topic_field::choices.eq(choices.join("\n")),
            topic_field::required.eq(i64::from(required)),
            topic_field::position.eq(last.unwrap_or(0) + 1),
        ))
        .returning(topic_field::id)
        .get_result(&mut **tx)?)
}

/// Puts the fields of a topic into this order.
pub fn order(tx: &mut Tx<'_>, ids: &[FieldId]) -> Result<(), DbError> {
    tx.shown_everywhere();
    for (position, id) in (1_i64..).zip(ids) {
        diesel::update(topic_field::table.find(id)).set(topic_field::position.eq(position)).execute(&mut **tx)?;
    }
    Ok(())
}

/// Whether a field must be answered from now on.
pub fn set_required(tx: &mut Tx<'_>, id: FieldId, required: bool) -> Result<(), DbError> {
    diesel::update(topic_field::table.find(id))
        .set(topic_field::required.eq(i64::from(required)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Asks it no more (or again).
pub fn end(tx: &mut Tx<'_>, id: FieldId, ended_at: Option<Millis>) -> Result<(), DbError> {
    diesel::update(topic_field::table.find(id)).set(topic_field::ended_at.eq(ended_at)).execute(&mut **tx)?;
    Ok(())
}
