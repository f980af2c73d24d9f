//! The audit log: every act of staff, written in the transaction of the act and never changed.
//!
//! Owns the table `audit`. Holds no words of customers: what was done, to what, and the reason that its doer gave.

pub mod page;
mod store;
mod words;

pub use store::{Line, list_about, record};

use std::fmt;

use crate::clock::Millis;
use crate::db::text_enum;
use crate::members::MemberId;

text_enum! {
    /// What was done.
    pub enum Act {
        Verify = "verify",
        Confirm = "confirm",
        Refuse = "refuse",
        Withdraw = "withdraw",
        /// A verification was put up for being checked again.
        PutUp = "put_up",
        DecideResult = "decide_result",
        EnterRelease = "enter_release",
        Edit = "edit",
        Send = "send",
        Undo = "undo",
        Settle = "settle",
        DecideDelivery = "decide_delivery",
        DecideHeld = "decide_held",
        DecideRemoval = "decide_removal",
        HideOnNetwork = "hide_on_network",
        Retitle = "retitle",
        Accept = "accept",
        Claim = "claim",
        TakeOver = "take_over",
        Release = "release",
        Assign = "assign",
        Snooze = "snooze",
        Note = "note",
        Macro = "macro",
        ReturnDraft = "return_draft",
        Merge = "merge",
        Unmerge = "unmerge",
        KeepApart = "keep_apart",
        SeeToUnfound = "see_to_unfound",
        Split = "split",
        Unsplit = "unsplit",
        Hide = "hide",
        Restore = "restore",
        Lock = "lock",
        Unlock = "unlock",
        Close = "close",
        Reopen = "reopen",
        Move = "move",
        MakePrivate = "make_private",
        MakePublic = "make_public",
        Approve = "approve",
        Reject = "reject",
        Dismiss = "dismiss",
        Warn = "warn",
        Ban = "ban",
        LiftBan = "lift_ban",
        HideAll = "hide_all",
        RestoreAll = "restore_all",
        Search = "search",
        Channel = "channel",
        Spending = "spending",
        Topic = "topic",
        Invite = "invite",
        ChangeRole = "change_role",
        Team = "team",
        Hours = "hours",
        Target = "target",
        Setting = "setting",
        Mail = "mail",
        Trust = "trust",
        Label = "label",
        Unreadable = "unreadable",
        Gap = "gap",
    }
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `None`: the server itself.
    pub by: Option<MemberId>,
    pub act: Act,
    /// What it was done to: `question-12`, `member-4`, `topic-2`.
    pub subject: String,
    pub question_id: Option<i64>,
    /// The reason, or what was chosen.
    pub words: String,
    pub at: Millis,
}

impl Entry {
    /// A line without a thread and without words.
    pub fn new(by: MemberId, act: Act, subject: impl fmt::Display, at: Millis) -> Self {
        Self { by: Some(by), act, subject: subject.to_string(), question_id: None, words: String::new(), at }
    }
}
