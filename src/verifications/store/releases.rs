//! Product releases, and what they overtake.

use diesel::prelude::*;

use crate::clock::Millis;
use crate::db::schema::{member, product_release, verification};
use crate::db::{Conn, DbError, Tx, per_database};
use crate::members::MemberId;
use crate::verifications::VerificationId;
use crate::verifications::scope::key;
use crate::verifications::state::Label;

/// A version of a product that came out.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Release {
    pub id: i64,
    pub product: String,
    pub version: String,
    pub by_name: String,
    pub at: Millis,
}

/// Notes a release; `None`: it was entered before.
pub fn insert(
    tx: &mut Tx<'_>,
    product: &str,
    version: &str,
    by: MemberId,
    now: Millis,
) -> Result<Option<i64>, DbError> {
    let row = (
        product_release::product.eq(product),
        product_release::version.eq(version),
        product_release::product_key.eq(key(product)),
        product_release::version_key.eq(key(version)),
        product_release::entered_by.eq(by),
        product_release::created_at.eq(now),
    );
    let entered = per_database!(&mut **tx, conn => diesel::insert_into(product_release::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    if entered == 0 {
        return Ok(None);
    }
    Ok(product_release::table
        .filter(product_release::product_key.eq(key(product)))
        .filter(product_release::version_key.eq(key(version)))
        .select(product_release::id)
        .first(&mut **tx)
        .optional()?)
}

/// The newest releases, newest first.
pub fn list(conn: &mut Conn) -> Result<Vec<Release>, DbError> {
    Ok(product_release::table
        .inner_join(member::table.on(product_release::entered_by.eq(member::id)))
        .order(product_release::id.desc())
        .limit(200)
        .select((
            product_release::id,
            product_release::product,
            product_release::version,
            member::name,
            product_release::created_at,
        ))
        .load(conn)?)
}

/// Those of which something that they overtake may still stand.
pub fn list_unsettled(conn: &mut Conn) -> Result<Vec<Release>, DbError> {
    Ok(product_release::table
        .inner_join(member::table.on(product_release::entered_by.eq(member::id)))
        .filter(product_release::settled_at.is_null())
        .order(product_release::id)
        .select((
            product_release::id,
            product_release::product,
            product_release::version,
            member::name,
            product_release::created_at,
        ))
        .load(conn)?)
}

/// What stands for this product or awaits its second person, was looked at before it came out, and for another version or
/// for all of them.
pub fn list_overtaken(conn: &mut Conn, release: &Release, most: i64) -> Result<Vec<VerificationId>, DbError> {
    Ok(verification::table
        .filter(verification::state.eq_any([Label::Awaiting, Label::Standing]))
        .filter(verification::product_key.eq(key(&release.product)))
        .filter(verification::version_key.ne(key(&release.version)))
        .filter(verification::created_at.le(release.at))
        .order(verification::id)
        .limit(most)
        .select(verification::id)
        .load(conn)?)
}

pub fn mark_settled(tx: &mut Tx<'_>, id: i64, now: Millis) -> Result<(), DbError> {
    diesel::update(product_release::table.find(id))
        .set(product_release::settled_at.eq(Some(now)))
        .execute(&mut **tx)?;
    Ok(())
}
