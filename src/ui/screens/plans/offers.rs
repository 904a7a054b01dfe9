//! The offer matrix: what a price sheet offers today.

use std::borrow::Cow;

use rust_decimal::Decimal;

use crate::domain::money::grouped;
use crate::domain::offer_list::OfferLine;
use crate::domain::text::printable;
use crate::ui::messages::offer_sheet::{Labels, OfferSheet, cycle};
use crate::ui::screens::pane::Rows;
use crate::ui::widgets::fit::Cut;
use crate::ui::widgets::grid::{Cell, Column, SearchIndex, SortKey, Source, Ticks, Tone};

/// A column of the offer matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfferColumn {
    /// The place in the list.
    Order,
    /// Microsoft's name.
    Title,
    /// Our name.
    Name,
    /// Product and SKU, or the legacy GUID.
    Offer,
    /// Customer segment.
    Segment,
    /// The committed term.
    Term,
    /// How it is billed.
    Billing,
    /// Market.
    Market,
    /// Currency.
    Currency,
    /// Cost per seat and billing period.
    Cost,
    /// Estimated retail price per seat and billing period.
    Erp,
}

impl OfferColumn {
    /// In the grid's order.
    pub const ALL: [Self; 11] = [
        Self::Order,
        Self::Title,
        Self::Name,
        Self::Offer,
        Self::Segment,
        Self::Term,
        Self::Billing,
        Self::Market,
        Self::Currency,
        Self::Cost,
        Self::Erp,
    ];
}

const fn column(title: &'static str, min: u16, max: u16, priority: u8) -> Column {
    Column { title, min, max, right: false, cut: Cut::End, priority, editable: false }
}

static COLUMNS: [Column; 11] = [
    Column { right: true, editable: true, ..column("Sort", 5, 6, 9) },
    column("Product name", 30, 44, 0),
    Column { editable: true, ..column("Display name", 12, 36, 6) },
    Column { cut: Cut::Middle, ..column("Offer ID", 17, 36, 5) },
    column("Segment", 6, 12, 4),
    column("Term", 4, 8, 2),
    column("Billing", 7, 10, 2),
    column("Market", 6, 6, 7),
    column("Cur", 3, 4, 3),
    Column { right: true, ..column("Cost/period", 9, 20, 1) },
    Column { right: true, ..column("ERP/period", 9, 20, 8) },
];

/// The offer matrix as a grid's source.
#[derive(Debug, Clone, Copy)]
pub struct Offers<'a> {
    /// What is opened, if anything is.
    pub sheet: Option<&'a OfferSheet>,
    /// What operators call offers.
    pub labels: &'a Labels,
}

impl Offers<'_> {
    fn line(&self, row: u32) -> Option<&OfferLine> {
        self.sheet?.lines.get(row as usize)
    }
}

fn money(amount: Option<Decimal>, line: &OfferLine) -> Cow<'static, str> {
    match (amount, line.currency) {
        (Some(amount), Some(currency)) => Cow::Owned(grouped(amount, currency)),
        _ => Cow::Borrowed("-"),
    }
}

impl Source for Offers<'_> {
    fn columns(&self) -> &[Column] {
        &COLUMNS
    }

    fn len(&self) -> usize {
        self.sheet.map_or(0, |sheet| sheet.lines.len())
    }

    fn cell(&self, row: u32, column: usize) -> Cell<'_> {
        let Some(line) = self.line(row) else {
            return Cell { text: Cow::Borrowed(""), tone: Tone::Plain };
        };
        let label = self.labels.of(&line.key.offer);
        let offered = line.offered.as_ref();
        let text = match OfferColumn::ALL[column] {
            OfferColumn::Order => {
                label.and_then(|l| l.order).map_or(Cow::Borrowed("-"), |order| Cow::Owned(order.to_string()))
            }
            OfferColumn::Title => printable(&line.title),
            OfferColumn::Name => label.and_then(|l| l.name.as_deref()).map_or(Cow::Borrowed("-"), printable),
            OfferColumn::Offer => Cow::Owned(printable(&line.key.offer.to_string()).into_owned()),
            OfferColumn::Segment => dashed(&line.key.segment),
            OfferColumn::Term => Cow::Owned(printable(&cycle(line).0).into_owned()),
            OfferColumn::Billing => Cow::Owned(printable(&cycle(line).1).into_owned()),
            OfferColumn::Market => dashed(&line.key.market),
            OfferColumn::Currency => line.currency.map_or(Cow::Borrowed("-"), |c| Cow::Owned(c.to_string())),
            OfferColumn::Cost => money(offered.map(|o| o.cost.exact()), line),
            OfferColumn::Erp => money(offered.and_then(|o| o.erp.as_ref()).map(|erp| erp.exact()), line),
        };
        Cell { text, tone: Tone::Plain }
    }

    fn sort_key(&self, row: u32, column: usize) -> SortKey {
        let Some(line) = self.line(row) else { return SortKey::Missing };
        let offered = line.offered.as_ref();
        let number = |amount: Option<Decimal>| amount.map_or(SortKey::Missing, SortKey::Number);
        match OfferColumn::ALL[column] {
            OfferColumn::Order => {
                number(self.labels.of(&line.key.offer).and_then(|l| l.order).map(Decimal::from))
            }
            OfferColumn::Cost => number(offered.map(|o| o.cost.exact())),
            OfferColumn::Erp => number(offered.and_then(|o| o.erp.as_ref()).map(|erp| erp.exact())),
            _ => match self.cell(row, column).text {
                text if text == "-" => SortKey::Missing,
                text => SortKey::Text(text.to_lowercase()),
            },
        }
    }
}

fn dashed(text: &str) -> Cow<'_, str> {
    if text.is_empty() { Cow::Borrowed("-") } else { printable(text) }
}

impl Rows for Offers<'_> {
    /// The sheet's own texts are looked through as a whole; rows with a name of ours by all that they show.
    fn find(&self, pattern: &str) -> Option<Ticks> {
        let sheet = self.sheet?;
        let mut found = sheet.index.find(pattern)?;
        if self.labels.is_empty() {
            return Some(found);
        }
        let mut named = SearchIndex::default();
        let mut rows = Vec::new();
        for (row, line) in sheet.lines.iter().enumerate() {
            if self.labels.of(&line.key.offer).is_some_and(|label| label.name.is_some()) {
                let row = row as u32;
                let cells: Vec<_> = (0..COLUMNS.len()).map(|column| self.cell(row, column).text).collect();
                named.push(&cells.iter().map(AsRef::as_ref).collect::<Vec<_>>());
                rows.push(row);
            }
        }
        for at in named.find(pattern)?.iter() {
            found.set(rows[at as usize], true);
        }
        Some(found)
    }
}
