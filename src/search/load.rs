//! What the slices let the index see: texts that may be shown, and nothing else. No SQL of its own.

use std::collections::HashSet;

use super::index::Document;
use crate::answers::{self, AnswerId};
use crate::bridge::view::load_alts;
use crate::comments::{self, CommentId};
use crate::db::{Conn, DbError, PostKind, PostRef};
use crate::posts::Text;
use crate::questions::{self, QuestionId};

/// The texts of those of these posts that may be shown, in no order. Ten queries at most, however many posts.
pub(super) fn load_shown(conn: &mut Conn, posts: &[PostRef]) -> Result<Vec<Text>, DbError> {
    let of_kind = |kind| posts.iter().filter(move |post| post.kind == kind).map(|post| post.id);
    let question_ids: Vec<QuestionId> = of_kind(PostKind::Question).map(QuestionId).collect();
    let answer_ids: Vec<AnswerId> = of_kind(PostKind::Answer).map(AnswerId).collect();
    let comment_ids: Vec<CommentId> = of_kind(PostKind::Comment).map(CommentId).collect();
    let mut below = Vec::new();
    if !answer_ids.is_empty() {
        below.extend(answers::load_texts(conn, &answer_ids)?);
    }
    if !comment_ids.is_empty() {
        below.extend(comments::load_texts(conn, &comment_ids)?);
    }
    drop_orphans(conn, &mut below)?;
    if !question_ids.is_empty() {
        below.extend(questions::load_texts(conn, &question_ids)?);
    }
    add_alts(conn, &mut below)?;
    Ok(below)
}

/// What their authors say of their pictures is found with their words.
fn add_alts(conn: &mut Conn, texts: &mut [Text]) -> Result<(), DbError> {
    let remote: Vec<PostRef> = texts.iter().filter(|text| text.origin.is_some()).map(|text| text.post).collect();
    for (post, alt) in load_alts(conn, &remote)? {
        if let Some(text) = texts.iter_mut().find(|text| text.post == post) {
            text.body.push('\n');
            text.body.push_str(&alt);
        }
    }
    Ok(())
}

/// Leaves out what stands under something that may not be shown.
fn drop_orphans(conn: &mut Conn, texts: &mut Vec<Text>) -> Result<(), DbError> {
    let question_ids: HashSet<QuestionId> = texts.iter().map(|text| QuestionId(text.question_id)).collect();
    let answer_ids: HashSet<AnswerId> = texts.iter().filter_map(|text| text.answer_id).map(AnswerId).collect();
    let mut shown: HashSet<PostRef> = HashSet::new();
    if !question_ids.is_empty() {
        let ids: Vec<QuestionId> = question_ids.into_iter().collect();
        shown.extend(questions::rows(conn, &ids)?.into_iter().map(|row| row.id.post()));
    }
    if !answer_ids.is_empty() {
        let ids: Vec<AnswerId> = answer_ids.into_iter().collect();
        shown.extend(answers::load_texts(conn, &ids)?.into_iter().map(|text| text.post));
    }
    texts.retain(|text| {
        let answer = text.answer_id.is_none_or(|id| shown.contains(&AnswerId(id).post()));
        answer && shown.contains(&QuestionId(text.question_id).post())
    });
    Ok(())
}

/// The texts of the next so many threads, by the ids of their questions, and the id of the last: for a rebuild.
pub(super) fn list_threads_after(
    conn: &mut Conn,
    after: QuestionId,
    limit: i64,
) -> Result<(Vec<Text>, Option<QuestionId>), DbError> {
    let mut texts = questions::list_texts_after(conn, after, limit)?;
    let ids: Vec<QuestionId> = texts.iter().map(|text| QuestionId(text.question_id)).collect();
    let Some(last) = ids.last().copied() else { return Ok((texts, None)) };
    let answers = answers::load_texts_of(conn, &ids)?;
    let shown: HashSet<PostRef> = answers.iter().map(|text| text.post).collect();
    texts.extend(answers);
    let comments = comments::load_texts_of(conn, &ids)?;
    texts.extend(
        comments.into_iter().filter(|text| text.answer_id.is_none_or(|id| shown.contains(&AnswerId(id).post()))),
    );
    add_alts(conn, &mut texts)?;
    Ok((texts, Some(last)))
}

/// Parses Markdown: after the transaction.
pub(super) fn documents(texts: Vec<Text>) -> Vec<Document> {
    let document = |text: Text| Document {
        body: text.words(),
        post: text.post,
        question_id: text.question_id,
        answer_id: text.answer_id,
        title: text.title,
        vouched: text.vouched,
        created_at: text.created_at,
    };
    texts.into_iter().map(document).collect()
}
