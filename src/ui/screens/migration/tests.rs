use super::*;
use crate::domain::samples::{TODAY, World, currency, customer, customer_id, cycle, decimal, key, plan_id};
use crate::domain::service::ServiceEdit;
use crate::ui::app::tests::support::{Desk, world};
use crate::ui::messages::migration::{SavedDrafts, SavedView, Ticked};
use jiff::{ToSpan, Zoned, tz::TimeZone};

/// Client rows stand as acme, norge, jp, trust.
pub(super) fn desk() -> Desk {
    Desk::new(world())
}

pub(super) fn ticked_clients(desk: &Desk) -> Vec<String> {
    desk.app.migration.request().clients.into_iter().map(|(id, _)| id.to_string()).collect()
}

pub(super) fn ticked_services(desk: &Desk) -> Vec<String> {
    desk.app.migration.request().services.into_iter().map(|(key, _)| key.subscription.to_string()).collect()
}

/// The edit of a service.
pub(super) fn edit(desk: &Desk, customer: &str, id: &str) -> Option<ServiceEdit> {
    let screen = &desk.app.migration;
    let row = finder::Finder::new(&screen.portfolio).service(&key(customer, id))?;
    screen.draft.service(row).cloned()
}

fn status(desk: &Desk) -> String {
    desk.app.migration.status().ticked.clone()
}

fn cursor(desk: &Desk) -> Option<String> {
    let screen = &desk.app.migration;
    screen.clients.current().map(|row| screen.portfolio.clients[row as usize].id.to_string())
}

/// What the store would give back to a dashboard that starts anew, where it had nothing before.
fn saved(desk: &mut Desk) -> SavedDrafts {
    let change = desk.app.migration.draft_change();
    SavedDrafts {
        client_ticks: change.client_ticks.on,
        service_ticks: change.service_ticks.on,
        clients: change.clients.into_iter().filter_map(|(id, edit)| Some((id, edit.now?))).collect(),
        services: change.services.into_iter().filter_map(|(key, edit)| Some((key, edit.now?))).collect(),
        view: Some(change.view),
    }
}

#[test]
fn ticks_by_row_range_and_filter() {
    let mut desk = desk();
    desk.press("Space j j Space");
    assert_eq!(ticked_clients(&desk), ["acme", "jp"]);
    desk.press("Space");
    assert_eq!(ticked_clients(&desk), ["acme"]);
    desk.press("c g v j j Space");
    assert_eq!(ticked_clients(&desk), ["acme", "norge", "jp"]);
    assert_eq!(desk.notice(), "3 rows ticked");
    // Only where all of a range is ticked is it unticked.
    desk.press("k v j j Space");
    assert_eq!(ticked_clients(&desk), ["acme", "norge", "jp", "trust"]);
    desk.press("k k v j Space");
    assert_eq!(ticked_clients(&desk), ["acme", "trust"]);
    desk.press("v j j Esc Space");
    assert_eq!(ticked_clients(&desk), ["acme"], "a range that was ended ticks nothing but the row");
    desk.press("c /");
    desk.type_text("acme");
    desk.press("Enter a");
    assert_eq!(ticked_clients(&desk), ["acme", "norge", "jp"]);
    desk.press("i");
    assert_eq!(ticked_clients(&desk), Vec::<String>::new());
    desk.press("Space Esc i");
    assert_eq!(ticked_clients(&desk).len(), 3);
}

#[test]
fn the_status_says_what_is_ticked_hidden_and_worth() {
    let mut desk = desk();
    assert_eq!(status(&desk), "nothing ticked");
    desk.press("a /");
    desk.type_text("norge");
    desk.press("Enter");
    assert_eq!(status(&desk), "4 clients (3 hidden), 0 services ticked");
    desk.press("Tab a m");
    let shown = desk.app.migration.status();
    assert_eq!(shown.ticked, "4 clients (3 hidden), 3 services ticked");
    assert_eq!(shown.money, "NOK 9,297.00");
    assert_eq!(shown.edited, "*2 edited");
    desk.press("c");
    assert_eq!(desk.app.migration.status().edited, "*2 edited, 2 not ticked");
}

