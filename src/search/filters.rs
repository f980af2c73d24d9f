//! What a search can be narrowed down by, as it is typed: `tag:wifi`, `is:verified`, `after:2026-01`. Pure: what the names mean
//! here is [`super::narrow`]'s.

use std::ops::Range;

use time::{Date, Month};

use super::document::marks;
use crate::clock::Millis;
use crate::posts::Origin;

/// What narrows a search down, and where it stands in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Filter {
    pub what: What,
    pub without: bool,
    pub at: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    Tag(String),
    Topic(String),
    Author(String),
    /// All of these.
    Marks(u64),
    /// From the beginning of this day on.
    After(Millis),
    /// Until before this day.
    Before(Millis),
}

/// The filters, each with what may follow it.
pub(super) const FILTERS: [(&str, &str); 8] = [
    ("tag", "tag:wifi"),
    ("topic", "topic:routers"),
    ("author", "author:name"),
    ("is", "is:verified, is:accepted, is:open, is:mirrored"),
    ("has", "has:image"),
    ("from", "from:x, from:facebook"),
    ("after", "after:2026-01-31"),
    ("before", "before:2026-01-31"),
];

pub(super) fn filter(name: &str, value: &str) -> Option<What> {
    let lower = value.to_lowercase();
    let marks = |marks: u64| Some(What::Marks(marks));
    match (name, lower.as_str()) {
        (_, "") => None,
        ("tag", tag) => Some(What::Tag(tag.to_owned())),
        ("topic", _) => Some(What::Topic(value.to_owned())),
        ("author", _) => Some(What::Author(value.trim_start_matches('@').to_owned())).filter(|_| value != "@"),
        ("is", "verified") => marks(marks::VERIFIED),
        ("is", "accepted") => marks(marks::ACCEPTED),
        ("is", "open") => marks(marks::OPEN),
        ("is", "mirrored") => marks(marks::MIRRORED),
        ("has", "image" | "picture") => marks(marks::IMAGE),
        ("from", network) => {
            let origin = Origin::ALL.into_iter().find(|origin| origin.as_str() == network)?;
            marks(match origin {
                Origin::X => marks::FROM_X,
                Origin::Facebook => marks::FROM_FACEBOOK,
            })
        }
        ("after", date) => day(date).map(What::After),
        ("before", date) => day(date).map(What::Before),
        _ => None,
    }
}

/// The beginning of a day, a month or a year: `2026-01-31`, `2026-01`, `2026`.
fn day(text: &str) -> Option<Millis> {
    let mut parts = text.split('-');
    let year: i32 = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
    let mut number = || match parts.next() {
        None => Some(1),
        Some(part) => part.parse::<u8>().ok(),
    };
    let (month, day) = (number()?, number()?);
    let date = Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()?;
    let seconds = date.midnight().assume_utc().unix_timestamp();
    parts.next().is_none().then(|| Millis(seconds * 1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_a_month_and_a_year_begin_at_midnight() {
        assert_eq!(day("1970-01-02"), Some(Millis(86_400_000)));
        assert_eq!(day("1970-02"), Some(Millis(31 * 86_400_000)));
        assert_eq!(day("1971"), Some(Millis(365 * 86_400_000)));
        for no in ["", "70", "1970-00", "1970-02-30", "1970-1-1-1", "1970-", "19700101", "-1"] {
            assert_eq!(day(no), None, "{no}");
        }
    }
}
