//! `/admin/channels/{id}/spending`: what a channel cost this month, what it will cost as it goes on, and the ceiling.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::prices::{KINDS, Kind, dollars, price};
use crate::app::App;
use crate::audit::{self, Act, Entry};
use crate::bridge::ChannelId;
use crate::bridge::inbound::recheck::count_overdue;
use crate::bridge::searches;
use crate::bridge::store::channels;
use crate::bridge::store::expenses::{self, Allowance, Expense};
use crate::bridge::words;
use crate::clock::Millis;
use crate::db::{Conn, DbError};
use crate::members::{Admin, Posted};
use crate::posts::Origin;
use crate::web::{Error, Frame, Page, Problems, redirect};

/// The days whose average tells of the rest of the month.
const LATELY: i64 = 7;
/// A ceiling beyond this is a slip of the finger: a million dollars.
const HIGHEST_CEILING: i64 = 1_000_000_000_000;

/// What a channel cost and will cost.
struct Spending {
    id: ChannelId,
    network: Origin,
    handle: String,
    allowance: Allowance,
    /// By kind: how many, and what they cost.
    kinds: Vec<(Kind, i64, i64)>,
    /// By day of this month, newest first.
    days: Vec<(Millis, i64)>,
    spent: i64,
    foreseen: i64,
    /// Posts that should have been looked at again since more than a day.
    overdue: i64,
    today: Millis,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct CeilingForm {
    ceiling: String,
    owns_app: Option<String>,
}

#[derive(Template)]
#[template(path = "bridge/spending.html")]
struct SpendingPage {
    frame: Frame,
    problems: Problems,
    spending: Spending,
    form: CeilingForm,
    saved: bool,
}

impl SpendingPage {
    fn money(&self, micros: &i64) -> String {
        dollars(*micros)
    }
}

#[derive(Deserialize)]
pub struct Asked {
    saved: Option<String>,
}

/// `GET /admin/channels/{id}/spending`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    _admin: Admin,
    id: web::Path<ChannelId>,
    asked: web::Query<Asked>,
) -> Result<Page<impl Template>, Error> {
    let spending = find(&app, id.into_inner()).await?;
    let form = CeilingForm {
        ceiling: spending.allowance.ceiling.map(plain).unwrap_or_default(),
        owns_app: spending.allowance.owns_app.then(|| "yes".to_owned()),
    };
    Ok(Page::ok(SpendingPage { frame, problems: Problems::default(), spending, form, saved: asked.saved.is_some() }))
}

/// `POST /admin/channels/{id}/spending`
pub async fn set(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<ChannelId>,
    posted: Posted<Admin, CeilingForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (id, Posted { by: Admin(by), form, .. }) = (id.into_inner(), posted);
    let spending = find(&app, id).await?;
    let mut problems = Problems::default();
    let ceiling = match parse_dollars(&form.ceiling) {
        Ok(ceiling) => ceiling,
        Err(problem) => {
            problems.add("ceiling", problem);
            return Page::unprocessable(SpendingPage { frame, problems, spending, form, saved: false })
                .render(&request);
        }
    };
    let (allowance, now) = (Allowance { ceiling, owns_app: form.owns_app.is_some() }, app.clock.now());
    app.db
        .write(move |tx| {
            expenses::set_allowance(tx, id, allowance)?;
            let line = Entry::new(by.id, Act::Spending, format!("channel-{id}"), now);
            audit::record(tx, &Entry { words: format!("at most {}", form.ceiling.trim()), ..line })?;
            searches::wake(tx, id, now)
        })
        .await?;
    Ok(redirect(format!("/admin/channels/{id}/spending?saved=yes")))
}

async fn find(app: &App, id: ChannelId) -> Result<Spending, Error> {
    let now = app.clock.now();
    let found = app.db.read(move |conn| load(conn, id, now)).await;
    found.map_err(|error| if error.is_not_found() { Error::NotFound } else { error.into() })
}

fn load(conn: &mut Conn, id: ChannelId, now: Millis) -> Result<Spending, DbError> {
    let (network, handle) = channels::load_name(conn, id)?;
    let (first, today) = (now.first_of_month(), now.utc_day());
    let all = expenses::list(conn, id, first.min(today - LATELY + 1), today)?;
    let month: Vec<&Expense> = all.iter().filter(|expense| expense.day >= first).collect();
    let spent = month.iter().map(|expense| expense.micros).sum();
    let kinds = KINDS.into_iter().filter_map(|kind| {
        let of_kind = month.iter().filter(|expense| expense.kind == kind);
        let (count, micros) = of_kind.fold((0, 0), |sum, one| (sum.0 + one.count, sum.1 + one.micros));
        (count > 0).then_some((kind, count, micros))
    });
    let day = |day: i64| month.iter().filter(|one| one.day == day).map(|one| one.micros).sum();
    let days = (first..=today).rev().map(|at| (Millis::of_utc_day(at), day(at))).filter(|(_, micros)| *micros > 0);
    Ok(Spending {
        id,
        network,
        handle,
        allowance: expenses::find_allowance(conn, id)?,
        kinds: kinds.collect(),
        days: days.collect(),
        spent,
        foreseen: spent + rest_of_month(&all, now),
        overdue: count_overdue(conn, id, now)?,
        today: now,
    })
}

