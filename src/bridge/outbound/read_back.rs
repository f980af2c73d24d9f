//! Reading back: a send whose fate is unknown is looked for among our own recent posts. Seeing it settles the matter;
//! not seeing it proves nothing, so in the end a person decides.

use std::time::Duration;

use super::state::{Event, State};
use super::{advance, compose, messages};
use crate::app::App;
use crate::bridge::ChannelId;
use crate::bridge::inbound::poll::note_failure;
use crate::bridge::store::deliveries::{self, Beside, DeliveryRow, Errand};
use crate::bridge::store::remote;
use crate::db::DbError;
use crate::jobs::Progress;
use crate::networks::{Failure, RemotePost};

/// After the network would not let us look.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// Looks for one delivery of unknown fate.
pub async fn step(app: &App) -> Result<Progress, DbError> {
    let now = app.clock.now();
    // Where an account is not connected nobody can look; the others' sends do not wait for it.
    let connected: Vec<ChannelId> = app.bridge.channels().iter().map(|channel| channel.id).collect();
    let Some(row) = app.db.read(move |conn| deliveries::find_look_due(conn, &connected, now)).await? else {
        return Ok(Progress::Idle);
    };
    let Some(channel) = app.bridge.channel(row.channel_id) else { return Ok(Progress::Idle) };
    let target = match &row.errand {
        Errand::Reply(reply) => reply.target.clone(),
        Errand::Message(id) => {
            let id = *id;
            return messages::look(app, &channel, row, id).await;
        }
    };
    let posts = match channel.x.own_recent().await {
        Ok(posts) => posts,
        Err(failure) => {
            note_failure(app, &channel, &failure).await?;
            return could_not_look(app, row, &failure).await;
        }
    };
    let (id, scope) = (channel.id, channel.scope());
    let ids: Vec<String> = posts.iter().map(|post| post.id.clone()).collect();
    let (taken, candidates) = app
        .db
        .read(move |conn| {
            let candidates = deliveries::list_open_towards(conn, id, &target)?;
            let mut taken = deliveries::list_sent_ids(conn, id, &ids)?;
            taken.extend(remote::list_mirrored(conn, scope, &ids)?);
            Ok::<_, DbError>((taken, candidates))
        })
        .await?;
    // Another send to the same post is under way: whose a post is will be clear in a moment.
    if candidates.iter().any(|candidate| matches!(candidate.state, State::Sending { .. })) {
        return Ok(Progress::Idle);
    }
    let mut ours: Vec<RemotePost> = posts.into_iter().filter(|post| !taken.contains(&post.id)).collect();
    ours.sort_by_key(|post| !compose::same_words(&post.text, &row.text));
    let found = ours.iter().find(|post| compose::which(post, &candidates).is_some_and(|one| one.id == row.id));
    let (event, beside) = match found {
        Some(post) => {
            let sent_url = Some(channel.x.post_url(&channel.x.account.handle, &post.id));
            (Event::Seen { remote_id: post.id.clone() }, Beside { sent_url, ..Beside::default() })
        }
        None => (Event::NotSeen, Beside::default()),
    };
    advance(app, row, event, beside).await?;
    Ok(Progress::More)
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
