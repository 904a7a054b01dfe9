//! Secrets: sealed with age by the identity file, which does not lie beside the store unless the operator wants it so.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::str::FromStr;

use age::x25519::{Identity, Recipient};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::audit::AuditEvent;
use super::error::{IdentityError, StoreError};
use super::gate::Gate;
use super::permissions::{self, TooLoose};
use super::tables;
use super::txn::{ReadTxn, WriteTxn};
use super::{Store, codec};
use crate::domain::token::Refusal;

/// Bytes of an identity file that are read; it is far shorter.
const IDENTITY: u64 = 64 << 10;

/// Which secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SecretName {
    /// The application's secret.
    CpvAppSecret,
    /// What stays signed in to Partner Center.
    RefreshToken,
    /// The password of the mail server.
    SmtpPassword,
}

impl SecretName {
    /// Every secret.
    pub const ALL: [Self; 3] = [Self::CpvAppSecret, Self::RefreshToken, Self::SmtpPassword];

    /// No secret is longer, in bytes; what is has been given by mistake.
    pub const LONGEST: usize = 64 << 10;

    /// The name, as in `settings secret NAME`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CpvAppSecret => "cpv_app_secret",
            Self::RefreshToken => "refresh_token",
            Self::SmtpPassword => "smtp_password",
        }
    }

    /// The secret of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.as_str() == text)
    }
}

/// When and by whom a secret was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretInfo {
    /// UTC.
    pub set_at: Timestamp,
    /// The operator's name.
    pub set_by: String,
    /// Why Microsoft refused the sign-in with it, until it or what goes with it is set anew.
    pub refused: Option<Refusal>,
}

/// A sealed secret, safe to be kept.
#[derive(Clone, Serialize, Deserialize)]
pub struct Sealed {
    #[serde(with = "codec::bytes")]
    ciphertext: Vec<u8>,
    recipient: String,
}

impl Sealed {
    pub(super) fn ciphertext(&self) -> &[u8] {
        &self.ciphertext
    }
}

#[derive(Serialize, Deserialize)]
struct Stored {
    sealed: Sealed,
    set_at: Timestamp,
    set_by: String,
    #[serde(default)]
    refused: Option<Refusal>,
}

impl ReadTxn {
    /// When and by whom a secret was set, if it is.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn secret_info(&self, name: SecretName) -> Result<Option<SecretInfo>, StoreError> {
        let stored = self.stored(name)?;
        Ok(stored.map(|Stored { set_at, set_by, refused, .. }| SecretInfo { set_at, set_by, refused }))
    }

    /// The sealed secret, to be opened outside of the transaction.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn sealed_secret(&self, name: SecretName) -> Result<Option<Sealed>, StoreError> {
        Ok(self.stored(name)?.map(|stored| stored.sealed))
    }

    fn stored(&self, name: SecretName) -> Result<Option<Stored>, StoreError> {
        self.get(tables::SECRETS, name.as_str().as_bytes())
    }
}

impl WriteTxn {
    /// Keeps a secret that was sealed by [`Store::seal`].
    ///
    /// # Errors
    /// When the store can't be written.
    pub fn put_sealed(&mut self, name: SecretName, sealed: Sealed) -> Result<(), StoreError> {
        let set_by = self.operator().name.clone();
        let stored = Stored { sealed, set_at: Timestamp::now(), set_by, refused: None };
        self.put(tables::SECRETS, name.as_str().as_bytes(), &stored)?;
        if name == SecretName::CpvAppSecret {
            // The sign-in may have been refused for the app's sake.
            self.put_refusal(SecretName::RefreshToken, None)?;
        }
        self.audit_secret("secret.set", name)
    }

    /// Notes that a sign-in with a secret was refused, or that nothing is known of that any more.
    ///
    /// # Errors
    /// When the store can't be written.
    pub(super) fn put_refusal(
        &mut self,
        name: SecretName,
        refused: Option<Refusal>,
    ) -> Result<(), StoreError> {
        match self.stored(name)? {
            Some(stored) if stored.refused != refused => {
                self.put(tables::SECRETS, name.as_str().as_bytes(), &Stored { refused, ..stored })
            }
            _ => Ok(()),
        }
    }

    /// Forgets a secret; whether there was one.
    ///
    /// # Errors
    /// When the store can't be written.
    pub fn remove_secret(&mut self, name: SecretName) -> Result<bool, StoreError> {
        let there = self.remove(tables::SECRETS, name.as_str().as_bytes())?;
        if there {
            self.audit_secret("secret.remove", name)?;
        }
        Ok(there)
    }

    fn audit_secret(&mut self, action: &str, name: SecretName) -> Result<(), StoreError> {
        let subject = name.as_str().to_owned();
        self.audit(AuditEvent { action: action.to_owned(), subject, detail: String::new() })
    }
}

impl Store {
    /// Keeps a secret. The first one makes the identity file.
    ///
    /// # Errors
    /// [`StoreError::Identity`] where the identity file is missing, open to others or not the one of the secrets that are there.
    pub fn put_secret(&self, name: SecretName, value: &SecretString) -> Result<(), StoreError> {
        let sealed = self.seal(name, value)?;
        self.write(|txn| txn.put_sealed(name, sealed))
    }

