//! What the endpoints do: people, posts and timelines; and how bodies, ids and refusals are read and written.

use serde_json::{Map, Value, json};

use super::XTwin;
use super::answer::Answer;
use super::dm::other_in;
use super::endpoints::Endpoint;
use super::gate::{Caller, Request};
use super::list::{Page, Params};
use super::posts::{By, Draft, Post, Refused};
use super::search::Query;
use super::wire::{Wanted, absence, missing, visible};
use super::world::{World, time_of};
use crate::clock::Millis;

/// Who acts, where only a person can.
fn acting(caller: Caller) -> Result<u64, Answer> {
    caller
        .user()
        .ok_or_else(|| Answer::unsupported_authentication("OAuth 2.0 Application-Only", "OAuth 2.0 User Context"))
}

impl XTwin {
    pub(super) async fn answer(&self, endpoint: Endpoint, request: &Request, caller: Caller) -> Result<Answer, Answer> {
        match endpoint {
            Endpoint::Me => self.me(request, acting(caller)?),
            Endpoint::UserByHandle(handle) => self.user_by_handle(request, &handle),
            Endpoint::User(id) => self.user_by_id(request, &id),
            Endpoint::Users => self.users_by_ids(request),
            Endpoint::Mentions(id) => self.mentions(request, &id),
            Endpoint::PostsOf(id) => self.posts_of(request, &id),
            Endpoint::Posts => self.posts_by_ids(request),
            Endpoint::Post(id) => self.post_by_id(request, &id),
            Endpoint::SearchRecent => self.search_recent(request),
            Endpoint::Create => self.create(request, acting(caller)?),
            Endpoint::Delete(id) => self.delete_own(&id, acting(caller)?),
            Endpoint::Webhooks => Ok(self.webhooks()),
            Endpoint::CreateWebhook => self.create_webhook(request).await,
            Endpoint::CheckWebhook(id) => self.check_webhook(&id).await,
            Endpoint::DeleteWebhook(id) => self.delete_webhook(&id),
            Endpoint::Subscriptions => Ok(self.subscriptions()),
            Endpoint::Subscribe => self.subscribe(request, caller),
            Endpoint::Unsubscribe(id) => self.unsubscribe(&id),
            Endpoint::Replay => self.replay(request),
            Endpoint::Usage => Ok(self.usage()),
            Endpoint::Messages => self.messages_listed(request, acting(caller)?, None),
            Endpoint::Message(id) => self.message_by_id(request, acting(caller)?, &id),
            Endpoint::DeleteMessage(id) => self.delete_message(acting(caller)?, &id),
            Endpoint::MessagesWith(id) => {
                let other = read_id("participant_id", &id)?;
                self.messages_listed(request, acting(caller)?, Some(other))
            }
            Endpoint::MessagesIn(id) => {
                let user = acting(caller)?;
                let other = other_in(&id, user)?;
                self.messages_listed(request, user, Some(other))
            }
            Endpoint::SendTo(id) => self.send_message(request, acting(caller)?, read_id("participant_id", &id)?),
            Endpoint::SendIn(id) => {
                let user = acting(caller)?;
                let other = other_in(&id, user)?;
                self.send_message(request, user, other)
            }
            Endpoint::Upload => self.upload(request, acting(caller)?).await,
            Endpoint::UploadBegin => self.upload_begin(request, acting(caller)?),
            Endpoint::UploadPart(id) => self.upload_part(request, acting(caller)?, &id).await,
            Endpoint::UploadEnd(id) => self.upload_end(acting(caller)?, &id),
            Endpoint::UploadStatus => self.upload_status(request, acting(caller)?),
            Endpoint::Describe => self.describe(request, acting(caller)?),
        }
    }

    fn me(&self, request: &Request, user: u64) -> Result<Answer, Answer> {
        let wanted = Wanted::of_users(&Params::read(&request.query, &[])?)?;
        let state = self.state();
        let user = state.world.users.get(&user).map(|user| self.user_value(&state.world, user, &wanted));
        Ok(Answer::ok(json!({ "data": user })))
    }

    fn user_by_handle(&self, request: &Request, handle: &str) -> Result<Answer, Answer> {
        let wanted = Wanted::of_users(&Params::read(&request.query, &[])?)?;
        let state = self.state();
        Ok(Answer::ok(match state.world.by_handle(handle) {
            Some(user) => json!({ "data": self.user_value(&state.world, user, &wanted) }),
            None => json!({ "errors": [missing(wanted.dialect, "user", "username", handle)] }),
        }))
    }

