//! What exists on the twin.
//!
//! Everything here is in memory and pure: a rule proposes a [`Change`], the caller writes it to the journal and then
//! applies it. Replaying the journal through [`World::apply`] gives the same world again, with the same events.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::events::Events;
use super::grants::{End, Grants};
use super::items::Item;
use super::journal::{Change, Picture, Place, Said, Written};
use super::people::{Page, Person, Trait};
use super::talks::{Message, Talks};
use super::told;
use crate::clock::Millis;

pub(super) struct World {
    /// Where browsers reach the twin.
    pub base: String,
    /// The one app that there is.
    pub app_id: u64,
    pub people: BTreeMap<u64, Person>,
    pub pages: BTreeMap<u64, Page>,
    pub handles: HashMap<String, u64>,
    pub items: BTreeMap<u64, Item>,
    pub ids: HashMap<String, u64>,
    /// What was written on whose wall, and under which post, by time.
    pub walls: HashMap<u64, BTreeSet<(Millis, u64)>>,
    pub under: HashMap<u64, BTreeSet<(Millis, u64)>>,
    pub talks: Talks,
    pub pictures: BTreeMap<u64, Picture>,
    pub grants: Grants,
    pub events: Events,
    /// The app's secrets that replaced the one of the settings, oldest first.
    pub secrets: Vec<String>,
    pub advanced_access: bool,
    pub human_agent: bool,
    /// How many digits the numbers in new ids have; 0 is as usual.
    pub id_digits: usize,
    last_number: u64,
}

impl World {
    pub fn new(base: &str, app_id: u64) -> Self {
        Self {
            base: base.to_owned(),
            app_id,
            people: BTreeMap::new(),
            pages: BTreeMap::new(),
            handles: HashMap::new(),
            items: BTreeMap::new(),
            ids: HashMap::new(),
            walls: HashMap::new(),
            under: HashMap::new(),
            talks: Talks::default(),
            pictures: BTreeMap::new(),
            grants: Grants::default(),
            events: Events::default(),
            secrets: Vec::new(),
            advanced_access: true,
            human_agent: true,
            id_digits: 0,
            last_number: 0,
        }
    }

    /// A number that no post, comment, message or picture has.
    pub fn next_number(&self) -> u64 {
        self.last_number + 1
    }

    pub fn apply(&mut self, change: Change) {
        match change {
            Change::Person { id, handle, name, .. } => {
                self.handles.insert(handle.to_ascii_lowercase(), id);
                self.people.insert(id, Person { id, handle, name, unseen: false, closed: false });
            }
            Change::Page { id, handle, name, .. } => {
                self.handles.insert(handle.to_ascii_lowercase(), id);
                self.pages.insert(id, Page { id, handle, name, roles: BTreeMap::new() });
            }
            Change::Role { page, person, tasks, at } => self.apply_role(page, person, tasks, at),
            Change::Trait { person, which, on } => {
                if let Some(person) = self.people.get_mut(&person) {
                    match which {
                        Trait::Unseen => person.unseen = on,
                        Trait::Closed => person.closed = on,
                    }
                }
            }
            Change::Picture { picture } => {
                self.last_number = self.last_number.max(picture.id);
                self.pictures.insert(picture.id, picture);
            }
            Change::Item { number, written } => self.apply_item(number, written),
            Change::Edit { number, text, at } => {
                if let Some(item) = self.items.get_mut(&number) {
                    (item.text, item.edited) = (text, Some(at));
                }
                self.tell(number, "edited", at);
            }
            Change::Remove { number, at } => {
                self.tell(number, "remove", at);
                if let Some(item) = self.items.get_mut(&number) {
                    item.removed = Some(at);
                }
            }
            Change::Hide { number, hidden, at } => {
                if let Some(item) = self.items.get_mut(&number) {
                    item.hidden = hidden;
                }
                self.tell(number, if hidden { "hide" } else { "unhide" }, at);
            }
            Change::React { number, by, at } => told::of_reaction(self, number, by, at),
            Change::Message { number, said } => self.apply_message(number, said),
            Change::MessageEdit { number, text, at } => {
                if let Some(message) = self.talks.all.get_mut(&number) {
                    message.said.text = text;
                    message.edits += 1;
                }
                told::of_message_edit(self, number, at);
            }
            Change::Unsend { number, at } => {
                told::of_unsent(self, number, at);
                if let Some(message) = self.talks.all.get_mut(&number) {
                    message.unsent = true;
                }
            }
            Change::Consent { .. } | Change::CodeUsed { .. } | Change::Grant { .. } | Change::Token { .. } => {
                self.grants.apply(change);
            }
            Change::End { .. } => self.grants.apply(change),
            Change::Webhook { .. }
            | Change::WebhookGone
            | Change::Subscribe { .. }
            | Change::Unsubscribe { .. }
            | Change::Attempt { .. } => self.events.apply(change),
            Change::Secret { secret } => self.secrets.push(secret),
            Change::Access { advanced } => self.advanced_access = advanced,
            Change::HumanAgent { on } => self.human_agent = on,
        }
    }

    /// Whoever loses a role loses the tokens of the page with it.
    fn apply_role(&mut self, page: u64, person: u64, tasks: Vec<super::Task>, at: Millis) {
        let Some(known) = self.pages.get_mut(&page) else { return };
        if tasks.is_empty() {
            known.roles.remove(&person);
            let theirs: Vec<u64> = self.grants.of(person).map(|grant| grant.id).collect();
            for grant in theirs {
                self.grants.apply(Change::End { grant, page: Some(page), how: End::RoleLost, at });
            }
        } else {
            known.roles.insert(person, tasks);
        }
    }

    fn apply_item(&mut self, number: u64, written: Written) {
        self.last_number = self.last_number.max(number);
        let Written { id, author, by, app, place, text, shown, link, at } = written;
        let list = match place {
            Place::Wall(owner) => self.walls.entry(owner),
            Place::Under { post, .. } => self.under.entry(post),
        };
        list.or_default().insert((at, number));
        self.ids.insert(id.clone(), number);
        let (edited, hidden, removed, answered) = (None, false, None, None);
        let item =
            Item { number, id, author, by, app, place, text, shown, link, at, edited, hidden, removed, answered };
        self.items.insert(number, item);
        self.tell(number, "add", at);
    }

    fn apply_message(&mut self, number: u64, said: Said) {
        self.last_number = self.last_number.max(number);
        if let Some(item) = said.answers.and_then(|answers| self.items.get_mut(&answers)) {
            item.answered = Some(number);
        }
        let read = (!said.by_page).then_some((said.page, said.person, said.at));
        self.talks.all.insert(number, Message { number, said, edits: 0, unsent: false });
        told::of_message(self, number);
        // Whoever answers has read.
        if let Some((page, person, at)) = read {
            let unread = self.talks.between(page, person).any(|message| {
                message.said.by_page && self.talks.read.get(&(page, person)).is_none_or(|read| message.said.at > *read)
            });
            if unread {
                self.talks.read.insert((page, person), at);
                told::of_reading(self, page, person, at);
            }
        }
    }

    fn tell(&mut self, number: u64, verb: &'static str, at: Millis) {
        told::of_item(self, number, verb, at);
    }
}
