//! The stored refresh token while a job is signed in with it.

use std::sync::{Mutex, PoisonError};

use secrecy::SecretString;

use crate::store::{SecretMark, SecretName, Store, StoreError};

/// The token that a job has signed in with, for storing what it is exchanged for.
pub(super) struct StoredToken {
    store: Store,
    /// Of the token that was read or stored here last.
    used: Mutex<SecretMark>,
}

impl StoredToken {
    /// The token that is stored, and its keeper; none where none is set.
    ///
    /// # Errors
    /// When it can't be read.
    pub(super) fn read(store: &Store) -> Result<Option<(SecretString, Self)>, StoreError> {
        let marked = store.marked_secret(SecretName::RefreshToken)?;
        Ok(marked.map(|(token, used)| (token, Self { store: store.clone(), used: Mutex::new(used) })))
    }

    /// Stores the token that the last one was exchanged for. One that was set by hand meanwhile is meant to take its place, so
    /// it stays.
    ///
    /// # Errors
    /// When it can't be stored.
    pub(super) fn keep(&self, newer: &SecretString) -> Result<(), StoreError> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        match self.store.exchange_secret(SecretName::RefreshToken, &used, newer)? {
            Some(mark) => *used = mark,
            None => tracing::warn!(
                "the refresh token was set or removed while this job was signed in: what is stored stays, and the job goes on \
                 with its own"
            ),
        }
        Ok(())
    }
}
