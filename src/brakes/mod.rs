//! Brakes: what may be tried a few times in a row, and then only after a pause. Guessing passwords and codes, and asking for
//! mails, are braked for each account and for each address of the network.
//!
//! Owns the table `brake`. Counts on every node alike. Knows nothing of what is tried; a try is counted before its outcome
//! is known, so that a hundred at once are a hundred.

mod store;

use std::net::IpAddr;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

pub use store::{prune, release, take_back};

use crate::clock::Millis;
use crate::db::{DbError, Tx};

/// How much is too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Tries in a row that need no pause.
    pub free: i64,
    /// After the first one too many; each further one doubles it.
    pub pause: Duration,
    pub longest: Duration,
}

/// What was counted last so long ago is forgotten. Longer than the longest pause, after which one try is forgiven.
pub const FORGOTTEN_AFTER: Duration = Duration::from_secs(48 * 3_600);

/// What is tried, of which account or from which address. The account is hashed: nobody reads here who was tried.
pub fn of_account(what: &str, email: &str) -> String {
    let hash = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(email.to_lowercase().as_bytes()));
    format!("{what}-account-{hash}")
}

/// A household has one address of IPv4, or a whole network of IPv6.
pub fn of_address(what: &str, address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => format!("{what}-address-{address}"),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{what}-address-{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// Counts a try. `Some`: it is one too many, was not counted, and the next may come at that moment.
pub fn try_once(tx: &mut Tx<'_>, what: &str, limit: Limit, now: Millis) -> Result<Option<Millis>, DbError> {
    let known = store::load(tx, what, now)?;
    if let Some(until) = known.refused_until.filter(|until| *until > now) {
        return Ok(Some(until));
    }
    let (before, since) = still_counted(limit, (known.failures, known.since), now);
    let failures = before.saturating_add(1);
    store::save(tx, what, failures, since, pause(limit, failures).map(|pause| now.plus(pause)))?;
    Ok(None)
}

/// What still counts of so many tries, and since when: for each longest pause that passed one is forgiven. A company behind
/// one address mistypes a few passwords every day, and is not locked out for it at the end of the week; who guesses gains no
/// more than they have by waiting.
fn still_counted(limit: Limit, (failures, since): (i64, Millis), now: Millis) -> (i64, Millis) {
    let passed = now.since(since);
    let forgiven = passed.as_secs() / limit.longest.as_secs().max(1);
    let left = failures.saturating_sub(i64::try_from(forgiven).unwrap_or(i64::MAX));
    if left <= 0 || passed >= FORGOTTEN_AFTER {
        return (0, now);
    }
    (left, since.plus(limit.longest.saturating_mul(u32::try_from(forgiven).unwrap_or(u32::MAX))))
}

/// After so many tries in a row. `None`: the next may come at once.
fn pause(limit: Limit, failures: i64) -> Option<Duration> {
    let too_many = u32::try_from(failures.saturating_sub(limit.free)).ok()?;
    let factor = 2_u32.saturating_pow(too_many.min(20));
    (failures >= limit.free).then(|| limit.pause.saturating_mul(factor).min(limit.longest))
}

/// For people: how long until then, as in "2 minutes".
pub fn wait_in_words(until: Millis, now: Millis) -> String {
    let minutes = until.since(now).as_secs().div_ceil(60).max(1);
    match minutes {
        1 => "1 minute".to_owned(),
        2..120 => format!("{minutes} minutes"),
        _ => format!("{} hours", minutes.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_up_to_its_longest() {
        let minute = Duration::from_secs(60);
        let limit = Limit { free: 5, pause: minute, longest: minute * 60 };
        let pauses = |failures| pause(limit, failures).map(|pause| pause.as_secs() / 60);
        assert_eq!(
            [1, 4, 5, 6, 7, 10, 11, 5_000].map(pauses),
            [None, None, Some(1), Some(2), Some(4), Some(32), Some(60), Some(60)]
        );
    }

    #[test]
    fn tries_are_forgiven_one_by_one() {
        let hour = Duration::from_secs(3_600);
        let limit = Limit { free: 5, pause: hour / 60, longest: hour };
        let after = |passed: Duration| still_counted(limit, (10, Millis(0)), Millis(0).plus(passed));
        let begun = Millis(0);
        assert_eq!(after(hour - Duration::from_secs(1)), (10, begun));
        assert_eq!(after(hour * 3 + hour / 2), (7, begun.plus(hour * 3)), "the half hour counts towards the next one");
        assert_eq!(after(hour * 10), (0, begun.plus(hour * 10)));
        // Ten mistyped passwords a day, all day long, for weeks: never refused.
        let (mut failures, mut since) = (0, begun);
        for moment in 1..=300_u32 {
            (failures, since) = still_counted(limit, (failures, since), begun.plus(hour * 24 / 10 * moment));
            failures += 1;
            assert!(pause(limit, failures).is_none(), "at try {moment}");
        }
    }

    #[test]
    fn a_household_is_one_address() {
        let of = |text: &str| of_address("sign-in", text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of_account("sign-in", "Ada@Example.com"), of_account("sign-in", "ada@example.com"));
        assert!(!of_account("sign-in", "ada@example.com").contains("ada"));
    }

    #[test]
    fn a_wait_is_said_in_whole_minutes() {
        let said = |seconds: i64| wait_in_words(Millis(seconds * 1_000), Millis(0));
        assert_eq!(
            (said(1), said(60), said(61)),
            ("1 minute".to_owned(), "1 minute".to_owned(), "2 minutes".to_owned())
        );
        assert_eq!(said(7_200), "2 hours");
    }
}
