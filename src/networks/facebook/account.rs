//! A page of ours, as the bridge asks for it: each rule by its module, each act with its call. What an answer means is
//! `outcome`'s to say.

use std::time::Duration;

use async_trait::async_trait;
use reqwest::Url;
use serde_json::{Value, json};

use super::client::{Ask, Place, unreadable};
use super::outcome::{self, Act};
use super::words;
use super::{FacebookPage, NO_SEARCH, events, messages, parse, places, wire};
use crate::clock::Millis;
use crate::networks::watch::Endpoint;
use crate::networks::{
    Account, Addressee, Failure, Inbound, Length, Malformed, MessagePage, Outcome, PostPage, RemoteAuthor, RemotePost,
    ReplyPath, Stretch, Target, Timeline, Uploaded, Us, Window, text,
};
use crate::secret::Secret;

/// The longest comment, in UTF-16 units, as Facebook counts.
const LONGEST_COMMENT: usize = 8_000;
/// How long a person's message may be answered, and how long by a human agent.
const WINDOW: Duration = Duration::from_secs(24 * 3600);
const HUMAN_WINDOW: Duration = Duration::from_secs(7 * 24 * 3600);
/// Longest picture of a private message, in bytes.
const PICTURE_LIMIT: usize = 8 * 1024 * 1024;

impl FacebookPage {
    async fn act(&self, act: Act, endpoint: Endpoint, id: &str, place: &Place, ask: Ask<'_>) -> Outcome {
        match self.graph.call(endpoint, place, ask).await {
            Ok(result) => outcome::of(act, id, &result),
            Err(refusal) => refusal.of_send(),
        }
    }

    async fn change(&self, act: Act, id: &str, body: Value) -> Outcome {
        if !wire::is_id(id) {
            return no_id(id);
        }
        self.act(act, Endpoint::PostCreate, id, &Place::of(&[id], &[]), Ask::Post(&body)).await
    }

    /// Until when a person who wrote to us then may be answered; the second: as a human agent alone.
    fn answerable(&self, wrote_at: Millis) -> (Millis, Millis) {
        let late = self.keys.as_ref().is_some_and(|keys| keys.may_answer_late);
        let usual = wrote_at.plus(WINDOW);
        (usual, if late { wrote_at.plus(HUMAN_WINDOW) } else { usual })
    }
}

fn no_id(id: &str) -> Outcome {
    let id: String = id.chars().filter(|c| !c.is_control()).take(80).collect();
    Outcome::Refused { reason: words::no_id(&id) }
}

fn no_pictures() -> Outcome {
    Outcome::Refused { reason: words::NO_PICTURES.to_owned() }
}

#[async_trait]
impl Account for FacebookPage {
    fn us(&self) -> &Us {
        &self.us
    }

    fn access_token(&self) -> &Secret {
        &self.graph.token
    }

    fn parse_webhook(&self, raw: &[u8]) -> Result<Vec<Inbound>, Malformed> {
        events::read(raw, &self.us)
    }

    fn parse_page(&self, raw: &[u8]) -> Result<PostPage, Malformed> {
        parse::page(raw, &self.us)
    }

    fn parse_messages(&self, raw: &[u8]) -> Result<MessagePage, Malformed> {
        messages::page(raw, &self.us)
    }

    /// On our page always; elsewhere where the page was named.
    fn reply_path(&self, post: &RemotePost) -> ReplyPath {
        let may = post.addressed.contains(&self.us.id) || places::is_on(&self.us.id, &post.conversation);
        if may { ReplyPath::Api } else { ReplyPath::ByHand }
    }

    /// There are two levels: whoever answers a reply stands beside it, under the same comment.
    fn stands_under(&self, target: Target<'_>) -> String {
        let is_post = |parent: &str| match target.conversation {
            Some(conversation) => conversation == parent,
            None => places::is_post_of(parent, target.id),
        };
        target.parent.filter(|parent| !is_post(parent)).unwrap_or(target.id).to_owned()
    }

