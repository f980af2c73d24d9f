//! Remote authors and remote posts: each stored once, whoever brings it and however often.

use diesel::prelude::*;

use super::portraits;
pub use super::portraits::{find_picture_due, forget_author_if_unused, set_picture, set_picture_due};
use super::{pictures, queued, recheck, versions};
use crate::bridge::{ChannelId, RemotePostId};
use crate::clock::Millis;
use crate::db::schema::{remote_author, remote_post};
use crate::db::{Conn, DbError, PostKind, PostRef, Tx, per_database, text_enum};
use crate::networks::RemoteAuthor;
use crate::posts::{Origin, RemoteAuthorId};
use crate::queue::{self, Kind};

text_enum! {
    /// What became of a remote post.
    pub enum Fate {
        /// Waits for staff.
        Held = "held",
        /// A post here stands for it.
        Mirrored = "mirrored",
        /// Our own, come back.
        Ours = "ours",
        /// Not for the forum; the reason says why.
        Ignored = "ignored",
        /// Deleted there or removed here: only the key is left, so that it cannot come back.
        Removed = "removed",
    }
}

text_enum! {
    /// Whether the network's API may answer this post.
    pub enum Path {
        Api = "api",
        ByHand = "by_hand",
    }
}

/// What a remote post is unique in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    pub network: Origin,
    pub scope: &'static str,
}

impl Scope {
    /// The ids of these networks are unique in each as a whole. One of many hosts would take its scope from the account.
    pub fn of(network: Origin) -> Self {
        let scope = match network {
            Origin::X => "x.com",
            Origin::Facebook => "facebook.com",
        };
        Self { network, scope }
    }
}

pub struct NewAuthor<'a> {
    pub remote_id: &'a str,
    pub handle: &'a str,
    pub name: &'a str,
    pub followers: Option<i64>,
    pub picture_url: Option<&'a str>,
}

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
}

/// A stored remote post, as far as placing and answering need it.
#[derive(Clone, Debug, Queryable)]
pub struct RemoteRow {
    pub id: RemotePostId,
    pub channel_id: ChannelId,
    pub remote_id: String,
    pub author: Option<RemoteAuthorId>,
    pub parent: Option<String>,
    pub text: String,
    pub lang: Option<String>,
    pub url: String,
    pub path: Path,
    pub posted_at: Millis,
    pub fate: Fate,
    pub post_kind: Option<PostKind>,
    pub post_id: Option<i64>,
    pub question_id: Option<i64>,
    pub version_id: Option<String>,
    pub read_at: Option<Millis>,
    /// Since when it is hidden on the network.
    pub hidden_at: Option<Millis>,
    /// When its author changed it last.
    pub edited_at: Option<Millis>,
}

impl RemoteRow {
    /// The remote id of the version whose words are held.
    pub fn version(&self) -> &str {
        self.version_id.as_deref().unwrap_or(&self.remote_id)
    }

    pub fn post(&self) -> Option<PostRef> {
        Some(PostRef { kind: self.post_kind?, id: self.post_id? })
    }
}

#[diesel::dsl::auto_type(no_type_alias)]
fn columns() -> _ {
    (
        remote_post::id,
        remote_post::channel_id,
        remote_post::remote_id,
        remote_post::remote_author_id,
        remote_post::parent_remote_id,
        remote_post::text,
        remote_post::lang,
        remote_post::url,
        remote_post::reply_path,
        remote_post::posted_at,
        remote_post::state,
        remote_post::post_kind,
        remote_post::post_id,
        remote_post::question_id,
        remote_post::version_id,
        remote_post::read_at,
        remote_post::hidden_at,
        remote_post::edited_at,
    )
}

/// Those of these ids that are stored already, as posts or as versions of posts.
pub fn list_known(conn: &mut Conn, scope: Scope, ids: &[String]) -> Result<Vec<String>, DbError> {
    let mut known: Vec<String> = remote_post::table
        .filter(remote_post::network.eq(scope.network))
        .filter(remote_post::scope.eq(scope.scope))
        .filter(remote_post::remote_id.eq_any(ids))
        .select(remote_post::remote_id)
        .load(conn)?;
    known.extend(versions::list_known(conn, scope, ids)?);
    Ok(known)
}

/// Those of these ids that stand for posts here: our own among them are colleagues' words, and no deliveries.
pub fn list_mirrored(conn: &mut Conn, scope: Scope, ids: &[String]) -> Result<Vec<String>, DbError> {
    Ok(remote_post::table
        .filter(remote_post::network.eq(scope.network))
        .filter(remote_post::scope.eq(scope.scope))
        .filter(remote_post::remote_id.eq_any(ids))
        .filter(remote_post::state.eq(Fate::Mirrored))
        .select(remote_post::remote_id)
        .load(conn)?)
}

