//! What webhooks say of what happened, in Meta's shapes. The values are fixed when it happens; they are sent later.

use serde_json::{Map, Value, json};

use super::items::Item;
use super::journal::Shown;
use super::people::psid;
use super::world::World;
use crate::clock::Millis;

/// The number of Facebook's own inbox, which stands in echoes of what a colleague writes there.
const INBOX_APP: u64 = 26_390_203_743_090;

/// `2026-07-24T21:23:23+0000`.
pub(super) fn timestamp(at: Millis) -> String {
    at.to_rfc3339().replace('Z', "+0000")
}

pub(super) fn seconds(at: Millis) -> i64 {
    at.0.div_euclid(1000)
}

/// A post or comment was written, edited, hidden, shown again or removed: on a page's wall, or elsewhere with its name.
pub(super) fn of_item(world: &mut World, number: u64, verb: &'static str, at: Millis) {
    let Some(item) = world.items.get(&number) else { return };
    let wall = world.wall_of(item);
    let mut told = Vec::new();
    if world.events.hears(wall, "feed") && world.may_hear_of(wall, item.author) {
        told.push((wall, "feed", feed_value(world, wall, item, verb, at)));
    }
    let named = world.named_pages(&item.text).into_iter();
    for page in named.filter(|page| *page != wall && world.events.hears(*page, "mention")) {
        if matches!(verb, "add" | "edited" | "remove") && world.may_hear_of(page, item.author) {
            told.push((page, "mention", mention_value(world, page, item, verb, at)));
        }
    }
    for (page, field, value) in told {
        world.events.announce(page, field, at, value);
    }
}

fn feed_value(world: &World, page: u64, item: &Item, verb: &str, at: Millis) -> Value {
    let mut value = Map::new();
    if world.may_see(page, item.author) {
        let from = json!({"id": world.id_for(page, item.author), "name": world.name(item.author)});
        value.insert("from".to_owned(), from);
    }
    let post = world.items.get(&item.post()).unwrap_or(item);
    let lasting = verb != "remove";
    let created = if lasting { item.at } else { at };
    let photo = match item.shown {
        Some(Shown::Photo(id)) if lasting => {
            world.pictures.get(&id).map(|one| format!("{}/media/{}", world.base, one.file_name()))
        }
        _ => None,
    };
    if item.is_post() {
        let by_page = item.author == page;
        let kind = match (by_page, &photo, &item.link) {
            (_, Some(_), _) => "photo",
            (true, None, Some(_)) => "share",
            (true, None, None) => "status",
            (false, None, _) => "post",
        };
        value.extend(object(json!({"item": kind, "post_id": item.id, "verb": verb})));
        if by_page {
            value.insert("published".to_owned(), json!(1));
        } else if lasting {
            value.insert("is_hidden".to_owned(), json!(item.hidden));
        }
        value.insert("created_time".to_owned(), json!(seconds(created)));
        if let Some(photo) = photo {
            value.insert("link".to_owned(), json!(photo));
        }
        if lasting && !item.text.is_empty() {
            value.insert("message".to_owned(), json!(item.text));
        }
        return Value::Object(value);
    }
    if lasting {
        let updated = world.comments(post.number).map(|one| one.at).fold(post.at, Millis::max);
        let about = json!({
            "status_type": status_type(world, page, post), "is_published": true, "updated_time": timestamp(updated),
            "permalink_url": world.permalink(post), "promotion_status": "inactive", "id": post.id,
        });
        value.insert("post".to_owned(), about);
        if let Some(photo) = photo {
            value.insert("photo".to_owned(), json!(photo));
        }
        if !item.text.is_empty() {
            value.insert("message".to_owned(), json!(item.text));
        }
    }
    let parent = item.parent().and_then(|parent| world.items.get(&parent)).unwrap_or(post);
    value.extend(object(json!({
        "post_id": post.id, "comment_id": item.id, "created_time": seconds(created), "item": "comment",
        "parent_id": parent.id, "verb": verb,
    })));
    Value::Object(value)
}

/// What kind of post it is, in Facebook's words.
pub(super) fn status_type(world: &World, page: u64, post: &Item) -> &'static str {
    match (post.author == page, post.shown, &post.link) {
        (false, ..) if world.pages.contains_key(&page) => "wall_post",
        (_, Some(Shown::Photo(_)), _) => "added_photos",
        (_, _, Some(_)) => "shared_story",
        _ => "mobile_status_update",
    }
}

fn mention_value(world: &World, page: u64, item: &Item, verb: &str, at: Millis) -> Value {
    let post = world.items.get(&item.post()).unwrap_or(item);
    let mut value = Map::new();
    if world.may_see(page, item.author) {
        value.insert("sender_id".to_owned(), json!(world.id_for(page, item.author)));
        value.insert("sender_name".to_owned(), json!(world.name(item.author)));
    }
    value.insert("item".to_owned(), json!(if item.is_post() { "post" } else { "comment" }));
    value.insert("verb".to_owned(), json!(verb));
    value.insert("post_id".to_owned(), json!(post.id));
    if !item.is_post() {
        value.insert("comment_id".to_owned(), json!(item.id));
    }
    if verb != "remove" {
        value.insert("message".to_owned(), json!(item.text));
    }
    value.insert("created_time".to_owned(), json!(seconds(if verb == "remove" { at } else { item.at })));
    Value::Object(value)
}

