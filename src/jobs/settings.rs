//! Saving the CSP settings with the secrets that were typed beside them, and moving the secrets where the settings say that they
//! are kept.

use jiff::Timestamp;
use secrecy::SecretString;

use super::connect::Reach;
use super::error::{JobError, blocking};
use super::secrets::{Placed, Secrets, is_in_vault, vault_place};
use crate::domain::record::Versioned;
use crate::domain::settings::{KeyVaultIdentity, MfaMethod, Settings};
use crate::store::{Origin, SecretName, Store};

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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Saved {
    /// Secrets that were moved to their new place.
    pub moved: Vec<SecretName>,
    /// What to look at, a sentence each.
    pub remarks: Vec<String>,
}

/// Secrets that may be in the one place or the other.
const MOVABLE: [SecretName; 3] =
    [SecretName::CpvAppSecret, SecretName::RefreshToken, SecretName::SmtpPassword];

/// Saves settings and secrets. Where the settings say that the secrets are in the key vault now, those of the store go there first,
/// unless the vault has newer ones; where they say that they are no longer there, or in another vault, those of the vault go on. The store takes
/// note of all of it at once, so that nothing changes here where a part of it fails. Nothing is deleted in the vault.
///
/// # Errors
/// [`StoreError::Conflict`](crate::store::StoreError::Conflict) where somebody else has saved settings meanwhile; nothing is saved then. Or when store or vault can't
/// be reached.
pub async fn save(store: &Store, reach: &Reach, update: SettingsUpdate) -> Result<Saved, JobError> {
    let SettingsUpdate { before, settings, secrets } = update;
    if let Some((setting, why)) = settings.problems().into_iter().next() {
        return Err(JobError::Settings(format!("{}: {why}", setting.label())));
    }
    still_current(store, before.revision).await?;
    let typed: Vec<SecretName> = secrets.iter().map(|(name, _)| *name).collect();
    let moves = |name: &SecretName| {
        vault_place(&before.value, *name) != vault_place(&settings, *name) && !typed.contains(name)
    };
    let (keys, rest): (Vec<_>, Vec<_>) =
        secrets.into_iter().partition(|(name, _)| opens_vault(&settings, *name));
    // Stored before all else, for without it the vault can't be opened.
    for (name, value) in keys {
        put_here(store, name, value, Origin::ByHand).await?;
    }
    let mut change =
        Change { store, reach, before: &before.value, placed: Vec::new(), saved: Saved::default() };
    let mut moving: Vec<SecretName> = MOVABLE.into_iter().filter(moves).collect();
    if let Some(at) = moving.iter().position(|name| opens_vault(&settings, *name)) {
        let name = moving.remove(at);
        if let Some(Old { value, origin, .. }) = change.read_old(name).await? {
            put_here(store, name, value, origin).await?;
            change.saved.moved.push(name);
        }
    }
    let target = Secrets::of(store, reach, settings.clone()).await?;
    for (name, value) in &rest {
        change.placed.push(target.place(*name, value, Origin::ByHand).await?);
    }
    for name in moving {
        change.move_to(&target, name).await?;
    }
    let Change { placed, saved, .. } = change;
    let writer = store.clone();
    blocking(move || {
        writer.write(|txn| {
            txn.put_settings(before.revision, &settings)?;
            placed.into_iter().try_for_each(|placed| placed.note(txn))
        })
    })
    .await?;
    Ok(saved)
}

/// Whether the vault is opened with this secret.
fn opens_vault(settings: &Settings, name: SecretName) -> bool {
    settings.mfa_method == MfaMethod::KeyVault
        && match settings.key_vault_identity {
            KeyVaultIdentity::App => name == SecretName::CpvAppSecret,
            KeyVaultIdentity::AppOf(_) => name == SecretName::KeyVaultSecret,
            KeyVaultIdentity::Managed | KeyVaultIdentity::ManagedOf(_) => false,
        }
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

async fn put_here(
    store: &Store,
    name: SecretName,
    value: SecretString,
    origin: Origin,
) -> Result<(), JobError> {
    let store = store.clone();
    blocking(move || {
        let sealed = store.seal(name, &value)?;
        store.write(|txn| txn.put_sealed(name, sealed, origin))
    })
    .await
}

/// Settings that are being saved.
struct Change<'a> {
    store: &'a Store,
    reach: &'a Reach,
    before: &'a Settings,
    placed: Vec<Placed>,
    saved: Saved,
}

impl Change<'_> {
    /// Moves a secret to its new place, unless that is a vault which has a newer one.
    async fn move_to(&mut self, target: &Secrets, name: SecretName) -> Result<(), JobError> {
        let Some(old) = self.read_old(name).await? else {
            self.placed.extend(target.find(name).await?);
            return Ok(());
        };
        if target.newest_in_vault(name).await?.is_some_and(|at| at >= old.set_at)
            && let Some(newer) = target.find(name).await?
        {
            self.placed.push(newer);
            let name = name.as_str();
            self.saved.remarks.push(format!("the key vault has a newer {name}, which is used from now on"));
            return Ok(());
        }
        self.placed.push(target.place(name, &old.value, old.origin).await?);
        self.saved.moved.push(name);
        Ok(())
    }

    /// A secret as it was kept before. Where a vault can't be read, the settings are saved all the same: it may be gone for good.
    async fn read_old(&mut self, name: SecretName) -> Result<Option<Old>, JobError> {
        match self.at_old_place(name).await {
            Err(error) if is_in_vault(self.before, name) => {
                let name = name.as_str();
                self.saved.remarks.push(format!(
                    "{name} stays in the key vault that was used before, which could not be read: {error}; set it anew"
                ));
                Ok(None)
            }
            result => result,
        }
    }

    async fn at_old_place(&self, name: SecretName) -> Result<Option<Old>, JobError> {
        let old = Secrets::of(self.store, self.reach, self.before.clone()).await?;
        let Some(value) = old.get(name).await? else { return Ok(None) };
        let store = self.store.clone();
        let info = blocking(move || store.read(|txn| txn.secret_info(name))).await?;
        Ok(info.map(|info| Old { value, set_at: info.set_at, origin: Origin::Moved(info.obtained) }))
    }
}

/// A secret as it was kept before.
struct Old {
    value: SecretString,
    set_at: Timestamp,
    origin: Origin,
}
