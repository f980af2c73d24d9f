//! What becomes of a mail, as one pure function.
//!
//! A server that says it has taken a mail answers for it from then on. Whether it took one whose end it was sent, and never
//! confirmed, nobody knows: such a mail is uncertain, and a person decides.

use std::time::Duration;

use crate::clock::Millis;
use crate::db::text_enum;

text_enum! {
    /// Where a mail is.
    pub enum State {
        Queued = "queued",
        /// A loop is handing it over, until its lease ends.
        Sending = "sending",
        Sent = "sent",
        /// It may have been taken.
        Uncertain = "uncertain",
        /// It was refused for good, or too often.
        Failed = "failed",
        /// A person decided to leave it.
        GivenUp = "given_up",
    }
}

impl State {
    /// The word for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Queued => "Waiting",
            Self::Sending => "Being sent",
            Self::Sent => "Sent",
            Self::Uncertain => "Uncertain",
            Self::Failed => "Failed",
            Self::GivenUp => "Given up",
        }
    }

    /// The kind of its chip.
    pub fn chip(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Uncertain => "uncertain",
            Self::Failed => "failed",
            Self::GivenUp => "withdrawn",
        }
    }

    /// It waits for a person to decide.
    pub fn is_stuck(self) -> bool {
        matches!(self, Self::Uncertain | Self::Failed)
    }
}

/// What came of handing a mail over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The server has it.
    Taken,
    /// It has it not, and may take it later.
    NotNow(String),
    /// It will never take it.
    Refused(String),
    /// It was sent to its end, and no answer came.
    Unknown(String),
}

impl Fate {
    /// What the server said, or what kept it from saying anything.
    pub(super) fn words(self) -> String {
        match self {
            Self::Taken => String::new(),
            Self::NotNow(said) | Self::Refused(said) | Self::Unknown(said) => said,
        }
    }
}

/// What a mail becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    pub state: State,
    pub due_at: Option<Millis>,
    pub reason: Option<String>,
}

/// A server that is down for a day is not unusual; whoever waits longer has forgotten what it was about. Together the pauses
/// are a day and a quarter of an hour.
const TRIES: i64 = 14;
const FIRST_PAUSE: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(4 * 3_600);

/// After the attempt with this number, counted from one.
pub fn after(fate: Fate, attempts: i64, now: Millis) -> Next {
    match fate {
        Fate::Taken => Next { state: State::Sent, due_at: None, reason: None },
        Fate::NotNow(reason) if attempts < TRIES => {
            Next { state: State::Queued, due_at: Some(now.plus(pause(attempts))), reason: Some(reason) }
        }
        Fate::NotNow(reason) | Fate::Refused(reason) => {
            Next { state: State::Failed, due_at: None, reason: Some(reason) }
        }
        Fate::Unknown(reason) => Next { state: State::Uncertain, due_at: None, reason: Some(reason) },
    }
}

/// Twice as long each time.
fn pause(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts - 1).unwrap_or(0).min(16);
    FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(doublings)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_may_be_down_for_a_day() {
        let waited: Duration = (1..TRIES).map(pause).sum();
        assert!(waited >= Duration::from_secs(24 * 3_600), "{waited:?}");
    }

    #[test]
    fn each_fate_leads_where_it_should() {
        let now = Millis(1_000_000);
        let why = || "451 try again later".to_owned();
        let minutes = |count: u64| Some(now.plus(Duration::from_secs(count * 60)));
        for (fate, attempts, state, due_at) in [
            (Fate::Taken, 1, State::Sent, None),
            (Fate::NotNow(why()), 1, State::Queued, minutes(1)),
            (Fate::NotNow(why()), 4, State::Queued, minutes(8)),
            (Fate::NotNow(why()), 13, State::Queued, minutes(240)),
            (Fate::NotNow(why()), 14, State::Failed, None),
            (Fate::Refused(why()), 1, State::Failed, None),
            (Fate::Unknown(why()), 1, State::Uncertain, None),
        ] {
            let next = after(fate.clone(), attempts, now);
            assert_eq!((next.state, next.due_at), (state, due_at), "{fate:?} at attempt {attempts}");
        }
    }
}
