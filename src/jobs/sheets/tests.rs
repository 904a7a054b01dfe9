use std::sync::Mutex;
use std::time::Duration;

use rust_decimal::Decimal;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::domain::offer::Offer;
use crate::domain::operator::Operator;
use crate::domain::plan::{Cost, Plan, PlanPrice};
use crate::domain::price_sheet::diff::Kind;
use crate::domain::price_sheet::lint::LintKind;
use crate::domain::price_sheet::{Field, Layout, Mapping, PriceBasis};
use crate::domain::rounding::Rounding;
use crate::domain::samples::{currency, cycle, decimal, plan_id};
use crate::sheets::read::Fault;
use crate::store::{JobRecord, JobState, ReadTxn, Sharing, Store, StoreError, StoreOptions};

const HEAD: &str = "ProductTitle,ProductId,SkuId,SkuTitle,TermDuration,BillingPlan,Market,Currency,UnitPrice,ERP Price,\
                    EffectiveStartDate,EffectiveEndDate,Tags,Segment";

struct Place {
    store: Store,
    _folder: tempfile::TempDir,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(StoreOptions {
        path: folder.path().join("data/store.redb"),
        identity: folder.path().join("keys/identity"),
        wait: Duration::from_secs(5),
        sharing: Sharing::Private,
        operator: Operator { uid: 1000, name: "anna".to_owned(), sudo_user: None, ssh_client: None },
    });
    Place { store: store.unwrap(), _folder: folder }
}

/// Licences: SKU and unit price, valid from a day on.
fn csv(start: &str, rows: &[(&str, &str)]) -> Vec<u8> {
    let rows = rows.iter().map(|(sku, price)| {
        format!(
            "Microsoft 365,CFQ7TTC0LFLX,{sku},Microsoft 365 E3,P1Y,Monthly,DE,EUR,{price},1000,{start}T00:00:00Z,\
             9999-12-31T23:59:59Z,License,Commercial"
        )
    });
    [HEAD.to_owned()].into_iter().chain(rows).collect::<Vec<_>>().join("\r\n").into_bytes()
}

fn bytes(name: &str, bytes: Vec<u8>) -> From {
    From::Bytes { name: name.to_owned(), bytes, month: None, is_preview: false }
}

fn reviewed(store: &Store, from: From) -> Result<Review, SheetJobError> {
    review(store, from, None, Decimal::TEN, &|_| {}, &CancellationToken::new())
}

fn november() -> From {
    bytes("nov.csv", csv("2026-11-01", &[("0001", "120"), ("0002", "240")]))
}

fn december() -> From {
    bytes("dec.csv", csv("2026-12-01", &[("0001", "150"), ("0003", "10")]))
}

fn kept(store: &Store, from: From, name: &str) {
    keep(store, &reviewed(store, from).unwrap(), name, None).unwrap();
}

fn last_job(store: &Store) -> JobRecord {
    store.read(ReadTxn::jobs).unwrap().remove(0)
}

#[test]
fn a_sheet_is_looked_through_then_kept_then_opened() {
    let Place { store, _folder } = place();
    let phases = Mutex::new(Vec::new());
    let report = |progress: ReviewProgress| phases.lock().unwrap().push(progress.phase);
    let review = review(&store, november(), None, Decimal::TEN, &report, &CancellationToken::new()).unwrap();
    assert_eq!(phases.lock().unwrap().first(), Some(&"reading"));
    assert_eq!(phases.lock().unwrap().last(), Some(&"done"));
    assert_eq!((review.facts.layout, review.facts.rows), (Layout::NewCommerce, 2));
    assert_eq!(
        (review.file.as_str(), review.bytes),
        ("nov.csv", csv("2026-11-01", &[("0001", "120"), ("0002", "240")]).len() as u64)
    );
    assert_eq!((&review.against, &review.same_file), (&None, &None));
    assert!(list(&store).unwrap().is_empty());
    let job = last_job(&store);
    assert_eq!((job.kind.as_str(), job.state, job.done), (KIND, JobState::Done, 2));
    assert_eq!(job.message.as_deref(), Some("2 rows read; not kept"));

    let record = keep(&store, &review, " November ", None).unwrap();
    assert_eq!((record.revision, record.value.name.as_str()), (1, "November"));
    assert_eq!(record.value.sha256.len(), 64);
    assert_eq!(*open(&store, "November").unwrap(), *review.sheet);
    assert_eq!(last_job(&store).message.as_deref(), Some("2 rows kept as November"));
    assert!(matches!(open(&store, "Novembre"), Err(SheetJobError::NoSheet(_))));
}

#[test]
fn a_file_is_read_from_its_path() {
    let Place { store, _folder } = place();
    let path = _folder.path().join("prices.csv");
    std::fs::write(&path, csv("2026-11-01", &[("1", "120")])).unwrap();
    let review = reviewed(&store, From::File(path.clone())).unwrap();
    assert_eq!((review.file.as_str(), review.bytes), ("prices.csv", std::fs::metadata(&path).unwrap().len()));
    assert_eq!(review.sheet.row(0).unwrap().sku_id(), "0001");
    let missing = reviewed(&store, From::File(path.with_file_name("gone.csv"))).unwrap_err();
    assert!(missing.to_string().starts_with("gone.csv can't be read"), "{missing}");
    assert_eq!(last_job(&store).state, JobState::Failed);
}

