//! From a plan to the threads that fit best: one pass over the posts that hold any of the words, which ranks them, narrows
//! them down and counts them.
//!
//! Ranking is BM25 over title and body as one text (a word in the title counts as several), with a bonus where the title
//! says little else than the query, where an answer begins with it, and where neighbours stay neighbours. How well that finds
//! is told by `answerwell search-quality`.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use tantivy::{DocId, DocSet, SegmentReader, TERMINATED, TantivyError, Term};

use super::closely::look_closely;
use super::count::{Counts, First, Met};
use super::document::{marks, post_of};
use super::index::Fields;
use super::language::Language;
use super::plan::{Column, Narrow, Plan};
use super::rank::{Ranking, WINDOW};
use super::view::{Columns, View};
use crate::db::PostRef;
use crate::questions::QuestionId;

/// What staff stand by, and what the asker accepted, counts more.
const VOUCHED: f32 = 1.1;
const CHOSEN: f32 = 1.05;
/// Posts that are looked at together where all are.
const AT_ONCE: usize = 4_096;
/// Posts that are counted through, however many fit.
pub(super) const COUNTED_THROUGH: usize = 1 << 18;
/// Posts whose words are looked at so closely.
const CLOSELY: usize = 60;

/// The order of the results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    #[default]
    Relevance,
    Newest,
    Votes,
}

/// The best post of a thread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hit {
    pub thread: i64,
    pub post: PostRef,
    pub score: f32,
    /// That of the post, and that of the question of its thread.
    pub language: Language,
    pub asked_in: Language,
}

/// What fits.
#[derive(Debug, Default)]
pub(super) struct Hits {
    /// As many as were wanted, in order.
    pub best: Vec<Hit>,
    /// Threads that fit, where they are counted.
    pub total: usize,
    /// Whether that and what follows is told from a part of them, because they are many.
    pub estimated: bool,
    /// Threads by topic, by tag and by mark, where that was asked for.
    pub topics: HashMap<u64, usize>,
    pub tags: HashMap<String, usize>,
    pub marks: HashMap<u64, usize>,
}

/// What is wanted of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    pub sort: Sort,
    /// Threads.
    pub most: usize,
    /// So many posts that are left are counted through, however many fit; of more, some are left out. `None`: nothing is
    /// counted, which is far less work.
    pub counted: Option<usize>,
    /// The thread that is asked from is no answer to itself.
    pub except: Option<i64>,
}

/// A post that fits.
#[derive(Clone, Copy)]
pub(super) struct Candidate {
    pub score: f32,
    order: i64,
    pub segment: u32,
    pub doc: DocId,
}

impl Candidate {
    /// Best first; among equals the newer, which is further on.
    fn order(&self, other: &Self) -> Ordering {
        let by_score = other.order.cmp(&self.order).then(other.score.total_cmp(&self.score));
        by_score.then(other.segment.cmp(&self.segment)).then(other.doc.cmp(&self.doc))
    }
}

/// The threads that fit, best first.
pub(super) fn find(
    view: &View,
    fields: &Fields,
    plan: &Plan,
    narrow: &Narrow,
    wish: Wish,
) -> Result<Hits, TantivyError> {
    // A thread has several posts, so more of them than threads are kept; seldom all.
    let mut kept = Best::new((wish.most * 8).max(CLOSELY));
    loop {
        let mut hits = pass(view, fields, plan, narrow, wish, &mut kept)?;
        let dropped = kept.dropped;
        let mut candidates = std::mem::take(&mut kept.candidates);
        if wish.sort == Sort::Relevance {
            bring_forward(&mut candidates, CLOSELY);
            let end = candidates.len().min(CLOSELY);
            look_closely(&view.searcher, fields, plan, &mut candidates[..end])?;
        }
        hits.best = best_of_threads(view, fields, candidates, wish.most)?;
        if !dropped || hits.best.len() == wish.most {
            return Ok(hits);
        }
        kept = Best::new(kept.most.saturating_mul(16));
    }
}

