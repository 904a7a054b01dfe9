//! What a file holds, before anything of it is stored.

use std::sync::Arc;

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

use super::frame::{hints, lines};
use super::{Decision, Details};
use crate::domain::price_sheet::Skipped;
use crate::domain::text::{counted, printable, thousands};
use crate::jobs::sheets::Review;
use crate::ui::action::Action;
use crate::ui::commands::{Context, lookup};
use crate::ui::keys::Key;
use crate::ui::theme::Theme;
use crate::ui::widgets::fit::{Cut, fit, wrapped};
use crate::ui::widgets::grid::Move;

/// Something to look at.
#[derive(Debug)]
struct Remark {
    mark: &'static str,
    kind: String,
    place: String,
    text: String,
}

/// See the module.
#[derive(Debug)]
pub struct ReviewLayer {
    /// What was read.
    pub review: Arc<Review>,
    remarks: Vec<Remark>,
    cursor: usize,
    height: usize,
}

impl ReviewLayer {
    /// Shows what was read.
    #[must_use]
    pub fn new(review: Arc<Review>) -> Self {
        let remarks = remarks(&review);
        Self { review, remarks, cursor: 0, height: 10 }
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Decision {
        let last = self.remarks.len().saturating_sub(1);
        match lookup(Context::Review, Key::of(key)) {
            Some(Action::Accept) => return Decision::KeepReview,
            Some(Action::Close) => return Decision::Close,
            Some(Action::Go(Move::Down)) => self.cursor = (self.cursor + 1).min(last),
            Some(Action::Go(Move::Up)) => self.cursor = self.cursor.saturating_sub(1),
            Some(Action::Go(Move::PageDown)) => self.cursor = (self.cursor + self.height).min(last),
            Some(Action::Go(Move::PageUp)) => self.cursor = self.cursor.saturating_sub(self.height),
            Some(Action::EditCell) => {
                if let Some(remark) = self.remarks.get(self.cursor) {
                    let values = vec![
                        ("What".to_owned(), remark.kind.clone()),
                        ("Where".to_owned(), remark.place.clone()),
                        ("Why".to_owned(), remark.text.clone()),
                    ];
                    return Decision::Show(Details::new("In full".to_owned(), values));
                }
            }
            _ => {}
        }
        Decision::Stay
    }

    fn head(&self, width: usize, theme: &Theme) -> Vec<Line<'static>> {
        let review = &self.review;
        let facts = &review.facts;
        let nothing_yet = "   nothing is stored yet";
        let title = format!(" Import {}", printable(&review.file));
        let title =
            fit(&title, width.saturating_sub(nothing_yet.len()), Cut::Middle, theme.ellipsis).into_owned();
        let mut head =
            vec![Line::from(vec![Span::styled(title, theme.heading), Span::raw(nothing_yet)]), Line::raw("")];
        let left_out = match review.skipped_count {
            0 => String::new(),
            count => format!("  {} left out", thousands(count)),
        };
        let list = |texts: &[String]| match texts {
            [] => "-".to_owned(),
            texts => printable(&texts.join(" ")).into_owned(),
        };
        let month = facts.month.as_deref().unwrap_or("-");
        let mut told = vec![
            ("Layout", format!("{}, {} rows{left_out}", facts.layout, thousands(facts.rows))),
            ("Month", month.to_owned()),
            ("Markets", list(&facts.markets)),
            ("Currencies", list(&facts.currencies)),
            ("Segments", list(&facts.segments)),
        ];
        let sheets: Vec<String> = facts.sheets.iter().filter(|name| !name.is_empty()).cloned().collect();
        if !sheets.is_empty() {
            told.push(("Worksheets", list(&sheets)));
        }
        told.push((
            "Compared with",
            review
                .against
                .as_deref()
                .map_or("nothing older of its kind is kept".to_owned(), |name| printable(name).into_owned()),
        ));
        for (name, value) in told {
            for (at, part) in wrapped(&value, width.saturating_sub(18)).into_iter().take(2).enumerate() {
                let name = if at == 0 { name } else { "" };
                head.push(Line::from(vec![
                    Span::styled(format!("   {name:<15}"), theme.faint),
                    Span::raw(fit(&part, width.saturating_sub(18), Cut::End, theme.ellipsis).into_owned()),
                ]));
            }
        }
        if let Some(same) = &review.same_file {
            let text = format!(" ! this very file is kept already, as \"{}\"", printable(same));
            head.push(Line::from(Span::styled(text, theme.alert)));
        }
        head.push(Line::raw(""));
        head.push(Line::from(Span::styled(format!(" {}", self.summary()), theme.heading)));
        head
    }

