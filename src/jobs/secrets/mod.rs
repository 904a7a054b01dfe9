//! The partner's secrets, wherever they are kept: sealed in the store, or in the key vault. Nobody else asks where.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use secrecy::SecretString;
use tokio::runtime::Handle;
use url::Url;

use super::connect::Reach;
use super::error::{JobError, blocking};
use crate::domain::settings::{KeyVaultIdentity, MfaMethod, Settings};
use crate::domain::token::Refusal;
use crate::partner_center::{Access, KeyVault, KeyVaultOptions, TokenKeeper, VaultError, VaultSecret};
use crate::store::{Obtained, Origin, SecretMark, SecretName, Store};

/// Tags of a secret in the vault, by which hosts that share it know where it came from.
const OBTAINED_AT: &str = "obtained-at";
const OBTAINED_BY: &str = "obtained-by";
const CONSENT_OF: &str = "consent-of";

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

/// What a secret is called in the vault.
fn name_in_vault(settings: &Settings, name: SecretName) -> &str {
    match name {
        SecretName::CpvAppSecret => &settings.key_vault_name_cpv_app_secret,
        SecretName::RefreshToken | SecretName::KeyVaultSecret => &settings.key_vault_name_refresh_token,
        SecretName::SmtpPassword => &settings.key_vault_name_smtp_password,
    }
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
        let vault = match settings.mfa_method {
            MfaMethod::Manual => None,
            MfaMethod::KeyVault => Some(open_vault(store, reach, &settings).await?),
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
        let vault = self.vault.as_ref().filter(|_| is_in_vault(&self.settings, name))?;
        Some((vault, name_in_vault(&self.settings, name)))
    }

    /// A secret, if it is set.
    ///
    /// # Errors
    /// When the store or the vault can't be read.
    pub async fn get(&self, name: SecretName) -> Result<Option<SecretString>, JobError> {
        match self.vault_of(name) {
            Some(_) => Ok(self.from_vault(name).await?.map(|secret| secret.value)),
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
        let store = self.store.clone();
        let Some((vault, in_vault)) = self.vault_of(name) else {
            let value = value.clone();
            return blocking(move || {
                let sealed = store.seal(name, &value)?;
                store.write(|txn| txn.put_sealed(name, sealed, origin))
            })
            .await;
        };
        let now = Timestamp::now();
        let obtained = match &origin {
            Origin::ByHand => Some(Obtained { at: now, by: store.operator().name.clone(), user: None }),
            Origin::Consent(user) => {
                Some(Obtained { at: now, by: store.operator().name.clone(), user: user.clone() })
            }
            Origin::Moved(obtained) => obtained.clone(),
            Origin::Renewal => {
                let store = store.clone();
                blocking(move || store.read(|txn| txn.secret_info(name)))
                    .await?
                    .and_then(|info| info.obtained)
            }
        };
        let version = write_to_vault(vault, in_vault, value, obtained.as_ref()).await?;
        blocking(move || store.write(|txn| txn.put_in_vault(name, &version, now, origin))).await
    }

    /// What the vault has under a name, noted in the store where that did not know this version.
    async fn from_vault(&self, name: SecretName) -> Result<Option<VaultSecret>, JobError> {
        let Some((vault, in_vault)) = self.vault_of(name) else { return Ok(None) };
        let secret = match vault.get(in_vault, None).await {
            Ok(secret) => secret,
            Err(VaultError::NoSecret { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let (store, info) = (self.store.clone(), secret.info.clone());
        blocking(move || {
            let mark = SecretMark::of_vault_version(&info.version);
            if store.read(|txn| txn.secret_mark(name))? == Some(mark) {
                return Ok(());
            }
            let set_at = info.updated.or(info.created).unwrap_or_else(Timestamp::now);
            let tag = |key: &str| info.tags.get(key);
            let obtained = tag(OBTAINED_AT).and_then(|at| at.parse().ok()).map(|at| Obtained {
                at,
                by: tag(OBTAINED_BY).cloned().unwrap_or_default(),
                user: tag(CONSENT_OF).cloned(),
            });
            store.write(|txn| txn.put_in_vault(name, &info.version, set_at, Origin::Moved(obtained)))
        })
        .await?;
        Ok(Some(secret))
    }

    /// When the newest version of a secret in the vault was made, UTC; none where there is none, or it is not kept there.
    ///
    /// # Errors
    /// When the vault can't be read.
    pub(super) async fn newest_in_vault(&self, name: SecretName) -> Result<Option<Timestamp>, JobError> {
        let Some((vault, in_vault)) = self.vault_of(name) else { return Ok(None) };
        let versions = vault.versions(in_vault).await?;
        Ok(versions.first().and_then(|version| version.updated.or(version.created)))
    }

    /// The refresh token, and who keeps what it is exchanged for; none where none is set.
    ///
    /// # Errors
    /// When the store or the vault can't be read.
    pub async fn refresh_token(&self) -> Result<Option<(SecretString, StoredToken)>, JobError> {
        let name = SecretName::RefreshToken;
        let store = self.store.clone();
        if let Some((vault, in_vault)) = self.vault_of(name) {
            let Some(secret) = self.from_vault(name).await? else { return Ok(None) };
            let used = SecretMark::of_vault_version(&secret.info.version);
            let place = Place::Vault {
                vault: vault.clone(),
                name: in_vault.to_owned(),
                version: Mutex::new(secret.info.version),
                runtime: Handle::current(),
            };
            return Ok(Some((secret.value, StoredToken { store, used: Mutex::new(used), place })));
        }
        let marked = blocking(move || store.marked_secret(name)).await?;
        let store = self.store.clone();
        Ok(marked
            .map(|(token, used)| (token, StoredToken { store, used: Mutex::new(used), place: Place::Store })))
    }

    /// Looks at the refresh token in the vault, so that what another host did with it shows here; nothing where it is in the store.
    ///
    /// # Errors
    /// When the vault can't be read.
    pub async fn look_at_token(&self) -> Result<(), JobError> {
        self.from_vault(SecretName::RefreshToken).await.map(drop)
    }
}

async fn open_vault(store: &Store, reach: &Reach, settings: &Settings) -> Result<KeyVault, JobError> {
    let missing = |missing, remedy| JobError::NotSetUp { missing, remedy };
    let address = settings.key_vault_url.as_deref();
    let vault = address.and_then(|address| Url::parse(address).ok()).ok_or_else(|| {
        missing("the key vault's address", "cspdeck settings set key_vault_url=https://YOURS.vault.azure.net")
    })?;
    let app_id = || {
        settings
            .cpv_app_id
            .clone()
            .ok_or_else(|| missing("the CPV App ID", "cspdeck settings set cpv_app_id=GUID"))
    };
    let here = |name: SecretName| {
        let store = store.clone();
        async move { blocking(move || store.secret(name)).await }
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
        managed_identity: reach.managed_identity.clone(),
        access,
        timeouts: reach.timeouts(),
        max_attempts: reach.max_attempts,
    };
    Ok(KeyVault::new(&options)?)
}

/// Writes a new version and returns its name.
async fn write_to_vault(
    vault: &KeyVault,
    name: &str,
    value: &SecretString,
    obtained: Option<&Obtained>,
) -> Result<String, VaultError> {
    let at = obtained.map(|obtained| obtained.at.to_string());
    let mut tags = Vec::new();
    if let (Some(obtained), Some(at)) = (obtained, &at) {
        tags.push((OBTAINED_AT, at.as_str()));
        tags.push((OBTAINED_BY, obtained.by.as_str()));
        if let Some(user) = &obtained.user {
            tags.push((CONSENT_OF, user.as_str()));
        }
    }
    Ok(vault.set(name, value, &tags, Some("text/plain")).await?.version)
}

/// Where a token goes that was renewed.
enum Place {
    Store,
    Vault {
        vault: KeyVault,
        name: String,
        /// That was read or stored here last.
        version: Mutex<String>,
        runtime: Handle,
    },
}

/// The token that a job has signed in with, for keeping what it is exchanged for.
pub struct StoredToken {
    store: Store,
    /// Of the token that was read or stored here last.
    used: Mutex<SecretMark>,
    place: Place,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl StoredToken {
    fn keep_in_store(&self, renewed: &SecretString) -> Result<bool, String> {
        let mut used = locked(&self.used);
        let stored = self.store.exchange_secret(SecretName::RefreshToken, &used, renewed);
        let mark = stored.map_err(|error| error.to_string())?;
        let kept = mark.is_some();
        if let Some(mark) = mark {
            *used = mark;
        }
        Ok(kept)
    }

    fn keep_in_vault(
        &self,
        renewed: &SecretString,
        vault: &KeyVault,
        name: &str,
        version: &mut String,
        runtime: &Handle,
    ) -> Result<bool, String> {
        let text = |error: VaultError| error.to_string();
        let info = self.store.read(|txn| txn.secret_info(SecretName::RefreshToken));
        let obtained = info.ok().flatten().and_then(|info| info.obtained);
        let newest = runtime.block_on(vault.get(name, None)).map_err(text)?.info.version;
        if newest != *version {
            return Ok(false);
        }
        *version = runtime.block_on(write_to_vault(vault, name, renewed, obtained.as_ref())).map_err(text)?;
        *locked(&self.used) = SecretMark::of_vault_version(version);
        let noted = self.store.write(|txn| {
            txn.put_in_vault(SecretName::RefreshToken, version, Timestamp::now(), Origin::Renewal)
        });
        if let Err(error) = noted {
            // The vault has it; the next look at the vault brings the note up to date.
            tracing::warn!("that the key vault has a newer refresh token could not be noted: {error}");
        }
        Ok(true)
    }
}

impl TokenKeeper for StoredToken {
    /// One that was set meanwhile, by hand or by another host, is meant to take the place of the renewed one, so it stays.
    fn keep(&self, renewed: &SecretString) -> Result<(), String> {
        let kept = match &self.place {
            Place::Store => self.keep_in_store(renewed)?,
            Place::Vault { vault, name, version, runtime } => {
                self.keep_in_vault(renewed, vault, name, &mut locked(version), runtime)?
            }
        };
        if !kept {
            tracing::warn!(
                "the refresh token was set or removed while this job was signed in: what is stored stays, and the job goes on \
                 with its own"
            );
        }
        Ok(())
    }

    /// Every dashboard on this store shows it, until another token is set.
    fn refused(&self, code: &str) {
        let refusal = Refusal { at: Timestamp::now(), code: code.to_owned() };
        let used = locked(&self.used).clone();
        if let Err(error) = self.store.note_refusal(SecretName::RefreshToken, &used, refusal) {
            tracing::warn!("that Microsoft refused the sign-in could not be noted: {error}");
        }
    }
}
