//! Watching a job until it ends: its progress on standard error, and signals that stop it so that it can be gone on with.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_util::sync::CancellationToken;

use super::failure::{Exit, Failure};
use super::output::say;
use super::setup::reach;
use super::signals::Signals;
use super::{Desk, runtime};
use crate::jobs::{JobError, JobEvent, Outcome, Progress, Runner};
use crate::store::JobId;

/// Between two lines of progress where nobody can rewrite one.
const LINES: Duration = Duration::from_secs(5);
/// Between two updates of the line at a terminal.
const UPDATES: Duration = Duration::from_millis(200);

/// A runner for one verb, with the runtime that its jobs run on.
pub(super) struct Work {
    pub(super) runner: Runner,
    runtime: Runtime,
    events: UnboundedReceiver<JobEvent>,
}

impl Work {
    pub(super) fn new(desk: &Desk) -> Result<Self, Failure> {
        let runtime = runtime::start()?;
        let (sender, events) = unbounded_channel();
        let runner = Runner::new(desk.store.clone(), reach(&desk.config), sender);
        Ok(Self { runner, runtime, events })
    }

    /// Waits for something that needs the runtime.
    pub(super) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Starts a job and watches it until it ends. `verb` goes on with one that stopped, as `jobs resume` does.
    pub(super) fn follow(
        self,
        verb: Option<&str>,
        start: impl AsyncFnOnce(&Runner) -> Result<JobId, JobError>,
    ) -> Result<(JobId, Outcome), Failure> {
        let Self { runner, runtime, mut events } = self;
        runtime.block_on(async {
            let mut signals = Signals::install()?;
            let id = start(&runner).await?;
            let mut line = ProgressLine::new();
            let mut asked = false;
            let mut listed = false;
            loop {
                tokio::select! {
                    event = events.recv() => match event {
                        Some(JobEvent::Progress(_, progress)) => {
                            listed |= progress.total.is_some();
                            line.show(&progress);
                        }
                        Some(JobEvent::Ended(_, result)) => {
                            line.end();
                            return result.map(|outcome| (id.clone(), outcome)).map_err(|error| told(error, &id, listed, verb));
                        }
                        None => return Err(JobError::Fault("the job ended without a word".to_owned()).into()),
                    },
                    number = signals.next() => {
                        line.end();
                        if asked {
                            // Ends the process, as the signal does to any other. The store keeps what was committed.
                            drop(signal_hook::low_level::emulate_default_handler(number));
                        }
                        asked = true;
                        say("stopping; what was done is kept (once more ends at once)");
                        runner.cancel_all();
                    }
                }
            }
        })
    }
}

/// Does blocking work that tells how far it is and can be cancelled, as a signal asks it to. A second signal ends the process.
pub(super) fn attend<T: Send + 'static>(
    work: impl FnOnce(&(dyn Fn(String) + Send + Sync), &CancellationToken) -> T + Send + 'static,
) -> Result<T, Failure> {
    runtime::start()?.block_on(async {
        let mut signals = Signals::install()?;
        let (sender, mut told) = unbounded_channel();
        let cancel = CancellationToken::new();
        let token = cancel.clone();
        let mut working = tokio::task::spawn_blocking(move || {
            // Nobody listens any more when the program ends.
            work(&|line| drop(sender.send(line)), &token)
        });
        let mut line = ProgressLine::new();
        loop {
            tokio::select! {
                biased;
                number = signals.next() => {
                    line.end();
                    if cancel.is_cancelled() {
                        drop(signal_hook::low_level::emulate_default_handler(number));
                    }
                    say("stopping; nothing will be stored (once more ends at once)");
                    cancel.cancel();
                }
                done = &mut working => {
                    line.end();
                    return done.map_err(|error| Failure::from(JobError::Fault(error.to_string())));
                }
                Some(text) = told.recv() => line.show_text(false, || text),
            }
        }
    })
}

