//! `sheets import`.

use serde::Serialize;

use super::super::Desk;
use super::super::arguments::ImportArguments;
use super::super::failure::{Exit, Failure};
use super::super::follow::attend;
use crate::domain::price_sheet::lint::{Finding, LintKind};
use crate::domain::price_sheet::{Mapping, Skipped};
use crate::domain::record::Versioned;
use crate::domain::sheet_record::{SheetRecord, parse_name};
use crate::domain::text::{counted, thousands};
use crate::jobs::sheets::{self, From, Review, ReviewProgress, SheetJobError};
use crate::sheets::read::Fault;
use rust_decimal::Decimal;

/// How many rows and findings people are shown.
const SHOWN: usize = 20;

#[derive(Serialize)]
struct Document<'a> {
    name: Option<&'a str>,
    layout: &'static str,
    rows: usize,
    currencies: &'a [String],
    markets: &'a [String],
    segments: &'a [String],
    month: Option<&'a str>,
    sheets: &'a [String],
    skipped: Vec<Left<'a>>,
    /// Beyond the list above, where there are very many.
    skipped_count: usize,
    warnings: Vec<String>,
    findings: &'a [Finding],
    sha256: &'a str,
    file: &'a str,
    bytes: u64,
    /// The sheet that it was compared with.
    against: Option<&'a str>,
    /// A sheet that was made from the same file.
    same_file: Option<&'a str>,
    kept: bool,
    revision: Option<u64>,
    job: &'a str,
}

#[derive(Serialize)]
struct Left<'a> {
    sheet: &'a str,
    row: u32,
    column: &'a str,
    value: &'a str,
    reason: &'a str,
}

impl<'a> Left<'a> {
    fn of(skipped: &'a Skipped) -> Self {
        let Skipped { sheet, row, column, value, reason, .. } = skipped;
        Self { sheet, row: *row, column, value, reason }
    }
}

pub(super) fn run(desk: &Desk, arguments: &ImportArguments) -> Result<Exit, Failure> {
    let name = arguments.name.as_deref().map(parse_name).transpose().map_err(SheetJobError::from)?;
    let mapping = match &arguments.mapping {
        Some(name) => Some(sheets::mapping(&desk.store, name)?),
        None => None,
    };
    let replace = match &name {
        Some(name) if !arguments.dry_run => replaced(desk, name, arguments.replace)?,
        _ => None,
    };
    let from = From::File(arguments.file.clone());
    let review = reviewed(desk, from, mapping, arguments.jump)?;
    let kept = match &name {
        Some(name) if !arguments.dry_run => Some(sheets::keep(&desk.store, &review, name, replace)?),
        _ => None,
    };
    told(desk, name.as_deref(), &review, kept.as_ref())
}

/// The revision that is to be replaced. That a name is taken is told before the file is read.
pub(super) fn replaced(desk: &Desk, name: &str, replace: bool) -> Result<Option<u64>, Failure> {
    match desk.store.read(|txn| txn.sheet(name))? {
        Some(taken) if !replace => {
            let mut failure = Failure::from(SheetJobError::NameTaken(Box::new(taken)));
            failure.message.push_str(" (--replace)");
            Err(failure)
        }
        taken => Ok(taken.map(|record| record.revision)),
    }
}

/// Reads a file with its progress on standard error.
pub(super) fn reviewed(
    desk: &Desk,
    from: From,
    mapping: Option<Mapping>,
    jump: Decimal,
) -> Result<Review, Failure> {
    let store = desk.store.clone();
    let reviewed = attend(move |report, cancel| {
        let report = |progress: ReviewProgress| report(described(&progress));
        sheets::review(&store, from, mapping, jump, &report, cancel)
    })?;
    reviewed.map_err(|error| {
        let columns = match &error {
            SheetJobError::Read(error) => seen(&error.fault),
            _ => None,
        };
        let mut failure = Failure::from(error);
        if let Some(columns) = columns {
            failure.message.push_str(&format!(
                ": cspdeck sheets map FILE --save NAME \"COLUMN=FIELD\"..; its columns seem to be {columns}"
            ));
        }
        failure
    })
}

/// The headings of the first table that may be meant.
fn seen(fault: &Fault) -> Option<String> {
    let Fault::UnknownTable(tables) = fault else { return None };
    let columns: Vec<String> =
        tables.first()?.columns.iter().take(SHOWN).map(|column| format!("\"{}\"", column.heading)).collect();
    (!columns.is_empty()).then(|| columns.join(", "))
}

