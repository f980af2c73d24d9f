//! From what was asked to what is looked up in one index: each word as the languages of the index write it, how much it
//! weighs, and what a post must be like.
//!
//! A word that every post holds says little, one that few hold says much. Words by which people ask (`how to`) count only
//! where there are no others.

use std::collections::{HashMap, HashSet};

use tantivy::query::{EnableScoring, PhraseQuery, Query, TermQuery, Weight};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Searcher, TantivyError, Term};

use super::index::Fields;
use super::language::{self, Language, Stems, spelled};
use super::query::{Asked, MOST_WORDS, Sequence, Unit};
use super::view::View;
use super::words;

/// Endings that a word may have while it is still being typed.
const ENDINGS: usize = 48;
/// Words of the index that are looked at for them.
const LOOKED_AT: usize = 2_000;
/// Where words of fewer titles begin so, those of bodies are looked for, too.
const FEW_TITLES: u32 = 50;
/// What a word that only begins so counts beside the word itself.
const BEGINNING: f32 = 0.8;
/// Words of a text below a title that are looked for, and what they count together beside the title.
const BELOW: usize = 32;
const COUNT_BELOW: f32 = 2.0;
/// What a number of several parts counts, at most, beside the rarest of them.
const NUMBER: f32 = 1.5;
/// What a word counts that stands in any question.
const WEAK: f32 = 0.4;

/// The share of what was asked, by weight, that a post must hold.
const NEEDED: f32 = 0.15;
/// As [`NEEDED`], where all words must be there: of the pairs of characters that stand for words which no space parts, each
/// weighing the same. Some of them reach from one word into the next, and are in no post that sets something between the two.
const NEEDED_PAIRS: f32 = 0.6;

/// What posts are narrowed down by. All must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Narrow {
    pub tests: Vec<Test>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Test {
    pub what: Column,
    /// Those that are not so.
    pub without: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Tag(String),
    /// One of these.
    Topic(Vec<u64>),
    /// One of these.
    Author(Vec<u64>),
    /// All of these.
    Marks(u64),
    /// One of these posts, by their keys in order.
    Post(Vec<u64>),
    /// Written at or after.
    After(i64),
    /// Written before.
    Before(i64),
}

pub(super) struct Plan {
    pub wanted: Vec<Wanted>,
    pub without: Vec<Box<dyn Weight>>,
    /// Each word as it was written, without accents, and what it weighs.
    pub exact: Vec<(String, f32)>,
    /// Neighbours in the query, which count more where they are neighbours in a post.
    pub pairs: Vec<(String, String, f32)>,
    /// The sum of the weights of the words that need not all be there.
    pub weight: f32,
    /// The share of it that a post must hold.
    pub needed: f32,
}

/// One thing that is looked for, by all the ways in which it may be written.
pub(super) struct Wanted {
    /// The stems of the word.
    pub stems: Vec<String>,
    pub weight: f32,
    /// Posts that hold it, by the way in which most do.
    pub found: u64,
    /// Whether a post must hold it.
    pub required: bool,
    pub terms: Vec<Way>,
    /// Where it stands in a row.
    pub rows: Vec<Row>,
}

/// Whether words are looked for in titles, and the posts that hold them in a row.
pub(super) type Row = (bool, Box<dyn Weight>);

pub(super) struct Way {
    pub term: Term,
    pub in_title: bool,
    pub counts: f32,
}

