//! Reading of what comes, in every form that it may take.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::base::Base;
use super::call::Call;
use super::customers::CustomersPage;
use super::customers::RepeatGuard;
use super::error::ErrorKind;
use super::http::Document;
use super::paging::Page;
use super::{customers, profiles, relationships, subscriptions};
use crate::domain::customer::Customer;
use crate::domain::cycle::{BillingPlan, Term};
use crate::domain::ids::CustomerId;
use crate::domain::subscription::SubscriptionStatus;

fn base() -> Base {
    Base::new(&"https://pc.example".parse().unwrap()).unwrap()
}

fn page(value: Value) -> Result<Page, super::ApiError> {
    Page::read(Document { value, call: Call::default() }, &base())
}

fn id(text: &str) -> CustomerId {
    CustomerId::parse(text).unwrap()
}

fn a_subscription() -> Value {
    json!({
        "id": "5D0F7B1E-2222-4C4C-8A8A-0F1E2D3C4B5A", "offerId": "CFQ7TTC0LH18:0001:CFQ7TTC0K971",
        "offerName": "Microsoft 365 Business Basic", "friendlyName": "HQ seats",
        "productType": {"id": "OnlineServicesNCE", "displayName": "OnlineServicesNCE"}, "quantity": 25,
        "unitType": "Licenses", "creationDate": "2030-02-11T10:03:07.1234567Z",
        "effectiveStartDate": "2030-02-11T00:00:00", "commitmentEndDate": "2031-02-10T00:00:00Z",
        "cancellationAllowedUntilDate": "2030-02-18T10:03:07Z", "status": "active", "autoRenewEnabled": true,
        "isTrial": false, "billingType": "license", "billingCycle": "monthly", "termDuration": "P1Y",
        "isMicrosoftProduct": true, "partnerId": "5123456", "publisherName": "Microsoft Corporation",
        "orderId": "9f3a1c2b7d60", "promotionId": null, "attributes": {"objectType": "Subscription"}
    })
}

fn a_customer() -> Value {
    json!({
        "id": "7C1D3A52-11aa-4d0e-9a55-3f6f0a1b2c3d",
        "companyProfile": {"tenantId": "7c1d3a52-11aa-4d0e-9a55-3f6f0a1b2c3d", "domain": "nord.example",
            "companyName": "Nordlicht GmbH", "email": "company@nord.example", "organizationRegistrationNumber": "HRB-1",
            "address": {"country": "at", "city": "Wien"}},
        "billingProfile": {"email": "it@nord.example", "culture": "de-DE",
            "defaultAddress": {"country": "DE", "city": "Kiel"}},
        "relationshipToPartner": "reseller"
    })
}

#[test]
fn a_subscription_is_read_whole() {
    let customer = id("c");
    let (read, odd) = subscriptions::read_list(&[a_subscription()], &customer);
    assert_eq!(odd, []);
    let s = &read[0];
    assert_eq!(s.customer_id, customer);
    assert_eq!(s.id.as_str(), "5d0f7b1e-2222-4c4c-8a8a-0f1e2d3c4b5a");
    assert_eq!(s.offer.to_string(), "CFQ7TTC0LH18:0001:CFQ7TTC0K971");
    assert_eq!(
        (s.offer_name.as_str(), s.friendly_name.as_deref()),
        ("Microsoft 365 Business Basic", Some("HQ seats"))
    );
    assert_eq!(s.product_type.as_deref(), Some("OnlineServicesNCE"));
    assert_eq!((s.quantity, &s.status), (25, &SubscriptionStatus::Active));
    assert_eq!((&s.term, &s.billing_plan), (&Some(Term::OneYear), &Some(BillingPlan::Monthly)));
    assert_eq!(s.billing_type.as_deref(), Some("license"));
    assert!(s.auto_renew && !s.is_trial && s.is_microsoft && !s.stale);
    assert_eq!((s.partner_id.as_deref(), s.order_id.as_deref()), (Some("5123456"), Some("9f3a1c2b7d60")));
    assert_eq!(
        (s.publisher.as_deref(), s.promotion_id.as_deref(), &s.parent),
        (Some("Microsoft Corporation"), None, &None)
    );
    let moments =
        [s.created_at, s.term_start, s.term_end, s.cancellable_until].map(|m| m.unwrap().to_string());
    assert_eq!(
        moments,
        [
            "2030-02-11T10:03:07.1234567Z",
            "2030-02-11T00:00:00Z",
            "2031-02-10T00:00:00Z",
            "2030-02-18T10:03:07Z"
        ]
    );
}

