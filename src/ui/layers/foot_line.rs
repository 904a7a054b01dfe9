//! A line at the foot of the screen that is typed into; why it was refused stands above it.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph};
use unicode_width::UnicodeWidthStr;

use crate::domain::text::printable;
use crate::ui::theme::Theme;
use crate::ui::widgets::fit::{Cut, fit, wrapped};

/// At most so many lines say why; more would hide what it is about.
const ERROR_LINES: usize = 3;

/// See the module.
#[derive(Debug)]
pub(super) struct FootLine<'a> {
    /// What is asked for, with the blank behind it.
    pub label: &'a str,
    /// What is typed, as it is shown.
    pub text: &'a str,
    /// How it is shown.
    pub style: Style,
    /// Cells of it before the cursor.
    pub cursor: usize,
    /// What can be typed, told where there is room.
    pub hint: &'a str,
    /// Why the last text was refused.
    pub error: Option<&'a str>,
}

impl FootLine<'_> {
    /// Draws it over the last line of `area`, the cursor in it; a refusal stands above it.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
        let y = area.y + area.height.saturating_sub(1);
        let place = Rect { y, height: 1.min(area.height), ..area };
        frame.render_widget(Clear, place);
        let label = printable(self.label);
        let text = printable(self.text);
        let room = (area.width as usize).saturating_sub(label.width() + 1);
        // A text longer than its room scrolls so that the cursor stays in sight.
        let skipped = self.cursor.saturating_sub(room.saturating_sub(1));
        let shown: String = text.chars().skip(skipped).collect();
        let mut spans =
            vec![Span::styled(label.as_ref(), theme.heading), Span::styled(shown.as_str(), self.style)];
        let used = label.width() + shown.width();
        if used + 3 + self.hint.width() < area.width as usize {
            spans.push(Span::raw("   "));
            spans.push(Span::styled(self.hint, theme.faint));
        }
        frame.render_widget(Paragraph::new(Line::from(spans)), place);
        let x = area.x + (label.width() + self.cursor - skipped) as u16;
        frame.set_cursor_position(Position { x: x.min(area.x + area.width.saturating_sub(1)), y });
        if let Some(error) = self.error {
            self.refusal(error, frame, Rect { height: y - area.y, ..area }, theme);
        }
    }

    /// A long one grows upwards: what is to be done stands at its end.
    fn refusal(&self, error: &str, frame: &mut Frame<'_>, above: Rect, theme: &Theme) {
        let width = above.width as usize;
        let mut parts = wrapped(&format!("! {}", printable(error)), width);
        parts.truncate(ERROR_LINES.min(above.height as usize));
        let height = parts.len() as u16;
        let place = Rect { y: above.y + above.height - height, height, ..above };
        let parts: Vec<Line<'_>> = parts
            .iter()
            .map(|part| Line::styled(fit(part, width, Cut::End, theme.ellipsis), theme.alert))
            .collect();
        frame.render_widget(Clear, place);
        frame.render_widget(Paragraph::new(parts), place);
    }
}
