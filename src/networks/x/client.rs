//! The calls to X: what is asked, with which fields, by whose token. What an answer means is `outcome`'s to say.
//!
//! Reading calls return the body of a 200 as it arrived, so that it can be stored before anything is made of it. Every
//! call goes through [`X::call`], where it is watched: what it costs is booked, and a limit that is used up is kept.

use std::time::Duration;

use reqwest::Url;
use serde_json::{Value, json};

use super::media::Uploaded;
use super::{SEARCHED, X, id_at, media, messages, observe, outcome, parse, time_of};
use crate::clock::Millis;
use crate::networks::http::{Answer, FilePart, NoAnswer};
use crate::networks::watch::{Caller, Endpoint, Written};
use crate::networks::{Failure, MessagePage, Outcome, PostPage, RemoteAuthor};
use crate::secret::Secret;

/// Longest body of an answer, in bytes: a hundred long posts with all that comes along stay well below.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// Most ids that X looks up at once.
const LOOK_UP_LIMIT: usize = 100;

const POST_FIELDS: &str = "attachments,author_id,conversation_id,created_at,display_text_range,edit_history_tweet_ids,\
                           entities,in_reply_to_user_id,lang,note_tweet,referenced_tweets";
const EXPANSIONS: &str = "author_id,attachments.media_keys,referenced_tweets.id";
const SEARCH_EXPANSIONS: &str = "author_id,attachments.media_keys";
const USER_FIELDS: &str = "username,name,profile_image_url,public_metrics";
const MEDIA_FIELDS: &str = "type,url,alt_text,preview_image_url";
const MESSAGE_FIELDS: &str =
    "id,text,event_type,created_at,dm_conversation_id,sender_id,participant_ids,attachments,entities,referenced_tweets";
const MESSAGE_EXPANSIONS: &str = "sender_id,participant_ids,attachments.media_keys";
/// There is no `since_id` for private messages, and each that is read is billed once a day: a small page says as well
/// that there is nothing new.
const NEW_MESSAGES: &str = "10";

/// A part of a timeline by the ids at its ends, neither of which is in it. Pages are asked for by the last id of the one
/// before, which means the same tomorrow; X's tokens need not.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stretch<'a> {
    pub since_id: Option<&'a str>,
    pub until_id: Option<&'a str>,
}

impl<'a> Stretch<'a> {
    fn parameters(self) -> impl Iterator<Item = (&'static str, &'a str)> {
        let since = self.since_id.map(|id| ("since_id", id));
        since.into_iter().chain(self.until_id.map(|id| ("until_id", id)))
    }
}

/// A query in the order in which it is sent.
type Query<'a> = Vec<(&'static str, &'a str)>;

impl X {
    /// The newest hundred posts of a stretch that mention us, newest first. X shows about 800 in all.
    pub async fn mentions(&self, stretch: Stretch<'_>) -> Result<Vec<u8>, Failure> {
        self.timeline(Endpoint::Mentions, "mentions", stretch).await
    }

    /// Our own posts of a stretch, likewise. X shows a post here some time after it accepted it.
    pub async fn own_posts(&self, stretch: Stretch<'_>) -> Result<Vec<u8>, Failure> {
        self.timeline(Endpoint::OwnPosts, "tweets", stretch).await
    }

    /// What X's search finds of posts that mention us, likewise: nothing older than [`SEARCHED`](super::SEARCHED), but
    /// without the end that the timeline has.
    pub async fn search_mentions(&self, stretch: Stretch<'_>) -> Result<Vec<u8>, Failure> {
        let search = format!("@{handle} -from:{handle}", handle = self.account.handle);
        let mut query = vec![("query", search.as_str()), ("max_results", "100"), ("sort_order", "recency")];
        query.extend(stretch.parameters());
        let path = ["2", "tweets", "search", "recent"];
        self.read_public(Endpoint::Search, &path, with_fields(query), Expect::Page).await
    }

    /// The posts of a conversation of the last seven days, newest first; its root may be missing.
    pub async fn conversation(&self, id: &str, page: Option<&str>) -> Result<Vec<u8>, Failure> {
        let search = format!("conversation_id:{id}");
        let mut query = vec![("query", search.as_str()), ("max_results", "100"), ("sort_order", "recency")];
        query.extend(page.map(|token| ("next_token", token)));
        let path = ["2", "tweets", "search", "recent"];
        self.read_public(Endpoint::Search, &path, with_fields(query), Expect::Page).await
    }

