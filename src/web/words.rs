//! Every sentence that this slice says to people. No rule, no query.

use std::fmt::Display;

// The titles of the pages that say what went wrong, and what to do then
pub const NOT_FOUND: &str = "There is no such page";
pub const NOT_FOUND_ADVICE: &str = "The address may be mistyped, or the page may have moved. Search for it, or ask.";
pub const GONE: &str = "This is not here any more";
pub const FORBIDDEN: &str = "You cannot do this";
pub const BAD_REQUEST: &str = "That could not be read";
pub const SIGN_IN: &str = "Please sign in";
pub const SIGN_IN_ADVICE: &str = "Your session is over, or you have not signed in yet.";
pub const TOO_LARGE: &str = "That is too long";
pub const METHOD: &str = "That address takes no such request";
pub const METHOD_ADVICE: &str = "Go back and use the buttons of the page.";
pub const BUSY: &str = "Very busy just now";
pub const BUSY_ADVICE: &str = "Nothing was changed. Wait a moment and send it again.";
pub const INTERNAL: &str = "Something broke on our side";
pub const INTERNAL_ADVICE: &str =
    "Nothing was changed. Try again in a minute; if it stays, tell the people who run this site.";

// Requests that cannot be taken
pub const FROM_ANOTHER_SITE: &str =
    "This form was sent from another site, or from another address of this one. Open the page here and send it again.";
pub const SHORTEN_IT: &str = "Shorten it and send it again.";

pub const NOT_RIGHT: &str = "The address or the form is not right: something in it is missing, or is not what was asked for. Go \
     back, reload the page, and try again.";

pub const NO_FORM: &str = "Send this as a form, from the page that holds it.";

pub fn unreadable_form(error: impl Display) -> String {
    format!("The form could not be read ({error}). Go back, reload the page, and send it again.")
}

pub const TOO_MUCH_AT_ONCE: &str = "At most 1 MB can be sent at once. Shorten it and send it again.";

pub fn broke_off(error: impl Display) -> String {
    format!("The request broke off ({error}). Send it again.")
}

pub const TOO_MUCH_TEXT: &str = "At most 1 MB of text can be sent at once.";
pub const TOO_MANY_FILES: &str = "At most 100 MB can be sent at once.";

pub fn choose_less(what: &str) -> String {
    format!("{what} Go back, choose less, and send it again.")
}

// The fields of a form
pub fn missing(name: &str) -> String {
    format!("{name} is missing. Write it here.")
}

pub fn too_long(name: &str, length: usize, most: usize, over: usize) -> String {
    format!("{name} has {length} characters; {most} are allowed. Shorten it by {over}.")
}

// What was kept of a form
pub const TITLE: &str = "What goes wrong, and with what?";
pub const BODY_OF_A_QUESTION: &str = "What happens?";
pub const BODY: &str = "What you wrote";
pub const PRIVATE: &str = "Only the staff see this question";
pub const TAGS: &str = "Tags";
pub const FIELD_OF_A_TOPIC: &str = "More about it";
pub const REASON: &str = "Why";

/// What stands beside a kept field, by the address and the name that it was posted with; `None`: its name says it.
pub fn label_of(path: &str, name: &str) -> Option<&'static str> {
    let asks = path == "/ask" || path.starts_with("/ask/");
    match name {
        "title" if asks || path.starts_with("/questions/") => Some(TITLE),
        "body" if asks => Some(BODY_OF_A_QUESTION),
        "body" => Some(BODY),
        "private" => Some(PRIVATE),
        "tags" => Some(TAGS),
        "reason" => Some(REASON),
        name if name.starts_with("field_") => Some(FIELD_OF_A_TOPIC),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_called_as_the_form_called_it() {
        assert_eq!(label_of("/ask", "body"), Some("What happens?"));
        assert_eq!(label_of("/questions/7/answers", "body"), Some("What you wrote"));
        assert_eq!(label_of("/questions/7/edit", "title"), Some("What goes wrong, and with what?"));
        assert_eq!(label_of("/admin/people/3", "title"), None);
        assert_eq!(label_of("/ask", "field_12"), Some("More about it"));
        assert_eq!(label_of("/ask", "email"), None);
    }
}
