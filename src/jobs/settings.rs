//! Saving the CSP settings with the secrets that were typed beside them, and moving the secrets where the settings say that they
//! are kept.

use secrecy::SecretString;

use super::connect::Reach;
use super::error::{JobError, blocking};
use super::secrets::{Secrets, is_in_vault};
use crate::domain::record::Versioned;
use crate::domain::settings::Settings;
use crate::store::{Origin, Sealed, SecretName, Store, StoreError};

/// What is to be saved.
#[derive(Debug)]
pub struct SettingsUpdate {
    /// The settings as they were read.
    pub before: Versioned<Settings>,
    /// As they are to be.
    pub settings: Settings,
    /// Secrets that were typed, in the order of their names.
    pub secrets: Vec<(SecretName, SecretString)>,
}

/// What was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Secrets that were moved to their new place.
    pub moved: Vec<SecretName>,
    /// What to look at, a sentence each.
    pub remarks: Vec<String>,
}

/// Secrets that may be in the one place or the other, what opens the vault first.
const MOVABLE: [SecretName; 3] =
    [SecretName::CpvAppSecret, SecretName::RefreshToken, SecretName::SmtpPassword];

/// Saves settings and secrets. Where the settings say that the secrets are in the key vault now, those of the store go there first,
/// unless the vault has newer ones; where they say that they are no longer there, those of the vault come here. Nothing is deleted
/// in the vault.
///
/// # Errors
/// [`StoreError::Conflict`] where somebody else has saved settings meanwhile; nothing is saved then. Or when store or vault can't
/// be reached.
pub async fn save(store: &Store, reach: &Reach, update: SettingsUpdate) -> Result<Saved, JobError> {
    let SettingsUpdate { before, settings, secrets } = update;
    if let Some((setting, why)) = settings.problems().into_iter().next() {
        return Err(JobError::Settings(format!("{}: {why}", setting.label())));
    }
    still_current(store, before.revision).await?;
    let mut saved = Saved { moved: Vec::new(), remarks: Vec::new() };
    // A secret that opens the vault must be here before the vault is opened.
    let (here, there): (Vec<_>, Vec<_>) =
        secrets.into_iter().partition(|(name, _)| !is_in_vault(&settings, *name));
    let changes_place = |name: SecretName| is_in_vault(&before.value, name) != is_in_vault(&settings, name);
    let mut sealed = seal(store, here).await?;
    let opens_vault = |name: &SecretName| {
        matches!(name, SecretName::KeyVaultSecret | SecretName::CpvAppSecret) && is_vault_used(&settings)
    };
    let (keys, rest): (Vec<_>, Vec<_>) = sealed.into_iter().partition(|(name, _, _)| opens_vault(name));
    sealed = rest;
    put(store, keys).await?;
    let target = Secrets::of(store, reach, settings.clone()).await?;
    for (name, value) in &there {
        target.put(*name, value, Origin::ByHand).await?;
    }
    for name in MOVABLE.into_iter().filter(|name| changes_place(*name)) {
        let is_typed = there.iter().any(|(typed, _)| *typed == name)
            || sealed.iter().any(|(typed, _, _)| *typed == name);
        if is_typed {
            continue;
        }
        if is_in_vault(&settings, name) {
            if move_to_vault(store, &target, name).await? {
                saved.moved.push(name);
            }
        } else {
            match from_vault(store, reach, &before.value, name).await {
                Ok(Some(moved)) => {
                    sealed.push(moved);
                    saved.moved.push(name);
                }
                Ok(None) => {}
                Err(error) => saved.remarks.push(format!(
                    "{} stays in the key vault, which could not be read: {error}; set it anew here",
                    name.as_str()
                )),
            }
        }
    }
    let writer = store.clone();
    blocking(move || {
        writer.write(|txn| {
            txn.put_settings(before.revision, &settings)?;
            sealed.into_iter().try_for_each(|(name, sealed, origin)| txn.put_sealed(name, sealed, origin))
        })
    })
    .await?;
    Ok(saved)
}

/// A secret that is ready to be stored here.
type Ready = (SecretName, Sealed, Origin);

fn is_vault_used(settings: &Settings) -> bool {
    is_in_vault(settings, SecretName::RefreshToken)
}

/// Whether the settings are still those that were read; looked at before anything goes to the vault.
async fn still_current(store: &Store, revision: u64) -> Result<(), JobError> {
    let store = store.clone();
    blocking(move || {
        let stored = store.read(|txn| txn.settings())?;
        if stored.revision == revision {
            return Ok(());
        }
        // The write tells who was first, and with what.
        store.write(|txn| txn.put_settings(revision, &stored.value).map(drop))
    })
    .await
}

async fn seal(store: &Store, secrets: Vec<(SecretName, SecretString)>) -> Result<Vec<Ready>, JobError> {
    let store = store.clone();
    blocking(move || {
        secrets
            .into_iter()
            .map(|(name, value)| Ok((name, store.seal(name, &value)?, Origin::ByHand)))
            .collect::<Result<_, StoreError>>()
    })
    .await
}

async fn put(store: &Store, ready: Vec<Ready>) -> Result<(), JobError> {
    if ready.is_empty() {
        return Ok(());
    }
    let store = store.clone();
    blocking(move || {
        store.write(|txn| {
            ready.into_iter().try_for_each(|(name, sealed, origin)| txn.put_sealed(name, sealed, origin))
        })
    })
    .await
}

/// Moves a secret of the store into the vault, unless that has a newer one; whether it did.
async fn move_to_vault(store: &Store, target: &Secrets, name: SecretName) -> Result<bool, JobError> {
    let reader = store.clone();
    let (value, info) = blocking(move || {
        let info = reader.read(|txn| txn.secret_info(name))?;
        Ok((reader.secret(name)?, info))
    })
    .await?;
    let (Some(value), Some(info)) = (value, info) else {
        // There is none here; what the vault has is noted.
        target.get(name).await?;
        return Ok(false);
    };
    if target.newest_in_vault(name).await?.is_some_and(|at| at >= info.set_at) {
        target.get(name).await?;
        return Ok(false);
    }
    target.put(name, &value, Origin::Moved(info.obtained)).await?;
    Ok(true)
}

/// A secret of the vault that was used before, sealed for the store.
async fn from_vault(
    store: &Store,
    reach: &Reach,
    before: &Settings,
    name: SecretName,
) -> Result<Option<Ready>, JobError> {
    let Some(value) = Secrets::of(store, reach, before.clone()).await?.get(name).await? else {
        return Ok(None);
    };
    let store = store.clone();
    let ready = blocking(move || {
        let obtained = store.read(|txn| txn.secret_info(name))?.and_then(|info| info.obtained);
        Ok((name, store.seal(name, &value)?, Origin::Moved(obtained)))
    })
    .await?;
    Ok(Some(ready))
}
