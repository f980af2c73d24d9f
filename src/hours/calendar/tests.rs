//! Business time as a table: zones, clock changes, holidays, and calendars that hardly open.

use super::*;

fn at(moment: &str) -> Millis {
    Millis(moment.parse::<Timestamp>().unwrap().as_millisecond())
}

/// Hours of these zone, weekdays (`mon-fri 09:00-17:00; sat 10:00-14:00`) and holidays (`12-25; 2026-04-03`).
fn hours(zone: &str, week: &str, holidays: &str) -> Hours {
    let mut written = Written { zone: zone.to_owned(), holidays: holidays.replace("; ", "\n"), ..Written::default() };
    for rule in week.split("; ") {
        let (days, spans) = rule.split_once(' ').unwrap();
        let number = |day: &str| WEEKDAYS.iter().position(|name| name.to_lowercase().starts_with(day)).unwrap();
        let (first, last) = days.split_once('-').unwrap_or((days, days));
        for day in number(first)..=number(last) {
            written.week[day] = spans.to_owned();
        }
    }
    Hours::read(&written, at("2000-01-01T00:00:00Z")).unwrap()
}

const OFFICE: &str = "mon-fri 09:00-17:00";
const ALWAYS: &str = "mon-sun 00:00-24:00";

#[test]
fn business_time_passes_only_while_it_is_open() {
    // Zone, week, holidays, since, minutes, due.
    let table = [
        // In the hours, to their last minute, and over their end.
        ("Europe/Berlin", OFFICE, "", "2026-11-23T10:00:00+01", 12, "2026-11-23T10:12:00+01"),
        ("Europe/Berlin", OFFICE, "", "2026-11-23T16:48:00+01", 12, "2026-11-23T17:00:00+01"),
        ("Europe/Berlin", OFFICE, "", "2026-11-23T16:55:00+01", 12, "2026-11-24T09:07:00+01"),
        // Before, after, at the very end, over a weekend.
        ("Europe/Berlin", OFFICE, "", "2026-11-23T03:00:00+01", 12, "2026-11-23T09:12:00+01"),
        ("Europe/Berlin", OFFICE, "", "2026-11-23T17:00:00+01", 12, "2026-11-24T09:12:00+01"),
        ("Europe/Berlin", OFFICE, "", "2026-11-28T23:00:00+01", 12, "2026-11-30T09:12:00+01"),
        ("Europe/Berlin", OFFICE, "", "2026-11-27T16:30:00+01", 60, "2026-11-30T09:30:00+01"),
        // Days and weeks long: 40 hours a week.
        ("Europe/Berlin", OFFICE, "", "2026-11-23T09:00:00+01", 40 * 60, "2026-11-27T17:00:00+01"),
        ("Europe/Berlin", OFFICE, "", "2026-11-23T09:00:00+01", 80 * 60 + 1, "2026-12-07T09:01:00+01"),
        // Nothing to wait for is due at once, or at the opening.
        ("Europe/Berlin", OFFICE, "", "2026-11-23T10:00:00+01", 0, "2026-11-23T10:00:00+01"),
        ("Europe/Berlin", OFFICE, "", "2026-11-22T10:00:00+01", 0, "2026-11-23T09:00:00+01"),
        // A lunch break, and a night that two days share.
        (
            "Europe/Paris",
            "mon-fri 09:00-12:00, 14:00-18:00",
            "",
            "2026-11-23T11:50:00+01",
            30,
            "2026-11-23T14:20:00+01",
        ),
        ("Asia/Tokyo", "fri 22:00-24:00; sat 00:00-06:00", "", "2026-11-27T23:30:00+09", 60, "2026-11-28T00:30:00+09"),
        ("Asia/Tokyo", "fri 22:00-24:00; sat 00:00-06:00", "", "2026-11-28T06:00:00+09", 1, "2026-12-04T22:01:00+09"),
        // Another day there than in Greenwich, and half an hour beside it.
        ("Pacific/Auckland", OFFICE, "", "2026-11-22T18:00:00Z", 12, "2026-11-23T09:12:00+13"),
        ("America/Los_Angeles", OFFICE, "", "2026-11-24T00:30:00Z", 60, "2026-11-24T09:30:00-08"),
        ("Asia/Kolkata", OFFICE, "", "2026-11-23T03:29:00Z", 12, "2026-11-23T09:12:00+05:30"),
        ("Asia/Kathmandu", OFFICE, "", "2026-11-23T03:14:00Z", 2, "2026-11-23T09:02:00+05:45"),
        // Holidays of one year, of every year, in a row, and 29 February.
        ("Europe/Berlin", OFFICE, "2026-11-23", "2026-11-22T12:00:00+01", 12, "2026-11-24T09:12:00+01"),
        ("Europe/Berlin", OFFICE, "2025-11-23", "2026-11-22T12:00:00+01", 12, "2026-11-23T09:12:00+01"),
        ("Europe/Berlin", OFFICE, "12-24 Eve; 12-25; 12-26", "2026-12-23T16:55:00+01", 12, "2026-12-28T09:07:00+01"),
        ("Europe/Berlin", OFFICE, "02-29", "2028-02-28T17:00:00+01", 12, "2028-03-01T09:12:00+01"),
        ("Europe/Berlin", OFFICE, "02-29", "2027-02-28T17:00:00+01", 12, "2027-03-01T09:12:00+01"),
        // Open all the time: a holiday has its 24 hours.
        ("UTC", ALWAYS, "", "2026-11-22T23:55:00Z", 12, "2026-11-23T00:07:00Z"),
        ("UTC", ALWAYS, "2026-11-23", "2026-11-22T23:55:00Z", 12, "2026-11-24T00:07:00Z"),
        // Clocks put forward: the hour from 02:00 to 03:00 on 29 March 2026 is not there.
        ("Europe/Berlin", ALWAYS, "", "2026-03-29T01:30:00+01", 60, "2026-03-29T03:30:00+02"),
        ("Europe/Berlin", "sun 01:00-04:00", "", "2026-03-29T00:00:00+01", 120, "2026-03-29T04:00:00+02"),
        ("Europe/Berlin", "sun 01:00-04:00", "", "2026-03-29T00:00:00+01", 121, "2026-04-05T01:01:00+02"),
        ("Europe/Berlin", "sun 02:30-04:00", "", "2026-03-29T00:00:00+01", 12, "2026-03-29T03:12:00+02"),
        ("Europe/Berlin", "sun 01:00-02:30", "", "2026-03-29T00:00:00+01", 61, "2026-04-05T01:01:00+02"),
        ("Europe/Berlin", "sun 02:00-03:00", "", "2026-03-29T00:00:00+01", 12, "2026-04-05T02:12:00+02"),
        ("America/New_York", "sun 00:00-24:00", "", "2026-03-08T00:00:00-05", 23 * 60, "2026-03-09T00:00:00-04"),
        ("Australia/Lord_Howe", "sun 01:00-03:00", "", "2026-10-04T00:00:00+10:30", 90, "2026-10-04T03:00:00+11"),
        // Clocks put back: the hour from 02:00 to 03:00 on 25 October 2026 comes twice.
        ("Europe/Berlin", ALWAYS, "", "2026-10-25T02:30:00+02", 60, "2026-10-25T02:30:00+01"),
        ("Europe/Berlin", "sun 01:00-04:00", "", "2026-10-25T00:00:00+02", 240, "2026-10-25T04:00:00+01"),
        ("Europe/Berlin", "sun 02:30-04:00", "", "2026-10-25T00:00:00+02", 12, "2026-10-25T02:42:00+02"),
        ("Europe/Berlin", "sun 01:00-02:30", "", "2026-10-25T02:20:00+02", 12, "2026-11-01T01:02:00+01"),
        ("Europe/Berlin", "sun 01:00-02:30", "", "2026-10-25T02:20:00+01", 12, "2026-11-01T01:12:00+01"),
        ("America/New_York", "sun 00:00-24:00", "", "2026-11-01T00:00:00-04", 25 * 60, "2026-11-02T00:00:00-05"),
        // Clocks changed at midnight: a day that begins at 01:00, one whose last hour comes twice, a day that never was.
        ("America/Sao_Paulo", ALWAYS, "", "2018-11-03T23:30:00-03", 60, "2018-11-04T01:30:00-02"),
        ("America/Sao_Paulo", "sun 00:00-02:00", "", "2018-11-04T00:30:00Z", 60, "2018-11-04T02:00:00-02"),
        ("America/Sao_Paulo", "sat 00:00-24:00", "", "2018-02-17T00:00:00-02", 25 * 60, "2018-02-18T00:00:00-03"),
        ("America/Sao_Paulo", ALWAYS, "", "2018-02-17T23:30:00-02", 90, "2018-02-18T00:00:00-03"),
        ("Pacific/Apia", "mon-fri 09:00-17:00", "", "2011-12-29T16:59:00-10", 12, "2012-01-02T09:11:00+14"),
    ];
    for (zone, week, holidays, since, minutes, expected) in table {
        let hours = hours(zone, week, holidays);
        let found = due(at(since), minutes, &hours);
        assert_eq!(
            found,
            at(expected),
            "{zone} {week} {holidays}: {minutes} min after {since} is {}",
            hours.words(found)
        );
    }
}

