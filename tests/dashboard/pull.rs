//! A pull that is broken off goes on where it was.

use std::collections::HashSet;

use crate::home::Home;
use crate::partner::Partner;
use crate::process;
use crate::terminal::{CTRL_C, Terminal};

const CUSTOMERS: usize = 120;

fn pull_underway(home: &Home) -> Terminal {
    let mut terminal = Terminal::start(home, 120, 36, &[], &[]);
    terminal.wait("r requests CSP data");
    terminal.press("r");
    terminal.wait("y yes");
    terminal.press("y");
    terminal.until("progress", |screen| {
        screen
            .lines()
            .next()
            .is_some_and(|header| header.contains("Request CSP data") && header.contains('%'))
    });
    process::wait_until("a checkpoint", || job(home)["done"].as_u64().is_some_and(|done| done > 0));
    terminal
}

/// The newest job.
fn job(home: &Home) -> serde_json::Value {
    let mut jobs: Vec<serde_json::Value> =
        serde_json::from_str(&home.run(&["jobs", "list", "--json"])).unwrap();
    jobs.remove(0)
}

/// How far the header says that the pull is.
fn percent(screen: &str) -> u64 {
    let words: Vec<&str> = screen.lines().next().unwrap().split_whitespace().collect();
    words[words.iter().position(|word| *word == "%").unwrap() - 1].parse().unwrap()
}

fn resume(home: &Home) {
    let mut terminal = Terminal::start(home, 120, 36, &[], &[]);
    terminal.wait("An interrupted job");
    assert!(!terminal.screen().contains("after 0 of"), "{}", terminal.screen());
    terminal.press("y");
    terminal.wait(&format!("Request CSP data: {CUSTOMERS} customers"));
    terminal.wait(&format!("Clients {CUSTOMERS}"));
    terminal.press("q");
    assert_eq!(terminal.wait_exit().exit_code(), 0);

    let printed = home.run(&["clients", "list", "--json"]);
    let clients: Vec<serde_json::Value> = serde_json::from_str(&printed).unwrap();
    let ids: HashSet<&str> = clients.iter().map(|client| client["id"].as_str().unwrap()).collect();
    assert_eq!((clients.len(), ids.len()), (CUSTOMERS, CUSTOMERS));
    // Nothing is left to resume.
    let terminal = Terminal::start(home, 120, 36, &[], &[]);
    terminal.wait(&format!("Clients {CUSTOMERS}"));
    terminal.settle();
    assert!(!terminal.screen().contains("An interrupted job"));
}

#[test]
fn killed_in_the_middle_it_is_resumed_by_the_next_start() {
    let home = Home::empty();
    let _partner = Partner::start(&home, &["--customers", "120", "--latency-ms", "80"]);
    let mut terminal = pull_underway(&home);
    terminal.signal("KILL");
    terminal.wait_exit();
    resume(&home);
}

#[test]
fn leaving_in_the_middle_asks_first_and_can_be_resumed() {
    let home = Home::empty();
    let _partner = Partner::start(&home, &["--customers", "120", "--latency-ms", "80"]);
    let mut terminal = pull_underway(&home);
    for key in ["q", CTRL_C] {
        terminal.press(key);
        terminal.wait("Request CSP data is still running.");
        terminal.press("n");
        terminal.wait_gone("is still running.");
    }
    terminal.press("q");
    terminal.wait("is still running.");
    let shown = percent(&terminal.screen());
    terminal.press("y");
    assert_eq!(terminal.wait_exit().exit_code(), 0);
    assert!(terminal.is_given_back());
    let kept = job(&home)["done"].as_u64().unwrap() * 100 / CUSTOMERS as u64;
    assert!(kept >= shown, "{shown} % were read, {kept} % are kept");
    resume(&home);
}
