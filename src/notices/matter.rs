//! The matters that notices are about, and how somebody hears of each by mail. Pure.

use super::Kind;
use crate::db::text_enum;

text_enum! {
    /// What a member chooses about: kinds of notices that one wants or does not want together.
    pub enum Matter {
        /// Answers in threads, and from people, that they follow.
        Answers = "answers",
        Comments = "comments",
        /// Questions in topics, and from people, that they follow.
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
            Kind::NewQuestion => Self::Questions,
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
            Self::Mentions => "Mentions of you",
            Self::Outcomes => "What becomes of your answers",
            Self::Moderation => "What our staff did with your posts",
            Self::Desk => "Work at the desk",
        }
    }

    pub fn hint(self) -> &'static str {
        match self {
            Self::Answers => "In the questions that you follow, and from people you follow",
            Self::Comments => "In the questions that you follow",
            Self::Questions => "In the topics and tags that you follow, and from people you follow",
            Self::Mentions => "Somebody writes @ and your name",
            Self::Outcomes => "Accepted, verified, sent on to whoever asked",
            Self::Moderation => "Held, moved, merged, hidden, and what became of your reports",
            Self::Desk => "Given to you, taken over, reminders, drafts, notes that name you",
        }
    }

    /// Why somebody gets a mail about it, to end its last line.
    pub(super) fn why(self) -> &'static str {
        match self {
            Self::Answers | Self::Comments => "You get this mail because you follow this question or its author.",
            Self::Questions => "You get this mail because you follow its topic, one of its tags or its author.",
            Self::Mentions => "You get this mail because somebody named you.",
            Self::Outcomes | Self::Moderation => "You get this mail because it is about what you wrote.",
            Self::Desk => "You get this mail because you work at the desk.",
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
