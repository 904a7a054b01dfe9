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
use crate::ui::widgets::fit::wrapped;

/// See the module.
#[derive(Debug)]
pub struct Confirm {
    title: String,
    text: Vec<String>,
    yes: Option<Vec<Effect>>,
    option: Option<Switch>,
}

/// Another way to do it, off at first.
#[derive(Debug)]
struct Switch {
    key: char,
    hint: &'static str,
    text: &'static str,
    on: bool,
    yes: Vec<Effect>,
}

impl Confirm {
    /// A question whose yes has these effects.
    #[must_use]
    pub fn new(title: impl Into<String>, text: Vec<String>, yes: Vec<Effect>) -> Self {
        Self { title: title.into(), text, yes: Some(yes), option: None }
    }

    /// With another way to do it that a key turns on and off; the yes has these effects then.
    #[must_use]
    pub fn with_option(
        mut self,
        key: char,
        hint: &'static str,
        text: &'static str,
        yes: Vec<Effect>,
    ) -> Self {
        self.option = Some(Switch { key, hint, text, on: false, yes });
        self
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Decision {
        match (key.code, &mut self.option) {
            (KeyCode::Char('y' | 'Y'), Some(option)) if option.on => {
                Decision::Do(std::mem::take(&mut option.yes))
            }
            (KeyCode::Char('y' | 'Y'), _) => Decision::Do(self.yes.take().unwrap_or_default()),
            (KeyCode::Char('n' | 'N' | 'q') | KeyCode::Esc, _) => Decision::Close,
            (KeyCode::Char(typed), Some(option)) if typed == option.key => {
                option.on = !option.on;
                Decision::Stay
            }
            _ => Decision::Stay,
        }
    }

    /// Draws it.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
        let mut key = String::new();
        let mut keys = vec![(" y", "yes")];
        let mut option_text = None;
        if let Some(option) = &self.option {
            option_text = Some(format!("[{}] {}", if option.on { 'x' } else { ' ' }, option.text));
            key.push(option.key);
            keys.push((&key, option.hint));
        }
        keys.push(("n", "no"));
        let width = self
            .text
            .iter()
            .chain(&option_text)
            .map(|l| l.width())
            .max()
            .unwrap_or(0)
            .max(self.title.width() + 2)
            + 4;
        let room = width.min(area.width.into()).saturating_sub(4);
        let mut text: Vec<String> = self.text.iter().flat_map(|line| broken(line, room)).collect();
        let option = option_text.map(|line| broken(&line, room)).unwrap_or_default();
        let height = text.len() + option.len() + 4;
        let inside = popup(frame, area, &self.title, width as u16, height as u16, theme);
        // What the keys do is always there.
        text.truncate((inside.height as usize).saturating_sub(option.len() + 2));
        text.extend(option);
        let mut shown: Vec<Line<'_>> = text.iter().map(|line| Line::raw(format!(" {line}"))).collect();
        shown.push(Line::raw(""));
        shown.push(hints(&keys, theme));
        lines(frame, inside, shown);
    }
}

/// A line that has no room goes on in the next one.
fn broken(line: &str, room: usize) -> Vec<String> {
    if line.width() <= room { vec![line.to_owned()] } else { wrapped(line, room) }
}
