//! The stored refresh token: how it stands, and what becomes of it while a job is signed in with it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use secrecy::SecretString;

use crate::domain::token::{Held, Refusal, Token};
use crate::partner_center::TokenKeeper;
use crate::store::{ReadTxn, SecretMark, SecretName, Store, StoreError};

/// How the stored token stands.
///
/// # Errors
/// When the store can't be read.
pub fn standing(txn: &ReadTxn) -> Result<Token, StoreError> {
    let Some(info) = txn.secret_info(SecretName::RefreshToken)? else { return Ok(Token::Missing) };
    Ok(Token::Held(Held {
        rotated_at: info.set_at,
        obtained_at: info.obtained.map(|obtained| obtained.at),
        renew_after: txn.settings()?.value.refresh_token_regeneration_days,
        refused: info.refused,
    }))
}

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

    fn used(&self) -> MutexGuard<'_, SecretMark> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TokenKeeper for StoredToken {
    /// One that was set by hand meanwhile is meant to take the place of the renewed one, so it stays.
    fn keep(&self, renewed: &SecretString) -> Result<(), String> {
        let mut used = self.used();
        let stored = self.store.exchange_secret(SecretName::RefreshToken, &used, renewed);
        match stored.map_err(|error| error.to_string())? {
            Some(mark) => *used = mark,
            None => tracing::warn!(
                "the refresh token was set or removed while this job was signed in: what is stored stays, and the job goes on \
                 with its own"
            ),
        }
        Ok(())
    }

    /// Every dashboard on this store shows it, until another token is set.
    fn refused(&self, code: &str) {
        let refusal = Refusal { at: Timestamp::now(), code: code.to_owned() };
        if let Err(error) = self.store.note_refusal(SecretName::RefreshToken, &self.used(), refusal) {
            tracing::warn!("that Microsoft refused the sign-in could not be noted: {error}");
        }
    }
}
