//! Messenger's messages to neutral ones, from webhooks and from pages. Pure.
//!
//! A conversation is between the page and one person, and named by that person's id: webhooks name it by nothing else.
//! What a reading call returns is a frame of our own around Graph's conversations:
//!
//! ```json
//! {"read_at": 1784928203000, "below": "1784928100000", "next": "v25.0/7/conversations?after=…",
//!  "conversations": [{"id": "t_1", "updated_time": …, "participants": …, "messages": {"data": […]}}]}
//! ```
//!
//! `below`: the marks of the page before end there.

use std::time::Duration;

use serde_json::{Value, json};

use super::events::ignored;
use super::{parse, wire};
use crate::clock::Millis;
use crate::networks::{
    Inbound, Malformed, MessagePage, RemoteAttachment, RemoteAuthor, RemoteMessage, Unreadable, Us, text,
};

/// Longest private message that Facebook takes, in characters.
pub const LONGEST: usize = 2_000;
/// What our keys begin with where they come back, so that another app's are not taken for ours.
pub const KEY_PREFIX: &str = "answerwell:";

/// How young a conversation must not be to count as read: its moments are whole seconds, and lists lag.
const UNSETTLED: Duration = Duration::from_secs(10);

/// Reads one event of Messenger's from a webhook.
pub fn event(event: &Value, us: &Us) -> Result<Vec<Inbound>, Malformed> {
    let roots = ["message_edit", "message", "postback"];
    let Some((root, said)) = roots.into_iter().find_map(|root| Some((root, event.get(root)?))) else {
        let names = event.as_object().into_iter().flat_map(|members| members.keys());
        let name = names.map(String::as_str).find(|name| !["sender", "recipient", "timestamp"].contains(name));
        return Ok(vec![ignored(&["messaging", name.unwrap_or_default()])]);
    };
    let is_gone = said["is_deleted"] == true;
    let mut message = of_webhook(event, root, said, us)?;
    Ok(vec![match root {
        "message_edit" => Inbound::MessageEdited(message),
        _ if is_gone => Inbound::MessageDeleted(message),
        _ => {
            // Something that Facebook tells to no app, but that somebody waits for an answer to.
            if message.text.is_empty() && message.attachments.is_empty() {
                message.attachments.push(attachment(false, None));
            }
            Inbound::Message(message)
        }
    }])
}

fn of_webhook(event: &Value, root: &str, said: &Value, us: &Us) -> Result<RemoteMessage, Malformed> {
    let party = |name: &str| wire::id(&event[name]["id"]);
    let (sender, recipient) = (party("sender"), party("recipient"));
    let ours = said["is_echo"] == true || sender.as_deref() == Some(us.id.as_str());
    let person = if ours { recipient } else { sender };
    let person = person.filter(|person| *person != us.id);
    let person = person.ok_or_else(|| Malformed("a private message with nobody".to_owned()))?;
    let sent_at = wire::moment(&event["timestamp"]);
    let sent_at = sent_at.ok_or_else(|| Malformed("a private message that does not say when".to_owned()))?;
    // A pressed button has a title, and in older versions no id.
    let id = match wire::message_id(&said["mid"]) {
        None if root == "postback" => Some(format!("postback.{person}.{}", sent_at.0)),
        id => id,
    };
    let attachments = wire::list(&said["attachments"]).iter().map(|one| {
        let url = wire::address(&one["payload"]["url"]);
        attachment(one["type"] == "image" && url.is_some(), url)
    });
    Ok(RemoteMessage {
        id: id.ok_or_else(|| Malformed("a private message without a readable id".to_owned()))?,
        conversation: person.clone(),
        with: nameless(person),
        ours,
        key: said["metadata"].as_str().and_then(key_of),
        text: parse::words(&said[if root == "postback" { "title" } else { "text" }]),
        sent_at,
        attachments: attachments.collect(),
        raw: event.to_string(),
    })
}

/// Our key, as it goes along with a message.
pub fn metadata(key: &str) -> String {
    format!("{KEY_PREFIX}{key}")
}

fn key_of(metadata: &str) -> Option<String> {
    metadata.strip_prefix(KEY_PREFIX).filter(|key| !key.is_empty()).map(str::to_owned)
}

