//! What arrives late, twice, changed, with pictures or not at all: edits, deletions, gaps and looks again, told through
//! HTTP on both sides of the bridge.

mod edits;
pub mod hook;
mod late;
mod pictures;
mod storm;
mod unplaced;