    /// What there is to look at, counted by kind.
    fn summary(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        if self.review.skipped_count > 0 {
            parts.push(format!("{} left out", counted(self.review.skipped_count, "row")));
        }
        parts.extend(
            self.review.lint.counts.iter().map(|(kind, count)| format!("{kind} {}", thousands(*count))),
        );
        if !self.review.notes.is_empty() {
            parts.push(counted(self.review.notes.len(), "note"));
        }
        if parts.is_empty() {
            "Nothing looks wrong in it".to_owned()
        } else {
            format!("To look at: {}", parts.join(", "))
        }
    }

    /// Draws it over the whole area.
    pub fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
        frame.render_widget(Clear, area);
        let width = area.width as usize;
        let head = self.head(width, theme);
        let used = (head.len() as u16).min(area.height);
        lines(frame, area, head);
        let list = Rect { y: area.y + used, height: area.height.saturating_sub(used + 1), ..area };
        self.height = (list.height as usize).max(1);
        let from = (self.cursor + 1).saturating_sub(self.height);
        let shown = self.remarks.iter().enumerate().skip(from).take(self.height).map(|(at, remark)| {
            let at_cursor = at == self.cursor;
            let style = if at_cursor { Style::new().add_modifier(Modifier::REVERSED) } else { Style::new() };
            let place = if remark.place.is_empty() { String::new() } else { format!("{}: ", remark.place) };
            let text = format!("{place}{}", remark.text);
            let kind = format!("{:<22}", fit(&remark.kind, 22, Cut::End, theme.ellipsis));
            Line::from(vec![
                Span::raw(if at_cursor { ">" } else { " " }),
                Span::raw(format!("{} ", remark.mark)),
                Span::styled(kind, style),
                Span::raw(" "),
                Span::raw(fit(&text, width.saturating_sub(27), Cut::End, theme.ellipsis).into_owned()),
            ])
        });
        lines(frame, list, shown.collect());
        let foot = Rect { y: area.y + area.height.saturating_sub(1), height: 1.min(area.height), ..area };
        let mut keys = vec![("y", "keep it, under a name"), ("j k", "move")];
        if !self.remarks.is_empty() {
            keys.push(("Enter", "in full"));
        }
        keys.push(("Esc", "back, nothing is stored"));
        lines(frame, foot, vec![hints(&keys, theme)]);
    }
}

fn remarks(review: &Review) -> Vec<Remark> {
    let place = |sheet: &str, row: u32| match (sheet, row) {
        (_, 0) => String::new(),
        ("", row) => format!("row {row}"),
        (sheet, row) => format!("{}, row {row}", printable(sheet)),
    };
    let notes = review.notes.iter().map(|note| Remark {
        mark: "*",
        kind: "note".to_owned(),
        place: String::new(),
        text: printable(note).into_owned(),
    });
    let skipped = review.skipped.iter().map(|Skipped { sheet, row, column, value, reason, .. }| {
        let column = if column.is_empty() { String::new() } else { format!("{} ", printable(column)) };
        let value = if value.is_empty() { String::new() } else { format!("\"{}\" ", printable(value)) };
        Remark {
            mark: "-",
            kind: "left out".to_owned(),
            place: place(sheet, *row),
            text: format!("{column}{value}{}", printable(reason)),
        }
    });
    let findings = review.lint.findings.iter().map(|finding| Remark {
        mark: "!",
        kind: finding.kind.to_string(),
        place: place(&finding.sheet, finding.row),
        text: printable(&finding.text).into_owned(),
    });
    notes.chain(skipped).chain(findings).collect()
}
