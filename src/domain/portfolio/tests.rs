use super::*;
use crate::domain::samples::{E3, World, customer, cycle, plan, subscription};
use jiff::civil::date;

fn world() -> World {
    let mut world = World {
        customers: vec![
            customer("b", "beta", "NO"),
            customer("a", "Alpha", "NO"),
            customer("c", "alpha", ""),
        ],
        subscriptions: vec![
            subscription("b", "s2", E3, 3, "P1Y/Monthly"),
            subscription("a", "s1", E3, 5, "P1Y/Annual"),
            subscription("b", "s1", "MS-AZR-0145P", 1, ""),
        ],
        plans: vec![plan("p", "E3", E3, &[("P1Y/Monthly", "NOK", "100", "80")])],
        ..World::default()
    };
    world.manage("b", "NOK");
    world.sell("b", "s2", "p");
    world
}

#[test]
fn clients_stand_by_name_and_services_below_their_client_by_offer() {
    let portfolio = world().portfolio();
    let names: Vec<&str> = portfolio.clients.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(names, ["a", "c", "b"], "case does not count; of equal names the smaller id is first");
    let rows: Vec<(u32, &str)> = portfolio.services.iter().map(|s| (s.client, s.id.as_str())).collect();
    assert_eq!(rows, [(0, "s1"), (2, "s2"), (2, "s1")]);
    let ranges: Vec<Range<u32>> = portfolio.clients.iter().map(|c| c.services.clone()).collect();
    assert_eq!(ranges, [0..1, 1..1, 1..3]);
    assert_eq!(portfolio.clients[0].first_seen, Some(date(2026, 10, 1)));
    assert_eq!(portfolio.clients[1].first_seen, None);
}

#[test]
fn records_may_come_in_any_order() {
    let mut world = world();
    // Microsoft renamed the offer since it was sold.
    world.subscriptions[0].offer_name = "Microsoft 365 E3 (no Teams)".to_owned();
    let expected = world.portfolio();

    let mut builder = Builder::default();
    world.services.values().cloned().for_each(|s| builder.service(s));
    world.clients.values().cloned().for_each(|c| builder.client(c));
    world.subscriptions.iter().rev().cloned().for_each(|s| builder.subscription(s));
    world.customers.iter().rev().cloned().for_each(|c| builder.customer(c));
    world.plans.iter().cloned().for_each(|p| builder.plan(p));
    let joined = builder.finish(world.generation);

    assert_eq!(joined.clients, expected.clients);
    assert_eq!(joined.services, expected.services);
    let sold = joined.services.iter().find(|s| s.sold.is_some()).unwrap();
    assert_eq!(&*sold.offer_name, "Microsoft 365 E3 (no Teams)");
    assert_eq!(&*sold.sold.as_ref().unwrap().offer_name, "Microsoft 365 E3");
}

#[test]
fn what_microsoft_no_longer_has_stays_under_its_own_name() {
    let mut world = world();
    world.customers.clear();
    world.subscriptions.clear();
    let portfolio = world.portfolio();
    assert_eq!(portfolio.clients.len(), 1);
    let client = &portfolio.clients[0];
    assert!(!client.at_microsoft);
    assert_eq!((client.name.as_str(), client.domain.as_str()), ("beta", "b.onmicrosoft.com"));
    let service = &portfolio.services[0];
    assert!(service.subscribed.is_none());
    assert_eq!(&*service.offer_name, "Microsoft 365 E3");
    assert_eq!(*service.sold.as_ref().unwrap().cycle, cycle("P1Y/Monthly"));
}

#[test]
fn one_subscription_id_below_two_customers_is_two_services() {
    let portfolio = world().portfolio();
    let keys: HashSet<ServiceKey> = portfolio.services.iter().map(|s| portfolio.service_key(s)).collect();
    assert_eq!(keys.len(), 3);
    assert_eq!(portfolio.services.iter().filter(|s| s.id.as_str() == "s1").count(), 2);
}
