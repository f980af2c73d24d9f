//! Time as the product sees it: unix milliseconds, from a clock that tests can set.
//!
//! Nothing else in the house may ask the system for the time (clippy refuses it), so that every rule that depends on
//! time can be tested at the moment it matters. How days and times are written for people stands here, too, and nowhere
//! else (a test of the house refuses it).

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::{Rfc2822, Rfc3339};
use time::macros::format_description;

/// A moment, in milliseconds since 1970 (UTC). The same whole number in SQLite, in PostgreSQL and in the index.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    diesel::AsExpression,
    diesel::FromSqlRow,
)]
#[serde(transparent)]
#[diesel(sql_type = diesel::sql_types::BigInt)]
pub struct Millis(pub i64);

/// A day, in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1_000;

impl Millis {
    /// Reads an RFC 3339 moment such as `2026-07-24T21:23:23.000Z`; `None` if it is not one.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        i64::try_from(moment.unix_timestamp_nanos() / 1_000_000).ok().map(Self)
    }

    /// Reads the `Date` header of an HTTP answer, such as `Fri, 24 Jul 2026 21:23:23 GMT`; `None` if it is not one.
    pub fn parse_http_date(text: &str) -> Option<Self> {
        let moment = OffsetDateTime::parse(text, &Rfc2822).ok()?;
        moment.unix_timestamp().checked_mul(1_000).map(Self)
    }

    /// The moment for a `datetime` attribute or a JSON body: `2026-07-24T21:23:23Z`.
    pub fn to_rfc3339(self) -> String {
        let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
        self.moment().format(&format).unwrap_or_default()
    }

    /// The moment for people, unambiguous everywhere: `24 Jul 2026, 21:23 UTC`.
    pub fn to_words(self) -> String {
        let format = format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute] UTC");
        self.moment().format(&format).unwrap_or_default()
    }

    /// The month for people: `July 2026`.
    pub fn to_month(self) -> String {
        self.moment().format(&format_description!("[month repr:long] [year]")).unwrap_or_default()
    }

    /// The time of day for people: `21:23 UTC`.
    pub fn to_time(self) -> String {
        self.moment().format(&format_description!("[hour]:[minute] UTC")).unwrap_or_default()
    }

    /// The day for people: `24 Jul 2026`.
    pub fn to_day(self) -> String {
        self.moment().format(&format_description!("[day padding:none] [month repr:short] [year]")).unwrap_or_default()
    }

    /// The age of this moment for people: `just now`, `5 min ago`, `3 h ago`, `2 days ago`, then the day.
    pub fn ago(self, now: Self) -> String {
        let minutes = (now.0 - self.0) / 60_000;
        match minutes {
            ..1 => "just now".to_owned(),
            1..60 => format!("{minutes} min ago"),
            60..1_440 => format!("{} h ago", minutes / 60),
            1_440..2_880 => "yesterday".to_owned(),
            2_880..20_160 => format!("{} days ago", minutes / 1_440),
            _ => self.to_day(),
        }
    }

    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long after `earlier` this is; zero if it is before.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The UTC day, counted from 1970.
    pub fn utc_day(self) -> i64 {
        self.0.div_euclid(DAY)
    }

    /// The first UTC day of this moment's month, counted from 1970.
    pub fn first_of_month(self) -> i64 {
        self.utc_day() - i64::from(self.moment().day()) + 1
    }

    /// How many days this moment's month has.
    pub fn days_in_month(self) -> i64 {
        i64::from(self.moment().month().length(self.moment().year()))
    }

    /// The first moment of a UTC day.
    pub fn of_utc_day(day: i64) -> Self {
        Self(day.saturating_mul(DAY))
    }

    fn moment(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.0.div_euclid(1000)).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

/// What a clock on a wall shows, for people: `Monday 30 Nov 2026, 08:00`. Of which place, the sentence around it says.
pub fn on_the_wall(local: jiff::civil::DateTime) -> String {
    local.strftime("%A %-d %b %Y, %H:%M").to_string()
}

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_rfc3339())
    }
}

/// The clock of one `App`. Clones share it.
#[derive(Clone, Debug)]
pub enum Clock {
    Real,
    /// Stands still until it is moved.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    pub fn fixed(at: Millis) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(at.0)))
    }

    pub fn now(&self) -> Millis {
        match self {
            Self::Real => {
                let nanos = OffsetDateTime::now_utc().unix_timestamp_nanos();
                Millis(i64::try_from(nanos / 1_000_000).unwrap_or(i64::MAX))
            }
            Self::Fixed(at) => Millis(at.load(Ordering::SeqCst)),
        }
    }

    /// Moves a fixed clock; the real one goes on by itself.
    pub fn advance(&self, by: Duration) {
        if let Self::Fixed(at) = self {
            at.fetch_add(i64::try_from(by.as_millis()).unwrap_or(0), Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_survives_the_way_to_text_and_back() {
        let moment = Millis::parse_rfc3339("2026-07-24T21:23:23.000Z").unwrap();
        assert_eq!(moment, Millis(1_784_928_203_000));
        assert_eq!(moment.to_rfc3339(), "2026-07-24T21:23:23Z");
        assert_eq!(moment.to_words(), "24 Jul 2026, 21:23 UTC");
        assert_eq!(moment.to_time(), "21:23 UTC");
        assert_eq!(Millis::parse_rfc3339("yesterday"), None);
        assert_eq!(Millis::parse_http_date("Fri, 24 Jul 2026 21:23:23 GMT"), Some(moment));
        assert_eq!(Millis::parse_http_date("soon"), None);
    }

    #[test]
    fn a_month_has_its_days() {
        let days = |text| {
            let moment = Millis::parse_rfc3339(text).unwrap();
            (moment.utc_day() - moment.first_of_month(), moment.days_in_month())
        };
        assert_eq!(days("2026-11-01T00:00:00Z"), (0, 30));
        assert_eq!(days("2028-02-29T23:59:59.999Z"), (28, 29));
        assert_eq!(Millis::of_utc_day(Millis::parse_rfc3339("1970-01-02T05:00:00Z").unwrap().utc_day()), Millis(DAY));
    }

    #[test]
    fn ages_are_said_as_people_say_them() {
        let then = Millis(1_784_928_203_000);
        for (seconds, words) in [
            (0, "just now"),
            (59, "just now"),
            (60, "1 min ago"),
            (7_200, "2 h ago"),
            (90_000, "yesterday"),
            (259_200, "3 days ago"),
        ] {
            assert_eq!(then.ago(then.plus(Duration::from_secs(seconds))), words);
        }
        assert_eq!(then.ago(then.plus(Duration::from_secs(86_400 * 30))), "24 Jul 2026");
    }
}
