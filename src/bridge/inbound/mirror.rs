//! The mirror: stores each remote post once and ties it to the question, answer or comment that stands for it here.
//!
//! Everything of one body happens in one transaction; nothing is rendered or fetched inside it.

use super::edit;
use super::hiding;
use super::mask::mask;
use super::messages;
use super::recheck::FIRST_LOOK;
use super::result;
use super::rules::{self, Parent, Placement, Writer};
use super::words;
use crate::affected;
use crate::answers::{self, AnswerId, NewAnswer};
use crate::bridge::outbound;
use crate::bridge::store::channels::{self, ChannelRow, Mode};
use crate::bridge::store::deliveries::{Reply, Unsent};
use crate::bridge::store::remote::{self, Fate, NewAuthor, NewPost, Path, RemoteRow, Scope};
use crate::bridge::store::searches::{self, SearchId};
use crate::bridge::store::{deliveries, pictures, recheck, versions, waiting};
use crate::bridge::{Channel, ChannelId, RemotePostId};
use crate::clock::Millis;
use crate::comments::{self, NewComment};
use crate::db::{Conn, DbError, PostKind, PostRef, Tx};
use crate::networks::{RemoteMedia, RemoteMessage, RemotePost, ReplyPath, Target};
use crate::posts::{Author, Origin, RemoteAuthorId};
use crate::questions::{self, NewQuestion, QuestionId};
use crate::topics::TopicId;
use crate::verifications;
use crate::web::form::clean;
use crate::web::markdown::{self, CleanHtml};

/// A remote post made ready: masked and rendered.
pub struct Prepared {
    pub(super) post: RemotePost,
    pub(super) text: String,
    pub(super) title: String,
    pub(super) html: CleanHtml,
    pub(super) url: String,
    pub(super) path: Path,
    answers_under: Option<String>,
    /// When the network was asked for it, where of two readings the later one counts.
    pub(super) read_at: Option<Millis>,
}

impl Prepared {
    /// `read_at`: when the network was asked for the post; `None`: it told us of it by itself.
    pub(super) fn of(channel: &Channel, mut post: RemotePost, read_at: Option<Millis>) -> Self {
        post.media = masked(post.media);
        let text = mask(&clean(&post.text));
        let by = channel.origin.called(&post.author.handle, &post.author.name);
        let title = rules::title(&text, Some(&by));
        let html = render(&text);
        let url = channel.account.post_url(&post);
        let path = match channel.account.reply_path(&post) {
            ReplyPath::Api => Path::Api,
            ReplyPath::ByHand => Path::ByHand,
        };
        let target = Target { id: &post.id, parent: post.parent.as_deref(), conversation: Some(&post.conversation) };
        let answers_under = Some(channel.account.stands_under(target)).filter(|under| *under != post.id);
        let read_at = read_at.filter(|_| channel.abilities().edits_keep_ids);
        Self { post, text, title, html, url, path, answers_under, read_at }
    }
}

/// Pictures with their descriptions made fit to be shown, as the texts of posts are.
pub(super) fn masked(media: Vec<RemoteMedia>) -> Vec<RemoteMedia> {
    media.into_iter().map(|one| RemoteMedia { alt: mask(&clean(&one.alt)), ..one }).collect()
}

/// What one body brought.
pub struct Batch {
    pub channel_id: ChannelId,
    pub scope: Scope,
    /// Our own account there.
    pub account_id: String,
    /// Parents before their replies.
    pub posts: Vec<Prepared>,
    pub messages: Vec<RemoteMessage>,
    /// Remote ids of deleted posts.
    pub deleted: Vec<String>,
    /// Remote ids of posts that were hidden on the network or are shown again, in their order.
    pub hidden: Vec<(String, bool)>,
    /// Private messages that have other words now, and whether they were taken back.
    pub altered: Vec<(RemoteMessage, bool)>,
    /// The brand search that found the posts.
    pub search: Option<SearchId>,
}

