//! Edits: a new version of a post comes with an id of its own, and changes the post here that stands for all of them,
//! its pictures with its words.
//!
//! Versions arrive in any order and from any side; the newest words win. What was erased stays erased in every version.

use super::mirror::{self, Prepared};
use super::rules;
use super::words;
use crate::answers::{self, AnswerId, NewWords as Words};
use crate::bridge::store::channels::{ChannelRow, Mode};
use crate::bridge::store::remote::{self, Fate, NewWords, RemoteRow, Scope};
use crate::bridge::store::{pictures, versions};
use crate::bridge::view::load_authors;
use crate::clock::Millis;
use crate::comments::{self, CommentId};
use crate::db::{Conn, DbError, PostKind, PostRef, Tx};
use crate::networks::{RemotePost, compare_marks};
use crate::questions::{self, QuestionId};
use crate::web::markdown::CleanHtml;

/// The stored posts that are this one or another version of it. More than one: a version came while nothing told that
/// they belong together.
pub(super) fn find_versions(conn: &mut Conn, scope: Scope, post: &RemotePost) -> Result<Vec<RemoteRow>, DbError> {
    let mut found: Vec<RemoteRow> = Vec::new();
    for id in std::iter::once(&post.id).chain(&post.earlier_ids).chain(&post.later_ids) {
        let row = remote::find(conn, scope, id)?;
        found.extend(row.filter(|row| found.iter().all(|other| other.id != row.id)));
    }
    Ok(found)
}

/// Takes a version of `known` posts: their words become its words if it is newer.
pub(super) fn follow(
    tx: &mut Tx<'_>,
    scope: Scope,
    channel: &ChannelRow,
    prepared: &Prepared,
    known: Vec<RemoteRow>,
    now: Millis,
) -> Result<(), DbError> {
    let post = &prepared.post;
    let (removed, standing): (Vec<_>, Vec<_>) = known.into_iter().partition(|row| row.fate == Fate::Removed);
    // Who deletes one version deletes them all.
    if let Some(gone) = removed.first() {
        remember(tx, scope, gone, post)?;
        return standing.iter().try_for_each(|row| mirror::erase(tx, row, words::DELETED, now));
    }
    let Some(row) = standing.first() else { return Ok(()) };
    remember(tx, scope, row, post)?;
    if is_newer(prepared, row) { revise(tx, channel, prepared, row, now) } else { Ok(()) }
}

/// Whether these words came after those that are stored: by the id of their version, or where an edit keeps the id, by the
/// moment in which they were read. What the network told by itself is as old as its post.
fn is_newer(prepared: &Prepared, row: &RemoteRow) -> bool {
    match prepared.read_at {
        Some(read_at) => row.read_at.is_none_or(|before| read_at > before) && prepared.text != row.text,
        None => prepared.post.id != row.remote_id && compare_marks(&prepared.post.id, row.version()).is_gt(),
    }
}

/// Whatever belongs to a version of this post from now on belongs to this post.
fn remember(tx: &mut Tx<'_>, scope: Scope, row: &RemoteRow, post: &RemotePost) -> Result<(), DbError> {
    let ids = post.earlier_ids.iter().chain([&post.id]).map(String::as_str).filter(|id| *id != row.remote_id);
    versions::insert(tx, scope, row.id, ids)
}

