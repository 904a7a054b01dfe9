//! What a reprice would do: each price before and after, and the margin.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line as TextLine, Span};
use ratatui::widgets::Clear;
use rust_decimal::Decimal;
use unicode_width::UnicodeWidthStr;

use super::Decision;
use super::frame::{hints, lines};
use crate::domain::money::grouped;
use crate::domain::money::percent_moved;
use crate::domain::plan::PlanPrice;
use crate::domain::reprice::{Keep, RepricedLine};
use crate::domain::text::{counted, printable, thousands};
use crate::jobs::plans::{RepriceLine, RepriceOrder, RepricePreview};
use crate::ui::action::Action;
use crate::ui::commands::{Context, lookup};
use crate::ui::effect::Effect;
use crate::ui::keys::Key;
use crate::ui::messages::plans::PlansEffect;
use crate::ui::theme::Theme;
use crate::ui::widgets::fit::{Cut, fit};
use crate::ui::widgets::grid::Move;

/// A line of the table.
#[derive(Debug, Default)]
struct Row {
    /// The plan, on a line above its prices.
    plan: Option<String>,
    cycle: String,
    /// Cost, price and margin, each before and after; the cost's change.
    cells: [String; 7],
    note: String,
    changes: bool,
}

/// Cells of a cycle and its currency.
const CYCLE: usize = 18;

/// See the module.
#[derive(Debug)]
pub struct RepriceLayer {
    preview: RepricePreview,
    rows: Vec<Row>,
    all: bool,
    cursor: usize,
    height: usize,
    /// It is being worked out anew, or written.
    busy: Option<&'static str>,
    note: Option<String>,
}

impl RepriceLayer {
    /// Shows a preview.
    #[must_use]
    pub fn new(preview: RepricePreview) -> Self {
        let rows = preview.lines.iter().flat_map(rows).collect();
        Self { preview, rows, all: false, cursor: 0, height: 10, busy: None, note: None }
    }

    /// Takes another preview, of what was asked for last.
    pub fn take(&mut self, preview: RepricePreview) {
        let all = self.all;
        *self = Self { all, ..Self::new(preview) };
    }

    /// It was not written or worked out.
    pub fn failed(&mut self, reason: String) {
        self.busy = None;
        self.note = Some(reason);
    }

    fn written(&self) -> impl Iterator<Item = &RepriceLine> {
        self.preview.lines.iter().filter(|line| line.is_written())
    }

    fn shown(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| self.all || row.changes || !row.note.is_empty())
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Decision {
        let last = self.shown().count().saturating_sub(1);
        let action = lookup(Context::Reprice, Key::of(key));
        if let (Some(busy), true) = (self.busy, action != Some(Action::Close)) {
            return Decision::Say(busy);
        }
        match action {
            Some(Action::Accept) if self.written().next().is_none() => {
                return Decision::Say("there is nothing to write");
            }
            Some(Action::Accept) => {
                self.busy = Some("the plans are being written");
                let effect = PlansEffect::ApplyReprice(Box::new(self.preview.clone()));
                return Decision::StayAndDo(vec![Effect::Plans(effect)]);
            }
            Some(Action::Keep) => {
                self.busy = Some("working it out");
                let keep = match self.preview.order.keep {
                    Keep::Margin => Keep::Price,
                    Keep::Price => Keep::Margin,
                };
                let order = RepriceOrder { keep, ..self.preview.order.clone() };
                return Decision::StayAndDo(vec![Effect::Plans(PlansEffect::Reprice(order))]);
            }
            Some(Action::ShowRows) => {
                self.all = !self.all;
                self.cursor = 0;
            }
            Some(Action::Close) => return Decision::Close,
            Some(Action::Go(Move::Down)) => self.cursor = (self.cursor + 1).min(last),
            Some(Action::Go(Move::Up)) => self.cursor = self.cursor.saturating_sub(1),
            Some(Action::Go(Move::PageDown)) => self.cursor = (self.cursor + self.height).min(last),
            Some(Action::Go(Move::PageUp)) => self.cursor = self.cursor.saturating_sub(self.height),
            _ => {}
        }
        Decision::Stay
    }

