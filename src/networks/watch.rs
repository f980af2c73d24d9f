//! What is seen of every call to a network from outside: where it went, what the network said of its limits, what was
//! read and written and so has its price.
//!
//! An adapter asks its [`Watch`] before each call and tells it afterwards, in the one place through which all its calls
//! go. What the watcher does with that (a ledger, limits that several nodes share) is not known here.

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::words;
use crate::clock::Millis;

/// What a call is for, in the network's own division: each has limits of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    Mentions,
    OwnPosts,
    Search,
    PostLookUp,
    UserLookUp,
    Me,
    PostCreate,
    PostDelete,
    MediaUpload,
    MediaDescribe,
    MessageList,
    MessageSend,
    MessagePicture,
    /// Webhooks, subscriptions and what else keeps a connection.
    Connection,
}

/// Every endpoint with its stable name, and what the network lets us do there: "X lets us … again at 10:45".
const ENDPOINTS: [(Endpoint, &str, &str); 14] = [
    (Endpoint::Mentions, "mentions", words::READ_MENTIONS),
    (Endpoint::OwnPosts, "own_posts", words::READ_OWN_POSTS),
    (Endpoint::Search, "search", "search"),
    (Endpoint::PostLookUp, "post_look_up", words::LOOK_UP_POSTS),
    (Endpoint::UserLookUp, "user_look_up", words::LOOK_UP_PEOPLE),
    (Endpoint::Me, "me", words::CHECK_THE_ACCOUNT),
    (Endpoint::PostCreate, "post_create", words::POST_REPLIES),
    (Endpoint::PostDelete, "post_delete", words::DELETE_POSTS),
    (Endpoint::MediaUpload, "media_upload", words::UPLOAD_PICTURES),
    (Endpoint::MediaDescribe, "media_describe", words::DESCRIBE_PICTURES),
    (Endpoint::MessageList, "message_list", words::READ_PRIVATE_MESSAGES),
    (Endpoint::MessageSend, "message_send", words::SEND_PRIVATE_MESSAGES),
    (Endpoint::MessagePicture, "message_picture", words::FETCH_PRIVATE_PICTURES),
    (Endpoint::Connection, "connection", words::CHECK_THE_CONNECTION),
];

impl Endpoint {
    pub fn as_str(self) -> &'static str {
        self.entry().1
    }

    /// What may not be done while its limit is used up, as a verb: "post replies".
    pub fn verb(self) -> &'static str {
        self.entry().2
    }

    pub fn parse(name: &str) -> Option<Self> {
        ENDPOINTS.into_iter().find(|entry| entry.1 == name).map(|entry| entry.0)
    }

    fn entry(self) -> (Self, &'static str, &'static str) {
        ENDPOINTS.into_iter().find(|entry| entry.0 == self).expect("every endpoint has its entry")
    }
}

/// By whose token a call is made: limits count for each apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Caller {
    /// The account's own token.
    Account,
    /// The app's token, which all its accounts share.
    App,
}

/// A limit as the network told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Whose calls it counts; the app's counts those of all accounts.
    pub of: Caller,
    pub span: Span,
    pub remaining: i64,
    /// By our clock.
    pub reset_at: Millis,
}

/// Over which time a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Span {
    /// The network's short window: 15 minutes on X.
    Window,
    Day,
}

/// Something that a call brought, and that has its price.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Item {
    pub kind: ItemKind,
    /// The network's id.
    pub id: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ItemKind {
    /// A post from a timeline of our own: what we wrote, or what mentions us.
    OwnPost,
    Post,
    User,
    Message,
}

/// What a call wrote, and that has its price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Written {
    Reply,
    ReplyWithLink,
    Message,
}

/// One call, as it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    pub endpoint: Endpoint,
    pub at: Millis,
    /// The HTTP status; `None`: no answer came.
    pub status: Option<u16>,
    pub limits: Vec<Limit>,
    pub read: Vec<Item>,
    /// Also set where nobody knows whether it was accepted: it may have been charged.
    pub written: Option<Written>,
}

/// Asked before every call of one channel, and told after it. Clones are the same watcher.
#[derive(Clone)]
pub struct Watch(Option<Arc<Watcher>>);

struct Watcher {
    ask: Box<Ask>,
    tell: Box<Tell>,
}

type Ask = dyn Fn(Endpoint, Caller) -> BoxFuture<'static, Option<Millis>> + Send + Sync;
type Tell = dyn Fn(Observed) + Send + Sync;

impl Watch {
    /// `ask`: until when the network lets us make no such call, if a limit is used up. `tell` must not block.
    pub fn new(
        ask: impl Fn(Endpoint, Caller) -> BoxFuture<'static, Option<Millis>> + Send + Sync + 'static,
        tell: impl Fn(Observed) + Send + Sync + 'static,
    ) -> Self {
        Self(Some(Arc::new(Watcher { ask: Box::new(ask), tell: Box::new(tell) })))
    }

    /// For calls that belong to no channel yet.
    pub fn nobody() -> Self {
        Self(None)
    }

    pub async fn closed_until(&self, endpoint: Endpoint, caller: Caller) -> Option<Millis> {
        match &self.0 {
            Some(watcher) => (watcher.ask)(endpoint, caller).await,
            None => None,
        }
    }

    pub fn tell(&self, observed: Observed) {
        if let Some(watcher) = &self.0 {
            (watcher.tell)(observed);
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Watch(…)" } else { "Watch(nobody)" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_is_found_by_its_name() {
        for (endpoint, name, _) in ENDPOINTS {
            assert_eq!((Endpoint::parse(name), endpoint.as_str()), (Some(endpoint), name));
        }
        assert_eq!(Endpoint::parse("likes"), None);
    }
}
