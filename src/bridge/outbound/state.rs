//! The life of a delivery as one pure function: from a state and an event to the next state, or a refusal.
//!
//! No clock, no database, no network: the worker and the desk bring those. Rows decode into [`State`] here and nowhere
//! else; a row that contradicts itself is refused, never guessed at.

use std::time::Duration;

use super::words;
use crate::clock::Millis;
use crate::db::{DbError, text_enum};
use crate::networks::Outcome;

/// Tries before a delivery that the network keeps putting off is given to a person.
pub const MOST_ATTEMPTS: i64 = 8;
const FIRST_PAUSE: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_secs(6 * 3600);
/// Between two looks at our own posts for one of unknown fate.
const LOOK_EVERY: Duration = Duration::from_secs(15);

text_enum! {
    /// The state column of a delivery.
    pub enum Label {
        Delayed = "delayed",
        Queued = "queued",
        Sending = "sending",
        Sent = "sent",
        Uncertain = "uncertain",
        ByHand = "by_hand",
        Failed = "failed",
        Withdrawn = "withdrawn",
    }
}

/// The states that only a person can end.
pub const NEED_A_PERSON: [Label; 3] = [Label::Uncertain, Label::ByHand, Label::Failed];

/// Where a delivery stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Inside the undo window: whoever wrote it may still take it back.
    Delayed {
        until: Millis,
    },
    Queued {
        due: Millis,
        /// Why it was put off, if it was.
        reason: Option<String>,
    },
    /// A worker has it. After the lease nobody knows what became of it.
    Sending {
        lease_until: Millis,
    },
    Sent {
        at: Millis,
        remote_id: Option<String>,
    },
    /// It may stand on the network or not. `look_at` is when to look again; without it a person decides.
    Uncertain {
        look_at: Option<Millis>,
        reason: String,
    },
    /// The network lets people do this, but not its API.
    ByHand {
        reason: String,
    },
    Failed {
        reason: String,
    },
    Withdrawn,
}

/// What happened to a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Nobody took it back in time.
    WindowOver,
    /// Whoever wrote it takes it back, because it has not left.
    Undo,
    Claimed {
        lease_until: Millis,
    },
    Came(Outcome),
    LeaseExpired,
    /// Our post was found on the network.
    Seen {
        remote_id: String,
    },
    /// We looked, and it was not there.
    NotSeen,
    /// The network takes the same delivery a second time for the first one.
    MayRepeat,
    /// The network would not let us look.
    CouldNotLook {
        until: Millis,
    },
    /// A person says that it stands there; the id is known where they gave a link.
    Posted {
        remote_id: Option<String>,
    },
    /// A person says that it does not stand there.
    SendAgain,
    Withdraw,
}

/// What the transition needs to know beside state and event.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    pub now: Millis,
    /// When it was written: the order in which a backlog goes out.
    pub created_at: Millis,
    /// How often it was sent, this time included.
    pub attempts: i64,
    /// When it was sent last.
    pub attempted_at: Option<Millis>,
    /// How long the network may take to show us our own post.
    pub lag: Duration,
    /// Nobody vouches for it any more.
    pub revoked: bool,
}

/// The event does not go with the state: somebody else was faster, or the button was stale.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a delivery that is {from} cannot take this step")]
pub struct NotAllowed {
    pub from: &'static str,
}

/// The next state. Nothing that may have been accepted ever goes back to `Queued` without a person's word, unless the network
/// itself sees to it that the same delivery stands there once.
pub fn next(state: &State, event: &Event, facts: Facts) -> Result<State, NotAllowed> {
    use Event as E;
    use State as S;
    let Facts { now, created_at, attempts, attempted_at, lag, revoked } = facts;
    let next = match (state, event) {
        (S::Delayed { until }, E::WindowOver) if *until <= now && !revoked => S::Queued { due: *until, reason: None },
        // After the window it may be taken back as long as the network never had it.
        (S::Delayed { .. }, E::Undo) => S::Withdrawn,
        (S::Queued { .. }, E::Undo) if attempts == 0 => S::Withdrawn,
        (S::Queued { due, .. }, E::Claimed { lease_until }) if *due <= now && !revoked => {
            S::Sending { lease_until: *lease_until }
        }
        (S::Sending { .. }, E::Came(outcome)) => match outcome {
            Outcome::Accepted { remote_id, .. } => S::Sent { at: now, remote_id: Some(remote_id.clone()) },
            // It did not arrive, and it is not wanted any more.
            Outcome::RetryAfter { .. }
            | Outcome::Unreachable { .. }
            | Outcome::ChannelBroken { .. }
            | Outcome::TokenRefused { .. }
                if revoked =>
            {
                S::Withdrawn
            }
            Outcome::RetryAfter { reason, .. } if attempts >= MOST_ATTEMPTS => {
                S::Failed { reason: words::given_up(attempts, reason) }
            }
            Outcome::RetryAfter { wait, reason } => {
                S::Queued { due: now.plus((*wait).max(pause(attempts))), reason: Some(reason.clone()) }
            }
            Outcome::Refused { reason } => S::Failed { reason: reason.clone() },
            Outcome::ByHand { reason } => S::ByHand { reason: reason.clone() },
            // The channel itself is marked broken, gets a new token or is left in peace, and nothing of it is claimed until
            // then; it keeps its place in the queue.
            Outcome::Unreachable { reason }
            | Outcome::ChannelBroken { reason, .. }
            | Outcome::TokenRefused { reason } => S::Queued { due: created_at, reason: Some(reason.clone()) },
            Outcome::Unknown { reason, .. } => S::Uncertain { look_at: Some(now), reason: reason.clone() },
        },
        (S::Sending { .. }, E::LeaseExpired) => {
            S::Uncertain { look_at: Some(now), reason: words::STOPPED_SENDING.to_owned() }
        }
        // By hand: a colleague posted it in the network's own app. Queued: an earlier try arrived after all.
        (S::Queued { .. } | S::Uncertain { .. } | S::ByHand { .. }, E::Seen { remote_id }) => {
            S::Sent { at: now, remote_id: Some(remote_id.clone()) }
        }
        // A person said so, without a link; now the network shows which post it is.
        (S::Sent { at, remote_id: None }, E::Seen { remote_id }) => {
            S::Sent { at: *at, remote_id: Some(remote_id.clone()) }
        }
        // Not wanted any more, or tried in vain for long; it may stand there all the same: a person looks.
        (S::Uncertain { reason, .. }, E::MayRepeat) if revoked || attempts >= MOST_ATTEMPTS => {
            S::Uncertain { look_at: None, reason: reason.clone() }
        }
        (S::Uncertain { reason, .. }, E::MayRepeat) => S::Queued { due: now, reason: Some(reason.clone()) },
        (S::Uncertain { reason, .. }, E::CouldNotLook { until }) => {
            S::Uncertain { look_at: Some(*until), reason: reason.clone() }
        }
        (S::Uncertain { reason, .. }, E::NotSeen) => {
            let patient = attempted_at.is_some_and(|at| now < at.plus(lag));
            S::Uncertain { look_at: patient.then(|| now.plus(LOOK_EVERY.min(lag))), reason: reason.clone() }
        }
        (S::Uncertain { .. } | S::ByHand { .. } | S::Failed { .. }, E::Posted { remote_id }) => {
            S::Sent { at: now, remote_id: remote_id.clone() }
        }
        (S::Uncertain { .. } | S::Failed { .. }, E::SendAgain) if !revoked => S::Queued { due: now, reason: None },
        (
            S::Delayed { .. } | S::Queued { .. } | S::Uncertain { .. } | S::ByHand { .. } | S::Failed { .. },
            E::Withdraw,
        ) => S::Withdrawn,
        _ => return Err(NotAllowed { from: state.label().as_str() }),
    };
    Ok(next)
}

