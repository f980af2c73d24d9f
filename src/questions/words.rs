//! Every sentence that this slice says to people. No rule, no query.

pub const NO_PLACE_IN_THE_LIST: &str =
    "This address does not name a place in the list. Begin at the top of the list instead.";

pub fn locked(day: &str, why: &str) -> String {
    format!("Our staff locked this thread on {day}: {why}")
}

pub fn closed(day: &str, why: &str) -> String {
    format!("Our staff take no further answers here since {day}: {why}")
}
