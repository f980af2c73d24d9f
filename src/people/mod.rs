//! The people of this site: who helped most, `GET /people`, and reputation counted anew from the votes and marks that it
//! came from. Owns no table.

pub mod leaders;
pub mod recount;
