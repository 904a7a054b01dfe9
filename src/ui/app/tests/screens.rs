use super::support::{Desk, held, job, screens, world};
use crate::config;
use crate::domain::client::ClientEdit;
use crate::domain::samples::{E3, World, currency, customer, key, subscription};
use crate::domain::subscription::SubscriptionStatus;
use crate::domain::token::{Refusal, Token};
use crate::ui::event::{Event, JobStanding, Notice};
use crate::ui::messages::migration::{EditChange, SavedDrafts};
use crate::ui::theme::Theme;

/// Names that no terminal may see as they are.
fn hostile() -> World {
    let mut world = world();
    let long = "Long ".repeat(800);
    world.customers.push(customer("h1", "Evil\u{1b}[2J\u{7} Corp\r\nsecond line", "NO"));
    world.customers.push(customer("h2", "Ev\u{202e}proC li\u{2066}e", "US"));
    world.customers.push(customer("h3", &long, "DE"));
    world.customers.push(customer("h4", "שלום בע״מ", "IL"));
    world.customers.push(customer("h5", "مؤسسة الاختبار", "SA"));
    world.customers.push(customer("h6", "👩‍💻 Café Société", "FR"));
    world.customers.push(customer("h7", "", "SE"));
    for id in ["h1", "h2", "h3", "h4", "h5", "h6", "h7"] {
        let mut own = subscription(id, "s", E3, 5, "P1Y/Monthly");
        own.offer_name = world.customers.iter().find(|c| c.id.as_str() == id).unwrap().name.clone();
        world.subscriptions.push(own);
    }
    world
}

/// Acme Norge is under management, per changed it meanwhile; a service of every verdict is ticked.
fn desk_with_everything_in_its_preview() -> Desk {
    let mut world = world();
    world.manage("norge", "NOK");
    world.sell("norge", "n-e3", "p-e3");
    world.sell("norge", "n-exo", "p-exo");
    let mut desk = Desk::new(world);
    // All clients and services; dollars for none; plans where one fits.
    desk.press("o o Tab a m Tab a");
    // A change of mine and of per's on one service, and Microsoft's seats on another.
    desk.press("Tab g");
    while !desk.screen(120, 40).contains(">[x]    3") {
        desk.press("j");
    }
    desk.press("l l l");
    desk
}

#[test]
fn an_empty_store() {
    let mut desk = Desk::unread(World::default());
    screens!("before_reading", desk);
    desk.reload();
    screens!("empty_store", desk);
    desk.press("r");
    screens!("request_asks", desk);
}

#[test]
fn loaded_grids() {
    let mut desk = Desk::new(world());
    screens!("loaded", desk);
    desk.press("j Space Tab a m");
    screens!("ticked_and_edited", desk);
    desk.press("z l l l");
    screens!("services_zoomed", desk);
    desk.press("z o o");
    screens!("services_of_all", desk);
    desk.press("Tab /");
    desk.type_text("acme nor");
    screens!("filter_typed", desk);
    desk.press("Enter");
    screens!("filtered", desk);
    insta::assert_snapshot!("side_by_side_200x50", desk.screen(200, 50));
}

#[test]
fn a_filter_without_a_match() {
    let mut desk = Desk::new(world());
    desk.press("/");
    desk.type_text("zzz");
    desk.press("Enter");
    screens!("filter_without_match", desk);
}

#[test]
fn hostile_names() {
    let mut desk = Desk::new(hostile());
    desk.press("o o");
    screens!("hostile", desk);
    for line in desk.screen(120, 40).lines() {
        let bad = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c) || c == '\u{2066}';
        assert!(!line.contains(bad), "{line:?}");
    }
    desk.app.theme = Theme::new(config::Theme::Plain, false);
    insta::assert_snapshot!("hostile_ascii_80x24", desk.screen(80, 24));
}

#[test]
fn only_ascii_is_drawn_where_the_terminal_has_no_more() {
    let mut ascii = world();
    ascii.customers.retain(|c| c.name.is_ascii());
    ascii.subscriptions.retain(|s| s.customer_id.as_str() != "jp");
    let mut desk = desk_with_everything_in_its_preview();
    desk.world = ascii;
    desk.reload();
    desk.app.theme = Theme::new(config::Theme::Plain, false);
    for keys in ["", "?", "Esc :", "Esc r", "Esc J", "Esc Ctrl-S", "l", "Esc Tab e", "Esc /"] {
        desk.press(keys);
        for (width, height) in [(80, 24), (60, 15), (200, 50), (30, 5)] {
            let screen = desk.screen(width, height);
            assert!(screen.is_ascii(), "after {keys} at {width}x{height}:\n{screen}");
        }
    }
}

