//! Running and ended jobs, and what failed in them.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;
use unicode_width::UnicodeWidthStr;

use super::frame::{hints, lines};
use super::job_text::JobText;
use super::{Confirm, Decision};
use crate::domain::text::printable;
use crate::ui::action::Action;
use crate::ui::commands::{Context, lookup};
use crate::ui::effect::Effect;
use crate::ui::event::{JobStanding, JobView};
use crate::ui::keys::Key;
use crate::ui::theme::Theme;
use crate::ui::widgets::fit::{Cut, fit, padded, wrapped};
use crate::ui::widgets::grid::Move;

/// See the module.
#[derive(Debug, Default)]
pub struct Jobs {
    jobs: Vec<JobView>,
    cursor: usize,
    /// The first failure shown, and how many fit, of the job under the cursor.
    first_failure: usize,
    failure_room: usize,
    /// All that the job under the cursor says, where that is read.
    text: Option<JobText>,
}

impl Jobs {
    /// Takes the list, the cursor staying on its job.
    pub fn set(&mut self, jobs: Vec<JobView>) {
        let current = self.jobs.get(self.cursor).map(|job| job.id.clone());
        self.jobs = jobs;
        if let Some(at) = current.and_then(|id| self.jobs.iter().position(|job| job.id == id)) {
            self.cursor = at;
        }
        self.cursor = self.cursor.min(self.jobs.len().saturating_sub(1));
    }

    /// A job moved; a new one stands first, the cursor staying on its job.
    pub fn moved(&mut self, job: &JobView) {
        match self.jobs.iter_mut().find(|j| j.id == job.id) {
            Some(known) => known.clone_from(job),
            None => {
                self.cursor += usize::from(!self.jobs.is_empty());
                self.jobs.insert(0, job.clone());
            }
        }
    }

