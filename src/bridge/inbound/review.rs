//! Held posts: staff publish them or refuse them. What a held post would become is decided when it is published, since
//! its thread may have grown meanwhile.

use super::edit;
use super::mirror::{self, Words};
use super::rules::{self, Parent, Placement, Writer};
use crate::app::App;
use crate::bridge::store::channels;
use crate::bridge::store::remote::{self, Fate, Scope};
use crate::bridge::view::{Pictures, load_authors};
use crate::bridge::{Channel, RemotePostId, pictures};
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
    pub pictures: Pictures,
}

/// What waits for staff, oldest first.
pub fn list_held(conn: &mut Conn, limit: i64) -> Result<Vec<HeldPost>, DbError> {
    let rows = remote::list_held(conn, limit)?;
    let ids: Vec<RemotePostId> = rows.iter().map(|row| row.id).collect();
    let mut pictures = pictures::load(conn, &ids)?;
    let held = |row: remote::RemoteRow| HeldPost {
        pictures: pictures.remove(&row.id).unwrap_or_default(),
        is_edit: row.post_id.is_some(),
        id: row.id,
        author: row.author,
        text: row.text,
        lang: row.lang,
        url: row.url,
        posted_at: row.posted_at,
        is_reply: row.parent.is_some(),
    };
    Ok(rows.into_iter().map(held).collect())
}

pub fn count_held(conn: &mut Conn) -> Result<i64, DbError> {
    remote::count_held(conn)
}

/// Publishes a held post, and the held posts that it replies to before it. Returns the thread; `None`: it was not held
/// any more.
pub async fn publish(app: &App, id: RemotePostId) -> Result<Option<i64>, DbError> {
    let chain = app.db.read(move |conn| held_chain(conn, id)).await?;
    // Rendered here, outside of the transaction.
    let chain: Vec<_> = chain.into_iter().map(|(id, text)| (id, mirror::render(&text))).collect();
    let now = app.clock.now();
    app.db
        .write(move |tx| {
            let mut thread = None;
            for (id, html) in &chain {
                thread = publish_one(tx, *id, html, now)?.or(thread);
            }
            Ok(thread)
        })
        .await
}

/// The post and its held parents, the uppermost first.
fn held_chain(conn: &mut Conn, id: RemotePostId) -> Result<Vec<(RemotePostId, String)>, DbError> {
    let mut chain = Vec::new();
    let mut row = remote::load(conn, id)?;
    let scope = scope_of(conn, &row)?;
    while row.fate == Fate::Held && !chain.iter().any(|(id, _)| *id == row.id) {
        let parent = row.parent.clone();
        chain.push((row.id, row.text));
        let Some(above) = parent else { break };
        let Some(next) = remote::find(conn, scope, &above)? else { break };
        row = next;
    }
    chain.reverse();
    Ok(chain)
}

fn publish_one(tx: &mut Tx<'_>, id: RemotePostId, html: &CleanHtml, now: Millis) -> Result<Option<i64>, DbError> {
    let channel_id = remote::load(tx, id)?.channel_id;
    channels::hold(tx, channel_id)?;
    let row = remote::load(tx, id)?;
    if row.fate != Fate::Held {
        return Ok(row.question_id);
    }
    // Published before, and edited since: its new words take the place of the old ones.
    if let (Some(post), Some(question_id)) = (row.post(), row.question_id) {
        let title = edit::title_of(tx, &row, &row.text)?;
        edit::show(tx, &row, &title, &row.text, html, now)?;
        remote::mark_mirrored(tx, id, post, question_id)?;
        return Ok(Some(question_id));
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
        return Ok(None);
    }
    let handle = load_authors(tx, &[author_id])?.remove(&author_id).map(|card| card.handle).unwrap_or_default();
    let title = rules::title(&row.text, &handle);
    let words = Words { title: &title, text: &row.text, html };
    let (post, question_id) = mirror::make_post(tx, &placement, author, channel.topic_id, words, row.posted_at)?;
    if !remote::mark_mirrored(tx, id, post, question_id)? {
        return Err(DbError::Inconsistent {
            what: "held post that changed while it was held on to",
            value: id.to_string(),
        });
    }
    mirror::note_waiting(tx, &placement, question_id, id, author_id, row.posted_at)?;
    Ok(Some(question_id))
}

/// Refuses a held post and the held replies below it. Their texts and pictures go, their keys stay.
/// One that was published before is taken away.
pub fn refuse(tx: &mut Tx<'_>, id: RemotePostId, now: Millis) -> Result<bool, DbError> {
    let channel_id = remote::load(tx, id)?.channel_id;
    channels::hold(tx, channel_id)?;
    let row = remote::load(tx, id)?;
    let scope = scope_of(tx, &row)?;
    if row.fate == Fate::Held && row.post_id.is_some() {
        mirror::erase(tx, &row, "refused by staff after it was edited", now)?;
        return Ok(true);
    }
    let refused = remote::mark_ignored(tx, id, "refused by staff")?;
    let mut below = vec![row.remote_id];
    while let Some(parent) = below.pop() {
        for reply in remote::list_held_replies(tx, scope, &parent)? {
            if remote::mark_ignored(tx, reply, "refused with the post above it")? {
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
    Ok(Channel::scope_on(channels::load(conn, row.channel_id)?.network))
}
