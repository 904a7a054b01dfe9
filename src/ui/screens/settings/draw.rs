//! Drawing the tab: the form, beside it the first steps and the token's life, below it what there is to say of a field.

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::rows::rows;
use super::steps::first_steps;
use super::{Saving, SettingsScreen};
use crate::domain::text::printable;
use crate::domain::token::{Held, Standing, Token, days_until};
use crate::jobs::overview::Overview;
use crate::ui::theme::Theme;
use crate::ui::widgets::field_list::FieldList;
use crate::ui::widgets::fit::{Cut, fit, wrapped};

/// Cells of the labels, with the mark behind them.
const LABELS: usize = 20;
/// Cells of what stands beside the form, and the least width for that.
const BESIDE: u16 = 27;
const WITH_BESIDE: u16 = 76;
/// The form gets no wider, so that what stands beside it is near.
const WIDEST_FORM: u16 = 100;
/// Lines for what there is to say of a field.
const HINT: usize = 2;

impl SettingsScreen {
    pub(super) fn draw_all(&mut self, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
        let has_beside = area.width >= WITH_BESIDE;
        let form_width = if has_beside { (area.width - BESIDE - 1).min(WIDEST_FORM) } else { area.width };
        let hint_lines = HINT as u16 + 1;
        let form = Rect {
            y: area.y + 1,
            height: area.height.saturating_sub(1 + hint_lines),
            width: form_width,
            ..area
        };
        let Some(overview) = self.overview.clone() else {
            self.title(frame, Rect { height: 1, width: form_width, ..area }, 0, has_beside, theme);
            frame.render_widget(Paragraph::new("  reading"), form);
            return;
        };
        let settings = self.change.settings();
        let rows = rows(&settings);
        let mut list = FieldList::new(LABELS, form_width as usize, theme);
        let count = rows.len();
        for row in rows {
            list.field(&self.field(row, &settings), row == self.at);
        }
        list.draw(frame, form, &mut self.window, false);
        self.title(frame, Rect { height: 1, width: form_width, ..area }, count, has_beside, theme);
        let said = self.said();
        let width = area.width as usize;
        let mut hint = wrapped(&printable(&said), width.saturating_sub(2));
        hint.truncate(HINT);
        let below = Rect { y: area.y + area.height.saturating_sub(HINT as u16), height: HINT as u16, ..area };
        let lines: Vec<Line<'_>> = hint
            .iter()
            .map(|part| {
                let part = fit(part, width.saturating_sub(2), Cut::End, theme.ellipsis).into_owned();
                Line::from(Span::styled(format!("  {part}"), theme.faint))
            })
            .collect();
        frame.render_widget(Paragraph::new(lines), below);
        if has_beside {
            let place = Rect {
                x: area.x + form_width + 1,
                width: BESIDE,
                height: area.height.saturating_sub(hint_lines),
                ..area
            };
            frame.render_widget(Paragraph::new(beside(&overview, self.now, theme)), place);
        }
    }

    /// What the form is, which of its rows are in sight, and what is next where the first steps have no room.
    fn title(&self, frame: &mut Frame<'_>, area: Rect, count: usize, has_beside: bool, theme: &Theme) {
        let title = if self.saving == Saving::Idle { "MS CSP settings" } else { "MS CSP settings: saving" };
        let (first, height) = (self.window.offset(), self.window.height());
        let mut more = Vec::new();
        if count > height {
            more.push(format!("{}-{} of {count}", first + 1, (first + height).min(count)));
        }
        if !has_beside && let Some(overview) = &self.overview {
            let steps = first_steps(overview, overview.token.standing(self.now));
            more.extend(
                steps.iter().find(|step| !step.done).map(|step| format!("next: {} {}", step.key, step.title)),
            );
        }
        let more = more.join("  ");
        let pad = (area.width as usize).saturating_sub(title.len() + more.len() + 1);
        let line = Line::from(vec![
            Span::styled(title, theme.heading),
            Span::raw(" ".repeat(pad)),
            Span::styled(more, theme.faint),
        ]);
        frame.render_widget(Paragraph::new(line), area);
    }

