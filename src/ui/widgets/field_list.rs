//! The lines of a form: label and value, the cursor's line among them, in a window that follows it.

use std::borrow::Cow;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line as TextLine, Span};
use ratatui::widgets::Paragraph;
use unicode_width::UnicodeWidthStr;

use super::fit::{Cut, fit};
use super::input::Line;
use super::secret_line::dots;
use crate::domain::text::printable;
use crate::ui::theme::Theme;

/// Cells before the labels.
const GUTTER: usize = 2;

/// What stands behind a label.
#[derive(Debug, Clone)]
pub enum Value<'a> {
    /// A text that is typed here.
    Typed(&'a Line),
    /// A text that another key changes.
    Chosen(Cow<'a, str>),
    /// A secret that is set, and what may be said of it: since when, by whom.
    Secret(Cow<'a, str>),
}

/// What to know of a value, told before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mark {
    /// Nothing.
    #[default]
    None,
    /// It is not saved yet.
    Edited,
    /// It does not fit, or another operator has changed it too.
    Wrong,
}

/// A field of a form.
#[derive(Debug, Clone)]
pub struct Field<'a> {
    /// What it is called.
    pub label: &'a str,
    /// What it holds.
    pub value: Value<'a>,
    /// What to know of that.
    pub mark: Mark,
    /// What can be typed, told behind the value while the cursor is on it.
    pub note: &'a str,
}

/// Which of a form's lines are in sight.
#[derive(Debug, Default)]
pub struct Window {
    offset: usize,
    height: usize,
}

impl Window {
    /// Lines in sight when it was last drawn.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// Lines above those in sight when it was last drawn.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Moves as little as needed to have a line in sight, and what stands above it from `top` on, as far as there is room.
    fn follow(&mut self, top: usize, focus: usize, lines: usize, height: usize) {
        self.height = height;
        let lowest = (focus + 1).saturating_sub(height);
        self.offset = self.offset.min(top).max(lowest).min(lines.saturating_sub(height));
    }
}

/// The lines of a form, gathered for one frame.
#[derive(Debug)]
pub struct FieldList<'a> {
    /// Cells of the labels, with the mark behind them.
    labels: usize,
    width: usize,
    theme: &'a Theme,
    lines: Vec<TextLine<'static>>,
    /// The cursor's line, and the cursor's cell in it where something is typed.
    focus: usize,
    cursor: Option<u16>,
    first_field: Option<usize>,
    hint: Option<&'a str>,
}

impl<'a> FieldList<'a> {
    /// No lines yet, of so many cells, so many of them for the labels.
    #[must_use]
    pub fn new(labels: usize, width: usize, theme: &'a Theme) -> Self {
        Self {
            labels,
            width,
            theme,
            lines: Vec::new(),
            focus: 0,
            cursor: None,
            first_field: None,
            hint: None,
        }
    }

    /// Adds a line that is no field.
    pub fn line(&mut self, line: TextLine<'static>) {
        self.lines.push(line);
    }

    /// Adds the cursor's line, with the cell of the terminal's cursor where something is typed.
    pub fn line_here(&mut self, line: TextLine<'static>, cursor: Option<u16>) {
        self.focus = self.lines.len();
        self.cursor = cursor;
        self.lines.push(line);
    }

    /// Adds a field; the cursor is on it or not.
    pub fn field(&mut self, field: &Field<'_>, here: bool) {
        self.first_field.get_or_insert(self.lines.len());
        let (line, cursor) = self.field_line(field, here);
        if here {
            self.line_here(line, cursor);
        } else {
            self.line(line);
        }
    }

    /// Keeps a last line for what there is to say of the field under the cursor.
    pub fn hint(&mut self, text: &'a str) {
        self.hint = Some(text);
    }

    fn field_line(&self, field: &Field<'_>, here: bool) -> (TextLine<'static>, Option<u16>) {
        let theme = self.theme;
        let label = fit(field.label, self.labels.saturating_sub(1), Cut::End, theme.ellipsis);
        let pad = self.labels.saturating_sub(1 + label.width());
        let (mark, mark_style) = match field.mark {
            Mark::None => (" ", Style::new()),
            Mark::Edited => ("*", theme.edited),
            Mark::Wrong => ("!", theme.alert),
        };
        let mut spans = vec![
            Span::raw(if here { "> " } else { "  " }),
            Span::styled(format!("{label}{}", " ".repeat(pad)), theme.faint),
            Span::styled(mark, mark_style),
        ];
        let room = self.width.saturating_sub(self.labels + GUTTER);
        let reversed = if here { Style::new().add_modifier(Modifier::REVERSED) } else { Style::new() };
        // Of ids, domains and addresses both ends matter.
        let side = |text: &str| if text.contains(' ') { Cut::End } else { Cut::Middle };
        let cut = |text: &str| fit(&printable(text), room, side(text), theme.ellipsis).into_owned();
        let mut behind = if here { field.note } else { "" };
        let mut cursor = None;
        let (value, style) = match &field.value {
            Value::Typed(line) if !here => (cut(line.text()), Style::new()),
            Value::Typed(line) => {
                // A text longer than its room scrolls so that the cursor stays in sight.
                let skipped = line.cursor().saturating_sub(room.saturating_sub(1));
                cursor = Some((GUTTER + self.labels + line.cursor() - skipped) as u16);
                let shown = printable(line.text()).chars().skip(skipped).take(room).collect();
                (shown, Style::new())
            }
            Value::Chosen(text) => (cut(text), reversed),
            Value::Secret(text) => {
                behind = text;
                (cut(&dots(theme.unicode)), reversed)
            }
        };
        let used = value.width();
        spans.push(Span::styled(value, style));
        if !behind.is_empty() && used + 3 + behind.width() < room {
            spans.push(Span::styled(format!("   {}", printable(behind)), theme.faint));
        }
        (TextLine::from(spans), cursor)
    }

