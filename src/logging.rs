//! The log: a file for each day, for the operator's account only. Secrets are no part of it: their types don't print them.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};
use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{Log, LogLevel};
use crate::domain::text::printable;

/// Days whose files are kept.
const KEPT: usize = 30;
const PREFIX: &str = "cspdeck.";
const SUFFIX: &str = ".log";

/// Keeps the log going; what is still to be written is written when this is dropped.
#[derive(Debug)]
#[must_use = "the log ends when this is dropped"]
pub struct Logging {
    _guard: Option<WorkerGuard>,
}

/// Starts the log.
///
/// # Errors
/// When its folder or today's file can't be made. The program may well go on without.
pub fn start(config: &Log) -> io::Result<Logging> {
    if config.level == LogLevel::Off {
        return Ok(Logging { _guard: None });
    }
    DirBuilder::new().recursive(true).mode(0o700).create(&config.directory)?;
    let file = DailyFile::open(&config.directory, today())?;
    let (writer, guard) = tracing_appender::non_blocking(file);
    let format = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(writer);
    // Only a second start in one process, as in a test, finds a log there already; it is kept.
    drop(tracing_subscriber::registry().with(targets(config.level)).with(format).try_init());
    Ok(Logging { _guard: Some(guard) })
}

/// Our own entries from the level on; of libraries no more than warnings, for at lower levels they may log what they send.
fn targets(level: LogLevel) -> Targets {
    let own = match level {
        LogLevel::Off => LevelFilter::OFF,
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    Targets::new().with_default(own.min(LevelFilter::WARN)).with_target("cspdeck", own)
}

fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

/// A file whose name has the day (UTC), changed for the next one with the first entry of that day.
struct DailyFile {
    folder: PathBuf,
    day: Date,
    file: File,
}

impl DailyFile {
    fn open(folder: &Path, day: Date) -> io::Result<Self> {
        let path = folder.join(format!("{PREFIX}{day}{SUFFIX}"));
        let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
        forget_old(folder)?;
        Ok(Self { folder: folder.to_owned(), day, file })
    }

    fn write_on(&mut self, day: Date, entry: &[u8]) -> io::Result<()> {
        if day != self.day {
            *self = Self::open(&self.folder, day)?;
        }
        // Line breaks and control characters of texts from outside would forge entries or steer a terminal.
        let text = String::from_utf8_lossy(entry);
        let mut line = printable(text.trim_end_matches('\n')).into_owned();
        line.push('\n');
        self.file.write_all(line.as_bytes())
    }
}

impl Write for DailyFile {
    fn write(&mut self, entry: &[u8]) -> io::Result<usize> {
        self.write_on(today(), entry)?;
        Ok(entry.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn forget_old(folder: &Path) -> io::Result<()> {
    let mut days: Vec<(Date, PathBuf)> = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let day = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(SUFFIX));
        if let Some(day) = day.and_then(|day| day.parse().ok()) {
            days.push((day, path));
        }
    }
    days.sort();
    for (_, old) in days.iter().rev().skip(KEPT) {
        match std::fs::remove_file(old) {
            // Another process was first.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            result => result?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn each_day_has_its_file_and_old_ones_go() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("cspdeck.notes.log"), "kept").unwrap();
        let mut log = DailyFile::open(folder.path(), date(2026, 1, 1)).unwrap();
        let mut day = date(2026, 1, 1);
        for _ in 0..KEPT + 5 {
            log.write_on(day, b"one\x1b[2J\ntwo\n").unwrap();
            day = day.tomorrow().unwrap();
        }
        let mut names: Vec<String> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names.len(), KEPT + 1);
        assert_eq!(
            (names[0].as_str(), names[KEPT].as_str()),
            ("cspdeck.2026-01-06.log", "cspdeck.notes.log")
        );
        let last = folder.path().join("cspdeck.2026-02-04.log");
        assert_eq!(std::fs::read_to_string(&last).unwrap(), "one?[2J two\n");
        assert_eq!(std::fs::metadata(&last).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn libraries_are_never_logged_below_warnings() {
        let filter = targets(LogLevel::Trace);
        let level = tracing::Level::DEBUG;
        assert!(filter.would_enable("cspdeck::partner_center", &level));
        assert!(!filter.would_enable("hyper_util::client", &level));
        assert!(!targets(LogLevel::Error).would_enable("hyper_util", &tracing::Level::WARN));
    }
}
