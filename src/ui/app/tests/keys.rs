use super::support::{Desk, job, key, world};
use crate::domain::samples::World;
use crate::ui::action::{Action, Tab};
use crate::ui::commands::{Context, all, available};
use crate::ui::effect::Effect;
use crate::ui::event::{Event, JobStanding, UpdateEnd};
use crate::ui::messages::migration::SavedDrafts;
use crate::ui::messages::sheets::SheetAnswer;
use crate::ui::widgets::grid::Move;

#[test]
fn leaving_asks_only_while_a_job_runs() {
    let mut desk = Desk::new(world());
    desk.press("a Tab a m");
    assert_eq!(desk.press("q"), [Effect::Quit], "ticks and edits are stored");
    assert_eq!(desk.press("Ctrl-C"), [Effect::Quit]);
    desk.event(Event::Job(job("1", JobStanding::Running, 1, None, "")));
    assert_eq!(desk.press("q"), []);
    assert_eq!(desk.press("n q x Esc q"), []);
    assert_eq!(desk.press("y"), [Effect::Quit]);
    desk.event(Event::Job(job("1", JobStanding::Done, 9, Some(9), "9 customers")));
    assert_eq!(desk.notice(), "Request CSP data: 9 customers");
    assert_eq!(desk.press("q"), [Effect::Quit]);
}

#[test]
fn control_c_closes_one_layer_after_the_other() {
    for keys in ["?", ":", "r", "J", "/", "x", "l l l l l e", "Tab l l e", "a Ctrl-S"] {
        let mut desk = Desk::new(world());
        desk.press(keys);
        assert_eq!(desk.app.layers.len(), 1, "{keys}");
        assert_eq!(desk.press("Ctrl-C"), [], "{keys}");
        assert!(desk.app.layers.is_empty(), "{keys}");
        assert_eq!(desk.press("Ctrl-C"), [Effect::Quit], "{keys}");
    }
}

#[test]
fn control_z_suspends_anywhere() {
    for keys in ["", "?", ":", "/", "J"] {
        let mut desk = Desk::new(world());
        desk.press(keys);
        assert_eq!(desk.press("Ctrl-Z"), [Effect::Suspend], "{keys}");
        assert_eq!(desk.app.layers.len(), usize::from(!keys.is_empty()));
    }
}

#[test]
fn a_filter_that_is_given_up_is_the_old_one_again() {
    let mut desk = Desk::new(world());
    desk.press("/");
    desk.type_text("norge");
    desk.press("Enter /");
    desk.type_text(" x");
    assert_eq!(desk.app.migration.filter(), "norge x");
    desk.press("Esc");
    assert_eq!(desk.app.migration.filter(), "norge");
    desk.press("/");
    desk.type_text("zz");
    desk.press("Ctrl-C");
    assert_eq!(desk.app.migration.filter(), "norge");
    desk.press("Esc");
    assert_eq!(desk.app.migration.filter(), "");
    desk.press("/");
    desk.event(Event::Paste("zeta\ntrust\u{1b}".to_owned().into()));
    assert_eq!(desk.app.migration.filter(), "zeta trust");
}

#[test]
fn the_palette_runs_what_it_finds() {
    let mut desk = Desk::new(world());
    desk.press("Space :");
    desk.type_text("undo");
    desk.press("Enter");
    assert_eq!(desk.notice(), "undone: tick");
    desk.press(":");
    desk.type_text("partners");
    desk.press("Enter");
    assert_eq!(desk.app.tab, Tab::Partners);
    desk.press(":");
    desk.type_text("no such thing");
    desk.press("Enter");
    assert_eq!(desk.app.layers.len(), 1, "nothing to run");
    desk.press("Esc :");
    desk.type_text("leave");
    assert_eq!(desk.press("Enter"), [Effect::Quit]);
}

#[test]
fn tabs_by_number_and_by_neighbour() {
    let mut desk = Desk::new(world());
    for (keys, tab) in [
        ("1", Tab::Settings),
        ("[", Tab::Activity),
        ("]", Tab::Settings),
        ("] ]", Tab::Plans),
        ("4", Tab::Migration),
    ] {
        desk.press(keys);
        assert_eq!(desk.app.tab, tab, "{keys}");
    }
    assert_eq!(desk.press("1 j Space a Ctrl-S"), [], "the grids' keys are theirs");
    desk.press("4 Ctrl-S");
    assert!(desk.notice().starts_with("nothing is ticked"));
}

