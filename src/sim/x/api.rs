//! The endpoints: what each is called, who may call it how often, and what it does.

use serde_json::{Map, Value, json};

use super::XTwin;
use super::answer::Answer;
use super::gate::{Caller, Request};
use super::list::{Page, Params};
use super::posts::{By, Draft, Post, Refused};
use super::search::Query;
use super::wire::{Wanted, missing};
use super::world::{World, time_of};
use crate::clock::Millis;

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
            ("GET", ["webhooks"]) => Self::Webhooks,
            ("POST", ["webhooks"]) => Self::CreateWebhook,
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
        match (self, caller) {
            (Self::Me | Self::Create | Self::Delete(_), Caller::App) => {
                Err(Answer::unsupported_authentication(APP, "OAuth 1.0a User Context, OAuth 2.0 User Context"))
            }
            (
                Self::Webhooks
                | Self::CreateWebhook
                | Self::CheckWebhook(_)
                | Self::DeleteWebhook(_)
                | Self::Unsubscribe(_),
                Caller::User { .. },
            ) => Err(Answer::unsupported_authentication(USER, APP)),
            _ => Ok(()),
        }
    }

    /// What a person must have granted for it.
    pub fn scopes(&self) -> &'static [&'static str] {
        match self {
            Self::Create | Self::Delete(_) => &["tweet.read", "tweet.write", "users.read"],
            // What a subscription takes depends on its event.
            Self::Subscriptions | Self::Subscribe => &[],
            _ => &["tweet.read", "users.read"],
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
        };
        (name, if caller == Caller::App { app } else { account })
    }
}

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
        let posts = self.listed(&state.world).filter(|post| of(post, user)).take(800);
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
        let posts = self.listed(&state.world).take_while(|post| time_of(post.id) >= oldest);
        let (posts, meta) = page.cut(posts.filter(|post| query.fits(&state.world, post)));
        Ok(Answer::ok(self.posts_value(&state.world, &posts, &wanted, Some(meta))))
    }

    fn posts_by_ids(&self, request: &Request) -> Result<Answer, Answer> {
        let params = Params::read(&request.query, &["ids"])?;
        let wanted = Wanted::of_posts(&params)?;
        let numbers = read_ids(&params)?;
        let state = self.state();
        let posts: Vec<&Post> = numbers.iter().filter_map(|id| state.world.post(*id)).collect();
        let mut value = self.posts_value(&state.world, &posts, &wanted, None);
        let gone = numbers.iter().filter(|id| state.world.post(**id).is_none());
        let gone: Vec<Value> = gone.map(|id| missing(wanted.dialect, "tweet", "ids", &id.to_string())).collect();
        add_errors(&mut value, gone);
        Ok(Answer::ok(value))
    }

    fn post_by_id(&self, request: &Request, id: &str) -> Result<Answer, Answer> {
        let wanted = Wanted::of_posts(&Params::read(&request.query, &[])?)?;
        let number = read_id("id", id)?;
        let state = self.state();
        let Some(post) = state.world.post(number) else {
            return Ok(Answer::ok(json!({ "errors": [missing(wanted.dialect, "tweet", "id", id)] })));
        };
        let mut value = self.posts_value(&state.world, &[post], &wanted, None);
        if let Some(data) = value.get_mut("data") {
            *data = data.get_mut(0).map(Value::take).unwrap_or_default();
        }
        Ok(Answer::ok(value))
    }

    /// What timelines and search show: the newest posts of whoever let the app in come in late.
    fn listed<'a>(&self, world: &'a World) -> impl Iterator<Item = &'a Post> + use<'a> {
        let shown_until = self.now().minus(self.lag());
        let late = move |post: &&Post| time_of(post.id) > shown_until && world.grants.has_been_given_by(post.author);
        world.newest_first().filter(move |post| !late(post))
    }

    fn create(&self, request: &Request, author: u64) -> Result<Answer, Answer> {
        let body = read_body(request, &CREATE_KEYS)?;
        let typed = match body.get("text") {
            Some(Value::String(text)) => text.as_str(),
            None => "",
            Some(other) => return Err(Answer::invalid("text", &other.to_string(), "$.text: is not a string")),
        };
        let reply = body.get("reply").and_then(Value::as_object);
        let parent = match reply.map(|reply| reply.get("in_reply_to_tweet_id").and_then(Value::as_str)) {
            Some(Some(id)) => Some(read_id("reply.in_reply_to_tweet_id", id)?),
            Some(None) => {
                return Err(Answer::invalid("", "", "$.reply.in_reply_to_tweet_id: is missing but it is required"));
            }
            None => None,
        };
        let silent = reply.and_then(|reply| reply.get("exclude_reply_user_ids")).and_then(Value::as_array);
        let silent = silent.into_iter().flatten().filter_map(Value::as_str).filter_map(|id| id.parse().ok()).collect();
        let id = self.write(Draft { author, typed, parent, silent, at: None, by: By::Api }).map_err(refusal)?;
        let state = self.state();
        let text = state.world.posts.get(&id).map(|post| post.text.stored()).unwrap_or_default();
        let id = id.to_string();
        Ok(Answer::created(json!({ "data": {"edit_history_tweet_ids": [id], "id": id, "text": text} })))
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
    if !request.json {
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
        Refused::TooLong(_) => Answer::invalid(
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
