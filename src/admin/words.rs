//! Every sentence that this slice says to people. No rule, no query.

use std::fmt::Display;

use crate::topics::fields::MOST as MOST_FIELDS;

// Making the first administrator, and joining
pub const FIRST_LINK_IS_DEAD: &str = "This link does not hold any more. If this site has its administrator already, \
     sign in, or ask them for an invitation. If it has none, the newest link stands in the server's log; each start of \
     the server writes another one.";
pub const INVITATION_IS_DEAD: &str = "This invitation does not hold any more: it was used, taken back, or is older \
     than seven days. Ask whoever sent you the link for a new one. If you took it already, just sign in.";
pub const NO_ROLE_CHOSEN: &str = "Choose what the person will be.";

// After something was done
pub const SOMEBODY_WAS_FASTER: &str = "Nothing was changed: somebody else was faster. This is how it is now.";
pub const OTHER_ROLE_MEANWHILE: &str =
    "Nothing was changed: somebody else gave another role or title meanwhile. This is how it is now.";
pub const LAST_ADMINISTRATOR: &str = "Nothing was changed: this is the last administrator, and nobody could let you in \
     again. Make somebody else an administrator first.";
pub const LINK_WAS_SHOWN: &str =
    "The invitation was made, and its link was shown. Who lost the link takes it back and makes another.";
pub const WELCOME: &str = "Welcome. The site is yours.";

// The rooms of the administration
pub const TOPICS: &str = "What customers ask about, in which order, and what is checked there.";
pub const CHANNELS: &str = "Your accounts on the networks: what people write to them arrives here.";
pub const PEOPLE: &str = "Who works at the desk, as what, and invitations for colleagues.";
pub const HOURS: &str = "When you are there: in your time zone, without holidays.";
pub const TARGETS: &str = "How soon somebody who asks should hear from you.";
pub const TEAMS: &str = "Colleagues to whom work is given together.";
pub const NO_TARGETS: &str = "12 minutes, around the clock";
pub const SITE: &str = "How the site is called, and where it is.";
pub const AUDIT: &str = "Every act of staff: who, when, to what, and why.";
pub const MAIL: &str = "What leaves by e-mail: what waits, and what failed and why.";
pub const NO_MAIL_SERVER: &str = "no mail server is set";
pub const NOTHING_STUCK: &str = "nothing is stuck";
pub const ONE_MAIL_WAITS: &str = "1 mail waits for your decision";

pub fn mails_wait(mails: i64) -> String {
    format!("{mails} mails wait for your decision")
}

// People
pub const NO_ROLE: &str = "There is no such role. Go back and choose one of the list.";

pub fn title_too_long(most: usize) -> String {
    format!("A title may have at most {most} characters. Nothing was changed; go back and shorten it.")
}

// Topics
pub const SLUG_NOT_RIGHT: &str = "The address takes small letters from a to z, digits and single hyphens between them, \
     at most 40. Write one, as in smart-home.";
pub const SLUG_TAKEN: &str = "Another topic has this address. Choose another.";

pub fn not_so_many_held(most: i64) -> String {
    format!("Write a number from 0 (none) to {most}.")
}

pub fn topic_changed_meanwhile(name: &str, slug: &str) -> String {
    format!(
        "Somebody else saved this topic while you wrote: it is called {name:?} now, at /topics/{slug}. Save again to \
         replace what they saved."
    )
}

pub const CHOOSE_ANOTHER_TOPIC: &str = "Choose where its questions go.";

// Business hours
pub const LIST_OF_DAYS: &str = "The list of days";
pub const HOURS_TAKEN: &str = "Other hours have this name. Choose another.";

pub fn hours_changed_meanwhile(name: &str, zone: &str) -> String {
    format!(
        "Somebody else saved these hours while you wrote: they are called {name:?} now, in {zone}. Save again to \
         replace what they saved."
    )
}

// Targets
pub const GONE_TOPIC: &str = "a topic that is gone";
pub const GONE_ACCOUNT: &str = "an account that is gone";

pub fn topic_and_account(topic: &str, account: &str) -> String {
    format!("{topic}, from {account}")
}

pub const AROUND_THE_CLOCK: &str = "around the clock";

pub fn no_minutes(most: i64) -> String {
    format!("Write whole minutes, from 1 to {most} (two weeks).")
}

pub const NOT_THERE_ANY_MORE: &str = "This is not there any more. Choose another.";

pub fn target_there_already(time: &str) -> String {
    format!("There is a target for this already: {time}. Save again to replace it.")
}

pub const TARGET_TAKEN_BACK: &str = "Somebody took this target back meanwhile. Save again to set it anew.";

// Teams
pub const TEAM_TAKEN: &str = "Another team has this name. Choose another.";

pub fn team_changed_meanwhile(name: &str, people: usize) -> String {
    format!(
        "Somebody else saved this team while you wrote: it is called {name:?} and has {people} people now. Save again \
         to replace that."
    )
}

// The site
pub fn site_changed_meanwhile(name: &str, address: &str) -> String {
    format!(
        "Somebody else saved this page while you wrote: the site is {name:?} at {address} now. Save again to replace \
         that."
    )
}

pub fn site_not_sure(address: &str, at: &str) -> String {
    format!(
        "If {address} does not lead here yet, nobody can sign in there.{at} Open it in another tab; if you see this \
         site, tick the box below the address."
    )
}

pub fn you_are_at(origin: &str) -> String {
    format!(" You are at {origin} now.")
}

// Mail
pub const NO_MAIL_LEAVES: &str = "No mail server is set: nothing leaves by e-mail. Set mail.server and mail.from in \
     the settings, and start the server again.";
pub const MAIL_OF_A_DEMO: &str = "This is a demo: its mail goes to a page of its own.";

pub fn mail_leaves(from: impl Display, host: &str) -> String {
    format!("Mail leaves as {from} through {host}.")
}

// What a topic asks
pub const CHOOSE_KIND: &str = "Choose how it is answered: in words, or by one of several choices.";
pub const ASKED_ALREADY: &str = "This topic asks for that already. Give it another name, or end the other one.";
pub const FIELD_CHANGED: &str =
    "A colleague changed this meanwhile. What you see below is how it is now, with your changes: look at it once more.";

pub fn asks_enough() -> String {
    format!("A topic asks at most {MOST_FIELDS} things. End one of the others first.")
}

pub fn cannot_resume() -> String {
    format!("A topic asks at most {MOST_FIELDS} things. Go back, and end one of the others first.")
}

/// The line of the log about a thing that a topic asks.
pub mod field_log {
    pub fn added(name: &str) -> String {
        format!("asks for: {name}")
    }

    pub fn renamed(was: &str, now: &str) -> String {
        format!("“{was}” is called “{now}”")
    }

    pub fn required(name: &str, required: bool) -> String {
        format!("“{name}” {}", if required { "must be answered" } else { "may be left out" })
    }

    pub fn new_choice(choice: &str) -> String {
        format!("new choice “{choice}”")
    }

    pub fn ended_choice(choice: &str) -> String {
        format!("“{choice}” can be chosen no more")
    }
}
