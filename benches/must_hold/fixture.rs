//! A store's content of any size: customers, subscriptions, plans, and both under management.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use cspdeck::domain::client::{Client, ClientStatus};
use cspdeck::domain::customer::{Customer, CustomerDetails};
use cspdeck::domain::cycle::BillingCycle;
use cspdeck::domain::ids::{CustomerId, PlanId, SubscriptionId};
use cspdeck::domain::money::Currency;
use cspdeck::domain::offer::Offer;
use cspdeck::domain::plan::{Cost, Plan, PlanPrice};
use cspdeck::domain::portfolio::{Builder, Portfolio};
use cspdeck::domain::record::Versioned;
use cspdeck::domain::rounding::Rounding;
use cspdeck::domain::service::{InvoiceTerms, Service};
use cspdeck::domain::subscription::{Subscription, SubscriptionStatus};
use cspdeck::store::{JobId, Prepared, Sharing, Store, StoreOptions, operator};
use jiff::Timestamp;
use jiff::civil::date;

/// Services to a client.
const EACH: usize = 4;
const OFFERS: [&str; 6] = [
    "Microsoft 365 Business Basic",
    "Microsoft 365 Business Standard",
    "Microsoft 365 E3",
    "Exchange Online (Plan 1)",
    "Power BI Pro",
    "Visio Plan 2",
];

fn guid(kind: u32, number: usize) -> String {
    format!("{kind:08x}-0000-4000-8000-{number:012x}")
}

fn offer(which: usize) -> Offer {
    Offer::parse(&format!("CFQ7TTC0L{:03}:0001:CFQ7TTC0K{:03}", which % OFFERS.len(), which % OFFERS.len()))
}

fn cycle(which: usize) -> BillingCycle {
    BillingCycle::usual()[which % 3].clone()
}

pub fn customer(number: usize) -> Customer {
    Customer {
        id: CustomerId::parse(&guid(1, number)).unwrap(),
        name: format!(
            "{} {number:05} Ærø 株式会社",
            ["Acme", "Nordlicht", "Contoso", "Fabrikam"][number % 4]
        ),
        domain: format!("customer{number:05}.onmicrosoft.com"),
        relationship: Some("reseller".to_owned()),
        details: Some(CustomerDetails {
            email: Some(format!("it@customer{number:05}.example")),
            country: Some("DE".to_owned()),
            city: Some("Kiel".to_owned()),
            culture: Some("de-DE".to_owned()),
            registration_number: None,
        }),
        mpn_id: Some(format!("{}", 5_000_000 + number % 12)),
    }
}

pub fn subscription(number: usize) -> Subscription {
    Subscription {
        customer_id: CustomerId::parse(&guid(1, number / EACH)).unwrap(),
        id: SubscriptionId::parse(&guid(2, number)).unwrap(),
        offer: offer(number),
        offer_name: OFFERS[number % OFFERS.len()].to_owned(),
        friendly_name: Some("HQ seats".to_owned()),
        product_type: Some("OnlineServicesNCE".to_owned()),
        quantity: (number % 300) as u32 + 1,
        status: SubscriptionStatus::Active,
        term: Some(cycle(number).term),
        billing_plan: Some(cycle(number).plan),
        billing_type: Some("license".to_owned()),
        auto_renew: true,
        is_trial: false,
        is_microsoft: true,
        publisher: Some("Microsoft Corporation".to_owned()),
        parent: None,
        partner_id: Some("5123456".to_owned()),
        order_id: Some("9f3a1c2b7d60".to_owned()),
        promotion_id: None,
        created_at: Some(Timestamp::UNIX_EPOCH),
        term_start: Some(Timestamp::UNIX_EPOCH),
        term_end: Some(Timestamp::UNIX_EPOCH),
        cancellable_until: None,
        stale: false,
    }
}

