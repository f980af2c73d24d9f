//! Mends words that nobody wrote: the word of the index that is nearest, and among equals the most frequent one.
//!
//! Only words that a post holds which is shown now are offered: what was taken away is not to be guessed from a suggestion.

use levenshtein_automata::{DFA, Distance, LevenshteinAutomatonBuilder, SINK_STATE};
use tantivy::postings::Postings;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet, Searcher, SegmentReader, TERMINATED, TantivyError};
use tantivy_fst::Automaton;

use super::index::OpenIndex;
use super::language::spelled;
use super::query::{Asked, Unit};
use super::view::View;
use super::words;

/// Shorter words are near to too many others.
const SHORTEST: usize = 4;
/// From here on two letters may be wrong.
const LONG: usize = 8;
/// Words of a query that are mended; building what finds them takes a while.
const MOST: usize = 6;
/// Posts of a word that are looked at for one that is shown.
const LOOKED_AT: usize = 200;

/// The query with its misspelt words mended; `None`: there is nothing to mend.
pub(super) fn mend(text: &str, asked: &Asked, index: &OpenIndex) -> Result<Option<String>, TantivyError> {
    let view = index.view();
    let mut mended = text.to_owned();
    let mut changed = false;
    // From behind, so that what stands before stays where it is.
    for unit in asked.units.iter().rev().filter(|unit| !unit.open).take(MOST) {
        if let Some(word) = better(unit, &view, index)? {
            mended.replace_range(unit.at.clone(), &word);
            changed = true;
        }
    }
    Ok(changed.then_some(mended))
}

/// The word that was most likely meant, where the one that was written is in no post.
fn better(unit: &Unit, view: &View, index: &OpenIndex) -> Result<Option<String>, TantivyError> {
    let (fields, searcher) = (&index.fields, &view.searcher);
    let word = words::without_accents(&unit.word);
    let length = word.chars().count();
    if length < SHORTEST || word.bytes().any(|byte| byte.is_ascii_digit()) {
        return Ok(None);
    }
    for field in [fields.title, fields.body] {
        if is_shown(&word, field, searcher)? {
            return Ok(None);
        }
    }
    // In another of its forms it is no misspelt word either.
    for language in &view.languages {
        let Some(stem) = index.stems.of(*language, &unit.word) else { continue };
        for field in [fields.title_stems, fields.body_stems] {
            if is_shown(&spelled(*language, &stem), field, searcher)? {
                return Ok(None);
            }
        }
    }
    let distance = if length < LONG { 1 } else { 2 };
    let near = Near(LevenshteinAutomatonBuilder::new(distance, true).build_dfa(&word));
    let mut best: Option<(u8, u32, String)> = None;
    for field in [fields.title, fields.body] {
        for segment in searcher.segment_readers() {
            let inverted = segment.inverted_index(field)?;
            let mut stream = inverted.terms().search(&near).into_stream()?;
            while let Some((key, info)) = stream.next() {
                let Distance::Exact(away) = near.0.eval(key) else { continue };
                let Ok(other) = std::str::from_utf8(key) else { continue };
                let known = best.as_ref();
                if known
                    .is_none_or(|(nearest, often, _)| (away, u32::MAX - info.doc_freq) < (*nearest, u32::MAX - often))
                    && is_shown_in(other, field, segment)?
                {
                    best = Some((away, info.doc_freq, other.to_owned()));
                }
            }
        }
    }
    Ok(best.map(|(_, _, word)| word))
}

fn is_shown(word: &str, field: Field, searcher: &Searcher) -> Result<bool, TantivyError> {
    for segment in searcher.segment_readers() {
        if is_shown_in(word, field, segment)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a post holds the word that was not taken out since.
fn is_shown_in(word: &str, field: Field, segment: &SegmentReader) -> Result<bool, TantivyError> {
    let term = tantivy::Term::from_field_text(field, word);
    let Some(mut postings) = segment.inverted_index(field)?.read_postings(&term, IndexRecordOption::Basic)? else {
        return Ok(false);
    };
    let mut looked_at = 0;
    while postings.doc() != TERMINATED && looked_at < LOOKED_AT {
        if !segment.is_deleted(postings.doc()) {
            return Ok(postings.term_freq() > 0);
        }
        postings.advance();
        looked_at += 1;
    }
    Ok(false)
}

/// Words within a distance, as the dictionary of the index asks for them.
struct Near(DFA);

impl Automaton for Near {
    type State = u32;

    fn start(&self) -> u32 {
        self.0.initial_state()
    }

    fn is_match(&self, state: &u32) -> bool {
        matches!(self.0.distance(*state), Distance::Exact(_))
    }

    fn can_match(&self, state: &u32) -> bool {
        *state != SINK_STATE
    }

    fn accept(&self, state: &u32, byte: u8) -> u32 {
        self.0.transition(*state, byte)
    }
}
