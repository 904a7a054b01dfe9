//! Everything that a row says, nothing cut.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::Decision;
use super::frame::{hints, lines, popup};
use crate::ui::theme::Theme;
use crate::ui::widgets::fit::{padded, wrapped};

/// See the module.
#[derive(Debug)]
pub struct Details {
    title: String,
    values: Vec<(String, String)>,
    offset: usize,
}

impl Details {
    /// Names and values, printable.
    #[must_use]
    pub fn new(title: String, values: Vec<(String, String)>) -> Self {
        Self { title, values, offset: 0 }
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Decision {
        match key.code {
            KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q') => return Decision::Close,
            KeyCode::Char('j') | KeyCode::Down => self.offset += 1,
            KeyCode::Char('k') | KeyCode::Up => self.offset = self.offset.saturating_sub(1),
            KeyCode::PageDown | KeyCode::Char(' ') => self.offset += 10,
            KeyCode::PageUp => self.offset = self.offset.saturating_sub(10),
            _ => {}
        }
        Decision::Stay
    }

    /// Draws it.
    pub fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
        let names = self.values.iter().map(|(name, _)| name.width()).max().unwrap_or(0).clamp(8, 24) + 2;
        let width = area.width.min(110);
        let room = (width as usize).saturating_sub(names + 4).max(10);
        let mut all: Vec<Line<'_>> = Vec::new();
        for (name, value) in &self.values {
            let value = if value.is_empty() { "-" } else { value };
            for (at, part) in wrapped(value, room).into_iter().enumerate() {
                let name = if at == 0 { name.as_str() } else { "" };
                all.push(Line::from(vec![
                    Span::styled(format!(" {}", padded(name, names, theme.ellipsis)), theme.faint),
                    Span::raw(part),
                ]));
            }
        }
        let inside = popup(frame, area, &self.title, width, all.len() as u16 + 3, theme);
        let height = inside.height.saturating_sub(1) as usize;
        self.offset = self.offset.min(all.len().saturating_sub(height));
        let shown: Vec<Line<'_>> = all.drain(self.offset..).take(height).collect();
        lines(frame, inside, shown);
        let foot = Rect { y: inside.y + inside.height.saturating_sub(1), height: 1, ..inside };
        lines(frame, foot, vec![hints(&[(" j k PgDn", "move"), ("Esc", "back")], theme)]);
    }
}
