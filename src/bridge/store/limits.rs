//! The network's limits as it told them last: one row each, which all nodes write and ask.

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::bridge::ChannelId;
use crate::bridge::meter::{Note, What};
use crate::clock::Millis;
use crate::db::schema::rate_limit;
use crate::db::{Conn, DbError, Tx, per_database, text_enum};
use crate::networks::watch::{Caller, Endpoint, Limit, Span};

text_enum! {
    /// Whose calls a limit counts.
    enum Counts {
        Account = "account",
        App = "app",
    }
}

text_enum! {
    enum Over {
        Window = "window",
        Day = "day",
    }
}

/// Resets of one window that differ by less are the same one: the network names whole seconds, by a clock that is
/// compared with ours anew each time.
const SAME_WINDOW: i64 = 5_000;

/// Keeps the newest word on each limit. Within one window the lowest number counts: answers come in any order.
pub fn keep(tx: &mut Tx<'_>, notes: &[Note]) -> Result<(), DbError> {
    let mut newest: BTreeMap<(ChannelId, &str, &str, &str), Limit> = BTreeMap::new();
    for Note { channel_id, what, .. } in notes {
        let What::Called(call) = what else { continue };
        for limit in &call.limits {
            let (counts, over) = (counts(limit.of), over(limit.span));
            let key = (*channel_id, call.endpoint.as_str(), counts.as_str(), over.as_str());
            let known = newest.entry(key).or_insert_with(|| limit.clone());
            *known = later(known, limit);
        }
    }
    for ((channel_id, endpoint, counts, over), limit) in newest {
        let known: Option<(i64, Millis)> = rate_limit::table
            .find((channel_id, endpoint, counts, over))
            .select((rate_limit::remaining, rate_limit::reset_at))
            .first(&mut **tx)
            .optional()?;
        let limit = match known {
            Some((remaining, reset_at)) => later(&Limit { remaining, reset_at, ..limit.clone() }, &limit),
            None => limit,
        };
        let values = (rate_limit::remaining.eq(limit.remaining), rate_limit::reset_at.eq(limit.reset_at));
        let key = (
            rate_limit::channel_id.eq(channel_id),
            rate_limit::endpoint.eq(endpoint),
            rate_limit::counts.eq(counts),
            rate_limit::span.eq(over),
        );
        per_database!(&mut **tx, conn => diesel::insert_into(rate_limit::table)
            .values((key, values))
            .on_conflict((rate_limit::channel_id, rate_limit::endpoint, rate_limit::counts, rate_limit::span))
            .do_update()
            .set(values)
            .execute(conn))?;
    }
    Ok(())
}

fn later(known: &Limit, told: &Limit) -> Limit {
    if (told.reset_at.0 - known.reset_at.0).abs() < SAME_WINDOW {
        Limit { remaining: known.remaining.min(told.remaining), ..told.clone() }
    } else if told.reset_at > known.reset_at {
        told.clone()
    } else {
        known.clone()
    }
}

/// Until when a call may not be made: its own limits are used up, or those of the app that all its accounts share.
pub fn closed_until(
    conn: &mut Conn,
    id: ChannelId,
    endpoint: Endpoint,
    caller: Caller,
    now: Millis,
) -> Result<Option<Millis>, DbError> {
    type Row = (ChannelId, Counts, Over, Millis);
    let used_up: Vec<Row> = rate_limit::table
        .filter(rate_limit::endpoint.eq(endpoint.as_str()))
        .filter(rate_limit::remaining.le(0))
        .filter(rate_limit::reset_at.gt(now))
        .select((rate_limit::channel_id, rate_limit::counts, rate_limit::span, rate_limit::reset_at))
        .load(conn)?;
    let concerns = |row: &&Row| match (row.1, row.2) {
        (Counts::Account, _) => caller == Caller::Account && row.0 == id,
        (Counts::App, Over::Window) => caller == Caller::App,
        (Counts::App, Over::Day) => true,
    };
    Ok(used_up.iter().filter(concerns).map(|row| row.3).max())
}

/// A limit that is used up now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedUp {
    pub channel_id: ChannelId,
    pub endpoint: Endpoint,
    pub reset_at: Millis,
}

/// What the network does not let us do now, each once a channel, the longest first.
pub fn list_used_up(conn: &mut Conn, now: Millis) -> Result<Vec<UsedUp>, DbError> {
    let rows: Vec<(ChannelId, String, Millis)> = rate_limit::table
        .filter(rate_limit::remaining.le(0))
        .filter(rate_limit::reset_at.gt(now))
        .order((rate_limit::reset_at.desc(), rate_limit::channel_id, rate_limit::endpoint))
        .select((rate_limit::channel_id, rate_limit::endpoint, rate_limit::reset_at))
        .load(conn)?;
    let mut found: Vec<UsedUp> = Vec::new();
    for (channel_id, endpoint, reset_at) in rows {
        let Some(endpoint) = Endpoint::parse(&endpoint) else { continue };
        if !found.iter().any(|one| one.channel_id == channel_id && one.endpoint == endpoint) {
            found.push(UsedUp { channel_id, endpoint, reset_at });
        }
    }
    Ok(found)
}

fn counts(caller: Caller) -> Counts {
    match caller {
        Caller::Account => Counts::Account,
        Caller::App => Counts::App,
    }
}

fn over(span: Span) -> Over {
    match span {
        Span::Window => Over::Window,
        Span::Day => Over::Day,
    }
}
