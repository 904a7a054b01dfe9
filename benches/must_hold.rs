//! What must hold, measured and printed beside its limit: `cargo bench`. Nothing here fails: machines are noisy, so a figure over
//! its limit is for people to look at, and ratios are taken within one run.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench that fails tells so by panicking"
)]

#[path = "must_hold/fixture.rs"]
mod fixture;
#[path = "must_hold/grid.rs"]
mod grid;
#[path = "must_hold/program.rs"]
mod program;
#[path = "must_hold/pull.rs"]
mod pull;
#[path = "must_hold/sheet_store.rs"]
mod sheet_store;
#[path = "must_hold/sheets.rs"]
mod sheets;

use std::time::Duration;

/// Prints a line of the report.
fn line(what: &str, figure: &str, limit: &str) {
    println!("{what:<66} {figure:>16}   limit {limit}");
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn milliseconds(time: Duration) -> String {
    format!("{:.3} ms", time.as_secs_f64() * 1000.0)
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test` runs benches once to see that they start; the report is for `cargo bench`.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    // `cargo bench -- grid` prints one part.
    let wanted = |part: &str| {
        let mut named = arguments.iter().filter(|argument| !argument.starts_with('-')).peekable();
        named.peek().is_none() || named.any(|name| name == part)
    };
    if wanted("grid") {
        grid::report();
    }
    if wanted("program") {
        program::report();
    }
    if wanted("pull") {
        pull::report();
    }
    if wanted("sheets") {
        sheets::report();
    }
    if wanted("sheet_store") {
        sheet_store::report();
    }
}
