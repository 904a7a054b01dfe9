//! Every key that works where it was asked for.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::Decision;
use super::frame::{lines, popup};
use crate::ui::commands::{Context, available};
use crate::ui::theme::Theme;
use crate::ui::widgets::fit::{padded, wrapped};

/// Cells that the keys take.
const KEYS: usize = 13;

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
        match key.code {
            KeyCode::Esc | KeyCode::Char('q' | '?') | KeyCode::Enter => return Decision::Close,
            KeyCode::Char('j') | KeyCode::Down => self.offset += 1,
            KeyCode::Char('k') | KeyCode::Up => self.offset = self.offset.saturating_sub(1),
            KeyCode::PageDown | KeyCode::Char(' ') => self.offset += 15,
            KeyCode::PageUp => self.offset = self.offset.saturating_sub(15),
            _ => {}
        }
        Decision::Stay
    }

    /// Draws it.
    pub fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
        let width = area.width.min(96);
        let room = (width as usize).saturating_sub(2 + KEYS);
        let mut all = Vec::new();
        for command in available(self.context) {
            let keys = command.keys.join(" ");
            for (at, part) in wrapped(command.help, room).into_iter().enumerate() {
                let keys = if at == 0 { keys.as_str() } else { "" };
                all.push(Line::from(vec![
                    Span::styled(format!(" {}", padded(keys, KEYS - 1, theme.ellipsis)), theme.key),
                    Span::raw(part),
                ]));
            }
        }
        let title = "Keys   j k PgDn move, Esc closes";
        let inside = popup(frame, area, title, width, all.len() as u16 + 2, theme);
        self.offset = self.offset.min(all.len().saturating_sub(inside.height as usize));
        lines(frame, inside, all.split_off(self.offset));
    }
}
