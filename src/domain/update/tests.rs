use super::*;
use crate::domain::client::ClientStatus;
use crate::domain::offer::Offer;
use crate::domain::samples::{
    E3, EXO, TODAY, World, currency, customer, customer_id, cycle, decimal, key, plan, plan_id, subscription,
};
use jiff::civil::date;

/// Acme with two subscriptions, Berg with one; nothing is under management.
pub(super) fn world() -> World {
    World {
        customers: vec![customer("acme", "Acme", "NO"), customer("berg", "Berg", "US")],
        subscriptions: vec![
            subscription("acme", "e3", E3, 25, "P1Y/Monthly"),
            subscription("acme", "exo", EXO, 4, "P1M/Monthly"),
            subscription("berg", "e3", E3, 10, "P1Y/Monthly"),
        ],
        plans: vec![
            plan(
                "p-e3",
                "E3 Nordic",
                E3,
                &[
                    ("P1Y/Monthly", "NOK", "365", "340"),
                    ("P1Y/Annual", "NOK", "4100", "4000"),
                    ("P1Y/Monthly", "USD", "39.60", "37.80"),
                ],
            ),
            plan("p-e3-plus", "E3 Plus", E3, &[("P1Y/Monthly", "NOK", "400", "340")]),
            plan("p-exo", "EXO P1", EXO, &[("P1M/Monthly", "NOK", "43", "40")]),
        ],
        ..World::default()
    }
}

/// The same with Acme and its E3 under management, both at revision 1.
fn managed() -> World {
    let mut world = world();
    world.manage("acme", "NOK");
    world.sell("acme", "e3", "p-e3");
    world
}

fn client_of(world: &World, edit: ClientEdit) -> Verdict<Client> {
    let request =
        Request { clients: vec![(customer_id("acme"), edit)], services: vec![], ..Request::default() };
    preview(&world.portfolio(), &request, TODAY).clients.remove(0).verdict
}

/// The verdict on Acme's E3, Acme being ticked too.
fn service_of(world: &World, edit: ServiceEdit) -> Verdict<Service> {
    let request = Request {
        clients: vec![(customer_id("acme"), ClientEdit::default())],
        services: vec![(key("acme", "e3"), edit)],
        ..Request::default()
    };
    preview(&world.portfolio(), &request, TODAY).services.remove(0).verdict
}

fn with_plan(id: &str) -> ServiceEdit {
    ServiceEdit { plan: Some(plan_id(id)), ..ServiceEdit::default() }
}

fn changed<T>(verdict: Verdict<T>) -> (T, Vec<String>) {
    match verdict {
        Verdict::Change { after, fields, .. } => (after, fields.iter().map(ToString::to_string).collect()),
        Verdict::Create(_) => panic!("created"),
        Verdict::Unchanged => panic!("unchanged"),
        Verdict::Skip(rule) => panic!("{rule}"),
        Verdict::Conflict { fields, .. } => panic!("in conflict: {fields:?}"),
    }
}

fn skipped<T>(verdict: Verdict<T>) -> String {
    match verdict {
        Verdict::Skip(rule) => rule.to_string(),
        Verdict::Create(_) => panic!("created"),
        Verdict::Change { fields, .. } => panic!("changed: {fields:?}"),
        Verdict::Unchanged => panic!("unchanged"),
        Verdict::Conflict { fields, .. } => panic!("in conflict: {fields:?}"),
    }
}

#[test]
fn a_new_client_takes_what_follows_from_the_customer() {
    let Verdict::Create(client) = client_of(&world(), ClientEdit::default()) else { panic!() };
    assert_eq!(client.name, "Acme");
    assert_eq!(client.username, "admin@acme.onmicrosoft.com");
    assert_eq!(client.currency, currency("NOK"));
    assert_eq!(client.registered_on, date(2026, 10, 1), "the day of its first subscription");
    assert_eq!(client.status, ClientStatus::Active);
    assert_eq!(client.mpn_id.as_deref(), Some("4390812"));
}

