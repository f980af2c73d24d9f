//! The life of a verification as one pure function: from a state and an event to the next state, or a refusal.
//!
//! No clock, no database: whoever calls brings those. Who may vouch is decided here and nowhere else, however it is asked
//! for: by the form, as second person, on checking again. Rows decode into [`State`] here; a row that contradicts itself is
//! refused, never guessed at.

use super::VerificationId;
use super::words;
use crate::clock::Millis;
use crate::db::{DbError, text_enum};
use crate::members::MemberId;

text_enum! {
    /// The state column of a verification.
    pub enum Label {
        Awaiting = "awaiting",
        Standing = "standing",
        Stale = "stale",
        Superseded = "superseded",
        Withdrawn = "withdrawn",
        Refused = "refused",
    }
}

/// Where a verification stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// One person vouches, and the topic asks for a second: nothing is shown as verified, and nothing leaves.
    Awaiting {
        until: Option<Millis>,
    },
    Standing {
        until: Option<Millis>,
    },
    /// It held once, and is checked again: still shown, with the reason, but it does not go out any more.
    Stale {
        since: Millis,
        why: String,
    },
    /// Another verification of the same answer took its place.
    Superseded {
        by: VerificationId,
        at: Millis,
    },
    /// `by`: the person who took it back; none where the server did.
    Withdrawn {
        by: Option<MemberId>,
        why: String,
        at: Millis,
    },
    /// The second person did not agree.
    Refused {
        by: MemberId,
        why: String,
        at: Millis,
    },
}

/// What happens to a verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A second person vouches as well.
    Confirmed {
        by: MemberId,
    },
    /// The second person does not.
    Refused {
        by: MemberId,
        why: String,
    },
    Withdrawn {
        by: Option<MemberId>,
        why: String,
    },
    /// Something happened after which it has to be checked again.
    WentStale {
        why: String,
    },
    /// A newer one takes its place.
    Superseded {
        by: VerificationId,
    },
}

/// What an event meets.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    pub now: Millis,
    /// Who vouched first.
    pub first: MemberId,
    /// Whose words the revision holds: who wrote the answer, and who wrote this version of it.
    pub authors: &'a [MemberId],
    /// The answer still says what was vouched for: nobody has written another version since.
    pub is_newest: bool,
}

/// Why an event was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    #[error("{}", words::OWN_WORDS)]
    Own,
    #[error("{}", words::SAME_PERSON)]
    Same,
    #[error("{}", words::CHANGED_SINCE)]
    Changed,
    #[error("{}", words::END_HAS_PASSED)]
    Ended,
    /// It is in no state for this: somebody or something was faster.
    #[error("{}", words::too_late(.0.word()))]
    Late(Label),
}

/// How a verification begins. `single_staff`: this site has one staff member only, and lets them verify their own words.
pub fn begin(
    by: MemberId,
    authors: &[MemberId],
    single_staff: bool,
    needs_second: bool,
    until: Option<Millis>,
) -> Result<State, NotAllowed> {
    if authors.contains(&by) && !single_staff {
        return Err(NotAllowed::Own);
    }
    Ok(if needs_second { State::Awaiting { until } } else { State::Standing { until } })
}

