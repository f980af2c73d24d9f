//! Answers come over when their questions are here, be those hidden or part of another thread by now.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::dump::Part;
use super::questions::free_id;
use super::store::Here;
use super::texts::Texts;
use super::{BATCH, ImportError, Reason, Run, SourceId, Stream, members_of, row, store};
use crate::answers::{self, AnswerId, Imported};
use crate::clock::Millis;
use crate::db::{DbError, PostKind, PostRef, Tx};
use crate::members::MemberId;
use crate::questions::{self, QuestionId};

/// An answer on its way.
struct Coming {
    foreign: i64,
    answer: Imported,
    /// When who asked said that it helped.
    accepted_at: Option<Millis>,
}

/// What became of a batch.
#[derive(Clone, Copy, Default)]
struct Came {
    new: u64,
    accepted: u64,
    removed: u64,
    /// With another id than there.
    moved: u64,
}

impl Run<'_> {
    pub(super) async fn bring_answers(&mut self) -> Result<(), ImportError> {
        let (mut rows, mut versions) = (self.dump.rows(Part::Posts)?, self.dump.rows_by_place(Part::PostHistory));
        loop {
            let batch = self.next_rows(&mut rows, BATCH, |row| row.number("PostTypeId") == Some(row::ANSWER))?;
            if batch.is_empty() {
                self.count_lost_marks();
                return Ok(());
            }
            let above: Vec<i64> = batch.iter().filter_map(|row| row.number("ParentId")).collect();
            let known = self.load_known(&batch, &above).await?;
            let texts = Texts::new();
            let (mut coming, mut seen): (Vec<Coming>, HashSet<i64>) = (Vec::new(), HashSet::new());
            for row in &batch {
                let Some(id) = row.number("Id") else { continue };
                let parent = row.number("ParentId");
                let question = parent.and_then(|parent| known.here.get(&parent)).map(|here| here.post);
                let Some(question) = question.filter(|post| post.kind == PostKind::Question) else {
                    self.report.note(Reason::OrphanAnswer);
                    continue;
                };
                let note = known.notes.get(&id).copied().unwrap_or_default();
                let is_accepted = note.accepted_for.is_some() && note.accepted_for == parent;
                match known.here.get(&id) {
                    _ if !seen.insert(id) => self.report.note(Reason::Twice),
                    Some(here) if here.run == self.number => self.report.note(Reason::Twice),
                    Some(_) => {
                        self.report.answers.known += 1;
                        self.report.accepted.known += u64::from(is_accepted);
                    }
                    None => {
                        let created_at = self.written_at(row);
                        let at = note.accepted_at.map_or(created_at, |at| Millis(at).max(created_at));
                        let answer = Imported {
                            // Said when it comes over.
                            id: AnswerId(0),
                            question_id: QuestionId(question.id),
                            by: members_of(&known.authors, &row::author(row, "OwnerUserId", "OwnerDisplayName"))?,
                            body: self.read_body(id, row, note, &texts, &mut versions)?,
                            score: row.number("Score").unwrap_or(note.votes),
                            accepted: None,
                            created_at,
                        };
                        coming.push(Coming { foreign: id, answer, accepted_at: is_accepted.then_some(at) });
                    }
                }
            }
            drop(texts);
            let (source, number, now) = (self.source, self.number, self.now);
            let came = self.db.write(move |tx| bring(tx, coming, (source, number), now)).await?;
            self.report.answers.new += came.new;
            self.report.accepted.new += came.accepted;
            self.report.note_many(Reason::Removed, came.removed);
            self.report.note_many(Reason::Id, came.moved);
        }
    }

    /// Questions of which the answer that helped did not come.
    fn count_lost_marks(&mut self) {
        let marks = self.report.accepted;
        self.report.note_many(Reason::OrphanAccepted, marks.found.saturating_sub(marks.new + marks.known));
    }
}

fn bring(tx: &mut Tx<'_>, coming: Vec<Coming>, from: (SourceId, i64), now: Millis) -> Result<Came, DbError> {
    let asked: Vec<i64> = coming.iter().map(|coming| coming.answer.question_id.0).collect();
    let askers: HashMap<QuestionId, Option<MemberId>> = questions::list_kept(tx, &asked)?.into_iter().collect();
    // In one order for everybody, and each before what hangs on it.
    let mut threads: BTreeMap<QuestionId, Option<QuestionId>> = BTreeMap::new();
    for question in askers.keys().copied().collect::<std::collections::BTreeSet<_>>() {
        threads.insert(question, questions::hold_whole(tx, question)?);
    }
    let taken = answers::list_taken(tx, &coming.iter().map(|coming| coming.foreign).collect::<Vec<_>>())?;
    let (mut came, mut latest): (Came, HashMap<QuestionId, Millis>) = (Came::default(), HashMap::new());
    for Coming { foreign, mut answer, accepted_at } in coming {
        let Some(asker) = askers.get(&answer.question_id) else {
            came.removed += 1;
            continue;
        };
        let id = free_id(tx, "answer", foreign, &taken)?;
        answer.id = AnswerId(id);
        answer.accepted = asker.zip(accepted_at);
        answers::insert_imported(tx, &answer, now)?;
        let here = Here { post: PostRef { kind: PostKind::Answer, id }, run: from.1 };
        store::set_here(tx, (from.0, Stream::Post, foreign), here, answer.score)?;
        let newest = latest.entry(answer.question_id).or_insert(answer.created_at);
        *newest = (*newest).max(answer.created_at);
        came.new += 1;
        came.accepted += u64::from(answer.accepted.is_some());
        came.moved += u64::from(id != foreign);
    }
    for (question, at) in latest {
        for thread in threads.get(&question).copied().flatten().into_iter().chain([question]) {
            questions::spoken_before(tx, thread, at)?;
            answers::recount(tx, thread, now)?;
        }
    }
    Ok(came)
}
