//! Comments come over when what they are about is here.

use std::collections::{HashMap, HashSet};

use super::dump::{Part, Row};
use super::questions::free_id;
use super::store::Here;
use super::{BATCH, ImportError, Reason, Run, SourceId, Stream, members_of, row, store, texts};
use crate::answers::{self, AnswerId};
use crate::clock::Millis;
use crate::comments::{self, CommentId, Imported};
use crate::db::{DbError, PostKind, PostRef, Tx};
use crate::members::MemberId;
use crate::posts::Body;
use crate::questions::{self, QuestionId};

/// A comment on its way.
struct Coming {
    foreign: i64,
    on: PostRef,
    by: MemberId,
    body: Body,
    created_at: Millis,
}

/// What the database knows of a batch before it comes over.
struct Known {
    here: HashMap<i64, Here>,
    above: HashMap<i64, Here>,
    authors: HashMap<String, store::Author>,
}

impl Run<'_> {
    pub(super) async fn bring_comments(&mut self) -> Result<(), ImportError> {
        let mut rows = self.dump.rows(Part::Comments)?;
        loop {
            let batch = self.next_rows(&mut rows, BATCH, |_| true)?;
            if batch.is_empty() {
                return Ok(());
            }
            let known = self.load_known_comments(&batch).await?;
            let (mut coming, mut seen): (Vec<Coming>, HashSet<i64>) = (Vec::new(), HashSet::new());
            for row in &batch {
                let Some(id) = row.number("Id") else { continue };
                let Some(above) = row.number("PostId").and_then(|above| known.above.get(&above)) else {
                    self.report.note(Reason::OrphanComment);
                    continue;
                };
                match known.here.get(&id) {
                    _ if !seen.insert(id) => self.report.note(Reason::Twice),
                    Some(here) if here.run == self.number => self.report.note(Reason::Twice),
                    Some(_) => self.report.comments.known += 1,
                    None => {
                        let body = texts::of_comment(row.get("Text").unwrap_or_default());
                        if body.source.is_empty() {
                            self.report.note(Reason::Empty);
                            continue;
                        }
                        let by = members_of(&known.authors, &row::author(row, "UserId", "UserDisplayName"))?;
                        let created_at = self.written_at(row);
                        coming.push(Coming { foreign: id, on: above.post, by, body, created_at });
                    }
                }
            }
            let (source, number, now) = (self.source, self.number, self.now);
            let many = coming.len() as u64;
            let new = self.db.write(move |tx| bring(tx, coming, (source, number), now)).await?;
            self.report.comments.new += new;
            self.report.note_many(Reason::Removed, many - new);
        }
    }

    async fn load_known_comments(&self, batch: &[Row]) -> Result<Known, DbError> {
        let numbers = |name: &str| -> Vec<i64> { batch.iter().filter_map(|row| row.number(name)).collect() };
        let authors: HashSet<String> = batch.iter().map(|row| row::author(row, "UserId", "UserDisplayName")).collect();
        let (own, above, source) = (numbers("Id"), numbers("PostId"), self.source);
        let authors: Vec<String> = authors.into_iter().collect();
        self.db
            .read(move |conn| {
                Ok(Known {
                    here: store::list_here(conn, source, Stream::Comment, &own)?,
                    above: store::list_here(conn, source, Stream::Post, &above)?,
                    authors: store::load_authors(conn, source, &authors)?,
                })
            })
            .await
    }
}

/// Says how many came; the others were made to posts that are gone for good.
fn bring(tx: &mut Tx<'_>, coming: Vec<Coming>, from: (SourceId, i64), now: Millis) -> Result<u64, DbError> {
    let on = |kind| coming.iter().filter(|one| one.on.kind == kind).map(|one| one.on.id).collect::<Vec<i64>>();
    let answered: HashMap<AnswerId, QuestionId> = answers::list_kept(tx, &on(PostKind::Answer))?.into_iter().collect();
    let asked: Vec<i64> = on(PostKind::Question).into_iter().chain(answered.values().map(|id| id.0)).collect();
    let asked: HashSet<QuestionId> = questions::list_kept(tx, &asked)?.into_iter().map(|(id, _)| id).collect();
    let taken = comments::list_taken(tx, &coming.iter().map(|one| one.foreign).collect::<Vec<_>>())?;
    let mut came = 0;
    for Coming { foreign, on, by, body, created_at } in coming {
        let answer = (on.kind == PostKind::Answer).then_some(AnswerId(on.id));
        let question = match answer {
            Some(answer) => answered.get(&answer).copied(),
            None => Some(QuestionId(on.id)),
        };
        let Some(question_id) = question.filter(|question| asked.contains(question)) else { continue };
        let id = free_id(tx, "comment", foreign, &taken)?;
        let comment = Imported { id: CommentId(id), question_id, answer_id: answer, by, body, created_at };
        comments::insert_imported(tx, &comment, now)?;
        let here = Here { post: PostRef { kind: PostKind::Comment, id }, run: from.1 };
        store::set_here(tx, (from.0, Stream::Comment, foreign), here, 0)?;
        came += 1;
    }
    Ok(came)
}