    /// Draws what the window shows. The terminal's cursor is set only where `types`: not below a question.
    pub fn draw(self, frame: &mut Frame<'_>, mut area: Rect, window: &mut Window, types: bool) {
        if let Some(hint) = self.hint
            && area.height > 1
        {
            area.height -= 1;
            let place = Rect { y: area.y + area.height, height: 1, ..area };
            let room = self.width.saturating_sub(GUTTER);
            let hint = format!("  {}", fit(&printable(hint), room, Cut::End, self.theme.ellipsis));
            frame.render_widget(Paragraph::new(Span::styled(hint, self.theme.faint)), place);
        }
        let height = area.height as usize;
        // What stands above the first field can be seen in no other way.
        let top = if self.first_field == Some(self.focus) { 0 } else { self.focus };
        window.follow(top, self.focus, self.lines.len(), height);
        if let Some(column) = self.cursor
            && types
            && (window.offset..window.offset + height).contains(&self.focus)
        {
            let y = area.y + (self.focus - window.offset) as u16;
            let x = (area.x + column).min(area.x + area.width.saturating_sub(1));
            frame.set_cursor_position(Position { x, y });
        }
        let shown: Vec<TextLine<'_>> = self.lines.into_iter().skip(window.offset).take(height).collect();
        frame.render_widget(Paragraph::new(shown), area);
    }
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use super::*;
    use crate::config;

    /// The CSP settings, more or less, with the cursor on one of them; what a frame shows and where its cursor is.
    fn settings(
        window: &mut Window,
        at: usize,
        (width, height): (u16, u16),
        unicode: bool,
    ) -> (String, Option<Position>) {
        let theme = Theme::new(config::Theme::Plain, unicode);
        let id = Line::with("5a1f0c3e-94d2-4f7b-a2a0-61d07d2c2f1d");
        let secret = Value::Secret("set 2026-10-02 by ana\u{1b}".into());
        let fields = [
            ("CPV App ID", Value::Typed(&id), Mark::Edited, ""),
            ("CPV App Secret", secret, Mark::None, ""),
            ("MFA method", Value::Chosen("manual".into()), Mark::None, "or Key Vault"),
            ("CSP domain", Value::Chosen("fabrikam-csp.onmicrosoft.com".repeat(4).into()), Mark::Wrong, ""),
            ("Refresh token regeneration", Value::Chosen("30".into()), Mark::None, ""),
            ("Tier", Value::Chosen("2".into()), Mark::None, "1 sells to customers"),
        ];
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let mut cursor = None;
        terminal
            .draw(|frame| {
                let mut list = FieldList::new(22, width as usize, &theme);
                list.line(TextLine::styled(" MS CSP settings", theme.heading));
                for (index, (label, value, mark, note)) in fields.into_iter().enumerate() {
                    if index == 4 {
                        list.line(TextLine::raw(""));
                    }
                    list.field(&Field { label, value, mark, note }, index == at);
                }
                list.hint("How the partner signs in: with a browser once, or by what a vault holds");
                cursor = list.cursor.map(|_| Position::ORIGIN);
                list.draw(frame, frame.area(), window, true);
            })
            .unwrap();
        if cursor.is_some() {
            cursor = Some(terminal.backend().cursor_position());
        }
        let rows = terminal.backend().buffer().content.chunks(width as usize);
        let rows = rows.map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect::<String>());
        (rows.map(|row| row.trim_end().to_owned() + "\n").collect(), cursor)
    }

    #[test]
    fn fields_at_three_sizes() {
        for (at, name) in [(0, "typed"), (1, "secret"), (2, "note")] {
            for size in [(80, 24), (120, 40), (60, 15)] {
                let (screen, _) = settings(&mut Window::default(), at, size, true);
                insta::assert_snapshot!(format!("fields_{name}_{}x{}", size.0, size.1), screen);
            }
        }
        let (ascii, _) = settings(&mut Window::default(), 1, (60, 15), false);
        assert!(ascii.is_ascii(), "{ascii}");
        assert!(ascii.contains("> CPV App Secret        ********   set 2026-10-02 by ana?"), "{ascii}");
    }

    #[test]
    fn the_window_follows_the_cursor_and_shows_the_heading_of_the_first_field() {
        let mut window = Window::default();
        for (at, first) in [(0, 0), (2, 0), (3, 1), (5, 4), (4, 4), (2, 3), (1, 2), (0, 0)] {
            let (screen, _) = settings(&mut window, at, (60, 5), true);
            assert_eq!(window.offset, first, "at {at}: {screen}");
            assert_eq!(window.height(), 4);
            assert_eq!(screen.lines().filter(|line| line.starts_with('>')).count(), 1, "{screen}");
        }
    }

    #[test]
    fn a_long_text_scrolls_with_its_cursor_and_is_cut_elsewhere() {
        let (here, cursor) = settings(&mut Window::default(), 0, (40, 10), true);
        assert!(here.contains("> CPV App ID           *a0-61d07d2c2f1d"), "{here}");
        assert_eq!(cursor, Some(Position { x: 39, y: 1 }));
        let (elsewhere, cursor) = settings(&mut Window::default(), 1, (40, 10), true);
        assert!(elsewhere.contains("  CPV App ID           *5a1f0c3e…d2c2f1d"), "{elsewhere}");
        assert_eq!(cursor, None);
    }
}
