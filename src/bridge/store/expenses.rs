//! The ledger: what each channel cost on each day, what was paid for already, and what it may cost.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use crate::bridge::ChannelId;
use crate::bridge::meter::prices::Kind;
use crate::bridge::meter::{Note, What};
use crate::clock::Millis;
use crate::db::schema::{allowance, expense, paid_item};
use crate::db::{Conn, DbError, Tx, per_database};

/// What one kind cost on one day.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Expense {
    /// Counted from 1970, UTC.
    pub day: i64,
    pub kind: Kind,
    pub count: i64,
    /// Millionths of a US dollar.
    pub micros: i64,
}

/// What a channel may cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowance {
    /// In a month, in millionths of a US dollar; `None`: as much as it costs.
    pub ceiling: Option<i64>,
    /// The app belongs to the channel's own account, which then reads its own timelines for less.
    pub owns_app: bool,
}

/// Books what was told. Rows are written in one order, so that two nodes that book at once wait for each other and do
/// not block each other.
pub fn book(tx: &mut Tx<'_>, notes: &[Note]) -> Result<(), DbError> {
    let mut items = BTreeSet::new();
    let mut sums: BTreeMap<(ChannelId, i64, &'static str), (Kind, i64)> = BTreeMap::new();
    for Note { channel_id, what, .. } in notes {
        let (at, arrived) = match what {
            What::Called(call) => (call.at, &call.read),
            What::Arrived { at, items } => (*at, items),
        };
        let day = at.utc_day();
        for item in arrived {
            let kind = match (what, Kind::of_item(item.kind)) {
                (What::Arrived { .. }, Kind::OwnPost | Kind::Post) => Kind::Event,
                (_, kind) => kind,
            };
            items.insert((day, kind.resource().unwrap_or_default(), &item.id, channel_id, kind.as_str()));
        }
        if let What::Called(call) = what
            && let Some(kind) = call.written.map(Kind::of_written)
        {
            sums.entry((*channel_id, day, kind.as_str())).or_insert((kind, 0)).1 += 1;
        }
    }
    for (day, resource, id, channel_id, name) in items {
        let Some(kind) = Kind::parse(name) else { continue };
        if pay_once(tx, day, resource, id)? {
            sums.entry((*channel_id, day, name)).or_insert((kind, 0)).1 += 1;
        }
    }
    for ((channel_id, day, _), (kind, count)) in sums {
        let owns_app = find_allowance(tx, channel_id)?.owns_app;
        add(tx, channel_id, Expense { day, kind, count, micros: count * kind.price(owns_app) })?;
    }
    Ok(())
}

/// `false`: it was paid for on this day already.
fn pay_once(tx: &mut Tx<'_>, day: i64, resource: &str, id: &str) -> Result<bool, DbError> {
    let row = (paid_item::day.eq(day), paid_item::kind.eq(resource), paid_item::remote_id.eq(id));
    let inserted = per_database!(&mut **tx, conn => diesel::insert_into(paid_item::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(inserted == 1)
}

fn add(tx: &mut Tx<'_>, id: ChannelId, new: Expense) -> Result<(), DbError> {
    let row = (
        expense::channel_id.eq(id),
        expense::day.eq(new.day),
        expense::kind.eq(new.kind),
        expense::count.eq(new.count),
        expense::micros.eq(new.micros),
    );
    let sum = (expense::count.eq(expense::count + new.count), expense::micros.eq(expense::micros + new.micros));
    per_database!(&mut **tx, conn => diesel::insert_into(expense::table)
        .values(row)
        .on_conflict((expense::channel_id, expense::day, expense::kind))
        .do_update()
        .set(sum)
        .execute(conn))?;
    Ok(())
}

/// The expenses of a channel from one day to another, both included.
pub fn list(conn: &mut Conn, id: ChannelId, first: i64, last: i64) -> Result<Vec<Expense>, DbError> {
    Ok(expense::table
        .filter(expense::channel_id.eq(id))
        .filter(expense::day.between(first, last))
        .order((expense::day, expense::kind))
        .select((expense::day, expense::kind, expense::count, expense::micros))
        .load(conn)?)
}

pub fn find_allowance(conn: &mut Conn, id: ChannelId) -> Result<Allowance, DbError> {
    let row: Option<(Option<i64>, i64)> =
        allowance::table.find(id).select((allowance::ceiling, allowance::owns_app)).first(conn).optional()?;
    Ok(row.map(|(ceiling, owns_app)| Allowance { ceiling, owns_app: owns_app == 1 }).unwrap_or_default())
}

pub fn set_allowance(tx: &mut Tx<'_>, id: ChannelId, new: Allowance) -> Result<(), DbError> {
    let values = (allowance::ceiling.eq(new.ceiling), allowance::owns_app.eq(i64::from(new.owns_app)));
    per_database!(&mut **tx, conn => diesel::insert_into(allowance::table)
        .values((allowance::channel_id.eq(id), values))
        .on_conflict(allowance::channel_id)
        .do_update()
        .set(values)
        .execute(conn))?;
    Ok(())
}

/// Forgets what was paid for on days that are over: it is asked for no more than once a day.
pub fn prune_paid(tx: &mut Tx<'_>, before: Millis, limit: i64) -> Result<usize, DbError> {
    let oldest: Option<(i64, String)> = paid_item::table
        .filter(paid_item::day.lt(before.utc_day()))
        .order((paid_item::day, paid_item::kind))
        .select((paid_item::day, paid_item::kind))
        .first(&mut **tx)
        .optional()?;
    let Some((day, kind)) = oldest else { return Ok(0) };
    let same = paid_item::table.filter(paid_item::day.eq(day)).filter(paid_item::kind.eq(kind));
    let old: Vec<String> = same.clone().limit(limit).select(paid_item::remote_id).load(&mut **tx)?;
    Ok(diesel::delete(same.filter(paid_item::remote_id.eq_any(old))).execute(&mut **tx)?)
}

/// Forgets what days before this moment cost: a handful of rows for each.
pub fn prune(tx: &mut Tx<'_>, before: Millis, _limit: i64) -> Result<usize, DbError> {
    Ok(diesel::delete(expense::table.filter(expense::day.lt(before.utc_day()))).execute(&mut **tx)?)
}
