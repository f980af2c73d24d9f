//! X's private messages (legacy direct messages) to neutral ones, from webhooks and from pages. Pure.
//!
//! Webhooks carry them in the shape of the old Account Activity API, pages in that of API v2. Only conversations of two
//! people are read: a group has no one to answer. XChat is encrypted and does not come this way at all.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use super::parse::{author, json, part};
use super::wire::{Id, Link, User, lenient, unwrapped};
use super::{text, time_of};
use crate::clock::Millis;
use crate::networks::{Malformed, MessagePage, RemoteAttachment, RemoteAuthor, RemoteMessage, Us, compare_marks};

/// Where the messages stand in what a webhook carries.
pub const EVENTS: &str = "direct_message_events";
/// Longest private message that X takes, in characters.
pub const LONGEST: usize = 10_000;
/// Longest description of a picture that is kept, in characters.
const LONGEST_ALT: usize = 1_000;

/// Reads what a webhook carries: `direct_message_events` and the `users` beside it. Events of other kinds (typing, read)
/// are passed over; a message that cannot be read costs the whole body, which is then kept for a person.
pub fn webhook(payload: &Value, account: &Us) -> Result<Vec<RemoteMessage>, Malformed> {
    let events = payload.get(EVENTS).and_then(Value::as_array);
    let events = events.ok_or_else(|| Malformed("a private message event without messages".to_owned()))?;
    let users = payload.get("users").and_then(Value::as_object);
    let users = users.into_iter().flat_map(|users| users.values()).filter_map(older_user);
    let people = People::new(users, account);
    let messages = events.iter().filter(|event| event["type"] == "message_create");
    messages.map(|event| people.older(event)).collect()
}

/// Reads a page of `dm_events`.
pub fn page(raw: &[u8], account: &Us) -> Result<MessagePage, Malformed> {
    let body: Value = json(raw)?;
    let events = match body.get("data") {
        Some(Value::Array(events)) => events.as_slice(),
        Some(Value::Null) | None if body.get("meta").is_some() => &[],
        _ => return Err(Malformed("neither a list of messages nor word that there are none".to_owned())),
    };
    let included = |name: &str| body["includes"][name].as_array().into_iter().flatten();
    let users = included("users").filter_map(|user| User::deserialize(unwrapped(user)).ok());
    let people = People::new(users.map(|user| author(&user)), account);
    let media: HashMap<&str, &Value> =
        included("media").filter_map(|media| Some((media["media_key"].as_str()?, media))).collect();
    let mut page = MessagePage {
        next_token: body["meta"]["next_token"].as_str().filter(|token| !token.is_empty()).map(str::to_owned),
        ..MessagePage::default()
    };
    for value in events {
        page.marks.extend(value["id"].as_str().map(str::to_owned));
        match people.newer(value, &media) {
            Ok(message) => page.messages.extend(message),
            Err(why) => page.unreadable.push(part(value, why)),
        }
    }
    Ok(page)
}

/// The three parts by which X names a file of a private message: message, medium and file. They stand at the end of
/// the address, as in `https://ton.twitter.com/1.1/ton/data/dm/1585/2299/xYz.jpg`.
pub fn media_place(url: &str) -> Option<[String; 3]> {
    let path = url.split(['?', '#']).next()?;
    let (_, place) = path.split_once("/dm/")?;
    let parts: Vec<&str> = place.split('/').collect();
    let &[message, medium, file] = parts.as_slice() else { return None };
    let fine = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    [message, medium, file].into_iter().all(fine).then(|| [message, medium, file].map(str::to_owned))
}

/// A message in the shape of the Account Activity API.
#[derive(Deserialize)]
struct Older {
    id: Id,
    #[serde(default, deserialize_with = "lenient")]
    created_timestamp: Option<String>,
    message_create: Created,
}

#[derive(Deserialize)]
struct Created {
    sender_id: Id,
    target: Target,
    #[serde(default, deserialize_with = "lenient")]
    message_data: Option<OlderData>,
}

#[derive(Deserialize)]
struct Target {
    recipient_id: Id,
}

#[derive(Default, Deserialize)]
struct OlderData {
    #[serde(default, deserialize_with = "lenient")]
    text: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    entities: Option<Links>,
    #[serde(default, deserialize_with = "lenient")]
    attachment: Option<Value>,
}

#[derive(Default, Deserialize)]
struct Links {
    #[serde(default, deserialize_with = "lenient")]
    urls: Option<Vec<Link>>,
}

/// A message in the shape of API v2.
#[derive(Deserialize)]
struct Newer {
    id: Id,
    sender_id: Id,
    dm_conversation_id: String,
    #[serde(default, deserialize_with = "lenient")]
    created_at: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    text: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    entities: Option<Links>,
    #[serde(default, deserialize_with = "lenient")]
    attachments: Option<Keys>,
}

