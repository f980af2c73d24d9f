//! What X's ids say by themselves: the order of posts, and the moment of each. Pure.

use crate::clock::Millis;

/// When X's ids begin, in unix milliseconds: the upper bits of an id count from here.
const EPOCH: i64 = 1_288_834_974_657;
/// The bits below those that count milliseconds.
const BELOW: u32 = 22;

/// The moment in which an id was given out: right to the millisecond for every post since 2010.
pub fn time_of(id: &str) -> Millis {
    let number: u64 = id.parse().unwrap_or_default();
    Millis(i64::try_from(number >> BELOW).unwrap_or_default() + EPOCH)
}

/// The first id that X may have given out at a moment.
pub fn id_at(moment: Millis) -> String {
    let since = u64::try_from(moment.0.saturating_sub(EPOCH)).unwrap_or(0);
    // X refuses 0.
    (since << BELOW).max(1).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    use crate::networks::compare_marks;

    #[test]
    fn an_id_tells_its_moment_and_a_moment_its_first_id() {
        let id = "2080765813578191303";
        assert_eq!(time_of(id).to_rfc3339(), "2026-07-24T21:23:23Z");
        let before = id_at(time_of(id).minus(Duration::from_secs(600)));
        assert_eq!(time_of(&before), time_of(id).minus(Duration::from_secs(600)));
        assert!(compare_marks(&before, id).is_lt());
        assert_eq!(time_of(&id_at(time_of(id))), time_of(id));
        assert_eq!(id_at(time_of("5")), "1");
        assert_eq!(id_at(time_of("nonsense")), "1");
        assert!(compare_marks("99", "100").is_lt());
    }
}