    /// Posts of the last seven days that a query finds, newest first, newer than `since_id`; `most`: 10 to 100. Only their
    /// authors come along: whatever else did would have its price.
    pub async fn search(
        &self,
        search: &str,
        since_id: Option<&str>,
        page: Option<&str>,
        most: i64,
    ) -> Result<Vec<u8>, Failure> {
        let most = most.clamp(10, 100).to_string();
        let mut query = vec![("query", search), ("max_results", most.as_str()), ("sort_order", "recency")];
        // X refuses an id of a time that it does not search; without one it gives all that it does.
        let oldest = self.clock.now().minus(SEARCHED);
        let recent = |id: &&str| time_of(id) > oldest;
        query.extend(since_id.filter(recent).map(|id| ("since_id", id)));
        query.extend(page.map(|token| ("next_token", token)));
        query.extend([
            ("tweet.fields", POST_FIELDS),
            ("expansions", SEARCH_EXPANSIONS),
            ("user.fields", USER_FIELDS),
            ("media.fields", MEDIA_FIELDS),
        ]);
        let path = ["2", "tweets", "search", "recent"];
        self.read_public(Endpoint::Search, &path, query, Expect::Page).await
    }

    /// At most 100 posts by their ids; those that are gone or hidden become `PostPage::missing`.
    pub async fn posts(&self, ids: &[String]) -> Result<Vec<u8>, Failure> {
        let ids = listed(ids)?;
        let query = with_fields(vec![("ids", &ids)]);
        self.read_public(Endpoint::PostLookUp, &["2", "tweets"], query, Expect::LookUp).await
    }

    /// At most 100 posts by their ids as they are now, with their pictures, without what belongs around them (their
    /// authors, their parents), which has a price of its own. An id may bring the newest version of its post, or the one that it is.
    pub async fn versions(&self, ids: &[String]) -> Result<Vec<u8>, Failure> {
        let ids = listed(ids)?;
        let query = vec![
            ("ids", ids.as_str()),
            ("tweet.fields", POST_FIELDS),
            ("expansions", "attachments.media_keys"),
            ("media.fields", MEDIA_FIELDS),
        ];
        self.read_public(Endpoint::PostLookUp, &["2", "tweets"], query, Expect::LookUp).await
    }

    /// Our own posts since a moment, a hundred at a time, newest first, to find out whether some were accepted: those
    /// below the id `until`, or the newest. Absence proves nothing: X lags.
    pub async fn own_since(&self, since: Millis, until: Option<&str>) -> Result<PostPage, Failure> {
        let since = id_at(since);
        let raw = self.own_posts(Stretch { since_id: Some(&since), until_id: until }).await?;
        self.parse_page(&raw).map_err(|error| Failure::Unavailable(error.to_string()))
    }

    /// At most 100 users by their ids; those that are gone are left out.
    pub async fn users(&self, ids: &[String]) -> Result<Vec<RemoteAuthor>, Failure> {
        let ids = listed(ids)?;
        let query = vec![("ids", ids.as_str()), ("user.fields", USER_FIELDS)];
        let raw = self.read_public(Endpoint::UserLookUp, &["2", "users"], query, Expect::LookUp).await?;
        parse::users(&raw).map_err(|error| Failure::Unavailable(error.to_string()))
    }

    /// Whose access token this is.
    pub async fn me(&self) -> Result<RemoteAuthor, Failure> {
        let query = vec![("user.fields", USER_FIELDS)];
        let raw = self.read(Endpoint::Me, Caller::Account, &["2", "users", "me"], query, Expect::LookUp).await?;
        let users = parse::users(&raw).map_err(|error| Failure::Unavailable(error.to_string()))?;
        users
            .into_iter()
            .next()
            .ok_or_else(|| Failure::ChannelBroken("X names no account for this access token".to_owned()))
    }

    /// Sends a reply, once, with pictures that were uploaded before. Every outcome but `Accepted` and `Unknown` means that
    /// nothing was posted.
    pub async fn reply(&self, parent: &str, text: &str, pictures: &[String]) -> Outcome {
        let mut body = json!({ "text": text, "reply": { "in_reply_to_tweet_id": parent } });
        if !pictures.is_empty() {
            body["media"] = json!({ "media_ids": pictures });
        }
        let written = if super::holds_link(text) { Written::ReplyWithLink } else { Written::Reply };
        let what = What { endpoint: Endpoint::PostCreate, caller: Caller::Account, written: Some(written) };
        match self.call(what, &["2", "tweets"], Ask::Post(&body)).await {
            Ok(result) => outcome::of_post(&result, self.clock.now()),
            Err(refusal) => refusal.of_send(),
        }
    }

