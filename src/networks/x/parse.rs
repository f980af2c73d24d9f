//! X's JSON to neutral posts, pages and events.
//!
//! Pure: works on bodies that were stored earlier. A body that is no JSON, or not X's, is `Malformed`; one unreadable
//! post in a page is named and costs only itself. Decides which mentions an author typed: X's API answers only those.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::Deserialize;
use serde_json::Value;

use super::text::{self, LeadingMention};
use super::wire::{
    Deletion, Entities, Envelope, Event, Id, Includes, Link, Media, Page, Post, Problem, User, unwrapped,
};
use super::{messages, older, time_of};
use crate::clock::Millis;
use crate::networks::{
    Inbound, Malformed, MediaKind, PostPage, RemoteAuthor, RemoteMedia, RemotePost, Unreadable, Us, compare_marks,
};

/// X lets a post be edited five times; a far longer history is nobody's.
const MOST_VERSIONS: usize = 20;

/// Most pictures that one post of X carries.
const MOST_PICTURES: usize = 4;
/// Longest description of a picture that X takes, in characters.
const ALT_LIMIT: usize = 1_000;
/// Longest address of a picture, in bytes.
const PICTURE_ADDRESS_LIMIT: usize = 2_000;

/// The events whose payload is a post.
const POST_EVENTS: [&str; 3] = ["post.mention.create", "post.reply.create", "post.create"];

/// Reads the body of a webhook.
pub fn webhook(raw: &[u8], account: &Us) -> Result<Vec<Inbound>, Malformed> {
    let body: Value = json(raw)?;
    if let Some(read) = older::read(&body, account) {
        return read;
    }
    let Envelope { data: event } = Envelope::deserialize(&body).map_err(|error| Malformed(error.to_string()))?;
    // One app's webhook carries the events of every account that subscribed through it. A deletion is subscribed to by
    // the author of the post, who need not be us.
    let subscriber = event.filter.as_ref().and_then(|filter| filter.user_id.as_ref());
    if event.event_type != "post.delete" && subscriber.is_some_and(|Id(id)| *id != account.id) {
        return Ok(vec![Inbound::Ignored(event_name(&event.event_type))]);
    }
    let payload = event.payload.as_ref().map(unwrapped);
    match event.event_type.as_str() {
        kind if POST_EVENTS.contains(&kind) => {
            let payload = payload.ok_or_else(|| Malformed("a post event without a post".to_owned()))?;
            posted(&event, payload, account).map(|post| vec![Inbound::Post(post)])
        }
        "dm.received" | "dm.sent" => {
            let payload = payload.ok_or_else(|| Malformed("a private message event without a message".to_owned()))?;
            private(payload, account)
        }
        "oauth.revoke" if revoker(&body).as_ref() == Some(&account.id) => Ok(vec![Inbound::Revoked]),
        "post.delete" => {
            let payload = payload.ok_or_else(|| Malformed("a deletion without an id".to_owned()))?;
            let deletion = Deletion::deserialize(payload).map_err(|error| Malformed(error.to_string()))?;
            Ok(vec![Inbound::Deleted { id: deletion.id.0 }])
        }
        other => Ok(vec![Inbound::Ignored(event_name(other))]),
    }
}

pub(super) fn private(payload: &Value, account: &Us) -> Result<Vec<Inbound>, Malformed> {
    Ok(messages::webhook(payload, account)?.into_iter().map(Inbound::Message).collect())
}

/// The account of ours to which the body of a webhook is addressed, in the shape of either of X's event services. A
/// deletion is told to whoever subscribed to it, so it is for none in particular.
pub fn recipient(raw: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(raw).ok()?;
    if body.pointer("/data/event_type").is_some_and(|kind| kind == "post.delete") {
        return None;
    }
    let id = body.pointer("/data/filter/user_id").or_else(|| body.get("for_user_id"));
    id.and_then(|id| Id::deserialize(id).ok()).map(|Id(id)| id).or_else(|| revoker(&body))
}

/// Who took the app's access back: X names them in the event itself, since one subscription is for all.
fn revoker(body: &Value) -> Option<String> {
    body.pointer("/data/event_type").filter(|kind| *kind == "oauth.revoke")?;
    Id::deserialize(body.pointer("/data/payload/user_id")?).ok().map(|Id(id)| id)
}

