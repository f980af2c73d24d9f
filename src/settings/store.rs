//! All SQL of settings.

use diesel::prelude::*;

use super::{Site, Stored};
use crate::clock::Millis;
use crate::db::schema::setting;
use crate::db::{Conn, DbError, Tx, per_database};
use crate::members::MemberId;

const SITE: &str = "site";

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
