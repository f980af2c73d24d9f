//! Business hours and response targets: until when somebody who waits should have heard from us.
//!
//! Owns the tables `business_hours` and `response_target`. Low: channels and topics are mere ids here, and nobody who waits
//! is known. [`calendar`] is the arithmetic.

pub mod calendar;
mod store;
pub mod wall;
mod words;

use std::collections::HashMap;

pub use calendar::{Hours, due};
pub use store::{Found, change, delete, find, insert, list, list_rules, remove_rule, remove_rules_of_topic, set_rule};
pub use wall::Wall;

use crate::clock::Millis;
use crate::db::{Conn, DbError, id_type};

id_type!(
    /// The id of business hours.
    HoursId
);
id_type!(
    /// The id of a response target.
    RuleId
);

/// How soon a first response is due where no administrator said otherwise.
pub const FIRST_RESPONSE: Target = Target { minutes: 12, hours: None };
/// Nothing is due later than this by a target: two weeks around the clock.
pub const MOST_MINUTES: i64 = 14 * 24 * 60;

/// How soon a first response is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    pub minutes: i64,
    /// The hours that count; `None`: around the clock.
    pub hours: Option<HoursId>,
}

/// A target and for what it holds. `None`: for any channel, for any topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub id: RuleId,
    pub channel_id: Option<i64>,
    pub topic_id: Option<i64>,
    pub target: Target,
}

/// All targets with their hours, as of one moment.
#[derive(Clone, Debug, Default)]
pub struct Targets {
    rules: Vec<Rule>,
    hours: HashMap<HoursId, Hours>,
}

impl Targets {
    /// All of them, for whatever is dated together.
    pub fn load(conn: &mut Conn) -> Result<Self, DbError> {
        let rules = list_rules(conn)?;
        let mut hours = HashMap::new();
        if rules.iter().any(|rule| rule.target.hours.is_some()) {
            hours.extend(list(conn)?.into_iter().map(|found| (found.id, found.hours)));
        }
        Ok(Self { rules, hours })
    }

    /// What one thing is dated by: the targets that may hold for it, and the hours of the one that does. However many there
    /// are, two lookups; for each arrival.
    pub fn load_for(conn: &mut Conn, channel_id: Option<i64>, topic_id: Option<i64>) -> Result<Self, DbError> {
        let mut targets = Self { rules: store::list_rules_for(conn, channel_id, topic_id)?, hours: HashMap::new() };
        if let Some(id) = targets.of(channel_id, topic_id).hours {
            targets.hours.extend(find(conn, id)?.map(|found| (id, found.hours)));
        }
        Ok(targets)
    }

    /// Until when something that waits since a moment should have heard from us. `channel_id`: `None` where it was written
    /// here; `topic_id`: `None` where it has no topic.
    pub fn due(&self, since: Millis, channel_id: Option<i64>, topic_id: Option<i64>) -> Millis {
        self.dates(since, channel_id, topic_id).1
    }

    /// When three quarters of that time are over, and when all of it is.
    pub fn dates(&self, since: Millis, channel_id: Option<i64>, topic_id: Option<i64>) -> (Millis, Millis) {
        let target = self.of(channel_id, topic_id);
        let after = |minutes: i64| match target.hours.and_then(|id| self.hours.get(&id)) {
            Some(hours) => due(since, minutes, hours),
            None => Millis(since.0.saturating_add(minutes.saturating_mul(60_000))),
        };
        (after(target.minutes * 3 / 4), after(target.minutes))
    }

    /// The target that holds: that of the channel and the topic, else that of the topic (what it is about matters more than
    /// the way it came), else that of the channel, else the site's.
    pub fn of(&self, channel_id: Option<i64>, topic_id: Option<i64>) -> Target {
        let holds = |rule: &&Rule| {
            rule.channel_id.is_none_or(|id| Some(id) == channel_id)
                && rule.topic_id.is_none_or(|id| Some(id) == topic_id)
        };
        let best =
            self.rules.iter().filter(holds).max_by_key(|rule| (rule.topic_id.is_some(), rule.channel_id.is_some()));
        best.map_or(FIRST_RESPONSE, |rule| rule.target)
    }
}

#[cfg(test)]
mod tests {
    use super::calendar::Written;
    use super::*;

    fn rule(channel_id: Option<i64>, topic_id: Option<i64>, minutes: i64) -> Rule {
        Rule { id: RuleId(minutes), channel_id, topic_id, target: Target { minutes, hours: None } }
    }

    #[test]
    fn the_most_specific_target_holds() {
        let mut targets = Targets::default();
        let due = |targets: &Targets, channel, topic| targets.due(Millis(0), channel, topic).0 / 60_000;
        assert_eq!(due(&targets, Some(1), Some(1)), 12);
        targets.rules = vec![
            rule(Some(1), Some(1), 1),
            rule(None, Some(1), 2),
            rule(Some(1), None, 3),
            rule(None, None, 4),
            rule(Some(2), Some(2), 5),
        ];
        for (channel, topic, minutes) in [
            (Some(1), Some(1), 1),
            (Some(9), Some(1), 2),
            (None, Some(1), 2),
            (Some(1), Some(9), 3),
            (Some(1), None, 3),
            (Some(2), Some(1), 2),
            (Some(2), None, 4),
            (Some(2), Some(2), 5),
            (None, None, 4),
            // What was written here came by no channel.
            (None, Some(2), 4),
        ] {
            assert_eq!(due(&targets, channel, topic), minutes, "{channel:?} {topic:?}");
        }
    }

    #[test]
    fn a_target_counts_in_its_hours() {
        let mut written = Written { zone: "Europe/Berlin".to_owned(), ..Written::default() };
        written.week[0] = "09:00-17:00".to_owned();
        let sunday = Millis::parse_rfc3339("2026-11-22T10:00:00Z").unwrap();
        let mut targets = Targets::default();
        targets.hours.insert(HoursId(7), Hours::read(&written, sunday).unwrap());
        let with = |hours| Rule { target: Target { minutes: 30, hours }, ..rule(None, None, 30) };
        targets.rules = vec![with(Some(HoursId(7)))];
        assert_eq!(targets.due(sunday, None, None), Millis::parse_rfc3339("2026-11-23T08:30:00Z").unwrap());
        // Hours that are gone count around the clock.
        targets.rules = vec![with(Some(HoursId(8)))];
        assert_eq!(targets.due(sunday, None, None), Millis(sunday.0 + 30 * 60_000));
    }
}
