//! The identity file: the key to the store's secrets, which does not lie beside the store unless the operator wants it so.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::str::FromStr;

use age::x25519::Identity;
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::Store;
use super::error::{IdentityError, StoreError};
use super::gate::Gate;
use super::permissions::{self, TooLoose};

/// Bytes of an identity file that are read; it is far shorter.
const IDENTITY: u64 = 64 << 10;

impl Store {
    pub(super) fn identity(&self) -> Result<Option<Identity>, IdentityError> {
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
    pub(super) fn make_identity(&self) -> Result<Identity, StoreError> {
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
