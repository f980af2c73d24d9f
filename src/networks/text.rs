//! Text of strangers as pages may show it, whichever network it comes from: what cannot be seen but changes what is seen
//! is taken away, names are one short line.
//!
//! Pure, and linear in the length of what comes in. Knows no network's entities or links, and makes no HTML.

use unicode_segmentation::UnicodeSegmentation;

/// Longest name that is kept, in characters.
const NAME_LIMIT: usize = 80;

/// A display name for people: one line, at most 80 characters, no character cut in two.
pub fn name(text: &str) -> String {
    let line = visible(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let mut cut = String::new();
    let mut used = 0;
    for grapheme in line.graphemes(true) {
        used += grapheme.chars().count();
        if used > NAME_LIMIT {
            break;
        }
        cut.push_str(grapheme);
    }
    // A single character with hundreds of marks on it: cut through it after all.
    if cut.is_empty() { line.chars().take(NAME_LIMIT).collect() } else { cut.trim_end().to_owned() }
}

/// Takes away what cannot be seen but changes what is seen: control characters, direction marks and overrides,
/// zero-width characters. Joiners stay where writing systems and emoji need them, tags inside flags.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    let mut last = None;
    while let Some(character) = characters.next() {
        let kept = match character {
            '\r' => (characters.peek() != Some(&'\n')).then_some('\n'),
            '\n' => Some('\n'),
            '\t' | '\u{2028}' | '\u{2029}' => Some(' '),
            '\u{200C}' | '\u{200D}' => joins(last, characters.peek().copied()).then_some(character),
            '\u{E0020}'..='\u{E007F}' => {
                matches!(last, Some('\u{1F3F4}' | '\u{E0020}'..='\u{E007E}')).then_some(character)
            }
            _ if character.is_control() || is_invisible(character) => None,
            _ => Some(character),
        };
        if let Some(character) = kept {
            out.push(character);
            last = Some(character);
        }
    }
    out
}

/// Whether a joiner stands inside a word or an emoji: between two visible characters, not both of them ASCII, which
/// never joins.
fn joins(before: Option<char>, after: Option<char>) -> bool {
    let (Some(before), Some(after)) = (before, after) else { return false };
    let stands = |c: char| !c.is_whitespace() && !c.is_control() && !c.is_ascii_punctuation() && !is_invisible(c);
    let joiner = |c: char| matches!(c, '\u{200C}' | '\u{200D}');
    stands(before) && stands(after) && !joiner(before) && !joiner(after) && !(before.is_ascii() && after.is_ascii())
}

fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180E}' | '\u{200B}'
        | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_goes_and_what_writing_needs_stays() {
        let cases = [
            ("abc\u{202E}fdp.exe\u{202C}", "abcfdp.exe"),
            ("\u{2066}x\u{2069} pass\u{200D}word zero\u{200B}width\u{FEFF}", "x password zerowidth"),
            ("nul\u{0} bell\u{7} esc\u{1b}[31m", "nul bell esc[31m"),
            ("one\r\ntwo\rthree\tfour", "one\ntwo\nthree four"),
            // A family, Persian, Hindi, the flag of Scotland: joiners and tags are part of them.
            ("👨\u{200D}👩\u{200D}👧", "👨\u{200D}👩\u{200D}👧"),
            ("❤\u{FE0F}\u{200D}🔥", "❤\u{FE0F}\u{200D}🔥"),
            ("می\u{200C}خواهم", "می\u{200C}خواهم"),
            ("क्\u{200D}ष", "क्\u{200D}ष"),
            (
                "🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}",
                "🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}",
            ),
            ("hidden\u{E0068}\u{E0069}", "hidden"),
            ("👨\u{200D} \u{200D}👩 x\u{200C}\u{200D}\u{200D}", "👨 👩 x"),
        ];
        for (text, expected) in cases {
            assert_eq!(visible(text), expected, "{text:?}");
        }
    }

    #[test]
    fn names_are_one_short_line_of_any_text() {
        assert_eq!(name("  <b>Ann</b> &\n\n Co\u{202E}  "), "<b>Ann</b> & Co");
        assert_eq!(name(&"n".repeat(10_000)), "n".repeat(80));
        assert_eq!(
            name(&"👨\u{200D}👩\u{200D}👧".repeat(2_000)).chars().count(),
            80,
            "sixteen families of five characters"
        );
        assert_eq!(name(&format!("{}👨\u{200D}👩\u{200D}👧", "n".repeat(78))), "n".repeat(78));
        assert_eq!(name(&format!("a{}", "\u{301}".repeat(10_000))).chars().count(), 80);
        assert_eq!(name("\u{200B}\u{202E}"), "");
    }
}
