//! Every sentence about verifying an answer. No rule, no query.

// What is wrong with the form
pub const VERSION_WITHOUT_PRODUCT: &str = "A version alone says nothing. Name its product, or empty the version.";
pub const SHORT_FORM: &str = "The short form";
pub const DAY_HAS_PASSED: &str = "That day has begun or passed. Choose a later one, or leave the field empty.";
pub const NO_DAY: &str = "This is no day. Write it as 2027-01-31, or leave the field empty.";

pub fn link_leads_nowhere(link: &str) -> String {
    format!(
        "The link {link} in the evidence leads nowhere. Copy it from the address bar, so that it begins with https://, or \
         say it in words."
    )
}

// What happened meanwhile
pub fn vouched_meanwhile(who: &str) -> String {
    format!("{who} vouched for it meanwhile. Now a second person confirms or refuses.")
}

pub const ANSWER_CHANGED: &str = "The answer changed since you opened this page. Read it again, then verify it.";
pub const TARGET_CHANGED: &str = "The post that your reply goes to is another one now. Read it, then send.";
pub const SENT_MEANWHILE: &str =
    "Something was sent in this thread since you opened this page. See what it says, then decide.";

pub fn already_verified(who: &str, day: &str) -> String {
    format!(
        "{who} verified this answer on {day}. One verification stands at a time: withdraw that one first if yours is \
         to take its place."
    )
}

pub const REFUSED_OR_CHANGED: &str =
    "The answer was changed, verified or refused since you opened this page. Read it as it is now.";
pub const PICTURE_NOT_KEPT: &str =
    "A picture that was to go along is not kept any more. Refuse it, then verify the answer anew.";

// What the buttons and the page are called
pub const HAND_IN: &str = "Hand in for approval";
pub const VOUCH: &str = "Vouch for it and ask for a second person";

pub fn verify_and_send(to: &str) -> String {
    format!("Verify and send to {to}")
}

pub const VERIFY_AND_POST: &str = "Verify and post by hand";

pub fn and_ticked(to: &str) -> String {
    format!("{to} and whoever is ticked")
}

pub fn confirm_and_send(to: &str) -> String {
    format!("Confirm and send to {to}")
}

pub const CONFIRM_AND_POST: &str = "Confirm and post by hand";
pub const VERIFIED_ANSWER: &str = "A verified answer";
pub const SECOND_PERSON: &str = "A second person";
pub const CHECK_AGAIN: &str = "Check an answer again";
