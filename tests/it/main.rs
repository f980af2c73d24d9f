//! The one test binary: a module per slice.

mod sim_x;