#[test]
fn what_was_typed_goes_before_what_follows() {
    let edit = ClientEdit {
        username: Some("ola".to_owned()),
        currency: Some(currency("EUR")),
        registered_on: Some(date(2026, 1, 2)),
        status: Some(ClientStatus::Inactive),
        base_revision: 0,
    };
    let Verdict::Create(client) = client_of(&world(), edit) else { panic!() };
    assert_eq!((client.username.as_str(), client.currency.as_str()), ("ola", "EUR"));
    assert_eq!((client.registered_on, client.status), (date(2026, 1, 2), ClientStatus::Inactive));
}

#[test]
fn a_customer_without_subscriptions_is_registered_today() {
    let mut world = world();
    world.subscriptions.clear();
    let Verdict::Create(client) = client_of(&world, ClientEdit::default()) else { panic!() };
    assert_eq!(client.registered_on, TODAY);
}

#[test]
fn rules_that_leave_a_client_out() {
    let nowhere = {
        let mut world = world();
        world.customers[0].details = None;
        world
    };
    assert_eq!(skipped(client_of(&nowhere, ClientEdit::default())), "no currency");

    let nameless = {
        let mut world = world();
        world.customers[0].domain.clear();
        world.customers[0].details.as_mut().unwrap().email = None;
        world
    };
    assert_eq!(skipped(client_of(&nameless, ClientEdit::default())), "a user name can't be empty");
    for (username, why) in [
        ("", "a user name can't be empty"),
        ("o la", "a user name has no white space or control characters"),
        ("o\u{1b}la", "a user name has no white space or control characters"),
    ] {
        let edit = ClientEdit { username: Some(username.to_owned()), ..ClientEdit::default() };
        assert_eq!(skipped(client_of(&world(), edit)), why);
    }
    let long = ClientEdit { username: Some("x".repeat(321)), ..ClientEdit::default() };
    assert_eq!(
        skipped(client_of(&world(), long)),
        "a user name has at most 320 characters, this one has 321"
    );

    let request = Request {
        clients: vec![(customer_id("nobody"), ClientEdit::default())],
        services: vec![
            (key("acme", "nothing"), ServiceEdit::default()),
            (key("nobody", "e3"), with_plan("p")),
        ],
        ..Request::default()
    };
    let preview = preview(&world().portfolio(), &request, TODAY);
    assert_eq!(preview.clients[0].verdict, Verdict::Skip(Rule::Gone));
    assert_eq!(preview.services[0].verdict, Verdict::Skip(Rule::Gone));
    assert_eq!(preview.services[1].verdict, Verdict::Skip(Rule::Gone));
}

#[test]
fn a_new_service_is_worth_price_times_seats() {
    let Verdict::Create(service) = service_of(&world(), with_plan("p-e3")) else { panic!() };
    assert_eq!((service.quantity, service.cycle), (25, cycle("P1Y/Monthly")));
    assert_eq!(service.amounts.currency, currency("NOK"));
    assert_eq!(service.amounts.customer_order, decimal("9125"));
    assert_eq!(service.amounts.customer_renewal, decimal("10037.5"));
    assert_eq!(service.amounts.reseller_order, decimal("8500"));
    assert_eq!(service.amounts.reseller_renewal, decimal("9350"));
    assert!(!service.invoice.generate);
}

