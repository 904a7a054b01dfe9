//! The frame that every pop-up has: a cleared area with one border and a title.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::symbols::border;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Clear, Paragraph};

use crate::ui::theme::Theme;

const ASCII: border::Set<'_> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

/// Draws the frame in the middle of `area`, at most `width` by `height` cells with its border, and returns the inside.
pub fn popup(frame: &mut Frame<'_>, area: Rect, title: &str, width: u16, height: u16, theme: &Theme) -> Rect {
    let width = width.min(area.width);
    let height = height.min(area.height);
    let place =
        Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height };
    frame.render_widget(Clear, place);
    let set = if theme.unicode { border::PLAIN } else { ASCII };
    let block = Block::new()
        .borders(Borders::ALL)
        .border_set(set)
        .title(Span::styled(format!(" {title} "), theme.heading));
    let inside = block.inner(place);
    frame.render_widget(block, place);
    inside
}

/// Draws lines from the top of an area.
pub fn lines(frame: &mut Frame<'_>, area: Rect, lines: Vec<Line<'_>>) {
    frame.render_widget(Paragraph::new(lines), area);
}

/// A line of key hints: `y update  Esc back`.
pub fn hints<'a>(keys: &[(&'a str, &'a str)], theme: &Theme) -> Line<'a> {
    let mut spans = Vec::new();
    for (key, title) in keys {
        if !spans.is_empty() {
            spans.push(Span::raw("  "));
        }
        spans.push(Span::styled(*key, theme.key));
        spans.push(Span::raw(" "));
        spans.push(Span::raw(*title));
    }
    Line::from(spans)
}
