//! Other processes, as the system sees them.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

/// How long anything is waited for before its absence counts as a failure.
pub const LIMIT: Duration = Duration::from_secs(60);

/// A process's state as in `ps`: `R`, `S`, `T` (stopped), `Z` (ended, not waited for); `None` when it is gone.
pub fn state(pid: u32) -> Option<char> {
    fields(pid)?.first()?.chars().next()
}

/// The processor time that it has used, in the system's ticks (a hundredth of a second).
pub fn ticks(pid: u32) -> u64 {
    let fields = fields(pid).unwrap();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

/// The children of a process.
pub fn children(pid: u32) -> Vec<u32> {
    let listed = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    listed.split_whitespace().map(|child| child.parse().unwrap()).collect()
}

/// Sends a signal to one process.
pub fn signal(pid: u32, name: &str) {
    let status = Command::new("kill").args(["-s", name, &pid.to_string()]).status().unwrap();
    assert!(status.success(), "kill -s {name} {pid}");
}

/// Waits until the process has ended.
pub fn wait_end(pid: u32) {
    wait_until(&format!("the end of process {pid}"), || matches!(state(pid), None | Some('Z' | 'X')));
}

/// Waits for anything that no output tells of.
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < LIMIT, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// What follows the program's name in /proc/PID/stat, the state first.
fn fields(pid: u32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}