    fn user_by_id(&self, request: &Request, id: &str) -> Result<Answer, Answer> {
        let wanted = Wanted::of_users(&Params::read(&request.query, &[])?)?;
        let number = read_id("id", id)?;
        let state = self.state();
        Ok(Answer::ok(match state.world.users.get(&number) {
            Some(user) => json!({ "data": self.user_value(&state.world, user, &wanted) }),
            None => json!({ "errors": [missing(wanted.dialect, "user", "id", id)] }),
        }))
    }

    fn users_by_ids(&self, request: &Request) -> Result<Answer, Answer> {
        let params = Params::read(&request.query, &["ids"])?;
        let wanted = Wanted::of_users(&params)?;
        let numbers = read_ids(&params)?;
        let state = self.state();
        let known = numbers.iter().filter_map(|id| state.world.users.get(id));
        let users: Vec<Value> = known.map(|user| self.user_value(&state.world, user, &wanted)).collect();
        let mut value = if users.is_empty() { json!({}) } else { json!({ "data": users }) };
        let gone = numbers.iter().filter(|id| !state.world.users.contains_key(id));
        add_errors(&mut value, gone.map(|id| missing(wanted.dialect, "user", "ids", &id.to_string())).collect());
        Ok(Answer::ok(value))
    }

    fn mentions(&self, request: &Request, id: &str) -> Result<Answer, Answer> {
        self.timeline(request, id, &["start_time", "end_time"], |post, user| {
            post.author != user && post.text.mentions().any(|named| named == user)
        })
    }

    fn posts_of(&self, request: &Request, id: &str) -> Result<Answer, Answer> {
        let without_replies = Params::read(&request.query, &["*"])?.list("exclude").contains(&"replies".to_owned());
        self.timeline(request, id, &["exclude", "start_time", "end_time"], |post, user| {
            post.author == user && !(without_replies && post.parent.is_some())
        })
    }

    fn timeline(
        &self,
        request: &Request,
        id: &str,
        more: &[&str],
        of: impl Fn(&Post, u64) -> bool,
    ) -> Result<Answer, Answer> {
        let params = Params::read(&request.query, &[Page::PARAMETERS, more].concat())?;
        let wanted = Wanted::of_posts(&params)?;
        let page = Page::read(&params, 5, 100)?;
        let user = read_id("id", id)?;
        let state = self.state();
        if !state.world.users.contains_key(&user) {
            return Ok(Answer::ok(json!({ "errors": [missing(wanted.dialect, "user", "id", id)] })));
        }
        // X's timelines end after the newest 800.
        let posts = self.listed(&state.world, page.since.unwrap_or_default()).filter(|post| of(post, user)).take(800);
        let (posts, meta) = page.cut(posts);
        Ok(Answer::ok(self.posts_value(&state.world, &posts, &wanted, Some(meta))))
    }

    fn search_recent(&self, request: &Request) -> Result<Answer, Answer> {
        let more = ["query", "next_token", "sort_order", "start_time", "end_time"];
        let params = Params::read(&request.query, &[Page::PARAMETERS, &more].concat())?;
        let wanted = Wanted::of_posts(&params)?;
        let page = Page::read(&params, 10, 100)?;
        let text = params.one("query").unwrap_or_default();
        let query = Query::parse(text).map_err(|message| Answer::invalid("query", text, &message))?;
        let oldest = self.now().minus(std::time::Duration::from_secs(7 * 24 * 3600));
        if let Some(since) = page.since.filter(|since| time_of(*since) < oldest) {
            let message = format!(
                "'since_id' must be a tweet id created after [{oldest}]. Please use a 'since_id' that is larger than a week ago"
            );
            return Err(Answer::invalid("since_id", &since.to_string(), &message));
        }
        let state = self.state();
        let posts =
            self.listed(&state.world, page.since.unwrap_or_default()).take_while(|post| time_of(post.id) >= oldest);
        let (posts, meta) = page.cut(posts.filter(|post| query.fits(&state.world, post)));
        Ok(Answer::ok(self.posts_value(&state.world, &posts, &wanted, Some(meta))))
    }

