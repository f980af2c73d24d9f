//! Every sentence about the queue. No rule, no query.

pub const NOTHING_CHOSEN: &str = "Nothing was chosen. Go back and tick what you mean.";
pub const NOT_IN_THE_QUEUE: &str = "This names something that is not in the queue. Go back and reload it.";
pub const NO_TIME: &str = "Choose until when: an hour, tomorrow, Monday, or a day that is still to come.";
pub const NOBODY_CHOSEN: &str = "Choose to whom it goes.";
pub const ASK_STAFF: &str = "Your account drafts replies. Ask staff to do this.";
pub const OPEN_IT_FIRST: &str = "Open a private conversation or a held post to decide about it.";
pub const NO_SUCH_PERSON: &str = "Nobody with this name may work on it. Go back, reload, and choose somebody else.";
pub const SOMETHING_NEW: &str = "there is something new";
pub const KEPT_APART: &str = "Noted: these two are not the same question. It is not suggested again.";
pub const SOMEBODY_FASTER: &str = "somebody was faster";

pub fn as_before(things: &str, why: &str) -> String {
    format!("{things} as before, since {why}. Look at it again.")
}

pub fn partly_done(things: &str, verb: &str, late: usize, why: &str) -> String {
    format!("{things} {verb}. With {late}, {why}: look at it again.")
}

pub const NO_NAME_OF_A_VIEW: &str = "Give the view a name of at most 60 characters. Go back and write it.";
pub const THREAD_NOT_SHOWN: &str = "A thread that is not shown any more";
pub const PRIVATE_CONVERSATION: &str = "A private conversation";
pub const QUESTION_OF_A_NEW_MEMBER: &str = "A question of a new member";
