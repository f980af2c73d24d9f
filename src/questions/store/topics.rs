//! Which topic a question belongs to.

use diesel::prelude::*;

use super::{changed, is_open, written};
use crate::clock::Millis;
use crate::db::schema::question;
use crate::db::{Conn, DbError, Tx};
use crate::posts::HiddenAs;
use crate::questions::QuestionId;
use crate::queue;
use crate::topics::TopicId;

/// The topic of a question.
pub fn find_topic(conn: &mut Conn, id: QuestionId) -> Result<Option<TopicId>, DbError> {
    Ok(question::table.find(id).select(question::topic_id).first::<Option<TopicId>>(conn).optional()?.flatten())
}

/// Puts a question into a topic, or into none.
pub fn set_topic(tx: &mut Tx<'_>, id: QuestionId, topic: Option<TopicId>, now: Millis) -> Result<(), DbError> {
    let done = diesel::update(question::table.find(id))
        .filter(is_open!())
        .set(question::topic_id.eq(topic))
        .execute(&mut **tx)?;
    queue::set_topic(tx, id.0, topic.map(|topic| topic.0))?;
    written(tx, done, id, now)
}

/// Moves at most `limit` questions from one topic to another, those that are hidden or removed among them, and says how
/// many there were.
pub fn move_topic(
    tx: &mut Tx<'_>,
    from: TopicId,
    to: Option<TopicId>,
    limit: i64,
    now: Millis,
) -> Result<usize, DbError> {
    let some = question::table.filter(question::topic_id.eq(from)).order(question::id).limit(limit);
    let ids: Vec<QuestionId> = some.select(question::id).load(&mut **tx)?;
    diesel::update(question::table.filter(question::id.eq_any(&ids)))
        .set(question::topic_id.eq(to))
        .execute(&mut **tx)?;
    for id in &ids {
        changed(tx, *id, now);
    }
    Ok(ids.len())
}

/// How many questions belong to a topic, those that are hidden or removed among them.
pub fn count_in_topic(conn: &mut Conn, topic: TopicId) -> Result<i64, DbError> {
    Ok(question::table.filter(question::topic_id.eq(topic)).count().get_result(conn)?)
}