#[test]
fn unusual_values_are_kept_and_absurd_ones_noted() {
    let changed = |change: Value| {
        let mut item = a_subscription();
        item.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let (mut read, odd) = subscriptions::read_list(&[item], &id("c"));
        (read.remove(0), odd.into_iter().map(|o| o.reason).collect::<Vec<_>>())
    };
    let (s, odd) = changed(
        json!({"status": "in_review", "billingCycle": "biennial", "termDuration": "P5Y", "quantity": "25"}),
    );
    assert_eq!((s.status.to_string().as_str(), s.quantity, odd.len()), ("in_review", 25, 0));
    assert_eq!(
        (s.term.unwrap().to_string().as_str(), s.billing_plan.unwrap().to_string().as_str()),
        ("P5Y", "biennial")
    );

    let (s, odd) = changed(
        json!({"termDuration": "", "billingCycle": "none", "commitmentEndDate": "9999-12-31T23:59:59.9999999Z"}),
    );
    assert_eq!((s.term, s.billing_plan, s.term_end, odd.len()), (None, Some(BillingPlan::None), None, 0));

    let (s, _) =
        changed(json!({"commitmentEndDateTime": "2031-02-10T10:03:07Z", "parentSubscriptionId": "P"}));
    assert_eq!(s.term_end.unwrap().to_string(), "2031-02-10T10:03:07Z");
    assert_eq!(s.parent.unwrap().as_str(), "p");

    let (s, odd) = changed(
        json!({"quantity": 99_999_999_999_u64, "creationDate": "soon", "parentSubscriptionId": "a b"}),
    );
    assert_eq!((s.quantity, s.created_at, s.parent), (u32::MAX, None, None));
    assert_eq!(odd.len(), 3, "{odd:?}");
    assert!(odd.contains(&"kept, but quantity \"99999999999\" is taken as 4294967295".to_owned()), "{odd:?}");

    let (s, odd) = changed(json!({"quantity": -3}));
    assert_eq!((s.quantity, odd.len()), (0, 1));
    let (s, odd) = changed(json!({"quantity": null, "billingType": "usage", "productType": "Azure"}));
    assert_eq!((s.quantity, odd.len(), s.product_type.as_deref()), (1, 0, Some("Azure")));
    let (s, odd) = changed(json!({"quantity": null}));
    assert_eq!((s.quantity, odd.len()), (0, 1));
}

#[test]
fn one_odd_item_does_not_cost_the_others() {
    let mut second = a_subscription();
    second["id"] = json!("other");
    let items = [
        json!(null),
        a_subscription(),
        json!({"offerName": "no id"}),
        second,
        a_subscription(),
        json!({"id": "a b"}),
        json!([1]),
    ];
    let (read, odd) = subscriptions::read_list(&items, &id("c"));
    assert_eq!(read.len(), 2);
    assert_eq!(odd.iter().map(|o| o.position).collect::<Vec<_>>(), [1, 3, 5, 6, 7]);
    assert_eq!(odd[2].reason, "its id came before; the first is kept");
}

#[test]
fn customers_are_read_thin_and_whole() {
    let (read, odd) = customers::read_list(&[
        a_customer(),
        json!({"ID": 5}),
        json!({"id": ".."}),
        json!({"companyProfile": {"tenantId": "T"}}),
    ]);
    assert_eq!(read[0].id, id("7c1d3a52-11aa-4d0e-9a55-3f6f0a1b2c3d"));
    assert_eq!((read[0].name.as_str(), read[0].domain.as_str()), ("Nordlicht GmbH", "nord.example"));
    assert_eq!(read[0].relationship.as_deref(), Some("reseller"));
    assert_eq!((read[1].id.as_str(), read[1].name.as_str(), read[2].id.as_str()), ("5", "", "t"));
    assert_eq!(odd.len(), 1);

    let id = id("7c1d3a52-11aa-4d0e-9a55-3f6f0a1b2c3d");
    let details = customers::read_details(&a_customer(), &id).unwrap();
    assert_eq!((details.email.as_deref(), details.country.as_deref()), (Some("it@nord.example"), Some("DE")));
    assert_eq!((details.city.as_deref(), details.culture.as_deref()), (Some("Kiel"), Some("de-DE")));
    assert_eq!(details.registration_number.as_deref(), Some("HRB-1"));

    let mut thin = a_customer();
    thin["billingProfile"] = json!({"email": " ", "defaultAddress": null});
    let details = customers::read_details(&thin, &id).unwrap();
    assert_eq!(
        (details.email.as_deref(), details.country.as_deref()),
        (Some("company@nord.example"), Some("AT"))
    );

    for other in [json!({"id": "someone-else"}), json!({}), json!([]), json!(null)] {
        assert!(customers::read_details(&other, &id).is_err(), "{other}");
    }
}

