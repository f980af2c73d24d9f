//! Every sentence that this slice says to people. No rule, no query.

use super::MOST_SEARCHES;

pub const NOT_YOURSELF: &str = "You cannot follow yourself.";

// Following a search
pub const NO_SEARCH: &str =
    "There is nothing to look for in this, or more than can be followed. Search for a few words.";
pub const NEVER_NEW: &str = "No new question fits this search: nobody answered it yet, and it is asked today. Take the filter \
     for answers or for the date off.";
pub fn enough_searches() -> String {
    format!(
        "You follow {MOST_SEARCHES} searches, and more cannot be followed. Stop following one on the page of what you follow, \
         under Notices."
    )
}

// What the button says, and what following brings
pub const FOLLOW_QUESTION: &str = "Follow this question";
pub const FOLLOW_TAG: &str = "Follow this tag";
pub const FOLLOW_TOPIC: &str = "Follow this topic";
pub const FOLLOW_SEARCH: &str = "Follow this search";
pub const FOLLOWERS_OF_A_QUESTION: &str = "Followers are told of every answer and comment.";
pub const FOLLOWERS_OF_A_LIST: &str = "Followers are told of every new question.";
pub const FOLLOWERS_OF_A_SEARCH: &str =
    "Followers are told of every new question that holds all its words that say something.";
pub const FOLLOWERS_OF_A_MEMBER: &str = "Followers are told of what they ask and answer.";
