//! What a search would find, before it is saved: the newest posts of the last seven days, and what it may cost a month.

use std::time::Duration;

use super::{FEWEST, HIT, affordable};
use crate::app::App;
use crate::bridge::ChannelId;
use crate::bridge::inbound::mask;
use crate::bridge::meter;
use crate::bridge::pictures::Pictures;
use crate::bridge::store::remote;
use crate::bridge::words;
use crate::clock::Millis;
use crate::db::DbError;
use crate::networks::{Failure, RemotePost};
use crate::posts::{Called, Origin};

const MONTH: Duration = Duration::from_secs(30 * 24 * 3600);

/// What a search finds now.
#[derive(Clone, Debug)]
pub struct Preview {
    /// Newest first, at most ten.
    pub found: Vec<Found>,
    /// There are more of them.
    pub more: bool,
    /// About how many posts a month.
    pub posts_a_month: i64,
    /// What these may cost at most, in millionths of a US dollar.
    pub micros_a_month: i64,
    /// What this look may have cost at most.
    pub micros_now: i64,
}

#[derive(Clone, Debug)]
pub struct Found {
    pub origin: Origin,
    pub by: Called,
    pub name: String,
    pub text: String,
    pub lang: Option<String>,
    pub url: String,
    pub posted_at: Millis,
    /// It is here already.
    pub known: bool,
    /// None of them is fetched for a look.
    pub pictures: Pictures,
}

/// Why there is no preview, for staff.
#[derive(Debug, thiserror::Error)]
pub enum NoPreview {
    #[error("{}", words::NO_ACCOUNT_THERE)]
    NotConnected,
    #[error("{}", words::CEILING_STOPS_SEARCHES)]
    Ceiling,
    #[error("{}", words::search_again_in(.0.label(), minutes(.1)))]
    Limit(Origin, Duration),
    #[error("{}", words::search_not_taken(.0.label(), .1))]
    Refused(Origin, String),
    #[error("{}", words::not_asked(.0.label(), .1))]
    Unavailable(Origin, String),
    #[error(transparent)]
    Db(#[from] DbError),
}

fn minutes(wait: &Duration) -> u64 {
    wait.as_secs().div_ceil(60).max(1)
}

/// Asks the network what a search finds now. It costs what it finds.
pub async fn preview(app: &App, id: ChannelId, query: &str) -> Result<Preview, NoPreview> {
    let Some(channel) = app.bridge.channel(id) else { return Err(NoPreview::NotConnected) };
    let now = app.clock.now();
    let left = app.db.read(move |conn| meter::left_to_spend(conn, id, now)).await?;
    affordable(left).ok_or(NoPreview::Ceiling)?;
    let (origin, searched) = (channel.origin, channel.abilities().searches.unwrap_or(MONTH));
    let body = channel.account.search(query, None, None, FEWEST).await.map_err(|failure| match failure {
        Failure::RetryAfter(wait) => NoPreview::Limit(origin, wait),
        Failure::Refused(reason) => NoPreview::Refused(origin, reason),
        Failure::Unavailable(reason) | Failure::ChannelBroken(_, reason) | Failure::TokenRefused(reason) => {
            NoPreview::Unavailable(origin, reason)
        }
    })?;
    let page =
        channel.account.parse_page(&body).map_err(|malformed| NoPreview::Unavailable(origin, malformed.to_string()))?;
    let (scope, ids) = (channel.scope(), page.posts.iter().map(|post| post.id.clone()).collect::<Vec<_>>());
    let known = app.db.read(move |conn| remote::list_known(conn, scope, &ids)).await?;
    let (count, oldest) = (page.posts.len(), page.posts.iter().map(|post| post.posted_at).min());
    let posts_a_month = a_month(count, oldest.filter(|_| page.next_token.is_some()), searched, now);
    let found = |post: RemotePost| Found {
        known: known.contains(&post.id),
        pictures: Pictures::unseen(&post.media),
        url: channel.account.post_url(&post),
        text: mask(&post.text),
        origin,
        by: origin.called(&post.author.handle, &post.author.name),
        name: post.author.name,
        lang: post.lang,
        posted_at: post.posted_at,
    };
    Ok(Preview {
        more: page.next_token.is_some(),
        found: page.posts.into_iter().map(found).collect(),
        posts_a_month,
        micros_a_month: posts_a_month.saturating_mul(HIT),
        micros_now: i64::try_from(count).unwrap_or(i64::MAX).saturating_mul(HIT),
    })
}

/// How many posts a month there are if `count` were found since `oldest`, or in all of the time that is `searched`.
fn a_month(count: usize, oldest: Option<Millis>, searched: Duration, now: Millis) -> i64 {
    let span = oldest.map_or(searched, |oldest| now.since(oldest)).max(Duration::from_secs(1));
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    i64::try_from(count.saturating_mul(MONTH.as_secs()).div_ceil(span.as_secs())).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

    #[test]
    fn a_week_or_less_tells_of_a_month() {
        let now = Millis(1_784_928_203_000);
        assert_eq!(a_month(0, None, WEEK, now), 0);
        assert_eq!(a_month(7, None, WEEK, now), 30);
        assert_eq!(a_month(10, Some(now.minus(Duration::from_secs(24 * 3600))), WEEK, now), 300);
        assert_eq!(a_month(10, Some(now), WEEK, now), 25_920_000);
    }
}
