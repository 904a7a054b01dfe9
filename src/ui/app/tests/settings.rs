//! The tab Settings with its layers, by keys.

use secrecy::SecretString;

use super::support::{Desk, held, screens, world};
use crate::domain::record::Versioned;
use crate::domain::samples::World;
use crate::domain::settings::{MfaMethod, Settings, Tier, TypedSetting};
use crate::domain::token::{Held, Refusal, Token};
use crate::jobs::check::{Outcome, Step, StepResult};
use crate::jobs::consent::Stage;
use crate::jobs::overview::Overview;
use crate::jobs::settings::Saved;
use crate::store::{LastCheck, Obtained, SecretInfo, SecretName, SecretPlace};
use crate::ui::action::Tab;
use crate::ui::effect::Effect;
use crate::ui::event::Event;
use crate::ui::layers::Layer;
use crate::ui::messages::settings::{Hidden, Reveal, SettingsEffect, SettingsEvent};

const APP: &str = "5a1f0c3e-71d2-4a4a-9c9c-1f2e3d4c5b6a";
const SECRET: &str = "hunter2~the~app~secret";
const TOKEN: &str = "1.AXoA-a-known-refresh-token";

pub(super) fn at(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

fn settings() -> Settings {
    Settings {
        cpv_app_id: Some(APP.to_owned()),
        csp_domain: Some("fabrikam-csp.onmicrosoft.com".to_owned()),
        microsoft_id: Some("2b6f3c52-0e1d-4c58-9f0a-7d5b1c9e4a31".to_owned()),
        tier: Tier::Indirect,
        ..Settings::default()
    }
}

fn info(day: &str) -> SecretInfo {
    SecretInfo {
        set_at: at(day),
        set_by: "ana".to_owned(),
        obtained: Some(Obtained {
            at: at("2026-10-02T08:00:00Z"),
            by: "ana".to_owned(),
            user: Some("admin@fabrikam-csp.com".to_owned()),
        }),
        place: SecretPlace::Store,
        refused: None,
    }
}

fn overview(revision: u64, settings: Settings) -> Overview {
    Overview {
        settings: Versioned {
            revision,
            updated_by: "ana".to_owned(),
            updated_at: at("2026-10-02T08:00:00Z"),
            value: settings,
        },
        secrets: vec![
            (SecretName::CpvAppSecret, info("2026-10-02T08:00:00Z")),
            (SecretName::RefreshToken, info("2026-10-24T09:00:00Z")),
        ],
        token: Token::Held(Held {
            obtained_at: Some(at("2026-10-02T08:00:00Z")),
            ..held(at("2026-10-24T09:00:00Z"), None)
        }),
        last_check: Some(LastCheck {
            at: at("2026-10-24T09:00:00Z"),
            by: "ana".to_owned(),
            failed: Vec::new(),
        }),
        has_sheets: true,
        has_plans: false,
        has_data: true,
    }
}

fn read(overview: Overview) -> Event {
    Event::Settings(SettingsEvent::Read(Box::new(overview), None))
}

/// A dashboard of a partner that is set up, on the tab Settings.
pub(super) fn desk() -> Desk {
    let mut desk = Desk::new(world());
    desk.event(read(overview(3, settings())));
    desk.press("1");
    desk.frame(80, 24);
    desk
}

/// A new user's.
pub(super) fn new_desk() -> Desk {
    let mut desk = Desk::new(World::default());
    let empty = Overview {
        secrets: Vec::new(),
        token: Token::Missing,
        last_check: None,
        has_sheets: false,
        has_data: false,
        ..overview(0, Settings::default())
    };
    desk.event(Event::Settings(SettingsEvent::Read(Box::new(empty), Some(Vec::new()))));
    desk
}

fn saves(effects: &[Effect]) -> Option<(&Settings, Vec<SecretName>)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Settings(SettingsEffect::Save { settings, secrets, .. }) => {
            Some((settings.as_ref(), secrets.iter().map(|(name, _)| *name).collect()))
        }
        _ => None,
    })
}

pub(super) fn hidden(text: &str) -> Hidden {
    Hidden(SecretString::from(text))
}

/// The attempt at a consent that is shown; none is 0.
pub(super) fn attempt(desk: &Desk) -> u64 {
    let shown = desk.app.layers.iter().find_map(|layer| match layer {
        Layer::Consent(layer) => Some(layer.attempt()),
        _ => None,
    });
    shown.unwrap_or_default()
}

