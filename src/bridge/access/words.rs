//! Every sentence about connecting our accounts. No rule, no query.

use std::fmt::Display;

// The page, after something was done
pub const CONNECTED: &str =
    "The account is connected. See below that everything is well, and choose what happens to what it brings.";
pub const CHECKED: &str = "Everything was looked at just now.";

pub fn disconnected(network: &str) -> String {
    format!("The account is disconnected, and its access was given back to {network}.")
}

pub fn disconnected_here(network: &str, take_away: &str) -> String {
    format!("The account is disconnected here. {network} could not be told: take the app's access away in {take_away}.")
}

pub const KEY_IS_STORED: &str = "Stored. Leave it empty to keep it.";
pub const ALL_IS_WELL: &str = "All is well";

pub fn somebody_disconnected(who: &str) -> String {
    format!("{who} disconnected the account")
}

// The keys of our app
pub const KEYS_FIRST: &str = "Enter the keys of your app first.";

pub fn nothing_stored(why: impl Display) -> String {
    format!("Nothing was stored: {why}.")
}

pub fn no_key(network: &str, console: &str) -> String {
    format!("This is no key of {network}'s: they are short, and have no spaces. Copy it from {console} again.")
}

pub fn key_missing(key: &str, console: &str) -> String {
    format!("The {key} is missing. Copy it from {console}.")
}

// The way to the network and back
pub fn no_account(network: &str) -> String {
    format!("This is no account of {network}'s: its name has letters, digits and _ only, as in @acme.")
}

pub fn way_back_is_dead(network: &str, an_account: &str) -> String {
    format!(
        "This way back from {network} does not belong to a connection that was begun here, by you, in the last 15 \
         minutes, or it was used already. Nothing was changed. Press Connect {an_account} to begin anew."
    )
}

pub const GIVEN_BACK: &str = ", and the access was given back.";

pub fn not_told(network: &str, take_away: &str) -> String {
    format!(". {network} could not be told: take the access away in {take_away}.")
}

pub fn signed_in_as_another(network: &str, other: &str, wanted: &str, given_back: &str, home: &str) -> String {
    format!(
        "At {network} you were signed in as @{other}, not as @{wanted}. Nothing was read or connected{given_back} \
         Change to @{wanted} on {home}, then connect it again; or connect @{other} if that is what you want."
    )
}

pub const AS_THE_ACCOUNT: &str = " as the account that people mention";

pub fn refused(network: &str, an_account: &str, who: &str) -> String {
    format!(
        "On {network}'s page, access was refused. Nothing was changed. To connect the account, press Connect \
         {an_account} again, sign in at {network}{who}, and allow access."
    )
}

pub fn not_let_in(network: &str, said: &str, console: &str, must_have: &str, an_account: &str) -> String {
    format!(
        "{network} sent you back without letting us in{said}. See in {console} that the app's callback address is \
         exactly the one below, and {must_have}; then press Connect {an_account} again."
    )
}

pub fn code_not_taken(network: &str, why: &str, an_account: &str, console: &str) -> String {
    format!(
        "{network} did not take the code that it gave a moment ago ({why}). A code counts once and lives for moments: \
         press Connect {an_account} again, and let the browser come back at once. If it happens again, compare the \
         callback address in {console} with the one below, letter by letter."
    )
}

pub fn copy_both_again(error: impl Display, console: &str) -> String {
    format!("{error}. Copy both from {console} again, enter them below, and connect anew.")
}

pub fn wait_and_connect(error: impl Display, an_account: &str) -> String {
    format!("{error}. Nothing was stored. Wait a moment, then press Connect {an_account} again.")
}

pub fn buy_credits(network: &str) -> String {
    format!("If {network}'s credits are used up, buy some in its console; then press")
}

pub const WAIT_A_MOMENT: &str = "Wait a moment, then press";

pub fn account_unknown(network: &str, failure: impl Display, credits: &str, an_account: &str) -> String {
    format!(
        "{network} let us in, and then did not say which account it is ({failure}). Nothing was stored. {credits} \
         Connect {an_account} again."
    )
}

pub fn nothing_offered(network: &str, an_account: &str, must_have: &str) -> String {
    format!(
        "{network} let us in, but opened nothing for us that could be connected. Nothing was stored. Sign in at \
         {network} as somebody who looks after it there, press Connect {an_account} again, and on {network}'s page \
         choose what is to be connected; see, too, {must_have}."
    )
}

// Choosing among several accounts
pub const SIGN_IN_AGAIN: &str = "Sign in again.";

pub fn choice_is_dead(an_account: &str) -> String {
    format!(
        "This choice was made already, or it is more than 15 minutes old. Nothing was changed. Press Connect \
         {an_account} to begin anew."
    )
}

pub fn cannot_be_connected(account: &str, why: &str) -> String {
    format!("{account} cannot be connected: {why}")
}

pub fn no_longer_offered(network: &str, an_account: &str) -> String {
    format!("{network} does not offer this account any more. Press Connect {an_account} to begin anew.")
}

pub fn not_asked_once_more(network: &str, failure: impl Display, an_account: &str) -> String {
    format!(
        "{network} could not be asked for its accounts once more ({failure}). Nothing was stored. Wait a moment, then \
         press Connect {an_account} again."
    )
}

// Renewing the access
pub fn not_renewed(reason: &str, why: &str) -> String {
    format!("The access could not be renewed: {why}. {reason}.")
}

fn answer_lost(at: &str) -> String {
    format!("the answer to a renewal was lost at {at}, so the refresh token may be used up")
}

pub fn answer_lost_for(at: &str, why: impl Display) -> String {
    format!("{} ({why})", answer_lost(at))
}

pub fn refused_after_lost(error: impl Display, at: &str) -> String {
    format!("{error}; {}", answer_lost(at))
}

pub fn not_known_everywhere(network: &str) -> String {
    format!("{network} does not know the new access everywhere yet")
}

pub const GIVEN_A_MOMENT_AGO: &str = "it was given a moment ago";
pub const ANOTHER_RENEWS: &str = "another process renews it";

pub fn no_renewing(network: &str) -> String {
    format!("{network} gave no token for renewing")
}

pub const NOT_OPENED: &str = "the secrets of the channel cannot be opened here";
pub const KEY_FILE_BACK: &str = "Put the key file back.";
pub const RENEWED_AGAIN: &str = "Renewing will be tried again.";
pub const TRIED_AGAIN: &str = "It is tried again.";

pub fn works_until(time: &str) -> String {
    format!("The access works until {time}. Connect the account again before that.")
}

pub const CONNECT_AGAIN: &str = "Connect the account again.";

// How the connection is
pub const APP_TAKEN_OFF: &str = "The app was taken off meanwhile.";
pub const NOT_USED_HERE: &str = "It cannot be used here. Connect the account (again).";
pub const ENDS_NEVER: &str = "The access does not end by itself.";

pub fn renewed_before(time: &str) -> String {
    format!("It is renewed by itself before {time}.")
}

pub fn ends_on(day: &str) -> String {
    format!("The access ends on {day}. You are told two weeks ahead to connect the account again.")
}

pub fn ends_at(time: &str) -> String {
    format!("The access ends at {time} and cannot renew itself. Connect the account again before that.")
}

pub const HAS_ENDED: &str = "The access has ended. Connect the account again.";
