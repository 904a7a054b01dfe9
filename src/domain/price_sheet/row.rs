//! One row of a price sheet, read as the business needs it.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::field::Field;
use super::layout::{Layout, PriceBasis};
use super::sheet::PriceSheet;
use super::{dates, numbers};
use crate::domain::cycle::{BillingCycle, BillingPlan, Term};
use crate::domain::money::Currency;
use crate::domain::offer::Offer;
use crate::domain::plan::{Cost, PriceError};

/// A row of a sheet.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    sheet: &'a PriceSheet,
    index: usize,
}

/// Why a row has no cost for a cycle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CostError {
    /// The sheet has no price in it.
    #[error("the sheet has no price there")]
    NoPrice,
    /// The row is for another cycle.
    #[error("the row is for {row}, not for {asked}")]
    OtherCycle {
        /// What it is for.
        row: BillingCycle,
        /// What was asked for.
        asked: BillingCycle,
    },
    /// See [`PriceError`].
    #[error(transparent)]
    Price(#[from] PriceError),
}

impl PriceSheet {
    /// The row at an index from 0.
    #[must_use]
    pub fn row(&self, index: usize) -> Option<Row<'_>> {
        (index < self.len()).then_some(Row { sheet: self, index })
    }

    /// All rows in the file's order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        (0..self.len()).map(|index| Row { sheet: self, index })
    }
}

impl<'a> Row<'a> {
    /// Its index in the sheet, from 0.
    #[must_use]
    pub fn index(self) -> usize {
        self.index
    }

    /// Its worksheet, and its number there as a spreadsheet program shows it.
    #[must_use]
    pub fn place(self) -> (&'a str, u32) {
        self.sheet.place(self.index)
    }

