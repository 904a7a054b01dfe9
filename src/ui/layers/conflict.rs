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
        let mut shown = vec![
            Line::raw(format!(" {}", printable(&self.label))),
            Line::from(Span::styled(format!("   {:<16}{:<26}{}", "", "theirs", "yours"), theme.heading)),
        ];
        for field in &self.fields {
            let (theirs, ours) = (printable(&field.before), printable(&field.after));
            shown.push(Line::raw(format!("   {:<16}{theirs:<26}{ours}", field.field)));
        }
        shown.push(Line::raw(""));
        shown.push(hints(&[(" m", "keep mine"), ("t", "take theirs"), ("Esc", "decide later")], theme));
        lines(frame, inside, shown);
    }
}
