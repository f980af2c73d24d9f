//! What a person asked for: words, "phrases" and -without, read leniently. Nothing that can be typed is an error.
//!
//! A post must hold about half of the words; holding more of them, holding them together, and holding them in the title
//! ranks higher. Pure but for the terms of the index.

use std::collections::HashSet;

use tantivy::Term;
use tantivy::query::{BooleanQuery, BoostQuery, DisjunctionMaxQuery, Occur, PhraseQuery, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::tokenizer::TextAnalyzer;

use super::index::{Fields, VOUCHED};
use super::words::{self, Stretch};

/// Words of a query that count; the rest of a pasted page is not read.
const MOST_WORDS: usize = 32;
/// Characters of a query that are read at all.
pub(super) const LONGEST_QUERY: usize = 1_000;

const TITLE: f32 = 2.5;
/// What the body adds where the title holds the word, and the other way round.
const OTHER_PLACE: f32 = 0.2;
/// What the exact word adds to its stem.
const EXACT: f32 = 0.5;
/// What holding all words adds to holding each.
const ALL: f32 = 2.0;
const TOGETHER: f32 = 1.5;
/// So many words in common are enough, however long a text is.
const ALIKE: usize = 8;

/// Words that say nothing about what a question is about. They count only where there are no others.
const FILLERS: &[&str] = &[
    "a", "about", "am", "an", "and", "any", "are", "as", "at", "be", "been", "but", "by", "can", "could", "did", "do",
    "does", "dont", "for", "from", "get", "had", "has", "have", "hello", "help", "hi", "how", "i", "if", "im", "in",
    "into", "is", "it", "its", "ive", "just", "me", "my", "no", "not", "of", "on", "or", "our", "please", "should",
    "so", "some", "such", "than", "thanks", "that", "the", "their", "then", "there", "these", "they", "this", "to",
    "was", "we", "what", "when", "where", "which", "who", "why", "will", "with", "would", "you", "your",
];

/// A query that holds at least one word.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// Each a sequence that a post must hold.
    phrases: Vec<Sequence>,
    units: Vec<Unit>,
    /// The words as they follow each other, for those posts that hold them so.
    together: Sequence,
    without: Vec<Sequence>,
}

/// Folded words with their places in a text.
type Sequence = Vec<(usize, String)>;

/// One thing that is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Unit {
    Word(String),
    /// Joined by hyphens: found as one word, and as the parts in a row.
    Joined {
        whole: String,
        parts: Sequence,
    },
}

impl Asked {
    /// Reads a query; `None` where it holds no word.
    pub fn read(text: &str) -> Option<Self> {
        let text: String = text.chars().take(LONGEST_QUERY).collect();
        let parts = parts(&text);
        // Whoever asks only for what must not be there most likely did not mean the hyphen so: `-40`, `--force`.
        let only_without = parts.iter().all(|part| part.without || sequence(part.text).is_empty());
        let mut asked = Self { phrases: Vec::new(), units: Vec::new(), together: Vec::new(), without: Vec::new() };
        let mut place = 0;
        let mut left = MOST_WORDS;
        for part in parts {
            let mut row = sequence(part.text);
            row.truncate(left);
            left -= row.len();
            if part.without && !only_without {
                asked.without.push(row);
            } else if part.quoted {
                asked.phrases.push(row);
            } else {
                let length = row.last().map_or(0, |(at, _)| at + 1);
                asked.units.extend(units(part.text).into_iter().take(row.len()));
                asked.together.extend(row.into_iter().map(|(at, word)| (place + at, word)));
                place += length;
            }
        }
        asked.phrases.retain(|row| !row.is_empty());
        asked.without.retain(|row| !row.is_empty());
        let says_something = |unit: &Unit| !matches!(unit, Unit::Word(word) if FILLERS.contains(&word.as_str()));
        if asked.units.iter().any(says_something) || !asked.phrases.is_empty() {
            asked.units.retain(says_something);
        }
        let mut seen = Vec::new();
        asked.units.retain(|unit| {
            !seen.contains(unit) && {
                seen.push(unit.clone());
                true
            }
        });
        (!asked.units.is_empty() || !asked.phrases.is_empty()).then_some(asked)
    }

