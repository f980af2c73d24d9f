//! Posts and people as JSON, in the two dialects that X speaks.
//!
//! `tweet.fields` gets the older keys (`referenced_tweets`), `post.fields` the newer ones (`referenced_posts`).

use serde_json::{Map, Value, json};

use super::XTwin;
use super::answer::Answer;
use super::api::{add_errors, timestamp};
use super::list::Params;
use super::posts::{EDIT_WINDOW, MOST_EDITS, Post};
use super::text::{Piece, Text};
use super::world::{User, World, time_of};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Tweets,
    Posts,
}

/// The fields that a call asks for.
pub(super) struct Wanted {
    pub dialect: Dialect,
    post: Vec<String>,
    user: Vec<String>,
    media: Vec<String>,
    pub expansions: Vec<String>,
}

const TWEET_FIELDS: [&str; 31] = [
    "article",
    "attachments",
    "author_id",
    "card_uri",
    "community_id",
    "context_annotations",
    "conversation_id",
    "created_at",
    "display_text_range",
    "edit_controls",
    "edit_history_tweet_ids",
    "entities",
    "geo",
    "id",
    "in_reply_to_user_id",
    "lang",
    "media_metadata",
    "non_public_metrics",
    "note_tweet",
    "organic_metrics",
    "possibly_sensitive",
    "promoted_metrics",
    "public_metrics",
    "referenced_tweets",
    "reply_settings",
    "scopes",
    "source",
    "suggested_source_links",
    "suggested_source_links_with_counts",
    "text",
    "withheld",
];
const TWEET_EXPANSIONS: [&str; 14] = [
    "article.cover_media",
    "article.media_entities",
    "attachments.media_keys",
    "attachments.media_source_tweet",
    "attachments.poll_ids",
    "author_id",
    "edit_history_tweet_ids",
    "entities.mentions.username",
    "geo.place_id",
    "in_reply_to_user_id",
    "entities.note.mentions.username",
    "referenced_tweets.id",
    "referenced_tweets.id.attachments.media_keys",
    "referenced_tweets.id.author_id",
];
const MEDIA_FIELDS: [&str; 12] = [
    "alt_text",
    "duration_ms",
    "height",
    "media_key",
    "non_public_metrics",
    "organic_metrics",
    "preview_image_url",
    "promoted_metrics",
    "public_metrics",
    "type",
    "url",
    "width",
];
const USER_FIELDS: [&str; 26] = [
    "affiliation",
    "confirmed_email",
    "connection_status",
    "created_at",
    "description",
    "entities",
    "id",
    "is_identity_verified",
    "location",
    "most_recent_tweet_id",
    "name",
    "parody",
    "pinned_tweet_id",
    "profile_banner_url",
    "profile_image_url",
    "protected",
    "public_metrics",
    "receives_your_dm",
    "subscription",
    "subscription_type",
    "url",
    "username",
    "verified",
    "verified_followers_count",
    "verified_type",
    "withheld",
];
const USER_EXPANSIONS: [&str; 3] = ["affiliation.user_id", "most_recent_tweet_id", "pinned_tweet_id"];

impl Wanted {
    pub fn of_posts(params: &Params) -> Result<Self, Answer> {
        Self::read(params, &TWEET_EXPANSIONS)
    }

    pub fn of_users(params: &Params) -> Result<Self, Answer> {
        Self::read(params, &USER_EXPANSIONS)
    }

    pub fn of_messages(params: &Params) -> Result<Self, Answer> {
        Self::read(params, &["sender_id", "participant_ids", "attachments.media_keys", "referenced_tweets.id"])
    }

    /// The older dialect refuses fields it does not know, the newer one passes over them.
    fn read(params: &Params, known_expansions: &[&str]) -> Result<Self, Answer> {
        let expansions = params.list("expansions");
        let newer =
            expansions.iter().any(|name| name.starts_with("referenced_posts") || name == "edit_history_post_ids");
        let dialect = if params.one("post.fields").is_some() || newer { Dialect::Posts } else { Dialect::Tweets };
        let (fields, user) = match dialect {
            Dialect::Posts => (params.list("post.fields"), params.list("user.fields")),
            Dialect::Tweets => (params.list("tweet.fields"), params.list("user.fields")),
        };
        if dialect == Dialect::Tweets {
            refuse_unknown("tweet.fields", &fields, &TWEET_FIELDS)?;
            refuse_unknown("user.fields", &user, &USER_FIELDS)?;
            refuse_unknown("expansions", &expansions, known_expansions)?;
        }
        let media = params.list("media.fields");
        if dialect == Dialect::Tweets {
            refuse_unknown("media.fields", &media, &MEDIA_FIELDS)?;
        }
        Ok(Self { dialect, post: fields, user, media, expansions })
    }

