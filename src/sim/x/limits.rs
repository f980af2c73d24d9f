//! Rate limits: so many calls of an endpoint in each 15 minutes or each day, counted from the first call.

use std::collections::HashMap;
use std::time::Duration;

use crate::clock::Millis;

const WINDOW: Duration = Duration::from_secs(15 * 60);
const DAY: Duration = Duration::from_secs(24 * 3600);

pub(super) struct Limits {
    windows: HashMap<(&'static str, Option<u64>, Duration), Window>,
    factor: u32,
}

struct Window {
    until: Millis,
    used: u32,
}

/// What X says of a limit in its headers. `reset` is in unix seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    pub limit: u32,
    pub remaining: u32,
    pub reset: i64,
    pub exceeded: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self { windows: HashMap::new(), factor: 1 }
    }
}

impl Limits {
    pub fn raise(&mut self, factor: u32) {
        self.factor = factor.max(1);
    }

    /// Counts one call of `endpoint`, which allows `limit` of them to each user, and to the app without one.
    pub fn count(&mut self, endpoint: &'static str, user: Option<u64>, limit: u32, now: Millis) -> Rate {
        self.count_in(WINDOW, endpoint, user, limit, now)
    }

    /// The same, in a day.
    pub fn count_day(&mut self, endpoint: &'static str, user: Option<u64>, limit: u32, now: Millis) -> Rate {
        self.count_in(DAY, endpoint, user, limit, now)
    }

    fn count_in(&mut self, time: Duration, name: &'static str, user: Option<u64>, limit: u32, now: Millis) -> Rate {
        let limit = limit.saturating_mul(self.factor);
        let window = self.windows.entry((name, user, time)).or_insert(Window { until: now.plus(time), used: 0 });
        if window.until <= now {
            *window = Window { until: now.plus(time), used: 0 };
        }
        let exceeded = window.used >= limit;
        window.used = window.used.saturating_add(1);
        let remaining = limit.saturating_sub(window.used);
        Rate { limit, remaining, reset: window.until.0.div_euclid(1000) + 1, exceeded }
    }
}
