//! What staff and administrators read about X. No rule, no query.

use std::fmt::Display;

// The keys of the app
pub const AN_ACCOUNT: &str = "an X account";
pub const CONSOLE: &str = "X's console";
pub const ASKS: &str = "whether we may read its mentions, posts and direct messages, and post in its name";
pub const MUST_HAVE: &str = "that the app may read, write and use direct messages";
pub const TAKE_AWAY: &str = "X's settings, under Security and account access, Apps and sessions";
pub const CLIENT_ID: &str = "Client ID";
pub const CLIENT_SECRET: &str = "Client secret";
pub const API_KEY: &str = "API key";
pub const API_KEY_SECRET: &str = "API key secret";
pub const COPY_BOTH_ONCE_MORE: &str = "Copy both from X's console once more, and enter the secrets again.";

pub fn wrong_api_key(failure: impl Display) -> String {
    format!(
        "X does not accept this API key with this secret ({failure}). Copy both from X's console once more, and \
         enter the secrets again: making new ones there ends the old ones."
    )
}

pub fn hook_cannot_be_called(hook: &str) -> String {
    format!(
        "X calls only https addresses without a port, and this site's address makes it {hook}. Put a proxy with a \
         certificate in front, and set site.address to what people type. Until then posts arrive by polling."
    )
}

// How the connection is
pub const KEYS_ARE_GOOD: &str = "X accepts them.";

pub fn copy_both_again(wrong: &str) -> String {
    format!("{wrong} Copy both again from X's console.")
}

pub fn wrong_api_keys(said: &str) -> String {
    format!("X does not accept the API key and its secret. Copy both again from X's console. {said}")
}

pub fn wrong_client(why: &str) -> String {
    format!("X does not accept the client id and secret of the app: {why}.")
}

pub fn hook_not_verified(hook: &str) -> String {
    format!(
        "X could not verify {hook}: it must be reachable from the internet over https and answer X's challenge with \
         the API key secret entered here. See that the proxy in front passes /webhooks/x on, then check again."
    )
}

pub fn hook_in_order(hook: &str, asked: &str) -> String {
    format!("X calls {hook} and finds it in order.{asked}")
}

pub fn could_not_ask_again(since: &str, failure: impl Display) -> String {
    format!(" What it sent since {since} could not be asked for again ({failure}).")
}

pub fn asked_again(since: &str) -> String {
    format!(" What it sent since {since} was asked for again.")
}

pub fn may_not_look_after_webhooks(reason: &str) -> String {
    format!("X does not let the app look after webhooks. {reason}")
}

pub fn hook_not_taken(hook: &str, reason: &str) -> String {
    format!(
        "X does not take {hook}: {reason}. It must be reachable from the internet and answer X's challenge with the \
         API key secret entered here."
    )
}

pub const ALL_GRANTED: &str = "Everything was granted that Answerwell uses.";

pub fn not_granted(missing: &str) -> String {
    format!("Not granted: {missing}. Connect the account again, and allow them.")
}

pub const SENDS_EVENTS: &str = "X sends mentions, replies, deletions and messages as they happen.";
pub const ACCESS_IS_RENEWED: &str = "X refused the access; it is being renewed. Check again in a moment.";

pub fn not_subscribed(failure: impl Display) -> String {
    format!("X did not subscribe us to all events: {failure}.")
}

pub fn knows_us_as(handle: &str) -> String {
    format!("X knows us as @{handle}.")
}

pub fn access_of_another(handle: &str) -> String {
    format!("The access belongs to @{handle}, another account. Connect this one again.")
}

pub const NEW_ACCESS_ASKED_FOR: &str = "X refused the access; a new one was asked for. Check again in a moment.";

// Connecting an account
pub const API_KEY_MISSING: &str = "the app's API key is missing";
pub const NOT_X_JSON: &str = "it is not X's JSON";

pub fn it_answered(status: u16) -> String {
    format!("it answered {status}")
}

pub const NO_APP_TOKEN: &str = "the app has no token of its own";

pub fn base_is_no_address(base: &str) -> String {
    format!("the base address `{base}` is not one")
}

pub const NAMES_NO_ACCOUNT: &str = "X names no account for this access token";

// What becomes of a call

pub fn not_now(verb: &str) -> String {
    format!("X does not let us {verb} now.")
}

pub const NOT_ITS_JSON: &str = "X's answer is not its JSON";
pub const NO_REASON: &str = "no reason given";

pub fn looks_up_at_most(most: usize, ids: usize) -> String {
    format!("X looks up 1 to {most} ids at once, not {ids}")
}

pub const NO_PRIVATE_REPLIES: &str = "X knows no private replies to posts";
pub const EDITS_NO_POSTS: &str = "X's API edits no posts.";
pub const HIDES_NO_POSTS: &str = "X lets us hide no posts with the access that we ask for.";
pub const ANSWERS_NO_POST_PRIVATELY: &str = "X's API answers no post privately.";
pub const PICTURE_WITHOUT_ADDRESS: &str = "the picture's address is not one";

pub fn picture_answered(status: u16) -> String {
    format!("the picture was answered with {status}")
}

pub fn unreachable(reason: &str) -> String {
    format!("X could not be reached: {reason}.")
}

pub fn while_a_picture_was_on_its_way(reason: &str) -> String {
    format!("{reason}, while a picture was on its way")
}

pub const PICTURE_WITHOUT_NAME: &str = "X answered, but without naming the picture";

pub fn picture_unusable(said: &str) -> String {
    format!("X could not make use of a picture. X says: “{said}”")
}

pub fn nothing_posted(what: &str) -> String {
    format!("Nothing was posted: {what}. It is tried again by itself.")
}

pub fn maybe_posted(reason: &str) -> String {
    format!("X had it, but {reason}. Nobody knows whether it was taken.")
}

