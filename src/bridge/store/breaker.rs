//! The breakers of the channels, and what keeps channels from sending: for the outbox and for the desk.

use std::time::Duration;

use diesel::dsl::count_star;
use diesel::prelude::*;

use super::channels::Health;
use super::lost_access;
use crate::bridge::ChannelId;
use crate::bridge::outbound::breaker::Breaker;
use crate::bridge::outbound::state::Label;
use crate::bridge::words;
use crate::clock::Millis;
use crate::db::schema::{channel, delivery};
use crate::db::{Conn, DbError, Tx};
use crate::networks::Mend;
use crate::posts::Origin;

pub fn load(conn: &mut Conn, id: ChannelId) -> Result<Breaker, DbError> {
    let (failures, failing_since, paused_until) = channel::table
        .find(id)
        .select((channel::failures, channel::failing_since, channel::paused_until))
        .first(conn)?;
    Ok(Breaker { failures, failing_since, paused_until })
}

/// Moves a breaker from the state it was read in; `false`: it is not in that state any more. A channel without access
/// stays without, and a pause that stays keeps its own reason.
pub fn step(tx: &mut Tx<'_>, id: ChannelId, from: Breaker, to: Breaker, reason: &str) -> Result<bool, DbError> {
    let failures = (channel::failures.eq(to.failures), channel::failing_since.eq(to.failing_since));
    let unchanged =
        channel::table.find(id).filter(channel::state.ne(Health::Broken)).filter(channel::failures.eq(from.failures));
    let changed = match from.paused_until {
        Some(until) => {
            diesel::update(unchanged.filter(channel::paused_until.eq(until))).set(failures).execute(&mut **tx)?
        }
        None => diesel::update(unchanged.filter(channel::paused_until.is_null())).set(failures).execute(&mut **tx)?,
    };
    if changed == 0 {
        return Ok(false);
    }
    if to.paused_until != from.paused_until {
        let is_paused = to.paused_until.is_some();
        let pause = (
            channel::paused_until.eq(to.paused_until),
            channel::state.eq(if is_paused { Health::Paused } else { Health::Live }),
            channel::reason.eq(is_paused.then_some(reason)),
        );
        diesel::update(channel::table.find(id)).set(pause).execute(&mut **tx)?;
    }
    Ok(true)
}

/// An access that ends within this time, and cannot renew itself, is announced to those who can connect it again.
pub const ENDS_SOON: Duration = Duration::from_secs(14 * 24 * 3600);

/// What keeps a channel from sending now, or soon will.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    pub channel_id: ChannelId,
    pub network: Origin,
    /// Of our account, without the leading `@`.
    pub handle: String,
    pub what: TroubleKind,
    /// What an administrator does about lost access.
    pub mend: Mend,
    /// What the network said, or what became of the last try.
    pub reason: String,
    /// Replies that wait for it, and private messages.
    pub waiting: (i64, i64),
}

impl Trouble {
    /// What is wrong, as the beginning of a sentence about lost access.
    pub fn headline(&self) -> String {
        match self.mend {
            Mend::BuyCredits => words::credits_used_up(&self.name(), self.network.label()),
            Mend::EnterKeys | Mend::Connect => words::no_access(&self.name(), self.network.label()),
        }
    }

    /// Our account, as people write its name.
    pub fn name(&self) -> String {
        self.network.name_of(&self.handle)
    }

    /// What waits for it, as the end of a sentence: `; 12 replies and 1 private message wait`.
    pub fn backlog(&self) -> String {
        let replies = |many| if many == 1 { "1 reply".to_owned() } else { format!("{many} replies") };
        let messages = |many| if many == 1 { "1 private message".to_owned() } else { words::private_messages(many) };
        match self.waiting {
            (0, 0) => String::new(),
            (1, 0) => "; 1 reply waits".to_owned(),
            (0, 1) => words::ONE_MESSAGE_WAITS.to_owned(),
            (many, 0) => format!("; {} wait", replies(many)),
            (0, many) => format!("; {} wait", messages(many)),
            (some, others) => words::both_wait(&replies(some), &messages(others)),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TroubleKind {
    /// Its access is gone: an administrator must mend it.
    NoAccess,
    /// The network does not answer.
    Silent { since: Millis, next_try: Millis },
    /// The network asked us to wait.
    ToldToWait { until: Millis },
    /// It works, but its access ends then and cannot renew itself.
    EndsSoon { at: Millis },
}

/// The channels that cannot send now, oldest channel first; behind them those whose access ends soon.
pub fn list_troubles(conn: &mut Conn, now: Millis) -> Result<Vec<Trouble>, DbError> {
    type Row = (ChannelId, Origin, String, Health, Option<String>, i64, Option<Millis>, Option<Millis>);
    let rows: Vec<Row> = channel::table
        .filter(channel::disconnected_at.is_null())
        .filter(channel::state.ne(Health::Live))
        .order(channel::id)
        .select((
            channel::id,
            channel::network,
            channel::handle,
            channel::state,
            channel::reason,
            channel::failures,
            channel::failing_since,
            channel::paused_until,
        ))
        .load(conn)?;
    let mut troubles = Vec::new();
    for (id, network, handle, health, reason, failures, failing_since, paused_until) in rows {
        let breaker = Breaker { failures, failing_since, paused_until };
        let what = match (health, breaker.failing_since, paused_until) {
            (Health::Broken, ..) => TroubleKind::NoAccess,
            (_, Some(since), Some(next_try)) if breaker.is_open() => TroubleKind::Silent { since, next_try },
            (_, _, Some(until)) if until > now => TroubleKind::ToldToWait { until },
            _ => continue,
        };
        let waiting = count_waiting(conn, id)?;
        let (mend, reason) = (lost_access::load_mend(conn, id)?, reason.unwrap_or_default());
        troubles.push(Trouble { channel_id: id, network, handle, what, mend, reason, waiting });
    }
    troubles.extend(list_ending(conn, now)?);
    Ok(troubles)
}

/// The channels that have access, and lose it soon unless somebody connects them again.
fn list_ending(conn: &mut Conn, now: Millis) -> Result<Vec<Trouble>, DbError> {
    let rows: Vec<(ChannelId, Origin, String, Millis)> = channel::table
        .filter(channel::disconnected_at.is_null())
        .filter(channel::state.ne(Health::Broken))
        .filter(channel::access_token.is_not_null())
        .filter(channel::refresh_token.is_null())
        .filter(channel::token_expires_at.le(now.plus(ENDS_SOON)))
        .order(channel::id)
        .select((channel::id, channel::network, channel::handle, channel::token_expires_at.assume_not_null()))
        .load(conn)?;
    let ending = rows.into_iter().map(|(channel_id, network, handle, at)| Trouble {
        channel_id,
        network,
        handle,
        what: TroubleKind::EndsSoon { at },
        mend: Mend::Connect,
        reason: String::new(),
        waiting: (0, 0),
    });
    Ok(ending.collect())
}

fn count_waiting(conn: &mut Conn, id: ChannelId) -> Result<(i64, i64), DbError> {
    let queued = delivery::table.filter(delivery::state.eq(Label::Queued)).filter(delivery::channel_id.eq(id));
    let all: i64 = queued.select(count_star()).first(conn)?;
    let messages: i64 = queued.filter(delivery::private_message_id.is_not_null()).select(count_star()).first(conn)?;
    Ok((all - messages, messages))
}
