//! Full-text search over questions, answers and comments, through an index that tails the change feed.
//!
//! Owns the folder `index-v3` under the data folder; it may be deleted at any time and grows again while search goes on.
//! The index finds, the database shows: titles and snippets are read from it at each search, so that nothing removed or
//! edited away appears, however far the index lags. Owns the table `unfound`. New questions are held against the searches that
//! members follow; who follows which, and who is told, is the follows' and the news' matter.

mod closely;
mod compare;
mod count;
mod document;
mod filters;
mod find;
pub mod follow;
mod followed;
mod index;
mod language;
mod load;
mod narrow;
mod plan;
pub mod quality;
mod query;
mod rank;
pub mod results;
mod similar;
mod snippet;
mod spelling;
mod store;
mod tail;
#[cfg(test)]
mod tests;
pub mod unfound;
mod view;
mod words;

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use tantivy::TantivyError;
use tokio::sync::watch;

use crate::db::{Conn, Db, DbError, PostRef};
use crate::posts;
use crate::questions::{self, QuestionId};
use crate::web;
pub use compare::{Differences, compare};
use count::rounded;
pub use find::Sort;
use find::{COUNTED_THROUGH, Hit, Hits, Wish};
pub use followed::start;
use index::{Followed, OpenIndex};
use narrow::Resolved;
pub use narrow::{Choice, Chosen, Facet};
use plan::{Column, Narrow, Plan, Test};
use query::Asked;
pub use query::Hint;
pub use similar::{About, Among, Similar};
use snippet::Marker;
pub use snippet::Piece;

/// The number is the format: another schema or another way to cut words needs another folder.
const FOLDER: &str = "index-v3";
/// Folders of earlier formats, which are removed once there is one of this.
const EARLIER: [&str; 2] = ["index-v2", "index-v1"];
/// Threads on a page of results.
const PAGE_SIZE: usize = 10;
/// Whoever has not found it by then should ask otherwise.
pub const LAST_PAGE: usize = 50;
/// Threads that are offered while one types.
const SUGGESTED: usize = 6;

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
    /// Of what is counted as not found.
    pace: unfound::Pace,
    /// Whoever writes the index holds this.
    turn: tokio::sync::Mutex<tail::Turn>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Results {
    /// False where the query asks for nothing.
    pub asked: bool,
    /// False while the index is being built for the first time: there may be more than is shown.
    pub ready: bool,
    pub page: usize,
    /// Pages that can be looked at.
    pub pages: usize,
    /// Threads that fit, on all pages; about, where that is estimated.
    pub total: usize,
    pub found: Vec<Found>,
    /// The filters of the query, each with the query without it.
    pub chosen: Vec<Chosen>,
    /// What could narrow it down further.
    pub facets: Vec<Facet>,
    /// The total and what is counted by choices are told from a part of the results, because these are many.
    pub estimated: bool,
    pub hints: Vec<Hint>,
    /// The query with its misspelt words mended.
    pub mended: Option<Mended>,
    /// What fits less, where nothing fits.
    pub near: Vec<Found>,
    /// The query without its filters.
    pub words: String,
}

