//! Reading back: a send whose fate is unknown is looked for among our own recent posts. Seeing it settles the matter;
//! not seeing it proves nothing, so in the end a person decides.

use std::time::Duration;

use super::state::{Event, State};
use super::{advance, compose};
use crate::app::App;
use crate::bridge::inbound::poll::note_failure;
use crate::bridge::store::deliveries::{self, Beside};
use crate::bridge::store::remote;
use crate::db::DbError;
use crate::jobs::Progress;
use crate::networks::{Failure, RemotePost};

/// After the network would not let us look.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// Looks for one delivery of unknown fate.
pub async fn step(app: &App) -> Result<Progress, DbError> {
    let now = app.clock.now();
    let Some(row) = app.db.read(move |conn| deliveries::find_look_due(conn, now)).await? else {
        return Ok(Progress::Idle);
    };
    let Some(channel) = app.bridge.channel(row.channel_id) else { return Ok(Progress::Idle) };
    let posts = match channel.x.own_recent().await {
        Ok(posts) => posts,
        Err(failure) => {
            note_failure(app, &channel, &failure).await?;
            // Not having looked is not the same as not having seen: it is looked for again, but not at once.
            let wait = match failure {
                Failure::RetryAfter(wait) => wait.max(LOOK_AGAIN),
                _ => LOOK_AGAIN,
            };
            let until = app.clock.now().plus(wait);
            advance(app, row, Event::CouldNotLook { until }, Beside::default()).await?;
            return Ok(Progress::Idle);
        }
    };
    let (id, scope, target) = (channel.id, channel.scope(), row.target.clone());
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
