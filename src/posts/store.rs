//! What is asked of posts whatever their kind, and of those that are not shown. The one place that reads the three tables
//! together; their slices alone write them.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{AnyPost, Author, AuthorColumns, HiddenAs, RemoteAuthorId, Sight};
use crate::clock::Millis;
use crate::db::schema::{answer, comment, question};
use crate::db::{Conn, DbError, PostKind, PostRef};
use crate::members::MemberId;

/// The columns that the three tables share: id, thread, author, words, why it is not shown and since when, when written.
type Row = (i64, i64, AuthorColumns, String, Option<HiddenAs>, Option<Millis>, Millis);

/// The newest `$limit` of the posts of one table that pass `$filter`. What was removed for good is not among them.
macro_rules! newest {
    ($conn:expr, $table:ident, $thread:expr, $filter:expr, $limit:expr) => {
        $table::table
            .filter($table::removed_at.is_null().or($table::hidden_as.is_not_null()))
            .filter($filter)
            .order(($table::created_at.desc(), $table::id.desc()))
            .limit($limit)
            .select((
                $table::id,
                $thread,
                ($table::member_id, $table::remote_author_id, $table::origin),
                $table::body_html,
                $table::hidden_as,
                $table::removed_at,
                $table::created_at,
            ))
            .load::<Row>($conn)?
    };
}

/// A post, shown or not; `None`: it never was, or is gone for good.
pub(super) fn find(conn: &mut Conn, post: PostRef) -> Result<Option<AnyPost>, DbError> {
    let rows: Vec<Row> = match post.kind {
        PostKind::Question => newest!(conn, question, question::id, question::id.eq(post.id), 1),
        PostKind::Answer => newest!(conn, answer, answer::question_id, answer::id.eq(post.id), 1),
        PostKind::Comment => newest!(conn, comment, comment::question_id, comment::id.eq(post.id), 1),
    };
    Ok(titled(conn, vec![(post.kind, rows)])?.pop())
}

/// The newest posts of an author, shown or not, newest first.
pub(super) fn list_of(conn: &mut Conn, author: Author, limit: i64) -> Result<Vec<AnyPost>, DbError> {
    let rows = match author {
        Author::Member(id) => of_member(conn, id, limit)?,
        Author::Remote { author, .. } => of_remote_author(conn, author, limit)?,
    };
    let mut posts = titled(conn, rows)?;
    posts.sort_by_key(|post| std::cmp::Reverse(post.created_at));
    posts.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(posts)
}

fn of_member(conn: &mut Conn, id: MemberId, limit: i64) -> Result<Vec<(PostKind, Vec<Row>)>, DbError> {
    Ok(vec![
        (PostKind::Question, newest!(conn, question, question::id, question::member_id.eq(id), limit)),
        (PostKind::Answer, newest!(conn, answer, answer::question_id, answer::member_id.eq(id), limit)),
        (PostKind::Comment, newest!(conn, comment, comment::question_id, comment::member_id.eq(id), limit)),
    ])
}

fn of_remote_author(conn: &mut Conn, id: RemoteAuthorId, limit: i64) -> Result<Vec<(PostKind, Vec<Row>)>, DbError> {
    Ok(vec![
        (PostKind::Question, newest!(conn, question, question::id, question::remote_author_id.eq(id), limit)),
        (PostKind::Answer, newest!(conn, answer, answer::question_id, answer::remote_author_id.eq(id), limit)),
        (PostKind::Comment, newest!(conn, comment, comment::question_id, comment::remote_author_id.eq(id), limit)),
    ])
}

/// What a member wrote that is out of sight, newest first.
pub(super) fn list_unshown_of(conn: &mut Conn, id: MemberId, limit: i64) -> Result<Vec<AnyPost>, DbError> {
    let questions = {
        let theirs = question::member_id.eq(id).and(question::hidden_as.is_not_null());
        newest!(conn, question, question::id, theirs, limit)
    };
    let answers = {
        let theirs = answer::member_id.eq(id).and(answer::hidden_as.is_not_null());
        newest!(conn, answer, answer::question_id, theirs, limit)
    };
    let comments = {
        let theirs = comment::member_id.eq(id).and(comment::hidden_as.is_not_null());
        newest!(conn, comment, comment::question_id, theirs, limit)
    };
    let rows = vec![(PostKind::Question, questions), (PostKind::Answer, answers), (PostKind::Comment, comments)];
    let mut posts = titled(conn, rows)?;
    posts.sort_by_key(|post| std::cmp::Reverse(post.created_at));
    Ok(posts)
}

