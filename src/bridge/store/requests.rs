//! "This is my post, remove it": what remote authors asked for, until staff settle it.

use diesel::prelude::*;

use crate::clock::Millis;
use crate::db::schema::{removal_look, removal_request};
use crate::db::{Conn, DbError, Tx, id_type, per_database};
use crate::members::MemberId;
use crate::questions::{self, QuestionId};
use crate::queue::{self, Item, Kind};

id_type!(
    /// The id of a removal request.
    RequestId
);

#[derive(Clone, Debug, Queryable)]
pub struct RequestRow {
    pub id: RequestId,
    pub question_id: i64,
    pub message: String,
    pub contact: String,
    pub created_at: Millis,
}

pub fn insert(tx: &mut Tx<'_>, question_id: i64, message: &str, contact: &str, now: Millis) -> Result<(), DbError> {
    let id: RequestId = diesel::insert_into(removal_request::table)
        .values((
            removal_request::question_id.eq(question_id),
            removal_request::message.eq(message),
            removal_request::contact.eq(contact),
            removal_request::created_at.eq(now),
        ))
        .returning(removal_request::id)
        .get_result(&mut **tx)?;
    let topic = questions::find_topic(tx, QuestionId(question_id))?.map(|topic| topic.0);
    queue::open(tx, &Item::in_thread(Kind::Removal, id.0, question_id, topic, None, now))
}

/// Takes a turn to look whether the original of a thread is gone; `false`: `most` were taken since `since`.
pub fn claim_look(tx: &mut Tx<'_>, question_id: i64, most: i64, since: Millis, now: Millis) -> Result<bool, DbError> {
    let anew = (removal_look::since.eq(now), removal_look::looks.eq(1));
    let row = (removal_look::question_id.eq(question_id), anew);
    let first = per_database!(&mut **tx, conn => diesel::insert_into(removal_look::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    if first == 1 {
        return Ok(true);
    }
    let earlier = removal_look::table.find(question_id).filter(removal_look::since.le(since));
    if diesel::update(earlier).set(anew).execute(&mut **tx)? == 1 {
        return Ok(true);
    }
    let few = removal_look::table.find(question_id).filter(removal_look::looks.lt(most));
    Ok(diesel::update(few).set(removal_look::looks.eq(removal_look::looks + 1)).execute(&mut **tx)? == 1)
}

/// Requests that wait for staff, oldest first.
pub fn list_open(conn: &mut Conn, limit: i64) -> Result<Vec<RequestRow>, DbError> {
    Ok(removal_request::table
        .filter(removal_request::settled_at.is_null())
        .order((removal_request::created_at, removal_request::id))
        .limit(limit)
        .select((
            removal_request::id,
            removal_request::question_id,
            removal_request::message,
            removal_request::contact,
            removal_request::created_at,
        ))
        .load(conn)?)
}

pub fn count_open(conn: &mut Conn) -> Result<i64, DbError> {
    Ok(removal_request::table.filter(removal_request::settled_at.is_null()).count().get_result(conn)?)
}

/// Closes a request and returns its question; `None`: a colleague was faster.
pub fn settle(tx: &mut Tx<'_>, id: RequestId, by: MemberId, now: Millis) -> Result<Option<i64>, DbError> {
    let changed = diesel::update(removal_request::table.find(id).filter(removal_request::settled_at.is_null()))
        .set((removal_request::settled_at.eq(Some(now)), removal_request::settled_by.eq(Some(by))))
        .execute(&mut **tx)?;
    if changed == 0 {
        return Ok(None);
    }
    queue::close(tx, Kind::Removal, id.0)?;
    Ok(Some(removal_request::table.find(id).select(removal_request::question_id).first(&mut **tx)?))
}
