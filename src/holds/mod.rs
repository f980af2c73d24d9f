//! Holds: which posts of new members staff look at before anybody else does, and what they decided.
//!
//! Owns the table `hold`. Whoever writes a post asks here first; this slice knows none of those who do, and shows nothing
//! itself: moderation decides, and brings the post into sight.

mod rule;
mod store;
pub mod told;
mod words;

pub use store::{await_again, count_open, find_open, hold, list_by_member, list_open, settle, waits};

use crate::clock::Millis;
use crate::db::{Conn, DbError, PostRef, id_type, text_enum};
use crate::members::{Member, MemberId};
use crate::posts;
use crate::topics::{self, TopicId};
use crate::web::markdown::CleanHtml;

id_type!(
    /// The id of a hold.
    HoldId
);

impl HoldId {
    /// The page that tells the author what happens now.
    pub fn place(self) -> String {
        format!("/held/{self}")
    }
}

text_enum! {
    /// Why a post is held.
    pub enum Why {
        /// It is among the first of its author.
        First = "first",
        /// It leads elsewhere, and its author has written little so far.
        Link = "link",
    }
}

impl Why {
    /// For staff, to go after "held because".
    pub fn words(self) -> &'static str {
        match self {
            Self::First => words::FIRST_POST,
            Self::Link => words::NEW_WITH_LINK,
        }
    }
}

impl Why {
    /// For the author of a post that is shown already, and that they would change.
    pub fn of_an_edit(self) -> &'static str {
        match self {
            Self::First => words::NOT_CHANGED_YET,
            Self::Link => words::NO_LINKS_YET,
        }
    }
}

/// A post that waits for staff, or what they decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    pub id: HoldId,
    pub post: PostRef,
    pub question_id: i64,
    pub by: MemberId,
    pub why: Why,
    pub created_at: Millis,
    /// `None`: it waits.
    pub decision: Option<Decision>,
}

/// What staff decided about a held post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub approved: bool,
    pub by: MemberId,
    pub at: Millis,
    /// Why it was not let through; empty where it was.
    pub reason: String,
}

/// Whether words that this member is about to write must wait, by the rule of its topic. Who works at the desk never
/// waits.
pub fn why_held(
    conn: &mut Conn,
    by: &Member,
    topic: Option<TopicId>,
    body: &CleanHtml,
) -> Result<Option<Why>, DbError> {
    if by.role.is_at_desk() {
        return Ok(None);
    }
    let rules = match topic {
        Some(topic) => topics::find_rules(conn, topic)?.map(|(rules, _)| rules).unwrap_or_default(),
        None => topics::load_strictest(conn)?,
    };
    if !rules.hold() {
        return Ok(None);
    }
    let shown = posts::count_shown(conn, by.id)?;
    Ok(rule::judge(rules, shown, rule::has_link(body)))
}
