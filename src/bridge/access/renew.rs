//! Renewing the access to an account: ahead of its end, and when the network refuses a token.
//!
//! One renews at a time across all nodes (a lease), and what came is stored by compare-and-swap on the generation before
//! anybody uses it, because the refresh token that was shown is used up. An answer that is lost may have used it up too:
//! that is said, and tried again as long as the access lives.

use std::time::Duration;

use super::words;
use super::{Tokens, give_back, open_secret, seal_tokens};
use crate::app::App;
use crate::bridge::store::access::{self as store, RenewRow};
use crate::bridge::store::{channels, lost_access};
use crate::bridge::{Channel, ChannelId};
use crate::clock::Millis;
use crate::db::DbError;
use crate::jobs::Progress;
use crate::networks::{Failure, GrantError, Granted};

/// Access is renewed this long before it ends: some live for two hours only, and trouble needs time to be mended.
const AHEAD: Duration = Duration::from_secs(30 * 60);
/// After a try that brought nothing and used nothing up.
const TRY_AGAIN: Duration = Duration::from_secs(30);
/// After one that only an administrator can mend.
const LOOK_AGAIN: Duration = Duration::from_secs(15 * 60);
/// A new token may be refused for this long: not every machine of the network knows it at once. One that is refused in the
/// time after that is no matter of renewing.
const FRESH: Duration = Duration::from_secs(60);
/// Between two tries to store what the network gave, while the database is busy or gone.
const BETWEEN_STORINGS: Duration = Duration::from_millis(500);
/// While another node renews.
const FOR_THE_OTHER: Duration = Duration::from_secs(2);

/// What became of a renewal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Renewed {
    /// There is a newer token, whoever got it.
    Newer,
    /// Not now; why.
    Later(String),
    /// Never, and why: an administrator must connect the account again.
    Never(String),
}

/// Renews what ends soon.
pub async fn step(app: &App) -> Result<Progress, DbError> {
    let now = app.clock.now();
    for (id, generation) in app.db.read(move |conn| store::list_to_renew(conn, now.plus(AHEAD), now)).await? {
        match renew(app, id, generation).await? {
            Renewed::Newer => {}
            Renewed::Later(why) => tracing::info!(channel = id.0, why, "the access is not renewed yet: {why}"),
            Renewed::Never(why) => tracing::error!(channel = id.0, why, "the access cannot be renewed: {why}"),
        }
    }
    Ok(Progress::Idle)
}

/// The network does not take the token with which this channel was used: takes over a newer one, gets a new one, or says
/// that the access has ended.
pub(in crate::bridge) async fn refused(app: &App, channel: &Channel, reason: &str) -> Result<(), DbError> {
    let (id, generation) = (channel.id, channel.generation);
    let row = app.db.read(move |conn| store::load_renewing(conn, id)).await?;
    if row.generation > generation {
        return app.bridge.reload(&app.db).await;
    }
    match renew_if_sensible(app, id, &row).await? {
        Renewed::Newer => {}
        Renewed::Later(why) => {
            let until = app.clock.now().plus(FOR_THE_OTHER);
            app.db.write(move |tx| channels::mark_paused(tx, id, until, &why)).await?;
        }
        Renewed::Never(why) => {
            let reason = words::not_renewed(reason.trim_end_matches('.'), why.trim_end_matches('.'));
            app.db.write(move |tx| store::mark_ended(tx, id, generation, &reason)).await?;
        }
    }
    Ok(())
}

async fn renew_if_sensible(app: &App, id: ChannelId, row: &RenewRow) -> Result<Renewed, DbError> {
    let now = app.clock.now();
    let age = row.token_since.filter(|_| row.generation > 0).map(|since| now.since(since));
    if age.is_some_and(|age| age < FRESH) {
        let network = row.network.label();
        return Ok(Renewed::Later(words::not_known_everywhere(network)));
    }
    if age.is_some_and(|age| age < FRESH * 2) {
        return Ok(Renewed::Never(words::GIVEN_A_MOMENT_AGO.to_owned()));
    }
    // The one who keeps the tokens is not asked more often because others ask us more often.
    if row.due_at.is_some_and(|due| due > now && due.since(now) <= TRY_AGAIN) {
        return Ok(Renewed::Later(row.problem.clone().unwrap_or_default()));
    }
    renew(app, id, row.generation).await
}

/// The network told us that the account took its access back. That may be an old story: it is asked whether the access
/// works, and one that does not is replaced, or ends at once. `Err`: it could not be asked.
pub async fn doubt(app: &App, channel: &Channel) -> Result<Result<(), Failure>, DbError> {
    match channel.account.me().await {
        Err(Failure::TokenRefused(reason)) => refused(app, channel, &reason).await.map(Ok),
        Err(failure @ (Failure::Unavailable(_) | Failure::RetryAfter(_))) => Ok(Err(failure)),
        Ok(_) | Err(_) => Ok(Ok(())),
    }
}