/// Reads a page of posts, or the answer to a look-up by ids.
pub fn page(raw: &[u8], account: &Us) -> Result<PostPage, Malformed> {
    let body: Value = json(raw)?;
    let page = Page::deserialize(&body).map_err(|error| Malformed(error.to_string()))?;
    if page.data.is_none() && page.meta.is_none() && page.errors.is_none() {
        return Err(Malformed("neither data, meta nor errors".to_owned()));
    }
    let includes = page.includes.unwrap_or_default();
    let context = Context::new(&includes, account);
    let mut unreadable = Vec::new();
    let mut read = |value: &Value| context.post(value).map_err(|why| unreadable.push(part(value, why))).ok();
    let posts: Vec<RemotePost> = match &page.data {
        Some(Value::Array(values)) => values.iter().filter_map(&mut read).collect(),
        Some(value @ Value::Object(_)) => read(value).into_iter().collect(),
        Some(Value::Null) | None => Vec::new(),
        Some(_) => return Err(Malformed("data is neither a list nor an object".to_owned())),
    };
    let included = includes.posts().filter_map(|value| context.post(value).ok()).collect();
    let meta = page.meta.unwrap_or_default();
    let newest = posts.iter().map(|post| &post.id).max_by(|a, b| compare_marks(a, b)).cloned();
    let oldest = posts.iter().map(|post| &post.id).min_by(|a, b| compare_marks(a, b)).cloned();
    Ok(PostPage {
        missing: missing(page.errors.iter().flatten()),
        newest: meta.newest_id.map(|id| id.0).or(newest),
        oldest: meta.oldest_id.map(|id| id.0).or(oldest),
        next_token: meta.next_token.filter(|token| !token.is_empty()),
        posts,
        included,
        unreadable,
    })
}

/// What could not be read, as a page of its own.
pub(super) fn part(value: &Value, Malformed(reason): Malformed) -> Unreadable {
    let page = serde_json::json!({ "data": [value], "meta": { "result_count": 1 } }).to_string().into_bytes();
    Unreadable { reason, page }
}

/// Reads the answer to a question about users; those that cannot be read are left out.
pub fn users(raw: &[u8]) -> Result<Vec<RemoteAuthor>, Malformed> {
    let body: Value = json(raw)?;
    let values = match body.get("data") {
        Some(Value::Array(values)) => values.as_slice(),
        Some(value @ Value::Object(_)) => std::slice::from_ref(value),
        _ if body.get("errors").is_some() => &[],
        _ => return Err(Malformed("neither data nor errors".to_owned())),
    };
    Ok(values.iter().filter_map(|value| User::deserialize(value).ok()).map(|user| author(&user)).collect())
}

pub(super) fn json(raw: &[u8]) -> Result<Value, Malformed> {
    serde_json::from_slice(raw).map_err(|error| Malformed(format!("no JSON: {error}")))
}

/// An event's name as it may stand in a log.
fn event_name(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(80).collect()
}

fn posted(event: &Event, payload: &Value, account: &Us) -> Result<RemotePost, Malformed> {
    let none = Includes::default();
    let mut post = Context::new(event.includes.as_ref().unwrap_or(&none), account).post(payload)?;
    // This event is sent for typed mentions alone, so X has decided already.
    let mentioned = event.filter.as_ref().and_then(|filter| filter.user_id.as_ref());
    if let Some(Id(id)) = mentioned.filter(|_| event.event_type == "post.mention.create")
        && !post.addressed.contains(id)
    {
        post.addressed.push(id.clone());
    }
    Ok(post)
}

/// What came along with posts and is needed to understand them.
pub(super) struct Context<'a> {
    account: &'a Us,
    users: HashMap<String, RemoteAuthor>,
    /// Lower-case handle to id.
    handles: HashMap<String, String>,
    /// Post id to its author's id.
    authors: HashMap<String, String>,
    /// By its key.
    media: HashMap<String, RemoteMedia>,
}

impl<'a> Context<'a> {
    pub(super) fn new(includes: &Includes, account: &'a Us) -> Self {
        let users: HashMap<_, _> = includes.users().iter().map(|user| (user.id.0.clone(), author(user))).collect();
        let mut handles: HashMap<_, _> =
            users.values().map(|u| (u.handle.to_ascii_lowercase(), u.id.clone())).collect();
        handles.remove("");
        handles.insert(account.handle.to_ascii_lowercase(), account.id.clone());
        let known = includes.posts().filter_map(|value| Post::deserialize(value).ok());
        let authors = known.filter_map(|post| Some((post.id.0, post.author_id?.0))).collect();
        let media = includes.media().map(picture).map(|one| (one.key.clone(), one)).collect();
        Self { account, users, handles, authors, media }
    }

