//! Messenger: what a person and a page say to each other, and until when the page may write.

use std::collections::BTreeMap;
use std::time::Duration;

use super::journal::{Change, Said, Shown};
use super::people::digits_of;
use super::world::World;
use super::{By, Refused};
use crate::clock::Millis;

/// How long a page may answer after a person's last message, and how long a person of its staff may.
const WINDOW: Duration = Duration::from_secs(24 * 3600);
const HUMAN_WINDOW: Duration = Duration::from_secs(7 * 24 * 3600);
/// How long a comment can be answered privately.
const PRIVATE_WINDOW: Duration = Duration::from_secs(7 * 24 * 3600);
/// The longest message, in UTF-16 units.
const LONGEST: usize = 2_000;

/// One message.
pub(super) struct Message {
    pub number: u64,
    pub said: Said,
    pub edits: u32,
    pub unsent: bool,
}

#[derive(Default)]
pub(super) struct Talks {
    pub all: BTreeMap<u64, Message>,
    /// Up to when a person has read what the page wrote.
    pub read: BTreeMap<(u64, u64), Millis>,
}

impl Talks {
    /// The messages of a person and a page that stand, oldest first.
    pub fn between(&self, page: u64, person: u64) -> impl DoubleEndedIterator<Item = &Message> {
        let theirs = move |message: &&Message| message.said.page == page && message.said.person == person;
        self.all.values().filter(theirs).filter(|message| !message.unsent)
    }

    pub fn by_mid(&self, mid: &str) -> Option<&Message> {
        self.all.values().find(|message| message.said.mid == mid && !message.unsent)
    }

    /// The people who have a conversation with a page, with its last message, newest first.
    pub fn of_page(&self, page: u64) -> Vec<&Message> {
        let mut last: BTreeMap<u64, &Message> = BTreeMap::new();
        for message in self.all.values().filter(|message| message.said.page == page && !message.unsent) {
            last.insert(message.said.person, message);
        }
        let mut all: Vec<&Message> = last.into_values().collect();
        all.sort_by_key(|message| std::cmp::Reverse((message.said.at, message.number)));
        all
    }

    /// When the person wrote last.
    pub fn last_from(&self, page: u64, person: u64) -> Option<Millis> {
        self.between(page, person).filter(|message| !message.said.by_page).map(|message| message.said.at).max()
    }
}

/// The id of a conversation.
pub(super) fn conversation_id(page: u64, person: u64) -> String {
    format!("t_{}", digits_of(&format!("talk of {page} and {person}"), 17))
}

/// A message that somebody wants to send.
pub(super) struct Letter<'a> {
    pub page: u64,
    pub person: u64,
    pub by_page: bool,
    pub by: By,
    pub typed: &'a str,
    pub shown: Option<Shown>,
    pub metadata: Option<String>,
    /// The post or comment that it answers privately.
    pub answers: Option<u64>,
    /// Whether it is tagged HUMAN_AGENT.
    pub human: bool,
    pub at: Option<Millis>,
}

impl World {
    /// Until when the page may write to this person; `None` if the person never wrote.
    pub fn window(&self, page: u64, person: u64, human: bool) -> Option<Millis> {
        let last = self.talks.last_from(page, person)?;
        Some(last.plus(if human { HUMAN_WINDOW } else { WINDOW }))
    }

    /// Why this post or comment cannot be answered privately now, if it cannot.
    pub fn private_objection(&self, page: u64, number: u64, now: Millis) -> Option<Refused> {
        let Some(item) = self.standing(number) else { return Some(Refused::NotThere) };
        let person = self.people.get(&item.author);
        if item.answered.is_some() {
            return Some(Refused::AnsweredPrivately);
        }
        if now.since(item.at) > PRIVATE_WINDOW {
            return Some(Refused::TooLateForPrivate);
        }
        let here = self.wall_of(item) == page;
        (!here || person.is_none() || person.is_some_and(|person| person.closed)).then_some(Refused::Closed)
    }

    /// Holds a message against Facebook's rules.
    pub fn draft_message(&self, letter: Letter<'_>, now: Millis) -> Result<Change, Refused> {
        let text = letter.typed.replace("\r\n", "\n").trim().to_owned();
        if text.is_empty() && letter.shown.is_none() {
            return Err(Refused::Empty);
        }
        let length = text.encode_utf16().count();
        if length > LONGEST {
            return Err(Refused::TooLong { length, longest: LONGEST });
        }
        if let Some(Shown::Photo(id)) = letter.shown
            && !self.pictures.contains_key(&id)
        {
            return Err(Refused::NoPicture);
        }
        let person = self.people.get(&letter.person).ok_or(Refused::NobodyThere)?;
        if letter.by_page && letter.by != By::Past {
            if let Some(number) = letter.answers {
                if let Some(refused) = self.private_objection(letter.page, number, now) {
                    return Err(refused);
                }
            } else {
                let open = self.window(letter.page, letter.person, letter.human);
                // In Facebook's own inbox a colleague is a person: the longer time holds.
                let open = if letter.by == By::Hand { self.window(letter.page, letter.person, true) } else { open };
                if open.is_none_or(|until| until <= now) {
                    return Err(Refused::WindowClosed);
                }
            }
            if person.closed {
                return Err(Refused::Closed);
            }
        }
        let number = self.next_number();
        let mid = format!("m_{}", mid_of(number));
        let app = matches!(letter.by, By::App { .. });
        let said = Said {
            mid,
            page: letter.page,
            person: letter.person,
            by_page: letter.by_page,
            app,
            text,
            shown: letter.shown,
            metadata: letter.metadata,
            answers: letter.answers,
            at: letter.at.unwrap_or(now),
        };
        Ok(Change::Message { number, said })
    }

    /// People edit and take back what they said themselves.
    pub fn draft_message_edit(&self, number: u64, typed: &str, now: Millis) -> Result<Change, Refused> {
        let message = self.talks.all.get(&number).filter(|message| !message.unsent).ok_or(Refused::NotThere)?;
        let text = typed.replace("\r\n", "\n").trim().to_owned();
        let length = text.encode_utf16().count();
        match text.is_empty() {
            true => Err(Refused::Empty),
            false if length > LONGEST => Err(Refused::TooLong { length, longest: LONGEST }),
            false if message.said.app => Err(Refused::NotOwn),
            false => Ok(Change::MessageEdit { number, text, at: now }),
        }
    }
}

/// Letters like those of Messenger's ids, always the same for a number.
fn mid_of(number: u64) -> String {
    use base64::Engine;
    use sha2::Digest;
    let digest = sha2::Sha512::digest(format!("message {number}"));
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest)
}
