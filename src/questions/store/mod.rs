//! All SQL of questions.

mod merged;
mod sight;

use std::collections::HashMap;

pub use self::merged::{
    find_kept, find_living, find_merged_into, hold_living, list_merged_into, load_living, set_merged_into,
    wait_as_before,
};
pub use self::sight::{hide, lock, restore, unlock};

use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::{List, Locked, NewQuestion, Question, QuestionId, Row, TopicLink};
use crate::clock::Millis;
use crate::db::page::{Cursor, Page};
use crate::db::schema::{question, topic};
use crate::db::{Change, Conn, DbError, Tx};
use crate::members::{self, MemberId};
use crate::posts::{Author, AuthorColumns, HiddenAs, Origin, Text};
use crate::queue::{self, Item, Kind, Subject};
use crate::topics::TopicId;
use crate::web::Error;
use crate::web::markdown::CleanHtml;

/// Rows of a list page.
const PAGE_SIZE: usize = 20;

/// Writes a question. One without a title is refused: nothing could be clicked. What a customer asks here waits for staff.
pub fn insert(tx: &mut Tx<'_>, new: &NewQuestion) -> Result<QuestionId, DbError> {
    let id = insert_row(tx, new, None)?;
    await_staff(tx, id, new.author, new.topic_id, new.created_at)?;
    changed(tx, id, new.created_at);
    Ok(id)
}

/// What a customer asks here waits for staff.
pub fn await_staff(
    tx: &mut Tx<'_>,
    id: QuestionId,
    author: Author,
    topic: Option<TopicId>,
    asked_at: Millis,
) -> Result<(), DbError> {
    let Author::Member(asker) = author else { return Ok(()) };
    if members::is_at_desk(tx, asker)? {
        return Ok(());
    }
    let item = Item {
        kind: Kind::Asked,
        ref_id: id.0,
        subject: Subject::Question(id.0),
        topic_id: topic.map(|topic| topic.0),
        channel_id: None,
        network: None,
        lang: None,
        since: asked_at,
        arrived_at: asked_at,
    };
    queue::open(tx, &item)
}

/// As [`insert`], for a question that nobody sees before staff have let it through, by [`restore`].
pub fn insert_held(tx: &mut Tx<'_>, new: &NewQuestion) -> Result<QuestionId, DbError> {
    insert_row(tx, new, Some(HiddenAs::Held))
}

fn insert_row(tx: &mut Tx<'_>, new: &NewQuestion, hidden_as: Option<HiddenAs>) -> Result<QuestionId, DbError> {
    let (member, remote, origin) = new.author.columns();
    Ok(diesel::insert_into(question::table)
        .values((
            question::topic_id.eq(new.topic_id),
            question::member_id.eq(member),
            question::remote_author_id.eq(remote),
            question::origin.eq(origin),
            question::title.eq(&new.title),
            question::body.eq(&new.body),
            question::body_html.eq(new.body_html.as_str()),
            question::created_at.eq(new.created_at),
            question::activity_at.eq(new.created_at),
            question::removed_at.eq(hidden_as.map(|_| new.created_at)),
            question::hidden_as.eq(hidden_as),
        ))
        .returning(question::id)
        .get_result(&mut **tx)?)
}

/// Somebody spoke in a thread. A word of somebody at the desk is what a question that was asked here waits for.
pub fn spoken_in(tx: &mut Tx<'_>, id: QuestionId, by: Author) -> Result<(), DbError> {
    if let Author::Member(by) = by
        && members::is_at_desk(tx, by)?
    {
        queue::close(tx, Kind::Asked, id.0)?;
    }
    Ok(())
}

/// Who asked these questions.
pub fn list_askers(conn: &mut Conn, ids: &[QuestionId]) -> Result<HashMap<QuestionId, Author>, DbError> {
    let rows: Vec<(QuestionId, AuthorColumns)> = question::table
        .filter(question::id.eq_any(ids))
        .select((question::id, (question::member_id, question::remote_author_id, question::origin)))
        .load(conn)?;
    rows.into_iter().map(|(id, author)| Ok((id, Author::decode(author)?))).collect()
}

/// The topic of a question.
pub fn find_topic(conn: &mut Conn, id: QuestionId) -> Result<Option<TopicId>, DbError> {
    Ok(question::table.find(id).select(question::topic_id).first::<Option<TopicId>>(conn).optional()?.flatten())
}

