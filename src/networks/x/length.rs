//! X's length rule (twitter-text, configuration version 3): weighted characters, every address 23, every emoji 2.
//!
//! Pure. The crate that knows X's list of addresses follows the older configuration for everything else, so only the
//! addresses are taken from it.

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// The longest post that every account may write, in weighted characters. Of a longer one X's timeline shows so much.
pub const LIMIT: usize = 280;

/// The longest post of an account that pays X for it.
const LONGEST: usize = 25_000;

/// What an address counts, however long it is: X replaces it by one of its own.
const ADDRESS: usize = 23;

/// The longest post of an account, by what X says of what it pays for: the kind of its subscription, or, where X keeps
/// silent about that, its badge.
pub fn longest(subscription: Option<&str>, badge: Option<&str>) -> usize {
    let pays = match subscription {
        Some(kind) => !kind.is_empty() && !kind.eq_ignore_ascii_case("none"),
        None => badge.is_some_and(|badge| badge.eq_ignore_ascii_case("blue")),
    };
    if pays { LONGEST } else { LIMIT }
}

/// The weighted length of a text.
pub fn weighted(text: &str) -> usize {
    let text: String = text.nfc().collect();
    let mut used = 0;
    let mut read = 0;
    for address in egg_mode_text::url_entities(&text) {
        let (start, end) = address.range;
        if start < read {
            continue;
        }
        used += plain(&text[read..start]) + ADDRESS;
        read = end;
    }
    used + plain(&text[read..])
}

/// Whether X would take something in this text for an address.
pub fn holds_address(text: &str) -> bool {
    let text: String = text.nfc().collect();
    !egg_mode_text::url_entities(&text).is_empty()
}

fn plain(text: &str) -> usize {
    text.graphemes(true)
        .map(|grapheme| if emojis::get(grapheme).is_some() { 2 } else { grapheme.chars().map(weight).sum() })
        .sum()
}

/// One for the scripts of the ranges that the configuration names, two for the rest.
fn weight(character: char) -> usize {
    match u32::from(character) {
        0..=4351 | 8192..=8205 | 8208..=8223 | 8242..=8247 => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_count_as_x_counts_them() {
        let cases = [
            (String::new(), 0),
            ("Hello, world! 👋".to_owned(), 16),
            ("Hello, world! 👋 https://example.com/a/very/long/path?with=query&and=more".to_owned(), 40),
            ("Hello, world! 👋 example.com".to_owned(), 40),
            ("test.com".to_owned(), 23),
            ("a".repeat(280), 280),
            ("語".repeat(140), 280),
            ("👨\u{200D}👩\u{200D}👧\u{200D}👦".repeat(140), 280),
            ("🇫🇷".to_owned(), 2),
            ("1️⃣".to_owned(), 2),
            ("©".to_owned(), 2),
            ("한국어".to_owned(), 6),
            ("e\u{301}".to_owned(), 1),
            ("é".to_owned(), 1),
            ("“quoted” – dash…".to_owned(), 17),
            ("@acme hi".to_owned(), 8),
            ("see https://example.com/x, http://example.org".to_owned(), 4 + 23 + 2 + 23),
            ("one\ntwo".to_owned(), 7),
        ];
        for (text, expected) in cases {
            assert_eq!(weighted(&text), expected, "{text}");
        }
        let cases = [
            (Some("Premium"), None, 25_000),
            (Some("Basic"), Some("none"), 25_000),
            (Some("None"), Some("business"), 280),
            (Some(""), Some("blue"), 280),
            (None, Some("blue"), 25_000),
            (None, Some("business"), 280),
            (None, None, 280),
        ];
        for (subscription, badge, expected) in cases {
            assert_eq!(longest(subscription, badge), expected, "{subscription:?} {badge:?}");
        }
        assert!(holds_address("see example.com") && !holds_address("see example, com"));
    }
}
