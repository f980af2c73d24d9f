//! Background work: loops that wake when there is something to do, look again from time to time in case they were not
//! woken, and stop when they are told to.
//!
//! Knows no slice. What a loop does, and how it survives a crash, is its slice's matter.

mod pulse;

use std::fmt::Display;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

pub use pulse::Pulse;

/// After a failed step, so that a database that is down is not asked a thousand times a second.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

/// What a step found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It did something: there may be more at once.
    More,
    /// Nothing to do now.
    Idle,
}

/// Told to every loop. Clones wait for the same word.
#[derive(Clone, Debug)]
pub struct Stop {
    word: watch::Receiver<bool>,
    pulse: Pulse,
}

impl Stop {
    /// Returns when the work must end.
    pub async fn stopped(&mut self) {
        // An error means that the sender is gone, which is as good as its word.
        let _gone = self.word.wait_for(|stop| *stop).await;
    }

    pub fn is_stopped(&self) -> bool {
        *self.word.borrow()
    }
}

/// All loops of a process.
pub struct Jobs {
    word: watch::Sender<bool>,
    tasks: JoinSet<()>,
    pulse: Pulse,
}

impl Default for Jobs {
    fn default() -> Self {
        Self::felt_by(Pulse::default())
    }
}

impl Jobs {
    /// No loops yet; those to come are felt by this pulse.
    pub fn felt_by(pulse: Pulse) -> Self {
        Self { word: watch::Sender::new(false), tasks: JoinSet::new(), pulse }
    }

    pub fn stop(&self) -> Stop {
        Stop { word: self.word.subscribe(), pulse: self.pulse.clone() }
    }

    pub fn spawn(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(work);
    }

    /// Tells every loop to stop and waits for the steps in progress, at most `deadline`. What is cut off then is what a
    /// crash would cut off, and heals in the same way.
    pub async fn shut_down(mut self, deadline: Duration) {
        let _no_loops = self.word.send(true);
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(deadline, all).await.is_err() {
            tracing::warn!("some background work did not end in time and was cut off");
        }
    }
}

/// Runs `step` again and again: at once after `More`, else when `wake` is notified or `every` has passed.
/// A step that fails or panics is logged and tried again: what it had begun is what a crash would have left.
pub async fn repeat<Work, Error>(
    name: &'static str,
    mut stop: Stop,
    wake: &Notify,
    every: Duration,
    mut step: impl FnMut() -> Work,
) where
    Work: Future<Output = Result<Progress, Error>>,
    Error: Display,
{
    let beat = stop.pulse.begin(name);
    while !stop.is_stopped() {
        // Registered before looking: what arrives while the step looks is not missed.
        let woken = wake.notified();
        tokio::pin!(woken);
        woken.as_mut().enable();
        beat.step_begins();
        let ended = AssertUnwindSafe(async { step().await }).catch_unwind().await;
        beat.step_ends(matches!(ended, Ok(Ok(_))));
        let pause = match ended {
            Ok(Ok(Progress::More)) => continue,
            Ok(Ok(Progress::Idle)) => every,
            // The panic's own message was printed where it happened.
            Err(_panic) => {
                tracing::error!(job = name, "the {name} job panicked and tries again");
                AFTER_FAILURE
            }
            Ok(Err(error)) => {
                tracing::error!(job = name, %error, "the {name} job failed and tries again: {error}");
                AFTER_FAILURE
            }
        };
        tokio::select! {
            () = &mut woken => {}
            () = tokio::time::sleep(pause) => {}
            () = stop.stopped() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_panic_does_not_end_a_loop() {
        let mut jobs = Jobs::default();
        let done = Arc::new(Notify::new());
        let (stop, wake, finished) = (jobs.stop(), Notify::new(), Arc::clone(&done));
        jobs.spawn(async move {
            let steps = AtomicU32::new(0);
            let step = || async {
                match steps.fetch_add(1, Ordering::Relaxed) {
                    0 => {
                        wake.notify_one();
                        panic!("the first step")
                    }
                    _ => finished.notify_one(),
                }
                Ok::<_, std::convert::Infallible>(Progress::Idle)
            };
            repeat("test", stop, &wake, Duration::from_secs(3600), step).await;
        });
        tokio::time::timeout(Duration::from_secs(30), done.notified()).await.expect("a second step");
        jobs.shut_down(Duration::from_secs(30)).await;
    }
}
