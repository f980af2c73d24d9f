//! All SQL of uploaded pictures: which there are, and who uses them.

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::Place;
use crate::clock::Millis;
use crate::db::schema::{upload, upload_use};
use crate::db::{Conn, DbError, Tx, per_database};
use crate::members::MemberId;
use crate::pictures::PictureName;

/// Notes a picture that is in the folder, for a form of this member. Once more changes nothing but the moment.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    name: &PictureName,
    bytes: i64,
    by: MemberId,
    now: Millis,
) -> Result<(), DbError> {
    let (width, height) = name.size();
    let row = (
        upload::name.eq(name.to_string()),
        upload::width.eq(i64::from(width)),
        upload::height.eq(i64::from(height)),
        upload::bytes.eq(bytes),
        upload::created_at.eq(now),
    );
    per_database!(&mut **tx, conn => diesel::insert_into(upload::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    note_use(tx, name, Place::Draft(by), now)
}

fn note_use(tx: &mut Tx<'_>, name: &PictureName, place: Place, now: Millis) -> Result<(), DbError> {
    let row = (
        upload_use::name.eq(name.to_string()),
        upload_use::place.eq(place.to_string()),
        upload_use::created_at.eq(now),
    );
    per_database!(&mut **tx, conn => diesel::insert_into(upload_use::table)
        .values(row)
        .on_conflict((upload_use::name, upload_use::place))
        .do_update()
        .set(upload_use::created_at.eq(now))
        .execute(conn))?;
    Ok(())
}

/// How many pictures a member has uploaded for forms that were not sent.
pub(super) fn count_drafts(conn: &mut Conn, by: MemberId) -> Result<i64, DbError> {
    Ok(upload_use::table.filter(upload_use::place.eq(Place::Draft(by).to_string())).count().get_result(conn)?)
}

/// These pictures stand at `place` from now on, put there by this member (`None`: by nobody with an account); names of none
/// that we have are passed over. What stood there before stays in use: earlier versions of a post can be read.
pub fn used(
    tx: &mut Tx<'_>,
    place: Place,
    by: Option<MemberId>,
    names: &[PictureName],
    now: Millis,
) -> Result<(), DbError> {
    for name in names {
        let is_kept =
            upload::table.find(name.to_string()).select(upload::name).first::<String>(&mut **tx).optional()?;
        if is_kept.is_some() {
            note_use(tx, name, place, now)?;
        }
    }
    let Some(by) = by.filter(|_| !names.is_empty()) else { return Ok(()) };
    let names: Vec<String> = names.iter().map(PictureName::to_string).collect();
    let drafts = upload_use::table
        .filter(upload_use::place.eq(Place::Draft(by).to_string()))
        .filter(upload_use::name.eq_any(names));
    diesel::delete(drafts).execute(&mut **tx)?;
    Ok(())
}

/// Nothing stands at `place` any more.
pub fn released(tx: &mut Tx<'_>, place: Place) -> Result<(), DbError> {
    diesel::delete(upload_use::table.filter(upload_use::place.eq(place.to_string()))).execute(&mut **tx)?;
    Ok(())
}

/// Lets go of at most `limit` pictures that were uploaded before `before` for forms that nobody sent.
pub fn prune_drafts(tx: &mut Tx<'_>, before: Millis, limit: i64) -> Result<usize, DbError> {
    let old: Vec<(String, String)> = upload_use::table
        .filter(upload_use::place.like("draft-%"))
        .filter(upload_use::created_at.lt(before))
        .order((upload_use::created_at, upload_use::name))
        .limit(limit)
        .select((upload_use::name, upload_use::place))
        .load(&mut **tx)?;
    for (name, place) in &old {
        diesel::delete(upload_use::table.find((name, place))).execute(&mut **tx)?;
    }
    Ok(old.len())
}

/// At most `limit` pictures that nobody uses.
pub(super) fn list_unused(conn: &mut Conn, limit: i64) -> Result<Vec<String>, DbError> {
    Ok(upload::table
        .filter(not(exists(upload_use::table.filter(upload_use::name.eq(upload::name)))))
        .order(upload::created_at)
        .limit(limit)
        .select(upload::name)
        .load(conn)?)
}

/// Forgets a picture unless somebody uses it by now; then `false`.
pub(super) fn delete_unused(tx: &mut Tx<'_>, name: &str) -> Result<bool, DbError> {
    let in_use = upload_use::table.filter(upload_use::name.eq(name)).count().get_result::<i64>(&mut **tx)?;
    if in_use > 0 {
        return Ok(false);
    }
    Ok(diesel::delete(upload::table.find(name)).execute(&mut **tx)? == 1)
}

/// Where a picture is used; empty: it is not ours to serve.
pub(super) fn list_places(conn: &mut Conn, name: &PictureName) -> Result<Vec<Place>, DbError> {
    let places: Vec<String> = upload_use::table
        .filter(upload_use::name.eq(name.to_string()))
        .order((upload_use::created_at.desc(), upload_use::place))
        .select(upload_use::place)
        .load(conn)?;
    Ok(places.iter().filter_map(|place| Place::parse(place)).collect())
}
