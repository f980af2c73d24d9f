//! What the rows of a dump mean: dates, authors, tags, kinds of votes and of versions.

use super::dump::Row;
use crate::clock::Millis;
use crate::tags::TagName;

/// Nobody wrote before this on a site that has dumps: 1 January 1990.
const EARLIEST: Millis = Millis(631_152_000_000);
/// Clocks differ, by less than a day.
const DAY: i64 = 24 * 3_600 * 1_000;

/// A moment as dumps write it, without a zone: `2014-01-21T20:26:05.383`. `None`: it is none, or cannot be true.
pub fn date(row: &Row, name: &str, now: Millis) -> Option<Millis> {
    let at = Millis::parse_rfc3339(&format!("{}Z", row.get(name)?.trim().trim_end_matches('Z')))?;
    (at >= EARLIEST && at.0 <= now.0 + DAY).then_some(at)
}

/// Who wrote something: the key under which an author is kept. Somebody whose account is gone there may have left a name.
pub fn author(row: &Row, id: &str, name: &str) -> String {
    match (row.number(id), row.get(name).map(str::trim).filter(|name| !name.is_empty())) {
        (Some(id), _) => id.to_string(),
        (None, Some(name)) => format!("={name}"),
        (None, None) => String::new(),
    }
}

/// The kinds of posts.
pub const QUESTION: i64 = 1;
pub const ANSWER: i64 = 2;

/// What a vote says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cast {
    Accepted,
    Worth(i64),
    Other,
}

pub fn cast(row: &Row) -> Cast {
    match row.number("VoteTypeId") {
        Some(1) => Cast::Accepted,
        Some(2) => Cast::Worth(1),
        Some(3) => Cast::Worth(-1),
        _ => Cast::Other,
    }
}

/// What a row of the versions tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// New words, be they older ones again.
    Body,
    Closed,
    Other,
}

pub fn version(row: &Row) -> Version {
    match row.number("PostHistoryTypeId") {
        Some(2 | 5 | 8) => Version::Body,
        Some(10) => Version::Closed,
        _ => Version::Other,
    }
}

/// The code of the reason "it was asked before".
pub const ASKED_BEFORE: i64 = 101;

/// What a link says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    Related,
    Duplicate,
}

/// `None`: nothing that is known.
pub fn link(row: &Row) -> Option<Link> {
    match row.number("LinkTypeId") {
        Some(1) => Some(Link::Related),
        Some(3) => Some(Link::Duplicate),
        _ => None,
    }
}

/// The tags of a question, written `<a><b>` or `|a|b|`.
pub fn tags(text: &str) -> impl Iterator<Item = &str> {
    text.split(['<', '>', '|']).map(str::trim).filter(|tag| !tag.is_empty())
}

/// A tag as it is written here: `c++` is `cpp`, `c#` is `csharp`, `.net` is `net`, `node.js` is `node-js`. `None`: nothing of it
/// can stand in a tag.
pub fn tag(text: &str) -> Option<TagName> {
    let spelled = text.replace('+', "p").replace('#', "sharp");
    let plain: String = spelled.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    let cut: String = plain.trim_matches('-').chars().take(TagName::LONGEST).collect();
    TagName::parse(&cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_written_as_here() {
        for (there, here) in [
            ("hops", Some("hops")),
            ("c++", Some("cpp")),
            ("c#", Some("csharp")),
            (".net", Some("net")),
            ("node.js", Some("node-js")),
            ("3.2-beer", Some("3-2-beer")),
            ("пиво", Some("пиво")),
            ("...", None),
            ("a-very-long-tag-that-goes-on-and-on-for-ever", Some("a-very-long-tag-that-goes-on-a")),
        ] {
            assert_eq!(tag(there).as_ref().map(TagName::as_str), here, "{there}");
        }
        assert_eq!(tags("<a><b-c>").collect::<Vec<_>>(), ["a", "b-c"]);
        assert_eq!(tags("|a|b-c|").collect::<Vec<_>>(), ["a", "b-c"]);
        assert_eq!(tags("").count(), 0);
    }
}
