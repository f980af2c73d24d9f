//! Business hours and the time that passes in them: when a company opens, in which zone, on which days it stays shut.
//!
//! Pure: given a moment it says another one, and never asks for the time. A clock change is taken as people at the counter
//! take it: a time that does not exist that day is the moment at which the clocks are put forward, and of a time that comes
//! twice the first one counts, for opening and for closing alike.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

use super::words;
use crate::clock::{Millis, on_the_wall};

const MINUTE: i64 = 60_000;
/// Minutes of a day; as an end, 24:00.
const DAY: u16 = 24 * 60;
/// What is not due within five years of opening days is due then: a bound, so that no calendar makes anybody wait for it.
const HORIZON_DAYS: usize = 5 * 366;
/// More spans than this on one day, or more days on which nobody is there, are no business hours.
const MOST_SPANS: usize = 8;
const MOST_HOLIDAYS: usize = 200;
const LONGEST_NAME: usize = 80;

/// The days of a week, as `Hours` counts them.
pub const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// When we are there. Opens at least once within a year.
#[derive(Clone, Debug, PartialEq)]
pub struct Hours {
    zone: TimeZone,
    /// By weekday, Monday first; each in order, without overlaps.
    week: [Vec<Span>; 7],
    holidays: Vec<Holiday>,
}

/// From one minute of a day to a later one, which is at most 24:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Span {
    from: u16,
    to: u16,
}

/// A day on which nobody is there. Without a year: every year.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Holiday {
    year: Option<i16>,
    month: i8,
    day: i8,
    name: String,
}

/// Hours as a person writes them: what a form holds, and what is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// An IANA name, as in `Europe/Berlin`.
    pub zone: String,
    /// By weekday, Monday first: `09:00-12:30, 13:30-18:00`; empty where it stays shut.
    pub week: [String; 7],
    /// A day a line: `2026-04-03 Good Friday` for once, `12-25 Christmas Day` for every year.
    pub holidays: String,
}

/// The part of [`Written`] that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Zone,
    /// A weekday, Monday first.
    Day(usize),
    Week,
    Holidays,
}

/// The moment at which so many minutes of business time have passed since `since`. Outside the hours the clock starts at
/// the next opening.
pub fn due(since: Millis, minutes: i64, hours: &Hours) -> Millis {
    let mut left = minutes.max(0).saturating_mul(MINUTE);
    for (opens, closes) in hours.openings(since) {
        let begins = opens.max(since.0);
        let room = closes - begins;
        if room > 0 {
            if left <= room {
                return Millis(begins + left);
            }
            left -= room;
        }
    }
    let horizon = i64::try_from(HORIZON_DAYS).unwrap_or(i64::MAX).saturating_mul(MINUTE * i64::from(DAY));
    Millis(since.0.saturating_add(horizon))
}

impl Hours {
    /// Reads what a person wrote, or says of each part what is wrong and how to mend it. `now`: from when on it must open.
    pub fn read(written: &Written, now: Millis) -> Result<Self, Vec<(Part, String)>> {
        let mut problems = Vec::new();
        let zone = read_zone(&written.zone).map_err(|problem| problems.push((Part::Zone, problem)));
        let mut week: [Vec<Span>; 7] = Default::default();
        for (day, text) in written.week.iter().enumerate() {
            match read_spans(text) {
                Ok(spans) => week[day] = spans,
                Err(problem) => problems.push((Part::Day(day), problem)),
            }
        }
        let holidays = read_holidays(&written.holidays).map_err(|problem| problems.push((Part::Holidays, problem)));
        let (Ok(zone), Ok(holidays)) = (zone, holidays) else { return Err(problems) };
        if !problems.is_empty() {
            return Err(problems);
        }
        let hours = Self { zone, week, holidays };
        if hours.week.iter().all(Vec::is_empty) {
            let problem = words::NEVER_OPEN;
            return Err(vec![(Part::Week, problem.to_owned())]);
        }
        if hours
            .openings(now)
            .take_while(|(opens, _)| *opens < now.0 + 366 * i64::from(DAY) * MINUTE)
            .all(|(_, closes)| closes <= now.0)
        {
            let problem = words::TOO_MANY_HOLIDAYS_TO_OPEN;
            return Err(vec![(Part::Holidays, problem.to_owned())]);
        }
        Ok(hours)
    }

