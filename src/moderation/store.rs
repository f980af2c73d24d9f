//! All SQL of moderation.

use diesel::prelude::*;

use super::{Bulk, BulkAuthor, BulkId, FULL_WEIGHT, Flag, FlagId, Reason, Report, Sanction, SanctionKind};
use crate::clock::Millis;
use crate::db::schema::{bulk_hidden, bulk_hide, flag, report, sanction};
use crate::db::{Conn, DbError, PostKind, PostRef, Tx, per_database};
use crate::members::MemberId;
use crate::posts::RemoteAuthorId;

type FlagRow = (FlagId, PostKind, i64, i64, Millis, i64, (Option<Millis>, Option<MemberId>, Option<i64>));

macro_rules! flag_columns {
    () => {
        (
            flag::id,
            flag::post_kind,
            flag::post_id,
            flag::question_id,
            flag::created_at,
            flag::weight,
            (flag::decided_at, flag::decided_by, flag::upheld),
        )
    };
}

fn decode((id, kind, post_id, question_id, created_at, weight, (at, by, upheld)): FlagRow) -> Flag {
    let decision = by.zip(at).map(|(by, at)| (by, at, upheld == Some(1)));
    Flag { id, post: PostRef { kind, id: post_id }, question_id, created_at, weight, decision }
}

