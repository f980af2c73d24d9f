//! The bodies of X's older Account Activity API, which is deprecated and still sent: no envelope, posts in the words of
//! API 1.1. They are put into the words of API 2 and read like all others. Pure.

use serde::Deserialize;
use serde_json::{Value, json};

use super::messages;
use super::parse::{Context, private};
use super::wire::{Id, Includes};
use crate::networks::{Inbound, Malformed, RemotePost, Us};

const CREATED: &str = "tweet_create_events";
const DELETED: &str = "tweet_delete_events";

/// Reads a body; `None`: it is none of these.
pub fn read(body: &Value, account: &Us) -> Option<Result<Vec<Inbound>, Malformed>> {
    let object = body.as_object()?;
    let event = object.keys().find(|key| key.ends_with("_events") || *key == "user_event")?;
    if !object.contains_key("for_user_id") && event != "user_event" {
        return None;
    }
    let ours = object.get("for_user_id").is_some_and(|id| Id::deserialize(id).is_ok_and(|id| id.0 == account.id));
    Some(match (event.as_str(), body.get(event)) {
        (CREATED, Some(Value::Array(posts))) if ours => each(posts, |post| created(post, account)),
        // Told to whoever subscribed for the author, who need not be us.
        (DELETED, Some(Value::Array(events))) => each(events, deleted),
        (messages::EVENTS, Some(Value::Array(_))) if ours => private(body, account),
        _ => Ok(vec![Inbound::Ignored(event.chars().filter(|c| !c.is_control()).take(80).collect())]),
    })
}

/// One that cannot be read costs only itself, unless there is nothing else.
fn each(events: &[Value], read: impl Fn(&Value) -> Result<Inbound, Malformed>) -> Result<Vec<Inbound>, Malformed> {
    let mut read_ones = Vec::new();
    let mut unreadable = None;
    for result in events.iter().map(read) {
        match result {
            Ok(event) => read_ones.push(event),
            Err(error) => unreadable = Some(error),
        }
    }
    match unreadable {
        Some(error) if read_ones.is_empty() => Err(error),
        Some(error) => {
            read_ones.push(Inbound::Ignored(error.to_string()));
            Ok(read_ones)
        }
        None => Ok(read_ones),
    }
}

fn deleted(event: &Value) -> Result<Inbound, Malformed> {
    let id = Id::deserialize(&event["status"]["id"]).map_err(|error| Malformed(format!("a deletion: {error}")))?;
    Ok(Inbound::Deleted { id: id.0 })
}

fn created(old: &Value, account: &Us) -> Result<Inbound, Malformed> {
    if old.get("retweeted_status").is_some_and(Value::is_object) {
        return Ok(Inbound::Ignored("a repost".to_owned()));
    }
    let quoted = old.get("quoted_status").filter(|quoted| quoted.is_object());
    let users: Vec<Value> = [Some(old), quoted].into_iter().flatten().map(|post| user(&post["user"])).collect();
    let posts: Vec<Value> = quoted.map(post).into_iter().collect();
    let media: Vec<Value> = pictures(old).map(picture).collect();
    let includes = Includes::deserialize(json!({ "users": users, "tweets": posts, "media": media }))
        .map_err(|error| Malformed(error.to_string()))?;
    let read = Context::new(&includes, account).post(&post(old))?;
    Ok(Inbound::Post(RemotePost { raw: old.to_string(), ..read }))
}

/// A post of API 1.1 in the words of API 2.
fn post(old: &Value) -> Value {
    let long = &old["extended_tweet"];
    let of = |key: &str| if long.is_object() { &long[key] } else { &old[key] };
    let text = [&long["full_text"], &old["full_text"], &old["text"]].into_iter().find(|text| text.is_string());
    let reference = |kind: &str, id: &Value| (!id.is_null()).then(|| json!({ "type": kind, "id": id }));
    let references =
        [reference("replied_to", id(old, "in_reply_to_status_id")), reference("quoted", id(old, "quoted_status_id"))];
    let references: Vec<Value> = references.into_iter().flatten().collect();
    let entities = of("entities");
    let mentions: Vec<Value> = list(&entities["user_mentions"])
        .map(|one| json!({ "start": one["indices"][0], "username": one["screen_name"], "id": id(one, "id") }))
        .collect();
    // The link to a picture of one's own stands among the links in API 2, and says whose it is.
    let own = list(&entities["media"])
        .map(|one| json!({ "url": one["url"], "expanded_url": one["expanded_url"], "media_key": media_key(one) }));
    let links: Vec<Value> = list(&entities["urls"]).cloned().chain(own).collect();
    let keys: Vec<String> = pictures(old).filter_map(media_key).collect();
    // Its time is not taken over: the id tells it to the millisecond.
    json!({
        "id": id(old, "id"),
        "text": text,
        "author_id": id(&old["user"], "id"),
        "in_reply_to_user_id": id(old, "in_reply_to_user_id"),
        "referenced_tweets": references,
        "edit_history_tweet_ids": old["edit_history"]["edit_tweet_ids"],
        "entities": { "mentions": mentions, "urls": links },
        "attachments": { "media_keys": keys },
        "display_text_range": of("display_text_range"),
        "lang": old["lang"],
    })
}