    /// As a person would write them: [`Self::read`] gives the same hours again.
    pub fn written(&self) -> Written {
        let mut week: [String; 7] = Default::default();
        for (text, spans) in week.iter_mut().zip(&self.week) {
            *text = spans.iter().map(Span::to_string).collect::<Vec<_>>().join(", ");
        }
        let holidays = self.holidays.iter().map(Holiday::to_string).collect::<Vec<_>>().join("\n");
        Written { zone: self.zone_name().to_owned(), week, holidays }
    }

    /// As in `Europe/Berlin`.
    pub fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// A moment for people, on the clock of these hours: `Monday 30 Nov 2026, 09:12`.
    pub fn words(&self, at: Millis) -> String {
        let Ok(moment) = Timestamp::from_millisecond(at.0) else { return words::FAR_FUTURE_IN.to_owned() };
        on_the_wall(self.zone.to_datetime(moment))
    }

    /// The next time that the clock shows this on a weekday (Monday is 0), after `now`.
    pub fn next(&self, weekday: usize, minute: u16, now: Millis) -> Option<Millis> {
        let mut date = self.date_of(now)?;
        for _ in 0..8 {
            if weekday_of(date) == weekday
                && let Some(at) = self.instant(date, minute).filter(|at| *at > now.0)
            {
                return Some(Millis(at));
            }
            date = date.tomorrow().ok()?;
        }
        None
    }

    /// Whether somebody is there at this moment.
    pub fn is_open(&self, at: Millis) -> bool {
        self.openings(at).take_while(|(opens, _)| *opens <= at.0).any(|(_, closes)| at.0 < closes)
    }

    /// Openings in order, from the day of `since` on: when each begins and ends, in milliseconds since 1970. Those of that
    /// day may be over.
    fn openings(&self, since: Millis) -> impl Iterator<Item = (i64, i64)> + '_ {
        let days = std::iter::successors(self.date_of(since), |date| date.tomorrow().ok()).take(HORIZON_DAYS);
        days.filter(|date| !self.holidays.iter().any(|holiday| holiday.is(*date))).flat_map(move |date| {
            let spans = self.week[weekday_of(date)].iter();
            spans.filter_map(move |span| Some((self.instant(date, span.from)?, self.instant(date, span.to)?)))
        })
    }

    fn date_of(&self, at: Millis) -> Option<Date> {
        Some(self.zone.to_datetime(Timestamp::from_millisecond(at.0).ok()?).date())
    }

    /// When the clock first shows this minute of a day, or would if it were not put forward over it.
    fn instant(&self, date: Date, minute: u16) -> Option<i64> {
        let clock = match minute {
            DAY => date.tomorrow().ok()?.at(0, 0, 0, 0),
            _ => date.at(i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?, 0, 0),
        };
        let at = |offset: Offset, clock: DateTime| offset.to_timestamp(clock).ok();
        let moment = match self.zone.to_ambiguous_timestamp(clock).offset() {
            AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => {
                at(offset, clock)?
            }
            // By the later offset it lies before the change, which comes next.
            AmbiguousOffset::Gap { after, .. } => self.zone.following(at(after, clock)?).next()?.timestamp(),
        };
        Some(moment.as_millisecond())
    }
}

/// The names of all zones that can be chosen.
pub fn zones() -> Vec<String> {
    jiff::tz::db().available().map(|name| name.to_string()).filter(|name| name == "UTC" || name.contains('/')).collect()
}

fn weekday_of(date: Date) -> usize {
    usize::from(Weekday::to_monday_zero_offset(date.weekday()).unsigned_abs())
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}-{:02}:{:02}", self.from / 60, self.from % 60, self.to / 60, self.to % 60)
    }
}

impl Holiday {
    fn is(&self, date: Date) -> bool {
        (self.month, self.day) == (date.month(), date.day()) && self.year.is_none_or(|year| year == date.year())
    }
}

