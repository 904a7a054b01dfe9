//! Who may read and write the files: the owner alone, or a group by configuration. Anything looser is refused.

use std::fs::{DirBuilder, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::Path;

use super::error::StoreError;

/// Set on folders in which everybody may make files.
const STICKY: u32 = 0o1000;

/// With whom the store is shared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sharing {
    /// One account: files 0600 in a folder 0700.
    #[default]
    Private,
    /// A group: files 0660 in a folder 2770, so that new files belong to the group too.
    Group,
}

impl Sharing {
    /// The permission bits of files.
    pub(super) fn file_mode(self) -> u32 {
        match self {
            Self::Private => 0o600,
            Self::Group => 0o660,
        }
    }

    /// The permission bits of the folder.
    fn folder_mode(self) -> u32 {
        match self {
            Self::Private => 0o700,
            Self::Group => 0o2770,
        }
    }

    /// The bits that nobody may have.
    fn forbidden(self) -> u32 {
        match self {
            Self::Private => 0o077,
            Self::Group => 0o007,
        }
    }
}

/// The folder that a file is in.
pub(super) fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Makes a folder, and those above it, where they are missing. The mode is set again because the umask takes bits away.
pub(super) fn make_folder(folder: &Path, sharing: Sharing) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    std::fs::set_permissions(folder, Permissions::from_mode(sharing.folder_mode()))
}

/// Gives a file that was just made its mode, whatever the umask.
pub(super) fn set_file_mode(file: &File, sharing: Sharing) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(sharing.file_mode()))
}

/// What is too loose about a file or folder.
pub(super) struct TooLoose {
    pub(super) mode: u32,
    pub(super) command: String,
}

/// Whether a file or folder is open to more people than it may be.
pub(super) fn too_loose(path: &Path, sharing: Sharing) -> io::Result<Option<TooLoose>> {
    let metadata = std::fs::metadata(path)?;
    let mode = metadata.mode() & 0o7777;
    let wanted = if metadata.is_dir() { sharing.folder_mode() } else { sharing.file_mode() };
    // A folder that everybody is meant to share, such as /tmp, is not to be closed to them.
    let command = if mode & STICKY == 0 {
        format!("chmod {wanted:o} {}", quoted(path))
    } else {
        format!("mkdir -m {wanted:o} {} (and use a file in that folder)", quoted(&path.join("cspdeck")))
    };
    Ok((mode & sharing.forbidden() != 0).then_some(TooLoose { mode, command }))
}

/// The same as an error.
pub(super) fn check(path: &Path, sharing: Sharing) -> Result<(), StoreError> {
    match too_loose(path, sharing).map_err(|e| StoreError::io(path, e))? {
        None => Ok(()),
        Some(TooLoose { mode, command }) => {
            Err(StoreError::Permissions { path: path.to_owned(), mode, command })
        }
    }
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    if text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-+".contains(&b)) {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looser_than_shared_is_refused_with_what_mends_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("it's here");
        std::fs::write(&file, "").unwrap();
        for (mode, private, group) in [
            (0o600, true, true),
            (0o400, true, true),
            (0o640, false, true),
            (0o660, false, true),
            (0o604, false, false),
            (0o666, false, false),
        ] {
            std::fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
            assert_eq!(check(&file, Sharing::Private).is_ok(), private, "{mode:o}");
            assert_eq!(check(&file, Sharing::Group).is_ok(), group, "{mode:o}");
        }
        let error = check(&file, Sharing::Group).unwrap_err().to_string();
        let command = error.split("run: ").nth(1).unwrap();
        assert!(std::process::Command::new("sh").args(["-c", command]).status().unwrap().success());
        check(&file, Sharing::Group).unwrap();
    }

    #[test]
    fn folders_are_made_for_those_who_share() {
        let root = tempfile::tempdir().unwrap();
        for (sharing, mode) in [(Sharing::Private, 0o700), (Sharing::Group, 0o2770)] {
            let folder = root.path().join(format!("{sharing:?}/deep/er"));
            make_folder(&folder, sharing).unwrap();
            assert_eq!(std::fs::metadata(&folder).unwrap().mode() & 0o7777, mode);
        }
    }
}