/// Goes through all posts that may fit.
fn pass(
    view: &View,
    fields: &Fields,
    plan: &Plan,
    narrow: &Narrow,
    wish: Wish,
    kept: &mut Best,
) -> Result<Hits, TantivyError> {
    let mut hits = Hits::default();
    let mut counts = Counts::new(wish.counted);
    let excluded = excluded(view, plan)?;
    let mut fitting: Vec<(DocId, f32)> = Vec::new();
    // Windows in the segments before, and posts in those to come.
    let mut windows = 0;
    let mut to_come: usize = view.searcher.segment_readers().iter().map(|segment| segment.max_doc() as usize).sum();
    for (number, segment) in (0..).zip(view.searcher.segment_readers()) {
        let before = windows;
        windows += segment.max_doc().div_ceil(WINDOW);
        to_come -= segment.max_doc() as usize;
        // Only where nothing is counted.
        if holds_none(segment, fields, narrow)? {
            continue;
        }
        let columns = &*view.columns[number as usize];
        let tests = Tests::of(view, columns, narrow, wish.except);
        let mut ranking = match plan.wanted.is_empty() {
            true => None,
            false => Some(Ranking::open(segment, fields, plan, view.mean_length)?),
        };
        let mut all = segment.doc_ids_alive().map(|doc| (doc, 0.0));
        let mut next = 0;
        loop {
            fitting.clear();
            let looked_at = match &mut ranking {
                None => {
                    fitting.extend(all.by_ref().take(AT_ONCE));
                    if fitting.is_empty() {
                        break;
                    }
                    wish.counted.map(|_| fitting.len())
                }
                Some(ranking) => {
                    let floor = if wish.sort == Sort::Relevance { kept.floor() / VOUCHED } else { 0.0 };
                    // Who counts has to see all that fit, whether they may be among the best or not.
                    let window = match counts.first_counted(before + next) {
                        First::None => ranking.next_window(floor),
                        First::Any => ranking.next_window(0.0),
                        First::At(window) => {
                            let counted = (window < windows).then(|| window - before);
                            ranking.next_window(floor).into_iter().chain(counted).min()
                        }
                    };
                    let Some(window) = window else { break };
                    next = window + 1;
                    let counted = counts.is_counted(before + window);
                    ranking.rank_window(window, if counted { 0.0 } else { floor });
                    fitting.extend(std::iter::from_fn(|| ranking.next_ranked()));
                    if segment.has_deletes() {
                        fitting.retain(|(doc, _)| !segment.is_deleted(*doc));
                    }
                    counted.then(|| WINDOW.min(segment.max_doc() - window * WINDOW) as usize)
                }
            };
            if !tests.are_none() {
                fitting.retain(|(doc, _)| tests.hold(*doc));
            }
            if !excluded.is_empty() {
                fitting.retain(|(doc, _)| !excluded.holds(columns.post(*doc).thread));
            }
            if let Some(looked_at) = looked_at {
                counts.count(number, columns, &fitting, looked_at);
                if ranking.is_some() {
                    counts.spare(before + next, to_come + segment.max_doc().saturating_sub(next * WINDOW) as usize);
                }
            }
            for (doc, score) in &fitting {
                let order = match wish.sort {
                    Sort::Relevance if !kept.may_take(score * VOUCHED) => continue,
                    Sort::Relevance => 0,
                    Sort::Newest => columns.at.get_val(*doc),
                    Sort::Votes => columns.score.get_val(*doc),
                };
                let score = score * vouched(columns.post(*doc).marks());
                kept.take(Candidate { score, order, segment: number, doc: *doc });
            }
        }
    }
    counts.tell(view, &mut hits);
    Ok(hits)
}

fn vouched(marks: u64) -> f32 {
    if marks & marks::VOUCHED != 0 {
        VOUCHED
    } else if marks & marks::CHOSEN != 0 {
        CHOSEN
    } else {
        1.0
    }
}

/// The best posts so far.
struct Best {
    candidates: Vec<Candidate>,
    most: usize,
    /// The last of those that were kept when some were dropped: what comes after it is dropped, too.
    last: Option<Candidate>,
    dropped: bool,
}

impl Best {
    fn new(most: usize) -> Self {
        Self { candidates: Vec::new(), most, last: None, dropped: false }
    }

    /// Whether a post of this score, or less, could be among them.
    fn may_take(&mut self, score: f32) -> bool {
        let may = score >= self.floor();
        self.dropped |= !may;
        may
    }

    /// The least score that is of use, where posts are ordered by it.
    fn floor(&self) -> f32 {
        self.last.map_or(0.0, |last| last.score)
    }

    fn take(&mut self, candidate: Candidate) {
        if self.last.is_some_and(|last| last.order(&candidate) == Ordering::Less) {
            self.dropped = true;
            return;
        }
        self.candidates.push(candidate);
        if self.candidates.len() >= self.most.saturating_mul(2) {
            bring_forward(&mut self.candidates, self.most);
            self.candidates.truncate(self.most);
            self.last = self.candidates.last().copied();
            self.dropped = true;
        }
    }
}

