//! What an import counts: how much there is of each kind, how much of it came over now and was here already, and what did
//! not come, by reason. Nothing is left out without being counted here.

use super::words;

/// How many of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows of the dump.
    pub found: u64,
    /// Brought over by this run.
    pub new: u64,
    /// Brought over by an earlier one.
    pub known: u64,
}

/// Why something of a dump is not here, or not as it was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    NoId,
    Torn,
    Twice,
    NoQuestion,
    OrphanAnswer,
    OrphanComment,
    OrphanLink,
    OrphanVote,
    OtherVote,
    OrphanAccepted,
    Removed,
    Empty,
    Silent,
    Badge,
    TooManyTags,
    /// From here on: it is here, and differs.
    Former,
    Tag,
    Date,
    Title,
    Id,
    Html,
}

impl Reason {
    pub const ALL: [Self; 21] = [
        Self::NoId,
        Self::Torn,
        Self::Twice,
        Self::NoQuestion,
        Self::OrphanAnswer,
        Self::OrphanComment,
        Self::OrphanLink,
        Self::OrphanVote,
        Self::OtherVote,
        Self::OrphanAccepted,
        Self::Removed,
        Self::Empty,
        Self::Silent,
        Self::Badge,
        Self::TooManyTags,
        Self::Former,
        Self::Tag,
        Self::Date,
        Self::Title,
        Self::Id,
        Self::Html,
    ];

    /// What is counted, in words that stand behind the number.
    pub fn words(self) -> &'static str {
        match self {
            Self::NoId => words::LEFT_NO_ID,
            Self::Torn => words::LEFT_TORN,
            Self::Twice => words::LEFT_TWICE,
            Self::NoQuestion => words::LEFT_NO_QUESTION,
            Self::OrphanAnswer => words::LEFT_ORPHAN_ANSWER,
            Self::OrphanComment => words::LEFT_ORPHAN_COMMENT,
            Self::OrphanLink => words::LEFT_ORPHAN_LINK,
            Self::OrphanVote => words::LEFT_ORPHAN_VOTE,
            Self::OtherVote => words::LEFT_OTHER_VOTE,
            Self::OrphanAccepted => words::LEFT_ORPHAN_ACCEPTED,
            Self::Removed => words::LEFT_REMOVED,
            Self::Empty => words::LEFT_EMPTY,
            Self::Silent => words::LEFT_SILENT,
            Self::Badge => words::LEFT_BADGE,
            Self::TooManyTags => words::LEFT_TAGS,
            Self::Former => words::MADE_FORMER,
            Self::Tag => words::MENDED_TAG,
            Self::Date => words::MENDED_DATE,
            Self::Title => words::MENDED_TITLE,
            Self::Id => words::MENDED_ID,
            Self::Html => words::MENDED_HTML,
        }
    }

    /// It is here, though not as it was there.
    pub fn is_here(self) -> bool {
        matches!(self, Self::Former | Self::Tag | Self::Date | Self::Title | Self::Id | Self::Html)
    }
}

/// Everything that is counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub questions: Tally,
    pub answers: Tally,
    pub accepted: Tally,
    pub votes: Tally,
    pub comments: Tally,
    pub links: Tally,
    pub members: Tally,
    reasons: [u64; Reason::ALL.len()],
}

impl Report {
    pub fn note(&mut self, reason: Reason) {
        self.note_many(reason, 1);
    }

    pub fn note_many(&mut self, reason: Reason, many: u64) {
        self.reasons[reason as usize] += many;
    }

    pub fn many(&self, reason: Reason) -> u64 {
        self.reasons[reason as usize]
    }

    /// Whether this run brought anything over.
    pub fn is_new(&self) -> bool {
        let kinds = [self.questions, self.answers, self.comments, self.links, self.members];
        kinds.iter().any(|tally| tally.new > 0)
    }

    /// Questions, answers and comments that this run brought over.
    pub fn posts(&self) -> u64 {
        self.questions.new + self.answers.new + self.comments.new
    }
}