#[test]
fn the_preview_and_a_conflict() {
    let mut desk = desk_with_everything_in_its_preview();
    // Mine: the cycle of Norge's E3. Per's, meanwhile: its status.
    desk.press("Tab");
    let sold = key("norge", "n-e3");
    let mut theirs = desk.world.services[&sold].value.clone();
    theirs.status = SubscriptionStatus::Suspended;
    let mut change = desk.app.migration.draft_change();
    let mine = crate::domain::service::ServiceEdit {
        base_revision: 1,
        cycle: Some(crate::domain::samples::cycle("P1Y/Annual")),
        ..Default::default()
    };
    change.services.push((sold.clone(), EditChange { before: None, now: Some(mine) }));
    let drafts = SavedDrafts {
        client_ticks: change.client_ticks.on,
        service_ticks: change.service_ticks.on,
        clients: vec![(
            crate::domain::samples::customer_id("acme"),
            ClientEdit { currency: Some(currency("USD")), ..ClientEdit::default() },
        )],
        services: change.services.into_iter().filter_map(|(key, edit)| Some((key, edit.now?))).collect(),
        view: None,
    };
    desk.world.write_service(theirs, "per");
    desk.world.subscriptions.iter_mut().find(|s| s.key() == key("norge", "n-exo")).unwrap().quantity = 6;
    let mut desk = Desk::with_drafts(desk.world, Some(drafts));
    desk.press("Ctrl-S");
    screens!("preview", desk);
    desk.press("l");
    screens!("preview_of_every_row", desk);
    desk.press("l");
    while !desk.screen(120, 40).contains(">! ") {
        desk.press("j");
    }
    desk.press("Enter");
    screens!("conflict", desk);
}

#[test]
fn editors() {
    let mut desk = Desk::new(world());
    desk.press("Tab l l e");
    screens!("choose_plan", desk);
    desk.type_text("zz");
    insta::assert_snapshot!("choose_nothing_80x24", desk.screen(80, 24));
    desk.press("Esc l l Enter");
    desk.type_text("next week");
    desk.press("Enter");
    screens!("date_refused", desk);
    desk.press("Esc Tab a l l l l l =");
    screens!("set_column", desk);
}

#[test]
fn help_and_palette() {
    let mut desk = Desk::new(world());
    desk.press("?");
    screens!("help", desk);
    desk.press("Esc :");
    desk.type_text("undo");
    screens!("palette", desk);
}

#[test]
fn jobs() {
    let mut desk = Desk::new(world());
    desk.press("J");
    screens!("no_jobs", desk);
    let mut part = job("1", JobStanding::DoneInPart, 1_204, Some(1_206), "2 of 1,206 customers failed");
    part.failures = vec![
        (
            "ACME 日本株式会社".to_owned(),
            "HTTP 500 after 5 tries, MS-RequestId 5a1f0c3e-0000-4a4a-9c9c-1f2e3d4c5b6a".to_owned(),
        ),
        ("Evil\u{1b}[2J".to_owned(), "the answer was cut short".to_owned()),
    ];
    let running = job("2", JobStanding::Running, 431, Some(1_206), "12.3/s, 1:03 left");
    let dead = job("3", JobStanding::Interrupted, 12, None, "the process ended; r goes on from customer 12");
    desk.event(Event::Jobs(vec![running.clone(), dead, part]));
    screens!("jobs", desk);
    desk.press("j j");
    screens!("jobs_with_failures", desk);
    desk.press("Enter");
    screens!("job_text", desk);
    desk.press("Esc Esc");
    desk.event(Event::Job(running));
    screens!("job_runs", desk);
    desk.press("q");
    screens!("leave_asks", desk);
}

