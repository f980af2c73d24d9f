//! Messenger read through the API: conversations of a page, and their messages.

use serde_json::{Map, Value, json};

use super::FacebookTwin;
use super::answer::Answer;
use super::fields::Field;
use super::gate::{Caller, Request};
use super::graph::person_by;
use super::journal::Shown;
use super::list::{Args, More, Part};
use super::people::psid;
use super::talks::{Message, conversation_id};
use super::told::{shown_url, timestamp};
use super::wire::{Lens, MOST, no_field, one_of, wanted};

impl FacebookTwin {
    /// `GET /{page}/conversations`, newest first.
    pub(super) fn conversations(&self, request: &Request, caller: &Caller, id: &str) -> Result<Answer, Answer> {
        let (page, _) = caller.page()?;
        if id.parse() != Ok(page) {
            return Err(Answer::missing(id));
        }
        caller.needs("pages_messaging")?;
        match request.one("platform").map(str::to_uppercase).as_deref() {
            None | Some("MESSENGER") => {}
            Some("INSTAGRAM") => return Ok(Answer::ok(json!({ "data": [] }))),
            Some(other) => return Err(one_of("platform", other, "{INSTAGRAM, MESSENGER}")),
        }
        let wanted = wanted(&request.params[..])?;
        let state = self.state();
        let lens = self.lens(&state, request, caller, page);
        let mut newest = lens.world.talks.of_page(page);
        newest.retain(|message| lens.world.may_hear_of(page, message.said.person));
        if let Some(given) = request.one("user_id") {
            let person = person_by(lens.world, page, given);
            newest.retain(|message| Some(message.said.person) == person);
        }
        let part = Part::read(&request.params[..], MOST, true)?;
        let more = self.more(request, caller);
        let (newest, paging) = part.cut(newest, |message| (message.said.at, message.number), &more);
        let data = newest.into_iter().map(|message| lens.conversation(message, &wanted));
        let mut list = json!({ "data": data.collect::<Result<Vec<_>, _>>()? });
        if let Some(paging) = paging {
            list["paging"] = paging;
        }
        Ok(Answer::ok(list))
    }

    /// `GET /{conversation}/messages`, newest first.
    pub(super) fn messages_edge(&self, request: &Request, caller: &Caller, id: &str) -> Result<Answer, Answer> {
        let (page, _) = caller.page()?;
        caller.needs("pages_messaging")?;
        let wanted = wanted(&request.params[..])?;
        let state = self.state();
        let lens = self.lens(&state, request, caller, page);
        let person = lens.with(id).ok_or_else(|| Answer::missing(id))?;
        let more = self.more(request, caller);
        Ok(Answer::ok(lens.messages(person, &request.params[..], &wanted, &more)?))
    }
}

