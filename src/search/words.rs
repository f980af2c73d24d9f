//! How a text becomes the words of the index, and a query the words that are looked for: the same code for both. Their stems
//! are the languages' (`language.rs`).
//!
//! Words are runs of letters and digits in lower case, without accents and apostrophes. Parts joined by hyphens are also
//! one word (`wi-fi` is found by `wifi`). Scripts that set no spaces (Chinese, Japanese, Korean, Thai …) become single
//! characters and pairs of neighbours. Pure: knows neither the index nor the database.

use std::collections::VecDeque;
use std::ops::Range;

use tantivy::tokenizer::{AsciiFoldingFilter, RawTokenizer, TextAnalyzer, Token, TokenStream};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Characters of a word that count; more are cut, in the text and in the query alike.
const LONGEST_WORD: usize = 60;
/// Parts that a hyphen may join: beyond that it is a ruler, not a word.
const MOST_PARTS: usize = 4;

/// The words of a text, in lower case and with their accents, each with its place and where it stands.
pub(super) fn tokens(text: &str) -> Tokens<'_> {
    Tokens { text, stretches: stretches(text), position: 0, waiting: VecDeque::new() }
}

/// A word as it is written without accents.
pub(super) fn without_accents(word: &str) -> String {
    if word.is_ascii() {
        return word.to_owned();
    }
    let mut analyzer = TextAnalyzer::builder(RawTokenizer::default()).filter(AsciiFoldingFilter).build();
    let mut folded = String::new();
    analyzer.token_stream(word).process(&mut |token| folded.push_str(&token.text));
    folded
}

/// Whether most of a text is in a script that sets no spaces.
pub(super) fn is_unspaced_mostly(text: &str) -> bool {
    let (mut unspaced, mut all) = (0, 0);
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        all += 1;
        unspaced += usize::from(is_unspaced(c));
    }
    unspaced * 2 > all
}

/// A stretch of a text that belongs together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stretch {
    /// Words of a script that sets spaces; several where hyphens join them.
    Words(Vec<Range<usize>>),
    /// A run of a script that sets none: the ranges of its characters.
    Run(Vec<Range<usize>>),
}

/// The stretches of a text, in order.
pub(super) fn stretches(text: &str) -> Stretches<'_> {
    Stretches { text, at: 0 }
}

pub(super) struct Stretches<'t> {
    text: &'t str,
    at: usize,
}

impl Iterator for Stretches<'_> {
    type Item = Stretch;

    fn next(&mut self) -> Option<Stretch> {
        let rest = &self.text[self.at..];
        let begin = self.at + rest.find(is_word)?;
        let first = self.text[begin..].chars().next()?;
        if is_unspaced(first) {
            let mut characters: Vec<Range<usize>> = Vec::new();
            for (offset, c) in self.text[begin..].char_indices().take_while(|(_, c)| is_word(*c)) {
                if is_combining_mark(c) && !is_unspaced(c) {
                    continue;
                }
                if !is_unspaced(c) {
                    break;
                }
                characters.push(begin + offset..begin + offset + c.len_utf8());
            }
            self.at = characters.last().map_or(begin + first.len_utf8(), |last| last.end);
            return Some(Stretch::Run(characters));
        }
        let mut parts = Vec::from([Range { start: begin, end: self.end_of_word(begin) }]);
        while parts.len() < MOST_PARTS {
            let end = parts.last().map_or(begin, |part| part.end);
            let mut after = self.text[end..].chars();
            let hyphen = after.next().filter(|c| matches!(c, '-' | '\u{2010}' | '\u{2011}'));
            let (Some(hyphen), Some(next)) = (hyphen, after.next()) else { break };
            if !is_word(next) || is_unspaced(next) {
                break;
            }
            let begin = end + hyphen.len_utf8();
            parts.push(begin..self.end_of_word(begin));
        }
        self.at = parts.last().map_or(self.text.len(), |part| part.end);
        Some(Stretch::Words(parts))
    }
}

impl Stretches<'_> {
    fn end_of_word(&self, begin: usize) -> usize {
        let mut end = begin;
        let mut characters = self.text[begin..].char_indices().peekable();
        while let Some((offset, c)) = characters.next() {
            let inner = is_inner(c) && characters.peek().is_some_and(|(_, next)| is_word(*next) && !is_unspaced(*next));
            if !(inner || (is_word(c) && !is_unspaced(c))) {
                break;
            }
            end = begin + offset + c.len_utf8();
        }
        end
    }
}

/// How a word stands in the index, before accents are folded.
pub(super) fn folded(word: &str) -> String {
    if word.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return word.chars().take(LONGEST_WORD).map(|c| c.to_ascii_lowercase()).collect();
    }
    let lower = word.chars().filter(|c| !is_inner(*c)).nfkc().flat_map(char::to_lowercase);
    // What is still a loose accent after composing belongs to no letter that is known with it.
    lower.filter(|c| !matches!(c, '\u{300}'..='\u{36f}')).take(LONGEST_WORD).collect()
}

