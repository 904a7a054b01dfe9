//! Price lists of 100,000 rows: read, against what calamine alone needs for the same cells in the same run; and compared.

use std::io::Cursor;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use calamine::{Reader, Xlsx};
use cspdeck::domain::price_sheet::{PriceSheet, diff, lint};
use cspdeck::sheets::read::{Import, read_bytes, read_path};
use rust_xlsxwriter::{Format, Workbook};

use crate::{line, median, milliseconds};

const ROWS: u32 = 100_000;
const HEADINGS: [&str; 21] = [
    "ChangeIndicator",
    "PreviousValues",
    "ProductTitle",
    "ProductId",
    "SkuId",
    "SkuTitle",
    "Publisher",
    "SkuDescription",
    "UnitOfMeasure",
    "TermDuration",
    "BillingPlan",
    "Market",
    "Currency",
    "UnitPrice",
    "PricingTierRangeMin",
    "PricingTierRangeMax",
    "EffectiveStartDate",
    "EffectiveEndDate",
    "Tags",
    "ERP Price",
    "Segment",
];

/// A row as real lists have them: one SKU's cycles, segments and currencies stand together.
fn row(at: u32, month: u32) -> [String; 21] {
    let cycle =
        [("P1M", "Monthly"), ("P1Y", "Monthly"), ("P1Y", "Annual"), ("P3Y", "Monthly"), ("P3Y", "Annual")];
    let (term, plan) = cycle[(at / 6 % 5) as usize];
    let currency = ["EUR", "GBP", "CHF", "DKK", "NOK", "SEK"][(at % 6) as usize];
    let segment = ["Commercial", "Education", "Charity", "Government"][(at / 30 % 4) as usize];
    let sku = at / 120;
    let price = f64::from(at % 9_973) * 1.25 + f64::from((at + month) % 100) / 100.0;
    let moved = if (at + month).is_multiple_of(50) { 1.05 } else { 1.0 };
    let price = (price * moved * 100.0).round() / 100.0;
    [
        if moved > 1.0 { "Change" } else { "Unchanged" }.to_owned(),
        String::new(),
        format!("Microsoft 365 product number {}", sku / 3),
        format!("CFQ7TTC{:05X}", sku / 3),
        format!("{:04X}", sku % 3 + 1),
        format!("Microsoft 365 product number {} (edition {})", sku / 3, sku % 3),
        "Microsoft Corporation".to_owned(),
        format!(
            "The cloud's own product number {}, for all that an office does: mail, files and meetings.",
            sku / 3
        ),
        String::new(),
        term.to_owned(),
        plan.to_owned(),
        "DE".to_owned(),
        currency.to_owned(),
        format!("{price:.2}"),
        "0".to_owned(),
        "18446744073709551615".to_owned(),
        "2/1/2030 12:00:00 AM".to_owned(),
        "12/31/9999 11:59:59 PM".to_owned(),
        "License".to_owned(),
        format!("{:.2}", price * 1.2),
        segment.to_owned(),
    ]
}

pub fn xlsx() -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let date = Format::new().set_num_format("m/d/yyyy h:mm");
    for (column, heading) in (0..).zip(HEADINGS) {
        sheet.write_string(0, column, heading).unwrap();
    }
    for at in 0..ROWS {
        for (column, text) in (0..).zip(row(at, 0)) {
            match column {
                13 | 19 => sheet.write_number(at + 1, column, text.parse::<f64>().unwrap()).unwrap(),
                14 => sheet.write_number(at + 1, column, 0).unwrap(),
                16 => sheet.write_number_with_format(at + 1, column, 47_515.0, &date).unwrap(),
                // Every cell is there, as in files that a program exported.
                _ if text.is_empty() => sheet.write_string(at + 1, column, " ").unwrap(),
                _ => sheet.write_string(at + 1, column, text).unwrap(),
            };
        }
    }
    workbook.save_to_buffer().unwrap()
}

pub fn csv(month: u32) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADINGS).unwrap();
    for at in 0..ROWS {
        if at % 997 != month {
            writer.write_record(row(at, month)).unwrap();
        }
    }
    writer.into_inner().unwrap()
}