fn revise(
    tx: &mut Tx<'_>,
    channel: &ChannelRow,
    prepared: &Prepared,
    row: &RemoteRow,
    now: Millis,
) -> Result<(), DbError> {
    // Refused by staff: its words are gone, and new ones do not bring it back.
    if row.fate == Fate::Ignored && row.text.is_empty() {
        return Ok(());
    }
    let post = &prepared.post;
    let words = NewWords {
        version_id: &post.id,
        text: &prepared.text,
        lang: post.lang.as_deref(),
        raw: &post.raw,
        url: &prepared.url,
        path: prepared.path,
        read_at: prepared.read_at,
        // A network that keeps the id of an edited post keeps its time, too.
        edited_at: prepared.read_at.unwrap_or(post.posted_at),
    };
    remote::set_words(tx, row.id, &words)?;
    let shown = matches!(row.fate, Fate::Mirrored | Fate::Held);
    let other_pictures = shown && pictures::set_all(tx, row.id, &post.media, now)?;
    if row.fate != Fate::Mirrored || (row.text == prepared.text && !other_pictures) {
        return Ok(());
    }
    // Of a hidden post staff published the words that they saw, and no others.
    if channel.mode == Mode::Hold || row.hidden_at.is_some() {
        remote::mark_held(tx, row.id)?;
        return show_under_review(tx, row, now);
    }
    let title = title_of(tx, row, &prepared.text)?;
    show(tx, row, &title, &prepared.text, &prepared.html, now)
}

/// Shows that an edit waits for staff, in the place of the words that were there.
pub(super) fn show_under_review(tx: &mut Tx<'_>, row: &RemoteRow, now: Millis) -> Result<(), DbError> {
    // What staff vouched for stays, as it does for every other edit.
    if let Some(PostRef { kind: PostKind::Answer, id }) = row.post()
        && answers::find_kept(tx, AnswerId(id))?.is_some_and(|answer| answer.vouched.is_some())
    {
        return Ok(());
    }
    show(tx, row, words::TITLE_UNDER_REVIEW, words::UNDER_REVIEW, &mirror::render(words::UNDER_REVIEW), now)
}

/// Puts words in the place of those that must not be shown any more, whoever vouched for them.
pub(super) fn cover(tx: &mut Tx<'_>, row: &RemoteRow, title: &str, text: &str, now: Millis) -> Result<(), DbError> {
    let html = mirror::render(text);
    match row.post() {
        Some(PostRef { kind: PostKind::Answer, id }) => match answers::find_kept(tx, AnswerId(id))? {
            Some(answer) => {
                answers::cover(tx, answer.id, &Words { body: text, html: &html, by: None, reason: "" }, now)
            }
            None => Ok(()),
        },
        _ => show(tx, row, title, text, &html, now),
    }
}

/// The title that a question gets from these words of its author.
pub(super) fn title_of(conn: &mut Conn, row: &RemoteRow, text: &str) -> Result<String, DbError> {
    let Some(author) = row.author else { return Ok(rules::title(text, None)) };
    let by = load_authors(conn, &[author])?.remove(&author).map(|card| card.called());
    Ok(rules::title(text, by.as_ref()))
}

/// Gives the post here that stands for `row` other words, be it out of sight or not. A title that staff gave stays.
pub(super) fn show(
    tx: &mut Tx<'_>,
    row: &RemoteRow,
    title: &str,
    text: &str,
    html: &CleanHtml,
    now: Millis,
) -> Result<(), DbError> {
    match row.post() {
        Some(PostRef { kind: PostKind::Question, id }) => {
            let Some(question) = questions::find_kept(tx, QuestionId(id))? else { return Ok(()) };
            let own_title = row.given_title.as_ref() == Some(&question.title);
            questions::edit(tx, question.id, own_title.then_some(title), text, html, now)?;
            if own_title { remote::set_given_title(tx, row.id, title) } else { Ok(()) }
        }
        Some(PostRef { kind: PostKind::Answer, id }) => match answers::find_kept(tx, AnswerId(id))? {
            Some(answer) => {
                answers::edit(tx, answer.id, &Words { body: text, html, by: None, reason: "" }, now).map(drop)
            }
            None => Ok(()),
        },
        Some(PostRef { kind: PostKind::Comment, id }) => match comments::find_kept(tx, CommentId(id))? {
            Some(comment) => comments::edit(tx, comment.id, text, html, now),
            None => Ok(()),
        },
        None => Ok(()),
    }
}
