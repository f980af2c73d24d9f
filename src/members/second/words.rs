//! Every sentence about the second step of signing in. No rule, no query.

pub const CONFIRM_FIRST: &str = "Confirm your e-mail address first: the page of your account says how.";
pub const CODE_MISSING: &str = "The code is missing. Your phone shows six digits; a recovery code is good, too.";
pub const CODE_WRONG: &str = "This is not the code, or it was used already. Wait for the next one, and look whether \
     the clock of your phone is right.";

pub fn too_many_codes(wait: &str) -> String {
    format!("Too many codes in a row. Try again in {wait}; what you typed was not looked at.")
}

pub const CODE_OF_THE_PHONE_WRONG: &str = "This is not the code that your phone should show. Take the picture in \
     again, and look whether the clock of your phone is right.";