fn import(bytes: &[u8]) -> Import {
    let import = read_bytes("bench", bytes.to_vec(), None, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(import.skipped_count, 0);
    import
}

/// What calamine alone needs to come by all cells.
pub fn stream(bytes: &[u8]) -> usize {
    let mut book = Xlsx::new(Cursor::new(bytes)).unwrap();
    let name = book.sheet_names().remove(0);
    let mut cells = book.worksheet_cells_reader(&name).unwrap();
    let mut count = 0;
    while let Some(cell) = cells.next_cell().unwrap() {
        std::hint::black_box(cell.get_value());
        count += 1;
    }
    count
}

pub fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let done = std::hint::black_box(work());
    (start.elapsed(), done)
}

/// The most memory that this process had, in kilobytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches(" kB").trim().parse().unwrap()
}

/// Names a file that a fresh process reads, to tell its peak.
const FILE: &str = "CSPDECK_BENCH_FILE";

/// What reading a file adds to a process that did nothing else, in megabytes.
fn memory(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.xlsx");
    std::fs::write(&path, bytes).unwrap();
    let mut fresh = std::process::Command::new(std::env::current_exe().unwrap());
    let out = fresh.args(["--bench", "sheets"]).env(FILE, &path).output().unwrap();
    String::from_utf8(out.stdout).unwrap().trim().to_owned()
}

fn stored(sheet: PriceSheet) -> Vec<Vec<u8>> {
    sheet.into_pieces(20_000).map(|piece| rmp_serde::to_vec_named(&piece).unwrap()).collect()
}

pub fn report() {
    if let Some(path) = std::env::var_os(FILE) {
        let before = peak();
        drop(read_path(path.as_ref(), None, &mut |_| ControlFlow::Continue(())).unwrap());
        println!("{}", peak().saturating_sub(before) / 1024);
        return;
    }
    let bytes = xlsx();
    assert!(stream(&bytes) >= 21 * ROWS as usize);
    let memory = memory(&bytes);
    let read = import(&bytes);
    let mut alone = Vec::new();
    let mut whole = Vec::new();
    for _ in 0..5 {
        alone.push(timed(|| stream(&bytes)).0);
        whole.push(timed(|| import(&bytes)).0);
    }
    let (alone, whole) = (median(alone), median(whole));
    line("XLSX of 100,000 x 21: calamine's stream alone", &milliseconds(alone), "-");
    line("  read, checked, ready to store", &milliseconds(whole), &milliseconds(alone.mul_f64(1.5)));
    let times = whole.as_secs_f64() / alone.as_secs_f64();
    line("  against calamine's stream, without storing", &format!("{times:.2} times"), "1.5 times");
    line("  memory that it adds, at its peak", &format!("{memory} MB"), "250 MB");
    let packing = median((0..5).map(|_| timed(|| stored(read.sheet.clone())).0).collect());
    let pieces = stored(read.sheet);
    let size: usize = pieces.iter().map(Vec::len).sum();
    line(&format!("  packed for the store, {} MB", size >> 20), &milliseconds(packing), "-");
    let unpack = || PriceSheet::from_pieces(pieces.iter().map(|piece| rmp_serde::from_slice(piece).unwrap()));
    let unpacking = median((0..5).map(|_| timed(unpack).0).collect());
    line("  unpacked", &milliseconds(unpacking), "-");

    let (old, new) = (csv(1), csv(2));
    let time = median((0..5).map(|_| timed(|| import(&old)).0).collect());
    line(&format!("CSV of the same rows, {} MB", old.len() >> 20), &milliseconds(time), "600 ms");
    let (old, new) = (import(&old).sheet, import(&new).sheet);
    let time = median((0..5).map(|_| timed(|| diff::compare(&old, &new)).0).collect());
    let found = diff::compare(&old, &new);
    let what = format!("two such sheets compared, {} rows changed", found.changed);
    line(&what, &milliseconds(time), "300 ms");
    let against = lint::Against { older: &old, diff: &found, jump_percent: 3.into() };
    let time = median((0..5).map(|_| timed(|| lint::lint(&new, Some(against))).0).collect());
    line("one looked through against the other", &milliseconds(time), "-");
}