    pub fn expands(&self, name: &str) -> bool {
        self.expansions.iter().any(|wanted| wanted == name)
    }

    fn expands_parents(&self) -> bool {
        self.expansions
            .iter()
            .any(|name| name.starts_with("referenced_tweets.id") || name.starts_with("referenced_posts"))
    }

    /// Whether a post carries this key of the older dialect. An expansion brings the id it expands with it.
    fn has(&self, key: &str) -> bool {
        match key {
            "id" | "text" | "edit_history_tweet_ids" => true,
            "author_id" | "in_reply_to_user_id" if self.expands(key) => true,
            "attachments" if self.expands("attachments.media_keys") => true,
            "referenced_tweets" if self.expands_parents() => true,
            "entities" if self.expands("entities.mentions.username") => true,
            "author_id" | "in_reply_to_user_id" | "referenced_tweets" if self.dialect == Dialect::Posts => false,
            _ => {
                self.post.iter().any(|wanted| wanted == key || (self.dialect == Dialect::Posts && wanted == newer(key)))
            }
        }
    }
}

impl XTwin {
    /// The body of an answer with posts. Without posts it has no `data`.
    pub(super) fn posts_value(&self, world: &World, posts: &[&Post], wanted: &Wanted, meta: Option<Value>) -> Value {
        let mut value = json!({});
        if !posts.is_empty() {
            value["data"] = posts.iter().map(|post| post_value(world, post, wanted)).collect();
        }
        let (includes, gone) = self.includes(world, posts, wanted);
        if !includes.is_empty() {
            value["includes"] = Value::Object(includes);
        }
        add_errors(&mut value, gone);
        if let Some(meta) = meta {
            value["meta"] = meta;
        }
        value
    }

    pub(super) fn user_value(&self, world: &World, user: &User, wanted: &Wanted) -> Value {
        let mut value = self.whole_user(world, user);
        value.insert("subscription_type".to_owned(), json!(if user.premium { "Premium" } else { "None" }));
        value.retain(|key, field| {
            matches!(key.as_str(), "id" | "name" | "username")
                || (wanted.user.iter().any(|wanted| wanted == key) && *field != json!(""))
        });
        in_dialect(wanted.dialect, Value::Object(value))
    }

    /// A person with everything that X knows.
    pub(super) fn whole_user(&self, world: &World, user: &User) -> Map<String, Value> {
        let own = || world.newest_of(user.id);
        let company = world.grants.has_been_given_by(user.id);
        let mut value = object(json!({
            "public_metrics": {
                "followers_count": user.followers, "following_count": 61, "tweet_count": own().count(),
                "listed_count": 0, "like_count": 26, "media_count": 0,
            },
            "profile_banner_url": "",
            "username": user.handle,
            "protected": user.protected,
            "is_identity_verified": company,
            "verified_type": if company { "business" } else if user.premium { "blue" } else { "none" },
            "description": if company { "We build it, we help with it." } else { "" },
            "created_at": timestamp(user.created_at),
            "profile_image_url": format!("{}/profile_images/{}/photo_normal.png", self.settings().public_url, user.id),
            "name": user.name,
            "verified": company || user.premium,
            "url": "",
            "id": user.id.to_string(),
        }));
        if let Some(newest) = own().next() {
            value.insert("most_recent_tweet_id".to_owned(), json!(newest.id.to_string()));
        }
        value
    }

    /// The people and posts that the expansions ask for, and what of it is gone.
    fn includes(&self, world: &World, posts: &[&Post], wanted: &Wanted) -> (Map<String, Value>, Vec<Value>) {
        let mut users: Vec<u64> = Vec::new();
        let mut parents: Vec<u64> = Vec::new();
        for post in posts {
            let answered = post.parent.and_then(|parent| world.posts.get(&parent));
            users.extend(wanted.expands("author_id").then_some(post.author));
            if wanted.expands("in_reply_to_user_id") {
                users.extend(answered.map(|parent| parent.author));
            }
            if wanted.expands("entities.mentions.username") {
                users.extend(post.text.mentions());
            }
            if wanted.expands("referenced_tweets.id.author_id") {
                users.extend(answered.filter(|parent| parent.deleted.is_none()).map(|parent| parent.author));
            }
            parents.extend([post.parent, post.quoted].into_iter().flatten().filter(|_| wanted.expands_parents()));
        }
        let (users, parents) = (once_each(users), once_each(parents));
        let people: Vec<Value> = users
            .iter()
            .filter_map(|id| world.users.get(id))
            .map(|user| self.user_value(world, user, wanted))
            .collect();
        let found: Vec<Value> =
            parents.iter().filter_map(|id| visible(world, *id)).map(|post| post_value(world, post, wanted)).collect();
        let (parameter, plural) = match wanted.dialect {
            Dialect::Tweets => ("referenced_tweets.id", "tweets"),
            Dialect::Posts => ("referenced_posts", "posts"),
        };
        let gone = parents.iter().filter_map(|id| absence(world, *id, wanted.dialect, parameter)).collect();
        let mut shown: Vec<u64> = Vec::new();
        if wanted.expands("attachments.media_keys") {
            shown.extend(posts.iter().flat_map(|post| &post.media));
        }
        if wanted.expands("referenced_tweets.id.attachments.media_keys") {
            shown.extend(parents.iter().filter_map(|id| world.post(*id)).flat_map(|post| &post.media));
        }
        let pictures = self.media_values(world, once_each(shown), wanted);
        let mut includes = Map::new();
        for (key, list) in [("users", people), (plural, found), ("media", pictures)] {
            if !list.is_empty() {
                includes.insert(key.to_owned(), Value::Array(list));
            }
        }
        (includes, gone)
    }
}

