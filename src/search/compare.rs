//! Whether the index holds what the database shows, post by post: what `doctor` asks. Writes neither.
//!
//! What differs is mended by the one who writes the index: told that these threads changed, it reads them anew.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use super::document::key;
use super::load::{documents, list_threads_after};
use super::{FOLDER, SearchError, blocking, opened};
use crate::db::Db;
use crate::questions::QuestionId;

/// Threads that are compared at once.
const RANGE: i64 = 500;

/// How the index and the database differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Posts in the index, and those that belong there.
    pub held: usize,
    pub wanted: usize,
    /// The threads in which something is missing, or is not as it should be, or should not be there.
    pub threads: Vec<QuestionId>,
}

/// Compares the index under a data folder with the database. What is written meanwhile may seem to differ.
pub async fn compare(data: &Path, db: &Db) -> Result<Differences, SearchError> {
    let folder = data.join(FOLDER);
    let held = blocking(move || Ok(opened(&folder)?.0.list_held()?)).await?;
    let mut differences = Differences { held: held.len(), ..Differences::default() };
    let mut differing: BTreeSet<i64> = BTreeSet::new();
    let mut after = 0;
    loop {
        let (threads, last) = db.read(move |conn| list_threads_after(conn, QuestionId(after), RANGE)).await?;
        let end = last.map_or(i64::MAX, |last| last.0);
        let wanted = blocking(move || {
            let documents = documents(threads.read).into_iter();
            Ok(documents.map(|one| (key(one.post), (one.thread, one.checksum()))).collect::<HashMap<_, _>>())
        })
        .await?;
        differences.wanted += wanted.len();
        let (begin, limit) = (held.partition_point(|one| one.0 <= after), held.partition_point(|one| one.0 <= end));
        let range = &held[begin..limit];
        let mut seen = 0;
        for (thread, post, checksum) in range {
            if wanted.get(post) == Some(&(*thread, *checksum)) {
                seen += 1;
            } else {
                differing.insert(*thread);
            }
        }
        if seen < wanted.len() {
            let held: BTreeSet<u64> = range.iter().map(|one| one.1).collect();
            differing.extend(wanted.iter().filter(|(post, _)| !held.contains(post)).map(|(_, (thread, _))| *thread));
        }
        if last.is_none() {
            break;
        }
        after = end;
    }
    differences.threads = differing.into_iter().map(QuestionId).collect();
    Ok(differences)
}
