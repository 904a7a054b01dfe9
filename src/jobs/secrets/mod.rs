//! The partner's secrets, wherever they are kept: sealed in the store, or in the key vault. Nobody else asks where.

mod row;
mod stored_token;
mod vault;

use std::sync::Mutex;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use tokio::runtime::Handle;

pub(super) use row::Row;
pub(super) use stored_token::Kept;
pub use stored_token::StoredToken;
pub(super) use vault::{obtained, set_at};

use super::error::{JobError, blocking};
use super::reach::Reach;
use crate::domain::settings::{KeyVaultIdentity, MfaMethod, Settings};
use crate::partner_center::{KeyVault, VaultError, VaultSecret};
use crate::store::{
    Obtained, Origin, ReadTxn, SecretInfo, SecretMark, SecretName, SecretPlace, Store, StoreError, WriteTxn,
};
use stored_token::Place;

/// Whether a secret is in the key vault by these settings. What opens the vault can't be in it.
#[must_use]
pub fn is_in_vault(settings: &Settings, name: SecretName) -> bool {
    settings.mfa_method == MfaMethod::KeyVault
        && match name {
            SecretName::RefreshToken | SecretName::SmtpPassword => true,
            SecretName::CpvAppSecret => settings.key_vault_identity != KeyVaultIdentity::App,
            SecretName::KeyVaultSecret => false,
        }
}

/// What a secret is called in the vault; none where these settings keep it in the store.
fn name_in_vault(settings: &Settings, name: SecretName) -> Option<&str> {
    let in_vault = match name {
        SecretName::CpvAppSecret => settings.key_vault_name_cpv_app_secret.as_str(),
        SecretName::RefreshToken => settings.key_vault_name_refresh_token.as_str(),
        SecretName::SmtpPassword => settings.key_vault_name_smtp_password.as_str(),
        SecretName::KeyVaultSecret => return None,
    };
    is_in_vault(settings, name).then_some(in_vault)
}

/// That no refresh token is set, where it would be.
#[must_use]
pub fn no_token(settings: &Settings) -> String {
    match place_in_vault(settings, SecretName::RefreshToken) {
        Some((Some(vault), name)) => format!("There is no refresh token: {vault} has no secret {name}"),
        _ => "There is no refresh token".to_owned(),
    }
}

/// Where in a vault a secret is by these settings: the vault's address and the name there; none where it is in the store.
pub(super) fn place_in_vault(settings: &Settings, name: SecretName) -> Option<(Option<&str>, &str)> {
    name_in_vault(settings, name).map(|in_vault| (settings.key_vault_url.as_deref(), in_vault))
}

/// Who opens the key vault by these settings, and with which secret; none where no secret is in one.
pub(super) fn opener(settings: &Settings) -> Option<(&KeyVaultIdentity, Option<&str>, Option<SecretName>)> {
    let identity = &settings.key_vault_identity;
    (settings.mfa_method == MfaMethod::KeyVault).then_some(match identity {
        KeyVaultIdentity::Managed | KeyVaultIdentity::ManagedOf(_) => (identity, None, None),
        KeyVaultIdentity::App => (identity, settings.cpv_app_id.as_deref(), Some(SecretName::CpvAppSecret)),
        KeyVaultIdentity::AppOf(_) => (identity, None, Some(SecretName::KeyVaultSecret)),
    })
}

/// Sets a secret that somebody gave. The vault is opened only for what is kept there: what opens it must be settable before.
///
/// # Errors
/// As for [`Secrets::of`] and [`Secrets::put`].
pub async fn set_by_hand(
    store: &Store,
    reach: &Reach,
    name: SecretName,
    value: &SecretString,
) -> Result<(), JobError> {
    let reader = store.clone();
    let settings = blocking(move || reader.read(|txn| txn.settings())).await?.value;
    let secrets = if is_in_vault(&settings, name) {
        Secrets::of(store, reach, settings).await?
    } else {
        Secrets { store: store.clone(), settings, vault: None }
    };
    secrets.put(name, value, Origin::ByHand).await
}

/// See the module.
#[derive(Debug, Clone)]
pub struct Secrets {
    store: Store,
    settings: Settings,
    vault: Option<KeyVault>,
}

impl Secrets {
    /// The secrets of these settings. Nothing is asked of the vault yet.
    ///
    /// # Errors
    /// [`JobError::NotSetUp`] where the vault can't be opened for want of a setting or a secret.
    pub async fn of(store: &Store, reach: &Reach, settings: Settings) -> Result<Self, JobError> {
        Self::opened_by(store, reach, settings, &[]).await
    }

