//! The log for administrators: `GET /admin/audit`, newest first, by person, act, subject and day.

use std::time::Duration;

use actix_web::web;
use askama::Template;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::store::{Filter, list};
use super::{Act, Line, words};
use crate::app::App;
use crate::clock::Millis;
use crate::db::{Conn, DbError};
use crate::members::{Admin, Cards, MemberId, find_by_handle, load_cards};
use crate::web::{Error, Frame, Page, Problems};

const PAGE_SIZE: usize = 50;
const A_DAY: Duration = Duration::from_secs(24 * 3600);

/// What is looked for, as the form carries it; an empty field does not matter.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// The handle of whoever did it.
    by: String,
    act: String,
    subject: String,
    /// `2027-01-31`, in UTC.
    day: String,
    /// The id of the last line of the page before.
    before: Option<i64>,
}

#[derive(Template)]
#[template(path = "audit/log.html")]
struct LogPage {
    frame: Frame,
    problems: Problems,
    asked: Asked,
    lines: Vec<Line>,
    /// Of those who did it, and of members it was done to.
    cards: Cards,
    next: Option<String>,
}

/// `GET /admin/audit`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    _admin: Admin,
    asked: web::Query<Asked>,
) -> Result<Page<impl Template>, Error> {
    let asked = asked.into_inner();
    let wanted = asked.clone();
    let (problems, lines, cards) = app.db.read(move |conn| load(conn, &wanted)).await?;
    let more = lines.len() > PAGE_SIZE;
    let lines: Vec<Line> = lines.into_iter().take(PAGE_SIZE).collect();
    let next = lines.last().filter(|_| more).map(|last| asked.address(last.id));
    Ok(Page::ok(LogPage { frame, problems, asked, lines, cards, next }))
}

fn load(conn: &mut Conn, asked: &Asked) -> Result<(Problems, Vec<Line>, Cards), DbError> {
    let mut problems = Problems::default();
    let filter = asked.filter(conn, &mut problems)?;
    if !problems.is_empty() {
        return Ok((problems, Vec::new(), Cards::new()));
    }
    let lines = list(conn, &filter, asked.before.unwrap_or(i64::MAX), PAGE_SIZE as i64 + 1)?;
    let doers = lines.iter().filter_map(|line| line.entry.by);
    let subjects = lines.iter().filter_map(|line| member_of(&line.entry.subject));
    let mut people: Vec<MemberId> = doers.chain(subjects).collect();
    people.sort_unstable();
    people.dedup();
    let cards = load_cards(conn, &people)?;
    Ok((problems, lines, cards))
}

fn member_of(subject: &str) -> Option<MemberId> {
    subject.strip_prefix("member-")?.parse().ok().map(MemberId)
}

impl Asked {
    fn filter(&self, conn: &mut Conn, problems: &mut Problems) -> Result<Filter, DbError> {
        let handle = self.by.trim().trim_start_matches('@');
        let by = if handle.is_empty() { None } else { find_by_handle(conn, handle)?.map(|member| member.id) };
        if by.is_none() && !handle.is_empty() {
            problems.add("by", words::nobody_called(handle));
        }
        let day = self.day.trim();
        let from = Millis::parse_rfc3339(&format!("{day}T00:00:00Z"));
        if from.is_none() && !day.is_empty() {
            problems.add("day", words::NO_DAY);
        }
        let act = Act::parse(&self.act);
        if act.is_none() && !self.act.is_empty() {
            problems.add("act", words::NO_ACT);
        }
        let subject = Some(self.subject.trim().to_owned()).filter(|subject| !subject.is_empty());
        Ok(Filter { by, act, subject, between: from.map(|from| (from, from.plus(A_DAY))) })
    }

    fn address(&self, before: i64) -> String {
        let part = |name: &str, value: &str| format!("{name}={}&", utf8_percent_encode(value.trim(), NON_ALPHANUMERIC));
        let fields = [("by", &self.by), ("act", &self.act), ("subject", &self.subject), ("day", &self.day)];
        let filled = fields.into_iter().filter(|(_, value)| !value.trim().is_empty());
        let filter: String = filled.map(|(name, value)| part(name, value)).collect();
        format!("/admin/audit?{filter}before={before}")
    }

    fn is_any(&self) -> bool {
        [&self.by, &self.act, &self.subject, &self.day].into_iter().all(|field| field.trim().is_empty())
    }
}

impl LogPage {
    fn acts(&self) -> impl Iterator<Item = Act> {
        Act::EVERY.iter().copied()
    }

    fn is_chosen(&self, act: &Act) -> bool {
        act.as_str() == self.asked.act
    }

    fn by(&self, line: &Line) -> Option<(&str, &str)> {
        let card = self.cards.get(&line.entry.by?)?;
        Some((&card.name, &card.handle))
    }

    /// The subject as people read it, and where it is.
    fn subject(&self, line: &Line) -> (String, Option<String>) {
        let subject = line.entry.subject.as_str();
        let card = member_of(subject).and_then(|id| self.cards.get(&id));
        let place = words::place(subject, card.map(|card| card.handle.as_str()));
        let name = card.map_or_else(|| subject.replace('-', " "), |card| card.name.clone());
        (name, place)
    }
}
