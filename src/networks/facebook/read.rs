//! What stands on our page, read from Graph: new posts and comments, single ones, what we sent, what was said privately.
//! Which calls it takes and how they go together; what they bring is read by `parse` and `messages`.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::{List, Place, unreadable};
use super::words;
use super::{FacebookPage, connect, messages, outcome, parse, places, wire};
use crate::clock::Millis;
use crate::networks::watch::Endpoint;
use crate::networks::{Failure, Mend, MessagePage, RemotePost};

const POST_FIELDS: &str = "id,message,from{id,name},created_time,updated_time,permalink_url,is_hidden,message_tags,full_picture,\
                           attachments{type,media,target,description,subattachments}";
const COMMENT_FIELDS: &str =
    "id,message,from{id,name},created_time,parent{id},object{id},attachment,permalink_url,is_hidden,message_tags";
const MESSAGE_FIELDS: &str = "id,from,to,message,created_time,attachments,sticker";

/// Posts of a part of the feed whose comments come along, and how many such parts are read.
const POSTS: &str = "50";
const FULL_PARTS: usize = 2;
/// Below them posts come alone, so many at once: those that say that something was written under them are asked for it.
/// What is written under still older posts, only webhooks tell.
const DEEP_POSTS: &str = "100";
const PARTS: usize = 7;
/// How many posts are asked for where Graph says that so many are too much.
const SMALLER_PARTS: [&str; 3] = ["25", "10", "3"];
/// Most comments that come along with a post, and that come at once.
const COMMENTS: u32 = 50;
const MOST_COMMENTS: &str = "100";
/// Most calls of a turn for comments that did not come along. What they do not reach is read at the next turn.
const MOST_CALLS: usize = 60;
/// Most parts of a list that is read to find something.
const MOST_PARTS: usize = 5;
/// What Graph looks up at once.
const LOOK_UP: usize = 50;

/// Conversations of a page, and their messages that come along.
const CONVERSATIONS: &str = "20";
const MESSAGES: u32 = 25;
/// A conversation with more is read on as long as its messages are younger than this.
const LIVELY: Duration = Duration::from_secs(24 * 3600);
/// Most calls for the rest of conversations of one page.
const MOST_TALK: usize = 20;

/// The comments of a post that are still to be read, from the oldest on.
struct Rest {
    /// Where in the list of posts.
    at: usize,
    place: Place,
    /// Up to when they are read.
    read_to: Millis,
}

impl FacebookPage {
    /// Everything that was written on the page since a moment, or that names it elsewhere. Without a moment: the newest
    /// posts with what is written under them now.
    pub(super) async fn written_since(&self, since: Option<Millis>) -> Result<Vec<u8>, Failure> {
        let seconds = since.map(|since| since.0.div_euclid(1_000).max(0).to_string());
        let (mut posts, mut rest) = self.feed(since, seconds.as_deref()).await?;
        let mut calls = 0;
        let mut unread: Option<Millis> = None;
        while let Some(Rest { at, place, read_to }) = rest.pop() {
            if calls == MOST_CALLS {
                unread = Some(unread.map_or(read_to, |unread| unread.min(read_to)));
                continue;
            }
            calls += 1;
            let Some(list) = self.list_if_there(Endpoint::Mentions, &place).await? else { continue };
            let read_to = newest(&list.data).unwrap_or(read_to);
            rest.extend(list.next.map(|place| Rest { at, place, read_to }));
            append(&mut posts[at], list.data);
        }
        posts.extend(self.tagged(since).await?);
        let seen = posts.iter().filter_map(|post| newest(wire::list(&post["comments"])).max(newest_of(post))).max();
        let newest = seen.map(|seen| unread.map_or(seen, |unread| unread.min(seen)).0.to_string());
        Ok(bytes(&json!({ "since": since.map(|since| since.0), "newest": newest, "posts": posts })))
    }