#[test]
fn rules_that_leave_a_service_out() {
    let edited = |change: fn(&mut ServiceEdit)| {
        let mut edit = with_plan("p-e3");
        change(&mut edit);
        edit
    };
    for (edit, why) in [
        (ServiceEdit::default(), "no plan chosen"),
        (with_plan("p-lost"), "plan p-lost is not in the store"),
        (with_plan("p-exo"), "plan EXO P1 is for another offer"),
        (edited(|e| e.cycle = Some(cycle("P3Y/Triennial"))), "plan has no price for P3Y/Triennial in NOK"),
        (edited(|e| e.invoice_generate = Some(true)), "invoices are asked for, but there is no start date"),
        (
            edited(|e| {
                e.invoice_start = Some(Some(date(2026, 12, 2)));
                e.invoice_end = Some(Some(date(2026, 12, 1)));
            }),
            "the invoice's end lies before its start",
        ),
    ] {
        assert_eq!(skipped(service_of(&world(), edit)), why);
    }
    let one_day = edited(|e| {
        e.invoice_start = Some(Some(date(2026, 12, 1)));
        e.invoice_end = Some(Some(date(2026, 12, 1)));
    });
    assert!(matches!(service_of(&world(), one_day), Verdict::Create(_)));

    let with = |change: fn(&mut crate::domain::subscription::Subscription)| {
        let mut world = world();
        change(&mut world.subscriptions[0]);
        world
    };
    let plan = || with_plan("p-e3");
    assert_eq!(skipped(service_of(&with(|s| s.quantity = 0), plan())), "has no seats");
    assert_eq!(skipped(service_of(&with(|s| s.term = None), plan())), "no billing cycle");
    for (status, why) in [
        (SubscriptionStatus::Deleted, "deleted at Microsoft"),
        (SubscriptionStatus::Expired, "expired at Microsoft"),
    ] {
        let mut world = world();
        world.subscriptions[0].status = status;
        assert_eq!(skipped(service_of(&world, plan())), why);
    }
    for status in [SubscriptionStatus::Suspended, SubscriptionStatus::Other("frozen".to_owned())] {
        let mut world = world();
        world.subscriptions[0].status = status;
        assert!(matches!(service_of(&world, plan()), Verdict::Create(_)));
    }
}

#[test]
fn a_service_under_management_may_end_at_microsoft() {
    let mut world = managed();
    world.subscriptions[0].status = SubscriptionStatus::Deleted;
    let edit =
        ServiceEdit { base_revision: 1, status: Some(SubscriptionStatus::Deleted), ..ServiceEdit::default() };
    assert_eq!(changed(service_of(&world, edit)).1, ["status active -> deleted"]);
}

#[test]
fn a_service_needs_its_client() {
    let alone = Request {
        clients: vec![],
        services: vec![(key("acme", "e3"), with_plan("p-e3"))],
        ..Request::default()
    };
    let verdict = preview(&world().portfolio(), &alone, TODAY).services.remove(0).verdict;
    assert_eq!(skipped(verdict), "its client is not under management: tick the client as well");

    let mut world_with_client = world();
    world_with_client.manage("acme", "NOK");
    let verdict = preview(&world_with_client.portfolio(), &alone, TODAY).services.remove(0).verdict;
    assert!(matches!(verdict, Verdict::Create(_)));

    let bad = ClientEdit { username: Some(String::new()), ..ClientEdit::default() };
    let request =
        Request { clients: vec![(customer_id("acme"), bad)], services: alone.services, ..Request::default() };
    let verdict = preview(&world().portfolio(), &request, TODAY).services.remove(0).verdict;
    assert_eq!(skipped(verdict), "its client is left out");
}

