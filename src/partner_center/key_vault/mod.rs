//! Azure Key Vault, the other place for secrets (<https://learn.microsoft.com/rest/api/keyvault/secrets>). The vault itself says
//! which tenant it trusts; the sign-in is an app's of its own, or the managed identity of the machine.

mod access;
mod challenge;
mod client;
mod error;
mod options;
mod patience;
mod refused;
mod secret;

use std::fmt;
use std::sync::Arc;

use secrecy::SecretString;

pub use error::VaultError;
pub use options::{Access, KeyVaultOptions};
pub use secret::{DeletedInfo, VaultSecret, VersionInfo};

use client::{Ask, Client};
use secret::NewSecret;

/// One vault. Cheap to clone; all clones share sign-in and connections.
///
/// Every call retries what may pass by itself, and fails with a [`VaultError`].
#[derive(Clone)]
pub struct KeyVault(Arc<Client>);

impl KeyVault {
    /// Prepares a client; nothing is sent yet.
    ///
    /// # Errors
    /// [`VaultError::BadOption`].
    pub fn new(options: &KeyVaultOptions) -> Result<Self, VaultError> {
        Client::new(options).map(|client| Self(Arc::new(client)))
    }

    /// The newest version of a secret, or the one that is named. The vault hands out what has expired or is not yet valid; here it
    /// is refused, as whoever set the dates meant it.
    ///
    /// # Errors
    /// [`VaultError::NoSecret`], [`VaultError::Deleted`], [`VaultError::Disabled`], [`VaultError::Expired`],
    /// [`VaultError::NotYetValid`], or any other.
    pub async fn get(&self, name: &str, version: Option<&str>) -> Result<VaultSecret, VaultError> {
        let name = secret::name(name)?;
        let (what, url) = match version.map(secret::version).transpose()? {
            Some(version) => (
                format!("version {version} of the secret {name}"),
                self.0.address(&["secrets", name, version]),
            ),
            None => (format!("the secret {name}"), self.0.address(&["secrets", name])),
        };
        match self.0.ask(&Ask::read(&what, url)).await {
            Ok((document, call)) => secret::read(document, call),
            Err(missing @ VaultError::NoSecret { .. }) => Err(self.deleted_or(missing, name).await),
            Err(error) => Err(error),
        }
    }

    /// Stores a value as a new version; the versions before it stay. Of two writers at the same time neither loses anything: the
    /// newest version counts, and each knows its own by what is returned. A retry after a lost answer may leave two versions with
    /// the same value.
    ///
    /// # Errors
    /// [`VaultError::TooLarge`] before anything is sent, [`VaultError::Deleted`] where a deleted secret holds the name, or any
    /// other.
    pub async fn set(
        &self,
        name: &str,
        value: &SecretString,
        tags: &[(&str, &str)],
        content_type: Option<&str>,
    ) -> Result<VersionInfo, VaultError> {
        let name = secret::name(name)?;
        let body = NewSecret::body(name, value, tags, content_type)?;
        let ask = Ask::write(&format!("the secret {name}"), self.0.address(&["secrets", name]), body);
        match self.0.ask(&ask).await {
            Ok((document, call)) => secret::read_info(&document, call),
            Err(VaultError::Conflict { call, is_deleted: true, .. }) => {
                let vault_name = self.0.vault_name();
                // When it goes for good is worth a word, not an error of its own.
                let purged_at = self.deleted(name).await.ok().flatten().and_then(|info| info.purged_at);
                Err(VaultError::Deleted { call, name: name.to_owned(), vault_name, purged_at })
            }
            Err(error) => Err(error),
        }
    }

    /// The versions of a secret, newest first; none where there is no such secret.
    ///
    /// # Errors
    /// [`VaultError::ForeignLink`] or [`VaultError::EndlessList`] where the list can't be read to its end, or any other.
    pub async fn versions(&self, name: &str) -> Result<Vec<VersionInfo>, VaultError> {
        let name = secret::name(name)?;
        let what = format!("the versions of the secret {name}");
        self.0.list(&what, &["secrets", name, "versions"]).await
    }

    /// What the vault still knows of a secret that was deleted; none where it knows nothing.
    ///
    /// # Errors
    /// Any.
    pub async fn deleted(&self, name: &str) -> Result<Option<DeletedInfo>, VaultError> {
        let name = secret::name(name)?;
        let what = format!("the deleted secret {name}");
        let ask = Ask::read(&what, self.0.address(&["deletedsecrets", name]));
        match self.0.ask(&ask).await {
            Ok((document, _)) => Ok(Some(DeletedInfo::read(&document))),
            Err(VaultError::NoSecret { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether what is missing was deleted. An identity that may not see deleted secrets is told that it is missing.
    async fn deleted_or(&self, missing: VaultError, name: &str) -> VaultError {
        let deleted = self.deleted(name).await.ok().flatten();
        match (missing, deleted) {
            (VaultError::NoSecret { call, .. }, Some(info)) => VaultError::Deleted {
                call,
                name: name.to_owned(),
                vault_name: self.0.vault_name(),
                purged_at: info.purged_at,
            },
            (missing, _) => missing,
        }
    }
}

impl fmt::Debug for KeyVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyVault").field("host", &self.0.host()).finish_non_exhaustive()
    }
}
