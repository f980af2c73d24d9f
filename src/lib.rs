//! Answerwell: a self-hosted help forum with a social bridge. `main.rs` is the program; this library is the same
//! program for the tests.

pub mod clock;
pub mod networks;
pub mod secret;
pub mod sim;
