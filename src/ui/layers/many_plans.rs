//! Many plans at once: one margin and one rounding rule, and what would be made, before it is.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line as TextLine, Span};
use ratatui::widgets::Clear;
use rust_decimal::Decimal;
use unicode_width::UnicodeWidthStr;

use super::Decision;
use super::frame::{hints, lines};
use super::plan_form::{ROUNDINGS, rounding_words};
use crate::domain::money::grouped;
use crate::domain::plan_batch::CreateLine;
use crate::domain::plan_form::{PlanForm, parse_margin};
use crate::domain::rounding::Rounding;
use crate::domain::settings::Tier;
use crate::domain::text::{counted, printable, thousands};
use crate::ui::action::Action;
use crate::ui::commands::{Context, lookup};
use crate::ui::effect::Effect;
use crate::ui::keys::Key;
use crate::ui::messages::plans::PlansEffect;
use crate::ui::theme::Theme;
use crate::ui::widgets::fit::{Cut, fit, padded};
use crate::ui::widgets::grid::Move;
use crate::ui::widgets::input::{Line, PASTE_TOO_LONG};

/// A plan that is to be made.
#[derive(Debug)]
struct Row {
    form: PlanForm,
    duplicate_of: Vec<String>,
    warnings: Vec<String>,
    /// What stops it, where something does.
    error: Option<String>,
}

/// See the module.
#[derive(Debug)]
pub struct ManyPlans {
    rows: Vec<Row>,
    sheet: String,
    has_resellers: bool,
    /// Ticked rows that no plan can sell.
    unsellable: usize,
    margin: Line,
    reseller: Line,
    at_reseller: bool,
    rounding: Rounding,
    duplicates_too: bool,
    cursor: usize,
    height: usize,
    /// A negative margin is asked about.
    asking: bool,
    writing: bool,
    note: Option<String>,
}

impl ManyPlans {
    /// Shows what forms would become.
    #[must_use]
    pub fn new(made: Vec<CreateLine>, sheet: String, tier: Tier, unsellable: usize) -> Self {
        let rows = made.into_iter().map(|line| Row {
            form: line.form,
            duplicate_of: line.duplicate_of,
            warnings: Vec::new(),
            error: None,
        });
        let mut layer = Self {
            rows: rows.collect(),
            sheet,
            has_resellers: tier == Tier::Indirect,
            unsellable,
            margin: Line::default(),
            reseller: Line::default(),
            at_reseller: false,
            rounding: Rounding::Minor,
            duplicates_too: false,
            cursor: 0,
            height: 10,
            asking: false,
            writing: false,
            note: None,
        };
        layer.work_out();
        layer
    }

    fn margins(&self) -> Result<(Decimal, Decimal), String> {
        if self.margin.text().trim().is_empty() {
            return Err("type a margin in percent of cost, such as 12.5".to_owned());
        }
        let margin = parse_margin(self.margin.text()).map_err(|error| error.to_string())?;
        let reseller = match self.reseller.text().trim() {
            "" => Decimal::ZERO,
            text => parse_margin(text).map_err(|error| error.to_string())?,
        };
        Ok((margin, reseller))
    }

    /// Works every price out anew.
    fn work_out(&mut self) {
        let (margin, reseller) = self.margins().unwrap_or_default();
        for row in &mut self.rows {
            row.form.margin_percent = margin;
            row.form.reseller_margin_percent = reseller;
            row.form.rounding = self.rounding;
            let mut warnings: Vec<_> = row.form.warnings().into_iter().map(|(.., warning)| warning).collect();
            warnings.sort_unstable();
            warnings.dedup();
            row.warnings = warnings.iter().map(ToString::to_string).collect();
            let priced = row.form.cycles.iter().try_for_each(|choice| row.form.price(choice).map(drop));
            row.error = priced.err().map(|error| error.to_string());
        }
    }