#[test]
fn a_later_question_is_never_due_earlier() {
    for zone in ["Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"] {
        let hours = hours(zone, "mon-fri 00:30-02:30, 23:00-24:00; sat-sun 00:00-24:00", "12-25");
        for year in ["2018", "2026"] {
            let (begin, mut last) = (at(&format!("{year}-01-01T00:00:00Z")), Millis(i64::MIN));
            for step in 0..(366 * 48) {
                let since = Millis(begin.0 + step * 30 * MINUTE);
                let due = due(since, 45, &hours);
                assert!(due.0 >= since.0 + 45 * MINUTE, "{zone} {}", hours.words(since));
                assert!(due >= last, "{zone} {}", hours.words(since));
                last = due;
            }
        }
    }
}

#[test]
fn a_calendar_that_hardly_opens_ends_at_the_horizon() {
    let now = at("2026-11-22T12:00:00Z");
    let once_a_week = hours("UTC", "mon 09:00-09:01", "");
    assert_eq!(due(now, 2, &once_a_week), at("2026-11-30T09:01:00Z"));
    let horizon = due(now, 1_000_000, &once_a_week);
    assert_eq!(horizon.0 - now.0, 5 * 366 * 24 * 60 * MINUTE);
    // Moments beyond all calendars neither panic nor hang.
    for far in [i64::MIN, i64::MAX, i64::MAX / 2] {
        due(Millis(far), i64::MAX, &once_a_week);
        due(Millis(far), -5, &once_a_week);
    }
}

