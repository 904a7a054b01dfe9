//! The terminal: taking it over and giving it back whole, frames that cost few bytes, signals, the clipboard.
//!
//! Over SSH every byte is seen, so nothing here writes without need: a frame is one `write(2)` inside synchronized
//! output, an unchanged frame is none, and the terminal is never asked anything (answers come late, or never).
//!
//! The order of things in the dashboard's loop:
//!
//! 1. [`Guard::enter`] on the main thread, then [`Screen::new`], then crossterm's `EventStream`.
//! 2. To suspend (Ctrl-Z as a key, or [`Signal::Suspend`]): **drop the `EventStream` first**, or its reader thread takes
//!    the keys that are meant for the shell; then [`Guard::suspend`], a new stream, [`Screen::repaint`].
//! 3. [`Signal::Continue`] comes when someone else stopped and continued the program: [`Guard::resume`],
//!    [`Screen::repaint`].
//! 4. On any error of [`Screen::draw`], on [`Signal::Hangup`], and when [`alive`] says no (ask every two seconds: without
//!    it crossterm's reader spins on a vanished terminal), leave the loop.
//! 5. Drop the `EventStream`, close the store, then drop the guard.

mod ansi;
mod canvas;
mod caps;
mod clipboard;
mod guard;
mod links;
mod painter;
mod pen;
mod screen;
mod signals;

#[cfg(test)]
mod tests;

pub use caps::{Caps, Multiplexer};
pub use clipboard::{MAX_TEXT, TooLong, osc52};
pub use guard::{Guard, GuardError, GuardOptions, Suspension};
pub use links::Links;
pub use screen::{Screen, standard_output, terminal_size};
pub use signals::{Signal, Signals, alive};
