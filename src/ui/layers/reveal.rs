//! The refresh token, shown because the operator asked for it, until any key.

use std::fmt;

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use secrecy::{ExposeSecret, SecretString};

use super::Decision;
use super::frame::{hints, lines, popup};
use crate::domain::text::printable;
use crate::ui::theme::Theme;
use crate::ui::widgets::fit::pieces;

/// See the module.
pub struct RevealLayer {
    token: SecretString,
}

impl fmt::Debug for RevealLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RevealLayer")
    }
}

impl RevealLayer {
    /// Shows a token.
    #[must_use]
    pub fn new(token: SecretString) -> Self {
        Self { token }
    }

    /// Any key closes it.
    pub fn key(&mut self, _key: KeyEvent) -> Decision {
        Decision::Close
    }

    /// Draws it.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
        let token = printable(self.token.expose_secret());
        let width = area.width.min(100);
        let parts = pieces(&token, (width as usize).saturating_sub(4));
        let inside = popup(frame, area, "Refresh token", width, parts.len() as u16 + 4, theme);
        let mut shown: Vec<Line<'_>> = parts.iter().map(|part| Line::raw(format!(" {part}"))).collect();
        shown.push(Line::raw(""));
        shown.push(hints(&[(" any key", "hides it")], theme));
        lines(frame, inside, shown);
    }
}