impl XTwin {
    pub(super) fn media_values(&self, world: &World, ids: Vec<u64>, wanted: &Wanted) -> Vec<Value> {
        let all = ids.into_iter().filter_map(|id| world.media.get(id)).map(|picture| {
            let mut value = object(json!({
                "media_key": picture.key(), "type": picture.kind(), "width": picture.width, "height": picture.height,
                "url": format!("{}/media/{}", self.settings().public_url, picture.file_name()),
            }));
            if let Some(alt) = &picture.alt {
                value.insert("alt_text".to_owned(), json!(alt));
            }
            value.retain(|key, _| matches!(key.as_str(), "media_key" | "type") || wanted.media.contains(key));
            Value::Object(value)
        });
        all.collect()
    }
}

/// A post with the fields that are wanted, in their dialect.
fn post_value(world: &World, post: &Post, wanted: &Wanted) -> Value {
    let all = whole_post(world, post).into_iter().filter(|(key, _)| wanted.has(key));
    in_dialect(wanted.dialect, Value::Object(all.collect()))
}

/// The newer dialect has newer words for the same things.
fn in_dialect(dialect: Dialect, value: Value) -> Value {
    match value {
        Value::Object(map) if dialect == Dialect::Posts => {
            let fields = map.into_iter().map(|(key, field)| (newer(&key).to_owned(), in_dialect(dialect, field)));
            Value::Object(fields.collect())
        }
        other => other,
    }
}

/// The newer word for a key of the older dialect.
fn newer(key: &str) -> &str {
    match key {
        "edit_history_tweet_ids" => "edit_history_post_ids",
        "note_tweet" => "note_post",
        "referenced_tweets" => "referenced_posts",
        "retweet_count" => "repost_count",
        "tweet_count" => "post_count",
        _ => key,
    }
}

/// A post with everything that X knows, in the older dialect.
pub(super) fn whole_post(world: &World, post: &Post) -> Map<String, Value> {
    let id = post.id.to_string();
    let at = time_of(post.id);
    let versions: Vec<String> = world.versions(post).iter().map(u64::to_string).collect();
    let (start, end) = post.text.display_range();
    let beginning = post.text.beginning();
    let shown = beginning.as_ref().map_or(usize::MAX, |text| text.chars().count());
    let mut value = object(json!({
        "paid_partnership": false,
        "created_at": timestamp(at),
        "edit_history_tweet_ids": versions,
        "conversation_id": post.root.to_string(),
        "display_text_range": [start, end.min(shown)],
        "text": beginning.clone().unwrap_or_else(|| post.text.stored()),
        "author_id": post.author.to_string(),
        "possibly_sensitive": false,
        "public_metrics": {
            "retweet_count": 0, "reply_count": world.replies(post.id).count(), "like_count": 0, "quote_count": 0,
            "bookmark_count": 0, "impression_count": 0,
        },
        "reply_settings": "everyone",
        "id": id,
        "lang": post.text.language(),
    }));
    if let Some(entities) = marked(&post.text, shown) {
        value.insert("entities".to_owned(), entities);
    }
    if beginning.is_some() {
        let mut note = json!({ "text": post.text.stored() });
        if let Some(entities) = marked(&post.text, usize::MAX) {
            note["entities"] = entities;
        }
        value.insert("note_tweet".to_owned(), note);
    }
    if !post.media.is_empty() {
        let keys: Vec<String> =
            post.media.iter().filter_map(|id| world.media.get(*id)).map(super::media::Picture::key).collect();
        value.insert("attachments".to_owned(), json!({ "media_keys": keys }));
    }
    let mut references = Vec::new();
    match post.parent {
        Some(parent) => {
            if let Some(answered) = world.posts.get(&parent) {
                value.insert("in_reply_to_user_id".to_owned(), json!(answered.author.to_string()));
            }
            references.push(json!({"type": "replied_to", "id": parent.to_string()}));
        }
        // X lets posts be edited for an hour, replies never.
        None => {
            let until = time_of(post.first).plus(EDIT_WINDOW);
            let left = (MOST_EDITS + 1).saturating_sub(versions.len());
            let controls = json!({
                "edits_remaining": left, "is_edit_eligible": true, "editable_until": timestamp(until),
            });
            value.insert("edit_controls".to_owned(), controls);
        }
    }
    references.extend(post.quoted.map(|quoted| json!({"type": "quoted", "id": quoted.to_string()})));
    if !references.is_empty() {
        value.insert("referenced_tweets".to_owned(), references.into());
    }
    value
}

