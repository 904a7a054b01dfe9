//! Price Sheets by keys.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::support::{Desk, screens};
use crate::domain::price_sheet::lint::{Against, lint};
use crate::domain::price_sheet::{
    Builder, Column, Field, Hints, Layout, Mapping, PriceBasis, PriceSheet, diff,
};
use crate::domain::record::Versioned;
use crate::domain::samples::World;
use crate::domain::sheet_record::SheetRecord;
use crate::jobs::sheets::{Comparison, Review, SheetSummary};
use crate::partner_center::{Edition, SheetOrder, SheetView};
use crate::sheets::folder::{Entry, Found};
use crate::sheets::read::SeenTable;
use crate::store::JobId;
use crate::ui::effect::Effect;
use crate::ui::event::Event;
use crate::ui::layers::Layer;
use crate::ui::messages::sheets::{Held, SheetAnswer, SheetRequest};

const HEADINGS: &str = "ProductTitle,ProductId,SkuId,SkuTitle,TermDuration,BillingPlan,Market,Currency,UnitPrice,\
                        EffectiveStartDate,EffectiveEndDate,ERP Price,Segment,Promo code";

fn sheet(month: u32, rows: &[(&str, &str, &str, &str, &str)]) -> PriceSheet {
    let columns = HEADINGS.split(',').map(Column::of_heading).collect();
    let mut builder = Builder::new(Layout::NewCommerce, PriceBasis::Term, columns);
    builder.source("");
    for (at, (sku, title, cycle, price, erp)) in rows.iter().enumerate() {
        let (term, plan) = cycle.split_once('/').unwrap();
        let line = format!(
            "Microsoft 365,CFQ7TTC0LH18,{sku},{title},{term},{plan},US,USD,{price},2026-{month}-01,9999-12-31,{erp},\
             Commercial,"
        );
        let ids: Vec<u32> = line.split(',').map(|text| builder.intern(text).unwrap()).collect();
        builder.push(at as u32 + 2, &ids);
    }
    builder.finish(Hints::default()).sheet
}

fn november() -> PriceSheet {
    sheet(
        11,
        &[
            ("1", "Microsoft 365 E3", "P1Y/Monthly", "345.60", "432.00"),
            ("1", "Microsoft 365 E3", "P1Y/Annual", "329.10", "411.40"),
            ("2", "Microsoft 365 F1", "P1Y/Annual", "24.00", "30.00"),
        ],
    )
}

fn december() -> PriceSheet {
    sheet(
        12,
        &[
            ("1", "Microsoft 365 E3", "P1Y/Monthly", "362.88", "453.60"),
            ("1", "Microsoft 365 E3", "P1Y/Annual", "345.60", "340.00"),
            ("3", "Microsoft 365 E5 \u{1b}[2J", "P1Y/Annual", "540.00", "680.00"),
        ],
    )
}

fn summary(name: &str, sheet: &PriceSheet, plans: &[&str]) -> SheetSummary {
    let value = SheetRecord {
        name: name.to_owned(),
        facts: sheet.facts(),
        file: format!("{name}_list.csv"),
        bytes: 4096,
        sha256: "5a1f0c3e4d2b4c6f9a70".repeat(3),
        skipped: 0,
        notes: Vec::new(),
        is_preview: false,
        data: 1,
    };
    let updated_at: Timestamp = "2026-11-22T09:14:00Z".parse().unwrap();
    let record = Versioned { revision: 3, updated_by: "ana".to_owned(), updated_at, value };
    SheetSummary { record, plans: plans.iter().map(|plan| (*plan).to_owned()).collect() }
}

/// The tab with two sheets.
pub fn desk() -> Desk {
    let mut desk = Desk::new(World::default());
    desk.press("2");
    let list = vec![summary("dec", &december(), &[]), summary("nov", &november(), &["E3 US", "F1 US"])];
    desk.event(Event::Sheets(SheetAnswer::Listed(list, vec![PathBuf::from("/data/lists")])));
    desk
}

