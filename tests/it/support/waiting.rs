//! The only way a test waits: for a condition, with a deadline and words for its failure.

use std::time::{Duration, Instant};

/// Far more than anything takes: a machine that is busy with other work must not fail a test.
const DEADLINE: Duration = Duration::from_secs(180);
/// Between the first looks. Later ones are rarer: whoever waits long must not keep busy what it waits for.
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);
const LONGEST_BETWEEN: Duration = Duration::from_millis(250);

/// Looks until `condition` holds. After three minutes the test fails with `what`, a clause such as "the post is a question".
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
    let begun = Instant::now();
    while !condition().await {
        let waited = begun.elapsed();
        assert!(waited < DEADLINE, "not within {} s: {what} ({caller})", DEADLINE.as_secs());
        tokio::time::sleep((waited / 10).clamp(BETWEEN_LOOKS, LONGEST_BETWEEN)).await;
    }
}
