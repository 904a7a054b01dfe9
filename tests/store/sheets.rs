//! Price sheets: records, rows, mappings.

use std::path::Path;

use cspdeck::domain::price_sheet::{Builder, Column, Hints, Layout, PriceBasis, PriceSheet};
use cspdeck::domain::sheet_record::SheetRecord;
use cspdeck::store::{ReadTxn, SheetRows, Store, StoreError};

use super::support::open;

/// A sheet whose every price is `price`.
pub fn sheet(rows: usize, price: usize) -> PriceSheet {
    let headings = [
        "ProductTitle",
        "ProductId",
        "SkuId",
        "TermDuration",
        "BillingPlan",
        "Market",
        "Currency",
        "UnitPrice",
        "Segment",
    ];
    let mut builder =
        Builder::new(Layout::NewCommerce, PriceBasis::Term, headings.map(Column::of_heading).to_vec());
    builder.source("Prices");
    for row in 0..rows {
        let (product, sku) = (format!("CFQ7TTC{:05}", row / 10_000), format!("{:04}", row % 10_000));
        let title = format!("Product {row}");
        let cells = [&title, &product, &sku, "P1Y", "Annual", "DE", "EUR", &price.to_string(), "Commercial"];
        let ids = cells.map(|cell| builder.intern(cell).unwrap());
        builder.push(row as u32 + 2, &ids);
    }
    builder.finish(Hints::default()).sheet
}

pub fn record(name: &str, sheet: &PriceSheet) -> SheetRecord {
    SheetRecord {
        name: name.to_owned(),
        facts: sheet.facts(),
        file: "prices.csv".to_owned(),
        bytes: 1234,
        sha256: "ab".repeat(32),
        skipped: 0,
        notes: vec!["a note".to_owned()],
        is_preview: false,
        data: 0,
    }
}

/// Keeps a sheet over a revision.
pub fn put(store: &Store, name: &str, expected: u64, sheet: &PriceSheet) -> Result<u64, StoreError> {
    let (record, rows) = (record(name, sheet), SheetRows::of(sheet)?);
    store.write(|txn| Ok(txn.put_sheet(expected, &record, &rows)?.revision))
}

/// The rows of a sheet.
pub fn rows(store: &Store, name: &str) -> Option<PriceSheet> {
    let read = |txn: &ReadTxn| txn.sheet(name)?.map(|record| txn.sheet_rows(&record.value)).transpose();
    store.read(read).unwrap()
}

fn file_size(folder: &Path) -> u64 {
    std::fs::metadata(folder.join("data/store.redb")).unwrap().len()
}

#[test]
fn a_sheet_comes_back_as_it_was_and_is_replaced_and_removed_whole() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "anna");
    // Several pieces of several chunks, and texts of several.
    let large = sheet(40_000, 1);
    assert_eq!(put(&store, "large", 0, &large).unwrap(), 1);
    assert_eq!(put(&store, "small", 0, &sheet(3, 2)).unwrap(), 1);
    assert_eq!(rows(&store, "large"), Some(large.clone()));
    assert_eq!(rows(&store, "small"), Some(sheet(3, 2)));
    assert_eq!(rows(&store, "other"), None);
    let stored = store.read(|txn| txn.sheet("small")).unwrap().unwrap();
    assert_eq!((stored.updated_by.as_str(), stored.value.notes.len()), ("anna", 1));
    let names = |txn: &ReadTxn| Ok(txn.sheets()?.into_iter().map(|s| s.value.name).collect::<Vec<_>>());
    assert_eq!(store.read(names).unwrap(), ["large", "small"]);

    assert_eq!(put(&store, "large", 1, &sheet(10, 3)).unwrap(), 2);
    assert_eq!(rows(&store, "large"), Some(sheet(10, 3)));
    assert_eq!(rows(&store, "small"), Some(sheet(3, 2)));

    store.write(|txn| txn.remove_sheet(1, "small")).unwrap();
    assert_eq!(rows(&store, "small"), None);
    assert_eq!(rows(&store, "large"), Some(sheet(10, 3)));
    // One that comes back goes on counting.
    assert_eq!(put(&store, "small", 0, &sheet(1, 1)).unwrap(), 2);
    let actions = store.read(|txn| txn.audit(0, 50)).unwrap();
    let actions: Vec<String> = actions.into_iter().map(|entry| entry.action).collect();
    assert_eq!(actions, ["sheet.create", "sheet.create", "sheet.change", "sheet.remove", "sheet.create"]);
}