    /// Uploads a picture for a post. Nothing is posted by this, and doing it twice does no harm: `Err` is what it means for
    /// the post that waits for it, never `Accepted` or `Unknown`.
    pub async fn upload(&self, media_type: &str, bytes: &[u8]) -> Result<Uploaded, Outcome> {
        let file = FilePart { name: "media", media_type, bytes };
        let what = What { endpoint: Endpoint::MediaUpload, caller: Caller::Account, written: None };
        let result =
            self.call(what, &["2", "media", "upload"], Ask::File(file, &[("media_category", "tweet_image")])).await;
        let answer = media::answer(result.map_err(NotAsked::of_send)?, self.clock.now())?;
        media::read(&answer)
    }

    /// How far X is with a picture that it took.
    pub async fn upload_state(&self, id: &str) -> Result<Uploaded, Outcome> {
        let query = [("command", "STATUS"), ("media_id", id)];
        let what = What { endpoint: Endpoint::MediaUpload, caller: Caller::Account, written: None };
        let result = self.call(what, &["2", "media", "upload"], Ask::Get(&query)).await;
        let answer = media::answer(result.map_err(NotAsked::of_send)?, self.clock.now())?;
        media::read(&answer)
    }

    /// Tells X what an uploaded picture shows, for those who do not see it.
    pub async fn describe(&self, id: &str, alt: &str) -> Result<(), Outcome> {
        let body = json!({ "id": id, "metadata": { "alt_text": { "text": alt } } });
        let what = What { endpoint: Endpoint::MediaDescribe, caller: Caller::Account, written: None };
        let result = self.call(what, &["2", "media", "metadata"], Ask::Post(&body)).await;
        media::answer(result.map_err(NotAsked::of_send)?, self.clock.now()).map(drop)
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
        self.read(Endpoint::MessageList, Caller::Account, path, query, Expect::Page).await
    }

    /// A picture of a private message, in whatever format it was sent. `url` is where the message says that it is kept:
    /// mostly a host that wants OAuth 1.0a, so X's API is asked for the same file; any other place gets no token of ours.
    pub async fn message_picture(&self, url: &str) -> Result<Vec<u8>, Failure> {
        let Some(place) = messages::media_place(url) else { return self.public_picture(url).await };
        let path = ["2", "dm_conversations", "media", &place[0], &place[1], &place[2]];
        self.read(Endpoint::MessagePicture, Caller::Account, &path, Query::new(), Expect::File).await
    }

    async fn public_picture(&self, url: &str) -> Result<Vec<u8>, Failure> {
        let url = Url::parse(url).map_err(|_| Failure::Refused("the picture's address is not one".to_owned()))?;
        match self.http.get_following(&url, BODY_LIMIT).await {
            Ok(answer) if answer.status == 200 => Ok(answer.body),
            Ok(answer) => Err(Failure::Refused(format!("the picture was answered with {}", answer.status))),
            Err(error) => Err(Failure::Unavailable(error.to_string())),
        }
    }

    /// Sends a private message to one person, once. Every outcome but `Accepted` and `Unknown` means that nothing was
    /// sent.
    pub async fn message(&self, person: &str, text: &str) -> Outcome {
        let what = What { endpoint: Endpoint::MessageSend, caller: Caller::Account, written: Some(Written::Message) };
        let path = ["2", "dm_conversations", "with", person, "messages"];
        match self.call(what, &path, Ask::Post(&json!({ "text": text }))).await {
            Ok(result) => outcome::of_message(&result, self.clock.now()),
            Err(refusal) => refusal.of_send(),
        }
    }

    /// Deletes a post of ours; one that is gone already counts as deleted.
    pub async fn delete(&self, id: &str) -> Outcome {
        let what = What { endpoint: Endpoint::PostDelete, caller: Caller::Account, written: None };
        match self.call(what, &["2", "tweets", id], Ask::Delete).await {
            Ok(result) => outcome::of_delete(id, &result, self.clock.now()),
            Err(refusal) => refusal.of_send(),
        }
    }

