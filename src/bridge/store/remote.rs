//! Remote posts: each stored once, whoever brings it and however often. Here is what is known of them; what becomes of them
//! stands in `change`, and who wrote them in `authors`.

mod change;

use diesel::prelude::*;

pub use self::change::{
    NewPost, NewWords, insert, mark_held, mark_ignored, mark_mirrored, mark_removed, set_given_title, set_hidden,
    set_words,
};
pub use super::authors::{NewAuthor, find_author_remote_id, list_named, upsert_author};
pub use super::portraits::{find_picture_due, forget_author_if_unused, set_picture, set_picture_due};
use super::versions;
use crate::bridge::{ChannelId, RemotePostId};
use crate::clock::Millis;
use crate::db::schema::remote_post;
use crate::db::{Conn, DbError, PostKind, PostRef, text_enum};
use crate::posts::{Origin, RemoteAuthorId};

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
    /// The title that its question got last. A question that has another one has it from staff.
    pub given_title: Option<String>,
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
        remote_post::given_title,
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