    fn posts_by_ids(&self, request: &Request) -> Result<Answer, Answer> {
        let params = Params::read(&request.query, &["ids"])?;
        let wanted = Wanted::of_posts(&params)?;
        let numbers = read_ids(&params)?;
        let state = self.state();
        let posts: Vec<&Post> = numbers.iter().filter_map(|id| visible(&state.world, *id)).collect();
        let mut value = self.posts_value(&state.world, &posts, &wanted, None);
        let gone = numbers.iter().filter_map(|id| absence(&state.world, *id, wanted.dialect, "ids")).collect();
        add_errors(&mut value, gone);
        Ok(Answer::ok(value))
    }

    fn post_by_id(&self, request: &Request, id: &str) -> Result<Answer, Answer> {
        let wanted = Wanted::of_posts(&Params::read(&request.query, &[])?)?;
        let number = read_id("id", id)?;
        let state = self.state();
        let Some(post) = visible(&state.world, number) else {
            return Ok(Answer::ok(json!({ "errors": [absence(&state.world, number, wanted.dialect, "id")] })));
        };
        let mut value = self.posts_value(&state.world, &[post], &wanted, None);
        if let Some(data) = value.get_mut("data") {
            *data = data.get_mut(0).map(Value::take).unwrap_or_default();
        }
        Ok(Answer::ok(value))
    }

    /// What timelines and search show: the newest posts of whoever let the app in come in late.
    fn listed<'a>(&self, world: &'a World, above: u64) -> impl Iterator<Item = &'a Post> + use<'a> {
        let shown_until = self.now().minus(self.lag());
        let late = move |post: &&Post| time_of(post.id) > shown_until && world.grants.has_been_given_by(post.author);
        world.newest_above(above).filter(move |post| !late(post) && !world.is_hidden(post))
    }

    fn create(&self, request: &Request, author: u64) -> Result<Answer, Answer> {
        let body = read_body(request, &CREATE_KEYS)?;
        let typed = match body.get("text") {
            Some(Value::String(text)) => text.as_str(),
            None => "",
            Some(other) => return Err(Answer::invalid("text", &other.to_string(), "$.text: is not a string")),
        };
        let reply = body.get("reply");
        let silent = reply.and_then(|reply| reply.get("exclude_reply_user_ids")).and_then(Value::as_array);
        let silent = silent.into_iter().flatten().filter_map(Value::as_str).filter_map(|id| id.parse().ok()).collect();
        let media = body.get("media").map(|media| media.get("media_ids").and_then(Value::as_array));
        let media = match media {
            None => Vec::new(),
            Some(list) => {
                let ids = list.into_iter().flatten().map(|id| id.as_str().unwrap_or_default());
                ids.map(|id| read_id("media.media_ids", id)).collect::<Result<Vec<_>, _>>()?
            }
        };
        if body.contains_key("media") && media.is_empty() {
            return Err(Answer::invalid("", "", "$.media.media_ids: must have between 1 and 4 items"));
        }
        let edits = id_in(body.get("edit_options"), "edit_options", "previous_post_id")?;
        if edits.is_some() && !self.state().world.users.get(&author).is_some_and(|user| user.premium) {
            return Err(refusal(Refused::NotEditable));
        }
        if body.contains_key("quote_tweet_id") {
            // Gone from self-serve plans in 2026; X's own words are not known.
            return Err(Answer::forbidden("Quoting posts is not permitted with your access level."));
        }
        let draft = Draft {
            parent: id_in(reply, "reply", "in_reply_to_tweet_id")?,
            silent,
            media,
            edits,
            ..Draft::new(author, typed, By::Api)
        };
        let id = self.write(draft).map_err(refusal)?;
        let state = self.state();
        let Some(post) = state.world.posts.get(&id) else { return Err(Answer::server_error()) };
        let versions: Vec<String> = state.world.versions(post).iter().map(u64::to_string).collect();
        let text = post.text.stored();
        Ok(Answer::created(json!({ "data": {"edit_history_tweet_ids": versions, "id": id.to_string(), "text": text} })))
    }

    fn delete_own(&self, id: &str, author: u64) -> Result<Answer, Answer> {
        match self.erase(author, read_id("id", id)?) {
            Ok(()) => Ok(Answer::ok(json!({ "data": {"deleted": true} }))),
            // X's papers are silent here. What is wanted is so: the post is not there.
            Err(Refused::NoSuchPost) => Ok(Answer::ok(json!({ "data": {"deleted": true} }))),
            Err(other) => Err(refusal(other)),
        }
    }
}

