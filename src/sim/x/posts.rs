//! Posts, and X's rules about who may write what.

use std::collections::BTreeSet;
use std::time::Duration;

use super::journal::Change;
use super::text::{self, Named, Text};
use super::world::{User, World, time_of};
use crate::clock::Millis;

/// How long X remembers a text for its duplicate check.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(24 * 3600);
/// No account of X may write more than this; longer texts are not even read.
const MOST_CHARACTERS: usize = 25_000;

pub(super) struct Post {
    pub id: u64,
    pub author: u64,
    pub parent: Option<u64>,
    /// The first post of the conversation.
    pub root: u64,
    pub text: Text,
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
    #[error("X has no scope {0:?}.")]
    NoSuchScope(String),
    #[error("The twin could not write its journal: {0}. Look at the disk, then try again.")]
    Journal(#[from] std::io::Error),
}

impl World {
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
            Some(id) => Some(self.parent_for(id, draft.by).ok_or(Refused::ParentGone)?),
            None => None,
        };
        let text = self.compose(draft.author, &typed, parent, &draft.silent);
        if draft.by != By::Past && text.weight() > text::LONGEST {
            return Err(Refused::TooLong(text.weight()));
        }
        if draft.by == By::Api && parent.is_some_and(|parent| !may_answer(draft.author, parent)) {
            return Err(Refused::NotSummoned);
        }
        let id = self.free_id(now, draft.at, draft.parent);
        if draft.by != By::Past && self.has_said(draft.author, &text.stored(), time_of(id)) {
            return Err(Refused::Duplicate);
        }
        Ok(Change::Post { id, author: draft.author, typed, parent: draft.parent, silent: draft.silent })
    }

    /// A post that can be answered. What stood in the past could be answered then, even if it is deleted today.
    fn parent_for(&self, id: u64, by: By) -> Option<&Post> {
        if by == By::Past { self.posts.get(&id) } else { self.post(id) }
    }

    fn has_said(&self, author: u64, stored: &str, at: Millis) -> bool {
        let recent = self.newest_of(author).take_while(|post| at.since(time_of(post.id)) < DUPLICATE_WINDOW);
        recent.into_iter().any(|post| post.text.stored() == stored)
    }

    pub fn draft_delete(&self, author: u64, id: u64, now: Millis) -> Result<Change, Refused> {
        let post = self.post(id).ok_or(Refused::NoSuchPost)?;
        if post.author == author { Ok(Change::Delete { id, at: now }) } else { Err(Refused::NotOwn) }
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

/// X's rule of February 2026: the API answers only those who named the account in that very post, and oneself.
fn may_answer(author: u64, parent: &Post) -> bool {
    parent.author == author || parent.text.typed_mentions().any(|user| user == author)
}
