//! What a question carries beside its words: its tags, and what it answers to its topic's own fields.

use crate::db::{Conn, DbError};
use crate::questions::{self, Question};
use crate::topics::fields;

pub struct Extras {
    pub tags: Vec<String>,
    /// The name of a field and the answer, in the topic's order.
    pub values: Vec<(String, String)>,
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
        Ok(Self { tags, values: values.collect() })
    }
}
