//! `settings check`: whether everything that is set up works.

use std::io::{self, IsTerminal};

use serde_json::json;

use super::failure::{Exit, Failure};
use super::output::say;
use super::setup::{mail, reach};
use super::table::Table;
use super::{Desk, runtime};
use crate::jobs::check::{Check, Outcome, StepResult, is_good};

pub(super) fn run(desk: &Desk) -> Result<Exit, Failure> {
    let output = desk.output;
    // Who sees both streams on one screen sees each step once, as it ends.
    let is_watched = !output.json && io::stdout().is_terminal();
    let told = move |result: &StepResult| {
        if is_watched {
            // Where the terminal is gone, the end says so.
            drop(output.document(&(), &step_lines(result)));
        } else {
            say(&format!("{}: {}", result.step.title(), word(result.outcome)));
        }
    };
    let check = Check {
        store: desk.store.clone(),
        reach: reach(&desk.config),
        mail: mail(&desk.config),
        tell: Box::new(told),
    };
    let results = runtime::start()?.block_on(check.run())?;
    let passed = is_good(&results);
    let lines = if is_watched { vec![summary(&results)] } else { lines(&results) };
    output.document(&json!({ "steps": results, "passed": passed }), &lines)?;
    Ok(if passed { Exit::Done } else { Exit::Findings })
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Failed => "FAILED",
        Outcome::Blocked => "not tried",
        Outcome::Skipped => "nothing to check",
    }
}

/// A step, and below it what was found: that is a sentence or two, too long for a column.
fn step_lines(result: &StepResult) -> Vec<String> {
    let mut lines = vec![format!("{}: {}", result.step.title(), word(result.outcome))];
    lines.extend(finding(result));
    lines
}

fn finding(result: &StepResult) -> Option<String> {
    (result.outcome != Outcome::Blocked).then(|| format!("    {}", result.text))
}

fn summary(results: &[StepResult]) -> String {
    let failed = results.iter().filter(|result| result.outcome == Outcome::Failed);
    match failed.map(|result| result.step.title()).collect::<Vec<_>>().as_slice() {
        [] if is_good(results) => "all is well".to_owned(),
        [] => "not all could be tried".to_owned(),
        failed => format!("failed: {}", failed.join(", ")),
    }
}

/// All steps as a table, with what was found below each.
fn lines(results: &[StepResult]) -> Vec<String> {
    let mut table = Table::new(&["STEP", "OUTCOME"], "");
    for result in results {
        table.row([result.step.title().to_owned(), word(result.outcome).to_owned()]);
    }
    let mut lines = Vec::new();
    // The head has no text.
    let texts = std::iter::once(None).chain(results.iter().map(Some));
    for (line, result) in table.lines().into_iter().zip(texts) {
        lines.push(line);
        lines.extend(result.and_then(finding));
    }
    lines
}
