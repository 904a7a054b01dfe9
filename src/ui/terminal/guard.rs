//! Taking the terminal over, and giving it back however the program ends.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::{Mutex, Once, PoisonError};
use std::thread::{self, ThreadId};

use crossterm::terminal::{disable_raw_mode, enable_raw_mode};

use super::caps::Caps;
use super::{ansi, signals};

/// Default pen, alternate screen, no cursor, bracketed paste.
const ENTER: &[u8] = b"\x1b[m\x1b[?1049h\x1b[?25l\x1b[?2004h";
/// Buttons and drags with positions of any size. Not mere movement, which would send bytes all the time.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1002l\x1b[?1000l";
const PASTE_OFF: &[u8] = b"\x1b[?2004l";
/// A terminal without an alternate screen is left empty, with the prompt at its top.
const LEAVE_SCREEN: &[u8] = b"\x1b[m\x1b[2J\x1b[H\x1b[?1049l\x1b[?25h";

/// How the terminal was taken over; `None` while it is not. Whoever takes this out is the one who gives it back.
static ENTERED: Mutex<Option<Entered>> = Mutex::new(None);
static PANIC_HOOK: Once = Once::new();

#[derive(Debug)]
struct Entered {
    thread: ThreadId,
    mouse: bool,
    /// Where standard error went before, if it was moved away from the screen.
    stderr: Option<OwnedFd>,
}

/// What of the terminal is wanted.
#[derive(Debug, Clone, Default)]
pub struct GuardOptions {
    /// Mouse events.
    pub mouse: bool,
    /// The file that takes what libraries print on standard error while the screen is up; created 0600, appended to.
    /// Without it, or if it can't be opened, that is dropped.
    pub stderr: Option<PathBuf>,
}

/// Why the terminal was not taken over.
#[derive(Debug, thiserror::Error)]
pub enum GuardError {
    /// A pipe or a file where the screen or the keyboard should be.
    #[error(
        "{0} is not a terminal, and the dashboard needs one; for scripts there are verbs, see cspdeck --help"
    )]
    NotATerminal(&'static str),
    /// A terminal that can only print lines.
    #[error(
        "TERM=dumb: this terminal can't show the dashboard; use another one, or a verb, see cspdeck --help"
    )]
    Dumb,
    /// A second guard beside one that holds the terminal.
    #[error("the terminal is already taken over by this program")]
    Busy,
    /// The system refused.
    #[error("the terminal can't be set up: {0}")]
    Terminal(#[from] io::Error),
}

/// What came of [`Guard::suspend`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspension {
    /// The program was stopped and is back: draw everything anew.
    Resumed,
    /// No shell would be there to come back from; nothing was done.
    NoShell,
}

/// Holds the terminal in the state that the dashboard needs, until it is dropped.
///
/// Enter on the thread that draws: a panic there gives the terminal back before its message is printed, while one in a
/// background task leaves the screen up, its message going where [`GuardOptions::stderr`] says.
#[derive(Debug)]
pub struct Guard {
    options: GuardOptions,
}

impl Guard {
    /// Takes the terminal over: raw mode, alternate screen, no cursor, bracketed paste, standard error out of the way.
    ///
    /// # Errors
    /// No terminal, a dumb one, or the system's refusal. The terminal is then as it was.
    pub fn enter(caps: &Caps, options: GuardOptions) -> Result<Self, GuardError> {
        if !io::stdin().is_terminal() {
            return Err(GuardError::NotATerminal("standard input"));
        }
        if !io::stdout().is_terminal() {
            return Err(GuardError::NotATerminal("standard output"));
        }
        if caps.dumb {
            return Err(GuardError::Dumb);
        }
        take_over(&options)?;
        Ok(Self { options })
    }

    /// Gives the terminal back, stops the process as Ctrl-Z does everywhere, and takes the terminal over again once it is
    /// continued. Drop the event stream before; make a new one and repaint after.
    ///
    /// # Errors
    /// As for [`Guard::enter`]; the terminal is then given back.
    pub fn suspend(&mut self) -> Result<Suspension, GuardError> {
        if !signals::can_stop() {
            return Ok(Suspension::NoShell);
        }
        leave();
        signals::stop()?;
        take_over(&self.options)?;
        Ok(Suspension::Resumed)
    }

    /// Takes the terminal over again after others had it without our doing (SIGSTOP, then SIGCONT).
    ///
    /// # Errors
    /// As for [`Guard::enter`]; the terminal is then given back.
    pub fn resume(&mut self) -> Result<(), GuardError> {
        leave();
        take_over(&self.options)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        leave();
    }
}

fn take_over(options: &GuardOptions) -> Result<(), GuardError> {
    PANIC_HOOK.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if entered_by_this_thread() {
                leave();
            }
            previous(panic);
        }));
    });
    {
        let mut entered = ENTERED.lock().unwrap_or_else(PoisonError::into_inner);
        if entered.is_some() {
            return Err(GuardError::Busy);
        }
        enable_raw_mode()?;
        let stderr = move_stderr(options);
        *entered = Some(Entered { thread: thread::current().id(), mouse: options.mouse, stderr });
    }
    let mouse = if options.mouse { MOUSE_ON } else { b"" };
    let written = write_out(&[ENTER, mouse].concat());
    if written.is_err() {
        leave();
    }
    Ok(written?)
}

fn entered_by_this_thread() -> bool {
    let entered = ENTERED.lock().unwrap_or_else(PoisonError::into_inner);
    entered.as_ref().is_some_and(|entered| entered.thread == thread::current().id())
}

/// Gives the terminal back, once: the guard's end, the panic hook and suspending all come here. Errors are of no use to
/// anyone: the terminal is gone then.
fn leave() {
    let Some(entered) = ENTERED.lock().unwrap_or_else(PoisonError::into_inner).take() else {
        return;
    };
    let mouse = if entered.mouse { MOUSE_OFF } else { b"" };
    let _ = write_out(&[ansi::END, PASTE_OFF, mouse, LEAVE_SCREEN].concat());
    let _ = disable_raw_mode();
    // On a dead terminal, printing an error panics; then the log is the better place for it.
    if let Some(stderr) = entered.stderr
        && signals::alive()
    {
        let _ = rustix::stdio::dup2_stderr(stderr);
    }
}

/// Points standard error at the log, and returns what it was, if it is a terminal; one that the operator sent elsewhere
/// disturbs nothing.
fn move_stderr(options: &GuardOptions) -> Option<OwnedFd> {
    if !io::stderr().is_terminal() {
        return None;
    }
    let log = options
        .stderr
        .as_ref()
        .and_then(|path| OpenOptions::new().create(true).append(true).mode(0o600).open(path).ok());
    let target = log.or_else(|| File::options().write(true).open("/dev/null").ok())?;
    let before = io::stderr().as_fd().try_clone_to_owned().ok()?;
    rustix::stdio::dup2_stderr(target).ok()?;
    Some(before)
}

/// Writes to standard output past its lock, which a thread that panics may not get.
fn write_out(mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = rustix::io::retry_on_intr(|| rustix::io::write(io::stdout(), bytes))?;
        bytes = bytes.get(written..).unwrap_or_default();
    }
    Ok(())
}