    /// Draws it over the whole area.
    pub fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, theme: &Theme) {
        frame.render_widget(Clear, area);
        let width = area.width as usize;
        let RepriceOrder { sheet, keep, .. } = &self.preview.order;
        let right = if self.busy.is_some() { "in a moment" } else { "nothing is written yet" };
        let title = format!(" Reprice from {}, keep the {keep}", printable(sheet));
        let title = fit(&title, width.saturating_sub(right.len() + 2), Cut::End, theme.ellipsis).into_owned();
        let pad = width.saturating_sub(title.width() + right.len() + 1);
        let mut head = vec![
            TextLine::from(vec![
                Span::styled(title, theme.heading),
                Span::raw(" ".repeat(pad)),
                Span::raw(right),
            ]),
            TextLine::raw(""),
        ];
        head.extend(self.counts().into_iter().map(TextLine::raw));
        if let Some(note) = &self.note {
            let text = fit(&format!(" ! {}", printable(note)), width, Cut::End, theme.ellipsis).into_owned();
            head.push(TextLine::from(Span::styled(text, theme.alert)));
        }
        head.push(TextLine::raw(""));
        let table = Widths::of(&self.rows, width);
        head.push(TextLine::from(Span::styled(table.head(), theme.heading)));
        let used = head.len() as u16;
        lines(frame, area, head);

        let list = Rect { y: area.y + used, height: area.height.saturating_sub(used + 1), ..area };
        self.height = (list.height as usize).max(1);
        let from = (self.cursor + 1).saturating_sub(self.height);
        let rows = self.shown().enumerate().skip(from).take(self.height);
        let mut shown: Vec<_> =
            rows.map(|(at, row)| table.line(row, at == self.cursor, width, theme)).collect();
        if shown.is_empty() {
            shown.push(TextLine::raw("   no price changes; l lists every one"));
        }
        lines(frame, list, shown);
        let foot = Rect { y: area.y + area.height.saturating_sub(1), height: 1.min(area.height), ..area };
        let mut keys = Vec::new();
        if self.written().next().is_some() {
            keys.push(("y", "reprice"));
        }
        keys.push(("m", if *keep == Keep::Margin { "keep the price" } else { "keep the margin" }));
        keys.push(("l", if self.all { "only changes" } else { "every price" }));
        keys.extend([("j k", "move"), ("Esc", "back")]);
        lines(frame, foot, vec![hints(&keys, theme)]);
    }

    fn counts(&self) -> Vec<String> {
        let written = self.written().count();
        let prices: usize = self
            .written()
            .map(|line| line.repriced.lines.iter().filter(|price| price.changes()).count())
            .sum();
        let sold: usize = self.written().map(|line| line.services).sum();
        let same = self.preview.lines.iter().filter(|l| !l.is_written() && l.repriced.is_offered()).count();
        let gone = self.preview.lines.iter().filter(|line| !line.repriced.is_offered()).count();
        let mut counts =
            vec![format!("{:>6}  repriced, changed prices: {}", thousands(written), thousands(prices))];
        for (count, what) in [(same, "as they are"), (gone, "not in this sheet: they stay")] {
            if count > 0 {
                counts.push(format!("{:>6}  {what}", thousands(count)));
            }
        }
        if sold > 0 {
            counts.push(format!("{:>6}  services sold under them keep their price", thousands(sold)));
        }
        counts
    }
}

fn rows(line: &RepriceLine) -> Vec<Row> {
    let prices: Vec<Row> = line.repriced.lines.iter().map(row).collect();
    let mut plan = printable(&line.stored.value.name).into_owned();
    if let Some(sheet) = &line.stored.value.sheet {
        plan.push_str(&format!("   from {}", printable(sheet)));
    }
    if line.services > 0 {
        plan.push_str(&format!("   {}", counted(line.services, "service")));
    }
    let changes = prices.iter().any(|row| row.changes || !row.note.is_empty());
    std::iter::once(Row { plan: Some(plan), changes, ..Row::default() }).chain(prices).collect()
}

