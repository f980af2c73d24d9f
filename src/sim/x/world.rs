//! What exists on the twin.
//!
//! Everything here is in memory and pure: a rule proposes a [`Change`], the caller writes it to the journal and then
//! applies it. Replaying the journal through [`World::apply`] gives the same world again, with the same deliveries.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use super::events::{About, Events};
use super::grants::Grants;
use super::journal::{Change, Trait, Written};
use super::media::Media;
use super::messages::{Message, Messages};
use super::posts::{MOST_CHARACTERS, Post, Refused};
use super::text;
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
    /// All versions of each edited post, by its first.
    pub edits: HashMap<u64, Vec<u64>>,
    pub messages: Messages,
    pub media: Media,
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
    /// Pays X: may write long posts.
    pub premium: bool,
    /// Shows posts to followers only.
    pub protected: bool,
    /// Takes messages only from those they wrote to.
    pub closed: bool,
}

impl User {
    /// How much a post of theirs may weigh.
    pub fn longest(&self) -> usize {
        if self.premium { MOST_CHARACTERS } else { text::LONGEST }
    }
}

impl World {
    /// A fresh id as X makes them: the time in the upper bits, above the id of what it answers. Unless it is
    /// back-dated, it is above every post's.
    pub fn free_id(&self, now: Millis, at: Option<Millis>, parent: Option<u64>) -> u64 {
        let of = |time: Millis| u64::try_from((time.0 - ID_EPOCH).max(1)).unwrap_or(1) << 22;
        let last = || self.posts.last_key_value().map(|(last, _)| last + 1).unwrap_or_default();
        let lowest = match at.filter(|at| *at < now) {
            Some(at) => of(at),
            None => of(now).max(last()),
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

    /// The post in this version, unless it is deleted.
    pub fn post(&self, id: u64) -> Option<&Post> {
        self.posts.get(&id).filter(|post| post.deleted.is_none())
    }

    /// Whether only followers see what this person writes. The forum follows nobody.
    pub fn is_hidden(&self, post: &Post) -> bool {
        self.users.get(&post.author).is_some_and(|user| user.protected)
    }

    /// The posts that stand in their newest version, newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Post> {
        self.posts.values().rev().filter(|post| post.deleted.is_none() && !post.outdated)
    }

    /// The same, down to this id and without it.
    pub fn newest_above(&self, id: u64) -> impl Iterator<Item = &Post> {
        let above = self.posts.range(id.saturating_add(1)..).rev().map(|(_, post)| post);
        above.filter(|post| post.deleted.is_none() && !post.outdated)
    }

    /// The posts of one author that stand, newest first.
    pub fn newest_of(&self, author: u64) -> impl Iterator<Item = &Post> {
        let own = self.by_author.get(&author).into_iter().flatten().rev();
        own.filter_map(|id| self.post(*id)).filter(|post| !post.outdated)
    }

    /// The answers to this version of a post that stand, oldest first.
    pub fn replies(&self, id: u64) -> impl Iterator<Item = &Post> {
        let answers = self.by_parent.get(&id).into_iter().flatten();
        answers.filter_map(|id| self.post(*id)).filter(|post| !post.outdated)
    }

    /// The posts of a conversation in their newest versions, deleted ones too, oldest first.
    pub fn conversation(&self, root: u64) -> impl Iterator<Item = &Post> {
        let members = self.by_root.get(&root).into_iter().flatten();
        members.filter_map(|id| self.posts.get(id)).filter(|post| !post.outdated)
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
                let (premium, protected, closed) = (false, false, false);
                let user = User { id, handle, name, followers, created_at: at, premium, protected, closed };
                self.users.insert(id, user);
            }
            Change::Trait { user, which, on } => {
                if let Some(user) = self.users.get_mut(&user) {
                    match which {
                        Trait::Premium => user.premium = on,
                        Trait::Protected => user.protected = on,
                        Trait::Closed => user.closed = on,
                    }
                }
            }
            Change::Post { id, author, typed, parent, silent, written } => {
                self.apply_post(id, author, &typed, (parent, &silent), written);
            }
            Change::Delete { id, at } => self.apply_delete(id, at),
            Change::Message { id, from, to, typed, media } => {
                let text = self.compose_message(&typed);
                self.messages.all.insert(id, Message { id, from, to, text, media, deleted: false });
                self.events.announce(About::Message(id), "dm.received", |user| user == to);
                self.events.announce(About::Message(id), "dm.sent", |user| user == from);
            }
            Change::MessageGone { id } => {
                if let Some(message) = self.messages.all.get_mut(&id) {
                    message.deleted = true;
                }
            }
            Change::Media { .. } | Change::AltText { .. } => self.media.apply(change),
            Change::Webhook { .. }
            | Change::WebhookChecked { .. }
            | Change::WebhookGone { .. }
            | Change::Subscribe { .. }
            | Change::Unsubscribe { .. }
            | Change::Replay { .. }
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

    fn apply_post(&mut self, id: u64, author: u64, typed: &str, to: (Option<u64>, &[u64]), written: Written) {
        let (parent, silent) = to;
        let parent_post = parent.and_then(|parent| self.posts.get(&parent));
        let answered = parent_post.map(|parent| parent.author);
        let earlier = written.edits.and_then(|earlier| self.posts.get(&earlier));
        let first = earlier.map_or(id, |earlier| earlier.first);
        let root = parent_post.map_or(first, |parent| parent.root);
        let mut text = self.compose(author, typed, parent_post, silent);
        if !written.media.is_empty() {
            let handle = self.users.get(&author).map_or("", |user| user.handle.as_str());
            text.show_pictures(&format!("https://x.com/{handle}/status/{id}/photo/1"));
        }
        let named: Vec<u64> = text.typed_mentions().collect();
        let Written { media, quoted, edits } = written;
        if let Some(earlier) = edits.and_then(|earlier| self.posts.get_mut(&earlier)) {
            earlier.outdated = true;
            self.edits.entry(first).or_insert_with(|| vec![first]).push(id);
        }
        let post = Post { id, author, parent, root, text, media, quoted, first, outdated: false, deleted: None };
        let hidden = self.is_hidden(&post);
        self.posts.insert(id, post);
        self.by_author.entry(author).or_default().insert(id);
        self.by_root.entry(root).or_default().insert(id);
        if let Some(parent) = parent {
            self.by_parent.entry(parent).or_default().insert(id);
        }
        if !hidden {
            let about = About::Post(id);
            self.events.announce(about, "post.create", |user| user == author);
            self.events.announce(about, "post.mention.create", |user| user != author && named.contains(&user));
            self.events.announce(about, "post.reply.create", |user| user != author && answered == Some(user));
        }
    }

    /// All versions go together.
    fn apply_delete(&mut self, id: u64, at: Millis) {
        let Some(post) = self.posts.get(&id) else { return };
        let author = post.author;
        for version in self.versions(post) {
            if let Some(post) = self.posts.get_mut(&version) {
                post.deleted = Some(at);
            }
        }
        self.events.announce(About::Deleted { post: id, at }, "post.delete", |user| user == author);
    }
}

/// When the post with this id was written.
pub(super) fn time_of(id: u64) -> Millis {
    Millis(ID_EPOCH.saturating_add_unsigned(id >> 22))
}