#[test]
fn the_services_follow_the_client_that_the_filter_leaves() {
    let mut desk = desk();
    desk.press("/");
    desk.type_text("zeta");
    desk.press("Enter");
    let title = |desk: &mut Desk| desk.lines_with("Services of").remove(0);
    assert!(title(&mut desk).starts_with("Services of Zeta Trust  1"));
    desk.press("Esc");
    assert_eq!(cursor(&desk).as_deref(), Some("trust"));
    // Typed and given up again, the services are those of the client under the cursor.
    desk.press("/");
    desk.type_text("norge");
    assert!(title(&mut desk).starts_with("Services of Acme Norge AS  3"));
    desk.press("Esc");
    assert_eq!(cursor(&desk).as_deref(), Some("norge"));
    assert!(title(&mut desk).starts_with("Services of Acme Norge AS  3"));
}

#[test]
fn cleared_ticks_come_back() {
    let mut desk = desk();
    desk.press("a c");
    assert!(ticked_clients(&desk).is_empty());
    desk.press("u");
    assert_eq!(ticked_clients(&desk).len(), 4);
    desk.press("u");
    assert!(ticked_clients(&desk).is_empty());
    desk.press("Ctrl-R Ctrl-R");
    assert!(ticked_clients(&desk).is_empty());
    desk.press("Ctrl-R");
    assert_eq!(desk.notice(), "nothing to redo");
    desk.press("u j Space u u");
    assert!(ticked_clients(&desk).is_empty());
}

#[test]
fn proposals_plans_and_cycles_fill_the_amounts() {
    let mut desk = desk();
    // Norge's first service: one plan fits.
    desk.press("j Tab m");
    assert_eq!(edit(&desk, "norge", "n-exo").unwrap().plan, Some(plan_id("p-exo")));
    assert!(desk.lines_with("*EXO P1")[0].contains("NOK 172.00"));
    desk.press("m");
    assert_eq!(desk.notice(), "every one of them has a plan already");
    // Acme's: two plans have a price in dollars, so the operator chooses.
    desk.press("Tab k Tab m");
    assert_eq!(desk.notice(), "no single plan fits 1 service: e chooses one");
    desk.press("l l e Down Enter");
    assert_eq!(edit(&desk, "acme", "a-exo").unwrap().plan, Some(plan_id("p-exo-2")));
    assert!(desk.lines_with("*EXO P1 C")[0].contains("USD 6.00"));
    // Another cycle, other amounts; one that the plan does not have says so.
    desk.press("j m l l l l l l e");
    desk.type_text("annual");
    desk.press("Enter");
    assert_eq!(edit(&desk, "acme", "a-e3").unwrap().cycle, Some(cycle("P1Y/Annual")));
    let row = desk.lines_with("*P1Y/Annual");
    assert!(row[0].contains("!no price"), "{row:?}");
    desk.press("j");
    assert!(desk.screen(80, 24).contains("! Microsoft 365 E3: plan has no price for P1Y/Annual in USD"));
    desk.press("u");
    assert!(desk.lines_with("Microsoft 365 E3")[0].contains("USD 1,584.00"));
    desk.press("u");
    assert_eq!(edit(&desk, "acme", "a-e3"), None);
    desk.press("Ctrl-R Ctrl-R");
    assert_eq!(edit(&desk, "acme", "a-e3").unwrap().cycle, Some(cycle("P1Y/Annual")));
}

