//! Secrets by name: where each of them is kept, since when, where it came from, and what Microsoft has against it.

use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::Store;
use super::audit::AuditEvent;
use super::error::StoreError;
use super::sealing::Sealed;
use super::secret_name::SecretName;
use super::tables;
use super::txn::{ReadTxn, WriteTxn};
use crate::domain::token::{Refusal, Trouble};

/// Where a secret came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Obtained {
    /// When, UTC.
    pub at: Timestamp,
    /// The operator's name.
    pub by: String,
    /// The user who gave the consent that brought it; none where it was typed in.
    #[serde(default)]
    pub user: Option<String>,
}

/// Why a secret is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Somebody typed it in.
    ByHand,
    /// A consent brought it; its user, where the token tells that.
    Consent(Option<String>),
    /// Its use brought it in place of the one before, which it goes on for.
    Renewal {
        /// Whether it was used for Partner Center itself: what another audience takes may lack a consent here.
        is_own: bool,
    },
    /// It was kept elsewhere before, and is as old as it was there.
    Moved {
        /// When it was set there, UTC.
        set_at: Timestamp,
        /// Where it came from at first, where that is known.
        obtained: Option<Obtained>,
    },
    /// Another host put it into the key vault, where it was seen.
    Found {
        /// When it was put there, UTC.
        set_at: Timestamp,
        /// Where it came from at first, where that is known.
        obtained: Option<Obtained>,
    },
}

/// Where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretPlace {
    /// Sealed in the store.
    Store,
    /// In the key vault, in this version when it was seen last.
    KeyVault {
        /// The vault's name of the version.
        version: String,
    },
}

/// What is known of a secret beside its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretInfo {
    /// When it was set or renewed last, UTC.
    pub set_at: Timestamp,
    /// The operator's name.
    pub set_by: String,
    /// Where it came from at first; none where an earlier version of the program stored it.
    pub obtained: Option<Obtained>,
    /// Where it is.
    pub place: SecretPlace,
    /// Why Microsoft refused the sign-in with it, until it or what goes with it is set anew.
    pub refused: Option<Refusal>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Stored {
    #[serde(default)]
    pub(super) sealed: Option<Sealed>,
    /// The version in the key vault, where it is there.
    #[serde(default)]
    pub(super) vault_version: Option<String>,
    set_at: Timestamp,
    set_by: String,
    #[serde(default)]
    obtained: Option<Obtained>,
    #[serde(default)]
    refused: Option<Refusal>,
}

impl ReadTxn {
    /// What is known of a secret, if it is set.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn secret_info(&self, name: SecretName) -> Result<Option<SecretInfo>, StoreError> {
        let stored = self.stored(name)?;
        Ok(stored.map(|Stored { vault_version, set_at, set_by, obtained, refused, .. }| SecretInfo {
            set_at,
            set_by,
            obtained,
            place: vault_version.map_or(SecretPlace::Store, |version| SecretPlace::KeyVault { version }),
            refused,
        }))
    }

    /// The sealed secret, to be opened outside of the transaction; none where it is kept elsewhere.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn sealed_secret(&self, name: SecretName) -> Result<Option<Sealed>, StoreError> {
        Ok(self.stored(name)?.and_then(|stored| stored.sealed))
    }

    pub(super) fn stored(&self, name: SecretName) -> Result<Option<Stored>, StoreError> {
        self.get(tables::SECRETS, name.as_str().as_bytes())
    }
}

impl WriteTxn {
    /// Keeps a secret that was sealed by [`Store::seal`].
    ///
    /// # Errors
    /// When the store can't be written.
    pub fn put_sealed(&mut self, name: SecretName, sealed: Sealed, origin: Origin) -> Result<(), StoreError> {
        let set_at = match &origin {
            Origin::Moved { set_at, .. } | Origin::Found { set_at, .. } => *set_at,
            _ => Timestamp::now(),
        };
        self.put_stored(name, Some(sealed), None, set_at, origin)
    }

    /// Notes that a secret is in the key vault, in this version since `set_at` (UTC). Nothing of it is kept here any more.
    ///
    /// # Errors
    /// When the store can't be written.
    pub fn put_in_vault(
        &mut self,
        name: SecretName,
        version: &str,
        set_at: Timestamp,
        origin: Origin,
    ) -> Result<(), StoreError> {
        self.put_stored(name, None, Some(version.to_owned()), set_at, origin)
    }