    fn go(&mut self, to: impl Fn(usize) -> usize) {
        self.cursor = to(self.cursor);
        self.first_failure = 0;
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Decision {
        let last = self.jobs.len().saturating_sub(1);
        let action = lookup(Context::Jobs, Key::of(key));
        if let Some(text) = &mut self.text {
            match action {
                Some(Action::Close | Action::EditCell) => {
                    self.text = None;
                    return Decision::Stay;
                }
                Some(Action::Go(to)) => {
                    text.go(to);
                    return Decision::Stay;
                }
                _ => {}
            }
        }
        match action {
            Some(Action::Close) => return Decision::Close,
            Some(Action::Go(Move::Down)) => self.go(|cursor| (cursor + 1).min(last)),
            Some(Action::Go(Move::Up)) => self.go(|cursor| cursor.saturating_sub(1)),
            Some(Action::Go(Move::PageDown)) => self.first_failure += self.failure_room.max(1),
            Some(Action::Go(Move::PageUp)) => {
                self.first_failure = self.first_failure.saturating_sub(self.failure_room.max(1));
            }
            _ => {}
        }
        let Some(action) = action else { return Decision::Stay };
        let Some(job) = self.jobs.get(self.cursor) else { return Decision::Say("no job here") };
        let stopped = has_stopped(job);
        match action {
            Action::EditCell => {
                self.text = Some(JobText::default());
                Decision::Stay
            }
            Action::CancelJob if job.standing == JobStanding::Running => {
                Decision::StayAndDo(vec![Effect::CancelJob(job.id.clone())])
            }
            Action::Resume if stopped && job.resumable => {
                Decision::StayAndDo(vec![Effect::ResumeJob(job.id.clone())])
            }
            Action::Drop if stopped => Decision::Ask(Confirm::new(
                "Drop the job",
                vec![
                    "It can't be gone on with then. What it has read is forgotten; the data that is"
                        .to_owned(),
                    "shown stays, and so do consents that it has given.".to_owned(),
                ],
                vec![Effect::DropJob(job.id.clone()), Effect::ListJobs],
            )),
            Action::Retry if job.standing == JobStanding::DoneInPart && !job.failures.is_empty() => {
                Decision::StayAndDo(vec![Effect::RetryFailed(job.id.clone())])
            }
            Action::CancelJob => Decision::Say("this job does not run here"),
            Action::Resume if stopped => Decision::Say("this job can't be gone on with: begin it again"),
            Action::Resume | Action::Drop => Decision::Say("this job is not interrupted"),
            Action::Retry => Decision::Say("nothing failed in this job that could be done again"),
            _ => Decision::Stay,
        }
    }

    /// Draws it over the whole area.
    pub fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
        frame.render_widget(Clear, area);
        let foot = Rect { y: area.y + area.height.saturating_sub(1), height: 1.min(area.height), ..area };
        if let (Some(text), Some(job)) = (&mut self.text, self.jobs.get(self.cursor)) {
            let place = Rect { height: area.height.saturating_sub(1), ..area };
            text.draw(job, standing(job.standing), frame, place, theme);
            lines(frame, foot, vec![hints(&[("j k PgDn PgUp", "move"), ("Esc", "back to the list")], theme)]);
            return;
        }
        let width = area.width as usize;
        // On a narrow terminal the progress is worth more than who began.
        let by = |name: &str| if width < 80 { String::new() } else { padded(name, 12, theme.ellipsis) };
        let mut shown = vec![
            Line::from(Span::styled(" Jobs", theme.heading)),
            Line::from(Span::styled(
                format!("   {:<17}{}{:<20}{:<15}progress", "started (UTC)", by("by"), "job", "state"),
                theme.heading,
            )),
        ];
        if self.jobs.is_empty() {
            shown.push(Line::raw("   none yet: r on Data Migration requests CSP data"));
        }
        let rows = (area.height as usize / 2).max(3);
        let from = (self.cursor + 1).saturating_sub(rows);
        for (at, job) in self.jobs.iter().enumerate().skip(from).take(rows) {
            let at_cursor = at == self.cursor;
            let style = if at_cursor { Style::new().add_modifier(Modifier::REVERSED) } else { Style::new() };
            let total = job.total.map_or_else(String::new, |total| format!(" of {total}"));
            let progress = format!("{}{total}  {}", job.done, printable(&job.whole_message()));
            let gutter = if at_cursor { ">" } else { " " };
            let front = format!("{gutter}  {:<17}{}", job.started_at, by(&printable(&job.operator)));
            let title = padded(&printable(&job.title), 19, theme.ellipsis);
            let state = format!(" {:<15}", standing(job.standing));
            let room = width.saturating_sub(front.width() + 20 + 15 + 1);
            shown.push(Line::from(vec![
                Span::raw(front),
                Span::styled(title, style),
                Span::raw(state),
                Span::raw(fit(&progress, room, Cut::End, theme.ellipsis).into_owned()),
            ]));
        }
        if let Some(job) = self.jobs.get(self.cursor) {
            shown.push(Line::raw(""));
            for part in wrapped(&printable(&job.whole_message()), width.saturating_sub(6)) {
                shown.push(Line::raw(format!("   {part}")));
            }
            if !job.failures.is_empty() {
                let count = job.failures.len();
                self.failure_room = (area.height as usize).saturating_sub(shown.len() + 2).max(1);
                self.first_failure = self.first_failure.min(count.saturating_sub(self.failure_room));
                let first = self.first_failure;
                let until = (first + self.failure_room).min(count);
                let which = if until - first == count {
                    format!(" {count} failed")
                } else {
                    format!(" {count} failed, {} to {until} shown: PgDn PgUp", first + 1)
                };
                shown.push(Line::from(Span::styled(which, theme.alert)));
                for (name, reason) in &job.failures[first..until] {
                    let name = padded(&printable(name), 26, theme.ellipsis);
                    let reason = printable(reason);
                    let reason = fit(&reason, width.saturating_sub(30), Cut::End, theme.ellipsis);
                    shown.push(Line::raw(format!("   {name}{reason}")));
                }
            }
        }
        lines(frame, Rect { height: area.height.saturating_sub(1), ..area }, shown);
        let mut keys = Vec::new();
        if let Some(job) = self.jobs.get(self.cursor) {
            match job.standing {
                JobStanding::Running => keys.push(("c", "cancel")),
                JobStanding::Interrupted | JobStanding::Cancelled | JobStanding::Failed => {
                    if job.resumable {
                        keys.push(("r", "resume"));
                    }
                    keys.push(("d", "drop"));
                }
                JobStanding::DoneInPart if !job.failures.is_empty() => keys.push(("f", "retry what failed")),
                JobStanding::DoneInPart
                | JobStanding::Done
                | JobStanding::Dropped
                | JobStanding::Elsewhere => {}
            }
        }
        if !self.jobs.is_empty() {
            keys.push(("Enter", "whole text"));
        }
        keys.push(("j k", "move"));
        keys.push(("Esc", "back"));
        lines(frame, foot, vec![hints(&keys, theme)]);
    }
}

fn has_stopped(job: &JobView) -> bool {
    matches!(job.standing, JobStanding::Interrupted | JobStanding::Cancelled | JobStanding::Failed)
}

fn standing(standing: JobStanding) -> &'static str {
    match standing {
        JobStanding::Running => "running",
        JobStanding::Elsewhere => "runs elsewhere",
        JobStanding::Interrupted => "interrupted",
        JobStanding::Done => "done",
        JobStanding::DoneInPart => "done in part",
        JobStanding::Failed => "failed",
        JobStanding::Cancelled => "cancelled",
        JobStanding::Dropped => "dropped",
    }
}
