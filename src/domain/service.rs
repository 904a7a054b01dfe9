//! A service: a subscription under our management.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::cycle::BillingCycle;
use super::ids::{CustomerId, PlanId, ServiceKey, SubscriptionId};
use super::offer::Offer;
use super::plan::Amounts;
use super::subscription::SubscriptionStatus;
use super::typed::{Typed, field};

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
    /// A new first day; `Some(None)` takes it away.
    #[serde(with = "typed_day")]
    pub invoice_start: Option<Option<Date>>,
    /// A new last day; `Some(None)` takes it away.
    #[serde(with = "typed_day")]
    pub invoice_end: Option<Option<Date>>,
    /// The plan's present price, in place of the one that it was sold at.
    pub at_plan_price: bool,
}

/// Keeps "typed as empty" apart from "not typed", which plain serializing folds together: a list of none or one.
mod typed_day {
    use jiff::civil::Date;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(day: &Option<Option<Date>>, to: S) -> Result<S::Ok, S::Error> {
        day.as_slice().serialize(to)
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

impl Typed for ServiceEdit {
    fn is_empty(&self) -> bool {
        self.is_empty()
    }

    fn revision(&self) -> u64 {
        self.base_revision
    }

    fn rebase(&mut self, revision: u64) {
        self.base_revision = revision;
    }

    fn with_changes(before: &Self, mine: &Self, theirs: &Self) -> Self {
        Self {
            base_revision: theirs.base_revision,
            plan: field(&before.plan, &mine.plan, &theirs.plan),
            cycle: field(&before.cycle, &mine.cycle, &theirs.cycle),
            status: field(&before.status, &mine.status, &theirs.status),
            invoice_generate: field(
                &before.invoice_generate,
                &mine.invoice_generate,
                &theirs.invoice_generate,
            ),
            invoice_start: field(&before.invoice_start, &mine.invoice_start, &theirs.invoice_start),
            invoice_end: field(&before.invoice_end, &mine.invoice_end, &theirs.invoice_end),
            at_plan_price: field(&before.at_plan_price, &mine.at_plan_price, &theirs.at_plan_price),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn an_edit_survives_being_stored() {
        for day in [None, Some(None), Some(Some(date(2026, 11, 1)))] {
            let edit = ServiceEdit { invoice_start: day, invoice_end: day, ..ServiceEdit::default() };
            let packed = rmp_serde::to_vec_named(&edit).unwrap();
            assert_eq!(rmp_serde::from_slice::<ServiceEdit>(&packed).unwrap(), edit);
        }
    }
}