#[derive(Deserialize)]
struct Keys {
    #[serde(default, deserialize_with = "lenient")]
    media_keys: Option<Vec<String>>,
    #[serde(default, deserialize_with = "lenient")]
    card_ids: Option<Vec<String>>,
}

/// Who is spoken of beside the messages.
struct People<'a> {
    account: &'a Us,
    known: HashMap<String, RemoteAuthor>,
}

impl<'a> People<'a> {
    fn new(known: impl Iterator<Item = RemoteAuthor>, account: &'a Us) -> Self {
        Self { account, known: known.map(|author| (author.id.clone(), author)).collect() }
    }

    fn older(&self, value: &Value) -> Result<RemoteMessage, Malformed> {
        let event = Older::deserialize(value).map_err(unreadable)?;
        let Created { sender_id, target: Target { recipient_id }, message_data } = event.message_create;
        let ours = sender_id.0 == self.account.id;
        if !ours && recipient_id.0 != self.account.id {
            return Err(Malformed("a private message between two others".to_owned()));
        }
        let with = if ours { recipient_id } else { sender_id };
        let data = message_data.unwrap_or_default();
        let stamp = event.created_timestamp.and_then(|stamp| stamp.parse().ok()).map(Millis);
        Ok(RemoteMessage {
            conversation: between(&self.account.id, &with.0),
            with: self.author(&with),
            ours,
            key: None,
            text: readable(data.text.as_deref(), data.entities.as_ref()),
            sent_at: stamp.unwrap_or_else(|| time_of(&event.id.0)),
            attachments: data.attachment.iter().map(older_attachment).collect(),
            raw: value.to_string(),
            id: event.id.0,
        })
    }

    /// `None`: no message, or one in a group.
    fn newer(&self, value: &Value, media: &HashMap<&str, &Value>) -> Result<Option<RemoteMessage>, Malformed> {
        if value["event_type"] != "MessageCreate" {
            return Ok(None);
        }
        let event = Newer::deserialize(value).map_err(unreadable)?;
        let Some((one, other)) = event.dm_conversation_id.split_once('-') else { return Ok(None) };
        let with = if one == self.account.id { other } else { one };
        let (Some(with), true) = (Id::parse(with), [one, other].contains(&self.account.id.as_str())) else {
            return Err(Malformed(format!("message {} of a conversation that is not ours", event.id.0)));
        };
        let said = event.created_at.as_deref().and_then(Millis::parse_rfc3339);
        let keys = event.attachments.as_ref();
        let media_keys = keys.and_then(|keys| keys.media_keys.as_ref()).into_iter().flatten();
        let cards = keys.and_then(|keys| keys.card_ids.as_ref()).map_or(0, Vec::len);
        let mut attachments: Vec<RemoteAttachment> =
            media_keys.map(|key| newer_attachment(media.get(key.as_str()).copied())).collect();
        attachments.extend((0..cards).map(|_| newer_attachment(None)));
        Ok(Some(RemoteMessage {
            conversation: between(&self.account.id, &with.0),
            with: self.author(&with),
            ours: event.sender_id.0 == self.account.id,
            key: None,
            text: readable(event.text.as_deref(), event.entities.as_ref()),
            sent_at: precisely(said, time_of(&event.id.0)),
            attachments,
            raw: value.to_string(),
            id: event.id.0,
        }))
    }

    fn author(&self, id: &Id) -> RemoteAuthor {
        self.known.get(&id.0).cloned().unwrap_or_else(|| RemoteAuthor {
            id: id.0.clone(),
            handle: String::new(),
            name: String::new(),
            picture_url: None,
            followers: None,
        })
    }
}

