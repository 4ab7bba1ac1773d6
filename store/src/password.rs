//! Password hashes: argon2id with 19 MiB, two passes, one lane (OWASP's minimum).
//!
//! Goes in: a password and a stored PHC string, or none. Comes out: whether they fit. The work is the same when there is nothing to compare
//! with, so an unknown login cannot be told from a wrong password by the clock. Who the user is, is not its business.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::error::StoreError;

/// Hashes on the blocking threads, a few at a time: each takes 19 MiB and a core. Cheap to clone; share one in a process.
#[derive(Clone, Debug)]
pub struct Hasher {
    places: Arc<Semaphore>,
    /// Compared with when the login is unknown.
    nobody: Arc<str>,
    hashes: Arc<AtomicU64>,
}

impl Hasher {
    /// A hasher that runs at most so many at once; the others wait.
    pub fn new(at_once: usize) -> Result<Self, StoreError> {
        Ok(Self {
            places: Arc::new(Semaphore::new(at_once.max(1))),
            nobody: hash_now("nobody has this password")?.into(),
            hashes: Arc::new(AtomicU64::new(0)),
        })
    }

    /// How many hashes were computed: for the metrics.
    pub fn hashes(&self) -> u64 {
        self.hashes.load(Ordering::Relaxed)
    }

    /// The PHC string of a new password.
    pub async fn hash(&self, password: &SecretString) -> Result<String, StoreError> {
        let password = password.clone();
        self.run(move || hash_now(password.expose_secret())).await
    }

    /// Whether the password fits; with no stored hash the same work is done and the answer is no.
    pub async fn verify(&self, password: &SecretString, stored: Option<String>) -> Result<bool, StoreError> {
        let password = password.clone();
        let known = stored.is_some();
        let hash = stored.unwrap_or_else(|| self.nobody.to_string());
        let fits = self
            .run(move || {
                let hash = PasswordHash::new(&hash).map_err(|error| StoreError::Hasher {
                    reason: error.to_string(),
                })?;
                Ok(hasher()
                    .verify_password(password.expose_secret().as_bytes(), &hash)
                    .is_ok())
            })
            .await?;
        Ok(fits && known)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let _place = self
            .places
            .acquire()
            .await
            .expect("invariant: the semaphore is never closed");
        self.hashes.fetch_add(1, Ordering::Relaxed);
        spawn_blocking(work).await.map_err(|error| StoreError::Hasher {
            reason: error.to_string(),
        })?
    }
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).expect("invariant: these are valid parameters");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash_now(password: &str) -> Result<String, StoreError> {
    hasher()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| StoreError::Hasher {
            reason: error.to_string(),
        })
}
