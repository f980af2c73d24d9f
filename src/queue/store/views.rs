//! Saved views: filters of the queue under a name, for oneself or for everybody at the desk.

use diesel::prelude::*;

use crate::clock::Millis;
use crate::db::schema::saved_view;
use crate::db::{Conn, DbError, Tx};
use crate::members::MemberId;
use crate::queue::ViewId;

/// A saved view.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct SavedView {
    pub id: ViewId,
    /// `None`: everybody at the desk sees it.
    pub owner: Option<MemberId>,
    pub name: String,
    /// The filters as the address of the queue carries them.
    pub query: String,
    pub created_by: MemberId,
}

/// Those that a member sees, by name.
pub fn list_views(conn: &mut Conn, reader: MemberId) -> Result<Vec<SavedView>, DbError> {
    Ok(saved_view::table
        .filter(saved_view::member_id.is_null().or(saved_view::member_id.assume_not_null().eq(reader)))
        .order((saved_view::name, saved_view::id))
        .limit(100)
        .select((saved_view::id, saved_view::member_id, saved_view::name, saved_view::query, saved_view::created_by))
        .load(conn)?)
}

/// Saves a view for its owner, or for everybody.
pub fn save_view(
    tx: &mut Tx<'_>,
    owner: Option<MemberId>,
    name: &str,
    query: &str,
    by: MemberId,
    now: Millis,
) -> Result<ViewId, DbError> {
    Ok(diesel::insert_into(saved_view::table)
        .values((
            saved_view::member_id.eq(owner),
            saved_view::name.eq(name),
            saved_view::query.eq(query),
            saved_view::created_by.eq(by),
            saved_view::created_at.eq(now),
        ))
        .returning(saved_view::id)
        .get_result(&mut **tx)?)
}

/// Deletes a view of one's own making; `false`: it is somebody else's, or gone.
pub fn delete_view(tx: &mut Tx<'_>, id: ViewId, by: MemberId) -> Result<bool, DbError> {
    let own = saved_view::table.find(id).filter(saved_view::created_by.eq(by));
    Ok(diesel::delete(own).execute(&mut **tx)? == 1)
}