#[test]
fn a_preview_does_not_take_keys_that_were_meant_for_a_line() {
    let mut desk = Desk::new(world());
    desk.press("a");
    let effects = desk.app.update(Event::Key(key("Ctrl-S")));
    let Some(Effect::Preview(request)) = effects.into_iter().next() else { panic!("no preview") };
    desk.app.expect_preview(&request);
    desk.press("/");
    let preview =
        crate::domain::update::preview(&desk.world.portfolio(), &request, crate::domain::samples::TODAY);
    desk.event(Event::Previewed(preview));
    desk.type_text("yy");
    assert_eq!(desk.world.generation, 0, "nothing was confirmed");
    assert_eq!(desk.app.migration.filter(), "yy");
}

/// A dashboard that has read a part of its rows, with a tick in it and an Update that waits for the rest.
fn update_waits() -> Desk {
    let mut desk = Desk::unread(world());
    desk.read_first(SavedDrafts::default());
    assert_eq!(desk.press("Space Ctrl-S"), []);
    assert!(
        desk.screen(80, 24).contains("the preview opens as soon as all services are read, Esc stops that")
    );
    desk
}

#[test]
fn an_update_waits_for_the_rows() {
    let mut desk = update_waits();
    desk.press("j k Ctrl-S");
    desk.reload();
    assert!(desk.screen(80, 24).contains("nothing is written yet"), "{}", desk.screen(80, 24));
    assert_eq!(desk.app.layers.len(), 1);
    desk.press("Esc");
    desk.reload();
    assert!(desk.app.layers.is_empty(), "only once");
    // Before anything is read at all.
    let mut desk = Desk::unread(world());
    desk.press("Ctrl-S");
    desk.read_first(SavedDrafts::default());
    desk.reload();
    assert!(desk.notice().starts_with("nothing is ticked"), "{}", desk.notice());
}

#[test]
fn an_update_that_waits_is_taken_back_by_what_is_done_else() {
    for keys in ["Esc", "Space", "?", "Tab", "1", "/", "Ctrl-Z", "Ctrl-C", "z", "x"] {
        let mut desk = update_waits();
        desk.press(keys);
        assert_eq!(desk.notice() == "the preview is not opened", keys == "Esc", "{keys}");
        let layers = desk.app.layers.len();
        desk.press("Esc Esc");
        desk.reload();
        assert!(desk.app.layers.is_empty(), "{keys} with {layers}");
    }
    // A question that came by itself is answered first.
    let mut desk = update_waits();
    desk.event(Event::Interrupted(job("1", JobStanding::Interrupted, 1, None, "")));
    desk.reload();
    assert_eq!(desk.app.layers.len(), 1);
    assert_eq!(desk.notice(), "all rows are read: Ctrl-S shows what an Update would do");
}

#[test]
fn a_running_job_gets_its_title_when_it_is_read() {
    let mut desk = Desk::new(world());
    desk.event(Event::Job(job("1", JobStanding::Running, 1, None, "")));
    desk.event(Event::JobTitle { id: "2".to_owned(), title: "Other".to_owned() });
    desk.event(Event::JobTitle { id: "1".to_owned(), title: "Retry what failed".to_owned() });
    assert!(desk.screen(80, 24).contains("Retry what failed 1"), "{}", desk.screen(80, 24));
    desk.press("q");
    assert!(desk.screen(80, 24).contains("Retry what failed is still running."));
}

#[test]
fn a_failed_update_keeps_ticks_and_says_why() {
    let mut desk = Desk::new(world());
    desk.press("a");
    desk.event(Event::Updated(UpdateEnd::Failed("the disk is full".to_owned())));
    assert_eq!(desk.notice(), "nothing was written: the disk is full");
    assert_eq!(desk.app.migration.request().clients.len(), 4);
}

