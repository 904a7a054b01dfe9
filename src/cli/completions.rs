//! `completions`: what shells need to complete verbs and options.

use clap::CommandFactory;
use clap_complete::Shell;

use super::arguments::Arguments;
use super::failure::{Exit, Failure};
use super::output::verbatim;

pub(super) fn run(shell: Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "cspdeck", &mut script);
    verbatim(&script)?;
    Ok(Exit::Done)
}
