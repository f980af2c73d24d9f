//! All SQL of members and of what hangs on them; here: who they are.

pub mod account;
pub mod invitations;
pub mod one_time;
pub mod second;
pub mod sessions;

use diesel::prelude::*;

use super::imported::Imported;
use super::{Ban, Card, Cards, Label, Member, MemberId, Role};
use crate::clock::Millis;
use crate::db::schema::member;
use crate::db::{Conn, DbError, Tx, lower};

pub(super) struct NewMember {
    pub handle: String,
    pub name: String,
    pub email: String,
    pub title: String,
    pub role: Role,
    pub password_hash: String,
    /// When their address was shown to be theirs.
    pub confirmed_at: Option<Millis>,
    pub created_at: Millis,
}

/// Inserts a member; a taken e-mail address or handle is a unique violation.
pub(super) fn insert_member(tx: &mut Tx<'_>, new: &NewMember) -> Result<MemberId, DbError> {
    Ok(diesel::insert_into(member::table)
        .values((
            member::handle.eq(&new.handle),
            member::name.eq(&new.name),
            member::email.eq(&new.email),
            member::email_key.eq(email_key(&new.email)),
            member::title.eq(&new.title),
            member::role.eq(new.role),
            member::password_hash.eq(&new.password_hash),
            member::confirmed_at.eq(new.confirmed_at),
            member::created_at.eq(new.created_at),
        ))
        .returning(member::id)
        .get_result(&mut **tx)?)
}

/// Inserts somebody who has neither address nor password.
pub(super) fn insert_imported(tx: &mut Tx<'_>, handle: &str, new: &Imported) -> Result<MemberId, DbError> {
    Ok(diesel::insert_into(member::table)
        .values((
            member::handle.eq(handle),
            member::name.eq(&new.name),
            member::email.eq(""),
            // No address has this form, and no handle that is made of a name.
            member::email_key.eq(format!("imported-{}", new.key)),
            member::title.eq(""),
            member::role.eq(Role::Member),
            member::password_hash.eq(""),
            member::bio.eq(&new.bio),
            member::bio_html.eq(new.bio_html.as_str()),
            member::created_at.eq(new.created_at),
        ))
        .returning(member::id)
        .get_result(&mut **tx)?)
}

/// Whether a member has this handle, here or gone.
pub(super) fn has_handle(conn: &mut Conn, handle: &str) -> Result<bool, DbError> {
    Ok(diesel::select(diesel::dsl::exists(member::table.filter(member::handle.eq(handle)))).get_result(conn)?)
}

/// E-mail addresses are the same whatever their case.
pub(super) fn email_key(email: &str) -> String {
    email.to_lowercase()
}

/// The handles that begin with `stem`, to find a free one.
pub(super) fn list_handles(conn: &mut Conn, stem: &str) -> Result<Vec<String>, DbError> {
    Ok(member::table.filter(member::handle.like(format!("{stem}%"))).select(member::handle).load(conn)?)
}

/// Whether an account has this address.
pub fn email_is_taken(conn: &mut Conn, email: &str) -> Result<bool, DbError> {
    Ok(diesel::select(diesel::dsl::exists(member::table.filter(member::email_key.eq(email_key(email)))))
        .get_result(conn)?)
}

/// The member behind an e-mail address with the password's hash, for signing in. Whoever has no address is found by none.
pub(super) fn find_for_sign_in(conn: &mut Conn, email: &str) -> Result<Option<(MemberId, String)>, DbError> {
    Ok(member::table
        .filter(member::email_key.eq(email_key(email)))
        .filter(member::email.ne(""))
        .filter(member::left_at.is_null())
        .select((member::id, member::password_hash))
        .first(conn)
        .optional()?)
}

/// Who a member is: id, handle, name, role, since when they are trusted.
type MemberColumns = (MemberId, String, String, Role, Option<Millis>);

macro_rules! member_columns {
    () => {
        (member::id, member::handle, member::name, member::role, member::trusted_at)
    };
}
use member_columns;

fn decode_member((id, handle, name, role, trusted_at): MemberColumns) -> Member {
    Member { id, handle, name, role, trusted: role.is_at_desk() || trusted_at.is_some() }
}

