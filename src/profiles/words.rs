//! Every sentence that this slice says to people. No rule, no query.

pub const CHANGED_MEANWHILE: &str =
    "Your profile was changed in another window meanwhile. This is what you wrote here: save again to take it.";
pub const WHAT_YOU_SAY: &str = "What you say of yourself";
pub const NO_PHOTO: &str = "is missing. Choose one first.";

pub fn the_photo(why: &str) -> String {
    format!("The photo {why}")
}