fn row(line: &RepricedLine) -> Row {
    let before = &line.before;
    let money = |amount: Decimal| grouped(amount, before.currency);
    let margin =
        |price: &PlanPrice| price.real_margin_percent().map_or("-".to_owned(), |m| format!("{m:.2}"));
    let after = |of: &dyn Fn(&PlanPrice) -> String| line.after.as_ref().map_or("-".to_owned(), of);
    let change = line.after.as_ref().and_then(|after| percent_moved(before.cost.exact(), after.cost.exact()));
    let change = change.filter(|change| !change.is_zero());
    let note = match &line.after {
        None => "not offered".to_owned(),
        Some(after) => after.warnings().first().map(ToString::to_string).unwrap_or_default(),
    };
    Row {
        plan: None,
        cycle: format!("{} {}", printable(&before.cycle.to_string()), before.currency),
        cells: [
            money(before.cost.exact()),
            after(&|price| money(price.cost.exact())),
            change.map_or_else(String::new, |change| format!("{:+}", change.normalize())),
            money(before.price),
            after(&|price| money(price.price)),
            margin(before),
            after(&margin),
        ],
        note,
        changes: line.changes(),
    }
}

const TITLES: [&str; 7] = ["Cost", "new", "%", "Price", "new", "Margin", "new"];

/// The table's columns: amounts are never cut, so columns that do not fit are left out.
struct Widths {
    cells: [usize; 7],
    shown: [bool; 7],
}

impl Widths {
    fn of(rows: &[Row], width: usize) -> Self {
        let mut cells = TITLES.map(str::len);
        for row in rows {
            for (cell, text) in cells.iter_mut().zip(&row.cells) {
                *cell = (*cell).max(text.len());
            }
        }
        let mut room = width.saturating_sub(4 + CYCLE + 2);
        let mut shown = [false; 7];
        // The prices after come first, then the costs, then what was before.
        for at in [4, 1, 3, 0, 6, 5, 2] {
            if cells[at] < room {
                shown[at] = true;
                room -= cells[at] + 1;
            }
        }
        Self { cells, shown }
    }

    fn amounts(&self, texts: [&str; 7]) -> String {
        let shown = texts.iter().zip(self.cells).zip(self.shown).filter(|(_, shown)| *shown);
        shown.map(|((text, width), _)| format!("{text:>width$} ")).collect()
    }

    fn head(&self) -> String {
        format!("    {:<CYCLE$}{}", "Cycle", self.amounts(TITLES)).trim_end().to_owned()
    }

    fn line(&self, row: &Row, at_cursor: bool, width: usize, theme: &Theme) -> TextLine<'static> {
        let style = if at_cursor { Style::new().add_modifier(Modifier::REVERSED) } else { Style::new() };
        let gutter = Span::raw(if at_cursor { "> " } else { "  " });
        if let Some(plan) = &row.plan {
            let text = fit(plan, width.saturating_sub(2), Cut::End, theme.ellipsis).into_owned();
            return TextLine::from(vec![gutter, Span::styled(text, theme.heading.patch(style))]);
        }
        let cycle = fit(&row.cycle, CYCLE - 1, Cut::End, theme.ellipsis).into_owned();
        let pad = " ".repeat(CYCLE.saturating_sub(cycle.width()));
        let amounts = self.amounts(row.cells.each_ref().map(String::as_str));
        let used = 4 + CYCLE + amounts.len();
        let mut spans =
            vec![gutter, Span::raw("  "), Span::styled(cycle, style), Span::raw(format!("{pad}{amounts}"))];
        if !row.note.is_empty() {
            let text = format!("! {}", row.note);
            let text = if used + text.len() <= width { text } else { "!".to_owned() };
            spans.push(Span::styled(text, theme.alert));
        }
        TextLine::from(spans)
    }
}
