//! Held posts: staff publish them or refuse them. What a held post would become is decided when it is published, since
//! its thread may have grown meanwhile. The words are decided on as they were seen: an edit that came since is refused.

use std::collections::{BTreeSet, HashMap};

use super::edit;
use super::mirror::{self, Words};
use super::result;
use super::rules::{self, Parent, Placement, Writer};
use super::words;
use crate::app::App;
use crate::audit::{self, Entry};
use crate::bridge::store::remote::{self, Fate, RemoteRow, Scope};
use crate::bridge::store::{channels, versions};
use crate::bridge::view::Pictures;
use crate::bridge::{ChannelId, RemotePostId, pictures};
use crate::clock::Millis;
use crate::db::{Conn, DbError, Tx};
use crate::posts::RemoteAuthorId;
use crate::web::markdown::CleanHtml;

/// A post that waits for staff.
#[derive(Clone, Debug)]
pub struct HeldPost {
    pub id: RemotePostId,
    pub author: Option<RemoteAuthorId>,
    pub text: String,
    pub lang: Option<String>,
    pub url: String,
    pub posted_at: Millis,
    /// It replies to another post that waits too, and is published with or after it.
    pub is_reply: bool,
    /// It was published before, and its author has edited it since.
    pub is_edit: bool,
    /// It is hidden on the network.
    pub is_hidden: bool,
    /// Which versions a reader of the list sees of it and of the held posts above it, for the form that decides.
    pub seen: String,
    pub pictures: Pictures,
}

/// What waits for staff, oldest first.
pub fn list_held(conn: &mut Conn, limit: i64) -> Result<Vec<HeldPost>, DbError> {
    let rows = remote::list_held(conn, limit)?;
    let ids: Vec<RemotePostId> = rows.iter().map(|row| row.id).collect();
    let mut post_of: HashMap<String, RemotePostId> = versions::list_of(conn, &ids)?.into_iter().collect();
    post_of.extend(rows.iter().map(|row| (row.remote_id.clone(), row.id)));
    let by_id: HashMap<RemotePostId, &RemoteRow> = rows.iter().map(|row| (row.id, row)).collect();
    let mut pictures = pictures::load(conn, &ids)?;
    let held = rows.iter().map(|row| HeldPost {
        is_edit: row.post_id.is_some(),
        is_hidden: row.hidden_at.is_some(),
        id: row.id,
        author: row.author,
        text: row.text.clone(),
        lang: row.lang.clone(),
        url: row.url.clone(),
        posted_at: row.posted_at,
        is_reply: row.parent.is_some(),
        pictures: pictures.remove(&row.id).unwrap_or_default(),
        seen: chain_of(row, |row| by_id.get(post_of.get(row.parent.as_ref()?)?).copied()),
    });
    Ok(held.collect())
}

/// The versions of a post and of those above it, as the form of the list carries them.
fn chain_of<'a>(row: &'a RemoteRow, above: impl Fn(&'a RemoteRow) -> Option<&'a RemoteRow>) -> String {
    let mut chain = vec![mark_of(row)];
    let mut row = row;
    while let Some(next) = above(row).filter(|next| !chain.contains(&mark_of(next))) {
        chain.push(mark_of(next));
        row = next;
    }
    chain.join(" ")
}

/// Whether these are words that a reader of the list saw.
fn was_seen(row: &RemoteRow, seen: &str) -> bool {
    seen.split(' ').any(|mark| mark == mark_of(row))
}

/// The mark of the words that a post has now: the id of its version, or where an edit keeps the id, with its time.
fn mark_of(row: &RemoteRow) -> String {
    match row.edited_at {
        Some(at) if row.version() == row.remote_id => format!("{}@{}", row.remote_id, at.0),
        _ => row.version().to_owned(),
    }
}

/// Who wrote these posts, and their words.
pub fn list_words(
    conn: &mut Conn,
    ids: &[RemotePostId],
) -> Result<Vec<(RemotePostId, Option<RemoteAuthorId>, String)>, DbError> {
    if ids.is_empty() { Ok(Vec::new()) } else { remote::list_words(conn, ids) }
}

pub fn count_held(conn: &mut Conn) -> Result<i64, DbError> {
    remote::count_held(conn)
}

/// Publishes a held post, and the held posts that it replies to before it, all as they were `seen`. `false`, and nothing
/// is published: it is not held any more, or its author or that of a post above it has edited since. `line`: what the audit
/// log says of it.
pub async fn publish(app: &App, id: RemotePostId, seen: String, line: Entry) -> Result<bool, DbError> {
    let chain = app.db.read(move |conn| held_chain(conn, id)).await?;
    if chain.is_empty() || !chain.iter().all(|row| was_seen(row, &seen)) {
        return Ok(false);
    }
    // Rendered here, outside of the transaction.
    let chain: Vec<_> = chain.into_iter().map(|row| (mirror::render(&row.text), row)).collect();
    let now = app.clock.now();
    app.db
        .write(move |tx| {
            let of_chain: BTreeSet<ChannelId> = chain.iter().map(|(_, row)| row.channel_id).collect();
            of_chain.into_iter().try_for_each(|channel| channels::hold(tx, channel))?;
            // An edit may have come while it was rendered.
            let as_rendered = |row: &RemoteRow| chain.iter().any(|(_, one)| one.id == row.id && one.text == row.text);
            let standing = held_chain(tx, id)?;
            if standing.is_empty() || !standing.iter().all(|row| was_seen(row, &seen) && as_rendered(row)) {
                return Ok(false);
            }
            for (html, row) in &chain {
                publish_one(tx, row.id, html, now)?;
            }
            audit::record(tx, &line)?;
            Ok(true)
        })
        .await
}

