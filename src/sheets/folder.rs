//! What a folder holds, for choosing a file in it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::Timestamp;

/// More entries than this are not listed: nobody chooses from them, and a folder may hold millions.
pub const MOST_ENTRIES: usize = 10_000;

/// One entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name, as it is; not printable as it stands.
    pub name: String,
    /// Whether it is a folder, or a link to one.
    pub is_folder: bool,
    /// Bytes; 0 for a folder.
    pub size: u64,
    /// When it was last written, UTC.
    pub modified: Option<Timestamp>,
}

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A folder, its own folders first, each by name.
    Folder {
        /// Its full path.
        path: PathBuf,
        /// What it holds.
        entries: Vec<Entry>,
        /// Whether there are more than [`MOST_ENTRIES`].
        cut: bool,
    },
    /// A file.
    File(PathBuf),
}

/// The path meant by what was typed: `~` is the operator's home, and a relative one is of this folder.
#[must_use]
pub fn resolve(typed: &str, folder: &Path) -> PathBuf {
    let home = || std::env::home_dir().unwrap_or_default();
    match typed.trim() {
        "~" => home(),
        typed => match typed.strip_prefix("~/") {
            Some(rest) => home().join(rest),
            None => folder.join(typed),
        },
    }
}

/// Looks where a path leads.
///
/// # Errors
/// When there is nothing, or it can't be read.
pub fn look(path: &Path) -> io::Result<Found> {
    let path = fs::canonicalize(path)?;
    if !path.is_dir() {
        return Ok(Found::File(path));
    }
    let mut entries = Vec::new();
    let mut cut = false;
    for entry in fs::read_dir(&path)? {
        if entries.len() == MOST_ENTRIES {
            cut = true;
            break;
        }
        let entry = entry?;
        // A name that is no UTF-8 could not be typed or shown; a broken link leads nowhere.
        let (Ok(name), Ok(facts)) = (entry.file_name().into_string(), fs::metadata(entry.path())) else {
            continue;
        };
        let is_folder = facts.is_dir();
        entries.push(Entry {
            name,
            is_folder,
            size: if is_folder { 0 } else { facts.len() },
            modified: facts.modified().ok().and_then(timestamp),
        });
    }
    entries.sort_by_cached_key(|entry| (!entry.is_folder, entry.name.to_lowercase()));
    Ok(Found::Folder { path, entries, cut })
}

fn timestamp(time: SystemTime) -> Option<Timestamp> {
    Timestamp::try_from(time).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_come_first_then_files_by_name() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.csv", "A.xlsx", ".hidden"] {
            fs::write(folder.path().join(name), "12345").unwrap();
        }
        fs::create_dir(folder.path().join("zip")).unwrap();
        std::os::unix::fs::symlink("/no/such/place", folder.path().join("broken")).unwrap();
        let Found::Folder { entries, cut, .. } = look(folder.path()).unwrap() else { panic!() };
        let names: Vec<&str> = entries.iter().map(|e| e.name.as_str()).collect();
        assert_eq!(names, ["zip", ".hidden", "A.xlsx", "b.csv"]);
        assert_eq!((entries[3].size, entries[0].is_folder, cut), (5, true, false));
        let file = folder.path().join("b.csv");
        assert_eq!(look(&file).unwrap(), Found::File(file.canonicalize().unwrap()));
        assert!(look(&folder.path().join("none")).is_err());
    }

    #[test]
    fn a_typed_path_is_of_home_of_the_root_or_of_the_folder() {
        let folder = Path::new("/data/lists");
        assert_eq!(resolve("/tmp/a.csv", folder), Path::new("/tmp/a.csv"));
        assert_eq!(resolve("nov/a.csv", folder), Path::new("/data/lists/nov/a.csv"));
        assert_eq!(resolve("~/a.csv", folder), std::env::home_dir().unwrap().join("a.csv"));
        assert_eq!(resolve(" ~ ", folder), std::env::home_dir().unwrap());
    }
}
