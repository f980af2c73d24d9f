//! Everything that can happen to the world of the twin, as its journal keeps it.
//!
//! What the changes mean is the business of `world`.

use serde::{Deserialize, Serialize};

use super::events::Attempt;
use super::grants::{Consent, End, Grant, Token};
use super::people::{Task, Trait};
use crate::clock::Millis;

pub(super) type Journal = crate::sim::journal::Journal<Change>;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub(super) enum Change {
    Person {
        id: u64,
        handle: String,
        name: String,
        at: Millis,
    },
    Page {
        id: u64,
        handle: String,
        name: String,
        at: Millis,
    },
    /// What somebody may do for a page from now on; nothing ends the role.
    Role {
        page: u64,
        person: u64,
        tasks: Vec<Task>,
        at: Millis,
    },
    /// What a person is, or no longer is.
    Trait {
        person: u64,
        which: Trait,
        on: bool,
    },
    Picture {
        picture: Picture,
    },
    /// A post or a comment.
    Item {
        number: u64,
        written: Written,
    },
    Edit {
        number: u64,
        text: String,
        at: Millis,
    },
    Remove {
        number: u64,
        at: Millis,
    },
    Hide {
        number: u64,
        hidden: bool,
        at: Millis,
    },
    /// Somebody likes it.
    React {
        number: u64,
        by: u64,
        at: Millis,
    },
    Message {
        number: u64,
        said: Said,
    },
    MessageEdit {
        number: u64,
        text: String,
        at: Millis,
    },
    Unsend {
        number: u64,
        at: Millis,
    },
    /// Somebody lets the app in; the code waits to be exchanged.
    Consent {
        code: String,
        consent: Consent,
    },
    /// A code was exchanged, or will never be.
    CodeUsed {
        code: String,
    },
    Grant {
        grant: Grant,
    },
    Token {
        token: Token,
    },
    /// All tokens of a grant end; with a page, only those of the page.
    End {
        grant: u64,
        page: Option<u64>,
        how: End,
        at: Millis,
    },
    /// Where the app wants to hear of pages, and of what.
    Webhook {
        url: String,
        verify_token: String,
        fields: Vec<String>,
        at: Millis,
    },
    WebhookGone,
    /// The app of a page wants to hear of these fields.
    Subscribe {
        page: u64,
        fields: Vec<String>,
        at: Millis,
    },
    Unsubscribe {
        page: u64,
        at: Millis,
    },
    /// These events went out in one body.
    Attempt {
        events: Vec<usize>,
        result: Attempt,
        at: Millis,
    },
    /// The app's secret is replaced; the one before signs no more.
    Secret {
        secret: String,
    },
    /// Whether the app has passed its review: without, it hears only of people with a role.
    Access {
        advanced: bool,
    },
    /// Whether the app may use the tag HUMAN_AGENT.
    HumanAgent {
        on: bool,
    },
}

/// A post or a comment as it was written.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Written {
    pub id: String,
    /// A person or a page.
    pub author: u64,
    /// Whoever wrote it for the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<u64>,
    /// Whether it came through the app.
    #[serde(default)]
    pub app: bool,
    pub place: Place,
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<Shown>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    pub at: Millis,
}

/// Where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Place {
    /// A post, on the wall of a page or a person.
    Wall(u64),
    /// A comment below a post, or below a top-level comment of it.
    Under { post: u64, parent: Option<u64> },
}

/// What a post, a comment or a message shows besides its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Shown {
    Photo(u64),
    Sticker,
}

/// A Messenger message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Said {
    pub mid: String,
    pub page: u64,
    pub person: u64,
    /// Whether the page says it.
    pub by_page: bool,
    #[serde(default)]
    pub app: bool,
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<Shown>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<String>,
    /// The comment or post that it answers privately.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<u64>,
    pub at: Millis,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Picture {
    pub id: u64,
    pub mime: String,
    pub width: u32,
    pub height: u32,
    pub size: usize,
    pub at: Millis,
}

impl Picture {
    /// The last part of its address.
    pub fn file_name(&self) -> String {
        format!("{}.{}", self.id, self.mime.trim_start_matches("image/").replace("jpeg", "jpg"))
    }
}
