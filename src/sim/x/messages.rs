//! Direct messages between two people, in X's older kind that an app can read.

use std::collections::BTreeMap;
use std::time::Duration;

use super::journal::Change;
use super::posts::Refused;
use super::text::{Named, Text};
use super::world::{User, World, time_of};
use crate::clock::Millis;

/// The most characters of a message.
const LONGEST: usize = 10_000;
/// How far back X shows messages.
pub(super) const SHOWN: Duration = Duration::from_secs(30 * 24 * 3600);

#[derive(Default)]
pub(super) struct Messages {
    pub all: BTreeMap<u64, Message>,
}

pub(super) struct Message {
    pub id: u64,
    pub from: u64,
    pub to: u64,
    pub text: Text,
    pub media: Option<u64>,
    pub deleted: bool,
}

impl Message {
    pub fn conversation(&self) -> String {
        conversation(self.from, self.to)
    }

    pub fn is_of(&self, user: u64) -> bool {
        self.from == user || self.to == user
    }
}

/// X's name for the conversation of two people: the older account first.
pub(super) fn conversation(one: u64, other: u64) -> String {
    format!("{}-{}", one.min(other), one.max(other))
}

impl Messages {
    /// The messages of a person that stand, newest first, with one other person or with all.
    pub fn newest_of(&self, user: u64, with: Option<u64>, now: Millis) -> impl Iterator<Item = &Message> {
        let oldest = now.minus(SHOWN);
        let all = self.all.values().rev().take_while(move |message| time_of(message.id) >= oldest);
        all.filter(move |message| {
            message.is_of(user) && !message.deleted && with.is_none_or(|other| message.is_of(other))
        })
    }
}

impl World {
    /// Holds a message against X's rules. Some people take none from accounts they never wrote to.
    pub fn draft_message(
        &self,
        (from, to): (u64, u64),
        typed: &str,
        media: Option<u64>,
        now: Millis,
    ) -> Result<Change, Refused> {
        let typed = typed.replace("\r\n", "\n").trim().to_owned();
        if typed.is_empty() && media.is_none() {
            return Err(Refused::Empty);
        }
        let length = typed.chars().take(LONGEST + 1).count();
        if length > LONGEST {
            return Err(Refused::TooLong { weight: length, longest: LONGEST });
        }
        let Some(reader) = self.users.get(&to).filter(|_| from != to) else {
            return Err(Refused::NoSuchUser(to.to_string()));
        };
        let wrote = || self.messages.all.values().any(|message| message.from == to && message.to == from);
        if reader.closed && !wrote() {
            return Err(Refused::Closed);
        }
        if media.is_some_and(|id| self.media.usable(&[id], from, now).is_none()) {
            return Err(Refused::BadMedia);
        }
        Ok(Change::Message { id: self.free_id(now, None, None), from, to, typed, media })
    }

    pub fn compose_message(&self, typed: &str) -> Text {
        let named = |user: &User| Named { user: user.id, handle: user.handle.clone() };
        Text::compose(typed, &[], |handle| self.by_handle(handle).map(named))
    }
}
