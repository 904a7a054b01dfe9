//! Drawing the form: fields, the settings that hold, the table of cycles, and what is to be looked at.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line as TextLine, Span};
use ratatui::widgets::Clear;
use rust_decimal::Decimal;
use unicode_width::UnicodeWidthStr;

use super::choosing::rounding_words;
use super::{CycleLine, Field, Part, PlanForm, Question};
use crate::domain::money::grouped;
use crate::domain::plan::{PlanPrice, PriceWarning};
use crate::domain::settings::Tier;
use crate::domain::text::printable;
use crate::ui::layers::frame::{hints, lines};
use crate::ui::theme::Theme;
use crate::ui::widgets::field_list::{self, FieldList, Mark, Value};
use crate::ui::widgets::fit::{Cut, fit, wrapped};

/// Cells of the labels.
const LABELS: usize = 18;
/// Cells of a cycle's parts, behind its gutter and tick.
const CYCLE: usize = 15;
const CURRENCY: usize = 4;
/// The least cells of an amount. It gets more where one needs them: half a number is a wrong one.
const AMOUNT: usize = 8;
/// At most so many lines say what is wrong.
const FOOT: usize = 3;

impl PlanForm {
    /// Draws it over the whole area.
    pub fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
        frame.render_widget(Clear, area);
        let width = area.width as usize;
        let (form, wrong) = self.form();
        let prices = self.prices(&form);
        let body = self.body(&prices, width, theme);

