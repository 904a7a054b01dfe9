//! Which process this is, and whether another one that was noted down is still there.

use std::sync::OnceLock;

use rustix::io::Errno;
use rustix::process::Pid;
use serde::{Deserialize, Serialize};

/// A process on some machine, noted down so that a later one can tell whether it is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ProcessMark {
    /// Its number.
    pub(super) pid: u32,
    /// When it was started, in clock ticks since boot: a number that is used again has another one.
    #[serde(default)]
    pub(super) started: Option<u64>,
    /// The machine's name.
    pub(super) host: String,
    /// The machine's current boot.
    #[serde(default)]
    pub(super) boot: Option<String>,
    /// The process namespace: a number from another container says nothing here.
    #[serde(default)]
    pub(super) namespace: Option<String>,
}

/// This process.
pub(super) fn this() -> &'static ProcessMark {
    static THIS: OnceLock<ProcessMark> = OnceLock::new();
    THIS.get_or_init(|| {
        let pid = std::process::id();
        ProcessMark {
            pid,
            started: stat_of(pid).map(|stat| stat.started),
            host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
            boot: std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
                .ok()
                .map(|id| id.trim().to_owned()),
            namespace: std::fs::read_link("/proc/self/ns/pid")
                .ok()
                .map(|link| link.to_string_lossy().into_owned()),
        }
    })
}

impl ProcessMark {
    /// Whether it is certain that the process has ended. One on another machine is never certain.
    pub(super) fn is_gone(&self) -> bool {
        let this = this();
        if self.host != this.host {
            return false;
        }
        if self.boot != this.boot {
            return true;
        }
        self.namespace == this.namespace && has_ended(self.pid, self.started)
    }
}

/// Whether no process has this number any more, or another one got it. Asks the kernel by signal 0, because `/proc` may hide
/// other users' processes.
pub(super) fn has_ended(pid: u32, started: Option<u64>) -> bool {
    let Some(number) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return true };
    if rustix::process::test_kill_process(number) == Err(Errno::SRCH) {
        return true;
    }
    stat_of(pid).is_some_and(|stat| {
        matches!(stat.state, 'Z' | 'X') || started.is_some_and(|started| started != stat.started)
    })
}

struct Stat {
    state: char,
    started: u64,
}

fn stat_of(pid: u32) -> Option<Stat> {
    parse_stat(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// The name in parentheses may hold anything, so the fields are counted from its end (proc(5): state is field 3, start time 22).
fn parse_stat(text: &str) -> Option<Stat> {
    let (_, rest) = text.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace();
    let state = fields.next()?.chars().next()?;
    Some(Stat { state, started: fields.nth(18)?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_does_not_shift_the_fields() {
        let text = "42 (a) b (c)) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 777 20 21";
        let stat = parse_stat(text).unwrap();
        assert_eq!((stat.state, stat.started), ('S', 777));
    }

    #[test]
    fn this_process_is_there_and_an_ended_one_is_gone() {
        assert!(!this().is_gone());
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let mark = ProcessMark { pid: child.id(), started: None, ..this().clone() };
        child.wait().unwrap();
        assert!(mark.is_gone());
        assert!(!ProcessMark { host: "elsewhere".into(), ..mark.clone() }.is_gone());
        assert!(!ProcessMark { namespace: Some("pid:[1]".into()), ..mark }.is_gone());
        assert!(ProcessMark { boot: Some("another".into()), ..this().clone() }.is_gone());
    }

    #[test]
    fn a_number_that_is_used_again_is_another_process() {
        let mark = this().clone();
        assert!(ProcessMark { started: mark.started.map(|s| s + 1), ..mark }.is_gone());
    }
}
