//! Full-text search over questions, answers and comments, through an index that tails the change feed.
//!
//! Owns the folder `index-v2` under the data folder; it may be deleted at any time and grows again while search goes on.
//! The index finds, the database shows: titles and snippets are read from it at each search, so that nothing removed or
//! edited away appears, however far the index lags. Writes no table.

mod find;
mod index;
mod load;
mod query;
pub mod results;
mod similar;
mod snippet;
mod tail;
#[cfg(test)]
mod tests;
mod words;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use tantivy::TantivyError;
use tokio::sync::watch;

use crate::db::{Conn, Db, DbError, PostRef};
use crate::posts::{self, Text};
use crate::questions::{self, QuestionId};
use crate::web;
use index::{Followed, OpenIndex};
use query::Asked;
pub use similar::Similar;
pub use snippet::Piece;

/// The number is the format: another schema or another way to cut words needs another folder.
const FOLDER: &str = "index-v2";
/// Threads on a page of results.
const PAGE_SIZE: usize = 10;
/// Whoever has not found it by then should ask otherwise.
pub const LAST_PAGE: usize = 50;

#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    #[error("the search index: {0}")]
    Index(#[from] TantivyError),
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("the folder of the search index: {0}")]
    Folder(#[from] std::io::Error),
    #[error("another process writes the search index in {0}: stop it, or delete the folder and let it build a new one")]
    Held(PathBuf),
    #[error("a search ended early: {0}")]
    Ended(String),
}

impl From<SearchError> for web::Error {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Db(error) => error.into(),
            other => Self::Internal(other.to_string()),
        }
    }
}

/// The search of one app. Clones share it. Something must [`Self::run`] for it to follow what is written.
#[derive(Clone)]
pub struct Search {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    data: PathBuf,
    /// `None` until the first index is built.
    index: RwLock<Option<Arc<OpenIndex>>>,
    followed: watch::Sender<Option<Followed>>,
    /// Something went wrong with the index: it is to be looked through before it is trusted again.
    suspect: AtomicBool,
    /// Whoever writes the index holds this.
    turn: tokio::sync::Mutex<tail::Turn>,
}

/// What was found.
#[derive(Debug)]
pub struct Results {
    /// False where the query holds no word.
    pub asked: bool,
    /// False while the index is being built for the first time: there may be more than is shown.
    pub ready: bool,
    pub page: usize,
    /// Pages that can be looked at.
    pub pages: usize,
    /// Threads that fit, on all pages.
    pub total: usize,
    pub found: Vec<Found>,
}

/// The best post of a thread that fits.
#[derive(Debug)]
pub struct Found {
    pub row: questions::Row,
    pub post: PostRef,
    /// The address of the post in its thread.
    pub place: String,
    pub title: Vec<Piece>,
    pub snippet: Vec<Piece>,
}

/// How the index of a folder stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    Missing,
    Broken(String),
    /// It has followed this life of the database up to this change.
    Follows {
        epoch: String,
        change: i64,
    },
}

impl Search {
    /// Looks at the index under the data folder without touching it, whoever writes it. Blocking.
    pub fn look(data: &Path) -> State {
        let folder = data.join(FOLDER);
        if !folder.exists() {
            return State::Missing;
        }
        match opened(&folder) {
            Ok((_, Some(Followed { epoch, change }))) => State::Follows { epoch, change },
            Ok((_, None)) => State::Broken("it does not say how far it is".to_owned()),
            Err(error) => State::Broken(error.to_string()),
        }
    }

