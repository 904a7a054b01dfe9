//! The refresh token that a job has signed in with: where what it is exchanged for goes.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use secrecy::SecretString;
use tokio::runtime::Handle;

use super::{is_kept_there_still, vault};
use crate::domain::settings::Settings;
use crate::domain::token::{MFA_MISSING, Refusal};
use crate::partner_center::{KeyVault, NotKept, TokenKeeper, VaultError};
use crate::store::{Origin, SecretMark, SecretName, Store, StoreError};

/// Where a token goes that was renewed.
pub(super) enum Place {
    Store,
    Vault {
        vault: KeyVault,
        name: String,
        /// That was read or stored here last.
        version: Mutex<String>,
        /// By which it is there.
        settings: Box<Settings>,
        runtime: Handle,
    },
}

/// The token that a job has signed in with, for keeping what it is exchanged for.
pub struct StoredToken {
    store: Store,
    /// Of the token that was read or stored here last.
    used: Mutex<SecretMark>,
    place: Place,
    kept: Mutex<Option<Kept>>,
}

/// What became of the token that an exchange brought last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::jobs) enum Kept {
    /// It was stored.
    Stored,
    /// Another one was set meanwhile, or the one before was removed, and that stays.
    Overtaken,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl StoredToken {
    pub(super) fn new(store: Store, used: SecretMark, place: Place) -> Self {
        Self { store, used: Mutex::new(used), place, kept: Mutex::new(None) }
    }

    /// What became of the last token that came; none where none came.
    pub(in crate::jobs) fn kept(&self) -> Option<Kept> {
        *locked(&self.kept)
    }

    /// Takes the refusal back that is noted on the token in use, if it is one of these.
    fn disprove(&self, is_disproved: impl Fn(&Refusal) -> bool) {
        let used = locked(&self.used).clone();
        if let Err(error) = self.store.drop_refusal(SecretName::RefreshToken, &used, is_disproved) {
            tracing::warn!("that Microsoft takes the sign-in (again) could not be noted: {error}");
        }
    }

    fn keep_in_store(&self, renewed: &SecretString, is_own: bool) -> Result<bool, NotKept> {
        let mut used = locked(&self.used);
        let stored = self.store.exchange_secret(SecretName::RefreshToken, &used, renewed, is_own);
        let mark = stored.map_err(|error| {
            let passes = matches!(error, StoreError::InUse { .. });
            NotKept { reason: error.to_string(), passes }
        })?;
        let kept = mark.is_some();
        if let Some(mark) = mark {
            *used = mark;
        }
        Ok(kept)
    }

    fn keep_in_vault(
        &self,
        (renewed, is_own): (&SecretString, bool),
        key_vault: &KeyVault,
        name: &str,
        version: &mut String,
        settings: &Settings,
        runtime: &Handle,
    ) -> Result<bool, NotKept> {
        let why = |error: VaultError| NotKept {
            reason: error.to_string(),
            passes: error.is_worth_retrying_later(),
        };
        let obtained = match runtime.block_on(key_vault.get(name, None)) {
            Ok(newest) if newest.info.version == *version => vault::obtained(&newest.info),
            Ok(_) | Err(VaultError::NoSecret { .. }) => return Ok(false),
            Err(error) => return Err(why(error)),
        };
        *version =
            runtime.block_on(vault::write(key_vault, name, renewed, obtained.as_ref(), None)).map_err(why)?;
        let before = std::mem::replace(&mut *locked(&self.used), SecretMark::of_vault_version(version));
        let noted = self.store.write(|txn| {
            // Somebody may have taken the token out of the vault meanwhile: what is here now counts.
            if !is_kept_there_still(txn, settings, SecretName::RefreshToken)? {
                return Ok(false);
            }
            if txn.secret_mark(SecretName::RefreshToken)?.as_ref() == Some(&before) {
                txn.put_in_vault(
                    SecretName::RefreshToken,
                    version,
                    Timestamp::now(),
                    Origin::Renewal { is_own },
                )?;
            }
            Ok(true)
        });
        noted.or_else(|error| {
            // The vault has it; the next look at the vault brings the note up to date.
            tracing::warn!("that the key vault has a newer refresh token could not be noted: {error}");
            Ok(true)
        })
    }
}

impl TokenKeeper for StoredToken {
    /// One that was set meanwhile, by hand or by another host, is meant to take the place of the renewed one, so it stays.
    fn keep(&self, renewed: &SecretString, is_own: bool) -> Result<(), NotKept> {
        let kept = match &self.place {
            Place::Store => self.keep_in_store(renewed, is_own)?,
            Place::Vault { vault, name, version, settings, runtime } => {
                self.keep_in_vault((renewed, is_own), vault, name, &mut locked(version), settings, runtime)?
            }
        };
        *locked(&self.kept) = Some(if kept { Kept::Stored } else { Kept::Overtaken });
        if !kept {
            tracing::warn!(
                "the refresh token was set or removed while this job was signed in: what is stored stays, and the job goes on \
                 with its own"
            );
        }
        Ok(())
    }

    /// Every dashboard on this store shows it, until another token is set.
    fn refused(&self, code: &str) {
        let refusal = Refusal { at: Timestamp::now(), code: code.to_owned() };
        let used = locked(&self.used).clone();
        if let Err(error) = self.store.note_refusal(SecretName::RefreshToken, &used, refusal) {
            tracing::warn!("that Microsoft refused the sign-in could not be noted: {error}");
        }
    }

    /// What Microsoft had against it holds no more.
    fn accepted(&self) {
        self.disprove(|refused| !refused.outlives_renewal());
    }

    fn has_mfa(&self) {
        self.disprove(|refused| refused.code == MFA_MISSING);
    }
}
