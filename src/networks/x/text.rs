//! Text for people out of what X sends: entities decoded, short links written out, invisible tricks taken away.
//!
//! Pure, and linear in the length of what comes in: a stranger writes it. Makes no HTML; escaping is the page's work.

use std::collections::HashMap;
use std::ops::Range;

use crate::networks::text;

/// Longest address that takes a short link's place, in bytes; a longer one leaves the short link as it is.
const ADDRESS_LIMIT: usize = 2_000;

/// One `@handle` of the run at the very start of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadingMention {
    /// Where its `@` stands, in characters from the start.
    pub start: usize,
    pub handle: String,
    /// The mention with the white space after it, in bytes.
    bytes: Range<usize>,
}

/// The run of mentions that opens a text: `@a @b hello` has two.
pub fn leading_mentions(text: &str) -> Vec<LeadingMention> {
    let mut found = Vec::new();
    let (mut at, mut start) = (0, 0);
    while let Some(rest) = text[at..].strip_prefix('@') {
        let handle: &str = &rest[..rest.bytes().take_while(|&byte| is_handle_byte(byte)).count()];
        let after = &rest[handle.len()..];
        let gap = after.len() - after.trim_start().len();
        if handle.is_empty() || (gap == 0 && !after.is_empty()) {
            break;
        }
        let end = at + 1 + handle.len() + gap;
        found.push(LeadingMention { start, handle: handle.to_owned(), bytes: at..end });
        start += text[at..end].chars().count();
        at = end;
    }
    found
}

/// The text without the first of its leading mentions: those that X, not the author, put there.
pub fn without_leading<'a>(text: &'a str, implicit: &[LeadingMention]) -> &'a str {
    implicit.last().map_or(text, |last| &text[last.bytes.end..])
}

/// A post's text for people; `links` gives the address behind each t.co link. One that leads nowhere (an empty address)
/// is left out, with the space before it.
pub fn readable(text: &str, links: &HashMap<&str, &str>) -> String {
    let text = written_out(&decoded(text), links);
    text::visible(&text).trim().to_owned()
}

/// A display name for people: one line, at most 80 characters, no character cut in two.
pub fn name(text: &str) -> String {
    text::name(&decoded(text))
}

/// A handle if it is one (letters, digits, underscore), else nothing: it goes into addresses.
pub fn handle(text: &str) -> String {
    let text = text.strip_prefix('@').unwrap_or(text);
    let fine = (1..=50).contains(&text.len()) && text.bytes().all(is_handle_byte);
    if fine { text.to_owned() } else { String::new() }
}

fn is_handle_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Decodes the few entities that X writes; once, so that `&amp;lt;` stays text about `&lt;`.
fn decoded(text: &str) -> String {
    const ENTITIES: [(&str, char); 6] =
        [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&#39;", '\''), ("&apos;", '\'')];
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (read, character) = ENTITIES
            .iter()
            .find(|(entity, _)| rest.starts_with(entity))
            .map_or((1, '&'), |(entity, c)| (entity.len(), *c));
        out.push(character);
        rest = &rest[read..];
    }
    out.push_str(rest);
    out
}

fn written_out(text: &str, links: &HashMap<&str, &str>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("http") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let prefix = ["https://t.co/", "http://t.co/"].into_iter().find(|prefix| rest.starts_with(prefix));
        let Some(prefix) = prefix else {
            out.push_str("http");
            rest = &rest["http".len()..];
            continue;
        };
        let code = rest[prefix.len()..].bytes().take_while(u8::is_ascii_alphanumeric).count();
        let short = &rest[..prefix.len() + code];
        match links.get(short) {
            Some(&"") => out.truncate(out.trim_end().len()),
            address => out.push_str(address.copied().filter(|address| is_web_address(address)).unwrap_or(short)),
        }
        rest = &rest[short.len()..];
    }
    out.push_str(rest);
    out
}

fn is_web_address(address: &str) -> bool {
    (address.starts_with("https://") || address.starts_with("http://"))
        && address.len() <= ADDRESS_LIMIT
        && !address.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_decoded_once_and_links_are_written_out() {
        let links = HashMap::from([
            ("https://t.co/ab", "https://example.com/a?b=1&amp;c"),
            ("https://t.co/abc", "https://example.org/long"),
            ("https://t.co/js", "javascript:alert(1)"),
            ("https://t.co/pic", ""),
        ]);
        let cases = [
            ("a &lt;b&gt; &amp;amp; &quot;c&quot; &#39;d&#39; & e", "a <b> &amp; \"c\" 'd' & e"),
            ("see https://t.co/abc, https://t.co/ab", "see https://example.org/long, https://example.com/a?b=1&amp;c"),
            ("https://t.co/js https://t.co/zz http", "https://t.co/js https://t.co/zz http"),
            ("one\r\ntwo\rthree\tfour", "one\ntwo\nthree four"),
            ("look https://t.co/pic, here https://t.co/pic", "look, here"),
        ];
        for (text, expected) in cases {
            assert_eq!(readable(text, &links), expected);
        }
    }

    #[test]
    fn names_are_decoded_and_rid_of_what_cannot_be_seen() {
        assert_eq!(name("  <b>Ann</b> &amp;\n\n Co\u{202E}  "), "<b>Ann</b> & Co");
        assert_eq!(readable("abc\u{202E}fdp.exe\u{202C}", &HashMap::new()), "abcfdp.exe");
    }

    #[test]
    fn handles_are_handles_or_nothing() {
        for (text, expected) in
            [("Acme_1", "Acme_1"), ("@acme", "acme"), ("../x", ""), ("a b", ""), ("", ""), ("<b>", ""), ("ännä", "")]
        {
            assert_eq!(handle(text), expected);
        }
        assert_eq!(handle(&"a".repeat(10_000)), "");
    }

    #[test]
    fn the_leading_run_ends_with_the_first_word() {
        let starts = |text: &str| leading_mentions(text).into_iter().map(|m| (m.start, m.handle)).collect::<Vec<_>>();
        assert_eq!(starts("@a @b_2  hello @c"), [(0, "a".to_owned()), (3, "b_2".to_owned())]);
        assert_eq!(starts("hello @a"), []);
        assert_eq!(starts("@a, hello"), []);
        assert_eq!(starts("@a"), [(0, "a".to_owned())]);
        assert_eq!(starts("@ a"), []);
        assert_eq!(without_leading("@a @b hi", &leading_mentions("@a @b hi")), "hi");
        assert_eq!(without_leading("@a @b hi", &leading_mentions("@a @b hi")[..1]), "@b hi");
        assert_eq!(without_leading("@a @b hi", &[]), "@a @b hi");
    }
}
