//! The similar questions beside each thread: worked out in the background once its page was asked for, kept in the memory of
//! this process, and made anew when the question says something else or after a while.
//!
//! A page never waits for the search: without its list it is shown without it, and made anew when there is one. What is
//! listed is read from the database, and counts as part of the page, so that what is hidden or merged leaves it at once.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::web::Data;
use moka::sync::Cache;
use tokio::sync::Notify;

use super::{BESIDE, about};
use crate::app::App;
use crate::clock::Millis;
use crate::db::{Conn, DbError, Fresh, MadeOf, Memo, Recalled};
use crate::jobs::{Jobs, Progress, repeat};
use crate::questions::{self, Question, QuestionId, Row};
use crate::search::{Among, SearchError};

/// More would not be read.
const MOST: usize = 5;
/// Threads whose lists are kept, about two kilobytes each.
const KEPT: u64 = 10_000;
/// What was asked since then is missing from a list.
const HOLDS: Duration = Duration::from_secs(3600);
/// When a page asks again for a list that was not made.
const AGAIN: Duration = Duration::from_secs(600);
/// Threads that wait for their list; those who come later ask again.
const MOST_WANTED: usize = 1_000;
/// For each moment of work so many of rest: whoever has all pages shown to them takes a tenth of a core with it.
const REST: u32 = 9;
const LONGEST_REST: Duration = Duration::from_secs(1);
/// It is woken when there is something to do.
const POLL: Duration = Duration::from_secs(60);

/// The lists of this process.
pub struct Beside {
    lists: Cache<QuestionId, Arc<List>>,
    wanted: Mutex<VecDeque<QuestionId>>,
    wake: Notify,
}

/// The questions that are like one.
struct List {
    /// What that one said then.
    of: u64,
    made_at: Millis,
    ids: Vec<QuestionId>,
    rows: Memo<Vec<Row>>,
}

/// What is known of a list before the page beside it is read.
pub struct Recall {
    kept: Option<(Arc<List>, Recalled<Vec<Row>>)>,
}

/// What a page shows, and how long.
#[derive(Default)]
pub struct Listed {
    pub rows: Arc<Vec<Row>>,
    /// What `rows` are made of: more than is shown where something of it is out of sight.
    pub ids: Vec<QuestionId>,
    made: Option<(u64, Millis)>,
}

impl Default for Beside {
    fn default() -> Self {
        Self { lists: Cache::new(KEPT), wanted: Mutex::default(), wake: Notify::new() }
    }
}

impl Beside {
    /// Starts the loop that makes them.
    pub fn start(app: &Data<App>, jobs: &mut Jobs) {
        let (data, stop) = (app.clone(), jobs.stop());
        jobs.spawn(async move {
            repeat("similar questions", stop, &data.beside.wake, POLL, || step(&data)).await;
        });
    }

    /// To be asked before the snapshot begins in which the page is read.
    pub fn recall(&self, fresh: &Fresh, thread: QuestionId) -> Recall {
        let recalled = |list: Arc<List>| {
            let rows = list.rows.recall(fresh, &MadeOf::Threads(list.ids.iter().map(|id| id.0).collect()));
            (list, rows)
        };
        Recall { kept: self.lists.get(&thread).map(recalled) }
    }

    /// Asks for the list of a public question, if what its page shows is not what it should be. Returns until when the page
    /// is as it is.
    pub fn see_to(&self, question: &Question, shown: &Listed, now: Millis) -> Millis {
        let due = shown.made.map(|(_, made_at)| made_at.plus(HOLDS));
        match (shown.made, due) {
            (Some((of, _)), Some(due)) if of == mark(question) && now < due => due,
            _ => {
                self.want(question.id);
                now.plus(AGAIN)
            }
        }
    }

    fn want(&self, thread: QuestionId) {
        let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        if wanted.len() < MOST_WANTED && !wanted.contains(&thread) {
            wanted.push_back(thread);
            self.wake.notify_one();
        }
    }

    fn next(&self) -> Option<QuestionId> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    /// They ask again when they are shown again.
    fn forget_wanted(&self) {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Recall {
    /// The rows of those that may be shown.
    pub fn load(self, conn: &mut Conn) -> Result<Listed, DbError> {
        let Some((list, rows)) = self.kept else { return Ok(Listed::default()) };
        let rows = rows.or_load(conn, |conn| questions::rows(conn, &list.ids))?;
        Ok(Listed { rows, ids: list.ids.clone(), made: Some((list.of, list.made_at)) })
    }
}

/// Of what a question says, as far as its list depends on it.
fn mark(question: &Question) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&question.title, &question.body).hash(&mut hasher);
    hasher.finish()
}

/// Makes the list that is waited for longest.
async fn step(app: &App) -> Result<Progress, SearchError> {
    let Some(thread) = app.beside.next() else { return Ok(Progress::Idle) };
    if app.search.indexed_up_to().is_none() {
        app.beside.forget_wanted();
        return Ok(Progress::Idle);
    }
    let begun = Instant::now();
    if let Err(error) = make(app, thread).await {
        app.beside.forget_wanted();
        return Err(error);
    }
    tokio::time::sleep((begun.elapsed() * REST).min(LONGEST_REST)).await;
    Ok(Progress::More)
}

async fn make(app: &App, thread: QuestionId) -> Result<(), SearchError> {
    let Some(question) = app.db.read(move |conn| questions::find(conn, thread)).await? else { return Ok(()) };
    let similar = app.search.similar(&about(&question.title, &question.body), thread, Among::All).await?;
    let alike = similar.into_iter().filter(|one| BESIDE.is(one)).map(|one| one.question_id);
    let ids: Vec<QuestionId> = alike.take(MOST).collect();
    let known = app.beside.lists.get(&thread).map(|list| list.ids.clone()).unwrap_or_default();
    let is_other = known != ids;
    let list = List { of: mark(&question), made_at: app.clock.now(), ids, rows: Memo::default() };
    app.beside.lists.insert(thread, Arc::new(list));
    if is_other {
        app.db.fresh().shown_anew(thread.0);
    }
    Ok(())
}