    fn is_made(&self, row: &Row) -> bool {
        row.error.is_none() && (self.duplicates_too || row.duplicate_of.is_empty())
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Decision {
        if self.writing {
            return Decision::Say("the plans are being written");
        }
        if self.asking {
            self.asking = false;
            return match key.code {
                KeyCode::Char('y' | 'Y') => self.create(),
                _ => Decision::Stay,
            };
        }
        let last = self.rows.len().saturating_sub(1);
        match lookup(Context::ManyPlans, Key::of(key)) {
            Some(Action::Accept) => return self.accept(),
            Some(Action::Close) => return Decision::Close,
            Some(Action::NextPane) => self.at_reseller = self.has_resellers && !self.at_reseller,
            Some(Action::Duplicates) => self.duplicates_too = !self.duplicates_too,
            Some(Action::Rounding) => {
                let now = ROUNDINGS.iter().position(|(rule, _)| rule.parse() == Ok(self.rounding));
                let next = (now.unwrap_or(0) + 1) % ROUNDINGS.len();
                self.rounding =
                    ROUNDINGS.get(next).and_then(|(rule, _)| rule.parse().ok()).unwrap_or_default();
                self.work_out();
            }
            Some(Action::Go(Move::Down)) => self.cursor = (self.cursor + 1).min(last),
            Some(Action::Go(Move::Up)) => self.cursor = self.cursor.saturating_sub(1),
            Some(Action::Go(Move::PageDown)) => self.cursor = (self.cursor + self.height).min(last),
            Some(Action::Go(Move::PageUp)) => self.cursor = self.cursor.saturating_sub(self.height),
            _ => {
                let control = key.modifiers.contains(KeyModifiers::CONTROL);
                let is_letter =
                    matches!(key.code, KeyCode::Char(c) if !c.is_ascii_digit() && !".,-%".contains(c));
                if is_letter && !control {
                    return Decision::Stay;
                }
                let line = if self.at_reseller { &mut self.reseller } else { &mut self.margin };
                if line.key(key) {
                    self.note = None;
                    self.work_out();
                }
            }
        }
        Decision::Stay
    }

    /// Takes a pasted margin.
    pub fn paste(&mut self, text: &str) -> Decision {
        let line = if self.at_reseller { &mut self.reseller } else { &mut self.margin };
        if !line.paste(text) {
            return Decision::Say(PASTE_TOO_LONG);
        }
        self.work_out();
        Decision::Stay
    }

    fn accept(&mut self) -> Decision {
        match self.margins() {
            Err(reason) => {
                self.note = Some(reason);
                Decision::Stay
            }
            Ok(_) if !self.rows.iter().any(|row| self.is_made(row)) => {
                Decision::Say("there is nothing to make")
            }
            Ok((margin, reseller)) if margin < Decimal::ZERO || reseller < Decimal::ZERO => {
                self.asking = true;
                Decision::Stay
            }
            Ok(_) => self.create(),
        }
    }

    fn create(&mut self) -> Decision {
        let rows = self.rows.iter().filter(|row| self.is_made(row));
        let forms = rows.map(|row| row.form.clone()).collect();
        self.writing = true;
        let effect = PlansEffect::Create { forms, duplicates_too: self.duplicates_too };
        Decision::StayAndDo(vec![Effect::Plans(effect)])
    }

    /// It was not written.
    pub fn not_written(&mut self, reason: String) {
        self.writing = false;
        self.note = Some(reason);
    }

    /// Draws it over the whole area.
    pub fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
        frame.render_widget(Clear, area);
        let width = area.width as usize;
        let right = if self.writing { "writing" } else { "nothing is made yet" };
        let title = format!(" Plans of {}", printable(&self.sheet));
        let title = fit(&title, width.saturating_sub(right.len() + 2), Cut::End, theme.ellipsis).into_owned();
        let pad = width.saturating_sub(title.width() + right.len() + 1);
        let mut head = vec![TextLine::from(vec![
            Span::styled(title, theme.heading),
            Span::raw(" ".repeat(pad)),
            Span::raw(right),
        ])];
        let field = |label: &str, text: &str, here: bool| {
            format!("{}{label:<18}{text}", if here { " > " } else { "   " })
        };
        head.push(TextLine::raw(field("Margin %", self.margin.text(), !self.at_reseller)));
        if self.has_resellers {
            head.push(TextLine::raw(field("Reseller margin %", self.reseller.text(), self.at_reseller)));
        }
        head.push(TextLine::raw(field("Rounding", &rounding_words(self.rounding), false)));
        head.push(TextLine::raw(""));
        head.extend(self.counts().into_iter().map(TextLine::raw));
        head.push(TextLine::raw(""));
        let used = head.len() as u16;
        lines(frame, area, head);
        let line = if self.at_reseller { &self.reseller } else { &self.margin };
        if !self.asking {
            let y = area.y + if self.at_reseller { 2 } else { 1 };
            frame.set_cursor_position(Position { x: area.x + 21 + line.cursor() as u16, y });
        }

        let list = Rect { y: area.y + used, height: area.height.saturating_sub(used + 2), ..area };
        self.height = (list.height as usize).max(1);
        let from = (self.cursor + 1).saturating_sub(self.height);
        let shown = self.rows.iter().enumerate().skip(from).take(self.height);
        let shown = shown.map(|(at, row)| self.row_line(row, at == self.cursor, width, theme)).collect();
        lines(frame, list, shown);

        let said = Rect { y: area.y + area.height.saturating_sub(2), height: 1, ..area };
        let text = match (&self.note, self.asking) {
            (_, true) => {
                " The margin is negative: every seat is sold below cost. Make them even so?".to_owned()
            }
            (Some(note), _) => format!(" ! {}", printable(note)),
            (None, false) => String::new(),
        };
        let text = fit(&text, width, Cut::End, theme.ellipsis).into_owned();
        lines(frame, said, vec![TextLine::from(Span::styled(text, theme.alert))]);
        let foot = Rect { y: area.y + area.height.saturating_sub(1), height: 1.min(area.height), ..area };
        lines(frame, foot, vec![self.keys(theme)]);
    }