#[derive(Queryable)]
struct Stored {
    id: QuestionId,
    topic: Option<TopicLink>,
    author: AuthorColumns,
    title: String,
    body: String,
    body_html: String,
    score: i64,
    answer_count: i64,
    accepted_answer_id: Option<i64>,
    verified_answer_id: Option<i64>,
    removed_at: Option<Millis>,
    hidden_as: Option<HiddenAs>,
    locked: (Option<Millis>, Option<String>),
    created_at: Millis,
    activity_at: Millis,
}

macro_rules! stored_columns {
    () => {
        (
            question::id,
            (topic::id, topic::slug, topic::name).nullable(),
            (question::member_id, question::remote_author_id, question::origin),
            question::title,
            question::body,
            question::body_html,
            question::score,
            question::answer_count,
            question::accepted_answer_id,
            question::verified_answer_id,
            question::removed_at,
            question::hidden_as,
            (question::locked_at, question::locked_reason),
            question::created_at,
            question::activity_at,
        )
    };
}
use stored_columns;

fn load_stored(conn: &mut Conn, id: QuestionId) -> Result<Option<Stored>, DbError> {
    Ok(question::table
        .left_join(topic::table)
        .filter(question::id.eq(id))
        .select(stored_columns!())
        .first(conn)
        .optional()?)
}

impl Stored {
    fn decode(self) -> Result<Question, DbError> {
        Ok(Question {
            id: self.id,
            topic: self.topic,
            author: Author::decode(self.author)?,
            title: self.title,
            body: self.body,
            body_html: self.body_html,
            score: self.score,
            answer_count: self.answer_count,
            accepted_answer_id: self.accepted_answer_id,
            verified_answer_id: self.verified_answer_id,
            locked: self.locked.0.map(|at| Locked { at, reason: self.locked.1.unwrap_or_default() }),
            created_at: self.created_at,
            activity_at: self.activity_at,
        })
    }
}

/// A question that may be shown; `None` where it never was or was removed.
pub fn find(conn: &mut Conn, id: QuestionId) -> Result<Option<Question>, DbError> {
    load_stored(conn, id)?.filter(|stored| stored.removed_at.is_none()).map(Stored::decode).transpose()
}

/// As [`find`], for pages: unknown is [`Error::NotFound`], removed is [`Error::Gone`].
pub fn load(conn: &mut Conn, id: QuestionId) -> Result<Question, Error> {
    let stored = load_stored(conn, id)?.ok_or(Error::NotFound)?;
    if stored.removed_at.is_some() {
        return Err(Error::Gone(gone(stored.hidden_as).to_owned()));
    }
    Ok(stored.decode()?)
}

/// What its address says of a question that is not shown.
fn gone(hidden_as: Option<HiddenAs>) -> &'static str {
    match hidden_as {
        None => "This question was removed, with everything in its thread.",
        Some(HiddenAs::Hidden) => {
            "Our staff have hidden this question, with everything in its thread. If you asked it, sign in: your own page \
             shows it, and why."
        }
        Some(HiddenAs::Held) => {
            "This question waits until our staff have looked at it. If you asked it, sign in: your own page shows it."
        }
        Some(HiddenAs::Merged | HiddenAs::Split) => "This question is part of another one now.",
    }
}

type RowColumns =
    (QuestionId, String, Option<TopicLink>, Option<Origin>, i64, i64, (Option<i64>, Option<i64>), Millis, Millis);

fn row(columns: RowColumns) -> Row {
    let (id, title, topic, origin, score, answer_count, (accepted, verified), created_at, activity_at) = columns;
    Row {
        id,
        title,
        topic,
        origin,
        score,
        answer_count,
        accepted_answer_id: accepted,
        verified_answer_id: verified,
        created_at,
        activity_at,
    }
}

macro_rules! row_columns {
    () => {
        (
            question::id,
            question::title,
            (topic::id, topic::slug, topic::name).nullable(),
            question::origin,
            question::score,
            question::answer_count,
            (question::accepted_answer_id, question::verified_answer_id),
            question::created_at,
            question::activity_at,
        )
    };
}

