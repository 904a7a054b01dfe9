//! The app consent in customers' tenants, asked for on Data Migration.

use super::support::{APP_ID, Desk, job, screens, world};
use crate::domain::application_consent::ConsentOutcome;
use crate::domain::samples::{World, app_consent};
use crate::jobs::application_consents::Order;
use crate::ui::effect::Effect;
use crate::ui::event::{Event, JobStanding};

fn ordered(effects: &[Effect]) -> &Order {
    let [Effect::GiveAppConsent(order)] = effects else { panic!("{effects:?}") };
    order
}

fn ids(order: &Order) -> Vec<&str> {
    order.customers.iter().map(|(id, _)| id.as_str()).collect()
}

/// One has it, one has it for other permissions, one failed, one was never asked.
fn known() -> World {
    let mut world = world();
    let graph = "Microsoft Graph: Directory.Read.All, User.Read.All";
    let reason = "Partner Center denies the consent of customer jp to app 5a1f0c3e: no delegated admin privileges (900308). \
                  The signed-in user must hold a role in a GDAP relationship (request 0b1c2d3e)";
    world.app_consents = vec![
        app_consent("acme", ConsentOutcome::Given, Some(graph)),
        app_consent("norge", ConsentOutcome::Already, Some("Microsoft Graph: User.Read")),
        app_consent("jp", ConsentOutcome::Failed { reason: reason.to_owned(), removed: false }, None),
    ];
    world
}

#[test]
fn it_is_asked_for_the_ticked_clients_or_the_one_under_the_cursor() {
    let mut desk = Desk::new(world());
    assert_eq!(desk.press("A"), [], "it asks first");
    assert_eq!(desk.press("n A Esc A Enter x q"), []);
    let effects = desk.press("A y");
    let order = ordered(&effects);
    assert_eq!((ids(order), order.replace), (vec!["acme"], false));
    assert_eq!((order.terms.app_id.as_str(), order.terms.display_name.as_str()), (APP_ID, "cspdeck"));
    assert_eq!(order.terms.grants[0].scopes, ["Directory.Read.All", "User.Read.All"]);

    // The one whose service is under the cursor.
    desk.press("Tab o o G");
    assert_eq!(ids(ordered(&desk.press("A y"))), ["trust"]);
    desk.press("g Tab a");
    let effects = desk.press("A r y");
    let order = ordered(&effects);
    assert_eq!((ids(order), order.replace), (vec!["acme", "norge", "jp", "trust"], true));
    assert!(!ordered(&desk.press("A r r y")).replace);
    assert_eq!(desk.app.migration.request().clients.len(), 4, "ticks stay");
}

#[test]
fn it_says_why_it_can_not_be_asked_for() {
    let mut desk = Desk::new(World::default());
    assert_eq!(desk.press("A"), []);
    assert_eq!(desk.notice(), "no client here");
    let mut desk = Desk::new(world());
    desk.app.migration.take_app_id(None);
    assert_eq!(desk.press("A"), []);
    assert!(desk.notice().contains("settings set cpv_app_id="), "{}", desk.notice());

    // Under management here, but no longer a customer there.
    let mut gone = world();
    gone.manage("norge", "NOK");
    gone.customers.retain(|customer| customer.id.as_str() != "norge");
    let mut desk = Desk::new(gone);
    desk.press("j");
    assert_eq!(desk.press("A"), []);
    assert!(desk.notice().starts_with("Acme Norge AS is no customer at Microsoft"), "{}", desk.notice());
    desk.press("a A");
    assert!(desk.screen(80, 24).contains("1 more is no customer at Microsoft any more"));
    assert_eq!(ids(ordered(&desk.press("y"))), ["acme", "jp", "trust"]);

    let mut desk = Desk::new(world());
    desk.event(Event::Job(job("1", JobStanding::Running, 1, None, "")));
    assert_eq!(desk.press("A y"), [Effect::Copy("Acme Corp".to_owned())]);
    desk.press("A");
    assert_eq!(desk.notice(), "a job is running already: J shows it");
}

#[test]
fn the_question_and_what_is_known() {
    let mut desk = Desk::new(known());
    desk.press("A");
    screens!("app_consent_of_one", desk);
    desk.press("Esc a /");
    desk.type_text("acme");
    desk.press("Enter A r");
    screens!("app_consent_of_many", desk);
    desk.press("Esc Esc c j j l l l l l l l l l l");
    screens!("app_consent_failed", desk);
    insta::assert_snapshot!("app_consent_200x50", desk.screen(200, 50));
    desk.press("/");
    desk.type_text("failed");
    desk.press("Enter");
    assert_eq!(desk.lines_with("failed").iter().filter(|line| line.contains("日本")).count(), 1);
    assert!(desk.lines_with("Acme Norge").is_empty());
}

#[test]
fn a_job_that_can_not_be_gone_on_with_is_not_offered_to_be() {
    for standing in [JobStanding::Interrupted, JobStanding::Failed] {
        let mut desk = Desk::new(world());
        desk.press("J");
        let mut sign_in = job("7", standing, 0, None, "");
        sign_in.resumable = false;
        desk.event(Event::Jobs(vec![sign_in]));
        assert!(!desk.screen(80, 24).contains("resume"));
        assert_eq!(desk.press("r"), []);
        assert_eq!(desk.notice(), "this job can't be gone on with: begin it again");
        assert_eq!(desk.press("d y"), [Effect::DropJob("7".to_owned()), Effect::ListJobs]);
    }
}