#[test]
fn the_other_tabs_and_a_small_terminal() {
    let mut desk = Desk::new(world());
    for tab in ["1", "2", "3", "5", "6", "7", "8"] {
        desk.press(tab);
        insta::assert_snapshot!(format!("tab_{tab}_80x24"), desk.screen(80, 24));
    }
    insta::assert_snapshot!("tab_8_60x15", desk.screen(60, 15));
    insta::assert_snapshot!("too_small_20x5", desk.screen(20, 5));
}

#[test]
fn a_long_header_and_a_long_notice() {
    let mut desk = Desk::new(world());
    desk.app.header.partner = "a-very-long-partner-name-of-many-words.onmicrosoft.com".to_owned();
    desk.app.header.token = Token::Missing;
    desk.app.header.mode = "demo".to_owned();
    let text = "Partner Center refused the refresh token (AADSTS700082): it expired after 90 days without use; \
                set a new one with cspdeck settings secret refresh_token, MS-RequestId 5a1f0c3e-0000";
    desk.event(Event::Notice(Notice::error(text)));
    screens!("long_header_and_notice", desk);
}

#[test]
fn what_slows_a_pull_is_said() {
    let mut desk = Desk::new(world());
    let mut slow = job("1", JobStanding::Running, 500, Some(2000), "4/s, 6:15 left");
    slow.held = Some("held at 500 requests a minute".to_owned());
    desk.event(Event::Job(slow.clone()));
    let header =
        |desk: &mut Desk, width| desk.screen(width, 24).lines().next().unwrap_or_default().to_owned();
    let wide = header(&mut desk, 160);
    assert!(wide.contains("Request CSP data 25 % 4/s, 6:15 left, held at 500 requests a minute"), "{wide}");
    // Where there is no room for it, how long it takes is worth more.
    let narrow = header(&mut desk, 80);
    assert!(narrow.contains("25 % 4/s, 6:15 left") && !narrow.contains("held"), "{narrow}");
    desk.press("J");
    desk.event(Event::Jobs(vec![slow]));
    assert!(desk.screen(80, 24).contains("4/s, 6:15 left, held at 500 requests a minute"));
}

#[test]
fn the_header_follows_the_token_and_the_days() {
    let mut desk = Desk::new(world());
    let header = |desk: &mut Desk| desk.screen(120, 24).lines().next().unwrap_or_default().to_owned();
    assert!(header(&mut desk).contains("  token 61 d  "), "{}", header(&mut desk));
    desk.app.now = "2026-11-23T08:59:59Z".parse().unwrap();
    assert!(header(&mut desk).contains("  token 61 d  "), "{}", header(&mut desk));
    desk.app.now = "2026-11-23T09:00:00Z".parse().unwrap();
    assert!(header(&mut desk).contains("  token 60 d  "), "{}", header(&mut desk));

    let set_at = "2026-11-22T00:00:00Z".parse().unwrap();
    let refusal = Refusal { at: set_at, code: "invalid_grant, AADSTS700082".to_owned() };
    desk.event(Event::Token(Token::Held(held(set_at, Some(refusal)))));
    assert!(header(&mut desk).contains("  ! token expired  "), "{}", header(&mut desk));
    // Rows that were read before that don't take it back.
    desk.reload();
    assert!(header(&mut desk).contains("  ! token expired  "), "{}", header(&mut desk));
    desk.event(Event::Token(Token::Held(held(set_at, None))));
    assert!(header(&mut desk).contains("  token 89 d  "), "{}", header(&mut desk));
}

#[test]
fn everything_is_drawn_at_every_size() {
    let layers = ["", "?", ":", "r", "J", "/", "x", "l l l l l e", "l l l l l l l e", "Ctrl-S", "Ctrl-S l"];
    for keys in layers {
        for tab in ["4", "1"] {
            let mut desk = Desk::new(hostile());
            desk.press("o o a Tab a m Tab");
            desk.press(tab);
            desk.press(keys);
            let mut job = job("1", JobStanding::DoneInPart, 7, Some(3), &"x ".repeat(500));
            job.failures = vec![("n".repeat(400), "r".repeat(400)); 60];
            desk.event(Event::Jobs(vec![job; 50]));
            for width in (1..=100).step_by(13).chain([60, 61, 80, 189, 190]) {
                for height in (1..=40).step_by(5).chain([15, 24]) {
                    desk.frame(width, height);
                }
            }
        }
    }
}