    /// The posts of the feed, newest first, with the comments that came along, and where more of them are.
    async fn feed(&self, since: Option<Millis>, seconds: Option<&str>) -> Result<(Vec<Value>, Vec<Rest>), Failure> {
        let begin = since.unwrap_or(Millis(0));
        let along = match seconds {
            Some(seconds) => format!(
                "{POST_FIELDS},comments.limit({COMMENTS}).filter(stream).order(chronological).since({seconds}){{{COMMENT_FIELDS}}}"
            ),
            None => format!(
                "{POST_FIELDS},comments.limit({COMMENTS}).filter(stream).order(reverse_chronological){{{COMMENT_FIELDS}}}"
            ),
        };
        let query = [("fields", along.as_str()), ("limit", POSTS), ("include_hidden", "true")];
        let mut next = Some(Place::of(&[&self.us.id, "feed"], &query));
        let (mut posts, mut rest) = (Vec::new(), Vec::new());
        let parts = if since.is_some() { PARTS } else { 1 };
        for part in 0..parts {
            let Some(place) = next.take() else { break };
            let full = part < FULL_PARTS;
            let place = if full { place } else { place.with("fields", POST_FIELDS).with("limit", DEEP_POSTS) };
            let list = self.part_of_feed(place).await?;
            next = list.next;
            for post in list.data {
                let updated = wire::moment(&post["updated_time"]).max(newest_of(&post));
                if full {
                    let more = List::of(&post["comments"]).and_then(|list| list.next).filter(|_| since.is_some());
                    let read_to = newest(wire::list(&post["comments"])).unwrap_or(begin);
                    rest.extend(more.map(|place| Rest { at: posts.len(), place, read_to }));
                } else if let (Some(id), Some(seconds)) = (wire::id(&post["id"]), seconds)
                    && updated.is_some_and(|updated| updated >= begin)
                {
                    let query = [
                        ("fields", COMMENT_FIELDS),
                        ("filter", "stream"),
                        ("order", "chronological"),
                        ("since", seconds),
                        ("limit", MOST_COMMENTS),
                    ];
                    let place = Place::of(&[&id, "comments"], &query);
                    rest.push(Rest { at: posts.len(), place, read_to: begin });
                } else {
                    continue;
                }
                posts.push(post);
            }
        }
        Ok((posts, rest))
    }

    /// A part of the feed, or a smaller one where Graph cannot put together so much at once.
    async fn part_of_feed(&self, mut place: Place) -> Result<List, Failure> {
        for fewer in SMALLER_PARTS {
            let answer = self.graph.answer(Endpoint::Mentions, &place).await?;
            if !outcome::is_too_much(&answer) {
                return List::of(&outcome::of_read(&answer)?).ok_or_else(unreadable);
            }
            place = place.with("limit", fewer);
        }
        self.graph.list(Endpoint::Mentions, &place).await
    }

    /// Posts elsewhere that name the page.
    async fn tagged(&self, since: Option<Millis>) -> Result<Vec<Value>, Failure> {
        let mut next = Some(Place::of(&[&self.us.id, "tagged"], &[("fields", POST_FIELDS), ("limit", "25")]));
        let mut posts = Vec::new();
        for _ in 0..MOST_PARTS {
            let Some(place) = next.take() else { break };
            let list = match self.graph.list(Endpoint::Mentions, &place).await {
                Ok(list) => list,
                // The page itself can be read: who names it elsewhere is told by webhooks, too.
                Err(Failure::Refused(reason)) => {
                    tracing::warn!(reason, "Facebook does not say who names the page: {reason}");
                    break;
                }
                Err(failure) => return Err(failure),
            };
            let count = list.data.len();
            let new = list.data.into_iter().filter(|post| since.is_none_or(|since| newest_of(post) >= Some(since)));
            let before = posts.len();
            posts.extend(new);
            next = list.next.filter(|_| since.is_some() && posts.len() - before == count);
        }
        Ok(posts)
    }

    /// A list, unless what it belongs to is gone.
    async fn list_if_there(&self, endpoint: Endpoint, place: &Place) -> Result<Option<List>, Failure> {
        let answer = self.graph.answer(endpoint, place).await?;
        if outcome::is_gone(&answer) {
            return Ok(None);
        }
        List::of(&outcome::of_read(&answer)?).map(Some).ok_or_else(unreadable)
    }

    /// The comments below a post, newest first.
    pub(super) async fn comments_of(&self, post: &str, page: Option<&str>) -> Result<Vec<u8>, Failure> {
        let query = [
            ("fields", COMMENT_FIELDS),
            ("filter", "stream"),
            ("order", "reverse_chronological"),
            ("limit", MOST_COMMENTS),
        ];
        let place = match page {
            Some(token) => {
                Place::parse(token).ok_or_else(|| Failure::Refused(words::NO_PAGE_OF_COMMENTS.to_owned()))?
            }
            None => Place::of(&[post, "comments"], &query),
        };
        let list = self.graph.list(Endpoint::PostLookUp, &place).await?;
        let next = list.next.map(|next| next.token());
        Ok(bytes(&json!({ "post": post, "comments": list.data, "next": next })))
    }