        let foot = self.foot(&prices, wrong.as_ref().map(|(_, text)| text.as_str()), width, theme);
        let foot_height = foot.len() as u16;
        let title = match &self.changes {
            Some(_) => " Change a plan",
            None => " New plan",
        };
        let right = if self.saving { "writing" } else { "nothing is saved yet" };
        let pad = width.saturating_sub(title.len() + right.len() + 1);
        let head = TextLine::from(vec![
            Span::styled(title, theme.heading),
            Span::raw(" ".repeat(pad)),
            Span::raw(right),
        ]);
        lines(frame, Rect { height: 1, ..area }, vec![head]);
        let place = Rect { y: area.y + 1, height: area.height.saturating_sub(2 + foot_height), ..area };
        body.draw(frame, place, &mut self.window, self.question.is_none());
        let below = Rect { y: area.y + area.height - 1 - foot_height, height: foot_height, ..area };
        lines(frame, below, foot);
        let keys = Rect { y: area.y + area.height - 1, height: 1, ..area };
        lines(frame, keys, vec![self.keys(theme)]);
    }

    fn keys(&self, theme: &Theme) -> TextLine<'static> {
        if self.question.is_some() {
            return hints(&[("y", "yes"), ("n", "no")], theme);
        }
        let mut keys = vec![("Tab", "next")];
        match self.at {
            Field::Cycle(_) => keys.extend([("Space", "tick"), ("Left Right", "set a price")]),
            Field::Sheet | Field::Segment | Field::Market | Field::Product | Field::Rounding => {
                keys.push(("Enter", "choose"));
            }
            Field::Save => keys.push(("Enter", "save")),
            _ => {}
        }
        keys.extend([("^S", "save"), ("Esc", "leave")]);
        hints(&keys, theme)
    }

    /// The lines of the form.
    fn body<'a>(&self, prices: &[Option<PlanPrice>], width: usize, theme: &'a Theme) -> FieldList<'a> {
        let mut body = FieldList::new(LABELS, width, theme);
        let amount = self.amount_width(prices);
        for field in self.fields() {
            if matches!(field, Field::Cycle(0)) || (field == Field::Save && self.cycles.is_empty()) {
                body.line(TextLine::raw(""));
                body.line(self.settings_line(width, theme));
                if !self.cycles.is_empty() {
                    body.line(self.table_head(width, amount, theme));
                }
            }
            let here = field == self.at;
            let (line, cursor) = match field {
                Field::Cycle(at) => match self.cycles.get(at) {
                    Some(cycle) => self.cycle_line(
                        cycle,
                        prices.get(at).and_then(Option::as_ref),
                        here,
                        (width, amount),
                        theme,
                    ),
                    None => continue,
                },
                Field::Save => (save_line(here), None),
                field => {
                    body.field(&self.field(field), here);
                    continue;
                }
            };
            if here {
                body.line_here(line, cursor);
            } else {
                body.line(line);
            }
        }
        body
    }

    /// A field of one line.
    fn field(&self, field: Field) -> field_list::Field<'_> {
        let chosen = |text: String| Value::Chosen(text.into());
        let dashed =
            |text: &str| if text.is_empty() { chosen("-".to_owned()) } else { chosen(text.to_owned()) };
        let (label, value, note) = match field {
            Field::Name => ("Plan name", Value::Typed(&self.name), ""),
            Field::Kind => ("Plan type", Value::Typed(&self.kind), ""),
            Field::Sheet => ("Price sheet", chosen(self.sheet.name.clone()), ""),
            Field::Segment => ("Venture type", dashed(&self.segment), ""),
            Field::Market => ("Market", dashed(&self.market), ""),
            Field::Product => {
                let product = self.key.as_ref().zip(self.product_name());
                let text = product.map_or_else(
                    || "none yet: Enter chooses one".to_owned(),
                    |(key, name)| format!("{name}   {}", key.offer),
                );
                ("Product", chosen(text), "")
            }
            Field::Margin => ("Margin %", Value::Typed(&self.margin), "of cost, 0 to 1000"),
            Field::Reseller => ("Reseller margin %", Value::Typed(&self.reseller), "of cost, 0 to 1000"),
            Field::Rounding => ("Rounding", chosen(rounding_words(self.rounding)), ""),
            Field::Cycle(_) | Field::Save => ("", chosen(String::new()), ""),
        };
        field_list::Field { label, value, mark: Mark::None, note }
    }

    fn settings_line(&self, width: usize, theme: &Theme) -> TextLine<'static> {
        let tier = match self.settings.tier {
            Tier::Direct => "Tier 1, sold to customers",
            Tier::Indirect => "Tier 2, sold through resellers",
        };
        let domain = self.settings.csp_domain.as_deref().unwrap_or("no CSP domain set");
        let market = if self.market.is_empty() { "no market" } else { &self.market };
        let microsoft_id =
            self.settings.microsoft_id.as_deref().map(|id| format!("   {id}")).unwrap_or_default();
        let text = format!("  CSP settings      {tier}   {market}   {domain}{microsoft_id}");
        let text = fit(&printable(&text), width, Cut::End, theme.ellipsis).into_owned();
        TextLine::from(Span::styled(text, theme.faint))
    }

    /// Cells that every amount of the table fits into.
    fn amount_width(&self, prices: &[Option<PlanPrice>]) -> usize {
        let mut widest = AMOUNT;
        for (cycle, price) in self.cycles.iter().zip(prices) {
            let currency = cycle.offered.currency;
            let Some(price) = price else { continue };
            let erp = price.erp.as_ref().map(crate::domain::plan::Cost::exact).unwrap_or_default();
            for sum in [price.cost.exact(), price.price, price.renewal_price, erp, price.reseller_price] {
                widest = widest.max(grouped(sum, currency).len() + 1);
            }
            widest = widest.max(cycle.price.text().len() + 1).max(cycle.renewal.text().len() + 1);
        }
        widest.min(24)
    }

    fn table_head(&self, width: usize, amount: usize, theme: &Theme) -> TextLine<'static> {
        let mut text = format!("      {:<CYCLE$}{:<CURRENCY$}", "Cycle", "Cur");
        for title in columns(width, amount) {
            text.push_str(&format!("{title:>amount$} "));
        }
        TextLine::from(Span::styled(text.trim_end().to_owned(), theme.heading))
    }

    fn cycle_line(
        &self,
        cycle: &CycleLine,
        price: Option<&PlanPrice>,
        here: bool,
        (width, cells): (usize, usize),
        theme: &Theme,
    ) -> (TextLine<'static>, Option<u16>) {
        let currency = cycle.offered.currency;
        let part = here.then_some(self.part);
        let reversed =
            |is: bool| if is { Style::new().add_modifier(Modifier::REVERSED) } else { Style::new() };
        let tick = if cycle.chosen { "[x]" } else { "[ ]" };
        let label = fit(&cycle.offered.cycle.to_string(), CYCLE - 1, Cut::End, theme.ellipsis).into_owned();
        let mut spans = vec![
            Span::raw(if here { "> " } else { "  " }),
            Span::styled(
                tick,
                if cycle.chosen { theme.tick } else { Style::new() }
                    .patch(reversed(part == Some(Part::Tick))),
            ),
            Span::raw(format!(" {label:<CYCLE$}{currency:<CURRENCY$}")),
        ];
        let mut used = 6 + CYCLE + CURRENCY;
        let mut cursor = None;
        let money = |amount: Decimal| grouped(amount, currency);
        for title in columns(width, cells) {
            let (text, is_part) = match title {
                "Cost" => (money(cycle.offered.cost.exact()), None),
                "Price" => (amount(price.map(|p| (p.price, p.price_by_hand)), currency), Some(Part::Price)),
                "Renewal" => (
                    amount(price.map(|p| (p.renewal_price, p.renewal_by_hand)), currency),
                    Some(Part::Renewal),
                ),
                "ERP" => (cycle.offered.erp.as_ref().map_or("-".to_owned(), |erp| money(erp.exact())), None),
                "Margin" => (price.map_or("-".to_owned(), |p| money(p.margin())), None),
                "Margin %" => {
                    let percent = price.and_then(PlanPrice::real_margin_percent);
                    (percent.map_or("-".to_owned(), |percent| format!("{percent:.2}")), None)
                }
                "Reseller" => (price.map_or("-".to_owned(), |p| money(p.reseller_price)), None),
                _ => (String::new(), None),
            };
            let active = is_part.is_some() && is_part == part;
            // While a price is typed, the text is what was typed, not what it means.
            let typed = match (active, is_part) {
                (true, Some(Part::Price)) => Some(&cycle.price),
                (true, Some(Part::Renewal)) => Some(&cycle.renewal),
                _ => None,
            };
            let text = match typed {
                Some(line) if !line.text().is_empty() => format!("*{}", printable(line.text())),
                _ => text,
            };
            let text = fit(&text, cells, Cut::End, theme.ellipsis).into_owned();
            let pad = cells.saturating_sub(text.width());
            spans.push(Span::raw(" ".repeat(pad)));
            if active {
                cursor = Some((used + cells) as u16);
            }
            spans.push(Span::styled(text, reversed(active)));
            spans.push(Span::raw(" "));
            used += cells + 1;
        }
        let warnings = price.filter(|_| cycle.chosen).map(PlanPrice::warnings).unwrap_or_default();
        if !warnings.is_empty() {
            let words: Vec<String> = warnings.iter().map(ToString::to_string).collect();
            let room = width.saturating_sub(used);
            let text = format!("! {}", words.join(", "));
            let text = if text.width() <= room { text } else { "!".to_owned() };
            spans.push(Span::styled(text, theme.alert));
        }
        (TextLine::from(spans), cursor)
    }

    /// What is asked, wrong, or to be looked at, above the keys.
    fn foot(
        &self,
        prices: &[Option<PlanPrice>],
        wrong: Option<&str>,
        width: usize,
        theme: &Theme,
    ) -> Vec<TextLine<'static>> {
        let (text, style) = match (&self.question, &self.note) {
            (Some(Question::Leave), _) => ("Leave without saving what was typed?".to_owned(), theme.alert),
            (Some(Question::BelowCost), _) => (
                "The margin is negative: every seat is sold below cost. Save even so?".to_owned(),
                theme.alert,
            ),
            (Some(Question::Duplicate(names)), _) => (
                format!(
                    "{} sells this already, in the same cycle and currency. Make another plan?",
                    names.join(", ")
                ),
                theme.alert,
            ),
            (None, Some(note)) => (format!("! {}", printable(note)), theme.alert),
            (None, None) => match (self.warnings(prices), wrong) {
                (Some(warnings), _) => (format!("! {warnings}"), theme.alert),
                (None, Some(wrong)) => (wrong.to_owned(), theme.faint),
                (None, None) => (String::new(), Style::new()),
            },
        };
        let mut parts = wrapped(&text, width.saturating_sub(1));
        parts.truncate(FOOT);
        parts
            .into_iter()
            .map(|part| {
                TextLine::from(Span::styled(
                    format!(" {}", fit(&part, width - 1, Cut::End, theme.ellipsis)),
                    style,
                ))
            })
            .collect()
    }

    /// What to look at in the chosen cycles, each kind once.
    fn warnings(&self, prices: &[Option<PlanPrice>]) -> Option<String> {
        let chosen = self.cycles.iter().zip(prices).filter(|(line, _)| line.chosen);
        let mut found: Vec<(PriceWarning, Vec<String>)> = Vec::new();
        for (_, price) in chosen {
            let Some(price) = price else { continue };
            for warning in price.warnings() {
                let cycle = format!("{} {}", price.cycle, price.currency);
                match found.iter_mut().find(|(known, _)| *known == warning) {
                    Some((_, cycles)) => cycles.push(cycle),
                    None => found.push((warning, vec![cycle])),
                }
            }
        }
        let told: Vec<String> = found
            .into_iter()
            .map(|(warning, cycles)| match cycles.len() {
                0..=2 => format!("{warning}: {}", cycles.join(", ")),
                count => format!("{warning}: {count} cycles"),
            })
            .collect();
        (!told.is_empty()).then(|| told.join("; "))
    }
}

/// The columns of amounts that fit, the first ones first.
fn columns(width: usize, amount: usize) -> Vec<&'static str> {
    let all: [(&str, u8); 7] = [
        ("Cost", 0),
        ("Price", 0),
        ("Renewal", 1),
        ("ERP", 2),
        ("Margin", 1),
        ("Margin %", 3),
        ("Reseller", 4),
    ];
    let room = width.saturating_sub(6 + CYCLE + CURRENCY + 1) / (amount + 1);
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by_key(|at| all[*at].1);
    order.truncate(room);
    order.sort_unstable();
    order.into_iter().map(|at| all[at].0).collect()
}

fn amount(price: Option<(Decimal, bool)>, currency: crate::domain::money::Currency) -> String {
    match price {
        Some((amount, by_hand)) => {
            format!("{}{}", if by_hand { "*" } else { "" }, grouped(amount, currency))
        }
        None => "-".to_owned(),
    }
}

fn save_line(here: bool) -> TextLine<'static> {
    let style = if here { Style::new().add_modifier(Modifier::REVERSED) } else { Style::new() };
    TextLine::from(vec![Span::raw(if here { "> " } else { "  " }), Span::styled("[ Save ]", style)])
}
