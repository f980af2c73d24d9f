//! The one test binary: a module per slice, on the ground that `support` lays.

#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected must stop")]

mod forum;
mod ground_db;
mod ground_schema;
mod ground_support;
mod ground_tls;
mod ground_web;
mod house_rules;
mod networks_x;
mod search;
mod sim_x;
#[allow(dead_code, unused_imports, reason = "the ground is laid ahead of the tests that stand on it")]
mod support;
