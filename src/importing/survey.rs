//! The first reading: every file of a dump from its beginning to its end. Counts what there is, notes who wrote, and what the
//! files beside the posts say of each post, and finds what is broken before anything came over.

use std::collections::HashMap;

use super::dump::{Dump, Next, Part, Row};
use super::store::{self, Note};
use super::{HIGHEST_ID, ImportError, Reason, Run, row};
use crate::clock::Millis;

/// Notes that are held before they are written.
const HELD: usize = 2_000;

/// How often each file is read.
const READINGS: [(Part, u64); 8] = [
    (Part::Posts, 3),
    (Part::Users, 2),
    (Part::Comments, 2),
    (Part::Votes, 2),
    (Part::PostLinks, 2),
    (Part::PostHistory, 1),
    (Part::Tags, 1),
    (Part::Badges, 1),
];

/// How many bytes will be read in all.
pub(super) fn bytes(dump: &Dump) -> u64 {
    READINGS.iter().map(|(part, times)| dump.bytes(*part) * times).sum()
}

/// The highest ids of a dump that are kept here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Highest {
    pub post: i64,
    pub comment: i64,
}

/// What was read and is not written yet.
#[derive(Default)]
struct Held {
    notes: HashMap<i64, Note>,
    authors: HashMap<String, Millis>,
}

impl Held {
    fn of(&mut self, post: i64) -> &mut Note {
        self.notes.entry(post).or_default()
    }
}

impl Run<'_> {
    pub(super) async fn survey(&mut self) -> Result<Highest, ImportError> {
        let mut highest = Highest::default();
        for part in Part::ALL {
            self.survey_file(part, &mut highest).await?;
        }
        Ok(highest)
    }

    async fn survey_file(&mut self, part: Part, highest: &mut Highest) -> Result<(), ImportError> {
        let (mut rows, mut held, mut begun) = (self.dump.rows(part)?, Held::default(), 0);
        loop {
            let next = rows.next()?;
            let is_end = matches!(next, Next::End);
            match next {
                Next::Row(row) => match row.number("Id") {
                    Some(id) => self.look_at(part, id, &row, &mut held, highest),
                    // Tags are known by their names, and not looked at further.
                    None if part == Part::Tags => {}
                    None => self.report.note(Reason::NoId),
                },
                Next::Torn => self.report.note(Reason::Torn),
                Next::End => {}
            }
            if is_end || held.notes.len() + held.authors.len() >= HELD {
                self.went_through(rows.read_so_far() - begun);
                begun = rows.read_so_far();
                let (source, held) = (self.source, std::mem::take(&mut held));
                self.db
                    .write(move |tx| {
                        store::note(tx, source, &held.notes)?;
                        store::note_authors(tx, source, &held.authors)
                    })
                    .await?;
            }
            if is_end {
                return Ok(());
            }
        }
    }

    fn look_at(&mut self, part: Part, id: i64, row: &Row, held: &mut Held, highest: &mut Highest) {
        let at = row::date(row, "CreationDate", self.now);
        match part {
            Part::Posts => {
                match row.number("PostTypeId") {
                    Some(row::QUESTION) => self.report.questions.found += 1,
                    Some(row::ANSWER) => self.report.answers.found += 1,
                    _ => return self.report.note(Reason::NoQuestion),
                }
                held.authors
                    .entry(row::author(row, "OwnerUserId", "OwnerDisplayName"))
                    .or_insert(at.unwrap_or(self.now));
                highest.post = highest.post.max(if id <= HIGHEST_ID { id } else { 0 });
                if let Some(accepted) = row.number("AcceptedAnswerId") {
                    self.report.accepted.found += 1;
                    held.of(accepted).accepted_for = Some(id);
                }
            }
            Part::Comments => {
                self.report.comments.found += 1;
                held.authors.entry(row::author(row, "UserId", "UserDisplayName")).or_insert(at.unwrap_or(self.now));
                highest.comment = highest.comment.max(if id <= HIGHEST_ID { id } else { 0 });
            }
            Part::Users => self.report.members.found += 1,
            Part::Badges => self.report.note(Reason::Badge),
            Part::Votes => {
                self.report.votes.found += 1;
                let Some(post) = row.number("PostId") else { return };
                match row::cast(row) {
                    row::Cast::Worth(value) => held.of(post).votes += value,
                    row::Cast::Accepted => held.of(post).accepted_at = at.map(|at| at.0),
                    row::Cast::Other => {}
                }
            }
            Part::PostLinks => {
                self.report.links.found += 1;
                if let (Some(post), Some(row::Link::Duplicate)) = (row.number("PostId"), row::link(row)) {
                    held.of(post).closed(at.map_or(0, |at| at.0), Some(row::ASKED_BEFORE));
                }
            }
            Part::PostHistory => {
                let (Some(post), at) = (row.number("PostId"), at.map_or(0, |at| at.0)) else { return };
                match row::version(row) {
                    row::Version::Body => held.of(post).text(at, i64::try_from(row.at).unwrap_or(i64::MAX)),
                    row::Version::Closed => held.of(post).closed(at, row.number("Comment")),
                    row::Version::Other => {}
                }
            }
            Part::Tags => {}
        }
    }
}
