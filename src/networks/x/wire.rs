//! X's JSON as it arrives, in both of its dialects: the one that `tweet.fields` asks for (`referenced_tweets`) and the
//! one of `post.fields` (`referenced_posts`).
//!
//! Only what we use is named; everything else is passed over. The fields that place a post (ids, parent, author) must
//! be right if they are there; the others are ornament, and become absent if they are not what we expect.

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// An id of X: 1 to 20 digits. Arrives as text; a whole number is taken too.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(pub String);

impl Id {
    pub fn parse(text: &str) -> Option<Self> {
        let digits = (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| Self(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match Value::deserialize(deserializer)? {
            Value::String(text) => text,
            Value::Number(number) if number.is_u64() => number.to_string(),
            _ => return Err(D::Error::custom("an id that is neither text nor a whole number")),
        };
        Self::parse(&text).ok_or_else(|| D::Error::custom("an id that is not 1 to 20 digits"))
    }
}

/// A page of posts, or the answer to a look-up. Posts and users stay values: one of them may be unreadable, and each
/// post keeps its own JSON.
#[derive(Debug, Deserialize)]
pub struct Page {
    /// A list; one object when a single post was asked for; absent when there is none.
    pub data: Option<Value>,
    #[serde(default, deserialize_with = "lenient")]
    pub includes: Option<Includes>,
    #[serde(default, deserialize_with = "lenient")]
    pub errors: Option<Vec<Problem>>,
    #[serde(default, deserialize_with = "lenient")]
    pub meta: Option<Meta>,
}

#[derive(Debug, Default, Deserialize)]
pub struct Includes {
    #[serde(default, deserialize_with = "lenient")]
    users: Option<Vec<Value>>,
    #[serde(default, deserialize_with = "lenient")]
    tweets: Option<Vec<Value>>,
    #[serde(default, deserialize_with = "lenient")]
    posts: Option<Vec<Value>>,
    #[serde(default, deserialize_with = "lenient")]
    media: Option<Vec<Value>>,
}

impl Includes {
    /// The readable pictures and films.
    pub fn media(&self) -> impl Iterator<Item = Media> {
        self.media.iter().flatten().filter_map(|value| Media::deserialize(unwrapped(value)).ok())
    }

    /// The readable users; the samples of some events wrap each in `{"data":…}`.
    pub fn users(&self) -> Vec<User> {
        let values = self.users.iter().flatten();
        values.filter_map(|value| User::deserialize(unwrapped(value)).ok()).collect()
    }

    pub fn posts(&self) -> impl Iterator<Item = &Value> {
        self.tweets.iter().flatten().chain(self.posts.iter().flatten()).map(unwrapped)
    }
}

#[derive(Debug, Default, Deserialize)]
pub struct Meta {
    #[serde(default, deserialize_with = "lenient")]
    pub newest_id: Option<Id>,
    #[serde(default, deserialize_with = "lenient")]
    pub oldest_id: Option<Id>,
    #[serde(default, deserialize_with = "lenient")]
    pub next_token: Option<String>,
}

/// One entry of `errors`, in a body that is otherwise fine or in one that is not.
#[derive(Debug, Default, Deserialize)]
pub struct Problem {
    #[serde(default, rename = "type", deserialize_with = "lenient")]
    pub kind: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub title: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub detail: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub message: Option<String>,
    /// The number of the old API, which still shows through.
    #[serde(default, deserialize_with = "lenient")]
    pub code: Option<i64>,
    #[serde(default, deserialize_with = "lenient")]
    pub resource_type: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub resource_id: Option<Id>,
    #[serde(default, deserialize_with = "lenient")]
    pub value: Option<Id>,
    #[serde(default, deserialize_with = "lenient")]
    pub errors: Option<Vec<Problem>>,
}

/// A webhook of the Activity API.
#[derive(Debug, Deserialize)]
pub struct Envelope {
    pub data: Event,
}

#[derive(Debug, Deserialize)]
pub struct Event {
    pub event_type: String,
    #[serde(default, deserialize_with = "lenient")]
    pub filter: Option<Filter>,
    pub payload: Option<Value>,
    #[serde(default, deserialize_with = "lenient")]
    pub includes: Option<Includes>,
}

#[derive(Debug, Deserialize)]
pub struct Filter {
    #[serde(default, deserialize_with = "lenient")]
    pub user_id: Option<Id>,
}

/// What `post.delete` carries.
#[derive(Debug, Deserialize)]
pub struct Deletion {
    pub id: Id,
}

#[derive(Debug, Deserialize)]
pub struct Post {
    pub id: Id,
    #[serde(default, deserialize_with = "lenient")]
    pub text: Option<String>,
    pub author_id: Option<Id>,
    #[serde(default, deserialize_with = "lenient")]
    pub created_at: Option<String>,
    pub conversation_id: Option<Id>,
    pub in_reply_to_tweet_id: Option<Id>,
    pub in_reply_to_post_id: Option<Id>,
    #[serde(default, deserialize_with = "lenient")]
    pub in_reply_to_user_id: Option<Id>,
    // Two fields and not an alias: a body that holds both spellings would be refused as holding one twice.
    referenced_tweets: Option<Vec<Reference>>,
    referenced_posts: Option<Vec<Reference>>,
    #[serde(default, deserialize_with = "lenient")]
    edit_history_tweet_ids: Option<Vec<Id>>,
    #[serde(default, deserialize_with = "lenient")]
    edit_history_post_ids: Option<Vec<Id>>,
    #[serde(default, deserialize_with = "lenient")]
    note_tweet: Option<Note>,
    #[serde(default, deserialize_with = "lenient")]
    note_post: Option<Note>,
    #[serde(default, deserialize_with = "lenient")]
    pub entities: Option<Entities>,
    #[serde(default, deserialize_with = "lenient")]
    attachments: Option<Attachments>,
    /// Where the text begins and ends that its author wrote, in characters.
    #[serde(default, deserialize_with = "lenient")]
    pub display_text_range: Option<(usize, usize)>,
    #[serde(default, deserialize_with = "lenient")]
    pub lang: Option<String>,
}

impl Post {
    pub fn references(&self, kind: &str) -> impl Iterator<Item = &Id> {
        let all = self.referenced_tweets.iter().flatten().chain(self.referenced_posts.iter().flatten());
        all.filter(move |reference| reference.kind == kind).map(|reference| &reference.id)
    }

    pub fn parent(&self) -> Option<&Id> {
        let named = self.in_reply_to_tweet_id.as_ref().or(self.in_reply_to_post_id.as_ref());
        self.references("replied_to").next().or(named)
    }

    /// All versions of the post, this one among them.
    pub fn versions(&self) -> impl Iterator<Item = &Id> {
        self.edit_history_tweet_ids.iter().flatten().chain(self.edit_history_post_ids.iter().flatten())
    }

    /// The keys of its pictures and films, which stand among what came along.
    pub fn media_keys(&self) -> impl Iterator<Item = &String> {
        self.attachments.iter().flat_map(|attachments| attachments.media_keys.iter().flatten())
    }

    /// The long form of a post of more than 280 characters, whose `text` is cut.
    pub fn note(&self) -> Option<&Note> {
        self.note_tweet.as_ref().or(self.note_post.as_ref())
    }
}

#[derive(Debug, Deserialize)]
struct Attachments {
    #[serde(default, deserialize_with = "lenient")]
    media_keys: Option<Vec<String>>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Media {
    pub media_key: String,
    /// `photo`, `video` or `animated_gif`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Of a photo alone.
    #[serde(default, deserialize_with = "lenient")]
    pub url: Option<String>,
    /// The still of a film.
    #[serde(default, deserialize_with = "lenient")]
    pub preview_image_url: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub alt_text: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Reference {
    #[serde(rename = "type")]
    pub kind: String,
    pub id: Id,
}

#[derive(Debug, Deserialize)]
pub struct Note {
    pub text: String,
    #[serde(default, deserialize_with = "lenient")]
    pub entities: Option<Entities>,
}

#[derive(Debug, Default, Deserialize)]
pub struct Entities {
    #[serde(default, deserialize_with = "lenient")]
    pub mentions: Option<Vec<Mention>>,
    #[serde(default, deserialize_with = "lenient")]
    pub urls: Option<Vec<Link>>,
}

#[derive(Debug, Deserialize)]
pub struct Mention {
    /// In characters from the start of the text.
    #[serde(default, deserialize_with = "lenient")]
    pub start: Option<usize>,
    #[serde(default, deserialize_with = "lenient")]
    pub username: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub id: Option<Id>,
}

#[derive(Debug, Deserialize)]
pub struct Link {
    pub url: String,
    #[serde(default, deserialize_with = "lenient")]
    pub expanded_url: Option<String>,
    /// It stands for a picture or a film of the post itself.
    #[serde(default, deserialize_with = "lenient")]
    pub media_key: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct User {
    pub id: Id,
    #[serde(default, deserialize_with = "lenient")]
    pub username: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub profile_image_url: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub public_metrics: Option<UserMetrics>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct UserMetrics {
    #[serde(default, deserialize_with = "lenient")]
    pub followers_count: Option<i64>,
}

/// What stands inside `{"data":…}`, if an object is so wrapped.
pub fn unwrapped(value: &Value) -> &Value {
    match value.get("data") {
        Some(inner) if value.get("id").is_none() => inner,
        _ => value,
    }
}

/// Reads a field if it is what we expect, else takes it as absent.
pub(super) fn lenient<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Option<T>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(T::deserialize(value).ok())
}
