//! The part of a text that shows why it was found, with the words that were looked for marked.
//!
//! Gives pieces of plain text, never HTML: escaping is the template's. Pure.

use std::collections::HashSet;
use std::ops::Range;

use serde::Serialize;

use super::words;

/// Bytes of a snippet, more or less: it is cut at words.
const LENGTH: usize = 220;
/// Bytes shown before the first marked word.
const BEFORE: usize = 50;

/// A piece of text, marked or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Piece {
    pub text: String,
    pub marked: bool,
}

/// The whole text on one line, with these stems marked.
pub(super) fn whole(text: &str, stems: &HashSet<String>) -> Vec<Piece> {
    let text = one_line(text);
    let marks = marks(&text, stems);
    pieces(&text, 0..text.len(), &marks)
}

/// The part of the text where most of these stems are, or its beginning where none is.
pub(super) fn best(text: &str, stems: &HashSet<String>) -> Vec<Piece> {
    let text = one_line(text);
    let marks = marks(&text, stems);
    let mut best = (0, 0);
    for (index, (first, _)) in marks.iter().enumerate() {
        let near = marks[index..].iter().take_while(|(mark, _)| mark.end <= first.start + LENGTH - BEFORE);
        let different = near.map(|(_, stem)| stem.as_str()).collect::<HashSet<_>>().len();
        if different > best.0 {
            best = (different, first.start);
        }
    }
    let begin = if best.1 <= BEFORE { 0 } else { next_word(&text, best.1 - BEFORE, best.1) };
    let end = if text.len() - begin <= LENGTH + 20 { text.len() } else { last_word(&text, begin, begin + LENGTH) };
    let mut pieces = pieces(&text, begin..end, &marks);
    if begin > 0 {
        pieces.insert(0, Piece { text: "… ".to_owned(), marked: false });
    }
    if end < text.len() {
        pieces.push(Piece { text: " …".to_owned(), marked: false });
    }
    pieces
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where the stems are, in order.
fn marks(text: &str, stems: &HashSet<String>) -> Vec<(Range<usize>, String)> {
    let mut marks = Vec::new();
    words::stems().token_stream(text).process(&mut |token| {
        if stems.contains(&token.text) {
            marks.push((token.offset_from..token.offset_to, token.text.clone()));
        }
    });
    marks.sort_by_key(|(range, _)| range.start);
    marks
}

fn pieces(text: &str, shown: Range<usize>, marks: &[(Range<usize>, String)]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut at = shown.start;
    for (mark, _) in marks.iter().filter(|(mark, _)| mark.start >= shown.start && mark.end <= shown.end) {
        if mark.end <= at {
            continue;
        }
        let from = mark.start.max(at);
        if from > at {
            pieces.push(Piece { text: text[at..from].to_owned(), marked: false });
        }
        match pieces.last_mut().filter(|last| last.marked) {
            Some(last) => last.text.push_str(&text[from..mark.end]),
            None => pieces.push(Piece { text: text[from..mark.end].to_owned(), marked: true }),
        }
        at = mark.end;
    }
    if at < shown.end {
        pieces.push(Piece { text: text[at..shown.end].to_owned(), marked: false });
    }
    pieces
}

/// The first beginning of a word at or after `from`, at the latest `limit`.
fn next_word(text: &str, from: usize, limit: usize) -> usize {
    let from = text.ceil_char_boundary(from);
    text[from..limit.max(from)].find(' ').map_or(from, |space| from + space + 1)
}

/// The last end of a word at or before `limit`; where a word has no end, its middle.
fn last_word(text: &str, begin: usize, limit: usize) -> usize {
    let limit = text.floor_char_boundary(limit);
    text[begin..limit].rfind(' ').map_or(limit, |space| begin + space)
}

#[cfg(test)]
mod tests {
    use super::super::query::Asked;
    use super::*;

    fn shown(pieces: &[Piece]) -> String {
        pieces.iter().map(|piece| if piece.marked { format!("[{}]", piece.text) } else { piece.text.clone() }).collect()
    }

    fn stems(query: &str) -> HashSet<String> {
        Asked::read(query).unwrap().stems()
    }

    #[test]
    fn words_are_marked_in_all_their_forms() {
        for (query, text, expected) in [
            ("drop router", "My Router drops.\nDropping daily", "My [Router] [drops]. [Dropping] daily"),
            ("cafe", "The Café", "The [Café]"),
            ("路由器", "我的路由器断线", "我的[路由器]断线"),
            ("wifi", "the Wi-Fi is off", "the [Wi-Fi] is off"),
            ("wi-fi", "the wifi and wi-fi", "the [wifi] and [wi-fi]"),
            ("script", "<script>alert(1)</script>", "<[script]>alert(1)</[script]>"),
            ("the router", "the end", "the end"),
        ] {
            assert_eq!(shown(&whole(text, &stems(query))), expected, "{query}");
        }
    }

    #[test]
    fn the_part_with_most_of_the_words_is_shown() {
        let text = format!("{}hold the reset button for ten seconds{}", "router words ".repeat(60), " more".repeat(90));
        let snippet = shown(&best(&text, &stems("router reset button")));
        assert!(snippet.contains("[reset] [button]"), "{snippet}");
        assert!(snippet.starts_with("… ") && snippet.ends_with(" …"), "{snippet}");
        assert!(snippet.len() < LENGTH + 60, "{snippet}");
    }

    #[test]
    fn texts_without_spaces_and_without_the_words_are_cut_too() {
        let text = "路由器每天晚上断线怎么办".repeat(50);
        assert!(shown(&best(&text, &stems("断线"))).len() < LENGTH + 100);
        assert!(shown(&best(&"é".repeat(5_000), &stems("x"))).len() < LENGTH + 20);
        assert_eq!(shown(&best("nothing of it", &stems("x"))), "nothing of it");
        assert!(best("", &stems("x")).is_empty());
    }
}
