//! The calls to X: what is asked, with which fields, by whose token. What an answer means is `outcome`'s to say.
//!
//! Reading calls return the body of a 200 as it arrived, so that it can be stored before anything is made of it. Every
//! call goes through [`X::call`], where it is watched: what it costs is booked, and a limit that is used up is kept.

use std::time::Duration;

use reqwest::Url;
use serde_json::Value;

use super::words;
use super::{X, observe, outcome};
use crate::networks::http::{Answer, FilePart, NoAnswer};
use crate::networks::watch::{Caller, Endpoint, Written};
use crate::networks::{Failure, Mend, Outcome, Stretch};
use crate::secret::Secret;

/// Longest body of an answer, in bytes: a hundred long posts with all that comes along stay well below.
pub(super) const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// Most ids that X looks up at once.
const LOOK_UP_LIMIT: usize = 100;

pub(super) const POST_FIELDS: &str = "attachments,author_id,conversation_id,created_at,display_text_range,edit_history_tweet_ids,\
                           entities,in_reply_to_user_id,lang,note_tweet,referenced_tweets";
const EXPANSIONS: &str = "author_id,attachments.media_keys,referenced_tweets.id";
pub(super) const SEARCH_EXPANSIONS: &str = "author_id,attachments.media_keys";
pub(super) const USER_FIELDS: &str = "username,name,profile_image_url,public_metrics";
pub(super) const MEDIA_FIELDS: &str = "type,url,alt_text,preview_image_url";
pub(super) const MESSAGE_FIELDS: &str =
    "id,text,event_type,created_at,dm_conversation_id,sender_id,participant_ids,attachments,entities,referenced_tweets";
pub(super) const MESSAGE_EXPANSIONS: &str = "sender_id,participant_ids,attachments.media_keys";
/// There is no `since_id` for private messages, and each that is read is billed once a day: a small page says as well
/// that there is nothing new.
pub(super) const NEW_MESSAGES: &str = "10";

/// A query in the order in which it is sent.
pub(super) type Query<'a> = Vec<(&'static str, &'a str)>;

impl X {
    pub(super) async fn read(
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
    pub(super) async fn call(
        &self,
        what: What,
        path: &[&str],
        ask: Ask<'_>,
    ) -> Result<Result<Answer, NoAnswer>, NotAsked> {
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
    pub(super) async fn read_public(
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
pub(super) struct What {
    pub endpoint: Endpoint,
    pub caller: Caller,
    pub written: Option<Written>,
}

pub(super) enum Ask<'a> {
    Get(&'a [(&'static str, &'a str)]),
    Post(&'a Value),
    File(FilePart<'a>, &'a [(&'static str, &'static str)]),
    Delete,
}

/// Why X was not called at all.
pub(super) enum NotAsked {
    WrongAddress(String),
    LimitUsedUp { endpoint: Endpoint, wait: Duration },
}

impl NotAsked {
    fn of_read(self) -> Failure {
        match self {
            Self::WrongAddress(reason) => Failure::ChannelBroken(Mend::Connect, reason),
            Self::LimitUsedUp { wait, .. } => Failure::RetryAfter(wait),
        }
    }

    pub fn of_send(self) -> Outcome {
        match self {
            Self::WrongAddress(reason) => Outcome::ChannelBroken { mend: Mend::Connect, reason },
            Self::LimitUsedUp { endpoint, wait } => {
                Outcome::RetryAfter { wait, reason: words::not_now(endpoint.verb()) }
            }
        }
    }
}

/// What a usable 200 holds.
#[derive(Clone, Copy)]
pub(super) enum Expect {
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
        let unreadable = || Failure::Unavailable(words::NOT_ITS_JSON.to_owned());
        let body: Value = serde_json::from_slice(&answer.body).map_err(|_| unreadable())?;
        if body.get("data").is_some() || body.get("meta").is_some() {
            return Ok(answer.body);
        }
        match (body.get("errors"), self) {
            (None, _) => Err(unreadable()),
            (Some(_), Self::LookUp | Self::File) => Ok(answer.body),
            (Some(errors), Self::Page) => {
                let detail = errors[0]["detail"].as_str().unwrap_or(words::NO_REASON);
                Err(Failure::Refused(detail.chars().filter(|c| !c.is_control()).take(300).collect()))
            }
        }
    }
}

/// Pages are asked for by the last id of the one before, which means the same tomorrow; X's tokens need not.
pub(super) fn parameters<'a>(stretch: Stretch<'a>) -> impl Iterator<Item = (&'static str, &'a str)> {
    let since = stretch.since.map(|id| ("since_id", id));
    since.into_iter().chain(stretch.until.map(|id| ("until_id", id)))
}

pub(super) fn with_fields(mut query: Query<'_>) -> Query<'_> {
    query.extend([
        ("tweet.fields", POST_FIELDS),
        ("expansions", EXPANSIONS),
        ("user.fields", USER_FIELDS),
        ("media.fields", MEDIA_FIELDS),
    ]);
    query
}

pub(super) fn listed(ids: &[String]) -> Result<String, Failure> {
    if ids.is_empty() || ids.len() > LOOK_UP_LIMIT {
        return Err(Failure::Refused(words::looks_up_at_most(LOOK_UP_LIMIT, ids.len())));
    }
    Ok(ids.join(","))
}
