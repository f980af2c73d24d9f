//! Sealing: a secret as it stands in the database, XChaCha20-Poly1305 under one key, bound to its place.
//!
//! A sealed text is `1.KEY.DATA`: the format, a fingerprint of the key (so that the wrong key is told from damage), and
//! nonce and ciphertext. The name of the place goes into the seal: a value that is moved to another column or row does
//! not open there.

use std::fmt;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};

use super::Secret;

const FORMAT: &str = "1";
const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

/// The key under which secrets are sealed. Clones are the same key.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(pub(super) [u8; KEY_BYTES]);

/// Why a sealed text stays closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    #[error("it was sealed with another key")]
    OtherKey,
    #[error("it is damaged, or was moved from another place")]
    Damaged,
}

impl Key {
    /// A new key from the system's random numbers.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; KEY_BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Reads a key as [`Self::to_text`] wrote it; `None`: it is none.
    pub fn parse(text: &str) -> Option<Self> {
        Some(Self(BASE64_STANDARD.decode(text.trim()).ok()?.try_into().ok()?))
    }

    /// 44 characters of base64, for the key file and the environment.
    pub fn to_text(&self) -> Secret {
        Secret::new(BASE64_STANDARD.encode(self.0))
    }

    /// Seals `secret` for `place`, as in `channel.access_token:x:1234`.
    pub fn seal(&self, place: &str, secret: &Secret) -> Result<String, getrandom::Error> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce)?;
        let payload = Payload { msg: secret.expose().as_bytes(), aad: place.as_bytes() };
        let text = self.cipher().encrypt(&XNonce::from(nonce), payload).expect("a secret is shorter than 256 GB");
        let data = BASE64_URL_SAFE_NO_PAD.encode([&nonce[..], &text].concat());
        Ok(format!("{FORMAT}.{}.{data}", self.fingerprint()))
    }

    /// Opens what was sealed for this place.
    pub fn open(&self, place: &str, sealed: &str) -> Result<Secret, OpenError> {
        let mut parts = sealed.splitn(3, '.');
        let (Some(FORMAT), Some(key), Some(data)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(OpenError::Damaged);
        };
        if key != self.fingerprint() {
            return Err(OpenError::OtherKey);
        }
        let data = BASE64_URL_SAFE_NO_PAD.decode(data).map_err(|_| OpenError::Damaged)?;
        let (nonce, text) = data.split_first_chunk::<NONCE_BYTES>().ok_or(OpenError::Damaged)?;
        let payload = Payload { msg: text, aad: place.as_bytes() };
        let opened = self.cipher().decrypt(&XNonce::from(*nonce), payload).map_err(|_| OpenError::Damaged)?;
        String::from_utf8(opened).map(Secret::new).map_err(|_| OpenError::Damaged)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.0.into())
    }

    /// Tells keys apart and nothing of the key.
    pub(super) fn fingerprint(&self) -> String {
        let digest = Sha256::new().chain_update(b"answerwell key\0").chain_update(self.0).finalize();
        BASE64_URL_SAFE_NO_PAD.encode(&digest[..6])
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_opens_in_its_place_with_its_key_and_nowhere_else() {
        let (key, other) = (Key::random().unwrap(), Key::random().unwrap());
        let secret = Secret::new("00-token ♥");
        let sealed = key.seal("channel.access_token:1", &secret).unwrap();
        assert!(!sealed.contains("token"), "{sealed}");
        assert_ne!(sealed, key.seal("channel.access_token:1", &secret).unwrap(), "each seal is new");
        let written = Key::parse(key.to_text().expose()).unwrap();
        assert_eq!(written.open("channel.access_token:1", &sealed), Ok(secret));
        assert_eq!(key.open("channel.access_token:2", &sealed), Err(OpenError::Damaged));
        assert_eq!(other.open("channel.access_token:1", &sealed), Err(OpenError::OtherKey));
        let mut damaged = sealed.clone();
        damaged.pop();
        for text in [damaged.as_str(), "", "1", "1..", "2.a.b", "plain token", "1.♥.♥"] {
            assert!(key.open("channel.access_token:1", text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_key_is_none() {
        for text in ["", "short", "AAAA", &"A".repeat(44), "♥"] {
            assert_eq!(Key::parse(text), None, "{text:?}");
        }
        let key = Key::parse(&format!(" {}=\n", "A".repeat(43))).unwrap();
        assert_eq!(format!("{key:?}"), "Key(…)");
    }
}
