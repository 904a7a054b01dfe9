//! A service: a subscription under our management.

use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::cycle::BillingCycle;
use super::ids::{CustomerId, PlanId, ServiceKey, SubscriptionId};
use super::money::Currency;
use super::offer::Offer;
use super::plan::{Amounts, NoAmounts};
use super::plan_book::PlanBook;
use super::portfolio::{ServiceRow, Sold};
use super::subscription::SubscriptionStatus;

/// Whether and for which time a service is to be invoiced.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InvoiceTerms {
    /// Whether invoices are made.
    pub generate: bool,
    /// The first day that is billed.
    pub start: Option<Date>,
    /// The last day that is billed; none while it goes on.
    pub end: Option<Date>,
}

/// A subscription under management. Its amounts are those it was sold at: a plan that is repriced later does not move them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// The client.
    pub customer_id: CustomerId,
    /// The subscription.
    pub subscription_id: SubscriptionId,
    /// Microsoft's name of the offer when it was last updated.
    pub offer_name: String,
    /// What is sold.
    pub offer: Offer,
    /// The plan it is sold under.
    pub plan: PlanId,
    /// Term and billing plan that we bill by.
    pub cycle: BillingCycle,
    /// Seats.
    pub quantity: u32,
    /// Its standing.
    pub status: SubscriptionStatus,
    /// When it is invoiced.
    pub invoice: InvoiceTerms,
    /// What it is worth.
    pub amounts: Amounts,
}

impl Service {
    /// Its identity.
    #[must_use]
    pub fn key(&self) -> ServiceKey {
        ServiceKey { customer: self.customer_id.clone(), subscription: self.subscription_id.clone() }
    }
}

/// What an operator typed over a service's values and has not yet saved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceEdit {
    /// The revision of the service that was on the screen at the first edit; 0 where it was not under management.
    pub base_revision: u64,
    /// A new plan.
    pub plan: Option<PlanId>,
    /// A new cycle.
    pub cycle: Option<BillingCycle>,
    /// A new status.
    pub status: Option<SubscriptionStatus>,
    /// Invoices wanted or not.
    pub invoice_generate: Option<bool>,
    /// A new first day.
    pub invoice_start: Option<Date>,
    /// A new last day; `Some(None)` takes it away.
    #[serde(with = "typed_end")]
    pub invoice_end: Option<Option<Date>>,
}

/// Keeps "typed as empty" apart from "not typed", which plain serializing folds together: a list of none or one.
mod typed_end {
    use jiff::civil::Date;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(end: &Option<Option<Date>>, to: S) -> Result<S::Ok, S::Error> {
        end.as_slice().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<Date>>, D::Error> {
        Ok(Vec::<Option<Date>>::deserialize(from)?.into_iter().next())
    }
}

impl ServiceEdit {
    /// Whether nothing is typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self { base_revision: self.base_revision, ..Self::default() }
    }
}

/// The values of a service row: what is typed, over what is under management, over what the subscription says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceValues {
    /// The chosen plan.
    pub plan: Option<PlanId>,
    /// The cycle to bill by.
    pub cycle: Option<Arc<BillingCycle>>,
    /// Seats: always Microsoft's number while the subscription is there.
    pub quantity: u32,
    /// Its standing.
    pub status: SubscriptionStatus,
    /// When it is invoiced.
    pub invoice: InvoiceTerms,
}

