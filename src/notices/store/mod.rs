//! All SQL of notices. Here: written, listed and read.

use diesel::prelude::*;

use super::{Kind, NewNotice, Notice, NoticeId};
use crate::clock::Millis;
use crate::db::schema::{notice, notice_choice};
use crate::db::{Conn, DbError, PostKind, PostRef, Tx, per_database};
use crate::members::MemberId;

/// Tells a member something, in the transaction of what it tells of. Nobody is told of what they did themselves: `None`.
pub fn tell(tx: &mut Tx<'_>, new: &NewNotice) -> Result<Option<NoticeId>, DbError> {
    if new.by == Some(new.to) {
        return Ok(None);
    }
    let id = diesel::insert_into(notice::table)
        .values((
            notice::member_id.eq(new.to),
            notice::kind.eq(new.kind),
            notice::question_id.eq(new.question_id),
            notice::post_kind.eq(new.post.map(|post| post.kind)),
            notice::post_id.eq(new.post.map(|post| post.id)),
            notice::subject.eq(&new.subject),
            notice::by_id.eq(new.by),
            notice::words.eq(&new.words),
            notice::created_at.eq(new.at),
        ))
        .returning(notice::id)
        .get_result(&mut **tx)?;
    tx.shown_to(new.to.0);
    Ok(Some(id))
}

/// How many notices a member has not read.
pub fn count_unread(conn: &mut Conn, member: MemberId) -> Result<i64, DbError> {
    Ok(notice::table.filter(notice::member_id.eq(member)).filter(notice::read_at.is_null()).count().get_result(conn)?)
}

type PostColumns = (Option<PostKind>, Option<i64>);
type Row = (NoticeId, Kind, Option<i64>, PostColumns, Option<String>, Option<MemberId>, String, Millis, Option<Millis>);

macro_rules! columns {
    () => {
        (
            notice::id,
            notice::kind,
            notice::question_id,
            (notice::post_kind, notice::post_id),
            notice::subject,
            notice::by_id,
            notice::words,
            notice::created_at,
            notice::read_at,
        )
    };
}

pub(super) mod mailing;

fn decode((id, kind, question_id, post, subject, by, words, created_at, read_at): Row) -> Notice {
    let post = post.0.zip(post.1).map(|(kind, id)| PostRef { kind, id });
    Notice { id, kind, question_id, post, subject, by, words, created_at, read_at }
}

/// Up to `limit` unread notices of a member with lower ids, newest first.
pub(super) fn list_unread(
    conn: &mut Conn,
    member: MemberId,
    before: NoticeId,
    limit: i64,
) -> Result<Vec<Notice>, DbError> {
    let rows: Vec<Row> = notice::table
        .filter(notice::member_id.eq(member))
        .filter(notice::read_at.is_null())
        .filter(notice::id.lt(before))
        .order(notice::id.desc())
        .limit(limit)
        .select(columns!())
        .load(conn)?;
    Ok(rows.into_iter().map(decode).collect())
}

/// As [`list_unread`], of those that were read.
pub(super) fn list_read(
    conn: &mut Conn,
    member: MemberId,
    before: NoticeId,
    limit: i64,
) -> Result<Vec<Notice>, DbError> {
    let rows: Vec<Row> = notice::table
        .filter(notice::member_id.eq(member))
        .filter(notice::read_at.is_not_null())
        .filter(notice::id.lt(before))
        .order(notice::id.desc())
        .limit(limit)
        .select(columns!())
        .load(conn)?;
    Ok(rows.into_iter().map(decode).collect())
}

/// Notes that a member has read a notice, and returns it. [`DbError::is_not_found`]: it is nobody's, or somebody else's.
pub(super) fn mark_read(tx: &mut Tx<'_>, id: NoticeId, member: MemberId, now: Millis) -> Result<Notice, DbError> {
    let row: Row = notice::table
        .filter(notice::id.eq(id))
        .filter(notice::member_id.eq(member))
        .select(columns!())
        .first(&mut **tx)?;
    diesel::update(notice::table.find(id))
        .filter(notice::read_at.is_null())
        .set(notice::read_at.eq(Some(now)))
        .execute(&mut **tx)?;
    tx.shown_to(member.0);
    Ok(decode(row))
}

/// Notes that a member has read what they were told up to `newest`; what came since stays unread.
pub(super) fn mark_all_read(tx: &mut Tx<'_>, member: MemberId, newest: NoticeId, now: Millis) -> Result<(), DbError> {
    diesel::update(notice::table)
        .filter(notice::member_id.eq(member))
        .filter(notice::read_at.is_null())
        .filter(notice::id.le(newest))
        .set(notice::read_at.eq(Some(now)))
        .execute(&mut **tx)?;
    tx.shown_to(member.0);
    Ok(())
}

/// As [`tell`], of something that happened once: whoever was told of this event is not told again, whatever the kind.
pub fn tell_once(tx: &mut Tx<'_>, new: &NewNotice, event: &str) -> Result<bool, DbError> {
    if new.by == Some(new.to) {
        return Ok(false);
    }
    let row = (
        notice::member_id.eq(new.to.0),
        notice::kind.eq(new.kind),
        notice::question_id.eq(new.question_id),
        notice::post_kind.eq(new.post.map(|post| post.kind)),
        notice::post_id.eq(new.post.map(|post| post.id)),
        notice::by_id.eq(new.by.map(|by| by.0)),
        notice::words.eq(&new.words),
        notice::created_at.eq(new.at),
        notice::event.eq(event),
    );
    let told = per_database!(&mut **tx, conn => diesel::insert_into(notice::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    if told == 1 {
        tx.shown_to(new.to.0);
    }
    Ok(told == 1)
}

/// Forgets what a member was told, and how they wanted to be: they left.
pub fn forget(tx: &mut Tx<'_>, member: MemberId) -> Result<(), DbError> {
    diesel::delete(notice::table.filter(notice::member_id.eq(member))).execute(&mut **tx)?;
    diesel::delete(notice_choice::table.filter(notice_choice::member_id.eq(member.0))).execute(&mut **tx)?;
    Ok(())
}
