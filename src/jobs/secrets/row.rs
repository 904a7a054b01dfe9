//! What is written in the store of a secret: sealed it itself, or in which version the vault has it.

use jiff::Timestamp;

use super::vault;
use crate::partner_center::VersionInfo;
use crate::store::{Origin, Sealed, SecretName, StoreError, WriteTxn};

/// See the module. It is ready, so that it can be written together with something else.
pub(in crate::jobs) struct Row {
    name: SecretName,
    held: Held,
    origin: Origin,
}

enum Held {
    Sealed(Sealed),
    InVault { version: String, set_at: Timestamp },
}

impl Row {
    pub(super) fn sealed(name: SecretName, sealed: Sealed, origin: Origin) -> Self {
        Self { name, held: Held::Sealed(sealed), origin }
    }

    pub(super) fn in_vault(name: SecretName, version: String, set_at: Timestamp, origin: Origin) -> Self {
        Self { name, held: Held::InVault { version, set_at }, origin }
    }

    /// A version that somebody else has put into the vault. It never changes, so it is as old as that is.
    pub(super) fn found(name: SecretName, info: &VersionInfo) -> Self {
        let (set_at, obtained) = (vault::set_at(info), vault::obtained(info));
        Self::in_vault(name, info.version.clone(), set_at, Origin::Found { set_at, obtained })
    }

    /// The version in which the vault has the secret; none where it is sealed here.
    pub(in crate::jobs) fn version(&self) -> Option<&str> {
        match &self.held {
            Held::InVault { version, .. } => Some(version),
            Held::Sealed(_) => None,
        }
    }

    /// Whether the vault has the secret.
    pub(in crate::jobs) fn is_in_vault(&self) -> bool {
        self.version().is_some()
    }

    /// Writes it.
    ///
    /// # Errors
    /// When the store can't be written.
    pub(in crate::jobs) fn write(self, txn: &mut WriteTxn) -> Result<(), StoreError> {
        match self.held {
            Held::Sealed(sealed) => txn.put_sealed(self.name, sealed, self.origin),
            Held::InVault { version, set_at } => txn.put_in_vault(self.name, &version, set_at, self.origin),
        }
    }
}
