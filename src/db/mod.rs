//! The database: one code path for SQLite (embedded, the default) and PostgreSQL (several nodes).
//!
//! Owns connections, transactions, migrations and everything that differs between the two. Slices see one `Conn`:
//! `db.read(|conn| …)` is one snapshot, `db.write(|tx| …)` is one short transaction. No HTTP, hashing or rendering
//! belongs inside either. Knows no slice.

mod conn;
pub mod copy;
mod feed;
mod fresh;
pub mod ids;
mod migrate;
pub mod page;
pub mod schema;
mod types;

use std::sync::Arc;
use std::time::Duration;

use diesel::r2d2::{Pool, PooledConnection};
use tokio::sync::{Notify, Semaphore};

pub(crate) use conn::per_database;
pub use conn::{Conn, Place};
use conn::{Manager, Purpose};
use feed::Told;
pub use feed::{
    Change, ChangeKind, Changed, epoch, is_demo, list_changes, mark_demo, newest_change, oldest_change, prune_changes,
};
pub use fresh::{Fresh, MadeOf, Memo, Moment, Recalled};
pub use migrate::{Migrations, migrations};
pub use types::{PostKind, PostRef};
pub(crate) use types::{id_type, text_enum};

diesel::define_sql_function! {
    /// Lower case, as far as the database knows it: SQLite knows ASCII.
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

/// Readers beside the one writer of SQLite: more than the cores of a small server would only wait for each other.
const SQLITE_READERS: u32 = 8;
const POSTGRES_CONNECTIONS: u32 = 12;
/// PostgreSQL keeps some connections for readers, so that a burst of writes does not stop the pages.
const POSTGRES_WRITERS: usize = 6;
/// Writers that may wait for their turn; one more is told "busy" instead of waiting for minutes.
const WAITING_WRITERS: usize = 512;
const CONNECTION_WAIT: Duration = Duration::from_secs(10);

/// What can go wrong on the way to the database, for every slice alike.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The row asked for is not there, or a statement failed.
    #[error(transparent)]
    Query(#[from] diesel::result::Error),
    /// Too many writers wait: nothing was done, and the person may try again.
    #[error("too many writes are waiting")]
    Busy,
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    #[error("the database could not be brought up to date: {0}")]
    Migration(String),
    /// A row contradicts what the code promises; it is refused, never guessed at.
    #[error("the database holds an impossible {what}: {value}")]
    Inconsistent { what: &'static str, value: String },
}

impl DbError {
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Query(diesel::result::Error::NotFound))
    }

    pub fn is_unique_violation(&self) -> bool {
        use diesel::result::{DatabaseErrorKind, Error};
        matches!(self, Self::Query(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)))
    }
}

/// The pools of one database. Clones share them.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    place: Place,
    readers: Pool<Manager>,
    /// SQLite: exactly one connection. PostgreSQL: the readers' pool again.
    writers: Pool<Manager>,
    turns: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    changed: Notify,
    fresh: Fresh,
}

impl Db {
    /// Opens the database, creating and migrating it as needed. Blocking: call it before the runtime has work to do.
    pub fn open(place: Place) -> Result<Self, DbError> {
        migrate::run(&place)?;
        Self::open_migrated(place)
    }

    /// Opens a database that is known to be up to date (the tests' copies of a template).
    pub fn open_migrated(place: Place) -> Result<Self, DbError> {
        // A pool that keeps an idle connection makes it in a thread of its own, whenever the last one is taken: a role that ends
        // soon after would end in the midst of a TLS handshake, and crash there.
        let idle = match place {
            Place::Sqlite(_) => 1,
            Place::Postgres(_) => 0,
        };
        let pool = |purpose, size| {
            Pool::builder()
                .max_size(size)
                .min_idle(Some(idle))
                .connection_timeout(CONNECTION_WAIT)
                .test_on_check_out(matches!(place, Place::Postgres(_)))
                .build(Manager { place: place.clone(), purpose })
                .map_err(|error| DbError::Unreachable(error.to_string()))
        };
        let (readers, writers, turns) = match &place {
            Place::Sqlite(_) => {
                // The writer first: it sets WAL, and connections racing for that end in "database is locked".
                let writers = pool(Purpose::Write, 1)?;
                (pool(Purpose::Read, SQLITE_READERS)?, writers, 1)
            }
            Place::Postgres(_) => {
                let both = pool(Purpose::Write, POSTGRES_CONNECTIONS)?;
                (both.clone(), both, POSTGRES_WRITERS)
            }
        };
        let db = Self {
            inner: Arc::new(Inner {
                place,
                readers,
                writers,
                turns: Arc::new(Semaphore::new(turns)),
                queue: Arc::new(Semaphore::new(WAITING_WRITERS)),
                changed: Notify::new(),
                fresh: Fresh::default(),
            }),
        };
        let mut conn = db.inner.writers.get().map_err(|error| DbError::Unreachable(error.to_string()))?;
        conn.write(feed::begin_epoch)?;
        Ok(db)
    }

    pub fn place(&self) -> &Place {
        &self.inner.place
    }

