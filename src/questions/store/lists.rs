//! Questions as rows of lists, and their texts for the search: only those that may be shown.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::is_open;
use super::tagged::list_tags;
use crate::clock::Millis;
use crate::db::page::{Cursor, Page};
use crate::db::schema::{question, question_tag, topic};
use crate::db::{Conn, DbError};
use crate::members::{AtDesk, MemberId};
use crate::posts::{Author, AuthorColumns, HiddenAs, Origin, Readers, Text};
use crate::questions::{Figures, List, QuestionId, Row, Shut, TopicLink};
use crate::tags::TagId;
use crate::topics::TopicId;

/// Rows of a list page.
const PAGE_SIZE: usize = 20;

/// When it was closed, and when it was locked.
type ShutColumns = (Option<Millis>, Option<Millis>);
type Marks = (i64, Option<i64>, i64, i64, ShutColumns);
type RowColumns = (QuestionId, String, Option<TopicLink>, Option<Origin>, i64, i64, Marks, Millis, Millis);

fn row(columns: RowColumns) -> Row {
    let (id, title, topic, origin, score, answer_count, marks, created_at, activity_at) = columns;
    let (accepted, verified, affected, private, (closed_at, locked_at)) = marks;
    Row {
        id,
        title,
        topic,
        origin,
        score,
        answer_count,
        accepted_count: accepted,
        verified_answer_id: verified,
        affected,
        private: private != 0,
        shut: Shut::of(closed_at.is_some(), locked_at.is_some()),
        created_at,
        activity_at,
        tags: Vec::new(),
    }
}

/// The rows with their tags, in one query for all of them.
fn with_tags(conn: &mut Conn, mut rows: Vec<Row>) -> Result<Vec<Row>, DbError> {
    if rows.is_empty() {
        return Ok(rows);
    }
    let ids: Vec<QuestionId> = rows.iter().map(|row| row.id).collect();
    let mut tags = list_tags(conn, &ids)?;
    rows.iter_mut().for_each(|row| row.tags = tags.remove(&row.id).unwrap_or_default());
    Ok(rows)
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
            (
                question::accepted_count,
                question::verified_answer_id,
                question::affected,
                question::private,
                (question::closed_at, question::locked_at),
            ),
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
        List::Affected => {
            if let Some(after) = after {
                query = query
                    .filter(question::affected.le(after.at.0))
                    .filter(question::affected.lt(after.at.0).or(question::id.lt(QuestionId(after.id))));
            }
            query.filter(question::affected.gt(0)).order((question::affected.desc(), question::id.desc()))
        }
    };
    if list == List::Unanswered {
        // Written out, not bound: a planner must see the number to know that the index of unanswered ones will do.
        query = query.filter(diesel::dsl::sql::<Bool>("question.answer_count = 0"));
    }
    let rows: Vec<RowColumns> = query.load(conn)?;
    let rows = with_tags(conn, rows.into_iter().map(row).collect())?;
    Ok(Page::of(rows, PAGE_SIZE, |row| Cursor {
        at: match list {
            List::Active => row.activity_at,
            List::Newest | List::Unanswered => row.created_at,
            // A number of people stands in the place of the moment.
            List::Affected => Millis(row.affected),
        },
        id: row.id.0,
    }))
}

/// One page of the questions that carry a tag, by their last activity.
pub fn list_tagged(conn: &mut Conn, tag: TagId, after: Option<Cursor>) -> Result<Page<Row>, DbError> {
    let limit = i64::try_from(PAGE_SIZE).unwrap_or(i64::MAX).saturating_add(1);
    let mut query = question::table
        .inner_join(question_tag::table)
        .left_join(topic::table)
        .filter(question_tag::tag_id.eq(tag))
        .filter(question::removed_at.is_null())
        .select(row_columns!())
        // Its own copy of the moment: a tag of very many questions is a range of its index, in the order of the list.
        .order((question_tag::activity_at.desc(), question_tag::question_id.desc()))
        .limit(limit)
        .into_boxed();
    if let Some(after) = after {
        query = query
            .filter(question_tag::activity_at.le(after.at))
            .filter(question_tag::activity_at.lt(after.at).or(question_tag::question_id.lt(QuestionId(after.id))));
    }
    let rows: Vec<RowColumns> = query.load(conn)?;
    let rows = with_tags(conn, rows.into_iter().map(row).collect())?;
    Ok(Page::of(rows, PAGE_SIZE, |row| Cursor { at: row.activity_at, id: row.id.0 }))
}

/// Rows for these questions in the given order; removed ones are left out.
pub fn rows(conn: &mut Conn, ids: &[QuestionId]) -> Result<Vec<Row>, DbError> {
    let found: Vec<RowColumns> = question::table
        .left_join(topic::table)
        .filter(question::id.eq_any(ids))
        .filter(question::removed_at.is_null())
        .select(row_columns!())
        .load(conn)?;
    let found = with_tags(conn, found.into_iter().map(row).collect())?;
    let mut by_id: HashMap<QuestionId, Row> = found.into_iter().map(|row| (row.id, row)).collect();
    Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
}