/// The error of a job, with how to go on where it had come beyond the list of customers.
fn told(error: JobError, id: &JobId, listed: bool, verb: Option<&str>) -> Failure {
    let resume = format!("cspdeck jobs resume {id}");
    let goes_on = match &error {
        JobError::Cancelled => {
            let also = verb.map(|verb| format!(", and so does {verb}")).unwrap_or_default();
            let message = format!("stopped; what was done is kept: {resume} goes on from there{also}");
            return Failure::new(Exit::Failed, "cancelled", message);
        }
        JobError::Api(_) if listed => {
            format!("; what was done is kept, and {} goes on from there", verb.unwrap_or(&resume))
        }
        _ => String::new(),
    };
    let mut failure = Failure::from(error);
    failure.message.push_str(&goes_on);
    failure
}

/// Shows progress: one line that is rewritten at a terminal, else a line now and then.
struct ProgressLine {
    rewrites: bool,
    shown: Option<Instant>,
    waited: bool,
    stands: bool,
}

impl ProgressLine {
    fn new() -> Self {
        Self { rewrites: io::stderr().is_terminal(), shown: None, waited: false, stands: false }
    }

    fn show(&mut self, progress: &Progress) {
        self.show_text(progress.throttled.is_some(), || described(progress));
    }

    fn show_text(&mut self, waits: bool, text: impl FnOnce() -> String) {
        let pause = if self.rewrites { UPDATES } else { LINES };
        // That everything waits is told at once.
        let is_news = waits && !std::mem::replace(&mut self.waited, waits);
        if !is_news && self.shown.is_some_and(|shown| shown.elapsed() < pause) {
            return;
        }
        self.shown = Some(Instant::now());
        let line = text();
        if !self.rewrites {
            return say(&line);
        }
        let columns = rustix::termios::tcgetwinsize(io::stderr()).map_or(80, |size| usize::from(size.ws_col));
        let line: String = line.chars().take(columns.saturating_sub(1)).collect();
        let mut error = io::stderr().lock();
        drop(write!(error, "\r{line}\x1b[K").and_then(|()| error.flush()));
        self.stands = true;
    }

    /// Leaves the line that stands, so that others can be written below it.
    fn end(&mut self) {
        if std::mem::take(&mut self.stands) {
            drop(writeln!(io::stderr()));
        }
    }
}

/// `reading subscriptions: 120 of 200, 12/s, 0:07 left`.
fn described(progress: &Progress) -> String {
    let total = progress.total.map_or_else(String::new, |total| format!(" of {total}"));
    let mut line = match progress.done {
        0 if total.is_empty() => progress.phase.to_owned(),
        done => format!("{}: {done}{total}", progress.phase),
    };
    let pace = progress.pace();
    let pace = pace.strip_prefix(progress.phase).unwrap_or(&pace).trim_start_matches(", ");
    let held = progress.held();
    for part in [pace, held.as_deref().unwrap_or_default()] {
        if !part.is_empty() {
            line.push_str(", ");
            line.push_str(part);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_reads_like_a_sentence() {
        let mut progress = Progress { phase: "listing customers", ..Progress::default() };
        assert_eq!(described(&progress), "listing customers");
        progress.done = 500;
        assert_eq!(described(&progress), "listing customers: 500");
        progress.failed = 2;
        assert_eq!(described(&progress), "listing customers: 500, 2 failed");
        progress.total = Some(2000);
        progress.rate = Some(12.0);
        progress.left = Some(Duration::from_secs(125));
        assert_eq!(described(&progress), "listing customers: 500 of 2000, 12/s, 2:05 left, 2 failed");
        progress.held_at = Some(500);
        assert_eq!(
            described(&progress),
            "listing customers: 500 of 2000, 12/s, 2:05 left, 2 failed, held at 500 requests a minute"
        );
        progress.throttled = Some(Duration::from_secs(30));
        assert_eq!(
            described(&progress),
            "listing customers: 500 of 2000, Microsoft asks to wait 30 s, 2 failed"
        );
    }
}
