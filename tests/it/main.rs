//! The one test binary: a module per slice.
