//! Importing: the questions, answers, comments and people of another site, from the dump that it gives away, into this forum.
//!
//! Each file is read once for what it says of the others ([`survey`]), so that a broken one is told before anything came over;
//! then accounts are made, and posts, comments and links come over, a batch in a transaction. What came over is noted by its
//! id there, for ever: an import that ended early goes on, a second one changes nothing, what was erased here stays erased,
//! and old addresses lead to where a post is now. Nothing of a dump is held in memory but the batch at work. Owns the tables
//! `import_source`, `imported_post`, `imported_member`, `import_note` and `question_link`. Tells nobody of what is old, and
//! gives staff no work by it.

mod answers;
mod comments;
mod dump;
mod ends;
mod people;
mod questions;
mod report;
mod row;
mod store;
mod survey;
mod texts;
mod words;

use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::path::Path;

pub use self::dump::DumpError;
use self::dump::{Dump, Next, Row, Rows};
pub use self::report::{Reason, Report, Tally};
pub use self::store::{find_origin, find_post, find_score, list_unfinished};
use crate::clock::{Clock, Millis};
use crate::db::{Conn, Db, DbError, id_type, ids, text_enum};
use crate::members::MemberId;
use crate::posts;
use crate::questions::QuestionId;
use crate::web::form::clean;

id_type!(
    /// The id of a site whose dump was read.
    SourceId
);

text_enum! {
    /// What counts its ids together in a dump.
    pub enum Stream {
        /// Questions and answers.
        Post = "post",
        Comment = "comment",
    }
}

text_enum! {
    /// Why a question points to another.
    pub enum LinkKind {
        /// The other asked the same before.
        Duplicate = "duplicate",
        /// Somebody named the other in it.
        Related = "related",
    }
}

/// Posts of one transaction: others wait for it.
const BATCH: usize = 200;
/// Ids above this are no count of posts; such a post gets one of ours. The largest site of this kind has not come to it.
const HIGHEST_ID: i64 = 100_000_000;
/// Characters of the name of a site.
const LONGEST_SITE: usize = 100;
/// Questions that a page names of those that its question points to.
const SHOWN_LINKS: i64 = 20;

/// Why an import ended early. What came over until then stays, and another run goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    Dump(#[from] DumpError),
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("{}", words::nameless(.0))]
    Nameless(String),
    #[error("{}", words::AT_WORK)]
    AtWork,
    #[error("{0}")]
    Lock(std::io::Error),
}

impl From<diesel::result::Error> for ImportError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Db(error.into())
    }
}

/// Told about now and then: so many bytes of so many were gone through.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64);

/// Brings a dump over, as far as it is not here. `site`: where it is from; `data`: the data folder, in which one import works
/// at a time.
pub async fn run(
    db: &Db,
    data: &Path,
    folder: &Path,
    site: &str,
    clock: &Clock,
    progress: Progress<'_>,
) -> Result<Report, ImportError> {
    let dump = Dump::open(folder)?;
    let name = clean(site);
    if name.is_empty() || name.chars().count() > LONGEST_SITE || name.contains('\n') {
        return Err(ImportError::Nameless(site.to_owned()));
    }
    let _lock = take_turn(data)?;
    let now = clock.now();
    let (source, number) = db.write(move |tx| store::begin(tx, &name, now)).await?;
    let total = survey::bytes(&dump);
    let mut run =
        Run { db: db.clone(), dump, source, number, now, report: Report::default(), progress, done: 0, total };
    run.forget_notes().await?;
    let highest = run.survey().await?;
    db.write(move |tx| {
        ids::reserve(tx, "question", highest.post)?;
        ids::reserve(tx, "answer", highest.post)?;
        ids::reserve(tx, "comment", highest.comment)
    })
    .await?;
    run.make_members().await?;
    run.bring_questions().await?;
    run.bring_answers().await?;
    run.bring_comments().await?;
    run.bring_links().await?;
    run.count_votes().await?;
    run.forget_notes().await?;
    let ended = clock.now();
    db.write(move |tx| store::end(tx, source, ended)).await?;
    Ok(run.report)
}

