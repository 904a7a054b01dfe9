//! Drawing the visible window of a grid straight into the frame's buffer.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use unicode_width::UnicodeWidthStr;

use super::layout::{self, Shown};
use super::{Direction, GridState, Source, Tone};
use crate::ui::theme::Theme;
use crate::ui::widgets::fit::{Cut, fit};

/// Gutter and tick: `>[x] `.
const FRONT: u16 = 5;

/// Draws heading and rows. `widths` are the columns' wanted widths, which grow where a number in sight needs more; `focused`
/// shows the cursor's cell reversed.
pub fn draw(
    buffer: &mut Buffer,
    area: Rect,
    state: &mut GridState,
    source: &impl Source,
    widths: &mut [u16],
    theme: &Theme,
    focused: bool,
) {
    let digits = (state.order().len().max(1).ilog10() + 1).max(4) as u16;
    if area.height < 2 || area.width <= FRONT + digits + 2 {
        return;
    }
    let left = area.x + FRONT + digits + 2;
    let room = (area.x + area.width).saturating_sub(left);
    let columns = source.columns();
    let height = (area.height - 1) as usize;
    let offset = state.window(height);
    let range = state.range_positions();
    let end = (offset + height).min(state.order().len());
    layout::widen_numbers(source, &state.order()[offset..end], widths);
    let mut shown = layout::shown(columns, widths, state.brought_in, room);
    if !shown.iter().any(|place| place.column == state.column) {
        state.brought_in = Some(state.column);
        shown = layout::shown(columns, widths, state.brought_in, room);
    }
    state.hidden_columns = columns.len() - shown.len();
    let heading = Heading { left, digits, shown: &shown };
    draw_heading(buffer, area, state, source, &heading, theme);

    for position in offset..end {
        let row = state.order()[position];
        let y = area.y + 1 + (position - offset) as u16;
        let at_cursor = position == state.position();
        let in_range = range.is_some_and(|(from, to)| (from..=to).contains(&position));
        let gutter = match (at_cursor, in_range) {
            (true, _) => ">",
            (false, true) => "|",
            (false, false) => " ",
        };
        buffer.set_string(area.x, y, gutter, Style::new());
        let (tick, style) = if state.ticks.has(row) { ("[x]", theme.tick) } else { ("[ ]", Style::new()) };
        buffer.set_string(area.x + 1, y, tick, style);
        let number = (position + 1).to_string();
        let x = area.x + FRONT + digits.saturating_sub(number.len() as u16);
        buffer.set_string(x, y, &number, theme.faint);
        for place in &shown {
            let cell = source.cell(row, place.column);
            let column = &columns[place.column];
            let marked = match cell.tone.mark() {
                "" => cell.text,
                mark => Cow::Owned(format!("{mark}{}", cell.text)),
            };
            let text = fit(&marked, place.width as usize, column.cut, theme.ellipsis);
            let style = match cell.tone {
                Tone::Plain => Style::new(),
                Tone::Faint => theme.faint,
                Tone::Proposal => theme.proposal,
                Tone::Edited => theme.edited,
                Tone::Alert => theme.alert,
            };
            let width = text.width() as u16;
            let x = left + place.x + if column.right { place.width - width.min(place.width) } else { 0 };
            if at_cursor && focused && place.column == state.column {
                // A cell without text still shows where the cursor is.
                let text = if width == 0 { " " } else { &text };
                buffer.set_stringn(x, y, text, place.width as usize, style.add_modifier(Modifier::REVERSED));
            } else {
                buffer.set_stringn(x, y, &text, place.width as usize, style);
            }
        }
    }
}

struct Heading<'a> {
    left: u16,
    digits: u16,
    shown: &'a [Shown],
}

fn draw_heading(
    buffer: &mut Buffer,
    area: Rect,
    state: &GridState,
    source: &impl Source,
    heading: &Heading<'_>,
    theme: &Theme,
) {
    let columns = source.columns();
    buffer.set_string(area.x + FRONT + heading.digits - 1, area.y, "#", theme.heading);
    for place in heading.shown {
        let column = &columns[place.column];
        let mark = match state.sort {
            Some((sorted, Direction::Up)) if sorted == place.column => "^",
            Some((sorted, Direction::Down)) if sorted == place.column => "v",
            _ => "",
        };
        // Where the heading is too long, its end goes, never the mark.
        let room = (place.width as usize).saturating_sub(mark.len());
        let title = format!("{}{mark}", fit(source.title(place.column), room, Cut::End, ""));
        let x = heading.left
            + place.x
            + if column.right { place.width - (title.width() as u16).min(place.width) } else { 0 };
        buffer.set_string(x, area.y, &title, theme.heading);
    }
}
