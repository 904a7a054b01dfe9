//! What the simulator says of customers and subscriptions.

use crate::support::{Session, direct, ids, indirect, read, session};
use cspdeck::simulator::{
    Options, PARTNER_DOMAIN, PARTNER_MPN, PARTNER_TENANT, Simulator, Tier, catalogue, subscription_count,
};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

async fn subscriptions(session: &Session, customer: &str) -> Vec<Value> {
    let path = format!("/customers/{customer}/subscriptions");
    let answer = session.get(&path).await;
    assert_eq!(answer.status, 200);
    answer.json()["items"].as_array().unwrap().clone()
}

async fn all_subscriptions(session: &Session) -> Vec<Value> {
    let mut all = Vec::new();
    for customer in session.customer_ids().await {
        all.extend(subscriptions(session, &customer).await);
    }
    all
}

/// Everything that a pull reads, as bytes.
async fn everything(options: Options) -> Vec<u8> {
    let session = session(options).await;
    let mut bytes = session.get("/customers?size=500").await.body;
    for id in session.customer_ids().await {
        for path in ["", "/subscriptions", "/relationships"] {
            bytes.extend(session.get(&format!("/customers/{id}{path}")).await.body);
        }
    }
    bytes
}

#[tokio::test]
async fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let options = |seed| Options { customers: 30, seed, tier: Tier::Indirect, ..Options::default() };
    let first = everything(options(7)).await;
    assert!(first == everything(options(7)).await);
    assert!(first != everything(options(8)).await);
}

#[tokio::test]
async fn two_seeds_have_no_customer_in_common() {
    let mut all = HashSet::new();
    for seed in 1..=3 {
        let options = Options { seed, ..Options::default() };
        all.extend(session(options).await.customer_ids().await);
    }
    assert_eq!(all.len(), 300);
}

#[tokio::test]
async fn a_customer_is_the_same_however_many_others_there_are() {
    let few = direct(5).await;
    let many = direct(500).await;
    let path = format!("/customers/{}", few.customer_ids().await[4]);
    assert_eq!(few.get(&path).await.body, many.get(&path).await.body);
}

#[tokio::test]
async fn a_single_customer_has_a_billing_profile() {
    let session = direct(40).await;
    for id in session.customer_ids().await {
        // Ids are compared without case.
        let customer = session.get(&format!("/customers/{}", id.to_uppercase())).await.json();
        assert_eq!(customer["id"], id.as_str());
        let billing = &customer["billingProfile"];
        let country = billing["defaultAddress"]["country"].as_str().unwrap();
        assert!(billing["culture"].as_str().unwrap().ends_with(country));
        let sees_tenant = customer["allowDelegatedAccess"].as_bool().unwrap();
        assert_eq!(customer["companyProfile"].get("email").is_some(), sees_tenant);
    }
}

#[tokio::test]
async fn unknown_customers_and_resources_answer_404() {
    let session = direct(1).await;
    let unknown = uuid::Uuid::new_v4();
    for (path, status) in [
        (format!("/customers/{unknown}"), 404),
        (format!("/customers/{unknown}/subscriptions"), 404),
        ("/customers/contoso".to_owned(), 400),
        ("/invoices".to_owned(), 404),
    ] {
        let answer = session.get(&path).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        assert!(answer.json()["description"].is_string(), "{path}");
    }
}

#[tokio::test]
async fn subscriptions_add_up_to_the_announced_count() {
    let session = direct(300).await;
    let all = all_subscriptions(&session).await;
    assert_eq!(all.len() as u64, subscription_count(300, 42, Tier::Direct));
    let ids: HashSet<String> = all.iter().map(|it| it["id"].as_str().unwrap().to_lowercase()).collect();
    assert_eq!(ids.len(), all.len());
    assert_eq!(session.simulator.requests().subscriptions, 300);
}

#[tokio::test]
async fn subscriptions_have_every_status_and_only_cycles_of_the_catalogue() {
    let session = direct(600).await;
    let mut statuses = HashSet::new();
    let mut sold = HashSet::new();
    for subscription in all_subscriptions(&session).await {
        statuses.insert(subscription["status"].as_str().unwrap().to_owned());
        let offer = subscription["offerId"].as_str().unwrap();
        let product = offer.split(':').next().unwrap();
        let sku = offer.split(':').nth(1).unwrap_or_default();
        let item = catalogue()
            .iter()
            .find(|item| item.product_id == product && item.sku_id == sku)
            .unwrap_or_else(|| panic!("{offer} is not in the catalogue"));
        sold.insert((product.to_owned(), sku.to_owned()));
        let term = subscription["termDuration"].as_str().unwrap_or_default();
        let cycle = subscription["billingCycle"].as_str().unwrap();
        assert!(item.cycles.contains(&(term, cycle)), "{offer}: {term} {cycle}");
    }
    let expected = ["active", "pending", "suspended", "deleted", "expired", "disabled"];
    assert_eq!(statuses, expected.map(str::to_owned).into());
    assert_eq!(sold.len(), catalogue().len());
}

