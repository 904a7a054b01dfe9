//! redb may panic on a file that was altered from outside. Every call of it runs in here, where a panic becomes an error.

use std::path::Path;

use super::error::StoreError;
use crate::caught::caught;

/// Calls redb.
pub(super) fn guarded<T, E: Into<redb::Error>>(
    path: &Path,
    call: impl FnOnce() -> Result<T, E>,
) -> Result<T, StoreError> {
    match caught(call) {
        Ok(result) => result.map_err(|e| StoreError::redb(path, e)),
        Err(detail) => Err(StoreError::Damaged { path: path.to_owned(), detail }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_damage() {
        let path = Path::new("/srv/store.redb");
        let result: Result<(), _> = guarded(path, || -> Result<(), redb::Error> { panic!("page 7 is odd") });
        let error = result.unwrap_err().to_string();
        assert!(error.contains("page 7 is odd") && error.contains("/srv/store.redb.backup-*"), "{error}");
    }
}
