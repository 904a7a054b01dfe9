use std::collections::HashMap;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use tempfile::TempDir;

use crate::config;
use crate::domain::plan::Plan;
use crate::domain::settings::{Settings, Tier};
use crate::jobs::plans::samples::{open, put_sheet, sheet};
use crate::jobs::plans::{self, find, list};
use crate::store::Store;
use crate::ui::action::{Action, Tab};
use crate::ui::app::App;
use crate::ui::app::tests::support::{header, key};
use crate::ui::commands::{Context, all};
use crate::ui::draw::draw;
use crate::ui::effect::Effect;
use crate::ui::event::Event;
use crate::ui::messages::plans::{FormDraft, PlansEffect, PlansEvent};
use crate::ui::theme::Theme;
use crate::ui::widgets::grid::Move;
use crate::ui::world::plans::{answer, read};

/// Compares a screen at the three sizes.
macro_rules! screens {
    ($name:literal, $desk:expr) => {
        for (width, height) in [(80, 24), (120, 40), (60, 15)] {
            insta::assert_snapshot!(format!("{}_{width}x{height}", $name), $desk.screen(width, height));
        }
    };
}

/// The tab over a store of its own.
struct Desk {
    app: App,
    store: Store,
    kept: Option<Option<FormDraft>>,
    folder: TempDir,
}

const E3: &str = "Microsoft 365,CFQ7TTC0LFLX,1,Microsoft 365 E3";
const EXO: &str = "Exchange,CFQ7TTC0LH16,1,Exchange Online (Plan 1)";

fn month(raise: &str) -> Vec<String> {
    let monthly = if raise.is_empty() { "345.60" } else { raise };
    vec![
        format!("{E3},P1M,Monthly,US,USD,34.60,2020-01-01,,43.20,Commercial"),
        format!("{E3},P1Y,Monthly,US,USD,{monthly},2020-01-01,,432.00,Commercial"),
        format!("{E3},P1Y,Annual,US,USD,329.10,2020-01-01,,411.40,Commercial"),
        format!("{E3},P1Y,Annual,US,USD,100.00,2020-01-01,,120.00,Education"),
        format!("{EXO},P1M,Monthly,US,USD,4.00,2020-01-01,,4.10,Commercial"),
        format!("{EXO},P1Y,Annual,US,USD,38.40,2020-01-01,,48.00,Commercial"),
        "Trial,CFQ7TTC0LH20,0002,E5 Trial,P1M,None,US,USD,0,2020-01-01,,0,Commercial".to_owned(),
    ]
}

fn lines(rows: &[String]) -> Vec<&str> {
    rows.iter().map(String::as_str).collect()
}

impl Desk {
    /// Two sheets, Tier 2, no plans.
    fn new() -> Self {
        let mut desk = Self::without_sheets();
        put_sheet(&desk.store, "nov", &sheet(&lines(&month(""))));
        desk.reload();
        desk
    }