    fn put_stored(
        &mut self,
        name: SecretName,
        sealed: Option<Sealed>,
        vault_version: Option<String>,
        set_at: Timestamp,
        origin: Origin,
    ) -> Result<(), StoreError> {
        let set_by = self.operator().name.clone();
        let before = self.stored(name)?;
        let renewal = match origin {
            Origin::Renewal { is_own } => Some(is_own),
            _ => None,
        };
        let (action, obtained) = match origin {
            Origin::ByHand => ("secret.set", Some(Obtained { at: set_at, by: set_by.clone(), user: None })),
            Origin::Consent(user) => {
                ("secret.consent", Some(Obtained { at: set_at, by: set_by.clone(), user }))
            }
            Origin::Renewal { .. } => {
                ("secret.renew", before.as_ref().and_then(|stored| stored.obtained.clone()))
            }
            Origin::Moved { obtained, .. } => ("secret.move", obtained),
            Origin::Found { obtained, .. } => ("secret.found", obtained),
        };
        let place = if vault_version.is_some() { "in the key vault" } else { "" };
        let goes_on =
            |before: &Stored| renewal.is_some() || (obtained.is_some() && before.obtained == obtained);
        let refused = before.filter(goes_on).and_then(|before| before.refused);
        let refused = refused.filter(|refused| match renewal {
            None => true,
            Some(true) => refused.outlives_renewal(),
            Some(false) => !refused.is_disproved_by_renewal(),
        });
        let stored = Stored { sealed, vault_version, set_at, set_by, obtained, refused };
        self.put(tables::SECRETS, name.as_str().as_bytes(), &stored)?;
        if name == SecretName::CpvAppSecret {
            self.forgive_token(|refused| refused.trouble() == Trouble::App)?;
        }
        self.audit_secret(action, name, place)
    }

    /// Forgets what Microsoft had against a sign-in with the refresh token, if it is one of these.
    pub(super) fn forgive_token(&mut self, is_forgiven: impl Fn(&Refusal) -> bool) -> Result<(), StoreError> {
        let refused = self.stored(SecretName::RefreshToken)?.and_then(|stored| stored.refused);
        self.put_refusal(SecretName::RefreshToken, refused.filter(|refused| !is_forgiven(refused)))
    }

    /// Notes that a sign-in with a secret was refused, or that nothing is known of that any more.
    ///
    /// # Errors
    /// When the store can't be written.
    pub(super) fn put_refusal(
        &mut self,
        name: SecretName,
        refused: Option<Refusal>,
    ) -> Result<(), StoreError> {
        match self.stored(name)? {
            Some(stored) if stored.refused != refused => {
                self.put(tables::SECRETS, name.as_str().as_bytes(), &Stored { refused, ..stored })
            }
            _ => Ok(()),
        }
    }

    /// Forgets a secret; whether there was one.
    ///
    /// # Errors
    /// When the store can't be written.
    pub fn remove_secret(&mut self, name: SecretName) -> Result<bool, StoreError> {
        let there = self.remove(tables::SECRETS, name.as_str().as_bytes())?;
        if there {
            self.audit_secret("secret.remove", name, "")?;
        }
        Ok(there)
    }

    /// Notes that somebody has a secret shown or copied.
    ///
    /// # Errors
    /// When the store can't be written: then it must not be shown.
    pub fn note_reveal(&mut self, name: SecretName, how: &str) -> Result<(), StoreError> {
        self.audit_secret("secret.reveal", name, how)
    }

    fn audit_secret(&mut self, action: &str, name: SecretName, detail: &str) -> Result<(), StoreError> {
        let (action, subject) = (action.to_owned(), name.as_str().to_owned());
        self.audit(AuditEvent { action, subject, detail: detail.to_owned() })
    }
}

impl Store {
    /// Keeps a secret. The first one makes the identity file.
    ///
    /// # Errors
    /// [`StoreError::Identity`] where the identity file is missing, open to others or not the one of the secrets that are there.
    pub fn put_secret(&self, name: SecretName, value: &SecretString) -> Result<(), StoreError> {
        let sealed = self.seal(name, value)?;
        self.write(|txn| txn.put_sealed(name, sealed, Origin::ByHand))
    }

    /// A secret, if it is set and kept here.
    ///
    /// # Errors
    /// [`StoreError::Identity`] where the identity file is missing, open to others or another one.
    pub fn secret(&self, name: SecretName) -> Result<Option<SecretString>, StoreError> {
        let sealed = self.read(|txn| txn.sealed_secret(name))?;
        sealed.map(|sealed| self.unseal(name, &sealed)).transpose()
    }
}
