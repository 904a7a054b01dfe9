//! The key vault: how it is opened, and what is kept there beside a secret's value.

use jiff::Timestamp;
use secrecy::SecretString;
use url::Url;

use crate::domain::settings::{KeyVaultIdentity, Settings};
use crate::jobs::error::{JobError, blocking};
use crate::jobs::reach::Reach;
use crate::partner_center::{Access, KeyVault, KeyVaultOptions, VaultError, VersionInfo};
use crate::store::{Obtained, SecretName, Store};

/// Tags of a secret in the vault, by which hosts that share it know where it came from.
const OBTAINED_AT: &str = "obtained-at";
const OBTAINED_BY: &str = "obtained-by";
const CONSENT_OF: &str = "consent-of";
/// Of one that was moved there: when it was set where it was.
const SET_AT: &str = "set-at";

/// Opens the vault of the settings. `at_hand` are secrets that are to be stored and take the place of those that are.
///
/// # Errors
/// [`JobError::NotSetUp`] where a setting or a secret is missing, or when the store can't be read.
pub(super) async fn open(
    store: &Store,
    reach: &Reach,
    settings: &Settings,
    at_hand: &[(SecretName, SecretString)],
) -> Result<KeyVault, JobError> {
    let missing = |missing, remedy| JobError::NotSetUp { missing, remedy };
    let address = settings.key_vault_url.as_deref();
    let vault = address.and_then(|address| Url::parse(address).ok()).ok_or_else(|| {
        missing("the key vault's address", "cspdeck settings set key_vault_url=https://YOURS.vault.azure.net")
    })?;
    let app_id = || settings.cpv_app_id.clone().ok_or_else(JobError::no_app_id);
    let here = |name: SecretName| {
        let store = store.clone();
        let given = at_hand.iter().find(|(given, _)| *given == name).map(|(_, value)| value.clone());
        async move {
            match given {
                Some(value) => Ok(Some(value)),
                None => blocking(move || store.secret(name)).await,
            }
        }
    };
    let access = match &settings.key_vault_identity {
        KeyVaultIdentity::Managed => Access::Managed { client_id: None },
        KeyVaultIdentity::ManagedOf(id) => Access::Managed { client_id: Some(id.clone()) },
        KeyVaultIdentity::App => Access::App {
            client_id: app_id()?,
            client_secret: here(SecretName::CpvAppSecret).await?.ok_or_else(|| {
                missing(
                    "the CPV App Secret, which opens the key vault,",
                    "cspdeck settings secret cpv_app_secret (value on stdin)",
                )
            })?,
        },
        KeyVaultIdentity::AppOf(id) => Access::App {
            client_id: id.clone(),
            client_secret: here(SecretName::KeyVaultSecret).await?.ok_or_else(|| {
                missing(
                    "the secret of the app that opens the key vault",
                    "cspdeck settings secret key_vault_secret (value on stdin)",
                )
            })?,
        },
    };
    let options = KeyVaultOptions {
        vault,
        login: reach.login.clone(),
        audience: reach.key_vault.clone(),
        managed_identity: reach.managed_identity.clone(),
        access,
        timeouts: reach.timeouts(),
        max_attempts: reach.max_attempts,
    };
    Ok(KeyVault::new(&options)?)
}

/// Writes a new version and returns its name.
pub(super) async fn write(
    vault: &KeyVault,
    name: &str,
    value: &SecretString,
    obtained: Option<&Obtained>,
    set_at: Option<Timestamp>,
) -> Result<String, VaultError> {
    let at = obtained.map(|obtained| obtained.at.to_string());
    let set_at = set_at.map(|at| at.to_string());
    let mut tags: Vec<_> = set_at.iter().map(|at| (SET_AT, at.as_str())).collect();
    if let (Some(obtained), Some(at)) = (obtained, &at) {
        tags.push((OBTAINED_AT, at.as_str()));
        tags.push((OBTAINED_BY, obtained.by.as_str()));
        if let Some(user) = &obtained.user {
            tags.push((CONSENT_OF, user.as_str()));
        }
    }
    Ok(vault.set(name, value, &tags, Some("text/plain")).await?.version)
}

/// Since when a version's value is in use: it may have been kept elsewhere before.
pub(in crate::jobs) fn set_at(info: &VersionInfo) -> Timestamp {
    let made = info.created.or(info.updated).unwrap_or_else(Timestamp::now);
    let before: Option<Timestamp> = info.tags.get(SET_AT).and_then(|at| at.parse().ok());
    before.map_or(made, |before| before.min(made))
}

/// Where a version came from, by its tags.
pub(in crate::jobs) fn obtained(info: &VersionInfo) -> Option<Obtained> {
    let tag = |key: &str| info.tags.get(key);
    Some(Obtained {
        at: tag(OBTAINED_AT)?.parse().ok()?,
        by: tag(OBTAINED_BY).cloned().unwrap_or_default(),
        user: tag(CONSENT_OF).cloned(),
    })
}