pub(super) fn described(progress: &ReviewProgress) -> String {
    let rows = match progress.rows {
        0 => String::new(),
        rows => format!(": {}", counted(rows, "row")),
    };
    let share = progress.share.map_or_else(String::new, |share| format!(", {:.0} %", share * 100.0));
    format!("{}{rows}{share}", progress.phase)
}

/// Prints what was found, and what became of it.
pub(super) fn told(
    desk: &Desk,
    name: Option<&str>,
    review: &Review,
    kept: Option<&Versioned<SheetRecord>>,
) -> Result<Exit, Failure> {
    let Review { facts, .. } = review;
    let document = Document {
        name,
        layout: facts.layout.name(),
        rows: facts.rows,
        currencies: &facts.currencies,
        markets: &facts.markets,
        segments: &facts.segments,
        month: facts.month.as_deref(),
        sheets: &facts.sheets,
        skipped: review.skipped.iter().map(Left::of).collect(),
        skipped_count: review.skipped_count,
        warnings: warnings(review, kept.is_some()),
        findings: &review.lint.findings,
        sha256: &review.sha256,
        file: &review.file,
        bytes: review.bytes,
        against: review.against.as_deref(),
        same_file: review.same_file.as_deref(),
        kept: kept.is_some(),
        revision: kept.map(|record| record.revision),
        job: review.job.as_str(),
    };
    let lines = lines(review, &document.warnings, kept);
    desk.output.document(&document, &lines)?;
    let has_losses = review.skipped.iter().any(|row| row.is_loss);
    Ok(if has_losses { Exit::InPart } else { Exit::Done })
}

fn warnings(review: &Review, kept: bool) -> Vec<String> {
    let mut warnings = review.notes.clone();
    if let Some(same) = &review.same_file {
        let is = if kept { "was" } else { "is" };
        warnings.push(format!("The same file {is} kept as \"{same}\" already"));
    }
    warnings.extend(review.lint.findings.iter().map(|finding| {
        let Finding { sheet, row, kind, text } = finding;
        let sheet = if sheet.is_empty() { String::new() } else { format!("sheet {sheet}, ") };
        // A withdrawn row stands in the older file only.
        let older = review.against.as_deref().filter(|_| *kind == LintKind::Withdrawn);
        let sheet = older.map_or_else(|| sheet.clone(), |older| format!("{older}, {sheet}"));
        format!("{kind}, {sheet}row {row}: {text}")
    }));
    for (kind, count) in &review.lint.counts {
        let told = review.lint.findings.iter().filter(|finding| finding.kind == *kind).count();
        if *count > told {
            warnings.push(format!("{kind}: {} more", thousands(count - told)));
        }
    }
    warnings
}

fn lines(review: &Review, warnings: &[String], kept: Option<&Versioned<SheetRecord>>) -> Vec<String> {
    let facts = &review.facts;
    let mut parts = vec![facts.layout.to_string(), counted(facts.rows, "row")];
    for (what, values) in [("", &facts.currencies), ("market ", &facts.markets), ("", &facts.segments)] {
        if !values.is_empty() {
            parts.push(format!("{what}{}", values.join(" ")));
        }
    }
    parts.extend(facts.month.clone());
    let mut lines = vec![format!("{}: {}", review.file, parts.join(", "))];
    if let Some(against) = &review.against {
        lines.push(format!("compared with {against}"));
    }
    if review.skipped_count > 0 {
        lines.push(format!("{} left out:", counted(review.skipped_count, "row")));
        for Left { sheet, row, column, value, reason } in review.skipped.iter().take(SHOWN).map(Left::of) {
            let places = [(sheet, "sheet "), (column, "")].map(|(text, what)| match text {
                "" => String::new(),
                text => format!("{what}{text}, "),
            });
            lines.push(format!("  {}{}row {row}: \"{value}\": {reason}", places[0], places[1]));
        }
        more(&mut lines, review.skipped_count);
    }
    if !warnings.is_empty() {
        lines.push(format!("{}:", counted(warnings.len(), "warning")));
        lines.extend(warnings.iter().take(SHOWN).map(|warning| format!("  {warning}")));
        more(&mut lines, warnings.len());
    }
    lines.push(match kept {
        Some(record) => format!("kept as {}, revision {}", record.value.name, record.revision),
        None => "nothing is kept: this was a dry run".to_owned(),
    });
    lines
}

fn more(lines: &mut Vec<String>, count: usize) {
    if count > SHOWN {
        lines.push(format!("  and {} more; --json has them", thousands(count - SHOWN)));
    }
}