#[test]
fn a_column_is_set_for_all_ticked_rows_hidden_ones_too() {
    let mut desk = desk();
    desk.press("o o Tab a /");
    desk.type_text("exchange");
    desk.press("Enter l l l =");
    assert!(desk.screen(80, 24).contains("Inv of 7 ticked services (5 hidden)"));
    desk.press("Enter");
    assert_eq!(desk.notice(), "invoice of 7 services, not saved yet: Ctrl-S shows what an Update would do");
    assert_eq!(edit(&desk, "trust", "t-e3").unwrap().invoice_generate, Some(true));
    desk.press("l =");
    desk.type_text("2026-12-01");
    desk.press("Enter");
    assert!(
        desk.app
            .migration
            .draft
            .services()
            .all(|(_, e)| e.invoice_start == Some(Some("2026-12-01".parse().unwrap())))
    );
    desk.press("u u");
    assert_eq!(desk.app.migration.draft.len(), 0);
    desk.press("c =");
    assert!(desk.notice().starts_with("nothing is ticked in this grid"));
    desk.press("h h h =");
    assert!(desk.notice().contains("comes from Microsoft"), "{}", desk.notice());
}

#[test]
fn a_currency_moves_the_amounts_of_its_services() {
    let mut desk = desk();
    desk.press("o o Tab a m Tab a");
    assert_eq!(desk.app.migration.status().money, "JPY 64,800,000  NOK 9,297.00  USD 1,584.00");
    // Norge pays dollars from now on.
    desk.press("j l l l l l l e");
    desk.type_text("usd");
    desk.press("Enter");
    assert_eq!(desk.app.migration.status().money, "JPY 64,800,000  USD 2,591.60");
    desk.press("u");
    assert_eq!(desk.app.migration.status().money, "JPY 64,800,000  NOK 9,297.00  USD 1,584.00");
}

#[test]
fn dates_are_typed_over_what_was_there() {
    let today = Zoned::now().with_time_zone(TimeZone::UTC).date();
    let registered = |desk: &Desk| desk.app.migration.request().clients[0].1.registered_on;
    let mut desk = desk();
    desk.press("Space l l l l l l l");
    for (typed, date) in [
        ("today", today),
        ("+30d", today.checked_add(30.days()).unwrap()),
        ("2026-11-01", "2026-11-01".parse().unwrap()),
    ] {
        desk.press("e");
        desk.type_text(typed);
        desk.press("Enter");
        assert_eq!(registered(&desk), Some(date), "{typed}");
        assert!(desk.app.layers.is_empty());
    }
    desk.press("e");
    desk.type_text("31.12.2026");
    desk.press("Enter");
    let screen = desk.screen(80, 24);
    assert!(screen.contains("! \"31.12.2026\" is no date"), "{screen}");
    assert!(screen.contains("Reg. date 31.12.2026"), "the text is kept: {screen}");
    desk.press("Backspace");
    assert!(!desk.screen(80, 24).contains("is no date"));
    desk.press("Esc");
    assert_eq!(registered(&desk), Some("2026-11-01".parse().unwrap()));
    // What was there can be corrected instead.
    desk.press("e Backspace 2 Enter");
    assert_eq!(registered(&desk), Some("2026-11-02".parse().unwrap()));
}

#[test]
fn a_user_name_is_checked_when_it_is_typed() {
    let mut desk = desk();
    desk.press("Space l l l l l e");
    desk.type_text("o la");
    desk.press("Enter");
    assert!(desk.screen(80, 24).contains("! a user name has no white space"));
    desk.press("Esc e");
    desk.type_text("ola");
    desk.press("Enter");
    assert_eq!(desk.app.migration.request().clients[0].1.username.as_deref(), Some("ola"));
}

/// The same world in another order: a client before all others, one gone.
pub(super) fn moved(world: &World) -> World {
    let mut world = world.clone();
    world.customers.push(customer("aaa", "Aaa first", "NO"));
    world.customers.retain(|c| c.id != customer_id("jp"));
    world.subscriptions.retain(|s| s.customer_id != customer_id("jp"));
    world.customers.iter_mut().find(|c| c.id == customer_id("acme")).unwrap().name = "Young Acme".to_owned();
    world.subscriptions.reverse();
    world
}