/// Gets a new token in the place of this generation, unless there is one already.
pub async fn renew(app: &App, id: ChannelId, generation: i64) -> Result<Renewed, DbError> {
    let lease = app.bridge.settings.lease;
    let (claimed, row) = app
        .db
        .write(move |tx| {
            let claimed = store::claim_renewal(tx, id, generation, lease)?;
            Ok::<_, DbError>((claimed, store::load_renewing(tx, id)?))
        })
        .await?;
    if row.generation > generation {
        app.bridge.reload(&app.db).await?;
        return Ok(Renewed::Newer);
    }
    if !claimed {
        return Ok(Renewed::Later(words::ANOTHER_RENEWS.to_owned()));
    }
    let Some(sealed) = &row.refresh_token else {
        // Nothing went wrong with a renewal: when the access ends is known from elsewhere.
        let due = app.clock.now().plus(LOOK_AGAIN);
        app.db.write(move |tx| store::put_off_renewal(tx, id, generation, None, due)).await?;
        let network = row.network.label();
        return Ok(Renewed::Never(words::no_renewing(network)));
    };
    let key = &app.bridge.channels.key;
    let secret = open_secret(key, "refresh_token", row.network, &row.remote_id, sealed);
    let (Ok(refresh_token), Some(keys)) = (secret, app.bridge.keys(row.network)) else {
        let what = words::NOT_OPENED;
        return put_off(app, id, &row, TRY_AGAIN, Some(words::KEY_FILE_BACK), what).await;
    };
    match app.bridge.network(row.network).renew(&keys, &refresh_token).await {
        Ok(granted) => keep(app, id, row, granted).await,
        Err(error) => not_granted(app, id, &row, error).await,
    }
}

/// Stores the new tokens. Nothing else has them, so this does not give up while the process lives.
async fn keep(app: &App, id: ChannelId, row: RenewRow, granted: Granted) -> Result<Renewed, DbError> {
    let tokens = Tokens::from(granted);
    let sealed = loop {
        let key = app.bridge.channels.key.find();
        match key
            .map_err(super::SealError::from)
            .and_then(|key| seal_tokens(&key, row.network, &row.remote_id, &tokens))
        {
            Ok(sealed) => break sealed,
            Err(error) => tracing::error!(channel = id.0, %error, "new tokens wait for the key: {error}"),
        }
        tokio::time::sleep(BETWEEN_STORINGS).await;
    };
    let is_stored = loop {
        let (sealed, now) = (sealed.clone(), app.clock.now());
        match app.db.write(move |tx| store::renew(tx, id, row.generation, &sealed, now)).await {
            Ok(is_stored) => break is_stored,
            // A lost connection, a database that only reads, a full disk: all of it may end.
            Err(error) => tracing::error!(channel = id.0, %error, "new tokens wait for the database: {error}"),
        }
        tokio::time::sleep(BETWEEN_STORINGS).await;
    };
    app.bridge.reload(&app.db).await?;
    if !is_stored {
        // Disconnected or connected anew meanwhile: nobody here will use this access, so nobody else shall.
        if let Some(keys) = app.bridge.keys(row.network) {
            give_back(app.bridge.network(row.network).as_ref(), &keys, None, &tokens.access).await;
        }
        return Ok(Renewed::Newer);
    }
    app.bridge.wake_outbox();
    tracing::info!(channel = id.0, "the access is renewed");
    Ok(Renewed::Newer)
}

async fn not_granted(app: &App, id: ChannelId, row: &RenewRow, error: GrantError) -> Result<Renewed, DbError> {
    let now = app.clock.now();
    match error {
        GrantError::NotSent { .. } => {
            put_off(app, id, row, TRY_AGAIN, Some(words::RENEWED_AGAIN), &error.to_string()).await
        }
        GrantError::Lost { .. } => {
            let generation = row.generation;
            app.db
                .write(move |tx| match store::load_renewing(tx, id)?.generation {
                    current if current == generation => lost_access::note_renewal(tx, id, now),
                    _ => Ok(()),
                })
                .await?;
            let what = words::answer_lost_for(&now.to_words(), &error);
            put_off(app, id, row, TRY_AGAIN, Some(words::TRIED_AGAIN), &what).await
        }
        GrantError::WrongClient { .. } => put_off(app, id, row, LOOK_AGAIN, None, &error.to_string()).await,
        GrantError::Refused { .. } => {
            // Somebody else may have used it up for a newer one.
            let found = app.db.read(move |conn| {
                Ok::<_, DbError>((store::load_renewing(conn, id)?, lost_access::find_renewal(conn, id)?))
            });
            let (current, lost_at) = found.await?;
            if current.generation > row.generation {
                app.bridge.reload(&app.db).await?;
                return Ok(Renewed::Newer);
            }
            // That explains what the network refuses now, however often it does.
            let what = match lost_at {
                Some(at) => words::refused_after_lost(&error, &at.to_words()),
                None => error.to_string(),
            };
            put_off(app, id, row, LOOK_AGAIN, None, &what).await
        }
    }
}

/// Notes why there is no new token. `hope`: what happens by itself; without it an administrator must act.
async fn put_off(
    app: &App,
    id: ChannelId,
    row: &RenewRow,
    pause: Duration,
    hope: Option<&str>,
    what: &str,
) -> Result<Renewed, DbError> {
    let now = app.clock.now();
    let until = row.expires_at.filter(|end| *end > now).map(Millis::to_words);
    let mend = match (hope, until) {
        (Some(hope), _) => hope.to_owned(),
        (None, Some(until)) => words::works_until(&until),
        (None, None) => words::CONNECT_AGAIN.to_owned(),
    };
    let problem = format!("{what}. {mend}");
    let (generation, due, told) = (row.generation, now.plus(pause), problem.clone());
    app.db.write(move |tx| store::put_off_renewal(tx, id, generation, Some(&told), due)).await?;
    Ok(if hope.is_some() { Renewed::Later(problem) } else { Renewed::Never(what.to_owned()) })
}