pub(super) fn consent(desk: &mut Desk) -> Vec<Effect> {
    let effects = desk.press("c Enter");
    let event = SettingsEvent::Consent(attempt(desk), waiting());
    desk.event(Event::Settings(event));
    effects
}

pub(super) fn waiting() -> Stage {
    Stage::Waiting {
        address: format!(
            "https://login.microsoftonline.com/fabrikam-csp.onmicrosoft.com/oauth2/v2.0/authorize?client_id={APP}&\
             response_type=code&response_mode=query&redirect_uri=http://localhost:41827&scope=https://api.partnercenter.\
             microsoft.com/user_impersonation+offline_access&state=NqmmY9ef2uCwn9vNrbuHdw&code_challenge=deTle3IPpb8TTHQd90Y\
             mxO0-kmzoNEDqTugxbJTCZYo&code_challenge_method=S256&prompt=login"
        ),
        redirect_uri: "http://localhost:41827".to_owned(),
        registered_uri: "http://localhost".to_owned(),
        port: Some(41_827),
        tunnel: Some("ssh -L 41827:127.0.0.1:41827 ana@jump01".to_owned()),
        deaf: None,
        until: at("2026-11-22T09:23:31Z"),
    }
}

pub(super) fn code() -> Stage {
    Stage::Code {
        code: "F7KQ2ZLXN".to_owned(),
        page: "https://microsoft.com/devicelogin".to_owned(),
        until: at("2026-11-22T09:29:00Z"),
    }
}

#[test]
fn the_form_and_the_first_steps_are_shown() {
    let mut desk = desk();
    screens!("settings", desk);
    let mut desk = new_desk();
    assert_eq!(desk.app.tab, Tab::Settings, "a new user begins here");
    screens!("settings_first_run", desk);
}

#[test]
fn a_typed_value_is_checked_marked_and_saved_with_the_secrets() {
    let mut desk = new_desk();
    desk.press("Enter");
    desk.type_text("5a1f");
    desk.press("Enter");
    assert!(desk.screen(80, 24).contains("! cpv_app_id can't be \"5a1f\": a GUID is expected"));
    desk.press("Esc Enter");
    desk.type_text(APP);
    let effects = desk.press("Enter");
    let kept = vec![typed("cpv_app_id", "", APP)];
    assert_eq!(effects, [Effect::Settings(SettingsEffect::Keep(kept))], "it survives a session that ends");
    desk.press("Enter");
    desk.type_text(SECRET);
    assert!(!desk.screen(80, 24).contains("hunter2"));
    assert_eq!(desk.press("Enter"), [], "a secret is kept nowhere until it is saved");
    screens!("settings_typed", desk);
    let effects = desk.press("q");
    assert_eq!(effects, []);
    assert!(desk.screen(80, 24).contains("A secret is typed on the tab Settings"));
    desk.press("n");

    let effects = desk.press("Ctrl-S");
    let (saved, secrets) = saves(&effects).unwrap();
    assert_eq!((saved.cpv_app_id.as_deref(), secrets), (Some(APP), vec![SecretName::CpvAppSecret]));
    assert!(!format!("{effects:?}").contains("hunter2"));
    assert_eq!(desk.press("Ctrl-S"), [], "once is enough");
    let saved = Saved { moved: Vec::new(), remarks: Vec::new() };
    let effects = desk.event(Event::Settings(SettingsEvent::Saved(saved)));
    assert!(effects.contains(&Effect::Settings(SettingsEffect::Keep(Vec::new()))));
    assert!(effects.contains(&Effect::Settings(SettingsEffect::Read)));
    assert!(!desk.screen(80, 24).contains("*1 not saved"));
}

#[test]
fn nothing_is_typed_into_a_save_that_is_under_way() {
    let mut desk = desk();
    while !desk.screen(80, 24).contains("> Enable MCA") {
        desk.press("j");
    }
    desk.press("Space");
    assert!(saves(&desk.press("Ctrl-S")).is_some());
    for keys in ["Space", "Enter", "Ctrl-S", "u"] {
        assert_eq!(desk.press(keys), [], "{keys}");
        assert!(desk.app.layers.is_empty() && desk.notice() == "the settings are being saved", "{keys}");
    }
    // What another operator does meanwhile does not open the door.
    desk.event(read(overview(3, settings())));
    assert_eq!(saves(&desk.press("Ctrl-S")), None);
    desk.event(Event::Settings(SettingsEvent::NotSaved("the store is in use".to_owned())));
    assert!(saves(&desk.press("Ctrl-S")).is_some(), "what was typed is still there");
    desk.event(Event::Settings(SettingsEvent::Saved(Saved { moved: Vec::new(), remarks: Vec::new() })));
    assert_eq!(saves(&desk.press("Space Ctrl-S")), None, "the new revision is not read yet");
    desk.event(read(overview(4, Settings { enable_mca: false, ..settings() })));
    assert!(saves(&desk.press("Space Ctrl-S")).is_some());
}

