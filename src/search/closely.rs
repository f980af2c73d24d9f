//! A closer look at the few posts that fit best: words that stand there just as they were written, and neighbours that stay
//! neighbours.

use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, Searcher, SegmentReader, TantivyError, Term};

use super::find::Candidate;
use super::index::Fields;
use super::plan::Plan;
use super::rank::{TITLE, saturated};

/// What a word brings that stands there as it was written, and not in another form.
const EXACT: f32 = 0.05;
/// What it brings besides in a post without a title, such as an answer, if that begins with it: an answer says first what it
/// is about. After each forty words more it brings a third of that.
const LEADS: f32 = 0.55;
const FADES: f32 = 40.0;
/// What neighbours in the query bring where they are neighbours in a post, and how far apart they may be.
const NEIGHBOURS: f32 = 0.2;
const APART: u32 = 2;

/// Adds what words bring that stand there just as they were written, and neighbours that stay neighbours.
pub(super) fn look_closely(
    searcher: &Searcher,
    fields: &Fields,
    plan: &Plan,
    candidates: &mut [Candidate],
) -> Result<(), TantivyError> {
    let mut by_place: Vec<&mut Candidate> = candidates.iter_mut().collect();
    by_place.sort_unstable_by_key(|candidate| (candidate.segment, candidate.doc));
    for part in by_place.chunk_by_mut(|left, right| left.segment == right.segment) {
        let Some(segment) = part.first().map(|first| searcher.segment_reader(first.segment)) else { continue };
        let titles = segment.get_fieldnorms_reader(fields.title)?;
        let mut places = Vec::new();
        for (field, counts) in [(fields.title, TITLE), (fields.body, 1.0)] {
            let inverted = segment.inverted_index(field)?;
            for (word, weight) in &plan.exact {
                let term = Term::from_field_text(field, word);
                let record = IndexRecordOption::WithFreqsAndPositions;
                let Some(mut postings) = inverted.read_postings(&term, record)? else { continue };
                for candidate in part.iter_mut() {
                    if postings.doc() < candidate.doc {
                        postings.seek(candidate.doc);
                    }
                    if postings.doc() != candidate.doc {
                        continue;
                    }
                    candidate.score += EXACT * weight;
                    if titles.fieldnorm(candidate.doc) == 0 {
                        postings.positions(&mut places);
                        let first = places.first().map_or(f32::INFINITY, |place| *place as f32);
                        candidate.score += LEADS * weight * (-first / FADES).exp();
                    }
                }
            }
            for (left, right, weight) in &plan.pairs {
                let Some(mut neighbours) = Neighbours::open(segment, field, left, right)? else { continue };
                for candidate in part.iter_mut() {
                    if neighbours.are_in(candidate.doc) {
                        candidate.score += NEIGHBOURS * weight * saturated(counts);
                    }
                }
            }
        }
    }
    Ok(())
}

/// Two words in one field of one segment.
struct Neighbours {
    left: SegmentPostings,
    right: SegmentPostings,
    places: [Vec<u32>; 2],
}

impl Neighbours {
    fn open(segment: &SegmentReader, field: Field, left: &str, right: &str) -> Result<Option<Self>, TantivyError> {
        let inverted = segment.inverted_index(field)?;
        let read = |word: &str| {
            inverted.read_postings(&Term::from_field_text(field, word), IndexRecordOption::WithFreqsAndPositions)
        };
        let (Some(left), Some(right)) = (read(left)?, read(right)?) else { return Ok(None) };
        Ok(Some(Self { left, right, places: [Vec::new(), Vec::new()] }))
    }

    /// Whether they stand beside each other in this post. Posts are asked for in order.
    fn are_in(&mut self, doc: DocId) -> bool {
        let [left, right] = &mut self.places;
        for (postings, places) in [(&mut self.left, &mut *left), (&mut self.right, &mut *right)] {
            if postings.doc() < doc {
                postings.seek(doc);
            }
            if postings.doc() != doc {
                return false;
            }
            postings.positions(places);
        }
        let mut after = right.iter().peekable();
        left.iter().any(|place| {
            while after.next_if(|other| **other <= *place).is_some() {}
            after.peek().is_some_and(|other| **other - place <= APART)
        })
    }
}