/// The pictures of a post of API 1.1, which its `entities` name only in part: of several the first, and none as a film.
fn pictures(old: &Value) -> impl Iterator<Item = &Value> {
    let long = &old["extended_tweet"];
    let places = [&long["extended_entities"], &long["entities"], &old["extended_entities"], &old["entities"]];
    places.into_iter().map(|place| &place["media"]).find(|media| media.is_array()).into_iter().flat_map(list)
}

/// A picture in the words of API 2. Of a film API 1.1 gives the still where it gives a photo's address.
fn picture(old: &Value) -> Value {
    json!({
        "media_key": media_key(old),
        "type": old["type"],
        "url": old["media_url_https"],
        "alt_text": old["ext_alt_text"],
    })
}

/// The key that API 2 gives to the same picture.
fn media_key(old: &Value) -> Option<String> {
    if let Some(key) = old["media_key"].as_str() {
        return Some(key.to_owned());
    }
    let kind = match old["type"].as_str() {
        Some("video") => 7,
        Some("animated_gif") => 16,
        _ => 3,
    };
    let id = Id::deserialize(id(old, "id")).ok()?;
    Some(format!("{kind}_{}", id.0))
}

fn user(old: &Value) -> Value {
    json!({
        "id": id(old, "id"),
        "username": old["screen_name"],
        "name": old["name"],
        "profile_image_url": old["profile_image_url_https"],
        "public_metrics": { "followers_count": old["followers_count"] },
    })
}

