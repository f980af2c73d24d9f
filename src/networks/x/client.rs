//! The calls to X: what is asked, with which fields, by whose token. What an answer means is `outcome`'s to say.
//!
//! Reading calls return the body of a 200 as it arrived, so that it can be stored before anything is made of it.

use reqwest::Url;
use serde_json::{Value, json};

use super::{X, messages, outcome, parse};
use crate::networks::http::Answer;
use crate::networks::{Failure, MessagePage, Outcome, RemoteAuthor, RemotePost};
use crate::secret::Secret;

/// Longest body of an answer, in bytes: a hundred long posts with all that comes along stay well below.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// Most ids that X looks up at once.
const LOOK_UP_LIMIT: usize = 100;

const POST_FIELDS: &str = "attachments,author_id,conversation_id,created_at,display_text_range,edit_history_tweet_ids,\
                           entities,in_reply_to_user_id,lang,note_tweet,referenced_tweets";
const EXPANSIONS: &str = "author_id,attachments.media_keys,referenced_tweets.id";
const USER_FIELDS: &str = "username,name,profile_image_url,public_metrics";
const MEDIA_FIELDS: &str = "type,url,alt_text,preview_image_url";

const MESSAGE_FIELDS: &str =
    "id,text,event_type,created_at,dm_conversation_id,sender_id,participant_ids,attachments,entities,referenced_tweets";
const MESSAGE_EXPANSIONS: &str = "sender_id,participant_ids,attachments.media_keys";
/// There is no `since_id` for private messages, and each that is read is billed once a day: a small page says as well
/// that there is nothing new.
const NEW_MESSAGES: &str = "10";

/// A query in the order in which it is sent.
type Query<'a> = Vec<(&'static str, &'a str)>;

impl X {
    /// Posts that mention us, newest first, newer than `since_id`; `page` is the `next_token` of the page before.
    pub async fn mentions(&self, since_id: Option<&str>, page: Option<&str>) -> Result<Vec<u8>, Failure> {
        self.timeline("mentions", since_id, page).await
    }

    /// Our own posts, newest first. X shows a post here some time after it accepted it.
    pub async fn own_posts(&self, since_id: Option<&str>, page: Option<&str>) -> Result<Vec<u8>, Failure> {
        self.timeline("tweets", since_id, page).await
    }

    /// The posts of a conversation of the last seven days, newest first; its root may be missing.
    pub async fn conversation(&self, id: &str, page: Option<&str>) -> Result<Vec<u8>, Failure> {
        let search = format!("conversation_id:{id}");
        let mut query = vec![("query", search.as_str()), ("max_results", "100"), ("sort_order", "recency")];
        query.extend(page.map(|token| ("next_token", token)));
        self.read(&["2", "tweets", "search", "recent"], with_fields(query), self.public_token(), Expect::Page).await
    }

    /// At most 100 posts by their ids; those that are gone or hidden become `PostPage::missing`.
    pub async fn posts(&self, ids: &[String]) -> Result<Vec<u8>, Failure> {
        let ids = listed(ids)?;
        let query = with_fields(vec![("ids", &ids)]);
        self.read(&["2", "tweets"], query, self.public_token(), Expect::LookUp).await
    }

    /// Our newest hundred posts, to find out whether one was accepted. Absence proves nothing: X lags.
    pub async fn own_recent(&self) -> Result<Vec<RemotePost>, Failure> {
        let raw = self.own_posts(None, None).await?;
        let page = self.parse_page(&raw).map_err(|error| Failure::Unavailable(error.to_string()))?;
        Ok(page.posts)
    }

    /// At most 100 users by their ids; those that are gone are left out.
    pub async fn users(&self, ids: &[String]) -> Result<Vec<RemoteAuthor>, Failure> {
        let ids = listed(ids)?;
        let query = vec![("ids", ids.as_str()), ("user.fields", USER_FIELDS)];
        let raw = self.read(&["2", "users"], query, self.public_token(), Expect::LookUp).await?;
        parse::users(&raw).map_err(|error| Failure::Unavailable(error.to_string()))
    }

    /// Whose access token this is.
    pub async fn me(&self) -> Result<RemoteAuthor, Failure> {
        let query = vec![("user.fields", USER_FIELDS)];
        let raw = self.read(&["2", "users", "me"], query, &self.access_token, Expect::LookUp).await?;
        let users = parse::users(&raw).map_err(|error| Failure::Unavailable(error.to_string()))?;
        users
            .into_iter()
            .next()
            .ok_or_else(|| Failure::ChannelBroken("X names no account for this access token".to_owned()))
    }

    /// Sends a reply, once. Every outcome but `Accepted` and `Unknown` means that nothing was posted.
    pub async fn reply(&self, parent: &str, text: &str) -> Outcome {
        let body = json!({ "text": text, "reply": { "in_reply_to_tweet_id": parent } });
        let url = match self.url(&["2", "tweets"], &[]) {
            Ok(url) => url,
            Err(reason) => return Outcome::ChannelBroken { reason },
        };
        let result = self.http.post(&url, Some(&self.access_token), &body, BODY_LIMIT).await;
        outcome::of_post(&result, self.clock.now())
    }

    /// Private messages of all our conversations of the last thirty days, newest first. Groups are among them.
    pub async fn messages(&self, page: Option<&str>) -> Result<Vec<u8>, Failure> {
        self.read_messages(&["2", "dm_events"], NEW_MESSAGES, page).await
    }

