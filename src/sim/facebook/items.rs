//! Posts and comments, and Facebook's rules about who may write, change, hide and remove them.

use super::journal::{Change, Place, Shown, Written};
use super::people::digits_of;
use super::world::World;
use super::{By, Refused};
use crate::clock::Millis;

/// The longest comment and post, counted as Facebook counts: in UTF-16 units.
const LONGEST_COMMENT: usize = 8_000;
const LONGEST_POST: usize = 63_206;
/// How many digits the numbers in ids have: a post's and a comment's.
const USUAL_DIGITS: (usize, usize) = (18, 15);

/// A post or a comment.
pub(super) struct Item {
    pub number: u64,
    pub id: String,
    pub author: u64,
    pub by: Option<u64>,
    pub app: bool,
    pub place: Place,
    pub text: String,
    pub shown: Option<Shown>,
    pub link: Option<String>,
    pub at: Millis,
    pub edited: Option<Millis>,
    pub hidden: bool,
    pub removed: Option<Millis>,
    /// The message that answered it privately.
    pub answered: Option<u64>,
}

impl Item {
    pub fn is_post(&self) -> bool {
        matches!(self.place, Place::Wall(_))
    }

    /// The number of the post it is or stands under.
    pub fn post(&self) -> u64 {
        match self.place {
            Place::Wall(_) => self.number,
            Place::Under { post, .. } => post,
        }
    }

    /// The comment it stands under.
    pub fn parent(&self) -> Option<u64> {
        match self.place {
            Place::Wall(_) => None,
            Place::Under { parent, .. } => parent,
        }
    }

    /// The part of the id behind the line.
    pub fn last_part(&self) -> &str {
        self.id.rsplit_once('_').map_or(self.id.as_str(), |(_, last)| last)
    }
}

/// A post or comment that somebody wants to write.
pub(super) struct Draft<'a> {
    pub author: u64,
    pub by: By,
    pub typed: &'a str,
    pub to: To,
    pub shown: Option<Shown>,
    pub link: Option<String>,
    pub at: Option<Millis>,
}

/// Where to.
#[derive(Clone, Copy, Debug)]
pub(super) enum To {
    Wall(u64),
    Item(u64),
}

