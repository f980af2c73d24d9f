//! Every sentence about what leaves for the networks. No rule, no query.

use std::fmt::Display;

// Hiding a post on its network
pub const POST_IS_GONE: &str = "This post is not here any more. Nothing was changed.";
pub const NOT_CONNECTED: &str =
    "The account that it was written to is not connected now. Ask the people who run this site.";

pub fn hides_only_others(network: &str) -> String {
    format!("{network} lets us hide the posts of others only, and not everywhere.")
}

pub const HIDE_IT: &str = "hide it there";
pub const SHOW_IT: &str = "show it there";
pub const HIDDEN: &str = "hidden";
pub const SHOWN_AGAIN: &str = "shown again";

pub fn is_done(verb: &str, network: &str) -> String {
    format!("It is {verb} on {network}.")
}

pub fn not_said(network: &str, verb: &str, why: &str, minutes: u64) -> String {
    format!("{network} has not said that it is {verb}. {why} Press again in {minutes} min.")
}

pub fn no_answer(verb: &str, network: &str, why: &str, there: &str) -> String {
    format!("It is not {verb}: {network} does not answer ({why}). Try again in a moment, or {there}.")
}

pub fn not_done(network: &str, why: &str) -> String {
    format!("{network} did not do it: {why}")
}

pub fn by_hand(network: &str, why: &str, there: &str) -> String {
    format!("{network} lets a person do this, but not its API: {why} Open it and {there}.")
}

pub fn no_access(verb: &str, network: &str, why: &str) -> String {
    format!("It is not {verb}: our access to {network} does not work ({why}). An administrator can mend it.")
}

pub fn perhaps(verb: &str, network: &str, why: &str) -> String {
    format!(
        "It may be {verb} or not: {network}'s answer was lost ({why}). Look at it there, or press again, which does no \
         harm."
    )
}

// Pictures that go along
pub fn no_pictures(network: &str) -> String {
    format!("Replies on {network} carry no pictures here: it keeps no description of one for people who do not see it.")
}

pub fn not_allowed_to_upload(account: impl Display) -> String {
    format!(
        "Our access to {account} does not let us upload pictures. An administrator can connect the account again and \
         allow it; texts go out as before."
    )
}

pub const PICTURE_TOO_LARGE: &str = "takes more than 5 MB even when it is made smaller. Choose a simpler one.";
pub const PICTURE_UNREADABLE: &str =
    "is not a picture that can be read. Choose a PNG, JPEG, WebP or GIF of at most 8,192 pixels a side.";
pub const WITHDRAWN_MEANWHILE: &str = "It was withdrawn while its pictures were uploaded.";
pub const STILL_WORKED_ON: &str = "The network still works on a picture. Nothing was posted yet.";
pub const PICTURE_IS_GONE: &str = "A picture of it is not stored here any more. Withdraw it and write it anew.";
pub const STOPPED_UPLOADING: &str = "Answerwell stopped while the pictures were uploaded. Nothing was posted.";

// What became of a delivery
pub const RESTORED: &str =
    "It stood in a backup that was brought back, and may have been sent after the backup was made.";

pub fn given_up(tries: impl Display, why: &str) -> String {
    format!("Given up after {tries} tries. {why}")
}

pub const STOPPED_SENDING: &str = "Answerwell stopped while it was being sent, so nobody knows whether it arrived.";
pub const ONE_TRIES: &str = "One delivery tries whether it is back.";
pub const ADDRESSEE_IS_GONE: &str = "The person it was for is not known here any more.";
