//! Everything that can happen to the world of the twin, as its journal keeps it.
//!
//! What the changes mean is the business of `world`.

use serde::{Deserialize, Serialize};

use super::grants::{Consent, Tokens};
use super::media::Picture;
use crate::clock::Millis;

pub(super) type Journal = crate::sim::journal::Journal<Change>;

/// Everything that can happen to the world of the twin.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub(super) enum Change {
    User {
        id: u64,
        handle: String,
        name: String,
        followers: u64,
        at: Millis,
    },
    Post {
        id: u64,
        author: u64,
        typed: String,
        parent: Option<u64>,
        silent: Vec<u64>,
        #[serde(flatten)]
        written: Written,
    },
    Delete {
        id: u64,
        at: Millis,
    },
    /// What an account is, or no longer is.
    Trait {
        user: u64,
        which: Trait,
        on: bool,
    },
    Message {
        id: u64,
        from: u64,
        to: u64,
        typed: String,
        media: Option<u64>,
    },
    MessageGone {
        id: u64,
    },
    Media {
        picture: Picture,
    },
    AltText {
        id: u64,
        text: String,
    },
    Webhook {
        id: u64,
        url: String,
        at: Millis,
    },
    WebhookChecked {
        id: u64,
        valid: bool,
    },
    WebhookGone {
        id: u64,
    },
    Subscribe {
        id: u64,
        event: String,
        user: Option<u64>,
        tag: Option<String>,
        webhook: Option<u64>,
        at: Millis,
    },
    Unsubscribe {
        id: u64,
    },
    /// Events of this time are to be sent once more.
    Replay {
        id: u64,
        webhook: u64,
        from: Millis,
        to: Millis,
    },
    Attempt {
        delivery: usize,
        result: Attempt,
        at: Millis,
    },
    /// Somebody lets the app in; the code waits to be exchanged.
    Consent {
        code: String,
        consent: Consent,
    },
    /// Tokens for a consent, or for `grant`.
    Grant {
        id: u64,
        user: u64,
        scopes: Vec<String>,
        code: Option<String>,
        tokens: Tokens,
    },
    Refresh {
        id: u64,
        tokens: Tokens,
    },
    /// The app's secret is replaced; the one before signs no more.
    Secret {
        secret: String,
    },
    /// The app gives the grant back, or its user takes it away.
    Revoke {
        id: u64,
        by_user: bool,
        at: Millis,
    },
}

/// What a post may have besides its text.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Written {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quoted: Option<u64>,
    /// The version that this one replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edits: Option<u64>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Trait {
    Premium,
    Protected,
    /// Takes messages only from those they wrote to.
    Closed,
}

impl Change {
    /// The id that this change brings into the world.
    pub fn new_id(&self) -> Option<u64> {
        match self {
            Self::User { id, .. }
            | Self::Post { id, .. }
            | Self::Webhook { id, .. }
            | Self::Subscribe { id, .. }
            | Self::Message { id, .. }
            | Self::Media { picture: Picture { id, .. } }
            | Self::Replay { id, .. }
            | Self::Grant { id, .. } => Some(*id),
            _ => None,
        }
    }
}

/// How the one attempt to deliver an event ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "attempt", rename_all = "snake_case")]
pub(super) enum Attempt {
    /// The receiver answered, with this HTTP status.
    Answered { status: u16 },
    /// No answer came.
    Failed { why: String },
    /// Nothing was sent.
    Skipped { why: String },
}
