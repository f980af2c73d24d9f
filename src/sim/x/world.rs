//! What exists on the twin, and X's rules about it.
//!
//! Everything here is in memory and pure: a rule proposes a [`Change`], the caller writes it to the journal and then
//! applies it. Replaying the journal through [`World::apply`] gives the same world again, with the same deliveries.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use super::journal::{Attempt, Change};
use super::text::{self, Named, Text};
use crate::clock::Millis;

/// When X's ids begin: milliseconds since 1970.
const ID_EPOCH: i64 = 1_288_834_974_657;
/// How long X remembers a text for its duplicate check.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(24 * 3600);
/// No account of X may write more than this; longer texts are not even read.
const MOST_CHARACTERS: usize = 25_000;

#[derive(Default)]
pub(super) struct World {
    pub users: BTreeMap<u64, User>,
    handles: HashMap<String, u64>,
    pub posts: BTreeMap<u64, Post>,
    pub webhooks: BTreeMap<u64, Webhook>,
    pub subscriptions: BTreeMap<u64, Subscription>,
    /// Every event that a webhook was to hear of, in order of acceptance.
    pub deliveries: Vec<Delivery>,
    ids: BTreeSet<u64>,
}

pub(super) struct User {
    pub id: u64,
    pub handle: String,
    pub name: String,
    pub followers: u64,
    pub created_at: Millis,
}

pub(super) struct Post {
    pub id: u64,
    pub author: u64,
    pub parent: Option<u64>,
    /// The first post of the conversation.
    pub root: u64,
    pub text: Text,
    pub deleted: Option<Millis>,
}

pub(super) struct Webhook {
    pub id: u64,
    pub url: String,
    pub valid: bool,
    pub created_at: Millis,
}

pub(super) struct Subscription {
    pub id: u64,
    pub event: String,
    pub user: u64,
    pub tag: Option<String>,
    pub webhook: Option<u64>,
    pub created_at: Millis,
}

/// One event for one subscription. `attempt` is `None` while it waits.
pub(super) struct Delivery {
    pub subscription: u64,
    pub webhook: u64,
    pub event: String,
    pub tag: Option<String>,
    pub user: u64,
    pub post: u64,
    pub attempt: Option<(Attempt, Millis)>,
}

/// Where a post is written: X's web pages let people do what its API forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Api,
    Page,
}

/// A post that somebody wants to write.
pub(super) struct Draft<'a> {
    pub author: u64,
    pub typed: &'a str,
    pub parent: Option<u64>,
    /// People who are not to be named in front of a reply.
    pub silent: Vec<u64>,
    pub at: Option<Millis>,
    pub by: By,
}

/// Why X does not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("A post needs a text.")]
    Empty,
    #[error("The text weighs {0}; a post may weigh {longest}. Shorten it.", longest = text::LONGEST)]
    TooLong(usize),
    #[error("This account has said exactly that within the last day. Say it in other words.")]
    Duplicate,
    #[error("The post you want to answer is deleted or was never there.")]
    ParentGone,
    #[error(
        "The author of that post has not mentioned this account in it, so X's API does not let the account answer."
    )]
    NotSummoned,
    #[error("Only the author can delete a post.")]
    NotOwn,
    #[error("There is no such post.")]
    NoSuchPost,
    #[error("A handle is 1 to 15 letters, digits or underscores; {0:?} is not.")]
    BadHandle(String),
    #[error("Nobody here has the handle {0:?}.")]
    NoSuchUser(String),
    #[error("The twin could not write its journal: {0}. Look at the disk, then try again.")]
    Journal(#[from] std::io::Error),
}

