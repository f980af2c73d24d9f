//! What staff and administrators read about Facebook, but for its errors (`outcome/known.rs`). No rule, no query.

// What the network is called, and what it can
pub const LABEL: &str = "Facebook";
pub const BY_HAND: &str =
    "Facebook lets its API answer only on our own page, and where the page was named. Write it on Facebook.";
pub const NO_SEARCH: &str = "Facebook has no search that an app may use.";
pub const NO_PICTURES: &str = "Facebook's comments carry no description of a picture, so none is sent with them.";

// The keys of the app
pub const AN_ACCOUNT: &str = "a Facebook Page";
pub const CONSOLE: &str = "Meta's dashboard";
pub const ASKS: &str = "which of your Pages we may use, whether we may read what people write on them and send to \
     them, and answer in their name";
pub const MUST_HAVE: &str = "that the app is Live, that it has Facebook Login for Business, Webhooks and Messenger, \
     and that its Valid OAuth Redirect URIs name the callback address";
pub const TAKE_AWAY: &str = "Facebook's settings, under Business Integrations";
pub const LATE_ANSWERS: &str = "Meta has approved the feature Human Agent for this app";
pub const LATE_ANSWERS_HINT: &str = "Staff may then answer a private message for 7 days instead of 24 hours.";
pub const APP_ID: &str = "App ID";
pub const APP_ID_HINT: &str = "A number, at the top of the app's page in Meta's dashboard.";
pub const APP_SECRET: &str = "App secret";
pub const APP_SECRET_HINT: &str =
    "In Meta's dashboard under App settings, Basic. It proves our calls and signs Facebook's events.";

pub fn unknown_app(said: &str) -> String {
    format!("Facebook knows no app with this ID. It says: “{said}”")
}

pub fn wrong_secret(said: &str) -> String {
    format!("This is not the secret of this app. Facebook says: “{said}”")
}

pub fn hook_cannot_be_called(hook: &str) -> String {
    format!(
        "Facebook calls only https addresses with a name, and this site's address makes it {hook}. Put a proxy with \
         a certificate before this site and set its public address accordingly. Until then questions are found by \
         reading the page."
    )
}

// Connecting a page, and what stops without each permission
pub const WITHOUT_THE_LIST: &str = "the page cannot be chosen when it is connected";
pub const WITHOUT_READING: &str = "nothing on the page can be read";
pub const WITHOUT_READING_OTHERS: &str = "what people write on the page is not seen, so no question arrives";
pub const WITHOUT_ANSWERING: &str = "no answer can be posted, and no comment hidden";
pub const WITHOUT_EVENTS: &str = "Facebook sends no events, so questions arrive late";
pub const WITHOUT_HIDING: &str = "visitors' own posts cannot be hidden";
pub const WITHOUT_MESSAGES: &str = "private messages are neither read nor answered";
pub const WITHOUT_PORTFOLIOS: &str = "pages that belong to a business portfolio cannot be chosen";

pub fn no_access_given(name: &str) -> String {
    format!(
        "Facebook gives no access to {name}. Give yourself full control of it in Meta Business Suite, then connect \
         again."
    )
}

pub const WRITE_AND_MODERATE: &str = "write and moderate (the tasks Content and Community activity)";
pub const ANSWER_MESSAGES: &str = "answer its private messages (the task Messages)";
pub const WRITE_MODERATE_AND_ANSWER: &str =
    "write, moderate or answer its private messages (the tasks Content, Community activity and Messages)";

pub fn you_may_not(lacking: &str, name: &str) -> String {
    format!(
        "You may not {lacking} on {name}. Ask somebody with full control of the page to give you that in its \
         settings (Page access), then connect again."
    )
}

pub fn without_a_token(status: u16) -> String {
    format!("it answered {status} without a token")
}

pub const RENEWS_NONE: &str = "it renews no access. Connect the page again.";

// How the connection is
pub const KEYS_ARE_GOOD: &str = "Facebook knows the app and its secret.";
pub const WRONG_KEYS: &str = "Facebook does not take the app's ID and secret. Enter both anew, as they stand in Meta's \
     dashboard under App settings, Basic.";

pub fn hook_was_asked(hook: &str, at: &str) -> String {
    format!("Facebook asked for {hook} and got its answer ({at}).")
}