/// The answers and comments of a thread that are hidden or held, oldest first.
pub(super) fn list_unshown_in(conn: &mut Conn, thread: i64, limit: i64) -> Result<Vec<AnyPost>, DbError> {
    let put_away = [HiddenAs::Hidden, HiddenAs::Held];
    let answers = {
        let here = answer::question_id.eq(thread).and(answer::hidden_as.eq_any(put_away));
        newest!(conn, answer, answer::question_id, here, limit)
    };
    let comments = {
        let here = comment::question_id.eq(thread).and(comment::hidden_as.eq_any(put_away));
        newest!(conn, comment, comment::question_id, here, limit)
    };
    let mut posts = titled(conn, vec![(PostKind::Answer, answers), (PostKind::Comment, comments)])?;
    posts.sort_by_key(|post| post.created_at);
    Ok(posts)
}

/// Up to `limit` shown posts of an author, written at `since` or later; of one kind after the other.
pub(super) fn list_shown_of(
    conn: &mut Conn,
    author: Author,
    since: Millis,
    limit: i64,
) -> Result<Vec<PostRef>, DbError> {
    macro_rules! shown {
        ($table:ident, $filter:expr) => {
            $table::table
                .filter($filter)
                .filter($table::removed_at.is_null())
                .filter($table::created_at.ge(since))
                .order($table::id)
                .limit(limit)
                .select($table::id)
                .load::<i64>(conn)?
        };
    }
    let of_kinds: [(PostKind, Vec<i64>); 3] = match author {
        Author::Member(id) => [
            (PostKind::Comment, shown!(comment, comment::member_id.eq(id))),
            (PostKind::Answer, shown!(answer, answer::member_id.eq(id))),
            (PostKind::Question, shown!(question, question::member_id.eq(id))),
        ],
        Author::Remote { author: id, .. } => [
            (PostKind::Comment, shown!(comment, comment::remote_author_id.eq(id))),
            (PostKind::Answer, shown!(answer, answer::remote_author_id.eq(id))),
            (PostKind::Question, shown!(question, question::remote_author_id.eq(id))),
        ],
    };
    let posts = of_kinds.into_iter().flat_map(|(kind, ids)| ids.into_iter().map(move |id| PostRef { kind, id }));
    Ok(posts.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect())
}

/// How many posts of a member everybody sees.
pub(super) fn count_shown(conn: &mut Conn, member: MemberId) -> Result<i64, DbError> {
    let questions: i64 = question::table
        .filter(question::member_id.eq(member))
        .filter(question::removed_at.is_null())
        .count()
        .get_result(conn)?;
    let answers: i64 = answer::table
        .filter(answer::member_id.eq(member))
        .filter(answer::removed_at.is_null())
        .count()
        .get_result(conn)?;
    let comments: i64 = comment::table
        .filter(comment::member_id.eq(member))
        .filter(comment::removed_at.is_null())
        .count()
        .get_result(conn)?;
    Ok(questions + answers + comments)
}

/// The titles of those of these threads that everybody sees.
pub(super) fn list_titles(conn: &mut Conn, threads: &[i64]) -> Result<HashMap<i64, String>, DbError> {
    let titles: Vec<(i64, String)> = question::table
        .filter(question::id.eq_any(threads))
        .filter(question::removed_at.is_null())
        .select((question::id, question::title))
        .load(conn)?;
    Ok(titles.into_iter().collect())
}

/// The rows as posts, each with the title of its thread.
fn titled(conn: &mut Conn, of_kinds: Vec<(PostKind, Vec<Row>)>) -> Result<Vec<AnyPost>, DbError> {
    let threads: Vec<i64> = of_kinds.iter().flat_map(|(_, rows)| rows.iter().map(|row| row.1)).collect();
    let titles: Vec<(i64, String)> = if threads.is_empty() {
        Vec::new()
    } else {
        question::table.filter(question::id.eq_any(threads)).select((question::id, question::title)).load(conn)?
    };
    let titles: HashMap<i64, String> = titles.into_iter().collect();
    let mut posts = Vec::new();
    for (kind, rows) in of_kinds {
        for (id, question_id, author, body_html, hidden_as, removed_at, created_at) in rows {
            posts.push(AnyPost {
                post: PostRef { kind, id },
                question_id,
                author: Author::decode(author)?,
                title: titles.get(&question_id).cloned().unwrap_or_default(),
                body_html,
                sight: match (hidden_as, removed_at) {
                    (Some(why), Some(since)) => Sight::Unshown { why, since },
                    (None, None) => Sight::Shown,
                    other => {
                        return Err(DbError::Inconsistent { what: "post out of sight", value: format!("{other:?}") });
                    }
                },
                created_at,
            });
        }
    }
    Ok(posts)
}
