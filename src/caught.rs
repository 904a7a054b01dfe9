//! Libraries that panic on a damaged file. What they do runs in here, where a panic becomes an error of that file.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic on this thread is about to become an error. A panic hook has nothing to do then.
#[must_use]
pub fn panic_is_caught() -> bool {
    INSIDE.get()
}

/// Calls a library.
///
/// # Errors
/// What it said when it panicked.
pub fn caught<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    let outer = INSIDE.replace(true);
    let result = catch_unwind(AssertUnwindSafe(call));
    INSIDE.set(outer);
    result.map_err(|payload| {
        let said = payload.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| payload.downcast_ref::<&str>().copied());
        said.unwrap_or("its parts do not fit together").to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_what_it_said() {
        let result: Result<(), String> = caught(|| {
            assert!(panic_is_caught());
            panic!("page {} is odd", 7)
        });
        assert!(!panic_is_caught());
        assert_eq!(result, Err("page 7 is odd".to_owned()));
        assert_eq!(caught(|| 1), Ok(1));
    }
}
