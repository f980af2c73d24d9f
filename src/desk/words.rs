//! Every sentence that this slice says to people. No rule, no query.

use std::fmt::Display;

// The desk itself
pub const NOT_CONNECTED: &str =
    "The account that they wrote to is not connected now. Ask the people who run this site.";

// Replies that leave
pub fn cannot_go(name: &str, network: &str) -> String {
    format!(
        "{name} cannot go to {network}: No account of ours is connected to it now. Ask the people who run this site."
    )
}

pub fn still_holds(name: &str, open: &str) -> String {
    format!(
        "{name} still holds {open}. Nothing stood for it where you inserted the macro. Write it yourself, or take it out."
    )
}

pub fn nothing_to_post(name: &str, network: &str) -> String {
    format!("{name} is missing. Write what is to be posted on {network}.")
}

pub fn too_long(name: &str, length: usize, network: &str, most: usize, over: usize) -> String {
    format!("{name} counts {length} characters on {network}; {most} are allowed. Shorten it by {over}.")
}

pub const WROTE_AGAIN: &str = "The asker wrote again since you opened this page. Read it, then send.";
pub const SENT_MEANWHILE: &str =
    "Something was sent in this thread since you opened it. See what it says, then decide.";
pub const TARGET_CHANGED: &str = "The post that your message answers is another one now. Read it, then send.";
pub const ASKED_HERE: &str = "This question was asked here, not on a network. Write a comment in the thread.";

pub fn somebody_wrote(what: &str) -> String {
    format!("Somebody wrote {what} in this thread since you opened it. Read it, then send.")
}

pub fn claimed_by(holder: &str) -> String {
    format!("{holder} has claimed this. Nothing was sent, and your words are kept: talk to them, or take over.")
}

pub const OTHERS_CHANGED: &str = "One of the others who asked wrote again, or is no part of this thread any more. Look \
     at who receives it, then send.";
pub const TAKEN_BACK: &str = "Taken back before it left.";
pub const NO_ADDRESS_OF_A_POST: &str = "The link must be the address of the post as the network's own page has it, \
     such as https://x.com/acme/status/123. Go back and correct it, or leave it empty. Nothing was changed.";

pub fn no_network(name: &str) -> String {
    format!("There is no network {name:?} to count for.")
}

pub const ANSWER_WITHDRAWN: &str =
    "Staff do not stand by the answer that you took any more. Take another one, or write your own words.";

// Pictures that go along
pub fn picture_not_kept(number: usize) -> String {
    format!("Picture {number} is not kept any more. Choose the file again.")
}

pub fn picture_too_large(number: usize) -> String {
    format!("The file of picture {number} is larger than 10 MB. Choose a smaller one.")
}

pub fn picture_of(number: usize, why: &str) -> String {
    format!("The file of picture {number} {why}")
}

pub fn description_of(number: usize) -> String {
    format!("The description of picture {number}")
}

pub fn description_without_file(number: usize) -> String {
    format!("Picture {number} has a description, but no file. Choose the file, or empty the description.")
}

// Drafts
pub const A_MESSAGE_TO_THE_ASKER: &str = "A message to the asker";
pub const DRAFT_IS_GONE: &str = "This draft is not here any more: it was sent, or its writer threw it away.";
pub const YOU_DRAFTED_THIS: &str =
    "You drafted this yourself. Take it back on its page; a colleague returns or sends it.";
pub const DRAFT_DOES_NOT_WAIT: &str = "This draft does not wait any more: it was sent, returned or taken back.";
pub const NO_APPROVAL_NEEDED: &str = "You need nobody's approval: send it yourself.";
pub const YOUR_MESSAGE_TO_THE_ASKER: &str = "a message to the asker";
pub const HANDED_IN: &str = "You handed this in for approval, and nobody approves their own draft. A colleague sends \
     it, or you take it back first.";
pub const NO_LONGER_HANDED_IN: &str = "The draft does not wait for approval any more: its writer took it back, or a \
     colleague was faster. What you see here is still what would be sent.";
pub const YOUR_OWN_DRAFT: &str =
    "You drafted this yourself, and nobody approves their own draft. A colleague sends it.";

// Macros and notes
pub const NO_MACRO_CHOSEN: &str = "Choose a macro first, then insert it.";
pub const MACRO_DELETED: &str = "A colleague deleted that macro meanwhile. Choose another one.";
pub const NOTE_IS_GONE: &str = "This note is not here any more, or a colleague wrote it.";

// Merging
pub const NO_THREAD: &str = "This is no thread. Paste the address of the other question, or write its number.";

pub fn nothing_changed(why: impl Display) -> String {
    format!("{why} Nothing was changed.")
}

// Results and releases
pub const ANSWER_REMOVED: &str = "the answer was removed";
pub const VERSION_ENTERED_BEFORE: &str = "This version of the product was entered before. See the list below.";
pub const NO_VERDICT: &str = "Say whether it worked, is still broken, or neither.";
pub const DID_NOT_HELP: &str = "it did not help somebody who asked";

// Brand searches
pub const FINDS_NOTHING: &str = "Finds nothing now";
pub const NOTHING_FOUND_YET: &str = "nothing found yet";

pub fn posts_found(posts: i64) -> String {
    format!("{posts} posts found")
}

pub const NOT_CONNECTED_ACCOUNT: &str = "an account that is not connected now";
pub const EDIT_A_SEARCH: &str = "Edit a brand search";
pub const NEW_SEARCH: &str = "New brand search";

// Private conversations
pub const FOR_STAFF: &str = "Private conversations are for staff.";
pub const PRIVATE_TIME_IS_OVER: &str = "The time for a private word about this post is over. Answer it in public.";

pub fn they_read_it(most: &str) -> String {
    format!("Only they and our staff can read it. Up to {most} characters.")
}

pub fn only_they_read_it(they: &str, most: &str) -> String {
    format!("Only {they} and our staff can read it. Up to {most} characters.")
}

pub const SOMETHING_WRITTEN: &str = "Something was written here since you opened the page. Read it, then send.";
pub const COLLEAGUE_WAS_FASTER: &str = "A colleague was faster, and nothing more may be written here now.";

pub fn once_only(network: &str) -> String {
    format!("{network} lets us write once to the author of a post. They must answer before you can go on.")
}

pub fn allowed_until(network: &str, time: &str) -> String {
    format!("{network} allowed a private word about this post until {time}. Answer it in public.")
}

pub fn closed_since(network: &str, time: &str) -> String {
    format!("{network} lets nobody here write into this conversation since {time}: they must write to us first.")
}

pub fn not_before_they_wrote(network: &str) -> String {
    format!("{network} lets nobody here write to them before they have written to us.")
}
