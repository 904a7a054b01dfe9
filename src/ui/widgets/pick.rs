//! A list that is narrowed by typing and walked with the arrows: what a list to choose from and the palette have in common.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::input::Line;

/// A page of the list.
const PAGE: usize = 10;

/// What a key did.
#[derive(Debug, PartialEq, Eq)]
pub enum Picked {
    /// The list stays.
    Nothing,
    /// It is left without a choice.
    Left,
    /// The candidate of this index was taken.
    One(usize),
}

/// The typed text, what it leaves of the candidates, and the cursor.
#[derive(Debug)]
pub struct Pick {
    candidates: Vec<String>,
    line: Line,
    /// Indices of the candidates, best match first.
    shown: Vec<usize>,
    cursor: usize,
}

impl Pick {
    /// All candidates, by the text that typing is compared with, and the cursor on one of them.
    #[must_use]
    pub fn new(candidates: Vec<String>, current: usize) -> Self {
        let shown = (0..candidates.len()).collect();
        Self { candidates, line: Line::default(), shown, cursor: current }
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Picked {
        let last = self.shown.len().saturating_sub(1);
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Esc => return Picked::Left,
            KeyCode::Enter => {
                return self.current().map_or(Picked::Nothing, Picked::One);
            }
            KeyCode::Down => self.cursor = (self.cursor + 1).min(last),
            KeyCode::Up => self.cursor = self.cursor.saturating_sub(1),
            KeyCode::Char('n') if control => self.cursor = (self.cursor + 1).min(last),
            KeyCode::Char('p') if control => self.cursor = self.cursor.saturating_sub(1),
            KeyCode::PageDown => self.cursor = (self.cursor + PAGE).min(last),
            KeyCode::PageUp => self.cursor = self.cursor.saturating_sub(PAGE),
            _ => {
                if self.line.key(key) {
                    self.narrow();
                }
            }
        }
        Picked::Nothing
    }

    /// Takes a pasted text; false where it is too long.
    pub fn paste(&mut self, text: &str) -> bool {
        let taken = self.line.paste(text);
        self.narrow();
        taken
    }

    fn narrow(&mut self) {
        self.shown = best(self.line.text(), &self.candidates);
        self.cursor = 0;
    }

    /// What is typed, and the cells before its cursor.
    #[must_use]
    pub fn typed(&self) -> (&str, u16) {
        (self.line.text(), self.line.cursor() as u16)
    }

    /// A candidate's text.
    #[must_use]
    pub fn candidate(&self, at: usize) -> &str {
        self.candidates.get(at).map_or("", String::as_str)
    }

    /// The candidate under the cursor.
    #[must_use]
    pub fn current(&self) -> Option<usize> {
        self.shown.get(self.cursor).copied()
    }

    /// The candidates that fit what is typed, in their order.
    #[must_use]
    pub fn shown(&self) -> &[usize] {
        &self.shown
    }

    /// Puts some candidates before the others until the list is narrowed; the cursor goes to the first one.
    pub fn put_first(&mut self, is_first: impl Fn(usize) -> bool) {
        self.shown.sort_by_key(|at| !is_first(*at));
        self.cursor = 0;
    }

    /// Whether nothing fits what is typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// The candidates that a window of `room` lines shows, each with whether the cursor is on it.
    pub fn window(&self, room: usize) -> impl Iterator<Item = (usize, bool)> {
        let from = (self.cursor + 1).saturating_sub(room);
        self.shown.iter().enumerate().skip(from).take(room).map(|(at, index)| (*index, at == self.cursor))
    }
}

/// The candidates that hold the typed characters in order, best first; all of them while nothing is typed.
fn best(typed: &str, candidates: &[String]) -> Vec<usize> {
    if typed.trim().is_empty() {
        return (0..candidates.len()).collect();
    }
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
    let mut buffer = Vec::new();
    let mut scored: Vec<(u32, usize)> = candidates
        .iter()
        .enumerate()
        .filter_map(|(at, text)| {
            pattern.score(Utf32Str::new(text, &mut buffer), &mut matcher).map(|score| (score, at))
        })
        .collect();
    scored.sort_by_key(|(score, at)| (std::cmp::Reverse(*score), *at));
    scored.into_iter().map(|(_, at)| at).collect()
}
