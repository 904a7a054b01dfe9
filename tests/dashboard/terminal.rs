//! A terminal with a program in it: a pseudo-terminal, somebody who types, and an emulator that reads along.

use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

use crate::home::{CSPDECK, Home};
use crate::process::{self, LIMIT};

pub const ENTER: &str = "\r";
pub const ESC: &str = "\x1b";
pub const TAB: &str = "\t";
pub const CTRL_C: &str = "\x03";
pub const CTRL_S: &str = "\x13";
pub const CTRL_U: &str = "\x15";
pub const CTRL_Z: &str = "\x1a";

/// The begin of a frame on the wire, and its end.
const FRAME_BEGIN: &[u8] = b"\x1b[?2026h";
pub const FRAME_END: &[u8] = b"\x1b[?2026l";

/// What came from the program.
struct Received {
    emulator: vt100::Parser,
    raw: Vec<u8>,
    closed: bool,
}

/// See the module.
pub struct Terminal {
    master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    received: Arc<(Mutex<Received>, Condvar)>,
    modes_before: String,
}

impl Terminal {
    /// The demo's dashboard on the home's store.
    pub fn demo(home: &Home, columns: u16, rows: u16) -> Self {
        Self::start(home, columns, rows, &["--demo", "--store", home.store_path().to_str().unwrap()], &[])
    }

    /// The program with these arguments, and with variables beside those of the home.
    pub fn start(
        home: &Home,
        columns: u16,
        rows: u16,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        let mut command = CommandBuilder::new(CSPDECK);
        command.args(arguments);
        Self::of(home, columns, rows, command, variables)
    }

    /// Any command.
    pub fn of(
        home: &Home,
        columns: u16,
        rows: u16,
        mut command: CommandBuilder,
        variables: &[(&str, &str)],
    ) -> Self {
        command.env_clear();
        for (name, value) in home.environment() {
            command.env(name, value);
        }
        for (name, value) in variables {
            command.env(name, value);
        }
        command.cwd(home.path());
        let pair = native_pty_system().openpty(size(columns, rows)).unwrap();
        let modes_before = modes(pair.master.as_ref());
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let received = Arc::new((
            Mutex::new(Received {
                emulator: vt100::Parser::new(sized(rows), sized(columns), 0),
                raw: Vec::new(),
                closed: false,
            }),
            Condvar::new(),
        ));
        let reader = pair.master.try_clone_reader().unwrap();
        let shared = Arc::clone(&received);
        thread::spawn(move || read_along(reader, &shared));
        let keyboard = pair.master.take_writer().unwrap();
        Self { master: pair.master, keyboard, child, received, modes_before }
    }

    pub fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Types; see the constants for keys that are no letters.
    pub fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    /// Waits until the screen shows this text.
    pub fn wait(&self, text: &str) {
        self.until(&format!("{text:?} on the screen"), |screen| screen.contains(text));
    }

    /// Waits until the screen no longer shows it.
    pub fn wait_gone(&self, text: &str) {
        self.until(&format!("{text:?} off the screen"), |screen| !screen.contains(text));
    }

    /// Waits until the screen's text is as wanted. Half a frame is nothing that a person sees.
    pub fn until(&self, what: &str, is_so: impl Fn(&str) -> bool) {
        self.watch(what, |received| {
            !is_amid_a_frame(&received.raw) && is_so(&received.emulator.screen().contents())
        });
    }

    /// Waits until what came since the first `from` bytes is as wanted.
    pub fn until_bytes(&self, from: usize, what: &str, is_so: impl Fn(&[u8]) -> bool) {
        self.watch(what, |received| is_so(received.raw.get(from..).unwrap_or_default()));
    }

    fn watch(&self, what: &str, is_so: impl Fn(&Received) -> bool) {
        let started = Instant::now();
        let mut received = self.received();
        while !is_so(&received) {
            let left = LIMIT.saturating_sub(started.elapsed());
            assert!(
                !left.is_zero() && !received.closed,
                "waited in vain for {what}; the terminal is {}, the screen:\n{}",
                if received.closed { "closed" } else { "open" },
                received.emulator.screen().contents()
            );
            received = self.received.1.wait_timeout(received, left).unwrap().0;
        }
    }

    /// The screen's text now.
    pub fn screen(&self) -> String {
        self.received().emulator.screen().contents()
    }

    /// How many bytes have come.
    pub fn count(&self) -> usize {
        self.received().raw.len()
    }

    /// All bytes that have come.
    pub fn raw(&self) -> Vec<u8> {
        self.received().raw.clone()
    }

    /// Waits until nothing has come for a while.
    pub fn settle(&self) {
        let mut last = (self.count(), Instant::now());
        process::wait_until("quiet on the line", || {
            let count = self.count();
            if count != last.0 {
                last = (count, Instant::now());
            }
            last.1.elapsed() > Duration::from_millis(400)
        });
    }

    pub fn resize(&self, columns: u16, rows: u16) {
        self.received().emulator.screen_mut().set_size(sized(rows), sized(columns));
        self.master.resize(size(columns, rows)).unwrap();
    }

    /// The terminal's modes now, in a form to compare.
    pub fn modes(&self) -> String {
        modes(self.master.as_ref())
    }

    /// Whether the terminal is as it was before the program started.
    pub fn is_given_back(&self) -> bool {
        let received = self.received();
        let screen = received.emulator.screen();
        !screen.alternate_screen()
            && !screen.hide_cursor()
            && !screen.bracketed_paste()
            && self.modes() == self.modes_before
    }

    pub fn signal(&self, name: &str) {
        process::signal(self.pid(), name);
    }

    /// Waits until the program has ended by itself, and all that it wrote has been read.
    pub fn wait_exit(&mut self) -> ExitStatus {
        let mut status = None;
        let started = Instant::now();
        while status.is_none() {
            assert!(started.elapsed() < LIMIT, "the program does not end; the screen:\n{}", self.screen());
            status = self.child.try_wait().unwrap();
            thread::sleep(Duration::from_millis(5));
        }
        let mut received = self.received();
        while !received.closed {
            received = self.received.1.wait(received).unwrap();
        }
        drop(received);
        status.unwrap()
    }

    fn received(&self) -> MutexGuard<'_, Received> {
        self.received.0.lock().unwrap()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }
}

fn read_along(mut reader: Box<dyn Read + Send>, shared: &(Mutex<Received>, Condvar)) {
    let mut buffer = [0; 1 << 16];
    loop {
        // A pseudo-terminal whose last program has ended tells so by an error.
        let read = reader.read(&mut buffer).unwrap_or(0);
        let mut received = shared.0.lock().unwrap();
        received.emulator.process(&buffer[..read]);
        received.raw.extend_from_slice(&buffer[..read]);
        received.closed = read == 0;
        shared.1.notify_all();
        if read == 0 {
            return;
        }
    }
}

/// Whether the last frame that began has not ended yet.
fn is_amid_a_frame(raw: &[u8]) -> bool {
    let last = |mark: &[u8]| raw.windows(mark.len()).rposition(|window| window == mark);
    last(FRAME_BEGIN) > last(FRAME_END)
}

fn modes(master: &(dyn MasterPty + Send)) -> String {
    format!("{:?}", master.get_termios().unwrap())
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn sized(length: u16) -> NonZero<u16> {
    NonZero::new(length).unwrap()
}