#[test]
fn a_second_sheet_is_held_against_the_last_one() {
    let Place { store, _folder } = place();
    kept(&store, november(), "November");
    let review = reviewed(&store, december()).unwrap();
    assert_eq!(review.against.as_deref(), Some("November"));
    let counts = &review.lint.counts;
    assert_eq!((counts[&LintKind::PriceJump], counts[&LintKind::Withdrawn]), (1, 1));
    assert_eq!(review.same_file, None);
    assert_eq!(reviewed(&store, november()).unwrap().same_file.as_deref(), Some("November"));

    // Of several, the last before its own month counts.
    keep(&store, &review, "December", None).unwrap();
    kept(&store, bytes("oct.csv", csv("2026-10-01", &[("0001", "1")])), "October");
    let again = |start| reviewed(&store, bytes("x.csv", csv(start, &[("0001", "2")]))).unwrap().against;
    assert_eq!(again("2026-11-15").as_deref(), Some("November"));
    assert_eq!(again("2027-01-01").as_deref(), Some("December"));
    assert_eq!(again("2026-01-01"), None, "what came later says nothing of it");
}

#[test]
fn a_name_that_is_taken_is_replaced_only_when_asked_for() {
    let Place { store, _folder } = place();
    kept(&store, november(), "Prices");
    let review = reviewed(&store, december()).unwrap();
    let error = keep(&store, &review, "Prices", None).unwrap_err();
    let SheetJobError::NameTaken(taken) = &error else { panic!("{error}") };
    assert_eq!((taken.revision, taken.value.file.as_str()), (1, "nov.csv"));
    assert!(error.to_string().contains("2 rows of nov.csv, imported by anna on "), "{error}");
    assert_eq!(open(&store, "Prices").unwrap().row(0).unwrap().unit_price(), Some(decimal("120")));

    assert_eq!(keep(&store, &review, "Prices", Some(1)).unwrap().revision, 2);
    assert_eq!(*open(&store, "Prices").unwrap(), *review.sheet);
    let late = keep(&store, &review, "Prices", Some(1)).unwrap_err();
    assert!(matches!(late, SheetJobError::Store(StoreError::Conflict(_))), "{late}");
    assert!(matches!(keep(&store, &review, "\n", None), Err(SheetJobError::Name(_))));
}

fn sell(store: &Store, sheet: &str) {
    let cost = Cost::for_term(decimal("120"), &cycle("P1Y/Monthly")).unwrap();
    let (margin, none) = (decimal("10"), decimal("0"));
    let price = PlanPrice::from_margins(
        cycle("P1Y/Monthly"),
        currency("EUR"),
        cost,
        margin,
        none,
        Rounding::Minor,
        None,
    );
    let offer = Offer::parse("CFQ7TTC0LFLX:0001");
    let mut plan =
        Plan::new(plan_id("e3"), "E3 +10 %".into(), offer, "Commercial".into(), vec![price.unwrap()]);
    plan.sheet = Some(sheet.to_owned());
    store.write(|txn| txn.put_plan(0, &plan)).unwrap();
}

#[test]
fn a_sheet_that_plans_use_is_not_removed_by_accident() {
    let Place { store, _folder } = place();
    kept(&store, november(), "November");
    kept(&store, december(), "December");
    sell(&store, "November");
    let users: Vec<_> = list(&store).unwrap().into_iter().map(|s| (s.record.value.name, s.plans)).collect();
    assert_eq!(users, [("December".into(), vec![]), ("November".into(), vec!["E3 +10 %".to_owned()])]);

    let error = remove(&store, "November", false).unwrap_err();
    assert!(error.to_string().contains("is used by 1 plan (E3 +10 %)"), "{error}");
    assert_eq!(open(&store, "November").unwrap().len(), 2);
    remove(&store, "November", true).unwrap();
    remove(&store, "December", false).unwrap();
    assert!(list(&store).unwrap().is_empty());
    assert!(matches!(remove(&store, "December", true), Err(SheetJobError::NoSheet(_))));
}

#[test]
fn a_comparison_names_the_plans_that_lose_their_margin() {
    let Place { store, _folder } = place();
    kept(&store, november(), "November");
    kept(&store, december(), "December");
    sell(&store, "November");
    let compared = compare(&store, "November", "December").unwrap();
    let diff = &compared.diff;
    assert_eq!((diff.added, diff.removed, diff.changed, diff.unchanged), (1, 1, 1, 0));
    let [touched] = &compared.impact[..] else { panic!("{:?}", compared.impact) };
    assert!(diff.changes[touched.change].kinds.has(Kind::Up));
    assert_eq!(
        (touched.plan_name.as_str(), touched.price, touched.services),
        ("E3 +10 %", decimal("11.00"), 0)
    );
    assert_eq!((touched.margin_before, touched.margin_after), (Some(decimal("10")), Some(decimal("-12"))));
    assert!(
        matches!(compare(&store, "November", "none"), Err(SheetJobError::NoSheet(name)) if name == "none")
    );
}

