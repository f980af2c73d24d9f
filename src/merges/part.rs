//! Making a post a question of its own, and putting it back.

use super::{store, words};
use crate::answers::{self, AnswerId};
use crate::audit::{self, Act, Entry};
use crate::bridge::outbound::relocate;
use crate::clock::Millis;
use crate::comments::{self, CommentId};
use crate::db::{Conn, DbError, PostKind, PostRef, Tx};
use crate::members::MemberId;
use crate::notices::{self, NewNotice};
use crate::posts::{Author, HiddenAs};
use crate::questions::{self, NewQuestion, QuestionId};
use crate::verifications::load_standing;
use crate::web::Error;
use crate::web::markdown::{self, CleanHtml};

/// A post that may become a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub post: PostRef,
    pub from: QuestionId,
    pub author: Author,
    pub body: String,
    pub body_html: CleanHtml,
    pub written_at: Millis,
}

/// Why nothing was split, or put back.
#[derive(Debug, thiserror::Error)]
pub enum NotSplit {
    #[error("{}", words::A_QUESTION_ALREADY)]
    Question,
    #[error("{}", words::VERIFIED)]
    Verified,
    #[error("{}", words::SENT)]
    Sent,
    #[error("{}", words::ANSWERED)]
    Answered,
    #[error("{}", words::LATE)]
    Late,
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<diesel::result::Error> for NotSplit {
    fn from(error: diesel::result::Error) -> Self {
        Self::Db(error.into())
    }
}

/// A comment or an answer that is shown in a thread that stands for itself, rendered anew: not for inside a transaction.
/// Unknown and removed ones are [`Error::NotFound`] and [`Error::Gone`].
pub fn load_part(conn: &mut Conn, post: PostRef) -> Result<Part, Error> {
    let (from, author, body, written_at) = load_words(conn, post)?;
    questions::load(conn, from)?;
    let body_html = match author {
        Author::Member(_) => markdown::to_html(&body),
        Author::Remote { .. } => markdown::from_plain(&body),
    };
    Ok(Part { post, from, author, body, body_html, written_at })
}

fn load_words(conn: &mut Conn, post: PostRef) -> Result<(QuestionId, Author, String, Millis), Error> {
    match post.kind {
        PostKind::Question => Err(Error::NotFound),
        PostKind::Answer => {
            let answer = answers::load(conn, AnswerId(post.id))?;
            Ok((answer.question_id, answer.author, answer.body, answer.created_at))
        }
        PostKind::Comment => {
            let comment = comments::load(conn, CommentId(post.id))?;
            Ok((comment.question_id, comment.author, comment.body, comment.created_at))
        }
    }
}

/// Makes a post a question with this title: the same author, the same moment, the same tie to the network. What its author
/// writes below it from now on arrives there.
pub fn split(tx: &mut Tx<'_>, part: Part, title: &str, by: MemberId, now: Millis) -> Result<QuestionId, NotSplit> {
    let Part { post, from, author, body, body_html, written_at } = part;
    questions::hold(tx, from).map_err(|error| if error.is_not_found() { NotSplit::Late } else { error.into() })?;
    // Edited since it was read, it is read again.
    let words = match post.kind {
        PostKind::Question => return Err(NotSplit::Question),
        PostKind::Answer => answers::find(tx, AnswerId(post.id))?.map(|answer| answer.body),
        PostKind::Comment => comments::find(tx, CommentId(post.id))?.map(|comment| comment.body),
    };
    if words.as_ref() != Some(&body) {
        return Err(NotSplit::Late);
    }
    if post.kind == PostKind::Answer && load_standing(tx, from.0)?.contains_key(&post.id) {
        return Err(NotSplit::Verified);
    }
    if relocate::is_sent(tx, post)? {
        return Err(NotSplit::Sent);
    }
    let hidden = match post.kind {
        PostKind::Question => return Err(NotSplit::Question),
        PostKind::Answer => answers::hide(tx, AnswerId(post.id), HiddenAs::Split, now)?,
        PostKind::Comment => comments::hide(tx, CommentId(post.id), HiddenAs::Split, now)?,
    };
    if !hidden {
        return Err(NotSplit::Late);
    }
    let topic_id = questions::find(tx, from)?.and_then(|question| question.topic).map(|topic| topic.id);
    let new = NewQuestion {
        topic_id,
        author,
        title: title.to_owned(),
        body,
        body_html,
        private: false,
        created_at: written_at,
    };
    let question = questions::insert(tx, &new)?;
    relocate::to_question(tx, post, from.0, question.0)?;
    store::insert_split(tx, (post, from), question, by, now)?;
    questions::touched(tx, from, now)?;
    if let Some(author) = author.member() {
        let told = NewNotice {
            to: author,
            kind: notices::Kind::Split,
            question_id: Some(question.0),
            post: None,
            subject: None,
            by: Some(by),
            words: title.to_owned(),
            at: now,
        };
        notices::tell(tx, &told)?;
    }
    note(tx, Act::Split, post, question, by, now)?;
    Ok(question)
}

/// Puts a question back where it was a post. Returns the thread.
pub fn unsplit(tx: &mut Tx<'_>, question: QuestionId, by: MemberId, now: Millis) -> Result<QuestionId, NotSplit> {
    let Some(split) = store::find_split_of(tx, question)? else { return Err(NotSplit::Late) };
    // The older thread first, as whoever merges the two does.
    questions::hold_whole(tx, split.from)?;
    questions::hold(tx, question).map_err(|error| if error.is_not_found() { NotSplit::Late } else { error.into() })?;
    let has_words = !answers::list(tx, question)?.is_empty() || !comments::list(tx, question)?.is_empty();
    if has_words || relocate::is_answered(tx, question.0)? {
        return Err(NotSplit::Answered);
    }
    if !store::undo_split(tx, split.id, by, now)? {
        return Err(NotSplit::Late);
    }
    questions::hide(tx, question, HiddenAs::Split, now)?;
    let restored = match split.post.kind {
        PostKind::Answer => answers::restore(tx, AnswerId(split.post.id), HiddenAs::Split, now)?,
        PostKind::Comment | PostKind::Question => {
            comments::restore(tx, CommentId(split.post.id), HiddenAs::Split, now)?
        }
    };
    if !restored {
        return Err(NotSplit::Late);
    }
    relocate::back(tx, split.post, split.from.0, question.0)?;
    questions::touched(tx, split.from, now)?;
    note(tx, Act::Unsplit, split.post, question, by, now)?;
    Ok(split.from)
}

fn note(
    tx: &mut Tx<'_>,
    act: Act,
    post: PostRef,
    question: QuestionId,
    by: MemberId,
    now: Millis,
) -> Result<(), DbError> {
    let (subject, words) = (post.to_string(), question.post().to_string());
    audit::record(tx, &Entry { by: Some(by), act, subject, question_id: Some(question.0), words, at: now })
}
