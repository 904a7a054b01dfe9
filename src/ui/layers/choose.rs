//! A list to choose a value from: arrows, or type a part of it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line as TextLine, Span};
use unicode_width::UnicodeWidthStr;

use super::Decision;
use super::frame::{hints, lines, popup};
use crate::ui::screens::migration::{Choice, Edit};
use crate::ui::theme::Theme;
use crate::ui::widgets::fit::{Cut, fit};
use crate::ui::widgets::input::Line;

/// See the module.
#[derive(Debug)]
pub struct Choose {
    heading: String,
    edit: Edit,
    choices: Vec<(String, Choice)>,
    line: Line,
    /// Indices into `choices`, best match first.
    shown: Vec<usize>,
    cursor: usize,
}

impl Choose {
    /// A list with the cursor on one of its values.
    #[must_use]
    pub fn new(heading: String, edit: Edit, choices: Vec<(String, Choice)>, current: usize) -> Self {
        let shown = (0..choices.len()).collect();
        Self { heading, edit, choices, line: Line::default(), shown, cursor: current }
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Decision {
        let last = self.shown.len().saturating_sub(1);
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Esc => return Decision::Close,
            KeyCode::Enter => {
                return match self.shown.get(self.cursor) {
                    Some(at) => Decision::Chosen(self.edit, self.choices[*at].1.clone()),
                    None => Decision::Stay,
                };
            }
            KeyCode::Down => self.cursor = (self.cursor + 1).min(last),
            KeyCode::Up => self.cursor = self.cursor.saturating_sub(1),
            KeyCode::Char('n') if control => self.cursor = (self.cursor + 1).min(last),
            KeyCode::Char('p') if control => self.cursor = self.cursor.saturating_sub(1),
            KeyCode::PageDown => self.cursor = (self.cursor + 10).min(last),
            KeyCode::PageUp => self.cursor = self.cursor.saturating_sub(10),
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
        self.shown = best(self.line.text(), self.choices.iter().map(|(name, _)| name.as_str()));
        self.cursor = 0;
    }

    /// Draws it.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
        let widest = self.choices.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
        let width = (widest + 6).max(self.heading.width() + 6).max(44) as u16;
        let height = (self.choices.len() as u16 + 4).min(area.height.saturating_sub(2)).max(6);
        let inside = popup(frame, area, self.heading.trim(), width, height, theme);
        let room = inside.height.saturating_sub(2) as usize;
        let from = (self.cursor + 1).saturating_sub(room);
        let mut shown = vec![TextLine::raw(format!(" {}", self.line.text()))];
        for (position, at) in self.shown.iter().enumerate().skip(from).take(room) {
            let name =
                fit(&self.choices[*at].0, inside.width.saturating_sub(4) as usize, Cut::End, theme.ellipsis);
            let (gutter, style) = if position == self.cursor {
                (" > ", Style::new().add_modifier(Modifier::REVERSED))
            } else {
                ("   ", Style::new())
            };
            shown.push(TextLine::from(vec![Span::raw(gutter), Span::styled(name.into_owned(), style)]));
        }
        if self.shown.is_empty() {
            shown.push(TextLine::raw("   nothing here holds that text"));
        }
        lines(frame, inside, shown);
        let foot = Rect { y: inside.y + inside.height.saturating_sub(1), height: 1, ..inside };
        lines(
            frame,
            foot,
            vec![hints(&[(" type", "narrows"), ("Enter", "takes it"), ("Esc", "back")], theme)],
        );
        frame.set_cursor_position((inside.x + 1 + self.line.cursor() as u16, inside.y));
    }
}

/// The candidates that hold the typed characters in order, best first; all of them while nothing is typed.
pub fn best<'a>(typed: &str, candidates: impl Iterator<Item = &'a str>) -> Vec<usize> {
    let candidates = candidates.enumerate();
    if typed.trim().is_empty() {
        return candidates.map(|(at, _)| at).collect();
    }
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
    let mut scored: Vec<(u32, usize)> = candidates
        .filter_map(|(at, text)| {
            let mut buffer = Vec::new();
            pattern.score(Utf32Str::new(text, &mut buffer), &mut matcher).map(|score| (score, at))
        })
        .collect();
    scored.sort_by_key(|(score, at)| (std::cmp::Reverse(*score), *at));
    scored.into_iter().map(|(_, at)| at).collect()
}