/// What is marked in the first `shown` code points of the text.
pub(super) fn marked(text: &Text, shown: usize) -> Option<Value> {
    let (mut mentions, mut urls, mut hashtags) = (Vec::new(), Vec::new(), Vec::new());
    for (piece, start, end) in text.placed().filter(|(_, _, end)| *end <= shown) {
        match piece {
            Piece::Picture { short, expanded } => {
                let display = short.trim().replace("https://t.co/", "pic.x.com/");
                let start = end - short.trim().chars().count();
                urls.push(json!({
                    "start": start, "end": end, "url": short.trim(), "expanded_url": expanded, "display_url": display,
                }));
            }
            Piece::Plain(_) => {}
            Piece::Mention { handle, user, .. } => {
                mentions.push(json!({"start": start, "end": end, "username": handle, "id": user.to_string()}));
            }
            Piece::Link { short, expanded, display } => urls.push(
                json!({"start": start, "end": end, "url": short, "expanded_url": expanded, "display_url": display}),
            ),
            Piece::Hashtag(tag) => {
                let tag: String = tag.chars().skip(1).collect();
                hashtags.push(json!({"start": start, "end": end, "tag": tag}));
            }
        }
    }
    let found = [("hashtags", hashtags), ("mentions", mentions), ("urls", urls)];
    let found: Map<String, Value> = found
        .into_iter()
        .filter(|(_, list)| !list.is_empty())
        .map(|(key, list)| (key.to_owned(), list.into()))
        .collect();
    (!found.is_empty()).then_some(Value::Object(found))
}

/// The post, if it stands and everybody may see it.
pub(super) fn visible(world: &World, id: u64) -> Option<&Post> {
    world.post(id).filter(|post| !world.is_hidden(post))
}

/// Why a post is not shown, if it is not: gone, or for followers only.
pub(super) fn absence(world: &World, id: u64, dialect: Dialect, parameter: &str) -> Option<Value> {
    let id_text = id.to_string();
    match world.post(id) {
        None => Some(missing(dialect, "tweet", parameter, &id_text)),
        Some(post) if world.is_hidden(post) => Some(json!({
            "value": id_text,
            "detail": format!("Sorry, you are not authorized to see the Tweet with {parameter}: [{id_text}]."),
            "title": "Authorization Error",
            "resource_type": "tweet",
            "parameter": parameter,
            "resource_id": id_text,
            "type": "https://api.twitter.com/2/problems/not-authorized-for-resource",
        })),
        Some(_) => None,
    }
}

/// X's way to say that something is not there, inside an answer with status 200.
pub(super) fn missing(dialect: Dialect, what: &str, parameter: &str, value: &str) -> Value {
    let host = match dialect {
        Dialect::Tweets => "api.twitter.com",
        Dialect::Posts => "api.x.com",
    };
    json!({
        "value": value,
        "detail": format!("Could not find {what} with {parameter}: [{value}]."),
        "title": "Not Found Error",
        "resource_type": what,
        "parameter": parameter,
        "resource_id": value,
        "type": format!("https://{host}/2/problems/resource-not-found"),
    })
}

pub(super) fn refuse_unknown(parameter: &str, asked: &[String], known: &[&str]) -> Result<(), Answer> {
    match asked.iter().find(|name| !known.contains(&name.as_str())) {
        Some(name) => {
            let message =
                format!("The `{parameter}` query parameter value [{name}] is not one of [{}]", known.join(","));
            Err(Answer::invalid(parameter, name, &message))
        }
        None => Ok(()),
    }
}

fn once_each(ids: Vec<u64>) -> Vec<u64> {
    let mut seen = std::collections::BTreeSet::new();
    ids.into_iter().filter(|id| seen.insert(*id)).collect()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
