//! What the thread's page shows, gathered from the slices.

use std::collections::HashMap;

use super::order::best_first;
use super::parts::{AlsoAsked, MovedOut, load_also_asked, load_moved_out};
use crate::answers::{self, Answer, AnswerId, helped::rate};
use crate::bridge::view::{
    DeliveryView, MirrorView, RemoteCard, load_authors, load_deliveries, load_deliveries_in, load_mirrors,
};
use crate::clock::Millis;
use crate::comments::{self, Comment};
use crate::db::{Conn, PostRef};
use crate::members::{Card, Cards, Viewer, load_cards};
use crate::posts::{Author, RemoteAuthorId, may_edit};
use crate::questions::{self, Question, QuestionId};
use crate::verifications::{Standing, Success, load_standing};
use crate::votes::{self, Vote};
use crate::web::Error;

/// A question and all that hangs on it, in the order of the page.
pub struct Thread {
    pub question: Question,
    /// The question's post.
    pub post: PostView,
    pub answers: Vec<AnswerView>,
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
    /// By the person who asked.
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

/// What the posts of a thread are dressed with, each loaded by one query.
struct Around {
    cards: Cards,
    authors: HashMap<RemoteAuthorId, RemoteCard>,
    mirrors: HashMap<PostRef, MirrorView>,
    votes: HashMap<PostRef, Vote>,
    comments: HashMap<Option<AnswerId>, Vec<CommentView>>,
}

/// Loads a thread: at most eleven queries, and one for the votes of a signed-in viewer. Unknown and removed questions
/// are [`Error::NotFound`] and [`Error::Gone`], and what is private is unknown to others.
pub fn load(conn: &mut Conn, id: QuestionId, viewer: &Viewer) -> Result<Thread, Error> {
    let question = questions::load_seen(conn, id, viewer.0.as_ref())?;
    load_of(conn, question, viewer)
}

/// As [`load`], for the desk, where a thread that is part of another is shown by itself, too.
pub fn load_at_desk(conn: &mut Conn, id: QuestionId, viewer: &Viewer) -> Result<Thread, Error> {
    let question = questions::load_living(conn, id)?;
    load_of(conn, question, viewer)
}

fn load_of(conn: &mut Conn, question: Question, viewer: &Viewer) -> Result<Thread, Error> {
    let id = question.id;
    let mut answers = answers::list(conn, id)?;
    let comments = comments::list(conn, id)?;
    let mut around = load_around(conn, &question, &answers, &comments, viewer)?;
    for comment in comments {
        let answer_id = comment.answer_id;
        let view = around.comment(comment, &question, viewer);
        around.comments.entry(answer_id).or_default().push(view);
    }
    // Not asked of the question's verified answer: once that is removed the question has none, while staff still vouch
    // for another answer and must be able to withdraw that.
    let mut standing = if answers.is_empty() { HashMap::new() } else { load_standing(conn, id.0)? };
    let also = load_also_asked(conn, id)?;
    // Most threads have no network behind them: they save that query.
    let mut deliveries = if question.author.remote().is_some() { load_deliveries(conn, id.0)? } else { Vec::new() };
    // An answer also goes to those who asked the same.
    let others: Vec<i64> = also.iter().map(|part| part.question.id.0).collect();
    let sent = if others.is_empty() { Vec::new() } else { load_deliveries_in(conn, &others)? };
    deliveries.extend(sent.into_iter().filter(|one| answers.iter().any(|answer| one.answer_id == Some(answer.id.0))));
    let (of_answers, deliveries): (Vec<_>, Vec<_>) =
        deliveries.into_iter().partition(|delivery| delivery.comment_id.is_none());
    let holds = |answer: &Answer| standing.get(&answer.id.0).is_some_and(|standing| standing.stale.is_none());
    best_first(&mut answers, holds);
    let answers = answers
        .into_iter()
        .map(|answer| {
            let standing = standing.remove(&answer.id.0);
            AnswerView {
                id: answer.id,
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
    let moved = load_moved_out(conn, id)?;
    Ok(Thread { question, post, answers, deliveries, also, moved })
}

fn load_around(
    conn: &mut Conn,
    question: &Question,
    answers: &[Answer],
    comments: &[Comment],
    viewer: &Viewer,
) -> Result<Around, Error> {
    let authors = || {
        std::iter::once(question.author)
            .chain(answers.iter().map(|answer| answer.author))
            .chain(comments.iter().map(|comment| comment.author))
    };
    let mut members: Vec<_> = authors().filter_map(Author::member).collect();
    members.sort_unstable();
    members.dedup();
    let mut remotes: Vec<_> = authors().filter_map(Author::remote).collect();
    remotes.sort_unstable();
    remotes.dedup();
    let answer_ids: Vec<_> = answers.iter().map(|answer| answer.id).collect();
    Ok(Around {
        cards: if members.is_empty() { Cards::new() } else { load_cards(conn, &members)? },
        authors: if remotes.is_empty() { HashMap::new() } else { load_authors(conn, &remotes)? },
        mirrors: if remotes.is_empty() { HashMap::new() } else { load_mirrors(conn, question.id.0)? },
        votes: match viewer.id() {
            Some(member) => votes::list_of_member(conn, member, question.id, &answer_ids)?,
            None => HashMap::new(),
        },
        comments: HashMap::new(),
    })
}

impl Around {
    fn author(&self, author: Author) -> AuthorView {
        match author {
            Author::Member(id) => self.cards.get(&id).cloned().map_or(AuthorView::Gone, AuthorView::Member),
            Author::Remote { author, .. } => {
                self.authors.get(&author).cloned().map_or(AuthorView::Gone, AuthorView::Remote)
            }
        }
    }

    fn may_edit(&self, author: Author, viewer: &Viewer) -> bool {
        let card = author.member().and_then(|id| self.cards.get(&id));
        viewer.0.as_ref().is_some_and(|member| may_edit(author, card, member))
    }

    fn comment(&mut self, comment: Comment, question: &Question, viewer: &Viewer) -> CommentView {
        let post = comment.id.post();
        let mirror = self.mirrors.remove(&post);
        CommentView {
            post,
            author: self.author(comment.author),
            revision: comment.revision,
            body_html: comment.body_html,
            written_at: mirror.as_ref().map_or(comment.created_at, |mirror| mirror.posted_at),
            mirror,
            by_asker: comment.author == question.author,
            own: viewer.id().is_some() && comment.author.member() == viewer.id(),
            may_edit: self.may_edit(comment.author, viewer),
        }
    }

    fn answer(&mut self, answer: Answer, viewer: &Viewer) -> PostView {
        let comments = self.comments.remove(&Some(answer.id)).unwrap_or_default();
        let (post, author) = (answer.id.post(), answer.author);
        self.post(post, author, (answer.body, answer.body_html), answer.created_at, answer.score, comments, viewer)
    }

    fn question(&mut self, question: &Question, viewer: &Viewer) -> PostView {
        let comments = self.comments.remove(&None).unwrap_or_default();
        let (post, author) = (question.id.post(), question.author);
        let words = (question.body.clone(), question.body_html.clone());
        self.post(post, author, words, question.created_at, question.score, comments, viewer)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of a post, from two kinds of post")]
    fn post(
        &mut self,
        post: PostRef,
        author: Author,
        (body, body_html): (String, String),
        created_at: Millis,
        score: i64,
        comments: Vec<CommentView>,
        viewer: &Viewer,
    ) -> PostView {
        let mirror = self.mirrors.remove(&post);
        PostView {
            post,
            author: self.author(author),
            body,
            body_html,
            written_at: mirror.as_ref().map_or(created_at, |mirror| mirror.posted_at),
            score,
            vote: self.votes.get(&post).copied(),
            own: viewer.id().is_some() && author.member() == viewer.id(),
            may_edit: self.may_edit(author, viewer),
            mirror,
            comments,
        }
    }
}