#[test]
fn a_new_user_who_is_elsewhere_already_is_left_there() {
    let mut desk = Desk::new(World::default());
    desk.press("3");
    let empty = overview(0, Settings::default());
    desk.event(Event::Settings(SettingsEvent::Read(Box::new(empty), Some(Vec::new()))));
    assert_eq!(desk.app.tab, Tab::Plans);
}

#[test]
fn choices_flags_and_countries_are_taken() {
    let mut desk = desk();
    desk.press("j j Enter");
    screens!("settings_choice", desk);
    desk.press("Down Enter");
    assert!(desk.screen(80, 24).contains("Vault access"), "what belongs to a vault shows up");
    screens!("settings_key_vault", desk);
    assert_eq!(saves(&desk.press("Ctrl-S")), None);
    assert!(desk.notice().contains("its address is needed"), "{}", desk.notice());
    desk.press("Enter");
    desk.type_text("https://fabrikam.vault.azure.net");
    desk.press("Enter Ctrl-S");
    assert!(desk.screen(80, 24).contains("Where the secrets are kept"));
    let effects = desk.press("y");
    assert_eq!(saves(&effects).unwrap().0.mfa_method, MfaMethod::KeyVault);
    assert_eq!(desk.press("Ctrl-S"), [], "that is under way");

    let mut desk = self::desk();
    while !desk.screen(80, 24).contains("> Enable MCA") {
        desk.press("j");
    }
    desk.press("Space");
    assert!(desk.screen(80, 24).contains("Enable MCA         *no"));
    while !desk.screen(80, 24).contains("> Registration ID in") {
        desk.press("j");
    }
    desk.press("Enter");
    desk.type_text("norw");
    desk.press("Space Enter");
    let effects = desk.press("Ctrl-S");
    let saved = saves(&effects).unwrap().0;
    assert!(saved.registration_id_countries.contains("NO") && saved.registration_id_countries.contains("IN"));
    assert!(!saved.enable_mca);
}

#[test]
fn what_a_vault_does_not_give_is_left_behind_only_where_that_is_asked_for() {
    let leaves = |effects: &[Effect]| {
        effects.iter().find_map(|effect| match effect {
            Effect::Settings(SettingsEffect::Save { leaves_secrets, .. }) => Some(*leaves_secrets),
            _ => None,
        })
    };
    let in_vault = Settings {
        mfa_method: MfaMethod::KeyVault,
        key_vault_url: Some("https://fabrikam.vault.azure.net".to_owned()),
        ..settings()
    };
    for (keys, expected) in [("y", false), ("l y", true), ("l l y", false)] {
        let mut desk = desk();
        desk.event(read(overview(4, in_vault.clone())));
        desk.press("j j Enter Up Enter Ctrl-S");
        assert!(desk.screen(80, 24).contains("[ ] leave behind what the vault does not give"));
        assert_eq!(leaves(&desk.press(keys)), Some(expected), "{keys}");
    }
    // Into a vault there is nothing to leave.
    let mut desk = desk();
    desk.press("j j Enter Down Enter Enter");
    desk.type_text("https://fabrikam.vault.azure.net");
    desk.press("Enter Ctrl-S");
    assert!(!desk.screen(80, 24).contains("leave behind"));
}

#[test]
fn what_another_operator_saved_is_shown_and_asked_about() {
    let mut desk = desk();
    while !desk.screen(80, 24).contains("> CSP domain") {
        desk.press("j");
    }
    desk.press("Enter Ctrl-U");
    desk.type_text("ours.example");
    desk.press("Enter k");
    let theirs = Settings { csp_domain: Some("theirs.example".to_owned()), ..settings() };
    desk.event(read(Overview {
        settings: Versioned { updated_by: "per".to_owned(), ..overview(4, theirs.clone()).settings },
        ..overview(4, theirs)
    }));
    screens!("settings_clash", desk);
    assert_eq!(saves(&desk.press("Ctrl-S")), None);
    assert!(desk.screen(80, 24).contains("take theirs: theirs.example"));
    let effects = desk.press("Enter");
    assert_eq!(saves(&effects).unwrap().0.csp_domain.as_deref(), Some("ours.example"));

    let effects = desk.event(Event::Settings(SettingsEvent::Conflict("per was first".to_owned())));
    assert_eq!(effects, [Effect::Settings(SettingsEffect::Read)]);
    assert!(desk.notice().contains("nothing was saved: per was first"));
    assert!(desk.screen(80, 24).contains("*ours.example"), "what was typed is still there");
}

