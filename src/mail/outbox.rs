//! The loop that hands mail over, one after the other, over one connection as long as there is some.
//!
//! What it takes on is written down before the server hears of it, and what the server says before anything else is done:
//! a crash in between leaves a mail uncertain, never sent twice and never lost.

use std::time::Duration;

use actix_web::web::Data;
use lettre::message::Mailbox;

use super::relay::{Relay, Session};
use super::state::{Fate, after};
use super::store::{self, Due};
use super::{Way, message};
use crate::app::App;
use crate::db::DbError;
use crate::jobs::{Jobs, Progress, repeat};

/// Other nodes' mail wakes nobody here.
const LOOK: Duration = Duration::from_secs(10);
/// Longer than all steps of handing over one mail together may take.
const LEASE: Duration = Duration::from_secs(300);
/// So many over one connection: servers grow tired of longer ones.
const BATCH: usize = 50;

/// Starts the loop.
pub fn start(app: &Data<App>, jobs: &mut Jobs) {
    let (data, stop) = (app.clone(), jobs.stop());
    jobs.spawn(async move {
        repeat("mail", stop, &data.mail.wake, LOOK, || step(&data)).await;
    });
}

/// Hands over what is due, a batch at most.
async fn step(app: &App) -> Result<Progress, DbError> {
    let now = app.clock.now();
    app.db.write(move |tx| store::give_up_leases(tx, now)).await?;
    match &app.mail.way {
        // What was posted while a server was set waits for the next one.
        Way::None => Ok(Progress::Idle),
        Way::Page => show(app).await,
        Way::Server { relay, from } => send(app, relay, from).await,
    }
}

async fn take(app: &App) -> Result<Option<Due>, DbError> {
    let now = app.clock.now();
    app.db.write(move |tx| store::take(tx, now, now.plus(LEASE))).await
}

/// The demo's way: it has arrived where it is shown.
async fn show(app: &App) -> Result<Progress, DbError> {
    let Some(due) = take(app).await? else { return Ok(Progress::Idle) };
    settle(app, &due, Fate::Taken).await?;
    Ok(Progress::More)
}

async fn send(app: &App, relay: &Relay, from: &Mailbox) -> Result<Progress, DbError> {
    let mut open: Option<Session> = None;
    for _ in 0..BATCH {
        let Some(due) = take(app).await? else {
            close(open).await;
            return Ok(Progress::Idle);
        };
        let mut session = match open.take() {
            Some(session) => session,
            None => match relay.open().await {
                Ok(session) => session,
                // Every other mail would hear the same: they wait for the next look.
                Err(said) => {
                    settle(app, &due, Fate::NotNow(said)).await?;
                    return Ok(Progress::Idle);
                }
            },
        };
        let fate = match message::write(&due, from, &relay.us) {
            Ok(written) => session.send(&written.envelope, &written.bytes).await,
            Err(problem) => Fate::Refused(problem),
        };
        let is_taken = fate == Fate::Taken;
        settle(app, &due, fate).await?;
        // After a refusal a conversation begins anew: not every server goes on as if nothing had been said.
        if is_taken {
            open = Some(session);
        } else {
            session.close().await;
        }
    }
    close(open).await;
    Ok(Progress::More)
}

async fn settle(app: &App, due: &Due, fate: Fate) -> Result<(), DbError> {
    if !matches!(fate, Fate::Taken) {
        tracing::warn!(mail = due.id.0, ?fate, "a mail was not taken");
    }
    let now = app.clock.now();
    let next = after(fate, due.attempts, now);
    let (id, keep_words) = (due.id, matches!(app.mail.way, Way::Page));
    app.db.write(move |tx| store::settle(tx, id, &next, keep_words, now)).await?;
    Ok(())
}

async fn close(open: Option<Session>) {
    if let Some(session) = open {
        session.close().await;
    }
}
