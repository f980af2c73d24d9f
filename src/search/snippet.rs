//! The part of a text that shows why it was found, with the words that were looked for marked.
//!
//! Gives pieces of plain text, never HTML: escaping is the template's. Pure.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;

use super::language::{Language, Stems};
use super::query::Asked;
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

/// Tells which words of a text were looked for, in any of their forms.
#[derive(Clone)]
pub(super) struct Marker {
    stems: HashSet<String>,
    known: Arc<Stems>,
    /// How the word begins that is still being typed.
    beginning: Option<String>,
}

impl Marker {
    pub fn of(asked: &Asked, main: Language, languages: &[Language], known: &Arc<Stems>) -> Self {
        let open = asked.units.iter().find(|unit| unit.open);
        Self {
            stems: asked.stems(main, languages, known),
            known: Arc::clone(known),
            beginning: open.map(|unit| words::without_accents(&unit.word)),
        }
    }

    /// The stem by which a word of this language was looked for; `None`: it was not.
    fn mark(&self, word: &str, language: Language) -> Option<String> {
        let plain = words::without_accents(word);
        if self.beginning.as_ref().is_some_and(|beginning| plain.starts_with(beginning)) {
            return Some(plain);
        }
        let looked_for = |stem: Option<&str>| self.stems.get(stem?).cloned();
        self.known.look_up(language, word, looked_for).or_else(|| self.stems.get(&plain).cloned())
    }

    /// The words of a text that were looked for, each once, as they are written there.
    pub fn words(&self, text: &str, language: Language) -> Vec<String> {
        let mut words = Vec::new();
        for piece in whole(text, self, language).into_iter().filter(|piece| piece.marked) {
            let word = piece.text.to_lowercase();
            if !words.contains(&word) {
                words.push(word);
            }
        }
        words
    }

    /// The stems of a text that were looked for.
    pub fn stems_in(&self, text: &str, language: Language) -> BTreeSet<String> {
        marks(&one_line(text), self, language).into_iter().map(|(_, stem)| stem).collect()
    }
}

/// The whole text on one line, with what was looked for marked.
pub(super) fn whole(text: &str, marker: &Marker, language: Language) -> Vec<Piece> {
    let text = one_line(text);
    let marks = marks(&text, marker, language);
    pieces(&text, 0..text.len(), &marks)
}

/// The part of the text where most of what was looked for is, or its beginning where none is.
pub(super) fn best(text: &str, marker: &Marker, language: Language) -> Vec<Piece> {
    let text = one_line(text);
    let marks = marks(&text, marker, language);
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

/// What is to be marked, in order, each with its stem.
fn marks(text: &str, marker: &Marker, language: Language) -> Vec<(Range<usize>, String)> {
    let mut marks: Vec<(Range<usize>, String)> = words::tokens(text)
        .filter_map(|token| Some((token.offset_from..token.offset_to, marker.mark(&token.text, language)?)))
        .collect();
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
    use super::*;

    fn shown(pieces: &[Piece]) -> String {
        pieces.iter().map(|piece| if piece.marked { format!("[{}]", piece.text) } else { piece.text.clone() }).collect()
    }

    fn stems(query: &str) -> Marker {
        Marker::of(&Asked::read(query), Language::ENGLISH, &[Language::ENGLISH], &Arc::default())
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
            assert_eq!(shown(&whole(text, &stems(query), Language::ENGLISH)), expected, "{query}");
        }
    }

    #[test]
    fn the_part_with_most_of_the_words_is_shown() {
        let text = format!("{}hold the reset button for ten seconds{}", "router words ".repeat(60), " more".repeat(90));
        let snippet = shown(&best(&text, &stems("router reset button"), Language::ENGLISH));
        assert!(snippet.contains("[reset] [button]"), "{snippet}");
        assert!(snippet.starts_with("… ") && snippet.ends_with(" …"), "{snippet}");
        assert!(snippet.len() < LENGTH + 60, "{snippet}");
    }

    #[test]
    fn texts_without_spaces_and_without_the_words_are_cut_too() {
        let text = "路由器每天晚上断线怎么办".repeat(50);
        let best = |text: &str, query: &str| shown(&best(text, &stems(query), Language::ENGLISH));
        assert!(best(&text, "断线").len() < LENGTH + 100);
        assert!(best(&"é".repeat(5_000), "x").len() < LENGTH + 20);
        assert_eq!(best("nothing of it", "x"), "nothing of it");
        assert_eq!(best("", "x"), "");
    }
}
