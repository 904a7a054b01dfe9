//! A line to type, at the foot of the screen: a filter, a cell's value, a file's path.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::Decision;
use super::foot_line::FootLine;
use crate::ui::messages::Ask;
use crate::ui::theme::Theme;
use crate::ui::widgets::input::{LONGEST_VALUE, Line, paste_too_long};

/// What the line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromptFor {
    /// The grid's filter, in force while it is typed.
    Filter,
    /// A value that the tab asked for.
    Value(Ask),
    /// Where the export goes.
    ExportPath,
}

/// See the module.
#[derive(Debug)]
pub struct Prompt {
    purpose: PromptFor,
    label: String,
    line: Line,
    before: String,
    hint: &'static str,
    longest_paste: usize,
    error: Option<String>,
    /// Nothing was typed yet: the first letter replaces the value that was there, as a selected text.
    selected: bool,
}

impl Prompt {
    /// A prompt that starts with a text.
    #[must_use]
    pub fn new(purpose: PromptFor, label: impl Into<String>, text: &str) -> Self {
        let hint = match purpose {
            PromptFor::Filter => "Enter keeps it, Esc takes it back",
            PromptFor::Value(_) => "",
            PromptFor::ExportPath => ".xlsx or .csv",
        };
        Self {
            purpose,
            label: label.into(),
            line: Line::with(text),
            before: text.to_owned(),
            hint,
            longest_paste: LONGEST_VALUE,
            error: None,
            selected: matches!(purpose, PromptFor::Value(_)) && !text.is_empty(),
        }
    }

    /// Says what can be typed.
    #[must_use]
    pub fn with_hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }

    /// Takes longer pasted texts than a value has: so many characters.
    #[must_use]
    pub fn with_longest_paste(mut self, characters: usize) -> Self {
        self.longest_paste = characters;
        self
    }

    /// The typed value does not fit; it stays, with the reason.
    pub fn refuse(&mut self, reason: String) {
        self.error = Some(reason);
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Decision {
        match key.code {
            KeyCode::Esc => match self.purpose {
                PromptFor::Filter => Decision::FilterBack(self.before.clone()),
                _ => Decision::Close,
            },
            KeyCode::Enter => match self.purpose {
                PromptFor::Filter => Decision::Close,
                PromptFor::Value(ask) => Decision::Typed(ask, self.line.text().to_owned()),
                PromptFor::ExportPath => Decision::ExportTo(self.line.text().to_owned()),
            },
            _ => {
                let control = key.modifiers.contains(KeyModifiers::CONTROL);
                if self.selected && matches!(key.code, KeyCode::Char(_)) && !control {
                    self.line.clear();
                }
                self.selected = false;
                if self.line.key(key) {
                    self.error = None;
                    return self.changed();
                }
                Decision::Stay
            }
        }
    }

    /// Takes a pasted text.
    pub fn paste(&mut self, text: &str) -> Decision {
        let before = std::mem::take(&mut self.selected).then(|| std::mem::take(&mut self.line));
        if !self.line.paste_within(text, self.longest_paste) {
            self.line = before.unwrap_or_else(|| std::mem::take(&mut self.line));
            self.refuse(paste_too_long(self.longest_paste));
            return Decision::Stay;
        }
        self.error = None;
        self.changed()
    }

    fn changed(&self) -> Decision {
        match self.purpose {
            PromptFor::Filter => Decision::Filter(self.line.text().to_owned()),
            _ => Decision::Stay,
        }
    }

    /// Draws it over the last line of `area`, the cursor in it; a refusal stands above it.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
        let line = FootLine {
            label: &self.label,
            text: self.line.text(),
            style: if self.selected { Style::new().add_modifier(Modifier::REVERSED) } else { Style::new() },
            cursor: self.line.cursor(),
            hint: self.hint,
            error: self.error.as_deref(),
        };
        line.draw(frame, area, theme);
    }
}
