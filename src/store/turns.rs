//! Taking turns. Who waits for the store looks again every few milliseconds, and somebody who writes one transaction after the
//! other leaves it free for less than that: without a rule, the others would wait until that is over. So who waits says so by a
//! shared lock on the store's folder, and who has written for a while steps aside for a moment if somebody does.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::permissions;

/// Writes that follow each other within this are one run.
const TOGETHER: Duration = Duration::from_millis(20);
/// How long a run may last while others wait.
const RUN: Duration = Duration::from_millis(100);
/// How long to step aside: somewhat longer than those who wait pause.
const ASIDE: Duration = Duration::from_millis(40);

/// The run of writes of this process.
#[derive(Debug, Default)]
pub(super) struct Turn(Mutex<Option<Run>>);

#[derive(Debug, Clone, Copy)]
struct Run {
    began: Instant,
    ended: Instant,
}

impl Turn {
    /// Before a write: lets those who wait go first where the run has lasted long enough.
    pub(super) fn begin(&self, store: &Path) {
        let now = Instant::now();
        let is_long = {
            let mut run = self.run();
            *run = run.filter(|run| now.saturating_duration_since(run.ended) < TOGETHER);
            let began = run.map_or(now, |run| run.began);
            let is_long = now.saturating_duration_since(began) > RUN;
            *run = Some(Run { began: if is_long { now } else { began }, ended: now });
            is_long
        };
        if is_long && somebody_waits(store) {
            std::thread::sleep(ASIDE);
        }
    }

    /// After a write.
    pub(super) fn end(&self) {
        if let Some(run) = &mut *self.run() {
            run.ended = Instant::now();
        }
    }

    fn run(&self) -> MutexGuard<'_, Option<Run>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says that somebody waits, until it is dropped. A folder that can't be locked takes the courtesy away and nothing else.
pub(super) fn wait_in(store: &Path) -> Option<File> {
    let folder = File::open(permissions::folder_of(store)).ok()?;
    folder.try_lock_shared().ok()?;
    Some(folder)
}

fn somebody_waits(store: &Path) -> bool {
    let Ok(folder) = File::open(permissions::folder_of(store)) else { return false };
    matches!(folder.try_lock(), Err(TryLockError::WouldBlock))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_is_seen_until_the_wait_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store.redb");
        assert!(!somebody_waits(&store));
        let (one, other) = (wait_in(&store).unwrap(), wait_in(&store).unwrap());
        drop(one);
        assert!(somebody_waits(&store));
        drop(other);
        assert!(!somebody_waits(&store));
    }
}