    fn without_sheets() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path(), "ana");
        let settings = Settings {
            tier: Tier::Indirect,
            csp_domain: Some("fabrikam-csp.onmicrosoft.com".to_owned()),
            ..Settings::default()
        };
        store.write(|txn| txn.put_settings(0, &settings)).unwrap();
        let mut app = App::new(Theme::new(config::Theme::Plain, true), header());
        app.tab = Tab::Plans;
        app.now = "2026-11-22T09:14:00Z".parse().unwrap();
        Self { app, store, kept: None, folder }
    }

    fn december(&mut self) {
        put_sheet(&self.store, "dec", &sheet(&lines(&month("380.16"))));
        self.reload();
    }

    fn reload(&mut self) {
        let loaded = read(&self.store, &HashMap::new()).unwrap();
        self.event(Event::Plans(PlansEvent::Loaded(Box::new(loaded))));
    }

    fn press(&mut self, keys: &str) {
        for name in keys.split_whitespace() {
            self.event(Event::Key(key(name)));
        }
    }

    fn type_text(&mut self, text: &str) {
        for c in text.chars() {
            self.event(Event::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)));
        }
    }

    fn event(&mut self, event: Event) {
        for effect in self.app.update(event) {
            match effect {
                Effect::Plans(PlansEffect::KeepForm(draft)) => self.kept = Some(draft.map(|draft| *draft)),
                Effect::Plans(effect) => {
                    let changes = !matches!(effect, PlansEffect::Open(_) | PlansEffect::Reprice(_));
                    for event in answer(&self.store, effect) {
                        self.event(Event::Plans(event));
                    }
                    let notice = self.app.notice.clone();
                    if changes {
                        self.reload();
                    }
                    self.app.notice = notice;
                }
                other => panic!("unexpected: {other:?}"),
            }
        }
    }

    fn notice(&self) -> &str {
        self.app.notice.as_ref().map_or("", |notice| notice.text.as_str())
    }

    fn frame(&mut self) -> Buffer {
        self.frame_of(120, 40)
    }

    fn frame_of(&mut self, width: u16, height: u16) -> Buffer {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw(&mut self.app, frame)).unwrap();
        terminal.backend().buffer().clone()
    }

    fn screen(&mut self, width: u16, height: u16) -> String {
        let buffer = self.frame_of(width, height);
        let line = |y: u16| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
        (0..height).map(|y| format!("{}\n", line(y).trim_end())).collect()
    }

    #[track_caller]
    fn sees(&mut self, text: &str) {
        let screen = self.screen(120, 40);
        assert!(screen.contains(text), "no {text:?} in\n{screen}");
    }

    fn plans(&self) -> Vec<Plan> {
        list(&self.store).unwrap().into_iter().map(|summary| summary.plan.value).collect()
    }

    fn prices(&self, plan: &str) -> Vec<String> {
        let plan = find(&self.store, plan).unwrap().plan.value;
        let by_hand = |by_hand: bool| if by_hand { "*" } else { "" };
        plan.prices
            .iter()
            .map(|p| {
                let (price, renewal) = (by_hand(p.price_by_hand), by_hand(p.renewal_by_hand));
                format!("{} {price}{} {renewal}{}", p.cycle, p.price, p.renewal_price)
            })
            .collect()
    }

    /// Makes a plan of both products.
    fn make_two(&mut self) {
        self.press("Tab /");
        self.type_text("commercial");
        self.press("Enter a m 1 2 y");
        assert_eq!(self.plans().len(), 2, "{}", self.notice());
        self.press("c Esc Tab");
    }
}

#[test]
fn the_tab_before_there_is_anything() {
    let mut desk = Desk::without_sheets();
    screens!("unread", desk);
    desk.reload();
    screens!("empty", desk);
    for keys in ["p", "o", "Tab"] {
        desk.press(keys);
        assert!(desk.notice().contains("imported on the tab Price Sheets"), "{keys}: {}", desk.notice());
    }
    desk.press("R");
    assert_eq!(desk.notice(), "there is no plan to reprice");
    desk.press("U");
    assert_eq!(desk.notice(), "there is no reprice to undo");
}

#[test]
fn the_offers_of_a_sheet() {
    let mut desk = Desk::new();
    desk.press("Tab");
    screens!("offers", desk);
    desk.press("/");
    desk.type_text("annual education");
    desk.press("Enter a");
    desk.sees("1 ticked: m makes 1 plan");
    desk.press("z");
    screens!("offers_filtered", desk);
    desk.press("Esc");
    desk.december();
    desk.sees("1 ticked: m makes 1 plan");
    desk.press("o");
    screens!("choose_sheet", desk);
    desk.press("Up Enter");
    desk.sees("Offers of dec");
}

#[test]
fn offers_get_names_and_places_of_their_own() {
    let mut desk = Desk::new();
    desk.press("Tab l l /");
    desk.type_text("exchange");
    desk.press("Enter e");
    desk.type_text("Mail for all");
    desk.press("Enter Esc");
    desk.sees("Mail for all");
    desk.press("/");
    desk.type_text("mail for annual");
    desk.sees("1 shown");
    desk.press("Esc h h /");
    desk.type_text("exchange");
    desk.press("Enter a =");
    desk.type_text("x");
    desk.press("Enter");
    desk.sees("\"x\" is no place in a list");
    desk.press("Backspace");
    desk.type_text("1");
    desk.press("Enter Esc g");
    // Those with a place come first.
    let screen = desk.screen(120, 40);
    let exchange = screen.find("Exchange").unwrap();
    assert!(exchange < screen.find("Microsoft 365 E3").unwrap(), "{screen}");
    let labels = plans::labels(&desk.store).unwrap();
    assert_eq!((labels.len(), labels[0].value.order), (1, Some(1)));
    assert_eq!(labels[0].value.name.as_deref(), Some("Mail for all"));
    // Plans are called by it.
    desk.press("p");
    desk.sees("Mail for all");
}