/// Reads a frame of conversations.
pub fn page(raw: &[u8], us: &Us) -> Result<MessagePage, Malformed> {
    let frame = wire::json(raw)?;
    let Some(conversations) = frame["conversations"].as_array() else {
        return Err(Malformed("no page of conversations".to_owned()));
    };
    let mut page = MessagePage {
        next_token: frame["next"].as_str().filter(|token| !token.is_empty()).map(str::to_owned),
        ..MessagePage::default()
    };
    let settled = frame["read_at"].as_i64().map(|at| Millis(at).minus(UNSETTLED));
    let below = frame["below"].as_str().and_then(|mark| mark.parse().ok()).map(|mark: i64| Millis(mark - 1));
    for conversation in conversations {
        let messages = wire::list(&conversation["messages"]);
        let newest = messages.iter().filter_map(|message| wire::moment(&message["created_time"])).max();
        let mark = wire::moment(&conversation["updated_time"]).into_iter().chain(newest).max();
        let mark = mark.map(|mark| settled.into_iter().chain(below).fold(mark, Millis::min));
        page.marks.extend(mark.map(|mark| mark.0.max(0).to_string()));
        for message in messages {
            match of_graph(message, conversation, us) {
                Ok(message) => page.messages.push(message),
                Err(Malformed(reason)) => page.unreadable.push(unreadable(reason, conversation, message)),
            }
        }
    }
    page.messages.sort_by_key(|message| std::cmp::Reverse(message.sent_at));
    Ok(page)
}

fn unreadable(reason: String, conversation: &Value, message: &Value) -> Unreadable {
    let alone = json!({"participants": conversation["participants"], "messages": {"data": [message]}});
    Unreadable { reason, page: json!({ "conversations": [alone] }).to_string().into_bytes() }
}

fn of_graph(value: &Value, conversation: &Value, us: &Us) -> Result<RemoteMessage, Malformed> {
    let id = wire::message_id(&value["id"]);
    let id = id.ok_or_else(|| Malformed("a private message without a readable id".to_owned()))?;
    let sent_at = wire::moment(&value["created_time"]);
    let sent_at = sent_at.ok_or_else(|| Malformed("a private message that does not say when".to_owned()))?;
    let ours = wire::id(&value["from"]["id"]).as_deref() == Some(us.id.as_str());
    let others = std::iter::once(&value["from"])
        .chain(wire::list(&value["to"]))
        .chain(wire::list(&conversation["participants"]))
        .filter_map(|party| Some((wire::id(&party["id"])?, party)));
    let (person, party) = others
        .into_iter()
        .find(|(id, _)| *id != us.id)
        .ok_or_else(|| Malformed("a private message with nobody".to_owned()))?;
    let mut attachments: Vec<RemoteAttachment> =
        wire::list(&value["attachments"]).iter().map(attachment_of_graph).collect();
    attachments.extend(wire::address(&value["sticker"]).map(|url| attachment(true, Some(url))));
    let text = parse::words(&value["message"]);
    if text.is_empty() && attachments.is_empty() {
        attachments.push(attachment(false, None));
    }
    let name = party["name"].as_str().map(text::name).unwrap_or_default();
    Ok(RemoteMessage {
        id,
        conversation: person.clone(),
        with: RemoteAuthor { name, ..nameless(person) },
        ours,
        key: None,
        text,
        sent_at,
        attachments,
        raw: value.to_string(),
    })
}

fn attachment_of_graph(value: &Value) -> RemoteAttachment {
    match wire::address(&value["image_data"]["url"]) {
        Some(url) => attachment(true, Some(url)),
        None => attachment(false, wire::address(&value["file_url"])),
    }
}

/// Facebook's messages describe no picture.
fn attachment(is_photo: bool, url: Option<String>) -> RemoteAttachment {
    RemoteAttachment { is_photo, url, alt: String::new() }
}

