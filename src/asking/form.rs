//! The fields of the form, and the checks that need nothing but them and the lists that they choose from.

use serde::Deserialize;

use super::words;
use crate::posts::{self, Body, LONGEST_BODY};
use crate::tags::{self, TagName};
use crate::topics::fields::{Field, FieldId, answers_to};
use crate::topics::{Topic, TopicId};
use crate::web::Problems;
use crate::web::form::Kept;

/// What the form holds; the answers to a topic's own fields stand beside it, in [`Kept`].
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub struct Ask {
    pub title: String,
    pub body: String,
    /// The id of a topic (in an address also its slug), or nothing.
    pub topic: String,
    /// With commas between them.
    pub tags: String,
    /// Not empty: only its asker and the desk shall see it.
    pub private: String,
    /// What the picture that comes along shows.
    pub alt: String,
    /// The topic whose own fields were in the form that was sent.
    pub fields_of: String,
    /// Not empty: similar questions were shown.
    pub seen: String,
    /// The button: `picture` adds the chosen one to the text, `preview` shows it; else the question is asked.
    pub then: String,
    pub submission: String,
    /// Of a stranger who asks by mail: see [`super::guest`].
    pub guest_email: String,
}

impl Ask {
    /// The topic that was chosen, by its id or by its part of the address.
    pub fn topic<'a>(&self, topics: &'a [Topic]) -> Option<&'a Topic> {
        topics.iter().find(|topic| topic.id.to_string() == self.topic || topic.slug == self.topic)
    }

    /// Whether the form held these fields of this topic: only then an empty one is an answer.
    pub fn held_fields_of(&self, topic: &Topic) -> bool {
        self.fields_of == topic.id.to_string()
    }
}

/// What was asked, checked.
pub struct Asked {
    pub topic: Option<TopicId>,
    pub title: String,
    pub body: Body,
    pub tags: Vec<TagName>,
    /// Only its asker and the desk shall see it.
    pub private: bool,
    /// The answers to the topic's own fields, without the empty ones.
    pub values: Vec<(FieldId, String)>,
}

/// Checks a form; `None`: `problems` says why.
pub fn check(problems: &mut Problems, form: &Ask, kept: &Kept, topics: &[Topic], fields: &[Field]) -> Option<Asked> {
    let title = posts::check_title(problems, "title", &form.title);
    let body = posts::check_body(problems, "body", "Your question", &form.body, LONGEST_BODY);
    let topic = form.topic(topics);
    if topic.is_none() && !form.topic.is_empty() {
        problems.add("topic", words::NO_SUCH_TOPIC);
    }
    let tags = tags::read(problems, "tags", &form.tags);
    let values = answers_to(problems, fields, kept);
    let body = body.filter(|_| problems.is_empty())?;
    let private = !form.private.is_empty();
    Some(Asked { topic: topic.map(|topic| topic.id), title, body, tags, private, values })
}
