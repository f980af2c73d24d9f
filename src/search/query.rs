//! What a person asked for: words, "phrases", -without and filters such as `tag:wifi` or `is:verified`, read leniently.
//! Nothing that can be typed is an error: what is no filter is looked for as words, with a hint that says so. Pure.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::document::marks;
use super::filters::{FILTERS, Filter, What, filter};
use super::language::{Language, Stems};
use super::words::{self, Stretch};
use crate::clock::Millis;

/// Words of a query that count; the rest of a pasted page is not read.
pub(super) const MOST_WORDS: usize = 32;
/// Different words of a text below a title that are looked at.
const MOST_BELOW: usize = 128;
/// Characters of a query that are read at all.
pub(super) const LONGEST_QUERY: usize = 1_000;
/// Words and rows of words that must not be there; each is held against every post that fits.
const MOST_WITHOUT: usize = 8;
/// Words of a row that count, and parts of a word that hyphens or points join.
const LONGEST_ROW: usize = 8;
/// Filters that count; more narrow down nothing that is not narrowed down already.
const MOST_FILTERS: usize = 12;

/// What a text asks for.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    /// What is looked for, in the order of the text.
    pub units: Vec<Unit>,
    /// The words of the text below a title, and how often each stands there: they say more about what it is, and each less.
    pub below: Vec<(Unit, u32)>,
    /// Each a sequence that a post must hold.
    pub phrases: Vec<Sequence>,
    pub without: Vec<Sequence>,
    pub filters: Vec<Filter>,
    pub hints: Vec<Hint>,
    /// The words as they were written, for the language of the query.
    pub said: String,
    /// A post must hold every word that says something; else those that hold more of them only come first.
    pub all: bool,
}

/// Words without accents, with their places in a text.
pub(super) type Sequence = Vec<(usize, String)>;

/// One thing that is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    /// In lower case, with its accents. Words joined by hyphens are one here.
    pub word: String,
    /// The words that hyphens join; empty where it is one.
    pub parts: Sequence,
    /// Where it stands in the text, as it was typed.
    pub at: Range<usize>,
    /// It may go on: whoever asks is still typing.
    pub open: bool,
}

/// What whoever asked should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// It was looked for as words.
    NoFilter {
        typed: String,
        choices: &'static str,
    },
    NoSuchTopic(String),
    NoSuchTag(String),
    NoSuchAuthor(String),
    /// What means something in other searches and is a word here.
    NoOperator(String),
    /// There was nothing but what must not be there, so it was looked for.
    OnlyWithout,
    /// Only the first words were read.
    TooLong,
}

impl Unit {
    /// Whether it is a number of several parts, such as a version, of which no part is meant by itself.
    pub fn is_number(&self) -> bool {
        !self.parts.is_empty() && self.parts.iter().all(|(_, part)| part.bytes().all(|byte| byte.is_ascii_digit()))
    }

    /// The words that hyphens join, each as one that is looked for.
    pub fn split(&self) -> impl Iterator<Item = Self> {
        let part = |(_, word): &(usize, String)| Self {
            word: word.clone(),
            parts: Vec::new(),
            at: self.at.clone(),
            open: false,
        };
        self.parts.iter().filter(|_| !self.is_number()).map(part)
    }
}

/// The words of a text's beginning, but for names of accounts.
fn plain_words(text: &str, characters: usize) -> impl Iterator<Item = &str> {
    let end = text.char_indices().nth(characters).map_or(text.len(), |(at, _)| at);
    text[..end].split_whitespace().filter(|word| !word.starts_with('@'))
}

impl Asked {
    /// Reads a query.
    pub fn read(text: &str) -> Self {
        Self::of(text, false)
    }

    /// Reads what somebody is still typing: the last word may go on.
    pub fn typed(text: &str) -> Self {
        Self::of(text, !text.ends_with(char::is_whitespace))
    }