impl fmt::Display for Holiday {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(year) = self.year {
            write!(f, "{year:04}-")?;
        }
        write!(f, "{:02}-{:02}", self.month, self.day)?;
        if self.name.is_empty() { Ok(()) } else { write!(f, " {}", self.name) }
    }
}

fn read_zone(text: &str) -> Result<TimeZone, String> {
    let name = text.trim();
    let wrong = || words::no_zone(name);
    if name.is_empty() {
        return Err(words::NO_ZONE_AT_ALL.to_owned());
    }
    // Without its own name it could not be stored.
    TimeZone::get(name).ok().filter(|zone| zone.iana_name().is_some()).ok_or_else(wrong)
}

fn read_spans(text: &str) -> Result<Vec<Span>, String> {
    // Dashes as word processors make them are dashes, too.
    let text = text.replace(['\u{2013}', '\u{2014}', '\u{2212}'], "-");
    let parts = text.split([',', ';']).map(str::trim).filter(|part| !part.is_empty());
    let mut spans = parts.map(read_span).collect::<Result<Vec<Span>, String>>()?;
    spans.sort_unstable();
    if let Some(pair) = spans.windows(2).find(|pair| pair[1].from < pair[0].to) {
        return Err(words::openings_overlap(pair[0], pair[1]));
    }
    if spans.len() > MOST_SPANS {
        return Err(words::too_many_openings(MOST_SPANS));
    }
    Ok(spans)
}

fn read_span(text: &str) -> Result<Span, String> {
    let wrong = || words::no_opening(text);
    let (from, to) = text.split_once('-').ok_or_else(wrong)?;
    let from = read_time(from).ok_or_else(wrong)?;
    let to = read_time(to).ok_or_else(wrong)?;
    if from >= to {
        return Err(words::ends_before_it_begins(text));
    }
    Ok(Span { from, to })
}

/// Reads `9`, `9:00` or `24:00` as minutes.
fn read_time(text: &str) -> Option<u16> {
    let text = text.trim();
    let (hours, minutes) = text.split_once(':').unwrap_or((text, "00"));
    let number = |text: &str, most: u16| {
        let plain = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u16>().ok().filter(|number| plain && *number <= most)
    };
    let minute = number(hours, 24)? * 60 + number(minutes, 59).filter(|_| minutes.len() == 2)?;
    (minute <= DAY).then_some(minute)
}

fn read_holidays(text: &str) -> Result<Vec<Holiday>, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut holidays: Vec<Holiday> = Vec::new();
    for holiday in lines.map(read_holiday) {
        let holiday = holiday?;
        if holidays.iter().any(|one| (one.year, one.month, one.day) == (holiday.year, holiday.month, holiday.day)) {
            return Err(words::holiday_twice(&holiday));
        }
        holidays.push(holiday);
    }
    if holidays.len() > MOST_HOLIDAYS {
        return Err(words::too_many_holidays(MOST_HOLIDAYS));
    }
    Ok(holidays)
}

fn read_holiday(line: &str) -> Result<Holiday, String> {
    let wrong = || words::no_holiday(line);
    let (date, name) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let numbers: Vec<&str> = date.split('-').collect();
    let number = |text: &str, digits: usize| {
        text.parse::<i16>().ok().filter(|_| text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let (year, month, day) = match numbers[..] {
        [year, month, day] => (Some(number(year, 4).ok_or_else(wrong)?), month, day),
        [month, day] => (None, month, day),
        _ => return Err(wrong()),
    };
    let part = |text| number(text, 2).and_then(|number| i8::try_from(number).ok()).ok_or_else(wrong);
    let (month, day) = (part(month)?, part(day)?);
    // 29 February is a day of every year in which it comes.
    Date::new(year.unwrap_or(2000), month, day).map_err(|_| wrong())?;
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.chars().count() > LONGEST_NAME {
        return Err(words::holiday_name_too_long(date, LONGEST_NAME));
    }
    Ok(Holiday { year, month, day, name })
}

#[cfg(test)]
mod tests;
