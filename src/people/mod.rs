//! The people of this site: who helped most, `GET /people`, who answers for the company, `GET /people/team`, and reputation
//! counted anew from the votes and marks that it came from. Owns no table.

pub mod leaders;
pub mod recount;
pub mod team;
