//! Looking up again.
use std::time::Duration;
/// After its arrival, a post is looked up for the first time.
pub(super) const FIRST_LOOK: Duration = Duration::from_secs(3600);
