//! The threads that a verb's network tasks run on.

use std::io;

use tokio::runtime::{Builder, Runtime};

use super::failure::{Exit, Failure};

/// Starts them.
pub(super) fn start() -> Result<Runtime, Failure> {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.map_err(|error| failed_at("the program's threads can't be started", &error))
}

/// What the system did not give.
pub(super) fn failed_at(what: &str, error: &io::Error) -> Failure {
    Failure::new(Exit::Failed, "system", format!("{what}: {error}"))
}
