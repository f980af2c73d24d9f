//! Every sentence that this slice says to people. No rule, no query.

use std::fmt::Display;

// A question and its place
pub const NO_SUCH_TOPIC: &str = "There is no such topic any more. Choose one from the list, or none.";
pub const NOT_YOURS_TO_CHANGE: &str =
    "Only the person who asked and staff can change the topic and the tags of a question, while it is open.";

// Asking before there is an account
pub const YOUR_EMAIL: &str = "Your e-mail address";

pub fn unreadable_form(error: impl Display) -> String {
    format!("The form could not be read ({error}). Go back, reload the page, and send it again.")
}

// The mail with the link
pub const MAIL_SUBJECT: &str = "Your question waits for you";
pub const MAIL_WHAT: &str = "Somebody, probably you, wrote a question with this address. It is asked as soon as you \
     say so on the page behind this link.";
pub const MAIL_HOW_LONG: &str = "The link holds for a week. If it was not you, do nothing: nothing is asked.";
pub const MAIL_BUTTON: &str = "See your question and ask it";
pub const MAIL_WHY: &str = "You get this mail because your address was entered beside a question.";