#[test]
fn what_is_cancelled_stores_nothing() {
    let Place { store, _folder } = place();
    let cancel = CancellationToken::new();
    let stop = |progress: ReviewProgress| {
        if progress.phase == "checking" {
            cancel.cancel();
        }
    };
    let rows: Vec<(String, String)> = (0..5_000).map(|n| (format!("{n:04}"), n.to_string())).collect();
    let rows: Vec<(&str, &str)> = rows.iter().map(|(sku, price)| (sku.as_str(), price.as_str())).collect();
    let long = || bytes("long.csv", csv("2026-11-01", &rows));
    let late = review(&store, long(), None, Decimal::TEN, &stop, &cancel).unwrap_err();
    assert!(matches!(late, SheetJobError::Cancelled), "{late}");
    assert_eq!(last_job(&store).state, JobState::Cancelled);

    let cancel = CancellationToken::new();
    let seen = Mutex::new(Vec::new());
    let stop = |progress: ReviewProgress| {
        seen.lock().unwrap().push((progress.phase, progress.rows));
        if progress.rows > 0 {
            cancel.cancel();
        }
    };
    let early = review(&store, long(), None, Decimal::TEN, &stop, &cancel).unwrap_err();
    assert!(matches!(early, SheetJobError::Cancelled), "{early}");
    let seen = seen.into_inner().unwrap();
    assert!(seen.iter().all(|(phase, rows)| *phase == "reading" && *rows < 5_000), "{seen:?}");
}

#[test]
fn an_operator_elsewhere_cancels_it_in_the_journal() {
    let Place { store, _folder } = place();
    // While it reads, the entry says cancelled; it must not say done afterwards.
    let cancelled = |progress: ReviewProgress| {
        if progress.phase == "checking" {
            let job = JobRecord { state: JobState::Cancelled, ..last_job(&store) };
            store.write(|txn| txn.put_job(&job)).unwrap();
        }
    };
    let result = review(&store, november(), None, Decimal::TEN, &cancelled, &CancellationToken::new());
    assert!(matches!(result, Err(SheetJobError::Cancelled)));
    assert_eq!(last_job(&store).state, JobState::Cancelled);
}

#[test]
fn a_table_that_is_none_of_microsofts_is_read_by_a_saved_mapping() {
    let Place { store, _folder } = place();
    let table = || bytes("own.csv", b"Artikel;Preis\nE3;36.00\nE5;57.10\n".to_vec());
    let SheetJobError::Read(error) = reviewed(&store, table()).unwrap_err() else { panic!("it was read") };
    assert!(matches!(&error.fault, Fault::UnknownTable(tables) if !tables.is_empty()), "{error}");

    let mut own = Mapping {
        columns: vec![("Artikel".into(), Field::ProductTitle)],
        basis: PriceBasis::Month,
        currency: Some(currency("EUR")),
        market: None,
    };
    assert!(matches!(save_mapping(&store, "own", &own), Err(SheetJobError::Mapping(_))));
    own.columns.push(("Preis".into(), Field::UnitPrice));
    save_mapping(&store, " own ", &own).unwrap();
    assert_eq!(mappings(&store).unwrap(), [("own".to_owned(), own)]);
    let own = mapping(&store, "own").unwrap();
    let review =
        review(&store, table(), Some(own), Decimal::TEN, &|_| {}, &CancellationToken::new()).unwrap();
    assert_eq!((review.facts.layout, review.facts.currencies), (Layout::Mapped, vec!["EUR".to_owned()]));
    assert_eq!(review.sheet.row(1).unwrap().unit_price(), Some(decimal("57.10")));
    remove_mapping(&store, "own").unwrap();
    assert!(matches!(mapping(&store, "own"), Err(SheetJobError::NoMapping(_))));
    assert!(matches!(remove_mapping(&store, "own"), Err(SheetJobError::NoMapping(_))));
}

#[test]
fn what_a_preview_lacks_is_not_withdrawn() {
    let Place { store, _folder } = place();
    kept(&store, november(), "nov");
    let preview = From::Bytes {
        name: "preview".to_owned(),
        bytes: csv("2026-12-01", &[("0001", "150"), ("0003", "10")]),
        month: None,
        is_preview: true,
    };
    let review = reviewed(&store, preview).unwrap();
    assert_eq!(review.lint.counts.get(&LintKind::Withdrawn), None);
    assert!(review.notes.iter().any(|note| note.contains("only what changes")), "{:?}", review.notes);
    keep(&store, &review, "preview", None).unwrap();
    let diff = compare(&store, "nov", "preview").unwrap().diff;
    assert_eq!((diff.added, diff.removed, diff.changed, diff.unchanged), (1, 0, 1, 1));

    // Nothing is held against a preview: the next list is compared with the last whole one.
    let next =
        reviewed(&store, bytes("jan.csv", csv("2027-01-01", &[("0001", "150"), ("0002", "240")]))).unwrap();
    assert_eq!(next.against.as_deref(), Some("nov"));
}
