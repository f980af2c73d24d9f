//! What people do on Facebook by hand, for tests, the demo and the twin's pages.

use serde::Serialize;

use super::items::{Draft, Item, To};
use super::journal::{Change, Picture, Shown};
use super::people::{Trait, psid};
use super::talks::{Letter, Message};
use super::world::World;
use super::{By, FacebookTwin, Refused, Task, picture};
use crate::clock::Millis;

/// The largest picture that Facebook takes.
const LARGEST: usize = 10 << 20;

/// What a post, a comment or a message has besides its text.
#[derive(Clone, Copy, Debug, Default)]
pub struct With<'a> {
    /// The id of a picture from [`FacebookTwin::add_picture`].
    pub picture: Option<&'a str>,
    /// A thumb instead of a picture.
    pub sticker: bool,
    /// When it was written, if not now.
    pub at: Option<Millis>,
}

/// A post or comment as tests and demo content see it.
#[derive(Clone, Debug, Serialize)]
pub struct ItemView {
    pub id: String,
    /// Of the author.
    pub handle: String,
    pub text: String,
    /// What a comment stands under: a comment, else its post. Posts have none.
    pub parent: Option<String>,
    /// The post it is or stands under.
    pub post: String,
    /// Whose wall it stands on.
    pub wall: String,
    /// Its own page.
    pub url: String,
    pub picture: Option<String>,
    pub sticker: bool,
    /// Whether it came through the API.
    pub app: bool,
    pub created_at: Millis,
    pub edited: bool,
    pub hidden: bool,
    pub removed: bool,
}

/// A message as tests see it.
#[derive(Clone, Debug, Serialize)]
pub struct MessageView {
    pub id: String,
    /// The handle of the person or of the page.
    pub from: String,
    pub to: String,
    pub text: String,
    pub picture: Option<String>,
    pub sticker: bool,
    pub app: bool,
    pub metadata: Option<String>,
    /// The comment or post that it answers privately.
    pub answers: Option<String>,
    pub edited: bool,
    pub at: Millis,
}

impl FacebookTwin {
    /// The person with this handle; created with this name if there is none. Returns the id that apps see at login.
    ///
    /// # Errors
    /// The handle is not one or a page's, or the journal cannot be written.
    pub fn person(&self, handle: &str, name: &str) -> Result<u64, Refused> {
        let now = self.now();
        let mut state = self.state();
        if let Some(id) = state.world.by_handle(handle) {
            let person = state.world.people.contains_key(&id);
            return if person { Ok(id) } else { Err(Refused::BadHandle(handle.to_owned())) };
        }
        let change = state.world.draft_person(handle, name, now)?;
        let Change::Person { id, .. } = change else { return Err(Refused::NobodyThere) };
        state.accept(change)?;
        Ok(id)
    }

    /// The page with this handle; created if there is none, with this person as its owner.
    ///
    /// # Errors
    /// The handle is not one or a person's, there is no such owner, or the journal cannot be written.
    pub fn page(&self, handle: &str, name: &str, owner: &str) -> Result<u64, Refused> {
        let (person, now) = (self.known(owner)?, self.now());
        let mut state = self.state();
        if let Some(id) = state.world.by_handle(handle) {
            let page = state.world.pages.contains_key(&id);
            return if page { Ok(id) } else { Err(Refused::BadHandle(handle.to_owned())) };
        }
        let change = state.world.draft_page(handle, name, now)?;
        let Change::Page { id, .. } = change else { return Err(Refused::NobodyThere) };
        state.accept(change)?;
        state.accept(Change::Role { page: id, person, tasks: Task::ALL.to_vec(), at: now })?;
        Ok(id)
    }

    /// Gives a person a role on a page, or with no tasks takes it away, and the page's tokens with it.
    ///
    /// # Errors
    /// There is no such person or page, or the journal cannot be written.
    pub fn set_role(&self, person: &str, page: &str, tasks: &[Task]) -> Result<(), Refused> {
        let (person, page) = (self.known(person)?, self.known(page)?);
        let at = self.now();
        self.change(|world, _| match world.people.contains_key(&person) && world.pages.contains_key(&page) {
            true => Ok(Change::Role { page, person, tasks: tasks.to_vec(), at }),
            false => Err(Refused::NobodyThere),
        })?;
        Ok(())
    }

