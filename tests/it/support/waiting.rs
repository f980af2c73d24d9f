//! The only way a test waits: for a condition, with a deadline and words for its failure.

use std::time::{Duration, Instant};

/// Far more than anything takes: a machine that is busy with other work must not fail a test.
const DEADLINE: Duration = Duration::from_secs(60);
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

/// Looks until `condition` holds. After a minute the test fails with `what`, a clause such as "the post is a question".
#[track_caller]
pub fn eventually<F>(what: &str, condition: F) -> impl Future<Output = ()>
where
    F: AsyncFnMut() -> bool,
{
    eventually_at(std::panic::Location::caller(), what, condition)
}

async fn eventually_at<F>(caller: &std::panic::Location<'_>, what: &str, mut condition: F)
where
    F: AsyncFnMut() -> bool,
{
    let end = Instant::now() + DEADLINE;
    while !condition().await {
        assert!(Instant::now() < end, "not within {} s: {what} ({caller})", DEADLINE.as_secs());
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}