#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    #[error(transparent)]
    Db(#[from] DbError),
    /// One of our own posts came back while a send that it may be is still under way, or somebody else was at the same
    /// posts: the same again in a moment.
    #[error("a send is under way")]
    Undecided,
}

impl From<diesel::result::Error> for PlaceError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Db(error.into())
    }
}

/// Stores and places everything of a batch.
pub fn place_all(tx: &mut Tx<'_>, batch: &Batch, now: Millis) -> Result<(), PlaceError> {
    let has_versions = |prepared: &Prepared| !prepared.post.earlier_ids.is_empty();
    if batch.deleted.is_empty() && batch.hidden.is_empty() && !batch.posts.iter().any(has_versions) {
        channels::hold(tx, batch.channel_id)?;
    } else {
        channels::hold_all(tx, batch.scope.network)?;
    }
    let channel = channels::load(tx, batch.channel_id)?;
    for prepared in &batch.posts {
        place(tx, batch, &channel, prepared, now)?;
        if let Some(search) = batch.search
            && let Some(row) = remote::find(tx, batch.scope, &prepared.post.id)?
        {
            searches::note_hit(tx, search, row.id)?;
        }
    }
    messages::take_in(tx, batch, now)?;
    for (id, hidden) in &batch.hidden {
        if let Some(row) = remote::find(tx, batch.scope, id)? {
            hiding::follow(tx, &row, *hidden, now)?;
        }
    }
    for id in &batch.deleted {
        match remote::find(tx, batch.scope, id)? {
            Some(row) => erase(tx, &row, words::DELETED, now)?,
            None => leave_tombstone(tx, batch, id, now)?,
        }
    }
    Ok(())
}

fn place(
    tx: &mut Tx<'_>,
    batch: &Batch,
    channel: &ChannelRow,
    prepared: &Prepared,
    now: Millis,
) -> Result<(), PlaceError> {
    let post = &prepared.post;
    let known = edit::find_versions(tx, batch.scope, post)?;
    if !known.is_empty() {
        return Ok(edit::follow(tx, batch.scope, channel, prepared, known, now)?);
    }
    let author = store_author(tx, batch.scope, post, now)?;
    let ours = post.author.id == batch.account_id;
    if ours && let Some(sent) = find_delivered(tx, batch, prepared, now)? {
        let carried = (sent.carries, sent.question_id);
        store(tx, batch, prepared, author, Fate::Ours, None, Some(carried), now)?;
        return Ok(());
    }
    let parent = parent_of(tx, batch, post.parent.as_deref())?;
    let writer = match parent {
        _ if ours => Writer::Colleague,
        Parent::InThread { question_id, .. } if remote::find_asker(tx, question_id)? == Some(author) => Writer::Asker,
        _ => Writer::Somebody,
    };
    // Found and not addressed to us: nobody asked, so a person judges, whatever the channel shows.
    let cold = batch.search.is_some() && prepared.path == Path::ByHand && parent == Parent::Outside;
    match rules::place(writer, parent, channel.mode == Mode::Hold || cold || post.hidden) {
        Placement::Hold => store(tx, batch, prepared, author, Fate::Held, None, None, now).map(drop)?,
        Placement::Ignore(reason) => {
            let fate = if ours { Fate::Ours } else { Fate::Ignored };
            store(tx, batch, prepared, author, fate, Some(reason), None, now).map(drop)?;
        }
        placement => {
            let words = Words { title: &prepared.title, text: &prepared.text, html: &prepared.html };
            let topic = channel.topic_id;
            let made = make_post(
                tx,
                &placement,
                Author::Remote { author, origin: channel.network },
                topic,
                words,
                post.posted_at,
            )?;
            let stored = store(tx, batch, prepared, author, Fate::Mirrored, None, Some(made), now)?;
            // Another channel of the same network stored it meanwhile: what was made here must not stay.
            let id = stored.ok_or(PlaceError::Undecided)?;
            if ours {
                waiting::answered(tx, made.1, post.posted_at)?;
            }
            note_waiting(tx, &placement, made.1, id, author, post.posted_at)?;
            result::note(tx, made, author, &prepared.text, post.posted_at, now)?;
        }
    }
    Ok(())
}

