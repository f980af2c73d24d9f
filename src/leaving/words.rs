//! Every sentence that this slice says to people. No rule, no query.

pub const ONLY_ADMINISTRATOR: &str = "You are the only administrator: nobody could run this site. Make somebody else \
     one first, or take your own role back, on the page of people.";