fn is_word(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() } else { c.is_alphanumeric() || is_combining_mark(c) }
}

/// Inside a word without being part of it: apostrophes, and the joiners of Persian and Indic scripts.
fn is_inner(c: char) -> bool {
    matches!(c, '\'' | '’' | 'ʼ' | '＇' | '\u{200c}' | '\u{200d}' | '\u{ad}')
}

fn is_unspaced(c: char) -> bool {
    !c.is_ascii()
        && matches!(u32::from(c),
            0x0E00..=0x0EFF // Thai, Lao
            | 0x1000..=0x109F // Burmese
            | 0x1100..=0x11FF | 0x3130..=0x318F | 0xAC00..=0xD7FF // Korean: spaced, but particles are glued on
            | 0x1780..=0x17FF // Khmer
            | 0x3005..=0x3007 | 0x3040..=0x30FF | 0x31F0..=0x31FF | 0xFF66..=0xFF9F // Japanese
            | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF // Chinese characters
        )
}

pub(super) struct Tokens<'a> {
    text: &'a str,
    stretches: Stretches<'a>,
    position: usize,
    waiting: VecDeque<Token>,
}

impl Tokens<'_> {
    fn push(&mut self, position: usize, range: Range<usize>, text: String) {
        if !text.is_empty() {
            let Range { start, end } = range;
            self.waiting.push_back(Token { offset_from: start, offset_to: end, position, text, position_length: 1 });
        }
    }

    fn take_in(&mut self, stretch: &Stretch) {
        match stretch {
            Stretch::Words(parts) => {
                let words: Vec<String> = parts.iter().map(|part| folded(&self.text[part.clone()])).collect();
                if let ([first, .., last], true) = (parts.as_slice(), words.len() > 1) {
                    let joined: String = words.concat().chars().take(LONGEST_WORD).collect();
                    self.push(self.position, first.start..last.end, joined);
                }
                for (part, word) in parts.iter().zip(words) {
                    self.push(self.position, part.clone(), word);
                    self.position += 1;
                }
            }
            Stretch::Run(characters) => {
                for (index, character) in characters.iter().enumerate() {
                    let one = folded(&self.text[character.clone()]);
                    self.push(self.position, character.clone(), one);
                    if let Some(next) = characters.get(index + 1) {
                        let pair = folded(&self.text[character.start..next.end]);
                        self.push(self.position, character.start..next.end, pair);
                    }
                    self.position += 1;
                }
            }
        }
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        loop {
            if let Some(token) = self.waiting.pop_front() {
                return Some(token);
            }
            let stretch = self.stretches.next()?;
            self.take_in(&stretch);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        for token in tokens(text) {
            assert!(text.get(token.offset_from..token.offset_to).is_some(), "{text:?}: {token:?}");
            found.push((token.position, without_accents(&token.text)));
        }
        found
    }

    fn exact_words(text: &str) -> String {
        found(text).into_iter().map(|(_, word)| word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_are_folded() {
        for (text, words) in [
            ("The Router's LED, RED!", "the routers led red"),
            ("don’t won't", "dont wont"),
            ("Café Ünïcode Straße cafe\u{301}", "cafe unicode strasse cafe"),
            ("ＷｉＦｉ ﬁle", "wifi file"),
            ("192.168.1.1 foo_bar evening.Is", "192 168 1 1 foo bar evening is"),
            ("Wi-Fi re-set-up", "wifi wi fi resetup re set up"),
            ("a - b -c d- --", "a b c d"),
            ("Роутер не работает", "роутер не работает"),
            ("राउटर काम नहीं करता", "राउटर काम नहीं करता"),
            ("می‌خواهم", "میخواهم"),
            ("𝔘𝔫𝔦 \u{0}\u{202e}abc 🎉", "uni abc"),
            ("", ""),
        ] {
            assert_eq!(exact_words(text), words, "{text}");
        }
    }

    #[test]
    fn scripts_without_spaces_become_characters_and_pairs() {
        assert_eq!(exact_words("路由器"), "路 路由 由 由器 器");
        assert_eq!(exact_words("iPhone手机x"), "iphone 手 手机 机 x");
        assert_eq!(exact_words("ルーター"), "ル ルー ー ータ タ ター ー");
        let positions: Vec<usize> = found("路由器 abc").into_iter().map(|(position, _)| position).collect();
        assert_eq!(positions, [0, 0, 1, 1, 2, 3]);
    }

    #[test]
    fn endless_words_are_cut() {
        assert_eq!(exact_words(&"x".repeat(100_000)).len(), LONGEST_WORD);
        assert!(found(&"a-".repeat(50_000)).iter().all(|(_, word)| word.len() <= LONGEST_WORD));
        assert_eq!(exact_words(&"é".repeat(1_000)).len(), LONGEST_WORD);
    }
}
