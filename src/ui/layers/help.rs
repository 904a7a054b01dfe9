//! Every key that works where it was asked for.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::Decision;
use super::frame::{lines, popup};
use crate::ui::commands::{Context, available};
use crate::ui::theme::Theme;

/// See the module.
#[derive(Debug)]
pub struct Help {
    context: Context,
    offset: usize,
}

impl Help {
    /// The keys of a context.
    #[must_use]
    pub fn new(context: Context) -> Self {
        Self { context, offset: 0 }
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Decision {
        let last = available(self.context).count().saturating_sub(1);
        match key.code {
            KeyCode::Esc | KeyCode::Char('q' | '?') | KeyCode::Enter => return Decision::Close,
            KeyCode::Char('j') | KeyCode::Down => self.offset = (self.offset + 1).min(last),
            KeyCode::Char('k') | KeyCode::Up => self.offset = self.offset.saturating_sub(1),
            KeyCode::PageDown | KeyCode::Char(' ') => self.offset = (self.offset + 15).min(last),
            KeyCode::PageUp => self.offset = self.offset.saturating_sub(15),
            _ => {}
        }
        Decision::Stay
    }

    /// Draws it.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
        let count = available(self.context).count();
        let inside = popup(frame, area, "Keys   j k PgDn move, Esc closes", 96, count as u16 + 2, theme);
        let room = inside.height as usize;
        let from = self.offset.min(count.saturating_sub(room));
        let shown = available(self.context)
            .skip(from)
            .take(room)
            .map(|c| {
                let keys = c.keys.join(" ");
                Line::from(vec![Span::styled(format!(" {keys:<12}"), theme.key), Span::raw(c.help)])
            })
            .collect();
        lines(frame, inside, shown);
    }
}