/// The lock goes with the process, however it ends.
fn take_turn(data: &Path) -> Result<File, ImportError> {
    let path = data.join("import.lock");
    let file = File::options().create(true).truncate(false).write(true).open(path).map_err(ImportError::Lock)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ImportError::AtWork),
        Err(TryLockError::Error(error)) => Err(ImportError::Lock(error)),
    }
}

/// An import at work.
struct Run<'a> {
    db: Db,
    dump: Dump,
    source: SourceId,
    /// Which attempt this is.
    number: i64,
    now: Millis,
    report: Report,
    progress: Progress<'a>,
    /// Bytes that were gone through, of so many; a file that is read twice counts twice.
    done: u64,
    total: u64,
}

impl Run<'_> {
    /// The next rows of a file that are `wanted`, at most so many; empty at the end. Rows that cannot be used were counted by
    /// the survey.
    fn next_rows(
        &mut self,
        rows: &mut Rows,
        most: usize,
        wanted: impl Fn(&Row) -> bool,
    ) -> Result<Vec<Row>, DumpError> {
        let (begun, mut batch) = (rows.read_so_far(), Vec::new());
        while batch.len() < most {
            match rows.next()? {
                Next::Row(row) if row.number("Id").is_some() && wanted(&row) => batch.push(row),
                Next::Row(_) | Next::Torn => {}
                Next::End => break,
            }
        }
        self.went_through(rows.read_so_far() - begun);
        Ok(batch)
    }

    fn went_through(&mut self, bytes: u64) {
        self.done += bytes;
        (self.progress)(self.done, self.total);
    }

    async fn forget_notes(&self) -> Result<(), DbError> {
        const MANY: i64 = 5_000;
        let source = self.source;
        loop {
            let gone = self.db.write(move |tx| store::forget_notes(tx, source, MANY)).await?;
            if i64::try_from(gone).is_ok_and(|gone| gone < MANY) {
                return Ok(());
            }
        }
    }

    /// When something was written; where that cannot be, when it was active last, or now.
    fn written_at(&mut self, row: &Row) -> Millis {
        row::date(row, "CreationDate", self.now).unwrap_or_else(|| {
            self.report.note(Reason::Date);
            row::date(row, "LastActivityDate", self.now).unwrap_or(self.now)
        })
    }
}

/// The accounts of authors, which were made before.
fn members_of(authors: &HashMap<String, store::Author>, author: &str) -> Result<MemberId, DbError> {
    let found = authors.get(author).and_then(|(member, _)| *member);
    found
        .ok_or_else(|| DbError::Inconsistent { what: "author of a dump, without an account", value: author.to_owned() })
}

/// A question that another one points to, as its page names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    pub id: QuestionId,
    pub title: String,
    pub kind: LinkKind,
}

impl Linked {
    pub fn place(&self) -> String {
        posts::question_place(self.id.0, &self.title)
    }

    pub fn is_duplicate(&self) -> bool {
        self.kind == LinkKind::Duplicate
    }
}

/// The questions that a question points to and that everybody sees, each once: first those that asked the same before.
pub fn list_linked(conn: &mut Conn, question: QuestionId) -> Result<Vec<Linked>, DbError> {
    let links = store::list_links(conn, question, SHOWN_LINKS)?;
    if links.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<QuestionId> = links.iter().map(|(id, _)| *id).collect();
    let rows = crate::questions::rows(conn, &ids)?;
    let mut linked: Vec<Linked> = Vec::new();
    for (id, kind) in links {
        let is_named = linked.iter().any(|one| one.id == id);
        if let Some(row) = rows.iter().find(|row| row.id == id).filter(|_| !is_named) {
            linked.push(Linked { id, title: row.title.clone(), kind });
        }
    }
    Ok(linked)
}
