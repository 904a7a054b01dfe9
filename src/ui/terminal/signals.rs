//! Signals as events of the dashboard's loop, stopping like any other program on Ctrl-Z, and noticing that the terminal is
//! gone. SIGWINCH is not here: crossterm's event stream tells a new size.

use std::future::poll_fn;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use rustix::process::{getpgrp, getsid, kill_current_process_group};
use signal_hook::consts::{SIGCONT, SIGTSTP};
use signal_hook::low_level::emulate_default_handler;
use tokio::signal::unix::{self, SignalKind};

/// Someone catches SIGTSTP, so that it can be sent to the whole group.
static CAUGHT: AtomicBool = AtomicBool::new(false);
/// The next SIGTSTP or SIGCONT is an echo of our own [`stop`].
static OWN_SUSPEND: AtomicBool = AtomicBool::new(false);
static OWN_CONTINUE: AtomicBool = AtomicBool::new(false);

/// What another program, the kernel or the operator's shell wants from us. While the terminal is in raw mode, Ctrl-C and
/// Ctrl-Z are keys and come as such.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGHUP: the session is gone. Save and end without touching the terminal.
    Hangup,
    /// SIGTERM or SIGQUIT: save and end.
    Terminate,
    /// SIGINT: as Ctrl-C.
    Interrupt,
    /// SIGTSTP: suspend, as Ctrl-Z.
    Suspend,
    /// SIGCONT after a stop that was not our own: the screen must be taken over again.
    Continue,
}

/// The signals that reach this process from now on. Once caught they never end or stop it by themselves again.
#[derive(Debug)]
pub struct Signals {
    streams: Vec<(Signal, unix::Signal)>,
}

impl Signals {
    /// Starts to catch them. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When the system refuses a handler.
    pub fn new() -> io::Result<Self> {
        // What should end the program goes first.
        let caught = [
            (Signal::Hangup, SignalKind::hangup()),
            (Signal::Terminate, SignalKind::terminate()),
            (Signal::Terminate, SignalKind::quit()),
            (Signal::Interrupt, SignalKind::interrupt()),
            (Signal::Suspend, SignalKind::from_raw(SIGTSTP)),
            (Signal::Continue, SignalKind::from_raw(SIGCONT)),
        ];
        let streams: io::Result<Vec<_>> =
            caught.into_iter().map(|(signal, kind)| Ok((signal, unix::signal(kind)?))).collect();
        let streams = streams?;
        OWN_SUSPEND.store(false, Ordering::Relaxed);
        OWN_CONTINUE.store(false, Ordering::Relaxed);
        CAUGHT.store(true, Ordering::Relaxed);
        Ok(Self { streams })
    }

    /// Waits for the next one. May be dropped and called again without losing any.
    pub async fn next(&mut self) -> Signal {
        poll_fn(|context| {
            for (signal, stream) in &mut self.streams {
                while let Poll::Ready(Some(())) = stream.poll_recv(context) {
                    if !is_echo(*signal) {
                        return Poll::Ready(*signal);
                    }
                }
            }
            Poll::Pending
        })
        .await
    }
}

fn is_echo(signal: Signal) -> bool {
    match signal {
        Signal::Suspend => OWN_SUSPEND.swap(false, Ordering::Relaxed),
        Signal::Continue => OWN_CONTINUE.swap(false, Ordering::Relaxed),
        _ => false,
    }
}

/// Whether standard input is still a terminal that answers. A terminal whose other end is closed is not.
pub fn alive() -> bool {
    rustix::termios::tcgetattr(io::stdin()).is_ok()
}

/// Whether a shell is there that notices a stop and can continue us. The group of a session's leader (`ssh -t host
/// cspdeck`, a tmux window of its own) has none, and would stop for good.
pub(super) fn can_stop() -> bool {
    getsid(None).is_ok_and(|session| session != getpgrp())
}

/// Stops the process until it is continued. The rest of its job (`cargo run`, a wrapper script) is stopped with it, or
/// the shell would not notice.
pub(super) fn stop() -> io::Result<()> {
    if CAUGHT.load(Ordering::Relaxed) {
        OWN_SUSPEND.store(true, Ordering::Relaxed);
        OWN_CONTINUE.store(true, Ordering::Relaxed);
        kill_current_process_group(rustix::process::Signal::TSTP)?;
    }
    emulate_default_handler(SIGTSTP)
}
