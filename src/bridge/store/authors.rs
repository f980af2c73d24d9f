//! Remote authors: each stored once, as they were last seen. Their photos are kept in `portraits`.

use diesel::prelude::*;

use super::portraits;
use super::remote::Scope;
use crate::clock::Millis;
use crate::db::schema::remote_author;
use crate::db::{Conn, DbError, Tx, lower, per_database};
use crate::networks::RemoteAuthor;
use crate::posts::RemoteAuthorId;

pub struct NewAuthor<'a> {
    pub remote_id: &'a str,
    pub handle: &'a str,
    pub name: &'a str,
    pub followers: Option<i64>,
    pub picture_url: Option<&'a str>,
}

/// Stores an author or brings one up to date. A new photo becomes due.
pub fn upsert_author(
    tx: &mut Tx<'_>,
    scope: Scope,
    new: &NewAuthor<'_>,
    now: Millis,
) -> Result<RemoteAuthorId, DbError> {
    let row = (
        remote_author::network.eq(scope.network),
        remote_author::scope.eq(scope.scope),
        remote_author::remote_id.eq(new.remote_id),
        remote_author::handle.eq(new.handle),
        remote_author::name.eq(new.name),
        remote_author::followers.eq(new.followers),
        remote_author::picture_url.eq(new.picture_url),
        remote_author::picture_due_at.eq(new.picture_url.map(|_| now)),
        remote_author::seen_at.eq(now),
    );
    let (id, names, picture_url) = match find_author(tx, scope, new.remote_id)? {
        Some(known) => known,
        None => {
            // Another channel may store the same author at the same moment.
            per_database!(&mut **tx, conn => diesel::insert_into(remote_author::table)
                .values(row)
                .on_conflict_do_nothing()
                .execute(conn))?;
            find_author(tx, scope, new.remote_id)?.ok_or(diesel::result::Error::NotFound)?
        }
    };
    // Known by id only: what was learned before is better than nothing.
    if !new.handle.is_empty() || !new.name.is_empty() {
        if (names.0.as_str(), names.1.as_str()) != (new.handle, new.name) {
            portraits::shown_anew(tx, id)?;
        }
        diesel::update(remote_author::table.find(id))
            .set((
                remote_author::handle.eq(new.handle),
                remote_author::name.eq(new.name),
                remote_author::followers.eq(new.followers),
                remote_author::seen_at.eq(now),
            ))
            .execute(&mut **tx)?;
    }
    if new.picture_url.is_some() && new.picture_url != picture_url.as_deref() {
        diesel::update(remote_author::table.find(id))
            .set((remote_author::picture_url.eq(new.picture_url), remote_author::picture_due_at.eq(Some(now))))
            .execute(&mut **tx)?;
    }
    Ok(id)
}

/// An author, their handle and name, and the address of their photo.
type KnownAuthor = (RemoteAuthorId, (String, String), Option<String>);

/// An author by their id on the network.
fn find_author(conn: &mut Conn, scope: Scope, remote_id: &str) -> Result<Option<KnownAuthor>, DbError> {
    Ok(remote_author::table
        .filter(remote_author::network.eq(scope.network))
        .filter(remote_author::scope.eq(scope.scope))
        .filter(remote_author::remote_id.eq(remote_id))
        .select((remote_author::id, (remote_author::handle, remote_author::name), remote_author::picture_url))
        .first(conn)
        .optional()?)
}

/// An author's id on their network.
pub fn find_author_remote_id(conn: &mut Conn, id: RemoteAuthorId) -> Result<Option<String>, DbError> {
    Ok(remote_author::table.find(id).select(remote_author::remote_id).first(conn).optional()?)
}

/// The people on any network who are called so, by their name or their handle, however it is written.
pub fn list_called(conn: &mut Conn, name: &str) -> Result<Vec<RemoteAuthorId>, DbError> {
    let called = lower(remote_author::handle).eq(lower(name)).or(lower(remote_author::name).eq(lower(name)));
    Ok(remote_author::table.filter(called).select(remote_author::id).load(conn)?)
}

/// Those of these authors whose names are known here, as they were last seen.
pub fn list_named(conn: &mut Conn, scope: Scope, ids: &[String]) -> Result<Vec<RemoteAuthor>, DbError> {
    type Row = (String, String, String, Option<String>, Option<i64>);
    let rows: Vec<Row> = remote_author::table
        .filter(remote_author::network.eq(scope.network))
        .filter(remote_author::scope.eq(scope.scope))
        .filter(remote_author::remote_id.eq_any(ids))
        .filter(remote_author::handle.ne("").or(remote_author::name.ne("")))
        .select((
            remote_author::remote_id,
            remote_author::handle,
            remote_author::name,
            remote_author::picture_url,
            remote_author::followers,
        ))
        .load(conn)?;
    let named =
        |(id, handle, name, picture_url, followers): Row| RemoteAuthor { id, handle, name, picture_url, followers };
    Ok(rows.into_iter().map(named).collect())
}