/// A member by handle; nobody where its member left.
pub fn find_by_handle(conn: &mut Conn, handle: &str) -> Result<Option<Member>, DbError> {
    let row: Option<MemberColumns> = member::table
        .filter(member::handle.eq(handle))
        .filter(member::left_at.is_null())
        .select(member_columns!())
        .first(conn)
        .optional()?;
    Ok(row.map(decode_member))
}

/// The members who are called so, by their name or their handle, however it is written.
pub fn list_called(conn: &mut Conn, name: &str) -> Result<Vec<MemberId>, DbError> {
    let called = member::handle.eq(name.to_lowercase()).or(lower(member::name).eq(lower(name)));
    Ok(member::table.filter(called).filter(member::left_at.is_null()).select(member::id).load(conn)?)
}

/// The next `limit` members after this one, by id.
pub fn list_ids_after(conn: &mut Conn, after: MemberId, limit: i64) -> Result<Vec<MemberId>, DbError> {
    Ok(member::table.filter(member::id.gt(after)).order(member::id).limit(limit).select(member::id).load(conn)?)
}

/// Those of these handles that somebody has, with whom.
pub fn list_by_handles(conn: &mut Conn, handles: &[String]) -> Result<Vec<(String, MemberId)>, DbError> {
    let there = member::table.filter(member::handle.eq_any(handles)).filter(member::left_at.is_null());
    Ok(there.select((member::handle, member::id)).load(conn)?)
}

/// What a member may do; `None`: there is no such member.
pub fn find_role(conn: &mut Conn, id: MemberId) -> Result<Option<Role>, DbError> {
    Ok(member::table.find(id).select(member::role).first(conn).optional()?)
}

/// Whether anybody has one of these roles: on a fresh site nobody does.
pub fn has_any(conn: &mut Conn, roles: &[Role]) -> Result<bool, DbError> {
    Ok(diesel::select(diesel::dsl::exists(member::table.filter(member::role.eq_any(roles)))).get_result(conn)?)
}

type CardColumns = (MemberId, String, String, String, Role, Option<Label>, Option<String>);

macro_rules! card_columns {
    () => {
        (member::id, member::handle, member::name, member::title, member::role, member::label, member::photo)
    };
}

fn card((id, handle, name, title, role, label, photo): CardColumns) -> Card {
    Card { id, handle, name, title, role, label, photo }
}

/// Everybody at the desk, by name.
pub fn list_desk(conn: &mut Conn) -> Result<Vec<Card>, DbError> {
    let rows: Vec<CardColumns> = member::table
        .filter(member::role.eq_any(Role::DESK))
        .order((member::name, member::id))
        .select(card_columns!())
        .load(conn)?;
    Ok(rows.into_iter().map(card).collect())
}

pub(super) fn set_role(tx: &mut Tx<'_>, id: MemberId, seen: Role, new: Role) -> Result<bool, DbError> {
    let row = member::table.find(id).filter(member::role.eq(seen));
    tx.shown_everywhere();
    Ok(diesel::update(row).set(member::role.eq(new)).execute(&mut **tx)? == 1)
}

pub(super) fn raise_role(
    tx: &mut Tx<'_>,
    id: MemberId,
    lower: &[Role],
    role: Role,
    title: &str,
) -> Result<bool, DbError> {
    let row = member::table.find(id).filter(member::role.eq_any(lower));
    tx.shown_everywhere();
    if diesel::update(row).set(member::role.eq(role)).execute(&mut **tx)? == 0 {
        return Ok(false);
    }
    if !title.is_empty() {
        diesel::update(member::table.find(id)).set(member::title.eq(title)).execute(&mut **tx)?;
    }
    Ok(true)
}

/// Gives somebody at the desk another title, if they still have the one that was `seen`; `false`: they do not, or are not
/// at the desk any more.
pub fn set_title(tx: &mut Tx<'_>, id: MemberId, seen: &str, title: &str) -> Result<bool, DbError> {
    let row = member::table.find(id).filter(member::title.eq(seen)).filter(member::role.eq_any(Role::DESK));
    tx.shown_everywhere();
    Ok(diesel::update(row).set(member::title.eq(title)).execute(&mut **tx)? == 1)
}

