//! All SQL of the bridge, one file per table it owns.

pub mod access;
pub mod attached;
pub mod breaker;
pub mod channels;
pub mod deliveries;
pub mod expenses;
pub mod gaps;
pub mod inbox;
pub mod limits;
pub mod originals;
pub mod pictures;
pub mod recheck;
pub mod remote;
pub mod requests;
pub mod restored;
pub mod searches;
pub mod versions;
pub mod waiting;
