//! From a query to the posts that fit best, one of each thread.

use std::cmp::Ordering;
use std::collections::HashMap;

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::query::Query;
use tantivy::{DocId, Score, Searcher, SegmentOrdinal, SegmentReader, TantivyError};

use super::index::{OpenIndex, kind_of};
use super::query::Asked;
use crate::db::PostRef;

/// The best post of a thread.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hit {
    pub question_id: i64,
    pub post: PostRef,
    pub score: Score,
    created_at: i64,
}

impl Hit {
    /// Best first; among equals the newest.
    fn order(&self, other: &Self) -> Ordering {
        let by_score = other.score.total_cmp(&self.score);
        by_score.then(other.created_at.cmp(&self.created_at)).then(other.question_id.cmp(&self.question_id))
    }
}

/// All threads that fit, best first.
pub(super) fn find(index: &OpenIndex, asked: &Asked) -> Result<Vec<Hit>, TantivyError> {
    best_first(index, &asked.query(&index.fields))
}

/// The threads that staff have verified an answer in and that are about the same, best first.
pub(super) fn find_vouched(index: &OpenIndex, asked: &Asked) -> Result<Vec<Hit>, TantivyError> {
    best_first(index, &asked.among_vouched(&index.fields))
}

fn best_first(index: &OpenIndex, query: &dyn Query) -> Result<Vec<Hit>, TantivyError> {
    let searcher: Searcher = index.searcher();
    let mut hits: Vec<Hit> = searcher.search(query, &BestOfThread)?.into_values().collect();
    hits.sort_unstable_by(Hit::order);
    Ok(hits)
}

type ByThread = HashMap<i64, Hit>;

struct BestOfThread;

impl Collector for BestOfThread {
    type Fruit = ByThread;
    type Child = BestOfThreadInSegment;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> Result<Self::Child, TantivyError> {
        let columns = segment.fast_fields();
        Ok(BestOfThreadInSegment {
            question_id: columns.i64("question_id")?,
            kind: columns.u64("kind")?,
            post_id: columns.i64("post_id")?,
            created_at: columns.i64("created_at")?,
            best: HashMap::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        true
    }

    fn merge_fruits(&self, fruits: Vec<ByThread>) -> Result<ByThread, TantivyError> {
        let mut merged = ByThread::new();
        for hit in fruits.into_iter().flat_map(HashMap::into_values) {
            let known = merged.entry(hit.question_id).or_insert_with(|| hit.clone());
            if hit.order(known) == Ordering::Less {
                *known = hit;
            }
        }
        Ok(merged)
    }
}

struct BestOfThreadInSegment {
    question_id: Column<i64>,
    kind: Column<u64>,
    post_id: Column<i64>,
    created_at: Column<i64>,
    best: HashMap<i64, (Score, DocId)>,
}

impl SegmentCollector for BestOfThreadInSegment {
    type Fruit = ByThread;

    fn collect(&mut self, doc: DocId, score: Score) {
        let Some(question_id) = self.question_id.first(doc) else { return };
        let best = self.best.entry(question_id).or_insert((score, doc));
        if score > best.0 {
            *best = (score, doc);
        }
    }

    fn harvest(self) -> ByThread {
        let hit = |(question_id, (score, doc)): (i64, (Score, DocId))| {
            let kind = kind_of(self.kind.first(doc)?)?;
            let post = PostRef { kind, id: self.post_id.first(doc)? };
            let created_at = self.created_at.first(doc)?;
            Some((question_id, Hit { question_id, post, score, created_at }))
        };
        self.best.iter().map(|(question_id, best)| (*question_id, *best)).filter_map(hit).collect()
    }
}
