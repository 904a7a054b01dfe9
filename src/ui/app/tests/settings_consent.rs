//! The partner consent as the dashboard shows it, from the domain to its end.

use super::settings::{at, attempt, code, consent, desk, hidden, waiting};
use super::support::screens;
use crate::jobs::consent::{Consented, Stage};
use crate::ui::effect::Effect;
use crate::ui::event::Event;
use crate::ui::layers::Layer;
use crate::ui::messages::settings::{SettingsEffect, SettingsEvent};

#[test]
fn what_is_heard_of_another_attempt_is_not_this_ones() {
    let mut desk = desk();
    consent(&mut desk);
    let first = attempt(&desk);
    desk.press("Esc");
    consent(&mut desk);
    for end in [None, Some("an end of the first".to_owned())] {
        desk.event(Event::Settings(SettingsEvent::Consented(first, Err(end))));
        assert!(desk.screen(80, 24).contains("Waiting on 127.0.0.1:41827"));
    }
    assert!(desk.notice().contains("an end of the first"), "a failure is not swallowed");
    desk.event(Event::Settings(SettingsEvent::Consent(first, Stage::Checking)));
    assert!(desk.screen(80, 24).contains("Waiting on 127.0.0.1:41827"));
}

#[test]
fn the_consent_goes_from_the_domain_to_its_end() {
    let mut desk = desk();
    desk.press("c");
    screens!("consent_domain", desk);
    desk.press("Ctrl-U");
    desk.type_text("no domain");
    desk.press("Enter");
    assert!(desk.screen(80, 24).contains("! csp_domain can't be \"no domain\""));
    desk.press("Esc");
    let effects = consent(&mut desk);
    let domain = "fabrikam-csp.onmicrosoft.com".to_owned();
    assert_eq!(effects, [Effect::Settings(SettingsEffect::Consent { attempt: 2, domain })]);
    screens!("consent_waiting", desk);
    let text: String = desk.screen(80, 24).split(['│', '\n', ' ']).collect();
    assert!(text.contains("oauth2/v2.0/authorize?client_id=") && text.contains("S256&prompt=login"), "whole");
    desk.frame(80, 24);
    assert!(desk.app.next_tick().is_some(), "the time that is left runs");

    let Stage::Waiting { address, tunnel, .. } = waiting() else { panic!() };
    assert_eq!(desk.press("y"), [Effect::Copy(address)]);
    assert!(desk.screen(80, 24).contains("the address is copied"));
    assert_eq!(desk.press("s"), [Effect::Copy(tunnel.unwrap())]);
    let foreign = "this is the answer to another sign-in than the one under way".to_owned();
    let event = SettingsEvent::Consent(attempt(&desk), Stage::NotThis(foreign));
    desk.event(Event::Settings(event));
    assert!(!desk.screen(80, 24).contains("the ssh line is copied"));
    assert!(desk.screen(80, 24).contains("! this is the answer to another sign-in"));

    desk.press("p");
    let pasted = "http://localhost:41827/?code=1.AXoA&state=NqmmY9ef2uCwn9vNrbuHdw";
    desk.event(Event::Paste(pasted.to_owned().into()));
    assert_eq!(desk.press("Enter"), [Effect::Settings(SettingsEffect::Paste(hidden(pasted)))]);
    let effects = desk.event(Event::Paste(pasted.to_owned().into()));
    assert_eq!(effects, [Effect::Settings(SettingsEffect::Paste(hidden(pasted)))], "without p too");

    assert_eq!(desk.press("d"), [Effect::Settings(SettingsEffect::AskForCode)]);
    let event = SettingsEvent::Consent(attempt(&desk), code());
    desk.event(Event::Settings(event));
    screens!("consent_code", desk);
    assert_eq!(desk.press("y"), [Effect::Copy("F7KQ2ZLXN".to_owned())]);
    desk.frame(60, 15);
    desk.press("w");
    assert!(desk.notice().contains("no room for its QR code"), "{}", desk.notice());
    desk.frame(80, 24);
    desk.press("w");
    assert!(desk.screen(80, 24).contains("back to the text"), "its QR code");
    desk.press("w");
    // The address counts beside the code, and d goes back to it.
    let effects = desk.event(Event::Paste(pasted.to_owned().into()));
    assert_eq!(effects, [Effect::Settings(SettingsEffect::Paste(hidden(pasted)))], "beside the code");
    desk.press("p");
    assert!(matches!(desk.app.layers.last(), Some(Layer::Prompt(_))));
    desk.press("Esc");
    assert_eq!(desk.press("d"), []);
    assert!(desk.screen(80, 24).contains("Waiting on 127.0.0.1:"), "{}", desk.screen(80, 24));
    assert_eq!(desk.press("d"), [Effect::Settings(SettingsEffect::AskForCode)]);
    let event = SettingsEvent::Consent(attempt(&desk), Stage::Checking);
    desk.event(Event::Settings(event));
    assert!(desk.app.next_tick().is_none(), "nothing runs any more");
    let consented = Consented {
        user: Some("admin@fabrikam-csp.com".to_owned()),
        tenant: Some("2b6f3c52-0e1d-4c58-9f0a-7d5b1c9e4a31".to_owned()),
        company: Some("Fabrikam CSP".to_owned()),
        at: at("2026-11-22T09:15:00Z"),
        in_vault: false,
        remarks: vec![
            "it is that of admin@fabrikam-csp.com, not of the CSP user ID ana@fabrikam-csp.com".to_owned(),
        ],
    };
    let event = SettingsEvent::Consented(attempt(&desk), Ok(consented));
    let effects = desk.event(Event::Settings(event));
    assert_eq!(effects, [Effect::Settings(SettingsEffect::Read)]);
    screens!("consent_given", desk);
    desk.press("Enter");
    assert!(desk.app.layers.is_empty());
}

#[test]
fn a_consent_that_fails_says_why_and_one_that_is_cancelled_stops() {
    let mut desk = desk();
    consent(&mut desk);
    desk.press("p");
    let why = "admin@fabrikam-csp.com signed in without multi-factor authentication".to_owned();
    let event = SettingsEvent::Consented(attempt(&desk), Err(Some(why)));
    desk.event(Event::Settings(event));
    assert!(desk.screen(80, 24).contains("without multi-factor"), "also below the address that is typed");
    screens!("consent_failed", desk);
    desk.press("r");
    assert!(desk.screen(80, 24).contains("CSP domain  fabrikam-csp"), "begins again");
    desk.press("Esc");
    assert!(desk.app.layers.is_empty());

    consent(&mut desk);
    assert_eq!(desk.press("Ctrl-C"), [Effect::Settings(SettingsEffect::StopConsent)]);
    assert!(desk.app.layers.is_empty());
    let event = SettingsEvent::Consented(attempt(&desk), Err(None));
    desk.event(Event::Settings(event));
    assert_eq!(desk.notice(), "");
}
