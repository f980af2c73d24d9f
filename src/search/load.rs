//! What the slices let the index see: texts that may be shown, and nothing else. No SQL of its own.
//!
//! A thread is read as a whole, with what is merged into it, so that a merge, its undoing, and whatever else moves or
//! hides posts is one thing here: the thread anew.

use std::collections::{HashMap, HashSet};

use super::document::{Document, marks, origin_marks};
use super::language::Language;
use crate::answers::{self, AnswerId};
use crate::bridge::view::load_alts;
use crate::comments::{self, CommentId};
use crate::db::{Conn, DbError, PostKind, PostRef};
use crate::posts::Text;
use crate::questions::{self, QuestionId, Row, State};

/// A text, and the thread in which it is read.
pub(super) type Read = (Text, Row);

/// The texts of those of these posts that may be shown, in no order. A dozen queries at most, however many posts.
pub(super) fn load_shown(conn: &mut Conn, posts: &[PostRef]) -> Result<Vec<Read>, DbError> {
    let of_kind = |kind| posts.iter().filter(move |post| post.kind == kind).map(|post| post.id);
    let question_ids: Vec<QuestionId> = of_kind(PostKind::Question).map(QuestionId).collect();
    let answer_ids: Vec<AnswerId> = of_kind(PostKind::Answer).map(AnswerId).collect();
    let comment_ids: Vec<CommentId> = of_kind(PostKind::Comment).map(CommentId).collect();
    let mut texts = Vec::new();
    if !question_ids.is_empty() {
        texts.extend(questions::load_texts_in_whole(conn, &question_ids)?);
    }
    if !answer_ids.is_empty() {
        texts.extend(answers::load_texts(conn, &answer_ids)?);
    }
    if !comment_ids.is_empty() {
        texts.extend(comments::load_texts(conn, &comment_ids)?);
    }
    let above: HashSet<i64> = texts.iter().filter_map(|text| text.answer_id).collect();
    if !above.is_empty() {
        let ids: Vec<AnswerId> = above.into_iter().map(AnswerId).collect();
        let shown: HashSet<PostRef> = answers::load_texts(conn, &ids)?.into_iter().map(|text| text.post).collect();
        texts.retain(|text| text.answer_id.is_none_or(|id| shown.contains(&AnswerId(id).post())));
    }
    let threads: HashSet<QuestionId> = texts.iter().map(|text| QuestionId(text.question_id)).collect();
    let threads: Vec<QuestionId> = threads.into_iter().collect();
    let rows = if threads.is_empty() { HashMap::new() } else { questions::rows_of_threads(conn, &threads)? };
    add_alts(conn, &mut texts)?;
    let read = |text: Text| rows.get(&QuestionId(text.question_id)).map(|row| (text, row.clone()));
    Ok(texts.into_iter().filter_map(read).collect())
}

/// What their authors say of their pictures is found with their words.
fn add_alts(conn: &mut Conn, texts: &mut [Text]) -> Result<(), DbError> {
    let is_remote = |text: &&Text| text.author.origin().is_some();
    let remote: Vec<PostRef> = texts.iter().filter(is_remote).map(|text| text.post).collect();
    if remote.is_empty() {
        return Ok(());
    }
    let mut alts: HashMap<PostRef, Vec<String>> = HashMap::new();
    for (post, alt) in load_alts(conn, &remote)? {
        alts.entry(post).or_default().push(alt);
    }
    for text in texts {
        for alt in alts.remove(&text.post).unwrap_or_default() {
            text.body.push('\n');
            text.body.push_str(&alt);
            text.has_picture = true;
        }
    }
    Ok(())
}

/// Threads as the index is to hold them.
#[derive(Debug, Default)]
pub(super) struct Threads {
    /// Every thread in whose place something may stand that no longer belongs there.
    pub ids: Vec<i64>,
    pub read: Vec<Read>,
}

