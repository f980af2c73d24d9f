//! Keeps the index at the end of the change feed: follows it, builds the index anew where that cannot be done, and looks
//! after its folder.
//!
//! One process writes one folder, held by a lock file; another on the same folder waits and takes over. A new index is
//! built beside the old one, which serves until the two change places.

use std::collections::HashSet;
use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::index::{Followed, OpenIndex, remove_folder};
use super::load::{Threads, documents, list_threads_after, load_threads};
use super::{EARLIER, FOLDER, Search, SearchError, blocking};
use crate::db::{self, Conn, DbError};
use crate::jobs::{self, Progress, Stop};
use crate::questions::QuestionId;

/// Changes that one commit takes in.
const BATCH: i64 = 500;
/// Threads that one transaction of a rebuild reads.
const THREADS: i64 = 100;
/// Other nodes' writes wake nobody here.
const POLL: Duration = Duration::from_secs(1);
/// Between two commits: in a burst of writes, each takes many in. A commit costs about the same for one post and for
/// fifty, so more of them would only take the processor from the pages.
const GAP: Duration = Duration::from_millis(300);

/// What the one who writes the index knows.
#[derive(Default)]
pub(super) struct Turn {
    /// Held from the first step to the end of [`Search::run`].
    lock: Option<File>,
    looked_through: bool,
    written_at: Option<Instant>,
}

/// The feed as one snapshot shows it.
enum Look {
    Same,
    /// The cursor means nothing here, or what followed it is no longer kept.
    Foreign,
    Changed {
        threads: Threads,
        to: Followed,
    },
    /// Nothing that is to be found: no commit is worth it.
    Passed(Followed),
}

impl Search {
    /// Follows the feed until it is told to stop. What fails is logged and tried again.
    pub async fn run(&self, stop: Stop) {
        jobs::repeat("search index", stop, self.inner.db.changed(), POLL, || self.step()).await;
        *self.inner.turn.lock().await = Turn::default();
        if let Some(index) = self.index()
            && let Err(error) = blocking(move || Ok(index.rest()?)).await
        {
            tracing::warn!(%error, "the search index was not closed well: {error}");
        }
    }

    /// Builds the index anew while the old one serves. Refused while another process writes this folder.
    pub async fn rebuild(&self) -> Result<(), SearchError> {
        let mut turn = self.inner.turn.lock().await;
        if !self.take_lock(&mut turn)? {
            return Err(SearchError::Held(self.inner.data.join(FOLDER)));
        }
        self.build(&mut turn, false).await
    }

    /// Looks once, and does what is to be done.
    async fn step(&self) -> Result<Progress, SearchError> {
        let mut turn = self.inner.turn.lock().await;
        if !self.take_lock(&mut turn)? {
            return self.take_over_from_disk().await;
        }
        let Some(index) = self.index() else {
            self.build(&mut turn, true).await?;
            return Ok(Progress::More);
        };
        if let Some(at) = turn.written_at {
            tokio::time::sleep_until(at + GAP).await;
        }
        let suspect = self.inner.suspect.swap(false, Ordering::Relaxed) || !turn.looked_through;
        if self.is_lost(&index, suspect).await? {
            tracing::warn!("the search index is gone or damaged and is built anew; the old one serves meanwhile");
            self.build(&mut turn, true).await?;
            return Ok(Progress::More);
        }
        turn.looked_through = true;
        let followed = self.inner.followed.borrow().clone();
        match self.inner.db.read(move |conn| look(conn, followed.as_ref())).await? {
            Look::Foreign => {
                tracing::info!("the search index belongs to another life of the database and is built anew");
                self.build(&mut turn, false).await?;
                Ok(Progress::More)
            }
            Look::Changed { threads, to } => {
                self.follow(&index, threads, to).await?;
                turn.written_at = Some(Instant::now());
                Ok(Progress::More)
            }
            Look::Passed(to) => {
                self.inner.followed.send_replace(Some(to));
                Ok(Progress::More)
            }
            Look::Same => Ok(Progress::Idle),
        }
    }

    /// Whether the folder no longer holds this index. A suspect one is read through, and what it says of itself counts.
    async fn is_lost(&self, index: &Arc<OpenIndex>, suspect: bool) -> Result<bool, SearchError> {
        let index = Arc::clone(index);
        let inner = Arc::clone(&self.inner);
        blocking(move || {
            if !index.is_there() || (suspect && index.is_damaged()) {
                return Ok(true);
            }
            if suspect {
                let Ok(followed) = index.reload().and_then(|()| index.followed()) else { return Ok(true) };
                inner.followed.send_replace(followed);
            }
            Ok(false)
        })
        .await
    }

    async fn follow(&self, index: &Arc<OpenIndex>, threads: Threads, to: Followed) -> Result<(), SearchError> {
        let index = Arc::clone(index);
        let inner = Arc::clone(&self.inner);
        // The whole step in one piece: whoever stops waiting for it leaves nothing half done.
        blocking(move || {
            if let Err(error) = index.follow(&threads.ids, &documents(threads.read), &to) {
                inner.suspect.store(true, Ordering::Relaxed);
                // Without the writer, what it had not committed is forgotten, and the next one begins clean.
                if let Err(second) = index.rest() {
                    tracing::debug!(%second, "the writer of the search index ended badly: {second}");
                }
                return Err(error.into());
            }
            inner.followed.send_replace(Some(to));
            Ok(())
        })
        .await
    }