/// One page of a list, of one topic or of all.
pub fn list(
    conn: &mut Conn,
    list: List,
    topic_id: Option<TopicId>,
    after: Option<Cursor>,
) -> Result<Page<Row>, DbError> {
    let limit = i64::try_from(PAGE_SIZE).unwrap_or(i64::MAX).saturating_add(1);
    let mut query = question::table
        .left_join(topic::table)
        .filter(question::removed_at.is_null())
        .select(row_columns!())
        .limit(limit)
        .into_boxed();
    if let Some(topic_id) = topic_id {
        query = query.filter(question::topic_id.eq(topic_id));
    }
    // The first half of each condition is what the index can jump to; the second settles equal moments.
    query = match list {
        List::Active => {
            if let Some(after) = after {
                query = query
                    .filter(question::activity_at.le(after.at))
                    .filter(question::activity_at.lt(after.at).or(question::id.lt(QuestionId(after.id))));
            }
            query.order((question::activity_at.desc(), question::id.desc()))
        }
        List::Newest | List::Unanswered => {
            if let Some(after) = after {
                query = query
                    .filter(question::created_at.le(after.at))
                    .filter(question::created_at.lt(after.at).or(question::id.lt(QuestionId(after.id))));
            }
            query.order((question::created_at.desc(), question::id.desc()))
        }
    };
    if list == List::Unanswered {
        // Written out, not bound: a planner must see the number to know that the index of unanswered ones will do.
        query = query.filter(diesel::dsl::sql::<Bool>("question.answer_count = 0"));
    }
    let rows: Vec<RowColumns> = query.load(conn)?;
    Ok(Page::of(rows.into_iter().map(row).collect(), PAGE_SIZE, |row| Cursor {
        at: if list == List::Active { row.activity_at } else { row.created_at },
        id: row.id.0,
    }))
}

/// Rows for these questions in the given order; removed ones are left out.
pub fn rows(conn: &mut Conn, ids: &[QuestionId]) -> Result<Vec<Row>, DbError> {
    let found: Vec<RowColumns> = question::table
        .left_join(topic::table)
        .filter(question::id.eq_any(ids))
        .filter(question::removed_at.is_null())
        .select(row_columns!())
        .load(conn)?;
    let mut by_id: HashMap<QuestionId, Row> = found.into_iter().map(row).map(|row| (row.id, row)).collect();
    Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
}

type TextColumns = (QuestionId, String, String, Option<Origin>, Option<i64>, Millis);

fn text((id, title, body, origin, verified, created_at): TextColumns) -> Text {
    let vouched = verified.is_some();
    Text { post: id.post(), question_id: id.0, answer_id: None, title, body, origin, vouched, created_at }
}

/// The texts of those of these questions that may be shown.
pub fn load_texts(conn: &mut Conn, ids: &[QuestionId]) -> Result<Vec<Text>, DbError> {
    let found: Vec<TextColumns> = question::table
        .filter(question::id.eq_any(ids))
        .filter(question::removed_at.is_null())
        .select((
            question::id,
            question::title,
            question::body,
            question::origin,
            question::verified_answer_id,
            question::created_at,
        ))
        .load(conn)?;
    Ok(found.into_iter().map(text).collect())
}

/// The texts of the next questions that may be shown, by id: for whoever goes through all of them.
pub fn list_texts_after(conn: &mut Conn, after: QuestionId, limit: i64) -> Result<Vec<Text>, DbError> {
    let found: Vec<TextColumns> = question::table
        .filter(question::id.gt(after))
        .filter(question::removed_at.is_null())
        .order(question::id)
        .limit(limit)
        .select((
            question::id,
            question::title,
            question::body,
            question::origin,
            question::verified_answer_id,
            question::created_at,
        ))
        .load(conn)?;
    Ok(found.into_iter().map(text).collect())
}

/// The newest questions of a member.
pub fn list_by_member(conn: &mut Conn, member: MemberId, limit: i64) -> Result<Vec<Row>, DbError> {
    let found: Vec<RowColumns> = question::table
        .left_join(topic::table)
        .filter(question::member_id.eq(member))
        .filter(question::removed_at.is_null())
        .order(question::created_at.desc())
        .limit(limit)
        .select(row_columns!())
        .load(conn)?;
    Ok(found.into_iter().map(row).collect())
}

