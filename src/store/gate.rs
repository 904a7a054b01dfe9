//! The side file `NAME.holder`: the writers' queue, and the note of who is writing.
//!
//! redb's lock alone lets writers starve: with many readers there is always one in the file. So a writer locks the side file
//! first and keeps it until it is done, and a reader only passes while nobody has it. New readers wait, those inside finish,
//! and the writer gets in. The file stays, empty while nobody writes; the lock ends with its process, whatever ends it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::{Holder, StoreError};
use super::permissions::{self, Sharing};
use super::{process, turns};

/// How long the first wait is, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// Bytes of the note that are read; it is far shorter.
const NOTE: u64 = 4096;

/// What is left of the time that somebody may wait.
pub(super) struct Patience {
    store: PathBuf,
    deadline: Instant,
    pause: Duration,
    /// Tells the others that somebody waits.
    waiting: Option<File>,
}

impl Patience {
    pub(super) fn new(store: &Path, wait: Duration) -> Self {
        let deadline = Instant::now() + wait;
        Self { store: store.to_owned(), deadline, pause: FIRST_PAUSE, waiting: None }
    }

    /// Waits a little longer than the last time, by chance more or less; false when the time is up.
    pub(super) fn pause(&mut self) -> bool {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        if self.waiting.is_none() {
            self.waiting = turns::wait_in(&self.store);
        }
        std::thread::sleep(self.pause.mul_f64(0.5 + fastrand::f64()).min(left));
        self.pause = (self.pause * 3 / 2).min(LONGEST_PAUSE);
        true
    }

    /// What was waited for is there.
    pub(super) fn is_rewarded(&mut self) {
        self.waiting = None;
    }
}

/// The writer's place. Given up when dropped.
pub(super) struct Gate {
    file: File,
}

#[derive(Serialize, Deserialize)]
struct Note {
    pid: u32,
    #[serde(default)]
    started: Option<u64>,
    user: String,
    since: Timestamp,
}

impl Gate {
    /// Where the side file of a store is.
    pub(super) fn path(store: &Path) -> PathBuf {
        let mut name = store.as_os_str().to_owned();
        name.push(".holder");
        name.into()
    }

    /// Waits for the writer's place and leaves a note of who has it.
    pub(super) fn take(
        store: &Path,
        sharing: Sharing,
        user: &str,
        patience: &mut Patience,
    ) -> Result<Self, StoreError> {
        let path = Self::path(store);
        let file = open_or_create(&path, sharing).map_err(|e| StoreError::io(&path, e))?;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) => {
                    if !patience.pause() {
                        return Err(StoreError::InUse { path: store.to_owned(), holder: holder(store) });
                    }
                }
                Err(TryLockError::Error(e)) => return Err(StoreError::io(&path, e)),
            }
        }
        patience.is_rewarded();
        let mut gate = Self { file };
        gate.leave_note(user);
        Ok(gate)
    }

    /// Waits until nobody writes or is about to. Without a side file nobody ever wrote.
    pub(super) fn pass(store: &Path, patience: &mut Patience) -> Result<(), StoreError> {
        let Ok(file) = File::open(Self::path(store)) else { return Ok(()) };
        while let Err(TryLockError::WouldBlock) = file.try_lock_shared() {
            if !patience.pause() {
                return Err(StoreError::InUse { path: store.to_owned(), holder: holder(store) });
            }
        }
        Ok(())
    }

    /// A courtesy to those who wait: that it can't be written (a full disk) must not keep the writer from its work.
    fn leave_note(&mut self, user: &str) {
        let this = process::this();
        let note =
            Note { pid: this.pid, started: this.started, user: user.to_owned(), since: Timestamp::now() };
        if let Ok(text) = serde_json::to_vec(&note)
            && self.file.set_len(0).is_ok()
            && self.file.rewind().is_ok()
        {
            let _: Result<(), std::io::Error> = self.file.write_all(&text);
        }
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        // A note that stays behind names a process that no longer writes; who reads it checks the lock first.
        let _: Result<(), std::io::Error> = self.file.set_len(0);
    }
}

/// Who left the note, if that process is still there.
pub(super) fn holder(store: &Path) -> Option<Holder> {
    let mut text = Vec::new();
    File::open(Gate::path(store)).ok()?.take(NOTE).read_to_end(&mut text).ok()?;
    let note: Note = serde_json::from_slice(&text).ok()?;
    let there = !process::has_ended(note.pid, note.started);
    there.then_some(Holder { pid: note.pid, user: note.user, since: note.since })
}

fn open_or_create(path: &Path, sharing: Sharing) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(sharing.file_mode());
    loop {
        match options.open(path) {
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            opened => return opened,
        }
        match options.clone().create_new(true).open(path) {
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
            Ok(file) => {
                permissions::set_file_mode(&file, sharing)?;
                return Ok(file);
            }
            Err(e) => return Err(e),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(store: &Path, user: &str) -> Result<Gate, StoreError> {
        Gate::take(store, Sharing::Private, user, &mut Patience::new(store, Duration::ZERO))
    }

    #[test]
    fn who_waits_in_vain_learns_who_writes() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store.redb");
        let gate = take(&store, "anna").unwrap();
        let Err(StoreError::InUse { holder: Some(holder), .. }) = take(&store, "bert") else {
            panic!("two writers at once");
        };
        assert_eq!((holder.user.as_str(), holder.pid), ("anna", std::process::id()));
        let reader = Gate::pass(&store, &mut Patience::new(&store, Duration::ZERO));
        assert!(reader.unwrap_err().to_string().contains("anna"));

        drop(gate);
        assert_eq!(super::holder(&store), None);
        Gate::pass(&store, &mut Patience::new(&store, Duration::ZERO)).unwrap();
        take(&store, "bert").unwrap();
    }

    #[test]
    fn a_note_of_a_process_that_is_gone_misleads_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store.redb");
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let note = Note { pid: child.id(), started: None, user: "anna".into(), since: Timestamp::now() };
        child.wait().unwrap();
        std::fs::write(Gate::path(&store), serde_json::to_vec(&note).unwrap()).unwrap();
        assert_eq!(holder(&store), None);
    }
}
