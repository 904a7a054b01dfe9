//! A row that another operator wrote after this one began to edit: theirs against ours, and which one is kept.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::frame::{hints, lines, popup};
use super::{ConflictOf, Decision};
use crate::domain::text::printable;
use crate::domain::update::FieldChange;
use crate::ui::theme::Theme;
use crate::ui::widgets::fit::{Cut, fit, padded};

/// See the module.
#[derive(Debug)]
pub struct Conflict {
    /// Which row.
    pub of: ConflictOf,
    /// How it is called.
    pub label: String,
    /// Who wrote it.
    pub by: String,
    /// When.
    pub at: String,
    /// Theirs (before) against ours (after).
    pub fields: Vec<FieldChange>,
}

impl Conflict {
    /// Takes a key.
    pub fn key(&self, key: KeyEvent) -> Decision {
        match key.code {
            KeyCode::Char('m') => Decision::Settle(self.of.clone(), true),
            KeyCode::Char('t') => Decision::Settle(self.of.clone(), false),
            KeyCode::Esc | KeyCode::Char('q') => Decision::Close,
            _ => Decision::Stay,
        }
    }

    /// Draws it.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
        let title = format!("Changed by {} at {} UTC", printable(&self.by), self.at);
        let inside = popup(frame, area, &title, 78, self.fields.len() as u16 + 6, theme);
        let width = inside.width as usize;
        let half = width.saturating_sub(2 + 17) / 2;
        let columns = |name: &str, theirs: &str, ours: &str| {
            let name = padded(name, 17, theme.ellipsis);
            let theirs = padded(&printable(theirs), half, theme.ellipsis);
            format!("  {name}{theirs}{}", padded(&printable(ours), half, theme.ellipsis))
        };
        let label = printable(&self.label);
        let label = fit(&label, width.saturating_sub(2), Cut::End, theme.ellipsis);
        let mut shown = vec![
            Line::raw(format!(" {label}")),
            Line::from(Span::styled(columns("", "theirs", "yours"), theme.heading)),
        ];
        for field in &self.fields {
            shown.push(Line::raw(columns(field.field, &field.before, &field.after)));
        }
        shown.push(Line::raw(""));
        shown.push(hints(&[(" m", "keep mine"), ("t", "take theirs"), ("Esc", "decide later")], theme));
        lines(frame, inside, shown);
    }
}
