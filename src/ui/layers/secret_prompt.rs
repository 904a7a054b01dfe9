//! A secret to type or paste, at the foot of the screen, without its being shown.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Decision;
use super::foot_line::FootLine;
use crate::ui::messages::SecretAsk;
use crate::ui::theme::Theme;
use crate::ui::widgets::secret_line::SecretLine;

/// See the module.
#[derive(Debug)]
pub struct SecretPrompt {
    purpose: SecretAsk,
    label: String,
    line: SecretLine,
    hint: &'static str,
    error: Option<String>,
}

impl SecretPrompt {
    /// An empty prompt.
    #[must_use]
    pub fn new(purpose: SecretAsk, label: impl Into<String>) -> Self {
        Self {
            purpose,
            label: label.into(),
            line: SecretLine::default(),
            hint: "not shown; Enter takes it, Esc leaves the old one",
            error: None,
        }
    }

    /// Says what can be typed.
    #[must_use]
    pub fn with_hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }

    /// The secret can't be taken; the prompt stays, empty, with the reason.
    pub fn refuse(&mut self, reason: String) {
        self.error = Some(reason);
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Decision {
        match key.code {
            KeyCode::Esc => return Decision::Close,
            KeyCode::Enter if self.line.is_blank() => {
                self.refuse("there is no secret yet: type or paste it".to_owned());
            }
            KeyCode::Enter => return Decision::SecretTyped(self.purpose, self.line.take()),
            _ => match self.line.key(key) {
                Ok(true) => self.error = None,
                Ok(false) => {}
                Err(error) => self.refuse(error.to_string()),
            },
        }
        Decision::Stay
    }

    /// Takes a pasted text.
    pub fn paste(&mut self, text: &str) -> Decision {
        match self.line.paste(text) {
            Ok(()) => self.error = None,
            Err(error) => self.refuse(error.to_string()),
        }
        Decision::Stay
    }

    /// Draws it over the last line of `area`, the cursor in it; a refusal stands above it.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
        let (text, cursor) = self.line.shown(theme.unicode);
        let error = self.error.as_deref();
        let line =
            FootLine { label: &self.label, text: &text, style: Style::new(), cursor, hint: self.hint, error };
        line.draw(frame, area, theme);
    }
}
