//! A list to choose a value from: arrows, or type a part of it.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line as TextLine, Span};
use unicode_width::UnicodeWidthStr;

use super::Decision;
use super::frame::{hints, lines, popup};
use crate::ui::messages::Choice;
use crate::ui::theme::Theme;
use crate::ui::widgets::fit::{Cut, fit};
use crate::ui::widgets::input::PASTE_TOO_LONG;
use crate::ui::widgets::pick::{Pick, Picked};

/// See the module.
#[derive(Debug)]
pub struct Choose {
    heading: String,
    choices: Vec<(String, Choice)>,
    pick: Pick,
}

impl Choose {
    /// A list with the cursor on one of its values.
    #[must_use]
    pub fn new(heading: String, choices: Vec<(String, Choice)>, current: usize) -> Self {
        let pick = Pick::new(choices.iter().map(|(name, _)| name.clone()).collect(), current);
        Self { heading, choices, pick }
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Decision {
        match self.pick.key(key) {
            Picked::Nothing => Decision::Stay,
            Picked::Left => Decision::Close,
            Picked::One(at) => Decision::Chosen(self.choices[at].1.clone()),
        }
    }

    /// Takes a pasted text.
    pub fn paste(&mut self, text: &str) -> Decision {
        if self.pick.paste(text) { Decision::Stay } else { Decision::Say(PASTE_TOO_LONG) }
    }

    /// Draws it.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
        let widest = self.choices.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
        let width = (widest + 6).max(self.heading.width() + 6).max(44) as u16;
        let height = (self.choices.len() as u16 + 4).min(area.height.saturating_sub(2)).max(6);
        let inside = popup(frame, area, self.heading.trim(), width, height, theme);
        let room = inside.height.saturating_sub(2) as usize;
        let (typed, cursor) = self.pick.typed();
        let mut shown = vec![TextLine::raw(format!(" {typed}"))];
        for (at, at_cursor) in self.pick.window(room) {
            let name =
                fit(&self.choices[at].0, inside.width.saturating_sub(4) as usize, Cut::End, theme.ellipsis);
            let (gutter, style) = if at_cursor {
                (" > ", Style::new().add_modifier(Modifier::REVERSED))
            } else {
                ("   ", Style::new())
            };
            shown.push(TextLine::from(vec![Span::raw(gutter), Span::styled(name.into_owned(), style)]));
        }
        if self.pick.is_empty() {
            shown.push(TextLine::raw("   nothing here holds that text"));
        }
        lines(frame, inside, shown);
        let foot = Rect { y: inside.y + inside.height.saturating_sub(1), height: 1, ..inside };
        lines(
            frame,
            foot,
            vec![hints(&[(" type", "narrows"), ("Enter", "takes it"), ("Esc", "back")], theme)],
        );
        frame.set_cursor_position((inside.x + 1 + cursor, inside.y));
    }
}