fn nameless(id: String) -> RemoteAuthor {
    RemoteAuthor { id, handle: String::new(), name: String::new(), picture_url: None, followers: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn us() -> Us {
        Us { id: "7".to_owned(), handle: "Acme".to_owned() }
    }

    fn said(root: &str, body: Value, by_page: bool) -> Vec<Inbound> {
        let (sender, recipient) = if by_page { ("7", "55") } else { ("55", "7") };
        let value = json!({"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": 1_784_928_203_523_i64,
            root: body});
        event(&value, &us()).unwrap()
    }

    fn message(root: &str, body: Value, by_page: bool) -> RemoteMessage {
        match said(root, body, by_page).remove(0) {
            Inbound::Message(message) => message,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_was_said_names_the_person_whoever_said_it() {
        let theirs = message("message", json!({"mid": "m_1", "text": " order 42\u{200b} "}), false);
        assert_eq!((theirs.conversation.as_str(), theirs.with.id.as_str(), theirs.ours), ("55", "55", false));
        assert_eq!((theirs.text.as_str(), theirs.sent_at, &theirs.key), ("order 42", Millis(1_784_928_203_523), &None));
        let echo = json!({"mid": "m_2", "text": "On it", "is_echo": true, "app_id": 5, "metadata": "answerwell:17"});
        let ours = message("message", echo, true);
        assert_eq!((ours.with.id.as_str(), ours.ours, ours.key.as_deref()), ("55", true, Some("17")));
        for metadata in ["bridge:outbox:17", "answerwell:", "", "17"] {
            let echo = json!({"mid": "m_2", "text": "x", "is_echo": true, "metadata": metadata});
            assert_eq!(message("message", echo, true).key, None, "{metadata}");
        }
        let button = message("postback", json!({"title": "Get started", "payload": "P", "mid": "m_3"}), false);
        assert_eq!((button.text.as_str(), button.id.as_str()), ("Get started", "m_3"));
        let older = message("postback", json!({"title": "Get started", "payload": "P"}), false);
        assert_eq!(older.id, "postback.55.1784928203523");
    }

    #[test]
    fn what_came_along_is_a_picture_or_something_else() {
        let image = json!({"type": "image", "payload": {"url": "https://a/x.jpg", "sticker_id": 3}});
        let attachments =
            json!([image, {"type": "audio", "payload": {"url": "https://a/x.ogg"}}, {"type": "image"}, 7]);
        let found = message("message", json!({"mid": "m_1", "attachments": attachments}), false).attachments;
        let kinds: Vec<_> = found.iter().map(|one| (one.is_photo, one.url.is_some())).collect();
        assert_eq!(kinds, [(true, true), (false, true), (false, false), (false, false)]);
        let unsupported = message("message", json!({"mid": "m_1", "is_unsupported": true}), false);
        assert_eq!((unsupported.text.as_str(), unsupported.attachments.len()), ("", 1));
    }

    #[test]
    fn edits_and_what_was_taken_back_name_their_message() {
        let edit = said("message_edit", json!({"mid": "m_1", "text": "order 43", "num_edit": 1}), false);
        let [Inbound::MessageEdited(edited)] = edit.as_slice() else { panic!("{edit:?}") };
        assert_eq!((edited.id.as_str(), edited.text.as_str(), edited.with.id.as_str()), ("m_1", "order 43", "55"));
        let removal = said("message", json!({"mid": "m_1", "is_deleted": true}), true);
        let [Inbound::MessageDeleted(gone)] = removal.as_slice() else { panic!("{removal:?}") };
        assert_eq!((gone.id.as_str(), gone.text.as_str(), gone.with.id.as_str(), gone.ours), ("m_1", "", "55", true));
        for name in ["read", "delivery", "reaction", "optin", "referral", "what_comes_next"] {
            assert_eq!(said(name, json!({}), false), [Inbound::Ignored(format!("messaging {name}"))]);
        }
        let odd = [
            json!({"message": {"text": "no id"}, "sender": {"id": "55"}, "timestamp": 1}),
            json!({"message": {"mid": "m_1"}, "sender": {"id": "7"}, "recipient": {"id": "7"}, "timestamp": 1}),
            json!({"message": {"mid": "m_1"}, "sender": {"id": "55"}}),
            json!({"message_edit": {}}),
        ];
        for value in odd {
            assert!(event(&value, &us()).is_err(), "{value}");
        }
    }

    #[test]
    fn conversations_are_read_with_marks_that_fall() {
        let message = |id: &str, from: &str, at: &str| {
            json!({"id": id, "from": {"id": from, "name": "Jo M."}, "to": {"data": [{"id": "7"}]}, "message": id,
                "created_time": at})
        };
        let (late, early) = ("2026-07-24T21:23:22+0000", "2026-07-24T20:00:00+0000");
        let frame = json!({"read_at": 1_784_928_203_000_i64, "next": "on", "conversations": [
            {"id": "t_1", "updated_time": late, "messages": {"data": [message("m_2", "55", late), message("m_1", "55", early)]}},
            {"id": "t_2", "updated_time": early, "participants": {"data": [{"id": "56", "name": "Kim"}, {"id": "7"}]},
             "messages": {"data": [{"id": "m_0", "from": {"id": "7"}, "created_time": early, "sticker": "https://a/s.png"}, {}]}},
        ]});
        let page = page(frame.to_string().as_bytes(), &us()).unwrap();
        assert_eq!(page.marks, ["1784928193000", "1784923200000"], "the newest is not settled yet");
        let ids: Vec<&str> = page.messages.iter().map(|message| message.id.as_str()).collect();
        assert_eq!((ids, page.next_token.as_deref()), (vec!["m_2", "m_1", "m_0"], Some("on")));
        assert_eq!((page.messages[0].with.name.as_str(), page.messages[0].ours), ("Jo M.", false));
        let ours = &page.messages[2];
        assert_eq!((ours.with.name.as_str(), ours.ours, ours.attachments[0].is_photo), ("Kim", true, true));
        let alone = super::page(&page.unreadable[0].page, &us()).unwrap();
        assert_eq!((alone.messages.len(), alone.unreadable.len()), (0, 1));
        let next = json!({"read_at": 1_784_928_203_000_i64, "below": "1784923200000", "conversations": [
            {"updated_time": early, "messages": {}}]});
        assert_eq!(super::page(next.to_string().as_bytes(), &us()).unwrap().marks, ["1784923199999"]);
        for odd in ["", "{}", "[]", r#"{"conversations":{}}"#] {
            assert!(super::page(odd.as_bytes(), &us()).is_err(), "{odd}");
        }
    }
}
