//! Every sentence that this slice says to people. No rule, no query.

// Why nothing was merged, or taken back
pub const ITSELF: &str = "A thread cannot become part of itself. Choose another one.";
pub const NO_SUCH_QUESTION: &str = "There is no such question any more, or it is not shown. Choose another one.";
pub const CIRCLE: &str =
    "The other thread is part of this one already. Take it out first, or merge the other way round.";
pub const ONE_IS_PRIVATE: &str =
    "One of the two is private: only its asker and the desk read it. Make it public first, or answer it by itself.";
pub const MERGED_MEANWHILE: &str = "It is part of another thread already. A colleague was faster.";
pub const NOT_PART: &str = "It is part of no other thread any more. A colleague was faster.";

// Why nothing was split, or put back
pub const A_QUESTION_ALREADY: &str =
    "A question stands for itself already. Only a comment or an answer can become one.";
pub const VERIFIED: &str = "Staff vouch for this answer. Withdraw the verification first.";
pub const SENT: &str = "We sent this to the asker, or are about to. It stays with what it answers.";
pub const ANSWERED: &str = "Somebody wrote below it meanwhile, or we answered it. It stays a question of its own.";
pub const LATE: &str = "It is not there any more, or a colleague was faster.";