    /// Reads a whole text as words to be found, without quotes, names of accounts and what must not be there; `None` where
    /// it holds no word.
    pub fn about(text: &str) -> Option<Self> {
        let plain: String = text.chars().map(|c| if is_quote(c) { ' ' } else { c }).collect();
        let words: Vec<&str> = plain
            .split_whitespace()
            .filter(|word| !word.starts_with('@'))
            .map(|word| word.trim_matches(['-', '−', '–']))
            .collect();
        Self::read(&words.join(" "))
    }

    /// The query for what is about the same among what staff vouch for. People say the same in other words, so not all are
    /// needed; fewer would find what only sounds alike.
    pub fn among_vouched(&self, fields: &Fields) -> BooleanQuery {
        let units: Vec<Box<dyn Query>> = self.units.iter().map(|unit| unit.query(fields)).collect();
        let needed = needed_to_be_alike(units.len());
        let alike = BooleanQuery::union_with_minimum_required_clauses(units, needed);
        let vouched = BoostQuery::new(term(fields.vouched, VOUCHED), 0.0);
        BooleanQuery::new(vec![(Occur::Must, Box::new(vouched)), (Occur::Must, Box::new(alike))])
    }

    /// The query for the index.
    pub fn query(&self, fields: &Fields) -> BooleanQuery {
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        if !self.units.is_empty() {
            let units = || self.units.iter().map(|unit| unit.query(fields)).collect::<Vec<_>>();
            let needed = needed(self.units.len());
            let most = BooleanQuery::union_with_minimum_required_clauses(units(), needed);
            clauses.push((Occur::Must, Box::new(most)));
            if self.units.len() > needed {
                let all = BoostQuery::new(Box::new(BooleanQuery::intersection(units())), ALL);
                clauses.push((Occur::Should, Box::new(all)));
            }
            if self.together.len() > 1 {
                let together = BoostQuery::new(row(fields, &self.together), TOGETHER);
                clauses.push((Occur::Should, Box::new(together)));
            }
        }
        clauses.extend(self.phrases.iter().map(|phrase| (Occur::Must, row(fields, phrase))));
        clauses.extend(self.without.iter().map(|gone| (Occur::MustNot, without(fields, gone))));
        BooleanQuery::new(clauses)
    }

    /// The stems to be marked where a post is shown.
    pub fn stems(&self) -> HashSet<String> {
        let mut analyzer = words::stems();
        let mut stems = HashSet::new();
        for unit in &self.units {
            match unit {
                Unit::Word(word) => stems.insert(folded(&mut analyzer, word)),
                Unit::Joined { whole, parts } => {
                    stems.extend(parts.iter().map(|(_, part)| folded(&mut analyzer, part)));
                    stems.insert(folded(&mut analyzer, whole))
                }
            };
        }
        stems.extend(self.phrases.iter().flatten().map(|(_, word)| folded(&mut analyzer, word)));
        stems
    }
}

/// How many of so many words a post must hold.
fn needed(units: usize) -> usize {
    if units <= 2 { 1 } else { units.div_ceil(2) }
}

fn needed_to_be_alike(units: usize) -> usize {
    match units {
        0..=2 => 1,
        _ => (units * 2).div_ceil(5).clamp(2, ALIKE),
    }
}

struct Part<'t> {
    text: &'t str,
    quoted: bool,
    without: bool,
}

