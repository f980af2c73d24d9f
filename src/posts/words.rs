//! What the address of a post that is not shown says of it. Pure.

use super::HiddenAs;
use crate::db::PostKind;

/// `hidden_as` is `None` where it was removed for good.
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
