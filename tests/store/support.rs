//! What the store's tests share: a store in a temporary folder, and rows to put into it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use cspdeck::domain::client::{Client, ClientStatus};
use cspdeck::domain::customer::Customer;
use cspdeck::domain::ids::{CustomerId, PlanId, SubscriptionId};
use cspdeck::domain::money::Currency;
use cspdeck::domain::offer::Offer;
use cspdeck::domain::operator::Operator;
use cspdeck::domain::plan::{Amounts, Plan};
use cspdeck::domain::service::{InvoiceTerms, Service};
use cspdeck::domain::subscription::{Subscription, SubscriptionStatus};
use cspdeck::store::{Sharing, Store, StoreOptions};

/// A child of the test that finds this in its environment does that part of it.
pub const ROLE: &str = "CSPDECK_TEST_ROLE";
/// The folder that it works in.
pub const FOLDER: &str = "CSPDECK_TEST_FOLDER";

pub fn options(folder: &Path, name: &str) -> StoreOptions {
    StoreOptions {
        path: folder.join("data/store.redb"),
        identity: folder.join("keys/identity"),
        wait: Duration::from_secs(60),
        sharing: Sharing::Private,
        operator: Operator { uid: 1000, name: name.to_owned(), sudo_user: None, ssh_client: None },
    }
}

pub fn open(folder: &Path, name: &str) -> Store {
    Store::open(options(folder, name)).unwrap()
}

/// This test program again, doing the part that `processes::child` has under that name.
pub fn child(role: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["processes::child", "--exact", "--nocapture"]).env(ROLE, role).env(FOLDER, folder);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

pub fn customer_id(text: &str) -> CustomerId {
    CustomerId::parse(text).unwrap()
}

pub fn customer(id: &str, name: &str) -> Customer {
    Customer {
        id: customer_id(id),
        name: name.to_owned(),
        domain: format!("{id}.example"),
        relationship: Some("reseller".to_owned()),
        details: None,
        mpn_id: None,
    }
}

pub fn client(id: &str) -> Client {
    Client {
        id: customer_id(id),
        name: format!("Company {id}"),
        domain: format!("{id}.example"),
        email: None,
        mpn_id: None,
        username: format!("admin@{id}.example"),
        currency: Currency::parse("EUR").unwrap(),
        registered_on: "2026-01-31".parse().unwrap(),
        status: ClientStatus::Active,
    }
}

pub fn subscription(customer: &str, id: &str) -> Subscription {
    Subscription {
        customer_id: customer_id(customer),
        id: SubscriptionId::parse(id).unwrap(),
        offer: Offer::parse("CFQ7TTC0LH18:0001:CFQ7TTC0K971"),
        offer_name: "Microsoft 365 Business Basic".to_owned(),
        friendly_name: None,
        product_type: Some("OnlineServicesNCE".to_owned()),
        quantity: 5,
        status: SubscriptionStatus::Active,
        term: None,
        billing_plan: None,
        billing_type: Some("license".to_owned()),
        auto_renew: true,
        is_trial: false,
        is_microsoft: true,
        publisher: None,
        parent: None,
        partner_id: None,
        order_id: None,
        promotion_id: None,
        created_at: "2026-01-31T10:00:00Z".parse().ok(),
        term_start: None,
        term_end: None,
        cancellable_until: None,
        stale: false,
    }
}

pub fn plan(id: &str) -> Plan {
    let offer = Offer::parse("CFQ7TTC0LH18:0001");
    let id = PlanId::parse(id).unwrap();
    Plan::new(id, "Basic +10 %".to_owned(), offer, "Commercial".to_owned(), Vec::new())
}

pub fn service(customer: &str, id: &str, plan: &str) -> Service {
    let amount = || "66.00".parse().unwrap();
    Service {
        customer_id: customer_id(customer),
        subscription_id: SubscriptionId::parse(id).unwrap(),
        offer_name: "Microsoft 365 Business Basic".to_owned(),
        offer: Offer::parse("CFQ7TTC0LH18:0001:CFQ7TTC0K971"),
        plan: PlanId::parse(plan).unwrap(),
        cycle: "P1Y/Monthly".parse().unwrap(),
        quantity: 5,
        status: SubscriptionStatus::Active,
        invoice: InvoiceTerms { generate: true, start: "2026-02-01".parse().ok(), end: None },
        amounts: Amounts {
            currency: Currency::parse("EUR").unwrap(),
            reseller_order: amount(),
            reseller_renewal: amount(),
            customer_order: amount(),
            customer_renewal: amount(),
        },
    }
}
