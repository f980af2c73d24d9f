//! What people do on X by hand, for tests, the demo and the twin's pages.

use serde::Serialize;

use super::XTwin;
use super::journal::{Change, Trait};
use super::messages::Message;
use super::posts::{By, Draft, Post, Refused};
use super::world::{World, time_of};
use crate::clock::Millis;

/// What a post has besides its text.
#[derive(Clone, Copy, Debug, Default)]
pub struct With<'a> {
    pub in_reply_to: Option<&'a str>,
    pub quoting: Option<&'a str>,
    /// Ids from [`XTwin::add_picture`].
    pub pictures: &'a [String],
    /// When it was written, if not now.
    pub at: Option<Millis>,
}

/// A post as tests and demo content see it.
#[derive(Clone, Debug, Serialize)]
pub struct PostView {
    pub id: String,
    pub handle: String,
    /// As people read it on X: with t.co addresses and the names in front of a reply, not escaped.
    pub text: String,
    pub parent: Option<String>,
    pub quoted: Option<String>,
    /// The ids of all versions, oldest first.
    pub versions: Vec<String>,
    pub pictures: Vec<PictureView>,
    pub created_at: Millis,
    pub deleted: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct PictureView {
    pub id: String,
    pub alt: Option<String>,
}

/// A direct message as tests see it.
#[derive(Clone, Debug, Serialize)]
pub struct MessageView {
    pub id: String,
    pub from: String,
    pub to: String,
    /// Not escaped.
    pub text: String,
    pub picture: Option<PictureView>,
    pub at: Millis,
}

impl XTwin {
    /// Writes a post as X's own pages do, with pictures, or quoting another.
    ///
    /// # Errors
    /// X's rules about texts, doubles and pictures; an unknown author; the journal cannot be written.
    pub fn post_with(&self, handle: &str, text: &str, with: With<'_>) -> Result<String, Refused> {
        let id = |text: &str, refused: Refused| text.parse::<u64>().map_err(|_| refused);
        let pictures = with.pictures.iter().map(|picture| id(picture, Refused::BadMedia));
        let draft = Draft {
            parent: with.in_reply_to.map(|text| id(text, Refused::ParentGone)).transpose()?,
            quoted: with.quoting.map(|text| id(text, Refused::NoSuchPost)).transpose()?,
            media: pictures.collect::<Result<_, _>>()?,
            at: with.at,
            ..Draft::new(self.known(handle)?, text, By::Page)
        };
        self.write(draft).map(|id| id.to_string())
    }

    /// Edits a post of this author: it gets a new id. Pictures stay. The pages ask for no premium account.
    ///
    /// # Errors
    /// It is somebody else's, an answer, too old or edited too often, or not its newest version; X's rules about texts.
    pub fn edit(&self, handle: &str, id: &str, text: &str) -> Result<String, Refused> {
        let id: u64 = id.parse().map_err(|_| Refused::NoSuchPost)?;
        let author = self.known(handle)?;
        let (media, quoted) = {
            let state = self.state();
            let post = state.world.post(id).ok_or(Refused::NoSuchPost)?;
            (post.media.clone(), post.quoted)
        };
        let draft = Draft { media, quoted, edits: Some(id), ..Draft::new(author, text, By::Page) };
        self.write(draft).map(|id| id.to_string())
    }

    /// Writes a direct message; `picture` is an id from [`XTwin::add_picture`].
    ///
    /// # Errors
    /// X's rules about messages; unknown people; the journal cannot be written.
    pub fn message(&self, from: &str, to: &str, text: &str, picture: Option<&str>) -> Result<String, Refused> {
        let picture = picture.map(|id| id.parse().map_err(|_| Refused::BadMedia)).transpose()?;
        let people = (self.known(from)?, self.known(to)?);
        let now = self.now();
        let mut state = self.state();
        let change = state.world.draft_message(people, text, picture, now)?;
        let Change::Message { id, .. } = change else { return Err(Refused::Empty) };
        state.accept(change)?;
        drop(state);
        self.inner.wake.send_replace(());
        Ok(id.to_string())
    }

    /// The messages of two people that stand, oldest first.
    pub fn messages(&self, one: &str, other: &str) -> Vec<MessageView> {
        let (Ok(one), Ok(other)) = (self.known(one), self.known(other)) else { return Vec::new() };
        let state = self.state();
        let theirs = state.world.messages.all.values().filter(|message| !message.deleted);
        let theirs = theirs.filter(|message| message.is_of(one) && message.is_of(other));
        theirs.map(|message| state.world.view_message(message)).collect()
    }

    /// Makes this account one that pays X, or one that does not: it may write long posts, and edit through the API.
    ///
    /// # Errors
    /// There is no such person, or the journal cannot be written.
    pub fn set_premium(&self, handle: &str, on: bool) -> Result<(), Refused> {
        self.set_trait(handle, Trait::Premium, on)
    }

    /// Hides what this account writes from everybody but its followers, or shows it again.
    ///
    /// # Errors
    /// There is no such person, or the journal cannot be written.
    pub fn set_protected(&self, handle: &str, on: bool) -> Result<(), Refused> {
        self.set_trait(handle, Trait::Protected, on)
    }

    /// Lets this account take messages only from those it wrote to, or from all again.
    ///
    /// # Errors
    /// There is no such person, or the journal cannot be written.
    pub fn close_messages(&self, handle: &str, on: bool) -> Result<(), Refused> {
        self.set_trait(handle, Trait::Closed, on)
    }

    fn set_trait(&self, handle: &str, which: Trait, on: bool) -> Result<(), Refused> {
        let user = self.known(handle)?;
        Ok(self.state().accept(Change::Trait { user, which, on })?)
    }
}

impl World {
    pub(super) fn view(&self, post: &Post) -> PostView {
        PostView {
            id: post.id.to_string(),
            handle: self.handle(post.author),
            text: post.text.readable(),
            parent: post.parent.map(|parent| parent.to_string()),
            quoted: post.quoted.map(|quoted| quoted.to_string()),
            versions: self.versions(post).iter().map(u64::to_string).collect(),
            pictures: post.media.iter().map(|id| self.view_picture(*id)).collect(),
            created_at: time_of(post.id),
            deleted: post.deleted.is_some(),
        }
    }

    pub(super) fn view_message(&self, message: &Message) -> MessageView {
        MessageView {
            id: message.id.to_string(),
            from: self.handle(message.from),
            to: self.handle(message.to),
            text: message.text.readable(),
            picture: message.media.map(|id| self.view_picture(id)),
            at: time_of(message.id),
        }
    }

    fn view_picture(&self, id: u64) -> PictureView {
        PictureView { id: id.to_string(), alt: self.media.get(id).and_then(|picture| picture.alt.clone()) }
    }

    pub(super) fn handle(&self, user: u64) -> String {
        self.users.get(&user).map_or_else(String::new, |user| user.handle.clone())
    }
}