impl Plan {
    /// `main`: the language in which it is asked.
    pub fn of(
        asked: &Asked,
        main: Language,
        view: &View,
        fields: &Fields,
        known: &Stems,
    ) -> Result<Self, TantivyError> {
        let languages = &*view.languages;
        let planner = Planner { searcher: &view.searcher, fields, languages, known };
        let says_something = |unit: &&Unit| unit.open || !unit.parts.is_empty() || known.of(main, &unit.word).is_some();
        let mut units: Vec<&Unit> = asked.units.iter().filter(says_something).collect();
        let only_fillers = units.is_empty() && asked.phrases.is_empty();
        if only_fillers {
            units = asked.units.iter().collect();
        }
        let mut plan = Self {
            wanted: Vec::new(),
            without: Vec::new(),
            exact: Vec::new(),
            pairs: Vec::new(),
            weight: 0.0,
            needed: if asked.all { NEEDED_PAIRS } else { NEEDED },
        };
        // Who writes two words as one means each of them, too.
        let says = |part: &Unit| known.of(main, &part.word).is_some();
        let split = |unit: &&Unit| unit.split().collect::<Vec<_>>();
        let parts: Vec<Unit> = units.iter().filter(|_| !asked.all).flat_map(split).filter(says).collect();
        units.extend(&parts);
        units.truncate(MOST_WORDS * 2 - asked.phrases.len().min(MOST_WORDS));
        let mut said: Vec<&Unit> = Vec::new();
        let is_weak = |unit: &Unit| known.of(main, &unit.word).is_some_and(|stem| language::is_weak(&stem));
        let only_weak = asked.all && asked.phrases.is_empty() && units.iter().all(|unit| is_weak(unit));
        for unit in &units {
            let is_pair = words::is_unspaced_mostly(&unit.word);
            let required = asked.all && !is_pair && (only_weak || !is_weak(unit));
            if asked.all && !is_pair && !required {
                continue;
            }
            let mut wanted = planner.wanted(unit, only_fillers)?;
            if asked.all {
                wanted = Wanted { required, weight: 1.0, ..wanted };
            }
            // A word that nobody wrote is not held against those who wrote the others.
            if !asked.all && wanted.found == 0 && wanted.rows.is_empty() {
                continue;
            }
            said.push(unit);
            plan.exact.push((words::without_accents(&unit.word), wanted.weight));
            plan.wanted.push(wanted);
        }
        if plan.wanted.is_empty()
            && asked.phrases.is_empty()
            && let Some(first) = units.first()
        {
            // Nobody wrote any of them, and so nothing is found.
            plan.wanted.push(planner.wanted(first, only_fillers)?);
        }
        planner.look_below(asked, main, &mut plan)?;
        plan.weight = plan.wanted.iter().filter(|wanted| !wanted.required).map(|wanted| wanted.weight).sum();
        for (pair, weights) in said.windows(2).zip(plan.wanted.windows(2)) {
            let [left, right] = [pair[0], pair[1]].map(|unit| words::without_accents(&unit.word));
            plan.pairs.push((left, right, weights[0].weight.min(weights[1].weight)));
        }
        for phrase in &asked.phrases {
            plan.wanted.push(planner.phrase(phrase)?);
        }
        for gone in &asked.without {
            plan.without.extend(planner.without(gone)?);
        }
        Ok(plan)
    }
}

struct Planner<'a> {
    searcher: &'a Searcher,
    fields: &'a Fields,
    languages: &'a [Language],
    known: &'a Stems,
}

