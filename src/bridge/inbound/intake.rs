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

/// Bodies that one transaction stores at most: enough for a burst, too few to hold up other writers.
const MOST: usize = 256;

/// Clones share the door.
#[derive(Clone, Default)]
pub struct Intake {
    waiting: Arc<Mutex<Vec<Waiting>>>,
    /// Held by the one who stores for all.
    turn: Arc<tokio::sync::Mutex<()>>,
}

struct Waiting {
    channel_id: ChannelId,
    body: Bytes,
    at: Millis,
    told: oneshot::Sender<Result<(), DbError>>,
}

impl Intake {
    /// Stores the body of a webhook, together with those that wait beside it.
    pub async fn store(&self, db: &Db, channel_id: ChannelId, body: Bytes, at: Millis) -> Result<(), DbError> {
        let (told, stored) = oneshot::channel();
        self.waiting().push(Waiting { channel_id, body, at, told });
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
        let (rows, told): (Vec<_>, Vec<_>) =
            group.into_iter().map(|one| ((one.channel_id, one.body, one.at), one.told)).unzip();
        if rows.is_empty() {
            return;
        }
        let stored = db
            .write(move |tx| {
                rows.iter().try_for_each(|(channel, body, at)| inbox::insert(tx, *channel, Source::Webhook, body, *at))
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
