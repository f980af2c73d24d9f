//! All SQL of news. Here: the posts of which somebody is still to be told.

pub(super) mod searching;

use diesel::prelude::*;

use super::Shown;
use crate::db::schema::news;
use crate::db::{Conn, DbError, PostKind, PostRef, Tx, per_database};
use crate::members::MemberId;

/// Stands for "its followers heard of it long ago": only those who are named are told.
pub(super) const NAMES_ALONE: i64 = -1;
/// Stands for "those who are named were told": no member has a lower id.
pub(super) const NAMED: i64 = 1;

/// A post of which not everybody was told yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub id: i64,
    pub post: PostRef,
    /// `None`: somebody on a network.
    pub by: Option<MemberId>,
    /// The last member who was told; 0: not even those who are named in it; see also [`NAMES_ALONE`].
    pub told_up_to: i64,
    /// The search whose followers are told; 0: those of where it stands.
    pub search_id: i64,
}

pub(super) fn note(tx: &mut Tx<'_>, new: &Shown) -> Result<(), DbError> {
    let row = (
        news::post_kind.eq(new.post.kind),
        news::post_id.eq(new.post.id),
        news::by_id.eq(new.author.member().map(|id| id.0)),
    );
    per_database!(&mut **tx, conn => diesel::insert_into(news::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(())
}

/// As [`note`], for the members that are named in it alone.
pub(super) fn note_names(tx: &mut Tx<'_>, post: PostRef, by: MemberId) -> Result<(), DbError> {
    let row = (
        news::post_kind.eq(post.kind),
        news::post_id.eq(post.id),
        news::by_id.eq(Some(by.0)),
        news::told_up_to.eq(NAMES_ALONE),
    );
    per_database!(&mut **tx, conn => diesel::insert_into(news::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(())
}

/// The oldest one.
pub(super) fn find_first(conn: &mut Conn) -> Result<Option<Item>, DbError> {
    type Row = (i64, PostKind, i64, Option<i64>, i64, i64);
    let row: Option<Row> = news::table
        .order(news::id)
        .select((news::id, news::post_kind, news::post_id, news::by_id, news::told_up_to, news::search_id))
        .first(conn)
        .optional()?;
    Ok(row.map(|(id, kind, post, by, told_up_to, search_id)| Item {
        id,
        post: PostRef { kind, id: post },
        by: by.map(MemberId),
        told_up_to,
        search_id,
    }))
}

/// Takes the next batch on, to the member `to`. `false`: another node was faster.
pub(super) fn go_on(tx: &mut Tx<'_>, item: &Item, to: i64) -> Result<bool, DbError> {
    let seen = news::table.find(item.id).filter(news::told_up_to.eq(item.told_up_to));
    Ok(diesel::update(seen).set(news::told_up_to.eq(to)).execute(&mut **tx)? == 1)
}

/// Everybody was told. `false`: another node was faster.
pub(super) fn end(tx: &mut Tx<'_>, item: &Item) -> Result<bool, DbError> {
    let seen = news::table.find(item.id).filter(news::told_up_to.eq(item.told_up_to));
    Ok(diesel::delete(seen).execute(&mut **tx)? == 1)
}