    /// Posts and comments by their ids.
    pub(super) async fn look_up(&self, ids: &[String]) -> Result<Vec<u8>, Failure> {
        let mut found = Found::default();
        let (posts, comments): (Vec<&String>, Vec<&String>) =
            ids.iter().filter(|id| wire::is_id(id)).partition(|id| places::is_on(&self.us.id, id));
        for (ids, fields) in [(posts, POST_FIELDS), (comments, COMMENT_FIELDS)] {
            for ids in ids.chunks(LOOK_UP) {
                if ids.len() > 1 && self.look_up_together(ids, fields, &mut found).await? {
                    continue;
                }
                for id in ids {
                    self.look_up_one(id, fields, &mut found).await?;
                }
            }
        }
        if !found.missing.is_empty() {
            self.check_sight().await?;
        }
        let Found { posts, comments, missing } = found;
        Ok(bytes(&json!({ "posts": posts, "comments": comments, "missing": missing })))
    }

    /// `false`: something about one of them spoils the answer for all, or Graph takes them only one by one.
    async fn look_up_together(&self, ids: &[&String], fields: &str, found: &mut Found) -> Result<bool, Failure> {
        let all = ids.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(",");
        let place = Place::of(&[""], &[("ids", all.as_str()), ("fields", fields)]);
        let answer = self.graph.answer(Endpoint::PostLookUp, &place).await?;
        if outcome::is_gone(&answer) {
            return Ok(false);
        }
        let values = match outcome::of_read(&answer) {
            Ok(values) => values,
            Err(Failure::Refused(_)) => return Ok(false),
            Err(failure) => return Err(failure),
        };
        for id in ids {
            match values.get(id.as_str()).filter(|value| value.is_object()) {
                Some(value) => found.put(fields, value.clone()),
                None => found.missing.push((*id).clone()),
            }
        }
        Ok(true)
    }

    /// Whether an id is a post's or a comment's shows its answer: where the question does not fit, the other one is asked.
    async fn look_up_one(&self, id: &str, fields: &'static str, found: &mut Found) -> Result<(), Failure> {
        let other = if fields == POST_FIELDS { COMMENT_FIELDS } else { POST_FIELDS };
        for fields in [fields, other] {
            let answer = self.graph.answer(Endpoint::PostLookUp, &Place::of(&[id], &[("fields", fields)])).await?;
            if outcome::is_gone(&answer) {
                found.missing.push(id.to_owned());
                return Ok(());
            }
            match outcome::of_read(&answer) {
                Ok(value) => {
                    found.put(fields, value);
                    return Ok(());
                }
                Err(_) if outcome::is_other_kind(&answer) => {}
                Err(failure) => return Err(failure),
            }
        }
        Err(Failure::Refused(words::neither_post_nor_comment(id)))
    }

    /// Without the permissions to see what people write, all of it looks as if it were gone.
    async fn check_sight(&self) -> Result<(), Failure> {
        let Some(keys) = &self.keys else { return Ok(()) };
        let token = connect::inspect(&self.graph.of_app(keys), &self.graph.token).await?;
        if !token.is_valid {
            return Err(Failure::TokenRefused(token.said()));
        }
        let needed = ["pages_read_engagement", "pages_read_user_content"];
        match needed.into_iter().find(|needed| !token.has(needed)) {
            Some(lacking) => Err(Failure::ChannelBroken(Mend::Connect, words::does_not_show(lacking))),
            None => Ok(()),
        }
    }

    /// Our own comments right under these posts or comments since a moment, newest first.
    pub(super) async fn sent_below(&self, since: Millis, under: &[String]) -> Result<Vec<RemotePost>, Failure> {
        let mut sent = Vec::new();
        let query = [("fields", COMMENT_FIELDS), ("order", "reverse_chronological"), ("limit", MOST_COMMENTS)];
        for id in under.iter().filter(|id| wire::is_id(id)) {
            let mut next = Some(Place::of(&[id, "comments"], &query));
            for _ in 0..MOST_PARTS {
                let Some(place) = next.take() else { break };
                let Some(list) = self.list_if_there(Endpoint::OwnPosts, &place).await? else { break };
                let post = places::is_on(&self.us.id, id).then_some(id.as_str());
                let comments: Vec<RemotePost> =
                    list.data.iter().filter_map(|value| parse::comment(value, post, &self.us).ok()).collect();
                // Facebook's moments are whole seconds.
                let is_older = |comment: &RemotePost| comment.posted_at.0 < since.0.div_euclid(1_000) * 1_000;
                next = list.next.filter(|_| !comments.last().is_some_and(is_older));
                let ours = comments.into_iter().filter(|one| one.author.id == self.us.id && !is_older(one));
                sent.extend(ours.map(|one| RemotePost { parent: Some(id.clone()), ..one }));
            }
        }
        Ok(sent)
    }

