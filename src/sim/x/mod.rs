//! The X twin.
