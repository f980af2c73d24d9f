//! What the thread's page shows, gathered from the slices.

use std::collections::HashMap;

use super::around::load_around;
use super::order::best_first;
use super::parts::{AlsoAsked, GivenTo, MovedOut, fold, load_moved_out};
use crate::answers::{self, Answer, AnswerId, helped::rate};
use crate::bridge::view::{DeliveryView, MirrorView, RemoteCard, load_deliveries_in};
use crate::clock::Millis;
use crate::comments;
use crate::db::{Conn, PostRef};
use crate::members::{Card, Viewer};
use crate::questions::{self, Question, QuestionId};
use crate::verifications::{Standing, Success, load_standing_in};
use crate::votes::Vote;
use crate::web::Error;

/// A question and all that hangs on it, in the order of the page.
pub struct Thread {
    pub question: Question,
    /// The question's post.
    pub post: PostView,
    /// In one order, to whichever of its questions they were given.
    pub answers: Vec<AnswerView>,
    /// How many comments there are, wherever they stand, and which is the newest.
    pub comments: comments::Figures,
    /// What staff asked back or said on the network, beside the answers.
    pub deliveries: Vec<DeliveryView>,
    /// The questions that are part of it.
    pub also: Vec<AlsoAsked>,
    /// The posts that left it.
    pub moved: Vec<MovedOut>,
}

impl Thread {
    /// The questions of which its page shows something.
    pub fn parts(&self) -> Vec<i64> {
        let also = self.also.iter().map(|also| also.question.id.0);
        let moved = self.moved.iter().map(|moved| moved.question.id.0);
        std::iter::once(self.question.id.0).chain(also).chain(moved).collect()
    }

    /// The last moment at which all verifications that are shown are as far as they are; `None`: none ends.
    pub fn next_end(&self, now: Millis) -> Option<Millis> {
        let standing = self.answers.iter().filter_map(|answer| answer.standing.as_ref());
        standing.filter_map(|standing| standing.valid_until).filter(|end| *end >= now).min()
    }
}

/// A question or an answer as it is shown.
pub struct PostView {
    pub post: PostRef,
    pub author: AuthorView,
    /// Markdown of a member, plain text of a remote author.
    pub body: String,
    pub body_html: String,
    /// When it was written, where it was written.
    pub written_at: Millis,
    pub score: i64,
    /// The viewer's own vote.
    pub vote: Option<Vote>,
    /// Written by the viewer.
    pub own: bool,
    /// The viewer may write another version of it.
    pub may_edit: bool,
    pub mirror: Option<MirrorView>,
    pub comments: Vec<CommentView>,
}

pub struct AnswerView {
    pub id: AnswerId,
    pub post: PostView,
    /// `None`: to the question of the page.
    pub given_to: Option<GivenTo>,
    pub accepted: bool,
    /// How many readers say that it helped, in words.
    pub helped: Option<String>,
    pub standing: Option<Standing>,
    /// What staff vouched for had to go from the page: their word does not cover what is shown.
    pub changed_since: bool,
    /// The newest version, and the one that is shown.
    pub revision: i64,
    pub shown: i64,
    pub success: Option<Success>,
    pub deliveries: Vec<DeliveryView>,
}

pub struct CommentView {
    pub post: PostRef,
    pub author: AuthorView,
    pub body_html: String,
    pub written_at: Millis,
    pub mirror: Option<MirrorView>,
    /// By a person who asked.
    pub by_asker: bool,
    /// Written by the viewer.
    pub own: bool,
    /// The viewer may write another version of it.
    pub may_edit: bool,
    /// Counts the versions of its words from 1.
    pub revision: i64,
}

impl AnswerView {
    /// A newer version waits until staff have verified it.
    pub fn has_newer(&self) -> bool {
        self.shown < self.revision
    }
}

/// Who wrote a post, as it is shown beside it.
#[derive(Clone)]
pub enum AuthorView {
    Member(Card),
    Remote(RemoteCard),
    /// The account is no more.
    Gone,
}

impl AuthorView {
    /// As they are named above their words.
    pub fn name(&self) -> &str {
        match self {
            Self::Member(card) => &card.name,
            Self::Remote(card) => card.name(),
            Self::Gone => "Former member",
        }
    }
}

