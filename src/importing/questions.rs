//! Questions come over first: everything else hangs on them.

use std::collections::{HashMap, HashSet};

use super::dump::{ByPlace, DumpError, Part, Row};
use super::store::{Here, Note};
use super::texts::{Taken, Texts};
use super::{BATCH, HIGHEST_ID, ImportError, Reason, Run, Stream, members_of, row, store, words};
use crate::db::{DbError, PostKind, PostRef, Tx, ids};
use crate::posts::Body;
use crate::questions::{self, Closed, Imported, QuestionId};
use crate::tags::{self, TagName};
use crate::web::form::clean;

/// What the database knows of a batch before it comes over.
pub(super) struct Known {
    pub here: HashMap<i64, Here>,
    pub authors: HashMap<String, store::Author>,
    pub notes: HashMap<i64, Note>,
}

impl Run<'_> {
    pub(super) async fn bring_questions(&mut self) -> Result<(), ImportError> {
        let (mut rows, mut versions) = (self.dump.rows(Part::Posts)?, self.dump.rows_by_place(Part::PostHistory));
        loop {
            let batch = self.next_rows(&mut rows, BATCH, |row| row.number("PostTypeId") == Some(row::QUESTION))?;
            if batch.is_empty() {
                return Ok(());
            }
            let known = self.load_known(&batch, &[]).await?;
            let texts = Texts::new();
            let (mut new, mut seen): (Vec<(i64, Imported)>, HashSet<i64>) = (Vec::new(), HashSet::new());
            for row in &batch {
                let Some(id) = row.number("Id") else { continue };
                match known.here.get(&id) {
                    _ if !seen.insert(id) => self.report.note(Reason::Twice),
                    Some(here) if here.run == self.number => self.report.note(Reason::Twice),
                    Some(_) => self.report.questions.known += 1,
                    None => new.push((id, self.read_question(id, row, &known, &texts, &mut versions)?)),
                }
            }
            // What renders is not held while others are waited for.
            drop(texts);
            self.report.questions.new += new.len() as u64;
            let (source, number, now) = (self.source, self.number, self.now);
            let moved = self
                .db
                .write(move |tx| {
                    let taken = questions::list_taken(tx, &new.iter().map(|(id, _)| *id).collect::<Vec<_>>())?;
                    let mut moved = 0;
                    for (foreign, mut question) in new {
                        let id = free_id(tx, "question", foreign, &taken)?;
                        question.id = QuestionId(id);
                        questions::insert_imported(tx, &question, now)?;
                        let here = Here { post: PostRef { kind: PostKind::Question, id }, run: number };
                        store::set_here(tx, (source, Stream::Post, foreign), here, question.score)?;
                        moved += u64::from(id != foreign);
                    }
                    Ok::<_, DbError>(moved)
                })
                .await?;
            self.report.note_many(Reason::Id, moved);
        }
    }

    /// What is known of posts, and of others that they hang on.
    pub(super) async fn load_known(&self, batch: &[Row], above: &[i64]) -> Result<Known, DbError> {
        let own: Vec<i64> = batch.iter().filter_map(|row| row.number("Id")).collect();
        let every: Vec<i64> = own.iter().chain(above).copied().collect();
        let authors: HashSet<String> =
            batch.iter().map(|row| row::author(row, "OwnerUserId", "OwnerDisplayName")).collect();
        let (source, authors): (_, Vec<String>) = (self.source, authors.into_iter().collect());
        self.db
            .read(move |conn| {
                Ok(Known {
                    here: store::list_here(conn, source, Stream::Post, &every)?,
                    authors: store::load_authors(conn, source, &authors)?,
                    notes: store::load_notes(conn, source, &own)?,
                })
            })
            .await
    }

    fn read_question(
        &mut self,
        id: i64,
        row: &Row,
        known: &Known,
        texts: &Texts,
        versions: &mut Option<ByPlace>,
    ) -> Result<Imported, ImportError> {
        let note = known.notes.get(&id).copied().unwrap_or_default();
        let created_at = self.written_at(row);
        let mut title = clean(row.get("Title").unwrap_or_default()).split_whitespace().collect::<Vec<_>>().join(" ");
        if title.is_empty() {
            self.report.note(Reason::Title);
            title = words::no_title(id);
        }
        let closed = row.get("ClosedDate").map(|_| Closed {
            at: row::date(row, "ClosedDate", self.now).unwrap_or(created_at),
            reason: words::closed_as(note.closed_as).to_owned(),
        });
        Ok(Imported {
            // Said when it comes over.
            id: QuestionId(0),
            by: members_of(&known.authors, &row::author(row, "OwnerUserId", "OwnerDisplayName"))?,
            title,
            body: self.read_body(id, row, note, texts, versions)?,
            score: row.number("Score").unwrap_or(note.votes),
            tags: self.read_tags(row),
            closed,
            created_at,
            activity_at: row::date(row, "LastActivityDate", self.now).map_or(created_at, |at| at.max(created_at)),
        })
    }

    /// The words of a question or an answer.
    pub(super) fn read_body(
        &mut self,
        id: i64,
        row: &Row,
        note: Note,
        texts: &Texts,
        versions: &mut Option<ByPlace>,
    ) -> Result<Body, DumpError> {
        let version = match (versions, note.text_row.and_then(|at| u64::try_from(at).ok())) {
            (Some(versions), Some(at)) => Some(versions.find(at, id)?),
            _ => None,
        };
        let typed = version.as_ref().and_then(|version| version.get("Text"));
        let (body, taken) = texts.of_post(row.get("Body").unwrap_or_default(), typed);
        if taken == Taken::FromHtml {
            self.report.note(Reason::Html);
        }
        Ok(body)
    }

    fn read_tags(&mut self, row: &Row) -> Vec<TagName> {
        let mut names: Vec<TagName> = Vec::new();
        for there in row::tags(row.get("Tags").unwrap_or_default()) {
            match row::tag(there) {
                Some(name) if names.contains(&name) => {}
                Some(name) if names.len() < tags::MOST => {
                    if name.as_str() != there {
                        self.report.note(Reason::Tag);
                    }
                    names.push(name);
                }
                _ => self.report.note(Reason::TooManyTags),
            }
        }
        names
    }
}

/// The id of a post there where nobody has it here, else another.
pub(super) fn free_id(tx: &mut Tx<'_>, table: &'static str, foreign: i64, taken: &[i64]) -> Result<i64, DbError> {
    match (1..=HIGHEST_ID).contains(&foreign) && !taken.contains(&foreign) {
        true => Ok(foreign),
        false => ids::take(tx, table),
    }
}