/// Sorts the best so many to the front.
fn bring_forward(candidates: &mut [Candidate], most: usize) {
    if candidates.len() > most {
        candidates.select_nth_unstable_by(most, Candidate::order);
    }
    let end = candidates.len().min(most);
    candidates[..end].sort_unstable_by(Candidate::order);
}

fn best_of_threads(
    view: &View,
    fields: &Fields,
    mut candidates: Vec<Candidate>,
    most: usize,
) -> Result<Vec<Hit>, TantivyError> {
    candidates.sort_unstable_by(Candidate::order);
    let mut threads = HashSet::new();
    let mut best = Vec::new();
    for candidate in candidates {
        let columns = &view.columns[candidate.segment as usize];
        let (thread, key) = (columns.post(candidate.doc).thread, columns.key.get_val(candidate.doc));
        if best.len() < most
            && threads.insert(thread)
            && let Some(post) = post_of(key)
        {
            let language = columns.language(candidate.doc);
            let question = QuestionId(thread.into()).post();
            let asked_in = if post == question { None } else { view.language_of(question, fields)? };
            let asked_in = asked_in.unwrap_or(language);
            best.push(Hit { thread: thread.into(), post, score: candidate.score, language, asked_in });
        }
    }
    Ok(best)
}

/// What a post must be like.
struct Tests<'a> {
    columns: &'a Columns,
    tests: Vec<Tested<'a>>,
    except: Option<u32>,
}

/// Of a post, and whether it must not be so.
type Tested<'a> = (Is<'a>, bool);

enum Is<'a> {
    /// `None`: no post has it.
    Tagged(Option<u32>),
    InTopic(&'a [u64]),
    By(&'a [u64]),
    OneOf(&'a [u64]),
    Marked(u64),
    Written(i64, i64),
}

impl<'a> Tests<'a> {
    fn of(view: &View, columns: &'a Columns, narrow: &'a Narrow, except: Option<i64>) -> Self {
        let is = |what: &'a Column| match what {
            Column::Tag(tag) => Is::Tagged(view.tags.number(tag)),
            Column::Topic(any) => Is::InTopic(any),
            Column::Author(any) => Is::By(any),
            Column::Post(any) => Is::OneOf(any),
            Column::Marks(all) => Is::Marked(*all),
            Column::After(at) => Is::Written(*at, i64::MAX),
            Column::Before(at) => Is::Written(i64::MIN, *at),
        };
        let tests = narrow.tests.iter().map(|test| (is(&test.what), test.without)).collect();
        Self { columns, tests, except: except.and_then(|thread| u32::try_from(thread).ok()) }
    }

    fn are_none(&self) -> bool {
        self.tests.is_empty() && self.except.is_none()
    }

    fn hold(&self, doc: DocId) -> bool {
        let columns = self.columns;
        let is = |is: &Is<'_>| match is {
            Is::Tagged(number) => number.is_some_and(|number| columns.tags(doc).any(|tag| tag == number)),
            Is::InTopic(any) => any.contains(&columns.post(doc).topic().into()),
            Is::By(any) => any.binary_search(&columns.author.get_val(doc)).is_ok(),
            Is::OneOf(keys) => keys.binary_search(&columns.key.get_val(doc)).is_ok(),
            Is::Marked(all) => columns.post(doc).marks() & all == *all,
            Is::Written(from, to) => (*from..*to).contains(&columns.at.get_val(doc)),
        };
        self.except.is_none_or(|except| columns.post(doc).thread != except)
            && self.tests.iter().all(|(test, without)| is(test) != *without)
    }
}

/// Whether it is looked for posts of which none is in this segment. New ones stand in few, which are small.
fn holds_none(segment: &SegmentReader, fields: &Fields, narrow: &Narrow) -> Result<bool, TantivyError> {
    for test in &narrow.tests {
        let (Column::Post(keys), false) = (&test.what, test.without) else { continue };
        let posts = segment.inverted_index(fields.key)?;
        let mut held = false;
        for key in keys {
            held |= posts.get_term_info(&Term::from_field_u64(fields.key, *key))?.is_some();
        }
        if !held {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The threads of which any post holds what must not be there: one that speaks of it elsewhere is not what is looked for.
fn excluded(view: &View, plan: &Plan) -> Result<Met, TantivyError> {
    let mut threads = Met::default();
    for (segment, columns) in view.searcher.segment_readers().iter().zip(&view.columns) {
        for weight in &plan.without {
            let mut posts = weight.scorer(segment, 1.0)?;
            while posts.doc() != TERMINATED {
                if !segment.is_deleted(posts.doc()) {
                    threads.is_new(columns.post(posts.doc()).thread);
                }
                posts.advance();
            }
        }
    }
    Ok(threads)
}