    /// A page of conversations with their newest messages.
    pub(super) async fn talk(&self, page: Option<&str>) -> Result<Vec<u8>, Failure> {
        let fields = conversation_fields();
        let (below, place) = match page.map(|token| token.split_once('~').unwrap_or(("", token))) {
            Some((below, token)) => {
                let place =
                    Place::parse(token).ok_or_else(|| Failure::Refused(words::NO_PAGE_OF_MESSAGES.to_owned()))?;
                (Some(below), place)
            }
            None => {
                let query = [("platform", "MESSENGER"), ("fields", fields.as_str()), ("limit", CONVERSATIONS)];
                (None, Place::of(&[&self.us.id, "conversations"], &query))
            }
        };
        let read_at = self.graph.clock.now();
        let mut list = self.messaging(&place).await?;
        let mut calls = 0;
        for conversation in &mut list.data {
            let mut next = List::of(&conversation["messages"]).and_then(|list| list.next);
            let mut oldest = oldest(wire::list(&conversation["messages"]));
            while let Some(place) = next.take() {
                let is_lively = oldest.is_some_and(|oldest| read_at.since(oldest) < LIVELY);
                if !is_lively || calls == MOST_TALK {
                    break;
                }
                calls += 1;
                let list = self.messaging(&place).await?;
                oldest = self::oldest(&list.data);
                next = list.next;
                append_to(conversation, "messages", list.data);
            }
        }
        let mut frame = json!({ "read_at": read_at.0, "below": below, "conversations": list.data });
        if let Some(next) = list.next {
            // The next page's marks lie below the lowest of this one, whatever moves meanwhile.
            let marks = messages::page(&bytes(&frame), &self.us).map(|page| page.marks).unwrap_or_default();
            let lowest = marks.into_iter().min_by(|a, b| crate::networks::compare_marks(a, b)).unwrap_or_default();
            frame["next"] = json!(format!("{lowest}~{}", next.token()));
        }
        Ok(bytes(&frame))
    }

    /// The newest messages of the conversation with one person.
    pub(super) async fn talk_with(&self, person: &str) -> Result<MessagePage, Failure> {
        let fields = conversation_fields().replace(&format!("limit({MESSAGES})"), "limit(100)");
        let query = [("platform", "MESSENGER"), ("user_id", person), ("fields", fields.as_str())];
        let list = self.messaging(&Place::of(&[&self.us.id, "conversations"], &query)).await?;
        let frame = json!({ "read_at": self.graph.clock.now().0, "conversations": list.data });
        messages::page(&bytes(&frame), &self.us).map_err(|error| Failure::Unavailable(error.to_string()))
    }

    /// Without the permission for messages all the rest may go on.
    async fn messaging(&self, place: &Place) -> Result<List, Failure> {
        let answer = self.graph.answer(Endpoint::MessageList, place).await?;
        let body = outcome::of_read(&answer).map_err(|failure| match failure {
            Failure::ChannelBroken(_, reason) if outcome::is_not_permitted(&answer) => Failure::Refused(reason),
            other => other,
        })?;
        List::of(&body).ok_or_else(unreadable)
    }
}

/// What a look-up brought.
#[derive(Default)]
struct Found {
    posts: Vec<Value>,
    comments: Vec<Value>,
    missing: Vec<String>,
}

impl Found {
    fn put(&mut self, fields: &str, value: Value) {
        if fields == POST_FIELDS { self.posts.push(value) } else { self.comments.push(value) }
    }
}

fn conversation_fields() -> String {
    format!("id,updated_time,participants,messages.limit({MESSAGES}){{{MESSAGE_FIELDS}}}")
}

fn newest_of(value: &Value) -> Option<Millis> {
    wire::moment(&value["created_time"])
}

fn newest(values: &[Value]) -> Option<Millis> {
    values.iter().filter_map(newest_of).max()
}

fn oldest(values: &[Value]) -> Option<Millis> {
    values.iter().filter_map(newest_of).min()
}

/// Puts comments behind those that came along with their post.
fn append(post: &mut Value, comments: Vec<Value>) {
    append_to(post, "comments", comments);
}

fn append_to(object: &mut Value, name: &str, values: Vec<Value>) {
    let Some(members) = object.as_object_mut() else { return };
    let list = members.entry(name).or_insert_with(|| json!({ "data": [] }));
    if let Some(known) = list.get_mut("data").and_then(Value::as_array_mut) {
        known.extend(values);
    }
}

fn bytes(frame: &Value) -> Vec<u8> {
    frame.to_string().into_bytes()
}
