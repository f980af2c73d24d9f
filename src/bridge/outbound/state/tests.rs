//! The transition function, as a table.

use super::*;
use crate::networks::Mend;

const NOW: Millis = Millis(1_000_000);
const WRITTEN: Millis = Millis(900_000);
const LAG: Duration = Duration::from_secs(120);

fn facts(attempts: i64, attempted: Option<Millis>) -> Facts {
    Facts { now: NOW, created_at: WRITTEN, attempts, attempted_at: attempted, lag: LAG, revoked: false }
}

fn states() -> Vec<State> {
    let reason = || "because".to_owned();
    vec![
        State::Delayed { until: NOW },
        State::Queued { due: NOW, reason: None },
        State::Sending { lease_until: NOW },
        State::Sent { at: NOW, remote_id: Some("9".to_owned()) },
        State::Sent { at: NOW, remote_id: None },
        State::Uncertain { look_at: Some(NOW), reason: reason() },
        State::Uncertain { look_at: None, reason: reason() },
        State::ByHand { reason: reason() },
        State::Failed { reason: reason() },
        State::Withdrawn,
    ]
}

fn events() -> Vec<Event> {
    let reason = || "because".to_owned();
    let wait = Duration::from_secs(900);
    vec![
        Event::WindowOver,
        Event::Undo,
        Event::Claimed { lease_until: NOW },
        Event::Came(Outcome::Accepted { remote_id: "9".to_owned(), person: None }),
        Event::Came(Outcome::RetryAfter { wait, reason: reason() }),
        Event::Came(Outcome::Refused { reason: reason() }),
        Event::Came(Outcome::ByHand { reason: reason() }),
        Event::Came(Outcome::ChannelBroken { mend: Mend::Connect, reason: reason() }),
        Event::Came(Outcome::TokenRefused { reason: reason() }),
        Event::Came(Outcome::Unreachable { reason: reason() }),
        Event::Came(Outcome::Unknown { reason: reason(), there: false }),
        Event::LeaseExpired,
        Event::Seen { remote_id: "9".to_owned() },
        Event::NotSeen,
        Event::MayRepeat,
        Event::CouldNotLook { until: NOW },
        Event::Posted { remote_id: None },
        Event::SendAgain,
        Event::Withdraw,
    ]
}

/// A row a state, a column an event; `-` is a refusal.
#[test]
fn the_table_of_all_steps() {
    let expected = "\
delayed   | queued withdrawn - - - - - - - - - - - - - - - - withdrawn
queued    | - - sending - - - - - - - - - sent - - - - - withdrawn
sending   | - - - sent queued failed by_hand queued queued queued uncertain uncertain - - - - - - -
sent      | - - - - - - - - - - - - - - - - - - -
sent      | - - - - - - - - - - - - sent - - - - - -
uncertain | - - - - - - - - - - - - sent uncertain queued uncertain sent queued withdrawn
uncertain | - - - - - - - - - - - - sent uncertain queued uncertain sent queued withdrawn
by_hand   | - - - - - - - - - - - - sent - - - sent - withdrawn
failed    | - - - - - - - - - - - - - - - - sent queued withdrawn
withdrawn | - - - - - - - - - - - - - - - - - - -
";
    let mut seen = String::new();
    for state in states() {
        let row: Vec<&str> = events()
            .iter()
            .map(|event| next(&state, event, facts(1, Some(NOW))).map_or("-", |state| state.label().as_str()))
            .collect();
        seen.push_str(&format!("{:<9} | {}\n", state.label().as_str(), row.join(" ")));
    }
    assert_eq!(seen, expected);
}

#[test]
fn nothing_that_may_stand_on_the_network_is_sent_again_by_itself() {
    for state in [State::Sending { lease_until: NOW }, State::Uncertain { look_at: Some(NOW), reason: String::new() }] {
        let unknown = Event::Came(Outcome::Unknown { reason: String::new(), there: true });
        for event in [Event::LeaseExpired, Event::NotSeen, unknown] {
            if let Ok(after) = next(&state, &event, facts(1, Some(NOW))) {
                assert!(matches!(after, State::Uncertain { .. }), "{state:?} + {event:?} gave {after:?}");
            }
        }
    }
}

#[test]
fn a_network_that_knows_a_delivery_again_is_simply_told_it_again() {
    let uncertain = State::Uncertain { look_at: Some(NOW), reason: "lost".to_owned() };
    let after = |facts| next(&uncertain, &Event::MayRepeat, facts).unwrap();
    assert_eq!(after(facts(1, Some(NOW))), State::Queued { due: NOW, reason: Some("lost".to_owned()) });
    let for_a_person = State::Uncertain { look_at: None, reason: "lost".to_owned() };
    assert_eq!(after(facts(MOST_ATTEMPTS, Some(NOW))), for_a_person);
    assert_eq!(after(Facts { revoked: true, ..facts(1, Some(NOW)) }), for_a_person);
}