#[test]
fn ticks_edits_cursor_and_undo_stay_with_their_rows() {
    let mut desk = desk();
    desk.press("o o Tab a m Tab a j j l l l l l l l l e");
    desk.type_text("inactive");
    desk.press("Enter k Space Space");
    let before = desk.world.clone();
    assert_eq!(cursor(&desk).as_deref(), Some("norge"));

    desk.world = moved(&before);
    desk.reload();
    assert_eq!(ticked_clients(&desk), ["norge", "acme", "trust"]);
    assert_eq!(ticked_services(&desk).len(), 6);
    assert_eq!(cursor(&desk).as_deref(), Some("norge"));
    assert_eq!(status(&desk), "3 clients, 6 services ticked, 2 gone at Microsoft");
    assert_eq!(edit(&desk, "acme", "a-e3").unwrap().plan, Some(plan_id("p-e3")));
    assert_eq!(edit(&desk, "norge", "n-exo").unwrap().plan, Some(plan_id("p-exo")));

    // What vanished is not undone onto another row, and comes back as it was.
    desk.press("u u u");
    desk.press("Ctrl-R Ctrl-R Ctrl-R");
    desk.world = before;
    desk.reload();
    assert_eq!(ticked_clients(&desk), ["acme", "norge", "jp", "trust"]);
    assert_eq!(ticked_services(&desk).len(), 7);
    assert_eq!(edit(&desk, "jp", "j-e3").unwrap().plan, Some(plan_id("p-e3")));
    let row = finder::Finder::new(&desk.app.migration.portfolio).client(&customer_id("jp")).unwrap();
    assert!(desk.app.migration.draft.client(row).is_some(), "the edit came back too");
}

#[test]
fn the_cursor_stays_in_place_when_its_row_vanishes() {
    let mut desk = desk();
    // Sorted from the last name to the first: trust, jp, norge, acme.
    desk.press("S g j");
    assert_eq!(cursor(&desk).as_deref(), Some("jp"));
    desk.world.customers.retain(|c| c.id != customer_id("jp"));
    desk.world.subscriptions.retain(|s| s.customer_id != customer_id("jp"));
    desk.reload();
    assert_eq!(cursor(&desk).as_deref(), Some("norge"), "the row that moved up");
}

#[test]
fn ticks_of_vanished_rows_can_be_cleared() {
    let mut desk = desk();
    desk.press("a");
    desk.world = moved(&desk.world);
    desk.reload();
    desk.press("c");
    assert_eq!(status(&desk), "nothing ticked");
    desk.world = world();
    desk.reload();
    assert_eq!(status(&desk), "nothing ticked");
    let change = desk.app.migration.draft_change();
    assert_eq!(change.client_ticks, Ticked::default());
}

#[test]
fn rows_that_are_read_while_an_editor_is_open_wait() {
    let mut desk = desk();
    desk.press("Tab l l l l e");
    desk.world = moved(&desk.world);
    desk.reload();
    assert!(desk.lines_with("Aaa first").is_empty());
    desk.type_text("2026-12-01");
    desk.press("Enter");
    assert!(!desk.lines_with("Aaa first").is_empty());
    assert_eq!(
        edit(&desk, "acme", "a-exo").unwrap().invoice_start,
        Some(Some("2026-12-01".parse().unwrap()))
    );
}

#[test]
fn a_filter_finds_edits_as_they_are_now() {
    let mut desk = desk();
    let shown = |desk: &mut Desk, text: &str| {
        desk.press("/");
        desk.type_text(text);
        desk.press("Enter");
        let count = desk.app.migration.clients.order().len();
        desk.press("Esc");
        count
    };
    desk.press("l l l l l e");
    desk.type_text("quetzal");
    desk.press("Enter");
    assert_eq!(shown(&mut desk, "quetzal"), 1);
    desk.reload();
    assert_eq!(shown(&mut desk, "quetzal"), 1);
    desk.press("u");
    assert_eq!(shown(&mut desk, "quetzal"), 0);
    assert_eq!(shown(&mut desk, "admin@acme"), 1);
}