/// Pages say when a message was sent in whole seconds, in which question and answer may both fall; its id is finer.
fn precisely(said: Option<Millis>, by_id: Millis) -> Millis {
    said.filter(|said| !(0..1_000).contains(&(by_id.0 - said.0))).unwrap_or(by_id)
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn unreadable(error: serde_json::Error) -> Malformed {
    Malformed(format!("a private message: {error}"))
}

/// The name of a conversation of two: the smaller id first. X does not keep to that everywhere, so it is made anew.
pub fn between(a: &str, b: &str) -> String {
    if compare_marks(a, b).is_lt() { format!("{a}-{b}") } else { format!("{b}-{a}") }
}

/// The words without the short link that X adds for what came along.
fn readable(words: Option<&str>, entities: Option<&Links>) -> String {
    let mut words = words.unwrap_or_default().to_owned();
    let links: Vec<&Link> = entities.and_then(|entities| entities.urls.as_ref()).into_iter().flatten().collect();
    for link in &links {
        if !link.url.is_empty() && link.expanded_url.as_deref().is_some_and(|to| to.contains("/messages/media/")) {
            words = words.replace(&link.url, "");
        }
    }
    let expanded = links.iter().filter_map(|link| Some((link.url.as_str(), link.expanded_url.as_deref()?))).collect();
    text::readable(words.trim(), &expanded)
}

fn older_attachment(value: &Value) -> RemoteAttachment {
    let media = &value["media"];
    attachment(media, media["media_url_https"].as_str().or(media["media_url"].as_str()), media["ext_alt_text"].as_str())
}

fn newer_attachment(media: Option<&Value>) -> RemoteAttachment {
    let media = media.unwrap_or(&Value::Null);
    attachment(media, media["url"].as_str(), media["alt_text"].as_str())
}

fn attachment(media: &Value, url: Option<&str>, alt: Option<&str>) -> RemoteAttachment {
    let alt: String = text::readable(alt.unwrap_or_default(), &HashMap::new());
    RemoteAttachment {
        is_photo: media["type"] == "photo",
        url: url.filter(|url| url.starts_with("http") && url.len() <= 2_000).map(str::to_owned),
        alt: alt.chars().take(LONGEST_ALT).collect(),
    }
}

/// A user beside a webhook's messages: in the shape of v2, wrapped or not, or in that of v1.1.
fn older_user(value: &Value) -> Option<RemoteAuthor> {
    #[derive(Deserialize)]
    struct Oldest {
        id: Id,
        screen_name: String,
        #[serde(default, deserialize_with = "lenient")]
        name: Option<String>,
        #[serde(default, deserialize_with = "lenient")]
        profile_image_url_https: Option<String>,
        #[serde(default, deserialize_with = "lenient")]
        followers_count: Option<i64>,
    }
    let value = unwrapped(value);
    if let Ok(old) = Oldest::deserialize(value) {
        return Some(RemoteAuthor {
            id: old.id.0,
            handle: text::handle(&old.screen_name),
            name: old.name.as_deref().map(text::name).unwrap_or_default(),
            picture_url: old.profile_image_url_https.filter(|url| url.starts_with("http") && url.len() <= 2_000),
            followers: old.followers_count.filter(|count| *count >= 0),
        });
    }
    User::deserialize(value).ok().map(|user| author(&user))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECEIVED: &str = include_str!("messages/dm.received.json");

    fn account() -> Us {
        Us { id: "1111111111111111111".to_owned(), handle: "ExampleUser".to_owned() }
    }

    fn payload() -> Value {
        serde_json::from_str::<Value>(RECEIVED).unwrap()["data"]["payload"].clone()
    }

    #[test]
    fn the_sample_of_x_is_a_message_to_us() {
        let messages = webhook(&payload(), &account()).unwrap();
        let [message] = messages.as_slice() else { panic!("{messages:?}") };
        assert_eq!(message.id, "2080765901528535096");
        assert_eq!(message.conversation, "1111111111111111111-2222222222222222222");
        assert_eq!((message.with.handle.as_str(), message.with.followers), ("OtherUser", Some(97)));
        assert_eq!((message.ours, message.text.as_str()), (false, "hello!"));
        assert_eq!(message.sent_at, Millis(1_784_928_224_372));
        assert!(message.attachments.is_empty());
    }

    #[test]
    fn a_message_of_ours_names_whom_it_went_to() {
        let mut payload = payload();
        let event = &mut payload["direct_message_events"][0]["message_create"];
        event["sender_id"] = "1111111111111111111".into();
        event["target"]["recipient_id"] = "2222222222222222222".into();
        let messages = webhook(&payload, &account()).unwrap();
        assert!(messages[0].ours);
        assert_eq!(messages[0].with.handle, "OtherUser");
        assert_eq!(messages[0].conversation, "1111111111111111111-2222222222222222222");
    }

    #[test]
    fn a_picture_without_words_is_a_message_too() {
        let mut payload = payload();
        let data = &mut payload["direct_message_events"][0]["message_create"]["message_data"];
        data["text"] = " https://t.co/pic".into();
        data["entities"]["urls"] = serde_json::json!([{
            "url": "https://t.co/pic", "expanded_url": "https://twitter.com/messages/media/2080765901528535096"
        }]);
        data["attachment"] = serde_json::json!({"type": "media", "media": {
            "id_str": "5", "type": "photo",
            "media_url_https": "https://ton.twitter.com/1.1/ton/data/dm/2080765901528535096/5/aB-c.jpg",
            "ext_alt_text": "The error &amp; its code"
        }});
        let message = webhook(&payload, &account()).unwrap().remove(0);
        assert_eq!(message.text, "");
        assert_eq!(message.attachments.len(), 1);
        assert!(message.attachments[0].is_photo);
        assert_eq!(message.attachments[0].alt, "The error & its code");
        let place = media_place(message.attachments[0].url.as_deref().unwrap());
        assert_eq!(place, Some(["2080765901528535096", "5", "aB-c.jpg"].map(str::to_owned)));
    }

    #[test]
    fn a_page_names_people_and_passes_groups_over() {
        let raw = serde_json::json!({
            "data": [
                {"id": "30", "event_type": "MessageCreate", "sender_id": "9", "dm_conversation_id": "9-1111111111111111111",
                 "created_at": "2026-07-24T21:23:44.000Z", "text": "see https://t.co/a &lt;now&gt;",
                 "entities": {"urls": [{"url": "https://t.co/a", "expanded_url": "https://acme.example/x"}]},
                 "attachments": {"media_keys": ["3_5", "7_6"]}},
                {"id": "29", "event_type": "MessageCreate", "sender_id": "9", "dm_conversation_id": "1585823815904395264",
                 "text": "to the group"},
                {"id": "28", "event_type": "ParticipantsJoin", "dm_conversation_id": "1585823815904395264"},
                {"id": "27", "event_type": "MessageCreate", "sender_id": "1111111111111111111",
                 "dm_conversation_id": "1111111111111111111-9", "text": "ours"},
                {"id": "26", "event_type": "MessageCreate", "sender_id": "9", "dm_conversation_id": "8-9", "text": "?"},
                {"event_type": "MessageCreate"}
            ],
            "includes": {
                "users": [{"id": "9", "username": "mara_w", "name": "Mara"}],
                "media": [{"media_key": "3_5", "type": "photo", "url": "https://ton.twitter.com/1.1/ton/data/dm/30/5/x.jpg"}]
            },
            "meta": {"result_count": 6, "next_token": "abc"}
        });
        let page = page(raw.to_string().as_bytes(), &account()).unwrap();
        let told: Vec<_> = page.messages.iter().map(|m| (m.id.as_str(), m.ours, m.with.handle.as_str())).collect();
        assert_eq!(told, [("30", false, "mara_w"), ("27", true, "mara_w")]);
        assert_eq!(page.messages[0].text, "see https://acme.example/x <now>");
        assert_eq!(page.messages[0].conversation, page.messages[1].conversation, "named alike, whoever names it");
        let photos: Vec<bool> = page.messages[0].attachments.iter().map(|one| one.is_photo).collect();
        assert_eq!(photos, [true, false]);
        assert_eq!((page.unreadable.len(), page.marks.len()), (2, 5));
        assert_eq!(page.next_token.as_deref(), Some("abc"));
    }

    #[test]
    fn two_messages_of_one_second_stand_in_their_order() {
        let sent = |id: &str, said: &str| {
            let event = serde_json::json!({ "id": id, "event_type": "MessageCreate", "sender_id": "9", "created_at": said,
                "dm_conversation_id": "9-1111111111111111111", "text": "hello!" });
            let raw = serde_json::json!({ "data": [event], "meta": {} }).to_string();
            page(raw.as_bytes(), &account()).unwrap().messages.remove(0).sent_at
        };
        assert_eq!(sent("2080765901528535096", "2026-07-24T21:23:44.000Z"), Millis(1_784_928_224_342));
        assert_eq!(sent("30", "2026-07-24T21:23:44.000Z"), Millis(1_784_928_224_000), "an id that tells no time");
    }

    #[test]
    fn what_is_no_page_of_messages_is_refused_and_never_a_panic() {
        assert_eq!(page(br#"{"meta":{"result_count":0}}"#, &account()).unwrap(), MessagePage::default());
        for raw in ["", "[]", "{}", "<html>", r#"{"data":5}"#, r#"{"data":{"id":"1"}}"#] {
            assert!(page(raw.as_bytes(), &account()).is_err(), "{raw}");
        }
        for value in [r#"{"direct_message_events":[5]}"#, r#"{"direct_message_events":[{"type":"typing"}]}"#] {
            assert_eq!(webhook(&serde_json::from_str(value).unwrap(), &account()), Ok(Vec::new()), "{value}");
        }
        let broken = r#"{"direct_message_events":[{"type":"message_create","id":"x"}]}"#;
        assert!(webhook(&serde_json::from_str(broken).unwrap(), &account()).is_err());
    }

    #[test]
    fn only_the_place_of_a_file_of_a_message_is_asked_for() {
        for url in [
            "https://x.example/",
            "https://h/dm/1/2",
            "https://h/dm/1/2/../3",
            "https://h/dm/1/../x",
            "https://h/dm/1/2/a%2Fb",
        ] {
            assert_eq!(media_place(url), None, "{url}");
        }
    }
}
