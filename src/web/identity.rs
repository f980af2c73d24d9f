//! How this site is called and where it is. An administrator may change both while the server runs: whoever shows one of
//! them asks here, at the moment in which it is shown.
//!
//! Knows nothing of where they are stored; the settings slice sets what the database says.

use std::sync::{Arc, PoisonError, RwLock};

/// The name and the public address of the site. Clones share them.
#[derive(Clone)]
pub struct Identity {
    now: Arc<RwLock<Arc<Known>>>,
    /// As the settings file has them.
    own: Arc<Known>,
}

/// Both as they are at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub name: String,
    /// The public address without a trailing slash, as in `https://help.acme.com`.
    pub address: String,
}

impl Known {
    /// Whether cookies may travel encrypted only.
    pub fn is_https(&self) -> bool {
        self.address.starts_with("https://")
    }
}

impl Identity {
    /// As the settings file has them.
    pub fn new(name: &str, address: &str) -> Self {
        let own = Arc::new(Known { name: name.to_owned(), address: address.trim_end_matches('/').to_owned() });
        Self { now: Arc::new(RwLock::new(Arc::clone(&own))), own }
    }

    pub fn now(&self) -> Arc<Known> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes over the name and the address that an administrator chose; where nobody did, those of the settings file hold.
    pub fn set(&self, chosen: Option<(String, String)>) {
        let known = chosen.map_or_else(|| Arc::clone(&self.own), |(name, address)| Arc::new(Known { name, address }));
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = known;
    }

    /// Whether a form may come from this origin. That of the settings file stays one: a slip on the page must not lock out
    /// the person who could mend it.
    pub fn is_ours(&self, origin: &str) -> bool {
        origin == self.own.address || self.now().address == origin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_seen_by_all_and_the_first_address_stays_ours() {
        let identity = Identity::new("Help", "http://127.0.0.1:8080/");
        let other = identity.clone();
        identity.set(Some(("Acme Help".to_owned(), "https://help.acme.com".to_owned())));
        assert_eq!(*other.now(), Known { name: "Acme Help".to_owned(), address: "https://help.acme.com".to_owned() });
        assert!(other.now().is_https());
        assert!(other.is_ours("https://help.acme.com") && other.is_ours("http://127.0.0.1:8080"));
        identity.set(None);
        assert_eq!(other.now().name, "Help");
        assert!(!other.is_ours("https://evil.example") && !other.is_ours("null"));
    }
}
