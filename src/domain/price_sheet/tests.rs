use jiff::Timestamp;
use proptest::prelude::*;

use super::diff::{Kind, compare};
use super::lint::{Against, LintKind, lint};
use super::*;

const LICENCES: &str = "ProductTitle|ProductId|SkuId|TermDuration|BillingPlan|Segment|Market|Currency|UnitPrice|ERP Price|\
                        EffectiveStartDate|EffectiveEndDate|Tags";

fn built(headings: &str, rows: &[&str]) -> Built {
    let columns: Vec<Column> = headings.split('|').map(Column::of_heading).collect();
    let layout = Layout::of_fields(columns.iter().filter_map(|c| c.field).collect()).unwrap();
    let mut builder = Builder::new(layout, layout.basis(), columns);
    builder.source("Prices");
    for (line, row) in (2..).zip(rows) {
        let ids: Vec<u32> = row.split('|').map(|text| builder.intern(text).unwrap()).collect();
        builder.push(line, &ids);
    }
    builder.finish(Hints::default())
}

fn sheet(headings: &str, rows: &[&str]) -> PriceSheet {
    let built = built(headings, rows);
    assert_eq!(built.skipped, [], "{rows:?}");
    built.sheet
}

fn licence(sku: &str, cycle: &str, price: &str, erp: &str, dates: &str) -> String {
    let (term, plan) = cycle.split_once('/').unwrap();
    let (start, end) = dates.split_once(' ').unwrap();
    format!("M365|CFQ7TTC0LFLX|{sku}|{term}|{plan}|Commercial|DE|EUR|{price}|{erp}|{start}|{end}|License")
}

