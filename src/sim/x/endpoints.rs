//! The endpoints: what each is called, who may call it how often, and what a person must have granted for it.

use super::answer::Answer;
use super::gate::Caller;

/// One endpoint of the API with what its path names.
#[derive(Clone, Debug)]
pub(super) enum Endpoint {
    Me,
    UserByHandle(String),
    User(String),
    Users,
    Mentions(String),
    PostsOf(String),
    Posts,
    Post(String),
    SearchRecent,
    Create,
    Delete(String),
    Webhooks,
    CreateWebhook,
    CheckWebhook(String),
    DeleteWebhook(String),
    Subscriptions,
    Subscribe,
    Unsubscribe(String),
    Replay,
    Messages,
    Message(String),
    DeleteMessage(String),
    MessagesWith(String),
    MessagesIn(String),
    SendTo(String),
    SendIn(String),
    Upload,
    UploadBegin,
    UploadPart(String),
    UploadEnd(String),
    UploadStatus,
    Describe,
    Usage,
}

impl Endpoint {
    pub fn find(method: &str, path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.strip_prefix("/2/")?.split('/').collect();
        let found = match (method, parts.as_slice()) {
            ("GET", ["users", "me"]) => Self::Me,
            ("GET", ["users", "by", "username", handle]) => Self::UserByHandle((*handle).to_owned()),
            ("GET", ["users"]) => Self::Users,
            ("GET", ["users", id]) => Self::User((*id).to_owned()),
            ("GET", ["users", id, "mentions"]) => Self::Mentions((*id).to_owned()),
            ("GET", ["users", id, "tweets"]) => Self::PostsOf((*id).to_owned()),
            ("GET", ["tweets"]) => Self::Posts,
            ("GET", ["tweets", "search", "recent"]) => Self::SearchRecent,
            ("GET", ["tweets", id]) => Self::Post((*id).to_owned()),
            ("POST", ["tweets"]) => Self::Create,
            ("DELETE", ["tweets", id]) => Self::Delete((*id).to_owned()),
            ("GET", ["usage", "tweets"]) => Self::Usage,
            ("GET", ["webhooks"]) => Self::Webhooks,
            ("POST", ["webhooks"]) => Self::CreateWebhook,
            ("POST", ["webhooks", "replay"]) => Self::Replay,
            ("GET", ["dm_events"]) => Self::Messages,
            ("GET", ["dm_events", id]) => Self::Message((*id).to_owned()),
            ("DELETE", ["dm_events", id]) => Self::DeleteMessage((*id).to_owned()),
            ("GET", ["dm_conversations", "with", id, "dm_events"]) => Self::MessagesWith((*id).to_owned()),
            ("GET", ["dm_conversations", id, "dm_events"]) => Self::MessagesIn((*id).to_owned()),
            ("POST", ["dm_conversations", "with", id, "messages"]) => Self::SendTo((*id).to_owned()),
            ("POST", ["dm_conversations", id, "messages"]) => Self::SendIn((*id).to_owned()),
            ("POST", ["media", "upload"]) => Self::Upload,
            ("GET", ["media", "upload"]) => Self::UploadStatus,
            ("POST", ["media", "upload", "initialize"]) => Self::UploadBegin,
            ("POST", ["media", "upload", id, "append"]) => Self::UploadPart((*id).to_owned()),
            ("POST", ["media", "upload", id, "finalize"]) => Self::UploadEnd((*id).to_owned()),
            ("POST", ["media", "metadata"]) => Self::Describe,
            ("PUT", ["webhooks", id]) => Self::CheckWebhook((*id).to_owned()),
            ("DELETE", ["webhooks", id]) => Self::DeleteWebhook((*id).to_owned()),
            ("GET", ["activity", "subscriptions"]) => Self::Subscriptions,
            ("POST", ["activity", "subscriptions"]) => Self::Subscribe,
            ("DELETE", ["activity", "subscriptions", id]) => Self::Unsubscribe((*id).to_owned()),
            _ => return None,
        };
        Some(found)
    }

    /// Some endpoints act for a person, some for the app, most read for either.
    pub fn allows(&self, caller: Caller) -> Result<(), Answer> {
        const APP: &str = "OAuth 2.0 Application-Only";
        const USER: &str = "OAuth 2.0 User Context";
        let for_the_app = matches!(
            self,
            Self::Webhooks
                | Self::CreateWebhook
                | Self::CheckWebhook(_)
                | Self::DeleteWebhook(_)
                | Self::Replay
                | Self::Usage
                | Self::Unsubscribe(_)
        );
        let reads = matches!(
            self,
            Self::UserByHandle(_)
                | Self::User(_)
                | Self::Users
                | Self::Mentions(_)
                | Self::PostsOf(_)
                | Self::Posts
                | Self::Post(_)
                | Self::SearchRecent
                | Self::Subscriptions
                | Self::Subscribe
        );
        match caller {
            Caller::App if !for_the_app && !reads => {
                Err(Answer::unsupported_authentication(APP, "OAuth 1.0a User Context, OAuth 2.0 User Context"))
            }
            Caller::User { .. } if for_the_app => Err(Answer::unsupported_authentication(USER, APP)),
            _ => Ok(()),
        }
    }

