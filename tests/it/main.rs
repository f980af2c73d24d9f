//! The one test binary: a module per slice.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

mod networks_x;