    /// Reads a question as words to be found, without quotes, names of accounts, filters and what must not be there. `body`
    /// may be empty.
    pub fn about(title: &str, body: &str) -> Self {
        let mut asked = Self::default();
        let mut left = MOST_WORDS * 2;
        for word in plain_words(title, LONGEST_QUERY * 2) {
            asked.say(word, units(word, 0), &mut left);
        }
        let mut known: HashMap<String, usize> = HashMap::new();
        for mut unit in plain_words(body, LONGEST_QUERY * 2).flat_map(|word| units(word, 0)) {
            unit.parts.truncate(LONGEST_ROW);
            match known.get(&unit.word) {
                Some(at) => asked.below[*at].1 += 1,
                None if asked.below.len() == MOST_BELOW => {}
                None => {
                    known.insert(unit.word.clone(), asked.below.len());
                    asked.below.push((unit, 1));
                }
            }
        }
        asked.said.push_str(body.get(..body.floor_char_boundary(LONGEST_QUERY)).unwrap_or_default());
        asked
    }

    fn of(text: &str, open: bool) -> Self {
        let end = text.char_indices().nth(LONGEST_QUERY).map_or(text.len(), |(at, _)| at);
        // Not in the middle of a word, if it can be helped.
        let end = if end < text.len() { text[..end].rfind(char::is_whitespace).unwrap_or(end) } else { end };
        let cut = &text[..end];
        let mut asked = Self::default();
        let pieces = pieces(cut);
        // Whoever asks only for what must not be there most likely did not mean the hyphen so: `-40`, `--force`.
        let is_filter = |piece: &Piece<'_>| piece.filter().is_some_and(|read| read.is_ok());
        let only_without =
            pieces.iter().all(|piece| is_filter(piece) || piece.without || sequence(piece.text).is_empty());
        let filters_only = pieces.iter().any(is_filter);
        let (mut left, mut too_long) = (MOST_WORDS, false);
        for piece in &pieces {
            match piece.filter() {
                Some(Ok(what)) if asked.filters.len() < MOST_FILTERS => {
                    let filter = Filter { what, without: piece.without, at: piece.at.clone() };
                    if !asked.filters.iter().any(|known| known.what == filter.what && known.without == filter.without) {
                        asked.filters.push(filter);
                    }
                    continue;
                }
                Some(Ok(_)) => {
                    too_long = true;
                    continue;
                }
                Some(Err(choices)) => {
                    let hint = Hint::NoFilter { typed: piece.text.chars().take(60).collect(), choices };
                    if !asked.hints.contains(&hint) {
                        asked.hints.push(hint);
                    }
                }
                None => {}
            }
            if is_operator(piece) && !asked.hints.iter().any(|hint| matches!(hint, Hint::NoOperator(_))) {
                asked.hints.push(Hint::NoOperator(piece.text.chars().take(60).collect()));
            }
            let mut row = sequence(piece.text);
            if piece.without && (!only_without || filters_only) {
                too_long |= row.len() > LONGEST_ROW;
                row.truncate(LONGEST_ROW);
                if asked.without.contains(&row) || row.is_empty() {
                    continue;
                }
                match asked.without.len() < MOST_WITHOUT {
                    true => asked.without.push(row),
                    false => too_long = true,
                }
            } else if piece.quoted {
                too_long |= row.len() > left;
                row.truncate(left);
                left -= row.len();
                asked.phrases.push(row);
            } else {
                too_long |= !asked.say(piece.text, units(piece.text, piece.begin), &mut left);
            }
        }
        asked.phrases.retain(|row| !row.is_empty());
        if only_without && !filters_only && !asked.units.is_empty() {
            asked.hints.push(Hint::OnlyWithout);
        }
        if too_long || end < text.len() {
            asked.hints.push(Hint::TooLong);
        }
        let is_last = |unit: &Unit| cut[unit.at.end.min(cut.len())..].is_empty();
        if let Some(last) = asked.units.last_mut().filter(|last| open && is_last(last)) {
            last.open = true;
        }
        asked
    }