    /// How the company's page knows this person: the id in its comments, webhooks and messages.
    ///
    /// # Errors
    /// There is no such person.
    pub fn psid(&self, handle: &str) -> Result<String, Refused> {
        Ok(psid(self.settings().page.id, self.known(handle)?).to_string())
    }

    /// Lets apps see no longer who this person is (`from` is missing), or again.
    ///
    /// # Errors
    /// There is no such person, or the journal cannot be written.
    pub fn hide_person(&self, handle: &str, on: bool) -> Result<(), Refused> {
        self.accept(Change::Trait { person: self.known(handle)?, which: Trait::Unseen, on })
    }

    /// Lets this person take no messages any more, or again.
    ///
    /// # Errors
    /// There is no such person, or the journal cannot be written.
    pub fn close_messages(&self, handle: &str, on: bool) -> Result<(), Refused> {
        self.accept(Change::Trait { person: self.known(handle)?, which: Trait::Closed, on })
    }

    /// Keeps a picture, to be shown with [`With`].
    ///
    /// # Errors
    /// No picture that Facebook takes, or the disk.
    pub fn add_picture(&self, bytes: &[u8]) -> Result<String, Refused> {
        self.keep_picture(bytes).map(|id| id.to_string())
    }

    pub(super) fn keep_picture(&self, bytes: &[u8]) -> Result<u64, Refused> {
        let (mime, width, height) = picture::look_at(bytes, LARGEST, LARGEST).ok_or(Refused::NoPicture)?;
        let at = self.now();
        let mut state = self.state();
        let id = state.world.next_number();
        picture::keep(&self.settings().state, id, bytes)?;
        let picture = Picture { id, mime: mime.to_owned(), width, height, size: bytes.len(), at };
        state.accept(Change::Picture { picture })?;
        Ok(id)
    }

    /// Writes a post on the wall of a page or a person. A person's own wall is elsewhere: a page hears of it if the post
    /// names it, as in `@acme`.
    ///
    /// # Errors
    /// Facebook's rules about texts; an unknown author or wall; the journal cannot be written.
    pub fn post(&self, handle: &str, wall: &str, text: &str, with: With<'_>) -> Result<String, Refused> {
        let to = To::Wall(self.known(wall)?);
        self.write(handle, text, to, with, By::Hand)
    }

    /// Comments on a post or comment.
    ///
    /// # Errors
    /// Facebook's rules about texts; an unknown author; what is commented on is gone; the journal cannot be written.
    pub fn comment(&self, handle: &str, on: &str, text: &str, with: With<'_>) -> Result<String, Refused> {
        let number = self.number(on).ok_or(Refused::ParentGone)?;
        self.write(handle, text, To::Item(number), with, By::Hand)
    }

    /// What stood on a wall at this time. What was said is said, so no rule about lengths holds, and what is removed can
    /// have answers.
    ///
    /// # Errors
    /// An empty text, an unknown author or wall; the journal cannot be written.
    pub fn post_at(&self, handle: &str, wall: &str, text: &str, at: Millis) -> Result<String, Refused> {
        let to = To::Wall(self.known(wall)?);
        self.write(handle, text, to, With { at: Some(at), ..With::default() }, By::Past)
    }

    /// The same, on a post or comment.
    ///
    /// # Errors
    /// An empty text; an unknown author; there never was what is commented on; the journal cannot be written.
    pub fn comment_at(&self, handle: &str, on: &str, text: &str, at: Millis) -> Result<String, Refused> {
        let to = To::Item(self.number(on).ok_or(Refused::ParentGone)?);
        self.write(handle, text, to, With { at: Some(at), ..With::default() }, By::Past)
    }