    pub(super) fn post(&self, value: &Value) -> Result<RemotePost, Malformed> {
        let post = Post::deserialize(value).map_err(|error| Malformed(format!("a post: {error}")))?;
        let note = post.note();
        let full = note.map(|note| note.text.as_str()).or(post.text.as_deref()).unwrap_or_default();
        let entities: Vec<&Entities> =
            post.entities.iter().chain(note.and_then(|note| note.entities.as_ref())).collect();
        let implicit = implicit_mentions(&post, full);
        let links = entities.iter().flat_map(|e| e.urls.iter().flatten());
        let media = self.media(&post);
        let (earlier_ids, later_ids) = versions(&post);
        let all_versions: Vec<&str> =
            earlier_ids.iter().chain([&post.id.0]).chain(&later_ids).map(String::as_str).collect();
        let links = links.filter_map(|link| {
            let stands_for_picture = !media.is_empty() && is_own_picture(link, &all_versions);
            // The picture itself is shown; the link to it says nothing.
            Some((link.url.as_str(), if stands_for_picture { "" } else { link.expanded_url.as_deref()? }))
        });
        let links = links.collect();
        let posted_at = post.created_at.as_deref().and_then(Millis::parse_rfc3339);
        let parent = post.parent().map(|id| id.0.clone());
        let quoted = post.references("quoted").next().map(|id| id.0.clone());
        let conversation =
            post.conversation_id.as_ref().map(|id| &id.0).or(parent.as_ref()).unwrap_or(&post.id.0).clone();
        Ok(RemotePost {
            author: self.author(post.author_id.as_ref()),
            text: text::readable(text::without_leading(full, &implicit), &links),
            posted_at: posted_at.unwrap_or_else(|| time_of(&post.id.0)),
            addressed: self.addressed(&post, &entities, &implicit),
            quoted,
            lang: post.lang.as_deref().and_then(language),
            media,
            earlier_ids,
            later_ids,
            url: None,
            hidden: false,
            raw: value.to_string(),
            id: post.id.0,
            parent,
            conversation,
        })
    }

    /// The pictures and films of a post. Of one that did not come along only the key is known, which tells its kind.
    fn media(&self, post: &Post) -> Vec<RemoteMedia> {
        let media = |key: &String| {
            let kind = if key.starts_with("3_") { MediaKind::Photo } else { MediaKind::Film };
            let unseen = || RemoteMedia { key: key.clone(), kind, url: None, alt: String::new() };
            self.media.get(key).cloned().unwrap_or_else(unseen)
        };
        post.media_keys().filter(|key| is_media_key(key)).take(MOST_PICTURES).map(media).collect()
    }

    fn author(&self, id: Option<&Id>) -> RemoteAuthor {
        let id = id.map(|id| id.0.clone()).unwrap_or_default();
        self.users.get(&id).cloned().unwrap_or_else(|| {
            let handle = if id == self.account.id { self.account.handle.clone() } else { String::new() };
            RemoteAuthor { id, handle, name: String::new(), picture_url: None, followers: None }
        })
    }

    fn addressed(&self, post: &Post, entities: &[&Entities], implicit: &[LeadingMention]) -> Vec<String> {
        let starts: HashSet<usize> = implicit.iter().map(|leading| leading.start).collect();
        let names: HashSet<String> = implicit.iter().map(|leading| leading.handle.to_ascii_lowercase()).collect();
        let mentions = entities.iter().flat_map(|e| e.mentions.iter().flatten());
        let typed = mentions.filter(|mention| match (mention.start, &mention.username) {
            (Some(start), _) => !starts.contains(&start),
            (None, Some(name)) => !names.contains(&name.to_ascii_lowercase()),
            (None, None) => true,
        });
        let typed = typed.filter_map(|mention| {
            let by_handle = || self.handles.get(&mention.username.as_deref()?.to_ascii_lowercase());
            mention.id.as_ref().map(|id| &id.0).or_else(by_handle)
        });
        // A post quotes one other; more would be somebody's trick to keep us searching.
        let quoted = post.references("quoted").take(1).filter_map(|id| {
            self.authors.get(&id.0).or_else(|| self.handles.get(&quoted_handle(&id.0, entities)?.to_ascii_lowercase()))
        });
        let mut seen = BTreeSet::new();
        typed.chain(quoted).filter(|id| seen.insert(id.as_str())).cloned().collect()
    }
}

/// The other versions of a post, oldest first: those before it and those after it.
fn versions(post: &Post) -> (Vec<String>, Vec<String>) {
    let mut others: Vec<&str> =
        post.versions().map(|id| id.0.as_str()).filter(|id| *id != post.id.0).take(MOST_VERSIONS).collect();
    others.sort_by(|a, b| compare_marks(a, b));
    others.dedup();
    let (earlier, later): (Vec<&str>, Vec<&str>) =
        others.into_iter().partition(|id| compare_marks(id, &post.id.0).is_lt());
    (earlier.into_iter().map(str::to_owned).collect(), later.into_iter().map(str::to_owned).collect())
}

