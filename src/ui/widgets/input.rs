//! A single line that is typed into.

use crossterm::event::{Event as TerminalEvent, KeyEvent};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;

/// No value, name or path is longer.
const LONGEST_PASTE: usize = 4096;

/// Why a paste was not taken.
pub const PASTE_TOO_LONG: &str = "the pasted text is longer than 4,096 characters: nothing of it was taken";

/// A line of text with its cursor.
#[derive(Debug, Clone, Default)]
pub struct Line {
    input: Input,
}

impl Line {
    /// Starts with a text, the cursor behind it.
    #[must_use]
    pub fn with(text: &str) -> Self {
        Self { input: Input::new(text.to_owned()) }
    }

    /// What is typed.
    #[must_use]
    pub fn text(&self) -> &str {
        self.input.value()
    }

    /// Cells before the cursor.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.input.visual_cursor()
    }

    /// Takes a key; true when the text changed.
    pub fn key(&mut self, key: KeyEvent) -> bool {
        self.input.handle_event(&TerminalEvent::Key(key)).is_some_and(|changed| changed.value)
    }

    /// Empties it.
    pub fn clear(&mut self) {
        self.input.reset();
    }

    /// Takes pasted text, with spaces for its line breaks and without other control characters. One of more than
    /// 4,096 characters is not taken at all, for half a value is a wrong one; false then.
    #[must_use]
    pub fn paste(&mut self, text: &str) -> bool {
        let text = text.trim();
        if text.chars().count() > LONGEST_PASTE {
            return false;
        }
        let text = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
        for c in text.filter(|c| !c.is_control()) {
            self.input.handle(tui_input::InputRequest::InsertChar(c));
        }
        true
    }
}