/// What a file held, as the world answers it.
pub fn held() -> Held {
    let (older, sheet) = (november(), december());
    let diff = diff::compare(&older, &sheet);
    let jump_percent = 4.into();
    let review = Review {
        facts: sheet.facts(),
        lint: lint(&sheet, Some(Against { older: &older, diff: &diff, jump_percent })),
        sheet: Arc::new(sheet),
        skipped: Vec::new(),
        skipped_count: 0,
        notes: vec!["worksheet \"old\" is hidden and was left out".to_owned()],
        sha256: "5a1f".repeat(16),
        file: "dec.csv".to_owned(),
        bytes: 4096,
        is_preview: false,
        against: Some("nov".to_owned()),
        same_file: None,
        job: JobId::parse("0199a1f0-0000-7000-8000-000000000001").unwrap(),
    };
    Held(Arc::new(review))
}

fn opened(desk: &mut Desk) {
    assert_eq!(desk.press("j Enter"), [Effect::Sheets(SheetRequest::Open("nov".to_owned()))]);
    desk.event(Event::Sheets(SheetAnswer::Opened("nov".to_owned(), Arc::new(november()))));
}

fn compared(desk: &mut Desk) {
    let (old, new) = ("nov".to_owned(), "dec".to_owned());
    let ask = SheetRequest::Compare { old: old.clone(), new: new.clone() };
    assert_eq!(desk.press("C"), [Effect::Sheets(ask)]);
    let (older, newer) = (Arc::new(november()), Arc::new(december()));
    let diff = diff::compare(&older, &newer);
    let comparison = Box::new(Comparison { old: older, new: newer, diff, impact: Vec::new() });
    desk.event(Event::Sheets(SheetAnswer::Compared { old, new, comparison }));
}

#[test]
fn an_empty_tab_says_what_fills_it() {
    let mut desk = Desk::new(World::default());
    desk.press("2");
    desk.event(Event::Sheets(SheetAnswer::Listed(Vec::new(), Vec::new())));
    screens!("sheets_empty", desk);
}

#[test]
fn the_list_and_what_it_opens() {
    let mut desk = desk();
    screens!("sheets_list", desk);
    opened(&mut desk);
    screens!("sheets_opened", desk);
    desk.press("/");
    desk.type_text("f1 annual");
    desk.press("Enter");
    assert!(desk.screen(120, 40).contains("1 shown"));
    desk.press("Enter");
    screens!("sheets_row", desk);
    desk.press("Esc Esc Esc");
    assert!(desk.screen(120, 40).contains("Price sheets 2"), "back at the list");
}

#[test]
fn an_open_sheet_can_show_what_is_valid_today_only() {
    let mut desk = desk();
    let older =
        sheet(11, &[("1", "Gone", "P1Y/Annual", "1.00", "1.00"), ("2", "Here", "P1Y/Annual", "1", "1")]);
    desk.press("Enter");
    desk.event(Event::Sheets(SheetAnswer::Opened("dec".to_owned(), Arc::new(older))));
    assert!(desk.screen(120, 40).contains("rows: all"));
    desk.press("o");
    let screen = desk.screen(120, 40);
    assert!(screen.contains("rows: valid today") && screen.contains("Here"), "{screen}");
}

#[test]
fn two_months_compared_kind_by_kind() {
    let mut desk = desk();
    compared(&mut desk);
    screens!("sheets_compared", desk);
    // Of plans, up, down, new.
    desk.press("o o");
    let screen = desk.screen(120, 40);
    assert!(screen.contains("shows: up") && screen.contains("+5.0"), "{screen}");
    desk.press("o o");
    let screen = desk.screen(120, 40);
    assert!(screen.contains("shows: new") && screen.contains("540.00") && !screen.contains("F1"), "{screen}");
    desk.press("Enter");
    assert!(desk.screen(120, 40).contains("540.00"));
}

#[test]
fn three_ticked_sheets_are_not_compared() {
    let mut desk = desk();
    desk.press("a");
    let list = ["a", "b", "c"].map(|name| summary(name, &november(), &[])).to_vec();
    desk.event(Event::Sheets(SheetAnswer::Listed(list, Vec::new())));
    desk.press("c a");
    assert_eq!(desk.press("C"), []);
    assert!(desk.notice().contains("tick the two sheets"));
    desk.press("c");
    assert_eq!(desk.press("C"), []);
    assert!(desk.notice().contains("no earlier sheet"), "all three are of one month");
}