#[test]
fn the_next_match_is_the_next_row_that_is_shown() {
    let mut desk = desk();
    desk.press("n");
    assert_eq!(desk.notice(), "nothing to look for yet: / asks for a text");
    desk.press("l l l l l e");
    desk.type_text("quetzal");
    desk.press("Enter /");
    desk.type_text("quetzal");
    desk.press("Enter n");
    assert_eq!(desk.notice(), "", "what was typed is found as well");
    assert_eq!(cursor(&desk).as_deref(), Some("acme"));
    desk.press("/ Ctrl-U");
    desk.type_text("acme");
    desk.press("Enter n n N");
    assert_eq!((cursor(&desk).as_deref(), desk.notice()), (Some("norge"), ""));
    for key in ["n", "N"] {
        desk.press("/");
        desk.type_text("zz");
        desk.press("Enter");
        desk.press(key);
        assert_eq!(desk.notice(), "no row here holds that text");
    }
}

#[test]
fn focus_and_zoom_are_stored() {
    for (keys, view) in [
        ("Tab", SavedView { services_focused: true, ..SavedView::default() }),
        ("z", SavedView { zoomed: true, ..SavedView::default() }),
    ] {
        let mut desk = desk();
        assert!(!desk.app.migration.has_unsaved_drafts());
        desk.press(keys);
        assert!(desk.app.migration.has_unsaved_drafts(), "{keys}");
        let stored = desk.app.migration.draft_change().view;
        assert_eq!((stored.services_focused, stored.zoomed), (view.services_focused, view.zoomed), "{keys}");
    }
}

#[test]
fn drafts_are_taken_up_where_they_were_left() {
    let mut first = desk();
    first.press("j l l l l l e");
    first.type_text("ola");
    first.press("Enter Space o o s Tab / n Enter a m");
    let drafts = saved(&mut first);
    assert!(first.app.migration.has_unsaved_drafts());
    let change = first.app.migration.draft_change().change;
    first.app.migration.drafts_saved(change);
    assert!(!first.app.migration.has_unsaved_drafts());
    assert_eq!(first.app.migration.draft_change().services, []);

    let mut second = Desk::with_drafts(first.world.clone(), Some(drafts));
    assert_eq!(second.app.migration.request(), first.app.migration.request());
    assert_eq!(second.app.migration.status(), first.app.migration.status());
    // The column under the cursor is all that is not kept.
    first.app.migration.clients.column = 0;
    first.app.notice = None;
    assert_eq!(second.screen(120, 40), first.screen(120, 40));
    assert!(!second.app.migration.has_unsaved_drafts());
}

#[test]
fn an_edit_is_stored_even_if_its_row_vanished_meanwhile() {
    let mut desk = desk();
    desk.press("j j l l l l l e");
    desk.type_text("ola");
    desk.press("Enter");
    desk.world = moved(&desk.world);
    desk.reload();
    let stored = desk.app.migration.draft_change().clients;
    assert_eq!(stored.len(), 1, "{stored:?}");
    assert_eq!(stored[0].0, customer_id("jp"));
    assert_eq!(stored[0].1.now.as_ref().unwrap().username.as_deref(), Some("ola"));
}

