//! The breaker of a channel: a network that is not there is left in peace, and asked by one delivery at a time whether it
//! is back.
//!
//! Pure: from what is stored and what a send came to, to what is stored next. While it is open nothing loses a try; what
//! waits goes out in the order in which it was queued.

use std::time::Duration;

use crate::clock::Millis;
use crate::networks::Outcome;

/// In a row before the breaker opens: one lost connection is no outage.
const MOST_FAILURES: i64 = 3;
const FIRST_PAUSE: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_secs(10 * 60);

/// What is stored of a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Breaker {
    /// Sends in a row for which the network was not there.
    pub failures: i64,
    pub failing_since: Option<Millis>,
    /// Nothing is sent before this; also where the network itself asked for it.
    pub paused_until: Option<Millis>,
}

/// Who may send now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admits {
    All,
    /// The one that books its failure first.
    One,
    Nobody,
}

/// What a send says of the network as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It answered, whatever it said.
    There,
    Absent,
}

impl Breaker {
    pub fn is_open(self) -> bool {
        self.failures >= MOST_FAILURES
    }

    pub fn admits(self, now: Millis) -> Admits {
        match self.paused_until {
            Some(until) if until > now => Admits::Nobody,
            _ if self.is_open() => Admits::One,
            _ => Admits::All,
        }
    }

    /// After a send. The one that tries whether the network is back books its failure before it leaves, so that it is
    /// alone; a failure that comes while nobody may send was booked so, or left before the breaker opened.
    pub fn after(self, sign: Sign, now: Millis) -> Self {
        match sign {
            Sign::There if self.is_open() => Self::default(),
            // What the network itself asked for holds, whatever it says to those that were under way.
            Sign::There => Self { paused_until: self.paused_until.filter(|until| *until > now), ..Self::default() },
            Sign::Absent if self.is_open() && self.admits(now) == Admits::Nobody => self,
            Sign::Absent => {
                let failures = self.failures + 1;
                let failing_since = self.failing_since.or(Some(now));
                let paused_until =
                    if failures >= MOST_FAILURES { Some(now.plus(pause(failures))) } else { self.paused_until };
                Self { failures, failing_since, paused_until }
            }
        }
    }
}

/// What an outcome says of the network; `None`: nothing.
pub fn sign(outcome: &Outcome) -> Option<Sign> {
    match outcome {
        Outcome::Accepted { .. } | Outcome::Refused { .. } | Outcome::ByHand { .. } => Some(Sign::There),
        Outcome::Unreachable { .. } | Outcome::Unknown { there: false, .. } => Some(Sign::Absent),
        Outcome::Unknown { there: true, .. } => Some(Sign::There),
        // It answered, but for a reason that pauses the channel in its own way.
        Outcome::RetryAfter { .. } | Outcome::ChannelBroken { .. } | Outcome::TokenRefused { .. } => None,
    }
}

/// 30 s after the failure that opens it, doubling with each further one, at most 10 min.
fn pause(failures: i64) -> Duration {
    let doublings = u32::try_from(failures - MOST_FAILURES).unwrap_or(0).min(16);
    FIRST_PAUSE.saturating_mul(2u32.pow(doublings)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(second: i64) -> Millis {
        Millis(second * 1_000)
    }

    #[test]
    fn three_failures_in_a_row_open_it_and_one_answer_closes_it() {
        let mut breaker = Breaker::default();
        for second in 0..2 {
            breaker = breaker.after(Sign::Absent, at(second));
            assert_eq!(breaker.admits(at(second)), Admits::All);
        }
        assert_eq!(breaker.after(Sign::There, at(2)), Breaker::default(), "an answer between them forgets them");
        breaker = breaker.after(Sign::Absent, at(2));
        assert_eq!((breaker.failing_since, breaker.paused_until), (Some(at(0)), Some(at(32))));
        assert_eq!(breaker.admits(at(31)), Admits::Nobody);
        assert_eq!(breaker.admits(at(32)), Admits::One);
        assert_eq!(breaker.after(Sign::There, at(40)).admits(at(40)), Admits::All);
    }

    #[test]
    fn what_the_network_asked_for_outlives_a_success() {
        let told = Breaker { failures: 1, failing_since: Some(at(0)), paused_until: Some(at(900)) };
        let after = told.after(Sign::There, at(1));
        assert_eq!(after, Breaker { paused_until: Some(at(900)), ..Breaker::default() });
        assert_eq!(after.after(Sign::There, at(900)), Breaker::default());
    }

    #[test]
    fn each_try_in_vain_doubles_the_pause_up_to_ten_minutes() {
        let mut breaker = Breaker { failures: 2, failing_since: Some(at(0)), paused_until: None };
        let mut pauses = Vec::new();
        for _ in 0..7 {
            let now = breaker.paused_until.unwrap_or(at(0));
            breaker = breaker.after(Sign::Absent, now);
            pauses.push(breaker.paused_until.unwrap().since(now).as_secs());
        }
        assert_eq!(pauses, [30, 60, 120, 240, 480, 600, 600]);
        assert_eq!(breaker.failing_since, Some(at(0)));
        let next = breaker.paused_until.unwrap().0;
        assert_eq!(breaker.after(Sign::Absent, Millis(next - 1)), breaker, "one that left earlier changes nothing");
    }

    #[test]
    fn a_limit_says_nothing_of_the_network_and_a_refusal_says_that_it_is_there() {
        let reason = String::new();
        let wait = Duration::from_secs(60);
        assert_eq!(sign(&Outcome::RetryAfter { wait, reason: reason.clone() }), None);
        assert_eq!(sign(&Outcome::Refused { reason: reason.clone() }), Some(Sign::There));
        assert_eq!(sign(&Outcome::Unknown { reason: reason.clone(), there: true }), Some(Sign::There));
        assert_eq!(sign(&Outcome::Unknown { reason, there: false }), Some(Sign::Absent));
    }
}