impl World {
    /// A fresh id as X makes them: the time in the upper bits. Unless it is back-dated, it is above every post's.
    pub fn free_id(&self, now: Millis, at: Option<Millis>) -> u64 {
        let of = |time: Millis| u64::try_from((time.0 - ID_EPOCH).max(1)).unwrap_or(1) << 22;
        let mut id = match at.filter(|at| *at < now) {
            Some(at) => of(at),
            None => of(now).max(self.posts.last_key_value().map_or(0, |(last, _)| last + 1)),
        };
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

    pub fn replies(&self, id: u64) -> impl Iterator<Item = &Post> {
        self.posts
            .range(id + 1..)
            .map(|(_, post)| post)
            .filter(move |post| post.parent == Some(id) && post.deleted.is_none())
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
        Ok(Change::User { id: self.free_id(now, Some(joined)), handle: handle.to_owned(), name, followers, at: joined })
    }

    /// Holds a draft against X's rules.
    pub fn draft_post(&self, draft: Draft<'_>, now: Millis) -> Result<Change, Refused> {
        let typed = draft.typed.replace("\r\n", "\n").trim().to_owned();
        if typed.is_empty() {
            return Err(Refused::Empty);
        }
        if typed.chars().take(MOST_CHARACTERS + 1).count() > MOST_CHARACTERS {
            return Err(Refused::TooLong(MOST_CHARACTERS + 1));
        }
        let parent = match draft.parent {
            Some(id) => Some(self.post(id).ok_or(Refused::ParentGone)?),
            None => None,
        };
        let text = self.compose(draft.author, &typed, parent, &draft.silent);
        if text.weight() > text::LONGEST {
            return Err(Refused::TooLong(text.weight()));
        }
        if draft.by == By::Api && parent.is_some_and(|parent| !may_answer(draft.author, parent)) {
            return Err(Refused::NotSummoned);
        }
        // Nobody answers before they are asked.
        let at = draft.at.map(|at| parent.map_or(at, |parent| at.max(time_of(parent.id))));
        let id = self.free_id(now, at);
        let stored = text.stored();
        let said = |post: &Post| {
            post.author == draft.author
                && time_of(id).since(time_of(post.id)) < DUPLICATE_WINDOW
                && post.text.stored() == stored
        };
        if self.newest_first().any(said) {
            return Err(Refused::Duplicate);
        }
        Ok(Change::Post { id, author: draft.author, typed, parent: draft.parent, silent: draft.silent })
    }

    pub fn draft_delete(&self, author: u64, id: u64, now: Millis) -> Result<Change, Refused> {
        let post = self.post(id).ok_or(Refused::NoSuchPost)?;
        if post.author == author { Ok(Change::Delete { id, at: now }) } else { Err(Refused::NotOwn) }
    }

    pub fn apply(&mut self, change: Change) {
        match change {
            Change::User { id, handle, name, followers, at } => {
                self.ids.insert(id);
                self.handles.insert(handle.to_ascii_lowercase(), id);
                self.users.insert(id, User { id, handle, name, followers, created_at: at });
            }
            Change::Post { id, author, typed, parent, silent } => self.apply_post(id, author, &typed, parent, &silent),
            Change::Delete { id, at } => {
                if let Some(post) = self.posts.get_mut(&id) {
                    post.deleted = Some(at);
                    let author = post.author;
                    self.announce(id, "post.delete", |user| user == author);
                }
            }
            Change::Webhook { id, url, at } => {
                self.ids.insert(id);
                self.webhooks.insert(id, Webhook { id, url, valid: true, created_at: at });
            }
            Change::WebhookChecked { id, valid } => {
                if let Some(webhook) = self.webhooks.get_mut(&id) {
                    webhook.valid = valid;
                }
            }
            Change::WebhookGone { id } => {
                self.webhooks.remove(&id);
                self.subscriptions.retain(|_, subscription| subscription.webhook != Some(id));
            }
            Change::Subscribe { id, event, user, tag, webhook, at } => {
                self.ids.insert(id);
                self.subscriptions.insert(id, Subscription { id, event, user, tag, webhook, created_at: at });
            }
            Change::Unsubscribe { id } => {
                self.subscriptions.remove(&id);
            }
            Change::Attempt { delivery, result, at } => {
                if let Some(delivery) = self.deliveries.get_mut(delivery) {
                    delivery.attempt = Some((result, at));
                }
            }
        }
    }

    fn apply_post(&mut self, id: u64, author: u64, typed: &str, parent: Option<u64>, silent: &[u64]) {
        let parent_post = parent.and_then(|parent| self.posts.get(&parent));
        let root = parent_post.map_or(id, |parent| parent.root);
        let answered = parent_post.map(|parent| parent.author);
        let text = self.compose(author, typed, parent_post, silent);
        let named: Vec<u64> = text.typed_mentions().collect();
        self.ids.insert(id);
        self.posts.insert(id, Post { id, author, parent, root, text, deleted: None });
        self.announce(id, "post.create", |user| user == author);
        self.announce(id, "post.mention.create", |user| user != author && named.contains(&user));
        self.announce(id, "post.reply.create", |user| user != author && answered == Some(user));
    }

    /// Queues an event for every subscription to it whose user `concerns`.
    fn announce(&mut self, post: u64, event: &str, concerns: impl Fn(u64) -> bool) {
        for subscription in self.subscriptions.values() {
            let Some(webhook) = subscription.webhook else { continue };
            if subscription.event == event && concerns(subscription.user) {
                self.deliveries.push(Delivery {
                    subscription: subscription.id,
                    webhook,
                    event: event.to_owned(),
                    tag: subscription.tag.clone(),
                    user: subscription.user,
                    post,
                    attempt: None,
                });
            }
        }
    }

    /// A reply is to its parent's author and to everyone the parent names, its own author left out.
    fn compose(&self, author: u64, typed: &str, parent: Option<&Post>, silent: &[u64]) -> Text {
        let mut people: Vec<u64> = Vec::new();
        if let Some(parent) = parent {
            people.push(parent.author);
            people.extend(parent.text.mentions().filter(|user| !silent.contains(user)));
        }
        let mut seen = BTreeSet::from([author]);
        people.retain(|user| seen.insert(*user));
        let named = |user: &User| Named { user: user.id, handle: user.handle.clone() };
        let lead: Vec<Named> = people.iter().filter_map(|id| self.users.get(id)).map(named).collect();
        Text::compose(typed, &lead, |handle| self.by_handle(handle).map(named))
    }
}

/// X's rule of February 2026: the API answers only those who named the account in that very post, and oneself.
fn may_answer(author: u64, parent: &Post) -> bool {
    parent.author == author || parent.text.typed_mentions().any(|user| user == author)
}

/// When the post with this id was written.
pub(super) fn time_of(id: u64) -> Millis {
    Millis(ID_EPOCH.saturating_add_unsigned(id >> 22))
}
