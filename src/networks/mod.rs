//! The networks: their wire formats on one side, neutral types on the other, and the one guarded HTTP client.
//!
//! Knows nothing of questions, answers or the database. Only the bridge calls it. What a network sent is hostile and
//! often odd: whatever cannot be read is an error value here, never a panic, and the raw body stays with the caller.

mod account;
pub mod facebook;
mod grant;
pub mod http;
mod look;
mod network;
pub mod pictures;
mod text;
pub mod watch;
mod words;
pub mod x;

use std::sync::Arc;
use std::time::Duration;

pub use account::{Account, Addressee, Stretch, Target, Timeline, Uploaded, Window, compare_marks};
pub use grant::{AppKeys, GrantError, Granted, Key, KeyField, Offer};
pub use look::{AccountLook, AccountState, AppLook, AppState, Finding, Looked};
pub use network::{Abilities, Network, NoProof, Part, Proof, Seat, Us, Words};

use crate::clock::{Clock, Millis};
use facebook::FacebookNetwork;
pub use facebook::FacebookPlace;
use http::Guarded;
/// Whether something in this text looks like an address. Every network has its own rule; X's is the widest.
pub use x::holds_link as looks_like_address;
use x::{XNetwork, XPlace};

/// Every network that this server knows, in the order in which people read of them.
pub fn all(x: &XPlace, facebook: &FacebookPlace, http: &Guarded, clock: &Clock) -> Vec<Arc<dyn Network>> {
    vec![
        Arc::new(XNetwork { http: http.clone(), place: x.clone(), clock: clock.clone() }),
        Arc::new(FacebookNetwork { http: http.clone(), place: facebook.clone(), clock: clock.clone() }),
    ]
}

/// Why a reply that a network's API may not send is written by hand. `network`: its stable name.
pub fn by_hand_reason(network: &str) -> &'static str {
    match network {
        "x" => x::BY_HAND,
        "facebook" => facebook::BY_HAND,
        _ => words::BY_HAND,
    }
}

/// A person or company on a network, as the network describes them at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteAuthor {
    pub id: String,
    /// Without the leading `@`. Empty if the network named the author by id only.
    pub handle: String,
    /// The display name, empty like the handle: any text at all, cleaned of control and direction characters and cut to 80 characters.
    pub name: String,
    pub picture_url: Option<String>,
    pub followers: Option<i64>,
}

/// One post of theirs (or of ours, come back) in neutral form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemotePost {
    pub id: String,
    pub author: RemoteAuthor,
    /// Plain text for people: entities decoded, t.co links expanded, leading reply mentions dropped. May be empty.
    pub text: String,
    pub posted_at: Millis,
    /// The post that this one replies to.
    pub parent: Option<String>,
    /// The root of the whole conversation.
    pub conversation: String,
    /// Ids of the accounts that the author typed into the text (not the ones that a reply carries by itself), plus the
    /// authors of posts that this one quotes, as far as the network says.
    pub addressed: Vec<String>,
    /// The post that this one quotes.
    pub quoted: Option<String>,
    pub lang: Option<String>,
    /// Its pictures in the order in which they are shown, at most four.
    pub media: Vec<RemoteMedia>,
    /// The versions of this post that an edit replaced by this one, oldest first: each edit has an id of its own.
    pub earlier_ids: Vec<String>,
    /// Versions that replaced this one, oldest first: with any, what is read here is out of date.
    pub later_ids: Vec<String>,
    /// Its own page, where the network said it.
    pub url: Option<String>,
    /// Hidden on the network by whoever owns the place where it stands.
    pub hidden: bool,
    /// This post in the network's own JSON, as it arrived.
    pub raw: String,
}

/// One private message between an account of ours and one person, theirs or ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteMessage {
    pub id: String,
    /// The conversation, as the network names it.
    pub conversation: String,
    /// The other person of the conversation, whoever wrote this message.
    pub with: RemoteAuthor,
    /// We wrote it.
    pub ours: bool,
    /// The key that we sent it with, where the network says it.
    pub key: Option<String>,
    /// Plain text for people, as in a post. Empty where something came without words.
    pub text: String,
    pub sent_at: Millis,
    pub attachments: Vec<RemoteAttachment>,
    /// This message in the network's own JSON, as it arrived.
    pub raw: String,
}

/// What came with a private message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteAttachment {
    /// A picture that can be shown; anything else only the network's own app shows.
    pub is_photo: bool,
    /// Where the network keeps it, for the two people of the conversation alone.
    pub url: Option<String>,
    /// What it shows, in the words of its sender; empty where they gave none.
    pub alt: String,
}

