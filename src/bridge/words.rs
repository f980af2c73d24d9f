//! Every sentence that this slice says to people. No rule, no query.

use std::fmt::Display;

// What stands for a picture without a description
pub const A_STILL: &str = "Still of a video";

pub fn picture_of_somebody(what: &str, by: impl Display) -> String {
    format!("{what} in {by}'s post, without a description")
}

pub fn picture_of_this_post(what: &str) -> String {
    format!("{what} in this post, without a description")
}

pub fn pictures_and_videos(pictures: &str, videos: &str) -> String {
    format!("{pictures} and {videos}")
}

// How a delivery goes on
pub fn leaves_in(seconds: impl Display) -> String {
    format!("Leaves in {seconds} s")
}

pub const WAITS_FOR_ACCESS: &str = "It waits until an administrator has mended the access of our account.";

pub fn tried_again_at(time: &str) -> String {
    format!("It is tried again at {time}.")
}

pub const TRIED_AGAIN_SOON: &str = "It is tried again as soon as its turn comes.";
pub const DELAYED: &str = "About to be sent";
pub const QUEUED: &str = "Waiting to be sent";
pub const UNCERTAIN: &str = "Not sure it arrived";
pub const BY_HAND: &str = "To be posted by hand";

// What cannot be opened
pub fn keys_of_our_app(network: &str, error: impl Display) -> String {
    format!("the keys of our app on {network}: {error}")
}

pub fn access_to(handle: &str, network: &str, error: impl Display) -> String {
    format!("the access to {handle} on {network}: {error}")
}

// What is paid for, and the ceilings
pub const X_EVENTS: &str = "Posts that X sent us at once";
pub const OWN_POSTS: &str = "Mentions and own posts read";
pub const OTHER_POSTS: &str = "Other posts read";
pub const PEOPLE_LOOKED_UP: &str = "People looked up";
pub const REPLIES_WITH_A_LINK: &str = "Replies with a link posted";
pub const MESSAGES_RECEIVED: &str = "Private messages received";
pub const MESSAGES_SENT: &str = "Private messages sent";
pub const NO_CEILING: &str = "Write the ceiling in US dollars, as in 50 or 12.50; leave it empty for none.";
pub const CEILING_TOO_HIGH: &str = "That is more than a million dollars a month. Write a smaller ceiling, or none.";

// Brand searches
pub const NO_ACCOUNT_THERE: &str = "No account of ours is connected there now. Ask the people who run this site.";
pub const CEILING_STOPS_SEARCHES: &str =
    "This month's ceiling is used up, so nothing more may be searched. An administrator can raise it.";

pub fn search_again_in(network: &str, minutes: u64) -> String {
    format!("{network} lets us search no more for now. It does again in {minutes} min; what you wrote can wait here.")
}

pub fn not_asked(network: &str, why: &str) -> String {
    format!("{network} could not be asked: {why}. Try again in a moment.")
}

pub const CEILING_USED_UP: &str = "This month's ceiling is used up.";

pub fn no_more_searches(network: &str) -> String {
    format!("{network} lets us search no more for a while.")
}

pub fn search_not_taken(network: &str, why: &str) -> String {
    format!("{network} does not take this search: {why}")
}

pub fn not_searched(network: &str, why: &str) -> String {
    format!("{network} could not be searched: {why}")
}

pub fn read_from_its_beginning(network: &str, why: &str) -> String {
    format!("{network} did not show all of a long result, which is read again from its beginning: {why}")
}

pub fn some_may_be_missing(network: &str, why: &str) -> String {
    format!("{network} did not show all of a long result, and some posts may be missing: {why}")
}

// What is wrong with an account, and what waits for it
pub fn credits_used_up(account: &str, network: &str) -> String {
    format!("The credits for {account} at {network} are used up")
}

pub fn no_access(account: &str, network: &str) -> String {
    format!("{account} on {network} has no access")
}

pub fn private_messages(messages: i64) -> String {
    format!("{messages} private messages")
}

pub const ONE_MESSAGE_WAITS: &str = "; 1 private message waits";

pub fn both_wait(replies: &str, messages: &str) -> String {
    format!("; {replies} and {messages} wait")
}
