//! Mentions: `@handle` in a post names a member. Links those that exist, and says whom a text names. Owns no table.

use crate::db::{Conn, Db, DbError};
use crate::members::{self, MemberId};
use crate::posts::Body;
use crate::web::markdown;

/// More names in one text are a call to everybody: those beyond are neither linked nor told.
const MOST: usize = 10;

/// The body with links to the members it names. Call it before the transaction: it parses and renders.
pub async fn link(db: &Db, body: Body) -> Result<Body, DbError> {
    let names = names(&body.source);
    if names.is_empty() {
        return Ok(body);
    }
    let known = db.read(move |conn| members::list_by_handles(conn, &names)).await?;
    let is_known = |handle: &str| known.iter().any(|(known, _)| known == handle);
    let html = markdown::to_html_with(&body.source, &is_known);
    Ok(Body { source: body.source, html })
}

/// The handles that a text names, each once, in their order, without the `@`. Whether anybody has them is not said.
pub fn names(source: &str) -> Vec<String> {
    if !source.contains('@') {
        return Vec::new();
    }
    let mut names = markdown::handles(source);
    names.truncate(MOST);
    names
}

/// The members with these handles.
pub fn find(conn: &mut Conn, names: &[String]) -> Result<Vec<MemberId>, DbError> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    Ok(members::list_by_handles(conn, names)?.into_iter().map(|(_, id)| id).collect())
}