/// What the rest of the month costs if it goes on as it did lately.
fn rest_of_month(lately: &[Expense], now: Millis) -> i64 {
    let today = now.utc_day();
    let lately: Vec<&Expense> = lately.iter().filter(|one| one.day > today - LATELY).collect();
    let Some(first) = lately.iter().map(|one| one.day).min() else { return 0 };
    let sum: i64 = lately.iter().map(|one| one.micros).sum();
    let left = now.first_of_month() + now.days_in_month() - 1 - today;
    sum.saturating_mul(left) / (today - first + 1)
}

impl Spending {
    /// The month, as in `November 2026`, and the day on which the next one begins.
    fn month(&self) -> String {
        self.today.to_month()
    }

    fn next_month(&self) -> Millis {
        Millis::of_utc_day(self.today.first_of_month() + self.today.days_in_month())
    }

    fn left(&self) -> Option<i64> {
        self.allowance.ceiling.map(|ceiling| ceiling - self.spent)
    }

    /// Not even the shortest page of a search can be paid for.
    fn is_stopped(&self) -> bool {
        self.left().is_some_and(|left| !searches::may_search(left))
    }

    /// It would stop before the month ends.
    fn will_stop(&self) -> bool {
        !self.is_stopped() && self.allowance.ceiling.is_some_and(|ceiling| self.foreseen > ceiling)
    }

    fn price(&self, kind: &Kind) -> String {
        price(kind.price(self.allowance.owns_app))
    }
}

/// An amount as it is typed: `50`, `12.50`, `12,50`, `1,204`; empty: none. A comma parts thousands where three digits
/// follow it, and cents where fewer do.
fn parse_dollars(text: &str) -> Result<Option<i64>, String> {
    let text = text.trim().trim_start_matches('$').trim();
    if text.is_empty() {
        return Ok(None);
    }
    let (whole, cents) = match text.rsplit_once('.').or_else(|| text.rsplit_once(',').filter(|(_, end)| end.len() < 3))
    {
        Some(parts) => parts,
        None => (text, ""),
    };
    let thousands_apart = whole.split(',').skip(1).all(|part| part.len() == 3);
    let whole = whole.replace(',', "");
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let readable = thousands_apart && digits(&whole) && digits(cents) && cents.len() <= 2 && whole.len() <= 9;
    if !readable || (whole.is_empty() && cents.is_empty()) {
        return Err(words::NO_CEILING.to_owned());
    }
    let number = |part: &str| part.parse::<i64>().unwrap_or(0);
    let micros = number(&whole) * 1_000_000 + number(&format!("{cents:0<2}")) * 10_000;
    if micros > HIGHEST_CEILING {
        return Err(words::CEILING_TOO_HIGH.to_owned());
    }
    Ok(Some(micros))
}

/// An amount as it stands in the field.
fn plain(micros: i64) -> String {
    let cents = micros / 10_000;
    if cents % 100 == 0 { (cents / 100).to_string() } else { format!("{}.{:02}", cents / 100, cents % 100) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_they_are_typed() {
        for (text, micros) in [
            ("", None),
            (" 50 ", Some(50_000_000)),
            ("$12.50", Some(12_500_000)),
            ("12.5", Some(12_500_000)),
            ("1,000", Some(1_000_000_000)),
            ("1,50", Some(1_500_000)),
            ("0,5", Some(500_000)),
            ("$1,204.50", Some(1_204_500_000)),
            ("12,", Some(12_000_000)),
            ("0", Some(0)),
            (".5", Some(500_000)),
        ] {
            assert_eq!(parse_dollars(text), Ok(micros), "{text}");
        }
        for text in ["fifty", "-5", "1.234", "5e3", ".", ",", "1,0,00", "1.204,50", "12,3456", "9999999999", "2000000"]
        {
            assert!(parse_dollars(text).is_err(), "{text}");
        }
        assert_eq!([plain(50_000_000), plain(12_500_000), plain(0)], ["50", "12.50", "0"]);
    }

    #[test]
    fn the_rest_of_the_month_costs_what_the_last_days_did() {
        // 20 November: ten days are left.
        let now = Millis::parse_rfc3339("2026-11-20T12:00:00Z").unwrap();
        let on = |day: i64, micros| Expense { day: now.utc_day() - day, kind: Kind::Post, count: 1, micros };
        assert_eq!(rest_of_month(&[], now), 0);
        assert_eq!(rest_of_month(&[on(0, 100)], now), 1_000);
        assert_eq!(rest_of_month(&[on(1, 100), on(0, 300)], now), 2_000);
        assert_eq!(rest_of_month(&[on(19, 900_000), on(6, 700)], now), 1_000);
    }
}
