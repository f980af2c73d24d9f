//! Since when what was read is not true any more, as far as this process knows: a counter of moments, and for every thread,
//! for all lists and for the whole site the moment of their last change.
//!
//! `Db::write` notes its own changes before it returns, a tail of the change feed those of other processes. Whoever keeps
//! something notes the moment before reading it, and asks on every use. Reads no database.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Conn;
use super::feed::ChangeKind;

/// Threads that share a number change together: some pages are made anew without need, and memory stays the same.
const SHARES: usize = 1 << 14;
/// Without a look into the feed for so long nothing counts as known.
const BLIND: Duration = Duration::from_secs(2);
/// After so long the feed may have been shortened meanwhile. It is kept for days.
const LOST: Duration = Duration::from_secs(600);

/// A point in the order of changes, of this process alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(u64);

/// What something kept was made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MadeOf {
    /// These threads, and nothing of any other.
    Threads(Vec<i64>),
    /// Any posts at all.
    Posts,
}

/// What has changed when, since this process began.
pub struct Fresh {
    last: AtomicU64,
    threads: Box<[AtomicU64]>,
    posts: AtomicU64,
    site: AtomicU64,
    begun: Instant,
    /// Milliseconds after `begun` at which the feed was last looked into; 0: never.
    looked: AtomicU64,
}

impl Default for Fresh {
    fn default() -> Self {
        Self {
            last: AtomicU64::new(0),
            threads: (0..SHARES).map(|_| AtomicU64::new(0)).collect(),
            posts: AtomicU64::new(0),
            site: AtomicU64::new(0),
            begun: Instant::now(),
            looked: AtomicU64::new(0),
        }
    }
}

impl Fresh {
    /// To be asked before reading what will be kept.
    pub fn now(&self) -> Moment {
        Moment(self.last.load(SeqCst))
    }

    /// Whether what was read after `since` is still as it was, and changes of others would be known.
    pub fn holds(&self, since: Moment, made_of: &MadeOf) -> bool {
        let before = |at: &AtomicU64| at.load(SeqCst) <= since.0;
        let parts = match made_of {
            MadeOf::Threads(ids) => ids.iter().all(|id| before(self.share(*id))),
            MadeOf::Posts => before(&self.posts),
        };
        parts && before(&self.site) && !self.is_blind()
    }

    /// Notes changes that everybody can read by now: what changed, and in which thread (0: in none).
    pub(super) fn note(&self, changes: impl Iterator<Item = (ChangeKind, i64)>) {
        let mut changes = changes.filter(|(kind, _)| *kind != ChangeKind::Work).peekable();
        if changes.peek().is_none() {
            return;
        }
        let at = self.last.fetch_add(1, SeqCst) + 1;
        for (kind, thread) in changes {
            match (kind, thread) {
                (ChangeKind::Shown, 0) => self.site.fetch_max(at, SeqCst),
                (ChangeKind::Shown, _) => self.share(thread).fetch_max(at, SeqCst),
                _ => {
                    self.posts.fetch_max(at, SeqCst);
                    self.share(thread).fetch_max(at, SeqCst)
                }
            };
        }
    }

    /// The page of this thread shows something else from now on that is known to this process alone.
    pub fn shown_anew(&self, thread: i64) {
        self.note(std::iter::once((ChangeKind::Shown, thread)));
    }

    /// The tail has noted everything up to this moment.
    pub(super) fn looked(&self) {
        self.looked.store(self.elapsed().max(1), SeqCst);
    }

    /// Nobody looked into the feed lately: what other processes changed is not known.
    fn is_blind(&self) -> bool {
        self.unlooked() > BLIND
    }

    /// Nobody looked into the feed for so long that it may not tell of everything any more.
    pub(super) fn is_lost(&self) -> bool {
        self.unlooked() > LOST
    }

