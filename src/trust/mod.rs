//! Trust: what a member may do here from the first day, and what once others have found them helpful.
//!
//! The one place that knows the two levels, how the second is earned, and their limits; every page asks here. Owns of a
//! member since when they are trusted, and whether staff said so. Whoever works at the desk is trusted.

pub mod grant;
mod store;
mod words;

pub use store::{find, raise_due, set_by_staff};

use std::time::Duration;

use crate::app::App;
use crate::clock::Millis;
use crate::db::DbError;
use crate::members::Member;
use crate::posts::{self, Body};
use crate::web::Problems;

/// Reputation that a few helpful answers bring.
pub const REPUTATION: i64 = 50;
/// Days since the sign-up: whoever means harm does not wait.
pub const DAYS: u64 = 3;
const HOUR: Duration = Duration::from_secs(3_600);

/// How far a member is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    New,
    Trusted,
}

impl Level {
    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Trusted => "Trusted",
        }
    }

    /// Links in one post.
    pub fn most_links(self) -> usize {
        match self {
            Self::New => 2,
            Self::Trusted => 50,
        }
    }

    /// Posts of all kinds in an hour.
    pub fn most_posts(self) -> usize {
        match self {
            Self::New => 100,
            Self::Trusted => 400,
        }
    }
}

/// How a member stands, for the page of those who ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub level: Level,
    /// Staff said so, and not the rules.
    pub by_staff: bool,
    pub confirmed: bool,
    pub reputation: i64,
    pub since: Millis,
}

impl Standing {
    /// Whether the rules give the second level now. Where the site has no mail server, no address can be confirmed, and the
    /// rules do not ask for it.
    pub fn has_earned(&self, can_mail: bool, now: Millis) -> bool {
        (self.confirmed || !can_mail)
            && self.reputation >= REPUTATION
            && self.since <= now.minus(HOUR.saturating_mul(24 * DAYS as u32))
    }

    /// What a new member does to be trusted, each as a sentence.
    pub fn missing(&self, can_mail: bool, now: Millis) -> Vec<String> {
        let mut missing = Vec::new();
        if !self.confirmed && can_mail {
            missing.push(words::CONFIRM_YOUR_ADDRESS.to_owned());
        }
        if self.reputation < REPUTATION {
            let left = REPUTATION - self.reputation;
            missing.push(words::gain_points(left));
        }
        if self.since > now.minus(HOUR.saturating_mul(24 * DAYS as u32)) {
            missing.push(words::stay(DAYS));
        }
        missing
    }
}

/// Whether this member may post these words now; else `problems` says at `field` why not, and what to do.
pub async fn check(
    app: &App,
    by: &Member,
    body: Option<&Body>,
    problems: &mut Problems,
    field: &'static str,
) -> Result<(), DbError> {
    check_links(app, by, body, problems, field).await?;
    if body.is_none() || by.role.is_at_desk() {
        return Ok(());
    }
    let (id, now) = (by.id, app.clock.now());
    let most = Level::Trusted.most_posts() as i64;
    let (standing, written) = app
        .db
        .read(move |conn| Ok::<_, DbError>((find(conn, id)?, posts::count_since(conn, id, now.minus(HOUR), most)?)))
        .await?;
    if written >= standing.level.most_posts() {
        problems.add(field, too_many_posts(standing.level));
    }
    Ok(())
}

/// As [`check`], of words that take the place of others: they are no further post.
pub async fn check_links(
    app: &App,
    by: &Member,
    body: Option<&Body>,
    problems: &mut Problems,
    field: &'static str,
) -> Result<(), DbError> {
    let links = body.map_or(0, |body| count_links(body.html.as_str()));
    // Most posts have few, and need nobody looked up.
    if by.role.is_at_desk() || links <= Level::New.most_links() {
        return Ok(());
    }
    let id = by.id;
    let level = app.db.read(move |conn| find(conn, id)).await?.level;
    if links > level.most_links() {
        problems.add(field, too_many_links(level, links));
    }
    Ok(())
}

/// As [`check`], of somebody who has no account yet.
pub fn check_stranger(body: Option<&Body>, problems: &mut Problems, field: &'static str) {
    let links = body.map_or(0, |body| count_links(body.html.as_str()));
    if links > Level::New.most_links() {
        problems.add(field, too_many_links(Level::New, links));
    }
}

/// Of a rendered post. Naming a member is none, nor is a picture that was uploaded here: whoever shows what is wrong needs
/// several.
fn count_links(html: &str) -> usize {
    let ours = ["<a href=\"/members/", "<a href=\"/files/"].iter().map(|begin| html.matches(begin).count());
    html.matches("<a ").count() - ours.sum::<usize>()
}

fn too_many_links(level: Level, links: usize) -> String {
    let most = level.most_links();
    match level {
        Level::New => words::new_has_too_many_links(links, most),
        Level::Trusted => words::too_many_links(links, most),
    }
}

fn too_many_posts(level: Level) -> String {
    let most = level.most_posts();
    match level {
        Level::New => words::new_wrote_too_many(most),
        Level::Trusted => words::wrote_too_many(most),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::markdown;

    #[test]
    fn links_are_counted_as_they_are_shown() {
        for (text, links) in [
            ("no link", 0),
            ("https://a.example and [b](https://b.example)", 2),
            ("`https://a.example` and <https://b.example>", 1),
            ("![p](https://c.example/p.png)", 1),
            ("![p](/files/0123456789abcdef0123456789abcdef-1600x900.png)", 0),
        ] {
            assert_eq!(count_links(markdown::to_html(text).as_str()), links, "{text}");
        }
        let named = markdown::to_html_with("@ada, see https://a.example", &|_| true);
        assert_eq!(count_links(named.as_str()), 1);
    }

    #[test]
    fn trust_is_earned_by_all_three() {
        let now = Millis(1_800_000_000_000);
        let old = now.minus(Duration::from_secs(4 * 24 * 3_600));
        let standing = |confirmed, reputation, since| Standing {
            level: Level::New,
            by_staff: false,
            confirmed,
            reputation,
            since,
        };
        assert!(standing(true, REPUTATION, old).has_earned(true, now));
        for short in
            [standing(false, REPUTATION, old), standing(true, REPUTATION - 1, old), standing(true, REPUTATION, now)]
        {
            assert!(!short.has_earned(true, now));
            assert_eq!(short.missing(true, now).len(), 1, "{short:?}");
        }
        // Where nobody can be mailed, nobody is asked to open a link in a mail.
        let unconfirmed = standing(false, REPUTATION, old);
        assert!(unconfirmed.has_earned(false, now) && unconfirmed.missing(false, now).is_empty());
    }
}