/// Cuts a query at spaces and quotation marks. A mark that is never closed is none.
fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let without = matches!(first, '-' | '−' | '–') && rest.chars().nth(1).is_some_and(|c| !c.is_whitespace());
        if without {
            rest = &rest[first.len_utf8()..];
        }
        let mark = rest.chars().next().filter(|c| is_quote(*c));
        let inside = mark.map(|mark| &rest[mark.len_utf8()..]);
        if let Some((inside, end)) = inside.and_then(|inside| Some((inside, inside.find(is_quote)?))) {
            parts.push(Part { text: &inside[..end], quoted: true, without });
            rest = &inside[end..];
            rest = rest.strip_prefix(is_quote).unwrap_or(rest);
        } else {
            let rest_of_word = inside.unwrap_or(rest);
            let end = rest_of_word.find(|c: char| c.is_whitespace() || is_quote(c)).unwrap_or(rest_of_word.len());
            parts.push(Part { text: &rest_of_word[..end], quoted: false, without });
            rest = &rest_of_word[end..];
        }
        rest = rest.trim_start();
    }
    parts
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '«' | '»' | '＂' | '「' | '」')
}

/// The words of a text as they follow each other in the index.
fn sequence(text: &str) -> Sequence {
    let mut analyzer = words::exact();
    let mut row = Vec::new();
    let mut place = 0;
    for stretch in words::stretches(text) {
        match stretch {
            Stretch::Words(parts) => {
                for part in parts {
                    row.push((place, folded(&mut analyzer, &text[part])));
                    place += 1;
                }
            }
            Stretch::Run(characters) => {
                for (at, gram) in grams(&characters) {
                    row.push((place + at, folded(&mut analyzer, &text[gram])));
                }
                place += characters.len();
            }
        }
    }
    row.retain(|(_, word)| !word.is_empty());
    row
}

fn units(text: &str) -> Vec<Unit> {
    let mut analyzer = words::exact();
    let mut units = Vec::new();
    for stretch in words::stretches(text) {
        match stretch {
            Stretch::Words(parts) => {
                let row: Sequence =
                    parts.iter().map(|part| folded(&mut analyzer, &text[part.clone()])).enumerate().collect();
                let whole: String = row.iter().map(|(_, word)| word.as_str()).collect();
                units.push(if row.len() > 1 { Unit::Joined { whole, parts: row } } else { Unit::Word(whole) });
            }
            Stretch::Run(characters) => {
                let grams = grams(&characters);
                units.extend(grams.into_iter().map(|(_, gram)| Unit::Word(folded(&mut analyzer, &text[gram]))));
            }
        }
    }
    units.retain(|unit| !matches!(unit, Unit::Word(word) if word.is_empty()));
    units
}

/// The pairs of a run, or its only character.
fn grams(characters: &[std::ops::Range<usize>]) -> Vec<(usize, std::ops::Range<usize>)> {
    match characters {
        [only] => vec![(0, only.clone())],
        _ => characters.windows(2).enumerate().map(|(at, pair)| (at, pair[0].start..pair[1].end)).collect(),
    }
}

/// A word or a pair as this analyzer writes it. Of a pair it also makes the single characters: the longest counts.
fn folded(analyzer: &mut TextAnalyzer, word: &str) -> String {
    let mut longest = String::new();
    analyzer.token_stream(word).process(&mut |token| {
        if token.text.chars().count() > longest.chars().count() {
            longest.clone_from(&token.text);
        }
    });
    longest
}

impl Unit {
    fn query(&self, fields: &Fields) -> Box<dyn Query> {
        match self {
            Self::Word(word) => Box::new(word_query(fields, word)),
            Self::Joined { whole, parts } => {
                Box::new(BooleanQuery::union(vec![Box::new(word_query(fields, whole)), row(fields, parts)]))
            }
        }
    }
}

/// A word in the title or in the body: the better place counts, the other adds a little.
fn word_query(fields: &Fields, word: &str) -> DisjunctionMaxQuery {
    let stem = folded(&mut words::stems(), word);
    let within = |stems: Field, exact: Field, boost: f32| -> Box<dyn Query> {
        let exact = boosted(term(exact, word), EXACT);
        boosted(Box::new(BooleanQuery::union(vec![term(stems, &stem), exact])), boost)
    };
    let places = vec![within(fields.body_stems, fields.body, 1.0), within(fields.title_stems, fields.title, TITLE)];
    DisjunctionMaxQuery::with_tie_breaker(places, OTHER_PLACE)
}