/// The reply that became this post of ours, or a version of it that was edited since.
fn find_delivered(
    tx: &mut Tx<'_>,
    batch: &Batch,
    prepared: &Prepared,
    now: Millis,
) -> Result<Option<Reply>, PlaceError> {
    for id in &prepared.post.earlier_ids {
        if let Some(sent) = deliveries::find_sent(tx, batch.channel_id, id)? {
            return Ok(sent.reply().cloned());
        }
    }
    outbound::recognise(tx, batch.channel_id, batch.scope, &prepared.post, &prepared.url, now)
}

/// The words of a remote post as they are shown.
pub(super) struct Words<'a> {
    pub title: &'a str,
    pub text: &'a str,
    pub html: &'a CleanHtml,
}

/// Writes the post here that stands for a remote one, and returns it with its thread.
pub(super) fn make_post(
    tx: &mut Tx<'_>,
    placement: &Placement,
    author: Author,
    topic_id: Option<i64>,
    words: Words<'_>,
    posted_at: Millis,
) -> Result<(PostRef, i64), DbError> {
    let (body, body_html) = (words.text.to_owned(), words.html.clone());
    let (post, question_id) = match *placement {
        Placement::Answer { question_id } => {
            let question = QuestionId(question_id);
            let new = NewAnswer { question_id: question, author, body, body_html, created_at: posted_at };
            (answers::insert(tx, &new)?.post(), question_id)
        }
        Placement::Comment { question_id, answer_id } => {
            let (question, answer_id) = (QuestionId(question_id), answer_id.map(AnswerId));
            let new = NewComment { question_id: question, answer_id, author, body, body_html, created_at: posted_at };
            (comments::insert(tx, &new)?.post(), question_id)
        }
        Placement::Question | Placement::Hold | Placement::Ignore(_) => {
            let (topic_id, title) = (topic_id.map(TopicId), words.title.to_owned());
            let new = NewQuestion { topic_id, author, title, body, body_html, private: false, created_at: posted_at };
            let id = questions::insert(tx, &new)?;
            (id.post(), id.0)
        }
    };
    Ok((post, question_id))
}

/// The title that a post here got, if it has one: those of questions alone are kept.
pub(super) fn title_given(post: PostRef, title: &str) -> Option<&str> {
    (post.kind == PostKind::Question).then_some(title)
}

/// The asker's words ask for an answer; anybody else's do not. In a thread that staff have hidden nobody waits until it is
/// shown again.
pub(super) fn note_waiting(
    tx: &mut Tx<'_>,
    placement: &Placement,
    question_id: i64,
    id: RemotePostId,
    author: RemoteAuthorId,
    posted_at: Millis,
) -> Result<(), DbError> {
    if questions::find_living(tx, QuestionId(question_id))?.is_none() {
        return Ok(());
    }
    let asks = matches!(placement, Placement::Question)
        || (matches!(placement, Placement::Comment { .. }) && remote::find_asker(tx, question_id)? == Some(author));
    if asks { waiting::asker_wrote(tx, question_id, id, posted_at) } else { Ok(()) }
}

/// Renders the words of a remote post, which are no Markdown.
pub(super) fn render(text: &str) -> CleanHtml {
    markdown::from_plain(if text.is_empty() { words::NO_WORDS } else { text })
}

fn store_author(tx: &mut Tx<'_>, scope: Scope, post: &RemotePost, now: Millis) -> Result<RemoteAuthorId, DbError> {
    let author = &post.author;
    let new = NewAuthor {
        remote_id: &author.id,
        handle: &author.handle,
        name: &author.name,
        followers: author.followers,
        picture_url: author.picture_url.as_deref(),
    };
    remote::upsert_author(tx, scope, &new, now)
}