pub fn plan(which: usize) -> Plan {
    let euro = Currency::parse("EUR").unwrap();
    let prices = BillingCycle::usual()
        .into_iter()
        .map(|cycle| {
            let cost = Cost::for_term(144.into(), &cycle).unwrap();
            PlanPrice::from_margins(cycle, euro, cost, 12.into(), 6.into(), Rounding::Minor, None).unwrap()
        })
        .collect();
    let id = PlanId::parse(&format!("plan-{which}")).unwrap();
    Plan::new(id, format!("{} DE", OFFERS[which]), offer(which), "Commercial".to_owned(), prices)
}

pub fn client(number: usize) -> Client {
    let customer = customer(number);
    Client {
        id: customer.id,
        name: customer.name,
        domain: customer.domain,
        email: Some(format!("it@customer{number:05}.example")),
        mpn_id: customer.mpn_id,
        username: format!("it@customer{number:05}.example"),
        currency: Currency::parse("EUR").unwrap(),
        registered_on: date(2026, 1, 1),
        status: ClientStatus::Active,
    }
}

pub fn service(number: usize) -> Service {
    let subscription = subscription(number);
    let plan = plan(number % OFFERS.len());
    let euro = Currency::parse("EUR").unwrap();
    Service {
        amounts: plan.amounts(&cycle(number), euro, subscription.quantity).unwrap(),
        customer_id: subscription.customer_id,
        subscription_id: subscription.id,
        offer_name: subscription.offer_name,
        offer: subscription.offer,
        plan: plan.id,
        cycle: cycle(number),
        quantity: subscription.quantity,
        status: subscription.status,
        invoice: InvoiceTerms { generate: true, start: Some(date(2026, 1, 1)), end: None },
    }
}

fn record<T>(value: T) -> Versioned<T> {
    Versioned { revision: 1, updated_by: "ana".to_owned(), updated_at: Timestamp::UNIX_EPOCH, value }
}

/// So many services, all under management.
pub fn portfolio(services: usize) -> Portfolio {
    let mut builder = Builder::with_capacity(services / EACH, services);
    for number in 0..services.div_ceil(EACH) {
        builder.customer(customer(number));
        builder.client(record(client(number)));
    }
    for number in 0..services {
        builder.subscription(subscription(number));
        builder.service(record(service(number)));
    }
    for which in 0..OFFERS.len() {
        builder.plan(plan(which));
    }
    builder.finish(1)
}

/// A store of its own in a folder.
pub fn store(folder: &Path) -> Store {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
    Store::open(StoreOptions {
        path: folder.join("store.redb"),
        identity: folder.join("identity.txt"),
        wait: Duration::from_secs(10),
        sharing: Sharing::Private,
        operator: operator::current(),
    })
    .unwrap()
}

/// Fills a store with so many services, all under management.
pub fn fill(store: &Store, services: usize) {
    let job = JobId::new();
    let customers: Vec<Customer> = (0..services.div_ceil(EACH)).map(customer).collect();
    store
        .write(|txn| {
            let staging = txn.begin_staging(&job)?;
            txn.stage_customers(staging, &customers)?;
            for (at, customer) in customers.iter().enumerate() {
                let own: Vec<Subscription> =
                    (at * EACH..((at + 1) * EACH).min(services)).map(subscription).collect();
                txn.stage_subscriptions(staging, &customer.id, &own)?;
            }
            txn.publish_staging(staging, 0)?;
            for which in 0..OFFERS.len() {
                txn.put_plan(0, &plan(which))?;
            }
            Ok(())
        })
        .unwrap();
    let clients = (0..services.div_ceil(EACH)).map(|n| Prepared::client(None, &client(n)).unwrap());
    let services = (0..services).map(|n| Prepared::service(None, &service(n)).unwrap());
    let records: Vec<Prepared> = clients.chain(services).collect();
    store
        .write(|txn| {
            for record in &records {
                txn.put_prepared(record)?;
            }
            Ok(())
        })
        .unwrap();
}
