//! What the desk shows of moderation beside a thread: what was reported in it, and what of it not everybody sees.

use super::flags::{FlagView, dress};
use super::people::Names;
use super::store;
use crate::db::Conn;
use crate::members::Viewer;
use crate::posts::{AnyPost, list_unshown_in};
use crate::web::Error;

/// Moderation of one thread.
pub struct Room {
    /// The open flags of its posts.
    pub flags: Vec<FlagView>,
    pub names: Names,
    /// Its hidden and held answers and comments.
    pub unshown: Vec<AnyPost>,
}

/// Loads it for somebody at the desk: two queries where nothing was reported and nothing is hidden.
pub fn load(conn: &mut Conn, question_id: i64, reader: &Viewer) -> Result<Room, Error> {
    let open = store::list_open_flags_in(conn, question_id)?;
    let flags = dress(conn, open, reader)?;
    let reporters = flags.iter().flat_map(|view| view.reports.iter().map(|report| report.by));
    let names = Names::load(conn, std::iter::empty(), reporters)?;
    Ok(Room { names, flags, unshown: list_unshown_in(conn, question_id, reader)? })
}