    fn length(&self, text: &str) -> Length {
        Length { used: text.encode_utf16().count(), limit: LONGEST_COMMENT }
    }

    fn cut_after(&self) -> Option<usize> {
        None
    }

    fn longest_message(&self) -> usize {
        messages::LONGEST
    }

    fn message_window(&self, wrote_at: Option<Millis>, now: Millis) -> Window {
        let Some((_, until)) = wrote_at.map(|at| self.answerable(at)) else { return Window::Closed { since: now } };
        if now < until { Window::Open { until: Some(until) } } else { Window::Closed { since: until } }
    }

    fn pictures_scope(&self) -> Option<&'static str> {
        None
    }

    fn post_url(&self, post: &RemotePost) -> String {
        places::url_of(&self.graph.place.web_url, &self.us, post)
    }

    fn own_url(&self, id: &str) -> String {
        places::own_url(&self.graph.place.web_url, &self.us, id)
    }

    fn conversation_url(&self, person: &str) -> String {
        places::inbox_url(&self.graph.place.web_url, &self.us, person)
    }

    /// Facebook's inbox takes no text along.
    fn compose_url(&self, person: &str, _text: &str) -> String {
        self.conversation_url(person)
    }

    /// What people write and what we write stand together here, so the second list is empty. What comes back was read from
    /// the oldest on, as far as its `newest` says: nothing is left out below.
    async fn timeline(&self, timeline: Timeline, stretch: Stretch<'_>) -> Result<Vec<u8>, Failure> {
        match timeline {
            Timeline::Mentions => {
                self.written_since(stretch.since.and_then(|mark| mark.parse().ok()).map(Millis)).await
            }
            Timeline::Own => Ok(json!({ "posts": [] }).to_string().into_bytes()),
        }
    }

    async fn beyond_timeline(&self, _stretch: Stretch<'_>) -> Result<Vec<u8>, Failure> {
        Err(Failure::Refused(NO_SEARCH.to_owned()))
    }

    fn reaches_beyond(&self) -> Option<Duration> {
        None
    }

    async fn conversation(&self, id: &str, page: Option<&str>) -> Result<Vec<u8>, Failure> {
        self.comments_of(id, page).await
    }

    async fn posts(&self, ids: &[String]) -> Result<Vec<u8>, Failure> {
        self.look_up(ids).await
    }

    async fn versions(&self, ids: &[String]) -> Result<Vec<u8>, Failure> {
        self.look_up(ids).await
    }

    /// Facebook says who somebody is where they write, and nowhere else.
    async fn users(&self, _ids: &[String]) -> Result<Vec<RemoteAuthor>, Failure> {
        Ok(Vec::new())
    }

    async fn me(&self) -> Result<RemoteAuthor, Failure> {
        let place = Place::of(&["me"], &[("fields", "id,name,picture")]);
        let me = self.graph.read(Endpoint::Me, &place).await?;
        let id = wire::id(&me["id"]).ok_or_else(unreadable)?;
        let name = me["name"].as_str().map(text::name).unwrap_or_default();
        let picture_url = wire::address(&me["picture"]["data"]["url"]);
        Ok(RemoteAuthor { id, handle: String::new(), name, picture_url, followers: None })
    }

    async fn search(
        &self,
        _query: &str,
        _since: Option<&str>,
        _page: Option<&str>,
        _most: i64,
    ) -> Result<Vec<u8>, Failure> {
        Err(Failure::Refused(NO_SEARCH.to_owned()))
    }

    async fn sent_since(&self, since: Millis, under: &[String]) -> Result<Vec<RemotePost>, Failure> {
        self.sent_below(since, under).await
    }

    async fn messages(&self, page: Option<&str>) -> Result<Vec<u8>, Failure> {
        self.talk(page).await
    }

    async fn messages_with(&self, person: &str) -> Result<MessagePage, Failure> {
        self.talk_with(person).await
    }

    /// Also where Facebook lets nobody answer privately for another reason: then it is not done again either.
    async fn was_written_to(&self, post: &str) -> Result<bool, Failure> {
        let place = Place::of(&[post], &[("fields", "can_reply_privately")]);
        let said = self.graph.read(Endpoint::PostLookUp, &place).await?;
        said["can_reply_privately"].as_bool().map(|can| !can).ok_or_else(unreadable)
    }

    /// Facebook signs the addresses of its pictures, so none needs our token.
    async fn message_picture(&self, url: &str) -> Result<Vec<u8>, Failure> {
        let url = Url::parse(url).map_err(|_| Failure::Refused(words::PICTURE_WITHOUT_ADDRESS.to_owned()))?;
        match self.graph.http.get_following(&url, PICTURE_LIMIT).await {
            Ok(answer) if answer.status == 200 => Ok(answer.body),
            Ok(answer) => Err(Failure::Refused(words::picture_answered(answer.status))),
            Err(error) => Err(Failure::Unavailable(error.to_string())),
        }
    }

    async fn reply(&self, under: &str, text: &str, pictures: &[String], _key: &str) -> Outcome {
        if !pictures.is_empty() {
            return no_pictures();
        }
        if !wire::is_id(under) {
            return no_id(under);
        }
        let place = Place::of(&[under, "comments"], &[]);
        self.act(Act::Reply, Endpoint::PostCreate, under, &place, Ask::Post(&json!({ "message": text }))).await
    }

    async fn edit(&self, id: &str, text: &str) -> Outcome {
        self.change(Act::Edit, id, json!({ "message": text })).await
    }

    async fn delete(&self, id: &str) -> Outcome {
        if !wire::is_id(id) {
            return no_id(id);
        }
        self.act(Act::Delete, Endpoint::PostDelete, id, &Place::of(&[id], &[]), Ask::Delete).await
    }

    async fn hide(&self, id: &str, hidden: bool) -> Outcome {
        self.change(Act::Hide, id, json!({ "is_hidden": hidden })).await
    }

    async fn message(&self, to: Addressee<'_>, text: &str, key: &str) -> Outcome {
        let mut body = json!({ "message": {"text": text, "metadata": messages::metadata(key)} });
        let mut late = false;
        match to {
            Addressee::Person { id, wrote_at } => {
                let now = self.graph.clock.now();
                let Some((usual, until)) = wrote_at.map(|at| self.answerable(at)).filter(|(_, until)| now < *until)
                else {
                    return Outcome::ByHand { reason: outcome::CLOSED.to_owned() };
                };
                late = now >= usual && until > usual;
                body["recipient"] = json!({ "id": id });
                body["messaging_type"] = json!(if late { "MESSAGE_TAG" } else { "RESPONSE" });
                if late {
                    body["tag"] = json!("HUMAN_AGENT");
                }
            }
            Addressee::AuthorOf { post } => {
                let kind = if places::is_on(&self.us.id, post) { "post_id" } else { "comment_id" };
                body["recipient"] = json!({ kind: post });
            }
        }
        let place = Place::of(&[&self.us.id, "messages"], &[]);
        let act = Act::Message { late };
        match self.act(act, Endpoint::MessageSend, "", &place, Ask::Post(&body)).await {
            Outcome::Accepted { remote_id, .. } if matches!(to, Addressee::Person { .. }) => {
                Outcome::Accepted { remote_id, person: None }
            }
            other => other,
        }
    }

    async fn upload(&self, _media_type: &str, _bytes: &[u8]) -> Result<Uploaded, Outcome> {
        Err(no_pictures())
    }

    async fn upload_state(&self, _id: &str) -> Result<Uploaded, Outcome> {
        Err(no_pictures())
    }

    async fn describe(&self, _id: &str, _alt: &str) -> Result<(), Outcome> {
        Err(no_pictures())
    }
}