#[test]
fn changes_are_listed_field_by_field() {
    let edit = ClientEdit {
        base_revision: 1,
        username: Some("ola".to_owned()),
        registered_on: Some(date(2026, 11, 1)),
        status: Some(ClientStatus::Suspended),
        currency: None,
    };
    let mut world = managed();
    world.customers[0].name = "Acme Norge".to_owned();
    let (after, fields) = changed(client_of(&world, edit));
    assert_eq!(after.name, "Acme Norge");
    assert_eq!(
        fields,
        [
            "name Acme -> Acme Norge",
            "username admin@acme.onmicrosoft.com -> ola",
            "reg. date 2026-10-01 -> 2026-11-01",
            "status active -> suspended",
        ]
    );

    let edit = ServiceEdit {
        base_revision: 1,
        cycle: Some(cycle("P1Y/Annual")),
        status: Some(SubscriptionStatus::Suspended),
        invoice_generate: Some(true),
        invoice_start: Some(Some(date(2026, 12, 1))),
        invoice_end: Some(Some(date(2027, 11, 30))),
        at_plan_price: false,
        plan: None,
    };
    let (_, fields) = changed(service_of(&managed(), edit));
    assert_eq!(
        fields,
        [
            "cycle P1Y/Monthly -> P1Y/Annual",
            "status active -> suspended",
            "invoice no -> yes",
            "invoice start - -> 2026-12-01",
            "invoice end - -> 2027-11-30",
            "reseller order NOK 8,500.00 -> NOK 100,000.00",
            "reseller renewal NOK 9,350.00 -> NOK 110,000.00",
            "customer order NOK 9,125.00 -> NOK 102,500.00",
            "customer renewal NOK 10,037.50 -> NOK 112,750.00",
        ]
    );
}

#[test]
fn a_tick_without_a_difference_changes_nothing() {
    assert_eq!(client_of(&managed(), ClientEdit::default()), Verdict::Unchanged);
    assert_eq!(service_of(&managed(), ServiceEdit::default()), Verdict::Unchanged);
    // Typed, but what is stored already.
    let same = ClientEdit { base_revision: 1, currency: Some(currency("NOK")), ..ClientEdit::default() };
    assert_eq!(client_of(&managed(), same), Verdict::Unchanged);
}

#[test]
fn an_edit_of_an_older_revision_is_a_conflict() {
    let mut world = managed();
    let mut client = world.clients[&customer_id("acme")].value.clone();
    client.username = "per".to_owned();
    world.write_client(client, "per");
    let mine = |username: &str, base_revision| ClientEdit {
        base_revision,
        username: Some(username.to_owned()),
        ..ClientEdit::default()
    };
    let Verdict::Conflict { by, revision, fields, .. } = client_of(&world, mine("ola", 1)) else { panic!() };
    assert_eq!((by.as_str(), revision), ("per", 2));
    assert_eq!(fields[0].to_string(), "username per -> ola");
    // In the knowledge of the newer revision, with the same result, or without an edit, there is none.
    assert!(matches!(client_of(&world, mine("ola", 2)), Verdict::Change { revision: 2, .. }));
    assert_eq!(client_of(&world, mine("per", 1)), Verdict::Unchanged);
    assert_eq!(client_of(&world, ClientEdit::default()), Verdict::Unchanged);

    // Another operator brought the service under management since.
    let Verdict::Conflict { revision, fields, .. } = service_of(&managed(), with_plan("p-e3-plus")) else {
        panic!()
    };
    assert_eq!(revision, 1);
    assert_eq!(fields[0].to_string(), "plan p-e3 -> p-e3-plus");
    assert_eq!(service_of(&managed(), with_plan("p-e3")), Verdict::Unchanged);
    // Seats that moved are no edit.
    let mut moved = managed();
    moved.subscriptions[0].quantity = 30;
    assert!(matches!(service_of(&moved, ServiceEdit::default()), Verdict::Change { .. }));
}

#[test]
fn services_of_a_client_in_conflict_wait() {
    let mut world = managed();
    let mut client = world.clients[&customer_id("acme")].value.clone();
    client.username = "per".to_owned();
    world.write_client(client, "per");
    world.subscriptions[0].quantity = 30;
    let mine = ClientEdit { base_revision: 1, username: Some("ola".to_owned()), ..ClientEdit::default() };
    let request = Request {
        clients: vec![(customer_id("acme"), mine)],
        services: vec![(key("acme", "e3"), ServiceEdit::default())],
        ..Request::default()
    };
    let preview = preview(&world.portfolio(), &request, TODAY);
    assert_eq!(preview.services[0].verdict, Verdict::Skip(Rule::ClientLeftOut));
    assert_eq!(preview.client_counts(), Counts { conflicts: 1, ..Counts::default() });
    assert!(!preview.writes_anything());
}

