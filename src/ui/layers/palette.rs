//! Commands by name.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line as TextLine, Span};

use super::Decision;
use super::frame::{lines, popup};
use crate::ui::commands::{Command, Context, available};
use crate::ui::theme::Theme;
use crate::ui::widgets::fit::{Cut, fit};
use crate::ui::widgets::input::PASTE_TOO_LONG;
use crate::ui::widgets::pick::{Pick, Picked};

/// See the module.
#[derive(Debug)]
pub struct Palette {
    commands: Vec<&'static Command>,
    pick: Pick,
}

impl Palette {
    /// The commands of a context.
    #[must_use]
    pub fn new(context: Context) -> Self {
        let commands: Vec<_> = available(context).collect();
        let pick = Pick::new(commands.iter().map(|c| format!("{} {}", c.title, c.help)).collect(), 0);
        Self { commands, pick }
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Decision {
        match self.pick.key(key) {
            Picked::Nothing => Decision::Stay,
            Picked::Left => Decision::Close,
            Picked::One(at) => Decision::Act(self.commands[at].action),
        }
    }

    /// Takes a pasted text.
    pub fn paste(&mut self, text: &str) -> Decision {
        if self.pick.paste(text) { Decision::Stay } else { Decision::Say(PASTE_TOO_LONG) }
    }

    /// Draws it.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
        let inside = popup(frame, area, "Command   type a part, Enter runs it", 96, 18, theme);
        let room = inside.height.saturating_sub(1) as usize;
        let room_for_help = (inside.width as usize).saturating_sub(2 + 8 + 20);
        let (typed, cursor) = self.pick.typed();
        let mut shown = vec![TextLine::raw(format!(":{typed}"))];
        for (at, at_cursor) in self.pick.window(room) {
            let command = self.commands[at];
            let (gutter, style) = if at_cursor {
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
        frame.set_cursor_position((inside.x + 1 + cursor, inside.y));
    }
}