/// An id stands twice in API 1.1: as a number, which many readers round, and as text.
fn id<'a>(of: &'a Value, key: &str) -> &'a Value {
    match &of[format!("{key}_str")] {
        Value::Null => &of[key],
        text => text,
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::networks::MediaKind;

    const US: &str = "1111111111111111111";
    const ANN: &str = "2222222222222222222";

    fn us() -> Us {
        Us { id: US.to_owned(), handle: "acme".to_owned() }
    }

    fn only_post(tweet: &Value) -> RemotePost {
        let body = json!({ "for_user_id": US, "tweet_create_events": [tweet] });
        match read(&body, &us()).unwrap().unwrap().remove(0) {
            Inbound::Post(post) => post,
            other => panic!("{other:?}"),
        }
    }

    fn ann() -> Value {
        json!({
            "id": 2_222_222_222_222_222_222_u64, "id_str": ANN, "screen_name": "ann", "name": "Ann <3",
            "followers_count": 97, "profile_image_url_https": "https://pbs.twimg.com/a_normal.jpg",
        })
    }

    #[test]
    fn a_long_reply_is_read_whole() {
        let tweet = json!({
            "created_at": "Fri Jul 24 21:23:23 +0000 2026", "id": 2_080_765_813_578_191_303_u64,
            "id_str": "2080765813578191303", "text": "@bob @acme it drops &amp; dr… https://t.co/cut", "truncated": true,
            "in_reply_to_status_id_str": "2080765813578191001", "in_reply_to_user_id_str": "333", "lang": "en",
            "entities": { "user_mentions": [], "urls": [{ "url": "https://t.co/cut", "expanded_url": "https://x.com/i" }] },
            "extended_tweet": {
                "full_text": "@bob @acme it drops &amp; drops, see https://t.co/ab https://t.co/pic",
                "display_text_range": [5, 52],
                "entities": {
                    "user_mentions": [
                        { "screen_name": "bob", "id_str": "333", "indices": [0, 4] },
                        { "screen_name": "acme", "id_str": US, "indices": [5, 10] },
                    ],
                    "urls": [{ "url": "https://t.co/ab", "expanded_url": "https://example.com/log", "indices": [37, 52] }],
                    "media": [{ "id_str": "12", "type": "photo", "url": "https://t.co/pic",
                        "expanded_url": "https://x.com/ann/status/1/photo/1" }],
                },
            },
            "edit_history": { "initial_tweet_id": "2080765813578191300",
                "edit_tweet_ids": ["2080765813578191300", "2080765813578191303"] },
            "user": ann(),
        });
        let post = only_post(&tweet);
        assert_eq!(post.id, "2080765813578191303");
        assert_eq!(post.text, "@acme it drops & drops, see https://example.com/log");
        assert_eq!(post.media[0].key, "3_12");
        assert_eq!(post.parent.as_deref(), Some("2080765813578191001"));
        assert_eq!(post.addressed, [US]);
        assert_eq!(post.earlier_ids, ["2080765813578191300"]);
        assert_eq!(post.posted_at.to_rfc3339(), "2026-07-24T21:23:23Z");
        assert_eq!((post.author.handle.as_str(), post.author.followers), ("ann", Some(97)));
        assert_eq!(serde_json::from_str::<Value>(&post.raw).unwrap(), tweet);
    }

    #[test]
    fn pictures_are_the_same_as_in_the_newer_api() {
        let tweet = json!({
            "id_str": "2080765813578191303", "text": "@acme see https://t.co/pic", "user": ann(),
            "entities": { "media": [{ "id_str": "12", "type": "photo", "url": "https://t.co/pic",
                "media_url_https": "https://pbs.twimg.com/media/a.jpg" }] },
            "extended_entities": { "media": [
                { "id": 12, "id_str": "12", "type": "photo", "url": "https://t.co/pic", "ext_alt_text": "A red &amp; green light",
                    "media_url_https": "https://pbs.twimg.com/media/a.jpg" },
                { "id_str": "13", "type": "video", "url": "https://t.co/pic",
                    "media_url_https": "https://pbs.twimg.com/still.jpg", "video_info": { "variants": [] } },
            ] },
        });
        let post = only_post(&tweet);
        assert_eq!(post.text, "@acme see");
        let [photo, film] = post.media.as_slice() else { panic!("{:?}", post.media) };
        assert_eq!(
            (photo.key.as_str(), photo.kind, photo.alt.as_str()),
            ("3_12", MediaKind::Photo, "A red & green light")
        );
        assert_eq!((film.key.as_str(), film.kind, film.alt.as_str()), ("7_13", MediaKind::Film, ""));
        assert_eq!(film.url.as_deref(), Some("https://pbs.twimg.com/still.jpg"));
    }

    #[test]
    fn who_quotes_us_addresses_us() {
        let quoted = json!({ "id_str": "7", "text": "New: the X200", "user": { "id_str": US, "screen_name": "acme" } });
        let tweet = json!({ "id_str": "9", "text": "and when?", "user": ann(), "quoted_status_id_str": "7", "quoted_status": quoted });
        assert_eq!(only_post(&tweet).addressed, [US]);
    }

    #[test]
    fn what_is_no_post_of_theirs_is_passed_over_and_nothing_panics() {
        let ignored = |body: Value| match read(&body, &us()) {
            Some(Ok(events)) => events.iter().all(|event| matches!(event, Inbound::Ignored(_))),
            _ => false,
        };
        let repost = json!({ "id_str": "9", "text": "RT", "user": ann(), "retweeted_status": { "id_str": "8" } });
        assert!(ignored(json!({ "for_user_id": US, "tweet_create_events": [repost] })));
        assert!(ignored(json!({ "for_user_id": "5", "tweet_create_events": [{ "id_str": "9" }] })));
        assert!(ignored(json!({ "for_user_id": US, "favorite_events": [{}] })));
        assert!(ignored(json!({ "user_event": { "revoke": {} } })));
        assert!(ignored(json!({ "for_user_id": US, "tweet_create_events": "many" })));
        assert_eq!(read(&json!({ "data": {} }), &us()), None);
        for odd in [json!({}), json!(null), json!({ "id_str": "x" }), json!({ "id": 1.5 }), json!([[]])] {
            let body = json!({ "for_user_id": US, "tweet_create_events": [odd] });
            assert!(read(&body, &us()).unwrap().is_err(), "{odd}");
        }
    }

    #[test]
    fn one_unreadable_event_costs_only_itself() {
        let body = json!({ "for_user_id": US, "tweet_delete_events": [
            { "status": { "id": "601430178305220608", "user_id": "3198576760" }, "timestamp_ms": "1432228155593" },
            { "status": { "id": 601_430_178_305_220_609_u64 } }, { "status": {} },
        ] });
        let events = read(&body, &us()).unwrap().unwrap();
        let deleted = |id: &str| Inbound::Deleted { id: id.to_owned() };
        assert_eq!(events[..2], [deleted("601430178305220608"), deleted("601430178305220609")]);
        assert!(matches!(events[2], Inbound::Ignored(_)));
    }
}
