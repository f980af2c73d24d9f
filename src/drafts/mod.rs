//! Drafts: what somebody at the desk is writing in a thread, saved so that colleagues see it and nothing is lost.
//!
//! Owns the table `draft`. A trainee hands a draft in, and staff send it in their own name or return it with a reason;
//! until then its words stay as they were handed in. Knows the forms only as fields with names: what they mean, and whether
//! they may be sent, is the desk's to say.

mod store;

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
pub use store::{discard, find_own, hand_in, list_of_thread, load, prune, save, send_back, settle, take_back};

use crate::clock::Millis;
use crate::db::{DbError, id_type, text_enum};
use crate::members::MemberId;

id_type!(
    /// The id of a draft.
    DraftId
);

text_enum! {
    /// Of which form.
    pub enum Kind {
        /// A message to the asker.
        Message = "message",
        /// The verification of an answer, with its short form.
        Verification = "verification",
    }
}

/// Where somebody writes. One person has one draft in each place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub kind: Kind,
    pub question_id: i64,
    /// 0: of no answer.
    pub answer_id: i64,
}

impl Place {
    pub fn message(question_id: i64) -> Self {
        Self { kind: Kind::Message, question_id, answer_id: 0 }
    }

    pub fn verification(question_id: i64, answer_id: i64) -> Self {
        Self { kind: Kind::Verification, question_id, answer_id }
    }
}

/// The fields of a form by their names.
pub type Fields = BTreeMap<String, String>;

/// What the marks of a form are called: they tell what its writer saw, and are not part of what they write.
const MARKS: [&str; 15] = [
    "target",
    "last_delivery",
    "newest",
    "submission",
    "draft",
    "macro",
    "revision",
    "look",
    "insert",
    "queue",
    "at",
    "known",
    "then",
    "take_over",
    "also",
];
const MOST_FIELDS: usize = 40;

/// What of a posted form is a draft: what was written, without marks, files and empty fields.
pub fn written<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> Fields {
    let is_written = |name: &str, value: &str| {
        !MARKS.contains(&name) && !name.starts_with("file_") && !["", "0"].contains(&value.trim())
    };
    fields
        .filter(|(name, value)| is_written(name, value))
        .take(MOST_FIELDS)
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub id: DraftId,
    pub by: MemberId,
    pub place: Place,
    pub fields: Fields,
    pub updated_at: Millis,
    /// Since when it waits for approval.
    pub handed_in_at: Option<Millis>,
    /// Why it came back, and by whom.
    pub returned: Option<(String, Option<MemberId>)>,
}

impl Draft {
    /// The form that these fields fill in; what they do not name is as in an empty one.
    pub fn form<T: DeserializeOwned + Default>(&self) -> T {
        let fields = serde_urlencoded::to_string(&self.fields).unwrap_or_default();
        serde_urlencoded::from_str(&fields).unwrap_or_default()
    }

    /// The words that are to be read: those for the asker, else what vouches for the answer.
    pub fn words(&self) -> &str {
        let said = |name: &str| self.fields.get(name).map(String::as_str).filter(|words| !words.is_empty());
        said("text").or(said("short_form")).or(said("evidence")).unwrap_or_default()
    }
}

/// Why a draft was not sent, returned or taken back.
#[derive(Debug, thiserror::Error)]
pub enum NotSettled {
    /// A colleague was faster, or its writer took it back.
    #[error("it does not wait for approval any more")]
    Late,
    /// Nobody approves what they drafted themselves, whatever they may do by now.
    #[error("nobody approves their own draft")]
    Own,
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<diesel::result::Error> for NotSettled {
    fn from(error: diesel::result::Error) -> Self {
        Self::Db(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_files_and_empty_fields_are_no_part_of_a_draft() {
        let posted = [("text", "Which model?"), ("target", "7"), ("file_1", "x"), ("alt_1", " "), ("submission", "0f")];
        let fields = written(posted.into_iter());
        assert_eq!(fields.into_iter().collect::<Vec<_>>(), [("text".to_owned(), "Which model?".to_owned())]);
    }
}
