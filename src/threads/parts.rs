//! What else belongs to a thread: the questions that were merged into it, with what was said in them, and the posts that
//! left it to become questions of their own. A number of queries that does not grow with them; one where there are none.

use std::collections::HashMap;

use super::AuthorView;
use crate::answers;
use crate::bridge::view::{RemoteCard, load_authors};
use crate::clock::Millis;
use crate::comments;
use crate::db::{Conn, DbError, PostRef};
use crate::members::{Cards, load_cards};
use crate::merges::{self, Split};
use crate::posts::{Author, RemoteAuthorId};
use crate::questions::{self, Question, QuestionId, Row};

/// Merged questions that a page shows.
const MOST: usize = 50;

/// A question that is part of this thread.
pub struct AlsoAsked {
    pub question: Question,
    pub author: AuthorView,
    /// What was said in it, in its order.
    pub said: Vec<Said>,
}

/// An answer or a comment of a merged question.
pub struct Said {
    pub post: PostRef,
    pub author: AuthorView,
    pub body_html: String,
    pub written_at: Millis,
}

/// A post that became a question.
pub struct MovedOut {
    pub split: Split,
    pub question: Row,
}

/// The questions that are part of this one, the oldest first.
pub fn load_also_asked(conn: &mut Conn, into: QuestionId) -> Result<Vec<AlsoAsked>, DbError> {
    let merged = questions::list_merged_into(conn, into, MOST)?;
    if merged.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<QuestionId> = merged.iter().map(|question| question.id).collect();
    let answers = answers::list_of(conn, &ids)?;
    let comments = comments::list_of(conn, &ids)?;
    let shown: Vec<_> = answers.iter().map(|answer| answer.id).collect();
    type Words = (QuestionId, PostRef, Author, String, Millis);
    let mut words: Vec<Words> = answers
        .into_iter()
        .map(|answer| (answer.question_id, answer.id.post(), answer.author, answer.body_html, answer.created_at))
        .collect();
    words.extend(
        comments
            .into_iter()
            // What hangs on a removed answer is shown nowhere.
            .filter(|comment| comment.answer_id.is_none_or(|answer| shown.contains(&answer)))
            .map(|one| (one.question_id, one.id.post(), one.author, one.body_html, one.created_at)),
    );
    words.sort_by_key(|(_, post, _, _, at)| (*at, post.id));
    let people = People::load(
        conn,
        merged.iter().map(|question| question.author).chain(words.iter().map(|(_, _, author, ..)| *author)),
    )?;
    let mut said: HashMap<QuestionId, Vec<Said>> = HashMap::new();
    for (question, post, author, body_html, written_at) in words {
        let author = people.view(author);
        said.entry(question).or_default().push(Said { post, author, body_html, written_at });
    }
    let also = merged.into_iter().map(|question| AlsoAsked {
        author: people.view(question.author),
        said: said.remove(&question.id).unwrap_or_default(),
        question,
    });
    Ok(also.collect())
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

/// Who wrote what, loaded by one query for each kind of author.
struct People {
    cards: Cards,
    authors: HashMap<RemoteAuthorId, RemoteCard>,
}

impl People {
    fn load(conn: &mut Conn, authors: impl Iterator<Item = Author> + Clone) -> Result<Self, DbError> {
        let members: Vec<_> = authors.clone().filter_map(Author::member).collect();
        let remotes: Vec<_> = authors.filter_map(Author::remote).collect();
        Ok(Self {
            cards: if members.is_empty() { Cards::new() } else { load_cards(conn, &members)? },
            authors: if remotes.is_empty() { HashMap::new() } else { load_authors(conn, &remotes)? },
        })
    }

    fn view(&self, author: Author) -> AuthorView {
        match author {
            Author::Member(id) => self.cards.get(&id).cloned().map_or(AuthorView::Gone, AuthorView::Member),
            Author::Remote { author, .. } => {
                self.authors.get(&author).cloned().map_or(AuthorView::Gone, AuthorView::Remote)
            }
        }
    }
}