pub(super) fn of_reaction(world: &mut World, number: u64, by: u64, at: Millis) {
    let Some(item) = world.items.get(&number) else { return };
    let wall = world.wall_of(item);
    let post = world.items.get(&item.post()).unwrap_or(item);
    let mut value = json!({"post_id": post.id});
    if world.may_see(wall, by) {
        value["from"] = json!({"id": world.id_for(wall, by), "name": world.name(by)});
    }
    if !item.is_post() {
        value["comment_id"] = json!(item.id);
    }
    let parent = item.parent().and_then(|parent| world.items.get(&parent)).unwrap_or(post);
    value["created_time"] = json!(seconds(at));
    value["item"] = json!("reaction");
    value["parent_id"] = json!(parent.id);
    value["reaction_type"] = json!("like");
    value["verb"] = json!("add");
    if world.may_hear_of(wall, by) {
        world.events.announce(wall, "feed", at, value);
    }
}

pub(super) fn of_message(world: &mut World, number: u64) {
    let Some(message) = world.talks.all.get(&number) else { return };
    let said = &message.said;
    let mut body = Map::new();
    body.insert("mid".to_owned(), json!(said.mid));
    if said.by_page {
        body.insert("is_echo".to_owned(), json!(true));
        body.insert("app_id".to_owned(), if said.app { Value::Null } else { json!(INBOX_APP) });
        if let Some(metadata) = &said.metadata {
            body.insert("metadata".to_owned(), json!(metadata));
        }
    }
    if !said.text.is_empty() {
        body.insert("text".to_owned(), json!(said.text));
    }
    if let Some(url) = said.shown.and_then(|shown| shown_url(world, shown)) {
        let mut payload = json!({ "url": url });
        if said.shown == Some(Shown::Sticker) {
            payload["sticker_id"] = json!(STICKER);
        }
        body.insert("attachments".to_owned(), json!([{"type": "image", "payload": payload}]));
    }
    let (page, person, by_page, at, app) = (said.page, said.person, said.by_page, said.at, said.app);
    let mid = said.mid.clone();
    if app {
        body.insert("app_id".to_owned(), json!(world.app_id));
    }
    let field = if by_page { "message_echoes" } else { "messages" };
    announce(world, (page, person), by_page, field, at, ("message", Value::Object(body)));
    if by_page {
        let delivered = json!({"mids": [mid], "watermark": at.0});
        announce(world, (page, person), false, "message_deliveries", at, ("delivery", delivered));
    }
}

pub(super) fn of_message_edit(world: &mut World, number: u64, at: Millis) {
    let Some(message) = world.talks.all.get(&number) else { return };
    let said = &message.said;
    let edit = json!({"mid": said.mid, "text": said.text, "num_edit": message.edits});
    let (between, by_page) = ((said.page, said.person), said.by_page);
    announce(world, between, by_page, "message_edits", at, ("message_edit", edit));
}

pub(super) fn of_unsent(world: &mut World, number: u64, at: Millis) {
    let Some(message) = world.talks.all.get(&number) else { return };
    let said = &message.said;
    let (between, by_page) = ((said.page, said.person), said.by_page);
    let body = json!({"mid": said.mid, "is_deleted": true});
    announce(world, between, by_page, if by_page { "message_echoes" } else { "messages" }, at, ("message", body));
}

pub(super) fn of_reading(world: &mut World, page: u64, person: u64, at: Millis) {
    announce(world, (page, person), false, "message_reads", at, ("read", json!({ "watermark": at.0 })));
}

fn announce(
    world: &mut World,
    (page, person): (u64, u64),
    by_page: bool,
    field: &'static str,
    at: Millis,
    (root, body): (&str, Value),
) {
    if !world.may_hear_of(page, person) {
        return;
    }
    let (page_id, person_id) = (json!({ "id": page.to_string() }), json!({ "id": psid(page, person).to_string() }));
    let (sender, recipient) = if by_page { (page_id, person_id) } else { (person_id, page_id) };
    let value = json!({"sender": sender, "recipient": recipient, "timestamp": at.0, root: body});
    world.events.announce(page, field, at, value);
}

/// The number of the one sticker there is: the thumb.
pub(super) const STICKER: u64 = 369_239_263_222_822;

/// Where what is shown lies.
pub(super) fn shown_url(world: &World, shown: Shown) -> Option<String> {
    match shown {
        Shown::Photo(id) => world.pictures.get(&id).map(|one| format!("{}/media/{}", world.base, one.file_name())),
        Shown::Sticker => Some(format!("{}/media/sticker.png", world.base)),
    }
}

pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
