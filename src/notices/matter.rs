//! The matters that notices are about, and how somebody hears of each by mail. Pure.

use super::Kind;
use super::words;
use crate::db::text_enum;

text_enum! {
    /// What a member chooses about: kinds of notices that one wants or does not want together.
    pub enum Matter {
        /// Answers in threads, and from people, that they follow.
        Answers = "answers",
        Comments = "comments",
        /// Questions in topics, from people, and found by searches, that they follow.
        Questions = "questions",
        /// Somebody names them in a post.
        Mentions = "mentions",
        /// What becomes of their answers: accepted, verified, sent.
        Outcomes = "outcomes",
        /// What staff did with their posts, and with what they reported.
        Moderation = "moderation",
        /// The work of those at the desk.
        Desk = "desk",
    }
}

text_enum! {
    /// When a notice is mailed.
    pub enum Pace {
        Now = "now",
        Daily = "daily",
        Weekly = "weekly",
        Never = "never",
    }
}

impl Matter {
    /// Of a notice.
    pub fn of(kind: Kind) -> Self {
        match kind {
            Kind::NewAnswer => Self::Answers,
            Kind::NewComment => Self::Comments,
            Kind::NewQuestion | Kind::Found => Self::Questions,
            Kind::Named => Self::Mentions,
            Kind::Accepted
            | Kind::Verified
            | Kind::Sent
            | Kind::Seen
            | Kind::Refused
            | Kind::Withdrawn
            | Kind::Stale
            | Kind::Edited
            | Kind::Trusted => Self::Outcomes,
            Kind::NotConfirmed
            | Kind::Mentioned
            | Kind::TakenOver
            | Kind::Assigned
            | Kind::Reminder
            | Kind::DraftSent
            | Kind::DraftReturned => Self::Desk,
            Kind::Hidden
            | Kind::Restored
            | Kind::Locked
            | Kind::Unlocked
            | Kind::Closed
            | Kind::Reopened
            | Kind::Moved
            | Kind::MadePrivate
            | Kind::MadePublic
            | Kind::Merged
            | Kind::Unmerged
            | Kind::Split
            | Kind::Held
            | Kind::Approved
            | Kind::Rejected
            | Kind::Warned
            | Kind::Banned
            | Kind::Unbanned
            | Kind::ReportUpheld
            | Kind::ReportDismissed => Self::Moderation,
        }
    }

    /// For whoever chose nothing: what somebody waits for comes at once, what is nice to know is gathered.
    pub fn usual(self) -> Pace {
        match self {
            Self::Answers | Self::Mentions | Self::Outcomes | Self::Moderation => Pace::Now,
            Self::Comments | Self::Questions => Pace::Daily,
            Self::Desk => Pace::Never,
        }
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Answers => "New answers",
            Self::Comments => "New comments",
            Self::Questions => "New questions",
            Self::Mentions => words::MENTIONS,
            Self::Outcomes => words::OUTCOMES,
            Self::Moderation => words::MODERATION,
            Self::Desk => words::DESK,
        }
    }

    pub fn hint(self) -> &'static str {
        match self {
            Self::Answers => words::ANSWERS_HINT,
            Self::Comments => words::COMMENTS_HINT,
            Self::Questions => words::QUESTIONS_HINT,
            Self::Mentions => words::MENTIONS_HINT,
            Self::Outcomes => words::OUTCOMES_HINT,
            Self::Moderation => words::MODERATION_HINT,
            Self::Desk => words::DESK_HINT,
        }
    }

    /// Why somebody gets a mail about it, to end its last line.
    pub(super) fn why(self) -> &'static str {
        match self {
            Self::Answers | Self::Comments => words::WHY_ANSWERS,
            Self::Questions => words::WHY_QUESTIONS,
            Self::Mentions => words::WHY_MENTIONS,
            Self::Outcomes | Self::Moderation => words::WHY_YOURS,
            Self::Desk => words::WHY_DESK,
        }
    }
}

impl Pace {
    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Now => "At once",
            Self::Daily => "Once a day",
            Self::Weekly => "Once a week",
            Self::Never => "Never",
        }
    }
}
