//! Every sentence about what arrives from the networks. No rule, no query.

use std::fmt::Display;

// What stands for a post, or for its words
pub const NO_WORDS: &str = "(This post has no words.)";
pub const A_POST_WITHOUT_WORDS: &str = "A post without words";

pub fn a_post_by(who: impl Display) -> String {
    format!("A post by {who}")
}

pub const TITLE_UNDER_REVIEW: &str = "An edited post waits for review";
pub const UNDER_REVIEW: &str = "(Edited by its author. The new words wait for review; see the original.)";
pub const TITLE_HIDDEN: &str = "A post that was hidden";
pub const HIDDEN: &str = "(Hidden where it was posted. Staff decide whether it is shown here.)";

// Why a post is not shown
pub const DELETED: &str = "deleted by its author";
pub const DELETED_BEFORE: &str = "deleted before it arrived";
pub const GONE: &str = "deleted on the network, or not public there any more";
pub const REMOVED_AT_REQUEST: &str = "removed at its author's request";

pub fn refused_after(what: &str) -> String {
    format!("refused by staff after it was {what}")
}

pub const REFUSED: &str = "refused by staff";
pub const REFUSED_WITH_THE_POST_ABOVE: &str = "refused with the post above it";
pub const THREAD_REMOVED: &str = "its thread was removed";
pub const OUTSIDE_OF_ANY_THREAD: &str = "our own post outside of any thread";

// Asking for a removal
pub const HOW_TO_REACH_YOU: &str = "How we can reach you";

// What the network is told that calls us
pub fn no_challenge(network: &str) -> String {
    format!("This address answers {network}'s challenge: what it asks with is missing, or is none.")
}

pub const WRONG_VERIFY_TOKEN: &str = "The verify token is not the one of this site.";
pub const WRONG_SIGNATURE: &str = "The signature does not fit the body and our secret.";

pub fn body_unreadable(why: impl Display) -> String {
    format!("The body is signed, but it cannot be read: {why}. Nothing was stored.")
}

// Why reading does not go on
pub const CEILING_REACHED: &str = "this month's ceiling for what we read is reached";
pub const SAME_POSTS_AGAIN: &str = "it shows the same posts again";
pub const ONLY_NEWEST_AND_SEARCH: &str = "shows only the newest 800, and its search reaches back seven days";
pub const ONLY_NEWEST: &str = "shows only the newest 800";
pub const SAME_MESSAGES_AGAIN: &str = "the network shows the same private messages again";
pub const PAGES_WITHOUT_MESSAGES: &str = "the network shows one page without private messages after the other";
pub const NOT_CONNECTED: &str = "its channel is not connected now";
pub const WAITS_FOR_A_SEND: &str = "it waits for a send of ours";

pub fn database_refuses(error: impl Display) -> String {
    format!("the database refuses it: {error}")
}
