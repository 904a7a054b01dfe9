//! The program itself in a pseudo-terminal of 160x48, with 100,000 services in its store: start, memory, bytes for each key.

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use cspdeck::domain::settings::Settings;
use cspdeck::store::Store;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::{fixture, line, median, milliseconds};

const ROWS: NonZero<u16> = NonZero::new(48).unwrap();
const COLUMNS: NonZero<u16> = NonZero::new(160).unwrap();

struct Program {
    child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    bytes: Receiver<Vec<u8>>,
    started: Instant,
    screen: vt100::Parser,
    _master: Box<dyn MasterPty + Send>,
}

impl Program {
    fn start(folder: &Path) -> Self {
        let size = PtySize { rows: ROWS.get(), cols: COLUMNS.get(), pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_cspdeck"));
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8")] {
            command.env(name, value);
        }
        command.env("HOME", folder);
        command.env("CSPDECK_STORE", folder.join("store.redb"));
        command.env("CSPDECK_STORE_IDENTITY", folder.join("identity.txt"));
        command.env("CSPDECK_LOG_DIRECTORY", folder.join("log"));
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let writer = pair.master.take_writer().unwrap();
        let (sender, bytes) = channel();
        std::thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        let screen = vt100::Parser::new(ROWS, COLUMNS, 0);
        Self { child, writer, bytes, started, screen, _master: pair.master }
    }

    /// Until a text is on the screen; the time since the start.
    fn until(&mut self, text: &str) -> Duration {
        while !self.screen.screen().contents().contains(text) {
            let part = self.bytes.recv_timeout(Duration::from_secs(30)).expect("the text comes");
            self.screen.process(&part);
        }
        self.started.elapsed()
    }

    /// Bytes that come until it has been quiet for so long.
    fn count(&mut self, quiet: Duration) -> usize {
        let mut count = 0;
        while let Ok(part) = self.bytes.recv_timeout(quiet) {
            count += part.len();
            self.screen.process(&part);
        }
        count
    }

    fn press(&mut self, keys: &str) -> usize {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.count(Duration::from_millis(80))
    }

    /// The most memory that it had, in kilobytes.
    fn memory(&self) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.child.process_id().unwrap())).unwrap();
        let peak = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap();
        peak.trim().trim_end_matches(" kB").trim().parse().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn middle(mut counts: Vec<usize>) -> String {
    counts.sort_unstable();
    format!("{} (most {})", counts[counts.len() / 2], counts[counts.len() - 1])
}

/// A store with settings: without any, the dashboard begins with them.
fn partner(folder: &Path) -> Store {
    let store = fixture::store(folder);
    let settings = Settings { csp_domain: Some("fabrikam.example".to_owned()), ..Settings::default() };
    store.write(|txn| txn.put_settings(0, &settings)).unwrap();
    store
}

pub fn report() {
    let empty = tempfile::tempdir().unwrap();
    drop(partner(empty.path()));
    let full = tempfile::tempdir().unwrap();
    fixture::fill(&partner(full.path()), 100_000);

    let starts: Vec<Duration> = (0..7).map(|_| Program::start(full.path()).until("Acme 00000")).collect();
    line(
        "start to the first useful frame, 100,000 services in the store",
        &milliseconds(median(starts)),
        "300 ms",
    );

    let mut with_none = Program::start(empty.path());
    with_none.until("r requests CSP data");
    with_none.count(Duration::from_millis(300));
    let mut program = Program::start(full.path());
    // What is gone may only be not there yet: that is shown once all rows are read.
    program.until("nothing ticked");
    program.count(Duration::from_millis(300));
    let added = program.memory().saturating_sub(with_none.memory()) / 1024;
    line("memory that the store adds, at its peak", &format!("{added} MB"), "150 MB");

    program.press("j");
    let moves = (0..15).map(|_| program.press("j")).collect();
    line("a cursor move in the clients grid, bytes", &middle(moves), "120");
    program.press("z");
    for _ in 0..50 {
        program.press("j");
    }
    let scrolled = (0..20).map(|_| program.press("j")).collect();
    line("a scrolled row, bytes", &middle(scrolled), "4096");
    let pages = (0..10).map(|_| program.press("\u{1b}[6~")).collect();
    line("a page, bytes", &middle(pages), "-");
    program.press("z\to");
    program.press("o");
    program.press("j");
    let moves = (0..15).map(|_| program.press("j")).collect();
    line("a cursor move in the services grid, bytes", &middle(moves), "120");
    program.count(Duration::from_secs(1));
    let idle = program.count(Duration::from_secs(10));
    line("10 idle seconds, bytes", &idle.to_string(), "0");
}
