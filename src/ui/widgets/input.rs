//! A single line that is typed into.

use crossterm::event::{Event as TerminalEvent, KeyEvent};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;

use crate::domain::text::thousands;

/// No value, name or path has more characters.
pub const LONGEST_VALUE: usize = 4096;

/// No address that a sign-in ends on has more characters; its codes are long.
pub const LONGEST_ADDRESS: usize = 16 * 1024;

/// Why a paste was not taken.
pub const PASTE_TOO_LONG: &str = "the pasted text is longer than 4,096 characters: nothing of it was taken";

/// The same where it may have so many characters.
#[must_use]
pub fn paste_too_long(longest: usize) -> String {
    format!("the pasted text is longer than {} characters: nothing of it was taken", thousands(longest))
}

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

    /// Takes pasted text of at most [`LONGEST_VALUE`] characters: see [`Line::paste_within`].
    #[must_use]
    pub fn paste(&mut self, text: &str) -> bool {
        self.paste_within(text, LONGEST_VALUE)
    }

    /// Takes pasted text, with spaces for its line breaks and without other control characters. One that is longer is not
    /// taken at all, for half a value is a wrong one; false then.
    #[must_use]
    pub fn paste_within(&mut self, text: &str, longest: usize) -> bool {
        let text = text.trim();
        if text.chars().count() > longest {
            return false;
        }
        let text = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
        let pasted: Vec<char> = text.filter(|c| !c.is_control()).collect();
        let cursor = self.input.cursor();
        let before = self.text().chars().take(cursor);
        let behind = self.text().chars().skip(cursor);
        // At once: letter by letter, each would be searched its place from the start.
        let value = before.chain(pasted.iter().copied()).chain(behind).collect();
        let input = std::mem::take(&mut self.input);
        self.input = input.with_value(value).with_cursor(cursor + pasted.len());
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::keys::Key;

    #[test]
    fn a_paste_goes_to_the_cursor_and_is_one_line() {
        let mut line = Line::with("日本");
        line.key(Key::named("Left").unwrap().press());
        assert!(line.paste(" a\r\nb\u{1b} "));
        assert_eq!((line.text(), line.cursor()), ("日a  b本", 6));
        line.key(Key::named("x").unwrap().press());
        assert_eq!(line.text(), "日a  bx本");
    }

    #[test]
    fn a_paste_that_is_too_long_changes_nothing() {
        let mut line = Line::with("a");
        let long = "é".repeat(LONGEST_VALUE);
        assert!(!line.paste(&format!("{long}é")));
        assert_eq!(line.text(), "a");
        assert!(line.paste_within(&format!("{long}é"), LONGEST_ADDRESS));
        assert!(line.paste(&long));
        assert_eq!(paste_too_long(LONGEST_VALUE), PASTE_TOO_LONG);
    }
}
