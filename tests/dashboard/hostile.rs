//! Names that carry sequences for the terminal, and what of them reaches it.

use crate::home::Home;
use crate::partner::Partner;
use crate::terminal::{CTRL_S, ESC, TAB, Terminal};

/// What the simulator puts into names, and what else would do harm.
const FORBIDDEN: &[&str] = &[
    "\x1b]",
    "\x1bP",
    "\x1b_",
    "\x1b^",
    "\x1bX",
    "\x1b\\",
    "\x1b[2J\x1b[31m",
    "\u{7}",
    "\u{8}",
    "\0",
    "\r\nSet-Cookie",
    "\u{9b}",
    "\u{9d}",
    "\u{90}",
    "\u{202e}",
    "\u{202c}",
    "\u{2066}",
    "\u{2069}",
    "\u{200e}",
    "\u{200f}",
];

#[test]
fn none_of_their_sequences_reaches_the_terminal() {
    let home = Home::empty();
    let _partner = Partner::start(&home, &["--customers", "48", "--hostile-names"]);
    let mut terminal = Terminal::start(&home, 120, 36, &[], &[]);
    terminal.wait("r requests CSP data");
    terminal.press("r");
    terminal.wait("y yes");
    terminal.press("y");
    terminal.wait("Clients 48");
    // Every row of both grids, each client's name as a heading, in an editor and in the preview.
    for _ in 0..48 {
        terminal.press("j");
        std::thread::yield_now();
    }
    terminal.settle();
    terminal.press("lllllle");
    terminal.wait("type narrows");
    terminal.press(ESC);
    terminal.wait_gone("type narrows");
    terminal.press(&format!("a{TAB}ooa{CTRL_S}"));
    terminal.wait("nothing is written yet");
    terminal.press("l");
    terminal.wait("Every row");
    for _ in 0..12 {
        terminal.press("\x1b[6~");
    }
    terminal.press(ESC);
    terminal.wait_gone("Every row");
    for keys in ["z", "gllllll", "G", "z"] {
        terminal.press(keys);
        terminal.settle();
    }
    terminal.press("q");
    assert_eq!(terminal.wait_exit().exit_code(), 0);

    let raw = terminal.raw();
    let text = std::str::from_utf8(&raw).unwrap();
    // The names were there: their harmless parts are.
    assert!(text.contains("Set-Cookie") && text.contains("]0;owned"), "no hostile name was drawn");
    for forbidden in FORBIDDEN {
        let at = text.find(forbidden);
        assert!(
            at.is_none(),
            "{forbidden:?} in {:?}",
            at.map(|at| text[at..].chars().take(60).collect::<String>())
        );
    }
}
