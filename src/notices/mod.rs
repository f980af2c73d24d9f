//! Notices: what tells a member something, on a page of their own and, as they choose, by mail.
//!
//! Owns the tables `notice` and `notice_choice`, and of a member the key of their mails. Knows no slice that tells: each writes its notice in the transaction of what it tells of. Says
//! nothing that its reader may not see.

pub mod bell;
mod mailing;
mod matter;
pub mod page;
pub mod settings;
mod store;
mod words;

pub use mailing::start;
pub use matter::{Matter, Pace};
pub use store::mailing::choose;
pub use store::{count_unread, forget, tell, tell_once};

use crate::clock::Millis;
use crate::db::{DbError, PostRef, Tx, id_type, text_enum};
use crate::members::MemberId;

id_type!(
    /// The id of a notice.
    NoticeId
);

text_enum! {
    /// What happened.
    pub enum Kind {
        /// Staff vouch for their answer.
        Verified = "verified",
        /// Their answer arrived on a network.
        Sent = "sent",
        /// Staff looked at their answer.
        Seen = "seen",
        /// Staff did not verify their answer, and say why.
        Refused = "refused",
        /// They vouched for an answer, and the second person did not confirm it.
        NotConfirmed = "not_confirmed",
        /// Nobody vouches for their answer any more.
        Withdrawn = "withdrawn",
        /// Their answer is checked again.
        Stale = "stale",
        /// A colleague named them in a note.
        Mentioned = "mentioned",
        /// A colleague took over what they had claimed.
        TakenOver = "taken_over",
        /// A colleague gave them something to do.
        Assigned = "assigned",
        /// They wanted to be reminded.
        Reminder = "reminder",
        /// Their draft was sent.
        DraftSent = "draft_sent",
        /// Their draft came back.
        DraftReturned = "draft_returned",
        Hidden = "hidden",
        Restored = "restored",
        Locked = "locked",
        Unlocked = "unlocked",
        /// Their thread takes no further answers.
        Closed = "closed",
        Reopened = "reopened",
        Moved = "moved",
        MadePrivate = "made_private",
        MadePublic = "made_public",
        Merged = "merged",
        /// Their question stands for itself again.
        Unmerged = "unmerged",
        Split = "split",
        /// Their post waits until staff have looked at it.
        Held = "held",
        Approved = "approved",
        Rejected = "rejected",
        Warned = "warned",
        Banned = "banned",
        Unbanned = "unbanned",
        /// Somebody answered, commented or asked where they follow.
        NewAnswer = "new_answer",
        NewComment = "new_comment",
        NewQuestion = "new_question",
        /// A search that they follow finds a new question.
        Found = "found",
        /// A post names them by their handle.
        Named = "named",
        /// Somebody else wrote another version of their post.
        Edited = "edited",
        /// The asker says that their answer helped.
        Accepted = "accepted",
        /// They may do more here from now on.
        Trusted = "trusted",
        /// What became of their report.
        ReportUpheld = "report_upheld",
        ReportDismissed = "report_dismissed",
    }
}

/// A notice to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNotice {
    pub to: MemberId,
    pub kind: Kind,
    /// The thread that it is about.
    pub question_id: Option<i64>,
    pub post: Option<PostRef>,
    /// What it is about where that is no thread: a subject of the queue.
    pub subject: Option<String>,
    /// Who did it; `None`: the server.
    pub by: Option<MemberId>,
    /// A reason, or other words that a person wrote; empty without any.
    pub words: String,
    pub at: Millis,
}

/// A post that somebody else gave another version.
#[derive(Clone, Copy, Debug)]
pub struct EditedPost<'a> {
    pub post: PostRef,
    pub question_id: i64,
    /// Who wrote it first.
    pub author: MemberId,
    pub by: MemberId,
    /// Why; may be empty.
    pub reason: &'a str,
    pub at: Millis,
}

/// Tells the author of a post that somebody else changed it.
pub fn tell_edited(tx: &mut Tx<'_>, edited: EditedPost<'_>) -> Result<(), DbError> {
    let EditedPost { post, question_id, author, by, reason, at } = edited;
    let new = NewNotice {
        to: author,
        kind: Kind::Edited,
        question_id: Some(question_id),
        post: Some(post),
        subject: None,
        by: Some(by),
        words: reason.to_owned(),
        at,
    };
    tell(tx, &new).map(drop)
}

/// A notice as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub id: NoticeId,
    pub kind: Kind,
    pub question_id: Option<i64>,
    pub post: Option<PostRef>,
    pub subject: Option<String>,
    pub by: Option<MemberId>,
    pub words: String,
    pub created_at: Millis,
    pub read_at: Option<Millis>,
}