    /// What there is to say of the row under the cursor.
    fn said(&self) -> String {
        let clash = match self.at {
            super::rows::Row::Setting(setting) => self.clashes.iter().find(|clash| clash.setting == setting),
            super::rows::Row::Secret(_) => None,
        };
        match clash {
            Some(clash) => format!(
                "another operator saved \"{}\" here (before: \"{}\"); yours is \"{}\". Ctrl-S asks which is to stay",
                clash.theirs, clash.before, clash.ours
            ),
            None => self.at.hint().to_owned(),
        }
    }
}

/// The first steps and the token's life: what is to be done first stands first, for on a short screen what comes last is cut.
fn beside(overview: &Overview, now: Timestamp, theme: &Theme) -> Vec<Line<'static>> {
    let standing = overview.token.standing(now);
    let (steps, token) = (steps(overview, standing, theme), token(overview, standing, now, theme));
    let is_held = matches!(overview.token, Token::Held(_));
    let (first, second) = if is_held && standing.is_alarming() { (token, steps) } else { (steps, token) };
    let mut lines = first;
    lines.push(Line::raw(""));
    lines.extend(second);
    lines
}

fn steps(overview: &Overview, standing: Standing, theme: &Theme) -> Vec<Line<'static>> {
    let steps = first_steps(overview, standing);
    let next = steps.iter().position(|step| !step.done);
    let mut lines = vec![Line::from(Span::styled("First steps", theme.heading))];
    for (at, step) in steps.iter().enumerate() {
        let tick = if step.done { Span::styled("[x]", theme.tick) } else { Span::raw("[ ]") };
        let mut spans = vec![tick, Span::raw(format!(" {:<18}", step.title))];
        if Some(at) == next {
            spans.push(Span::styled(step.key, theme.key));
        }
        lines.push(Line::from(spans));
    }
    if let Some(at) = next {
        for part in wrapped(steps[at].what, BESIDE as usize - 4) {
            lines.push(Line::from(Span::styled(format!("    {part}"), theme.faint)));
        }
    }
    lines
}

fn token(overview: &Overview, standing: Standing, now: Timestamp, theme: &Theme) -> Vec<Line<'static>> {
    let mut lines = vec![Line::from(Span::styled("Refresh token", theme.heading))];
    if standing.is_alarming() {
        for part in wrapped(&format!("! {}", standing.advice()), BESIDE as usize) {
            lines.push(Line::from(Span::styled(part, theme.alert)));
        }
    }
    match &overview.token {
        Token::Held(held) => lines.extend(life(held, now, theme)),
        Token::Missing | Token::Unread => lines.push(Line::raw("none")),
    }
    lines
}

fn life(held: &Held, now: Timestamp, theme: &Theme) -> Vec<Line<'static>> {
    let day = |at: Timestamp| at.strftime("%Y-%m-%d").to_string();
    let mut lines = Vec::new();
    let mut line = |name: &str, at: String, left: Option<i64>| {
        let left = left.map(|days| format!("{days:>5} d")).unwrap_or_default();
        lines.push(Line::from(vec![
            Span::styled(format!("{name:<10}"), theme.faint),
            Span::raw(format!("{at:<10}{left}")),
        ]));
    };
    line("consent", held.obtained_at.map_or_else(|| "-".to_owned(), day), None);
    line("renewed", day(held.rotated_at), None);
    line("renew by", day(held.renew_at()), Some(days_until(now, held.renew_at())));
    line("lapses", day(held.lapses_at()), Some(days_until(now, held.lapses_at())));
    if let Some(end) = held.year_ends_at() {
        line("a year", day(end), Some(days_until(now, end)));
    }
    lines
}