#[expect(clippy::too_many_arguments, reason = "one call for the one row, whose parts come from different hands")]
fn store(
    tx: &mut Tx<'_>,
    batch: &Batch,
    prepared: &Prepared,
    author: RemoteAuthorId,
    fate: Fate,
    reason: Option<&str>,
    made: Option<(PostRef, i64)>,
    now: Millis,
) -> Result<Option<RemotePostId>, DbError> {
    let post = &prepared.post;
    let new = NewPost {
        channel_id: batch.channel_id,
        remote_id: &post.id,
        author: Some(author),
        parent: post.parent.as_deref(),
        conversation: Some(&post.conversation),
        quoted: post.quoted.as_deref(),
        text: &prepared.text,
        lang: post.lang.as_deref(),
        raw: Some(&post.raw),
        url: &prepared.url,
        path: prepared.path,
        answers_under: prepared.answers_under.as_deref(),
        read_at: prepared.read_at,
        hidden: post.hidden,
        posted_at: post.posted_at,
        fate,
        reason,
        post: made.map(|(post, _)| post),
        question_id: made.map(|(_, question)| question),
        given_title: made.filter(|_| fate == Fate::Mirrored).and_then(|(post, _)| title_given(post, &prepared.title)),
    };
    let Some(id) = remote::insert(tx, batch.scope, &new, now)? else { return Ok(None) };
    versions::insert(tx, batch.scope, id, post.earlier_ids.iter().map(String::as_str))?;
    if matches!(fate, Fate::Mirrored | Fate::Held) {
        recheck::insert(tx, id, batch.channel_id, now.plus(FIRST_LOOK))?;
        // Most posts have none, and a burst has many posts.
        if !post.media.is_empty() {
            pictures::set_all(tx, id, &post.media, now)?;
        }
    }
    Ok(Some(id))
}

fn leave_tombstone(tx: &mut Tx<'_>, batch: &Batch, id: &str, now: Millis) -> Result<(), DbError> {
    let new = NewPost {
        channel_id: batch.channel_id,
        remote_id: id,
        author: None,
        parent: None,
        conversation: None,
        quoted: None,
        text: "",
        lang: None,
        raw: None,
        url: "",
        path: Path::ByHand,
        answers_under: None,
        read_at: None,
        hidden: false,
        posted_at: now,
        fate: Fate::Removed,
        reason: Some(words::DELETED_BEFORE),
        post: None,
        question_id: None,
        given_title: None,
    };
    remote::insert(tx, batch.scope, &new, now).map(drop)
}

fn parent_of(tx: &mut Tx<'_>, batch: &Batch, parent: Option<&str>) -> Result<Parent, DbError> {
    let Some(id) = parent else { return Ok(Parent::Outside) };
    if let Some(row) = remote::find(tx, batch.scope, id)? {
        return standing(tx, &row);
    }
    // Our own reply, not read back yet: its delivery knows the thread.
    let sent = deliveries::find_sent(tx, batch.channel_id, id)?;
    let Some(reply) = sent.as_ref().and_then(|row| row.reply()) else { return Ok(Parent::Outside) };
    in_thread(tx, reply.question_id, Some(reply.carries))
}

/// Where a stored post stands, for those who reply to it. What is out of sight may come back, and takes in what is said.
pub(super) fn standing(conn: &mut Conn, row: &RemoteRow) -> Result<Parent, DbError> {
    match (row.fate, row.question_id) {
        (Fate::Held, _) => Ok(Parent::Held),
        (Fate::Removed, Some(question_id)) if questions::find_kept(conn, QuestionId(question_id))?.is_none() => {
            Ok(Parent::Removed)
        }
        (_, Some(question_id)) => in_thread(conn, question_id, row.post()),
        (_, None) => Ok(Parent::Outside),
    }
}

