//! Answerwell: a self-hosted help forum with a social bridge. `main.rs` is the program; this library is the same
//! program for the tests.

pub mod answers;
pub mod app;
pub mod audit;
pub mod bench;
pub mod bridge;
pub mod cli;
pub mod clock;
pub mod comments;
pub mod config;
pub mod db;
pub mod demo;
pub mod desk;
pub mod jobs;
pub mod members;
pub mod networks;
pub mod notices;
pub mod posts;
pub mod private;
pub mod profiles;
pub mod questions;
pub mod queue;
pub mod results;
pub mod routes;
pub mod search;
pub mod secret;
pub mod sim;
pub mod threads;
pub mod topics;
pub mod upkeep;
pub mod verifications;
pub mod votes;
pub mod web;
