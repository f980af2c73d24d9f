//! The languages of posts: which one a text is written in, the stems of its words, and the words that say nothing in it.
//!
//! A post's words are stemmed by its own language. A query is too short to tell: each of its words is looked for as every
//! language of the index would write it. Pure: knows neither the index nor the database.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tantivy::tokenizer::{Language as Stemmed, RawTokenizer, Stemmer, StopWordFilter, TextAnalyzer};
use whatlang::{Detector, Lang};

use super::words;

/// Characters of a text that its language is told from.
const LOOKED_AT: usize = 400;
/// Words that are remembered with their stems, for each language.
const REMEMBERED: usize = 20_000;

/// A language whose words are known by their stems, or any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Language {
    Stemmed(Stemmed),
    Other,
}

/// Each with its code, by which it stands in the index.
const KNOWN: [(Stemmed, Lang, &str); 18] = [
    (Stemmed::Arabic, Lang::Ara, "ar"),
    (Stemmed::Danish, Lang::Dan, "da"),
    (Stemmed::Dutch, Lang::Nld, "nl"),
    (Stemmed::English, Lang::Eng, "en"),
    (Stemmed::Finnish, Lang::Fin, "fi"),
    (Stemmed::French, Lang::Fra, "fr"),
    (Stemmed::German, Lang::Deu, "de"),
    (Stemmed::Greek, Lang::Ell, "el"),
    (Stemmed::Hungarian, Lang::Hun, "hu"),
    (Stemmed::Italian, Lang::Ita, "it"),
    (Stemmed::Norwegian, Lang::Nob, "no"),
    (Stemmed::Portuguese, Lang::Por, "pt"),
    (Stemmed::Romanian, Lang::Ron, "ro"),
    (Stemmed::Russian, Lang::Rus, "ru"),
    (Stemmed::Spanish, Lang::Spa, "es"),
    (Stemmed::Swedish, Lang::Swe, "sv"),
    (Stemmed::Tamil, Lang::Tam, "ta"),
    (Stemmed::Turkish, Lang::Tur, "tr"),
];

/// English words by which people ask, and that say nothing about what they ask. They count only where there are no others.
const ASKING: &[&str] = &[
    "a", "about", "am", "an", "and", "any", "are", "as", "at", "be", "been", "but", "by", "can", "could", "did", "do",
    "does", "dont", "for", "from", "get", "had", "has", "have", "hello", "help", "hi", "how", "i", "if", "im", "in",
    "into", "is", "it", "its", "ive", "just", "me", "my", "no", "not", "of", "on", "or", "our", "please", "should",
    "so", "some", "such", "than", "thanks", "that", "the", "their", "then", "there", "these", "they", "this", "to",
    "was", "we", "what", "when", "where", "which", "who", "why", "will", "with", "would", "you", "your",
];

/// English words, as stems, that stand in any question and narrow down little: they count less than others as rare.
const WEAK: &[&str] = &[
    "actual",
    "affect",
    "also",
    "anoth",
    "answer",
    "anyon",
    "ask",
    "becaus",
    "best",
    "better",
    "between",
    "cannot",
    "case",
    "chang",
    "come",
    "common",
    "compar",
    "correct",
    "differ",
    "even",
    "ever",
    "exampl",
    "exist",
    "explain",
    "find",
    "first",
    "give",
    "go",
    "good",
    "keep",
    "kind",
    "know",
    "let",
    "like",
    "make",
    "mean",
    "meant",
    "more",
    "much",
    "must",
    "need",
    "new",
    "non",
    "ok",
    "old",
    "one",
    "onli",
    "other",
    "part",
    "peopl",
    "possibl",
    "question",
    "real",
    "realiz",
    "reason",
    "refer",
    "same",
    "say",
    "see",
    "seem",
    "someon",
    "someth",
    "sort",
    "specif",
    "still",
    "take",
    "tell",
    "term",
    "thing",
    "tri",
    "two",
    "type",
    "understand",
    "us",
    "use",
    "want",
    "way",
    "whether",
    "while",
    "work",
];

impl Language {
    pub const ENGLISH: Self = Self::Stemmed(Stemmed::English);

    /// The language of a text, or nothing where it cannot be told.
    pub fn of(text: &str) -> Option<Self> {
        let end = text.char_indices().nth(LOOKED_AT).map_or(text.len(), |(at, _)| at);
        let text = &text[..end];
        if words::is_unspaced_mostly(text) {
            return Some(Self::Other);
        }
        let info = Detector::new().detect(text)?;
        if !info.is_reliable() {
            return None;
        }
        let known = KNOWN.iter().find(|(_, lang, _)| *lang == info.lang());
        Some(known.map_or(Self::Other, |(language, _, _)| Self::Stemmed(*language)))
    }