    /// Runs `work` on one read snapshot, off the async threads.
    pub async fn read<T, E>(&self, work: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + From<diesel::result::Error> + Send + 'static,
    {
        let inner = Arc::clone(&self.inner);
        blocking(move || checked_out(&inner.readers).map_err(E::from)?.read(work)).await
    }

    /// Runs `work` in one transaction, off the async threads, after waiting for a turn. What `work` reports through
    /// [`Tx::changed`] stands in the change feed when the transaction commits.
    pub async fn write<T, E>(&self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + From<diesel::result::Error> + Send + 'static,
    {
        let waiting = Arc::clone(&self.inner.queue).try_acquire_owned().map_err(|_| DbError::Busy)?;
        let turn = Arc::clone(&self.inner.turns).acquire_owned().await.map_err(|_| DbError::Busy)?;
        let inner = Arc::clone(&self.inner);
        blocking(move || {
            let result = checked_out(&inner.writers).map_err(E::from)?.write(|conn| {
                let mut tx = Tx { conn, told: Told::default() };
                let value = work(&mut tx)?;
                let Tx { told, .. } = tx;
                feed::append(conn, &told)?;
                Ok::<_, E>((value, told))
            });
            drop((turn, waiting));
            let (value, told) = result?;
            if !told.is_empty() {
                // Before anybody is told that it is done: they must not be shown what was kept from before.
                inner.fresh.note(told.list());
                inner.changed.notify_waiters();
            }
            Ok(value)
        })
        .await
    }

    /// What holds of what was read earlier.
    pub fn fresh(&self) -> &Fresh {
        &self.inner.fresh
    }

    /// Notes what any process changed since the change `cursor` (`None`: this is the first look), and returns the cursor
    /// for the next look. To be called every second: without it nothing that was kept holds.
    pub async fn look(&self, cursor: Option<i64>) -> Result<i64, DbError> {
        const BATCH: i64 = 1_000;
        let fresh = &self.inner.fresh;
        let Some(mut cursor) = cursor.filter(|_| !fresh.is_lost()) else {
            let newest = self.read(newest_change).await?;
            fresh.forget_all();
            fresh.looked();
            return Ok(newest);
        };
        loop {
            let changes = self.read(move |conn| list_changes(conn, cursor, BATCH)).await?;
            // What one member is shown is in no page that is kept for others.
            let kept = changes.iter().filter(|change| change.member().is_none());
            fresh.note(kept.map(|change| (change.kind, change.question_id)));
            cursor = changes.last().map_or(cursor, |last| last.id);
            if i64::try_from(changes.len()).is_ok_and(|many| many < BATCH) {
                fresh.looked();
                return Ok(cursor);
            }
        }
    }

    /// Woken after each write of this process that changed the feed. Register before looking, then look, then wait.
    pub fn changed(&self) -> &Notify {
        &self.inner.changed
    }
}

/// A write transaction in progress: proof that its holder is inside `Db::write`. Reads go through it as through `Conn`.
pub struct Tx<'a> {
    conn: &'a mut Conn,
    told: Told,
}

impl Tx<'_> {
    /// Notes that others must see this post anew. The row is written last, so that ids become visible in order.
    pub fn changed(&mut self, change: Change) {
        if !self.told.posts.contains(&change) {
            self.told.posts.push(change);
        }
    }

    /// Notes that something in the staff's queue is another now, in this thread if it is in one.
    pub fn work_changed(&mut self, question_id: Option<i64>) {
        let thread = question_id.unwrap_or(0);
        if !self.told.work.contains(&thread) {
            self.told.work.push(thread);
        }
    }

    /// Notes that the page of a thread shows something else now beside the words of its posts.
    pub fn shown_in(&mut self, question_id: i64) {
        if !self.told.shown.contains(&question_id) {
            self.told.shown.push(question_id);
        }
    }

    /// Notes that pages all over the site show something else now: a name, a topic. Not for what happens every minute.
    pub fn shown_everywhere(&mut self) {
        self.shown_in(0);
    }

    /// Notes that this member is shown something else now that nobody else sees, as what they were told.
    pub fn shown_to(&mut self, member: i64) {
        if !self.told.members.contains(&member) {
            self.told.members.push(member);
        }
    }
}

impl std::ops::Deref for Tx<'_> {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        self.conn
    }
}

impl std::ops::DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut Conn {
        self.conn
    }
}

/// Opens a database only if its tables are those of this program; makes and migrates nothing. Blocking.
pub fn look(place: &Place) -> Result<(Option<Db>, Migrations), DbError> {
    let unreachable = |error: diesel::ConnectionError| DbError::Unreachable(error.to_string());
    let known = migrations(&mut conn::connect(place, Purpose::Read).map_err(unreachable)?)?;
    let fits = known.missing.is_empty() && known.unknown.is_empty();
    let db = if fits { Some(Db::open_migrated(place.clone())?) } else { None };
    Ok((db, known))
}

fn checked_out(pool: &Pool<Manager>) -> Result<PooledConnection<Manager>, DbError> {
    pool.get().map_err(|error| DbError::Unreachable(error.to_string()))
}

async fn blocking<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<DbError> + Send + 'static,
{
    // What is logged on the other thread names the same request.
    let span = tracing::Span::current();
    match tokio::task::spawn_blocking(move || span.in_scope(work)).await {
        Ok(result) => result,
        Err(panic) => Err(DbError::Unreachable(format!("a database task ended early: {panic}")).into()),
    }
}
