//! Facebook's errors by their numbers, each with what it means and our words for it: what happened, and what is to be done
//! by staff or an administrator. Pure data; what follows from it is said one level above.

use crate::networks::Mend;

/// One or two sentences for staff and administrators.
pub type Words = &'static str;

pub const WITHOUT_ID: Words = "Facebook answered, but without naming what it made. Nobody knows whether it was taken.";
pub const GONE: Words = "It is gone on Facebook, or hidden from us.";
pub const PARENT_GONE: Words = "The comment or post that it answers was deleted on Facebook, or is hidden from us.";
pub const NO_PERMISSION: Words = "Facebook does not permit this to our app. Connect the page again with every permission \
                              allowed; what lies beyond the people with a role on the app needs Advanced Access (App \
                              Review) in Meta's dashboard.";
pub const NO_HUMAN_AGENT: Words = "Meta has not approved our app for answers after 24 hours (Human Agent). Answer in the page's \
                               own inbox, and take that tick off the app's settings here until Meta approves it.";
pub const NO_MESSAGING: Words = "Facebook does not permit our app to send private messages for this page. Connect the page \
                             again, with pages_messaging allowed, by somebody who may answer its messages.";
pub const NO_HIDING: Words = "Facebook does not permit our app to hide this. Hide it on Facebook, or connect the page again with \
                          pages_manage_engagement and pages_manage_posts allowed.";
/// Also said before Facebook is asked, where it is known already.
pub const CLOSED: &str = "They wrote too long ago: Facebook lets an app answer for 24 hours, and people for seven days. \
                          Answer in the page's own inbox, or wait until they write again.";
pub const NOBODY: Words = "This person cannot be written to now: they take no messages from the page, or are gone.";
pub const TOO_LONG: Words = "Facebook says that the text is too long. Shorten it and send it anew.";
pub const NOT_IN_THIS_FORM: Words = "Facebook does not take it in this form. Change the words and send them anew.";
pub const WRONG_SECRET: Words = "Facebook does not take the proof that goes with each call: the App secret that is entered here \
                             is not (any more) the app's. Copy it anew from Meta's dashboard.";
pub const LIMIT_OF_OTHERS: Words = "One of Facebook's limits is used up for now. It goes on by itself.";
pub const ERROR_OF_FACEBOOK: Words = "Facebook had an error of its own.";
pub const GATE: Words =
    "Something between us and Facebook turned this away before Facebook saw it. It is tried again by itself.";
pub const NOT_FACEBOOK: Words = "What answered was not Facebook's API.";
pub const REDIRECTED: Words = "Something between us and Facebook sent us elsewhere, where no access of ours may go.";
pub const REFUSED: Words = "Facebook refuses it.";
pub const TOKEN: Words = "Facebook does not take our access to the page any more. Connect the page again.";
pub const NO_TOKEN: Words = "Facebook saw no access in our call. Connect the page again.";

/// The kinds of errors, before it is known how long a wait is.
#[derive(Clone, Copy)]
pub enum Kind {
    Passing,
    Throttled,
    Blocked,
    Broken(Mend),
    NotPermitted,
    Token,
    Gone,
    ByHand,
    MaybeDone,
    Refused,
}