#[test]
fn a_plan_is_made_from_an_offer() {
    let mut desk = Desk::new();
    desk.press("Tab j p");
    desk.type_text("12.5");
    desk.press("Down");
    desk.type_text("6");
    screens!("form", desk);
    desk.press("Down Down Down Right");
    desk.type_text("30");
    desk.press("Right");
    desk.type_text("28");
    desk.press("Down Space");
    screens!("form_by_hand", desk);
    assert_eq!(desk.kept.as_ref().unwrap().as_ref().unwrap().margin, "12.5");
    desk.press("Ctrl-S");
    assert_eq!(desk.notice(), "the plan Microsoft 365 E3 is made");
    assert_eq!(desk.kept, Some(None), "nothing is left to go on with");
    assert_eq!(desk.prices("microsoft-365-e3"), ["P1Y/Monthly *30.00 *28.00", "P1Y/Annual 370.24 370.24"]);
    let plan = &desk.plans()[0];
    assert_eq!(plan.prices[0].reseller_price.to_string(), "30.53");
    assert_eq!(
        (plan.kind.as_str(), plan.market.as_deref(), plan.sheet.as_deref()),
        ("Office 365", Some("US"), Some("nov"))
    );
}

#[test]
fn a_form_from_nothing_says_what_is_missing() {
    let mut desk = Desk::new();
    desk.press("p");
    desk.sees("New plan");
    for (said, keys) in [("a plan needs a name", "Ctrl-S"), ("a plan needs a product", "x Ctrl-S")] {
        desk.press(keys);
        desk.sees(said);
    }
    // The product, fuzzily.
    desk.press("Enter");
    desk.type_text("exch");
    screens!("choose_product", desk);
    desk.press("Enter Ctrl-S");
    desk.sees("a plan needs a margin");
    desk.type_text("1a0");
    desk.sees("10");
    desk.press("Ctrl-S");
    desk.sees("a plan needs a billing cycle");
    desk.press("Space");
    // 4.40 is above the ERP of 4.10.
    desk.sees("! above ERP: P1M/Monthly USD");
    screens!("form_warns", desk);
    desk.press("Esc");
    desk.sees("Leave without saving");
    desk.press("n Ctrl-S");
    assert_eq!(desk.prices("x"), ["P1M/Monthly 4.40 4.40"]);
}

#[test]
fn selling_below_cost_and_twice_is_asked_about() {
    let mut desk = Desk::new();
    desk.press("Tab p");
    desk.type_text("-5");
    desk.press("Ctrl-S");
    desk.sees("The margin is negative");
    desk.press("n");
    assert!(desk.plans().is_empty());
    desk.press("Ctrl-S y");
    assert_eq!(desk.plans().len(), 1);
    desk.press("p");
    desk.type_text("10");
    desk.press("Ctrl-S");
    desk.sees("Microsoft 365 E3 sells this already");
    screens!("form_duplicate", desk);
    desk.press("y");
    assert_eq!(desk.plans().len(), 2);
    // Below cost is seen in the list.
    desk.press("Tab");
    screens!("below_cost", desk);
}

#[test]
fn a_form_outlives_the_session() {
    let mut desk = Desk::new();
    desk.press("Tab p");
    desk.type_text("12,5");
    let kept = desk.kept.clone().unwrap().unwrap();
    // Another session.
    let mut app = App::new(Theme::new(config::Theme::Plain, true), header());
    app.tab = Tab::Plans;
    desk.app = app;
    let mut loaded = read(&desk.store, &HashMap::new()).unwrap();
    loaded.draft = Some(kept);
    desk.event(Event::Plans(PlansEvent::Loaded(Box::new(loaded))));
    desk.press("p");
    desk.sees("Go on with the plan Microsoft 365 E3");
    desk.press("Enter");
    desk.sees("12,5");
    desk.press("Ctrl-S");
    assert_eq!(desk.prices("microsoft-365-e3"), ["P1M/Monthly 38.93 38.93"]);
}

#[test]
fn a_form_moves_to_another_sheet_and_segment() {
    let mut desk = Desk::new();
    desk.december();
    desk.press("o");
    desk.type_text("nov");
    desk.press("Enter j p 1 0 Up Up Up");
    desk.sees("> Price sheet");
    desk.press("Enter");
    desk.type_text("dec");
    desk.press("Enter");
    desk.sees("31.68");
    desk.press("Enter");
    desk.type_text("educ");
    desk.press("Enter");
    desk.sees("Microsoft 365 E3 Education");
    desk.press("Ctrl-S");
    desk.sees("a plan needs a billing cycle");
    desk.press("Space Ctrl-S");
    let plan = &desk.plans()[0];
    assert_eq!((plan.segment.as_str(), plan.sheet.as_deref()), ("Education", Some("dec")));
}

