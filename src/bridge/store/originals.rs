//! The originals behind the posts of a thread: where each stands on its network, what it replied to, what it quotes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::prelude::*;

use super::remote::Fate;
use crate::bridge::RemotePostId;
use crate::bridge::pictures::{Pictures, load_public};
use crate::clock::Millis;
use crate::db::schema::{remote_author, remote_post};
use crate::db::{Conn, DbError, PostKind, PostRef};
use crate::posts::{Called, Origin};

/// Where a mirrored post came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MirrorView {
    pub remote_post_id: RemotePostId,
    /// The network's own id of the post.
    pub remote_id: String,
    pub url: String,
    pub posted_at: Millis,
    /// When its author changed it last.
    pub edited_at: Option<Millis>,
    /// Since when it is hidden on the network.
    pub hidden_at: Option<Millis>,
    /// The post of this thread that it replied to on the network.
    pub parent: Option<ParentView>,
    /// A post outside of the thread without which it cannot be understood: our own, replied to or quoted.
    pub quote: Option<QuoteView>,
    /// None while its new words wait for staff.
    pub pictures: Pictures,
}

/// The post of the same thread that a remote post replied to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParentView {
    pub remote_id: String,
    /// What stands for it here.
    pub post: PostRef,
    /// Who wrote it.
    pub by: Called,
}

/// A post that another one is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuoteView {
    /// Who wrote it.
    pub by: Called,
    pub text: String,
    pub url: String,
    pub posted_at: Millis,
    /// The other one replied to it; else it quotes it.
    pub replied_to: bool,
}

#[derive(Clone, Queryable)]
pub(super) struct Row {
    id: RemotePostId,
    scope: (Origin, String),
    remote_id: String,
    /// The id of its newest version, where it was edited.
    version: Option<String>,
    parent: Option<String>,
    quoted: Option<String>,
    url: String,
    /// Posted, edited, hidden.
    times: (Millis, Option<Millis>, Option<Millis>),
    fate: Fate,
    post: (Option<PostKind>, Option<i64>),
    text: String,
    /// Handle and name.
    author: (Option<String>, Option<String>),
}

impl Row {
    fn post(&self) -> Option<PostRef> {
        Some(PostRef { kind: self.post.0?, id: self.post.1? })
    }

    fn by(&self) -> Called {
        let (handle, name) = &self.author;
        self.scope.0.called(handle.as_deref().unwrap_or_default(), name.as_deref().unwrap_or_default())
    }

    fn as_parent(&self) -> Option<ParentView> {
        Some(ParentView { remote_id: self.remote_id.clone(), post: self.post()?, by: self.by() })
    }

    fn as_quote(&self, replied_to: bool) -> Option<QuoteView> {
        (self.fate == Fate::Ours && !self.text.is_empty()).then(|| QuoteView {
            by: self.by(),
            text: self.text.clone(),
            url: self.url.clone(),
            posted_at: self.times.0,
            replied_to,
        })
    }
}

#[diesel::dsl::auto_type(no_type_alias)]
fn columns() -> _ {
    (
        remote_post::id,
        (remote_post::network, remote_post::scope),
        remote_post::remote_id,
        remote_post::version_id,
        remote_post::parent_remote_id,
        remote_post::quoted_remote_id,
        remote_post::url,
        (remote_post::posted_at, remote_post::edited_at, remote_post::hidden_at),
        remote_post::state,
        (remote_post::post_kind, remote_post::post_id),
        remote_post::text,
        (remote_author::handle.nullable(), remote_author::name.nullable()),
    )
}

/// Posts of ours by the keys of one network and scope.
pub(super) fn load_ours(conn: &mut Conn, network: &str, scope: &str, ids: Vec<&str>) -> Result<Vec<Row>, DbError> {
    Ok(remote_post::table
        .left_join(remote_author::table)
        .filter(remote_post::network.eq(network))
        .filter(remote_post::scope.eq(scope))
        .filter(remote_post::remote_id.eq_any(ids))
        .filter(remote_post::state.eq(Fate::Ours))
        .select(columns())
        .load(conn)?)
}

/// The originals behind the posts of these threads: two queries, and one more where something outside of it is referred to.
pub fn load_mirrors(conn: &mut Conn, threads: &[i64]) -> Result<HashMap<PostRef, MirrorView>, DbError> {
    let rows: Vec<Row> = remote_post::table
        .left_join(remote_author::table)
        .filter(remote_post::question_id.eq_any(threads))
        .order(remote_post::posted_at)
        .select(columns())
        .load(conn)?;
    // A reply names the version that its author saw.
    let ids = rows
        .iter()
        .flat_map(|row| std::iter::once(&row.remote_id).chain(&row.version).map(move |id| (id.as_str(), row)));
    let here: HashMap<&str, &Row> = ids.collect();
    let referred = rows.iter().flat_map(|row| [&row.parent, &row.quoted].map(|id| (row, id)));
    let mut outside: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for (row, id) in referred {
        if let Some(id) = id.as_deref().filter(|id| !here.contains_key(id)) {
            outside.entry((row.scope.0.as_str(), row.scope.1.as_str())).or_default().insert(id);
        }
    }
    let mut found: Vec<Row> = Vec::new();
    for ((network, scope), ids) in outside {
        found.extend(load_ours(conn, network, scope, ids.into_iter().collect())?);
    }
    let outside: HashMap<String, Row> = found.into_iter().map(|row| (row.remote_id.clone(), row)).collect();
    let mut pictures = load_public(conn, threads)?;
    let mut view = |row: &Row| {
        let quote = row.quoted.as_ref().and_then(|id| outside.get(id)).and_then(|quoted| quoted.as_quote(false));
        let above = row.parent.as_ref().and_then(|id| outside.get(id)).and_then(|parent| parent.as_quote(true));
        MirrorView {
            remote_post_id: row.id,
            remote_id: row.remote_id.clone(),
            url: row.url.clone(),
            posted_at: row.times.0,
            edited_at: row.times.1,
            hidden_at: row.times.2,
            parent: row.parent.as_deref().and_then(|id| here.get(id)).and_then(|parent| parent.as_parent()),
            quote: quote.or(above),
            pictures: pictures.remove(&row.id).unwrap_or_default(),
        }
    };
    // Our own replies carry an answer that was written here: they are deliveries of it, not where it came from.
    let mirrored = rows.iter().filter(|row| matches!(row.fate, Fate::Mirrored | Fate::Held));
    Ok(mirrored.filter_map(|row| Some((row.post()?, view(row)))).collect())
}
