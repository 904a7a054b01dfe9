//! Saying which column of a table is what, where it is none of the layouts that are known.

use std::path::PathBuf;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

use super::Decision;
use super::frame::{hints, lines, popup};
use crate::domain::money::Currency;
use crate::domain::price_sheet::{Field, Mapping, PriceBasis};
use crate::domain::text::printable;
use crate::sheets::read::SeenTable;
use crate::ui::theme::Theme;
use crate::ui::widgets::fit::{Cut, fit, padded};
use crate::ui::widgets::input::PASTE_TOO_LONG;
use crate::ui::widgets::pick::{Pick, Picked};

/// Lines above the columns that are no columns: what the prices are for, and the currency of all rows.
const OPTIONS: usize = 2;

/// See the module.
#[derive(Debug)]
pub struct MappingLayer {
    /// The file.
    pub path: PathBuf,
    tables: Vec<SeenTable>,
    /// Which table of the file.
    table: usize,
    /// What each of its columns is.
    fields: Vec<Option<Field>>,
    basis: PriceBasis,
    currency: Option<Currency>,
    /// Mappings that were saved before.
    saved: Vec<(String, Mapping)>,
    cursor: usize,
    /// A list that is open, and what it is for.
    choosing: Option<(Choosing, Pick)>,
    problem: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choosing {
    /// What a column is.
    Field(usize),
    /// A mapping that was saved before.
    Saved,
    /// The currency of all rows.
    Currency,
}

/// Currencies that price lists come in, for a table that does not say.
const CURRENCIES: [&str; 16] = [
    "USD", "EUR", "GBP", "CHF", "DKK", "NOK", "SEK", "AUD", "CAD", "JPY", "INR", "NZD", "BRL", "KRW", "TWD",
    "ZAR",
];

impl MappingLayer {
    /// Shows the first table, with the columns that were recognised.
    #[must_use]
    pub fn new(path: PathBuf, tables: Vec<SeenTable>, saved: Vec<(String, Mapping)>) -> Self {
        let mut layer = Self {
            path,
            tables,
            table: 0,
            fields: Vec::new(),
            basis: PriceBasis::Term,
            currency: None,
            saved,
            cursor: OPTIONS,
            choosing: None,
            problem: None,
        };
        layer.show(0);
        layer
    }

    fn show(&mut self, table: usize) {
        self.table = table;
        self.cursor = OPTIONS;
        self.fields = match self.tables.get(table) {
            Some(seen) => seen.columns.iter().map(|column| column.field).collect(),
            None => Vec::new(),
        };
    }

