//! Two operators on one store: what one writes the other sees, and nothing is overwritten silently.

use cspdeck::domain::client::ClientEdit;
use cspdeck::domain::update::Request;
use cspdeck::jobs::update;

use crate::home::Home;
use crate::steps::{edit_username, line, open};
use crate::terminal::{CTRL_S, ENTER, ESC, Terminal};

fn username(home: &Home) -> String {
    let clients = home.demo_items("clients");
    let client = clients.iter().find(|c| c["name"].as_str().unwrap().starts_with("Alpenblick")).unwrap();
    client["username"].as_str().unwrap().to_owned()
}

/// Mona brings the first client under management, or renames its user.
fn mona_writes(home: &Home, username: &str) {
    let store = home.store();
    let customers = store.read(cspdeck::store::ReadTxn::customers).unwrap();
    let first = customers.into_iter().find(|c| c.name.starts_with("Alpenblick")).unwrap();
    let clients = store.read(cspdeck::store::ReadTxn::clients).unwrap();
    let base_revision = clients.iter().find(|c| c.value.id == first.id).map_or(0, |c| c.revision);
    let edit = ClientEdit { base_revision, username: Some(username.to_owned()), ..ClientEdit::default() };
    let request = Request { clients: vec![(first.id, edit)], services: Vec::new(), ..Request::default() };
    let preview = update::preview(&store, &request).unwrap();
    update::apply(&store, &request, &preview).unwrap();
}

fn noticed(terminal: &Terminal) {
    terminal.until("mona's update", |screen| line(screen, " 1  Alpenblick").contains("active"));
}

/// My edit of the first client's user name, ticked, with mona's update after it; its conflict is open.
fn conflict(home: &Home) -> Terminal {
    let mut ours = open(home);
    edit_username(&mut ours, "lllll", "ours@new.example");
    mona_writes(home, "theirs@new.example");
    assert_eq!(username(home), "theirs@new.example");
    noticed(&ours);
    assert!(ours.screen().contains("*ours"), "{}", ours.screen());
    ours.press(" ");
    ours.wait("1 client, 0 services ticked");
    ours.press(CTRL_S);
    ours.wait("in conflict");
    // What is in conflict is not written.
    ours.press("y");
    ours.settle();
    assert_eq!(username(home), "theirs@new.example");
    if !ours.screen().contains("in conflict") {
        ours.press(CTRL_S);
        ours.wait("in conflict");
    }
    ours.press(ENTER);
    ours.wait("keep mine");
    let compared = ours.screen();
    assert!(compared.contains("theirs@new.example") && compared.contains("ours@new.example"), "{compared}");
    ours
}

#[test]
fn a_conflict_is_settled_for_mine() {
    let home = Home::pulled();
    let mut ours = conflict(&home);
    ours.press("m");
    ours.wait("1 changed");
    assert_eq!(username(&home), "theirs@new.example");
    ours.press("y");
    ours.wait("updated: 1 client");
    assert_eq!(username(&home), "ours@new.example");
}

#[test]
fn a_conflict_is_settled_for_theirs() {
    let home = Home::pulled();
    let mut ours = conflict(&home);
    ours.press("t");
    ours.wait("1 unchanged");
    ours.press("y");
    ours.settle();
    ours.press(ESC);
    ours.until("their name in the grid", |screen| {
        let line = line(screen, " 1  Alpenblick");
        line.contains(" their") && !line.contains('*')
    });
    assert_eq!(username(&home), "theirs@new.example");
    // Only what belongs to that row's edit is gone from what can be undone.
    ours.press("u");
    ours.wait("undone: tick");
    ours.press("u");
    ours.wait("nothing to undo");
}

#[test]
fn an_update_between_preview_and_consent_writes_nothing() {
    let home = Home::pulled();
    let mut ours = open(&home);
    edit_username(&mut ours, "lllll", "ours@new.example");
    ours.press(" ");
    ours.press(CTRL_S);
    ours.wait("nothing is written yet");
    mona_writes(&home, "theirs@new.example");
    ours.press("y");
    ours.wait("the store changed since you looked");
    ours.wait("in conflict");
    assert_eq!(username(&home), "theirs@new.example");
}

#[test]
fn two_dashboards_of_one_operator_share_ticks_and_edits() {
    let home = Home::pulled();
    let mut first = open(&home);
    let mut second = open(&home);
    first.press(" j ");
    edit_username(&mut first, "lllll", "hans@new.example");
    // The notice ends with the next key.
    first.press("l");
    second.wait("2 clients, 0 services ticked");
    second.until("the typed name", |screen| line(screen, " 2  Ashdown").contains("*hans"));
    // Nothing of it is lost to what is ticked and typed here.
    second.press("G ");
    second.wait("3 clients, 0 services ticked");
    first.wait("3 clients, 0 services ticked");
    second.press("g ");
    second.wait("2 clients, 0 services ticked");
    first.wait("2 clients, 0 services ticked");
    edit_username(&mut second, "jlllll", "rosa@new.example");
    first.until("the newer name", |screen| line(screen, " 2  Ashdown").contains("*rosa"));
    first.press("q");
    first.wait_exit();
    second.press("q");
    second.wait_exit();
    let third = Terminal::demo(&home, 120, 36);
    third.wait("2 clients, 0 services ticked");
    third.wait("*rosa");
}
