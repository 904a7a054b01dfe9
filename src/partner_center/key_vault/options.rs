//! What must be known to open a vault.

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::error::VaultError;
use crate::domain::address::is_loopback;
use crate::partner_center::base::checked;
use crate::partner_center::error::ApiError;
use crate::partner_center::timeouts::Timeouts;

/// Where every Azure machine finds its managed identity: on the link, never beyond it.
const METADATA_HOST: &str = "169.254.169.254";

/// Which vault, and as whom it is opened.
#[derive(Debug, Clone)]
pub struct KeyVaultOptions {
    /// The vault, such as `https://acme-kv.vault.azure.net`.
    pub vault: Url,
    /// The login authority that the vault must name, such as `https://login.microsoftonline.com`.
    pub login: Url,
    /// What tokens for the vault must be for, such as `https://vault.azure.net`.
    pub audience: Url,
    /// Where the machine's managed identity is: `http://169.254.169.254`.
    pub managed_identity: Url,
    /// As whom.
    pub access: Access,
    /// Bounds on the time of one attempt.
    pub timeouts: Timeouts,
    /// How often a request is tried before it counts as failed, the first attempt included.
    pub max_attempts: u32,
}

/// As whom a vault is opened.
#[derive(Debug, Clone)]
pub enum Access {
    /// As the machine, by its managed identity.
    Managed {
        /// The client id of a user-assigned identity; none for the machine's own.
        client_id: Option<String>,
    },
    /// As an app.
    App {
        /// The app's id.
        client_id: String,
        /// The app's secret.
        client_secret: SecretString,
    },
}

impl KeyVaultOptions {
    /// Refuses what can't work before anything is sent.
    pub(super) fn check(&self) -> Result<(), VaultError> {
        let bad = |option, reason: &str| Err(VaultError::BadOption { option, reason: reason.to_owned() });
        let vault = own_words(checked("address of the vault", &self.vault))?;
        if vault.path() != "/" {
            return bad("address of the vault", "it goes on behind the host");
        }
        own_words(checked("login endpoint", &self.login))?;
        own_words(checked("endpoint of Azure Key Vault", &self.audience))?;
        match &self.access {
            Access::Managed { client_id } => {
                let url = &self.managed_identity;
                let is_near = url.host_str() == Some(METADATA_HOST) || is_loopback(url);
                if url.scheme() != "http" || !is_near {
                    return bad("address of the managed identity", "it must be http://169.254.169.254");
                }
                if client_id.as_ref().is_some_and(|id| id.trim().is_empty()) {
                    return bad("client id of the managed identity", "it is empty");
                }
            }
            Access::App { client_id, client_secret } => {
                if client_id.trim().is_empty() {
                    return bad("app id", "it is empty");
                }
                if client_secret.expose_secret().trim().is_empty() {
                    return bad("app secret", "it is empty");
                }
            }
        }
        let Timeouts { connect, read, request } = self.timeouts;
        if connect.is_zero() || read.is_zero() || request.is_zero() {
            return bad("timeouts", "they must be more than 0");
        }
        if self.max_attempts == 0 {
            return bad("limit of attempts", "it must be more than 0");
        }
        Ok(())
    }

    /// Whether all of it is on this machine.
    pub(super) fn is_here(&self) -> bool {
        [&self.vault, &self.login].into_iter().all(is_loopback)
    }
}

/// A refused option is one of the vault's here, not of the client for Partner Center.
fn own_words<T>(checked: Result<T, ApiError>) -> Result<T, VaultError> {
    checked.map_err(|error| match error {
        ApiError::BadOption { option, reason } => VaultError::BadOption { option, reason },
        other => VaultError::Exchange(other),
    })
}