impl World {
    /// The post or comment with this id, unless it or what it stands under is removed.
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.ids.get(id).and_then(|number| self.standing(*number))
    }

    pub fn standing(&self, number: u64) -> Option<&Item> {
        let item = self.items.get(&number).filter(|item| item.removed.is_none())?;
        match item.place {
            Place::Wall(_) => Some(item),
            Place::Under { post, parent } => {
                let stands = |number: &u64| self.items.get(number).is_some_and(|above| above.removed.is_none());
                (stands(&post) && parent.as_ref().is_none_or(stands)).then_some(item)
            }
        }
    }

    /// What stands on a wall, oldest first.
    pub fn wall(&self, owner: u64) -> impl DoubleEndedIterator<Item = &Item> {
        self.walls.get(&owner).into_iter().flatten().filter_map(|(_, number)| self.standing(*number))
    }

    /// All comments that stand under a post, oldest first.
    pub fn comments(&self, post: u64) -> impl DoubleEndedIterator<Item = &Item> {
        self.under.get(&post).into_iter().flatten().filter_map(|(_, number)| self.standing(*number))
    }

    /// The comments right under a post or a comment, oldest first.
    pub fn replies(&self, item: &Item) -> impl DoubleEndedIterator<Item = &Item> {
        let (number, is_post) = (item.number, item.is_post());
        self.comments(item.post()).filter(move |one| {
            one.number != number && if is_post { one.parent().is_none() } else { one.parent() == Some(number) }
        })
    }

    /// Whose wall it stands on.
    pub fn wall_of(&self, item: &Item) -> u64 {
        match self.items.get(&item.post()).map(|post| &post.place) {
            Some(Place::Wall(owner)) => *owner,
            _ => 0,
        }
    }

    /// The pages that a text names by `@` and their handle or name.
    pub fn named_pages(&self, text: &str) -> Vec<u64> {
        let text = text.to_lowercase();
        let names = |word: &str| {
            let word = format!("@{}", word.to_lowercase());
            text.match_indices(&word).any(|(at, _)| !text[at + word.len()..].starts_with(char::is_alphanumeric))
        };
        self.pages.values().filter(|page| names(&page.handle) || names(&page.name)).map(|page| page.id).collect()
    }

    /// The address of a post or comment.
    pub fn permalink(&self, item: &Item) -> String {
        let post = self.items.get(&item.post()).unwrap_or(item);
        let top = format!("{}/{}/posts/{}", self.base, self.wall_of(item), post.last_part());
        match item.parent().and_then(|parent| self.items.get(&parent)) {
            _ if item.is_post() => top,
            Some(parent) => {
                format!("{top}?comment_id={}&reply_comment_id={}", parent.last_part(), item.last_part())
            }
            None => format!("{top}?comment_id={}", item.last_part()),
        }
    }

    /// Holds a draft against Facebook's rules. An answer to a reply goes under the same top comment.
    pub fn draft_item(&self, draft: Draft<'_>, now: Millis) -> Result<Change, Refused> {
        let text = draft.typed.replace("\r\n", "\n").trim().to_owned();
        if text.is_empty() && draft.shown.is_none() && draft.link.is_none() {
            return Err(Refused::Empty);
        }
        let place = match draft.to {
            To::Wall(owner) => Place::Wall(owner),
            To::Item(number) => {
                // What stood in the past could be answered then, even if it is removed today.
                let past = draft.by == By::Past;
                let above = if past { self.items.get(&number) } else { self.standing(number) };
                let above = above.ok_or(Refused::ParentGone)?;
                let parent = above.parent().or_else(|| (!above.is_post()).then_some(above.number));
                Place::Under { post: above.post(), parent }
            }
        };
        let longest = if matches!(place, Place::Wall(_)) { LONGEST_POST } else { LONGEST_COMMENT };
        let length = text.encode_utf16().count();
        if length > longest && draft.by != By::Past {
            return Err(Refused::TooLong { length, longest });
        }
        if let Some(Shown::Photo(id)) = draft.shown
            && !self.pictures.contains_key(&id)
        {
            return Err(Refused::NoPicture);
        }
        let (number, id) = self.free_id(&place);
        let (by, app) = match draft.by {
            By::App { colleague } => (Some(colleague), true),
            By::Hand | By::Past => (None, false),
        };
        let at = draft.at.unwrap_or(now);
        let written =
            Written { id, author: draft.author, by, app, place, text, shown: draft.shown, link: draft.link, at };
        Ok(Change::Item { number, written })
    }

    /// The next number, and an id that nobody can guess from it.
    fn free_id(&self, place: &Place) -> (u64, String) {
        let number = self.next_number();
        let (first, usual) = match place {
            Place::Wall(owner) => (owner.to_string(), USUAL_DIGITS.0),
            Place::Under { post, .. } => {
                (self.items.get(post).map(|post| post.last_part().to_owned()).unwrap_or_default(), USUAL_DIGITS.1)
            }
        };
        let digits = if self.id_digits == 0 { usual } else { self.id_digits };
        let mut tries = 0_u32;
        loop {
            let id = format!("{first}_{}", digits_of(&format!("item {number}, try {tries}"), digits));
            if !self.ids.contains_key(&id) {
                return (number, id);
            }
            tries += 1;
        }
    }

    /// Only the author edits.
    pub fn draft_edit(&self, author: u64, number: u64, typed: &str, now: Millis) -> Result<Change, Refused> {
        let item = self.standing(number).ok_or(Refused::NotThere)?;
        if item.author != author {
            return Err(Refused::NotOwn);
        }
        let text = typed.replace("\r\n", "\n").trim().to_owned();
        if text.is_empty() && item.shown.is_none() && item.link.is_none() {
            return Err(Refused::Empty);
        }
        let longest = if item.is_post() { LONGEST_POST } else { LONGEST_COMMENT };
        let length = text.encode_utf16().count();
        if length > longest {
            return Err(Refused::TooLong { length, longest });
        }
        Ok(Change::Edit { number, text, at: now })
    }

    /// The author removes, and whoever owns the wall.
    pub fn draft_remove(&self, who: u64, number: u64, now: Millis) -> Result<Change, Refused> {
        let item = self.standing(number).ok_or(Refused::NotThere)?;
        if item.author != who && self.wall_of(item) != who {
            return Err(Refused::NotOwn);
        }
        Ok(Change::Remove { number, at: now })
    }

    /// A page hides what others wrote on its wall.
    pub fn draft_hide(&self, page: u64, number: u64, hidden: bool, now: Millis) -> Result<Change, Refused> {
        let item = self.standing(number).ok_or(Refused::NotThere)?;
        if item.author == page || self.wall_of(item) != page {
            return Err(Refused::NotHideable);
        }
        Ok(Change::Hide { number, hidden, at: now })
    }
}