    /// The text in a column; empty where there is none.
    #[must_use]
    pub fn text(self, field: Field) -> &'a str {
        self.sheet.position(field).map_or("", |position| self.cell(position))
    }

    /// The text in a column by its position.
    #[must_use]
    pub fn cell(self, position: usize) -> &'a str {
        self.sheet.ids(self.index).get(position).map_or("", |id| self.sheet.texts().get(*id))
    }

    /// All columns' texts.
    pub fn cells(self) -> impl Iterator<Item = &'a str> {
        self.sheet.ids(self.index).iter().map(|id| self.sheet.texts().get(*id))
    }

    /// New commerce's product.
    #[must_use]
    pub fn product_id(self) -> &'a str {
        self.text(Field::ProductId)
    }

    /// New commerce's SKU, four characters.
    #[must_use]
    pub fn sku_id(self) -> &'a str {
        self.text(Field::SkuId)
    }

    /// What it is called: product and SKU, once where they are the same.
    #[must_use]
    pub fn title(self) -> String {
        let (product, sku) = (self.text(Field::ProductTitle), self.text(Field::SkuTitle));
        match (product, sku) {
            (only, "") | ("", only) => only.to_owned(),
            (product, sku) if sku.contains(product) => sku.to_owned(),
            (product, sku) if product.contains(sku) => product.to_owned(),
            (product, sku) => format!("{product}, {sku}"),
        }
    }

    /// What it sells: product and SKU, or a legacy offer.
    #[must_use]
    pub fn offer(self) -> Offer {
        let (product, sku) = (self.product_id(), self.sku_id());
        if product.is_empty() || sku.is_empty() {
            Offer::parse(self.text(Field::OfferId))
        } else {
            Offer::parse(&format!("{product}:{sku}"))
        }
    }

    /// The committed term, where the sheet has one.
    #[must_use]
    pub fn term(self) -> Option<Term> {
        let text = self.text(Field::Term);
        (!text.is_empty()).then(|| Term::from(text.to_owned()))
    }

    /// The billing plan, where the sheet has one. `None` is a plan of its own.
    #[must_use]
    pub fn billing_plan(self) -> Option<BillingPlan> {
        let text = self.text(Field::BillingPlan);
        (!text.is_empty()).then(|| BillingPlan::from(text.to_owned()))
    }

    /// The cycle of a row that has term and plan.
    #[must_use]
    pub fn cycle(self) -> Option<BillingCycle> {
        Some(BillingCycle { term: self.term()?, plan: self.billing_plan()? })
    }

    /// The cycles that the row can be sold in. A legacy list's monthly price is for a yearly term, billed by month or by year.
    #[must_use]
    pub fn cycles(self) -> Vec<BillingCycle> {
        match self.cycle() {
            Some(cycle) => vec![cycle],
            None if self.sheet.layout() == Layout::Legacy => [BillingPlan::Monthly, BillingPlan::Annual]
                .map(|plan| BillingCycle { term: Term::OneYear, plan })
                .to_vec(),
            None => Vec::new(),
        }
    }

    /// The customer segment. A legacy list has it in its agreement type or customer type.
    #[must_use]
    pub fn segment(self) -> &'a str {
        let segment = self.text(Field::Segment);
        if !segment.is_empty() || self.sheet.layout() != Layout::Legacy {
            return segment;
        }
        for field in [Field::EndCustomerType, Field::LicenseAgreementType] {
            let text = self.text(field).to_ascii_lowercase();
            for (mark, segment) in [
                ("charit", "Charity"),
                ("nonprofit", "Charity"),
                ("government", "Government"),
                ("faculty", "Education"),
                ("student", "Education"),
                ("academic", "Education"),
                ("education", "Education"),
                ("corporate", "Commercial"),
                ("commercial", "Commercial"),
            ] {
                if text.contains(mark) {
                    return segment;
                }
            }
        }
        ""
    }

    /// The customer's market.
    #[must_use]
    pub fn market(self) -> &'a str {
        self.text(Field::Market)
    }

    /// What the prices are in.
    #[must_use]
    pub fn currency(self) -> Option<Currency> {
        Currency::parse(self.text(Field::Currency)).ok()
    }

    /// The partner's price, for the whole term or for a month, see [`PriceSheet::basis`].
    #[must_use]
    pub fn unit_price(self) -> Option<Decimal> {
        numbers::decimal(self.text(Field::UnitPrice))
    }

    /// The estimated retail price, for the same time.
    #[must_use]
    pub fn erp_price(self) -> Option<Decimal> {
        numbers::decimal(self.text(Field::ErpPrice))
    }

    /// Since when the row is valid; none for always.
    #[must_use]
    pub fn effective_start(self) -> Option<Timestamp> {
        dates::start(self.text(Field::EffectiveStart))
    }

    /// Until when the row is valid, that instant not among it; none for no end.
    #[must_use]
    pub fn effective_end(self) -> Option<Timestamp> {
        dates::end(self.text(Field::EffectiveEnd))
    }

    /// The tags.
    pub fn tags(self) -> impl Iterator<Item = &'a str> {
        self.text(Field::Tags).split(';').map(str::trim).filter(|tag| !tag.is_empty())
    }

    /// Whether it is sold as a trial.
    #[must_use]
    pub fn is_trial(self) -> bool {
        self.tags().any(|tag| tag.eq_ignore_ascii_case("trial"))
            || self.text(Field::SecondaryLicenseType).eq_ignore_ascii_case("trial")
    }

    /// What a seat costs per billing period.
    ///
    /// # Errors
    /// See [`CostError`].
    pub fn cost(self, cycle: &BillingCycle) -> Result<Cost, CostError> {
        self.per_period(self.unit_price(), cycle)
    }

    /// The estimated retail price per seat and billing period, exactly.
    ///
    /// # Errors
    /// See [`CostError`].
    pub fn erp(self, cycle: &BillingCycle) -> Result<Cost, CostError> {
        self.per_period(self.erp_price(), cycle)
    }

    fn per_period(self, price: Option<Decimal>, cycle: &BillingCycle) -> Result<Cost, CostError> {
        let price = price.ok_or(CostError::NoPrice)?;
        if let Some(row) = self.cycle()
            && row != *cycle
        {
            return Err(CostError::OtherCycle { row, asked: cycle.clone() });
        }
        Ok(match self.sheet.basis() {
            PriceBasis::Term => Cost::for_term(price, cycle)?,
            PriceBasis::Month => Cost::for_month(price, cycle)?,
        })
    }
}
