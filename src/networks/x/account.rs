//! An account of ours on X, as the bridge asks for it: each call with its path and its fields, each rule by its module.
//! What an answer means is `outcome`'s and `parse`'s to say; the calls themselves are made by `client`.

use std::time::Duration;

use async_trait::async_trait;
use reqwest::Url;
use serde_json::json;

use super::client::{
    Ask, BODY_LIMIT, Expect, MEDIA_FIELDS, MESSAGE_EXPANSIONS, MESSAGE_FIELDS, NEW_MESSAGES, NotAsked, POST_FIELDS,
    Query, SEARCH_EXPANSIONS, USER_FIELDS, What, listed, parameters, with_fields,
};
use super::words;
use super::{
    EVERYBODYS_LONGEST, PICTURES_SCOPE, SEARCHED, X, encoded, id_at, length, media, messages, outcome, parse, time_of,
};
use crate::clock::Millis;
use crate::networks::http::FilePart;
use crate::networks::watch::{Caller, Endpoint, Written};
use crate::networks::{
    Account, Addressee, Failure, Inbound, Length, Malformed, Mend, MessagePage, Outcome, PostPage, RemoteAuthor,
    RemotePost, ReplyPath, Stretch, Target, Timeline, Uploaded, Us, Window,
};
use crate::secret::Secret;

/// Most pages of our own posts that one look reads: X shows no more than 3,200 of an account's posts.
const MOST_OWN_PAGES: usize = 32;

#[async_trait]
impl Account for X {
    fn us(&self) -> &Us {
        &self.account
    }

    fn access_token(&self) -> &Secret {
        &self.access_token
    }

    fn parse_webhook(&self, raw: &[u8]) -> Result<Vec<Inbound>, Malformed> {
        parse::webhook(raw, &self.account)
    }

    fn parse_page(&self, raw: &[u8]) -> Result<PostPage, Malformed> {
        parse::page(raw, &self.account)
    }

    fn parse_messages(&self, raw: &[u8]) -> Result<MessagePage, Malformed> {
        messages::page(raw, &self.account)
    }

    /// Since 2026-02-23 the API may answer a post only if its author typed our handle into it, or quoted one of ours.
    fn reply_path(&self, post: &RemotePost) -> ReplyPath {
        if post.addressed.contains(&self.account.id) { ReplyPath::Api } else { ReplyPath::ByHand }
    }

    fn stands_under(&self, target: Target<'_>) -> String {
        target.id.to_owned()
    }

    /// X's weighted rule. The mentions that X itself puts before a reply are no part of the text that we send, nor of its
    /// length.
    fn length(&self, text: &str) -> Length {
        Length { used: length::weighted(text), limit: self.longest_post }
    }

    fn cut_after(&self) -> Option<usize> {
        (self.longest_post > EVERYBODYS_LONGEST).then_some(EVERYBODYS_LONGEST)
    }

    /// X counts them plainly.
    fn longest_message(&self) -> usize {
        messages::LONGEST
    }

    fn message_window(&self, _wrote_at: Option<Millis>, _now: Millis) -> Window {
        Window::Open { until: None }
    }