/// Reads whole threads: these, those that they are part of, and what is part of them.
pub(super) fn load_threads(conn: &mut Conn, ids: &[QuestionId]) -> Result<Threads, DbError> {
    if ids.is_empty() {
        return Ok(Threads::default());
    }
    let pairs = questions::list_whole_threads(conn, ids)?;
    let wholes: HashSet<QuestionId> = pairs.iter().map(|(_, whole)| *whole).collect();
    let wholes: Vec<QuestionId> = wholes.into_iter().collect();
    let rows: HashMap<QuestionId, Row> = questions::rows(conn, &wholes)?.into_iter().map(|row| (row.id, row)).collect();
    let all: HashSet<i64> =
        pairs.iter().flat_map(|(thread, whole)| [thread.0, whole.0]).chain(ids.iter().map(|id| id.0)).collect();
    let shown: HashMap<QuestionId, QuestionId> =
        pairs.into_iter().filter(|(_, whole)| rows.contains_key(whole)).collect();
    let threads: Vec<QuestionId> = shown.keys().copied().collect();
    let mut texts = questions::load_texts_in_whole(conn, &threads)?;
    let answers = answers::load_texts_of(conn, &threads)?;
    let answered: HashSet<PostRef> = answers.iter().map(|text| text.post).collect();
    texts.extend(answers);
    let comments = comments::load_texts_of(conn, &threads)?;
    texts.extend(
        comments.into_iter().filter(|text| text.answer_id.is_none_or(|id| answered.contains(&AnswerId(id).post()))),
    );
    add_alts(conn, &mut texts)?;
    let read = |text: Text| {
        let whole = shown.get(&QuestionId(text.question_id))?;
        rows.get(whole).map(|row| (text, row.clone()))
    };
    Ok(Threads { ids: all.into_iter().collect(), read: texts.into_iter().filter_map(read).collect() })
}

/// The next so many threads, by the ids of their questions, and the id of the last: for whoever goes through all.
pub(super) fn list_threads_after(
    conn: &mut Conn,
    after: QuestionId,
    limit: i64,
) -> Result<(Threads, Option<QuestionId>), DbError> {
    let ids = questions::list_shown_after(conn, after, limit)?;
    Ok((load_threads(conn, &ids)?, ids.last().copied()))
}

/// Parses Markdown: after the transaction.
pub(super) fn documents(read: Vec<Read>) -> Vec<Document> {
    let mut languages: HashMap<i64, Language> = HashMap::new();
    let mut documents: Vec<(Option<Language>, Document)> = Vec::new();
    for (text, row) in read {
        let body = text.words();
        let language = Language::of(&format!("{}\n{body}", text.title));
        if let (Some(language), PostKind::Question) = (language, text.post.kind) {
            languages.entry(row.id.0).or_insert(language);
        }
        let document = Document {
            post: text.post,
            thread: row.id.0,
            marks: marks_of(&text, &row),
            title: text.title,
            body,
            language: Language::ENGLISH,
            author: text.author,
            topic: row.topic.map_or(0, |topic| topic.id.0),
            tags: row.tags,
            score: row.score,
            created_at: text.created_at,
        };
        documents.push((language, document));
    }
    // What is too short to tell is most likely in the language of its question.
    let told = |(language, document): (Option<Language>, Document)| {
        let language = language.or_else(|| languages.get(&document.thread).copied());
        Document { language: language.unwrap_or(Language::ENGLISH), ..document }
    };
    documents.into_iter().map(told).collect()
}

fn marks_of(text: &Text, row: &Row) -> u64 {
    let state = match row.state() {
        State::Verified => marks::VERIFIED,
        State::Accepted | State::Answered => 0,
        State::Open => marks::OPEN,
    };
    let is_question = text.post.kind == PostKind::Question;
    let any = [
        (row.accepted_count > 0, marks::ACCEPTED),
        (text.vouched, marks::VOUCHED),
        (text.accepted, marks::CHOSEN),
        (text.has_picture, marks::IMAGE),
        (is_question, marks::QUESTION),
    ];
    any.into_iter().filter(|(is, _)| *is).fold(state | origin_marks(row.origin), |all, (_, mark)| all | mark)
}
