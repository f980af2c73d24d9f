//! The pulse of the background loops: which of them live, hang or fail again and again.
//!
//! Kept in memory, for this process alone. It tells and never acts: what a loop does about its failures is in `repeat`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// No step takes this long, not even an index built from a large forum.
const HANGS: Duration = Duration::from_secs(20 * 60);
/// A loop that fails for longer does not mend itself.
const FAILS: Duration = Duration::from_secs(60);

/// The loops of a process. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Pulse(Arc<Mutex<Vec<Loop>>>);

#[derive(Debug)]
struct Loop {
    name: &'static str,
    /// The step under way.
    begun: Option<Instant>,
    /// Since when every step failed.
    failing: Option<Instant>,
    ended: bool,
}

impl Pulse {
    /// What is wrong with the loops, a clause each; empty where all are well. Names jobs, and nothing of what they work on.
    pub fn ailments(&self) -> Vec<String> {
        self.ailments_at(Instant::now())
    }

    fn ailments_at(&self, now: Instant) -> Vec<String> {
        let loops = self.loops();
        if loops.is_empty() {
            return vec!["no background work was started".to_owned()];
        }
        let mut ailments: Vec<String> = loops.iter().filter_map(|one| one.ailment(now)).collect();
        ailments.dedup();
        ailments
    }

    /// A loop begins. It counts as ended when the beat is dropped.
    pub(super) fn begin(&self, name: &'static str) -> Beat {
        let mut loops = self.loops();
        loops.push(Loop { name, begun: None, failing: None, ended: false });
        Beat { pulse: self.clone(), at: loops.len() - 1 }
    }

    fn loops(&self) -> MutexGuard<'_, Vec<Loop>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Loop {
    fn ailment(&self, now: Instant) -> Option<String> {
        let name = self.name;
        let minutes = |since: Instant| now.duration_since(since).as_secs() / 60;
        if self.ended {
            return Some(format!("the {name} job has ended"));
        }
        let hangs = self.begun.filter(|begun| now.duration_since(*begun) > HANGS);
        if let Some(begun) = hangs {
            return Some(format!("the {name} job hangs for {} minutes", minutes(begun)));
        }
        let failing = self.failing.filter(|since| now.duration_since(*since) > FAILS)?;
        Some(format!("the {name} job fails for {} minutes; the log says why", minutes(failing)))
    }
}

/// One loop's hold on the pulse.
pub(super) struct Beat {
    pulse: Pulse,
    at: usize,
}

impl Beat {
    pub fn step_begins(&self) {
        self.change(|one| one.begun = Some(Instant::now()));
    }

    pub fn step_ends(&self, well: bool) {
        self.change(|one| {
            one.begun = None;
            one.failing = if well { None } else { one.failing.or_else(|| Some(Instant::now())) };
        });
    }

    fn change(&self, change: impl FnOnce(&mut Loop)) {
        if let Some(one) = self.pulse.loops().get_mut(self.at) {
            change(one);
        }
    }
}

impl Drop for Beat {
    fn drop(&mut self) {
        self.change(|one| one.ended = true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_that_hangs_fails_or_ends_is_named() {
        let pulse = Pulse::default();
        assert_eq!(pulse.ailments(), ["no background work was started"]);
        let (inbox, outbox) = (pulse.begin("inbox"), pulse.begin("outbox"));
        assert_eq!(pulse.ailments(), Vec::<String>::new());
        inbox.step_begins();
        let after = |time: Duration| pulse.ailments_at(Instant::now() + time);
        assert_eq!(after(HANGS + Duration::from_secs(60)), ["the inbox job hangs for 21 minutes"]);
        inbox.step_ends(false);
        inbox.step_ends(false);
        assert_eq!(pulse.ailments(), Vec::<String>::new(), "one failure is no ailment");
        assert_eq!(after(FAILS * 3), ["the inbox job fails for 3 minutes; the log says why"]);
        inbox.step_ends(true);
        assert_eq!(after(FAILS * 3), Vec::<String>::new());
        drop(outbox);
        assert_eq!(pulse.ailments(), ["the outbox job has ended"]);
    }
}
