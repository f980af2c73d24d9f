//! What is looked at about a connection: what the bridge knows before, and what a network found. What follows from it, and how
//! it is kept, is the bridge's.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Failure, words};
use crate::clock::Millis;
use crate::secret::Secret;

/// What can be looked at about a connection. What was found is kept with these names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Looked {
    // An older release kept what people read.
    #[serde(alias = "Secrets")]
    Secrets,
    #[serde(alias = "App keys")]
    AppKeys,
    #[serde(alias = "App token")]
    AppToken,
    #[serde(alias = "Webhook")]
    Webhook,
    #[serde(alias = "Access")]
    Access,
    #[serde(alias = "Renewal")]
    Renewal,
    #[serde(alias = "Permissions")]
    Permissions,
    #[serde(alias = "Events")]
    Events,
}

impl fmt::Display for Looked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Secrets => words::SECRETS,
            Self::AppKeys => words::APP_KEYS,
            Self::AppToken => words::APP_TOKEN,
            Self::Webhook => words::WEBHOOK,
            Self::Access => words::ACCESS,
            Self::Renewal => words::RENEWAL,
            Self::Permissions => words::PERMISSIONS,
            Self::Events => words::EVENTS,
        })
    }
}

/// One thing that was looked at about a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub what: Looked,
    pub is_good: bool,
    /// The network could not be asked: nothing that a person must mend, and it is asked again by itself.
    #[serde(default)]
    pub is_unasked: bool,
    /// How it is; where it is wrong, what to do.
    pub words: String,
}

impl Finding {
    pub fn good(what: Looked, words: impl Into<String>) -> Self {
        Self { what, is_good: true, is_unasked: false, words: words.into() }
    }

    pub fn wrong(what: Looked, words: impl Into<String>) -> Self {
        Self { what, is_good: false, is_unasked: false, words: words.into() }
    }

    /// `network`: its name for people.
    pub fn unasked(what: Looked, network: &str, failure: &Failure) -> Self {
        let words = words::could_not_be_asked(network, failure);
        Self { is_unasked: true, ..Self::wrong(what, words) }
    }
}

/// What is known of our app's connection before it is looked at.
#[derive(Clone, Debug)]
pub struct AppState {
    pub now: Millis,
    /// Our address for the network's events.
    pub hook: String,
    pub webhook_id: Option<String>,
    /// The address that the network found in order last, and when.
    pub valid_hook: Option<(String, Millis)>,
    /// Up to when events could reach us.
    pub events_until: Option<Millis>,
    /// Events that could not reach us are to be asked for, whatever the state says: this process has just begun.
    pub begins: bool,
    /// Nobody is there to receive what would be sent again.
    pub nobody_listens: bool,
    /// Ask also what costs something.
    pub thorough: bool,
}

/// What a look at our app's connection found, and what is to be kept of it.
#[derive(Clone, Debug, Default)]
pub struct AppLook {
    pub findings: Vec<Finding>,
    /// A new token of the app's own.
    pub app_token: Option<Secret>,
    /// The webhook that calls `AppState::hook` and is in order.
    pub webhook_id: Option<String>,
    pub events_until: Option<Millis>,
}

/// What is known of one account's connection before it is looked at.
#[derive(Clone, Debug)]
pub struct AccountState {
    pub now: Millis,
    /// What was granted, separated by spaces.
    pub scopes: String,
    pub webhook_id: Option<String>,
    /// Ask also what costs something.
    pub thorough: bool,
    /// Ask what changes rarely: today nobody did.
    pub first_today: bool,
}

/// What a look at one account's connection found, and what is to be kept of it.
#[derive(Clone, Debug, Default)]
pub struct AccountLook {
    pub findings: Vec<Finding>,
    /// The network was asked whose access it is, and it works.
    pub works: bool,
    /// The network does not take the access; its words.
    pub refused: Option<String>,
    /// As far as the network said it now.
    pub longest_post: Option<usize>,
    /// When the access ends, as far as the network said it now; `Some(None)`: not by itself.
    pub expires_at: Option<Option<Millis>>,
    /// What is granted, as far as the network said it now, separated by spaces.
    pub scopes: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_older_release_kept_is_read() {
        let kept = r#"{"what":"App keys","is_good":false,"words":"Copy both again."}"#;
        let finding: Finding = serde_json::from_str(kept).unwrap();
        assert_eq!(finding, Finding::wrong(Looked::AppKeys, "Copy both again."));
        assert!(serde_json::to_string(&finding).unwrap().starts_with(r#"{"what":"app_keys""#));
    }
}
