//! All SQL of what members say they know about.

use diesel::prelude::*;

use crate::clock::Millis;
use crate::db::schema::{expertise, tag};
use crate::db::{Conn, DbError, Tx};
use crate::members::MemberId;
use crate::tags::{self, TagId, TagName};

/// What a member knows about, by name.
pub fn list_expertise(conn: &mut Conn, of: MemberId) -> Result<Vec<(TagId, String)>, DbError> {
    Ok(expertise::table
        .inner_join(tag::table)
        .filter(expertise::member_id.eq(of))
        .order(tag::name)
        .select((tag::id, tag::name))
        .load(conn)?)
}

/// A member knows about these things and no others.
pub(super) fn set_expertise(tx: &mut Tx<'_>, of: MemberId, names: &[TagName], now: Millis) -> Result<(), DbError> {
    forget(tx, of)?;
    for tag in tags::name_all(tx, names, now)? {
        diesel::insert_into(expertise::table)
            .values((expertise::member_id.eq(of), expertise::tag_id.eq(tag)))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// Forgets what a member knows about: they left.
pub fn forget(tx: &mut Tx<'_>, of: MemberId) -> Result<(), DbError> {
    diesel::delete(expertise::table.filter(expertise::member_id.eq(of))).execute(&mut **tx)?;
    Ok(())
}
