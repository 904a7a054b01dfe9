//! Drafts of several dashboards of one operator, and what undo and a settled conflict make of them.

use std::collections::{BTreeMap, BTreeSet};

use super::tests::{desk, edit, moved, ticked_clients, ticked_services};
use super::tests_of_updates::in_conflict;
use super::*;
use crate::domain::client::ClientEdit;
use crate::domain::samples::{customer_id, key, plan_id};
use crate::domain::service::ServiceEdit;
use crate::domain::typed::Typed;
use crate::ui::app::tests::support::Desk;
use crate::ui::event::Event;
use crate::ui::messages::migration::{DraftChange, EditChange, SavedDrafts, Ticked};

/// What the store has of the operator's drafts; it merges as the store does.
#[derive(Default)]
struct Shelf {
    client_ticks: BTreeSet<CustomerId>,
    service_ticks: BTreeSet<ServiceKey>,
    clients: BTreeMap<CustomerId, ClientEdit>,
    services: BTreeMap<ServiceKey, ServiceEdit>,
}

fn tick<K: Ord + Clone>(set: &mut BTreeSet<K>, ticked: &Ticked<K>) {
    set.extend(ticked.on.iter().cloned());
    set.retain(|key| !ticked.off.contains(key));
}

fn merge<K: Ord + Clone, E: Typed + Default>(edits: &mut BTreeMap<K, E>, changes: &[(K, EditChange<E>)]) {
    for (key, change) in changes {
        match E::merged(change.before.as_ref(), change.now.as_ref(), edits.get(key)) {
            Some(edit) => drop(edits.insert(key.clone(), edit)),
            None => drop(edits.remove(key)),
        }
    }
}

impl Shelf {
    fn store(&mut self, change: &DraftChange) {
        tick(&mut self.client_ticks, &change.client_ticks);
        tick(&mut self.service_ticks, &change.service_ticks);
        merge(&mut self.clients, &change.clients);
        merge(&mut self.services, &change.services);
    }

    fn save(&mut self, desk: &mut Desk) {
        let change = desk.app.migration.draft_change();
        self.store(&change);
        desk.event(Event::DraftsSaved { change: change.change });
    }

    fn read(&self) -> SavedDrafts {
        SavedDrafts {
            client_ticks: self.client_ticks.iter().cloned().collect(),
            service_ticks: self.service_ticks.iter().cloned().collect(),
            clients: self.clients.clone().into_iter().collect(),
            services: self.services.clone().into_iter().collect(),
            view: None,
        }
    }

    fn show(&self, desk: &mut Desk) {
        desk.event(Event::DraftsRead(Box::new(self.read())));
    }
}

/// A text typed into the column of user names, from the first column on.
fn type_username(desk: &mut Desk, text: &str) {
    desk.press("l l l l l e Ctrl-U");
    desk.type_text(text);
    desk.press("Enter h h h h h");
}

fn username(desk: &Desk, customer: &str) -> Option<String> {
    client_edit(desk, customer).and_then(|edit| edit.username)
}

fn client_edit(desk: &Desk, customer: &str) -> Option<ClientEdit> {
    let screen = &desk.app.migration;
    let row = finder::Finder::new(&screen.portfolio).client(&customer_id(customer))?;
    screen.draft.client(row).cloned()
}

fn nothing_to_store(desk: &mut Desk) -> bool {
    let change = desk.app.migration.draft_change();
    change.client_ticks == Ticked::default()
        && change.service_ticks == Ticked::default()
        && change.clients.is_empty()
        && change.services.is_empty()
}

#[test]
fn one_tick_in_a_dashboard_loses_none_of_the_others() {
    let mut shelf = Shelf::default();
    let (mut first, mut second) = (desk(), desk());
    first.press("Space j Space Tab a");
    shelf.save(&mut first);
    // The other one knows nothing of it yet.
    second.press("G Space");
    shelf.save(&mut second);
    shelf.show(&mut first);
    shelf.show(&mut second);
    for desk in [&mut first, &mut second] {
        assert_eq!(ticked_clients(desk), ["acme", "norge", "trust"]);
        assert_eq!(ticked_services(desk).len(), 3);
        assert!(nothing_to_store(desk));
    }
    // What one of them unticks stays unticked, whatever the other one ticks meanwhile.
    first.press("Tab g Space");
    second.press("k Space");
    shelf.save(&mut first);
    shelf.save(&mut second);
    shelf.show(&mut first);
    shelf.show(&mut second);
    assert_eq!(ticked_clients(&first), ["norge", "jp", "trust"]);
    assert_eq!(ticked_clients(&second), ["norge", "jp", "trust"]);
    assert_eq!(shelf.client_ticks.len(), 3);
}