    fn pictures_scope(&self) -> Option<&'static str> {
        Some(PICTURES_SCOPE)
    }

    /// X finds it by the id alone, so an unknown (empty) handle is no obstacle.
    fn post_url(&self, post: &RemotePost) -> String {
        let handle = if post.author.handle.is_empty() { "i" } else { &post.author.handle };
        format!("{}/{}/status/{}", self.web_url, encoded(handle), encoded(&post.id))
    }

    fn own_url(&self, id: &str) -> String {
        format!("{}/{}/status/{}", self.web_url, encoded(&self.account.handle), encoded(id))
    }

    fn conversation_url(&self, person: &str) -> String {
        format!("{}/messages/{}", self.web_url, encoded(&messages::between(&self.account.id, person)))
    }

    fn compose_url(&self, person: &str, text: &str) -> String {
        format!("{}/messages/compose?recipient_id={}&text={}", self.web_url, encoded(person), encoded(text))
    }

    /// The newest hundred. X shows about 800 mentions in all, and a post of ours some time after it accepted it.
    async fn timeline(&self, timeline: Timeline, stretch: Stretch<'_>) -> Result<Vec<u8>, Failure> {
        match timeline {
            Timeline::Mentions => self.page_of(Endpoint::Mentions, "mentions", stretch).await,
            Timeline::Own => self.page_of(Endpoint::OwnPosts, "tweets", stretch).await,
        }
    }

    /// Nothing older than [`SEARCHED`], but without the end that the timeline has.
    async fn beyond_timeline(&self, stretch: Stretch<'_>) -> Result<Vec<u8>, Failure> {
        let search = format!("@{handle} -from:{handle}", handle = self.account.handle);
        let mut query = vec![("query", search.as_str()), ("max_results", "100"), ("sort_order", "recency")];
        query.extend(parameters(stretch));
        let path = ["2", "tweets", "search", "recent"];
        self.read_public(Endpoint::Search, &path, with_fields(query), Expect::Page).await
    }

    fn reaches_beyond(&self) -> Option<Duration> {
        Some(SEARCHED)
    }

    /// Of the last seven days, newest first; the root may be missing.
    async fn conversation(&self, id: &str, page: Option<&str>) -> Result<Vec<u8>, Failure> {
        let search = format!("conversation_id:{id}");
        let mut query = vec![("query", search.as_str()), ("max_results", "100"), ("sort_order", "recency")];
        query.extend(page.map(|token| ("next_token", token)));
        let path = ["2", "tweets", "search", "recent"];
        self.read_public(Endpoint::Search, &path, with_fields(query), Expect::Page).await
    }

    async fn posts(&self, ids: &[String]) -> Result<Vec<u8>, Failure> {
        let ids = listed(ids)?;
        let query = with_fields(vec![("ids", &ids)]);
        self.read_public(Endpoint::PostLookUp, &["2", "tweets"], query, Expect::LookUp).await
    }

    /// With their pictures, without their authors and parents, which have a price of their own. An id may bring the newest
    /// version of its post, or the one that it is.
    async fn versions(&self, ids: &[String]) -> Result<Vec<u8>, Failure> {
        let ids = listed(ids)?;
        let query = vec![
            ("ids", ids.as_str()),
            ("tweet.fields", POST_FIELDS),
            ("expansions", "attachments.media_keys"),
            ("media.fields", MEDIA_FIELDS),
        ];
        self.read_public(Endpoint::PostLookUp, &["2", "tweets"], query, Expect::LookUp).await
    }

    async fn users(&self, ids: &[String]) -> Result<Vec<RemoteAuthor>, Failure> {
        let ids = listed(ids)?;
        let query = vec![("ids", ids.as_str()), ("user.fields", USER_FIELDS)];
        let raw = self.read_public(Endpoint::UserLookUp, &["2", "users"], query, Expect::LookUp).await?;
        parse::users(&raw).map_err(|error| Failure::Unavailable(error.to_string()))
    }

    async fn me(&self) -> Result<RemoteAuthor, Failure> {
        let query = vec![("user.fields", USER_FIELDS)];
        let raw = self.read(Endpoint::Me, Caller::Account, &["2", "users", "me"], query, Expect::LookUp).await?;
        let users = parse::users(&raw).map_err(|error| Failure::Unavailable(error.to_string()))?;
        users
            .into_iter()
            .next()
            .ok_or_else(|| Failure::ChannelBroken(Mend::Connect, words::NAMES_NO_ACCOUNT.to_owned()))
    }

    /// Of the last seven days; `most`: 10 to 100. Only the authors come along: whatever else did would have its price.
    async fn search(
        &self,
        search: &str,
        since: Option<&str>,
        page: Option<&str>,
        most: i64,
    ) -> Result<Vec<u8>, Failure> {
        let most = most.clamp(10, 100).to_string();
        let mut query = vec![("query", search), ("max_results", most.as_str()), ("sort_order", "recency")];
        // X refuses an id of a time that it does not search; without one it gives all that it does.
        let oldest = self.clock.now().minus(SEARCHED);
        let recent = |id: &&str| time_of(id) > oldest;
        query.extend(since.filter(recent).map(|id| ("since_id", id)));
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

    /// One timeline shows all of them, a hundred a page, whatever they stand under.
    async fn sent_since(&self, since: Millis, _under: &[String]) -> Result<Vec<RemotePost>, Failure> {
        let since = id_at(since);
        let (mut posts, mut until) = (Vec::new(), None::<String>);
        for _ in 0..MOST_OWN_PAGES {
            let stretch = Stretch { since: Some(&since), until: until.as_deref() };
            let raw = self.timeline(Timeline::Own, stretch).await?;
            let page = self.parse_page(&raw).map_err(|error| Failure::Unavailable(error.to_string()))?;
            posts.extend(page.posts);
            // A page that does not reach further down would be read for ever.
            let further = page.oldest.filter(|oldest| page.next_token.is_some() && until.as_ref() != Some(oldest));
            if further.is_none() {
                break;
            }
            until = further;
        }
        Ok(posts)
    }

    /// Of the last thirty days. Groups are among them.
    async fn messages(&self, page: Option<&str>) -> Result<Vec<u8>, Failure> {
        self.read_messages(&["2", "dm_events"], NEW_MESSAGES, page).await
    }

    async fn messages_with(&self, person: &str) -> Result<MessagePage, Failure> {
        let raw = self.read_messages(&["2", "dm_conversations", "with", person, "dm_events"], "100", None).await?;
        self.parse_messages(&raw).map_err(|error| Failure::Unavailable(error.to_string()))
    }

    async fn was_written_to(&self, _post: &str) -> Result<bool, Failure> {
        Err(Failure::Refused(words::NO_PRIVATE_REPLIES.to_owned()))
    }

    /// `url` is where the message says that it is kept: mostly a host that wants OAuth 1.0a, so X's API is asked for the
    /// same file; any other place gets no token of ours.
    async fn message_picture(&self, url: &str) -> Result<Vec<u8>, Failure> {
        let Some(place) = messages::media_place(url) else { return self.public_picture(url).await };
        let path = ["2", "dm_conversations", "media", &place[0], &place[1], &place[2]];
        self.read(Endpoint::MessagePicture, Caller::Account, &path, Query::new(), Expect::File).await
    }

    async fn reply(&self, under: &str, text: &str, pictures: &[String], _key: &str) -> Outcome {
        let mut body = json!({ "text": text, "reply": { "in_reply_to_tweet_id": under } });
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

    /// X lets only some accounts edit, within an hour, and its API none.
    async fn edit(&self, _id: &str, _text: &str) -> Outcome {
        Outcome::ByHand { reason: words::EDITS_NO_POSTS.to_owned() }
    }

    async fn delete(&self, id: &str) -> Outcome {
        let what = What { endpoint: Endpoint::PostDelete, caller: Caller::Account, written: None };
        match self.call(what, &["2", "tweets", id], Ask::Delete).await {
            Ok(result) => outcome::of_delete(id, &result, self.clock.now()),
            Err(refusal) => refusal.of_send(),
        }
    }

    async fn hide(&self, _id: &str, _hidden: bool) -> Outcome {
        Outcome::ByHand { reason: words::HIDES_NO_POSTS.to_owned() }
    }

    async fn message(&self, to: Addressee<'_>, text: &str, _key: &str) -> Outcome {
        let Addressee::Person { id, .. } = to else {
            return Outcome::ByHand { reason: words::ANSWERS_NO_POST_PRIVATELY.to_owned() };
        };
        let what = What { endpoint: Endpoint::MessageSend, caller: Caller::Account, written: Some(Written::Message) };
        let path = ["2", "dm_conversations", "with", id, "messages"];
        match self.call(what, &path, Ask::Post(&json!({ "text": text }))).await {
            Ok(result) => outcome::of_message(&result, self.clock.now()),
            Err(refusal) => refusal.of_send(),
        }
    }

    async fn upload(&self, media_type: &str, bytes: &[u8]) -> Result<Uploaded, Outcome> {
        let file = FilePart { name: "media", media_type, bytes };
        let what = What { endpoint: Endpoint::MediaUpload, caller: Caller::Account, written: None };
        let result =
            self.call(what, &["2", "media", "upload"], Ask::File(file, &[("media_category", "tweet_image")])).await;
        let answer = media::answer(result.map_err(NotAsked::of_send)?, self.clock.now())?;
        media::read(&answer)
    }

    async fn upload_state(&self, id: &str) -> Result<Uploaded, Outcome> {
        let query = [("command", "STATUS"), ("media_id", id)];
        let what = What { endpoint: Endpoint::MediaUpload, caller: Caller::Account, written: None };
        let result = self.call(what, &["2", "media", "upload"], Ask::Get(&query)).await;
        let answer = media::answer(result.map_err(NotAsked::of_send)?, self.clock.now())?;
        media::read(&answer)
    }

    async fn describe(&self, id: &str, alt: &str) -> Result<(), Outcome> {
        let body = json!({ "id": id, "metadata": { "alt_text": { "text": alt } } });
        let what = What { endpoint: Endpoint::MediaDescribe, caller: Caller::Account, written: None };
        let result = self.call(what, &["2", "media", "metadata"], Ask::Post(&body)).await;
        media::answer(result.map_err(NotAsked::of_send)?, self.clock.now()).map(drop)
    }
}

impl X {
    async fn page_of(&self, endpoint: Endpoint, name: &str, stretch: Stretch<'_>) -> Result<Vec<u8>, Failure> {
        let mut query = vec![("max_results", "100")];
        query.extend(parameters(stretch));
        let path = ["2", "users", &self.account.id, name];
        self.read(endpoint, Caller::Account, &path, with_fields(query), Expect::Page).await
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

    async fn public_picture(&self, url: &str) -> Result<Vec<u8>, Failure> {
        let url = Url::parse(url).map_err(|_| Failure::Refused(words::PICTURE_WITHOUT_ADDRESS.to_owned()))?;
        match self.http.get_following(&url, BODY_LIMIT).await {
            Ok(answer) if answer.status == 200 => Ok(answer.body),
            Ok(answer) => Err(Failure::Refused(words::picture_answered(answer.status))),
            Err(error) => Err(Failure::Unavailable(error.to_string())),
        }
    }
}
