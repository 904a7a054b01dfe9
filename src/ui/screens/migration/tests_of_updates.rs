//! Updates from their preview to their end, conflicts included.

use super::tests::{desk, ticked_clients, ticked_services};
use crate::domain::samples::{customer_id, decimal, key};
use crate::ui::app::tests::support::{Desk, world};

#[test]
fn an_update_writes_once_and_unticks_what_it_wrote() {
    let mut desk = desk();
    desk.press("Ctrl-S");
    assert!(desk.notice().starts_with("nothing is ticked"));
    desk.press("o o Tab a m Ctrl-S");
    assert!(desk.app.layers.len() == 1, "no client is ticked, so every service is left out");
    let effects = desk.press("y");
    assert!(effects.is_empty() && desk.world.generation == 0, "nothing to write");
    desk.press("Esc Tab a Ctrl-S");
    let effects = desk.press("y");
    assert_eq!(effects.len(), 1);
    assert_eq!((desk.world.clients.len(), desk.world.services.len()), (3, 4));
    assert_eq!(
        desk.notice(),
        "updated: 3 clients and 4 services written; 4 rows were left out and stay ticked"
    );
    assert_eq!(ticked_clients(&desk), ["trust"]);
    assert_eq!(ticked_services(&desk), ["a-exo", "n-az", "t-e3"]);
    assert_eq!(desk.app.migration.draft.len(), 0);
    let service = &desk.world.services[&key("norge", "n-e3")].value;
    assert_eq!(service.amounts.customer_order, decimal("9125"));

    // The same again: nothing to write.
    desk.press("a Tab a Ctrl-S");
    assert!(!desk.screen(80, 24).contains("y update"));
    assert_eq!(desk.press("y"), []);
    assert_eq!(desk.world.generation, 1);
}

#[test]
fn a_preview_that_went_stale_is_shown_again() {
    let mut desk = desk();
    desk.press("j Space Ctrl-S");
    // Per was first, with another user name than follows from the customer.
    desk.world.manage("norge", "NOK");
    desk.world.generation += 1;
    desk.press("y");
    let screen = desk.screen(80, 24);
    assert!(
        screen.contains("! the store changed since you looked: nothing was written, look again"),
        "{screen}"
    );
    assert!(screen.contains("1 unchanged"), "{screen}");
    assert_eq!(ticked_clients(&desk), ["norge"]);
}

/// Norge is under management; my edit of its user name is older than per's.
pub(super) fn in_conflict() -> Desk {
    let mut world = world();
    world.manage("norge", "NOK");
    let mut desk = Desk::new(world);
    desk.press("j Space l l l l l e");
    desk.type_text("mine");
    desk.press("Enter");
    let mut theirs = desk.world.clients[&customer_id("norge")].value.clone();
    theirs.username = "theirs".to_owned();
    desk.world.write_client(theirs, "per");
    desk.world.generation += 1;
    desk.reload();
    desk.press("Ctrl-S");
    assert!(desk.screen(80, 24).contains("1 in conflict"));
    assert_eq!(desk.press("y"), []);
    desk.press("Enter");
    let screen = desk.screen(80, 24);
    assert!(screen.contains("Changed by per") && screen.contains("theirs"), "{screen}");
    desk
}

#[test]
fn a_conflict_is_settled_for_mine() {
    let mut desk = in_conflict();
    desk.press("m");
    assert!(desk.screen(80, 24).contains("1 changed"), "the preview is worked out anew");
    desk.press("y");
    let stored = &desk.world.clients[&customer_id("norge")];
    assert_eq!((stored.value.username.as_str(), stored.revision), ("mine", 3));
}

#[test]
fn a_conflict_is_settled_for_theirs() {
    let mut desk = in_conflict();
    desk.press("t");
    assert!(desk.screen(80, 24).contains("1 unchanged"));
    assert_eq!(desk.press("y"), []);
    assert_eq!(desk.world.clients[&customer_id("norge")].value.username, "theirs");
    assert_eq!(desk.app.migration.draft.len(), 0);
}

#[test]
fn a_conflict_can_wait() {
    let mut desk = in_conflict();
    desk.press("Esc Esc");
    assert!(desk.app.layers.is_empty());
    assert_eq!(desk.app.migration.request().clients[0].1.username.as_deref(), Some("mine"));
}
