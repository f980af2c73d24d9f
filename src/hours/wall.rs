//! The clock on the wall of the desk: in which zone "tomorrow morning" is meant, where staff put something off.
//!
//! A member has no zone of their own here; the site's is that of the hours by which its first response counts, else that
//! of the first hours that an administrator has entered, else UTC. Whoever shows a moment of it names the zone.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::words;
use super::{list, list_rules};
use crate::clock::{Millis, on_the_wall};
use crate::db::{Conn, DbError};

/// When a day begins for those who put something off until it.
const MORNING: i8 = 8;

#[derive(Clone, Debug, PartialEq)]
pub struct Wall {
    zone: TimeZone,
}

impl Wall {
    /// Two small queries.
    pub fn load(conn: &mut Conn) -> Result<Self, DbError> {
        let hours = list(conn)?;
        let rules = list_rules(conn)?;
        let site = rules.iter().find(|rule| rule.channel_id.is_none() && rule.topic_id.is_none());
        let chosen = site.and_then(|rule| rule.target.hours);
        let found = hours.iter().find(|one| Some(one.id) == chosen).or(hours.first());
        Ok(found.map_or_else(|| Self::of("UTC"), |one| Self::of(one.hours.zone_name())))
    }

    /// By an IANA name; UTC where there is no such zone.
    pub fn of(name: &str) -> Self {
        Self { zone: TimeZone::get(name).unwrap_or(TimeZone::UTC) }
    }

    /// As in `Europe/Berlin`.
    pub fn name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// The next morning after today's.
    pub fn tomorrow(&self, now: Millis) -> Option<Millis> {
        self.morning(self.today(now)?.tomorrow().ok()?)
    }

    /// The morning of the next Monday, which is never today.
    pub fn monday(&self, now: Millis) -> Option<Millis> {
        let today = self.today(now)?;
        self.morning(today.nth_weekday(1, jiff::civil::Weekday::Monday).ok()?)
    }

    /// The morning of a day such as `2027-01-31`.
    pub fn day(&self, text: &str) -> Option<Millis> {
        self.morning(text.parse().ok()?)
    }

    /// A moment for people: `Monday 30 Nov 2026, 08:00 (Europe/Berlin)`.
    pub fn words(&self, at: &Millis) -> String {
        let Ok(moment) = Timestamp::from_millisecond(at.0) else { return words::FAR_FUTURE.to_owned() };
        format!("{} ({})", on_the_wall(self.zone.to_datetime(moment)), self.name())
    }

    fn today(&self, now: Millis) -> Option<Date> {
        Some(self.zone.to_datetime(Timestamp::from_millisecond(now.0).ok()?).date())
    }

    fn morning(&self, day: Date) -> Option<Millis> {
        Some(Millis(self.zone.to_timestamp(day.at(MORNING, 0, 0, 0)).ok()?.as_millisecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Millis {
        Millis::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn mornings_are_those_of_the_zone() {
        // Late on Sunday in London it is Monday in Auckland, and the clocks there are put forward.
        let now = at("2026-11-22T17:00:00Z");
        for (zone, tomorrow, monday, day) in [
            ("UTC", "2026-11-23T08:00:00Z", "2026-11-23T08:00:00Z", "2027-07-01T08:00:00Z"),
            ("Europe/Berlin", "2026-11-23T07:00:00Z", "2026-11-23T07:00:00Z", "2027-07-01T06:00:00Z"),
            ("Pacific/Auckland", "2026-11-23T19:00:00Z", "2026-11-29T19:00:00Z", "2027-06-30T20:00:00Z"),
        ] {
            let wall = Wall::of(zone);
            assert_eq!(wall.tomorrow(now), Some(at(tomorrow)), "{zone}");
            assert_eq!(wall.monday(now), Some(at(monday)), "{zone}");
            assert_eq!(wall.day("2027-07-01"), Some(at(day)), "{zone}");
        }
    }

    #[test]
    fn what_is_no_day_or_no_zone_is_none() {
        let wall = Wall::of("Atlantis/Harbour");
        assert_eq!(wall.name(), "UTC");
        for text in ["", "soon", "2027-02-30", "2027-01-31T08:00:00Z junk"] {
            assert_eq!(wall.day(text), None, "{text}");
        }
        assert_eq!(
            Wall::of("Europe/Berlin").words(&at("2026-11-30T07:00:00Z")),
            "Monday 30 Nov 2026, 08:00 (Europe/Berlin)"
        );
    }
}
