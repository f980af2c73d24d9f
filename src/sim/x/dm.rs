//! The endpoints of direct messages, and a message as webhooks tell of it.

use serde_json::{Map, Value, json};

use super::XTwin;
use super::answer::Answer;
use super::api::{read_body, read_id, refusal, timestamp};
use super::gate::Request;
use super::journal::Change;
use super::list::{Params, read_count, read_token, write_token};
use super::messages::Message;
use super::posts::Refused;
use super::wire::Wanted;
use super::world::{World, time_of};

const FIELDS: [&str; 10] = [
    "id",
    "text",
    "event_type",
    "created_at",
    "dm_conversation_id",
    "sender_id",
    "participant_ids",
    "referenced_tweets",
    "attachments",
    "entities",
];
const EVENT_TYPES: [&str; 3] = ["MessageCreate", "ParticipantsJoin", "ParticipantsLeave"];

/// The other person of a conversation as X names it: `12-34`.
pub(super) fn other_in(conversation: &str, user: u64) -> Result<u64, Answer> {
    let (one, other) = conversation.split_once('-').unwrap_or_default();
    let (one, other) = (read_id("dm_conversation_id", one)?, read_id("dm_conversation_id", other)?);
    match (one == user, other == user) {
        (true, _) => Ok(other),
        (_, true) => Ok(one),
        _ => Err(Answer::forbidden("You do not have permission to see this conversation.")),
    }
}

impl XTwin {
    /// A person's messages of the last 30 days, newest first; with one other person, or with all.
    pub(super) fn messages_listed(&self, request: &Request, user: u64, with: Option<u64>) -> Result<Answer, Answer> {
        let known = ["dm_event.fields", "event_types", "max_results", "pagination_token"];
        let params = Params::read(&request.query, &known)?;
        let wanted = read_wanted(&params)?;
        let most = read_count(&params, 1, 100, 100)?;
        let before = match params.one("pagination_token") {
            None => u64::MAX,
            Some(token) => read_token(token).ok_or_else(|| {
                let message = format!("The `pagination_token` query parameter value [{token}] is not valid");
                Answer::invalid("pagination_token", token, &message)
            })?,
        };
        let types = params.list("event_types");
        let with_texts = types.is_empty() || types.iter().any(|kind| kind == "MessageCreate");
        let state = self.state();
        let mut fitting = state.world.messages.newest_of(user, with, self.now()).filter(|message| message.id < before);
        let page: Vec<&Message> = fitting.by_ref().take(if with_texts { most } else { 0 }).collect();
        let mut meta = json!({ "result_count": page.len() });
        if let Some(oldest) = page.last().filter(|_| fitting.next().is_some()) {
            meta["next_token"] = json!(write_token(oldest.id));
        }
        let mut body = self.messages_value(&state.world, &page, &wanted, &params);
        body["meta"] = meta;
        Ok(Answer::ok(body))
    }

    pub(super) fn message_by_id(&self, request: &Request, user: u64, id: &str) -> Result<Answer, Answer> {
        let params = Params::read(&request.query, &["dm_event.fields"])?;
        let wanted = read_wanted(&params)?;
        let number = read_id("event_id", id)?;
        let state = self.state();
        let message = state.world.messages.all.get(&number).filter(|message| message.is_of(user) && !message.deleted);
        let Some(message) = message else { return Err(no_message(id)) };
        let mut body = self.messages_value(&state.world, &[message], &wanted, &params);
        if let Some(data) = body.get_mut("data") {
            *data = data.get_mut(0).map(Value::take).unwrap_or_default();
        }
        Ok(Answer::ok(body))
    }

    /// One deletes one's own messages; X keeps those of others.
    pub(super) fn delete_message(&self, user: u64, id: &str) -> Result<Answer, Answer> {
        let number = read_id("event_id", id)?;
        let mut state = self.state();
        let own = state.world.messages.all.get(&number).is_some_and(|message| message.from == user && !message.deleted);
        if !own {
            return Err(no_message(id));
        }
        state.accept(Change::MessageGone { id: number }).map_err(|error| refusal(Refused::from(error)))?;
        Ok(Answer::ok(json!({ "data": {"deleted": true} })))
    }

    pub(super) fn send_message(&self, request: &Request, user: u64, to: u64) -> Result<Answer, Answer> {
        let body = read_body(request, &["text", "attachments"])?;
        let wrong = |message: &str| Answer::invalid("", "", message);
        let typed = body.get("text").and_then(Value::as_str).unwrap_or_default();
        let attachments = body.get("attachments").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let media = match attachments {
            [] => None,
            [one] => {
                Some(read_id("attachments.media_id", one.get("media_id").and_then(Value::as_str).unwrap_or_default())?)
            }
            _ => return Err(wrong("$.attachments: there must be a maximum of 1 items in the array")),
        };
        let now = self.now();
        let mut state = self.state();
        let change = state.world.draft_message((user, to), typed, media, now).map_err(|refused| match refused {
            Refused::Empty => wrong("$.text: is missing but it is required"),
            Refused::TooLong { .. } => wrong("$.text: must have a length between 1 and 10000"),
            Refused::NoSuchUser(_) => {
                wrong(&format!("The `participant_id` [{to}] is not a user that can be written to"))
            }
            other => refusal(other),
        })?;
        let Change::Message { id, .. } = change else { return Err(Answer::server_error()) };
        state.accept(change).map_err(|error| refusal(Refused::from(error)))?;
        drop(state);
        self.inner.wake.send_replace(());
        let conversation = super::messages::conversation(user, to);
        Ok(Answer::created(json!({ "data": {"dm_conversation_id": conversation, "dm_event_id": id.to_string()} })))
    }