#[test]
fn rows_of_a_replaced_sheet_give_their_space_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "anna");
    for revision in 0..3 {
        put(&store, "prices", revision, &sheet(5_000, revision as usize)).unwrap();
    }
    let settled = file_size(folder.path());
    for revision in 3..30 {
        put(&store, "prices", revision, &sheet(5_000, revision as usize)).unwrap();
    }
    let now = file_size(folder.path());
    assert!(now < 3 * settled, "{now} bytes after {settled}");
}

#[test]
fn a_write_over_another_operators_sheet_is_refused_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (anna, bert) = (open(folder.path(), "anna"), open(folder.path(), "bert"));
    put(&anna, "prices", 0, &sheet(3, 1)).unwrap();
    put(&bert, "prices", 1, &sheet(4, 2)).unwrap();
    for expected in [0, 1, 3] {
        let error = put(&anna, "prices", expected, &sheet(5, 3)).unwrap_err();
        let StoreError::Conflict(conflict) = &error else { panic!("{error}") };
        assert_eq!((conflict.found, conflict.by.as_str()), (2, "bert"));
        assert!(matches!(
            anna.write(|txn| txn.remove_sheet(expected, "prices")),
            Err(StoreError::Conflict(_))
        ));
    }
    let gone = anna.write(|txn| txn.remove_sheet(1, "other")).unwrap_err();
    assert!(matches!(gone, StoreError::Conflict(_)), "{gone}");
    assert_eq!(rows(&anna, "prices"), Some(sheet(4, 2)));
    // A transaction that goes on after a refusal keeps the sheet, too.
    let (record, rows_of) = (record("prices", &sheet(5, 3)), SheetRows::of(&sheet(5, 3)).unwrap());
    anna.write(|txn| {
        assert!(txn.put_sheet(1, &record, &rows_of).is_err());
        Ok(())
    })
    .unwrap();
    assert_eq!(rows(&anna, "prices"), Some(sheet(4, 2)));
}

#[test]
fn a_record_that_was_replaced_since_gives_an_error_and_no_other_rows() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "anna");
    put(&store, "prices", 0, &sheet(3, 1)).unwrap();
    let old = store.read(|txn| txn.sheet("prices")).unwrap().unwrap().value;
    put(&store, "prices", 1, &sheet(3, 2)).unwrap();
    let error = store.read(|txn| txn.sheet_rows(&old)).unwrap_err();
    assert!(matches!(&error, StoreError::Damaged { detail, .. } if detail.contains("prices")), "{error}");
}

#[test]
fn mappings_are_bytes_under_a_name() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "anna");
    store.write(|txn| txn.put_mapping("own", b"\xc1\0", "first")).unwrap();
    store.write(|txn| txn.put_mapping("own", b"second", "second")).unwrap();
    store.write(|txn| txn.put_mapping("b", b"", "empty")).unwrap();
    let mappings = store.read(ReadTxn::mappings).unwrap();
    assert_eq!(mappings, [("b".to_owned(), vec![]), ("own".to_owned(), b"second".to_vec())]);
    assert_eq!(store.read(|txn| txn.mapping("own")).unwrap().as_deref(), Some(&b"second"[..]));
    assert!(store.write(|txn| txn.remove_mapping("own")).unwrap());
    assert!(!store.write(|txn| txn.remove_mapping("own")).unwrap());
    assert_eq!(store.read(|txn| txn.mapping("own")).unwrap(), None);
    assert_eq!(store.read(ReadTxn::audit_len).unwrap(), 4);
}