impl Planner<'_> {
    /// Adds the words of the text below a title that say most. Together they count twice what the title does.
    fn look_below(&self, asked: &Asked, main: Language, plan: &mut Plan) -> Result<(), TantivyError> {
        let mut below = Vec::new();
        for (unit, times) in &asked.below {
            if unit.parts.is_empty() && self.known.of(main, &unit.word).is_none() {
                continue;
            }
            let wanted = self.wanted(unit, false)?;
            if wanted.found > 0 {
                let weight = wanted.weight * (1.0 + (*times as f32).ln());
                below.push(Wanted { weight, ..wanted });
            }
        }
        below.sort_by(|left, right| right.weight.total_cmp(&left.weight));
        below.truncate(BELOW.min((MOST_WORDS * 2).saturating_sub(plan.wanted.len())));
        let sum = |all: &[Wanted]| all.iter().map(|wanted| wanted.weight).sum::<f32>();
        let title = sum(&plan.wanted);
        let share = if title > 0.0 { COUNT_BELOW * title / sum(&below).max(f32::EPSILON) } else { 1.0 };
        for wanted in below {
            let weight = wanted.weight * share;
            match plan.wanted.iter_mut().find(|known| known.stems == wanted.stems) {
                Some(known) => known.weight += weight,
                None => plan.wanted.push(Wanted { weight, ..wanted }),
            }
        }
        Ok(())
    }

    fn wanted(&self, unit: &Unit, is_filler: bool) -> Result<Wanted, TantivyError> {
        if unit.is_number() {
            let mut number = Wanted { required: false, ..self.phrase(&unit.parts)? };
            let rarest = self.rarest(&unit.parts)?;
            if rarest == 0 {
                number.rows.clear();
            }
            // Its parts are no words of their own: together they say little more than the rarest of them.
            number.weight = number.weight.min(NUMBER * self.rarity(rarest));
            return Ok(number);
        }
        let fields = self.fields;
        let mut terms = Vec::new();
        let plain = words::without_accents(&unit.word);
        let mut stems: Vec<String> = Vec::new();
        let mut spellings: HashSet<String> = HashSet::new();
        for written in [&unit.word, &plain] {
            for language in self.languages {
                let Some(stem) = self.known.of(*language, written) else { continue };
                let spelling = spelled(*language, &stem);
                if !stems.contains(&stem) {
                    stems.push(stem);
                }
                if spellings.insert(spelling.clone()) {
                    for (field, in_title) in [(fields.body_stems, false), (fields.title_stems, true)] {
                        terms.push(Way { term: Term::from_field_text(field, &spelling), in_title, counts: 1.0 });
                    }
                }
            }
        }
        if is_filler || stems.is_empty() {
            terms.push(Way { term: Term::from_field_text(fields.body, &plain), in_title: false, counts: 1.0 });
            terms.push(Way { term: Term::from_field_text(fields.title, &plain), in_title: true, counts: 1.0 });
        }
        if unit.open {
            terms.extend(self.beginnings(&plain)?);
        }
        let mut rows = Vec::new();
        if !unit.parts.is_empty() {
            rows.extend(self.row(&unit.parts)?);
        }
        let mut found = 0;
        for way in &terms {
            found = found.max(self.searcher.doc_freq(&way.term)?);
        }
        let mut counted = found;
        if found == 0 && !rows.is_empty() {
            // As often as the rarest of its words, at most; without one of them it stands nowhere.
            counted = self.rarest(&unit.parts)?;
            if counted == 0 {
                rows.clear();
            }
        }
        let weak = stems.first().is_some_and(|stem| language::is_weak(stem));
        let weight = self.rarity(counted) * if weak { WEAK } else { 1.0 };
        Ok(Wanted { stems, weight, found, required: false, terms, rows })
    }

    /// Posts that hold the rarest of these words.
    fn rarest(&self, words: &Sequence) -> Result<u64, TantivyError> {
        let mut rarest = u64::MAX;
        for (_, word) in words {
            let found = |field| self.searcher.doc_freq(&Term::from_field_text(field, word));
            rarest = rarest.min(found(self.fields.body)?.max(found(self.fields.title)?));
        }
        Ok(rarest)
    }

    fn phrase(&self, phrase: &Sequence) -> Result<Wanted, TantivyError> {
        let mut weight = 0.0;
        for (_, word) in phrase {
            weight += self.rarity(self.searcher.doc_freq(&Term::from_field_text(self.fields.body, word))?);
        }
        let rows = self.row(phrase)?;
        Ok(Wanted { stems: Vec::new(), weight, found: 0, required: true, terms: Vec::new(), rows })
    }

    /// These words in a row, in the title or in the body.
    fn row(&self, words: &Sequence) -> Result<Vec<Row>, TantivyError> {
        let within = |field: Field| self.weight(row(field, words).as_ref());
        Ok(vec![(true, within(self.fields.title)?), (false, within(self.fields.body)?)])
    }

    /// What must not be there: a word in any of its forms, or several in a row.
    fn without(&self, gone: &Sequence) -> Result<Vec<Box<dyn Weight>>, TantivyError> {
        let [(_, only)] = gone.as_slice() else {
            return Ok(self.row(gone)?.into_iter().map(|(_, weight)| weight).collect());
        };
        let mut forms: HashSet<Term> = HashSet::new();
        for field in [self.fields.title, self.fields.body] {
            forms.insert(Term::from_field_text(field, only));
        }
        for language in self.languages {
            let Some(stem) = self.known.of(*language, only) else { continue };
            for field in [self.fields.title_stems, self.fields.body_stems] {
                forms.insert(Term::from_field_text(field, &spelled(*language, &stem)));
            }
        }
        forms.into_iter().map(|term| self.weight(&TermQuery::new(term, IndexRecordOption::Basic))).collect()
    }

    fn weight(&self, query: &dyn Query) -> Result<Box<dyn Weight>, TantivyError> {
        query.weight(EnableScoring::disabled_from_searcher(self.searcher))
    }

    /// The words of the index that begin so: those of titles, and those of bodies where hardly any title has one.
    fn beginnings(&self, begin: &str) -> Result<Vec<Way>, TantivyError> {
        let (mut ways, titles) = self.beginnings_in(self.fields.title, begin)?;
        if titles < FEW_TITLES {
            ways.extend(self.beginnings_in(self.fields.body, begin)?.0);
        }
        Ok(ways)
    }

    /// The more frequent ones of one field, and how often they stand there.
    fn beginnings_in(&self, field: Field, begin: &str) -> Result<(Vec<Way>, u32), TantivyError> {
        let mut found: HashMap<String, u32> = HashMap::new();
        for segment in self.searcher.segment_readers() {
            let inverted = segment.inverted_index(field)?;
            let mut stream = inverted.terms().range().ge(begin).into_stream()?;
            let mut seen = 0;
            while seen < LOOKED_AT && stream.advance() && stream.key().starts_with(begin.as_bytes()) {
                seen += 1;
                if let Ok(word) = std::str::from_utf8(stream.key())
                    && word != begin
                {
                    let often = stream.value().doc_freq;
                    match found.get_mut(word) {
                        Some(known) => *known += often,
                        None => _ = found.insert(word.to_owned(), often),
                    }
                }
            }
        }
        let mut found: Vec<(u32, String)> = found.into_iter().map(|(word, often)| (often, word)).collect();
        found.sort_unstable_by(|left, right| right.cmp(left));
        found.truncate(ENDINGS);
        let times = found.iter().map(|(often, _)| often).sum();
        let in_title = field == self.fields.title;
        let way = |word: String| Way { term: Term::from_field_text(field, &word), in_title, counts: BEGINNING };
        Ok((found.into_iter().map(|(_, word)| way(word)).collect(), times))
    }

    /// How much a word says that so many posts hold.
    fn rarity(&self, found: u64) -> f32 {
        let all =
            self.searcher.segment_readers().iter().map(|segment| u64::from(segment.max_doc())).sum::<u64>() as f32;
        let found = (found as f32).min(all);
        (1.0 + (all - found + 0.5) / (found + 0.5)).ln()
    }
}

fn row(field: Field, words: &Sequence) -> Box<dyn Query> {
    match words.as_slice() {
        [(_, only)] => Box::new(TermQuery::new(Term::from_field_text(field, only), IndexRecordOption::Basic)),
        _ => {
            let terms = words.iter().map(|(at, word)| (*at, Term::from_field_text(field, word))).collect();
            Box::new(PhraseQuery::new_with_offset(terms))
        }
    }
}
