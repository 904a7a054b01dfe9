//! A store with price sheets, for tests.

use std::path::Path;
use std::time::Duration;

use crate::domain::operator::Operator;
use crate::domain::price_sheet::{Builder, Column, Hints, Layout, PriceSheet};
use crate::domain::sheet_record::SheetRecord;
use crate::store::{Sharing, SheetRows, Store, StoreOptions};

const HEADINGS: &str = "ProductTitle,ProductId,SkuId,SkuTitle,TermDuration,BillingPlan,Market,Currency,UnitPrice,\
                        EffectiveStartDate,EffectiveEndDate,ERP Price,Segment";

/// A store in a folder, used by an operator.
pub fn open(folder: &Path, name: &str) -> Store {
    Store::open(StoreOptions {
        path: folder.join("data/store.redb"),
        identity: folder.join("keys/identity"),
        wait: Duration::from_secs(60),
        sharing: Sharing::Private,
        operator: Operator { uid: 1000, name: name.to_owned(), sudo_user: None, ssh_client: None },
    })
    .unwrap()
}

/// A sheet of these rows, in the order of the headings.
pub fn sheet(rows: &[&str]) -> PriceSheet {
    let columns = HEADINGS.split(',').map(Column::of_heading).collect();
    let mut builder = Builder::new(Layout::NewCommerce, Layout::NewCommerce.basis(), columns);
    builder.source("");
    for (at, row) in rows.iter().enumerate() {
        let ids: Vec<u32> = row.split(',').map(|text| builder.intern(text).unwrap()).collect();
        builder.push(at as u32 + 2, &ids);
    }
    builder.finish(Hints::default()).sheet
}

/// Two cycles of E3 at these prices for the term, and Exchange.
fn e3_and_exchange(monthly: &str, annual: &str) -> PriceSheet {
    let e3 = "Microsoft 365,CFQ7TTC0LFLX,1,Microsoft 365 E3,P1Y";
    sheet(&[
        &format!("{e3},Monthly,US,USD,{monthly},2020-01-01,,1000,Commercial"),
        &format!("{e3},Annual,US,USD,{annual},2020-01-01,,1000,Commercial"),
        "Exchange,CFQ7TTC0LH16,1,Exchange Online (Plan 1),P1M,Monthly,US,USD,4.00,2020-01-01,,5,Commercial",
    ])
}

/// Keeps a sheet under a name.
pub fn put_sheet(store: &Store, name: &str, sheet: &PriceSheet) {
    let record = SheetRecord {
        name: name.to_owned(),
        facts: sheet.facts(),
        file: format!("{name}.csv"),
        bytes: 1,
        sha256: String::new(),
        skipped: 0,
        notes: Vec::new(),
        is_preview: false,
        data: 0,
    };
    let rows = SheetRows::of(sheet).unwrap();
    store.write(|txn| txn.put_sheet(0, &record, &rows)).unwrap();
}

/// A store with two sheets, nov and dec, the second one a tenth dearer for E3.
pub fn desk() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "ana");
    put_sheet(&store, "nov", &e3_and_exchange("345.60", "329.10"));
    put_sheet(&store, "dec", &e3_and_exchange("380.16", "329.10"));
    (folder, store)
}
