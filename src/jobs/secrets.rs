//! The partner's secrets, wherever they are kept: sealed in the store, or in the key vault. Nobody else asks where.

mod stored_token;

use std::sync::Mutex;

use jiff::Timestamp;
use secrecy::SecretString;
use tokio::runtime::Handle;
use url::Url;

use super::connect::Reach;
use super::error::{JobError, blocking};
use crate::domain::settings::{KeyVaultIdentity, MfaMethod, Settings};
use crate::partner_center::{Access, KeyVault, KeyVaultOptions, VaultError, VaultSecret, VersionInfo};
use crate::store::{Obtained, Origin, Sealed, SecretMark, SecretName, Store, StoreError, WriteTxn};

use stored_token::Place;
pub use stored_token::StoredToken;

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

/// In which vault a secret is by these settings, and under which name; none where it is in the store.
pub(super) fn vault_place(settings: &Settings, name: SecretName) -> Option<(Option<&str>, &str)> {
    is_in_vault(settings, name).then(|| (settings.key_vault_url.as_deref(), name_in_vault(settings, name)))
}

/// What a secret is called in the vault.
fn name_in_vault(settings: &Settings, name: SecretName) -> &str {
    match name {
        SecretName::CpvAppSecret => &settings.key_vault_name_cpv_app_secret,
        SecretName::RefreshToken | SecretName::KeyVaultSecret => &settings.key_vault_name_refresh_token,
        SecretName::SmtpPassword => &settings.key_vault_name_smtp_password,
    }
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
    if is_in_vault(&settings, name) {
        return Secrets::of(store, reach, settings).await?.put(name, value, Origin::ByHand).await;
    }
    let (store, value) = (store.clone(), value.clone());
    blocking(move || store.put_secret(name, &value)).await
}

/// A secret in its place, of which the store is still to take note.
pub(super) struct Placed {
    name: SecretName,
    spot: Spot,
    origin: Origin,
}

enum Spot {
    Store(Sealed),
    Vault { version: String, since: Timestamp },
}

impl Placed {
    /// Takes note of it.
    ///
    /// # Errors
    /// When the store can't be written.
    pub(super) fn note(self, txn: &mut WriteTxn) -> Result<(), StoreError> {
        match self.spot {
            Spot::Store(sealed) => txn.put_sealed(self.name, sealed, self.origin),
            Spot::Vault { version, since } => txn.put_in_vault(self.name, &version, since, self.origin),
        }
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
            Some(_) => Ok(self.read_vault(name).await?.map(|secret| secret.value)),
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
        let placed = self.place(name, value, origin).await?;
        let store = self.store.clone();
        blocking(move || store.write(|txn| placed.note(txn))).await
    }

    /// Puts a secret where it is kept. Until that is noted, the store goes by the one before.
    ///
    /// # Errors
    /// As for [`Secrets::put`].
    pub(super) async fn place(
        &self,
        name: SecretName,
        value: &SecretString,
        origin: Origin,
    ) -> Result<Placed, JobError> {
        let store = self.store.clone();
        let Some((vault, in_vault)) = self.vault_of(name) else {
            let value = value.clone();
            let sealed = blocking(move || store.seal(name, &value)).await?;
            return Ok(Placed { name, spot: Spot::Store(sealed), origin });
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
        Ok(Placed { name, spot: Spot::Vault { version, since: now }, origin })
    }

    /// What the vault has under a name.
    async fn in_vault(&self, name: SecretName) -> Result<Option<VaultSecret>, JobError> {
        let Some((vault, in_vault)) = self.vault_of(name) else { return Ok(None) };
        match vault.get(in_vault, None).await {
            Ok(secret) => Ok(Some(secret)),
            Err(VaultError::NoSecret { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What the vault has under a name, noted in the store where that did not know this version.
    async fn read_vault(&self, name: SecretName) -> Result<Option<VaultSecret>, JobError> {
        let Some(secret) = self.in_vault(name).await? else { return Ok(None) };
        let (store, placed) = (self.store.clone(), found(name, &secret.info));
        let mark = SecretMark::of_vault_version(&secret.info.version);
        blocking(move || {
            if store.read(|txn| txn.secret_mark(name))? == Some(mark) {
                return Ok(());
            }
            store.write(|txn| placed.note(txn))
        })
        .await?;
        Ok(Some(secret))
    }

    /// A secret that is in the vault already, for taking note of.
    ///
    /// # Errors
    /// When the vault can't be read.
    pub(super) async fn find(&self, name: SecretName) -> Result<Option<Placed>, JobError> {
        Ok(self.in_vault(name).await?.map(|secret| found(name, &secret.info)))
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
            let Some(secret) = self.read_vault(name).await? else { return Ok(None) };
            let used = SecretMark::of_vault_version(&secret.info.version);
            let place = Place::Vault {
                vault: vault.clone(),
                name: in_vault.to_owned(),
                version: Mutex::new(secret.info.version),
                runtime: Handle::current(),
            };
            return Ok(Some((secret.value, StoredToken::new(store, used, place))));
        }
        let marked = blocking(move || store.marked_secret(name)).await?;
        let store = self.store.clone();
        Ok(marked.map(|(token, used)| (token, StoredToken::new(store, used, Place::Store))))
    }

    /// Looks at the refresh token in the vault, so that what another host did with it shows here, and tells whether it is there.
    /// Where it is kept in the store there is nothing to look at, and nothing against it.
    ///
    /// # Errors
    /// When the vault can't be read.
    pub async fn look_at_token(&self) -> Result<bool, JobError> {
        let name = SecretName::RefreshToken;
        Ok(self.read_vault(name).await?.is_some() || !is_in_vault(&self.settings, name))
    }
}

/// What is in the vault, as its tags tell where it came from.
fn found(name: SecretName, info: &VersionInfo) -> Placed {
    let tag = |key: &str| info.tags.get(key);
    let obtained = tag(OBTAINED_AT).and_then(|at| at.parse().ok()).map(|at| Obtained {
        at,
        by: tag(OBTAINED_BY).cloned().unwrap_or_default(),
        user: tag(CONSENT_OF).cloned(),
    });
    let since = info.updated.or(info.created).unwrap_or_else(Timestamp::now);
    Placed {
        name,
        spot: Spot::Vault { version: info.version.clone(), since },
        origin: Origin::Moved(obtained),
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