#[test]
fn what_never_opens_is_refused() {
    let now = at("2026-11-22T12:00:00Z");
    let zone = "UTC".to_owned();
    let empty = Written { zone: zone.clone(), ..Written::default() };
    assert_eq!(Hours::read(&empty, now).unwrap_err()[0].0, Part::Week);
    let mut shut = Written { zone, ..Written::default() };
    shut.week[0] = "9-17".to_owned();
    let mondays =
        std::iter::successors(Date::new(2026, 11, 23).ok(), |day| day.checked_add(jiff::Span::new().days(7)).ok());
    shut.holidays = mondays.take(60).map(|day| format!("{day}\n")).collect();
    assert_eq!(Hours::read(&shut, now).unwrap_err()[0].0, Part::Holidays);
}

#[test]
fn what_a_person_wrote_is_read_or_named() {
    let now = at("2026-11-22T12:00:00Z");
    let mut written = Written { zone: "europe/berlin".to_owned(), ..Written::default() };
    written.week[0] = " 13:30\u{2013}18, 9-12:30 ".to_owned();
    written.week[6] = "0:00-24:00".to_owned();
    written.holidays = "12-25  Christmas  Day\n\n2026-04-03 Good Friday\n".to_owned();
    let hours = Hours::read(&written, now).unwrap();
    let again = hours.written();
    assert_eq!((again.zone.as_str(), again.week[0].as_str()), ("Europe/Berlin", "09:00-12:30, 13:30-18:00"));
    assert_eq!(
        (again.week[6].as_str(), again.holidays.as_str()),
        ("00:00-24:00", "12-25 Christmas Day\n2026-04-03 Good Friday")
    );
    assert_eq!(Hours::read(&again, now).unwrap(), hours);
    for (part, text) in [
        (Part::Zone, ""),
        (Part::Zone, "Berlin"),
        (Part::Zone, "Europe/Berlin2"),
        (Part::Zone, "../../etc/passwd"),
        (Part::Day(2), "9 to 5"),
        (Part::Day(2), "09:00"),
        (Part::Day(2), "17:00-09:00"),
        (Part::Day(2), "09:00-09:00"),
        (Part::Day(2), "09:00-24:01"),
        (Part::Day(2), "09:60-12:00"),
        (Part::Day(2), "9:5-12:00"),
        (Part::Day(2), "+9-12"),
        (Part::Day(2), "09:00-12:00, 11:00-13:00"),
        (Part::Day(2), "0-1,1-2,2-3,3-4,4-5,5-6,6-7,7-8,8-9"),
        (Part::Holidays, "25 December"),
        (Part::Holidays, "2026-02-29"),
        (Part::Holidays, "02-30"),
        (Part::Holidays, "12-25 Christmas\n12-25 again"),
    ] {
        let mut wrong = again.clone();
        match part {
            Part::Zone => wrong.zone = text.to_owned(),
            Part::Day(day) => wrong.week[day] = text.to_owned(),
            _ => wrong.holidays = text.to_owned(),
        }
        let problems = Hours::read(&wrong, now).unwrap_err();
        assert_eq!(problems.iter().map(|(part, _)| *part).collect::<Vec<_>>(), [part], "{text:?}: {problems:?}");
    }
}

#[test]
fn moments_are_said_on_the_clock_of_the_hours() {
    let hours = hours("Europe/Berlin", OFFICE, "");
    let now = at("2026-11-22T12:00:00Z");
    let saturday = hours.next(5, 23 * 60, now).unwrap();
    assert_eq!(hours.words(saturday), "Saturday 28 Nov 2026, 23:00");
    assert_eq!(hours.words(due(saturday, 12, &hours)), "Monday 30 Nov 2026, 09:12");
    assert!(hours.is_open(at("2026-11-23T09:00:00+01")) && !hours.is_open(at("2026-11-23T17:00:00+01")));
    assert!(zones().iter().any(|name| name == "Europe/Berlin") && zones().iter().any(|name| name == "UTC"));
}
