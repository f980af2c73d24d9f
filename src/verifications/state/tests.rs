//! The transition function, as a table.

use super::*;

const NOW: Millis = Millis(1_000_000);
const LATER: Millis = Millis(2_000_000);
const FIRST: MemberId = MemberId(1);
const SECOND: MemberId = MemberId(2);
const AUTHOR: MemberId = MemberId(3);
const EDITOR: MemberId = MemberId(4);

fn facts() -> Facts<'static> {
    Facts { now: NOW, first: FIRST, authors: &[AUTHOR, EDITOR], is_newest: true }
}

fn why() -> String {
    "because".to_owned()
}

fn states() -> Vec<State> {
    vec![
        State::Awaiting { until: None },
        State::Standing { until: Some(LATER) },
        State::Stale { since: NOW, why: why() },
        State::Superseded { by: VerificationId(9), at: NOW },
        State::Withdrawn { by: Some(FIRST), why: why(), at: NOW },
        State::Withdrawn { by: None, why: why(), at: NOW },
        State::Refused { by: SECOND, why: why(), at: NOW },
    ]
}

fn events() -> Vec<Event> {
    vec![
        Event::Confirmed { by: SECOND },
        Event::Confirmed { by: FIRST },
        Event::Confirmed { by: AUTHOR },
        Event::Confirmed { by: EDITOR },
        Event::Refused { by: SECOND, why: why() },
        Event::Refused { by: FIRST, why: why() },
        Event::Withdrawn { by: Some(FIRST), why: why() },
        Event::WentStale { why: why() },
        Event::Superseded { by: VerificationId(9) },
    ]
}

fn word(result: Result<State, NotAllowed>) -> &'static str {
    match result {
        Ok(state) => state.label().as_str(),
        Err(NotAllowed::Own) => "own!",
        Err(NotAllowed::Same) => "same!",
        Err(NotAllowed::Changed) => "changed!",
        Err(NotAllowed::Ended) => "ended!",
        Err(NotAllowed::Late(_)) => "-",
    }
}

/// A row a state, a column an event: the next state, or why it is refused; `-` is a refusal because of the state.
fn table(facts: Facts<'_>) -> String {
    let row = |state: &State| {
        let cells: Vec<&str> = events().iter().map(|event| word(next(state, event, facts))).collect();
        format!("{:<10} | {}\n", state.label().as_str(), cells.join(" "))
    };
    states().iter().map(row).collect()
}

#[test]
fn the_table_of_all_steps() {
    let expected = "\
awaiting   | standing same! own! own! refused same! withdrawn withdrawn -
standing   | - - - - - - withdrawn stale -
stale      | - - - - - - withdrawn - superseded
superseded | - - - - - - - - -
withdrawn  | - - - - - - - - -
withdrawn  | - - - - - - - - -
refused    | - - - - - - - - -
";
    assert_eq!(table(facts()), expected);
}

#[test]
fn the_table_of_all_steps_after_an_edit() {
    let expected = "\
awaiting   | changed! same! own! own! refused same! withdrawn withdrawn -
standing   | - - - - - - withdrawn stale superseded
stale      | - - - - - - withdrawn - superseded
superseded | - - - - - - - - -
withdrawn  | - - - - - - - - -
withdrawn  | - - - - - - - - -
refused    | - - - - - - - - -
";
    assert_eq!(table(Facts { is_newest: false, ..facts() }), expected);
}

#[test]
fn nobody_begins_with_their_own_words_but_where_there_is_nobody_else() {
    let begun = |by, single, second| word(begin(by, &[AUTHOR, EDITOR], single, second, None));
    assert_eq!(begun(FIRST, false, false), "standing");
    assert_eq!(begun(FIRST, false, true), "awaiting");
    assert_eq!([begun(AUTHOR, false, false), begun(EDITOR, false, true)], ["own!"; 2]);
    assert_eq!([begun(AUTHOR, true, false), begun(AUTHOR, true, true)], ["standing", "awaiting"]);
    // Who vouched alone for their own words is still not their own second person.
    let confirmed = Event::Confirmed { by: AUTHOR };
    let alone = Facts { first: AUTHOR, ..facts() };
    assert_eq!(word(next(&State::Awaiting { until: None }, &confirmed, alone)), "own!");
}

#[test]
fn nobody_confirms_what_has_ended_meanwhile() {
    let confirmed = |until| word(next(&State::Awaiting { until }, &Event::Confirmed { by: SECOND }, facts()));
    assert_eq!([confirmed(None), confirmed(Some(LATER)), confirmed(Some(NOW))], ["standing", "standing", "ended!"]);
}

#[test]
fn every_state_survives_its_row() {
    for state in states() {
        assert_eq!(State::decode(state.encode()).unwrap(), state);
    }
    let mut torn = State::Refused { by: SECOND, why: why(), at: NOW }.encode();
    torn.ended_by = None;
    assert!(State::decode(torn).is_err());
    let mut torn = State::Standing { until: None }.encode();
    torn.ended_at = Some(NOW);
    assert!(State::decode(torn).is_err());
}