/// A page of private messages, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessagePage {
    pub messages: Vec<RemoteMessage>,
    /// What could not be read of this page.
    pub unreadable: Vec<Unreadable>,
    /// The marks of all messages of the page, of what is read and of what is passed over (groups).
    pub marks: Vec<String>,
    pub next_token: Option<String>,
}

/// A picture that a remote post carries: a photo, or the still that stands for a film.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteMedia {
    /// The network's key of it, unique on the network.
    pub key: String,
    pub kind: MediaKind,
    /// Where the picture lies, an `http` or `https` address of at most 2,000 bytes; a stranger may have chosen it. `None`:
    /// the network did not say, and must be asked.
    pub url: Option<String>,
    /// What its author says is to be seen, cleaned like a text and cut to 1,000 characters; empty: nothing.
    pub alt: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaKind {
    Photo,
    /// A video or a moving picture, of which only a still is known.
    Film,
}

/// One thing that a network told us, by webhook or by page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inbound {
    Post(RemotePost),
    /// A private message: for staff alone.
    Message(RemoteMessage),
    Deleted {
        id: String,
    },
    /// A post changed, and the network is to be asked how it is now.
    Changed {
        id: String,
    },
    /// A post was hidden on the network, or is shown again.
    Hidden {
        id: String,
        hidden: bool,
    },
    /// A private message has other words now; it may not have come before.
    MessageEdited(RemoteMessage),
    /// A private message was taken back; it may not have come before.
    MessageDeleted(RemoteMessage),
    /// Our account took back what it had granted us. It may have granted anew since.
    Revoked,
    /// Well-formed, but nothing that concerns us; the name of the event for the log.
    Ignored(String),
}

/// A page of posts, newest first, with what is needed to ask for the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostPage {
    pub posts: Vec<RemotePost>,
    /// Posts that came along only because another refers to them (parents, quoted posts).
    pub included: Vec<RemotePost>,
    /// Ids that were asked for and are gone or hidden from us.
    pub missing: Vec<String>,
    /// What could not be read of this page. Posts that only came along are not among it.
    pub unreadable: Vec<Unreadable>,
    /// The marks of its newest and its oldest post: everything between them was read.
    pub newest: Option<String>,
    pub oldest: Option<String>,
    /// More follows below.
    pub next_token: Option<String>,
}

/// A part of a page that could not be read, while the rest could.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    pub reason: String,
    /// A page with this part alone, as the network would have sent it.
    pub page: Vec<u8>,
}

/// A body that is not what the network says it sends; nothing of it was used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not readable: {0}")]
pub struct Malformed(pub String);

/// Why a reading call brought nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Down, slow, or saying something unreadable: try again later.
    #[error("the network could not be read: {0}")]
    Unavailable(String),
    #[error("the network asks us to wait")]
    RetryAfter(Duration),
    /// The channel's access is gone: no call will work until an administrator mends it.
    #[error("the channel is broken: {1}")]
    ChannelBroken(Mend, String),
    /// The network does not take the access token: it is to be renewed, and asked again.
    #[error("the access token is refused: {0}")]
    TokenRefused(String),
    #[error("the network refused: {0}")]
    Refused(String),
}

/// What an administrator does about an account whose access is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mend {
    BuyCredits,
    EnterKeys,
    Connect,
}

/// What the adapter says of one send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Accepted {
        remote_id: String,
        /// Of a private message: the person it went to, where the network names them only now.
        person: Option<String>,
    },
    /// Not accepted; may be tried again after this time.
    RetryAfter { wait: Duration, reason: String },
    /// The request never left: the network is not there, and what waits for it may simply go on waiting.
    Unreachable { reason: String },
    /// Never accepted in this form.
    Refused { reason: String },
    /// The network lets a person do this, but not its API.
    ByHand { reason: String },
    /// No call will work until an administrator mends it.
    ChannelBroken { mend: Mend, reason: String },
    /// The access token is not taken; nothing was posted.
    TokenRefused { reason: String },
    /// Nobody knows whether it was accepted: look before anything else.
    Unknown {
        reason: String,
        /// The network itself answered, in its own words: it works.
        there: bool,
    },
}

/// Whether a reply to a post may go through the network's API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyPath {
    Api,
    ByHand,
}

/// A text measured by a network's own rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// In the network's own units.
    pub used: usize,
    pub limit: usize,
}

impl Length {
    pub fn fits(self) -> bool {
        self.used <= self.limit
    }

    /// How many units too long the text is; zero if it fits.
    pub fn over(self) -> usize {
        self.used.saturating_sub(self.limit)
    }
}