    /// False where there are more words than are left.
    fn say(&mut self, said: &str, units: Vec<Unit>, left: &mut usize) -> bool {
        for mut unit in units {
            unit.parts.truncate(LONGEST_ROW);
            if *left < unit.parts.len().max(1) {
                return false;
            }
            *left -= unit.parts.len().max(1);
            if !self.units.iter().any(|known| known.word == unit.word) {
                self.units.push(unit);
            }
        }
        self.said.push_str(said);
        self.said.push(' ');
        true
    }

    /// The same, with the words of its phrases wherever they stand, and with the last word as one that may go on: what was
    /// offered while it was typed comes near.
    pub fn loosened(self) -> Self {
        let Self { mut units, phrases, .. } = self;
        for (_, word) in phrases.into_iter().flatten() {
            if !units.iter().any(|unit| unit.word == word) {
                units.push(Unit { word, parts: Vec::new(), at: 0..0, open: false });
            }
        }
        units.truncate(MOST_WORDS);
        if let Some(last) = units.last_mut() {
            last.open = true;
        }
        Self { units, phrases: Vec::new(), ..self }
    }

    /// Whether it asks for anything.
    pub fn is_empty(&self) -> bool {
        self.units.is_empty() && self.below.is_empty() && self.phrases.is_empty() && self.filters.is_empty()
    }

    /// Whether a question that is asked at this moment can fit: nobody answered it yet.
    pub fn can_be_new(&self, now: Millis) -> bool {
        self.filters.iter().all(|filter| match (&filter.what, filter.without) {
            (What::Marks(marks), false) => marks & (marks::VERIFIED | marks::ACCEPTED) == 0,
            (What::Marks(marks), true) => *marks != marks::OPEN,
            (What::Before(day), false) => *day > now,
            (What::After(day), true) => *day > now,
            _ => true,
        })
    }

    /// The language in which it is asked: one of these, the first where that cannot be told.
    pub fn language_of(&self, languages: &[Language]) -> Language {
        let first = languages.first().copied().unwrap_or(Language::ENGLISH);
        if languages.len() < 2 {
            return first;
        }
        Language::of(&self.said).filter(|language| languages.contains(language)).unwrap_or(first)
    }

    /// The stems to be marked where a post of any of these languages is shown. Words that say nothing in the language in
    /// which it is asked, `main`, are marked only where there are no others.
    pub fn stems(&self, main: Language, languages: &[Language], known: &Stems) -> HashSet<String> {
        let phrases = self.phrases.iter().flatten().map(|(_, word)| word.as_str());
        let units = || self.units.iter().chain(self.below.iter().map(|(unit, _)| unit));
        let parts = units().flat_map(|unit| unit.parts.iter().map(|(_, word)| word.as_str()));
        let words: Vec<&str> = units().map(|unit| unit.word.as_str()).chain(parts).chain(phrases).collect();
        let says_something = |word: &&&str| known.of(main, word).is_some();
        if !words.iter().any(|word| says_something(&word)) {
            return words.into_iter().map(words::without_accents).collect();
        }
        let stems_of =
            |word: &&str| languages.iter().filter_map(|language| known.of(*language, word)).collect::<Vec<_>>();
        words.iter().filter(says_something).flat_map(stems_of).collect()
    }
}

/// A piece of a query as it was typed.
struct Piece<'t> {
    /// Without its quotation marks and its hyphen.
    text: &'t str,
    quoted: bool,
    without: bool,
    /// All of it.
    at: Range<usize>,
    /// Where its text begins.
    begin: usize,
    /// Of what looks like a filter: its name, what may follow it, its value.
    value: Option<(&'static str, &'static str, &'t str)>,
}

