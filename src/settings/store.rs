//! All SQL of settings.

use diesel::prelude::*;

use super::{Site, Stored};
use crate::clock::Millis;
use crate::db::schema::setting;
use crate::db::{Conn, DbError, Tx, per_database};
use crate::members::MemberId;

const SITE: &str = "site";
/// While what waits is dated anew: the last row of it that was.
const REDATING: &str = "redating";

/// What administrators chose; `None`: the settings file has it.
pub fn load(conn: &mut Conn) -> Result<Option<Stored>, DbError> {
    let row: Option<(String, i64)> =
        setting::table.find(SITE).select((setting::value, setting::revision)).first(conn).optional()?;
    let Some((value, revision)) = row else { return Ok(None) };
    let site = serde_json::from_str(&value)
        .map_err(|error| DbError::Inconsistent { what: "setting site", value: error.to_string() })?;
    Ok(Some(Stored { site, revision }))
}

/// Stores it, unless somebody did since the revision `seen` was loaded (0: there was none): then `false`, and nothing is
/// changed.
pub fn save(tx: &mut Tx<'_>, seen: i64, site: &Site, by: MemberId, now: Millis) -> Result<bool, DbError> {
    let value = serde_json::to_string(site)
        .map_err(|error| DbError::Inconsistent { what: "setting site", value: error.to_string() })?;
    let saved = if seen == 0 {
        let row =
            (setting::name.eq(SITE), setting::value.eq(value), setting::changed_by.eq(by), setting::changed_at.eq(now));
        per_database!(&mut **tx, inner => diesel::insert_into(setting::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(inner))?
    } else {
        diesel::update(setting::table.find(SITE).filter(setting::revision.eq(seen)))
            .set((
                setting::value.eq(value),
                setting::revision.eq(seen + 1),
                setting::changed_by.eq(by),
                setting::changed_at.eq(now),
            ))
            .execute(&mut **tx)?
    };
    Ok(saved == 1)
}

/// How far the queue is dated anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redating {
    /// The id of the last row that was; 0: none yet.
    pub after: i64,
    /// Tells this time from one that began later.
    revision: i64,
}

/// Has all that waits dated anew, from the first row on. In the transaction of what makes it necessary.
pub fn begin_redating(tx: &mut Tx<'_>, now: Millis) -> Result<(), DbError> {
    let row = (setting::name.eq(REDATING), setting::value.eq("0"), setting::changed_at.eq(now));
    per_database!(&mut **tx, inner => diesel::insert_into(setting::table)
        .values(row)
        .on_conflict(setting::name)
        .do_update()
        .set((setting::value.eq("0"), setting::revision.eq(setting::revision + 1)))
        .execute(inner))?;
    Ok(())
}

/// `None`: everything is dated.
pub fn redating(conn: &mut Conn) -> Result<Option<Redating>, DbError> {
    let row: Option<(String, i64)> =
        setting::table.find(REDATING).select((setting::value, setting::revision)).first(conn).optional()?;
    let Some((value, revision)) = row else { return Ok(None) };
    let Ok(after) = value.parse() else { return Err(DbError::Inconsistent { what: "setting redating", value }) };
    Ok((after >= 0).then_some(Redating { after, revision }))
}

/// Goes on after another row (`None`: that was all), unless it began anew meanwhile: then `false`.
pub fn redated(tx: &mut Tx<'_>, seen: Redating, to: Option<i64>) -> Result<bool, DbError> {
    // The row stays, so that its revision goes on.
    let to = to.unwrap_or(-1).to_string();
    let row = setting::table.find(REDATING).filter(setting::revision.eq(seen.revision));
    Ok(diesel::update(row).set(setting::value.eq(to)).execute(&mut **tx)? == 1)
}
