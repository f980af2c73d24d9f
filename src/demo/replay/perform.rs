//! The performance: brands are connected as an administrator would connect them, and each post is written on the twin
//! when its time has come.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::{Plan, ReplayError, Stage, Venue};
use crate::bridge::access;

/// Posts that are written in one go when it goes as fast as it goes: then others get a turn.
const GO: usize = 20;

/// How fast a plan is played.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Speed {
    /// So many times as fast as it was.
    Times(f64),
    /// Without waiting.
    AsItGoes,
}

/// Connects the brands, and sees that everything about them is in order.
pub(super) async fn connect<V: Venue>(stage: &Stage<V>, plan: &Plan) -> Result<(), ReplayError> {
    stage.venue.connect(&stage.app, &stage.forum, plan).await?;
    let report = access::look_after(&stage.app, false).await?;
    match report.findings().find(|finding| !finding.is_good) {
        Some(wrong) => Err(ReplayError::NotConnected(format!("{}: {}", wrong.what, wrong.words))),
        None => Ok(()),
    }
}

/// Writes all posts; returns their ids on the twin, in the order of the plan.
pub(super) async fn play(venue: &mut impl Venue, plan: &Plan, speed: Speed) -> Result<Vec<String>, ReplayError> {
    let bar = ProgressBar::new(plan.posts.len() as u64);
    // The template is fixed; were it ever wrong, the usual bar does as well.
    if let Ok(style) = ProgressStyle::with_template("  playing {wide_bar} {pos}/{len} posts, {eta} left") {
        bar.set_style(style);
    }
    let mut ids: Vec<String> = Vec::with_capacity(plan.posts.len());
    let mut before = plan.posts.first().map(|post| post.at);
    for (number, post) in plan.posts.iter().enumerate() {
        let gap = before.map_or(Duration::ZERO, |before| post.at.since(before));
        before = Some(post.at);
        match speed {
            Speed::Times(times) => tokio::time::sleep(gap.div_f64(times)).await,
            Speed::AsItGoes if number % GO == 0 => tokio::task::yield_now().await,
            Speed::AsItGoes => {}
        }
        let parent = post.parent.and_then(|parent| ids.get(parent)).map(String::as_str);
        let id = venue.write(post, parent)?;
        ids.push(id);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(ids)
}
