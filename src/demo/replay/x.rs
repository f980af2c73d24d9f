//! A replay on X: everybody has an account, and each post is one.

use std::sync::LazyLock;
use std::time::Duration;

use regex::Regex;

use super::{Plan, Planned, ReplayError, Venue, Written};
use crate::app::App;
use crate::bridge::access;
use crate::demo::x::brand_access;
use crate::networks::x::SCOPES;
use crate::sim::x::XTwin;

/// X's limits are for real time; where time runs faster, they are that much higher.
const LIMITS: u32 = 1_000;

/// The twin of X, at its address.
pub struct OnX {
    pub twin: XTwin,
    /// Without a slash at the end.
    pub url: String,
}

impl Venue for OnX {
    async fn connect(&self, app: &App, _forum: &str, plan: &Plan) -> Result<(), ReplayError> {
        let twin = &self.twin;
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
            access::connect(app, brand_access(id, handle, grant, &SCOPES, app.clock.now())).await?;
        }
        Ok(())
    }

    fn write(&mut self, post: &Planned, parent: Option<&str>) -> Result<String, ReplayError> {
        Ok(self.twin.post_at(&post.handle, &post.typed, parent, post.at)?)
    }

    fn list(&self) -> Vec<Written> {
        let posts = self.twin.posts().into_iter();
        let written = posts.map(|post| {
            let url = format!("{}/{}/status/{}", self.url, post.handle, post.id);
            Written { id: post.id, handle: post.handle, url }
        });
        written.collect()
    }

    fn id_in_link(link: &str) -> Option<String> {
        static STATUS: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(r"/status/(?P<id>\d+)$").expect("the pattern is fixed"));
        Some(STATUS.captures(link)?["id"].to_owned())
    }
}
