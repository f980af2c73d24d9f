//! Every sentence that this slice says to people. No rule, no query.

pub const NOT_YOURS_TO_ACCEPT: &str =
    "Only the person who asked and our staff can say which answers helped. You can vote for it instead.";
pub const YES_OR_NO: &str = "Say yes or no, or nothing to take it back.";
pub const YOU_WROTE_THIS: &str = "You wrote this answer. Others say whether it helps.";
pub const ASKER_SAYS_IT: &str = "Only the person who asked reads this beside our staff, and says whether it helped.";
pub const YOURS_FOR_THE_ASKER: &str = "You wrote this answer. The person who asked says whether it helped, or a colleague of \
    yours who heard it from them.";
pub const ONE_WAS_HELPED: &str = "1 person said this helped";

pub fn were_helped(helped: i64, all: i64) -> String {
    format!("{helped} of {all} said this helped")
}
