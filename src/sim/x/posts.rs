//! Posts, and X's rules about who may write what.

use std::collections::BTreeSet;
use std::time::Duration;

use super::journal::{Change, Written};
use super::text::{self, Named, Text};
use super::world::{User, World, time_of};
use crate::clock::Millis;

/// How long X remembers a text for its duplicate check.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(24 * 3600);
/// How long a post can be edited, counted from its first version, and how often.
pub(super) const EDIT_WINDOW: Duration = Duration::from_secs(3600);
pub(super) const MOST_EDITS: usize = 5;
/// No account of X may write more than this; longer texts are not even read.
pub(super) const MOST_CHARACTERS: usize = 25_000;
const MOST_PICTURES: usize = 4;

pub(super) struct Post {
    pub id: u64,
    pub author: u64,
    pub parent: Option<u64>,
    /// The first post of the conversation, in its first version.
    pub root: u64,
    pub text: Text,
    pub media: Vec<u64>,
    pub quoted: Option<u64>,
    /// The first version of an edited post; a post that was never edited is its own.
    pub first: u64,
    /// Whether a newer version took its place.
    pub outdated: bool,
    pub deleted: Option<Millis>,
}

/// Where a post is written: X's web pages let people do what its API forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Api,
    Page,
    /// It stood on X long ago: no rule of today can undo it.
    Past,
}

/// A post that somebody wants to write.
pub(super) struct Draft<'a> {
    pub author: u64,
    pub typed: &'a str,
    pub parent: Option<u64>,
    /// People who are not to be named in front of a reply.
    pub silent: Vec<u64>,
    pub media: Vec<u64>,
    pub quoted: Option<u64>,
    /// The version that this one replaces.
    pub edits: Option<u64>,
    pub at: Option<Millis>,
    pub by: By,
}

impl<'a> Draft<'a> {
    pub fn new(author: u64, typed: &'a str, by: By) -> Self {
        Self {
            author,
            typed,
            parent: None,
            silent: Vec::new(),
            media: Vec::new(),
            quoted: None,
            edits: None,
            at: None,
            by,
        }
    }
}

/// Why X does not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("A post needs a text or a picture.")]
    Empty,
    #[error("The text weighs {weight}; a post of this account may weigh {longest}. Shorten it.")]
    TooLong { weight: usize, longest: usize },
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
    #[error("A post can be edited by its author for an hour, five times, and only if it answers nobody.")]
    NotEditable,
    #[error("There is no such post.")]
    NoSuchPost,
    #[error("A picture is missing, not finished, somebody else's or a day old; a post may have four.")]
    BadMedia,
    #[error("A picture must be a JPEG, PNG, GIF or WebP of at most 5 MB.")]
    NoPicture,
    #[error("This person takes no messages from that account.")]
    Closed,
    #[error("A handle is 1 to 15 letters, digits or underscores; {0:?} is not.")]
    BadHandle(String),
    #[error("Nobody here has the handle {0:?}.")]
    NoSuchUser(String),
    #[error("X has no scope {0:?}.")]
    NoSuchScope(String),
    #[error("The twin could not write its journal: {0}. Look at the disk, then try again.")]
    Journal(#[from] std::io::Error),
}

impl World {
    /// Holds a draft against X's rules.
    pub fn draft_post(&self, draft: Draft<'_>, now: Millis) -> Result<Change, Refused> {
        let typed = draft.typed.replace("\r\n", "\n").trim().to_owned();
        if typed.is_empty() && draft.media.is_empty() {
            return Err(Refused::Empty);
        }
        let longest = self.users.get(&draft.author).map_or(text::LONGEST, User::longest);
        if typed.chars().take(MOST_CHARACTERS + 1).count() > MOST_CHARACTERS {
            return Err(Refused::TooLong { weight: MOST_CHARACTERS + 1, longest });
        }
        let edited = draft.edits.map(|id| self.editable(id, draft.author, now)).transpose()?;
        let parent = match draft.parent {
            Some(id) => Some(self.parent_for(id, draft.by).ok_or(Refused::ParentGone)?),
            None => None,
        };
        if draft.quoted.is_some_and(|id| self.post(id).is_none()) {
            return Err(Refused::NoSuchPost);
        }
        let text = self.compose(draft.author, &typed, parent, &draft.silent);
        if draft.by != By::Past && text.weight() > longest {
            return Err(Refused::TooLong { weight: text.weight(), longest });
        }
        if draft.by == By::Api && parent.is_some_and(|parent| !self.may_answer(draft.author, parent)) {
            return Err(Refused::NotSummoned);
        }
        let media = self.media.usable(&draft.media, draft.author, now);
        if draft.media.len() > MOST_PICTURES || media.is_none() {
            return Err(Refused::BadMedia);
        }
        let id = self.free_id(now, draft.at, draft.parent);
        let new = draft.by != By::Past && draft.media.is_empty() && edited.is_none();
        if new && self.has_said(draft.author, &text.stored(), time_of(id)) {
            return Err(Refused::Duplicate);
        }
        let written = Written { media: draft.media, quoted: draft.quoted, edits: draft.edits };
        Ok(Change::Post { id, author: draft.author, typed, parent: draft.parent, silent: draft.silent, written })
    }

    /// A post that can be answered. What stood in the past could be answered then, even if it is deleted today.
    fn parent_for(&self, id: u64, by: By) -> Option<&Post> {
        if by == By::Past { self.posts.get(&id) } else { self.post(id) }
    }

    fn editable(&self, id: u64, author: u64, now: Millis) -> Result<&Post, Refused> {
        let post = self.post(id).ok_or(Refused::NoSuchPost)?;
        let young = now.since(time_of(post.first)) < EDIT_WINDOW && self.versions(post).len() <= MOST_EDITS;
        let fine = post.author == author && !post.outdated && post.parent.is_none() && young;
        if fine { Ok(post) } else { Err(Refused::NotEditable) }
    }

    pub fn may_be_edited(&self, id: u64, now: Millis) -> bool {
        self.posts.get(&id).is_some_and(|post| self.editable(id, post.author, now).is_ok())
    }

    /// The ids of all versions of a post, oldest first.
    pub fn versions(&self, post: &Post) -> Vec<u64> {
        self.edits.get(&post.first).cloned().unwrap_or_else(|| vec![post.id])
    }

    fn has_said(&self, author: u64, stored: &str, at: Millis) -> bool {
        let recent = self.newest_of(author).take_while(|post| at.since(time_of(post.id)) < DUPLICATE_WINDOW);
        recent.into_iter().any(|post| post.media.is_empty() && post.text.stored() == stored)
    }

    pub fn draft_delete(&self, author: u64, id: u64, now: Millis) -> Result<Change, Refused> {
        let post = self.post(id).ok_or(Refused::NoSuchPost)?;
        if post.author == author { Ok(Change::Delete { id, at: now }) } else { Err(Refused::NotOwn) }
    }

    /// X's rule of February 2026: the API answers only those who named the account in that very post or quoted it
    /// there, and oneself.
    fn may_answer(&self, author: u64, parent: &Post) -> bool {
        let quoted = parent.quoted.and_then(|id| self.posts.get(&id)).is_some_and(|quoted| quoted.author == author);
        parent.author == author || quoted || parent.text.typed_mentions().any(|user| user == author)
    }

    /// A reply is to its parent's author and to everyone the parent names, its own author left out.
    pub fn compose(&self, author: u64, typed: &str, parent: Option<&Post>, silent: &[u64]) -> Text {
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
