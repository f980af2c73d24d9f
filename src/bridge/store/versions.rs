//! The other ids of remote posts: every edit on the network has one of its own, and all of them find the same post.

use diesel::prelude::*;

use super::remote::Scope;
use crate::bridge::RemotePostId;
use crate::db::schema::remote_version;
use crate::db::{Conn, DbError, Tx, per_database};

/// The post of which this is a version.
pub fn find(conn: &mut Conn, scope: Scope, id: &str) -> Result<Option<RemotePostId>, DbError> {
    Ok(remote_version::table
        .filter(remote_version::network.eq(scope.network))
        .filter(remote_version::scope.eq(scope.scope))
        .filter(remote_version::remote_id.eq(id))
        .select(remote_version::remote_post_id)
        .first(conn)
        .optional()?)
}

/// The other ids of these posts, each with its post.
pub fn list_of(conn: &mut Conn, posts: &[RemotePostId]) -> Result<Vec<(String, RemotePostId)>, DbError> {
    Ok(remote_version::table
        .filter(remote_version::remote_post_id.eq_any(posts))
        .select((remote_version::remote_id, remote_version::remote_post_id))
        .load(conn)?)
}

/// Those of these ids that are versions of stored posts.
pub fn list_known(conn: &mut Conn, scope: Scope, ids: &[String]) -> Result<Vec<String>, DbError> {
    Ok(remote_version::table
        .filter(remote_version::network.eq(scope.network))
        .filter(remote_version::scope.eq(scope.scope))
        .filter(remote_version::remote_id.eq_any(ids))
        .select(remote_version::remote_id)
        .load(conn)?)
}

/// Ties these ids to a post; those that are tied already stay where they are.
pub fn insert<'a>(
    tx: &mut Tx<'_>,
    scope: Scope,
    post: RemotePostId,
    ids: impl IntoIterator<Item = &'a str>,
) -> Result<(), DbError> {
    for id in ids {
        let row = (
            remote_version::network.eq(scope.network),
            remote_version::scope.eq(scope.scope),
            remote_version::remote_id.eq(id),
            remote_version::remote_post_id.eq(post),
        );
        per_database!(&mut **tx, conn => diesel::insert_into(remote_version::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(conn))?;
    }
    Ok(())
}