#[test]
fn a_request_asks_first_and_runs_once() {
    let mut desk = Desk::new(world());
    assert_eq!(desk.press("r Esc"), []);
    assert_eq!(desk.press("r y"), [Effect::Pull]);
    desk.event(Event::Job(job("1", JobStanding::Running, 1, None, "")));
    assert_eq!(desk.press("r y"), [Effect::Copy("Acme Corp".to_owned())], "no second one is asked for");
    desk.press("r");
    assert_eq!(desk.notice(), "a job is running already: J shows it");
    let mut failed = job("1", JobStanding::DoneInPart, 3, Some(4), "1 of 4 customers failed");
    failed.failures = vec![("Acme".to_owned(), "HTTP 500".to_owned())];
    desk.event(Event::Job(failed));
    assert!(desk.app.notice.as_ref().unwrap().is_error);
    assert_eq!(desk.press("r y"), [Effect::Pull]);
}

#[test]
fn jobs_take_the_keys_that_fit_their_state() {
    let with = |standing| {
        let mut desk = Desk::new(world());
        assert_eq!(desk.press("J"), [Effect::ListJobs]);
        desk.event(Event::Jobs(vec![
            job("0", JobStanding::Done, 1, Some(1), ""),
            job("7", standing, 1, None, ""),
        ]));
        desk.press("j");
        desk
    };
    let id = || "7".to_owned();
    assert_eq!(with(JobStanding::Running).press("c"), [Effect::CancelJob(id())]);
    for standing in [JobStanding::Interrupted, JobStanding::Cancelled, JobStanding::Failed] {
        assert_eq!(with(standing).press("r"), [Effect::ResumeJob(id())]);
        let mut desk = with(standing);
        assert_eq!(desk.press("d"), [], "what was read is not thrown away unasked");
        assert_eq!(desk.press("y"), [Effect::DropJob(id()), Effect::ListJobs]);
    }
    let mut part = job("7", JobStanding::DoneInPart, 1, None, "");
    part.failures = vec![("Acme".to_owned(), "HTTP 500".to_owned())];
    let mut desk = Desk::new(world());
    desk.press("J");
    desk.event(Event::Jobs(vec![part]));
    assert_eq!(desk.press("f"), [Effect::RetryFailed("7".to_owned())]);
    // What is missing from a list belongs to no customer that could be read again.
    for standing in [JobStanding::DoneInPart, JobStanding::Done, JobStanding::Elsewhere, JobStanding::Dropped]
    {
        for keys in ["c", "r", "d", "f"] {
            let mut desk = with(standing);
            assert_eq!(desk.press(keys), [], "{standing:?}");
            assert!(!desk.notice().is_empty(), "{keys} on {standing:?} says nothing");
        }
    }
}

#[test]
fn every_failure_of_a_job_can_be_reached() {
    let mut desk = Desk::new(world());
    desk.press("J");
    let mut part = job("1", JobStanding::DoneInPart, 100, Some(160), "60 of 160 customers failed");
    part.failures = (1..=60).map(|n| (format!("Customer {n:02}"), "HTTP 500".to_owned())).collect();
    desk.event(Event::Jobs(vec![part]));
    let mut seen = String::new();
    for _ in 0..20 {
        seen.push_str(&desk.screen(80, 24));
        desk.press("PgDn");
    }
    for n in 1..=60 {
        assert!(seen.contains(&format!("Customer {n:02}")), "{n}");
    }
    desk.press("PgUp PgUp PgUp PgUp PgUp PgUp PgUp PgUp PgUp");
    assert!(desk.screen(80, 24).contains("Customer 01"));
}

#[test]
fn the_whole_text_of_a_job_can_be_read_on_a_small_screen() {
    let id = |n: u32| format!("5a1f0c3e-4d2b-4c6f-9a70-{n:012}");
    let mut desk = Desk::new(world());
    desk.press("J");
    let mut part = job("1", JobStanding::DoneInPart, 100, Some(103), "103 customers, 3 customers failed");
    let reason = |n| {
        format!(
            "subscriptions: api.partnercenter.microsoft.com failed at the subscriptions of a customer: HTTP 500 Internal \
             Server Error. Try again later; if it stays, give Microsoft the ids (request {})",
            id(n)
        )
    };
    part.failures = (1..=12).map(|n| (format!("Customer {n:02}"), reason(n))).collect();
    desk.event(Event::Jobs(vec![part]));
    assert!(!desk.screen(80, 24).contains(&id(1)), "the list has no room for it");
    desk.press("Enter");
    let mut seen = String::new();
    for _ in 0..10 {
        seen.push_str(&desk.screen(80, 24));
        desk.press("PgDn");
    }
    for n in 1..=12 {
        assert!(seen.contains(&id(n)), "{n}: {seen}");
    }
    desk.press("Esc");
    assert!(desk.screen(80, 24).contains("12 failed"), "back at the list");
    desk.press("Esc");
    assert!(desk.app.layers.is_empty());
}