fn typed(key: &str, before: &str, text: &str) -> TypedSetting {
    TypedSetting { key: key.to_owned(), before: before.to_owned(), text: text.to_owned() }
}

#[test]
fn what_another_operator_saved_between_two_sessions_is_asked_about() {
    let mut desk = Desk::new(world());
    let theirs = Settings { csp_user_id: Some("theirs@fabrikam-csp.com".to_owned()), ..settings() };
    let kept = vec![typed("csp_user_id", "", "ours@fabrikam-csp.com")];
    desk.event(Event::Settings(SettingsEvent::Read(Box::new(overview(4, theirs)), Some(kept.clone()))));
    assert!(desk.notice().contains("another operator has changed 1"), "{}", desk.notice());
    desk.press("1");
    let effects = desk.press("Ctrl-S");
    assert!(saves(&effects).is_none());
    assert!(desk.screen(120, 40).contains("take theirs: theirs@fabrikam-csp.com"));
    // Left open, it is asked about in the next session too.
    desk.press("Esc");
    desk.press("G Enter");
    let effects = desk.press("Esc");
    assert!(
        !effects
            .iter()
            .any(|effect| matches!(effect, Effect::Settings(SettingsEffect::Keep(now)) if *now != kept))
    );
    desk.press("Ctrl-S");
    let effects = desk.press("Enter");
    assert_eq!(saves(&effects).unwrap().0.csp_user_id.as_deref(), Some("ours@fabrikam-csp.com"));
}

#[test]
fn what_was_typed_before_the_session_ended_is_there_again() {
    let mut desk = Desk::new(world());
    let typed = vec![
        typed("csp_user_id", "", "admin@fabrikam-csp.com"),
        typed("tier", "direct", "nonsense of another version"),
    ];
    desk.event(Event::Settings(SettingsEvent::Read(Box::new(overview(3, settings())), Some(typed))));
    desk.press("1");
    assert!(desk.screen(80, 24).contains("CSP user ID        *admin@fabrikam-csp.com"));
    let effects = desk.press("Ctrl-S");
    assert_eq!(saves(&effects).unwrap().0.csp_user_id.as_deref(), Some("admin@fabrikam-csp.com"));
}

#[test]
fn nothing_is_asked_of_microsoft_over_changes_that_are_not_saved() {
    let mut desk = desk();
    while !desk.screen(80, 24).contains("> Enable MCA") {
        desk.press("j");
    }
    desk.press("Space");
    for key in ["c", "t"] {
        assert_eq!(desk.press(key), []);
        assert!(desk.app.layers.is_empty() && desk.notice().contains("not saved"), "{key}");
    }
    desk.press("u");
    desk.press("k Space");
    assert!(desk.screen(80, 24).contains("Enable MCA          yes"), "taken back");
    let mut desk = new_desk();
    desk.press("c");
    assert!(desk.notice().contains("set the CPV App ID and its secret first"));
}

#[test]
fn the_check_tells_each_step_and_what_failed() {
    let mut desk = desk();
    assert_eq!(desk.press("t"), [Effect::Settings(SettingsEffect::Check)]);
    let step = |step, outcome, text: &str| {
        Event::Settings(SettingsEvent::Step(StepResult { step, outcome, text: text.to_owned() }))
    };
    desk.event(step(Step::Settings, Outcome::Passed, "app 5a1f in the tenant 2b6f"));
    desk.event(step(Step::KeyVault, Outcome::Skipped, "the secrets are in the store, encrypted"));
    screens!("check_running", desk);
    desk.press("t");
    assert_eq!(desk.notice(), "the check is running");
    desk.event(step(
        Step::Token,
        Outcome::Failed,
        "Microsoft refused the sign-in: the refresh token has expired, because it was not used for 90 days (invalid_grant, \
         AADSTS700082). Redo the consent",
    ));
    for blocked in [Step::Mfa, Step::Organization, Step::Customers, Step::Pricing, Step::GraphBilling] {
        desk.event(step(blocked, Outcome::Blocked, "not tried: an earlier step failed"));
    }
    desk.event(step(Step::Smtp, Outcome::Skipped, "no mail server is configured (smtp.host)"));
    let effects = desk.event(Event::Settings(SettingsEvent::Checked(Ok(()))));
    assert_eq!(effects, [Effect::Settings(SettingsEffect::Read)]);
    screens!("check_failed", desk);
    assert_eq!(desk.press("t"), [Effect::Settings(SettingsEffect::Check)], "again");
    assert_eq!(desk.press("Esc"), [Effect::Settings(SettingsEffect::StopCheck)]);
    assert!(desk.app.layers.is_empty());
}