/// Facebook's errors by code and subcode, each with what it means and our words for it. Without a subcode: whatever the
/// subcode is.
pub const KNOWN: [(i64, Option<i64>, Kind, Words); 45] = [
    (1, None, Kind::Passing, ERROR_OF_FACEBOOK),
    (2, None, Kind::Passing, "Facebook is out of order for a moment."),
    (
        3,
        None,
        Kind::NotPermitted,
        "Our app lacks a capability for this. Look at its products and permissions in Meta's dashboard.",
    ),
    (
        4,
        None,
        Kind::Throttled,
        "The limit of all calls of our app is used up for now. It goes on by itself when Facebook allows it again.",
    ),
    (10, None, Kind::NotPermitted, NO_PERMISSION),
    (12, None, Kind::Refused, "Facebook has taken this call out of its API. Look for a newer release of this program."),
    (
        15,
        None,
        Kind::Broken(Mend::EnterKeys),
        "Facebook wants our app's own access for this. Enter App ID and App secret again.",
    ),
    (
        17,
        None,
        Kind::Throttled,
        "The limit of calls for the person who connected the page is used up for now. It goes on by itself when Facebook allows it again.",
    ),
    (
        32,
        None,
        Kind::Throttled,
        "The limit of calls for this page is used up for now. It goes on by itself when Facebook allows it again.",
    ),
    (100, Some(33), Kind::Gone, GONE),
    (100, Some(2_018_001), Kind::Refused, NOBODY),
    (100, None, Kind::Refused, NOT_IN_THIS_FORM),
    (
        101,
        None,
        Kind::Broken(Mend::EnterKeys),
        "Facebook does not know our app. Look at the App ID in the app's settings here.",
    ),
    (102, None, Kind::Token, TOKEN),
    (104, None, Kind::Token, NO_TOKEN),
    (
        190,
        Some(458),
        Kind::Token,
        "The person who connected the page has removed our app on Facebook. Connect the page again.",
    ),
    (
        190,
        Some(459),
        Kind::Broken(Mend::Connect),
        "Facebook wants the person who connected the page to sign in at facebook.com and do what it asks there. Then check the channel again.",
    ),
    (
        190,
        Some(460),
        Kind::Token,
        "The person who connected the page has changed their password on Facebook, which ends our access. Connect the page again.",
    ),
    (190, Some(463), Kind::Token, "Our access to the page has expired. Connect the page again."),
    (
        190,
        Some(464),
        Kind::Broken(Mend::Connect),
        "Facebook wants the person who connected the page to confirm their account at facebook.com. Then check the channel again.",
    ),
    (
        190,
        Some(467),
        Kind::Token,
        "Our access to the page was ended: whoever connected it has signed out everywhere. Connect the page again.",
    ),
    (
        190,
        Some(490),
        Kind::Broken(Mend::Connect),
        "Facebook wants the person who connected the page to pass a security check at facebook.com. Then check the channel again.",
    ),
    (
        190,
        Some(492),
        Kind::Token,
        "The person who connected the page has no role on it any more. Connect it again, as somebody who has one.",
    ),
    (
        190,
        Some(493),
        Kind::Token,
        "Nobody used our app for 90 days, so Facebook ended its access. Connect the page again.",
    ),
    (190, None, Kind::Token, TOKEN),
    (
        341,
        None,
        Kind::Throttled,
        "The limit for what our app may post is used up for now. It goes on by itself when Facebook allows it again.",
    ),
    (
        368,
        None,
        Kind::Blocked,
        "Facebook has blocked this for a while: it takes what the page writes for too much, or against its rules. It is tried again in some hours; look at the page's quality on Facebook before more is sent.",
    ),
    (506, None, Kind::MaybeDone, "Facebook says that it has these words from us already."),
    (551, None, Kind::Refused, NOBODY),
    (
        613,
        None,
        Kind::Throttled,
        "The limit for calls of this kind is used up for now. It goes on by itself when Facebook allows it again.",
    ),
    (803, None, Kind::Gone, GONE),
    (
        2_500,
        None,
        Kind::Refused,
        "This version of Facebook's API does not know the call. Look at the version in the configuration.",
    ),
    (
        10_900,
        None,
        Kind::Refused,
        "It was answered privately before, which Facebook allows once. The talk goes on if they write back.",
    ),
    (10_901, None, Kind::Refused, PARENT_GONE),
    (
        10_902,
        None,
        Kind::Refused,
        "It is more than seven days old: Facebook allows no private answer any more. Answer it in public.",
    ),
    (
        10_903,
        None,
        Kind::Refused,
        "Its author takes no private answer: it is a page, or somebody who takes no messages. Answer in public.",
    ),
    (
        80_001,
        None,
        Kind::Throttled,
        "The page's limit of calls, which grows with the people who engage with it, is used up for now. It goes on by itself when Facebook allows it again.",
    ),
    (
        80_002,
        None,
        Kind::Throttled,
        "The limit of calls for the page's Instagram account is used up for now. It goes on by itself when Facebook allows it again.",
    ),
    (
        80_006,
        None,
        Kind::Throttled,
        "Messenger's limit of calls for this page is used up for now. It goes on by itself when Facebook allows it again.",
    ),
    (
        1_609_005,
        None,
        Kind::Refused,
        "Facebook could not look at the link in the text. Take the link out, or try another, and send it anew.",
    ),
    // The window of private messages has numbers of its own below several codes.
    (10, Some(2_018_278), Kind::ByHand, CLOSED),
    (10, Some(2_018_109), Kind::ByHand, CLOSED),
    (100, Some(2_018_278), Kind::ByHand, CLOSED),
    (551, Some(2_018_109), Kind::ByHand, CLOSED),
    (551, Some(2_018_278), Kind::ByHand, CLOSED),
];
