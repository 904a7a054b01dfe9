//! The process holds secrets in its memory, so nobody gets to look into that: neither by a core dump, nor by a debugger or `/proc` of
//! another process of the same account.

use std::io;

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// Closes both ways; each is closed even where the other can't be. What can't be is for the log: the work goes on.
#[must_use]
pub fn close_memory() -> Vec<String> {
    let nothing = Rlimit { current: Some(0), maximum: Some(0) };
    let steps = [
        ("a core dump could hold secrets", setrlimit(Resource::Core, nothing)),
        (
            "other processes of this account can look into this one",
            set_dumpable_behavior(DumpableBehavior::NotDumpable),
        ),
    ];
    let failed = |(what, result): (&str, Result<(), rustix::io::Errno>)| {
        result
            .err()
            .map(|error| format!("{what}: the system refuses to prevent it ({})", io::Error::from(error)))
    };
    steps.into_iter().filter_map(failed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::operator;
    use rustix::process::{dumpable_behavior, getrlimit};

    #[test]
    fn memory_is_closed_and_what_is_read_of_oneself_stays_open() {
        let before = operator::current();
        assert_eq!(close_memory(), Vec::<String>::new());
        assert_eq!(getrlimit(Resource::Core).current, Some(0));
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
        assert_eq!(operator::current(), before);
        for file in ["stat", "status", "cgroup"] {
            assert!(std::fs::read_to_string(format!("/proc/self/{file}")).is_ok(), "{file}");
        }
        assert!(std::fs::read_link("/proc/self/ns/pid").is_ok());
        assert!(
            std::fs::File::open("/proc/self/fd/0").is_ok() || std::fs::read_link("/proc/self/fd/0").is_ok()
        );
    }
}
