//! Commands by name.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line as TextLine, Span};

use super::Decision;
use super::choose::best;
use super::frame::{lines, popup};
use crate::ui::commands::{Command, Context, available};
use crate::ui::theme::Theme;
use crate::ui::widgets::fit::{Cut, fit};
use crate::ui::widgets::input::Line;

/// See the module.
#[derive(Debug)]
pub struct Palette {
    commands: Vec<&'static Command>,
    line: Line,
    shown: Vec<usize>,
    cursor: usize,
}

impl Palette {
    /// The commands of a context.
    #[must_use]
    pub fn new(context: Context) -> Self {
        let commands: Vec<_> = available(context).collect();
        let shown = (0..commands.len()).collect();
        Self { commands, line: Line::default(), shown, cursor: 0 }
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Decision {
        match key.code {
            KeyCode::Esc => return Decision::Close,
            KeyCode::Enter => {
                return match self.shown.get(self.cursor) {
                    Some(at) => Decision::Act(self.commands[*at].action),
                    None => Decision::Stay,
                };
            }
            KeyCode::Down => self.cursor = (self.cursor + 1).min(self.shown.len().saturating_sub(1)),
            KeyCode::Up => self.cursor = self.cursor.saturating_sub(1),
            _ => {
                if self.line.key(key) {
                    self.narrow();
                }
            }
        }
        Decision::Stay
    }

    /// Takes a pasted text.
    pub fn paste(&mut self, text: &str) -> Decision {
        self.line.paste(text);
        self.narrow();
        Decision::Stay
    }

    fn narrow(&mut self) {
        let names: Vec<String> = self.commands.iter().map(|c| format!("{} {}", c.title, c.help)).collect();
        self.shown = best(self.line.text(), names.iter().map(String::as_str));
        self.cursor = 0;
    }

    /// Draws it.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
        let inside = popup(frame, area, "Command   type a part, Enter runs it", 96, 18, theme);
        let room = inside.height.saturating_sub(1) as usize;
        let from = (self.cursor + 1).saturating_sub(room);
        let room_for_help = (inside.width as usize).saturating_sub(2 + 8 + 20);
        let mut shown = vec![TextLine::raw(format!(":{}", self.line.text()))];
        for (position, at) in self.shown.iter().enumerate().skip(from).take(room) {
            let command = self.commands[*at];
            let (gutter, style) = if position == self.cursor {
                ("> ", Style::new().add_modifier(Modifier::REVERSED))
            } else {
                ("  ", Style::new())
            };
            shown.push(TextLine::from(vec![
                Span::raw(gutter),
                Span::styled(format!("{:<8}", command.keys.first().unwrap_or(&"")), theme.key),
                Span::styled(format!("{:<20}", command.title), style),
                Span::raw(fit(command.help, room_for_help, Cut::End, theme.ellipsis)),
            ]));
        }
        lines(frame, inside, shown);
        frame.set_cursor_position((inside.x + 1 + self.line.cursor() as u16, inside.y));
    }
}
