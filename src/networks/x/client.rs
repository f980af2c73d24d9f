//! The calls to X: what is asked, with which fields, by whose token. What an answer means is `outcome`'s to say.
//!
//! Reading calls return the body of a 200 as it arrived, so that it can be stored before anything is made of it.

use reqwest::Url;
use serde_json::{Value, json};

use super::{X, outcome, parse};
use crate::networks::http::Answer;
use crate::networks::{Failure, Outcome, RemoteAuthor, RemotePost};
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
        self.read_public(&["2", "tweets", "search", "recent"], with_fields(query), Expect::Page).await
    }

    /// At most 100 posts by their ids; those that are gone or hidden become `PostPage::missing`.
    pub async fn posts(&self, ids: &[String]) -> Result<Vec<u8>, Failure> {
        let ids = listed(ids)?;
        let query = with_fields(vec![("ids", &ids)]);
        self.read_public(&["2", "tweets"], query, Expect::LookUp).await
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
        let raw = self.read_public(&["2", "users"], query, Expect::LookUp).await?;
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

    /// Reads what everybody may read, with the app's token to spare the account's limits; where X does not take that one
    /// (any more), with the account's.
    async fn read_public(&self, path: &[&str], query: Query<'_>, expect: Expect) -> Result<Vec<u8>, Failure> {
        if let Some(bearer) = &self.bearer_token {
            match self.read(path, query.clone(), bearer, expect).await {
                Err(Failure::TokenRefused(reason)) => {
                    tracing::warn!(reason, "X refuses the token of our app: {reason}");
                }
                other => return other,
            }
        }
        self.read(path, query, &self.access_token, expect).await
    }
}

/// What a usable 200 holds.
#[derive(Clone, Copy)]
enum Expect {
    /// Posts, or word that there are none; only errors means that the timeline itself was refused.
    Page,
    /// What was looked up, or word that it is gone.
    LookUp,
}

impl Expect {
    fn check(self, answer: Answer) -> Result<Vec<u8>, Failure> {
        let unreadable = || Failure::Unavailable("X's answer is not its JSON".to_owned());
        let body: Value = serde_json::from_slice(&answer.body).map_err(|_| unreadable())?;
        if body.get("data").is_some() || body.get("meta").is_some() {
            return Ok(answer.body);
        }
        match (body.get("errors"), self) {
            (None, _) => Err(unreadable()),
            (Some(_), Self::LookUp) => Ok(answer.body),
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
