//! What exists on the twin.
//!
//! Everything here is in memory and pure: a rule proposes a [`Change`], the caller writes it to the journal and then
//! applies it. Replaying the journal through [`World::apply`] gives the same world again, with the same deliveries.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use super::events::{About, Events};
use super::grants::Grants;
use super::journal::Change;
use super::posts::{Post, Refused};
use crate::clock::Millis;

/// When X's ids begin: milliseconds since 1970.
const ID_EPOCH: i64 = 1_288_834_974_657;

#[derive(Default)]
pub(super) struct World {
    pub users: BTreeMap<u64, User>,
    handles: HashMap<String, u64>,
    pub posts: BTreeMap<u64, Post>,
    by_author: HashMap<u64, BTreeSet<u64>>,
    by_parent: HashMap<u64, BTreeSet<u64>>,
    by_root: HashMap<u64, BTreeSet<u64>>,
    pub events: Events,
    pub grants: Grants,
    /// The app's secrets that replaced the one of the settings, oldest first.
    pub secrets: Vec<String>,
    ids: BTreeSet<u64>,
}

pub(super) struct User {
    pub id: u64,
    pub handle: String,
    pub name: String,
    pub followers: u64,
    pub created_at: Millis,
}

impl World {
    /// A fresh id as X makes them: the time in the upper bits, above the id of what it answers. Unless it is
    /// back-dated, it is above every post's.
    pub fn free_id(&self, now: Millis, at: Option<Millis>, parent: Option<u64>) -> u64 {
        let of = |time: Millis| u64::try_from((time.0 - ID_EPOCH).max(1)).unwrap_or(1) << 22;
        let lowest = match at.filter(|at| *at < now) {
            Some(at) => of(at),
            None => of(now).max(self.posts.last_key_value().map_or(0, |(last, _)| last + 1)),
        };
        let mut id = lowest.max(parent.map_or(0, |parent| parent + 1));
        while self.ids.contains(&id) {
            id += 1;
        }
        id
    }

    pub fn by_handle(&self, handle: &str) -> Option<&User> {
        self.handles.get(&handle.to_ascii_lowercase()).and_then(|id| self.users.get(id))
    }

    /// The post, unless it is deleted.
    pub fn post(&self, id: u64) -> Option<&Post> {
        self.posts.get(&id).filter(|post| post.deleted.is_none())
    }

    /// The posts that stand, newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Post> {
        self.posts.values().rev().filter(|post| post.deleted.is_none())
    }

    /// The posts of one author that stand, newest first.
    pub fn newest_of(&self, author: u64) -> impl Iterator<Item = &Post> {
        self.by_author.get(&author).into_iter().flatten().rev().filter_map(|id| self.post(*id))
    }

    /// The answers to a post that stand, oldest first.
    pub fn replies(&self, id: u64) -> impl Iterator<Item = &Post> {
        self.by_parent.get(&id).into_iter().flatten().filter_map(|id| self.post(*id))
    }

    /// The posts of a conversation, deleted ones too, oldest first.
    pub fn conversation(&self, root: u64) -> impl Iterator<Item = &Post> {
        self.by_root.get(&root).into_iter().flatten().filter_map(|id| self.posts.get(id))
    }

    pub fn draft_user(&self, handle: &str, name: &str, followers: u64, now: Millis) -> Result<Change, Refused> {
        let fine = (1..=15).contains(&handle.len()) && handle.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !fine {
            return Err(Refused::BadHandle(handle.chars().take(40).collect()));
        }
        let name = if name.trim().is_empty() { handle } else { name.trim() };
        let name = name.chars().take(50).collect();
        // An account is older than what it says; X gives it an id from that time.
        let joined = now.minus(Duration::from_secs(400 * 24 * 3600));
        let id = self.free_id(now, Some(joined), None);
        Ok(Change::User { id, handle: handle.to_owned(), name, followers, at: joined })
    }

    pub fn apply(&mut self, change: Change) {
        self.ids.extend(change.new_id());
        match change {
            Change::User { id, handle, name, followers, at } => {
                self.handles.insert(handle.to_ascii_lowercase(), id);
                self.users.insert(id, User { id, handle, name, followers, created_at: at });
            }
            Change::Post { id, author, typed, parent, silent } => self.apply_post(id, author, &typed, parent, &silent),
            Change::Delete { id, at } => {
                if let Some(post) = self.posts.get_mut(&id) {
                    post.deleted = Some(at);
                    let author = post.author;
                    self.events.announce(About::Post(id), "post.delete", |user| user == author);
                }
            }
            Change::Webhook { .. }
            | Change::WebhookChecked { .. }
            | Change::WebhookGone { .. }
            | Change::Subscribe { .. }
            | Change::Unsubscribe { .. }
            | Change::Attempt { .. } => self.events.apply(change),
            Change::Revoke { id, by_user, at } => {
                self.grants.apply(change);
                if let Some(user) = self.grants.user_of(id).filter(|_| by_user) {
                    self.events.announce(About::Revoked { user, at }, "oauth.revoke", |about| about == user);
                }
            }
            Change::Secret { secret } => self.secrets.push(secret),
            Change::Consent { .. } | Change::Grant { .. } | Change::Refresh { .. } => self.grants.apply(change),
        }
    }

    fn apply_post(&mut self, id: u64, author: u64, typed: &str, parent: Option<u64>, silent: &[u64]) {
        let parent_post = parent.and_then(|parent| self.posts.get(&parent));
        let root = parent_post.map_or(id, |parent| parent.root);
        let answered = parent_post.map(|parent| parent.author);
        let text = self.compose(author, typed, parent_post, silent);
        let named: Vec<u64> = text.typed_mentions().collect();
        self.posts.insert(id, Post { id, author, parent, root, text, deleted: None });
        self.by_author.entry(author).or_default().insert(id);
        self.by_root.entry(root).or_default().insert(id);
        if let Some(parent) = parent {
            self.by_parent.entry(parent).or_default().insert(id);
        }
        let about = About::Post(id);
        self.events.announce(about, "post.create", |user| user == author);
        self.events.announce(about, "post.mention.create", |user| user != author && named.contains(&user));
        self.events.announce(about, "post.reply.create", |user| user != author && answered == Some(user));
    }
}

/// When the post with this id was written.
pub(super) fn time_of(id: u64) -> Millis {
    Millis(ID_EPOCH.saturating_add_unsigned(id >> 22))
}