/// Works out a row's values.
#[must_use]
pub fn values(row: &ServiceRow, edit: Option<&ServiceEdit>) -> ServiceValues {
    let mut values = match (&row.sold, &row.subscribed) {
        (Some(sold), subscribed) => ServiceValues {
            plan: Some(sold.plan.clone()),
            cycle: Some(Arc::clone(&sold.cycle)),
            quantity: subscribed.as_ref().map_or(sold.quantity, |s| s.quantity),
            status: sold.status.clone(),
            invoice: sold.invoice.clone(),
        },
        (None, Some(subscribed)) => ServiceValues {
            plan: None,
            cycle: subscribed.cycle.clone(),
            quantity: subscribed.quantity,
            status: subscribed.status.clone(),
            invoice: InvoiceTerms::default(),
        },
        (None, None) => ServiceValues {
            plan: None,
            cycle: None,
            quantity: 0,
            status: SubscriptionStatus::Other("unknown".to_owned()),
            invoice: InvoiceTerms::default(),
        },
    };
    if let Some(edit) = edit {
        values.plan = edit.plan.clone().or(values.plan);
        values.cycle = edit.cycle.clone().map(Arc::new).or(values.cycle);
        if let Some(status) = &edit.status {
            values.status = status.clone();
        }
        values.invoice.generate = edit.invoice_generate.unwrap_or(values.invoice.generate);
        values.invoice.start = edit.invoice_start.or(values.invoice.start);
        values.invoice.end = edit.invoice_end.unwrap_or(values.invoice.end);
    }
    values
}

/// Why a row shows no amounts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotPriced {
    /// No plan is chosen.
    #[error("no plan chosen")]
    NoPlan,
    /// The chosen plan is not in the store.
    #[error("plan {0} is not in the store")]
    UnknownPlan(PlanId),
    /// The plan is for something else.
    #[error("plan {0} is for another offer")]
    OtherOffer(String),
    /// The subscription has no cycle and none was chosen.
    #[error("no billing cycle")]
    NoCycle,
    /// The client has no currency.
    #[error("client has no currency")]
    NoCurrency,
    /// See [`NoAmounts`].
    #[error(transparent)]
    NoAmounts(#[from] NoAmounts),
}

/// What a row is worth, given its values and its client's currency.
///
/// A service keeps the price that it was sold at: while plan, cycle and currency stay, each seat costs what it cost.
///
/// # Errors
/// The rule that leaves the row without amounts.
pub fn amounts(
    row: &ServiceRow,
    values: &ServiceValues,
    currency: Option<Currency>,
    plans: &PlanBook,
) -> Result<Amounts, NotPriced> {
    let plan_id = values.plan.as_ref().ok_or(NotPriced::NoPlan)?;
    let cycle = values.cycle.as_ref().ok_or(NotPriced::NoCycle)?;
    let currency = currency.ok_or(NotPriced::NoCurrency)?;
    if let Some(sold) = &row.sold
        && sold.plan == *plan_id
        && sold.cycle == *cycle
        && sold.amounts.currency == currency
        && let Some(amounts) = at_sold_price(sold, values.quantity)
    {
        return Ok(amounts);
    }
    let plan = plans.get(plan_id).ok_or_else(|| NotPriced::UnknownPlan(plan_id.clone()))?;
    if !plan.offer.sells_the_same_as(&row.offer) {
        return Err(NotPriced::OtherOffer(plan.name.clone()));
    }
    Ok(plan.amounts(cycle, currency, values.quantity)?)
}

/// The sold amounts for another quantity. They are exact multiples of a seat's price, so the division leaves no rest; where
/// the sold quantity is zero there is no price to keep.
fn at_sold_price(sold: &Sold, quantity: u32) -> Option<Amounts> {
    if sold.quantity == quantity {
        return Some(sold.amounts.clone());
    }
    let scale = |amount: Decimal| {
        let each = amount.checked_div(Decimal::from(sold.quantity))?;
        each.checked_mul(Decimal::from(quantity)).map(|a| sold.amounts.currency.round(a))
    };
    Some(Amounts {
        currency: sold.amounts.currency,
        reseller_order: scale(sold.amounts.reseller_order)?,
        reseller_renewal: scale(sold.amounts.reseller_renewal)?,
        customer_order: scale(sold.amounts.customer_order)?,
        customer_renewal: scale(sold.amounts.customer_renewal)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn an_edit_survives_being_stored() {
        for end in [None, Some(None), Some(Some(date(2026, 11, 1)))] {
            let edit = ServiceEdit { invoice_end: end, ..ServiceEdit::default() };
            let packed = rmp_serde::to_vec_named(&edit).unwrap();
            assert_eq!(rmp_serde::from_slice::<ServiceEdit>(&packed).unwrap(), edit);
        }
    }
}
