//! Pasted texts are text: no line of them is a key.

use crate::home::Home;
use crate::steps::open;
use crate::terminal::{CTRL_S, CTRL_U, ESC, Terminal};

fn paste(terminal: &mut Terminal, text: &str) {
    terminal.press(&format!("\x1b[200~{text}\x1b[201~"));
}

#[test]
fn lines_of_a_pasted_text_are_no_keys() {
    let home = Home::pulled();
    let mut terminal = open(&home);
    // On the grid, each of these letters would do something.
    paste(&mut terminal, "j a\rq\ny\r\n");
    terminal.wait("a text was pasted, but nothing here takes one");
    terminal.press("j");
    terminal.wait("nothing ticked");

    terminal.press("/");
    paste(&mut terminal, "Ashdown\r\nBrewing\ny\r");
    terminal.wait(" 0 shown");
    terminal.settle();
    assert!(terminal.screen().contains("Enter keeps it"), "a pasted line end closed the prompt");
    terminal.press(CTRL_U);
    paste(&mut terminal, "Ashdown Brewing\n");
    terminal.wait(" 1 shown");
    terminal.press(ESC);
    terminal.wait_gone(" 1 shown");

    // A long one, into a prompt: half a value would be a wrong one, so nothing of it is taken.
    terminal.press("llllle");
    terminal.wait("Username ");
    terminal.press(CTRL_U);
    let long: String = (0..4000).map(|number| format!("line {number}\n")).collect();
    paste(&mut terminal, &long);
    terminal.wait("longer than 4,096 characters");
    assert!(!terminal.screen().contains("line 1"), "a part of the text was taken");
    terminal.settle();
    terminal.press(ESC);
    terminal.settle();
    terminal.press(" ");
    terminal.wait("1 client, 0 services ticked");

    // A paste is no consent.
    terminal.press(CTRL_S);
    terminal.wait("nothing is written yet");
    paste(&mut terminal, "y\n");
    terminal.settle();
    assert!(terminal.screen().contains("nothing is written yet"));
    terminal.press(ESC);
    terminal.wait("Clients 200");
    assert!(home.demo_items("clients").iter().all(|client| client["managed"] == false));
    terminal.press("q");
    assert_eq!(terminal.wait_exit().exit_code(), 0);
}
