//! Text that must not end up in a log, a page or an error: tokens, keys, passwords of services.
//!
//! The wrapper has no Display and no Serialize, and its Debug prints nothing of the text; whoever needs it says
//! `expose`, which is easy to find in a review. In the database such text stands sealed (`seal`), under a key that lies
//! elsewhere (`key`).

mod key;
mod seal;
mod sign;

use std::fmt;

pub use key::{KeyError, KeyPlace};
pub use seal::{Key, OpenError};

/// A secret, from wherever it came.
#[derive(Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that sends or signs with it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_print_itself() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "Secret(…) Some(Secret(…))");
        assert_eq!(secret.expose(), "hunter2");
    }
}