impl Piece<'_> {
    /// The filter that it is; `Err`: it begins like one, but what follows makes none, and what would.
    fn filter(&self) -> Option<Result<What, &'static str>> {
        let (name, choices, value) = self.value?;
        Some(filter(name, value).ok_or(choices))
    }
}

/// Cuts a query at spaces and quotation marks. A mark that is never closed is none.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut end = 0;
    while let Some(space) = text[end..].find(|c: char| !c.is_whitespace()) {
        let begin = end + space;
        let mut first = text[begin..].chars();
        let hyphen = first.next().filter(|c| matches!(c, '-' | '−' | '–')).map_or(0, char::len_utf8);
        let without = hyphen > 0 && first.next().is_some_and(|c| !c.is_whitespace());
        let word = begin + if without { hyphen } else { 0 };
        let name = FILTERS.into_iter().find(|(name, _)| {
            let typed = text[word..].get(..name.len());
            typed.is_some_and(|typed| typed.eq_ignore_ascii_case(name)) && text[word + name.len()..].starts_with(':')
        });
        let value = word + name.map_or(0, |(name, _)| name.len() + 1);
        let opening = text[value..].chars().next().filter(|c| is_quote(*c)).map_or(0, char::len_utf8);
        let inside = value + opening;
        let closing = if opening > 0 { text[inside..].find(is_quote) } else { None };
        let is_end = |c: char| c.is_whitespace() || is_quote(c);
        let length = closing.or_else(|| text[inside..].find(is_end)).unwrap_or(text.len() - inside);
        let last = inside + length;
        let mark = closing.and_then(|_| text[last..].chars().next()).map_or(0, char::len_utf8);
        end = last + mark;
        let value_text = &text[inside..last];
        let (at, quoted) = (begin..end, closing.is_some() && name.is_none());
        let (said, begin) = if name.is_some() { (&text[word..last], word) } else { (value_text, inside) };
        let value = name.map(|(name, choices)| (name, choices, value_text));
        pieces.push(Piece { text: said, quoted, without, at, begin, value });
    }
    pieces
}

/// `AND`, `rout*`: other searches read more into it.
fn is_operator(piece: &Piece<'_>) -> bool {
    let text = piece.text;
    !piece.quoted && (matches!(text, "AND" | "OR" | "NOT") || (text.chars().count() > 1 && text.contains(['*', '~'])))
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '«' | '»' | '＂' | '「' | '」')
}

/// The words of a text as they follow each other in the index.
fn sequence(text: &str) -> Sequence {
    let plain = |word: &str| words::without_accents(&words::folded(word));
    let mut row = Vec::new();
    let mut place = 0;
    for stretch in words::stretches(text) {
        match stretch {
            Stretch::Words(parts) => {
                for part in parts {
                    row.push((place, plain(&text[part])));
                    place += 1;
                }
            }
            Stretch::Run(characters) => {
                for (at, gram) in grams(&characters) {
                    row.push((place + at, plain(&text[gram])));
                }
                place += characters.len();
            }
        }
    }
    row.retain(|(_, word)| !word.is_empty());
    row
}

