//! Stateful twins of the networks over real HTTP, for `demo` and the tests.
//!
//! A twin shares no type, constant or signing code with `networks`: a mistake must not be able to agree with itself.

pub mod x;
