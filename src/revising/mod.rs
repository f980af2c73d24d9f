//! Better versions of what members wrote: one form, one page and one act for questions, answers and comments, by their
//! authors, by staff, and by trusted members.
//!
//! Owns no table: each kind of post keeps its own versions, and what follows from a new one (as that staff verify an answer
//! again) is its own, too. What somebody wrote on a network is changed there and never here.

pub mod edit;
mod words;

use crate::answers::{self, AnswerId, NewWords};
use crate::audit::{self, Act, Entry};
use crate::clock::Millis;
use crate::comments::{self, CommentId};
use crate::db::{Conn, DbError, PostKind, PostRef, Tx};
use crate::holds;
use crate::members::Member;
use crate::notices::{self, EditedPost};
use crate::posts::{self, Author, Body};
use crate::questions::{self, NewVersion, Question, QuestionId};
use crate::web::Error;

/// A post that somebody may edit, with the words that its next version begins from.
struct Editable {
    post: PostRef,
    /// Its thread.
    question: Question,
    author: Author,
    revision: i64,
    /// Its newest words, whatever the thread shows.
    body: String,
    /// Staff vouch for one of its versions: that one stays what is shown.
    vouched: bool,
}

impl Editable {
    fn load(conn: &mut Conn, post: PostRef, by: &Member) -> Result<Self, Error> {
        let found = match post.kind {
            PostKind::Question => {
                let id = QuestionId(post.id);
                let whole = questions::load_whole(conn, id, Some(by))?;
                // Merged, perhaps while somebody wrote: its words are its own still, and what locks the thread holds for them.
                let question = if whole.id == id {
                    whole
                } else {
                    let part = questions::find_living(conn, id)?.ok_or(Error::NotFound)?;
                    Question { locked: whole.locked.or(part.locked.clone()), ..part }
                };
                let (author, revision, body) = (question.author, question.revision, question.body.clone());
                Self { post, question, author, revision, body, vouched: false }
            }
            PostKind::Answer => {
                let (answer, question) = answers::load_seen(conn, AnswerId(post.id), Some(by))?;
                let (author, revision, vouched) = (answer.author, answer.revision, answer.vouched.is_some());
                let body = answers::load_revision(conn, answer.id, revision)?.body;
                Self { post, question, author, revision, body, vouched }
            }
            PostKind::Comment => {
                let (comment, question) = comments::load_seen(conn, CommentId(post.id), Some(by))?;
                let (author, revision) = (comment.author, comment.revision);
                Self { post, question, author, revision, body: comment.body, vouched: false }
            }
        };
        if posts::find_may_edit(conn, found.author, by)? {
            return Ok(found);
        }
        let is_remote = found.author.origin().is_some();
        Err(Error::Forbidden(words::not_theirs(post.kind, is_remote).to_owned()))
    }
}

/// A next version, checked and rendered.
struct Version {
    /// Of questions; empty for the others.
    title: String,
    body: Body,
    /// May be empty.
    reason: String,
}

/// Why a version was not written.
enum Refusal {
    /// Somebody wrote another one since its writer began.
    Changed,
    Because(String),
}

/// Makes other writers of the thread wait. Of a post that is gone, or whose thread is, its page knows what to say.
fn hold_thread(tx: &mut Tx<'_>, post: PostRef) -> Result<(), DbError> {
    let thread = match post.kind {
        PostKind::Question => Some(QuestionId(post.id)),
        PostKind::Answer => answers::find_thread(tx, AnswerId(post.id))?,
        PostKind::Comment => comments::find_thread(tx, CommentId(post.id))?,
    };
    thread.map_or(Ok(()), |thread| questions::hold_whole(tx, thread).map(drop))
}

/// Writes the next version of a post whose writer began from revision `seen`, and returns where they should land.
fn write(
    tx: &mut Tx<'_>,
    post: PostRef,
    seen: i64,
    version: &Version,
    by: &Member,
    now: Millis,
) -> Result<Result<String, Refusal>, Error> {
    hold_thread(tx, post)?;
    let before = Editable::load(tx, post, by)?;
    let question = &before.question;
    if before.revision != seen {
        return Ok(Err(Refusal::Changed));
    }
    // An edit is no way around a locked thread, nor around what staff look at before others see it.
    if let Some(locked) = question.locked.as_ref().filter(|_| !by.role.is_at_desk()) {
        return Ok(Err(Refusal::Because(locked.refusal())));
    }
    let topic = question.topic.as_ref().map(|topic| topic.id);
    // Staff read what is private anyway.
    if !question.private
        && let Some(why) = holds::why_held(tx, by, topic, &version.body.html)?
    {
        return Ok(Err(Refusal::Because(why.of_an_edit().to_owned())));
    }
    let title = if post.kind == PostKind::Question { &version.title } else { &question.title };
    // The same words are no new version, and nobody need read them again.
    if *title != question.title || version.body.source != before.body {
        if !revise(tx, &before, version, by, now)? {
            return Ok(Err(Refusal::Changed));
        }
        note(tx, &before, &version.reason, by, now)?;
    }
    Ok(Ok(posts::place(question.id.0, title, post)))
}

/// `false`: somebody changed the post meanwhile, or it is not shown any more.
fn revise(tx: &mut Tx<'_>, before: &Editable, version: &Version, by: &Member, now: Millis) -> Result<bool, DbError> {
    let (id, seen) = (before.post.id, before.revision);
    let Version { title, body, reason } = version;
    match before.post.kind {
        PostKind::Question => {
            let version = NewVersion { title, body: Some((&body.source, &body.html)), by: by.id, reason };
            questions::revise(tx, QuestionId(id), seen, &version, now)
        }
        PostKind::Answer => {
            let words = NewWords { body: &body.source, html: &body.html, by: Some(by.id), reason };
            answers::edit(tx, AnswerId(id), &words, now).map(|_| true)
        }
        PostKind::Comment => comments::revise(tx, CommentId(id), seen, body, (by.id, reason), now),
    }
}

/// Whose words others edit is told; who of staff does leaves a line in the log.
fn note(tx: &mut Tx<'_>, before: &Editable, reason: &str, by: &Member, at: Millis) -> Result<(), DbError> {
    let Some(author) = before.author.member().filter(|author| *author != by.id) else { return Ok(()) };
    let (post, question_id) = (before.post, before.question.id.0);
    notices::tell_edited(tx, EditedPost { post, question_id, author, by: by.id, reason, at })?;
    if by.role.is_staff() {
        let line = Entry::new(by.id, Act::Edit, post, at);
        let words = words::version(before.revision + 1);
        audit::record(tx, &Entry { question_id: Some(question_id), words, ..line })?;
    }
    Ok(())
}
