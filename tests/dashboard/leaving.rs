//! However the program ends, what was ticked and typed is there the next time.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::home::Home;
use crate::process;
use crate::steps::{open, tick_and_edit, wait_stored};
use crate::terminal::Terminal;

/// A child of the tests that finds this in its environment plays the operator whose line breaks, in that home.
const HOME_OF_CHILD: &str = "CSPDECK_TEST_HOME";

fn assert_nothing_lost(home: &Home) {
    let terminal = Terminal::demo(home, 120, 36);
    terminal.wait("2 clients, 0 services ticked");
    terminal.wait("*hans");
}

#[test]
fn signals_end_it_with_everything_kept_and_the_terminal_given_back() {
    for name in ["HUP", "TERM", "QUIT"] {
        let home = Home::pulled();
        let mut terminal = open(&home);
        tick_and_edit(&mut terminal);
        // At once: saving is the signal's business, not that of the timer.
        terminal.signal(name);
        let status = terminal.wait_exit();
        assert_eq!(status.exit_code(), 0, "SIG{name}: {status}");
        assert!(terminal.is_given_back(), "SIG{name}: {}", terminal.modes());
        assert_nothing_lost(&home);
    }
}

#[test]
fn kill_loses_nothing_that_was_stored() {
    let home = Home::pulled();
    let mut terminal = open(&home);
    tick_and_edit(&mut terminal);
    wait_stored(&home);
    terminal.signal("KILL");
    terminal.wait_exit();
    assert_nothing_lost(&home);
}

#[test]
fn leaving_right_after_the_last_key_loses_nothing() {
    let home = Home::pulled();
    let mut terminal = open(&home);
    tick_and_edit(&mut terminal);
    terminal.press("q");
    assert_eq!(terminal.wait_exit().exit_code(), 0);
    assert_nothing_lost(&home);
}

#[test]
fn a_terminal_that_vanishes_ends_it_with_everything_kept() {
    let home = Home::pulled();
    let mut operator = Command::new(std::env::current_exe().unwrap())
        .args(["leaving::operator_whose_line_breaks", "--exact", "--nocapture"])
        .env(HOME_OF_CHILD, home.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let note = home.path().join("pid");
    process::wait_until("the operator's work", || {
        note.exists() || operator.try_wait().unwrap().is_some_and(|status| panic!("{status}"))
    });
    let pid = std::fs::read_to_string(&note).unwrap().parse().unwrap();
    // Its end of the pseudo-terminal ends with it, as that of an SSH server does.
    operator.kill().unwrap();
    operator.wait().unwrap();
    process::wait_end(pid);
    assert_nothing_lost(&home);
}

/// The other process of the test before; by itself, it does nothing.
#[test]
fn operator_whose_line_breaks() {
    let Some(folder) = std::env::var_os(HOME_OF_CHILD) else { return };
    let folder = PathBuf::from(folder);
    let home = Home::at(folder.clone());
    let mut terminal = open(&home);
    tick_and_edit(&mut terminal);
    std::fs::write(folder.join("pid.new"), terminal.pid().to_string()).unwrap();
    std::fs::rename(folder.join("pid.new"), folder.join("pid")).unwrap();
    std::thread::sleep(Duration::from_secs(600));
}