/// What a command may do: ask for something, open or close a layer, say something, or change what is drawn.
#[test]
fn no_command_is_silent() {
    for command in all() {
        for emptiness in ["full", "empty"] {
            let start = if emptiness == "full" { world() } else { World::default() };
            let mut desk = Desk::new(start);
            match command.context {
                Context::Everywhere => drop(desk.press("1")),
                Context::Rows | Context::Grids | Context::Migration => {}
                Context::Sheets if emptiness == "full" => desk = super::sheets::desk(),
                Context::Sheets => drop(desk.press("2")),
                Context::Review if emptiness == "full" => {
                    desk = super::sheets::desk();
                    desk.event(Event::Sheets(SheetAnswer::Reviewed(Ok(super::sheets::held()))));
                }
                Context::Preview if emptiness == "full" => {
                    desk.press("a l Ctrl-S l");
                }
                Context::Jobs if emptiness == "full" => {
                    desk.press("J");
                    let jobs = ["1", "2"].map(|id| job(id, JobStanding::Elsewhere, 1, None, ""));
                    desk.event(Event::Jobs(jobs.to_vec()));
                }
                Context::Preview | Context::Jobs | Context::Review => continue,
                // The tests of its screen do the same.
                Context::Settings | Context::Consent | Context::Check => continue,
                Context::Plans | Context::PlanForm | Context::ManyPlans | Context::Reprice => continue,
            }
            // A move at an end, the tab that is shown already, and closing nothing need no words.
            let nothing_to_say = match command.action {
                Action::Go(Move::PageUp | Move::PageDown) if command.context == Context::Jobs => true,
                Action::Go(_) => emptiness == "empty",
                Action::Tab(tab) => tab == desk.app.tab,
                Action::Close => desk.app.layers.is_empty(),
                _ => false,
            };
            if nothing_to_say {
                continue;
            }
            if matches!(command.action, Action::Go(Move::Up | Move::Top | Move::PageUp | Move::HalfUp)) {
                desk.frame(120, 40);
                desk.press(if command.context == Context::Rows { "G" } else { "j" });
            }
            if command.action == Action::Go(Move::Left) {
                desk.press("l");
            }
            let before = desk.frame(120, 40);
            let effects = desk.press(command.keys[0]);
            let after = desk.frame(120, 40);
            assert!(
                !effects.is_empty() || before != after,
                "{} ({}) does nothing and says nothing in {:?}, {emptiness}",
                command.keys[0],
                command.title,
                command.context
            );
        }
    }
}

#[test]
fn every_key_of_every_context_is_harmless_on_every_screen() {
    let keys: Vec<&str> = all().flat_map(|c| c.keys.iter().copied()).collect();
    for layer in ["", "?", ":", "r", "J", "/", "x", "Tab l l e", "a Ctrl-S", "2", "2 I", "2 F"] {
        for start in [world(), World::default()] {
            for name in &keys {
                let mut desk = Desk::new(start.clone());
                desk.press(layer);
                desk.press(name);
                desk.press(name);
                desk.frame(80, 24);
            }
        }
    }
    assert!(available(Context::Migration).count() > available(Context::Everywhere).count());
}

#[test]
fn nothing_is_done_that_can_not_be_seen() {
    let mut desk = Desk::new(world());
    desk.frame(20, 5);
    assert_eq!(desk.press("Space j r y"), []);
    assert!(desk.app.layers.is_empty() && desk.app.migration.request().clients.is_empty());
    assert_eq!(desk.press("q"), [Effect::Quit]);
    desk.frame(80, 24);
    desk.press("Space");
    assert_eq!(desk.app.migration.request().clients.len(), 1);
}
