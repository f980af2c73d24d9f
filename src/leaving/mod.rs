//! Taking one's things along, and leaving: everything that a member wrote as one file, and the end of an account.
//!
//! Owns no table: every slice gives what it holds of a member, and forgets what it must not keep.

pub mod export;
pub mod leave;
mod words;
