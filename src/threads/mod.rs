//! Threads: a question with all that hangs on it, as one page.
//!
//! Owns no table and writes nothing: it asks every slice for its part, on one snapshot, with a number of queries that
//! does not grow with the thread.

mod around;
mod conversation;
mod extras;
pub mod history;
mod order;
mod parts;
pub mod permalink;
pub mod show;
mod structured;
mod view;
mod words;

pub use conversation::Turn;
pub use parts::{AlsoAsked, GivenTo, MovedOut, Said};
pub use view::{AnswerView, AuthorView, CommentView, PostView, Thread, load, load_at_desk};