    /// Opens the index under the data folder, if there is one that can be opened; what is missing is built by
    /// [`Self::run`], so that trouble with the index keeps nobody from the pages.
    pub async fn open(data: PathBuf, db: Db) -> Self {
        let folder = data.join(FOLDER);
        let opened = blocking(move || Ok(if folder.exists() { Some(opened(&folder)?) } else { None })).await;
        let index = opened.unwrap_or_else(|error| {
            tracing::warn!(%error, "the search index cannot be opened and is built anew: {error}");
            None
        });
        let (index, followed) = index.unzip();
        let inner = Inner {
            db,
            data,
            index: RwLock::new(index.map(Arc::new)),
            followed: watch::Sender::new(followed.flatten()),
            suspect: AtomicBool::new(false),
            turn: tokio::sync::Mutex::new(tail::Turn::default()),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The threads that fit `query`, best first; `page` counts from 1. Any text is a query.
    pub async fn search(&self, query: &str, page: usize) -> Result<Results, SearchError> {
        let page = page.clamp(1, LAST_PAGE);
        let asked = Asked::read(query);
        let index = self.index();
        let ready = index.is_some();
        let (Some(asked), Some(index)) = (&asked, index) else {
            return Ok(Results { asked: asked.is_some(), ready, page, pages: 0, total: 0, found: Vec::new() });
        };
        let stems = asked.stems();
        let asked_again = asked.clone();
        let hits = self.looked_up(move || Ok(find::find(&index, &asked_again)?)).await?;
        let total = hits.len();
        let pages = total.div_ceil(PAGE_SIZE).min(LAST_PAGE);
        let shown: Vec<find::Hit> = hits.into_iter().skip((page - 1) * PAGE_SIZE).take(PAGE_SIZE).collect();
        let rows = self.inner.db.read(move |conn| load(conn, &shown)).await?;
        let found = self
            .looked_up(move || {
                let found = |(row, text): (questions::Row, Text)| Found {
                    place: posts::place(row.id.0, &row.title, text.post),
                    title: snippet::whole(&row.title, &stems),
                    snippet: snippet::best(&text.words(), &stems),
                    post: text.post,
                    row,
                };
                Ok(rows.into_iter().map(found).collect())
            })
            .await?;
        Ok(Results { asked: true, ready, page, pages, total, found })
    }

    /// The change up to which the feed is followed; `None` before the first index is built.
    pub fn indexed_up_to(&self) -> Option<i64> {
        self.inner.followed.borrow().as_ref().map(|followed| followed.change)
    }

    /// Returns when a search sees this change (see `db::newest_change`).
    pub async fn wait_for(&self, change: i64) {
        let reached = |followed: &Option<Followed>| followed.as_ref().is_some_and(|followed| followed.change >= change);
        // The sender lives as long as this handle, so this cannot fail.
        let _ = self.inner.followed.subscribe().wait_for(reached).await;
    }

    fn index(&self) -> Option<Arc<OpenIndex>> {
        self.inner.index.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Runs a look-up off the async threads. One that fails makes the index suspect.
    async fn looked_up<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, SearchError> + Send + 'static,
    ) -> Result<T, SearchError> {
        let result = blocking(work).await;
        if result.is_err() {
            self.inner.suspect.store(true, Ordering::Relaxed);
        }
        result
    }
}

/// The rows and texts of these hits, in their order. What is gone meanwhile is left out.
fn load(conn: &mut Conn, hits: &[find::Hit]) -> Result<Vec<(questions::Row, Text)>, DbError> {
    let ids: Vec<QuestionId> = hits.iter().map(|hit| QuestionId(hit.question_id)).collect();
    let posts: Vec<PostRef> = hits.iter().map(|hit| hit.post).collect();
    let rows = questions::rows(conn, &ids)?;
    let mut texts: HashMap<QuestionId, Text> = HashMap::new();
    for text in load::load_shown(conn, &posts)? {
        texts.insert(QuestionId(text.question_id), text);
    }
    Ok(rows.into_iter().filter_map(|row| Some((texts.remove(&row.id)?, row))).map(|(text, row)| (row, text)).collect())
}

fn opened(folder: &Path) -> Result<(OpenIndex, Option<Followed>), TantivyError> {
    let index = OpenIndex::open(folder)?;
    let followed = index.followed()?;
    Ok((index, followed))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SearchError> + Send + 'static,
) -> Result<T, SearchError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(panic) => Err(SearchError::Ended(panic.to_string())),
    }
}