#[test]
fn a_file_is_looked_through_before_it_is_kept() {
    let mut desk = desk();
    let folder = PathBuf::from("/data/lists");
    let typed = "/data/lists".to_owned();
    assert_eq!(desk.press("I"), [Effect::Look { typed: typed.clone(), folder: folder.clone() }]);
    let entry = |name: &str, is_folder| Entry {
        name: name.to_owned(),
        is_folder,
        size: 1_234_567,
        modified: Some("2026-11-22T09:14:00Z".parse().unwrap()),
    };
    let entries = vec![
        entry("older", true),
        entry("dec.csv", false),
        entry("nov.csv", false),
        entry(".hidden.csv", false),
    ];
    let found = Ok(Found::Folder { path: folder.clone(), entries, cut: false });
    desk.event(Event::Looked { typed, found });
    screens!("browse", desk);
    assert!(!desk.screen(120, 40).contains(".hidden"));
    desk.press("Ctrl-T");
    assert!(desk.screen(120, 40).contains(".hidden"));
    desk.press("Ctrl-T");
    let effects = desk.press("d e c Enter");
    let review = SheetRequest::Review { path: folder.join("dec.csv"), mapping: None };
    assert_eq!(effects, [Effect::Sheets(review)]);
    assert!(desk.screen(120, 40).contains("reading dec.csv   Esc cancels"));

    let held = held();
    desk.event(Event::Sheets(SheetAnswer::Reviewed(Ok(held.clone()))));
    screens!("review", desk);
    assert_eq!(desk.press("y"), []);
    let keep = |replace| SheetRequest::Keep { review: held.clone(), name: "dec".to_owned(), replace };
    assert_eq!(desk.press("Enter"), [Effect::Sheets(keep(None))]);

    // The name has a sheet: it is replaced only where that is meant, and only the one that was seen.
    let taken = SheetAnswer::Taken {
        review: held.clone(),
        name: "dec".to_owned(),
        revision: 3,
        told: "there is a price sheet \"dec\" already".to_owned(),
    };
    desk.event(Event::Sheets(taken));
    assert_eq!(desk.press("y"), [Effect::Sheets(keep(Some(3)))]);
    desk.event(Event::Sheets(SheetAnswer::Kept("dec".to_owned())));
    assert!(desk.app.layers.is_empty());
    assert_eq!(desk.notice(), "kept as dec");
}

#[test]
fn what_was_read_waits_for_whoever_is_elsewhere() {
    let mut desk = desk();
    desk.press("4 /");
    desk.event(Event::Sheets(SheetAnswer::Reviewed(Ok(held()))));
    assert!(matches!(desk.app.layers.last(), Some(Layer::Prompt(_))), "nothing opens over what is typed");
    desk.press("Esc 2");
    assert!(desk.screen(120, 40).contains("a file is read and not kept yet"));
    desk.press("I");
    assert!(matches!(desk.app.layers.last(), Some(Layer::Review(_))));
    desk.press("Esc");
    assert!(desk.app.layers.is_empty());
}

#[test]
fn a_file_that_cannot_be_read_says_why() {
    let mut desk = desk();
    let reason = "nov.xls is encrypted; open it with its password, save it without one and import that";
    desk.event(Event::Sheets(SheetAnswer::Reviewed(Err(reason.to_owned()))));
    assert_eq!(desk.notice(), reason);
    assert!(desk.app.notice.as_ref().unwrap().is_error);
}