    /// All that a text may be of, with their codes.
    pub fn all() -> impl Iterator<Item = Self> {
        KNOWN.iter().map(|(language, _, _)| Self::Stemmed(*language)).chain([Self::Other])
    }

    pub fn code(self) -> &'static str {
        let known = KNOWN.iter().find(|(language, _, _)| Self::Stemmed(*language) == self);
        known.map_or("other", |(_, _, code)| code)
    }
}

/// How a stem stands in the index: with its language, in which alone it means the word.
pub(super) fn spelled(language: Language, stem: &str) -> String {
    format!("{}.{stem}", language.code())
}

/// Whether a stem stands in any question, whatever it is about.
pub(super) fn is_weak(stem: &str) -> bool {
    WEAK.binary_search(&stem).is_ok()
}

/// The stems of words in all languages. What was asked once is remembered.
#[derive(Default)]
pub(super) struct Stems {
    known: Mutex<HashMap<&'static str, Speaker>>,
}

impl Stems {
    /// The stem of a word that is in lower case; `None`: it says nothing in this language.
    pub fn of(&self, language: Language, word: &str) -> Option<String> {
        self.look_up(language, word, |stem| stem.map(str::to_owned))
    }

    /// As [`Self::of`], where it is only looked at.
    pub fn look_up<T>(&self, language: Language, word: &str, look: impl FnOnce(Option<&str>) -> T) -> T {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        look(known.entry(language.code()).or_insert_with(|| Speaker::of(language)).stem(word))
    }
}

/// What is known of one language.
struct Speaker {
    stemmer: Option<TextAnalyzer>,
    stop_words: Option<TextAnalyzer>,
    asks: bool,
    known: HashMap<String, Option<String>>,
}

impl Speaker {
    fn of(language: Language) -> Self {
        let (stemmer, stop_words) = match language {
            Language::Stemmed(language) => (
                Some(TextAnalyzer::builder(RawTokenizer::default()).filter(Stemmer::new(language)).build()),
                StopWordFilter::new(language)
                    .map(|filter| TextAnalyzer::builder(RawTokenizer::default()).filter(filter).build()),
            ),
            Language::Other => (None, None),
        };
        Self { stemmer, stop_words, asks: language == Language::ENGLISH, known: HashMap::new() }
    }

    fn stem(&mut self, word: &str) -> Option<&str> {
        if !self.known.contains_key(word) {
            let stem = self.make(word);
            if self.known.len() >= REMEMBERED {
                self.known.clear();
            }
            self.known.insert(word.to_owned(), stem);
        }
        self.known.get(word)?.as_deref()
    }

    fn make(&mut self, word: &str) -> Option<String> {
        if self.asks {
            if ASKING.binary_search(&word).is_ok() {
                return None;
            }
        } else if let Some(stop_words) = &mut self.stop_words
            && only_token(stop_words, word).is_none()
        {
            return None;
        }
        let stem = match &mut self.stemmer {
            Some(stemmer) => only_token(stemmer, word)?,
            None => word.to_owned(),
        };
        Some(words::without_accents(&stem))
    }
}

fn only_token(analyzer: &mut TextAnalyzer, word: &str) -> Option<String> {
    let mut stream = analyzer.token_stream(word);
    stream.advance().then(|| stream.token().text.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_to_be_searched() {
        assert!(ASKING.is_sorted() && WEAK.is_sorted());
    }

    #[test]
    fn a_language_is_told_or_left_open() {
        let of = |text| Language::of(text).map(Language::code);
        assert_eq!(of("My router drops the connection every evening and nothing in the manual helps me"), Some("en"));
        assert_eq!(of("Mein Router verliert jeden Abend die Verbindung und das Handbuch hilft mir nicht"), Some("de"));
        assert_eq!(of("Mon routeur perd la connexion chaque soir et le manuel ne m'aide pas du tout"), Some("fr"));
        assert_eq!(of("路由器每天晚上都会断线，说明书里没有任何帮助"), Some("other"));
        assert_eq!(of("R7"), None);
        assert_eq!(of(""), None);
    }

    #[test]
    fn words_are_known_by_their_stems_in_each_language() {
        let stems = Stems::default();
        let stem = |code: &str, word: &str| {
            let language = Language::all().find(|language| language.code() == code);
            language.and_then(|language| stems.of(language, word))
        };
        assert_eq!(stem("en", "dropping"), Some("drop".to_owned()));
        assert_eq!(stem("de", "verbindungen"), stem("de", "verbindung"));
        assert_eq!(stem("de", "geräte"), Some("gerat".to_owned()));
        assert_eq!(stem("fr", "connectés"), stem("fr", "connecté"));
        assert_eq!(stem("ru", "роутеры"), stem("ru", "роутера"));
        assert_eq!(stem("en", "the"), None);
        assert_eq!(stem("de", "nicht"), None);
        assert_eq!(stem("other", "dropping"), Some("dropping".to_owned()));
    }
}