    /// A secret, if it is set.
    ///
    /// # Errors
    /// [`StoreError::Identity`] where the identity file is missing, open to others or another one.
    pub fn secret(&self, name: SecretName) -> Result<Option<SecretString>, StoreError> {
        let sealed = self.read(|txn| txn.sealed_secret(name))?;
        sealed.map(|sealed| self.unseal(name, &sealed)).transpose()
    }

    /// Seals a secret, so that it can be written by [`WriteTxn::put_sealed`] together with something else.
    ///
    /// # Errors
    /// As for [`Store::put_secret`].
    pub fn seal(&self, name: SecretName, value: &SecretString) -> Result<Sealed, StoreError> {
        let recipient = self.recipient(name)?;
        // The name goes in, so that a sealed secret that somebody stores under another name does not open there.
        let plain = Zeroizing::new([name.as_str(), "\0", value.expose_secret()].concat());
        let ciphertext = age::encrypt(&recipient, plain.as_bytes())
            .map_err(|_| StoreError::Fault("a secret can't be encrypted".to_owned()))?;
        Ok(Sealed { ciphertext, recipient: recipient.to_string() })
    }

    /// Opens a sealed secret. Slow enough to be done outside of transactions.
    ///
    /// # Errors
    /// As for [`Store::secret`].
    pub fn unseal(&self, name: SecretName, sealed: &Sealed) -> Result<SecretString, StoreError> {
        let path = || self.options().identity.clone();
        let foreign = || IdentityError::Foreign { path: path(), name: name.as_str() };
        let identity = self.identity()?.ok_or_else(|| IdentityError::Missing { path: path() })?;
        if identity.to_public().to_string() != sealed.recipient {
            return Err(foreign().into());
        }
        let plain = age::decrypt(&identity, &sealed.ciphertext).map(Zeroizing::new).map_err(|_| foreign())?;
        let value = std::str::from_utf8(&plain).ok().and_then(|p| p.strip_prefix(name.as_str()));
        value.and_then(|v| v.strip_prefix('\0')).map(SecretString::from).ok_or_else(|| foreign().into())
    }

    /// To whom a secret is sealed: the identity file's public half. A new identity is made where there is none, and none is needed
    /// for another secret.
    fn recipient(&self, name: SecretName) -> Result<Recipient, StoreError> {
        let others = self.read(|txn| {
            let others = SecretName::ALL.into_iter().filter(|other| *other != name);
            let sealed = others.map(|other| Ok((other, txn.sealed_secret(other)?)));
            sealed.collect::<Result<Vec<_>, StoreError>>()
        })?;
        let others = others.into_iter().filter_map(|(name, sealed)| Some((name, sealed?)));
        let others: Vec<(SecretName, Sealed)> = others.collect();
        let path = || self.options().identity.clone();
        let recipient = match self.identity()? {
            Some(identity) => identity.to_public(),
            None if others.is_empty() => self.make_identity()?.to_public(),
            None => return Err(IdentityError::Missing { path: path() }.into()),
        };
        let ours = recipient.to_string();
        match others.iter().find(|(_, sealed)| sealed.recipient != ours) {
            Some((name, _)) => Err(IdentityError::Foreign { path: path(), name: name.as_str() }.into()),
            None => Ok(recipient),
        }
    }

    fn identity(&self) -> Result<Option<Identity>, IdentityError> {
        let path = &self.options().identity;
        let io = |source| IdentityError::Io { path: path.clone(), source };
        let file = match File::open(path) {
            Ok(file) => file,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(io(e)),
        };
        if let Some(TooLoose { mode, command }) =
            permissions::too_loose(path, self.options().sharing).map_err(io)?
        {
            return Err(IdentityError::Permissions { path: path.clone(), mode, command });
        }
        let mut text = Zeroizing::new(String::new());
        file.take(IDENTITY).read_to_string(&mut text).map_err(io)?;
        let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
        let identity = line.and_then(|line| Identity::from_str(line).ok());
        identity.map(Some).ok_or_else(|| IdentityError::Unreadable { path: path.clone() })
    }

    /// Writes a new identity under another name and moves it into place, with the store's writers kept away, so that two operators
    /// don't make two.
    fn make_identity(&self) -> Result<Identity, StoreError> {
        let path = &self.options().identity;
        let io = |source| IdentityError::Io { path: path.clone(), source };
        let sharing = self.options().sharing;
        let _gate: Gate = self.gate(&mut self.patience())?;
        if let Some(identity) = self.identity()? {
            return Ok(identity);
        }
        permissions::make_folder(permissions::folder_of(path), sharing).map_err(io)?;
        let identity = Identity::generate();
        let secret = identity.to_string();
        let text = Zeroizing::new(format!(
            "# The key to the secrets of {}. Keep a copy in a safe place, apart from the store's backups.\n# public key: {}\n{}\n",
            self.path().display(),
            identity.to_public(),
            secret.expose_secret()
        ));
        let mut new = path.as_os_str().to_owned();
        new.push(".new");
        let new = PathBuf::from(new);
        let write = || -> std::io::Result<()> {
            let mut options = OpenOptions::new();
            let mut file =
                options.write(true).create(true).truncate(true).mode(sharing.file_mode()).open(&new)?;
            permissions::set_file_mode(&file, sharing)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&new, path)?;
            File::open(permissions::folder_of(path))?.sync_all()
        };
        write().map_err(io)?;
        Ok(identity)
    }
}