pub fn hook_was_never_asked(hook: &str, token: &str, fields: &str) -> String {
    format!(
        "Facebook never asked whether {hook} is ours. In Meta's dashboard, open Webhooks, choose Page, and enter \
         this address with the verify token {token}. Then subscribe to {fields}. Until then questions are found by \
         reading the page, some minutes later."
    )
}

pub const NOT_VALID: &str = "the access is not valid any more";

pub fn connect_again(said: &str) -> String {
    format!("Facebook says: “{said}” Connect the page again.")
}

pub const ACCESS_UNKNOWN: &str = "Facebook does not say whether the access works.";

pub fn lets_us_in(name: &str) -> String {
    format!("Facebook lets us in as {name}.")
}

pub fn access_of_another(name: &str) -> String {
    format!("This is not the access of {name}. Connect the page again.")
}

pub const ENDS_NEVER: &str = "The access does not end by itself.";

pub fn ends_on(day: &str) -> String {
    format!("The access ends on {day}.")
}

pub const HAS_ENDED: &str = "has ended";
pub const ENDS_WITHIN_A_DAY: &str = "ends within a day";

pub fn ends_in(days: u64, day: &str) -> String {
    format!("ends in {days} days, on {day}")
}

pub fn renews_none(when: &str) -> String {
    format!("The access {when}, and Facebook renews none by itself. Connect the page again.")
}

pub fn without(scope: &str, without: &str) -> String {
    format!("without {scope}, {without}")
}

pub const ALL_GRANTED: &str = "All are granted. To see what people write who have no role on the app, it needs \
     Advanced Access to each of them: App Review in Meta's dashboard.";

pub fn not_granted(lacking: &str) -> String {
    format!(
        "Some are not granted: {lacking}. Connect the page again and allow them. For people who have no role on the \
         app, each needs Advanced Access: App Review in Meta's dashboard."
    )
}

pub fn sends_events(fields: &str) -> String {
    format!("Facebook sends what happens on the page: {fields}.")
}

pub const SOME_WERE_MISSING: &str = "some were missing";
pub const THEY_WERE_NOT_SET: &str = "they were not set";

pub fn sends_events_again(before: &str, lacking: &str) -> String {
    format!("Facebook sends what happens on the page again ({before}: {lacking}).")
}

pub const NO_EVENTS: &str = "Facebook does not let us ask for the page's events. Until it does, questions are found by \
     reading the page, some minutes later. Connect the page again, as somebody who moderates it, with \
     pages_manage_metadata allowed.";

// What becomes of a call

pub fn not_now(verb: &str) -> String {
    format!("Facebook does not let us {verb} now.")
}

pub const NOT_ITS_JSON: &str = "Facebook's answer is not its JSON";

pub fn no_id(id: &str) -> String {
    format!("“{id}” is no id of Facebook's.")
}

pub const PICTURE_WITHOUT_ADDRESS: &str = "the picture's address is not one";

pub fn picture_answered(status: u16) -> String {
    format!("the picture was answered with {status}")
}

pub const NO_PAGE_OF_COMMENTS: &str = "no page of comments";
pub const NO_PAGE_OF_MESSAGES: &str = "no page of messages";

pub fn neither_post_nor_comment(id: &str) -> String {
    format!("Facebook shows {id} neither as a post nor as a comment")
}

pub fn does_not_show(lacking: &str) -> String {
    format!(
        "Facebook does not show us what people write on the page: {lacking} is not granted any more. Connect the \
         page again with every permission allowed."
    )
}

pub fn unreachable(reason: &str) -> String {
    format!("Facebook could not be reached: {reason}.")
}

pub fn maybe_done_and_repeated(reason: &str) -> String {
    format!("Facebook had it, but {reason}. It is done again, which does no harm.")
}

pub fn maybe_done(reason: &str) -> String {
    format!("Facebook had it, but {reason}. Nobody knows whether it was taken.")
}

pub const NOT_SAID_TO_BE_DONE: &str = "Facebook did not say that it is done.";

pub fn error_and_subcode(code: i64, subcode: i64) -> String {
    format!("error {code}/{subcode}")
}

pub fn error(code: i64) -> String {
    format!("error {code}")
}

pub fn facebook_says(words: &str, sentence: &str, number: &str) -> String {
    format!("{words} Facebook says: “{sentence}” ({number})")
}

pub fn with_number(words: &str, number: &str) -> String {
    format!("{words} ({number})")
}
