//! Every sentence that this slice says to people. No rule, no query.

pub const NOT_YOURSELF: &str = "You cannot follow yourself.";

// What the button says, and what following brings
pub const FOLLOW_QUESTION: &str = "Follow this question";
pub const FOLLOW_TAG: &str = "Follow this tag";
pub const FOLLOW_TOPIC: &str = "Follow this topic";
pub const FOLLOWERS_OF_A_QUESTION: &str = "Followers are told of every answer and comment.";
pub const FOLLOWERS_OF_A_LIST: &str = "Followers are told of every new question.";
pub const FOLLOWERS_OF_A_MEMBER: &str = "Followers are told of what they ask and answer.";