/// A query that was mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mended {
    pub query: String,
    /// What is shown was found by it, because by the query as it was typed nothing was.
    pub shown: bool,
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

    /// Bytes of the index under the data folder. Blocking.
    pub fn size(data: &Path) -> io::Result<u64> {
        std::fs::read_dir(data.join(FOLDER))?.map(|file| Ok(file?.metadata()?.len())).sum()
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
            pace: unfound::Pace::default(),
            turn: tokio::sync::Mutex::new(tail::Turn::default()),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The threads that fit `query`, in this order; `page` counts from 1. Any text is a query.
    pub async fn search(&self, query: &str, sort: Sort, page: usize) -> Result<Results, SearchError> {
        let page = page.clamp(1, LAST_PAGE);
        let asked = Asked::read(query);
        let mut results = Results { asked: !asked.is_empty(), page, hints: asked.hints.clone(), ..Results::default() };
        let index = self.index();
        results.ready = index.is_some();
        let (true, Some(index)) = (results.asked, index) else { return Ok(results) };
        let resolved = self.resolve(&asked).await?;
        results.hints.extend(resolved.hints);
        results.chosen = narrow::chosen(query, &asked.filters);
        results.words = narrow::without_filters(query, &asked.filters);
        let sort = if asked.units.is_empty() && asked.phrases.is_empty() && sort == Sort::Relevance {
            Sort::Newest
        } else {
            sort
        };
        let wish = Wish { sort, most: page * PAGE_SIZE, counted: Some(COUNTED_THROUGH), except: None };
        let (searched, typed) = (Arc::clone(&index), query.to_owned());
        let (first, narrow) = (asked.clone(), resolved.narrow.clone());
        let look = move || Ok((look_up(&searched, &first, &narrow, wish)?, spelling::mend(&typed, &first, &searched)?));
        let (mut looked, mended) = self.looked_up(look).await?;
        if let Some(mended) = mended {
            let shown = looked.hits.total == 0;
            if shown {
                let again = self.look_up(&index, Asked::read(&mended), resolved.narrow.clone(), wish).await?;
                if again.hits.total > 0 {
                    looked = again;
                    results.mended = Some(Mended { query: mended, shown });
                }
            } else {
                results.mended = Some(Mended { query: mended, shown });
            }
        }
        results.total = if looked.hits.estimated { rounded(looked.hits.total) } else { looked.hits.total };
        results.estimated = looked.hits.estimated;
        results.pages = results.total.div_ceil(PAGE_SIZE).min(LAST_PAGE);
        let best = looked.hits.best.iter().skip((page - 1) * PAGE_SIZE).take(PAGE_SIZE);
        let best: Vec<Hit> = best.copied().collect();
        let (counts, typed, chosen) = (looked.hits, query.to_owned(), asked.filters.clone());
        let read = self
            .inner
            .db
            .read(move |conn| Ok::<_, DbError>((narrow::facets(conn, &typed, &chosen, &counts)?, load(conn, &best)?)));
        let (facets, read) = read.await?;
        results.facets = facets;
        results.found = self.marked(read, looked.marker).await?;
        let asked = asked.loosened();
        if results.total == 0 && !asked.units.is_empty() {
            results.near = self.near(&index, asked, resolved.narrow).await?;
        }
        Ok(results)
    }

    /// Those of these questions that fit `query` by themselves and hold all its words that say something. A page puts what
    /// fits less further down; whoever is told of one question alone wants none that fits less.
    pub async fn finds(&self, query: &str, among: &[QuestionId]) -> Result<Vec<QuestionId>, SearchError> {
        let asked = Asked { all: true, ..Asked::read(query) };
        let (false, Some(index)) = (asked.is_empty(), self.index()) else { return Ok(Vec::new()) };
        let mut narrow = self.resolve(&asked).await?.narrow;
        let mut keys: Vec<u64> = among.iter().map(|id| document::key(id.post())).collect();
        keys.sort_unstable();
        // First, because it is what most posts fail at.
        narrow.tests.insert(0, Test { what: Column::Post(keys), without: false });
        let wish = Wish { sort: Sort::Newest, most: among.len(), counted: None, except: None };
        let looked = self.look_up(&index, asked, narrow, wish).await?;
        // Of a question that became part of another the whole thread was told.
        let found = looked.hits.best.into_iter().map(|hit| hit.thread).map(QuestionId);
        Ok(found.filter(|id| among.contains(id)).collect())
    }

    /// What is most likely meant by what somebody is still typing, best first.
    pub async fn suggest(&self, typed: &str) -> Result<Vec<Found>, SearchError> {
        let asked = Asked::typed(typed);
        let (false, Some(index)) = (asked.is_empty(), self.index()) else { return Ok(Vec::new()) };
        let narrow = self.resolve(&asked).await?.narrow;
        let wish = Wish { sort: Sort::Relevance, most: SUGGESTED, counted: None, except: None };
        let looked = self.look_up(&index, asked, narrow, wish).await?;
        self.shown(looked.hits.best, looked.marker).await
    }

    /// What comes near where nothing fits: any of the words without the filters.
    async fn near(&self, index: &Arc<OpenIndex>, asked: Asked, narrow: Narrow) -> Result<Vec<Found>, SearchError> {
        let any = Asked { without: Vec::new(), ..asked };
        let wish = Wish { sort: Sort::Relevance, most: SUGGESTED, counted: None, except: None };
        let looked = self.look_up(index, any.clone(), narrow, wish).await?;
        if !looked.hits.best.is_empty() {
            return self.shown(looked.hits.best, looked.marker).await;
        }
        let looked = self.look_up(index, any, Narrow::default(), wish).await?;
        self.shown(looked.hits.best, looked.marker).await
    }

    async fn resolve(&self, asked: &Asked) -> Result<Resolved, DbError> {
        if asked.filters.is_empty() {
            return Ok(Resolved::default());
        }
        let filters = asked.filters.clone();
        self.inner.db.read(move |conn| narrow::resolve(conn, &filters)).await
    }

    async fn look_up(
        &self,
        index: &Arc<OpenIndex>,
        asked: Asked,
        narrow: Narrow,
        wish: Wish,
    ) -> Result<LookedUp, SearchError> {
        let index = Arc::clone(index);
        self.looked_up(move || Ok(look_up(&index, &asked, &narrow, wish)?)).await
    }

    /// These hits as they are shown, in their order. What is gone meanwhile is left out.
    async fn shown(&self, hits: Vec<Hit>, marker: Marker) -> Result<Vec<Found>, SearchError> {
        let read = self.inner.db.read(move |conn| load(conn, &hits)).await?;
        self.marked(read, marker).await
    }

    async fn marked(&self, read: Vec<(Hit, load::Read)>, marker: Marker) -> Result<Vec<Found>, SearchError> {
        let found = move |(hit, (text, row)): (Hit, load::Read)| Found {
            place: posts::place(row.id.0, &row.title, text.post),
            title: snippet::whole(&row.title, &marker, hit.asked_in),
            snippet: snippet::best(&text.words(), &marker, hit.language),
            post: text.post,
            row,
        };
        self.looked_up(move || Ok(read.into_iter().map(found).collect())).await
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

/// What the index says to a query.
struct LookedUp {
    hits: Hits,
    marker: Marker,
    /// The stems of each word that was looked for, and what it weighs.
    weights: Vec<(Vec<String>, f32)>,
}

/// The function behind the search page, behind what is offered while one types, and behind similar questions.
fn look_up(index: &OpenIndex, asked: &Asked, narrow: &Narrow, wish: Wish) -> Result<LookedUp, TantivyError> {
    let view = index.view();
    let main = asked.language_of(&view.languages);
    let plan = Plan::of(asked, main, &view, &index.fields, &index.stems)?;
    let hits = find::find(&view, &index.fields, &plan, narrow, wish)?;
    let weights = plan.wanted.into_iter().map(|wanted| (wanted.stems, wanted.weight)).collect();
    Ok(LookedUp { hits, marker: Marker::of(asked, main, &view.languages, &index.stems), weights })
}

/// The texts of these hits with their threads, in their order. One that is read elsewhere by now is left out.
fn load(conn: &mut Conn, hits: &[Hit]) -> Result<Vec<(Hit, load::Read)>, DbError> {
    let posts: Vec<PostRef> = hits.iter().map(|hit| hit.post).collect();
    let mut read: HashMap<PostRef, load::Read> =
        load::load_shown(conn, &posts)?.into_iter().map(|(text, row)| (text.post, (text, row))).collect();
    let found = |hit: &Hit| {
        let read = read.remove(&hit.post).filter(|(_, row)| row.id.0 == hit.thread)?;
        Some((*hit, read))
    };
    Ok(hits.iter().filter_map(found).collect())
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
