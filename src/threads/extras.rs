//! What a question carries beside its words: its tags, what it answers to its topic's own fields, and the questions that it
//! points to.

use crate::db::{Conn, DbError};
use crate::importing::{self, Linked};
use crate::questions::{self, Question};
use crate::topics::fields;

pub struct Extras {
    pub tags: Vec<String>,
    /// The name of a field and the answer, in the topic's order.
    pub values: Vec<(String, String)>,
    /// The questions that it points to, those that asked the same before first.
    pub links: Vec<Linked>,
}

impl Extras {
    pub fn load(conn: &mut Conn, question: &Question) -> Result<Self, DbError> {
        let tags = questions::list_tags_of(conn, question.id)?;
        let mut answered = questions::list_values(conn, question.id)?;
        let fields = match &question.topic {
            Some(topic) if !answered.is_empty() => fields::list_all(conn, topic.id)?,
            _ => Vec::new(),
        };
        // What was answered to another topic is of no use here; moved back, the question has it again.
        let values = fields.into_iter().filter_map(|field| Some((field.name, answered.remove(&field.id)?)));
        Ok(Self { tags, values: values.collect(), links: importing::list_linked(conn, question.id)? })
    }

    /// The threads that it points to.
    pub fn linked(&self) -> impl Iterator<Item = i64> {
        self.links.iter().map(|link| link.id.0)
    }

    pub fn asked_before(&self) -> impl Iterator<Item = &Linked> {
        self.links.iter().filter(|link| link.is_duplicate())
    }

    pub fn related(&self) -> impl Iterator<Item = &Linked> {
        self.links.iter().filter(|link| !link.is_duplicate())
    }
}
