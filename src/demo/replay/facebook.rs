//! A replay on Facebook: each brand is a page, and customers comment.
//!
//! Pages hardly let visitors post any more, so people complain under whatever the page posted last. A conversation is a
//! comment under the page's post of that day, with the replies below it; what a brand said to everybody is a post of its
//! page. The posts of a day are scenery, and not counted.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Duration;

use regex::Regex;

use super::{Plan, Planned, ReplayError, Venue, Written};
use crate::app::App;
use crate::bridge::access;
use crate::clock::Millis;
use crate::demo::facebook::{OWNER, enter_webhook, page_access};
use crate::sim::facebook::{FacebookTwin, ItemView, SCOPES};

/// Facebook's limits are for real time; where time runs faster, they are that much higher.
const LIMITS: u32 = 1_000;
const DAY: i64 = 24 * 3_600_000;

/// The twin of Facebook, with the pages' posts of each day: brand and number of the day, and the post's id.
pub struct OnFacebook {
    pub twin: FacebookTwin,
    days: HashMap<(String, i64), String>,
}

impl OnFacebook {
    pub fn new(twin: FacebookTwin) -> Self {
        Self { twin, days: HashMap::new() }
    }

    /// The page's post of the day of this moment.
    fn post_of_day(&mut self, brand: &str, at: Millis) -> Result<String, ReplayError> {
        let day = at.0.div_euclid(DAY);
        if let Some(known) = self.days.get(&(brand.to_owned(), day)) {
            return Ok(known.clone());
        }
        let words = format!("Good morning from {brand}! What can we do for you today?");
        let post = self.twin.post_at(brand, brand, &words, Millis(day * DAY))?;
        self.days.insert((brand.to_owned(), day), post.clone());
        Ok(post)
    }
}

impl Venue for OnFacebook {
    async fn connect(&self, app: &App, forum: &str, plan: &Plan) -> Result<(), ReplayError> {
        let twin = &self.twin;
        twin.raise_limits(LIMITS);
        twin.set_lag(Duration::ZERO);
        for handle in plan.people.iter().filter(|handle| !plan.brands.contains(handle)) {
            twin.person(handle, &format!("Customer {handle}"))?;
        }
        for handle in &plan.brands {
            let page = twin.page(handle, handle, OWNER)?;
            let granted = twin.grant_for(OWNER, handle, &SCOPES)?;
            access::connect(app, page_access(page, handle, granted.page_token)).await?;
        }
        enter_webhook(app, forum).await;
        Ok(())
    }

    fn write(&mut self, post: &Planned, parent: Option<&str>) -> Result<String, ReplayError> {
        let Planned { handle, brand, typed, at, .. } = post;
        if parent.is_none() && handle == brand {
            return Ok(self.twin.post_at(handle, handle, typed, *at)?);
        }
        let on = match parent {
            Some(parent) => parent.to_owned(),
            None => self.post_of_day(brand, *at)?,
        };
        Ok(self.twin.comment_at(handle, &on, typed, *at)?)
    }

    fn list(&self) -> Vec<Written> {
        let all = self.twin.posts().into_iter().chain(self.twin.comments());
        all.map(|ItemView { id, handle, url, .. }| Written { id, handle, url }).collect()
    }

    /// A post's id is that of its wall and its own, a comment's that of its post and its own.
    fn id_in_link(link: &str) -> Option<String> {
        static PLACE: LazyLock<Regex> = LazyLock::new(|| {
            let place = r"/(?P<wall>\d+)/posts/(?P<post>\d+)(?:\?comment_id=(?P<top>\d+)(?:&reply_comment_id=(?P<reply>\d+))?)?$";
            Regex::new(place).expect("the pattern is fixed")
        });
        let found = PLACE.captures(link)?;
        let part = |name| found.name(name).map(|part| part.as_str());
        let (wall, post) = (part("wall")?, part("post")?);
        Some(match part("reply").or(part("top")) {
            Some(comment) => format!("{post}_{comment}"),
            None => format!("{wall}_{post}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_name_what_they_lead_to() {
        for (link, id) in [
            ("http://t/7/posts/10", Some("7_10")),
            ("http://t/7/posts/10?comment_id=1", Some("10_1")),
            ("http://t/7/posts/10?comment_id=1&reply_comment_id=2", Some("10_2")),
            ("http://t/7/photos/10", None),
        ] {
            assert_eq!(OnFacebook::id_in_link(link).as_deref(), id);
        }
    }
}