#[tokio::test]
async fn add_ons_have_their_parent_in_the_same_list() {
    let session = direct(600).await;
    let mut add_ons = 0;
    let mut other_case = 0;
    for customer in session.customer_ids().await {
        let list = subscriptions(&session, &customer).await;
        let ids: Vec<&str> = list.iter().map(|it| it["id"].as_str().unwrap()).collect();
        for parent in list.iter().filter_map(|it| it["parentSubscriptionId"].as_str()) {
            add_ons += 1;
            other_case += u32::from(!ids.contains(&parent));
            assert!(ids.iter().any(|id| id.eq_ignore_ascii_case(parent)));
        }
    }
    assert!(add_ons > 10 && other_case > 0, "{add_ons} {other_case}");
}

#[tokio::test]
async fn dates_come_in_all_the_forms_of_the_api() {
    let session = direct(300).await;
    let mut forms: HashMap<(usize, bool), u32> = HashMap::new();
    let mut years = HashSet::new();
    for subscription in all_subscriptions(&session).await {
        for field in ["creationDate", "effectiveStartDate", "commitmentEndDate"] {
            let text = subscription[field].as_str().unwrap();
            years.insert(text[..4].to_owned());
            let fraction = text.split_once('.').map_or(0, |(_, rest)| rest.trim_end_matches('Z').len());
            *forms.entry((fraction, text.ends_with('Z'))).or_default() += 1;
        }
    }
    for form in [(0, true), (0, false), (3, true), (7, true)] {
        assert!(forms.contains_key(&form), "{form:?} in {forms:?}");
    }
    assert!(forms.keys().all(|form| form.0 <= 7));
    assert!(years.contains("0001") && years.contains("9999"), "{years:?}");
}

#[tokio::test]
async fn resellers_are_those_of_the_tier() {
    let provider = indirect(40).await;
    for id in provider.customer_ids().await {
        let relationships = provider.get(&format!("/customers/{id}/relationships")).await.json();
        assert_eq!(relationships["totalCount"], 1);
        let mpn_id = &relationships["items"][0]["mpnId"];
        for subscription in subscriptions(&provider, &id).await {
            assert_eq!(&subscription["partnerId"], mpn_id);
        }
        let mpn = format!("/profiles/mpn?mpnId={}", mpn_id.as_str().unwrap());
        assert_eq!(provider.get(&mpn).await.json()["mpnId"], *mpn_id);
    }

    let reseller = direct(40).await;
    let path = "/relationships?relationship_type=IsIndirectCloudSolutionProviderOf";
    assert!(ids(&reseller.get(path).await.json()).is_empty());
    assert_eq!(reseller.get("/relationships").await.status, 400);
    let partner_ids: HashSet<String> = all_subscriptions(&reseller)
        .await
        .iter()
        .map(|it| it["partnerId"].as_str().unwrap_or("absent").to_owned())
        .collect();
    assert_eq!(partner_ids, [PARTNER_MPN.to_owned(), "absent".to_owned()].into());
}

#[tokio::test]
async fn the_partner_has_profiles() {
    let session = direct(1).await;
    let organization = session.get("/profiles/organization").await.json();
    assert_eq!(organization["id"], PARTNER_TENANT);
    assert_eq!(organization["domain"], PARTNER_DOMAIN);
    assert_eq!(session.get("/profiles/mpn").await.json()["mpnId"], PARTNER_MPN);
    let unknown = session.get("/profiles/mpn?mpnId=1").await;
    assert_eq!((unknown.status.as_u16(), unknown.json()["code"].as_u64()), (404, Some(3000)));
    assert_eq!(session.simulator.requests().profile, 3);
}

#[tokio::test]
async fn answers_repeat_the_ids_of_the_request() {
    let session = direct(1).await;
    let request = session
        .request("/customers")
        .header("MS-RequestId", "0f8fad5b-d9cb-469f-a165-70867728950e")
        .header("MS-CorrelationId", "7c9e6679-7425-40de-944b-e07fc1f90ae7")
        .header("ValidateMfa", "true");
    let answer = read(request.send().await.unwrap()).await;
    assert_eq!(answer.header("ms-requestid"), Some("0f8fad5b-d9cb-469f-a165-70867728950e"));
    assert_eq!(answer.header("ms-correlationid"), Some("7c9e6679-7425-40de-944b-e07fc1f90ae7"));
    assert_eq!(answer.header("ismfacompliant"), Some("true"));
    let without = session.get("/customers").await;
    assert!(uuid::Uuid::parse_str(without.header("ms-requestid").unwrap()).is_ok());
    assert_eq!(without.header("ismfacompliant"), None);
}

#[tokio::test]
async fn a_number_of_customers_out_of_range_and_a_taken_port_are_refused() {
    for customers in [0, 20_001] {
        let options = Options { customers, ..Options::default() };
        assert!(Simulator::start(options).await.is_err());
    }
    let first = Simulator::start(Options::default()).await.unwrap();
    let port = first.base_url().rsplit_once(':').unwrap().1.parse().unwrap();
    let on_port = || Options { port, ..Options::default() };
    let message = Simulator::start(on_port()).await.err().unwrap().to_string();
    assert!(message.contains(&port.to_string()), "{message}");
    first.stop().await;
    assert!(Simulator::start(on_port()).await.is_ok());
}