#[test]
fn an_unknown_table_is_mapped_column_by_column() {
    let mut desk = desk();
    let path = PathBuf::from("/data/lists/odd.csv");
    let headings = ["Artikel", "Was", "Netto", "Waehrung"];
    let table = SeenTable {
        sheet: String::new(),
        heading_row: 1,
        columns: headings.map(Column::of_heading).to_vec(),
        rows: vec![["A1", "Office Paket", "12,50", "EUR"].map(str::to_owned).to_vec()],
    };
    let answer = SheetAnswer::Unknown { path: path.clone(), tables: vec![table], saved: Vec::new() };
    desk.event(Event::Sheets(answer));
    screens!("mapping", desk);
    assert_eq!(desk.press("y"), []);
    assert!(desk.screen(80, 24).contains("choose the column of the price"));

    let choose = |desk: &mut Desk, what: &str| {
        desk.press("Enter");
        desk.type_text(what);
        desk.press("Enter");
    };
    choose(&mut desk, "Offer ID");
    desk.press("j j");
    choose(&mut desk, "Unit price");
    desk.press("j");
    choose(&mut desk, "Currency");
    desk.press("PgUp Enter");
    let mapping = Mapping {
        columns: vec![
            ("Artikel".to_owned(), Field::OfferId),
            ("Netto".to_owned(), Field::UnitPrice),
            ("Waehrung".to_owned(), Field::Currency),
        ],
        basis: PriceBasis::Month,
        currency: None,
        market: None,
    };
    desk.press("s");
    desk.type_text("dealer");
    let save = SheetRequest::SaveMapping { name: "dealer".to_owned(), mapping: mapping.clone() };
    assert_eq!(desk.press("Enter"), [Effect::Sheets(save)]);
    let read = SheetRequest::Review { path, mapping: Some(mapping) };
    assert_eq!(desk.press("y"), [Effect::Sheets(read)]);
}

#[test]
fn removing_a_sheet_asks_and_asks_again_where_plans_use_it() {
    let mut desk = desk();
    assert_eq!(desk.press("j d"), []);
    let remove = |even_if_used| SheetRequest::Remove { name: "nov".to_owned(), even_if_used };
    assert_eq!(desk.press("y"), [Effect::Sheets(remove(false))]);
    let told = "the price sheet \"nov\" is used by 2 plans (E3 US, F1 US)".to_owned();
    desk.event(Event::Sheets(SheetAnswer::Used { name: "nov".to_owned(), told }));
    assert!(desk.screen(120, 40).contains("E3 US"));
    assert_eq!(desk.press("y"), [Effect::Sheets(remove(true))]);
}

#[test]
fn a_market_is_fetched_by_its_letters() {
    let mut desk = desk();
    desk.press("F");
    desk.type_text("usa");
    assert_eq!(desk.press("Enter"), []);
    assert!(desk.screen(80, 24).contains("two letters"));
    desk.press("Ctrl-U");
    desk.type_text("us 202612");
    let order = SheetOrder {
        market: "US".parse().unwrap(),
        view: SheetView::Licences,
        edition: Edition::Month("202612".parse().unwrap()),
    };
    assert_eq!(desk.press("Enter"), [Effect::Sheets(SheetRequest::Fetch(order))]);
    assert_eq!(desk.press("Esc"), [Effect::Sheets(SheetRequest::Cancel)]);
}

#[test]
fn the_cursor_and_ticks_stay_with_their_sheets() {
    let mut desk = desk();
    desk.press("j Space");
    let list = ["a", "dec", "nov"].map(|name| summary(name, &november(), &[])).to_vec();
    desk.event(Event::Sheets(SheetAnswer::Listed(list, Vec::new())));
    let lines = desk.lines_with("[x]");
    assert_eq!(lines.len(), 1);
    assert!(lines[0].starts_with(">[x]") && lines[0].contains("nov"), "{lines:?}");
}

#[test]
fn a_downloaded_list_is_named_after_its_month() {
    let mut desk = desk();
    let held = held();
    let review = Review { file: "US licence current".to_owned(), ..(*held.0).clone() };
    desk.event(Event::Sheets(SheetAnswer::Reviewed(Ok(Held(Arc::new(review))))));
    let effects = desk.press("y Enter");
    let [Effect::Sheets(SheetRequest::Keep { name, .. })] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(name, "US licence 202612");
}

#[test]
fn what_is_typed_while_a_folder_is_read_is_not_lost() {
    let mut desk = desk();
    desk.press("I");
    desk.type_text("/etc/pass");
    let entry = |name: &str| Entry { name: name.to_owned(), is_folder: false, size: 1, modified: None };
    let entries = vec![entry("alternatives"), entry("passwd")];
    let found = Ok(Found::Folder { path: PathBuf::from("/etc"), entries, cut: false });
    desk.event(Event::Looked { typed: "/etc/".to_owned(), found });
    let review = SheetRequest::Review { path: PathBuf::from("/etc/passwd"), mapping: None };
    assert_eq!(desk.press("Enter"), [Effect::Sheets(review)]);
}
