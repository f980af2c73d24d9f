//! Password hashing (Argon2id), off the async threads and only a few at a time: each takes 19 MiB and tens of
//! milliseconds, and a burst of sign-ins must not stop the pages.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use crate::web::Error;

/// More than these may not wait: they are told to come back.
const WAITING: usize = 64;

/// The pool that hashes. Clones share it.
#[derive(Clone)]
pub struct Hasher {
    turns: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

impl Default for Hasher {
    fn default() -> Self {
        // Half of the processors at most: the others stay with those who read.
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { turns: Arc::new(Semaphore::new((cores / 2).max(1))), queue: Arc::new(Semaphore::new(WAITING)) }
    }
}

impl Hasher {
    pub async fn hash(&self, password: String) -> Result<String, Error> {
        self.run(move || hash(&password)).await?
    }

    /// Compares in constant time. Without a known hash the same work is done, so that the time tells nothing.
    pub async fn verify(&self, password: String, known: Option<String>) -> Result<bool, Error> {
        self.run(move || {
            let Some(known) = known else {
                hash(&password)?;
                return Ok(false);
            };
            let known = PasswordHash::new(&known)
                .map_err(|error| Error::Internal(format!("a stored password hash cannot be read: {error}")))?;
            Ok(Argon2::default().verify_password(password.as_bytes(), &known).is_ok())
        })
        .await?
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let busy = |_| Error::Busy { kept: None };
        let waiting = Arc::clone(&self.queue).try_acquire_owned().map_err(|_| Error::Busy { kept: None })?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(busy)?;
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop((turn, waiting));
            done
        })
        .await
        .map_err(|error| Error::Internal(format!("hashing ended early: {error}")))
    }
}

/// For the command line, which has no async threads to protect.
pub(super) fn hash(password: &str) -> Result<String, Error> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| Error::Internal(format!("a password could not be hashed: {error}")))
}
