//! A line to type, at the foot of the screen: a filter, a cell's value, a file's path.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line as TextLine, Span};
use ratatui::widgets::{Clear, Paragraph};
use unicode_width::UnicodeWidthStr;

use super::Decision;
use crate::domain::text::printable;
use crate::ui::screens::Ask;
use crate::ui::theme::Theme;
use crate::ui::widgets::fit::{Cut, fit};
use crate::ui::widgets::input::{Line, PASTE_TOO_LONG};

/// What the line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromptFor {
    /// The grid's filter, in force while it is typed.
    Filter,
    /// A value that the tab asked for.
    Value(Ask),
    /// Where the export goes.
    ExportPath,
}

/// See the module.
#[derive(Debug)]
pub struct Prompt {
    purpose: PromptFor,
    label: String,
    line: Line,
    before: String,
    hint: &'static str,
    error: Option<String>,
    /// Nothing was typed yet: the first letter replaces the value that was there, as a selected text.
    selected: bool,
}

impl Prompt {
    /// A prompt that starts with a text.
    #[must_use]
    pub fn new(purpose: PromptFor, label: impl Into<String>, text: &str) -> Self {
        let hint = match purpose {
            PromptFor::Filter => "Enter keeps it, Esc takes it back",
            PromptFor::Value(_) => "",
            PromptFor::ExportPath => ".xlsx or .csv",
        };
        Self {
            purpose,
            label: label.into(),
            line: Line::with(text),
            before: text.to_owned(),
            hint,
            error: None,
            selected: matches!(purpose, PromptFor::Value(_)) && !text.is_empty(),
        }
    }

    /// Says what can be typed.
    #[must_use]
    pub fn with_hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }

    /// The typed value does not fit; it stays, with the reason.
    pub fn refuse(&mut self, reason: String) {
        self.error = Some(reason);
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Decision {
        match key.code {
            KeyCode::Esc => match self.purpose {
                PromptFor::Filter => Decision::FilterBack(self.before.clone()),
                _ => Decision::Close,
            },
            KeyCode::Enter => match self.purpose {
                PromptFor::Filter => Decision::Close,
                PromptFor::Value(ask) => Decision::Typed(ask, self.line.text().to_owned()),
                PromptFor::ExportPath => Decision::ExportTo(self.line.text().to_owned()),
            },
            _ => {
                let control = key.modifiers.contains(KeyModifiers::CONTROL);
                if self.selected && matches!(key.code, KeyCode::Char(_)) && !control {
                    self.line.clear();
                }
                self.selected = false;
                if self.line.key(key) {
                    self.error = None;
                    return self.changed();
                }
                Decision::Stay
            }
        }
    }

    /// Takes a pasted text.
    pub fn paste(&mut self, text: &str) -> Decision {
        let before = std::mem::take(&mut self.selected).then(|| std::mem::take(&mut self.line));
        if !self.line.paste(text) {
            self.line = before.unwrap_or_else(|| std::mem::take(&mut self.line));
            self.refuse(PASTE_TOO_LONG.to_owned());
            return Decision::Stay;
        }
        self.error = None;
        self.changed()
    }

    fn changed(&self) -> Decision {
        match self.purpose {
            PromptFor::Filter => Decision::Filter(self.line.text().to_owned()),
            _ => Decision::Stay,
        }
    }

    /// Draws it over the last line of `area`, the cursor in it; a refusal stands on the line above.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
        let y = area.y + area.height.saturating_sub(1);
        let place = Rect { y, height: 1.min(area.height), ..area };
        frame.render_widget(Clear, place);
        let label = printable(&self.label);
        let text = printable(self.line.text());
        let room = (area.width as usize).saturating_sub(label.width() + 1);
        // A text longer than its room scrolls so that the cursor stays in sight.
        let skipped = self.line.cursor().saturating_sub(room.saturating_sub(1));
        let shown: String = text.chars().skip(skipped).collect();
        let style = if self.selected { Style::new().add_modifier(Modifier::REVERSED) } else { Style::new() };
        let mut spans =
            vec![Span::styled(label.as_ref(), theme.heading), Span::styled(shown.as_str(), style)];
        let used = label.width() + shown.width();
        if used + 3 + self.hint.width() < area.width as usize {
            spans.push(Span::raw("   "));
            spans.push(Span::styled(self.hint, theme.faint));
        }
        frame.render_widget(Paragraph::new(TextLine::from(spans)), place);
        let x = area.x + (label.width() + self.line.cursor() - skipped) as u16;
        frame.set_cursor_position(Position { x: x.min(area.x + area.width.saturating_sub(1)), y });
        if let Some(error) = &self.error
            && y > area.y
        {
            let above = Rect { y: y - 1, height: 1, ..area };
            frame.render_widget(Clear, above);
            let text = format!("! {}", printable(error));
            let text = fit(&text, area.width as usize, Cut::End, theme.ellipsis);
            frame.render_widget(Paragraph::new(Span::styled(text, theme.alert)), above);
        }
    }
}
