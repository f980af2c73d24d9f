//! "I have this too": how many people a question concerns, members and guests alike, each once.
//!
//! Owns the table `affected`. The number itself stands at the question, counted anew in the transaction of every change: of a
//! thread with others merged into it, everybody who said it of any of them, and who asked those.

pub mod say;
mod store;
mod words;

pub use store::recount;

use crate::db::{Conn, DbError};
use crate::members::Person;
use crate::questions::{self, QuestionId};

/// Whether a person said that they have this, too, of the thread or of one that is part of it.
pub fn is_said(conn: &mut Conn, thread: QuestionId, person: &Person) -> Result<bool, DbError> {
    let whole = questions::list_whole(conn, thread)?;
    store::is_said(conn, &whole, &person.to_string())
}
