//! What the environment asks for: no colours, ASCII alone, no dashboard at all.

use portable_pty::CommandBuilder;

use crate::home::{CSPDECK, Home};
use crate::terminal::{CTRL_S, ENTER, ESC, TAB, Terminal};

/// Shows every kind of layer over the grids, then leaves.
fn look_around(terminal: &mut Terminal) {
    terminal.wait("Services of Alpenblick");
    terminal.wait("nothing ticked");
    let steps = [
        ("?", "tick or untick the row", ESC),
        (":", "set this column for all", ESC),
        ("J", "Request CSP data", ESC),
        ("lllllle", "type narrows", ESC),
        ("r", "y yes", "n"),
    ];
    for (keys, shown, close) in steps {
        terminal.press(keys);
        terminal.wait(shown);
        terminal.press(close);
        terminal.wait_gone(shown);
    }
    terminal.press(&format!("a{TAB}am{CTRL_S}"));
    terminal.wait("nothing is written yet");
    terminal.press("l");
    terminal.wait("Every row");
    terminal.press(ESC);
    // An escape with a letter right behind it would be one key.
    terminal.wait_gone("Every row");
    terminal.press(&format!("/nobody{ENTER}"));
    for tab in 1..=8 {
        terminal.press(&tab.to_string());
    }
    terminal.press("4");
    terminal.settle();
    terminal.press("q");
    assert_eq!(terminal.wait_exit().exit_code(), 0);
}

/// The parameters of all sequences that choose colours and the like.
fn pens(raw: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(raw).into_owned();
    let sequences = text.split("\x1b[").skip(1);
    sequences
        .filter_map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != ';')?;
            (rest[end..].starts_with('m')).then(|| rest[..end].to_owned())
        })
        .collect()
}

fn is_colour(pen: &str) -> bool {
    pen.split(';').any(|part| matches!(part.parse(), Ok(30..=38 | 40..=48 | 90..=107)))
}

#[test]
fn no_color_means_none() {
    let home = Home::pulled();
    let store = home.store_path();
    let demo = ["--demo", "--store", store.to_str().unwrap()];
    let mut plain = Terminal::start(&home, 120, 36, &demo, &[("NO_COLOR", "1")]);
    look_around(&mut plain);
    let coloured: Vec<_> = pens(&plain.raw()).into_iter().filter(|pen| is_colour(pen)).collect();
    assert!(coloured.is_empty(), "{coloured:?}");

    let home = Home::pulled();
    let mut colourful = Terminal::demo(&home, 120, 36);
    look_around(&mut colourful);
    assert!(pens(&colourful.raw()).iter().any(|pen| is_colour(pen)), "colours are not recognized here");
}

#[test]
fn other_locales_get_ascii_alone() {
    let home = Home::pulled();
    let store = home.store_path();
    let demo = ["--demo", "--store", store.to_str().unwrap()];
    let mut terminal = Terminal::start(&home, 120, 36, &demo, &[("LANG", "C")]);
    look_around(&mut terminal);
    let raw = terminal.raw();
    let at = raw.iter().position(|byte| !byte.is_ascii());
    assert!(
        at.is_none(),
        "{:?}",
        at.map(|at| String::from_utf8_lossy(&raw[at.saturating_sub(40)..at + 20]).into_owned())
    );
}

#[test]
fn a_dumb_terminal_is_refused_in_a_sentence() {
    let home = Home::pulled();
    let mut terminal = Terminal::start(&home, 80, 24, &["--demo"], &[("TERM", "dumb")]);
    let status = terminal.wait_exit();
    assert_ne!(status.exit_code(), 0);
    assert!(terminal.screen().contains("TERM=dumb: this terminal can't show the dashboard"));
    assert!(!terminal.raw().contains(&0x1b));
}

#[test]
fn output_that_is_no_terminal_is_refused_in_a_sentence() {
    let home = Home::pulled();
    let mut shell = CommandBuilder::new("/bin/sh");
    shell.args(["-c", &format!("{CSPDECK} --demo > out; echo status $?")]);
    let mut terminal = Terminal::of(&home, 100, 24, shell, &[]);
    terminal.wait_exit();
    let screen = terminal.screen();
    assert!(screen.contains("standard output is not a terminal") && screen.contains("status "), "{screen}");
    assert!(!screen.contains("status 0"), "{screen}");
    assert_eq!(std::fs::read(home.path().join("out")).unwrap(), b"");

    let output = home.command(&["--demo"]).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("standard input is not a terminal"));
}
