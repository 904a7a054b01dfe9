//! Two sessions on one store: what one writes the other sees, and nothing is overwritten silently.

use crate::home::Home;
use crate::steps::{edit_username, line, open};
use crate::terminal::{CTRL_S, ENTER, Terminal};

fn username(home: &Home) -> String {
    let clients = home.demo_items("clients");
    let client = clients.iter().find(|c| c["name"].as_str().unwrap().starts_with("Alpenblick")).unwrap();
    client["username"].as_str().unwrap().to_owned()
}

fn update_first(terminal: &mut Terminal) {
    terminal.press(" ");
    terminal.wait("1 client, 0 services ticked");
    terminal.press(CTRL_S);
    terminal.wait("nothing is written yet");
    terminal.press("y");
    terminal.wait("updated: 1 client");
}

fn noticed(terminal: &Terminal) {
    terminal.until("the other session's update", |screen| line(screen, " 1  Alpenblick").contains("active"));
}

#[test]
fn a_conflict_is_shown_and_settled() {
    let home = Home::pulled();
    let mut ours = open(&home);
    let mut theirs = open(&home);
    edit_username(&mut ours, "lllll", "ours@new.example");
    edit_username(&mut theirs, "lllll", "theirs@new.example");
    update_first(&mut theirs);
    assert_eq!(username(&home), "theirs@new.example");
    noticed(&ours);
    assert!(ours.screen().contains("*ours"), "{}", ours.screen());

    // What is in conflict is not written.
    ours.press(" ");
    ours.wait("1 client, 0 services ticked");
    ours.press(CTRL_S);
    ours.wait("in conflict");
    ours.press("y");
    ours.settle();
    assert_eq!(username(&home), "theirs@new.example");
    if !ours.screen().contains("in conflict") {
        ours.press(CTRL_S);
        ours.wait("in conflict");
    }
    ours.press(ENTER);
    ours.wait("keep mine");
    let compared = ours.screen();
    assert!(compared.contains("theirs@new.example") && compared.contains("ours@new.example"), "{compared}");
    ours.press("m");
    ours.wait("1 changed");
    assert_eq!(username(&home), "theirs@new.example");
    ours.press("y");
    ours.wait("updated: 1 client");
    assert_eq!(username(&home), "ours@new.example");
    theirs.until("the settled name", |screen| line(screen, " 1  Alpenblick").contains("ours"));
}

#[test]
fn an_update_between_preview_and_consent_writes_nothing() {
    let home = Home::pulled();
    let mut ours = open(&home);
    let mut theirs = open(&home);
    edit_username(&mut ours, "lllll", "ours@new.example");
    ours.press(" ");
    ours.press(CTRL_S);
    ours.wait("nothing is written yet");
    edit_username(&mut theirs, "lllll", "theirs@new.example");
    update_first(&mut theirs);
    ours.press("y");
    ours.wait("the store changed since you looked");
    ours.wait("in conflict");
    assert_eq!(username(&home), "theirs@new.example");
}
