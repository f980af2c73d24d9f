//! Every sentence that this slice says to people. No rule, no query.

use std::fmt::Display;

pub fn no_zone(name: &str) -> String {
    format!("{name:?} is no time zone. Choose one of the list, as in Europe/Berlin or America/New_York.")
}

pub const NO_ZONE_AT_ALL: &str = "The time zone is missing. Choose one of the list, as in Europe/Berlin.";

pub fn no_opening(text: &str) -> String {
    format!("{text:?} is no opening. Write it as 09:00-17:00, with a comma before the next one.")
}

pub fn ends_before_it_begins(text: &str) -> String {
    format!(
        "{text} ends before it begins. Over midnight, write two: 22:00-24:00 on this day and 00:00-06:00 on the next."
    )
}

pub fn openings_overlap(one: impl Display, other: impl Display) -> String {
    format!("{one} and {other} overlap. Write each opening once.")
}

pub fn too_many_openings(most: usize) -> String {
    format!("At most {most} openings a day. Join those that follow each other.")
}

pub const NEVER_OPEN: &str =
    "These hours never open, so nothing would ever be due. Write at least one opening, as in 09:00-17:00.";

pub fn no_holiday(line: &str) -> String {
    format!(
        "{line:?} is no day. Write 2026-04-03 for a day of one year, or 12-25 for one of every year, then its name."
    )
}

pub fn holiday_twice(holiday: impl Display) -> String {
    format!("{holiday} stands there twice. Take one of the two lines out.")
}

pub fn too_many_holidays(most: usize) -> String {
    format!("At most {most} days. Take out those that are over.")
}

pub fn holiday_name_too_long(date: &str, longest: usize) -> String {
    format!("The name of {date} is longer than {longest} characters. Shorten it.")
}

pub const TOO_MANY_HOLIDAYS_TO_OPEN: &str =
    "With these holidays it does not open once within a year. Take some of them out.";
pub const FAR_FUTURE_IN: &str = "in a far future";
pub const FAR_FUTURE: &str = "a far future";