    fn write(&self, handle: &str, text: &str, to: To, with: With<'_>, by: By) -> Result<String, Refused> {
        let author = self.known(handle)?;
        let (shown, now) = (shown(with)?, self.now());
        let mut state = self.state();
        let draft = Draft { author, by, typed: text, to, shown, link: None, at: with.at };
        let change = state.world.draft_item(draft, now)?;
        let Change::Item { written, .. } = &change else { return Err(Refused::NotThere) };
        let id = written.id.clone();
        // History comes in by the thousand, and can be told again.
        if by == By::Past {
            state.accept_lazily(change)?;
        } else {
            state.accept(change)?;
        }
        drop(state);
        self.inner.wake.send_replace(());
        Ok(id)
    }

    /// Changes a text. Only its author does.
    ///
    /// # Errors
    /// It is gone or somebody else's; Facebook's rules about texts; the journal cannot be written.
    pub fn edit(&self, handle: &str, id: &str, text: &str) -> Result<(), Refused> {
        let (author, number) = (self.known(handle)?, self.number(id).ok_or(Refused::NotThere)?);
        self.change(|world, now| world.draft_edit(author, number, text, now)).map(drop)
    }

    /// Removes a post or comment, with what stands under it. Its author does, or the page on which it stands.
    ///
    /// # Errors
    /// It is gone already or somebody else's; the journal cannot be written.
    pub fn delete(&self, handle: &str, id: &str) -> Result<(), Refused> {
        let (who, number) = (self.known(handle)?, self.number(id).ok_or(Refused::NotThere)?);
        self.change(|world, now| world.draft_remove(who, number, now)).map(drop)
    }

    /// Hides a comment or a visitor's post from others, or shows it again, as a colleague does on the page.
    ///
    /// # Errors
    /// It is gone, the page's own, or elsewhere; the journal cannot be written.
    pub fn hide(&self, id: &str, hidden: bool) -> Result<(), Refused> {
        let (page, number) = (self.settings().page.id, self.number(id).ok_or(Refused::NotThere)?);
        self.change(|world, now| world.draft_hide(page, number, hidden, now)).map(drop)
    }

    /// Likes a post or comment.
    ///
    /// # Errors
    /// It is gone, there is no such person, or the journal cannot be written.
    pub fn react(&self, handle: &str, id: &str) -> Result<(), Refused> {
        let (by, number, at) = (self.known(handle)?, self.number(id).ok_or(Refused::NotThere)?, self.now());
        self.accept(Change::React { number, by, at })
    }

    /// Writes the company's page a message.
    ///
    /// # Errors
    /// Facebook's rules about messages; an unknown person; the journal cannot be written.
    pub fn message(&self, handle: &str, text: &str, with: With<'_>) -> Result<String, Refused> {
        self.send_by_hand(handle, text, with, false)
    }

    /// Writes this person a message for the page, as a colleague does in Facebook's inbox.
    ///
    /// # Errors
    /// As for [`FacebookTwin::message`]; or the person has not written within seven days.
    pub fn message_from_page(&self, to: &str, text: &str, with: With<'_>) -> Result<String, Refused> {
        self.send_by_hand(to, text, with, true)
    }

    fn send_by_hand(&self, handle: &str, text: &str, with: With<'_>, by_page: bool) -> Result<String, Refused> {
        let (person, shown, page) = (self.known(handle)?, shown(with)?, self.settings().page.id);
        let change = self.change(|world, now| {
            let (by, metadata, answers, human) = (By::Hand, None, None, true);
            let letter =
                Letter { page, person, by_page, by, typed: text, shown, metadata, answers, human, at: with.at };
            world.draft_message(letter, now)
        })?;
        match change {
            Change::Message { said, .. } => Ok(said.mid),
            _ => Err(Refused::NotThere),
        }
    }

    /// Changes the text of a message that was not sent through the API.
    ///
    /// # Errors
    /// It is gone, the app's, or the text breaks a rule; the journal cannot be written.
    pub fn edit_message(&self, id: &str, text: &str) -> Result<(), Refused> {
        let number = self.message_number(id)?;
        self.change(|world, now| world.draft_message_edit(number, text, now)).map(drop)
    }

