//! Every sentence that this slice says to people. No rule, no query.

// Why nothing was verified, confirmed or refused
pub const OWN_WORDS: &str =
    "You wrote these words, and nobody verifies their own. Ask a colleague to read and verify them.";
pub const SAME_PERSON: &str = "You vouched for it first. The second person must be somebody else.";
pub const CHANGED_SINCE: &str =
    "The answer was changed since it was vouched for. Read what it says now, and verify that.";
pub const END_HAS_PASSED: &str = "Its end date has passed by now. Refuse it, then verify the answer with a later one.";

pub fn too_late(state: &str) -> String {
    format!("Somebody or something was faster: this verification is {state} by now.")
}

pub const CHANGED_BEFORE_CONFIRMED: &str = "The answer was changed before a second person had confirmed it.";
pub const WORKED_FOR_THE_ONE: &str = "worked for the one who told us";
pub const NOT_FOR_THE_ONE: &str = "did not work for the one who told us";

// Why one is checked again
pub fn until_has_passed(day: &str) -> String {
    format!("its end date, {day}, has passed")
}

pub fn release_came_out(product: &str, version: &str) -> String {
    format!("release {product} {version} came out")
}

pub fn helps_few(worked: i64, told: i64) -> String {
    format!("it worked for {worked} of the {told} who told us in the last 90 days")
}
