//! What a topic asks beside the question (which device, which version): set by administrators, answered in the form of a
//! question, shown above its words.
//!
//! Owns the table `topic_field`. A field that ended is asked no more; what was answered to it stays.

mod store;

pub use store::{add, end, find_topic, list, list_all, order, set_required};

use crate::db::{id_type, text_enum};
use crate::web::Problems;
use crate::web::form::{Kept, clean};

id_type!(
    /// The id of a topic's own field.
    FieldId
);

/// Fields that one topic asks at most: more, and nobody asks.
pub const MOST: usize = 6;
/// Characters of a field's name, of one choice, and of an answer.
pub const LONGEST_NAME: usize = 60;
pub const LONGEST_CHOICE: usize = 60;
pub const LONGEST_VALUE: usize = 200;
pub const MOST_CHOICES: usize = 30;

text_enum! {
    /// How a field is answered.
    pub enum Kind {
        Text = "text",
        Choice = "choice",
    }
}

/// One question more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub id: FieldId,
    pub name: String,
    pub kind: Kind,
    /// What can be chosen; empty for a text.
    pub choices: Vec<String>,
    pub required: bool,
    pub ended: bool,
}

impl Field {
    /// Its name in a form.
    pub fn key(&self) -> String {
        format!("field_{}", self.id)
    }

    /// Characters of an answer.
    pub fn most(&self) -> usize {
        LONGEST_VALUE
    }

    /// What a form answers to it, as it was typed.
    pub fn typed<'a>(&self, kept: &'a Kept) -> &'a str {
        let key = self.key();
        kept.fields.iter().find(|(name, _)| *name == key).map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    fn check(&self, problems: &mut Problems, typed: &str) -> String {
        let name = format!("“{}”", self.name);
        match self.kind {
            Kind::Text if self.required => problems.text(self.key(), &name, typed, LONGEST_VALUE),
            Kind::Text => problems.optional_text(self.key(), &name, typed, LONGEST_VALUE),
            Kind::Choice => {
                let chosen = clean(typed);
                if chosen.is_empty() && self.required {
                    problems.add(self.key(), format!("{name} is missing. Choose one."));
                } else if !chosen.is_empty() && !self.choices.contains(&chosen) {
                    problems.add(self.key(), format!("{name} has no such choice any more. Choose another."));
                }
                chosen
            }
        }
    }
}

/// Checks what a form answers to these fields; an empty answer is one, too: it takes an earlier one away.
pub fn answers_to(problems: &mut Problems, fields: &[Field], kept: &Kept) -> Vec<(FieldId, String)> {
    fields.iter().map(|field| (field.id, field.check(problems, field.typed(kept)))).collect()
}

/// Reads the choices of a field, one a line.
pub fn read_choices(problems: &mut Problems, text: &str) -> Vec<String> {
    let mut choices: Vec<String> = Vec::new();
    for line in text.lines().map(clean).filter(|line| !line.is_empty()) {
        if !choices.contains(&line) {
            choices.push(line);
        }
    }
    if choices.len() < 2 {
        problems.add("choices", "A choice needs at least two things to choose from. Write each on a line of its own.");
    } else if choices.len() > MOST_CHOICES {
        problems.add("choices", format!("These are {} choices; {MOST_CHOICES} are allowed.", choices.len()));
    } else if let Some(long) = choices.iter().find(|choice| choice.chars().count() > LONGEST_CHOICE) {
        problems.add("choices", format!("{long:?} is longer than {LONGEST_CHOICE} characters. Shorten it."));
    }
    choices
}
