//! Saving the CSP settings with the secrets that were typed beside them, and moving the secrets where the settings say that they
//! are kept.

use jiff::Timestamp;
use secrecy::SecretString;

use super::connect::Reach;
use super::error::{JobError, blocking};
use super::secrets::{Row, Secrets, obtained, place_in_vault};
use crate::domain::record::Versioned;
use crate::domain::settings::Settings;
use crate::store::{Obtained, Origin, SecretMark, SecretName, Store};

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

/// Secrets that may be in the one place or the other.
const MOVABLE: [SecretName; 3] =
    [SecretName::CpvAppSecret, SecretName::RefreshToken, SecretName::SmtpPassword];

/// Whether saving `after` over `before` moves secrets from one place to another.
#[must_use]
pub fn moves_secrets(before: &Settings, after: &Settings) -> bool {
    MOVABLE.into_iter().any(|name| place_in_vault(before, name) != place_in_vault(after, name))
}

/// Saves settings and secrets. Where the settings say that the secrets are in the key vault now, or in another one, they go there
/// first, unless it has newer ones; where they say that they are no longer there, those of the vault come here. Nothing is deleted
/// in a vault, and all that is written here is written at once: whatever fails, the store still works with the settings that it has.
///
/// # Errors
/// [`StoreError::Conflict`](crate::store::StoreError::Conflict) where somebody else has saved settings meanwhile; nothing is saved
/// then. Or when store or vault can't be reached.
pub async fn save(store: &Store, reach: &Reach, update: SettingsUpdate) -> Result<Saved, JobError> {
    let SettingsUpdate { before, settings, secrets } = update;
    if let Some((setting, why)) = settings.problems().into_iter().next() {
        return Err(JobError::Settings(format!("{}: {why}", setting.label())));
    }
    still_current(store, before.revision).await?;
    let mut saved = Saved { moved: Vec::new(), remarks: Vec::new() };
    let is_typed = |name: SecretName| secrets.iter().any(|(typed, _)| *typed == name);
    let moves = |name: &SecretName| place_in_vault(&before.value, *name) != place_in_vault(&settings, *name);
    let moving: Vec<SecretName> =
        MOVABLE.into_iter().filter(|name| moves(name) && !is_typed(*name)).collect();
    let marks = marks_of(store, moving.clone()).await?;
    let (held, lost) = take(store, reach, &before.value, &moving, &mut saved).await?;
    // What opens the vault may be on its way to the store.
    let carried = held.iter().map(|held| (held.name, held.value.clone()));
    let at_hand: Vec<_> = secrets.iter().cloned().chain(carried).collect();
    let target = Secrets::opened_by(store, reach, settings.clone(), &at_hand).await?;
    let mut rows = Vec::new();
    for (name, value) in &secrets {
        rows.push(target.ready(*name, value, Origin::ByHand).await?);
    }
    for name in moving.iter().copied() {
        match held.iter().find(|held| held.name == name) {
            Some(held) => rows.push(put(&target, held, &mut saved).await?),
            None => rows.extend(target.newer_in_vault(name, Timestamp::MIN).await?),
        }
    }
    let writer = store.clone();
    let overtaken = blocking(move || {
        writer.write(|txn| {
            for (name, mark) in marks {
                if txn.secret_mark(name)? != mark {
                    return Ok(Some(name));
                }
            }
            txn.put_settings(before.revision, &settings)?;
            lost.into_iter().try_for_each(|name| txn.remove_secret(name).map(drop))?;
            rows.into_iter().try_for_each(|row| row.write(txn))?;
            Ok(None)
        })
    });
    match overtaken.await? {
        None => Ok(saved),
        Some(name) => Err(JobError::Settings(format!(
            "{} was renewed or set anew while it was moved: nothing is saved, save again",
            name.as_str()
        ))),
    }
}

type Marks = Vec<(SecretName, Option<SecretMark>)>;

/// What tells whether somebody sets one of these, or has it renewed, while they are on their way.
async fn marks_of(store: &Store, names: Vec<SecretName>) -> Result<Marks, JobError> {
    let store = store.clone();
    blocking(move || {
        store.read(|txn| names.into_iter().map(|name| Ok((name, txn.secret_mark(name)?))).collect())
    })
    .await
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

/// A secret on its way from one place to the other.
struct Moving {
    name: SecretName,
    value: SecretString,
    obtained: Option<Obtained>,
    set_at: Timestamp,
}

/// Takes these secrets from where they were; those that a vault does not give any more are the second part, each with a remark.
async fn take(
    store: &Store,
    reach: &Reach,
    before: &Settings,
    names: &[SecretName],
    saved: &mut Saved,
) -> Result<(Vec<Moving>, Vec<SecretName>), JobError> {
    let (mut held, mut lost) = (Vec::new(), Vec::new());
    for name in names.iter().copied() {
        if place_in_vault(before, name).is_none() {
            held.extend(of_store(store, name).await?);
            continue;
        }
        match of_vault(store, reach, before, name).await {
            Ok(Some(found)) => held.push(found),
            Ok(None) => {
                lost.push(name);
                if is_noted(store, name).await? {
                    saved.remarks.push(format!(
                        "the key vault where {} was has it no more; set it anew",
                        name.as_str()
                    ));
                }
            }
            Err(error) => {
                lost.push(name);
                saved.remarks.push(format!(
                    "{} stays in the key vault where it was, which could not be read: {error}; set it anew",
                    name.as_str()
                ));
            }
        }
    }
    Ok((held, lost))
}

async fn is_noted(store: &Store, name: SecretName) -> Result<bool, JobError> {
    let store = store.clone();
    blocking(move || store.read(|txn| Ok(txn.secret_info(name)?.is_some()))).await
}

async fn of_store(store: &Store, name: SecretName) -> Result<Option<Moving>, JobError> {
    let store = store.clone();
    blocking(move || {
        let info = store.read(|txn| txn.secret_info(name))?;
        Ok(store.secret(name)?.zip(info).map(|(value, info)| {
            let (obtained, set_at) = (info.obtained, info.set_at);
            Moving { name, value, obtained, set_at }
        }))
    })
    .await
}

async fn of_vault(
    store: &Store,
    reach: &Reach,
    before: &Settings,
    name: SecretName,
) -> Result<Option<Moving>, JobError> {
    let found = Secrets::of(store, reach, before.clone()).await?.in_vault(name).await?;
    Ok(found.map(|secret| Moving {
        name,
        set_at: secret.info.created.unwrap_or_else(Timestamp::now),
        obtained: obtained(&secret.info),
        value: secret.value,
    }))
}

/// Puts a secret where it is to be. A vault that has one as new keeps that.
async fn put(target: &Secrets, held: &Moving, saved: &mut Saved) -> Result<Row, JobError> {
    if let Some(row) = target.newer_in_vault(held.name, held.set_at).await? {
        saved.remarks.push(format!(
            "the key vault has a newer {}, which is used now in place of the one that was here",
            held.name.as_str()
        ));
        return Ok(row);
    }
    let row = target.ready(held.name, &held.value, Origin::Moved(held.obtained.clone())).await?;
    saved.moved.push(held.name);
    Ok(row)
}