/// The post with this id, or of which this is a version.
pub fn find(conn: &mut Conn, scope: Scope, id: &str) -> Result<Option<RemoteRow>, DbError> {
    if let Some(row) = find_by_key(conn, scope, id)? {
        return Ok(Some(row));
    }
    versions::find(conn, scope, id)?.map(|id| load(conn, id)).transpose()
}

fn find_by_key(conn: &mut Conn, scope: Scope, id: &str) -> Result<Option<RemoteRow>, DbError> {
    Ok(remote_post::table
        .filter(remote_post::network.eq(scope.network))
        .filter(remote_post::scope.eq(scope.scope))
        .filter(remote_post::remote_id.eq(id))
        .select(columns())
        .first(conn)
        .optional()?)
}

pub fn load(conn: &mut Conn, id: RemotePostId) -> Result<RemoteRow, DbError> {
    Ok(remote_post::table.find(id).select(columns()).first(conn)?)
}

/// As [`load`]; `None`: there is none of this id.
pub fn find_by_id(conn: &mut Conn, id: RemotePostId) -> Result<Option<RemoteRow>, DbError> {
    Ok(remote_post::table.find(id).select(columns()).first(conn).optional()?)
}

/// Who asked a mirrored question.
pub fn find_asker(conn: &mut Conn, question_id: i64) -> Result<Option<RemoteAuthorId>, DbError> {
    Ok(remote_post::table
        .filter(remote_post::question_id.eq(question_id))
        .filter(remote_post::post_kind.eq(PostKind::Question))
        .select(remote_post::remote_author_id)
        .first::<Option<RemoteAuthorId>>(conn)
        .optional()?
        .flatten())
}

/// The remote post behind a post here; held ones among them were edited and wait for staff with their new words.
pub fn find_by_post(conn: &mut Conn, post: PostRef) -> Result<Option<RemoteRow>, DbError> {
    Ok(remote_post::table
        .filter(remote_post::post_kind.eq(post.kind))
        .filter(remote_post::post_id.eq(post.id))
        .filter(remote_post::state.eq_any([Fate::Mirrored, Fate::Held]))
        .select(columns())
        .first(conn)
        .optional()?)
}

/// The newest ten threads that this author asked.
pub fn list_asked_by(conn: &mut Conn, author: RemoteAuthorId) -> Result<Vec<i64>, DbError> {
    Ok(remote_post::table
        .filter(remote_post::remote_author_id.eq(author))
        .filter(remote_post::post_kind.eq(PostKind::Question))
        .filter(remote_post::state.eq(Fate::Mirrored))
        .filter(remote_post::question_id.is_not_null())
        .order((remote_post::posted_at.desc(), remote_post::id.desc()))
        .limit(10)
        .select(remote_post::question_id.assume_not_null())
        .load(conn)?)
}

/// The asker's posts in a thread, newest first.
pub fn list_of_asker(conn: &mut Conn, question_id: i64, asker: RemoteAuthorId) -> Result<Vec<RemoteRow>, DbError> {
    Ok(remote_post::table
        .filter(remote_post::question_id.eq(question_id))
        .filter(remote_post::remote_author_id.eq(asker))
        .filter(remote_post::state.eq_any([Fate::Mirrored, Fate::Held]))
        .order((remote_post::posted_at.desc(), remote_post::id.desc()))
        .limit(100)
        .select(columns())
        .load(conn)?)
}

/// All that is stored of a thread.
pub fn list_of_question(conn: &mut Conn, question_id: i64) -> Result<Vec<RemoteRow>, DbError> {
    Ok(remote_post::table.filter(remote_post::question_id.eq(question_id)).select(columns()).load(conn)?)
}

/// What stands for no post here and says why: the network's id, and the reason.
pub fn list_set_aside(conn: &mut Conn) -> Result<Vec<(String, String)>, DbError> {
    Ok(remote_post::table
        .filter(remote_post::post_id.is_null())
        .filter(remote_post::reason.is_not_null())
        .select((remote_post::remote_id, remote_post::reason.assume_not_null()))
        .load(conn)?)
}

/// Posts that wait for staff, oldest first.
pub fn list_held(conn: &mut Conn, limit: i64) -> Result<Vec<RemoteRow>, DbError> {
    Ok(remote_post::table
        .filter(remote_post::state.eq(Fate::Held.literal()))
        .order((remote_post::posted_at, remote_post::id))
        .limit(limit)
        .select(columns())
        .load(conn)?)
}

/// Who wrote these posts, and their words.
pub fn list_words(
    conn: &mut Conn,
    ids: &[RemotePostId],
) -> Result<Vec<(RemotePostId, Option<RemoteAuthorId>, String)>, DbError> {
    let columns = (remote_post::id, remote_post::remote_author_id, remote_post::text);
    Ok(remote_post::table.filter(remote_post::id.eq_any(ids)).select(columns).load(conn)?)
}

