//! `POST /{page}/messages`: what a page says in Messenger, and private answers to comments.

use serde_json::{Value, json};

use super::answer::Answer;
use super::gate::{Caller, Request};
use super::graph::person_by;
use super::journal::{Change, Shown};
use super::people::{Task, psid};
use super::talks::Letter;
use super::wire::one_of;
use super::{By, FacebookTwin, Refused};

/// Tags that are no more.
const OLD_TAGS: [&str; 4] =
    ["CONFIRMED_EVENT_UPDATE", "ACCOUNT_UPDATE", "POST_PURCHASE_UPDATE", "NON_PROMOTIONAL_SUBSCRIPTION"];
const LONGEST_METADATA: usize = 1_000;

/// Whom a message is for.
enum To {
    Person(u64),
    /// The author of this post or comment.
    Author {
        item: u64,
        person: u64,
    },
}

impl FacebookTwin {
    pub(super) async fn send_message(&self, request: &Request, caller: &Caller, id: &str) -> Result<Answer, Answer> {
        let (page, colleague) = caller.page()?;
        if id.parse() != Ok(page) {
            return Err(Answer::missing(id));
        }
        caller.needs("pages_messaging")?;
        self.needs_task(page, colleague, &[Task::Messaging])?;
        let to = self.recipient(request, caller, page)?;
        let (person, answers) = match to {
            To::Person(person) => (person, None),
            To::Author { item, person } => (person, Some(item)),
        };
        let recipient = psid(page, person).to_string();
        if let Some(action) = request.one("sender_action") {
            let known = ["typing_on", "typing_off", "mark_seen"];
            if !known.contains(&action.to_lowercase().as_str()) {
                return Err(one_of("sender_action", action, "{MARK_SEEN, TYPING_OFF, TYPING_ON}"));
            }
            return Ok(Answer::ok(json!({ "recipient_id": recipient })));
        }
        let human = self.read_type(request)?;
        let message = request.json("message").filter(Value::is_object);
        let message = message.ok_or_else(|| Answer::invalid("The parameter message is required"))?;
        let text = message.get("text").and_then(Value::as_str).unwrap_or_default();
        let metadata = message.get("metadata").and_then(Value::as_str).map(str::to_owned);
        if metadata.as_ref().is_some_and(|metadata| metadata.chars().count() > LONGEST_METADATA) {
            let said = "Length of param message[metadata] must be less than or equal to 1000";
            return Err(Answer::invalid(said));
        }
        let shown = self.attached(&message).await?;
        let change = self.change(|world, now| {
            let by = By::App { colleague };
            let letter =
                Letter { page, person, by_page: true, by, typed: text, shown, metadata, answers, human, at: None };
            world.draft_message(letter, now)
        });
        let change = change.map_err(|refused| match refused {
            Refused::TooLong { longest, .. } => {
                Answer::invalid(&format!("Length of param message[text] must be less than or equal to {longest}"))
            }
            // A private answer to somebody who takes none is refused like one that is too late.
            Refused::Closed if answers.is_some() => Answer::of_code(10_903, None),
            other => other.into(),
        })?;
        let Change::Message { said, .. } = change else { return Err(Answer::of_code(2, None)) };
        Ok(Answer::ok(json!({"recipient_id": recipient, "message_id": said.mid})))
    }

    fn recipient(&self, request: &Request, caller: &Caller, page: u64) -> Result<To, Answer> {
        let recipient = request.json("recipient").filter(Value::is_object);
        let recipient = recipient.ok_or_else(|| Answer::invalid("The parameter recipient is required"))?;
        let text = |name: &str| recipient.get(name).and_then(Value::as_str);
        let state = self.state();
        if let Some(given) = text("id") {
            let person = person_by(&state.world, page, given);
            return person.map(To::Person).ok_or_else(|| Refused::NobodyThere.into());
        }
        let Some(given) = text("comment_id").or_else(|| text("post_id")) else {
            return Err(Answer::invalid("Param recipient must name one of id, comment_id, post_id"));
        };
        let item = self.lens(&state, request, caller, page).find(given).map_err(|_| Answer::of_code(10_901, None))?;
        if item.author == page || state.world.pages.contains_key(&item.author) {
            return Err(Answer::of_code(10_903, None));
        }
        Ok(To::Author { item: item.number, person: item.author })
    }

    /// Whether it is sent as a human agent's.
    fn read_type(&self, request: &Request) -> Result<bool, Answer> {
        let kind = request.one("messaging_type").unwrap_or("RESPONSE");
        match (kind, request.one("tag")) {
            ("RESPONSE" | "UPDATE", _) => Ok(false),
            ("MESSAGE_TAG", Some("HUMAN_AGENT")) if self.state().world.human_agent => Ok(true),
            ("MESSAGE_TAG", Some("HUMAN_AGENT")) => Err(Answer::of_code(10, None)),
            ("MESSAGE_TAG", Some(tag)) if OLD_TAGS.contains(&tag) => {
                Err(Answer::invalid(&format!("The message tag {tag} is deprecated")))
            }
            ("MESSAGE_TAG", tag) => Err(one_of("tag", tag.unwrap_or_default(), "{CUSTOMER_FEEDBACK, HUMAN_AGENT}")),
            (other, _) => Err(one_of("messaging_type", other, "{MESSAGE_TAG, RESPONSE, UPDATE, UTILITY}")),
        }
    }

    async fn attached(&self, message: &Value) -> Result<Option<Shown>, Answer> {
        let Some(attachment) = message.get("attachment").filter(|attachment| !attachment.is_null()) else {
            return Ok(None);
        };
        if attachment.get("type").and_then(Value::as_str) != Some("image") {
            return Err(Answer::invalid("This twin takes attachments of the type image only"));
        }
        let url = attachment.get("payload").and_then(|payload| payload.get("url")).and_then(Value::as_str);
        let failed = || Answer::error(400, "OAuthException", 100, Some(2_018_047), "(#100) Upload attachment failure.");
        let bytes = self.fetch(url.ok_or_else(failed)?).await.map_err(|_| failed())?;
        Ok(Some(Shown::Photo(self.keep_picture(&bytes).map_err(|_| failed())?)))
    }
}
