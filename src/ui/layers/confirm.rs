//! A question: what will happen, and yes or no. No is what everything but `y` means.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

use super::Decision;
use super::frame::{hints, lines, popup};
use crate::ui::effect::Effect;
use crate::ui::theme::Theme;

/// See the module.
#[derive(Debug)]
pub struct Confirm {
    title: String,
    text: Vec<String>,
    yes: Option<Vec<Effect>>,
}

impl Confirm {
    /// A question whose yes has these effects.
    #[must_use]
    pub fn new(title: impl Into<String>, text: Vec<String>, yes: Vec<Effect>) -> Self {
        Self { title: title.into(), text, yes: Some(yes) }
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Decision {
        match key.code {
            KeyCode::Char('y' | 'Y') => Decision::Do(self.yes.take().unwrap_or_default()),
            KeyCode::Char('n' | 'N' | 'q') | KeyCode::Esc => Decision::Close,
            _ => Decision::Stay,
        }
    }

    /// Draws it.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
        let width = self.text.iter().map(|l| l.width()).max().unwrap_or(0).max(self.title.width() + 2) + 4;
        let inside = popup(frame, area, &self.title, width as u16, self.text.len() as u16 + 4, theme);
        let mut shown: Vec<Line<'_>> = self.text.iter().map(|l| Line::raw(format!(" {l}"))).collect();
        shown.push(Line::raw(""));
        shown.push(hints(&[(" y", "yes"), ("n", "no")], theme));
        lines(frame, inside, shown);
    }
}