fn licences(rows: &[(&str, &str, &str, &str, &str)]) -> PriceSheet {
    let rows: Vec<String> = rows.iter().map(|(s, c, p, e, d)| licence(s, c, p, e, d)).collect();
    sheet(LICENCES, &rows.iter().map(String::as_str).collect::<Vec<_>>())
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

const OPEN: &str = "2030-01-01 9999-12-31";

#[test]
fn values_are_normalised_where_files_differ_and_kept_elsewhere() {
    let sheet = sheet(
        LICENCES,
        &[
            "M365|CFQ7TTC0LFLX|1|P1Y|None|Odd segment|XX|EUR|1,234.50|1500|2/1/2030 0:00|9999-11-30 23:59:59|License; Trial",
        ],
    );
    let row = sheet.row(0).unwrap();
    assert_eq!(row.offer().to_string(), "CFQ7TTC0LFLX:0001");
    assert_eq!(row.cycle().unwrap().to_string(), "P1Y/None");
    assert_eq!(row.text(Field::UnitPrice), "1234.50");
    assert_eq!(row.text(Field::EffectiveStart), "2030-02-01T00:00:00Z");
    assert_eq!((row.text(Field::EffectiveEnd), row.effective_end()), ("", None));
    assert_eq!((row.segment(), row.market()), ("Odd segment", "XX"));
    assert_eq!(row.tags().collect::<Vec<_>>(), ["License", "Trial"]);
    assert!(row.is_trial());
    assert_eq!(row.place(), ("Prices", 2));
}

#[test]
fn rows_that_are_none_are_told() {
    let rows = [
        licence("0001", "P1Y/Annual", "144.00", "150", OPEN),
        licence("0001", "P1Y/Monthly", "NaN", "150", OPEN),
        licence("0001", "P1Y/Monthly", "-5", "150", OPEN),
        licence("0001", "P1Y/Monthly", "5", "#N/A", OPEN),
        licence("0001", "P1Y/Monthly", "5", "6", "someday 9999-12-31"),
        licence("", "P1Y/Monthly", "5", "6", OPEN),
        licence("0001", "P1Y/Monthly", "", "6", OPEN),
        "Grand Total||||||||12345.00||||".to_owned(),
        "Prices without tax||||||||||||".to_owned(),
        LICENCES.to_owned(),
        licence("0002", "P1Y/Annual", "144.00", "", OPEN),
    ];
    let built = built(LICENCES, &rows.iter().map(String::as_str).collect::<Vec<_>>());
    let told: Vec<String> = built
        .skipped
        .iter()
        .map(|s| format!("{} {} {} \"{}\" {}", s.sheet, s.row, s.column, s.value, s.reason))
        .collect();
    assert_eq!(
        told,
        [
            "Prices 3 UnitPrice \"NaN\" is no price",
            "Prices 4 UnitPrice \"-5\" is a negative price",
            "Prices 5 ERP Price \"#N/A\" a formula that failed",
            "Prices 6 EffectiveStartDate \"someday\" is no date",
            "Prices 7 SkuId \"\" the row has a price, but does not say what it is for",
            "Prices 8 UnitPrice \"\" the row has no price",
            "Prices 9 ProductTitle \"Grand Total\" a total, not a price",
            "Prices 10 ProductTitle \"Prices without tax\" a note or a footer, not a price",
            "Prices 11 UnitPrice \"UnitPrice\" a repeated heading",
        ]
    );
    assert_eq!(built.skipped_count, 9);
    let kept: Vec<(&str, &str, u32)> =
        built.sheet.rows().map(|row| (row.sku_id(), row.place().0, row.place().1)).collect();
    assert_eq!(kept, [("0001", "Prices", 2), ("0002", "Prices", 12)]);
}

const LEGACY: &str = "A/C/D/U|Valid From Date|Valid To Date|Offer Display Name|Offer ID|License Agreement Type|Purchase Unit|\
                      Secondary License Type|End Customer Type|List Price|ERP Price|Currency";
const EXO: &str = "195416c1-3447-423a-b37b-ee59a99a19c4";

#[test]
fn a_legacy_list_is_carried_down_like_the_pivot_it_is() {
    let rows = [
        format!(
            "ADD|1/1/2020|12/31/9999|Exchange (Plan 1)|{EXO}|Corporate|1 Month(s)|Non-Specific|Cloud Reseller Corporate|4|5|EUR"
        ),
        "|||||||Trial|Cloud Reseller Corporate|0|0|EUR".to_owned(),
        "|||||Government|1 Month(s)|Non-Specific|Cloud Reseller Government|3.2|4|EUR".to_owned(),
        "Exchange (Plan 1) Total|||||||||7.2|9|EUR".to_owned(),
        "|||Visio|b4d4b7f4-4089-43b6-9c44-de97b760fb11|Academic|1 Month(s)||Cloud Reseller Faculty|1|2|EUR"
            .to_owned(),
        "Grand Total|||||||||8.2|11|EUR".to_owned(),
    ];
    let built = built(LEGACY, &rows.iter().map(String::as_str).collect::<Vec<_>>());
    let rows: Vec<String> = built
        .sheet
        .rows()
        .map(|r| {
            let offer = r.offer().to_string();
            format!(
                "{} {} {} {:.8} {} {} {} {}",
                r.place().1,
                r.text(Field::Change),
                r.title(),
                offer,
                r.segment(),
                r.text(Field::SecondaryLicenseType),
                r.text(Field::EffectiveStart),
                r.text(Field::UnitPrice)
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            "2 ADD Exchange (Plan 1) 195416c1 Commercial Non-Specific 2020-01-01 4",
            "3 ADD Exchange (Plan 1) 195416c1 Commercial Trial 2020-01-01 0",
            "4 ADD Exchange (Plan 1) 195416c1 Government Non-Specific 2020-01-01 3.2",
            "6 ADD Visio b4d4b7f4 Education  2020-01-01 1",
        ]
    );
    assert_eq!(
        built.skipped.iter().map(|s| (s.row, s.reason.as_str())).collect::<Vec<_>>(),
        [(5, "a total, not a price"), (7, "a total, not a price")]
    );
    let row = built.sheet.row(0).unwrap();
    let yearly = row.cost(&"P1Y/Annual".parse().unwrap()).unwrap();
    assert_eq!(yearly.exact().to_string(), "48");
    assert_eq!(row.cycles().len(), 2);
}

#[test]
fn a_flat_legacy_list_is_not_carried_down() {
    let rows = [
        format!(
            "ADD|1/1/2020|1/31/2020|Exchange|{EXO}|Corporate|1 Month(s)|Add-On|Cloud Reseller Corporate|4|5|EUR"
        ),
        format!(
            "|1/1/2020|1/31/2020|Exchange|{EXO}|Government|1 Month(s)||Cloud Reseller Government|4|5|EUR"
        ),
    ];
    let sheet = sheet(LEGACY, &rows.iter().map(String::as_str).collect::<Vec<_>>());
    let row = sheet.row(1).unwrap();
    assert_eq!((row.text(Field::Change), row.text(Field::SecondaryLicenseType)), ("", ""));
    assert_eq!(row.effective_end(), Some(at("2020-01-31T23:59:59.999999999Z")));
}

#[test]
fn software_and_reservations_are_told_by_their_rows() {
    let headings = "ProductTitle|ProductId|SkuId|TermDuration|BillingPlan|Currency|UnitPrice|ERP Price";
    let software = sheet(headings, &["SQL|DG7GMGF0FLR2|0002|OneTime||USD|931|1000"]);
    assert_eq!(software.layout(), Layout::Software);
    let headings = "ProductId|SkuId|UnitOfMeasure|TermDuration|Currency|UnitPrice|Tags";
    let azure = sheet(headings, &["DZH318Z0BP4B|00AB|1 Hour|payG-1|USD|0.01|Azure"]);
    assert_eq!(azure.layout(), Layout::AzureConsumption);
    let reserved = sheet(headings, &["DZH318Z0BP4B|00AB|1 Hour|1Year|USD|100|Azure;Reservations"]);
    assert_eq!(reserved.layout(), Layout::AzureReservations);
    assert!(lint(&reserved, None).is_empty());
}

#[test]
fn the_valid_one_of_overlapping_rows() {
    let sheet = licences(&[
        ("0001", "P1Y/Annual", "100", "", "2030-01-01T00:00:00Z 9999-12-31"),
        ("0001", "P1Y/Annual", "110", "", "2030-03-01T00:00:00Z 2030-04-01T00:00:00Z"),
        ("0001", "P1Y/Annual", "120", "", "2030-06-01T00:00:00Z 9999-12-31"),
        ("0001", "P1Y/Annual", "121", "", "2030-06-01T00:00:00Z 9999-12-31"),
    ]);
    for (moment, price) in [
        ("2029-12-31T23:59:59Z", None),
        ("2030-01-01T00:00:00Z", Some("100")),
        ("2030-02-28T23:59:59Z", Some("100")),
        ("2030-03-01T00:00:00Z", Some("110")),
        ("2030-03-31T23:59:59Z", Some("110")),
        ("2030-04-01T00:00:00Z", Some("100")),
        ("2030-07-01T00:00:00Z", Some("121")),
    ] {
        let row = valid_at(sheet.rows(), at(moment));
        assert_eq!(row.map(|row| row.text(Field::UnitPrice)), price, "{moment}");
    }
    let keys: std::collections::BTreeSet<RowKey> =
        sheet.rows().map(|row| row.key(sheet.layout().key_fields())).collect();
    assert_eq!(keys.len(), 1);
}

#[test]
fn two_sheets_compared() {
    let old = licences(&[
        ("0001", "P1Y/Annual", "100.00", "120", OPEN),
        ("0002", "P1Y/Annual", "100.00", "120", OPEN),
        ("0003", "P1Y/Annual", "100.00", "120", OPEN),
        ("0004", "P1Y/Annual", "0", "0", OPEN),
        ("0005", "P1Y/Annual", "100.00", "120", OPEN),
        ("0006", "P1Y/Annual", "100.00", "", OPEN),
    ]);
    let new = licences(&[
        ("0006", "P1Y/Annual", "100.00", "99", OPEN),
        ("0001", "P1Y/Annual", "100", "120.0", OPEN),
        ("0002", "P1Y/Annual", "112.345", "120", OPEN),
        ("0003", "P1Y/Annual", "90", "110", "2030-02-01 9999-12-31"),
        ("0004", "P1Y/Annual", "1", "0", OPEN),
        ("0007", "P1Y/Annual", "5", "6", OPEN),
    ]);
    let diff = compare(&old, &new);
    assert_eq!((diff.added, diff.removed, diff.changed, diff.unchanged), (1, 1, 4, 1));
    let told: Vec<_> = diff
        .changes
        .iter()
        .map(|c| {
            let row = c.new.map_or_else(|| old.row(c.old.unwrap()), |new_at| new.row(new_at)).unwrap();
            let kinds: Vec<String> = c.kinds.iter().map(|k| k.to_string()).collect();
            format!("{} {} {:?}", row.sku_id(), kinds.join("+"), c.percent.map(|p| p.to_string()))
        })
        .collect();
    assert_eq!(
        told,
        [
            "0006 ERP moved None",
            "0002 up Some(\"12.35\")",
            "0003 down+ERP moved+validity moved Some(\"-10\")",
            "0004 up None",
            "0007 new None",
            "0005 withdrawn None",
        ]
    );
}

#[test]
fn duplicates_are_paired_by_their_start() {
    let old = licences(&[
        ("0001", "P1Y/Annual", "100", "", "2030-01-01 2030-02-28"),
        ("0001", "P1Y/Annual", "110", "", "2030-03-01 9999-12-31"),
    ]);
    let new = licences(&[
        ("0001", "P1Y/Annual", "120", "", "2030-05-01 9999-12-31"),
        ("0001", "P1Y/Annual", "110", "", "2030-03-01 2030-04-30"),
    ]);
    let diff = compare(&old, &new);
    let pairs: Vec<_> =
        diff.changes.iter().map(|c| (c.old, c.new, c.percent.map(|p| p.to_string()))).collect();
    assert_eq!(pairs, [(Some(0), Some(0), Some("20".to_owned())), (Some(1), Some(1), None)]);
}

#[test]
fn a_changed_text_names_its_column_and_columns_may_move() {
    let old = sheet("SkuId|ProductId|TermDuration|Segment|UnitPrice|Tags|Own", &["1|A|P1M|C|1|License|x"]);
    let new = sheet(
        "ProductId|SkuId|TermDuration|Segment|Own|Tags|UnitPrice|ChangeIndicator",
        &["A|1|P1M|C|y|License;New|1.0|Change"],
    );
    let diff = compare(&old, &new);
    assert_eq!(diff.changes[0].texts, [4, 5]);
    assert!(diff.changes[0].kinds.iter().eq([Kind::TextChanged]));
}

#[test]
fn lint_tells_what_looks_wrong() {
    let older = licences(&[
        ("0001", "P1Y/Annual", "100", "", OPEN),
        ("0008", "P1Y/Annual", "100", "", OPEN),
        ("0009", "P1Y/Annual", "100", "", OPEN),
    ]);
    let sheet = licences(&[
        ("0001", "P1Y/Annual", "130", "120", OPEN),
        ("0002", "P1Y/Annual", "10", "12", OPEN),
        ("0002", "P1Y/Annual", "11", "12", "2030-06-01 9999-12-31"),
        ("0003", "P1Y/Annual", "10", "12", OPEN),
        ("0003", "P1Y/Annual", "10.0", "12", OPEN),
        ("0004", "P1Y/Annual", "10", "12", "2030-01-01T00:00:00Z 2030-02-01T00:00:00Z"),
        ("0004", "P1Y/Annual", "11", "12", "2030-02-01T00:00:00Z 9999-12-31"),
        ("0005", "Weekly/Now and then", "10", "12", OPEN),
        ("0006", "P1Y/None", "0", "0", OPEN),
        ("0008", "P1Y/Annual", "101", "", OPEN),
    ]);
    let diff = compare(&older, &sheet);
    let found = lint(&sheet, Some(Against { older: &older, diff: &diff, jump_percent: 10.into() }));
    let told: Vec<String> =
        found.findings.iter().map(|f| format!("{} {}: {}", f.row, f.kind, f.text)).collect();
    let of = "CFQ7TTC0LFLX";
    assert_eq!(
        told,
        [
            format!(
                "2 ERP below cost: ERP 120 is below the price of 130: M365 {of}:0001 P1Y Annual Commercial DE EUR"
            ),
            format!(
                "4 two prices for the same: Costs 11, but 10 in row 3, at the same time: M365 {of}:0002 P1Y Annual Commercial DE EUR"
            ),
            format!("6 same row twice: Stands in row 5 already: M365 {of}:0003 P1Y Annual Commercial DE EUR"),
            "9 unknown value: The term \"Weekly\" is not known; 1 row kept as they are".to_owned(),
            "9 unknown value: The billing plan \"Now and then\" is not known; 1 row kept as they are"
                .to_owned(),
            format!("2 price jumped: From 100 to 130 (+30 %): M365 {of}:0001 P1Y Annual Commercial DE EUR"),
            format!("4 withdrawn: M365 {of}:0009 P1Y Annual Commercial DE EUR"),
        ]
    );
    assert_eq!(found.counts[&LintKind::Withdrawn], 1);
}

#[test]
fn many_findings_are_counted_and_few_told() {
    let rows: Vec<String> =
        (0..500).map(|n| licence(&format!("{n:04}"), "P1Y/Annual", "2", "1", OPEN)).collect();
    let sheet = sheet(LICENCES, &rows.iter().map(String::as_str).collect::<Vec<_>>());
    let found = lint(&sheet, None);
    assert_eq!(found.counts[&LintKind::ErpBelowCost], 500);
    assert_eq!(found.findings.len(), super::lint::TOLD_OF_A_KIND);
}

#[test]
fn facts() {
    let sheet = licences(&[
        ("0001", "P1Y/Annual", "130", "120", "2030-01-01 2030-03-31"),
        ("0002", "P1Y/Annual", "10", "12", "2030-02-01 9999-12-31"),
        ("0003", "P1Y/Annual", "10", "12", "2030-02-01 9999-12-31"),
    ]);
    let facts = sheet.facts();
    assert_eq!((facts.layout, facts.rows, facts.month.as_deref()), (Layout::NewCommerce, 3, Some("203002")));
    assert_eq!(
        (facts.currencies, facts.markets, facts.segments),
        (vec!["EUR".into()], vec!["DE".into()], vec!["Commercial".into()])
    );
    assert_eq!(facts.last_end, Some(at("2030-03-31T23:59:59.999999999Z")));
    assert_eq!(facts.sheets, ["Prices"]);
}

fn any_sheet() -> impl Strategy<Value = PriceSheet> {
    let row = (
        0u8..4,
        0usize..6,
        0u8..3,
        prop::sample::select(vec![OPEN, "2030-02-01 2030-05-01", "2030-03-01 9999-12-31"]),
    );
    prop::collection::vec(row, 0..24).prop_map(|rows| {
        let cycles = crate::domain::cycle::BillingCycle::usual();
        let rows: Vec<String> = rows
            .into_iter()
            .map(|(sku, cycle, price, dates)| {
                licence(&sku.to_string(), &cycles[cycle].to_string(), &price.to_string(), "2", dates)
            })
            .collect();
        sheet(LICENCES, &rows.iter().map(String::as_str).collect::<Vec<_>>())
    })
}

proptest! {
    #[test]
    fn every_row_is_in_a_comparison_once(old in any_sheet(), new in any_sheet()) {
        let diff = compare(&old, &new);
        prop_assert_eq!(diff.added + diff.changed + diff.unchanged, new.len());
        prop_assert_eq!(diff.removed + diff.changed + diff.unchanged, old.len());
        prop_assert_eq!(diff.changes.len(), diff.added + diff.changed + diff.removed);
        let back = compare(&new, &old);
        prop_assert_eq!((back.added, back.removed), (diff.removed, diff.added));
        prop_assert_eq!(compare(&new, &new).unchanged, new.len());
    }

    #[test]
    fn a_stored_sheet_comes_back(sheet in any_sheet(), rows in 1usize..30) {
        let pieces: Vec<Vec<u8>> =
            sheet.clone().into_pieces(rows).map(|piece| rmp_serde::to_vec_named(&piece).unwrap()).collect();
        let read = pieces.iter().map(|bytes| rmp_serde::from_slice(bytes).unwrap());
        prop_assert_eq!(PriceSheet::from_pieces(read), Ok(sheet));
    }

    #[test]
    fn any_cells_make_a_sheet(rows in prop::collection::vec("[a-zA-Z0-9#/.,|-]{0,60}", 0..30)) {
        for headings in [LICENCES, LEGACY] {
            let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
            let built = built(headings, &rows);
            prop_assert_eq!(built.sheet.len() + built.skipped_count, rows.len());
            let _ = (lint(&built.sheet, None), built.sheet.facts(), compare(&built.sheet, &built.sheet));
        }
    }
}
