//! Layers that ask for something which no tab asks for yet.

use super::support::{Desk, screens, world};
use crate::config;
use crate::store::SecretName;
use crate::ui::event::Event;
use crate::ui::layers::{ChooseMany, Layer, SecretPrompt};
use crate::ui::messages::{ManyChoice, SecretAsk};
use crate::ui::theme::Theme;

fn asked_for_a_secret() -> Desk {
    let mut desk = Desk::new(world());
    let ask = SecretAsk::Settings(SecretName::CpvAppSecret);
    desk.app.layers.push(Layer::SecretPrompt(SecretPrompt::new(ask, "CPV App Secret ")));
    desk
}

fn paste(desk: &mut Desk, text: &str) {
    desk.event(Event::Paste(text.to_owned().into()));
}

#[test]
fn a_secret_is_never_shown() {
    let mut desk = asked_for_a_secret();
    screens!("secret_asked", desk);
    // Each of these letters is a command of the grid.
    desk.type_text("ja");
    paste(&mut desk, "  Qx7~verysecret\n");
    screens!("secret_typed", desk);
    assert!(desk.screen(120, 40).contains("•••••••• 16 characters"));
    assert!(!format!("{:?}", desk.app).contains("Qx7"));
    paste(&mut desk, "Qx7\nverysecret");
    screens!("secret_refused", desk);
    desk.app.theme = Theme::new(config::Theme::Plain, false);
    assert!(desk.screen(120, 40).contains("CPV App Secret ******** 16 characters"));
    assert_eq!(desk.press("Enter"), []);
    assert!(desk.app.layers.is_empty());
}

#[test]
fn a_secret_prompt_wants_a_secret_and_can_be_left() {
    let mut desk = asked_for_a_secret();
    desk.press("Space Enter");
    assert_eq!(desk.lines_with("!"), ["! there is no secret yet: type or paste it"]);
    desk.press("x");
    assert!(desk.lines_with("no secret yet").is_empty(), "the refusal is over");
    desk.press("Ctrl-U Ctrl-C");
    assert!(desk.app.layers.is_empty());
}

fn asked_for_countries(ticked: &[&str]) -> Desk {
    let mut desk = Desk::new(world());
    let countries = [
        ("Åland Islands", "AX"),
        ("Bosnia and Herzegovina", "BA"),
        ("Denmark", "DK"),
        ("Finland", "FI"),
        ("Germany", "DE"),
        ("Hungary", "HU"),
        ("Iceland", "IS"),
        ("Italy", "IT"),
        ("Japan", "JP"),
        ("Norway", "NO"),
        ("South Georgia and the South Sandwich Islands", "GS"),
        ("Sweden", "SE"),
    ];
    let countries = countries.map(|(name, code)| (name.to_owned(), code.to_owned())).to_vec();
    let ticked = ticked.iter().map(|code| (*code).to_owned()).collect();
    let list = ChooseMany::new(
        "Countries with a registration ID",
        countries,
        &ticked,
        ManyChoice::RegistrationIdCountries,
    );
    desk.app.layers.push(Layer::ChooseMany(list));
    desk
}

#[test]
fn many_values_are_ticked_in_a_list() {
    let mut desk = asked_for_countries(&["NO", "SE"]);
    screens!("many_begun", desk);
    desk.type_text("land ");
    desk.press("Down Down Space");
    screens!("many_narrowed", desk);
    desk.type_text("zzz");
    screens!("many_nothing", desk);
    assert_eq!(desk.press("Enter"), []);
    assert!(desk.app.layers.is_empty());
}

#[test]
fn a_list_to_tick_has_ascii_glyphs_and_takes_its_pastes() {
    let mut desk = asked_for_countries(&["NO"]);
    desk.app.theme = Theme::new(config::Theme::Plain, false);
    paste(&mut desk, "Germany\n");
    assert_eq!(desk.lines_with("[ ]").iter().filter(|line| line.contains("Germany")).count(), 1);
    assert!(desk.lines_with("| Germany").len() == 1);
    desk.press("Ctrl-C");
    assert!(desk.app.layers.is_empty());
}