    /// Takes a message back.
    ///
    /// # Errors
    /// It is gone already, or the journal cannot be written.
    pub fn unsend(&self, id: &str) -> Result<(), Refused> {
        let (number, at) = (self.message_number(id)?, self.now());
        self.accept(Change::Unsend { number, at })
    }

    fn message_number(&self, id: &str) -> Result<u64, Refused> {
        self.state().world.talks.by_mid(id).map(|message| message.number).ok_or(Refused::NotThere)
    }

    /// What this person and the company's page said to each other and did not take back, oldest first.
    pub fn messages(&self, handle: &str) -> Vec<MessageView> {
        let Ok(person) = self.known(handle) else { return Vec::new() };
        let state = self.state();
        let all = state.world.talks.between(self.settings().page.id, person);
        all.map(|message| state.world.view_message(message)).collect()
    }

    /// Every post there ever was, oldest first.
    pub fn posts(&self) -> Vec<ItemView> {
        let state = self.state();
        state.world.items.values().filter(|item| item.is_post()).map(|item| state.world.view(item)).collect()
    }

    /// Every comment there ever was, oldest first.
    pub fn comments(&self) -> Vec<ItemView> {
        let state = self.state();
        state.world.items.values().filter(|item| !item.is_post()).map(|item| state.world.view(item)).collect()
    }

    /// The comments right under a post or comment that stand, oldest first.
    pub fn replies_to(&self, id: &str) -> Vec<ItemView> {
        let state = self.state();
        let Some(item) = state.world.item(id) else { return Vec::new() };
        state.world.replies(item).map(|one| state.world.view(one)).collect()
    }

    /// The number of a post or comment, whether it stands or not.
    pub(super) fn number(&self, id: &str) -> Option<u64> {
        self.state().world.ids.get(id).copied()
    }
}

fn shown(with: With<'_>) -> Result<Option<Shown>, Refused> {
    match with.picture {
        Some(id) => Ok(Some(Shown::Photo(id.parse().map_err(|_| Refused::NoPicture)?))),
        None => Ok(with.sticker.then_some(Shown::Sticker)),
    }
}

fn picture_id(shown: Option<Shown>) -> Option<String> {
    match shown {
        Some(Shown::Photo(id)) => Some(id.to_string()),
        _ => None,
    }
}

impl World {
    pub(super) fn view(&self, item: &Item) -> ItemView {
        let id_of = |number: u64| self.items.get(&number).map(|item| item.id.clone());
        let parent = (!item.is_post()).then(|| item.parent().unwrap_or(item.post())).and_then(id_of);
        ItemView {
            id: item.id.clone(),
            handle: self.handle(item.author).to_owned(),
            text: item.text.clone(),
            parent,
            post: id_of(item.post()).unwrap_or_default(),
            wall: self.handle(self.wall_of(item)).to_owned(),
            url: self.permalink(item),
            picture: picture_id(item.shown),
            sticker: item.shown == Some(Shown::Sticker),
            app: item.app,
            created_at: item.at,
            edited: item.edited.is_some(),
            hidden: item.hidden,
            removed: self.standing(item.number).is_none(),
        }
    }

    pub(super) fn view_message(&self, message: &Message) -> MessageView {
        let said = &message.said;
        let (from, to) = if said.by_page { (said.page, said.person) } else { (said.person, said.page) };
        MessageView {
            id: said.mid.clone(),
            from: self.handle(from).to_owned(),
            to: self.handle(to).to_owned(),
            text: said.text.clone(),
            picture: picture_id(said.shown),
            sticker: said.shown == Some(Shown::Sticker),
            app: said.app,
            metadata: said.metadata.clone(),
            answers: said.answers.and_then(|number| self.items.get(&number)).map(|item| item.id.clone()),
            edited: message.edits > 0,
            at: said.at,
        }
    }
}
