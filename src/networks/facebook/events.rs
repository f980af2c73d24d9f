//! Meta's webhooks to neutral events. Pure.
//!
//! A body holds entries of a page, an entry changes of its feed or events of Messenger, in no promised order. What a
//! change says of a text is only a hint, since an older one may come after a newer: an edit is a reason to ask. One change
//! that cannot be read costs itself alone.

use serde_json::Value;

use super::{messages, parse, places, wire};
use crate::clock::Millis;
use crate::networks::{Inbound, Malformed, RemotePost, Us};

/// What stands on a page by itself. The rest of what a feed tells of (reactions, likes, events) is nobody's question.
const POSTS: [&str; 9] = ["post", "status", "photo", "video", "share", "album", "link", "note", "picture"];

/// Reads the body of a webhook for one page of ours.
pub fn read(raw: &[u8], us: &Us) -> Result<Vec<Inbound>, Malformed> {
    let body = wire::json(raw)?;
    let Some(entries) = body["entry"].as_array() else {
        return Err(Malformed("no list of entries".to_owned()));
    };
    if body["object"] != "page" {
        return Ok(vec![ignored(&["object", body["object"].as_str().unwrap_or_default()])]);
    }
    let (mut events, mut unreadable) = (Vec::new(), None);
    for entry in entries {
        if wire::id(&entry["id"]).as_deref() != Some(us.id.as_str()) {
            events.push(ignored(&["entry of another page"]));
            continue;
        }
        let at = wire::moment(&entry["time"]);
        let changes = wire::list(&entry["changes"]).iter().map(|change| change_of(change, at, us));
        let talk = wire::list(&entry["messaging"]).iter().map(|event| messages::event(event, us));
        let standby = wire::list(&entry["standby"]).iter().map(|_| Ok(vec![ignored(&["standby"])]));
        for read in changes.chain(talk).chain(standby) {
            match read {
                Ok(read) => events.extend(read),
                Err(Malformed(reason)) => {
                    tracing::warn!(reason, "a part of a webhook could not be read: {reason}");
                    unreadable = unreadable.or(Some(reason));
                }
            }
        }
    }
    match unreadable {
        Some(reason) if events.is_empty() => Err(Malformed(reason)),
        _ => Ok(events),
    }
}

/// An event that does not concern us, by its name as it may stand in a log.
pub fn ignored(words: &[&str]) -> Inbound {
    let name = words.join(" ");
    Inbound::Ignored(name.chars().filter(|c| !c.is_control()).take(80).collect())
}

fn change_of(change: &Value, at: Option<Millis>, us: &Us) -> Result<Vec<Inbound>, Malformed> {
    let value = &change["value"];
    let text = |name: &str| value[name].as_str().unwrap_or_default();
    let (item, verb) = (text("item"), text("verb"));
    let field = match change["field"].as_str() {
        Some(field @ ("feed" | "mention")) => field,
        Some(other) => return Ok(vec![ignored(&[other])]),
        None => return Err(Malformed("a change without a field".to_owned())),
    };
    let is_comment = item == "comment";
    if !is_comment && !POSTS.contains(&item) {
        return Ok(vec![ignored(&[field, item, verb])]);
    }
    let id = wire::id(&value[if is_comment { "comment_id" } else { "post_id" }]);
    let id = id.ok_or_else(|| Malformed(format!("a {field} change of a {item} without a readable id")))?;
    // Drafts and advertisements: nobody can write under them yet.
    if value["published"] == 0 {
        return Ok(vec![ignored(&[field, item, verb, "unpublished"])]);
    }
    Ok(match verb {
        "add" => written(value, id, is_comment, field == "mention", at, us),
        "edit" | "edited" | "update" => vec![Inbound::Changed { id }],
        "remove" | "delete" => vec![Inbound::Deleted { id }],
        "hide" | "unhide" => vec![Inbound::Hidden { id, hidden: verb == "hide" }],
        other => vec![ignored(&[field, item, other])],
    })
}

/// A post or comment that was written.
fn written(value: &Value, id: String, is_comment: bool, names_us: bool, at: Option<Millis>, us: &Us) -> Vec<Inbound> {
    // Without a moment it cannot be put in its place; Facebook knows the rest of it.
    let Some(posted_at) = wire::moment(&value["created_time"]).or(at) else {
        return vec![Inbound::Changed { id }];
    };
    let post = wire::id(&value["post_id"]);
    let conversation = match (is_comment, post) {
        (false, _) => id.clone(),
        (true, Some(post)) => post,
        (true, None) => places::post_of_comment(&us.id, &id),
    };
    let parent = is_comment.then(|| wire::id(&value["parent_id"]).unwrap_or_else(|| conversation.clone()));
    let author = match value.get("from") {
        Some(from) => parse::author(from, &id),
        // As mentions name them.
        None => parse::author(&serde_json::json!({"id": value["sender_id"], "name": value["sender_name"]}), &id),
    };
    let photo = ["photo", "link"].into_iter().filter(|name| *name == "photo" || value["item"] == "photo");
    let photo = photo.filter_map(|name| wire::address(&value[name])).next();
    let url = match (&parent, wire::address(&value["post"]["permalink_url"])) {
        (Some(parent), Some(post_url)) => Some(places::comment_url(&post_url, &conversation, parent, &id)),
        (None, told) => wire::address(&value["permalink_url"]).or(told),
        (Some(_), None) => None,
    };
    let post = RemotePost {
        text: parse::words(&value["message"]),
        posted_at,
        addressed: parse::addressed(us, &author, &conversation, names_us),
        quoted: None,
        lang: None,
        media: photo.map(|url| parse::photo(id.clone(), Some(url))).into_iter().collect(),
        earlier_ids: Vec::new(),
        later_ids: Vec::new(),
        url,
        hidden: value["is_hidden"] == true,
        raw: value.to_string(),
        id: id.clone(),
        author,
        parent,
        conversation,
    };
    // A sticker, or whatever else has no words: only Facebook itself shows it.
    let shows_nothing = post.text.is_empty() && post.media.is_empty();
    let ask = shows_nothing.then_some(Inbound::Changed { id });
    std::iter::once(Inbound::Post(post)).chain(ask).collect()
}

#[cfg(test)]
mod tests;