/// The cards of these members, in one query.
pub fn load_cards(conn: &mut Conn, ids: &[MemberId]) -> Result<Cards, DbError> {
    let rows: Vec<CardColumns> = member::table
        .filter(member::id.eq_any(ids))
        .filter(member::left_at.is_null())
        .select(card_columns!())
        .load(conn)?;
    Ok(rows.into_iter().map(|columns| (columns.0, card(columns))).collect())
}

pub(super) fn set_password(tx: &mut Tx<'_>, id: MemberId, hash: &str) -> Result<(), DbError> {
    diesel::update(member::table.find(id)).set(member::password_hash.eq(hash)).execute(&mut **tx)?;
    shut_out(tx, id, None)
}

/// Ends the sessions of a member but the one with the mark `kept`, and every link that was on its way: whoever knew the old
/// password is out, and whatever they began comes to nothing.
pub(super) fn shut_out(tx: &mut Tx<'_>, id: MemberId, kept: Option<&str>) -> Result<(), DbError> {
    sessions::end_others(tx, id, kept.unwrap_or_default())?;
    one_time::forget_begun(tx, id)
}

/// Their address is theirs. `false`: it is another one by now.
pub(super) fn confirm(tx: &mut Tx<'_>, id: MemberId, email: &str, now: Millis) -> Result<bool, DbError> {
    let theirs = || member::table.find(id).filter(member::email_key.eq(email_key(email)));
    let unconfirmed = theirs().filter(member::confirmed_at.is_null());
    diesel::update(unconfirmed).set(member::confirmed_at.eq(Some(now))).execute(&mut **tx)?;
    Ok(diesel::select(diesel::dsl::exists(theirs())).get_result(&mut **tx)?)
}

fn decode_ban((until, reason): (Option<Millis>, Option<String>), now: Millis) -> Option<Ban> {
    let until = until.filter(|until| *until > now)?;
    Some(Ban { until, reason: reason.unwrap_or_default() })
}

/// What keeps a member from writing now.
pub fn find_ban(conn: &mut Conn, id: MemberId, now: Millis) -> Result<Option<Ban>, DbError> {
    let columns = member::table.find(id).select((member::banned_until, member::ban_reason)).first(conn).optional()?;
    Ok(columns.and_then(|columns| decode_ban(columns, now)))
}

/// Keeps a member from writing; an earlier ban gives way.
pub fn ban(tx: &mut Tx<'_>, id: MemberId, ban: &Ban) -> Result<(), DbError> {
    diesel::update(member::table.find(id))
        .set((member::banned_until.eq(Some(ban.until)), member::ban_reason.eq(Some(&ban.reason))))
        .execute(&mut **tx)?;
    Ok(())
}

/// Lets a member write again. `false`: nothing kept them from it.
pub fn lift_ban(tx: &mut Tx<'_>, id: MemberId, now: Millis) -> Result<bool, DbError> {
    let done = diesel::update(member::table.find(id))
        .filter(member::banned_until.gt(now))
        .set((member::banned_until.eq(None::<Millis>), member::ban_reason.eq(None::<String>)))
        .execute(&mut **tx)?;
    Ok(done == 1)
}

/// Whether anybody else runs the site who may write now; it stays so until this transaction ends. Two administrators who
/// stop one another at the same moment wait for each other here.
pub fn has_other_admin(tx: &mut Tx<'_>, than: MemberId, now: Millis) -> Result<bool, DbError> {
    let admins = member::table.filter(member::role.eq(Role::Admin));
    diesel::update(admins).set(member::role.eq(Role::Admin)).execute(&mut **tx)?;
    let others = member::table
        .filter(member::role.eq(Role::Admin))
        .filter(member::id.ne(than))
        .filter(member::banned_until.is_null().or(member::banned_until.le(now)));
    Ok(diesel::select(diesel::dsl::exists(others)).get_result(&mut **tx)?)
}

/// A member as they are now. [`DbError::is_not_found`]: there is none.
pub fn load_member(conn: &mut Conn, id: MemberId) -> Result<Member, DbError> {
    let row: MemberColumns = member::table.find(id).select(member_columns!()).first(conn)?;
    Ok(decode_member(row))
}

pub(super) fn set_created_at(tx: &mut Tx<'_>, id: MemberId, created_at: Millis) -> Result<(), DbError> {
    diesel::update(member::table.find(id)).set(member::created_at.eq(created_at)).execute(&mut **tx)?;
    Ok(())
}