    /// What a person must have granted for it.
    pub fn scopes(&self) -> &'static [&'static str] {
        match self {
            Self::Create | Self::Delete(_) => &["tweet.read", "tweet.write", "users.read"],
            Self::Messages | Self::Message(_) | Self::MessagesWith(_) | Self::MessagesIn(_) => {
                &["dm.read", "tweet.read", "users.read"]
            }
            Self::DeleteMessage(_) => &["dm.read", "dm.write"],
            Self::SendTo(_) | Self::SendIn(_) => &["dm.write", "tweet.read", "users.read"],
            Self::Upload
            | Self::UploadBegin
            | Self::UploadPart(_)
            | Self::UploadEnd(_)
            | Self::UploadStatus
            | Self::Describe => &["media.write"],
            // What a subscription takes depends on its event.
            Self::Subscriptions | Self::Subscribe => &[],
            _ => &["tweet.read", "users.read"],
        }
    }

    /// What X takes no money for.
    pub fn is_free(&self) -> bool {
        matches!(
            self,
            Self::Webhooks
                | Self::CreateWebhook
                | Self::CheckWebhook(_)
                | Self::DeleteWebhook(_)
                | Self::Subscriptions
                | Self::Subscribe
                | Self::Unsubscribe(_)
                | Self::Replay
                | Self::Usage
                | Self::Delete(_)
                | Self::DeleteMessage(_)
                | Self::Upload
                | Self::UploadBegin
                | Self::UploadPart(_)
                | Self::UploadEnd(_)
                | Self::UploadStatus
                | Self::Describe
        )
    }

    /// How often in a day, where X limits that: whose calls are counted, and how many there may be.
    pub fn day_limit(&self) -> Option<(&'static str, u32)> {
        match self {
            Self::Create => Some(("app", 10_000)),
            Self::SendTo(_) | Self::SendIn(_) => Some(("user", 1_440)),
            _ => None,
        }
    }

    /// The endpoint's name and how often it may be called in 15 minutes.
    pub fn limit(&self, caller: Caller) -> (&'static str, u32) {
        let (name, account, app) = match self {
            Self::Me => ("me", 75, 75),
            Self::UserByHandle(_) => ("user by handle", 900, 300),
            Self::User(_) => ("user", 900, 300),
            Self::Users => ("users", 900, 300),
            Self::Mentions(_) => ("mentions", 300, 450),
            Self::PostsOf(_) => ("posts of", 900, 10_000),
            Self::Posts => ("posts", 5_000, 3_500),
            Self::Post(_) => ("post", 900, 450),
            Self::SearchRecent => ("search recent", 300, 450),
            Self::Create => ("create", 100, 100),
            Self::Delete(_) => ("delete", 50, 50),
            Self::Webhooks => ("webhooks", 450, 450),
            Self::CreateWebhook => ("create webhook", 450, 450),
            Self::CheckWebhook(_) => ("check webhook", 450, 450),
            Self::DeleteWebhook(_) => ("delete webhook", 450, 450),
            Self::Subscriptions => ("subscriptions", 500, 500),
            Self::Subscribe => ("subscribe", 500, 500),
            Self::Unsubscribe(_) => ("unsubscribe", 500, 500),
            Self::Replay => ("replay", 100, 100),
            Self::Messages => ("messages", 15, 15),
            Self::Message(_) => ("message", 15, 15),
            Self::DeleteMessage(_) => ("delete message", 300, 300),
            Self::MessagesWith(_) => ("messages with", 15, 15),
            Self::MessagesIn(_) => ("messages in", 15, 15),
            Self::SendTo(_) => ("send to", 15, 15),
            Self::SendIn(_) => ("send in", 15, 15),
            Self::Upload => ("upload", 500, 500),
            Self::UploadBegin => ("upload begin", 1_875, 1_875),
            Self::UploadPart(_) => ("upload part", 1_875, 1_875),
            Self::UploadEnd(_) => ("upload end", 1_875, 1_875),
            Self::UploadStatus => ("upload status", 1_000, 1_000),
            Self::Describe => ("describe", 500, 500),
            Self::Usage => ("usage", 50, 50),
        };
        (name, if caller == Caller::App { app } else { account })
    }
}
