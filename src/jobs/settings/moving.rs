//! Secrets on their way from one place to another: out of the store or a vault, and into the one that the settings name.

use std::collections::BTreeSet;
use std::mem::discriminant;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use super::Saved;
use crate::domain::settings::Settings;
use crate::jobs::error::{JobError, blocking};
use crate::jobs::reach::Reach;
use crate::jobs::secrets::{Row, Secrets, obtained, place_in_vault, set_at};
use crate::partner_center::{ApiError, VaultError};
use crate::store::{Obtained, Origin, SecretMark, SecretName, Store};

/// What tells whether somebody sets one of these, or has it renewed, while they are on their way.
pub(super) type Marks = Vec<(SecretName, Option<SecretMark>)>;

/// The marks of these secrets as they are now.
pub(super) async fn marks_of(store: &Store, names: Vec<SecretName>) -> Result<Marks, JobError> {
    let store = store.clone();
    blocking(move || {
        store.read(|txn| names.into_iter().map(|name| Ok((name, txn.secret_mark(name)?))).collect())
    })
    .await
}

/// A secret on its way.
pub(super) struct Moving {
    pub(super) name: SecretName,
    pub(super) value: SecretString,
    obtained: Option<Obtained>,
    set_at: Timestamp,
}

/// What was taken from where it was.
#[derive(Default)]
pub(super) struct Taken {
    pub(super) held: Vec<Moving>,
    /// What a vault does not give any more.
    pub(super) lost: Vec<SecretName>,
}

/// Takes these secrets from where they were.
///
/// # Errors
/// [`JobError::NotGiven`] where a vault does not give one, unless those are to be left behind: then that is a remark.
pub(super) async fn take(
    store: &Store,
    reach: &Reach,
    before: &Settings,
    names: &[SecretName],
    leaves: bool,
    saved: &mut Saved,
) -> Result<Taken, JobError> {
    let mut taken = Taken::default();
    let mut unread: Vec<(Vec<&str>, JobError)> = Vec::new();
    for name in names.iter().copied() {
        if place_in_vault(before, name).is_none() {
            taken.held.extend(of_store(store, name).await?);
            continue;
        }
        match of_vault(store, reach, before, name).await {
            Ok(Some(found)) => taken.held.push(found),
            Ok(None) if !is_noted(store, name).await? => taken.lost.push(name),
            Ok(None) if leaves => {
                taken.lost.push(name);
                let name = name.as_str();
                saved.remarks.push(format!("the key vault where {name} was has it no more; set it anew"));
            }
            Ok(None) => {
                let error = Box::new(JobError::Settings("it is not there any more".to_owned()));
                return Err(JobError::NotGiven { name: name.as_str(), error });
            }
            Err(error) if leaves && !is_passing(&error) => {
                taken.lost.push(name);
                match unread.iter_mut().find(|(_, why)| is_alike(why, &error)) {
                    Some((names, _)) => names.push(name.as_str()),
                    None => unread.push((vec![name.as_str()], error)),
                }
            }
            Err(error) => return Err(JobError::NotGiven { name: name.as_str(), error: Box::new(error) }),
        }
    }
    saved.remarks.extend(unread.into_iter().map(|(names, why)| {
        let names = names.join(", ");
        format!("left behind in the key vault, which could not be read, and to be set anew: {names} ({why})")
    }));
    Ok(taken)
}

/// Whether two secrets were withheld for one cause, so that it need be told once.
fn is_alike(one: &JobError, other: &JobError) -> bool {
    match (one, other) {
        (JobError::Vault(one), JobError::Vault(other)) => discriminant(one) == discriminant(other),
        _ => discriminant(one) == discriminant(other),
    }
}

/// Whether a vault that is there may well give it in a moment, so that nothing is to be left behind for that.
fn is_passing(error: &JobError) -> bool {
    matches!(
        error,
        JobError::Store(_)
            | JobError::Vault(
                VaultError::Throttled { .. }
                    | VaultError::Conflict { .. }
                    | VaultError::Exchange(ApiError::ServerError { .. })
            )
    )
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
        set_at: set_at(&secret.info),
        obtained: obtained(&secret.info),
        value: secret.value,
    }))
}

/// Tries whether the vault gives the secrets that stay in it to who opens it from now on.
///
/// # Errors
/// [`JobError::NotOpened`], unless secrets are left to a vault that does not give them: then that is a remark.
pub(super) async fn opens(
    target: &Secrets,
    staying: impl Iterator<Item = SecretName>,
    leaves: bool,
    saved: &mut Saved,
) -> Result<(), JobError> {
    for name in staying {
        let Err(error) = target.in_vault(name).await else { continue };
        let error = JobError::NotOpened { name: name.as_str(), error: Box::new(error) };
        if !leaves {
            return Err(error);
        }
        saved.remarks.push(error.to_string());
        break;
    }
    Ok(())
}

/// Refuses a move to a vault that has a newer secret than this one: who shares the vault may be another partner.
///
/// # Errors
/// [`JobError::NewerInVault`], or when the vault can't be read.
pub(super) async fn refuse_newer(target: &Secrets, held: &Moving) -> Result<(), JobError> {
    if target.newer_in_vault(held.name, held.set_at).await?.is_none() {
        return Ok(());
    }
    match target.in_vault(held.name).await? {
        Some(theirs) if theirs.value.expose_secret() != held.value.expose_secret() => {
            Err(JobError::NewerInVault { name: held.name.as_str() })
        }
        _ => Ok(()),
    }
}

/// Puts a secret where it is to be. A vault that has a newer one keeps that; one that takes ours must give it back before ours goes.
pub(super) async fn put(
    target: &Secrets,
    held: &Moving,
    saved: &mut Saved,
    placed: &mut BTreeSet<SecretName>,
) -> Result<Row, JobError> {
    if let Some(row) = target.newer_in_vault(held.name, held.set_at).await? {
        // One that the vault does not give must not take the place of one that is at hand.
        let theirs = target.in_vault(held.name).await?;
        if theirs.is_none_or(|theirs| theirs.value.expose_secret() != held.value.expose_secret()) {
            saved.remarks.push(format!(
                "the key vault has a newer {}, which is used now in place of the one that was here",
                held.name.as_str()
            ));
        }
        return Ok(row);
    }
    let origin = Origin::Moved { set_at: held.set_at, obtained: held.obtained.clone() };
    let row = target.ready(held.name, &held.value, origin).await?;
    if let Some(version) = row.version() {
        placed.insert(held.name);
        if !target.gives_back(held.name, version, &held.value).await? {
            return Err(JobError::Settings(format!(
                "the key vault took {}, but does not give it back as it was: it stays where it was",
                held.name.as_str()
            )));
        }
    }
    saved.moved.push(held.name);
    Ok(row)
}