#[test]
fn a_sold_price_stays_when_seats_or_the_plan_move() {
    let mut world = managed();
    world.subscriptions[0].quantity = 30;
    world.plans[0].prices[0].price = decimal("999");
    let (after, fields) = changed(service_of(&world, ServiceEdit::default()));
    assert_eq!(after.amounts.customer_order, decimal("10950"), "30 seats at the 365 they were sold at");
    assert_eq!(fields[0], "qty 25 -> 30");

    // The plan was even removed.
    world.plans.clear();
    assert_eq!(
        changed(service_of(&world, ServiceEdit::default())).0.amounts.customer_order,
        decimal("10950")
    );
}

#[test]
fn a_price_is_taken_anew_when_plan_cycle_or_currency_change() {
    let mut world = managed();
    world.plans[0].prices[0].price = decimal("999");
    let edit = |change: fn(&mut ServiceEdit)| {
        let mut edit = ServiceEdit { base_revision: 1, ..ServiceEdit::default() };
        change(&mut edit);
        edit
    };
    let other_plan = edit(|e| e.plan = Some(plan_id("p-e3-plus")));
    assert_eq!(changed(service_of(&world, other_plan)).0.amounts.customer_order, decimal("10000"));
    let other_cycle = edit(|e| e.cycle = Some(cycle("P1Y/Annual")));
    assert_eq!(changed(service_of(&world, other_cycle)).0.amounts.customer_order, decimal("102500"));

    let dollars = ClientEdit { base_revision: 1, currency: Some(currency("USD")), ..ClientEdit::default() };
    let request = Request {
        clients: vec![(customer_id("acme"), dollars)],
        services: vec![(key("acme", "e3"), ServiceEdit::default())],
        ..Request::default()
    };
    let mut preview = preview(&world.portfolio(), &request, TODAY);
    let (after, _) = changed(preview.services.remove(0).verdict);
    assert_eq!((after.amounts.currency, after.amounts.customer_order), (currency("USD"), decimal("990.00")));
}

#[test]
fn a_client_changes_its_currency_together_with_what_it_was_sold() {
    let mut world = managed();
    world.sell("acme", "exo", "p-exo");
    let mut request = Request {
        clients: vec![(
            customer_id("acme"),
            ClientEdit { base_revision: 1, currency: Some(currency("USD")), ..ClientEdit::default() },
        )],
        services: vec![],
        ..Request::default()
    };
    let rule =
        |request: &Request| skipped(preview(&world.portfolio(), request, TODAY).clients.remove(0).verdict);
    assert_eq!(rule(&request), "services sold in NOK are not ticked (2): tick them as well");
    request.services.push((key("acme", "e3"), ServiceEdit::default()));
    assert_eq!(rule(&request), "services sold in NOK are not ticked (1): tick them as well");

    // The second one has no price in dollars: it would stay in kroner below a client that pays dollars.
    request.services.push((key("acme", "exo"), ServiceEdit::default()));
    let preview = preview(&world.portfolio(), &request, TODAY);
    assert_eq!(
        skipped(preview.clients[0].verdict.clone()),
        "services sold in NOK are left out (1) and would not fit its new currency"
    );
    assert_eq!(preview.services[0].verdict, Verdict::Skip(Rule::ClientLeftOut));
    assert_eq!(skipped(preview.services[1].verdict.clone()), "plan has no price for P1M/Monthly in USD");
}

