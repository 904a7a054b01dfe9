//! What holds of an Update whatever is asked for.

use super::tests::world;
use super::*;
use crate::domain::samples::{TODAY, currency, customer_id, decimal, key, plan_id};
use jiff::civil::date;
use proptest::prelude::*;

const CODES: [&str; 4] = ["NOK", "USD", "EUR", "JPY"];

prop_compose! {
    fn any_client_edit()(
        code in prop::option::of(0usize..4),
        name in prop::option::of(prop::sample::select(vec!["ola", "", "per@x.no"])),
        day in prop::option::of(1i8..28),
        base_revision in 0u64..3,
    ) -> ClientEdit {
        ClientEdit {
            base_revision,
            username: name.map(str::to_owned),
            currency: code.map(|at| currency(CODES[at])),
            registered_on: day.map(|day| date(2026, 5, day)),
            status: None,
        }
    }
}

prop_compose! {
    fn any_service_edit()(
        plan in prop::option::of(prop::sample::select(vec!["p-e3", "p-e3-plus", "p-exo", "p-lost"])),
        at in prop::option::of(0usize..6),
        generate in prop::option::of(any::<bool>()),
        start in prop::option::of(1i8..28),
        end in prop::option::of(prop::option::of(1i8..28)),
        base_revision in 0u64..3,
    ) -> ServiceEdit {
        ServiceEdit {
            base_revision,
            plan: plan.map(plan_id),
            cycle: at.map(|at| crate::domain::cycle::BillingCycle::usual()[at].clone()),
            status: None,
            invoice_generate: generate,
            invoice_start: start.map(|day| Some(date(2026, 12, day))),
            invoice_end: end.map(|end| end.map(|day| date(2026, 12, day))),
            at_plan_price: false,
        }
    }
}

prop_compose! {
    fn any_request()(
        acme in prop::option::of(any_client_edit()),
        berg in prop::option::of(any_client_edit()),
        services in prop::collection::vec(prop::option::of(any_service_edit()), 3),
    ) -> Request {
        let keys = [key("acme", "e3"), key("acme", "exo"), key("berg", "e3")];
        Request {
            clients: [("acme", acme), ("berg", berg)]
                .into_iter()
                .filter_map(|(id, edit)| Some((customer_id(id), edit?)))
                .collect(),
            services: keys.into_iter().zip(services).filter_map(|(key, edit)| Some((key, edit?))).collect(),
        ..Request::default()
    }
    }
}

proptest! {
    /// Two Updates in a row, the second with what moved at Microsoft: each, done again, writes nothing, and no service is ever
    /// left in another currency than its client's.
    #[test]
    fn an_update_done_twice_changes_nothing_the_second_time(
        first in any_request(),
        second in any_request(),
        seats in prop::collection::vec(0u32..40, 3),
        reprice in any::<bool>(),
    ) {
        let mut world = world();
        for (round, request) in [first, second].iter().enumerate() {
            if round == 1 {
                for (subscription, seats) in world.subscriptions.iter_mut().zip(&seats) {
                    subscription.quantity = *seats;
                }
                if reprice {
                    world.plans[0].prices[0].price = decimal("999");
                }
            }
            let done = preview(&world.portfolio(), request, TODAY);
            world.apply(&done, "ana");
            let again = preview(&world.portfolio(), request, TODAY);
            for line in &again.clients {
                prop_assert!(!matches!(line.verdict, Verdict::Create(_) | Verdict::Change { .. }), "{:?}", line);
            }
            for line in &again.services {
                prop_assert!(!matches!(line.verdict, Verdict::Create(_) | Verdict::Change { .. }), "{:?}", line);
            }
            for service in world.services.values() {
                let client = world.clients.get(&service.value.customer_id);
                let paid_in = client.map(|c| c.value.currency);
                prop_assert_eq!(paid_in, Some(service.value.amounts.currency));
                let amounts = &service.value.amounts;
                prop_assert_eq!(amounts.currency.round(amounts.customer_order), amounts.customer_order);
            }
        }
    }
}