/// Comments that are shown at once; the others unfold.
const SHOWN_COMMENTS: usize = 3;

impl PostView {
    pub fn first_comments(&self) -> &[CommentView] {
        &self.comments[..self.comments.len().min(SHOWN_COMMENTS)]
    }

    pub fn more_comments(&self) -> &[CommentView] {
        &self.comments[self.comments.len().min(SHOWN_COMMENTS)..]
    }
}

/// Loads a thread: at most eleven queries, and one for the votes of a signed-in viewer. Unknown and removed questions
/// are [`Error::NotFound`] and [`Error::Gone`], and what is private is unknown to others.
pub fn load(conn: &mut Conn, id: QuestionId, viewer: &Viewer) -> Result<Thread, Error> {
    let question = questions::load_seen(conn, id, viewer.0.as_ref())?;
    load_of(conn, question, viewer, false)
}

/// As [`load`], for the desk, where a thread that is part of another is shown by itself, too, and the answers of the threads
/// that are part of this one stay in those.
pub fn load_at_desk(conn: &mut Conn, id: QuestionId, viewer: &Viewer) -> Result<Thread, Error> {
    let question = questions::load_living(conn, id)?;
    load_of(conn, question, viewer, true)
}

fn load_of(conn: &mut Conn, question: Question, viewer: &Viewer, at_desk: bool) -> Result<Thread, Error> {
    let id = question.id;
    let merged = questions::list_merged_into(conn, id, questions::SHOWN_PARTS)?;
    let whole: Vec<&Question> = std::iter::once(&question).chain(&merged).collect();
    let ids: Vec<QuestionId> = whole.iter().map(|one| one.id).collect();
    let threads: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let mut answers = answers::list_of(conn, &ids)?;
    let comments = comments::list_of(conn, &ids)?;
    let is_shown = |on: AnswerId| answers.iter().any(|answer| answer.id == on);
    let counted = comments::Figures::of(comments.iter().filter(|comment| comment.answer_id.is_none_or(is_shown)));
    let mut around = load_around(conn, &whole, &answers, &comments, viewer)?;
    around.put_comments(comments, viewer);
    // Not asked of the question's verified answer: once that is removed the question has none, while staff still vouch
    // for another answer and must be able to withdraw that.
    let mut standing = if answers.is_empty() { HashMap::new() } else { load_standing_in(conn, &threads)? };
    // Most threads have no network behind them: they save that query.
    let is_networked = whole.iter().any(|one| one.author.remote().is_some());
    // An answer also goes to those who asked the same.
    let deliveries = if is_networked { load_deliveries_in(conn, &threads)? } else { Vec::new() };
    let (of_answers, mut deliveries): (Vec<_>, Vec<_>) =
        deliveries.into_iter().partition(|delivery| delivery.comment_id.is_none());
    deliveries.retain(|delivery| delivery.question_id == Some(id.0));
    let holds = |answer: &Answer| standing.get(&answer.id.0).is_some_and(|standing| standing.stale.is_none());
    best_first(&mut answers, holds);
    let given_to = |question: QuestionId| {
        let asked = merged.iter().find(|asked| asked.id == question)?;
        let own = viewer.id().is_some() && asked.author.member() == viewer.id();
        Some(GivenTo { question, title: asked.title.clone(), own })
    };
    let mut answers: Vec<AnswerView> = answers
        .into_iter()
        .map(|answer| {
            let standing = standing.remove(&answer.id.0);
            AnswerView {
                id: answer.id,
                given_to: given_to(answer.question_id),
                accepted: answer.accepted_at.is_some(),
                helped: rate(answer.helped, answer.not_helped),
                changed_since: standing.as_ref().is_some_and(|standing| standing.revision != answer.shown()),
                standing,
                revision: answer.revision,
                shown: answer.shown(),
                success: Success::of(answer.worked, answer.broken),
                deliveries: of_answers.iter().filter(|one| one.answer_id == Some(answer.id.0)).cloned().collect(),
                post: around.answer(answer, viewer),
            }
        })
        .collect();
    let post = around.question(&question, viewer);
    let also = fold(merged, &mut answers, &mut around, viewer, at_desk);
    let moved = load_moved_out(conn, id)?;
    Ok(Thread { question, post, answers, comments: counted, deliveries, also, moved })
}
