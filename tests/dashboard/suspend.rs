//! Ctrl-Z, under a shell and without one.

use portable_pty::CommandBuilder;

use crate::home::Home;
use crate::process;
use crate::steps::open;
use crate::terminal::{CTRL_Z, Terminal};

const PROMPT: &str = "ready>";

/// Waits for the screen, moves the cursor there, and sees that nothing spins.
fn assert_works(terminal: &mut Terminal, pid: u32, key: &str, client: &str) {
    terminal.until("the dashboard", |screen| screen.contains("Clients 200") && !screen.contains(PROMPT));
    terminal.press(key);
    terminal.wait(&format!("Services of {client}"));
    let before = process::ticks(pid);
    terminal.settle();
    assert!(process::ticks(pid) - before < 30, "it spins");
}

#[test]
fn suspends_under_a_shell_and_comes_back() {
    let home = Home::pulled();
    let mut shell = CommandBuilder::new("/bin/sh");
    shell.arg("-i");
    let store = home.store_path().display().to_string();
    let program = crate::home::CSPDECK;
    let mut terminal = Terminal::of(&home, 120, 36, shell, &[("PS1", "ready> "), ("PS2", "")]);
    terminal.wait(PROMPT);
    let cooked = terminal.modes();
    terminal.press(&format!("{program} --demo --store {store}\r"));
    terminal.wait("Services of Alpenblick");
    let pid = process::children(terminal.pid())[0];
    assert_ne!(terminal.modes(), cooked);

    // By the key, by another program's SIGTSTP, and by a SIGSTOP that can't be caught.
    for (way, client) in
        [("key", "Ashdown Architects"), ("TSTP", "Ashdown Brewing"), ("STOP", "Ashdown Freight")]
    {
        match way {
            "key" => terminal.press(CTRL_Z),
            signal => process::signal(pid, signal),
        }
        process::wait_until("the stop", || process::state(pid) == Some('T'));
        terminal.wait(PROMPT);
        if way != "STOP" {
            process::wait_until("the shell's modes", || terminal.modes() == cooked);
        }
        terminal.press("fg\n");
        assert_works(&mut terminal, pid, "j", client);
        assert_ne!(terminal.modes(), cooked, "{way}: the keyboard is not the program's");
    }

    terminal.press("q");
    process::wait_end(pid);
    terminal.wait(PROMPT);
    process::wait_until("the shell's modes", || terminal.modes() == cooked);
    terminal.press("echo status $?\r");
    terminal.wait("status 0");
    terminal.press("exit\r");
    terminal.wait_exit();
}

#[test]
fn says_so_where_no_shell_would_bring_it_back() {
    let home = Home::pulled();
    let mut terminal = open(&home);
    terminal.press(CTRL_Z);
    terminal.wait("there is no shell to come back from");
    let pid = terminal.pid();
    assert_ne!(process::state(pid), Some('T'));
    assert_works(&mut terminal, pid, "j", "Ashdown Architects");
}
