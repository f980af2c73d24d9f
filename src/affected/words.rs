//! Every sentence that this slice says to people. No rule, no query.

pub const YOU_ASKED_THIS: &str = "You asked this question: everybody knows that you have it.";