    fn messages_value(&self, world: &World, messages: &[&Message], wanted: &Wanted, params: &Params) -> Value {
        let fields = params.list("dm_event.fields");
        let mut body = json!({});
        if !messages.is_empty() {
            let has = |key: &str| {
                matches!(key, "id" | "event_type" | "text")
                    || fields.iter().any(|wanted| wanted == key)
                    || wanted.expands(key)
                    || (key == "attachments" && wanted.expands("attachments.media_keys"))
            };
            let all = messages.iter().map(|message| {
                let whole = whole_message(world, message).into_iter().filter(|(key, _)| has(key));
                Value::Object(whole.collect())
            });
            body["data"] = all.collect();
        }
        let mut people: Vec<u64> = Vec::new();
        if wanted.expands("sender_id") {
            people.extend(messages.iter().map(|message| message.from));
        }
        if wanted.expands("participant_ids") {
            people.extend(messages.iter().flat_map(|message| [message.from, message.to]));
        }
        people.sort_unstable();
        people.dedup();
        let people = people.iter().filter_map(|id| world.users.get(id));
        let people: Vec<Value> = people.map(|user| self.user_value(world, user, wanted)).collect();
        let pictures = match wanted.expands("attachments.media_keys") {
            true => messages.iter().filter_map(|message| message.media).collect(),
            false => Vec::new(),
        };
        let pictures = self.media_values(world, pictures, wanted);
        for (key, list) in [("users", people), ("media", pictures)] {
            if !list.is_empty() {
                body["includes"][key] = Value::Array(list);
            }
        }
        body
    }

    /// A message in the older shape that webhooks still have.
    pub(super) fn message_payload(&self, world: &World, id: u64) -> Value {
        let Some(message) = world.messages.all.get(&id) else { return json!({}) };
        let mut entities = json!({"hashtags": [], "symbols": [], "user_mentions": [], "urls": []});
        if let Some(marked) = super::wire::marked(&message.text, usize::MAX) {
            for (key, older) in [("hashtags", "hashtags"), ("mentions", "user_mentions"), ("urls", "urls")] {
                if let Some(list) = marked.get(key).and_then(Value::as_array) {
                    entities[older] = list.iter().map(older_entity).collect();
                }
            }
        }
        let mut data = json!({"text": message.text.stored(), "entities": entities});
        if let Some(picture) = message.media.and_then(|media| world.media.get(media)) {
            let url = format!("{}/media/{}", self.settings().public_url, picture.file_name());
            let media = json!({
                "id_str": picture.id.to_string(), "media_key": picture.key(), "media_url_https": url, "type": picture.kind(),
            });
            data["attachment"] = json!({"type": "media", "media": media});
        }
        let people = [message.from, message.to].into_iter().filter_map(|id| world.users.get(&id));
        let people: Map<String, Value> =
            people.map(|user| (user.id.to_string(), json!({ "data": self.whole_user(world, user) }))).collect();
        json!({
            "direct_message_events": [{
                "type": "message_create",
                "id": message.id.to_string(),
                "created_timestamp": time_of(message.id).0.to_string(),
                "message_create": {
                    "target": {"recipient_id": message.to.to_string()},
                    "sender_id": message.from.to_string(),
                    "message_data": data,
                },
            }],
            "users": people,
        })
    }
}

/// A message with everything that X knows.
fn whole_message(world: &World, message: &Message) -> Map<String, Value> {
    let mut value = Map::new();
    value.insert("id".to_owned(), json!(message.id.to_string()));
    value.insert("event_type".to_owned(), json!("MessageCreate"));
    value.insert("text".to_owned(), json!(message.text.stored()));
    value.insert("sender_id".to_owned(), json!(message.from.to_string()));
    value.insert("dm_conversation_id".to_owned(), json!(message.conversation()));
    value.insert("created_at".to_owned(), json!(timestamp(time_of(message.id))));
    if let Some(picture) = message.media.and_then(|media| world.media.get(media)) {
        value.insert("attachments".to_owned(), json!({ "media_keys": [picture.key()] }));
    }
    if let Some(entities) = super::wire::marked(&message.text, usize::MAX) {
        value.insert("entities".to_owned(), entities);
    }
    value
}

/// `start` and `end` were called `indices`, and people `screen_name`.
fn older_entity(entity: &Value) -> Value {
    let mut older = Map::new();
    for (key, field) in entity.as_object().into_iter().flatten() {
        match key.as_str() {
            "start" | "end" => {}
            "username" => drop(older.insert("screen_name".to_owned(), field.clone())),
            "id" => drop(older.insert("id_str".to_owned(), field.clone())),
            "tag" => drop(older.insert("text".to_owned(), field.clone())),
            _ => drop(older.insert(key.clone(), field.clone())),
        }
    }
    older.insert("indices".to_owned(), json!([entity.get("start"), entity.get("end")]));
    Value::Object(older)
}

fn read_wanted(params: &Params) -> Result<Wanted, Answer> {
    let wanted = Wanted::of_messages(params)?;
    super::wire::refuse_unknown("dm_event.fields", &params.list("dm_event.fields"), &FIELDS)?;
    super::wire::refuse_unknown("event_types", &params.list("event_types"), &EVENT_TYPES)?;
    Ok(wanted)
}

fn no_message(id: &str) -> Answer {
    let body = json!({
        "title": "Not Found Error", "type": "https://api.twitter.com/2/problems/resource-not-found", "status": 404,
        "detail": format!("Could not find dm_event with event_id: [{id}]."), "resource_type": "dm_event",
        "parameter": "event_id", "value": id, "resource_id": id,
    });
    Answer { status: 404, body }
}