/// The next state.
pub fn next(state: &State, event: &Event, facts: Facts<'_>) -> Result<State, NotAllowed> {
    use Event as E;
    use State as S;
    let Facts { now, first, authors, is_newest } = facts;
    let may_be_second = |by: MemberId| match by {
        by if authors.contains(&by) => Err(NotAllowed::Own),
        by if by == first => Err(NotAllowed::Same),
        _ => Ok(()),
    };
    match (state, event) {
        (S::Awaiting { until }, E::Confirmed { by }) => {
            may_be_second(*by)?;
            match until {
                _ if !is_newest => Err(NotAllowed::Changed),
                Some(until) if *until <= now => Err(NotAllowed::Ended),
                _ => Ok(S::Standing { until: *until }),
            }
        }
        (S::Awaiting { .. }, E::Refused { by, why }) => {
            may_be_second(*by)?;
            Ok(S::Refused { by: *by, why: why.clone(), at: now })
        }
        // Nothing is shown of it that could be checked again: whoever vouches does so anew.
        (S::Awaiting { .. }, E::WentStale { why }) => Ok(S::Withdrawn { by: None, why: why.clone(), at: now }),
        (S::Standing { .. }, E::WentStale { why }) => Ok(S::Stale { since: now, why: why.clone() }),
        // What holds for the words that are there is taken back before it is said anew.
        (S::Standing { .. }, E::Superseded { by }) if !is_newest => Ok(S::Superseded { by: *by, at: now }),
        (S::Stale { .. }, E::Superseded { by }) => Ok(S::Superseded { by: *by, at: now }),
        (S::Awaiting { .. } | S::Standing { .. } | S::Stale { .. }, E::Withdrawn { by, why }) => {
            Ok(S::Withdrawn { by: *by, why: why.clone(), at: now })
        }
        _ => Err(NotAllowed::Late(state.label())),
    }
}

impl Label {
    /// The word for people, after "is".
    pub fn word(self) -> &'static str {
        match self {
            Self::Awaiting => "waiting for a second person",
            Self::Standing => "standing",
            Self::Stale => "being checked again",
            Self::Superseded => "replaced by a newer one",
            Self::Withdrawn => "withdrawn",
            Self::Refused => "refused",
        }
    }
}

/// The columns of a state, as they stand in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    pub label: Label,
    pub until: Option<Millis>,
    pub stale_since: Option<Millis>,
    pub reason: Option<String>,
    pub ended_at: Option<Millis>,
    pub ended_by: Option<MemberId>,
    pub superseded_by: Option<VerificationId>,
}

impl State {
    pub fn label(&self) -> Label {
        match self {
            Self::Awaiting { .. } => Label::Awaiting,
            Self::Standing { .. } => Label::Standing,
            Self::Stale { .. } => Label::Stale,
            Self::Superseded { .. } => Label::Superseded,
            Self::Withdrawn { .. } => Label::Withdrawn,
            Self::Refused { .. } => Label::Refused,
        }
    }

    pub fn decode(columns: Columns) -> Result<Self, DbError> {
        let Columns { label, until, stale_since, reason, ended_at, ended_by, superseded_by } = columns;
        let state = match (label, stale_since, ended_at, ended_by, superseded_by) {
            (Label::Awaiting, None, None, None, None) => Self::Awaiting { until },
            (Label::Standing, None, None, None, None) => Self::Standing { until },
            (Label::Stale, Some(since), None, None, None) => Self::Stale { since, why: reason.unwrap_or_default() },
            (Label::Superseded, _, Some(at), _, Some(by)) => Self::Superseded { by, at },
            (Label::Withdrawn, _, Some(at), by, None) => Self::Withdrawn { by, why: reason.unwrap_or_default(), at },
            (Label::Refused, None, Some(at), Some(by), None) => {
                Self::Refused { by, why: reason.unwrap_or_default(), at }
            }
            _ => return Err(DbError::Inconsistent { what: "verification", value: label.as_str().to_owned() }),
        };
        Ok(state)
    }

    /// What a row is to hold; its end date stays what it was.
    pub fn encode(&self) -> Columns {
        let mut columns = Columns {
            label: self.label(),
            until: None,
            stale_since: None,
            reason: None,
            ended_at: None,
            ended_by: None,
            superseded_by: None,
        };
        match self.clone() {
            Self::Awaiting { until } | Self::Standing { until } => columns.until = until,
            Self::Stale { since, why } => (columns.stale_since, columns.reason) = (Some(since), Some(why)),
            Self::Superseded { by, at } => (columns.superseded_by, columns.ended_at) = (Some(by), Some(at)),
            Self::Withdrawn { by, why, at } => {
                (columns.ended_by, columns.reason, columns.ended_at) = (by, Some(why), Some(at));
            }
            Self::Refused { by, why, at } => {
                (columns.ended_by, columns.reason, columns.ended_at) = (Some(by), Some(why), Some(at));
            }
        }
        columns
    }
}

#[cfg(test)]
mod tests;
