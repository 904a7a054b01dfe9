//! What can go wrong between here and a vault. No error holds a value, a token, or a server's text that was not cleaned.

use std::time::Duration;

use jiff::Timestamp;

use crate::partner_center::call::Call;
use crate::partner_center::error::ApiError;
use crate::partner_center::refusal::Refusal;

/// Why a vault did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// An option that the client can't work with.
    #[error(
        "the client for Azure Key Vault can't use the {option}: {reason}. Correct it in the settings or the configuration"
    )]
    BadOption {
        /// Which one.
        option: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A name that no secret can have.
    #[error(
        "\"{0}\" can't be the name of a secret in Azure Key Vault: it takes 1 to 127 letters, digits and hyphens. Choose another"
    )]
    BadName(String),
    /// A version that no secret can have.
    #[error("\"{0}\" can't be the version of a secret in Azure Key Vault: take it from the list of versions")]
    BadVersion(String),
    /// A value that the vault would refuse.
    #[error(
        "the value for the secret {name} has {bytes} bytes, and Azure Key Vault takes 25600 at most: check what was given"
    )]
    TooLarge {
        /// The secret.
        name: String,
        /// The value's length.
        bytes: usize,
    },
    /// There is no such secret or version.
    #[error("{} does not have {}: {refusal}. Store it there, or correct its name in the settings{call}", .call.host, .call.what)]
    NoSecret {
        /// The call.
        call: Box<Call>,
        /// The answer.
        refusal: Refusal,
    },
    /// It was deleted and is kept for a while; until it is purged, no other can take its name.
    #[error(
        "in {} the secret {name} is deleted{}. Recover it (az keyvault secret recover --vault-name {vault_name} --name {name}), or \
         purge it (az keyvault secret purge, the same way) and store it anew{call}", .call.host, until(.purged_at)
    )]
    Deleted {
        /// The call.
        call: Box<Call>,
        /// The secret.
        name: String,
        /// The vault's name, as commands take it.
        vault_name: String,
        /// When it is gone for good.
        purged_at: Option<Timestamp>,
    },
    /// It is disabled.
    #[error("in {} {} is disabled. Enable it there, or store a new version{call}", .call.host, .call.what)]
    Disabled {
        /// The call.
        call: Box<Call>,
    },
    /// It is not to be used before its time.
    #[error(
        "in {} {} is not valid yet{}. Wait for that, or change its activation date there{call}", .call.host, .call.what, before(.from)
    )]
    NotYetValid {
        /// The call.
        call: Box<Call>,
        /// When it becomes valid.
        from: Option<Timestamp>,
    },
    /// It is not to be used any more.
    #[error("in {} {} has expired{}. Store a new version, or change its expiry there{call}", .call.host, .call.what, on(.at))]
    Expired {
        /// The call.
        call: Box<Call>,
        /// When it did.
        at: Option<Timestamp>,
    },
    /// The vault is busy with that name, or a deleted secret holds it.
    #[error(
        "{} is busy with {}: {refusal}. It is being deleted, recovered or written by somebody else: try again in a minute{call}",
        .call.host, .call.what
    )]
    Conflict {
        /// The call.
        call: Box<Call>,
        /// The answer.
        refusal: Refusal,
        /// Whether a deleted secret is in the way.
        is_deleted: bool,
    },
    /// No right.
    #[error(
        "{} denies {} to {identity}: {refusal}. Give it the role \"Key Vault Secrets Officer\" on the vault (a token that is read \
         is renewed there too), or get, list and set where the vault has access policies; a new role takes some minutes{call}", .call.host, .call.what
    )]
    Denied {
        /// The call.
        call: Box<Call>,
        /// The answer.
        refusal: Refusal,
        /// Who asked.
        identity: &'static str,
    },
    /// The vault's firewall.
    #[error(
        "the firewall of {} keeps this machine out: {refusal}. Allow its address under Networking of the vault, or use the vault's \
         private endpoint{call}", .call.host
    )]
    Firewall {
        /// The call.
        call: Box<Call>,
        /// The answer.
        refusal: Refusal,
    },
    /// The vault refused an access token that was fresh.
    #[error(
        "{} refused {} although the sign-in was just renewed: {refusal}. Check that {identity} belongs to the tenant of the vault, \
         and this machine's clock{call}", .call.host, .call.what
    )]
    NotSignedIn {
        /// The call.
        call: Box<Call>,
        /// The answer.
        refusal: Refusal,
        /// Who asked.
        identity: &'static str,
    },
    /// Too many requests, over all attempts.
    #[error("{} throttles {}{}. Try again later{call}", .call.host, .call.what, asking(.wait))]
    Throttled {
        /// The call.
        call: Box<Call>,
        /// The wait that it asks for.
        wait: Option<Duration>,
    },
    /// The vault's name leads nowhere.
    #[error(
        "there is no vault {}: the name is not known. Correct the address of the vault in the settings, or see to this machine's name \
         service if others are not found either{call}", .call.host
    )]
    UnknownVault {
        /// The call.
        call: Box<Call>,
    },
    /// The vault wants a token by a way that must not be gone.
    #[error(
        "{} asks for a sign-in that is not given: {reason}. Nothing secret was sent; check the addresses of the vault and of the login \
         in settings and configuration{call}", .call.host
    )]
    ForeignChallenge {
        /// The call.
        call: Box<Call>,
        /// What is wrong with it.
        reason: String,
    },
    /// The machine has no identity to sign in with.
    #[error(
        "this machine has no managed identity (not an Azure VM, or none assigned): {reason}. Assign one and its role on the vault, or \
         open the vault as an app{call}"
    )]
    NoManagedIdentity {
        /// The call.
        call: Box<Call>,
        /// How it shows.
        reason: String,
    },
    /// The machine does not have this identity.
    #[error(
        "this machine has no managed identity with the client id {client_id}: {reason}. Assign that identity to it, or correct \
         key_vault_identity in the settings{call}"
    )]
    NotThisIdentity {
        /// The call.
        call: Box<Call>,
        /// The identity's client id.
        client_id: String,
        /// How it shows.
        reason: String,
    },
    /// The app that should open the vault was refused.
    #[error("Microsoft refused the sign-in for {vault}: {meaning} ({code}). {advice}{call}")]
    AppRefused {
        /// The sign-in.
        call: Box<Call>,
        /// The vault.
        vault: String,
        /// OAuth's `error`, with the AADSTS number where there is one.
        code: String,
        /// What it means.
        meaning: String,
        /// What the operator can do.
        advice: &'static str,
    },
    /// A link to the next page that must not be followed.
    #[error("the link to the next page of {} is not followed: {reason}. Nothing was sent there; check the address of the vault{call}", .call.what)]
    ForeignLink {
        /// The call.
        call: Box<Call>,
        /// What is wrong with the link.
        reason: String,
    },
    /// A list that does not end.
    #[error("{} sends {} without end: {pages} pages came. Check the address of the vault; if it is right, purge old versions{call}", .call.host, .call.what)]
    EndlessList {
        /// The call.
        call: Box<Call>,
        /// How many were taken.
        pages: usize,
    },
    /// The exchange itself failed.
    #[error(transparent)]
    Exchange(#[from] ApiError),
}

