//! Why a job did not do what it was asked for.

use super::consent::error::ConsentError;
use crate::partner_center::{ApiError, VaultError};
use crate::store::StoreError;

/// See the module.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Something that only the operator can give is missing.
    #[error("{missing} is not set: {remedy}")]
    NotSetUp {
        /// What.
        missing: &'static str,
        /// How to set it.
        remedy: &'static str,
    },
    /// Somebody runs the same job.
    #[error(
        "{operator} (process {pid} on {host}) is {doing} since {since} UTC; wait for it, or ask them to cancel it"
    )]
    HeldBy {
        /// Who.
        operator: String,
        /// Their process.
        pid: u32,
        /// Their machine.
        host: String,
        /// What they are doing.
        doing: &'static str,
        /// Since when.
        since: String,
    },
    /// There is no such job, or it is in no state for this.
    #[error("{0}")]
    WrongJob(String),
    /// An operator cancelled it.
    #[error("cancelled; what was done is kept, and resuming goes on from there")]
    Cancelled,
    /// See [`ApiError`].
    #[error(transparent)]
    Api(#[from] ApiError),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
    /// See [`VaultError`].
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// See [`ConsentError`].
    #[error(transparent)]
    Consent(#[from] ConsentError),
    /// A secret that is to be moved can't be taken out of its vault.
    #[error(
        "{name} can't be taken out of the key vault: {error}. Mend that and save again; or leave it there \
         (settings set --leave-secrets, or l when the dashboard asks) and set it anew"
    )]
    NotGiven {
        /// Its name.
        name: &'static str,
        /// What the vault says.
        error: Box<JobError>,
    },
    /// The vault that a secret is to be moved to has a newer one.
    #[error(
        "the key vault has a newer {name} than the one here, which would be gone: settings set --take-newer uses the vault's, and where \
         that belongs to somebody else, key_vault_name_{name} gives this one another name there"
    )]
    NewerInVault {
        /// Its name.
        name: &'static str,
    },
    /// A secret that stays in its vault is not given to who opens that by new settings.
    #[error("the key vault does not give {name} to who opens it by these settings: {error}")]
    NotOpened {
        /// Its name.
        name: &'static str,
        /// What the vault says.
        error: Box<JobError>,
    },
    /// Settings could not be saved once the vault had taken secrets.
    #[error("{error} (by then the key vault had taken {names}: it has a copy now)")]
    OnlyInVault {
        /// The secrets' names.
        names: String,
        /// Why they could not.
        error: Box<JobError>,
    },
    /// Settings that do not fit together.
    #[error("{0}")]
    Settings(String),
    /// A part of the program ended without an answer.
    #[error("this is a fault of the program: {0}")]
    Fault(String),
}

impl JobError {
    /// There is no app.
    #[must_use]
    pub fn no_app_id() -> Self {
        Self::NotSetUp { missing: "the CPV App ID", remedy: "cspdeck settings set cpv_app_id=GUID" }
    }

    /// There is no refresh token.
    #[must_use]
    pub fn no_token() -> Self {
        Self::NotSetUp {
            missing: "the refresh token",
            remedy: "give the consent (cspdeck consent), or cspdeck settings secret refresh_token (value on stdin)",
        }
    }

    /// Whether the same may well succeed later, with nothing changed here.
    #[must_use]
    pub fn is_worth_retrying_later(&self) -> bool {
        match self {
            Self::HeldBy { .. } | Self::Store(StoreError::InUse { .. }) => true,
            Self::Api(error) => error.is_worth_retrying_later(),
            Self::Vault(error) => error.is_worth_retrying_later(),
            Self::NotGiven { error, .. }
            | Self::NotOpened { error, .. }
            | Self::OnlyInVault { error, .. } => error.is_worth_retrying_later(),
            _ => false,
        }
    }

    /// The same, where the vault has taken these secrets by then.
    pub(super) fn once_in_vault(self, names: String) -> Self {
        Self::OnlyInVault { names, error: Box::new(self) }
    }

    /// Whether somebody else was first.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        match self {
            Self::Store(error) => matches!(error, StoreError::Conflict(_)),
            Self::OnlyInVault { error, .. } => error.is_conflict(),
            _ => false,
        }
    }
}

/// Runs blocking work, such as a transaction, beside the network's tasks.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, JobError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => Ok(result?),
        Err(error) => Err(JobError::Fault(error.to_string())),
    }
}
