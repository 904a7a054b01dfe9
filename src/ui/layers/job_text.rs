//! All that a job says, nothing cut: how it ended, and each failure with its reason and ids.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthChar;

use super::frame::lines;
use crate::domain::text::printable;
use crate::ui::event::JobView;
use crate::ui::theme::Theme;
use crate::ui::widgets::fit::wrapped;
use crate::ui::widgets::grid::Move;

/// Cells before a line, and before a failure's reason.
const INDENT: usize = 3;
const REASON: usize = 6;

/// The part of the text that is shown.
#[derive(Debug, Default)]
pub(super) struct JobText {
    first: usize,
    room: usize,
}

impl JobText {
    /// Moves the text.
    pub(super) fn go(&mut self, to: Move) {
        let page = self.room.max(1);
        self.first = match to {
            Move::Down => self.first + 1,
            Move::Up => self.first.saturating_sub(1),
            Move::PageDown => self.first + page,
            Move::PageUp => self.first.saturating_sub(page),
            _ => self.first,
        };
    }

    /// Draws it over the whole area.
    pub(super) fn draw(
        &mut self,
        job: &JobView,
        state: &str,
        frame: &mut Frame<'_>,
        area: Rect,
        theme: &Theme,
    ) {
        let width = area.width as usize;
        let mut text = Vec::new();
        let mut add = |words: &str, indent: usize| {
            for part in whole(&printable(words), width.saturating_sub(indent + 1)) {
                text.push(Line::raw(format!("{}{part}", " ".repeat(indent))));
            }
        };
        add(&job.whole_message(), INDENT);
        if !job.failures.is_empty() {
            add("", 0);
            add(&format!("{} failed:", job.failures.len()), INDENT);
        }
        for (name, reason) in &job.failures {
            add(name, INDENT);
            add(reason, REASON);
        }
        self.room = (area.height as usize).saturating_sub(2);
        self.first = self.first.min(text.len().saturating_sub(self.room));
        let until = (self.first + self.room).min(text.len());
        let place = match text.len() {
            all if all <= self.room => String::new(),
            all => format!(", lines {} to {until} of {all}", self.first + 1),
        };
        let heading = format!(" {}, {state}{place}, started {} UTC", printable(&job.title), job.started_at);
        let mut shown = vec![Line::from(Span::styled(heading, theme.heading)), Line::raw("")];
        shown.extend(text.drain(self.first..until));
        lines(frame, area, shown);
    }
}

/// Broken between words, and within one that is longer than a line.
fn whole(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut out = Vec::new();
    for line in wrapped(text, width) {
        let (mut part, mut used) = (String::new(), 0);
        for c in line.chars() {
            let cells = c.width().unwrap_or(0);
            if used + cells > width && !part.is_empty() {
                out.push(std::mem::take(&mut part));
                used = 0;
            }
            part.push(c);
            used += cells;
        }
        out.push(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_letter_is_lost() {
        assert_eq!(whole("a wordthatislong b", 6), ["a", "wordth", "atislo", "ng", "b"]);
        assert_eq!(whole("", 6), [""]);
        assert_eq!(whole("日本", 3), ["日", "本"]);
    }
}