pub const NOT_SAID_TO_BE_DELETED: &str = "X did not say that the post is deleted";

pub fn x_says(words: &str, sentence: &str, status: u16) -> String {
    format!("{words} X says: “{sentence}” ({status})")
}

pub fn with_status(words: &str, status: u16) -> String {
    format!("{words} ({status})")
}

// A query that X would not take

pub fn query_too_long(most: usize, length: usize, over: usize) -> String {
    format!("X takes {most} characters; these are {length}. Shorten it by {over}.")
}

pub fn curly_mark(mark: char) -> String {
    format!("X knows only straight quotation marks (\"). Replace {mark} with one.")
}

pub const CLOSED_WITHOUT_OPENING: &str =
    "A closing parenthesis has no opening one. Take it out, or put ( before its group.";
pub const NOTHING_STANDS_ALONE: &str = "Nothing here stands on its own: X wants at least one word, \"phrase\", \
     @handle, #tag or from: beside what narrows it down or is left out.";
pub const MINUS_AND_SPACE: &str = "A minus leaves out what stands right behind it: write -word, without a space.";
pub const EMPTY_MARKS: &str = "The quotation marks hold nothing. Write words between them, or take them out.";
pub const MARK_NOT_CLOSED: &str = "A quotation mark is not closed. Put \" behind the last word of the phrase.";
pub const TOO_DEEP: &str = "There are too many groups inside groups. Make several searches of it.";
pub const TWO_MINUSES: &str = "One minus is enough. Take the other out.";
pub const GROUP_LEFT_OUT: &str = "X leaves out no groups: write -one -two instead of -(one OR two).";
pub const NOT_CLOSED: &str = "A parenthesis is not closed. Put ) behind its group.";
pub const MINUS_OF_NOTHING: &str = "A minus has nothing behind it. Write what to leave out.";
pub const HALF_AN_OR: &str = "OR needs something on both sides.";
pub const SOMETHING_MISSING: &str = "Something is missing: write what to look for, and something on both sides of OR.";
pub const EMPTY_GROUP: &str = "A group or an OR has nothing in it. Fill it, or take it out.";

pub fn and_is_a_word(term: &str) -> String {
    format!("X takes {term} for a word. A space means \"and\", a minus means \"not\".")
}

pub const SMALL_OR: &str = "X takes a small \"or\" for a word. Write OR, or quote it.";

pub fn no_handle(term: &str) -> String {
    format!("{term} is no handle of X: at most 15 letters, digits and underscores behind the @.")
}

pub fn names_nothing(term: &str) -> String {
    format!("{term} names nothing. Write the tag right behind it.")
}

pub fn no_word(term: &str) -> String {
    format!("{term} is no word. Quote it, or take it out.")
}

pub fn no_operator(name: &str, term: &str) -> String {
    format!("X has no operator {name}: - put \"{term}\" in quotation marks if you look for these words.")
}

pub const NULLCAST_WITHOUT_MINUS: &str = "X takes nullcast only with a minus: -is:nullcast.";

pub fn a_handle(name: &str) -> String {
    format!("a handle, as in {name}:acme")
}

pub fn an_id(name: &str) -> String {
    format!("an id of digits, as in {name}:1334987486343299072")
}

pub fn a_number(name: &str) -> String {
    format!("a number, as in {name}:10")
}

pub const A_LANGUAGE: &str = "a language code, as in lang:en";

pub fn something_behind(name: &str) -> String {
    format!("something right behind it, as in {name}:\"acme.com\"")
}

pub fn one_of(known: &str) -> String {
    format!("one of {known}")
}

pub fn behind(name: &str, example: &str) -> String {
    format!("Behind {name}: X wants {example}.")
}

// Why X did not do it: what happened, and what is to be done
pub const WITHOUT_ID: &str = "X answered, but without naming a post. Nobody knows whether it was taken.";
pub const LIMIT: &str = "X's limit for this is used up for now. It goes on by itself when X allows it again.";
pub const CAP: &str = "The app's monthly cap at X is used up. It is tried again from time to time; a larger plan in \
     X's developer console lifts the cap.";
pub const GATE: &str = "Something between us and X turned this away before X saw it. It is tried again by itself.";
pub const CREDITS: &str = "The app has no credits left at X. Buy some in X's developer console, then check the channel \
     again: what waits goes out then.";
pub const WRONG_TOKEN_KIND: &str = "X wants another kind of token for this. Connect the account again.";
pub const APP_MAY_NOT: &str =
    "X does not let our app use this part of its API. Look at the app's project and plan in X's developer console.";
pub const WRONG_KEYS: &str = "X does not know the keys of our app. Enter them again on the channel's page.";
pub const LOCKED: &str = "X has locked or suspended our account. Sign in to X with it and do what X asks there.";
pub const TOKEN: &str = "X does not take our access any more. Connect the account again.";
/// Also said before X is asked, where it is known already.
pub const BY_HAND: &str =
    "X lets its API answer only those who mentioned us in the post itself. Send it on X's own page.";
pub const DUPLICATE: &str = "X says that it has these words from us already.";
pub const TOO_LONG: &str = "X says that the text is too long. Shorten it and send it anew.";
pub const NOT_IN_THIS_FORM: &str = "X does not take it in this form. Change the words and send them anew.";
pub const GONE: &str = "The post that it answers is gone on X, or hidden from us.";
pub const NO_PICTURE: &str =
    "X does not take a picture of it, so nothing was posted. See what X says; it may be sent again, or posted by hand.";
pub const REFUSED: &str = "X refuses it.";
pub const ERROR_OF_X: &str = "X had an error of its own.";
pub const REDIRECTED: &str = "Something between us and X sent us elsewhere, where no access of ours may go.";
