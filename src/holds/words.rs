//! Every sentence that this slice says to people. No rule, no query.

// Why a post waits
pub const FIRST_POST: &str = "it is among the first posts of its author";
pub const NEW_WITH_LINK: &str = "it has a link, and its author has written little here so far";

// Why a post that stands cannot be changed
pub const NOT_CHANGED_YET: &str = "Our staff look at the first posts of new members before others see them, and this \
     one cannot be changed before you have written more. Add a comment to it instead.";
pub const NO_LINKS_YET: &str = "Our staff look at links of new members before others see them, so none can be added \
     here. Write it in a comment, which staff let through.";