/// The post and its held parents, the uppermost first.
fn held_chain(conn: &mut Conn, id: RemotePostId) -> Result<Vec<RemoteRow>, DbError> {
    let mut chain: Vec<RemoteRow> = Vec::new();
    let mut row = remote::load(conn, id)?;
    let scope = scope_of(conn, &row)?;
    while row.fate == Fate::Held && !chain.iter().any(|one| one.id == row.id) {
        let parent = row.parent.clone();
        chain.push(row);
        let Some(above) = parent else { break };
        let Some(next) = remote::find(conn, scope, &above)? else { break };
        row = next;
    }
    chain.reverse();
    Ok(chain)
}

fn publish_one(tx: &mut Tx<'_>, id: RemotePostId, html: &CleanHtml, now: Millis) -> Result<(), DbError> {
    let row = remote::load(tx, id)?;
    if row.fate != Fate::Held {
        return Ok(());
    }
    // Published before, and edited since: its new words take the place of the old ones.
    if let (Some(post), Some(question_id)) = (row.post(), row.question_id) {
        let title = edit::title_of(tx, &row, &row.text)?;
        edit::show(tx, &row, &title, &row.text, html, now)?;
        remote::mark_mirrored(tx, id, post, question_id)?;
        return Ok(());
    }
    let channel = channels::load(tx, row.channel_id)?;
    let (author_id, author) = mirror::author_of(&row, channel.network)?;
    let parent = match &row.parent {
        None => Parent::Outside,
        Some(parent) => {
            let scope = scope_of(tx, &row)?;
            match remote::find(tx, scope, parent)? {
                Some(above) => mirror::standing(tx, &above)?,
                None => Parent::Outside,
            }
        }
    };
    let writer = match parent {
        Parent::InThread { question_id, .. } if remote::find_asker(tx, question_id)? == Some(author_id) => {
            Writer::Asker
        }
        _ => Writer::Somebody,
    };
    let placement = rules::place(writer, parent, false);
    if let Placement::Ignore(reason) = placement {
        remote::mark_ignored(tx, id, reason)?;
        return Ok(());
    }
    let title = edit::title_of(tx, &row, &row.text)?;
    let words = Words { title: &title, text: &row.text, html };
    let (post, question_id) = mirror::make_post(tx, &placement, author, channel.topic_id, words, row.posted_at)?;
    if !remote::mark_mirrored(tx, id, post, question_id)? {
        return Err(DbError::Inconsistent {
            what: "held post that changed while it was held on to",
            value: id.to_string(),
        });
    }
    if let Some(title) = mirror::title_given(post, &title) {
        remote::set_given_title(tx, id, title)?;
    }
    mirror::note_waiting(tx, &placement, question_id, id, author_id, row.posted_at)?;
    result::note(tx, (post, question_id), author_id, &row.text, row.posted_at, now)
}

/// Refuses a held post and the held replies below it. Their texts and pictures go, their keys stay.
/// One that was published before is taken away. `false`, and nothing happens: it is not held any more, or its author has
/// edited it since it was `seen`.
pub fn refuse(tx: &mut Tx<'_>, id: RemotePostId, seen: &str, now: Millis) -> Result<bool, DbError> {
    let channel_id = remote::load(tx, id)?.channel_id;
    channels::hold(tx, channel_id)?;
    let row = remote::load(tx, id)?;
    if row.fate != Fate::Held || !was_seen(&row, seen) {
        return Ok(false);
    }
    let scope = scope_of(tx, &row)?;
    if row.post_id.is_some() {
        let what = if row.hidden_at.is_some() { "hidden" } else { "edited" };
        mirror::erase(tx, &row, &words::refused_after(what), now)?;
        return Ok(true);
    }
    let refused = remote::mark_ignored(tx, id, words::REFUSED)?;
    let mut below = vec![row.remote_id];
    while let Some(parent) = below.pop() {
        for reply in remote::list_held_replies(tx, scope, &parent)? {
            if remote::mark_ignored(tx, reply, words::REFUSED_WITH_THE_POST_ABOVE)? {
                below.push(remote::load(tx, reply)?.remote_id);
            }
        }
    }
    if let Some(author) = row.author {
        remote::forget_author_if_unused(tx, author)?;
    }
    Ok(refused)
}

fn scope_of(conn: &mut Conn, row: &remote::RemoteRow) -> Result<Scope, DbError> {
    Ok(Scope::of(channels::load(conn, row.channel_id)?.network))
}
