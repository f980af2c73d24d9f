//! Every sentence that this slice says to people. No rule, no query.

pub const NO_VOTE: &str = "A vote is 1, -1, or 0 to take it back.";
pub const YOU_WROTE_THIS: &str = "You cannot vote on what you wrote yourself. Others will.";
