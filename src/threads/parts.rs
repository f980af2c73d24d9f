//! What else belongs to a thread: the questions that were merged into it, and the posts that left it to become questions of
//! their own. What was answered to a merged question stands among the answers; its own words, the comments on it and what was
//! told in its talk stay together, folded.

use std::collections::HashMap;

use super::around::Around;
use super::conversation::{is_spoken, is_talk};
use super::{AnswerView, AuthorView, CommentView};
use crate::bridge::view::MirrorView;
use crate::clock::Millis;
use crate::db::{Conn, DbError, PostRef};
use crate::members::Viewer;
use crate::merges::{self, Split};
use crate::questions::{self, Question, QuestionId, Row};

/// A question that is part of this thread.
pub struct AlsoAsked {
    pub question: Question,
    pub author: AuthorView,
    pub mirror: Option<MirrorView>,
    /// When it was asked, where it was asked.
    pub written_at: Millis,
    /// Asked by the viewer.
    pub own: bool,
    /// What is told below it alone, in its order.
    pub said: Vec<Said>,
}

/// An answer or a comment that is shown below a merged question.
pub struct Said {
    pub post: PostRef,
    pub author: AuthorView,
    pub body_html: String,
    pub written_at: Millis,
    /// The original on its network.
    pub url: Option<String>,
}

/// The merged question that an answer was given to.
pub struct GivenTo {
    pub question: QuestionId,
    pub title: String,
    /// Asked by the viewer.
    pub own: bool,
}

/// A post that became a question.
pub struct MovedOut {
    pub split: Split,
    pub question: Row,
}

/// Folds the questions that are part of a thread, and takes out of its answers what is told there: of a talk on a network what
/// was only spoken, and at the desk, where each thread is worked on by itself, everything.
pub(super) fn fold(
    merged: Vec<Question>,
    answers: &mut Vec<AnswerView>,
    around: &mut Around,
    viewer: &Viewer,
    at_desk: bool,
) -> Vec<AlsoAsked> {
    let mut folded = Vec::with_capacity(merged.len());
    for question in merged {
        let is_of = |answer: &AnswerView| answer.given_to.as_ref().is_some_and(|asked| asked.question == question.id);
        let comments = around.take_comments(question.id.post());
        let talks = is_talk(question.author, &comments, answers.iter().filter(|answer| is_of(answer)));
        let stays = |answer: &AnswerView| is_of(answer) && (at_desk || (talks && is_spoken(answer)));
        let (told, kept): (Vec<_>, Vec<_>) = std::mem::take(answers).into_iter().partition(stays);
        *answers = kept;
        let mut said: Vec<Said> = comments.into_iter().map(of_comment).collect();
        for AnswerView { post, .. } in told {
            said.extend(post.comments.into_iter().map(of_comment));
            let url = post.mirror.map(|mirror| mirror.url);
            let (author, body_html, written_at) = (post.author, post.body_html, post.written_at);
            said.push(Said { post: post.post, author, body_html, written_at, url });
        }
        said.sort_by_key(|one| (one.written_at, one.post.id));
        let mirror = around.take_mirror(question.id.post());
        let written_at = mirror.as_ref().map_or(question.created_at, |mirror| mirror.posted_at);
        let author = around.author(question.author);
        let own = viewer.id().is_some() && question.author.member() == viewer.id();
        folded.push(AlsoAsked { question, author, mirror, written_at, own, said });
    }
    folded
}

fn of_comment(comment: CommentView) -> Said {
    let CommentView { post, author, body_html, written_at, mirror, .. } = comment;
    Said { post, author, body_html, written_at, url: mirror.map(|mirror| mirror.url) }
}

/// The posts that left a thread, as far as the questions that they became are shown.
pub fn load_moved_out(conn: &mut Conn, from: QuestionId) -> Result<Vec<MovedOut>, DbError> {
    let splits = merges::list_splits(conn, from)?;
    if splits.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<QuestionId> = splits.iter().map(|split| split.question).collect();
    let mut rows: HashMap<QuestionId, Row> =
        questions::rows(conn, &ids)?.into_iter().map(|row| (row.id, row)).collect();
    Ok(splits
        .into_iter()
        .filter_map(|split| Some(MovedOut { question: rows.remove(&split.question)?, split }))
        .collect())
}