#[test]
fn the_token_is_shown_only_after_a_question_and_copied_unshown() {
    let mut desk = desk();
    assert_eq!(desk.press("V"), []);
    let effects = desk.press("y");
    assert_eq!(effects, [Effect::Settings(SettingsEffect::Reveal(Reveal::Show))]);
    let hidden = || Hidden(SecretString::from(TOKEN));
    desk.event(Event::Settings(SettingsEvent::Revealed(Reveal::Show, hidden())));
    assert!(desk.screen(80, 24).contains(TOKEN));
    assert!(!format!("{:?}", desk.app).contains(TOKEN));
    desk.press("j");
    assert!(!desk.screen(80, 24).contains(TOKEN));

    desk.press("g j j j");
    assert!(desk.screen(80, 24).contains("> Refresh token"));
    assert_eq!(desk.press("y"), [Effect::Settings(SettingsEffect::Reveal(Reveal::Copy))]);
    let effects = desk.event(Event::Settings(SettingsEvent::Revealed(Reveal::Copy, hidden())));
    assert_eq!(effects, [Effect::CopySecret(hidden())]);
    assert!(!desk.screen(80, 24).contains(TOKEN));
    assert!(!format!("{effects:?}").contains(TOKEN));
}

#[test]
fn only_a_secret_that_is_here_can_be_forgotten() {
    let mut desk = desk();
    let mut overview = overview(3, settings());
    let there = SecretPlace::KeyVault { version: "v1".to_owned() };
    overview.secrets = vec![
        (SecretName::RefreshToken, SecretInfo { place: there, ..info("2026-11-20T08:00:00Z") }),
        (SecretName::CpvAppSecret, info("2026-11-20T08:00:00Z")),
    ];
    desk.event(read(overview));
    desk.press("g");
    for _ in 0..40 {
        desk.press("d");
        if desk.notice().contains("only there can it be deleted") {
            break;
        }
        desk.press("Esc");
        desk.press("j");
    }
    assert!(desk.notice().starts_with("Refresh token is in the key vault"), "{}", desk.notice());
    assert!(desk.app.layers.is_empty());
    desk.press("g j d");
    assert_eq!(desk.press("y"), [Effect::Settings(SettingsEffect::Forget(SecretName::CpvAppSecret))]);
}

#[test]
fn all_that_does_not_fit_is_told_at_once() {
    let mut desk = desk();
    let settings = Settings {
        mfa_method: MfaMethod::KeyVault,
        key_vault_name_smtp_password: settings().key_vault_name_refresh_token,
        ..settings()
    };
    desk.event(read(overview(3, settings)));
    desk.press("g Enter");
    desk.type_text("11111111-71d2-4a4a-9c9c-1f2e3d4c5b6a");
    desk.press("Enter");
    assert!(saves(&desk.press("Ctrl-S")).is_none());
    for words in ["its address is needed", "another secret has that name"] {
        assert!(desk.notice().contains(words), "{}", desk.notice());
    }
}

#[test]
fn a_token_is_renewed_by_itself_once_it_is_due_and_not_in_a_loop() {
    let mut desk = desk();
    let renewal = || Effect::Settings(SettingsEffect::Renew { asked: false });
    let due = held(at("2026-08-25T09:00:00Z"), None);
    desk.app.header.token = Token::Held(Held { renew_after: 90, ..due.clone() });
    assert_eq!(desk.app.due(), []);
    desk.app.header.token = Token::Held(due.clone());
    assert_eq!(desk.app.due(), [renewal()]);
    assert_eq!(desk.app.due(), [], "not again at once");
    desk.app.now = at("2026-11-22T16:00:00Z");
    assert_eq!(desk.app.due(), [renewal()]);
    desk.app.now = at("2026-11-24T16:00:00Z");
    let refusal = Refusal { at: desk.app.now, code: "invalid_grant, AADSTS50173".to_owned() };
    desk.app.header.token = Token::Held(Held { refused: Some(refusal), ..due });
    assert_eq!(desk.app.due(), [], "a refused one is the operator's");
    assert!(desk.screen(80, 24).contains("! token revoked"));
}
