//! Every sentence that this slice says to people. No rule, no query.

pub const NO_LONGER_STAFF: &str = "You are not staff any more. What was done so far stays as it is.";
pub const NO_LABEL: &str = "There is no such label. Go back and choose one of the list.";
pub const NO_LABEL_FOR_YOURSELF: &str = "This is you. Ask a colleague to give you a label.";
pub const NO_SUCH_TOPIC: &str = "There is no such topic any more. Choose one from the list, or none.";

// Hiding and showing again
pub const YOU_WROTE_THIS: &str = "You wrote this yourself. A colleague can show it again.";
pub const THESE_ARE_YOURS: &str = "These are your own posts. A colleague can show them again.";
pub const NO_DAY: &str = "This is no day. Write it as 2027-01-31, or leave the field empty for all.";

pub fn go_back(problem: &str) -> String {
    format!("{problem} Go back and change it. Nothing was changed.")
}

// What waits for staff
pub const YOU_WROTE_WHAT_WAITS: &str = "You wrote this yourself, so a colleague decides about it.";
pub const THREAD_NOT_SHOWN: &str =
    "Its thread is not shown any more. Show that again first, or do not let this through.";
pub const NOT_HELD: &str = "It is not held any more. Nothing was changed.";

// Who reads a thread
pub const ON_A_NETWORK: &str = "It was asked on a network, where everybody reads it. Hide it instead.";
pub const HAS_A_VERIFICATION: &str = "Staff vouch for an answer in it, in public. Withdraw the verification first.";
pub const HAS_PARTS: &str =
    "Other questions are part of it, or came out of it. Take the merge or the split back first.";

// Warning and stopping people
pub const NOT_YOURSELF: &str = "This is you. Nobody decides about themselves.";
pub const STAFF_DECIDE: &str = "Staff decide about members. Tell a colleague.";
pub const COLLEAGUE: &str = "This is a colleague. Only an administrator can do this.";
pub const LAST_ADMINISTRATOR: &str =
    "This is the only administrator who can still do anything. Make somebody else one first.";
pub const DAY_HAS_PASSED: &str = "That day has passed. Choose today or a later one.";
pub const NO_LAST_DAY: &str = "The last day is missing. Write it as 2027-01-31.";

pub fn somebody_on(network: &str) -> String {
    format!("Somebody on {network}")
}

pub fn stopped_until(day: &str) -> String {
    format!("Stopped from writing until {day}")
}

pub const STOPPED: &str = "Stopped from writing";
pub const WRITES_AGAIN: &str = "Let write again";

// Reporting a post
pub const YOU_WROTE_IT: &str = "You wrote this yourself. Ask our staff where you want it changed or taken away.";
pub const NOTHING_TO_REPORT: &str = "This post is not shown to anybody but you and our staff.";
pub const REPORTED_AND_HIDDEN: &str = "Our staff hid this post. Thank you for telling us.";
pub const CHOOSE_WHAT_IS_WRONG: &str = "Say what is wrong with it: choose one of these.";
pub const WHAT_IS_WRONG: &str = "What is wrong with it";
pub const WHAT_YOU_ADD: &str = "What you want to add";

// What a report says
pub const SPAM: &str = "Spam: it advertises, or has nothing to do with this";
pub const RUDE: &str = "Rude: it insults or threatens somebody";
pub const PERSONAL: &str = "Personal data: it shows a name, an address, a number that is nobody's business";
pub const WRONG: &str = "Wrong: what it says does not work, or does harm";
pub const OUTDATED: &str = "Outdated: it was right once, and is no more";
