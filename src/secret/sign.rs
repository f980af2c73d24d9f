//! Signing: what a visitor carries about and brings back, so that nobody makes up what we did not give out.
//!
//! Each purpose has a key of its own, derived from the one of the installation: what is signed for one is nothing for
//! another.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::Key;

impl Key {
    /// The signature of a text for this purpose, as in `guest`; fit for a cookie and for an address.
    pub fn sign(&self, purpose: &str, text: &str) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.mac(purpose, text).finalize().into_bytes())
    }

    /// Whether we signed this text for this purpose. Takes as long for a wrong signature as for a right one.
    pub fn is_signed(&self, purpose: &str, text: &str, signature: &str) -> bool {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
        self.mac(purpose, text).verify_slice(&bytes).is_ok()
    }

    fn mac(&self, purpose: &str, text: &str) -> Hmac<Sha256> {
        let keyed = |key: &[u8], of: &str| -> Hmac<Sha256> {
            let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length will do");
            mac.update(of.as_bytes());
            mac
        };
        let derived = keyed(&self.0, &format!("answerwell signs for {purpose}")).finalize().into_bytes();
        keyed(&derived, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_signed_holds_for_its_purpose_its_text_and_its_key() {
        let (key, other) = (Key::random().unwrap(), Key::random().unwrap());
        let signature = key.sign("guest", "abc");
        assert!(key.is_signed("guest", "abc", &signature));
        assert!(!key.is_signed("guest", "abd", &signature), "another text");
        assert!(!key.is_signed("unsubscribe", "abc", &signature), "another purpose");
        assert!(!other.is_signed("guest", "abc", &signature), "another key");
        for wrong in ["", "a", "♥", &signature[1..]] {
            assert!(!key.is_signed("guest", "abc", wrong), "{wrong:?}");
        }
    }
}
