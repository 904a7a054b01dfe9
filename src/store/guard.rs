//! redb may panic on a file that was altered from outside. Every call of it runs in here, where a panic becomes an error.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use super::error::StoreError;

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic on this thread is about to become a [`StoreError::Damaged`]. A panic hook has nothing to do then.
#[must_use]
pub fn panic_is_caught() -> bool {
    INSIDE.get()
}

/// Calls redb.
pub(super) fn guarded<T, E: Into<redb::Error>>(
    path: &Path,
    call: impl FnOnce() -> Result<T, E>,
) -> Result<T, StoreError> {
    let outer = INSIDE.replace(true);
    let result = catch_unwind(AssertUnwindSafe(call));
    INSIDE.set(outer);
    match result {
        Ok(result) => result.map_err(|e| StoreError::redb(path, e)),
        Err(payload) => {
            let said = payload
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| payload.downcast_ref::<&str>().copied())
                .unwrap_or("its parts do not fit together");
            Err(StoreError::Damaged { path: path.to_owned(), detail: said.to_owned() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_damage() {
        let path = Path::new("/srv/store.redb");
        let result: Result<(), _> = guarded(path, || -> Result<(), redb::Error> {
            assert!(panic_is_caught());
            panic!("page 7 is odd")
        });
        assert!(!panic_is_caught());
        let error = result.unwrap_err().to_string();
        assert!(error.contains("page 7 is odd") && error.contains("/srv/store.redb.backup-*"), "{error}");
    }
}