pub fn count_held(conn: &mut Conn) -> Result<i64, DbError> {
    Ok(remote_post::table.filter(remote_post::state.eq(Fate::Held.literal())).count().get_result(conn)?)
}

/// Held posts that answer this one directly.
pub fn list_held_replies(conn: &mut Conn, scope: Scope, parent: &str) -> Result<Vec<RemotePostId>, DbError> {
    Ok(remote_post::table
        .filter(remote_post::network.eq(scope.network))
        .filter(remote_post::scope.eq(scope.scope))
        .filter(remote_post::state.eq(Fate::Held))
        .filter(remote_post::parent_remote_id.eq(parent))
        .select(remote_post::id)
        .load(conn)?)
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
            remote_post::raw.eq(None::<String>),
        ))
        .execute(&mut **tx)?;
    pictures::forget(tx, id)?;
    queue::close(tx, Kind::Held, id.0)?;
    recheck::forget(tx, id)
}

/// Stores an author or brings one up to date. A new photo becomes due.
pub fn upsert_author(
    tx: &mut Tx<'_>,
    scope: Scope,
    new: &NewAuthor<'_>,
    now: Millis,
) -> Result<RemoteAuthorId, DbError> {
    let row = (
        remote_author::network.eq(scope.network),
        remote_author::scope.eq(scope.scope),
        remote_author::remote_id.eq(new.remote_id),
        remote_author::handle.eq(new.handle),
        remote_author::name.eq(new.name),
        remote_author::followers.eq(new.followers),
        remote_author::picture_url.eq(new.picture_url),
        remote_author::picture_due_at.eq(new.picture_url.map(|_| now)),
        remote_author::seen_at.eq(now),
    );
    let (id, names, picture_url) = match find_author(tx, scope, new.remote_id)? {
        Some(known) => known,
        None => {
            // Another channel may store the same author at the same moment.
            per_database!(&mut **tx, conn => diesel::insert_into(remote_author::table)
                .values(row)
                .on_conflict_do_nothing()
                .execute(conn))?;
            find_author(tx, scope, new.remote_id)?.ok_or(diesel::result::Error::NotFound)?
        }
    };
    // Known by id only: what was learned before is better than nothing.
    if !new.handle.is_empty() || !new.name.is_empty() {
        if (names.0.as_str(), names.1.as_str()) != (new.handle, new.name) {
            portraits::shown_anew(tx, id)?;
        }
        diesel::update(remote_author::table.find(id))
            .set((
                remote_author::handle.eq(new.handle),
                remote_author::name.eq(new.name),
                remote_author::followers.eq(new.followers),
                remote_author::seen_at.eq(now),
            ))
            .execute(&mut **tx)?;
    }
    if new.picture_url.is_some() && new.picture_url != picture_url.as_deref() {
        diesel::update(remote_author::table.find(id))
            .set((remote_author::picture_url.eq(new.picture_url), remote_author::picture_due_at.eq(Some(now))))
            .execute(&mut **tx)?;
    }
    Ok(id)
}

/// An author, their handle and name, and the address of their photo.
type KnownAuthor = (RemoteAuthorId, (String, String), Option<String>);

/// An author by their id on the network.
fn find_author(conn: &mut Conn, scope: Scope, remote_id: &str) -> Result<Option<KnownAuthor>, DbError> {
    Ok(remote_author::table
        .filter(remote_author::network.eq(scope.network))
        .filter(remote_author::scope.eq(scope.scope))
        .filter(remote_author::remote_id.eq(remote_id))
        .select((remote_author::id, (remote_author::handle, remote_author::name), remote_author::picture_url))
        .first(conn)
        .optional()?)
}

/// An author's id on their network.
pub fn find_author_remote_id(conn: &mut Conn, id: RemoteAuthorId) -> Result<Option<String>, DbError> {
    Ok(remote_author::table.find(id).select(remote_author::remote_id).first(conn).optional()?)
}

/// Those of these authors whose names are known here, as they were last seen.
pub fn list_named(conn: &mut Conn, scope: Scope, ids: &[String]) -> Result<Vec<RemoteAuthor>, DbError> {
    type Row = (String, String, String, Option<String>, Option<i64>);
    let rows: Vec<Row> = remote_author::table
        .filter(remote_author::network.eq(scope.network))
        .filter(remote_author::scope.eq(scope.scope))
        .filter(remote_author::remote_id.eq_any(ids))
        .filter(remote_author::handle.ne("").or(remote_author::name.ne("")))
        .select((
            remote_author::remote_id,
            remote_author::handle,
            remote_author::name,
            remote_author::picture_url,
            remote_author::followers,
        ))
        .load(conn)?;
    let named =
        |(id, handle, name, picture_url, followers): Row| RemoteAuthor { id, handle, name, picture_url, followers };
    Ok(rows.into_iter().map(named).collect())
}
