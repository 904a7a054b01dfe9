//! Secrets that are exchanged for newer ones while they are in use, as a refresh token is: the newer one is stored only where
//! nobody has set another one meanwhile.

use secrecy::SecretString;
use sha2::{Digest, Sha256};

use super::Store;
use super::error::StoreError;
use super::sealing::Sealed;
use super::secret_name::SecretName;
use super::secrets::{Origin, Stored};
use super::txn::ReadTxn;
use crate::domain::token::Refusal;

/// Tells one stored secret from every other that was ever stored, also from one with the same value; says nothing of the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretMark([u8; 32]);

impl SecretMark {
    /// Sealing is never twice the same, so the sealed form is as good as a number.
    fn of_sealed(sealed: &Sealed) -> Self {
        Self(Sha256::digest(sealed.ciphertext()).into())
    }

    /// A key vault numbers its versions.
    #[must_use]
    pub fn of_vault_version(version: &str) -> Self {
        Self(Sha256::digest(["vault\0", version].concat()).into())
    }

    fn of(stored: &Stored) -> Option<Self> {
        let in_vault = || stored.vault_version.as_deref().map(Self::of_vault_version);
        stored.sealed.as_ref().map(Self::of_sealed).or_else(in_vault)
    }
}

impl ReadTxn {
    /// The mark of the secret that is stored now.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn secret_mark(&self, name: SecretName) -> Result<Option<SecretMark>, StoreError> {
        Ok(self.stored(name)?.as_ref().and_then(SecretMark::of))
    }
}

impl Store {
    /// A secret that is to be exchanged, if it is set and kept here, with its mark.
    ///
    /// # Errors
    /// As for [`Store::secret`].
    pub fn marked_secret(&self, name: SecretName) -> Result<Option<(SecretString, SecretMark)>, StoreError> {
        let sealed = self.read(|txn| txn.sealed_secret(name))?;
        sealed.map(|sealed| Ok((self.unseal(name, &sealed)?, SecretMark::of_sealed(&sealed)))).transpose()
    }

    /// Stores the newer secret, which the use of one has brought (`is_own`: see [`Origin::Renewal`]), if the one with this mark is still the stored one, and returns its mark. None where it was set or
    /// removed meanwhile: then what is stored stays.
    ///
    /// # Errors
    /// As for [`Store::put_secret`].
    pub fn exchange_secret(
        &self,
        name: SecretName,
        used: &SecretMark,
        newer: &SecretString,
        is_own: bool,
    ) -> Result<Option<SecretMark>, StoreError> {
        let sealed = self.seal(name, newer)?;
        self.write(|txn| {
            if txn.secret_mark(name)?.as_ref() != Some(used) {
                return Ok(None);
            }
            let mark = SecretMark::of_sealed(&sealed);
            txn.put_sealed(name, sealed, Origin::Renewal { is_own })?;
            Ok(Some(mark))
        })
    }

    /// Notes that a sign-in with the secret of this mark was refused; [`ReadTxn::secret_info`] tells it until another one is set.
    /// Where that has happened already, nothing is noted.
    ///
    /// # Errors
    /// When the store can't be written.
    pub fn note_refusal(
        &self,
        name: SecretName,
        used: &SecretMark,
        refusal: Refusal,
    ) -> Result<(), StoreError> {
        self.write(|txn| match txn.secret_mark(name)? {
            Some(mark) if mark == *used => txn.put_refusal(name, Some(refusal)),
            _ => Ok(()),
        })
    }

    /// Takes a refusal back, if one of these is what is noted on the secret of this mark.
    ///
    /// # Errors
    /// When the store can't be written.
    pub fn drop_refusal(
        &self,
        name: SecretName,
        used: &SecretMark,
        is_disproved: impl Fn(&Refusal) -> bool,
    ) -> Result<(), StoreError> {
        let stands = |txn: &ReadTxn| {
            let refused = txn.secret_info(name)?.and_then(|info| info.refused);
            let is_of = txn.secret_mark(name)?.as_ref() == Some(used);
            Ok::<_, StoreError>(is_of && refused.as_ref().is_some_and(&is_disproved))
        };
        if !self.read(stands)? {
            return Ok(());
        }
        self.write(|txn| if stands(txn)? { txn.put_refusal(name, None) } else { Ok(()) })
    }
}