#[test]
fn resellers_and_the_organization_are_read() {
    let items = [
        json!({"id": "R-1", "name": "Blue Yonder IT", "relationshipType": "x", "state": "Active", "mpnId": 5123456}),
        json!({"name": "no id"}),
        json!({"id": "r-2"}),
    ];
    let read = relationships::read_list(&items);
    assert_eq!((read[0].id.as_str(), read[0].mpn_id.as_deref()), ("r-1", Some("5123456")));
    assert_eq!((read.len(), &read[1].state), (2, &None));

    let profile =
        json!({"id": "P", "companyName": "Acme", "tenantId": "T", "defaultAddress": {"country": "de"}});
    let read = profiles::read(&profile).unwrap();
    assert_eq!((read.company_name.as_str(), read.tenant_id.as_str()), ("Acme", "t"));
    assert_eq!((read.country.as_deref(), read.email), (Some("DE"), None));
    assert_eq!(profiles::read(&json!({"companyName": "Acme"})), None);
}

#[test]
fn an_envelope_may_be_odd_but_must_hold_a_list() {
    for (value, count) in [
        (json!({"totalCount": -1, "items": [1, 2]}), 2),
        (json!({"totalCount": "18446744073709551616", "Items": [1]}), 1),
        (json!({"totalCount": 184_467_440_737_095_516_u128 * 1000, "items": []}), 0),
        (json!({"items": [], "links": {"next": null}}), 0),
        (json!({"items": [], "links": {"next": {"method": "GET"}}}), 0),
        (json!({"totalCount": 0, "attributes": {"objectType": "Collection"}}), 0),
        (json!([1, 2, 3]), 3),
    ] {
        let page = page(value.clone()).unwrap();
        assert_eq!((page.items.len(), page.next), (count, None), "{value}");
    }
    for value in [
        json!({}),
        json!({"items": 5}),
        json!({"items": {}}),
        json!("items"),
        json!(null),
        json!({"code": 5}),
    ] {
        assert_eq!(page(value.clone()).err().map(|e| e.kind()), Some(ErrorKind::BadBody), "{value}");
    }
}

#[test]
fn a_link_is_taken_apart_and_checked() {
    let linked = |next: Value| page(json!({"items": [], "Links": {"Next": next}}));
    let headers =
        json!([{"key": "Authorization", "value": "x"}, {"key": "ms-continuationtoken", "value": "AAA=="}]);
    let next = linked(json!({"uri": "/customers?size=1", "method": "get", "headers": headers}))
        .unwrap()
        .next
        .unwrap();
    let target = next.target(&base()).unwrap();
    assert_eq!(target.url.as_str(), "https://pc.example/v1/customers?size=1");
    assert_eq!(target.continuation.unwrap(), "AAA==");
    let stored: super::NextPage = serde_json::from_str(&serde_json::to_string(&next).unwrap()).unwrap();
    assert_eq!(stored, next);

    let with_token = |token: &str| json!({"uri": "/customers", "headers": [{"key": "MS-ContinuationToken", "value": token}]});
    for refused in [
        json!({"uri": "https://evil.example/v1/customers"}),
        json!({"uri": "/customers", "method": "DELETE"}),
        json!("/customers"),
        json!({"headers": [{"key": "MS-ContinuationToken", "value": "a"}]}),
        with_token("a\r\nAuthorization: Bearer x"),
        with_token("a b"),
        with_token("ä"),
        with_token(&"x".repeat(20_000)),
    ] {
        assert_eq!(
            linked(refused.clone()).err().map(|e| e.kind()),
            Some(ErrorKind::ForeignLink),
            "{refused}"
        );
    }
}

