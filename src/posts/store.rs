//! What is asked of posts whatever their kind, and of those that are not shown. The one place that reads the three tables
//! together; their slices alone write them.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::{AnyPost, Author, AuthorColumns, HiddenAs, Readable, Readers, RemoteAuthorId, Sight, Titles};
use crate::clock::Millis;
use crate::db::schema::{answer, comment, question, question_tag};
use crate::db::{Change, Conn, DbError, PostKind, PostRef, Tx};
use crate::members::{MemberId, Role};

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
    macro_rules! in_public {
        ($table:ident) => {
            $table::table
                .inner_join(question::table.on(question::id.eq($table::question_id)))
                .filter($table::member_id.eq(member))
                .filter($table::removed_at.is_null())
                .filter(question::private.eq(0))
                .count()
                .get_result::<i64>(conn)?
        };
    }
    Ok(questions + in_public!(answer) + in_public!(comment))
}

/// What a member wrote, for themselves: shown or not, but not what was removed for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnWords {
    pub id: i64,
    pub question_id: i64,
    /// Of the thread, if they may read it.
    pub title: String,
    pub body: String,
    pub hidden_as: Option<HiddenAs>,
    pub created_at: Millis,
}

/// Up to `limit` posts of one kind by a member, after the id, oldest first.
pub fn list_words_of(
    conn: &mut Conn,
    kind: PostKind,
    member: MemberId,
    after: i64,
    limit: i64,
) -> Result<Vec<OwnWords>, DbError> {
    type Columns = (i64, i64, String, Option<HiddenAs>, Millis);
    macro_rules! of {
        ($table:ident, $thread:expr) => {
            $table::table
                .filter($table::member_id.eq(member))
                .filter($table::removed_at.is_null().or($table::hidden_as.is_not_null()))
                .filter($table::id.gt(after))
                .order($table::id)
                .limit(limit)
                .select(($table::id, $thread, $table::body, $table::hidden_as, $table::created_at))
                .load::<Columns>(conn)?
        };
    }
    let rows = match kind {
        PostKind::Question => of!(question, question::id),
        PostKind::Answer => of!(answer, answer::question_id),
        PostKind::Comment => of!(comment, comment::question_id),
    };
    let threads: Vec<i64> = rows.iter().map(|row| row.1).collect();
    let titles: HashMap<i64, String> = match kind {
        // Their own, shown or not.
        PostKind::Question => question::table
            .filter(question::id.eq_any(threads))
            .select((question::id, question::title))
            .load::<(i64, String)>(conn)?
            .into_iter()
            .collect(),
        PostKind::Answer | PostKind::Comment => {
            let titles = load_titles(conn, &threads)?;
            let title = |id: &i64| Some((*id, titles.for_reader(*id, member, Role::Member)?.to_owned()));
            threads.iter().filter_map(title).collect()
        }
    };
    let words = |(id, question_id, body, hidden_as, created_at): Columns| OwnWords {
        id,
        question_id,
        title: titles.get(&question_id).cloned().unwrap_or_default(),
        body,
        hidden_as,
        created_at,
    };
    Ok(rows.into_iter().map(words).collect())
}

/// The newest threads of one author that are told of when the author is another; pages of older ones are rarely open.
const TOLD: i64 = 1_000;