/// The mentions that X put before a reply by itself: those of the opening run that lie before the displayed text. If X
/// does not say where that begins, the whole run counts as X's: a reply by hand is the lesser harm.
///
/// X's own sample has a range that begins one character into the first word, so the range never cuts the text.
fn implicit_mentions(post: &Post, text: &str) -> Vec<LeadingMention> {
    if post.parent().is_none() && post.in_reply_to_user_id.is_none() {
        return Vec::new();
    }
    let displayed_from = post.display_text_range.map_or(usize::MAX, |(start, _)| start);
    text::leading_mentions(text).into_iter().take_while(|mention| mention.start < displayed_from).collect()
}

/// The handle in the link that a quoting post carries to the post it quotes.
fn quoted_handle<'a>(quoted: &str, entities: &[&'a Entities]) -> Option<&'a str> {
    let mut links =
        entities.iter().flat_map(|e| e.urls.iter().flatten()).filter_map(|link| link.expanded_url.as_deref());
    links.find_map(|link| {
        let path = link.strip_prefix("https://x.com/").or_else(|| link.strip_prefix("https://twitter.com/"))?;
        let (handle, rest) = path.split_once("/status/")?;
        (rest.split(['?', '/']).next() == Some(quoted)).then_some(handle)
    })
}

pub(super) fn author(user: &User) -> RemoteAuthor {
    let picture = user.profile_image_url.as_ref();
    RemoteAuthor {
        id: user.id.0.clone(),
        handle: user.username.as_deref().map(text::handle).unwrap_or_default(),
        name: user.name.as_deref().map(text::name).unwrap_or_default(),
        picture_url: picture.filter(|url| is_picture_address(url)).cloned(),
        followers: user.public_metrics.as_ref().and_then(|metrics| metrics.followers_count).filter(|count| *count >= 0),
    }
}

/// A picture or a film that came along. Of a moving picture X may give the file itself, which its still is made of.
fn picture(media: Media) -> RemoteMedia {
    let kind = if media.kind == "photo" { MediaKind::Photo } else { MediaKind::Film };
    let url = if kind == MediaKind::Photo { media.url } else { media.preview_image_url.or(media.url) };
    let alt = text::readable(media.alt_text.as_deref().unwrap_or_default(), &HashMap::new());
    let alt = alt.chars().take(ALT_LIMIT).collect();
    RemoteMedia { key: media.media_key, kind, url: url.filter(|url| is_picture_address(url)), alt }
}

fn is_media_key(key: &str) -> bool {
    (1..=64).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether a link is the one that X puts behind a text for the pictures of the post itself, or of another version of it.
fn is_own_picture(link: &Link, versions: &[&str]) -> bool {
    let leads_to_one = |address: &str| {
        let path = address.strip_prefix("https://x.com/").or_else(|| address.strip_prefix("https://twitter.com/"))?;
        let (id, picture) = path.split_once("/status/")?.1.split_once('/')?;
        let (kind, number) = picture.split_once('/')?;
        Some(versions.contains(&id) && matches!(kind, "photo" | "video") && number.parse::<u8>().is_ok())
    };
    link.media_key.is_some() || link.expanded_url.as_deref().and_then(leads_to_one) == Some(true)
}

fn is_picture_address(url: &str) -> bool {
    (url.starts_with("https://") || url.starts_with("http://")) && url.len() <= PICTURE_ADDRESS_LIMIT
}

/// The ids of posts that X says are gone, or hidden from us.
fn missing<'a>(problems: impl Iterator<Item = &'a Problem>) -> Vec<String> {
    let gone = |problem: &&Problem| {
        let kind = problem.kind.as_deref().unwrap_or_default();
        let of_post = matches!(problem.resource_type.as_deref(), Some("tweet" | "post"));
        of_post && (kind.ends_with("/resource-not-found") || kind.ends_with("/not-authorized-for-resource"))
    };
    let ids = problems.filter(gone).filter_map(|problem| problem.resource_id.as_ref().or(problem.value.as_ref()));
    let ids: BTreeSet<&Id> = ids.collect();
    ids.into_iter().map(|id| id.0.clone()).collect()
}

/// A language code, unless it is one of those by which X says that there is none (`und`, `zxx`, `qme` …).
fn language(code: &str) -> Option<String> {
    let fine = (2..=8).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
    (fine && !matches!(code, "und" | "zxx" | "art") && !code.starts_with('q')).then(|| code.to_owned())
}
