//! Sealing secrets with age, to the identity file's public half, and opening them again.

use age::x25519::Recipient;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::error::{IdentityError, StoreError};
use super::secret_name::SecretName;
use super::{Store, codec};

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

impl Store {
    /// Seals a secret, so that it can be written by [`put_sealed`](super::WriteTxn::put_sealed) together with something else.
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
}
