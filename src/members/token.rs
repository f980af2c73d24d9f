//! Random tokens, for cookies and one-time links. The database holds their hashes alone; a
//! mailed one stands in the outbox, too, until a mail server has taken it.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::web::Error;

/// 256 random bits, as they may stand in an address.
pub(super) fn new() -> Result<String, Error> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| Error::Internal(format!("no random numbers: {error}")))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

pub(super) fn hash(token: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}

/// What is in a one-time link: who holds it may do what it is for, once.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    pub fn new() -> Result<Self, Error> {
        new().map(Self)
    }

    /// As it came in an address.
    pub fn read(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// For the link, and for nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Tells it from others without opening anything.
    pub fn mark(&self) -> String {
        self.hash()
    }

    pub(super) fn hash(&self) -> String {
        hash(&self.0)
    }
}