/// The open flag of a post, made where there is none; it stays open until this transaction ends. `None`: it was decided
/// at this very moment.
pub(super) fn open_flag(
    tx: &mut Tx<'_>,
    post: PostRef,
    question_id: i64,
    now: Millis,
) -> Result<Option<FlagId>, DbError> {
    let row = (
        flag::post_kind.eq(post.kind),
        flag::post_id.eq(post.id),
        flag::question_id.eq(question_id),
        flag::created_at.eq(now),
    );
    per_database!(&mut **tx, conn => diesel::insert_into(flag::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    // Taking the row makes whoever would decide it wait.
    Ok(diesel::update(flag::table)
        .filter(flag::post_kind.eq(post.kind))
        .filter(flag::post_id.eq(post.id))
        .filter(flag::decided_at.is_null())
        .set(flag::created_at.eq(flag::created_at))
        .returning(flag::id)
        .get_result(&mut **tx)
        .optional()?)
}

/// Writes what a member says of a post, and what it weighs. A second report of the same flag is a unique violation.
pub(super) fn insert_report(tx: &mut Tx<'_>, new: &Report, weight: i64) -> Result<(), DbError> {
    diesel::insert_into(report::table)
        .values((
            report::flag_id.eq(new.flag),
            report::member_id.eq(new.by),
            report::reason.eq(new.reason),
            report::words.eq(&new.words),
            report::created_at.eq(new.at),
        ))
        .execute(&mut **tx)?;
    diesel::update(flag::table.find(new.flag)).set(flag::weight.eq(flag::weight + weight)).execute(&mut **tx)?;
    Ok(())
}

/// Whether a member ever reported this post.
pub(super) fn has_reported(conn: &mut Conn, post: PostRef, by: MemberId) -> Result<bool, DbError> {
    let reported = report::table
        .inner_join(flag::table)
        .filter(report::member_id.eq(by))
        .filter(flag::post_kind.eq(post.kind))
        .filter(flag::post_id.eq(post.id));
    Ok(diesel::select(diesel::dsl::exists(reported)).get_result(conn)?)
}

pub(super) fn find_flag(conn: &mut Conn, id: FlagId) -> Result<Option<Flag>, DbError> {
    let row: Option<FlagRow> = flag::table.find(id).select(flag_columns!()).first(conn).optional()?;
    Ok(row.map(decode))
}

pub(super) fn find_open_flag(conn: &mut Conn, post: PostRef) -> Result<Option<Flag>, DbError> {
    let row: Option<FlagRow> = flag::table
        .filter(flag::post_kind.eq(post.kind))
        .filter(flag::post_id.eq(post.id))
        .filter(flag::decided_at.is_null())
        .select(flag_columns!())
        .first(conn)
        .optional()?;
    Ok(row.map(decode))
}

/// The open flags: first what a trusted member or two people say, each the oldest first.
pub(super) fn list_open_flags(conn: &mut Conn, limit: i64) -> Result<Vec<Flag>, DbError> {
    let rows: Vec<FlagRow> = flag::table
        .filter(flag::decided_at.is_null())
        .order((flag::weight.lt(FULL_WEIGHT), flag::id))
        .limit(limit)
        .select(flag_columns!())
        .load(conn)?;
    Ok(rows.into_iter().map(decode).collect())
}

pub fn count_open_flags(conn: &mut Conn) -> Result<i64, DbError> {
    Ok(flag::table.filter(flag::decided_at.is_null()).count().get_result(conn)?)
}

/// The open flags of a thread.
pub(super) fn list_open_flags_in(conn: &mut Conn, question_id: i64) -> Result<Vec<Flag>, DbError> {
    let rows: Vec<FlagRow> = flag::table
        .filter(flag::question_id.eq(question_id))
        .filter(flag::decided_at.is_null())
        .order(flag::id)
        .select(flag_columns!())
        .load(conn)?;
    Ok(rows.into_iter().map(decode).collect())
}

/// All flags that these posts of one kind ever had, newest first.
pub(super) fn list_flags_on(conn: &mut Conn, kind: PostKind, ids: &[i64]) -> Result<Vec<Flag>, DbError> {
    let rows: Vec<FlagRow> = flag::table
        .filter(flag::post_kind.eq(kind))
        .filter(flag::post_id.eq_any(ids))
        .order(flag::id.desc())
        .select(flag_columns!())
        .load(conn)?;
    Ok(rows.into_iter().map(decode).collect())
}

/// Notes a decision. `false`: somebody was faster.
pub(super) fn decide_flag(
    tx: &mut Tx<'_>,
    id: FlagId,
    by: MemberId,
    upheld: bool,
    now: Millis,
) -> Result<bool, DbError> {
    let done = diesel::update(flag::table.find(id))
        .filter(flag::decided_at.is_null())
        .set((flag::decided_at.eq(Some(now)), flag::decided_by.eq(Some(by)), flag::upheld.eq(Some(i64::from(upheld)))))
        .execute(&mut **tx)?;
    Ok(done == 1)
}

type ReportRow = (FlagId, MemberId, Reason, String, Millis);

fn decode_report((flag, by, reason, words, at): ReportRow) -> Report {
    Report { flag, by, reason, words, at }
}

/// What members say of these flags' posts, oldest first.
pub(super) fn list_reports(conn: &mut Conn, flags: &[FlagId]) -> Result<Vec<Report>, DbError> {
    let rows: Vec<ReportRow> = report::table
        .filter(report::flag_id.eq_any(flags))
        .order((report::created_at, report::member_id))
        .select((report::flag_id, report::member_id, report::reason, report::words, report::created_at))
        .load(conn)?;
    Ok(rows.into_iter().map(decode_report).collect())
}

/// How many reports a member made, and how many of them staff followed.
pub(super) fn count_reports_by(conn: &mut Conn, by: MemberId) -> Result<(i64, i64), DbError> {
    let made = report::table.filter(report::member_id.eq(by)).count().get_result(conn)?;
    let followed = report::table
        .inner_join(flag::table)
        .filter(report::member_id.eq(by))
        .filter(flag::upheld.eq(1))
        .count()
        .get_result(conn)?;
    Ok((made, followed))
}

/// Up to `limit` reports that a member made, after the id of what they reported: it, their words, and when. Oldest first.
pub fn list_reports_by(
    conn: &mut Conn,
    by: MemberId,
    after: i64,
    limit: i64,
) -> Result<Vec<(i64, String, Millis)>, DbError> {
    Ok(report::table
        .filter(report::member_id.eq(by))
        .filter(report::flag_id.gt(after))
        .order(report::flag_id)
        .limit(limit)
        .select((report::flag_id, report::words, report::created_at))
        .load(conn)?)
}

pub(super) fn insert_sanction(tx: &mut Tx<'_>, member: MemberId, new: &Sanction) -> Result<(), DbError> {
    diesel::insert_into(sanction::table)
        .values((
            sanction::member_id.eq(member),
            sanction::kind.eq(new.kind),
            sanction::until.eq(new.until),
            sanction::reason.eq(&new.reason),
            sanction::by_id.eq(new.by),
            sanction::created_at.eq(new.at),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Warnings and bans of a member, newest first.
pub(super) fn list_sanctions(conn: &mut Conn, member: MemberId, limit: i64) -> Result<Vec<Sanction>, DbError> {
    let rows: Vec<(SanctionKind, Option<Millis>, String, MemberId, Millis)> = sanction::table
        .filter(sanction::member_id.eq(member))
        .order(sanction::id.desc())
        .limit(limit)
        .select((sanction::kind, sanction::until, sanction::reason, sanction::by_id, sanction::created_at))
        .load(conn)?;
    let sanction = |(kind, until, reason, by, at)| Sanction { kind, until, reason, by, at };
    Ok(rows.into_iter().map(sanction).collect())
}

pub(super) fn insert_bulk(
    tx: &mut Tx<'_>,
    author: BulkAuthor,
    reason: &str,
    by: MemberId,
    now: Millis,
) -> Result<BulkId, DbError> {
    let (member, remote) = columns_of(author);
    Ok(diesel::insert_into(bulk_hide::table)
        .values((
            bulk_hide::member_id.eq(member),
            bulk_hide::remote_author_id.eq(remote),
            bulk_hide::reason.eq(reason),
            bulk_hide::by_id.eq(by),
            bulk_hide::created_at.eq(now),
        ))
        .returning(bulk_hide::id)
        .get_result(&mut **tx)?)
}

fn columns_of(author: BulkAuthor) -> (Option<MemberId>, Option<RemoteAuthorId>) {
    match author {
        BulkAuthor::Member(id) => (Some(id), None),
        BulkAuthor::Remote(id) => (None, Some(RemoteAuthorId(id))),
    }
}

/// Remembers that a bulk hide took this post out of sight.
pub(super) fn insert_bulk_post(tx: &mut Tx<'_>, id: BulkId, post: PostRef) -> Result<(), DbError> {
    let row = (bulk_hidden::bulk_id.eq(id), bulk_hidden::post_kind.eq(post.kind), bulk_hidden::post_id.eq(post.id));
    diesel::insert_into(bulk_hidden::table).values(row).execute(&mut **tx)?;
    Ok(())
}

/// The next posts of a bulk hide after `after`, in the order of their kind and id.
pub(super) fn list_bulk_posts(
    conn: &mut Conn,
    id: BulkId,
    after: Option<PostRef>,
    limit: i64,
) -> Result<Vec<PostRef>, DbError> {
    let mut query = bulk_hidden::table
        .filter(bulk_hidden::bulk_id.eq(id))
        .order((bulk_hidden::post_kind, bulk_hidden::post_id))
        .limit(limit)
        .select((bulk_hidden::post_kind, bulk_hidden::post_id))
        .into_boxed();
    if let Some(after) = after {
        let same_kind = bulk_hidden::post_kind.eq(after.kind).and(bulk_hidden::post_id.gt(after.id));
        query = query.filter(bulk_hidden::post_kind.gt(after.kind).or(same_kind));
    }
    let rows: Vec<(PostKind, i64)> = query.load(conn)?;
    Ok(rows.into_iter().map(|(kind, id)| PostRef { kind, id }).collect())
}

/// Notes that a bulk hide is taken back. `false`: it was, or never was.
pub(super) fn restore_bulk(tx: &mut Tx<'_>, id: BulkId, by: MemberId, now: Millis) -> Result<bool, DbError> {
    let done = diesel::update(bulk_hide::table.find(id))
        .filter(bulk_hide::restored_at.is_null())
        .set((bulk_hide::restored_at.eq(Some(now)), bulk_hide::restored_by.eq(Some(by))))
        .execute(&mut **tx)?;
    Ok(done == 1)
}

type BulkRow = (BulkId, (Option<MemberId>, Option<RemoteAuthorId>), String, MemberId, Millis, Option<Millis>);

macro_rules! bulk_columns {
    () => {
        (
            bulk_hide::id,
            (bulk_hide::member_id, bulk_hide::remote_author_id),
            bulk_hide::reason,
            bulk_hide::by_id,
            bulk_hide::created_at,
            bulk_hide::restored_at,
        )
    };
}

fn counted(conn: &mut Conn, row: BulkRow) -> Result<Bulk, DbError> {
    let (id, author, reason, by, at, restored_at) = row;
    let author = match author {
        (Some(member), None) => BulkAuthor::Member(member),
        (None, Some(remote)) => BulkAuthor::Remote(remote.0),
        other => return Err(DbError::Inconsistent { what: "author of a bulk hide", value: format!("{other:?}") }),
    };
    let posts = bulk_hidden::table.filter(bulk_hidden::bulk_id.eq(id)).count().get_result(conn)?;
    Ok(Bulk { id, author, reason, by, at, restored_at, posts })
}

pub(super) fn find_bulk(conn: &mut Conn, id: BulkId) -> Result<Option<Bulk>, DbError> {
    let row: Option<BulkRow> = bulk_hide::table.find(id).select(bulk_columns!()).first(conn).optional()?;
    row.map(|row| counted(conn, row)).transpose()
}

/// The bulk hides of an author's posts, newest first.
pub(super) fn list_bulks(conn: &mut Conn, author: BulkAuthor, limit: i64) -> Result<Vec<Bulk>, DbError> {
    let rows: Vec<BulkRow> = match author {
        BulkAuthor::Member(id) => bulk_hide::table
            .filter(bulk_hide::member_id.eq(id))
            .order(bulk_hide::id.desc())
            .limit(limit)
            .select(bulk_columns!())
            .load(conn)?,
        BulkAuthor::Remote(id) => bulk_hide::table
            .filter(bulk_hide::remote_author_id.eq(id))
            .order(bulk_hide::id.desc())
            .limit(limit)
            .select(bulk_columns!())
            .load(conn)?,
    };
    rows.into_iter().map(|row| counted(conn, row)).collect()
}