    /// The mapping as it stands.
    fn mapping(&self) -> Mapping {
        let columns = self.tables.get(self.table).map(|seen| seen.columns.as_slice()).unwrap_or_default();
        let chosen = columns.iter().zip(&self.fields);
        Mapping {
            columns: chosen.filter_map(|(column, field)| Some((column.heading.clone(), (*field)?))).collect(),
            basis: self.basis,
            currency: self.currency,
            market: None,
        }
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Decision {
        if let Some((what, pick)) = &mut self.choosing {
            let what = *what;
            match pick.key(key) {
                Picked::Nothing => {}
                Picked::Left => self.choosing = None,
                Picked::One(at) => {
                    self.choosing = None;
                    self.chosen(what, at);
                }
            }
            return Decision::Stay;
        }
        self.problem = None;
        let last = (OPTIONS + self.fields.len()).saturating_sub(1);
        match key.code {
            KeyCode::Esc | KeyCode::Char('q') => return Decision::Close,
            KeyCode::Char('j') | KeyCode::Down => self.cursor = (self.cursor + 1).min(last),
            KeyCode::Char('k') | KeyCode::Up => self.cursor = self.cursor.saturating_sub(1),
            KeyCode::PageDown => self.cursor = (self.cursor + 10).min(last),
            KeyCode::PageUp => self.cursor = self.cursor.saturating_sub(10),
            KeyCode::Char('w') if self.tables.len() > 1 => self.show((self.table + 1) % self.tables.len()),
            KeyCode::Char('m') if self.saved.is_empty() => {
                return Decision::Say("no mapping was saved yet: s saves this one under a name");
            }
            KeyCode::Char('m') => {
                let names = self.saved.iter().map(|(name, _)| printable(name).into_owned()).collect();
                self.choosing = Some((Choosing::Saved, Pick::new(names, 0)));
            }
            KeyCode::Enter | KeyCode::Char('e' | ' ') => self.edit(),
            KeyCode::Char('y' | 's') => {
                let mapping = self.mapping();
                if let Err(error) = mapping.check() {
                    self.problem = Some(error.to_string());
                } else if key.code == KeyCode::Char('y') {
                    return Decision::ReadMapped(self.path.clone(), mapping);
                } else {
                    return Decision::SaveMapping(mapping);
                }
            }
            _ => {}
        }
        Decision::Stay
    }

    /// Takes a pasted text.
    pub fn paste(&mut self, text: &str) -> Decision {
        let taken = self.choosing.as_mut().is_none_or(|(_, pick)| pick.paste(text));
        if taken { Decision::Stay } else { Decision::Say(PASTE_TOO_LONG) }
    }

    fn edit(&mut self) {
        match self.cursor {
            0 => {
                self.basis = match self.basis {
                    PriceBasis::Term => PriceBasis::Month,
                    PriceBasis::Month => PriceBasis::Term,
                };
            }
            1 => {
                let names =
                    std::iter::once("as the table says").chain(CURRENCIES).map(str::to_owned).collect();
                self.choosing = Some((Choosing::Currency, Pick::new(names, 0)));
            }
            at => {
                let now = self.fields.get(at - OPTIONS).copied().flatten();
                let current = now.and_then(|now| Field::ALL.iter().position(|field| *field == now));
                let names = std::iter::once("nothing, kept as it is".to_owned());
                let names = names.chain(Field::ALL.iter().map(|field| field.heading().to_owned())).collect();
                let pick = Pick::new(names, current.map_or(0, |at| at + 1));
                self.choosing = Some((Choosing::Field(at - OPTIONS), pick));
            }
        }
    }

    fn chosen(&mut self, what: Choosing, at: usize) {
        let above_list = at.checked_sub(1);
        match what {
            Choosing::Field(column) => {
                if let Some(field) = self.fields.get_mut(column) {
                    *field = above_list.and_then(|at| Field::ALL.get(at)).copied();
                }
            }
            Choosing::Currency => {
                let code = above_list.and_then(|at| CURRENCIES.get(at));
                self.currency = code.and_then(|code| Currency::parse(code).ok());
            }
            Choosing::Saved => {
                if let (Some((_, mapping)), Some(seen)) = (self.saved.get(at), self.tables.get(self.table)) {
                    self.fields = seen.columns.iter().map(|column| mapping.field(&column.heading)).collect();
                    self.basis = mapping.basis;
                    self.currency = mapping.currency;
                }
            }
        }
    }

    /// Draws it over the whole area.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
        frame.render_widget(Clear, area);
        let width = area.width as usize;
        let file = self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let seen = self.tables.get(self.table);
        let sheet = match seen {
            Some(seen) if !seen.sheet.is_empty() => format!(", sheet {}", seen.sheet),
            _ => String::new(),
        };
        let which = match self.tables.len() {
            0 | 1 => String::new(),
            count => format!("  ({} of {count}, w shows the next)", self.table + 1),
        };
        let title = printable(&format!(" {file}{sheet}: which column is what?{which}")).into_owned();
        let basis = match self.basis {
            PriceBasis::Term => "the whole term, as in new commerce",
            PriceBasis::Month => "one month, as in legacy lists",
        };
        let currency = self.currency.map_or("as the table says".to_owned(), |currency| currency.to_string());
        let mut rows: Vec<(String, String, String)> = vec![
            ("Prices are for".to_owned(), basis.to_owned(), String::new()),
            ("Currency of all rows".to_owned(), currency, String::new()),
        ];
        if let Some(seen) = seen {
            for (at, column) in seen.columns.iter().enumerate() {
                let field = self.fields.get(at).copied().flatten();
                let samples: Vec<&str> =
                    seen.rows.iter().filter_map(|row| row.get(at)).map(String::as_str).take(3).collect();
                rows.push((
                    printable(&column.heading).into_owned(),
                    field.map_or("-", Field::heading).to_owned(),
                    printable(&samples.join("  |  ")).into_owned(),
                ));
            }
        }
        let name = (width / 3).clamp(16, 32);
        let heading =
            format!("   {}{:<22}first values", padded("column of the file", name, theme.ellipsis), "is");
        let mut shown = vec![
            Line::from(Span::styled(
                fit(&title, width, Cut::Middle, theme.ellipsis).into_owned(),
                theme.heading,
            )),
            Line::raw(" Nothing was recognised as one of Microsoft's price lists. Nothing is stored yet."),
            Line::from(Span::styled(heading, theme.heading)),
        ];
        let height = area.height.saturating_sub(5) as usize;
        let from = (self.cursor + 1).saturating_sub(height);
        for (at, (column, field, samples)) in rows.iter().enumerate().skip(from).take(height) {
            let at_cursor = at == self.cursor;
            let style = if at_cursor { Style::new().add_modifier(Modifier::REVERSED) } else { Style::new() };
            let room = width.saturating_sub(3 + name + 22);
            shown.push(Line::from(vec![
                Span::raw(if at_cursor { " > " } else { "   " }),
                Span::styled(padded(column, name, theme.ellipsis), style),
                Span::raw(padded(field, 22, theme.ellipsis)),
                Span::styled(fit(samples, room, Cut::End, theme.ellipsis).into_owned(), theme.faint),
            ]));
        }
        lines(frame, area, shown);
        let foot = Rect { y: area.y + area.height.saturating_sub(2), height: 2.min(area.height), ..area };
        let problem = self.problem.as_ref().map(|problem| format!("! {problem}")).unwrap_or_default();
        let keys = [
            ("Enter", "what it is"),
            ("m", "saved ones"),
            ("s", "save this one"),
            ("y", "read the file so"),
            ("Esc", "back"),
        ];
        lines(frame, foot, vec![Line::from(Span::styled(problem, theme.alert)), hints(&keys, theme)]);
        if let Some((_, pick)) = &self.choosing {
            draw_choices(pick, frame, area, theme);
        }
    }
}

fn draw_choices(pick: &Pick, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
    let inside = popup(frame, area, "It is", 44, 20, theme);
    let (typed, cursor) = pick.typed();
    let mut shown = vec![Line::raw(format!(" {typed}"))];
    for (at, at_cursor) in pick.window(inside.height.saturating_sub(2) as usize) {
        let style = if at_cursor { Style::new().add_modifier(Modifier::REVERSED) } else { Style::new() };
        let name = fit(pick.candidate(at), inside.width.saturating_sub(4) as usize, Cut::End, theme.ellipsis);
        shown.push(Line::from(vec![
            Span::raw(if at_cursor { " > " } else { "   " }),
            Span::styled(name.into_owned(), style),
        ]));
    }
    if pick.is_empty() {
        shown.push(Line::raw("   nothing here holds that text"));
    }
    lines(frame, inside, shown);
    let foot = Rect { y: inside.y + inside.height.saturating_sub(1), height: 1, ..inside };
    lines(frame, foot, vec![hints(&[(" type", "narrows"), ("Enter", "takes it"), ("Esc", "back")], theme)]);
    frame.set_cursor_position((inside.x + 1 + cursor, inside.y));
}