    /// How long ago the last look was.
    fn unlooked(&self) -> Duration {
        match self.looked.load(SeqCst) {
            0 => Duration::MAX,
            looked => Duration::from_millis(self.elapsed().saturating_sub(looked)),
        }
    }

    /// What was missed cannot be told: nothing that was kept holds.
    pub(super) fn forget_all(&self) {
        let at = self.last.fetch_add(1, SeqCst) + 1;
        self.site.fetch_max(at, SeqCst);
    }

    fn share(&self, thread: i64) -> &AtomicU64 {
        &self.threads[usize::try_from(thread.unsigned_abs()).unwrap_or(0) % SHARES]
    }

    fn elapsed(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// When it was worked out, and what it is.
type Slot<T> = Arc<Mutex<Option<(Moment, Arc<T>)>>>;

/// Something that is dear to work out, kept for as long as it holds. Clones share it.
pub struct Memo<T> {
    kept: Slot<T>,
}

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Self { kept: Arc::new(Mutex::new(None)) }
    }
}

/// What a memo holds, or the place to put it.
pub struct Recalled<T> {
    memo: Slot<T>,
    since: Moment,
    value: Option<Arc<T>>,
}

impl<T> Memo<T> {
    /// What is kept, if it holds. To be asked before the snapshot begins from which it would be worked out.
    pub fn recall(&self, fresh: &Fresh, made_of: &MadeOf) -> Recalled<T> {
        let since = fresh.now();
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let value = kept.filter(|(since, _)| fresh.holds(*since, made_of)).map(|(_, value)| value);
        Recalled { memo: Arc::clone(&self.kept), since, value }
    }
}

impl<T> Recalled<T> {
    /// What was kept, or what `load` finds, which is kept from now on.
    pub fn or_load<E>(self, conn: &mut Conn, load: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<Arc<T>, E> {
        if let Some(value) = self.value {
            return Ok(value);
        }
        let value = Arc::new(load(conn)?);
        let mut kept = self.memo.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_none_or(|(since, _)| *since <= self.since) {
            *kept = Some((self.since, Arc::clone(&value)));
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thread(id: i64) -> MadeOf {
        MadeOf::Threads(vec![id])
    }

    #[test]
    fn a_change_ends_what_it_touches_and_nothing_else() {
        let fresh = Fresh::default();
        let since = fresh.now();
        assert!(!fresh.holds(since, &MadeOf::Posts), "nobody looks into the feed");
        fresh.looked();
        assert!(fresh.holds(since, &MadeOf::Posts) && fresh.holds(since, &thread(7)));
        fresh.note([(ChangeKind::Work, 7)].into_iter());
        assert!(fresh.holds(since, &thread(7)));
        fresh.note([(ChangeKind::Shown, 7)].into_iter());
        assert!(
            !fresh.holds(since, &thread(7)) && fresh.holds(since, &thread(8)) && fresh.holds(since, &MadeOf::Posts)
        );
        assert!(!fresh.holds(since, &MadeOf::Threads(vec![8, 7])));
        fresh.note([(ChangeKind::Answer, 8)].into_iter());
        assert!(
            !fresh.holds(since, &thread(8)) && !fresh.holds(since, &MadeOf::Posts) && fresh.holds(since, &thread(9))
        );
        let later = fresh.now();
        assert!(fresh.holds(later, &thread(7)) && fresh.holds(later, &MadeOf::Posts));
        fresh.note([(ChangeKind::Shown, 0)].into_iter());
        assert!(!fresh.holds(later, &thread(9)) && !fresh.holds(later, &MadeOf::Posts));
    }

    #[test]
    fn what_was_read_before_a_change_and_kept_after_it_does_not_hold() {
        let fresh = Fresh::default();
        fresh.looked();
        let since = fresh.now();
        fresh.note([(ChangeKind::Question, 3)].into_iter());
        // Only now is the page, read before the change, put among the kept ones.
        assert!(!fresh.holds(since, &thread(3)));
        assert!(fresh.holds(fresh.now(), &thread(3)));
    }
}
