//! All SQL of business hours and response targets.

use diesel::prelude::*;

use super::calendar::{Hours, Written};
use super::{HoursId, Rule, RuleId, Target};
use crate::clock::Millis;
use crate::db::schema::{business_hours, response_target};
use crate::db::{Conn, DbError, Tx, per_database};

/// Business hours with their name.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    pub id: HoursId,
    pub name: String,
    pub hours: Hours,
    /// Counts the changes: who saves says which one they saw.
    pub revision: i64,
}

type Columns = (HoursId, String, String, String, String, i64);

/// All of them, by name.
pub fn list(conn: &mut Conn) -> Result<Vec<Found>, DbError> {
    let rows: Vec<Columns> = business_hours::table.order(business_hours::name).load(conn)?;
    rows.into_iter().map(decode).collect()
}

pub fn find(conn: &mut Conn, id: HoursId) -> Result<Option<Found>, DbError> {
    let row: Option<Columns> = business_hours::table.find(id).first(conn).optional()?;
    row.map(decode).transpose()
}

fn decode((id, name, zone, week, holidays, revision): Columns) -> Result<Found, DbError> {
    let wrong = |value: String| DbError::Inconsistent { what: "calendar of business hours", value };
    let week = serde_json::from_str(&week).map_err(|error| wrong(error.to_string()))?;
    // From the beginning of time on: what opened when it was written may have had its last day.
    let read = Hours::read(&Written { zone, week, holidays }, Millis(0));
    let hours = read.map_err(|problems| wrong(problems.into_iter().map(|(_, problem)| problem).collect()))?;
    Ok(Found { id, name, hours, revision })
}

fn week(hours: &Written) -> Result<String, DbError> {
    serde_json::to_string(&hours.week)
        .map_err(|error| DbError::Inconsistent { what: "calendar of business hours", value: error.to_string() })
}

/// Adds business hours. A taken name is a unique violation.
pub fn insert(tx: &mut Tx<'_>, name: &str, hours: &Hours) -> Result<HoursId, DbError> {
    let written = hours.written();
    Ok(diesel::insert_into(business_hours::table)
        .values((
            business_hours::name.eq(name),
            business_hours::zone.eq(&written.zone),
            business_hours::week.eq(week(&written)?),
            business_hours::holidays.eq(&written.holidays),
        ))
        .returning(business_hours::id)
        .get_result(&mut **tx)?)
}

/// Changes them, unless somebody did since `seen` was loaded, or they are gone: then `false`.
pub fn change(tx: &mut Tx<'_>, id: HoursId, seen: i64, name: &str, hours: &Hours) -> Result<bool, DbError> {
    let written = hours.written();
    let changed = diesel::update(business_hours::table.find(id).filter(business_hours::revision.eq(seen)))
        .set((
            business_hours::name.eq(name),
            business_hours::zone.eq(&written.zone),
            business_hours::week.eq(week(&written)?),
            business_hours::holidays.eq(&written.holidays),
            business_hours::revision.eq(seen + 1),
        ))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}

/// Deletes hours by which no target counts; `false`: one does, or they are gone.
pub fn delete(tx: &mut Tx<'_>, id: HoursId) -> Result<bool, DbError> {
    let used = response_target::table.filter(response_target::hours_id.eq(id));
    if diesel::select(diesel::dsl::exists(used)).get_result::<bool>(&mut **tx)? {
        return Ok(false);
    }
    Ok(diesel::delete(business_hours::table.find(id)).execute(&mut **tx)? == 1)
}

type RuleColumns = (RuleId, i64, i64, i64, Option<HoursId>);

macro_rules! rule_columns {
    () => {
        (
            response_target::id,
            response_target::channel_id,
            response_target::topic_id,
            response_target::minutes,
            response_target::hours_id,
        )
    };
}

fn rule((id, channel, topic, minutes, hours): RuleColumns) -> Rule {
    // In the table 0 stands for any, since of NULLs a UNIQUE lets in as many as there are.
    let specific = |id: i64| (id != 0).then_some(id);
    Rule { id, channel_id: specific(channel), topic_id: specific(topic), target: Target { minutes, hours } }
}

/// All targets, the widest first.
pub fn list_rules(conn: &mut Conn) -> Result<Vec<Rule>, DbError> {
    let rows: Vec<RuleColumns> = response_target::table
        .order((response_target::topic_id, response_target::channel_id))
        .select(rule_columns!())
        .load(conn)?;
    Ok(rows.into_iter().map(rule).collect())
}

/// The targets that may hold for this channel and this topic: four at most.
pub(super) fn list_rules_for(
    conn: &mut Conn,
    channel_id: Option<i64>,
    topic_id: Option<i64>,
) -> Result<Vec<Rule>, DbError> {
    let rows: Vec<RuleColumns> = response_target::table
        .filter(response_target::channel_id.eq_any([0, channel_id.unwrap_or(0)]))
        .filter(response_target::topic_id.eq_any([0, topic_id.unwrap_or(0)]))
        .select(rule_columns!())
        .load(conn)?;
    Ok(rows.into_iter().map(rule).collect())
}

/// Sets the target for a channel, a topic, both or all (`None`, `None`).
pub fn set_rule(
    tx: &mut Tx<'_>,
    channel_id: Option<i64>,
    topic_id: Option<i64>,
    target: Target,
) -> Result<(), DbError> {
    let values = (
        response_target::channel_id.eq(channel_id.unwrap_or(0)),
        response_target::topic_id.eq(topic_id.unwrap_or(0)),
        response_target::minutes.eq(target.minutes),
        response_target::hours_id.eq(target.hours),
    );
    let new = (response_target::minutes.eq(target.minutes), response_target::hours_id.eq(target.hours));
    per_database!(&mut **tx, inner => diesel::insert_into(response_target::table)
        .values(values)
        .on_conflict((response_target::channel_id, response_target::topic_id))
        .do_update()
        .set(new)
        .execute(inner))?;
    Ok(())
}

/// Takes a target back; `false`: it was gone.
pub fn remove_rule(tx: &mut Tx<'_>, id: RuleId) -> Result<bool, DbError> {
    Ok(diesel::delete(response_target::table.find(id)).execute(&mut **tx)? == 1)
}

/// Takes back all targets of a topic that goes.
pub fn remove_rules_of_topic(tx: &mut Tx<'_>, topic_id: i64) -> Result<(), DbError> {
    diesel::delete(response_target::table.filter(response_target::topic_id.eq(topic_id))).execute(&mut **tx)?;
    Ok(())
}
