//! What becomes of a remote post: stored once, given other words, held, mirrored, set aside or taken away. When that is to
//! happen is decided elsewhere.

use diesel::prelude::*;

use super::super::{pictures, queued, recheck};
use super::{Fate, Path, Scope, find_by_key, load};
use crate::bridge::{ChannelId, RemotePostId};
use crate::clock::Millis;
use crate::db::schema::remote_post;
use crate::db::{DbError, PostRef, Tx, per_database};
use crate::posts::RemoteAuthorId;
use crate::queue::{self, Kind};

pub struct NewPost<'a> {
    pub channel_id: ChannelId,
    pub remote_id: &'a str,
    pub author: Option<RemoteAuthorId>,
    pub parent: Option<&'a str>,
    pub conversation: Option<&'a str>,
    /// The post that it quotes.
    pub quoted: Option<&'a str>,
    pub text: &'a str,
    pub lang: Option<&'a str>,
    pub raw: Option<&'a str>,
    pub url: &'a str,
    pub path: Path,
    /// The remote id of the post under which a reply stands, if it is another one.
    pub answers_under: Option<&'a str>,
    /// When its words were read, where that decides which count.
    pub read_at: Option<Millis>,
    /// It was hidden on the network when it came.
    pub hidden: bool,
    pub posted_at: Millis,
    pub fate: Fate,
    pub reason: Option<&'a str>,
    /// The post here that stands for it.
    pub post: Option<PostRef>,
    /// The thread it belongs to.
    pub question_id: Option<i64>,
    /// The title that its question got.
    pub given_title: Option<&'a str>,
}

/// Stores a post once. `None`: it is there already, which is the normal quiet case.
pub fn insert(tx: &mut Tx<'_>, scope: Scope, new: &NewPost<'_>, now: Millis) -> Result<Option<RemotePostId>, DbError> {
    let key = (
        remote_post::network.eq(scope.network),
        remote_post::scope.eq(scope.scope),
        remote_post::remote_id.eq(new.remote_id),
    );
    let content = (
        remote_post::channel_id.eq(new.channel_id),
        remote_post::remote_author_id.eq(new.author),
        remote_post::parent_remote_id.eq(new.parent),
        remote_post::conversation_remote_id.eq(new.conversation),
        remote_post::quoted_remote_id.eq(new.quoted),
        remote_post::text.eq(new.text),
        remote_post::lang.eq(new.lang),
        remote_post::raw.eq(new.raw),
        remote_post::url.eq(new.url),
        remote_post::reply_path.eq(new.path),
        remote_post::posted_at.eq(new.posted_at),
        remote_post::received_at.eq(now),
    );
    let reading = (
        remote_post::answers_under.eq(new.answers_under),
        remote_post::read_at.eq(new.read_at),
        remote_post::hidden_at.eq(new.hidden.then_some(now)),
    );
    let fate = (
        remote_post::state.eq(new.fate),
        remote_post::reason.eq(new.reason),
        remote_post::post_kind.eq(new.post.map(|post| post.kind)),
        remote_post::post_id.eq(new.post.map(|post| post.id)),
        remote_post::question_id.eq(new.question_id),
        remote_post::given_title.eq(new.given_title),
    );
    let inserted = per_database!(&mut **tx, conn => diesel::insert_into(remote_post::table)
        .values((key, content, reading, fate))
        .on_conflict_do_nothing()
        .execute(conn))?;
    if inserted == 0 {
        return Ok(None);
    }
    let id = find_by_key(tx, scope, new.remote_id)?.map(|row| row.id);
    if let Some(id) = id.filter(|_| new.fate == Fate::Held) {
        queued::held(tx, id)?;
    }
    Ok(id)
}

/// The words of a later version of a post.
pub struct NewWords<'a> {
    pub version_id: &'a str,
    pub text: &'a str,
    pub lang: Option<&'a str>,
    pub raw: &'a str,
    pub url: &'a str,
    pub path: Path,
    pub read_at: Option<Millis>,
    pub edited_at: Millis,
}

