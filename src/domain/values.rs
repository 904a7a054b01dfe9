//! The values of a row: what is typed, over what is under management, over what Microsoft says; and what a service is worth.

use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::client::{ClientEdit, ClientStatus};
use super::country;
use super::cycle::BillingCycle;
use super::ids::PlanId;
use super::money::Currency;
use super::plan::{Amounts, NoAmounts};
use super::plan_book::PlanBook;
use super::portfolio::{ClientRow, ServiceRow, Sold};
use super::service::{InvoiceTerms, ServiceEdit};
use super::subscription::SubscriptionStatus;

/// The values of a client row: what is typed, over what is under management, over what follows from the customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientValues {
    /// Never empty where the customer has a domain or an e-mail address.
    pub username: String,
    /// None where the country does not tell.
    pub currency: Option<Currency>,
    /// None for a customer that is new and without subscriptions.
    pub registered_on: Option<Date>,
    /// Active for a new client.
    pub status: ClientStatus,
}

/// Works out a row's values.
#[must_use]
pub fn of_client(row: &ClientRow, edit: Option<&ClientEdit>) -> ClientValues {
    let mut values = match &row.managed {
        Some(client) => ClientValues {
            username: client.value.username.clone(),
            currency: Some(client.value.currency),
            registered_on: Some(client.value.registered_on),
            status: client.value.status.clone(),
        },
        None => ClientValues {
            username: row.email.clone().unwrap_or_else(|| row.domain.clone()),
            currency: row.country.as_deref().and_then(country::usual_currency),
            registered_on: row.first_seen,
            status: ClientStatus::Active,
        },
    };
    if let Some(edit) = edit {
        if let Some(username) = &edit.username {
            values.username.clone_from(username);
        }
        values.currency = edit.currency.or(values.currency);
        values.registered_on = edit.registered_on.or(values.registered_on);
        if let Some(status) = &edit.status {
            values.status = status.clone();
        }
    }
    values
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
    /// The price that it was sold at is given up for the plan's present one.
    pub at_plan_price: bool,
}

/// Works out a row's values.
#[must_use]
pub fn of_service(row: &ServiceRow, edit: Option<&ServiceEdit>) -> ServiceValues {
    let mut values = match (&row.sold, &row.subscribed) {
        (Some(sold), subscribed) => ServiceValues {
            plan: Some(sold.plan.clone()),
            cycle: Some(Arc::clone(&sold.cycle)),
            quantity: subscribed.as_ref().map_or(sold.quantity, |s| s.quantity),
            status: sold.status.clone(),
            invoice: sold.invoice.clone(),
            at_plan_price: false,
        },
        (None, Some(subscribed)) => ServiceValues {
            plan: None,
            cycle: subscribed.cycle.clone(),
            quantity: subscribed.quantity,
            status: subscribed.status.clone(),
            invoice: InvoiceTerms::default(),
            at_plan_price: false,
        },
        (None, None) => ServiceValues {
            plan: None,
            cycle: None,
            quantity: 0,
            status: SubscriptionStatus::Other("unknown".to_owned()),
            invoice: InvoiceTerms::default(),
            at_plan_price: false,
        },
    };
    if let Some(edit) = edit {
        values.plan = edit.plan.clone().or(values.plan);
        values.cycle = edit.cycle.clone().map(Arc::new).or(values.cycle);
        if let Some(status) = &edit.status {
            values.status = status.clone();
        }
        values.invoice.generate = edit.invoice_generate.unwrap_or(values.invoice.generate);
        values.invoice.start = edit.invoice_start.unwrap_or(values.invoice.start);
        values.invoice.end = edit.invoice_end.unwrap_or(values.invoice.end);
        values.at_plan_price = edit.at_plan_price;
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
/// A service keeps the price that it was sold at: while offer, plan, cycle and currency stay, each seat costs
/// what it cost, whatever becomes of the plan; until the operator says otherwise.
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
        && !values.at_plan_price
        && sold.offer.sells_the_same_as(&row.offer)
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