#[test]
fn what_nobody_vouches_for_any_more_is_not_tried_again() {
    let revoked = Facts { revoked: true, ..facts(1, Some(NOW)) };
    let wait = Duration::ZERO;
    let refused = Event::Came(Outcome::RetryAfter { wait, reason: String::new() });
    assert_eq!(next(&State::Sending { lease_until: NOW }, &refused, revoked).unwrap(), State::Withdrawn);
    let accepted = Event::Came(Outcome::Accepted { remote_id: "9".to_owned(), person: None });
    assert!(matches!(next(&State::Sending { lease_until: NOW }, &accepted, revoked).unwrap(), State::Sent { .. }));
    let uncertain = State::Uncertain { look_at: None, reason: String::new() };
    assert!(next(&uncertain, &Event::SendAgain, revoked).is_err());
    assert!(next(&State::Queued { due: NOW, reason: None }, &Event::Claimed { lease_until: NOW }, revoked).is_err());
}

#[test]
fn what_the_network_never_had_keeps_its_place_in_the_queue() {
    let sending = State::Sending { lease_until: NOW };
    let reason = || "no connection".to_owned();
    for outcome in [Outcome::Unreachable { reason: reason() }, Outcome::TokenRefused { reason: reason() }] {
        let after = next(&sending, &Event::Came(outcome), facts(1, Some(NOW))).unwrap();
        assert_eq!(after, State::Queued { due: WRITTEN, reason: Some(reason()) });
    }
}

#[test]
fn a_claim_waits_for_its_time() {
    let early = State::Queued { due: NOW.plus(Duration::from_millis(1)), reason: None };
    assert!(next(&early, &Event::Claimed { lease_until: NOW }, facts(0, None)).is_err());
}

#[test]
fn the_networks_own_time_beats_our_pause_and_patience_ends() {
    let sending = State::Sending { lease_until: NOW };
    let later = |attempts, seconds| {
        let wait = Duration::from_secs(seconds);
        next(&sending, &Event::Came(Outcome::RetryAfter { wait, reason: "429".to_owned() }), facts(attempts, Some(NOW)))
            .unwrap()
    };
    let due = |state: State| match state {
        State::Queued { due, .. } => due.since(NOW).as_secs(),
        other => panic!("{other:?}"),
    };
    assert_eq!(due(later(1, 0)), 30);
    assert_eq!(due(later(3, 0)), 120);
    assert_eq!(due(later(1, 900)), 900);
    assert!(matches!(later(MOST_ATTEMPTS, 0), State::Failed { .. }));
}

#[test]
fn after_the_lag_a_person_decides() {
    let uncertain = State::Uncertain { look_at: Some(NOW), reason: "lost".to_owned() };
    let looked = |attempted: Millis| match next(&uncertain, &Event::NotSeen, facts(1, Some(attempted))).unwrap() {
        State::Uncertain { look_at, .. } => look_at,
        other => panic!("{other:?}"),
    };
    assert!(looked(NOW).is_some());
    assert_eq!(looked(NOW.minus(LAG)), None);
}

#[test]
fn every_state_survives_its_row() {
    for state in states() {
        assert_eq!(State::decode(state.encode()).unwrap(), state);
    }
    let mut torn = State::Sending { lease_until: NOW }.encode();
    torn.lease_until = None;
    assert!(State::decode(torn).is_err());
}

#[test]
fn what_is_inside_its_window_does_not_leave_and_what_left_is_not_taken_back() {
    let window = Duration::from_secs(10);
    let State::Delayed { until } = first(NOW, window) else { panic!("it waits for its window") };
    assert_eq!(until, NOW.plus(window));
    assert_eq!(first(NOW, Duration::ZERO), State::Queued { due: NOW, reason: None });
    let delayed = State::Delayed { until };
    let early = facts(0, None);
    assert!(next(&delayed, &Event::WindowOver, early).is_err());
    assert!(next(&delayed, &Event::Claimed { lease_until: until }, early).is_err());
    let over = Facts { now: until, ..early };
    assert_eq!(next(&delayed, &Event::WindowOver, over).unwrap(), State::Queued { due: until, reason: None });
    assert!(next(&delayed, &Event::WindowOver, Facts { revoked: true, ..over }).is_err());
    // Over, and the network never had it: the person is still in time. After a try nobody is.
    let queued = State::Queued { due: until, reason: None };
    assert_eq!(next(&queued, &Event::Undo, over).unwrap(), State::Withdrawn);
    assert!(next(&queued, &Event::Undo, Facts { attempts: 1, ..over }).is_err());
    assert!(next(&State::Sending { lease_until: until }, &Event::Undo, over).is_err());
}
