//! The check of the settings, step by step as they end.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

use super::Decision;
use super::frame::{hints, lines};
use crate::domain::text::printable;
use crate::jobs::check::{Outcome, Step, StepResult, is_good};
use crate::ui::action::Action;
use crate::ui::commands::{Context, lookup};
use crate::ui::effect::Effect;
use crate::ui::keys::Key;
use crate::ui::messages::settings::SettingsEffect;
use crate::ui::theme::Theme;
use crate::ui::widgets::fit::{Cut, fit, wrapped};
use crate::ui::widgets::grid::Move;

/// Cells of a step's name, with what stands before it.
const NAMES: usize = 32;

/// See the module.
#[derive(Debug, Default)]
pub struct CheckLayer {
    results: Vec<StepResult>,
    /// How it ended; none while it runs.
    ended: Option<Result<(), String>>,
    offset: usize,
    /// Lines beyond those in sight.
    beyond: usize,
}

impl CheckLayer {
    /// A step ended.
    pub fn step(&mut self, result: StepResult) {
        self.results.retain(|known| known.step != result.step);
        self.results.push(result);
    }

    /// All of it ended.
    pub fn ended(&mut self, end: Result<(), String>) {
        self.ended = Some(end);
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Decision {
        match lookup(Context::Check, Key::of(key)) {
            Some(Action::Close) if self.ended.is_none() => {
                Decision::Do(vec![Effect::Settings(SettingsEffect::StopCheck)])
            }
            Some(Action::Close) => Decision::Close,
            Some(Action::Check) if self.ended.is_none() => Decision::Say("the check is running"),
            Some(Action::Check) => {
                *self = Self::default();
                Decision::StayAndDo(vec![Effect::Settings(SettingsEffect::Check)])
            }
            Some(Action::Go(step)) => {
                self.offset = match step {
                    Move::Down => self.offset + 1,
                    Move::PageDown => self.offset + 10,
                    Move::Up => self.offset.saturating_sub(1),
                    Move::PageUp => self.offset.saturating_sub(10),
                    _ => self.offset,
                }
                .min(self.beyond);
                Decision::Stay
            }
            _ => Decision::Stay,
        }
    }

    /// Draws it over the whole area.
    pub fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
        frame.render_widget(Clear, area);
        let width = area.width as usize;
        let mut body = Vec::new();
        for step in Step::ALL {
            body.extend(self.step_lines(step, width, theme));
        }
        body.push(Line::raw(""));
        body.extend(self.verdict(width, theme));
        let height = area.height.saturating_sub(2) as usize;
        self.beyond = body.len().saturating_sub(height);
        self.offset = self.offset.min(self.beyond);
        lines(
            frame,
            Rect { height: 1, ..area },
            vec![Line::from(Span::styled(" Check of the settings", theme.heading))],
        );
        let place = Rect { y: area.y + 1, height: height as u16, ..area };
        lines(frame, place, body.into_iter().skip(self.offset).take(height).collect());
        let foot = Rect { y: area.y + area.height.saturating_sub(1), height: 1, ..area };
        let mut keys = vec![];
        if self.ended.is_some() {
            keys.push(("t", "again"));
        }
        if self.beyond > 0 {
            keys.push(("j k", "move"));
        }
        keys.push(("Esc", if self.ended.is_some() { "back" } else { "stop" }));
        lines(frame, foot, vec![hints(&keys, theme)]);
    }

    fn step_lines(&self, step: Step, width: usize, theme: &Theme) -> Vec<Line<'static>> {
        let result = self.results.iter().find(|result| result.step == step);
        let is_next = result.is_none()
            && self.ended.is_none()
            && Step::ALL.iter().find(|step| !self.results.iter().any(|r| r.step == **step)) == Some(&step);
        let (word, style) = match result.map(|result| result.outcome) {
            Some(Outcome::Passed) => ("passed", theme.tick),
            Some(Outcome::Failed) => ("FAILED", theme.alert),
            Some(Outcome::Blocked) => ("-", theme.faint),
            Some(Outcome::Skipped) => ("skipped", theme.faint),
            None if is_next => ("...", Style::new()),
            None => ("", Style::new()),
        };
        let text = result.map(|result| printable(&result.text).into_owned()).unwrap_or_default();
        let room = width.saturating_sub(NAMES + 1).max(20);
        let parts = if text.is_empty() { vec![String::new()] } else { wrapped(&text, room) };
        parts
            .into_iter()
            .enumerate()
            .map(|(at, part)| {
                let part = fit(&part, room, Cut::End, theme.ellipsis).into_owned();
                if at > 0 {
                    return Line::raw(format!("{}{part}", " ".repeat(NAMES)));
                }
                Line::from(vec![
                    Span::styled(format!(" {word:<8}"), style),
                    Span::raw(format!("{:<width$}", step.title(), width = NAMES - 9)),
                    Span::raw(part),
                ])
            })
            .collect()
    }

    fn verdict(&self, width: usize, theme: &Theme) -> Vec<Line<'static>> {
        let (text, style) = match &self.ended {
            None => return vec![Line::raw(" checking")],
            Some(Err(reason)) => (format!("! {}", printable(reason)), theme.alert),
            Some(Ok(())) if is_good(&self.results) => ("All is well.".to_owned(), theme.tick),
            Some(Ok(())) => ("! Something is to be put right: see what failed.".to_owned(), theme.alert),
        };
        let parts = wrapped(&text, width.saturating_sub(2));
        parts.into_iter().map(|part| Line::from(Span::styled(format!(" {part}"), style))).collect()
    }
}
