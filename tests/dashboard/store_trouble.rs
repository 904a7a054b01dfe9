//! A store that can't be used while the dashboard is open: said, survived, and over when it is over.

use std::fs::{self, OpenOptions};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use portable_pty::CommandBuilder;

use crate::home::{CSPDECK, Home};
use crate::steps::{tick_and_edit, wait_stored};
use crate::terminal::{CTRL_S, CTRL_Z, Terminal};

/// Another operator's transaction that does not end before this is dropped.
struct Lock {
    release: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Lock {
    fn take(home: &Home) -> Self {
        let store = home.store();
        let (release, released) = mpsc::channel::<()>();
        let (locked, is_locked) = mpsc::channel();
        let thread = thread::spawn(move || {
            let work = store.write(|_| {
                locked.send(()).unwrap();
                // An error means that the sender is dropped, which is the sign.
                let _: Result<(), mpsc::RecvError> = released.recv();
                Ok(())
            });
            work.unwrap();
        });
        is_locked.recv().unwrap();
        Self { release: Some(release), thread: Some(thread) }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        drop(self.release.take());
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

/// The demo's dashboard, which waits so many seconds for a store in use.
fn waiting(home: &Home, seconds: &str) -> Terminal {
    let store = home.store_path();
    let demo = ["--demo", "--store", store.to_str().unwrap()];
    let terminal = Terminal::start(home, 120, 36, &demo, &[("CSPDECK_STORE_WAIT_SECONDS", seconds)]);
    terminal.wait("Services of Alpenblick");
    terminal
}

#[test]
fn a_store_in_use_is_named_and_tried_again() {
    let home = Home::pulled();
    let mut terminal = waiting(&home, "1");
    let lock = Lock::take(&home);
    tick_and_edit(&mut terminal);
    terminal.wait("your ticks and edits are not stored yet, trying again");
    terminal.wait("mona");
    // An Update can't be looked at now, and says so.
    terminal.press(CTRL_S);
    terminal.until("a reason", |screen| screen.contains("mona") && !screen.contains("not stored yet"));
    // Nor can the operator leave without being told.
    terminal.press("q");
    terminal.wait("q once more leaves without them");
    drop(lock);
    wait_stored(&home);
    // Once they are stored, leaving has nothing to lose.
    terminal.press("q");
    assert_eq!(terminal.wait_exit().exit_code(), 0);
    Terminal::demo(&home, 120, 36).wait("2 clients, 0 services ticked");
}

#[test]
fn the_notice_ends_when_all_is_stored() {
    let home = Home::pulled();
    let mut terminal = waiting(&home, "1");
    let lock = Lock::take(&home);
    tick_and_edit(&mut terminal);
    terminal.wait("your ticks and edits are not stored yet, trying again");
    drop(lock);
    terminal.wait("your ticks and edits are stored now");
}

#[test]
fn keys_go_on_while_another_operator_has_the_store() {
    let home = Home::pulled();
    // Whoever waited here would wait longer than this test.
    let mut terminal = waiting(&home, "600");
    home.store().write(|_| Ok(())).unwrap();
    let _lock = Lock::take(&home);
    // The store's file has changed, so the dashboard wants to look into it, every second.
    for _ in 0..3 {
        terminal.press("j");
        terminal.wait("Services of Ashdown Architects");
        terminal.settle();
        terminal.press("k");
        terminal.wait("Services of Alpenblick");
        terminal.settle();
    }
}

#[test]
fn leaving_and_suspending_wait_for_the_store_and_can_be_taken_back() {
    let home = Home::pulled();
    let mut terminal = waiting(&home, "600");
    terminal.wait("nothing ticked");
    let lock = Lock::take(&home);
    tick_and_edit(&mut terminal);
    for (key, what) in [("q", "leaving as soon as"), (CTRL_Z, "suspending as soon as")] {
        terminal.press(key);
        terminal.wait(what);
        terminal.press("j");
        terminal.wait_gone(what);
        terminal.wait("Services of Ashdown Brewing");
        terminal.press("k");
        terminal.wait("Services of Ashdown Architects");
    }
    terminal.press("q");
    terminal.wait("leaving as soon as");
    drop(lock);
    assert_eq!(terminal.wait_exit().exit_code(), 0);
    wait_stored(&home);
}

/// A file size limit does what a full disk does: the file can't be written any more.
#[test]
fn a_full_disk_is_said_and_nothing_is_lost() {
    let home = Home::pulled();
    let store = home.store_path().display().to_string();
    let mut shell = CommandBuilder::new("/bin/sh");
    shell.args(["-c", &format!("trap '' XFSZ; exec {CSPDECK} --demo --store {store}")]);
    let mut terminal = Terminal::of(&home, 160, 36, shell, &[]);
    terminal.wait("Services of Alpenblick");
    let limit = |size: &str| {
        let pid = terminal.pid().to_string();
        let status =
            std::process::Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={size}")]).status();
        assert!(status.unwrap().success());
    };
    limit("4096:unlimited");
    tick_and_edit(&mut terminal);
    terminal.wait("your ticks and edits are not stored yet, trying again");
    terminal.press("j");
    terminal.wait("Services of Ashdown Brewing");
    let pid = terminal.pid().to_string();
    let status =
        std::process::Command::new("prlimit").args(["--pid", &pid, "--fsize=unlimited:unlimited"]).status();
    assert!(status.unwrap().success());
    wait_stored(&home);
    terminal.press("q");
    assert_eq!(terminal.wait_exit().exit_code(), 0);
    Terminal::demo(&home, 120, 36).wait("2 clients, 0 services ticked");
}

#[test]
fn a_store_that_is_cut_short_is_said_and_survived() {
    let home = Home::pulled();
    let mut terminal = waiting(&home, "5");
    terminal.wait("nothing ticked");
    let whole = fs::read(home.store_path()).unwrap();
    let cut = OpenOptions::new().write(true).open(home.store_path()).unwrap();
    cut.set_len(whole.len() as u64 / 3).unwrap();
    drop(cut);
    tick_and_edit(&mut terminal);
    terminal.wait("your ticks and edits are not stored yet, trying again");
    terminal.wait("is damaged or");
    // The file is left as it is, for whoever mends it.
    assert_eq!(fs::metadata(home.store_path()).unwrap().len(), whole.len() as u64 / 3);
    // Nor can the operator leave without being told.
    terminal.press("q");
    terminal.wait("q once more leaves without them");
    // A backup comes back in its place, and what was typed goes into it.
    let backup = home.path().join("backup");
    fs::write(&backup, &whole).unwrap();
    fs::set_permissions(&backup, fs::metadata(home.store_path()).unwrap().permissions()).unwrap();
    fs::rename(&backup, home.store_path()).unwrap();
    wait_stored(&home);
    terminal.wait("your ticks and edits are stored now");
    terminal.press("q");
    assert_eq!(terminal.wait_exit().exit_code(), 0);
    assert!(terminal.is_given_back());
    Terminal::demo(&home, 120, 36).wait("2 clients, 0 services ticked");
}

#[test]
fn a_store_that_is_gone_is_said_and_survived() {
    let home = Home::pulled();
    let mut terminal = waiting(&home, "5");
    terminal.wait("nothing ticked");
    let away = home.path().join("away");
    fs::rename(home.store_path(), &away).unwrap();
    tick_and_edit(&mut terminal);
    terminal.wait("your ticks and edits are not stored yet, trying again");
    assert!(!home.store_path().exists(), "no empty store takes its place");
    fs::rename(&away, home.store_path()).unwrap();
    wait_stored(&home);
    terminal.press("q");
    assert_eq!(terminal.wait_exit().exit_code(), 0);
}
