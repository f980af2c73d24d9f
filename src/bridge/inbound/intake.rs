//! The door of the inbox: bodies that arrive at the same moment are stored by one transaction.
//!
//! A commit waits for the disk; in a burst, one wait serves everybody who stands at the door. Who is answered "stored"
//! has it stored: nobody is answered before the commit.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::web::Bytes;
use tokio::sync::oneshot;

use crate::bridge::ChannelId;
use crate::bridge::store::inbox::{self, Source};
use crate::clock::Millis;
use crate::db::{Db, DbError};

/// Webhooks that one transaction stores at most: enough for a burst, too few to hold up other writers.
const MOST: usize = 256;

/// Webhooks that may wait before the door. Whoever comes then is told to come again: the network keeps what it could not
/// deliver, our memory does not.
const MOST_WAITING: usize = 2_000;

/// Clones share the door.
#[derive(Clone, Default)]
pub struct Intake {
    waiting: Arc<Mutex<Vec<Waiting>>>,
    /// Held by the one who stores for all.
    turn: Arc<tokio::sync::Mutex<()>>,
}

struct Waiting {
    /// The parts of one webhook: all of them are stored, or none.
    parts: Vec<(ChannelId, Bytes)>,
    at: Millis,
    told: oneshot::Sender<Result<(), DbError>>,
}

impl Intake {
    /// Stores the parts of a webhook, each for its channel, together with the webhooks that wait beside it. `Busy`: too many
    /// wait, and nothing was stored.
    pub async fn store(&self, db: &Db, parts: Vec<(ChannelId, Bytes)>, at: Millis) -> Result<(), DbError> {
        let (told, stored) = oneshot::channel();
        {
            let mut waiting = self.waiting();
            if waiting.len() >= MOST_WAITING {
                return Err(DbError::Busy);
            }
            waiting.push(Waiting { parts, at, told });
        }
        let (door, db) = (self.clone(), db.clone());
        // A task of its own: a sender that hangs up must not take along those it stores for.
        tokio::spawn(async move { door.store_waiting(&db).await });
        stored.await.map_err(|_| DbError::Busy)?
    }

    async fn store_waiting(&self, db: &Db) {
        let _turn = self.turn.lock().await;
        let group: Vec<Waiting> = {
            let mut waiting = self.waiting();
            let most = waiting.len().min(MOST);
            waiting.drain(..most).collect()
        };
        let (rows, told): (Vec<_>, Vec<_>) = group.into_iter().map(|one| ((one.parts, one.at), one.told)).unzip();
        if rows.is_empty() {
            return;
        }
        let stored = db
            .write(move |tx| {
                let mut rows =
                    rows.iter().flat_map(|(parts, at)| parts.iter().map(move |(channel, body)| (*channel, body, *at)));
                rows.try_for_each(|(channel, body, at)| inbox::insert(tx, channel, Source::Webhook, body, at))
            })
            .await;
        let mut told = told.into_iter();
        if let Err(error) = stored {
            tracing::error!(%error, "bodies could not be put into the inbox: {error}");
            // The first is told why; to the others it is the same as a door that is too full.
            if let Some(first) = told.next() {
                let _gone = first.send(Err(error));
            }
            told.for_each(|one| drop(one.send(Err(DbError::Busy))));
            return;
        }
        told.for_each(|one| drop(one.send(Ok(()))));
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Place;

    #[tokio::test]
    async fn a_door_that_is_too_full_says_so_and_keeps_what_waits() {
        let folder = tempfile::TempDir::new().unwrap();
        let db = Db::open(Place::Sqlite(folder.path().join("intake.db"))).unwrap();
        let door = Intake::default();
        let turn = door.turn.lock().await;
        let arrive = || {
            let (door, db) = (door.clone(), db.clone());
            tokio::spawn(
                async move { door.store(&db, vec![(ChannelId(1), Bytes::from_static(b"{}"))], Millis(1)).await },
            )
        };
        let waiting: Vec<_> = (0..MOST_WAITING).map(|_| arrive()).collect();
        while door.waiting().len() < MOST_WAITING {
            tokio::task::yield_now().await;
        }
        assert!(matches!(arrive().await.unwrap(), Err(DbError::Busy)));
        drop(turn);
        // Each is answered, here with the word that there is no such channel.
        for one in waiting {
            assert!(one.await.unwrap().is_err());
        }
    }
}