#[test]
fn what_is_shown_is_exported_without_marks() {
    let mut desk = desk();
    desk.press("/");
    desk.type_text("norge");
    desk.press("Enter Tab m");
    let table = desk.app.migration.export();
    assert_eq!(table.name, "services");
    assert_eq!(table.headings.len(), table.rows[0].len());
    assert_eq!(table.rows.len(), 3);
    assert_eq!(table.rows[0][2], "EXO P1");
    assert_eq!(table.rows[0][13], "Acme Norge AS");
    assert_eq!(table.rows[2][11], "", "no amount is an empty cell");
    desk.press("Tab");
    assert_eq!(desk.app.migration.export().rows[0][0], "Acme Norge AS");
    assert_eq!(currency("NOK").to_string(), desk.app.migration.export().rows[0][6]);
    assert!(TODAY > "2026-10-01".parse().unwrap());
}

#[test]
fn undo_takes_back_what_was_done_to_a_row_that_moved() {
    let mut desk = desk();
    // Acme's user name, Acme's tick, a plan of its second service.
    desk.press("l l l l l e");
    desk.type_text("ola");
    desk.press("Enter Space Tab j m Tab");
    desk.world = moved(&desk.world);
    desk.reload();
    assert_eq!(edit(&desk, "acme", "a-e3").unwrap().plan, Some(plan_id("p-e3")));
    desk.press("u");
    assert_eq!(edit(&desk, "acme", "a-e3"), None);
    assert_eq!(desk.app.migration.draft.len(), 1);
    desk.press("u");
    assert_eq!(ticked_clients(&desk), Vec::<String>::new());
    desk.press("u");
    assert_eq!(desk.app.migration.draft.len(), 0);
    desk.press("Ctrl-R Ctrl-R Ctrl-R");
    assert_eq!(ticked_clients(&desk), ["acme"]);
    assert_eq!(desk.app.migration.request().clients[0].1.username.as_deref(), Some("ola"));
    assert_eq!(edit(&desk, "acme", "a-e3").unwrap().plan, Some(plan_id("p-e3")));
    assert_eq!(desk.app.migration.draft.len(), 2);
}

#[test]
fn nothing_is_stored_over_drafts_that_were_not_read_yet() {
    let mut desk = Desk::with_drafts(desk().world, None);
    desk.press("Space");
    assert!(!desk.app.migration.has_unsaved_drafts() && !desk.app.migration.may_save_drafts());
    let mut desk = Desk::with_drafts(desk.world, Some(SavedDrafts::default()));
    desk.press("Space");
    assert!(desk.app.migration.has_unsaved_drafts());
}

#[test]
fn a_start_with_one_clients_services_keeps_the_drafts_of_the_others() {
    let mut first = desk();
    first.press("a Tab o o a m");
    let drafts = saved(&mut first);
    let wanted = first.app.migration.request();
    assert!(wanted.services.len() > 3);

    let mut second = Desk::unread(first.world.clone());
    second.read_first(drafts);
    assert!(second.press("Ctrl-S").is_empty(), "an Update waits until all rows are there");
    second.press("Esc");
    let stored = second.app.migration.draft_change();
    second.reload();
    assert_eq!(second.app.migration.request(), wanted);
    // What would be stored in between loses no tick either.
    assert_eq!(stored.service_ticks, Ticked::default());
}

#[test]
fn a_repriced_plan_is_taken_where_that_is_asked() {
    let mut desk = desk();
    desk.world.manage("acme", "USD");
    desk.world.sell("acme", "a-e3", "p-e3");
    desk.world.sell("acme", "a-exo", "p-exo");
    let price = desk.world.plans[0].prices.iter_mut().find(|p| p.currency == currency("USD")).unwrap();
    price.price = decimal("41.00");
    desk.reload();
    desk.press("Tab a");
    assert!(desk.screen(160, 40).contains("USD 1,584.00"), "what it was sold at stays");

    desk.press("p");
    assert_eq!(desk.notice(), "the plan's price for 1 service, not saved yet; 1 other as before");
    assert!(desk.screen(160, 40).contains("*USD 1,640.00"));
    desk.press("p");
    assert!(desk.notice().contains("theirs already"), "{}", desk.notice());
    desk.press("u");
    assert_eq!(edit(&desk, "acme", "a-e3"), None);
}