fn in_thread(conn: &mut Conn, question_id: i64, post: Option<PostRef>) -> Result<Parent, DbError> {
    if questions::find_kept(conn, QuestionId(question_id))?.is_none() {
        return Ok(Parent::Removed);
    }
    let answer_id = match post {
        // What went to the asker of a merged thread is an answer of another one.
        Some(PostRef { kind: PostKind::Answer, id }) => {
            let answer = answers::find(conn, AnswerId(id))?;
            answer.filter(|answer| answer.question_id.0 == question_id).map(|answer| answer.id.0)
        }
        Some(PostRef { kind: PostKind::Comment, id }) => {
            comments::find(conn, comments::CommentId(id))?.and_then(|comment| comment.answer_id).map(|id| id.0)
        }
        _ => None,
    };
    Ok(Parent::InThread { question_id, answer_id })
}

/// Takes a remote post out of the forum: its text, its raw body, its pictures, its place in the index. The key stays, so
/// that it cannot come back; what was to be sent to it is withdrawn.
pub(in crate::bridge) fn erase(tx: &mut Tx<'_>, row: &RemoteRow, reason: &str, now: Millis) -> Result<(), DbError> {
    channels::hold(tx, row.channel_id)?;
    if remote::load(tx, row.id)?.fate == Fate::Removed {
        return Ok(());
    }
    match row.post().filter(|_| matches!(row.fate, Fate::Mirrored | Fate::Held)) {
        Some(PostRef { kind: PostKind::Question, id }) => {
            let whole = questions::hold_whole(tx, QuestionId(id))?;
            questions::remove(tx, QuestionId(id), now)?;
            // The thread that it was part of counts no more what went with it, nor names its verified answer.
            if let Some(whole) = whole {
                answers::recount(tx, whole, now)?;
                affected::recount(tx, whole, now)?;
                verifications::follow(tx, whole, now)?;
            }
            waiting::end(tx, id)?;
            outbound::withdraw(tx, id, Unsent::All, None, now)?;
            // What hung on the question is gone with it; none of it may keep texts of strangers.
            for other in remote::list_of_question(tx, id)? {
                mark_erased(tx, &other, reason)?;
            }
        }
        Some(PostRef { kind: PostKind::Answer, id }) => {
            answers::remove(tx, AnswerId(id), now)?;
            if let Some(question_id) = row.question_id {
                outbound::withdraw_answer(tx, question_id, id, None, now)?;
            }
        }
        Some(PostRef { kind: PostKind::Comment, id }) => {
            comments::remove(tx, comments::CommentId(id), now)?;
            if let Some(question_id) = row.question_id {
                outbound::withdraw(tx, question_id, Unsent::Towards(row.id), None, now)?;
                let newest = match row.author {
                    Some(author) => {
                        remote::list_of_asker(tx, question_id, author)?.into_iter().find(|one| one.id != row.id)
                    }
                    None => None,
                };
                waiting::forget(tx, question_id, row.id, newest.as_ref())?;
            }
        }
        None => {}
    }
    mark_erased(tx, row, reason)
}

fn mark_erased(tx: &mut Tx<'_>, row: &RemoteRow, reason: &str) -> Result<(), DbError> {
    remote::mark_removed(tx, row.id, reason)?;
    match row.author {
        Some(author) => remote::forget_author_if_unused(tx, author),
        None => Ok(()),
    }
}

/// Who wrote a held post, as an author of posts here.
pub(super) fn author_of(row: &RemoteRow, origin: Origin) -> Result<(RemoteAuthorId, Author), DbError> {
    let author = row
        .author
        .ok_or_else(|| DbError::Inconsistent { what: "held post without an author", value: row.id.to_string() })?;
    Ok((author, Author::Remote { author, origin }))
}