/// As [`rows`], with private ones and those that are part of another thread: for the desk, where each is worked on by itself.
pub fn rows_at_desk(conn: &mut Conn, ids: &[QuestionId], _reader: &AtDesk) -> Result<Vec<Row>, DbError> {
    let found: Vec<RowColumns> = question::table
        .left_join(topic::table)
        .filter(question::id.eq_any(ids))
        .filter(is_open!().or(question::hidden_as.assume_not_null().eq(HiddenAs::Merged)))
        .select(row_columns!())
        .load(conn)?;
    with_tags(conn, found.into_iter().map(row).collect())
}

macro_rules! text_columns {
    () => {
        (
            question::id,
            question::title,
            question::body,
            (question::member_id, question::remote_author_id, question::origin),
            question::verified_answer_id,
            question::body_html.like("%<img %"),
            question::created_at,
        )
    };
}

type TextColumns = (QuestionId, String, String, AuthorColumns, Option<i64>, bool, Millis);

fn text((id, title, body, author, verified, has_picture, created_at): TextColumns) -> Result<Text, DbError> {
    Ok(Text {
        post: id.post(),
        question_id: id.0,
        answer_id: None,
        title,
        body,
        author: Author::decode(author)?,
        vouched: verified.is_some(),
        accepted: false,
        has_picture,
        created_at,
    })
}

/// The texts of those of these questions that may be shown.
pub fn load_texts(conn: &mut Conn, ids: &[QuestionId]) -> Result<Vec<Text>, DbError> {
    let found: Vec<TextColumns> = question::table
        .filter(question::id.eq_any(ids))
        .filter(question::removed_at.is_null())
        .select(text_columns!())
        .load(conn)?;
    found.into_iter().map(text).collect()
}

/// As [`load_texts`], with those that are part of another thread: show them only where that is shown.
pub fn load_texts_in_whole(conn: &mut Conn, ids: &[QuestionId]) -> Result<Vec<Text>, DbError> {
    let found: Vec<TextColumns> = question::table
        .filter(question::id.eq_any(ids))
        .filter(question::removed_at.is_null().or(question::hidden_as.assume_not_null().eq(HiddenAs::Merged)))
        .select(text_columns!())
        .load(conn)?;
    found.into_iter().map(text).collect()
}

/// The next questions that may be shown, by id: for whoever goes through all of them.
pub fn list_shown_after(conn: &mut Conn, after: QuestionId, limit: i64) -> Result<Vec<QuestionId>, DbError> {
    Ok(question::table
        .filter(question::id.gt(after))
        .filter(question::removed_at.is_null())
        .order(question::id)
        .limit(limit)
        .select(question::id)
        .load(conn)?)
}

/// What everybody may see, and search engines too: shown, and not private.
macro_rules! public {
    () => {
        question::removed_at.is_null().and(question::private.eq(0))
    };
}

/// The newest public question; `None`: there is none.
pub fn newest_public(conn: &mut Conn) -> Result<Option<QuestionId>, DbError> {
    let newest = question::table.filter(public!()).order(question::id.desc()).select(question::id);
    Ok(newest.first(conn).optional()?)
}

/// The next public questions after one and before another, by id: id, title, last activity.
pub fn list_public_after(
    conn: &mut Conn,
    after: QuestionId,
    end: QuestionId,
    limit: i64,
) -> Result<Vec<(QuestionId, String, Millis)>, DbError> {
    Ok(question::table
        .filter(question::id.gt(after))
        .filter(question::id.lt(end))
        .filter(public!())
        .order(question::id)
        .limit(limit)
        .select((question::id, question::title, question::activity_at))
        .load(conn)?)
}

/// The figures of those of these questions whose threads go on, and who reads them: tell them to nobody else.
pub fn list_figures(conn: &mut Conn, ids: &[QuestionId]) -> Result<Vec<(Figures, Readers)>, DbError> {
    type Columns = (QuestionId, i64, i64, i64, AuthorColumns);
    let rows: Vec<Columns> = question::table
        .filter(question::id.eq_any(ids))
        .filter(is_open!())
        .order(question::id)
        .select((
            question::id,
            question::answer_count,
            question::affected,
            question::private,
            (question::member_id, question::remote_author_id, question::origin),
        ))
        .load(conn)?;
    let figures = |(id, answers, affected, private, asker): Columns| {
        let readers = if private == 0 { Readers::Everybody } else { Readers::Asker(Author::decode(asker)?) };
        Ok((Figures { id, answers, affected }, readers))
    };
    rows.into_iter().map(figures).collect()
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
    with_tags(conn, found.into_iter().map(row).collect())
}

/// As [`list_by_member`], with private ones: for the desk.
pub fn list_by_member_at_desk(
    conn: &mut Conn,
    member: MemberId,
    limit: i64,
    _reader: &AtDesk,
) -> Result<Vec<Row>, DbError> {
    let found: Vec<RowColumns> = question::table
        .left_join(topic::table)
        .filter(question::member_id.eq(member))
        .filter(is_open!())
        .order(question::created_at.desc())
        .limit(limit)
        .select(row_columns!())
        .load(conn)?;
    with_tags(conn, found.into_iter().map(row).collect())
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

/// Who asked these questions.
pub fn list_askers(conn: &mut Conn, ids: &[QuestionId]) -> Result<HashMap<QuestionId, Author>, DbError> {
    let rows: Vec<(QuestionId, AuthorColumns)> = question::table
        .filter(question::id.eq_any(ids))
        .select((question::id, (question::member_id, question::remote_author_id, question::origin)))
        .load(conn)?;
    rows.into_iter().map(|(id, author)| Ok((id, Author::decode(author)?))).collect()
}