#[test]
fn what_is_taken_in_leaves_what_is_not_stored_yet() {
    let mut shelf = Shelf::default();
    let (mut first, mut second) = (desk(), desk());
    first.press("Space");
    type_username(&mut first, "ola");
    shelf.save(&mut first);
    second.press("j Space");
    type_username(&mut second, "kari");
    shelf.show(&mut second);
    assert_eq!(ticked_clients(&second), ["acme", "norge"]);
    assert_eq!(username(&second, "acme").as_deref(), Some("ola"));
    assert_eq!(username(&second, "norge").as_deref(), Some("kari"));
    assert!(second.app.migration.has_unsaved_drafts());
    assert_eq!(second.app.migration.status().edited, "*2 edited");
    shelf.save(&mut second);
    assert_eq!((shelf.client_ticks.len(), shelf.clients.len()), (2, 2));
    // What one takes back, the other one loses too.
    second.press("u u");
    shelf.save(&mut second);
    first.press("c");
    shelf.save(&mut first);
    shelf.show(&mut second);
    shelf.show(&mut first);
    assert_eq!(ticked_clients(&second), Vec::<String>::new());
    assert_eq!((username(&first, "norge"), first.app.migration.draft.len()), (None, 1));
}

#[test]
fn fields_of_a_row_come_together() {
    let mut shelf = Shelf::default();
    let (mut first, mut second) = (desk(), desk());
    type_username(&mut first, "ola");
    second.press("l l l l l l e");
    second.type_text("nok");
    second.press("Enter");
    shelf.save(&mut first);
    shelf.save(&mut second);
    shelf.show(&mut first);
    shelf.show(&mut second);
    let both = shelf.clients[&customer_id("acme")].clone();
    assert_eq!(both.username.as_deref(), Some("ola"));
    assert!(both.currency.is_some());
    assert_eq!(client_edit(&first, "acme"), Some(both.clone()));
    assert_eq!(client_edit(&second, "acme"), Some(both));
    // Undo takes back one's own field only.
    first.press("u");
    shelf.save(&mut first);
    shelf.show(&mut second);
    let left = client_edit(&second, "acme").unwrap();
    assert_eq!((left.username, left.currency.is_some()), (None, true));
    first.press("Ctrl-R");
    assert_eq!(username(&first, "acme").as_deref(), Some("ola"));
    assert!(client_edit(&first, "acme").unwrap().currency.is_some());
}

#[test]
fn a_save_and_a_read_may_cross() {
    let mut shelf = Shelf::default();
    let (mut first, mut second) = (desk(), desk());
    second.press("G Space");
    type_username(&mut second, "zoe");
    shelf.save(&mut second);
    // Read before the save that is on its way, told after it was sent.
    first.press("Space j Space");
    type_username(&mut first, "kari");
    let sent = first.app.migration.draft_change();
    shelf.show(&mut first);
    first.press("Space");
    shelf.store(&sent);
    first.event(Event::DraftsSaved { change: sent.change });
    assert_eq!(ticked_clients(&first), ["acme", "trust"]);
    assert!(first.app.migration.has_unsaved_drafts(), "the last tick is not stored");
    shelf.save(&mut first);
    shelf.show(&mut first);
    shelf.show(&mut second);
    assert_eq!(ticked_clients(&first), ["acme", "trust"]);
    assert_eq!(ticked_clients(&second), ["acme", "trust"]);
    for desk in [&mut first, &mut second] {
        assert_eq!(username(desk, "norge").as_deref(), Some("kari"));
        assert_eq!(username(desk, "trust").as_deref(), Some("zoe"));
        assert!(nothing_to_store(desk));
    }
}

#[test]
fn a_save_that_failed_is_part_of_the_next_one() {
    let mut shelf = Shelf::default();
    let mut desk = desk();
    desk.press("Space");
    type_username(&mut desk, "ola");
    drop(desk.app.migration.draft_change());
    desk.event(Event::DraftsNotSaved("the disk is full".to_owned()));
    desk.press("j Space");
    shelf.save(&mut desk);
    assert_eq!((shelf.client_ticks.len(), shelf.clients.len()), (2, 1));
    assert!(nothing_to_store(&mut desk) && !desk.app.migration.has_unsaved_drafts());
}