    fn keys(&self, theme: &Theme) -> TextLine<'static> {
        if self.asking {
            return hints(&[("y", "yes"), ("n", "no")], theme);
        }
        let mut keys = vec![("y", "create"), ("Esc", "back"), ("0-9", "margin")];
        if self.has_resellers {
            keys.push(("Tab", "other margin"));
        }
        keys.push(("r", "rounding"));
        if self.rows.iter().any(|row| !row.duplicate_of.is_empty()) {
            keys.push(("d", if self.duplicates_too { "no duplicates" } else { "duplicates too" }));
        }
        keys.push(("j k", "move"));
        hints(&keys, theme)
    }

    fn counts(&self) -> Vec<String> {
        let made: Vec<&Row> = self.rows.iter().filter(|row| self.is_made(row)).collect();
        let prices: usize = made.iter().map(|row| row.form.cycles.len()).sum();
        let warned = made.iter().filter(|row| !row.warnings.is_empty()).count();
        let duplicates = self.rows.iter().filter(|row| !row.duplicate_of.is_empty()).count();
        let mut first = format!("{:>6}  new, with {}", thousands(made.len()), counted(prices, "price"));
        if warned > 0 {
            first.push_str(&format!("   ! {} to look at", thousands(warned)));
        }
        let mut counts = vec![first];
        if duplicates > 0 {
            let what = if self.duplicates_too { "made even so" } else { "left out" };
            counts.push(format!("{:>6}  sold by a plan already, {what}", thousands(duplicates)));
        }
        if self.unsellable > 0 {
            counts.push(format!(
                "{:>6}  ticked without a price for a billing period",
                thousands(self.unsellable)
            ));
        }
        counts
    }

    fn row_line(&self, row: &Row, at_cursor: bool, width: usize, theme: &Theme) -> TextLine<'static> {
        let name = (width / 2).saturating_sub(6);
        let style = if at_cursor { Style::new().add_modifier(Modifier::REVERSED) } else { Style::new() };
        let is_duplicate = !row.duplicate_of.is_empty();
        let mark = match (row.error.is_some(), is_duplicate && !self.duplicates_too, row.warnings.is_empty())
        {
            (true, _, _) => "!",
            (_, true, _) => "-",
            (_, _, false) => "!",
            _ => "+",
        };
        let what = match &row.error {
            Some(error) => error.clone(),
            None if is_duplicate && !self.duplicates_too => {
                format!("{} sells it", row.duplicate_of.join(", "))
            }
            None => {
                let first = row.form.cycles.first();
                let price = first.and_then(|choice| row.form.price(choice).ok()).map(|price| {
                    let amount = |sum| grouped(sum, price.currency);
                    format!(
                        "{} {} {} -> {}",
                        price.cycle,
                        price.currency,
                        amount(price.cost.exact()),
                        amount(price.price)
                    )
                });
                let more = match row.form.cycles.len() {
                    0 | 1 => String::new(),
                    count => format!(" +{}", count - 1),
                };
                let warned = match row.warnings.is_empty() {
                    true => String::new(),
                    false => format!("  {}", row.warnings.join(", ")),
                };
                format!("{}{more}{warned}", price.unwrap_or_default())
            }
        };
        let label =
            fit(&printable(&row.form.name), name.saturating_sub(1), Cut::End, theme.ellipsis).into_owned();
        let pad = name.saturating_sub(label.width());
        let segment = padded(&printable(&row.form.segment), 11, theme.ellipsis);
        let room = width.saturating_sub(name + 3 + segment.width());
        let what = fit(&printable(&what), room, Cut::End, theme.ellipsis).into_owned();
        TextLine::from(vec![
            Span::raw(if at_cursor { ">" } else { " " }),
            Span::styled(format!("{mark} "), if mark == "!" { theme.alert } else { Style::new() }),
            Span::styled(label, style),
            Span::raw(" ".repeat(pad)),
            Span::raw(segment),
            Span::raw(what),
        ])
    }
}
