//! The one test binary: a module per slice, on the ground that `support` lays.

#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected must stop")]

mod forum;
mod ground_support;
mod networks_x;
mod sim_x;
#[allow(dead_code, unused_imports, reason = "the ground is laid ahead of the tests that stand on it")]
mod support;