impl Lens<'_> {
    /// The person whose conversation with the page this is.
    fn with(&self, id: &str) -> Option<u64> {
        let people = self.world.talks.of_page(self.page).into_iter().map(|message| message.said.person);
        let mut theirs = people.filter(|person| self.world.may_hear_of(self.page, *person));
        theirs.find(|person| conversation_id(self.page, *person) == id)
    }

    pub fn conversation_or_message(&self, id: &str, wanted: &[Field]) -> Result<Value, Answer> {
        if !self.has("pages_messaging") {
            return Err(Answer::not_permitted(10, "This endpoint requires the 'pages_messaging' permission."));
        }
        if id.starts_with("m_") {
            let message = self.world.talks.by_mid(id).filter(|message| message.said.page == self.page);
            return self.message(message.ok_or_else(|| Answer::missing(id))?, wanted);
        }
        let person = self.with(id).ok_or_else(|| Answer::missing(id))?;
        let last = self.world.talks.between(self.page, person).next_back().ok_or_else(|| Answer::missing(id))?;
        self.conversation(last, wanted)
    }

    /// The conversation that this is the last message of.
    fn conversation(&self, last: &Message, wanted: &[Field]) -> Result<Value, Answer> {
        let usual = ["id", "updated_time", "link"].map(Field::plain);
        let wanted = if wanted.is_empty() { &usual } else { wanted };
        let (page, person) = (self.page, last.said.person);
        let id = conversation_id(page, person);
        let talks = &self.world.talks;
        let mut value = Map::new();
        for field in wanted {
            let found = match field.name.as_str() {
                "id" => json!(id),
                "updated_time" => json!(timestamp(last.said.at)),
                "link" => json!(format!("/{page}/inbox/{id}")),
                "participants" | "senders" => json!({ "data": [self.party(person), self.party(page)] }),
                "snippet" => json!(last.said.text),
                "can_reply" => {
                    json!(self.world.window(page, person, false).is_some_and(|until| self.now < until))
                }
                "message_count" => json!(talks.between(page, person).count()),
                "unread_count" => {
                    let unread = talks.between(page, person).rev().take_while(|message| !message.said.by_page);
                    json!(unread.count())
                }
                "is_subscribed" => json!(true),
                "messages" => {
                    let More { root, path, params, .. } = More::inside(&self.root, "", &id, field);
                    let more = More { root, path, params, token: self.token };
                    self.messages(person, &field.args[..], &field.inner, &more)?
                }
                // Known, but the twin has nothing to say of them.
                "folder"
                | "former_participants"
                | "is_owner"
                | "linked_group"
                | "name"
                | "scoped_thread_key"
                | "wallpaper" => continue,
                name => return Err(no_field(name, "UnifiedThread")),
            };
            value.insert(field.name.clone(), found);
        }
        value.entry("id").or_insert_with(|| json!(id));
        Ok(Value::Object(value))
    }

    fn messages(
        &self,
        person: u64,
        args: &(impl Args + ?Sized),
        wanted: &[Field],
        more: &More<'_>,
    ) -> Result<Value, Answer> {
        let part = Part::read(args, MOST, true)?;
        let all: Vec<&Message> = self.world.talks.between(self.page, person).collect();
        let (all, paging) = part.cut(all, |message| (message.said.at, message.number), more);
        let data = all.into_iter().map(|message| self.message(message, wanted)).collect::<Result<Vec<_>, _>>()?;
        let mut list = json!({ "data": data });
        if let Some(paging) = paging {
            list["paging"] = paging;
        }
        Ok(list)
    }

    fn message(&self, message: &Message, wanted: &[Field]) -> Result<Value, Answer> {
        let usual = ["id", "created_time"].map(Field::plain);
        let wanted = if wanted.is_empty() { &usual } else { wanted };
        let said = &message.said;
        let (from, to) = if said.by_page { (said.page, said.person) } else { (said.person, said.page) };
        let mut value = Map::new();
        for field in wanted {
            let found = match field.name.as_str() {
                "id" => Some(json!(said.mid)),
                "created_time" => Some(json!(timestamp(said.at))),
                "from" => Some(self.party(from)),
                "to" => Some(json!({ "data": [self.party(to)] })),
                "message" => Some(json!(said.text)),
                "attachments" => self.attachments(message),
                "sticker" if said.shown == Some(Shown::Sticker) => {
                    shown_url(self.world, Shown::Sticker).map(Value::String)
                }
                "sticker" | "shares" | "tags" | "reactions" | "story" | "is_unsupported" | "reply_to" => None,
                name => return Err(no_field(name, "UnifiedMessage")),
            };
            if let Some(found) = found {
                value.insert(field.name.clone(), found);
            }
        }
        value.entry("id").or_insert_with(|| json!(said.mid));
        Ok(Value::Object(value))
    }

    /// A person or the page, as Messenger names both.
    fn party(&self, id: u64) -> Value {
        let id_here = if id == self.page { id } else { psid(self.page, id) };
        json!({"name": self.world.name(id), "email": format!("{id_here}@facebook.com"), "id": id_here.to_string()})
    }

    fn attachments(&self, message: &Message) -> Option<Value> {
        let Some(Shown::Photo(id)) = message.said.shown else { return None };
        let picture = self.world.pictures.get(&id)?;
        let url = shown_url(self.world, Shown::Photo(id));
        let image = json!({
            "width": picture.width, "height": picture.height, "max_width": picture.width, "max_height": picture.height,
            "url": url, "preview_url": url, "image_type": 1, "render_as_sticker": false,
        });
        Some(json!({
            "data": [{
                "id": id.to_string(), "mime_type": picture.mime, "name": picture.file_name(), "size": picture.size,
                "image_data": image,
            }],
        }))
    }
}
