//! Saving the CSP settings with the secrets that were typed beside them, and moving the secrets where the settings say that they
//! are kept.

mod moving;

use std::collections::BTreeSet;

use jiff::Timestamp;
use secrecy::SecretString;

use super::error::{JobError, blocking};
use super::reach::Reach;
use super::secrets::{Secrets, opener, place_in_vault};
use crate::domain::record::Versioned;
use crate::domain::settings::{Settings, told};
use crate::store::{Origin, SecretInfo, SecretName, Store};
use moving::{Taken, marks_of, opens, put, refuse_newer, take};

/// When secrets were set that others are typed over: by hand or by a consent, UTC; a renewal is nobody's change. None: it was not set.
pub type TypedOver = Vec<(SecretName, Option<Timestamp>)>;

/// When somebody set a secret, UTC.
#[must_use]
pub fn set_by_somebody(info: &SecretInfo) -> Timestamp {
    info.obtained.as_ref().map_or(info.set_at, |obtained| obtained.at)
}

/// What is to be saved.
#[derive(Debug)]
pub struct SettingsUpdate {
    /// The settings as they were read.
    pub before: Versioned<Settings>,
    /// As they are to be.
    pub settings: Settings,
    /// Secrets that were typed, in the order of their names.
    pub secrets: Vec<(SecretName, SecretString)>,
    /// Of these, those that were typed over one that must still be the one that was seen.
    pub typed_over: TypedOver,
    /// Whether secrets are left behind that the vault where they are does not give; they are to be set anew then.
    pub leaves_secrets: bool,
    /// Whether newer secrets of the vault that they are to be moved to take the place of those here.
    pub takes_newer: bool,
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

/// Whether saving `after` over `before` takes secrets out of a vault, which may not give them.
#[must_use]
pub fn takes_from_vault(before: &Settings, after: &Settings) -> bool {
    MOVABLE.into_iter().any(|name| {
        let place = place_in_vault(before, name);
        place.is_some() && place != place_in_vault(after, name)
    })
}

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
/// then. [`JobError::NotGiven`] where a secret can't be taken out of its vault, [`JobError::NotOpened`] where one that stays there is
/// not given to who opens it from now on, [`JobError::NewerInVault`] where one that moves there is older than the vault's and that is not
/// to take its place. Or when store or vault can't be reached; [`JobError::OnlyInVault`] where the vault has taken some by then.
pub async fn save(store: &Store, reach: &Reach, update: SettingsUpdate) -> Result<Saved, JobError> {
    let mut placed = BTreeSet::new();
    save_placing(store, reach, update, &mut placed).await.map_err(|error| {
        if placed.is_empty() {
            return error;
        }
        let names: Vec<&str> = placed.iter().map(|name| name.as_str()).collect();
        error.once_in_vault(names.join(", "))
    })
}

/// The same; `placed` has the secrets that the vault has taken so far.
async fn save_placing(
    store: &Store,
    reach: &Reach,
    update: SettingsUpdate,
    placed: &mut BTreeSet<SecretName>,
) -> Result<Saved, JobError> {
    let SettingsUpdate { before, settings, secrets, typed_over, leaves_secrets, takes_newer } = update;
    let problems = settings.problems();
    if !problems.is_empty() {
        return Err(JobError::Settings(told(&problems)));
    }
    still_current(store, before.revision).await?;
    still_unset(store, typed_over).await?;
    let mut saved = Saved { moved: Vec::new(), remarks: Vec::new() };
    let is_typed = |name: SecretName| secrets.iter().any(|(typed, _)| *typed == name);
    let moves = |name: &SecretName| place_in_vault(&before.value, *name) != place_in_vault(&settings, *name);
    let moving: Vec<SecretName> =
        MOVABLE.into_iter().filter(|name| moves(name) && !is_typed(*name)).collect();
    let marks = marks_of(store, moving.clone()).await?;
    let Taken { held, lost } = take(store, reach, &before.value, &moving, leaves_secrets, &mut saved).await?;
    // What opens the vault may be on its way to the store.
    let carried = held.iter().map(|held| (held.name, held.value.clone()));
    let at_hand: Vec<_> = secrets.iter().cloned().chain(carried).collect();
    let target = Secrets::opened_by(store, reach, settings.clone(), &at_hand).await?;
    let opens_anew = opener(&before.value) != opener(&settings)
        || opener(&settings).and_then(|(_, _, secret)| secret).is_some_and(is_typed);
    if opens_anew {
        let staying = MOVABLE.into_iter().filter(|name| !moves(name) && !is_typed(*name));
        opens(&target, staying, leaves_secrets, &mut saved).await?;
    }
    if !takes_newer {
        for held in &held {
            refuse_newer(&target, held).await?;
        }
    }
    let mut rows = Vec::new();
    for name in moving.iter().copied() {
        match held.iter().find(|held| held.name == name) {
            Some(held) => rows.push(put(&target, held, &mut saved, placed).await?),
            None => rows.extend(target.newer_in_vault(name, Timestamp::MIN).await?),
        }
    }
    // They count in the vault from then on, whatever becomes of the rest, so they go there last.
    for (name, value) in &secrets {
        let row = target.ready(*name, value, Origin::ByHand).await?;
        if row.is_in_vault() {
            placed.insert(*name);
        }
        rows.push(row);
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
            "{} was renewed or set anew while it was moved: save again",
            name.as_str()
        ))),
    }
}

/// Whether nobody has set a secret since another one was typed over it.
async fn still_unset(store: &Store, typed_over: TypedOver) -> Result<(), JobError> {
    let store = store.clone();
    let changed = blocking(move || {
        store.read(|txn| {
            for (name, before) in typed_over {
                let info = txn.secret_info(name)?;
                if info.as_ref().map(set_by_somebody) != before {
                    return Ok(Some((name, info)));
                }
            }
            Ok(None)
        })
    });
    let Some((name, info)) = changed.await? else { return Ok(()) };
    let by = match info {
        Some(info) => format!("set by {} on {:.0}", info.set_by, info.set_at),
        None => "removed".to_owned(),
    };
    Err(JobError::Settings(format!(
        "{} was {by}, since it was typed here: u takes yours back, and typing it again goes over that",
        name.as_str()
    )))
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
