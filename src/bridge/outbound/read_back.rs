//! Reading back: sends whose fate is unknown are looked for among our own posts. Seeing one settles the matter; not seeing
//! it proves nothing, so in the end a person decides.
//!
//! One look is for all replies of a channel that are due, and reads our posts down to the oldest of their sends: as many
//! answers as an outage cost are found for the price of reading each post once.

use std::collections::BTreeSet;
use std::time::Duration;

use super::state::{Event, State};
use super::{advance, compose, messages, take_step};
use crate::app::App;
use crate::bridge::inbound::poll::note_failure;
use crate::bridge::store::deliveries::{self, Beside, DeliveryRow, Errand};
use crate::bridge::store::remote;
use crate::bridge::{Channel, ChannelId};
use crate::clock::Millis;
use crate::db::{DbError, Tx};
use crate::jobs::Progress;
use crate::networks::{Failure, RemotePost};

/// After the network would not let us look.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
/// Most replies that one look is for; more have their turn at once after it.
const MOST_AT_ONCE: i64 = 1_000;
/// Replies that one transaction settles: a write must be short.
const SETTLED_AT_ONCE: usize = 50;

/// Looks for the replies of a channel, or for one private message, of unknown fate.
pub async fn step(app: &App) -> Result<Progress, DbError> {
    let now = app.clock.now();
    // Where an account is not connected nobody can look; the others' sends do not wait for it.
    let connected: Vec<ChannelId> = app.bridge.channels().iter().map(|channel| channel.id).collect();
    let Some(row) = app.db.read(move |conn| deliveries::find_look_due(conn, &connected, now)).await? else {
        return Ok(Progress::Idle);
    };
    let Some(channel) = app.bridge.channel(row.channel_id) else { return Ok(Progress::Idle) };
    if channel.abilities().idempotent_sends {
        advance(app, row, Event::MayRepeat, Beside::default()).await?;
        app.bridge.wake_outbox();
        return Ok(Progress::More);
    }
    match row.errand {
        Errand::Message(id) => messages::look(app, &channel, row, id).await,
        Errand::Reply(_) => look(app, &channel).await,
    }
}

/// Looks for all replies of a channel whose turn it is.
async fn look(app: &App, channel: &Channel) -> Result<Progress, DbError> {
    let (id, now) = (channel.id, app.clock.now());
    let rows = app.db.read(move |conn| deliveries::list_looks_due(conn, id, now, MOST_AT_ONCE)).await?;
    let tried = |row: &DeliveryRow| row.attempted_at.unwrap_or(row.created_at);
    let Some(oldest) = rows.iter().map(tried).min() else { return Ok(Progress::Idle) };
    let under: BTreeSet<String> = rows.iter().filter_map(|row| Some(row.reply()?.target.clone())).collect();
    let under: Vec<String> = under.into_iter().collect();
    let posts = match channel.account.sent_since(oldest.minus(compose::CLOCK_SKEW), &under).await {
        Ok(posts) => posts,
        Err(failure) => {
            note_failure(app, channel, &failure).await?;
            for row in rows {
                could_not_look(app, row, &failure).await?;
            }
            return Ok(Progress::Idle);
        }
    };
    let mut progress = Progress::Idle;
    for some in rows.chunks(SETTLED_AT_ONCE) {
        let (some, lag) = (some.to_vec(), app.bridge.settings.read_back_lag);
        let theirs: Vec<RemotePost> =
            posts.iter().filter(|post| some.iter().any(|row| is_under(post, row))).cloned().collect();
        let looked = Looked { channel: channel.clone(), posts: theirs, now, lag };
        if app.db.write(move |tx| looked.settle_all(tx, &some)).await? {
            progress = Progress::More;
        }
    }
    Ok(progress)
}

/// What one look found.
struct Looked {
    channel: Channel,
    /// Ours, under the posts that the replies were for.
    posts: Vec<RemotePost>,
    now: Millis,
    lag: Duration,
}

impl Looked {
    /// Moves each of these replies by what was seen of it; `false`: none of them moved.
    fn settle_all(&self, tx: &mut Tx<'_>, rows: &[DeliveryRow]) -> Result<bool, DbError> {
        let mut moved = false;
        for row in rows {
            // What was revoked meanwhile counts; everything else must be as it was.
            let revoked = deliveries::load(tx, row.id)?.revoked;
            moved |= self.settle(tx, &DeliveryRow { revoked, ..row.clone() })?;
        }
        Ok(moved)
    }

    fn settle(&self, tx: &mut Tx<'_>, row: &DeliveryRow) -> Result<bool, DbError> {
        let mut ours: Vec<&RemotePost> = self.posts.iter().filter(|post| is_under(post, row)).collect();
        ours.sort_by_key(|post| !compose::same_words(&post.text, &row.text));
        let (mut event, mut beside) = (Event::NotSeen, Beside::default());
        if let (false, Some(reply)) = (ours.is_empty(), row.reply()) {
            let ids: Vec<String> = ours.iter().map(|post| post.id.clone()).collect();
            // The candidates first: an acceptance that is recorded between the two reads is then seen by the second.
            let candidates = deliveries::list_open_towards(tx, row.channel_id, &reply.target)?;
            let mut taken = deliveries::list_sent_ids(tx, row.channel_id, &ids)?;
            taken.extend(remote::list_mirrored(tx, self.channel.scope(), &ids)?);
            // Another send to the same post is under way: whose a post is will be clear in a moment.
            if candidates.iter().any(|candidate| matches!(candidate.state, State::Sending { .. })) {
                return Ok(false);
            }
            let is_it = |post: &RemotePost| compose::which(post, &candidates).is_some_and(|one| one.id == row.id);
            if let Some(post) = ours.into_iter().find(|post| !taken.contains(&post.id) && is_it(post)) {
                event = Event::Seen { remote_id: post.id.clone() };
                beside.sent_url = Some(self.channel.account.own_url(&post.id));
            }
        }
        Ok(take_step(tx, row, &event, &beside, self.now, self.lag)?.is_ok_and(|done| done))
    }
}

fn is_under(post: &RemotePost, row: &DeliveryRow) -> bool {
    row.reply().is_some_and(|reply| post.parent.as_ref() == Some(&reply.target))
}

/// Not having looked is not the same as not having seen: it is looked for again, but not at once.
pub(super) async fn could_not_look(app: &App, row: DeliveryRow, failure: &Failure) -> Result<Progress, DbError> {
    let wait = match failure {
        Failure::RetryAfter(wait) => (*wait).max(LOOK_AGAIN),
        _ => LOOK_AGAIN,
    };
    let until = app.clock.now().plus(wait);
    advance(app, row, Event::CouldNotLook { until }, Beside::default()).await?;
    Ok(Progress::Idle)
}
