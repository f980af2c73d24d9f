//! Every sentence that this slice says to people. No rule, no query.

use super::HiddenAs;
use crate::db::PostKind;

// A text that is checked
pub const REASON_MISSING: &str = "The reason is missing. Say why you change it: whoever wrote it reads this.";

/// `name`: of the text, as in "Your answer".
pub fn says_nothing(name: &str) -> String {
    format!(
        "{name} has a picture that says nothing to people who do not see it. Type what it shows under “Add a picture”, or in \
         the text between ![ and ]."
    )
}

pub fn says_too_much(name: &str, many: usize, most: usize) -> String {
    format!(
        "{name} says what a picture shows in {many} characters; {most} are allowed. Shorten it between ![ and ], and write the \
         rest into the text."
    )
}

pub fn shows_no_words(name: &str) -> String {
    format!("{name} would show no words. Write what you want to say in plain text.")
}

pub fn title_too_short(length: usize, least: usize) -> String {
    format!("The title has {length} characters and needs at least {least}. Say what goes wrong, and with what.")
}

/// What the address of a post that is not shown says of it. `hidden_as` is `None` where it was removed for good.
pub fn gone(kind: PostKind, hidden_as: Option<HiddenAs>) -> &'static str {
    match (kind, hidden_as) {
        (PostKind::Answer, _) => "This answer was removed.",
        (PostKind::Comment, _) => "This comment was removed.",
        (PostKind::Question, None) => "This question was removed, with everything in its thread.",
        (PostKind::Question, Some(HiddenAs::Hidden)) => {
            "Our staff have hidden this question, with everything in its thread. If you asked it, sign in: your own page \
             shows it, and why."
        }
        (PostKind::Question, Some(HiddenAs::Held)) => {
            "This question waits until our staff have looked at it. If you asked it, sign in: your own page shows it."
        }
        (PostKind::Question, Some(HiddenAs::Merged | HiddenAs::Split)) => "This question is part of another one now.",
        (PostKind::Question, Some(HiddenAs::Private)) => "This question is private.",
    }
}
