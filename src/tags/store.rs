//! All SQL of tags.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{TagId, TagName};
use crate::clock::Millis;
use crate::db::schema::tag;
use crate::db::{Conn, DbError, Tx, per_database};

/// The ids of these tags, in their order; those that nobody has used yet are written.
pub fn name_all(tx: &mut Tx<'_>, names: &[TagName], now: Millis) -> Result<Vec<TagId>, DbError> {
    let mut ids = Vec::with_capacity(names.len());
    for name in names {
        let row = (tag::name.eq(name.as_str()), tag::created_at.eq(now));
        per_database!(&mut **tx, conn => diesel::insert_into(tag::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(conn))?;
        ids.push(tag::table.filter(tag::name.eq(name.as_str())).select(tag::id).first(&mut **tx)?);
    }
    Ok(ids)
}

pub fn find(conn: &mut Conn, name: &TagName) -> Result<Option<TagId>, DbError> {
    Ok(tag::table.filter(tag::name.eq(name.as_str())).select(tag::id).first(conn).optional()?)
}

/// The names of these tags.
pub fn list_names(conn: &mut Conn, ids: &[TagId]) -> Result<HashMap<TagId, String>, DbError> {
    let rows: Vec<(TagId, String)> = tag::table.filter(tag::id.eq_any(ids)).select((tag::id, tag::name)).load(conn)?;
    Ok(rows.into_iter().collect())
}
