//! What an operator does in several tests.

use std::collections::BTreeSet;

use crate::home::Home;
use crate::process;
use crate::terminal::{CTRL_U, ENTER, Terminal};

/// The demo's dashboard with customers in it, the cursor on the first one in the clients grid.
pub fn open(home: &Home) -> Terminal {
    let terminal = Terminal::demo(home, 120, 36);
    terminal.wait("Services of Alpenblick");
    terminal.wait("nothing ticked");
    terminal
}

/// Ticks the first two clients and edits the username of the second.
pub fn tick_and_edit(terminal: &mut Terminal) {
    terminal.press(" j ");
    terminal.wait("2 clients, 0 services ticked");
    edit_username(terminal, "lllll", "hans@new.example");
    terminal.wait("*hans");
}

/// Goes to the column Username by these keys, and types another one.
pub fn edit_username(terminal: &mut Terminal, way: &str, username: &str) {
    terminal.press(way);
    terminal.press("e");
    terminal.until("the prompt", |screen| screen.lines().last().is_some_and(|l| l.starts_with("Username ")));
    terminal.press(&format!("{CTRL_U}{username}{ENTER}"));
    terminal.wait("username of 1 client, not saved yet");
}

/// Waits until what [`tick_and_edit`] did is in the store's file.
pub fn wait_stored(home: &Home) {
    let store = home.store();
    let uid = cspdeck::store::operator::current().uid;
    process::wait_until("ticks and edits in the store", || {
        let drafts = store.read(|txn| txn.drafts(uid, "migration")).unwrap();
        drafts.ticks.values().map(BTreeSet::len).sum::<usize>() == 2 && drafts.edits.len() == 1
    });
}

/// The line of the screen that holds a text.
pub fn line<'a>(screen: &'a str, text: &str) -> &'a str {
    screen.lines().find(|line| line.contains(text)).unwrap_or_default()
}