/// These words in a row, in the title or in the body.
fn row(fields: &Fields, words: &[(usize, String)]) -> Box<dyn Query> {
    let within = |field: Field| -> Box<dyn Query> {
        match words {
            [(_, only)] => term(field, only),
            _ => {
                let terms = words.iter().map(|(at, word)| (*at, Term::from_field_text(field, word))).collect();
                Box::new(PhraseQuery::new_with_offset(terms))
            }
        }
    };
    Box::new(BooleanQuery::union(vec![within(fields.body), boosted(within(fields.title), TITLE)]))
}

/// A word in any of its forms, or several in a row.
fn without(fields: &Fields, words: &[(usize, String)]) -> Box<dyn Query> {
    match words {
        [(_, only)] => Box::new(word_query(fields, only)),
        _ => row(fields, words),
    }
}

fn term(field: Field, word: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, word), IndexRecordOption::WithFreqs))
}

fn boosted(query: Box<dyn Query>, boost: f32) -> Box<dyn Query> {
    Box::new(BoostQuery::new(query, boost))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        let Some(asked) = Asked::read(text) else { return "nothing".to_owned() };
        let row = |row: &Sequence| row.iter().map(|(_, word)| word.as_str()).collect::<Vec<_>>().join(" ");
        let unit = |unit: &Unit| match unit {
            Unit::Word(word) => word.clone(),
            Unit::Joined { whole, .. } => format!("{whole}~"),
        };
        let units: Vec<String> = asked.units.iter().map(unit).collect();
        let phrases: Vec<String> = asked.phrases.iter().map(|words| format!("\"{}\"", row(words))).collect();
        let without: Vec<String> = asked.without.iter().map(|words| format!("-{}", row(words))).collect();
        [units, phrases, without].concat().join(" ")
    }

    #[test]
    fn queries_are_read_leniently() {
        for (text, read) in [
            ("router drops", "router drops"),
            ("Why does my router drop the wifi?", "router drop wifi"),
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
            ("\"", "nothing"),
            ("\"\"", "nothing"),
            ("- -- \" \" ((( ^^ ::", "nothing"),
            ("", "nothing"),
            ("🎉 !!", "nothing"),
            ("a:b^^ \"((", "b"),
            ("title:router AND (body:x OR *)", "title router x body"),
            ("router router ROUTER", "router"),
            ("猫", "猫"),
            ("路由器断线", "路由 由器 器断 断线"),
            ("iPhone手机", "iphone 手机"),
        ] {
            let mut words: Vec<String> = said(text).split(' ').map(str::to_owned).collect();
            let mut expected: Vec<String> = read.split(' ').map(str::to_owned).collect();
            words.sort();
            expected.sort();
            assert_eq!(words, expected, "{text}");
        }
    }

    #[test]
    fn long_queries_are_bounded() {
        let long: String = (0..5_000).map(|n| format!("w{n} ")).collect();
        let asked = Asked::read(&long).unwrap();
        assert_eq!(asked.units.len(), MOST_WORDS);
        assert_eq!(asked.together.len(), MOST_WORDS);
        assert!(Asked::read(&"路由器".repeat(1_000)).unwrap().units.len() <= MOST_WORDS);
        assert!(Asked::read(&"a-".repeat(1_000)).unwrap().units.len() <= MOST_WORDS);
    }

    #[test]
    fn about_half_of_the_words_are_needed() {
        assert_eq!([1, 2, 3, 4, 5, 8, 32].map(needed), [1, 1, 2, 2, 3, 4, 16]);
        assert_eq!([1, 2, 3, 8, 14, 32].map(needed_to_be_alike), [1, 1, 2, 4, 6, 8]);
    }
}
