//! Every sentence that this slice says to people. No rule, no query.

// Why a mail did not leave, or may not have
pub fn no_address(address: &str) -> String {
    format!("{address:?} is no e-mail address")
}

pub fn not_confirmed(error: &str) -> String {
    format!("the mail server did not confirm it: {error}")
}

pub const NOT_CONFIRMED_IN_TIME: &str = "the mail server did not confirm it in time";
pub const NO_SUCH_ADDRESS: &str = "the mail server takes no such address";
pub const NO_ANSWER_IN_TIME: &str = "the mail server did not answer in time";
pub const STOPPED: &str = "The server stopped while this mail was handed over: it may have arrived.";
