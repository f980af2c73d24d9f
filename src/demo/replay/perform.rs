//! The performance: brands are connected as an administrator would connect them, and each post is written on the twin
//! when its time has come.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::{Plan, ReplayError, Stage};
use crate::bridge::access;
use crate::demo;
use crate::networks::x::SCOPES;

/// X's limits are for real time; where time runs faster, they are that much higher.
const LIMITS: u32 = 1_000;
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

/// Makes everybody on the twin, and connects the brands one after the other.
pub(super) async fn connect(stage: &Stage, plan: &Plan) -> Result<(), ReplayError> {
    let twin = &stage.twin;
    twin.raise_limits(LIMITS);
    twin.set_lag(Duration::ZERO);
    for handle in &plan.people {
        let name = if plan.brands.contains(handle) { handle.clone() } else { format!("Customer {handle}") };
        twin.user(handle, &name, 100)?;
    }
    for handle in &plan.brands {
        // A brand that is named and has said nothing is still one.
        let id = twin.user(handle, handle, 100_000)?.0.to_string();
        let grant = twin.grant(handle, &SCOPES)?;
        access::connect(&stage.app, demo::brand_access(id, handle, grant, &SCOPES, stage.app.clock.now())).await?;
    }
    let report = access::look_after(&stage.app, false).await?;
    match report.findings().find(|finding| !finding.is_good) {
        Some(wrong) => Err(ReplayError::NotConnected(format!("{}: {}", wrong.what, wrong.words))),
        None => Ok(()),
    }
}

/// Writes all posts; returns their ids on the twin, in the order of the plan.
pub(super) async fn play(stage: &Stage, plan: &Plan, speed: Speed) -> Result<Vec<String>, ReplayError> {
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
        ids.push(stage.twin.post_at(&post.handle, &post.typed, parent, post.at)?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(ids)
}