/// Whether these words are all made of digits.
fn is_digits(text: &str, words: &[Range<usize>]) -> bool {
    words.iter().all(|word| text[word.clone()].bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether digits go on after a dot or a colon.
fn is_one_number(text: &str, before: &[Range<usize>], next: &[Range<usize>]) -> bool {
    let between = match (before.last(), next.first()) {
        (Some(last), Some(first)) => &text[last.end..first.start],
        _ => return false,
    };
    matches!(between, "." | ":") && is_digits(text, before) && is_digits(text, next)
}

/// What is looked for in a text that begins at `begin` of the query.
fn units(text: &str, begin: usize) -> Vec<Unit> {
    let mut units = Vec::new();
    let mut unit = |word: String, parts: Sequence, at: &Range<usize>| {
        let at = begin + at.start..begin + at.end;
        units.push(Unit { word, parts, at, open: false });
    };
    let mut stretches: Vec<Stretch> = Vec::new();
    for stretch in words::stretches(text) {
        match (stretches.last_mut(), stretch) {
            // A version or an address is one thing: who asks for 192.168.1.1 does not mean every 1.
            (Some(Stretch::Words(before)), Stretch::Words(next)) if is_one_number(text, before, &next) => {
                before.extend(next);
            }
            (_, stretch) => stretches.push(stretch),
        }
    }
    for stretch in stretches {
        match stretch {
            Stretch::Words(ranges) if is_digits(text, &ranges) && ranges.len() > 1 => {
                let parts = ranges.iter().map(|range| text[range.clone()].to_owned()).enumerate().collect();
                let all = ranges.first().map_or(0, |first| first.start)..ranges.last().map_or(0, |last| last.end);
                unit(text[all.clone()].to_owned(), parts, &all);
            }
            Stretch::Words(ranges) => {
                let row: Vec<String> = ranges.iter().map(|range| words::folded(&text[range.clone()])).collect();
                let all = ranges.first().map_or(0, |first| first.start)..ranges.last().map_or(0, |last| last.end);
                let plain = |word: &String| words::without_accents(word);
                let parts = if row.len() > 1 { row.iter().map(plain).enumerate().collect() } else { Vec::new() };
                unit(row.concat(), parts, &all);
            }
            Stretch::Run(characters) => {
                for (_, gram) in grams(&characters) {
                    unit(words::folded(&text[gram.clone()]), Vec::new(), &gram);
                }
            }
        }
    }
    units.retain(|unit| !unit.word.is_empty());
    units
}

/// The pairs of a run, or its only character.
fn grams(characters: &[std::ops::Range<usize>]) -> Vec<(usize, std::ops::Range<usize>)> {
    match characters {
        [only] => vec![(0, only.clone())],
        _ => characters.windows(2).enumerate().map(|(at, pair)| (at, pair[0].start..pair[1].end)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        let asked = Asked::read(text);
        let row = |row: &Sequence| row.iter().map(|(_, word)| word.as_str()).collect::<Vec<_>>().join(" ");
        let unit = |unit: &Unit| if unit.parts.is_empty() { unit.word.clone() } else { format!("{}~", unit.word) };
        let units: Vec<String> = asked.units.iter().map(unit).collect();
        let phrases: Vec<String> = asked.phrases.iter().map(|words| format!("\"{}\"", row(words))).collect();
        let without: Vec<String> = asked.without.iter().map(|words| format!("-{}", row(words))).collect();
        let filters: Vec<String> =
            asked.filters.iter().map(|filter| format!("[{}]", &text[filter.at.clone()])).collect();
        [units, phrases, without, filters].concat().join(" ")
    }

    #[test]
    fn queries_are_read_leniently() {
        for (text, read) in [
            ("router drops", "router drops"),
            ("how to", "how to"),
            ("a", "a"),
            ("\"reset button\" router", "router \"reset button\""),
            ("“reset button”", "\"reset button\""),
            ("router -netgear", "router -netgear"),
            ("router -\"factory reset\"", "router -factory reset"),
            ("wi-fi", "wifi~"),
            ("-40", "40"),
            ("--force -x", "force x"),
            ("\"unclosed phrase", "unclosed phrase"),
            ("\"", ""),
            ("\"\"", ""),
            ("- -- \" \" ((( ^^ ::", ""),
            ("", ""),
            ("🎉 !!", ""),
            ("a:b^^ \"((", "a b"),
            ("title:router AND (body:x OR *)", "title router and body x or"),
            ("router router ROUTER", "router"),
            ("猫", "猫"),
            ("路由器断线", "路由 由器 器断 断线"),
            ("iPhone手机", "iphone 手机"),
            ("Café café", "café"),
            ("192.168.1.1 4.2", "192.168.1.1~ 4.2~"),
            ("a.b 4.x", "a b 4 x"),
            ("*outer", "outer"),
        ] {
            assert_eq!(said(text), read, "{text}");
        }
    }

    #[test]
    fn filters_narrow_down() {
        for (text, read) in [
            ("router tag:wifi", "router [tag:wifi]"),
            ("TAG:WiFi is:verified", "[TAG:WiFi] [is:verified]"),
            ("author:\"Mara Weber\" drops", "drops [author:\"Mara Weber\"]"),
            ("author:@mara_w", "[author:@mara_w]"),
            ("-tag:wifi router", "router [-tag:wifi]"),
            ("-is:verified", "[-is:verified]"),
            ("tag:wifi -router", "-router [tag:wifi]"),
            ("has:image from:x from:facebook", "[has:image] [from:x] [from:facebook]"),
            ("after:2026 before:2026-11 after:2026-01-31", "[after:2026] [before:2026-11] [after:2026-01-31]"),
            ("tag:wifi tag:wifi", "[tag:wifi]"),
            ("topic: router", "topic router"),
            ("is:purple", "is purple"),
            ("before:yesterday after:2026-13-45 after:2026-1-1-1", "before yesterday after 2026-13-45 2026-1-1-1"),
            ("tag:", "tag"),
            ("tag:\"", "tag"),
            ("is:is:is:open", "is open"),
        ] {
            let hinted = !Asked::read(text).hints.is_empty();
            assert_eq!(hinted, !read.contains('['), "{text}: what is no filter has a hint");
            assert_eq!(said(text).replace('~', ""), read, "{text}");
        }
    }

    #[test]
    fn only_the_last_word_is_still_being_typed() {
        let open = |text: &str| {
            Asked::typed(text).units.into_iter().filter(|unit| unit.open).map(|unit| unit.word).collect::<Vec<_>>()
        };
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>();
        assert_eq!(open("router dro"), words(&["dro"]));
        assert_eq!(open("router dro "), words(&[]));
        assert_eq!(open("dro tag:wifi"), words(&[]));
        assert_eq!(open("\"dro"), words(&["dro"]));
    }

    #[test]
    fn long_queries_are_bounded() {
        let long: String = (0..5_000).map(|n| format!("w{n} ")).collect();
        let asked = Asked::read(&long);
        assert!(asked.units.len() <= MOST_WORDS);
        assert_eq!(asked.hints, [Hint::TooLong]);
        assert!(Asked::read(&"路由器".repeat(1_000)).units.len() <= MOST_WORDS);
        assert!(Asked::read(&"a-".repeat(1_000)).units.len() <= MOST_WORDS);
        assert!(Asked::read(&"tag:x".repeat(1_000)).filters.len() <= MOST_FILTERS);
        let filters: String = (0..100).map(|n| format!("tag:t{n} ")).collect();
        assert_eq!(Asked::read(&filters).filters.len(), MOST_FILTERS);
        for nested in ["(", "\"", "-", "tag:", "is:\"", "[", "\u{0}"] {
            Asked::read(&nested.repeat(10_000));
        }
        let many: String = (0..300).map(|number| format!(" -w{number}")).collect();
        let without = Asked::read(&format!("router{many}"));
        assert_eq!(without.without.len(), MOST_WITHOUT);
        assert!(without.hints.contains(&Hint::TooLong));
        assert_eq!(Asked::read("router -wifi -wifi").without.len(), 1);
        let number = Asked::read(&"1.".repeat(400));
        assert!(number.units.iter().all(|unit| unit.parts.len() <= LONGEST_ROW));
        let just = (0..MOST_WORDS).map(|number| format!("word{number}")).collect::<Vec<_>>().join(" ");
        assert!(Asked::read(&just).hints.is_empty(), "all of them were read");
        assert!(Asked::read(&format!("{just} more")).hints.contains(&Hint::TooLong));
    }
}
