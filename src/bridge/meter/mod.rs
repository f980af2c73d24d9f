//! The meter: what every call to a network costs, what a channel may cost, and which limits are used up.
//!
//! Each channel's calls are told to it as they end; a worker books them in groups. A node that crashes forgets what it
//! did in the last moment, no more. Prices and sums are ours: what the network charges stands on its own bill.

pub mod prices;
pub mod spending;

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::app::App;
use crate::bridge::ChannelId;
pub use crate::bridge::store::expenses::{Allowance, find_allowance, set_allowance};
use crate::bridge::store::{channels, expenses, limits};
use crate::clock::{Clock, Millis};
use crate::db::{Conn, Db, DbError};
use crate::jobs::Progress;
use crate::networks::watch::{Caller, Endpoint, Item, Observed, Watch};
use crate::posts::{Called, Origin};

/// How often the database may refuse what is to be booked before it is let go.
const MOST_REFUSALS: u8 = 100;

/// Watches the calls of every channel of this process. Clones are the same meter.
#[derive(Clone)]
pub struct Meter {
    db: Db,
    clock: Clock,
    told: Arc<Told>,
}

/// What was told and is not booked yet.
#[derive(Default)]
struct Told {
    notes: Mutex<Vec<Note>>,
    bell: Notify,
}

/// What is to be booked for a channel.
#[derive(Clone, Debug)]
pub(super) struct Note {
    pub channel_id: ChannelId,
    pub what: What,
    /// How often the database refused it.
    pub refusals: u8,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    Called(Observed),
    /// The network sent these by itself.
    Arrived {
        at: Millis,
        items: Vec<Item>,
    },
}

impl Meter {
    pub(super) fn new(db: &Db, clock: &Clock) -> Self {
        Self { db: db.clone(), clock: clock.clone(), told: Arc::default() }
    }

    /// The watch over the calls of one channel.
    pub(super) fn watch(&self, id: ChannelId) -> Watch {
        let (db, clock, told) = (self.db.clone(), self.clock.clone(), Arc::clone(&self.told));
        let ask = move |endpoint, caller| {
            let (db, now) = (db.clone(), clock.now());
            let asked: futures_util::future::BoxFuture<'static, _> =
                Box::pin(async move { closed_until(&db, id, endpoint, caller, now).await });
            asked
        };
        Watch::new(ask, move |observed| told.note(Note { channel_id: id, what: What::Called(observed), refusals: 0 }))
    }

    /// What the network sent us by itself is charged, too.
    pub(super) fn note_arrived(&self, id: ChannelId, items: Vec<Item>) {
        if !items.is_empty() {
            let what = What::Arrived { at: self.clock.now(), items };
            self.told.note(Note { channel_id: id, what, refusals: 0 });
        }
    }

    /// Rung when there is something to book.
    pub(super) fn bell(&self) -> &Notify {
        &self.told.bell
    }
}

impl Told {
    fn note(&self, note: Note) {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).push(note);
        self.bell.notify_one();
    }

    fn take(&self) -> Vec<Note> {
        std::mem::take(&mut *self.notes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn put_back(&self, mut earlier: Vec<Note>) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        earlier.append(&mut notes);
        *notes = earlier;
    }
}

/// Books what was told since the last time, in one transaction.
pub async fn step(app: &App) -> Result<Progress, DbError> {
    let meter = &app.bridge.meter;
    let notes = Arc::new(meter.told.take());
    if notes.is_empty() {
        return Ok(Progress::Idle);
    }
    let booked = Arc::clone(&notes);
    let result = meter
        .db
        .write(move |tx| {
            expenses::book(tx, &booked)?;
            limits::keep(tx, &booked)
        })
        .await;
    match result {
        Ok(()) => Ok(Progress::More),
        // What the database cannot take now it takes later.
        Err(error @ (DbError::Busy | DbError::Unreachable(_))) => {
            meter.told.put_back(Arc::unwrap_or_clone(notes));
            Err(error)
        }
        // So it may be with a connection that was lost; what it refuses again and again it would refuse for ever.
        Err(error) => {
            let mut again = Arc::unwrap_or_clone(notes);
            again.iter_mut().for_each(|note| note.refusals += 1);
            again.retain(|note| note.refusals < MOST_REFUSALS);
            meter.told.put_back(again);
            Err(error)
        }
    }
}

/// Whether a read that nobody must have may cost `micros` (millionths of a US dollar) more this month. Sends and
/// mentions never ask.
pub fn may_spend(conn: &mut Conn, id: ChannelId, micros: i64, now: Millis) -> Result<bool, DbError> {
    Ok(left_to_spend(conn, id, now)?.is_none_or(|left| left >= micros))
}

/// What is left of this month's ceiling, in millionths of a US dollar; negative once it is passed. `None`: there is none.
pub fn left_to_spend(conn: &mut Conn, id: ChannelId, now: Millis) -> Result<Option<i64>, DbError> {
    let Some(ceiling) = expenses::find_allowance(conn, id)?.ceiling else { return Ok(None) };
    let (first, last) = (now.first_of_month(), now.utc_day());
    let spent: i64 = expenses::list(conn, id, first, last)?.iter().map(|expense| expense.micros).sum();
    Ok(Some(ceiling - spent))
}

/// Those of these channels whose own calls of this kind the network takes now. For those who must know before they begin.
pub fn list_open(
    conn: &mut Conn,
    channels: Vec<ChannelId>,
    endpoint: Endpoint,
    now: Millis,
) -> Result<Vec<ChannelId>, DbError> {
    let mut open = Vec::with_capacity(channels.len());
    for id in channels {
        if limits::closed_until(conn, id, endpoint, Caller::Account, now)?.is_none() {
            open.push(id);
        }
    }
    Ok(open)
}

/// What a network does not let an account of ours do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    pub network: Origin,
    pub account: Called,
    /// What may not be done, as a verb: "post replies".
    pub verb: &'static str,
    pub until: Millis,
}

/// What the networks do not let us do now, for the desk.
pub fn list_closed(conn: &mut Conn, now: Millis) -> Result<Vec<Closed>, DbError> {
    let mut closed = Vec::new();
    for limit in limits::list_used_up(conn, now)? {
        let (network, handle) = channels::load_name(conn, limit.channel_id)?;
        let account = network.called(&handle, "");
        closed.push(Closed { network, account, verb: limit.endpoint.verb(), until: limit.reset_at });
    }
    Ok(closed)
}

/// Until when the network lets us make no such call. Where the database cannot say, the network itself will.
async fn closed_until(db: &Db, id: ChannelId, endpoint: Endpoint, caller: Caller, now: Millis) -> Option<Millis> {
    match db.read(move |conn| limits::closed_until(conn, id, endpoint, caller, now)).await {
        Ok(until) => until,
        Err(error) => {
            tracing::warn!(channel = id.0, %error, "the limits could not be asked: {error}");
            None
        }
    }
}
