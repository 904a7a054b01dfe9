//! Records for tests: a small world of both sides that an Update can be applied to, as the store would.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use rust_decimal::Decimal;

use super::application_consent::{ApplicationConsent, ConsentOutcome};
use super::client::{Client, ClientStatus};
use super::customer::{Customer, CustomerDetails};
use super::cycle::BillingCycle;
use super::ids::{CustomerId, PlanId, ServiceKey, SubscriptionId};
use super::money::Currency;
use super::offer::Offer;
use super::plan::{Cost, Plan, PlanPrice};
use super::portfolio::{Builder, Portfolio};
use super::record::Versioned;
use super::service::{InvoiceTerms, Service};
use super::subscription::{Subscription, SubscriptionStatus};
use super::update::{Preview, Verdict};

/// What day it is in these tests.
pub const TODAY: Date = date(2026, 11, 22);
/// Microsoft 365 E3.
pub const E3: &str = "CFQ7TTC0LFLX:0001";
/// Exchange Online (Plan 1).
pub const EXO: &str = "CFQ7TTC0LH16:0001";

/// A tenant's id.
pub fn customer_id(text: &str) -> CustomerId {
    CustomerId::parse(text).unwrap()
}

/// A plan's id.
pub fn plan_id(text: &str) -> PlanId {
    PlanId::parse(text).unwrap()
}

/// A service's identity.
pub fn key(customer: &str, subscription: &str) -> ServiceKey {
    ServiceKey { customer: customer_id(customer), subscription: SubscriptionId::parse(subscription).unwrap() }
}

/// A cycle such as `P1Y/Monthly`.
pub fn cycle(text: &str) -> BillingCycle {
    text.parse().unwrap()
}

/// A currency.
pub fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

/// An amount.
pub fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// A customer with an address and an MPN ID.
pub fn customer(id: &str, name: &str, country: &str) -> Customer {
    let domain = format!("{id}.onmicrosoft.com");
    Customer {
        id: customer_id(id),
        name: name.to_owned(),
        relationship: Some("reseller".to_owned()),
        details: Some(CustomerDetails {
            email: Some(format!("admin@{domain}")),
            country: (!country.is_empty()).then(|| country.to_owned()),
            city: Some("Harbour".to_owned()),
            ..CustomerDetails::default()
        }),
        domain,
        mpn_id: Some("4390812".to_owned()),
    }
}

/// An active subscription of 1 October 2026.
pub fn subscription(customer: &str, id: &str, offer: &str, quantity: u32, at: &str) -> Subscription {
    let at = (!at.is_empty()).then(|| cycle(at));
    Subscription {
        customer_id: customer_id(customer),
        id: SubscriptionId::parse(id).unwrap(),
        offer: Offer::parse(offer),
        offer_name: match offer {
            E3 => "Microsoft 365 E3".to_owned(),
            EXO => "Exchange Online (Plan 1)".to_owned(),
            other => format!("Offer {other}"),
        },
        friendly_name: None,
        product_type: Some("OnlineServicesNCE".to_owned()),
        quantity,
        status: SubscriptionStatus::Active,
        term: at.as_ref().map(|c| c.term.clone()),
        billing_plan: at.map(|c| c.plan),
        billing_type: Some("license".to_owned()),
        auto_renew: true,
        is_trial: false,
        is_microsoft: true,
        publisher: None,
        parent: None,
        partner_id: Some("4390812".to_owned()),
        order_id: None,
        promotion_id: None,
        created_at: Some("2026-10-01T23:30:00Z".parse().unwrap()),
        term_start: None,
        term_end: None,
        cancellable_until: None,
        stale: false,
    }
}

/// A plan with prices of cycle, currency, customer's price and reseller's price; renewals cost a tenth more.
pub fn plan(id: &str, name: &str, offer: &str, prices: &[(&str, &str, &str, &str)]) -> Plan {
    let prices = prices
        .iter()
        .map(|(at, code, price, reseller)| {
            let money = currency(code);
            let renewal = |text: &str| money.round(decimal(text) * decimal("1.1"));
            PlanPrice {
                cycle: cycle(at),
                currency: money,
                cost: Cost::for_term(decimal(reseller), &cycle(at)).unwrap(),
                margin_percent: decimal("10"),
                reseller_margin_percent: decimal("5"),
                price: decimal(price),
                renewal_price: renewal(price),
                reseller_price: decimal(reseller),
                reseller_renewal_price: renewal(reseller),
                erp: None,
                price_by_hand: false,
                renewal_by_hand: false,
            }
        })
        .collect();
    Plan::new(plan_id(id), name.to_owned(), Offer::parse(offer), "Commercial".to_owned(), prices)
}