fn until(purged_at: &Option<Timestamp>) -> String {
    purged_at.map(|at| format!(" and will be gone for good on {at:.0}")).unwrap_or_default()
}

fn before(from: &Option<Timestamp>) -> String {
    from.map(|from| format!(", but from {from:.0} on")).unwrap_or_default()
}

fn on(at: &Option<Timestamp>) -> String {
    at.map(|at| format!(" on {at:.0}")).unwrap_or_default()
}

fn asking(wait: &Option<Duration>) -> String {
    wait.map(|wait| format!(" and asks to wait about {} s", wait.as_secs())).unwrap_or_default()
}

impl VaultError {
    /// The call that failed; none for what was refused before any call.
    #[must_use]
    pub fn call(&self) -> Option<&Call> {
        match self {
            Self::BadOption { .. } | Self::BadName(_) | Self::BadVersion(_) | Self::TooLarge { .. } => None,
            Self::NoSecret { call, .. }
            | Self::Deleted { call, .. }
            | Self::Disabled { call }
            | Self::NotYetValid { call, .. }
            | Self::Expired { call, .. }
            | Self::Conflict { call, .. }
            | Self::Denied { call, .. }
            | Self::Firewall { call, .. }
            | Self::NotSignedIn { call, .. }
            | Self::Throttled { call, .. }
            | Self::UnknownVault { call }
            | Self::ForeignChallenge { call, .. }
            | Self::NoManagedIdentity { call, .. }
            | Self::NotThisIdentity { call, .. }
            | Self::AppRefused { call, .. }
            | Self::ForeignLink { call, .. }
            | Self::EndlessList { call, .. } => Some(call),
            Self::Exchange(error) => error.call(),
        }
    }

    /// Whether the vault has the secret, and gives it to nobody as it is.
    #[must_use]
    pub fn withholds(&self) -> bool {
        matches!(
            self,
            Self::Deleted { .. } | Self::Disabled { .. } | Self::NotYetValid { .. } | Self::Expired { .. }
        )
    }

    /// Whether the same may well succeed later, with nothing changed here.
    #[must_use]
    pub fn is_worth_retrying_later(&self) -> bool {
        match self {
            Self::Throttled { .. } | Self::Conflict { .. } => true,
            Self::Exchange(error) => error.is_worth_retrying_later(),
            _ => false,
        }
    }
}
