//! What can happen in a thread of the story, as it is written down.

use serde::Deserialize;

/// What happens next in a thread, some time after what happened before. `on` and `to` name an earlier step by its `name`;
/// without them it is about the question.
#[derive(Debug, Deserialize)]
#[serde(tag = "does", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// A reply on the network.
    Posts {
        after: String,
        by: String,
        text: String,
        to: Option<String>,
        name: Option<String>,
        /// A colleague hides it there at once.
        #[serde(default)]
        hidden: bool,
    },
    /// A message of a private conversation, theirs or ours.
    Writes {
        after: String,
        by: String,
        text: String,
    },
    Answers {
        after: String,
        by: String,
        text: String,
        name: Option<String>,
    },
    Comments {
        after: String,
        by: String,
        text: String,
        on: Option<String>,
    },
    /// Several members vote.
    Votes {
        after: String,
        by: Vec<String>,
        on: Option<String>,
    },
    Accepts {
        after: String,
        on: String,
    },
    /// Staff vouch for an answer; to an asker on a network it is sent.
    Verifies(Verifies),
    /// Staff say that the asker needs no other word: "thanks" asks for none.
    Settles {
        after: String,
    },
    /// Staff write to the asker on the network without verifying anything.
    AsksBack {
        after: String,
        by: String,
        text: String,
    },
    /// Staff give a mirrored question a better title.
    Retitles {
        after: String,
        title: String,
    },
    /// Somebody at the desk tells colleagues something; `@handle` calls one.
    Notes {
        after: String,
        by: String,
        text: String,
    },
    /// Somebody at the desk writes to the asker and does not send it yet; a trainee may hand it in.
    Drafts {
        after: String,
        by: String,
        text: String,
        #[serde(default)]
        handed_in: bool,
    },
    /// A member tells staff that something is wrong with a post.
    Reports {
        after: String,
        by: String,
        on: Option<String>,
        reason: String,
        #[serde(default)]
        words: String,
    },
    /// Staff warn a member.
    Warns {
        after: String,
        by: String,
        whom: String,
        reason: String,
    },
    /// Staff put this thread into the one with that key.
    Merges {
        after: String,
        by: String,
        into: String,
    },
}

/// One verification.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verifies {
    pub after: String,
    pub by: String,
    pub on: String,
    pub evidence: String,
    /// The product, and what of it.
    pub scope: String,
    #[serde(default)]
    pub version: String,
    #[serde(default)]
    pub region: String,
    /// How long it holds; without it, until somebody withdraws it.
    pub until: Option<String>,
    /// What is sent; none where the asker is a member here.
    #[serde(default)]
    pub short: String,
    /// On X: the connection breaks while it is sent, so that nobody knows whether it arrived.
    #[serde(default)]
    pub lost: bool,
}

impl Step {
    /// How long after the step before it.
    pub fn after(&self) -> &str {
        match self {
            Self::Posts { after, .. }
            | Self::Writes { after, .. }
            | Self::Answers { after, .. }
            | Self::Comments { after, .. }
            | Self::Votes { after, .. }
            | Self::Accepts { after, .. }
            | Self::AsksBack { after, .. }
            | Self::Settles { after }
            | Self::Retitles { after, .. }
            | Self::Notes { after, .. }
            | Self::Drafts { after, .. }
            | Self::Reports { after, .. }
            | Self::Warns { after, .. }
            | Self::Merges { after, .. } => after,
            Self::Verifies(verifies) => &verifies.after,
        }
    }
}