/// How many questions each topic has; a topic without any is not there.
pub fn count_by_topic(conn: &mut Conn) -> Result<HashMap<TopicId, i64>, DbError> {
    let counts: Vec<(Option<TopicId>, i64)> = question::table
        .filter(question::removed_at.is_null())
        .filter(question::topic_id.is_not_null())
        .group_by(question::topic_id)
        .select((question::topic_id, diesel::dsl::count_star()))
        .load(conn)?;
    Ok(counts.into_iter().filter_map(|(topic, count)| Some((topic?, count))).collect())
}

/// Puts a question into a topic, or into none.
pub fn set_topic(tx: &mut Tx<'_>, id: QuestionId, topic: Option<TopicId>, now: Millis) -> Result<(), DbError> {
    let done = diesel::update(question::table.find(id))
        .filter(question::removed_at.is_null())
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

/// Gives a question another title.
pub fn set_title(tx: &mut Tx<'_>, id: QuestionId, title: &str, now: Millis) -> Result<(), DbError> {
    let done = diesel::update(question::table.find(id))
        .filter(question::removed_at.is_null())
        .set(question::title.eq(title))
        .execute(&mut **tx)?;
    written(tx, done, id, now)
}

/// Gives a question the words of a later version, out of sight or not; its title stays unless one is given.
pub fn edit(
    tx: &mut Tx<'_>,
    id: QuestionId,
    title: Option<&str>,
    body: &str,
    html: &CleanHtml,
    now: Millis,
) -> Result<(), DbError> {
    let kept = question::table.find(id).filter(question::removed_at.is_null().or(question::hidden_as.is_not_null()));
    if let Some(title) = title {
        diesel::update(kept).set(question::title.eq(title)).execute(&mut **tx)?;
    }
    let done = diesel::update(kept)
        .set((question::body.eq(body), question::body_html.eq(html.as_str())))
        .execute(&mut **tx)?;
    written(tx, done, id, now)
}

/// Takes a question away for good: its words are emptied, its thread is shown nowhere. Once more changes nothing.
pub fn remove(tx: &mut Tx<'_>, id: QuestionId, now: Millis) -> Result<(), DbError> {
    let done = diesel::update(question::table.find(id))
        .filter(question::removed_at.is_null().or(question::hidden_as.is_not_null()))
        .set((
            question::title.eq(""),
            question::body.eq(""),
            question::body_html.eq(""),
            question::removed_at.eq(Some(now)),
            question::hidden_as.eq(None::<HiddenAs>),
        ))
        .execute(&mut **tx)?;
    if done == 1 {
        queue::close_thread(tx, id.0)?;
        changed(tx, id, now);
    }
    Ok(())
}

/// Notes which answer the asker took, or that none is.
pub fn set_accepted(tx: &mut Tx<'_>, id: QuestionId, answer_id: Option<i64>, now: Millis) -> Result<(), DbError> {
    if answer_id.is_some() {
        queue::close(tx, Kind::Asked, id.0)?;
    }
    let done = diesel::update(question::table.find(id))
        .filter(question::removed_at.is_null())
        .set(question::accepted_answer_id.eq(answer_id))
        .execute(&mut **tx)?;
    written(tx, done, id, now)
}

/// Notes which answer staff vouch for, or that none is.
pub fn set_verified(tx: &mut Tx<'_>, id: QuestionId, answer_id: Option<i64>, now: Millis) -> Result<(), DbError> {
    if answer_id.is_some() {
        queue::close(tx, Kind::Asked, id.0)?;
    }
    let done = diesel::update(question::table.find(id))
        .filter(question::removed_at.is_null())
        .set(question::verified_answer_id.eq(answer_id))
        .execute(&mut **tx)?;
    written(tx, done, id, now)
}

/// One answer more.
pub fn answered(tx: &mut Tx<'_>, id: QuestionId, now: Millis) -> Result<(), DbError> {
    // What is said in a thread that is out of sight counts there, too: it may come back.
    let kept = question::removed_at.is_null().or(question::hidden_as.is_not_null());
    let done = diesel::update(question::table.find(id))
        .filter(kept)
        .set(question::answer_count.eq(question::answer_count + 1))
        .execute(&mut **tx)?;
    written(tx, done, id, now)?;
    touched(tx, id, now)
}

/// One answer less; where it was the accepted or the verified one, none is.
pub fn answer_removed(tx: &mut Tx<'_>, id: QuestionId, answer_id: i64, now: Millis) -> Result<(), DbError> {
    diesel::update(question::table.find(id))
        .set(question::answer_count.eq(question::answer_count - 1))
        .execute(&mut **tx)?;
    diesel::update(question::table.find(id))
        .filter(question::accepted_answer_id.eq(answer_id))
        .set(question::accepted_answer_id.eq(None::<i64>))
        .execute(&mut **tx)?;
    diesel::update(question::table.find(id))
        .filter(question::verified_answer_id.eq(answer_id))
        .set(question::verified_answer_id.eq(None::<i64>))
        .execute(&mut **tx)?;
    changed(tx, id, now);
    Ok(())
}

/// A question that was asked here waits for a word of ours again: what it got did not help.
pub fn wait_again(tx: &mut Tx<'_>, id: QuestionId, now: Millis) -> Result<(), DbError> {
    let Some(question) = find(tx, id)? else { return Ok(()) };
    let item = Item {
        kind: Kind::Asked,
        ref_id: id.0,
        subject: Subject::Question(id.0),
        topic_id: question.topic.map(|topic| topic.id.0),
        channel_id: None,
        network: None,
        lang: None,
        since: now,
        arrived_at: now,
    };
    queue::open(tx, &item)
}

/// Whether this is the answer that helped the asker.
pub fn is_accepted(conn: &mut Conn, id: QuestionId, answer_id: i64) -> Result<bool, DbError> {
    let accepted: Option<i64> = question::table.find(id).select(question::accepted_answer_id).first(conn)?;
    Ok(accepted == Some(answer_id))
}

/// An answer is shown again; where it was the accepted one and none is now, it is again.
pub fn answer_returned(
    tx: &mut Tx<'_>,
    id: QuestionId,
    answer_id: i64,
    was_accepted: bool,
    now: Millis,
) -> Result<(), DbError> {
    diesel::update(question::table.find(id))
        .set(question::answer_count.eq(question::answer_count + 1))
        .execute(&mut **tx)?;
    if was_accepted {
        diesel::update(question::table.find(id))
            .filter(question::accepted_answer_id.is_null())
            .set(question::accepted_answer_id.eq(Some(answer_id)))
            .execute(&mut **tx)?;
    }
    changed(tx, id, now);
    Ok(())
}

/// Makes others that would hold the same thread wait until this transaction ends, so that what is read of it from here on
/// stays true. [`DbError::is_not_found`] for a question that is gone.
pub fn hold(tx: &mut Tx<'_>, id: QuestionId) -> Result<(), DbError> {
    let found = diesel::update(question::table.find(id))
        .filter(question::removed_at.is_null())
        .set(question::activity_at.eq(question::activity_at))
        .execute(&mut **tx)?;
    if found == 0 { Err(diesel::result::Error::NotFound.into()) } else { Ok(()) }
}

/// Something happened in the thread. A mirrored post that arrives late does not turn the clock back.
pub fn touched(tx: &mut Tx<'_>, id: QuestionId, now: Millis) -> Result<(), DbError> {
    diesel::update(question::table.find(id))
        .filter(question::activity_at.lt(now))
        .set(question::activity_at.eq(now))
        .execute(&mut **tx)?;
    changed(tx, id, now);
    Ok(())
}

/// Adds to the score (taking away is adding less than nothing).
pub fn add_score(tx: &mut Tx<'_>, id: QuestionId, difference: i64, now: Millis) -> Result<(), DbError> {
    let done = diesel::update(question::table.find(id))
        .filter(question::removed_at.is_null())
        .set(question::score.eq(question::score + difference))
        .execute(&mut **tx)?;
    written(tx, done, id, now)
}

/// A question that is not there or was removed takes no change: [`DbError::is_not_found`].
fn written(tx: &mut Tx<'_>, rows: usize, id: QuestionId, now: Millis) -> Result<(), DbError> {
    if rows == 0 {
        return Err(diesel::result::Error::NotFound.into());
    }
    changed(tx, id, now);
    Ok(())
}

fn changed(tx: &mut Tx<'_>, id: QuestionId, now: Millis) {
    tx.changed(Change { post: id.post(), question_id: id.0, at: now });
}
