//! Rate limits: so many calls of a token or a page in each hour, told in percent, as Graph tells them.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::clock::Millis;

const WINDOW: Duration = Duration::from_secs(3600);
/// Calls an hour, for a page with few engaged users.
const USUAL: u32 = 4_800;

/// Whose limit a call counts towards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Counted {
    App,
    User(u64),
    /// A page's calls; its messages are counted for themselves.
    Page(u64),
    Messenger(u64),
}

impl Counted {
    /// The error when it is used up.
    pub fn code(self) -> u64 {
        match self {
            Self::App => 4,
            Self::User(_) => 17,
            Self::Page(_) => 80_001,
            Self::Messenger(_) => 80_006,
        }
    }
}

/// How much is used up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Usage {
    pub counted: Counted,
    pub percent: u32,
    /// Until it is given back.
    pub regain: Duration,
}

impl Usage {
    pub fn is_over(self) -> bool {
        self.percent > 100
    }

    /// The same, used up, to be given back after so long.
    pub fn over(counted: Counted, regain: Duration) -> Self {
        Self { counted, percent: 101, regain }
    }

    /// The header that tells of it: its name and what it says.
    pub fn header(self) -> (&'static str, Value) {
        let percent = self.percent.min(100);
        let minutes = if self.is_over() { self.regain.as_secs().div_ceil(60) } else { 0 };
        match self.counted {
            Counted::App | Counted::User(_) => {
                ("x-app-usage", json!({"call_count": percent, "total_cputime": percent / 2, "total_time": percent / 2}))
            }
            Counted::Page(page) | Counted::Messenger(page) => {
                let kind = if matches!(self.counted, Counted::Page(_)) { "pages" } else { "messenger" };
                let usage = json!({
                    "type": kind, "call_count": percent, "total_cputime": percent / 2, "total_time": percent / 2,
                    "estimated_time_to_regain_access": minutes,
                });
                ("x-business-use-case-usage", json!({ page.to_string(): [usage] }))
            }
        }
    }
}

pub(super) struct Limits {
    windows: HashMap<Counted, (Millis, u32)>,
    limit: u32,
    factor: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { windows: HashMap::new(), limit: USUAL, factor: 1 }
    }
}

impl Limits {
    pub fn raise(&mut self, factor: u32) {
        self.factor = factor.max(1);
    }

    pub fn set(&mut self, calls: u32) {
        self.limit = calls.max(1);
    }

    /// Counts one call.
    pub fn count(&mut self, counted: Counted, now: Millis) -> Usage {
        let window = self.windows.entry(counted).or_insert((now.plus(WINDOW), 0));
        if window.0 <= now {
            *window = (now.plus(WINDOW), 0);
        }
        window.1 = window.1.saturating_add(1);
        let limit = u64::from(self.limit) * u64::from(self.factor);
        let percent = (u64::from(window.1) * 100).div_ceil(limit);
        Usage { counted, percent: u32::try_from(percent).unwrap_or(u32::MAX), regain: window.0.since(now) }
    }
}