#[test]
fn nothing_changes_below_an_open_editor() {
    let mut shelf = Shelf::default();
    let (mut first, mut second) = (desk(), desk());
    second.press("a");
    shelf.save(&mut second);
    first.press("Space l l l l l =");
    shelf.show(&mut first);
    assert_eq!(ticked_clients(&first), ["acme"], "the line says for how many rows it is");
    assert_eq!(first.press("Esc"), [Effect::ReadDrafts]);
    shelf.show(&mut first);
    assert_eq!(ticked_clients(&first).len(), 4);
    assert_eq!(first.press("j"), []);
}

#[test]
fn ticks_that_return_later_survive_undo() {
    let mut first = desk();
    first.press("a Tab o o a");
    let mut shelf = Shelf::default();
    shelf.save(&mut first);
    let mut second = Desk::unread(first.world.clone());
    second.read_first(shelf.read());
    second.press("Space Tab j Space");
    second.reload();
    assert_eq!((ticked_clients(&second).len(), ticked_services(&second).len()), (3, 6));
    second.press("u");
    assert_eq!(ticked_services(&second).len(), 7);
    second.press("u");
    assert_eq!(ticked_clients(&second).len(), 4);
    second.press("Ctrl-R Ctrl-R");
    assert_eq!((ticked_clients(&second).len(), ticked_services(&second).len()), (3, 6));
}

#[test]
fn undo_and_redo_know_of_ticks_of_rows_that_come_back() {
    let mut desk = desk();
    let before = desk.world.clone();
    desk.press("a Tab o o a Tab");
    desk.world = moved(&before);
    desk.reload();
    // Clearing also clears what is gone, and undoing it brings that back.
    desk.press("c");
    assert_eq!(desk.notice(), "ticks cleared, 1 of them of rows that are gone");
    desk.press("u");
    desk.world = before.clone();
    desk.reload();
    assert_eq!((ticked_clients(&desk).len(), ticked_services(&desk).len()), (4, 7));
    desk.press("u");
    assert!(ticked_services(&desk).is_empty(), "all services that were ticked at once, jp's too");
    desk.world = moved(&before);
    desk.reload();
    desk.press("Ctrl-R");
    desk.world = before;
    desk.reload();
    assert_eq!(ticked_services(&desk).len(), 7);
}

#[test]
fn a_settled_conflict_leaves_the_other_rows_steps() {
    let mut desk = in_conflict();
    desk.press("Esc Esc g h h h h h");
    type_username(&mut desk, "ola");
    desk.press("Tab j m Tab j Ctrl-S Enter t Esc");
    assert_eq!(client_edit(&desk, "norge"), None);
    assert_eq!(username(&desk, "acme").as_deref(), Some("ola"));
    desk.press("u");
    assert_eq!(edit(&desk, "acme", "a-e3"), None);
    desk.press("u");
    assert_eq!(username(&desk, "acme"), None);
    // Of norge's row, only its tick is left to undo.
    desk.press("u");
    assert_eq!(desk.notice(), "undone: tick");
    desk.press("u");
    assert_eq!(desk.notice(), "nothing to undo");
    desk.press("Ctrl-R Ctrl-R Ctrl-R");
    assert_eq!(edit(&desk, "acme", "a-e3").unwrap().plan, Some(plan_id("p-e3")));
    assert_eq!(client_edit(&desk, "norge"), None);
}

#[test]
fn a_conflict_that_is_settled_for_mine_stays_settled_when_it_is_done_again() {
    let mut desk = in_conflict();
    desk.press("m Esc u Ctrl-R Ctrl-S");
    assert_eq!(username(&desk, "norge").as_deref(), Some("mine"));
    assert!(desk.screen(80, 24).contains("1 changed"), "no conflict any more");
}

#[test]
fn a_service_conflict_settled_for_theirs_drops_its_edit_only() {
    let mut desk = desk();
    desk.world.manage("norge", "NOK");
    desk.reload();
    desk.press("j Tab o o a m");
    let rows = desk.app.migration.draft.len();
    assert!(rows > 1);
    desk.app.migration.settle_service(&key("norge", "n-exo"), 7, false);
    assert_eq!(edit(&desk, "norge", "n-exo"), None);
    assert_eq!(desk.app.migration.draft.len(), rows - 1);
    desk.press("u Ctrl-R");
    assert_eq!(edit(&desk, "norge", "n-exo"), None);
    assert_eq!(desk.app.migration.draft.len(), rows - 1);
}
