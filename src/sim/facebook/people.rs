//! People and pages: who they are, and what somebody may do for a page.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Refused;
use super::journal::Change;
use super::world::World;
use crate::clock::Millis;

/// What a role lets one do for a page, in Facebook's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Task {
    Advertise,
    Analyze,
    CreateContent,
    Messaging,
    Moderate,
    Manage,
}

impl Task {
    pub const ALL: [Self; 6] =
        [Self::Advertise, Self::Analyze, Self::CreateContent, Self::Messaging, Self::Moderate, Self::Manage];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Advertise => "ADVERTISE",
            Self::Analyze => "ANALYZE",
            Self::CreateContent => "CREATE_CONTENT",
            Self::Messaging => "MESSAGING",
            Self::Moderate => "MODERATE",
            Self::Manage => "MANAGE",
        }
    }
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Trait {
    /// The app may not see who they are.
    Unseen,
    /// They take no messages.
    Closed,
}

pub(super) struct Person {
    pub id: u64,
    pub handle: String,
    pub name: String,
    pub unseen: bool,
    pub closed: bool,
}

pub(super) struct Page {
    pub id: u64,
    pub handle: String,
    pub name: String,
    /// Who has which role.
    pub roles: BTreeMap<u64, Vec<Task>>,
}

impl Page {
    pub fn may(&self, person: u64, task: Task) -> bool {
        self.roles.get(&person).is_some_and(|tasks| tasks.contains(&task))
    }
}

/// How a page's apps call a person: another number at every page.
pub(super) fn psid(page: u64, person: u64) -> u64 {
    number_of(&format!("person {person} of page {page}"), 16)
}

/// A number with so many digits (19 at most) that is always the same for the same words.
pub(super) fn number_of(words: &str, digits: u32) -> u64 {
    let digest = Sha256::digest(words.as_bytes());
    let number = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let least = 10_u64.pow(digits - 1);
    least + number % (least * 8)
}

/// The same, with as many digits as one likes.
pub(super) fn digits_of(words: &str, digits: usize) -> String {
    let mut all = String::new();
    for part in 0_u32.. {
        if all.len() >= digits {
            break;
        }
        all.push_str(&number_of(&format!("{words}, part {part}"), 18).to_string());
    }
    all.truncate(digits);
    all
}

impl World {
    pub fn draft_person(&self, handle: &str, name: &str, now: Millis) -> Result<Change, Refused> {
        let (handle, name) = self.fresh(handle, name)?;
        let id = self.free_number(&format!("person {handle}"), 17);
        Ok(Change::Person { id, handle, name, at: now })
    }

    pub fn draft_page(&self, handle: &str, name: &str, now: Millis) -> Result<Change, Refused> {
        let (handle, name) = self.fresh(handle, name)?;
        let id = self.free_number(&format!("page {handle}"), 15);
        Ok(Change::Page { id, handle, name, at: now })
    }

    fn fresh(&self, handle: &str, name: &str) -> Result<(String, String), Refused> {
        let letters = |handle: &str| handle.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
        if !(1..=50).contains(&handle.len()) || !letters(handle) {
            return Err(Refused::BadHandle(handle.chars().take(60).collect()));
        }
        let name = if name.trim().is_empty() { handle } else { name.trim() };
        Ok((handle.to_owned(), name.chars().take(75).collect()))
    }

    fn free_number(&self, words: &str, digits: u32) -> u64 {
        let mut id = number_of(words, digits);
        while self.people.contains_key(&id) || self.pages.contains_key(&id) {
            id += 1;
        }
        id
    }

    /// The id of whoever has this handle: a person or a page.
    pub fn by_handle(&self, handle: &str) -> Option<u64> {
        self.handles.get(&handle.to_ascii_lowercase()).copied()
    }

    /// The person whom this page's apps call so.
    pub fn by_psid(&self, page: u64, given: u64) -> Option<&Person> {
        self.people.values().find(|person| psid(page, person.id) == given)
    }

    /// The name of a person or a page.
    pub fn name(&self, id: u64) -> &str {
        let person = self.people.get(&id).map(|person| person.name.as_str());
        person.or_else(|| self.pages.get(&id).map(|page| page.name.as_str())).unwrap_or_default()
    }

    pub fn handle(&self, id: u64) -> &str {
        let person = self.people.get(&id).map(|person| person.handle.as_str());
        person.or_else(|| self.pages.get(&id).map(|page| page.handle.as_str())).unwrap_or_default()
    }

    /// How this page's apps call a person or a page.
    pub fn id_for(&self, page: u64, id: u64) -> String {
        if self.pages.contains_key(&id) { id.to_string() } else { psid(page, id).to_string() }
    }

    /// Whether the app may know who this is.
    pub fn may_see(&self, page: u64, id: u64) -> bool {
        let Some(person) = self.people.get(&id) else { return true };
        !person.unseen && self.may_hear_of(page, id)
    }

    /// Whether the app may hear of what somebody does: without advanced access only of those with a role.
    pub fn may_hear_of(&self, page: u64, id: u64) -> bool {
        let has_role = || self.pages.get(&page).is_some_and(|page| page.roles.contains_key(&id));
        self.advanced_access || self.pages.contains_key(&id) || has_role()
    }
}
