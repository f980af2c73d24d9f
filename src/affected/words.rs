//! Every sentence that this slice says to people. No rule, no query.

pub const YOU_ASKED_THE_SAME: &str = "You asked the same: you are counted already.";
pub const YOU_ASKED_THIS: &str = "You asked this question: everybody knows that you have it.";