/// Notes that the threads in which a member wrote must be seen anew: their name stands there, or what stands beside it.
pub fn author_changed(tx: &mut Tx<'_>, member: MemberId, now: Millis) -> Result<(), DbError> {
    let asked = question::table.filter(question::member_id.eq(member)).filter(question::removed_at.is_null());
    let asked: Vec<i64> = asked.order(question::id.desc()).limit(TOLD).select(question::id).load(&mut **tx)?;
    let answered = answer::table.filter(answer::member_id.eq(member)).filter(answer::removed_at.is_null());
    let answered: Vec<i64> =
        answered.order(answer::id.desc()).limit(TOLD).select(answer::question_id).load(&mut **tx)?;
    let said = comment::table.filter(comment::member_id.eq(member)).filter(comment::removed_at.is_null());
    let said: Vec<i64> = said.order(comment::id.desc()).limit(TOLD).select(comment::question_id).load(&mut **tx)?;
    let threads: BTreeSet<i64> = asked.into_iter().chain(answered).chain(said).collect();
    for id in threads {
        tx.changed(Change { post: PostRef { kind: PostKind::Question, id }, question_id: id, at: now });
    }
    Ok(())
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

/// The columns of a thread that is shown, to everybody or to some: id, title, topic, whether it is private, who asked.
type ThreadColumns = (i64, String, Option<i64>, i64, AuthorColumns);

fn readers(private: i64, asker: AuthorColumns) -> Result<Readers, DbError> {
    Ok(if private == 0 { Readers::Everybody } else { Readers::Asker(Author::decode(asker)?) })
}

/// The thread that this one is part of; `None`: it stands for itself, or was removed.
pub fn find_merged_into(conn: &mut Conn, thread: i64) -> Result<Option<i64>, DbError> {
    let whole: Option<Option<i64>> = question::table
        .find(thread)
        .filter(question::hidden_as.eq(HiddenAs::Merged))
        .select(question::merged_into)
        .first(conn)
        .optional()?;
    Ok(whole.flatten())
}

/// The thread that this one is part of, or itself.
fn find_whole(conn: &mut Conn, thread: i64) -> Result<i64, DbError> {
    Ok(find_merged_into(conn, thread)?.unwrap_or(thread))
}

/// Those of these threads that are shown.
fn list_threads(conn: &mut Conn, threads: &[i64]) -> Result<Vec<ThreadColumns>, DbError> {
    if threads.is_empty() {
        return Ok(Vec::new());
    }
    Ok(question::table
        .filter(question::id.eq_any(threads))
        .filter(question::removed_at.is_null().or(question::hidden_as.assume_not_null().eq(HiddenAs::Private)))
        .select((
            question::id,
            question::title,
            question::topic_id,
            question::private,
            (question::member_id, question::remote_author_id, question::origin),
        ))
        .load(conn)?)
}

/// The titles of those of these threads that are shown, with who reads them.
pub(super) fn load_titles(conn: &mut Conn, threads: &[i64]) -> Result<Titles, DbError> {
    let rows = list_threads(conn, threads)?.into_iter();
    let titles = rows.map(|(id, title, _, private, asker)| Ok((id, (title, readers(private, asker)?))));
    titles.collect::<Result<_, DbError>>().map(Titles)
}

/// Adds the titles of those of these threads that are part of others, for who reads those.
pub(super) fn add_merged_titles(conn: &mut Conn, titles: &mut Titles, threads: &[i64]) -> Result<(), DbError> {
    let missing: Vec<i64> = threads.iter().copied().filter(|id| !titles.0.contains_key(id)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let parts: Vec<(i64, String, Option<i64>)> = question::table
        .filter(question::id.eq_any(missing))
        .filter(question::hidden_as.eq(HiddenAs::Merged))
        .select((question::id, question::title, question::merged_into))
        .load(conn)?;
    let wholes: Vec<i64> = parts.iter().filter_map(|(_, _, into)| *into).collect();
    let wholes = load_titles(conn, &wholes)?;
    for (id, title, into) in parts {
        if let Some((_, readers)) = into.and_then(|into| wholes.0.get(&into)) {
            titles.0.insert(id, (title, *readers));
        }
    }
    Ok(())
}

/// Who reads a thread, whatever became of it.
pub(super) fn find_readers(conn: &mut Conn, thread: i64) -> Result<Readers, DbError> {
    let found: Option<(i64, AuthorColumns)> = question::table
        .find(thread)
        .select((question::private, (question::member_id, question::remote_author_id, question::origin)))
        .first(conn)
        .optional()?;
    found.map_or(Ok(Readers::Everybody), |(private, asker)| readers(private, asker))
}

/// Who reads a thread that is shown, or the one that it is part of; `None`: nobody.
pub(super) fn find_readers_of_whole(conn: &mut Conn, thread: i64) -> Result<Option<Readers>, DbError> {
    let whole = find_whole(conn, thread)?;
    match list_threads(conn, &[whole])?.pop() {
        Some((_, _, _, private, asker)) => readers(private, asker).map(Some),
        None => Ok(None),
    }
}

/// A post that is shown, in a thread that is.
pub(super) fn find_readable(conn: &mut Conn, post: PostRef) -> Result<Option<Readable>, DbError> {
    macro_rules! shown {
        ($table:ident, $thread:expr, $is_shown:expr) => {
            $table::table
                .find(post.id)
                .filter($is_shown)
                .select(($thread, ($table::member_id, $table::remote_author_id, $table::origin), $table::body))
                .first::<(i64, AuthorColumns, String)>(conn)
                .optional()?
        };
    }
    let found = match post.kind {
        // Whether it is shown is asked of the thread.
        PostKind::Question => shown!(question, question::id, question::id.eq(post.id)),
        PostKind::Answer => shown!(answer, answer::question_id, answer::removed_at.is_null()),
        PostKind::Comment => shown!(comment, comment::question_id, comment::removed_at.is_null()),
    };
    let Some((question_id, author, body)) = found else { return Ok(None) };
    // What stands in a thread that is part of another is read there; its question is no news of its own.
    let question_id = if post.kind == PostKind::Question { question_id } else { find_whole(conn, question_id)? };
    let Some((_, title, topic_id, private, asker)) = list_threads(conn, &[question_id])?.pop() else { return Ok(None) };
    let (readers, author) = (readers(private, asker)?, Author::decode(author)?);
    Ok(Some(Readable { readers, question_id, title, topic_id, author, body }))
}

/// The tags of a question.
pub fn list_tags_of(conn: &mut Conn, question: i64) -> Result<Vec<i64>, DbError> {
    let of_question = question_tag::table.filter(question_tag::question_id.eq(question));
    Ok(of_question.order(question_tag::tag_id).select(question_tag::tag_id).load(conn)?)
}

/// Those of these tags that stand on a question which everybody sees: of others nobody learns that they are there.
pub fn list_shown_tags(conn: &mut Conn, tags: &[i64]) -> Result<Vec<i64>, DbError> {
    Ok(question_tag::table
        .inner_join(question::table)
        .filter(question_tag::tag_id.eq_any(tags))
        .filter(question::removed_at.is_null())
        .select(question_tag::tag_id)
        .distinct()
        .load(conn)?)
}

/// Who wrote a post, whatever became of it; `None`: it never was.
pub(super) fn find_author(conn: &mut Conn, post: PostRef) -> Result<Option<Author>, DbError> {
    macro_rules! author {
        ($table:ident) => {
            $table::table
                .find(post.id)
                .select(($table::member_id, $table::remote_author_id, $table::origin))
                .first::<AuthorColumns>(conn)
                .optional()?
        };
    }
    let columns = match post.kind {
        PostKind::Question => author!(question),
        PostKind::Answer => author!(answer),
        PostKind::Comment => author!(comment),
    };
    columns.map(Author::decode).transpose()
}

/// The questions and answers of a member, whatever became of them.
pub(super) fn list_judged_of(conn: &mut Conn, member: MemberId) -> Result<Vec<PostRef>, DbError> {
    let questions: Vec<i64> = question::table.filter(question::member_id.eq(member)).select(question::id).load(conn)?;
    let answers: Vec<i64> = answer::table.filter(answer::member_id.eq(member)).select(answer::id).load(conn)?;
    let questions = questions.into_iter().map(|id| PostRef { kind: PostKind::Question, id });
    Ok(questions.chain(answers.into_iter().map(|id| PostRef { kind: PostKind::Answer, id })).collect())
}

/// How many posts a member wrote since then, shown or not; more than `most` of a kind are not counted.
pub(super) fn count_since(conn: &mut Conn, member: MemberId, since: Millis, most: i64) -> Result<usize, DbError> {
    macro_rules! written {
        ($table:ident) => {
            $table::table
                .filter($table::member_id.eq(member))
                .filter($table::created_at.gt(since))
                .limit(most)
                .select($table::id)
                .load::<i64>(conn)?
                .len()
        };
    }
    Ok(written!(question) + written!(answer) + written!(comment))
}