    /// Our newest messages and theirs in the conversation with one person, to find out whether one was accepted.
    pub async fn messages_with(&self, person: &str) -> Result<MessagePage, Failure> {
        let raw = self.read_messages(&["2", "dm_conversations", "with", person, "dm_events"], "100", None).await?;
        self.parse_messages(&raw).map_err(|error| Failure::Unavailable(error.to_string()))
    }

    async fn read_messages(&self, path: &[&str], most: &str, page: Option<&str>) -> Result<Vec<u8>, Failure> {
        let mut query = vec![
            ("event_types", "MessageCreate"),
            ("max_results", most),
            ("dm_event.fields", MESSAGE_FIELDS),
            ("expansions", MESSAGE_EXPANSIONS),
            ("user.fields", USER_FIELDS),
            ("media.fields", MEDIA_FIELDS),
        ];
        query.extend(page.map(|token| ("pagination_token", token)));
        self.read(path, query, &self.access_token, Expect::Page).await
    }

    /// A picture of a private message, in whatever format it was sent. `url` is where the message says that it is kept:
    /// a host that wants OAuth 1.0a, so X's API is asked for the same file.
    pub async fn message_picture(&self, url: &str) -> Result<Vec<u8>, Failure> {
        let gone = || Failure::Refused("the address of the picture is none of X's".to_owned());
        let place = messages::media_place(url).ok_or_else(gone)?;
        let path = ["2", "dm_conversations", "media", &place[0], &place[1], &place[2]];
        self.read(&path, Query::new(), &self.access_token, Expect::File).await
    }

    /// Sends a private message to one person, once. Every outcome but `Accepted` and `Unknown` means that nothing was
    /// sent.
    pub async fn message(&self, person: &str, text: &str) -> Outcome {
        let url = match self.url(&["2", "dm_conversations", "with", person, "messages"], &[]) {
            Ok(url) => url,
            Err(reason) => return Outcome::ChannelBroken { reason },
        };
        let result = self.http.post(&url, Some(&self.access_token), &json!({ "text": text }), BODY_LIMIT).await;
        outcome::of_message(&result, self.clock.now())
    }

    /// Deletes a post of ours; one that is gone already counts as deleted.
    pub async fn delete(&self, id: &str) -> Outcome {
        let url = match self.url(&["2", "tweets", id], &[]) {
            Ok(url) => url,
            Err(reason) => return Outcome::ChannelBroken { reason },
        };
        let result = self.http.delete(&url, Some(&self.access_token), BODY_LIMIT).await;
        outcome::of_delete(id, &result, self.clock.now())
    }

    async fn timeline(&self, name: &str, since_id: Option<&str>, page: Option<&str>) -> Result<Vec<u8>, Failure> {
        let mut query = vec![("max_results", "100")];
        query.extend(since_id.map(|id| ("since_id", id)));
        query.extend(page.map(|token| ("pagination_token", token)));
        let path = ["2", "users", &self.account.id, name];
        self.read(&path, with_fields(query), &self.access_token, Expect::Page).await
    }

    async fn read(&self, path: &[&str], query: Query<'_>, token: &Secret, expect: Expect) -> Result<Vec<u8>, Failure> {
        let url = self.url(path, &query).map_err(Failure::ChannelBroken)?;
        let answer = self.http.get(&url, Some(token), BODY_LIMIT).await;
        let answer = answer.map_err(|error| Failure::Unavailable(error.to_string()))?;
        if answer.status != 200 {
            return Err(outcome::of_read(&answer, self.clock.now()));
        }
        expect.check(answer)
    }

    fn url(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Url, String> {
        let wrong = || format!("the base address `{}` is not one", self.base_url);
        let mut url = Url::parse(&self.base_url).map_err(|_| wrong())?;
        url.path_segments_mut().map_err(|()| wrong())?.pop_if_empty().extend(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    fn public_token(&self) -> &Secret {
        self.bearer_token.as_ref().unwrap_or(&self.access_token)
    }
}

/// What a usable 200 holds.
#[derive(Clone, Copy)]
enum Expect {
    /// Posts, or word that there are none; only errors means that the timeline itself was refused.
    Page,
    /// What was looked up, or word that it is gone.
    LookUp,
    /// Bytes of any kind.
    File,
}

impl Expect {
    fn check(self, answer: Answer) -> Result<Vec<u8>, Failure> {
        if matches!(self, Self::File) {
            return Ok(answer.body);
        }
        let unreadable = || Failure::Unavailable("X's answer is not its JSON".to_owned());
        let body: Value = serde_json::from_slice(&answer.body).map_err(|_| unreadable())?;
        if body.get("data").is_some() || body.get("meta").is_some() {
            return Ok(answer.body);
        }
        match (body.get("errors"), self) {
            (None, _) => Err(unreadable()),
            (Some(_), Self::LookUp | Self::File) => Ok(answer.body),
            (Some(errors), Self::Page) => {
                let detail = errors[0]["detail"].as_str().unwrap_or("no reason given");
                Err(Failure::Refused(detail.chars().filter(|c| !c.is_control()).take(300).collect()))
            }
        }
    }
}

fn with_fields(mut query: Query<'_>) -> Query<'_> {
    query.extend([
        ("tweet.fields", POST_FIELDS),
        ("expansions", EXPANSIONS),
        ("user.fields", USER_FIELDS),
        ("media.fields", MEDIA_FIELDS),
    ]);
    query
}

fn listed(ids: &[String]) -> Result<String, Failure> {
    if ids.is_empty() || ids.len() > LOOK_UP_LIMIT {
        return Err(Failure::Refused(format!("X looks up 1 to {LOOK_UP_LIMIT} ids at once, not {}", ids.len())));
    }
    Ok(ids.join(","))
}