/// The id under `key` of a part of a body; the part need not be there, but if it is, the id must be.
fn id_in(part: Option<&Value>, name: &str, key: &str) -> Result<Option<u64>, Answer> {
    let Some(part) = part else { return Ok(None) };
    match part.get(key).and_then(Value::as_str) {
        Some(id) => read_id(&format!("{name}.{key}"), id).map(Some),
        None => Err(Answer::invalid("", "", &format!("$.{name}.{key}: is missing but it is required"))),
    }
}

/// What `POST /2/tweets` may say.
const CREATE_KEYS: [&str; 15] = [
    "text",
    "reply",
    "media",
    "poll",
    "geo",
    "quote_tweet_id",
    "reply_settings",
    "for_super_followers_only",
    "direct_message_deep_link",
    "edit_options",
    "made_with_ai",
    "nullcast",
    "card_uri",
    "community_id",
    "paid_partnership",
];

/// The JSON object of a request that knows only these keys.
pub(super) fn read_body(request: &Request, known: &[&str]) -> Result<Map<String, Value>, Answer> {
    let wrong = |message: &str| Answer::invalid("", "", message);
    if !request.content_type.starts_with("application/json") {
        return Err(wrong("Requests with bodies must have content-type of application/json."));
    }
    let Ok(Value::Object(body)) = serde_json::from_slice(&request.body) else {
        return Err(wrong("The body of the request is not a JSON object."));
    };
    match body.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => {
            let message =
                format!("$.{key}: is not defined in the schema and the schema does not allow additional properties");
            Err(wrong(&message))
        }
        None => Ok(body),
    }
}

/// The list `ids`, of 1 to 100.
fn read_ids(params: &Params) -> Result<Vec<u64>, Answer> {
    let ids = params.list("ids");
    if ids.is_empty() || ids.len() > 100 {
        let message =
            format!("The number of values in the `ids` query parameter list [{}] is not between 1 and 100", ids.len());
        return Err(Answer::invalid("ids", params.one("ids").unwrap_or_default(), &message));
    }
    ids.iter().map(|id| read_id("ids", id)).collect()
}

/// An id as X writes it: up to 19 digits.
pub(super) fn read_id(parameter: &str, text: &str) -> Result<u64, Answer> {
    let digits = (1..=19).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let wrong = || {
        let message = format!("The `{parameter}` query parameter value [{text}] is not valid");
        Answer::invalid(parameter, text, &message)
    };
    if digits { text.parse().map_err(|_| wrong()) } else { Err(wrong()) }
}

/// A refusal in X's words.
pub(super) fn refusal(refused: Refused) -> Answer {
    match refused {
        Refused::Empty => Answer::invalid("", "", "$.text: must have a length between 1 and 25000"),
        Refused::TooLong { .. } => Answer::invalid(
            "",
            "",
            "Your Tweet text is too long. For more information on how Twitter determines text length see https://github.com/twitter/twitter-text.",
        ),
        Refused::Duplicate => Answer::forbidden("You are not allowed to create a Tweet with duplicate content."),
        Refused::ParentGone => {
            Answer::forbidden("You attempted to reply to a Tweet that is deleted or not visible to you.")
        }
        Refused::NotSummoned => Answer::forbidden(
            "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author of the post you are replying to.",
        ),
        Refused::NotEditable => Answer::forbidden("You are not permitted to edit this Tweet."),
        Refused::BadMedia => Answer::invalid("", "", "Your media IDs are invalid."),
        Refused::NoPicture => Answer::invalid("", "", "media type unrecognized."),
        Refused::Closed => Answer::forbidden("You do not have permission to DM one or more participants."),
        Refused::NotOwn => Answer::forbidden("You are not authorized to delete this Tweet."),
        Refused::NoSuchPost | Refused::NoSuchUser(_) | Refused::NoSuchScope(_) | Refused::BadHandle(_) => {
            Answer::no_such_page()
        }
        Refused::Journal(_) => Answer::plain(503, "Service Unavailable", "Service Unavailable"),
    }
}

pub(super) fn add_errors(value: &mut Value, more: Vec<Value>) {
    if more.is_empty() {
        return;
    }
    match value.get_mut("errors").and_then(Value::as_array_mut) {
        Some(errors) => errors.extend(more),
        None => value["errors"] = Value::Array(more),
    }
}

/// `2026-07-24T21:23:23.000Z`: X writes milliseconds, and they are always zero.
pub(super) fn timestamp(at: Millis) -> String {
    at.to_rfc3339().replace('Z', ".000Z")
}