fn customers_page(ids: &[&str], next: Option<&str>) -> CustomersPage {
    let customer = |text: &&str| Customer {
        id: id(text),
        name: String::new(),
        domain: String::new(),
        relationship: None,
        details: None,
        mpn_id: None,
    };
    let next = next
        .map(|token| serde_json::from_value(json!({"uri": "/customers", "continuation": token})).unwrap());
    CustomersPage { customers: ids.iter().map(customer).collect(), next, ..CustomersPage::default() }
}

#[test]
fn a_list_that_goes_round_is_noticed() {
    let kind = |result: Result<usize, super::ApiError>| result.map_err(|error| error.kind());
    let mut guard = RepeatGuard::new([id("a")].iter());
    assert_eq!(kind(guard.admit(&customers_page(&["a", "b"], Some("1")))), Ok(1));
    assert_eq!(kind(guard.admit(&customers_page(&[], Some("2")))), Ok(0));
    assert_eq!(kind(guard.admit(&customers_page(&["c"], Some("1")))), Err(ErrorKind::RepeatedPage));
    assert_eq!(kind(guard.admit(&customers_page(&["a", "c"], Some("3")))), Err(ErrorKind::RepeatedPage));

    let mut guard = RepeatGuard::default();
    let barren =
        (0..100).map(|n| guard.admit(&customers_page(&[], Some(&n.to_string())))).take_while(Result::is_ok);
    assert_eq!(barren.count(), 20);
}

/// Any JSON.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(vec!["-1e400", "1e400", "18446744073709551616", "0.1e-9999999999", "-0"])
            .prop_map(|n| serde_json::from_str(n).unwrap()),
        ".*".prop_map(Value::from),
        "[-+0-9TZ:., ]{0,30}".prop_map(Value::from),
        "(https?:)?[/?#@.:a-z\\\\]{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let key = prop_oneof![
            "[a-zA-Z]{0,6}",
            Just("items".to_owned()),
            Just("uri".to_owned()),
            Just("ID".to_owned())
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Puts a value in the `n`th place of a document, counted through all its branches.
fn put(document: &mut Value, n: &mut usize, value: &Value) {
    if *n == 0 {
        *document = value.clone();
        *n = usize::MAX;
        return;
    }
    *n -= 1;
    match document {
        Value::Array(items) => items.iter_mut().for_each(|item| {
            if *n != usize::MAX {
                put(item, n, value)
            }
        }),
        Value::Object(map) => map.values_mut().for_each(|item| {
            if *n != usize::MAX {
                put(item, n, value)
            }
        }),
        _ => {}
    }
}

proptest! {
    #[test]
    fn no_value_in_any_place_panics_or_costs_another_item(value in any_json(), mut place in 0_usize..70) {
        let mut document = json!({
            "totalCount": 1, "items": [a_customer(), a_subscription()], "attributes": {"objectType": "Collection"},
            "links": {"next": {"uri": "/customers?size=1", "method": "GET", "headers": [{"key": "MS-ContinuationToken", "value": "A"}]}},
        });
        put(&mut document, &mut place, &value);
        if let Ok(page) = page(document) {
            let (customers, odd) = customers::read_list(&page.items);
            prop_assert!(customers.len() + odd.len() >= page.items.len());
            let (subscriptions, odd) = subscriptions::read_list(&page.items, &id("c"));
            prop_assert!(subscriptions.len() + odd.len() >= page.items.len());
            relationships::read_list(&page.items);
        }
        let mut customer = a_customer();
        put(&mut customer, &mut (place % 20), &value);
        let _ = customers::read_details(&customer, &id("7c1d3a52-11aa-4d0e-9a55-3f6f0a1b2c3d"));
        profiles::read(&customer);
    }

    #[test]
    fn no_text_breaks_a_date_or_a_count(text in ".*", near in "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.,+Zz-]{0,24}") {
        let _ = super::json::read_moment(&text);
        let _ = super::json::read_moment(&near);
        let _ = super::json::read_count(&text);
    }

    #[test]
    fn no_link_leaves_the_host(uri in "(https?:)?[/\\\\?#@.:a-zA-Z%0-9]{0,30}", any in ".*") {
        for uri in [uri, any] {
            if let Ok(url) = base().resolve(&uri) {
                prop_assert_eq!(url.origin().ascii_serialization(), "https://pc.example");
                prop_assert!(url.path().starts_with("/v1/"));
            }
        }
    }
}
