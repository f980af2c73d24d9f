//! The one test binary: a module per slice.

mod networks_x;