    /// The same, where the secret that opens the vault may be one that is still to be stored.
    ///
    /// # Errors
    /// As for [`Secrets::of`].
    pub(super) async fn opened_by(
        store: &Store,
        reach: &Reach,
        settings: Settings,
        at_hand: &[(SecretName, SecretString)],
    ) -> Result<Self, JobError> {
        let vault = match settings.mfa_method {
            MfaMethod::Manual => None,
            MfaMethod::KeyVault => Some(vault::open(store, reach, &settings, at_hand).await?),
        };
        Ok(Self { store: store.clone(), settings, vault })
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The vault, where secrets are in one, and what this one is called there.
    fn vault_of(&self, name: SecretName) -> Option<(&KeyVault, &str)> {
        Some((self.vault.as_ref()?, name_in_vault(&self.settings, name)?))
    }

    /// A secret, if it is set.
    ///
    /// # Errors
    /// When the store or the vault can't be read.
    pub async fn get(&self, name: SecretName) -> Result<Option<SecretString>, JobError> {
        match self.vault_of(name) {
            Some(_) => Ok(self.seen_in_vault(name).await?.map(|secret| secret.value)),
            None => {
                let store = self.store.clone();
                blocking(move || store.secret(name)).await
            }
        }
    }

    /// Keeps a secret.
    ///
    /// # Errors
    /// When it can't be stored: then the one before it stays.
    pub async fn put(&self, name: SecretName, value: &SecretString, origin: Origin) -> Result<(), JobError> {
        self.put_with(name, value, origin, |_| Ok(())).await.map(drop)
    }

    /// Keeps a secret, and writes something else in the same transaction; what that brings is none where the vault has the secret,
    /// but nothing can be written here.
    ///
    /// # Errors
    /// When the secret can't be stored, or is kept in another place since these settings were read: then nothing is written here.
    pub(super) async fn put_with<T: Send + 'static>(
        &self,
        name: SecretName,
        value: &SecretString,
        origin: Origin,
        also: impl FnOnce(&mut WriteTxn) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<Option<T>, JobError> {
        let row = self.ready(name, value, origin).await?;
        let in_vault = row.is_in_vault();
        let (store, settings) = (self.store.clone(), self.settings.clone());
        let written = blocking(move || {
            store.write(|txn| {
                if !is_kept_there_still(txn, &settings, name)? {
                    return Ok(None);
                }
                row.write(txn)?;
                also(txn).map(Some)
            })
        });
        match written.await {
            Ok(Some(brought)) => Ok(Some(brought)),
            Ok(None) => {
                let error = JobError::Settings(format!(
                    "the settings say since a moment ago that {} is kept in another place",
                    name.as_str()
                ));
                Err(if in_vault { error.once_in_vault(name.as_str().to_owned()) } else { error })
            }
            Err(error) if in_vault => {
                // The next look at the vault brings the note up to date.
                tracing::warn!("that the key vault has a new {} could not be noted: {error}", name.as_str());
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Puts a secret into the vault, or seals it, and returns what is to be written here.
    ///
    /// # Errors
    /// When the vault does not take it, or it can't be sealed.
    pub(super) async fn ready(
        &self,
        name: SecretName,
        value: &SecretString,
        origin: Origin,
    ) -> Result<Row, JobError> {
        let Some((vault, in_vault)) = self.vault_of(name) else {
            let (store, value) = (self.store.clone(), value.clone());
            return blocking(move || Ok(Row::sealed(name, store.seal(name, &value)?, origin))).await;
        };
        let now = Timestamp::now();
        let by = || self.store.operator().name.clone();
        let obtained = match &origin {
            Origin::ByHand => Some(Obtained { at: now, by: by(), user: None }),
            Origin::Consent(user) => Some(Obtained { at: now, by: by(), user: user.clone() }),
            Origin::Moved { obtained, .. } | Origin::Found { obtained, .. } => obtained.clone(),
            Origin::Renewal { .. } => self.obtained(name).await?,
        };
        let set_before = match &origin {
            Origin::Moved { set_at, .. } | Origin::Found { set_at, .. } => Some(*set_at),
            _ => None,
        };
        let version = vault::write(vault, in_vault, value, obtained.as_ref(), set_before).await?;
        Ok(Row::in_vault(name, version, set_before.unwrap_or(now), origin))
    }

    /// Where the secret that is noted here came from.
    async fn obtained(&self, name: SecretName) -> Result<Option<Obtained>, JobError> {
        let store = self.store.clone();
        let info = blocking(move || store.read(|txn| txn.secret_info(name))).await?;
        Ok(info.and_then(|info| info.obtained))
    }

    /// What the vault has under a name; none where it has nothing, or the secret is not kept there.
    ///
    /// # Errors
    /// When the vault can't be read.
    pub(super) async fn in_vault(&self, name: SecretName) -> Result<Option<VaultSecret>, JobError> {
        let Some((vault, in_vault)) = self.vault_of(name) else { return Ok(None) };
        match vault.get(in_vault, None).await {
            // Nobody means an empty one, and a line break at its end is of the file that it was set from.
            Ok(secret) if secret.value.expose_secret().trim().is_empty() => Ok(None),
            Ok(secret) if secret.value.expose_secret().ends_with(['\n', '\r']) => {
                let value = secret.value.expose_secret().trim_end_matches(['\n', '\r']).into();
                Ok(Some(VaultSecret { value, ..secret }))
            }
            Ok(secret) => Ok(Some(secret)),
            Err(VaultError::NoSecret { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the vault gives this value in this version.
    ///
    /// # Errors
    /// When the vault can't be read.
    pub(super) async fn gives_back(
        &self,
        name: SecretName,
        version: &str,
        value: &SecretString,
    ) -> Result<bool, JobError> {
        let Some((vault, in_vault)) = self.vault_of(name) else { return Ok(false) };
        let given = vault.get(in_vault, Some(version)).await?;
        Ok(given.value.expose_secret() == value.expose_secret())
    }

    /// What the vault has, noted in the store where that did not know this version.
    async fn seen_in_vault(&self, name: SecretName) -> Result<Option<VaultSecret>, JobError> {
        let reader = self.store.clone();
        let known = blocking(move || reader.read(|txn| txn.secret_mark(name))).await;
        let found = self.in_vault(name).await?;
        let (store, settings) = (self.store.clone(), self.settings.clone());
        let row = found.as_ref().map(|secret| Row::found(name, &secret.info));
        let seen = found.as_ref().map(|secret| SecretMark::of_vault_version(&secret.info.version));
        let note = async {
            let known = known?;
            if known == seen {
                return Ok(());
            }
            // What somebody noted, or took out of the vault, while that was asked is newer than what it answered.
            let is_current = move |txn: &ReadTxn| {
                Ok::<_, StoreError>(
                    txn.secret_mark(name)? == known && is_kept_there_still(txn, &settings, name)?,
                )
            };
            blocking(move || match row {
                Some(row) => store.write(|txn| if is_current(txn)? { row.write(txn) } else { Ok(()) }),
                None => forget(&store, name, is_current),
            })
            .await
        };
        if let Err(error) = note.await {
            // What was seen can be used all the same.
            tracing::warn!("what the key vault has as {} could not be noted: {error}", name.as_str());
        }
        Ok(found)
    }

    /// What the vault has under a name, if it is newer than this time (UTC), ready to be noted.
    ///
    /// # Errors
    /// When the vault can't be read.
    pub(super) async fn newer_in_vault(
        &self,
        name: SecretName,
        than: Timestamp,
    ) -> Result<Option<Row>, JobError> {
        let Some((vault, in_vault)) = self.vault_of(name) else { return Ok(None) };
        let versions = vault.versions(in_vault).await?;
        // One that is disabled counts for nothing; whether the vault gives the newest at all is for who relies on it to ask.
        let newest = versions.iter().find(|version| version.enabled);
        Ok(newest.filter(|version| set_at(version) > than).map(|version| Row::found(name, version)))
    }

    /// The refresh token, and who keeps what it is exchanged for; none where none is set.
    ///
    /// # Errors
    /// When the store or the vault can't be read.
    pub async fn refresh_token(&self) -> Result<Option<(SecretString, StoredToken)>, JobError> {
        let name = SecretName::RefreshToken;
        let store = self.store.clone();
        if let Some((vault, in_vault)) = self.vault_of(name) {
            let Some(secret) = self.seen_in_vault(name).await? else { return Ok(None) };
            let used = SecretMark::of_vault_version(&secret.info.version);
            let place = Place::Vault {
                vault: vault.clone(),
                name: in_vault.to_owned(),
                version: Mutex::new(secret.info.version),
                settings: Box::new(self.settings.clone()),
                runtime: Handle::current(),
            };
            return Ok(Some((secret.value, StoredToken::new(store, used, place))));
        }
        let marked = blocking(move || store.marked_secret(name)).await?;
        let store = self.store.clone();
        Ok(marked.map(|(token, used)| (token, StoredToken::new(store, used, Place::Store))))
    }

    /// Looks at the refresh token: in the vault, so that what another host did with it shows here; or whether the store gives it.
    ///
    /// # Errors
    /// When it can't be read where it is.
    pub async fn look_at_token(&self) -> Result<(), JobError> {
        self.get(SecretName::RefreshToken).await.map(drop)
    }
}

/// Forgets a secret that was in the vault, if that is what is known of it still.
fn forget(
    store: &Store,
    name: SecretName,
    is_current: impl Fn(&ReadTxn) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let was_there = |info: SecretInfo| matches!(info.place, SecretPlace::KeyVault { .. });
    let is_to_go = |txn: &ReadTxn| {
        Ok::<_, StoreError>(txn.secret_info(name)?.is_some_and(was_there) && is_current(txn)?)
    };
    if !store.read(is_to_go)? {
        return Ok(());
    }
    store.write(|txn| if is_to_go(txn)? { txn.remove_secret(name).map(drop) } else { Ok(()) })
}

/// Whether the stored settings keep a secret where these do.
fn is_kept_there_still(txn: &ReadTxn, settings: &Settings, name: SecretName) -> Result<bool, StoreError> {
    Ok(place_in_vault(&txn.settings()?.value, name) == place_in_vault(settings, name))
}
