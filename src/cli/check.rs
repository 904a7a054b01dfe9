//! `settings check`: whether everything that is set up works.

use serde_json::json;

use super::failure::{Exit, Failure};
use super::output::say;
use super::setup::{mail, reach};
use super::table::Table;
use super::{Desk, runtime};
use crate::jobs::check::{Check, Outcome, StepResult, is_good};

pub(super) fn run(desk: &Desk) -> Result<Exit, Failure> {
    let check = Check {
        store: desk.store.clone(),
        reach: reach(&desk.config),
        mail: mail(&desk.config),
        tell: Box::new(|result| say(&format!("{}: {}", result.step.title(), word(result.outcome)))),
    };
    let results = runtime::start()?.block_on(check.run())?;
    let passed = is_good(&results);
    desk.output.document(&json!({ "steps": results, "passed": passed }), &lines(&results))?;
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

/// A line for each step, and below it what was found: that is a sentence or two, too long for a column.
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
        let told = result.filter(|result| result.outcome != Outcome::Blocked);
        lines.extend(told.map(|result| format!("    {}", result.text)));
    }
    lines
}