    /// Builds an index beside the one that serves, and lets them change places. `aside`: the old folder is kept for
    /// whoever wants to know what happened to it.
    async fn build(&self, turn: &mut Turn, aside: bool) -> Result<(), SearchError> {
        let begun = Instant::now();
        let building = self.inner.data.join(format!("{FOLDER}.new"));
        let to = self.inner.db.read(newest).await?;
        let index = blocking(move || {
            remove_folder(&building)?;
            Ok(Arc::new(OpenIndex::create(&building)?))
        })
        .await?;
        let mut posts = 0;
        let mut after = QuestionId(0);
        loop {
            let (threads, last) = self.inner.db.read(move |conn| list_threads_after(conn, after, THREADS)).await?;
            let Some(last) = last else { break };
            after = last;
            posts += threads.read.len();
            let filling = Arc::clone(&index);
            blocking(move || Ok(filling.fill(&documents(threads.read))?)).await?;
        }
        let search = self.clone();
        blocking(move || {
            index.finish(&to)?;
            drop(index);
            search.change_places(to, aside)
        })
        .await?;
        turn.looked_through = true;
        turn.written_at = None;
        tracing::info!(posts, "the search index was built in {} ms: {posts} posts", begun.elapsed().as_millis());
        Ok(())
    }

    fn change_places(&self, to: Followed, aside: bool) -> Result<(), SearchError> {
        let data = &self.inner.data;
        let folder = data.join(FOLDER);
        let old = data.join(format!("{FOLDER}.{}", if aside { "damaged" } else { "old" }));
        if let Some(index) = self.index()
            && let Err(error) = index.rest()
        {
            tracing::debug!(%error, "the writer of the old search index ended badly: {error}");
        }
        remove_folder(&old)?;
        rename(&folder, &old)?;
        std::fs::rename(data.join(format!("{FOLDER}.new")), &folder)?;
        let index = Arc::new(OpenIndex::open(&folder)?);
        *self.inner.index.write().unwrap_or_else(PoisonError::into_inner) = Some(index);
        self.inner.followed.send_replace(Some(to));
        if !aside {
            remove_folder(&old)?;
        }
        for earlier in EARLIER {
            remove_folder(&data.join(earlier))?;
        }
        Ok(())
    }

    /// True if this process may write the folder. The file is kept open: the lock goes with the process.
    fn take_lock(&self, turn: &mut Turn) -> Result<bool, SearchError> {
        if turn.lock.is_some() {
            return Ok(true);
        }
        std::fs::create_dir_all(&self.inner.data)?;
        let path = self.inner.data.join(format!("{FOLDER}.lock"));
        let file = File::options().create(true).truncate(false).write(true).open(path)?;
        match file.try_lock() {
            Ok(()) => {
                turn.lock = Some(file);
                Ok(true)
            }
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// While another process writes: shows what it has committed.
    async fn take_over_from_disk(&self) -> Result<Progress, SearchError> {
        let folder = self.inner.data.join(FOLDER);
        let known = self.index();
        let inner = Arc::clone(&self.inner);
        blocking(move || {
            // First how far it is, then what it holds: whoever waits for a change sees it then.
            let taken_up =
                |index: &Arc<OpenIndex>| index.followed().and_then(|followed| index.reload().map(|()| followed));
            let known = known.and_then(|index| taken_up(&index).ok().map(|followed| (index, followed)));
            let (index, followed) = match known {
                Some(known) => known,
                None if folder.exists() => {
                    let index = Arc::new(OpenIndex::open(&folder)?);
                    let followed = taken_up(&index)?;
                    (index, followed)
                }
                None => return Ok(()),
            };
            *inner.index.write().unwrap_or_else(PoisonError::into_inner) = Some(index);
            inner.followed.send_replace(followed);
            Ok(())
        })
        .await?;
        Ok(Progress::Idle)
    }
}

fn newest(conn: &mut Conn) -> Result<Followed, DbError> {
    Ok(Followed { epoch: db::epoch(conn)?, change: db::newest_change(conn)? })
}

fn look(conn: &mut Conn, followed: Option<&Followed>) -> Result<Look, DbError> {
    let Some(followed) = followed else { return Ok(Look::Foreign) };
    let newest = newest(conn)?;
    if followed == &newest {
        return Ok(Look::Same);
    }
    let oldest = db::oldest_change(conn)?;
    if followed.epoch != newest.epoch || followed.change > newest.change || followed.change + 1 < oldest {
        return Ok(Look::Foreign);
    }
    let changes = db::list_changes(conn, followed.change, BATCH)?;
    let change = changes.last().map_or(followed.change, |last| last.id);
    // What is shown of a thread beside its words (votes, tags, its topic, what is verified) narrows searches down too.
    let told = |changed: &&db::Changed| changed.post().is_some() || changed.is_shown_of_thread();
    let threads: HashSet<QuestionId> =
        changes.iter().filter(told).map(|changed| QuestionId(changed.question_id)).collect();
    if threads.is_empty() {
        return Ok(Look::Passed(Followed { change, ..newest }));
    }
    let threads: Vec<QuestionId> = threads.into_iter().collect();
    let threads = load_threads(conn, &threads)?;
    Ok(Look::Changed { threads, to: Followed { change, ..newest } })
}

/// Renames a folder that may not be there.
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    match std::fs::rename(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
