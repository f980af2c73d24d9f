//! Reading back: a send whose fate is unknown is looked for among our own recent posts. Seeing it settles the matter;
//! not seeing it proves nothing, so in the end a person decides.

use super::state::Event;
use super::{advance, compose};
use crate::app::App;
use crate::bridge::inbound::poll::note_failure;
use crate::bridge::store::deliveries::{self, Beside};
use crate::db::DbError;
use crate::jobs::Progress;
use crate::networks::RemotePost;

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
            note_failure(app, channel.id, &failure).await?;
            // Not having looked is not the same as not having seen: it is looked for again.
            return Ok(Progress::Idle);
        }
    };
    let ids: Vec<String> = posts.iter().map(|post| post.id.clone()).collect();
    let taken = app.db.read(move |conn| deliveries::list_sent_ids(conn, &ids)).await?;
    let free: Vec<RemotePost> = posts.into_iter().filter(|post| !taken.contains(&post.id)).collect();
    let found = free.iter().find(|post| compose::which(post, std::slice::from_ref(&row)).is_some());
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
