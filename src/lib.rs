//! Answerwell: a self-hosted help forum with a social bridge. `main.rs` is the program; this library is the same
//! program for the tests.

pub mod clock;
pub mod db;
//pub mod networks;
pub mod sim;
pub mod web;