/// Where what staff write begins: `window` is how long they may take it back; without one it may leave at once.
pub fn first(now: Millis, window: Duration) -> State {
    if window.is_zero() { State::Queued { due: now, reason: None } } else { State::Delayed { until: now.plus(window) } }
}

/// Whether a person may take this step now, whatever the moment.
pub fn allows(state: &State, event: &Event) -> bool {
    let now = Millis(0);
    let facts = Facts { now, created_at: now, attempts: 1, attempted_at: None, lag: Duration::ZERO, revoked: false };
    next(state, event, facts).is_ok()
}

/// 30 s, doubling, at most 6 h.
fn pause(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(16);
    FIRST_PAUSE.saturating_mul(2u32.pow(doublings)).min(LONGEST_PAUSE)
}

/// The columns of a state, as they stand in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    pub label: Label,
    pub due_at: Option<Millis>,
    pub lease_until: Option<Millis>,
    pub sent_at: Option<Millis>,
    pub sent_remote_id: Option<String>,
    pub reason: Option<String>,
}

impl State {
    pub fn label(&self) -> Label {
        match self {
            Self::Delayed { .. } => Label::Delayed,
            Self::Queued { .. } => Label::Queued,
            Self::Sending { .. } => Label::Sending,
            Self::Sent { .. } => Label::Sent,
            Self::Uncertain { .. } => Label::Uncertain,
            Self::ByHand { .. } => Label::ByHand,
            Self::Failed { .. } => Label::Failed,
            Self::Withdrawn => Label::Withdrawn,
        }
    }

    pub fn decode(columns: Columns) -> Result<Self, DbError> {
        let Columns { label, due_at, lease_until, sent_at, sent_remote_id, reason } = columns;
        let state = match (label, due_at, lease_until, sent_at, reason) {
            (Label::Delayed, Some(until), None, None, None) => Self::Delayed { until },
            (Label::Queued, Some(due), None, None, reason) => Self::Queued { due, reason },
            (Label::Sending, _, Some(lease_until), None, _) => Self::Sending { lease_until },
            (Label::Sent, _, None, Some(at), _) => Self::Sent { at, remote_id: sent_remote_id },
            (Label::Uncertain, look_at, None, None, Some(reason)) => Self::Uncertain { look_at, reason },
            (Label::ByHand, _, None, None, Some(reason)) => Self::ByHand { reason },
            (Label::Failed, _, None, None, Some(reason)) => Self::Failed { reason },
            (Label::Withdrawn, _, None, None, _) => Self::Withdrawn,
            _ => return Err(DbError::Inconsistent { what: "delivery", value: label.as_str().to_owned() }),
        };
        Ok(state)
    }

    pub fn encode(&self) -> Columns {
        let mut columns = Columns {
            label: self.label(),
            due_at: None,
            lease_until: None,
            sent_at: None,
            sent_remote_id: None,
            reason: None,
        };
        match self.clone() {
            Self::Delayed { until } => columns.due_at = Some(until),
            Self::Queued { due, reason } => (columns.due_at, columns.reason) = (Some(due), reason),
            Self::Sending { lease_until } => columns.lease_until = Some(lease_until),
            Self::Sent { at, remote_id } => (columns.sent_at, columns.sent_remote_id) = (Some(at), remote_id),
            Self::Uncertain { look_at, reason } => (columns.due_at, columns.reason) = (look_at, Some(reason)),
            Self::ByHand { reason } | Self::Failed { reason } => columns.reason = Some(reason),
            Self::Withdrawn => {}
        }
        columns
    }
}

#[cfg(test)]
mod tests;
