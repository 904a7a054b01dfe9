//! The grid of plans.

use std::borrow::Cow;
use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::domain::money::{Currency, grouped};
use crate::domain::plan::{Plan, PlanPrice, PriceWarning};
use crate::domain::text::printable;
use crate::jobs::plans::PlanSummary;
use crate::ui::screens::pane::Rows;
use crate::ui::widgets::fit::Cut;
use crate::ui::widgets::grid::{Cell, Column, SortKey, Source, Tone};

/// A column of the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanColumn {
    /// Its name.
    Name,
    /// The plan type.
    Kind,
    /// Product and SKU, or the legacy GUID.
    Offer,
    /// Customer segment.
    Segment,
    /// Market.
    Market,
    /// The price sheet that the costs come from.
    Sheet,
    /// The first cycle, and how many more.
    Cycles,
    /// The first cycle's currency, and how many more.
    Currency,
    /// The first cycle's cost per seat and billing period.
    Cost,
    /// The first cycle's selling price.
    Price,
    /// What is really earned, from the lowest price to the highest.
    Margin,
    /// Services that are sold under it.
    Services,
}

impl PlanColumn {
    /// In the grid's order.
    pub const ALL: [Self; 12] = [
        Self::Name,
        Self::Kind,
        Self::Offer,
        Self::Segment,
        Self::Market,
        Self::Sheet,
        Self::Cycles,
        Self::Currency,
        Self::Cost,
        Self::Price,
        Self::Margin,
        Self::Services,
    ];
}

const fn column(title: &'static str, min: u16, max: u16, priority: u8) -> Column {
    Column { title, min, max, right: false, cut: Cut::End, priority, editable: false }
}

static COLUMNS: [Column; 12] = [
    Column { editable: true, ..column("Name", 26, 40, 0) },
    Column { editable: true, ..column("Type", 8, 16, 11) },
    Column { cut: Cut::Middle, ..column("Offer ID", 17, 36, 9) },
    column("Segment", 10, 12, 8),
    column("Market", 6, 6, 10),
    column("Sheet", 5, 20, 6),
    column("Cycles", 14, 18, 3),
    column("Cur", 5, 8, 6),
    Column { right: true, ..column("Cost", 8, 20, 5) },
    Column { right: true, ..column("Price", 8, 20, 1) },
    Column { right: true, ..column("Margin %", 8, 20, 2) },
    Column { right: true, ..column("Services", 8, 9, 7) },
];

/// Plans as a grid's source.
#[derive(Debug, Clone, Copy)]
pub struct PlanRows<'a> {
    /// By name.
    pub plans: &'a [PlanSummary],
}

impl PlanRows<'_> {
    fn plan(&self, row: u32) -> Option<&Plan> {
        self.plans.get(row as usize).map(|summary| &summary.plan.value)
    }
}

/// The price that stands for a plan in the list: that of the first cycle.
fn first(plan: &Plan) -> Option<&PlanPrice> {
    plan.prices.iter().min_by(|a, b| a.cycle.cmp(&b.cycle).then_with(|| a.currency.cmp(&b.currency)))
}

/// A text and how many others there are beside it.
fn and_more(text: &str, count: usize) -> String {
    if count > 1 { format!("{text} +{}", count - 1) } else { text.to_owned() }
}

impl Source for PlanRows<'_> {
    fn columns(&self) -> &[Column] {
        &COLUMNS
    }

    fn len(&self) -> usize {
        self.plans.len()
    }

    fn cell(&self, row: u32, column: usize) -> Cell<'_> {
        let Some(plan) = self.plan(row) else {
            return Cell { text: Cow::Borrowed(""), tone: Tone::Plain };
        };
        let price = first(plan);
        let dash = Cow::Borrowed("-");
        let optional = |text: &Option<String>| {
            text.as_deref().map_or(Cow::Borrowed("-"), |text| Cow::Owned(printable(text).into_owned()))
        };
        let money = |of: &dyn Fn(&PlanPrice) -> Decimal| {
            price.map_or(Cow::Borrowed("-"), |price| Cow::Owned(grouped(of(price), price.currency)))
        };
        let mut tone = Tone::Plain;
        let text = match PlanColumn::ALL[column] {
            PlanColumn::Name => printable(&plan.name),
            PlanColumn::Kind => printable(&plan.kind),
            PlanColumn::Offer => Cow::Owned(printable(&plan.offer.to_string()).into_owned()),
            PlanColumn::Segment if plan.segment.is_empty() => dash,
            PlanColumn::Segment => printable(&plan.segment),
            PlanColumn::Market => optional(&plan.market),
            PlanColumn::Sheet => optional(&plan.sheet),
            PlanColumn::Cycles => {
                let cycles: BTreeSet<_> = plan.prices.iter().map(|price| &price.cycle).collect();
                price.map_or(dash, |price| Cow::Owned(and_more(&price.cycle.to_string(), cycles.len())))
            }
            PlanColumn::Currency => {
                let currencies: BTreeSet<Currency> = plan.prices.iter().map(|price| price.currency).collect();
                price.map_or(dash, |price| Cow::Owned(and_more(price.currency.as_str(), currencies.len())))
            }
            PlanColumn::Cost => money(&|price| price.cost.exact()),
            PlanColumn::Price => money(&|price| price.price),
            PlanColumn::Margin => {
                if plan.prices.iter().any(|price| price.warnings().contains(&PriceWarning::BelowCost)) {
                    tone = Tone::Alert;
                }
                match plan.margin_range() {
                    None => dash,
                    Some((low, high)) if low == high => Cow::Owned(format!("{low:.2}")),
                    Some((low, high)) => Cow::Owned(format!("{low:.2} - {high:.2}")),
                }
            }
            PlanColumn::Services => Cow::Owned(self.plans[row as usize].services.to_string()),
        };
        Cell { text, tone }
    }

    fn sort_key(&self, row: u32, column: usize) -> SortKey {
        let Some(plan) = self.plan(row) else { return SortKey::Missing };
        let number = |amount: Option<Decimal>| amount.map_or(SortKey::Missing, SortKey::Number);
        match PlanColumn::ALL[column] {
            PlanColumn::Cost => number(first(plan).map(|price| price.cost.exact())),
            PlanColumn::Price => number(first(plan).map(|price| price.price)),
            PlanColumn::Margin => number(plan.margin_range().map(|(low, _)| low)),
            PlanColumn::Services => SortKey::Number(Decimal::from(self.plans[row as usize].services)),
            _ => match self.cell(row, column).text {
                text if text == "-" => SortKey::Missing,
                text => SortKey::Text(text.to_lowercase()),
            },
        }
    }
}

impl Rows for PlanRows<'_> {}