/// Gives a stored post the words of a later version.
pub fn set_words(tx: &mut Tx<'_>, id: RemotePostId, new: &NewWords<'_>) -> Result<(), DbError> {
    diesel::update(remote_post::table.find(id))
        .set((
            remote_post::version_id.eq(Some(new.version_id)),
            remote_post::text.eq(new.text),
            remote_post::lang.eq(new.lang),
            remote_post::raw.eq(Some(new.raw)),
            remote_post::url.eq(new.url),
            remote_post::reply_path.eq(new.path),
            remote_post::read_at.eq(new.read_at),
            remote_post::edited_at.eq(Some(new.edited_at)),
        ))
        .execute(&mut **tx)?;
    shown_anew(tx, id)
}

/// Keeps the title that its question got.
pub fn set_given_title(tx: &mut Tx<'_>, id: RemotePostId, title: &str) -> Result<(), DbError> {
    diesel::update(remote_post::table.find(id)).set(remote_post::given_title.eq(Some(title))).execute(&mut **tx)?;
    Ok(())
}

/// Its words are others now, or gone: where its thread shows them, and wherever a post of ours is quoted.
fn shown_anew(tx: &mut Tx<'_>, id: RemotePostId) -> Result<(), DbError> {
    let row = load(tx, id)?;
    match row.question_id {
        _ if row.fate == Fate::Ours => tx.shown_everywhere(),
        Some(question_id) => tx.shown_in(question_id),
        None => {}
    }
    Ok(())
}

/// Notes whether it is hidden on the network; `false`: that was known.
pub fn set_hidden(tx: &mut Tx<'_>, id: RemotePostId, hidden: bool, now: Millis) -> Result<bool, DbError> {
    let row = remote_post::table.find(id).filter(remote_post::hidden_at.is_null().eq(hidden));
    let at = hidden.then_some(now);
    Ok(diesel::update(row).set(remote_post::hidden_at.eq(at)).execute(&mut **tx)? == 1)
}

/// Its new words wait for staff; the post here keeps its place.
pub fn mark_held(tx: &mut Tx<'_>, id: RemotePostId) -> Result<(), DbError> {
    diesel::update(remote_post::table.find(id)).set(remote_post::state.eq(Fate::Held)).execute(&mut **tx)?;
    queued::held(tx, id)
}

/// Ties a held post to the post here that now stands for it; `false`: somebody released or ignored it meanwhile.
pub fn mark_mirrored(tx: &mut Tx<'_>, id: RemotePostId, post: PostRef, question_id: i64) -> Result<bool, DbError> {
    let changed = diesel::update(remote_post::table.find(id).filter(remote_post::state.eq(Fate::Held)))
        .set((
            remote_post::state.eq(Fate::Mirrored),
            remote_post::post_kind.eq(Some(post.kind)),
            remote_post::post_id.eq(Some(post.id)),
            remote_post::question_id.eq(Some(question_id)),
        ))
        .execute(&mut **tx)?;
    queue::close(tx, Kind::Held, id.0)?;
    Ok(changed == 1)
}

/// Refuses a held post; `false`: it was not held any more. Its text goes, its key stays.
pub fn mark_ignored(tx: &mut Tx<'_>, id: RemotePostId, reason: &str) -> Result<bool, DbError> {
    let changed = diesel::update(remote_post::table.find(id).filter(remote_post::state.eq(Fate::Held)))
        .set((
            remote_post::state.eq(Fate::Ignored),
            remote_post::reason.eq(Some(reason)),
            remote_post::text.eq(""),
            remote_post::given_title.eq(None::<String>),
            remote_post::raw.eq(None::<String>),
        ))
        .execute(&mut **tx)?;
    recheck::forget(tx, id)?;
    queue::close(tx, Kind::Held, id.0)?;
    if changed == 1 {
        pictures::forget(tx, id)?;
    }
    Ok(changed == 1)
}

/// Takes everything but the key.
pub fn mark_removed(tx: &mut Tx<'_>, id: RemotePostId, reason: &str) -> Result<(), DbError> {
    shown_anew(tx, id)?;
    diesel::update(remote_post::table.find(id))
        .set((
            remote_post::state.eq(Fate::Removed),
            remote_post::reason.eq(Some(reason)),
            remote_post::text.eq(""),
            remote_post::given_title.eq(None::<String>),
            remote_post::raw.eq(None::<String>),
        ))
        .execute(&mut **tx)?;
    pictures::forget(tx, id)?;
    queue::close(tx, Kind::Held, id.0)?;
    recheck::forget(tx, id)
}
