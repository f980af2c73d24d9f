//! The keys of our app on a network, and the access that the owners of accounts grant us with them. Values that pass between
//! the bridge and a network; how they are got is the network's, how they are kept is the bridge's.

use super::Us;
use crate::clock::Millis;
use crate::secret::Secret;

/// One key of our app, as it is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyField {
    pub key: Key,
    /// As the network's console calls it.
    pub label: &'static str,
    pub hint: &'static str,
    pub is_needed: bool,
}

/// The keys of our app that somebody enters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    ClientId,
    ClientSecret,
    ApiKey,
    SigningSecret,
}

/// The keys of our app on a network. Each network uses those that it names as its key fields.
#[derive(Clone, Debug)]
pub struct AppKeys {
    /// Known to everybody.
    pub client_id: String,
    pub client_secret: Option<Secret>,
    pub api_key: Option<Secret>,
    /// What webhooks are signed with.
    pub signing_secret: Secret,
    /// While the signing secret is rotated, the network may sign with either.
    pub earlier_signing_secret: Option<Secret>,
    /// The app's own token, got with the keys, where the network has such.
    pub app_token: Option<Secret>,
    /// The network has approved our staff to answer private messages for longer than others.
    pub may_answer_late: bool,
}

/// What the owner of accounts granted us.
#[derive(Clone, Debug)]
pub struct Granted {
    pub access_token: Secret,
    /// Good for one use. `None`: the access ends when it ends.
    pub refresh_token: Option<Secret>,
    /// `None`: it does not end by itself.
    pub expires_at: Option<Millis>,
    /// Separated by spaces.
    pub scopes: String,
}

/// An account that a grant opens.
#[derive(Clone, Debug)]
pub struct Offer {
    pub us: Us,
    /// The account's own access, which may be another than the owner's.
    pub granted: Granted,
    /// The longest post that it may write, in the network's units, where the network tells accounts apart.
    pub longest_post: Option<usize>,
    /// Why it cannot be connected, for its owner.
    pub obstacle: Option<String>,
}

/// Why no access came of a code or a refresh token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// The network does not take the code or the refresh token: it never will.
    #[error("{network} says: {why}")]
    Refused { network: &'static str, why: String },
    /// The network does not take our app's id and secret.
    #[error("{network} does not accept the id and secret of the app: {why}")]
    WrongClient { network: &'static str, why: String },
    /// Nothing came of it, and nothing was used up.
    #[error("{network} cannot be reached: {why}")]
    NotSent { network: &'static str, why: String },
    /// The network may have given tokens that never arrived here: what was shown to it may be used up.
    #[error("{network}'s answer was lost: {why}")]
    Lost { network: &'static str, why: String },
}
