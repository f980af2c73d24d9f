//! What the posts of a thread are dressed with: who wrote them, where they come from, what the viewer voted, what was said
//! about them. Each loaded by one query, for the thread and those that are part of it.

use std::collections::HashMap;

use super::{AuthorView, CommentView, PostView};
use crate::answers::{Answer, AnswerId};
use crate::bridge::view::{MirrorView, RemoteCard, load_authors, load_mirrors};
use crate::clock::Millis;
use crate::comments::Comment;
use crate::db::{Conn, DbError, PostRef};
use crate::members::{Cards, Viewer, load_cards};
use crate::posts::{Author, RemoteAuthorId, may_edit};
use crate::questions::{Question, QuestionId};
use crate::votes::{self, Vote};

pub(super) struct Around {
    /// Who asked its questions.
    askers: HashMap<QuestionId, Author>,
    cards: Cards,
    authors: HashMap<RemoteAuthorId, RemoteCard>,
    mirrors: HashMap<PostRef, MirrorView>,
    votes: HashMap<PostRef, Vote>,
    /// By what they stand under.
    comments: HashMap<PostRef, Vec<CommentView>>,
}

pub(super) fn load_around(
    conn: &mut Conn,
    whole: &[&Question],
    answers: &[Answer],
    comments: &[Comment],
    viewer: &Viewer,
) -> Result<Around, DbError> {
    let authors = || {
        let askers = whole.iter().map(|question| question.author);
        askers.chain(answers.iter().map(|answer| answer.author)).chain(comments.iter().map(|comment| comment.author))
    };
    let mut members: Vec<_> = authors().filter_map(Author::member).collect();
    members.sort_unstable();
    members.dedup();
    let mut remotes: Vec<_> = authors().filter_map(Author::remote).collect();
    remotes.sort_unstable();
    remotes.dedup();
    let threads: Vec<i64> = whole.iter().map(|question| question.id.0).collect();
    let answer_ids: Vec<_> = answers.iter().map(|answer| answer.id).collect();
    Ok(Around {
        askers: whole.iter().map(|question| (question.id, question.author)).collect(),
        cards: if members.is_empty() { Cards::new() } else { load_cards(conn, &members)? },
        authors: if remotes.is_empty() { HashMap::new() } else { load_authors(conn, &remotes)? },
        mirrors: if remotes.is_empty() { HashMap::new() } else { load_mirrors(conn, &threads)? },
        votes: match viewer.id() {
            Some(member) => votes::list_of_member(conn, member, whole[0].id, &answer_ids)?,
            None => HashMap::new(),
        },
        comments: HashMap::new(),
    })
}

impl Around {
    pub(super) fn author(&self, author: Author) -> AuthorView {
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

    /// Notes what was said about the posts, before they are dressed.
    pub(super) fn put_comments(&mut self, comments: Vec<Comment>, viewer: &Viewer) {
        for comment in comments {
            let above = comment.answer_id.map_or(comment.question_id.post(), AnswerId::post);
            let view = self.comment(comment, viewer);
            self.comments.entry(above).or_default().push(view);
        }
    }

    /// The comments on a post, oldest first.
    pub(super) fn take_comments(&mut self, on: PostRef) -> Vec<CommentView> {
        self.comments.remove(&on).unwrap_or_default()
    }

    pub(super) fn take_mirror(&mut self, of: PostRef) -> Option<MirrorView> {
        self.mirrors.remove(&of)
    }

    fn comment(&mut self, comment: Comment, viewer: &Viewer) -> CommentView {
        let post = comment.id.post();
        let mirror = self.mirrors.remove(&post);
        CommentView {
            post,
            author: self.author(comment.author),
            revision: comment.revision,
            body_html: comment.body_html,
            written_at: mirror.as_ref().map_or(comment.created_at, |mirror| mirror.posted_at),
            mirror,
            by_asker: self.askers.get(&comment.question_id) == Some(&comment.author),
            own: viewer.id().is_some() && comment.author.member() == viewer.id(),
            may_edit: self.may_edit(comment.author, viewer),
        }
    }

    pub(super) fn answer(&mut self, answer: Answer, viewer: &Viewer) -> PostView {
        let comments = self.take_comments(answer.id.post());
        let (post, author) = (answer.id.post(), answer.author);
        self.post(post, author, (answer.body, answer.body_html), answer.created_at, answer.score, comments, viewer)
    }

    pub(super) fn question(&mut self, question: &Question, viewer: &Viewer) -> PostView {
        let comments = self.take_comments(question.id.post());
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
