//! Stateful twins of the networks over real HTTP, for `demo` and the tests.
//!
//! A twin shares no type, constant or signing code with `networks`: a mistake must not be able to agree with itself. What
//! the twins share with each other stands here: journals, faults, the door, the ground of their pages.

mod door;
pub mod facebook;
mod faults;
mod journal;
mod pages;
mod picture;
mod steering;
pub mod x;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A panic elsewhere leaves whole values behind, because each is changed in one step: go on with them.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
