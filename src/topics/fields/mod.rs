//! What a topic asks beside the question (which device, which version): set by administrators, answered in the form of a
//! question, shown above its words.
//!
//! Owns the table `topic_field`. A field that ended is asked no more; what was answered to it stays.

mod store;
mod words;

pub use store::{add, end, find, find_topic, list, list_all, order, rewrite, set_required};

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
    /// What these choices were called before: whoever began to write then chose the same.
    pub renamed: Vec<Renamed>,
    pub required: bool,
    pub ended: bool,
}

impl Field {
    /// Its name in a form.
    pub fn key(&self) -> String {
        format!("field_{}", self.id)
    }

    /// The name of its draft among those of a form; nothing where the form keeps none.
    pub fn draft(&self, form: &str) -> String {
        if form.is_empty() { String::new() } else { format!("{form}-{}", self.key()) }
    }

    /// Characters of an answer.
    pub fn most(&self) -> usize {
        LONGEST_VALUE
    }

    /// What a form answers to it, as it was typed; a choice by the name that it has now.
    pub fn typed<'a>(&'a self, kept: &'a Kept) -> &'a str {
        let key = self.key();
        let typed = kept.fields.iter().find(|(name, _)| *name == key);
        let typed = typed.map(|(_, value)| value.as_str()).unwrap_or_default();
        let renamed = self.renamed.iter().find(|one| one.was == typed && !self.choices.contains(&one.was));
        renamed.map_or(typed, |one| &one.now)
    }

    /// What a choice was called before, one name a line.
    pub fn earlier(&self, choice: &str) -> String {
        let names = self.renamed.iter().filter(|one| one.now == choice).map(|one| one.was.as_str());
        names.collect::<Vec<_>>().join("\n")
    }

    /// What these choices were called before, once they have other names again.
    pub fn renamed_after(&self, changes: &[Renamed], choices: &[String]) -> Vec<Renamed> {
        let now = |name: &str| changes.iter().find(|one| one.was == name).map_or(name, |one| &one.now).to_owned();
        let before = self.renamed.iter().map(|one| Renamed { was: one.was.clone(), now: now(&one.now) });
        let known = before.chain(changes.iter().cloned());
        known.filter(|one| choices.contains(&one.now) && !choices.contains(&one.was)).collect()
    }

    /// What a question answers stays a choice in its own form, also where others choose it no more.
    pub fn keep(&mut self, answered: &str) {
        if self.kind == Kind::Choice && !self.choices.iter().any(|choice| choice == answered) {
            self.choices.push(answered.to_owned());
        }
    }

    fn check(&self, problems: &mut Problems, typed: &str) -> String {
        let name = format!("“{}”", self.name);
        match self.kind {
            Kind::Text if self.required => problems.text(self.key(), &name, typed, LONGEST_VALUE),
            Kind::Text => problems.optional_text(self.key(), &name, typed, LONGEST_VALUE),
            Kind::Choice => {
                let chosen = clean(typed);
                if chosen.is_empty() && self.required {
                    problems.add(self.key(), words::choice_missing(&name));
                } else if !chosen.is_empty() && !self.choices.contains(&chosen) {
                    problems.add(self.key(), words::choice_ended(&name, &chosen));
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

/// Whether a form answers one of these fields, which ended since it was opened: that goes nowhere, and its writer is told.
pub fn is_answered(ended: &[Field], kept: &Kept) -> bool {
    ended.iter().any(|field| !clean(field.typed(kept)).is_empty())
}

/// Reads the choices of a field, one a line.
pub fn read_choices(problems: &mut Problems, text: &str) -> Vec<String> {
    change_choices(problems, &[], text)
}

/// A choice that is there, and what a form calls it now; empty: it is offered no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renamed {
    pub was: String,
    pub now: String,
}

/// Reads what becomes of the choices of a field (each in a form field of its own, `choice_0` and on), and more of them, one
/// a line.
pub fn change_choices(problems: &mut Problems, known: &[Renamed], more: &str) -> Vec<String> {
    let mut choices: Vec<String> = Vec::new();
    for (n, one) in known.iter().enumerate().filter(|(_, one)| !one.now.is_empty()) {
        // What was answered with the one would read as the other.
        let is_taken = known.iter().any(|other| other != one && other.was == one.now) || choices.contains(&one.now);
        if is_taken {
            problems.add(format!("choice_{n}"), words::same_choice(&one.now));
        } else if one.now.chars().count() > LONGEST_CHOICE {
            problems.add(format!("choice_{n}"), words::long_choice(&one.now));
        }
        choices.push(one.now.clone());
    }
    let before = choices.len();
    for line in more.lines().map(clean).filter(|line| !line.is_empty()) {
        if !choices.contains(&line) {
            choices.push(line);
        }
    }
    if choices.len() < 2 {
        problems.add("choices", words::TOO_FEW_CHOICES);
    } else if choices.len() > MOST_CHOICES {
        problems.add("choices", words::too_many_choices(choices.len()));
    } else if let Some(long) = choices[before..].iter().find(|choice| choice.chars().count() > LONGEST_CHOICE) {
        problems.add("choices", words::long_choice(long));
    }
    choices
}