#[test]
fn many_plans_at_once() {
    let mut desk = Desk::new();
    desk.press("Tab a m");
    screens!("many", desk);
    desk.press("y");
    desk.sees("type a margin");
    desk.press("1 2 . 5 Tab 6 r");
    screens!("many_typed", desk);
    desk.press("y");
    assert_eq!(desk.notice(), "3 plans made");
    assert_eq!(desk.prices("exchange-online-plan-1"), ["P1M/Monthly 4.50 4.50", "P1Y/Annual 43.20 43.20"]);
    desk.press("a m 1 0");
    desk.sees("3  sold by a plan already, left out");
    desk.press("y");
    assert_eq!(desk.notice(), "there is nothing to make");
    desk.press("d y");
    assert_eq!(desk.plans().len(), 6);
    desk.press("Tab");
    screens!("plans", desk);
}

#[test]
fn plans_are_repriced_and_put_back() {
    let mut desk = Desk::new();
    desk.make_two();
    desk.december();
    let before = desk.plans();
    desk.press("a R");
    desk.sees("Reprice 2 plans from");
    desk.press("Enter");
    screens!("reprice", desk);
    desk.press("l");
    screens!("reprice_every_price", desk);
    desk.press("m");
    desk.sees("keep the price");
    desk.press("m y");
    assert_eq!(desk.notice(), "2 plans repriced; U undoes it");
    assert_eq!(desk.prices("microsoft-365-e3")[1], "P1Y/Monthly 35.48 35.48");
    desk.press("U");
    desk.sees("2 plans were repriced from dec by ana at 2");
    desk.press("y");
    assert_eq!(desk.plans(), before);
    assert_eq!(desk.notice(), "2 plans put back");
    desk.press("j");
    desk.sees("2 ticked, 0 services sold under them");
}

#[test]
fn plans_are_renamed_changed_and_removed() {
    let mut desk = Desk::new();
    desk.make_two();
    desk.press("g e");
    desk.type_text("Mail");
    desk.press("Enter");
    assert_eq!(desk.notice(), "the plan Mail is changed");
    desk.press("a l =");
    desk.type_text("Licence");
    desk.press("Enter");
    assert!(desk.plans().iter().all(|plan| plan.kind == "Licence"));
    // The form of a plan that is there.
    desk.press("l Enter");
    desk.sees("Change a plan");
    desk.press("Backspace Backspace 2 0 Ctrl-S");
    let mail = desk.plans().into_iter().find(|plan| plan.name == "Mail").unwrap();
    assert_eq!(mail.prices[0].price.to_string(), "4.80");
    desk.press("d");
    desk.sees("Remove 2 ticked plans?");
    desk.press("n c d y");
    assert_eq!(desk.plans().len(), 1);
}

#[test]
fn another_operator_is_not_written_over() {
    let mut desk = Desk::new();
    desk.make_two();
    desk.press("l l Enter");
    desk.sees("Change a plan");
    let per = open(desk.folder.path(), "per");
    let mut theirs = find(&per, "exchange-online-plan-1").unwrap().plan;
    theirs.value.name = "Mail of per".to_owned();
    plans::change(&per, theirs.revision, &theirs.value).unwrap();
    desk.press("Backspace Ctrl-S");
    desk.sees("per");
    desk.sees("Change a plan");
    assert!(desk.plans().iter().any(|plan| plan.name == "Mail of per"));
}

/// What a command may do: open or close a layer, say something, or change what is drawn.
#[test]
fn no_command_is_silent() {
    for command in all() {
        let mut desk = Desk::new();
        desk.make_two();
        desk.december();
        match command.context {
            Context::Plans => desk.press("a"),
            Context::PlanForm => {
                desk.press("Tab p 1 Down Down Down Right");
                if command.action == Action::Tick {
                    desk.press("Left Left");
                }
            }
            Context::ManyPlans => desk.press("Tab a m 1 j"),
            Context::Reprice => desk.press("a R Enter l j"),
            _ => continue,
        }
        let is_a_page = matches!(command.action, Action::Go(Move::PageUp | Move::PageDown));
        if is_a_page && command.context != Context::PlanForm {
            desk.press("PgUp");
            desk.press(if command.action == Action::Go(Move::PageUp) { "PgDn" } else { "" });
        }
        let before = desk.frame();
        desk.press(command.keys[0]);
        let after = desk.frame();
        let left = desk.app.layers.is_empty();
        assert!(
            before != after || left,
            "{:?} in {:?} does nothing that is seen",
            command.action,
            command.context
        );
    }
}