    async fn timeline(&self, endpoint: Endpoint, name: &str, stretch: Stretch<'_>) -> Result<Vec<u8>, Failure> {
        let mut query = vec![("max_results", "100")];
        query.extend(stretch.parameters());
        let path = ["2", "users", &self.account.id, name];
        self.read(endpoint, Caller::Account, &path, with_fields(query), Expect::Page).await
    }

    async fn read(
        &self,
        endpoint: Endpoint,
        caller: Caller,
        path: &[&str],
        query: Query<'_>,
        expect: Expect,
    ) -> Result<Vec<u8>, Failure> {
        let what = What { endpoint, caller, written: None };
        let answer = self.call(what, path, Ask::Get(&query)).await.map_err(NotAsked::of_read)?;
        let answer = answer.map_err(|error| Failure::Unavailable(error.to_string()))?;
        if answer.status != 200 {
            return Err(outcome::of_read(&answer, self.clock.now()));
        }
        expect.check(answer)
    }

    /// The one way to X: asks whether a limit is used up, calls, and tells what was seen.
    async fn call(&self, what: What, path: &[&str], ask: Ask<'_>) -> Result<Result<Answer, NoAnswer>, NotAsked> {
        let query = if let Ask::Get(query) = ask { query } else { &[] };
        let url = self.url(path, query).map_err(NotAsked::WrongAddress)?;
        let What { endpoint, caller, written } = what;
        // Whoever sends asked before it was taken from the outbox: nothing may come between the two, since a crash there
        // leaves a doubt.
        if !matches!(endpoint, Endpoint::PostCreate | Endpoint::MessageSend)
            && let Some(until) = self.watch.closed_until(endpoint, caller).await
        {
            return Err(NotAsked::LimitUsedUp { endpoint, wait: until.since(self.clock.now()) });
        }
        let token = self.token(caller);
        let result = match ask {
            Ask::Get(_) => self.http.get(&url, Some(token), BODY_LIMIT).await,
            Ask::Post(body) => self.http.post(&url, Some(token), body, BODY_LIMIT).await,
            Ask::File(file, fields) => self.http.post_file(&url, token, file, fields, BODY_LIMIT).await,
            Ask::Delete => self.http.delete(&url, Some(token), BODY_LIMIT).await,
        };
        self.watch.tell(observe::of(endpoint, caller, written, &result, self.clock.now()));
        Ok(result)
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

    /// Reads what everybody may read, with the app's token to spare the account's limits; where X does not take that one
    /// (any more), with the account's.
    async fn read_public(
        &self,
        endpoint: Endpoint,
        path: &[&str],
        query: Query<'_>,
        expect: Expect,
    ) -> Result<Vec<u8>, Failure> {
        if self.bearer_token.is_some() {
            match self.read(endpoint, Caller::App, path, query.clone(), expect).await {
                Err(Failure::TokenRefused(reason)) => {
                    tracing::warn!(reason, "X refuses the token of our app: {reason}");
                }
                other => return other,
            }
        }
        self.read(endpoint, Caller::Account, path, query, expect).await
    }

    fn token(&self, caller: Caller) -> &Secret {
        match caller {
            Caller::App => self.bearer_token.as_ref().unwrap_or(&self.access_token),
            Caller::Account => &self.access_token,
        }
    }
}

/// What a call is for, by whose token, and what it writes that has a price.
struct What {
    endpoint: Endpoint,
    caller: Caller,
    written: Option<Written>,
}

enum Ask<'a> {
    Get(&'a [(&'static str, &'a str)]),
    Post(&'a Value),
    File(FilePart<'a>, &'a [(&'static str, &'static str)]),
    Delete,
}

/// Why X was not called at all.
enum NotAsked {
    WrongAddress(String),
    LimitUsedUp { endpoint: Endpoint, wait: Duration },
}

impl NotAsked {
    fn of_read(self) -> Failure {
        match self {
            Self::WrongAddress(reason) => Failure::ChannelBroken(reason),
            Self::LimitUsedUp { wait, .. } => Failure::RetryAfter(wait),
        }
    }

    fn of_send(self) -> Outcome {
        match self {
            Self::WrongAddress(reason) => Outcome::ChannelBroken { reason },
            Self::LimitUsedUp { endpoint, wait } => {
                Outcome::RetryAfter { wait, reason: format!("X does not let us {} now.", endpoint.verb()) }
            }
        }
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