/// What came of asking for the app's consent.
pub fn app_consent(customer: &str, outcome: ConsentOutcome, grants: Option<&str>) -> ApplicationConsent {
    ApplicationConsent {
        customer: customer_id(customer),
        app_id: "5a1f0c3e-0000-4a4a-9c9c-1f2e3d4c5b6a".to_owned(),
        at: written_at(),
        by: "per".to_owned(),
        outcome,
        grants: grants.map(str::to_owned),
    }
}

/// When operators of these tests write.
pub fn written_at() -> Timestamp {
    "2026-11-20T10:42:00Z".parse().unwrap()
}

/// Both sides, before they are joined.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// Microsoft's side.
    pub customers: Vec<Customer>,
    /// Microsoft's side.
    pub subscriptions: Vec<Subscription>,
    /// Under management.
    pub clients: BTreeMap<CustomerId, Versioned<Client>>,
    /// Under management.
    pub services: BTreeMap<ServiceKey, Versioned<Service>>,
    /// What is known of the app's consent in tenants.
    pub app_consents: Vec<ApplicationConsent>,
    /// What can be sold.
    pub plans: Vec<Plan>,
    /// Moves with each write.
    pub generation: u64,
}

impl World {
    /// Joins both sides.
    pub fn portfolio(&self) -> Portfolio {
        let mut builder = Builder::default();
        self.plans.iter().cloned().for_each(|plan| builder.plan(plan));
        self.customers.iter().cloned().for_each(|customer| builder.customer(customer));
        self.subscriptions.iter().cloned().for_each(|s| builder.subscription(s));
        self.clients.values().cloned().for_each(|client| builder.client(client));
        self.services.values().cloned().for_each(|service| builder.service(service));
        self.app_consents.iter().cloned().for_each(|consent| builder.application_consent(consent));
        builder.finish(self.generation)
    }

    /// Writes what a preview says, as the store does: one revision more for each record.
    pub fn apply(&mut self, preview: &Preview, by: &str) {
        self.generation += 1;
        for line in &preview.clients {
            if let Verdict::Create(client) | Verdict::Change { after: client, .. } = &line.verdict {
                self.write_client(client.clone(), by);
            }
        }
        for line in &preview.services {
            if let Verdict::Create(service) | Verdict::Change { after: service, .. } = &line.verdict {
                self.write_service(service.clone(), by);
            }
        }
    }

    /// Writes a client.
    pub fn write_client(&mut self, value: Client, by: &str) {
        let revision = self.clients.get(&value.id).map_or(1, |stored| stored.revision + 1);
        let stored = Versioned { revision, updated_by: by.to_owned(), updated_at: written_at(), value };
        self.clients.insert(stored.value.id.clone(), stored);
    }

    /// Writes a service.
    pub fn write_service(&mut self, value: Service, by: &str) {
        let revision = self.services.get(&value.key()).map_or(1, |stored| stored.revision + 1);
        let stored = Versioned { revision, updated_by: by.to_owned(), updated_at: written_at(), value };
        self.services.insert(stored.value.key(), stored);
    }

    /// Brings a customer under management as it is.
    pub fn manage(&mut self, id: &str, code: &str) {
        let customer = self.customers.iter().find(|c| c.id == customer_id(id)).unwrap().clone();
        let email = customer.details.and_then(|d| d.email);
        let client = Client {
            id: customer.id,
            name: customer.name,
            username: email.clone().unwrap_or_else(|| customer.domain.clone()),
            domain: customer.domain,
            email,
            mpn_id: customer.mpn_id,
            currency: currency(code),
            registered_on: date(2026, 10, 1),
            status: ClientStatus::Active,
        };
        self.write_client(client, "per");
    }

    /// Sells a subscription under a plan, at the plan's present price.
    pub fn sell(&mut self, customer: &str, id: &str, plan: &str) {
        let key = key(customer, id);
        let subscription = self.subscriptions.iter().find(|s| s.key() == key).unwrap();
        let plan = self.plans.iter().find(|p| p.id == plan_id(plan)).unwrap();
        let at = subscription.cycle().unwrap();
        let code = self.clients[&key.customer].value.currency;
        let service = Service {
            customer_id: key.customer,
            subscription_id: key.subscription,
            offer_name: subscription.offer_name.clone(),
            offer: subscription.offer.clone(),
            plan: plan.id.clone(),
            amounts: plan.amounts(&at, code, subscription.quantity).unwrap(),
            cycle: at,
            quantity: subscription.quantity,
            status: subscription.status.clone(),
            invoice: InvoiceTerms::default(),
        };
        self.write_service(service, "per");
    }
}