#[test]
fn sums_are_by_currency_and_only_of_what_is_written() {
    let mut world = world();
    world.manage("acme", "NOK");
    let invoiced = ServiceEdit {
        invoice_generate: Some(true),
        invoice_start: Some(Some(date(2026, 12, 1))),
        ..with_plan("p-e3")
    };
    let request = Request {
        clients: vec![(customer_id("berg"), ClientEdit::default())],
        services: vec![
            (key("acme", "e3"), invoiced),
            (key("acme", "exo"), with_plan("p-exo")),
            (key("berg", "e3"), with_plan("p-e3")),
        ],
        ..Request::default()
    };
    let first = preview(&world.portfolio(), &request, TODAY);
    assert_eq!(first.customer_order_sums().to_string(), "NOK 9,297.00  USD 396.00");
    assert_eq!(first.customer_renewal_sums().to_string(), "NOK 10,226.70  USD 435.60");
    let (count, sums) = first.invoiced();
    assert_eq!((count, sums.to_string().as_str()), (1, "NOK 9,125.00"));
    assert_eq!(first.client_counts(), Counts { created: 1, ..Counts::default() });
    assert_eq!(first.service_counts(), Counts { created: 3, ..Counts::default() });
    assert_eq!(first.service_counts().written(), 3);

    world.apply(&first, "ana");
    let again = preview(&world.portfolio(), &request, TODAY);
    assert!(again.customer_order_sums().is_empty());
    assert_eq!(again.service_counts(), Counts { unchanged: 3, ..Counts::default() });
}

#[test]
fn a_currency_that_is_typed_but_not_ticked_stops_its_services() {
    let world = managed();
    let dollars = ClientEdit { base_revision: 1, currency: Some(currency("USD")), ..ClientEdit::default() };
    let mut request = Request {
        services: vec![(key("acme", "e3"), ServiceEdit { base_revision: 1, ..with_plan("p-e3-plus") })],
        unticked: vec![(customer_id("acme"), dollars)],
        ..Request::default()
    };
    let verdict = preview(&world.portfolio(), &request, TODAY).services.remove(0).verdict;
    assert_eq!(
        skipped(verdict),
        "its client's currency was changed to USD but is not ticked: tick the client as well, or undo that"
    );

    let same = ClientEdit { currency: Some(currency("NOK")), ..ClientEdit::default() };
    request.unticked = vec![(customer_id("acme"), same)];
    let verdict = preview(&world.portfolio(), &request, TODAY).services.remove(0).verdict;
    let (after, _) = changed(verdict);
    assert_eq!(after.amounts.currency, currency("NOK"), "what was shown is what is written");
}

#[test]
fn a_repriced_plan_changes_a_service_only_where_that_is_asked() {
    let mut world = managed();
    let price = &mut world.plans[0].prices[0];
    price.price = decimal("380");
    price.renewal_price = decimal("390");
    assert_eq!(service_of(&world, ServiceEdit::default()), Verdict::Unchanged);

    let asked = ServiceEdit { base_revision: 1, at_plan_price: true, ..ServiceEdit::default() };
    let (after, fields) = changed(service_of(&world, asked));
    assert_eq!(after.amounts.customer_order, decimal("9500"));
    assert_eq!(
        fields,
        ["customer order NOK 9,125.00 -> NOK 9,500.00", "customer renewal NOK 10,037.50 -> NOK 9,750.00",]
    );
}

#[test]
fn a_managed_service_follows_microsoft_down_to_no_seats() {
    let mut world = managed();
    world.subscriptions[0].quantity = 0;
    let (after, fields) = changed(service_of(&world, ServiceEdit::default()));
    assert_eq!((after.quantity, after.amounts.customer_order.is_zero()), (0, true));
    assert!(fields.contains(&"qty 25 -> 0".to_owned()), "{fields:?}");

    let mut world = self::world();
    world.subscriptions[0].quantity = 0;
    assert_eq!(skipped(service_of(&world, with_plan("p-e3"))), "has no seats");
}

#[test]
fn a_price_is_not_kept_for_another_product() {
    let mut world = managed();
    world.subscriptions[0].offer = Offer::parse(EXO);
    let verdict = service_of(&world, ServiceEdit::default());
    assert_eq!(skipped(verdict), "plan E3 Nordic is for another offer");
}
