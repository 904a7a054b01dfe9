//! The demo's plans and store.

use std::collections::HashMap;

use secrecy::ExposeSecret;

use super::*;
use crate::domain::cycle::BillingCycle;
use crate::domain::money::Currency;
use crate::domain::operator::Operator;
use crate::domain::plan::{Cost, Plan};
use crate::store::{Sharing as StoreSharing, StoreOptions};

fn store(folder: &std::path::Path) -> Store {
    Store::open(StoreOptions {
        path: folder.join("private/store.redb"),
        identity: folder.join("private/store.redb.identity"),
        wait: Duration::from_secs(5),
        sharing: StoreSharing::Private,
        operator: Operator { uid: 0, name: "ann".into(), sudo_user: None, ssh_client: None },
    })
    .unwrap()
}

fn price<'a>(
    plans: &'a [Plan],
    name: &str,
    cycle: &str,
    code: &str,
) -> Option<&'a crate::domain::plan::PlanPrice> {
    let plan = plans.iter().find(|plan| plan.name == name).unwrap();
    plan.price(&cycle.parse::<BillingCycle>().unwrap(), Currency::parse(code).unwrap())
}

#[test]
fn prices_follow_from_the_catalogue() {
    let plans = plans::plans().unwrap();
    for (name, cycle, code, customer, reseller) in [
        // 432.00 a year is 36.00 a month.
        ("Microsoft 365 E3", "P1Y/Annual", "USD", "483.84", "457.92"),
        ("Microsoft 365 E3", "P1Y/Monthly", "USD", "42.34", "40.07"),
        ("Microsoft 365 E3", "P1M/Monthly", "USD", "48.38", "45.79"),
        ("Microsoft 365 E3", "P3Y/Triennial", "USD", "1451.52", "1373.76"),
        ("Microsoft 365 E3", "P1Y/Annual", "JPY", "72092", "68230"),
        ("Microsoft 365 Business Basic (legacy)", "P1Y/Annual", "USD", "67.20", "63.60"),
    ] {
        let price = price(&plans, name, cycle, code).unwrap();
        assert_eq!(price.price.to_string(), customer, "{name} {cycle} {code}");
        assert_eq!(price.reseller_price.to_string(), reseller, "{name} {cycle} {code}");
    }
}

#[tokio::test]
async fn plans_cost_what_the_current_sheets_say() {
    let simulator = Simulator::start(Options { customers: 1, seed: 99, ..Options::default() }).await.unwrap();
    let mut listed = HashMap::new();
    for market in ["US", "DE", "JP", "AU", "CA", "IN"] {
        for row in sheet(&simulator, market).await {
            if row["Segment"] == "Commercial" && row["Tags"] == "License" {
                let offer = format!("{}:{}", row["ProductId"], row["SkuId"]);
                let cycle = format!("{}/{}", row["TermDuration"], row["BillingPlan"]);
                // The first row of a key is the one that is valid now.
                listed.entry((offer, cycle, row["Currency"].clone())).or_insert(row["UnitPrice"].clone());
            }
        }
    }
    let plans = plans::plans().unwrap();
    let mut compared = 0;
    for plan in plans.iter().filter(|plan| plan.offer.product_id().is_some()) {
        for price in &plan.prices {
            let key = (plan.offer.to_string(), price.cycle.to_string(), price.currency.to_string());
            let unit = listed.get(&key).unwrap_or_else(|| panic!("{key:?} is in no sheet"));
            assert_eq!(Cost::for_term(unit.parse().unwrap(), &price.cycle).unwrap(), price.cost, "{key:?}");
            compared += 1;
        }
    }
    assert!(compared > 700, "{compared}");
}

/// The current licence sheet of a market, row by row.
async fn sheet(simulator: &Simulator, market: &str) -> Vec<HashMap<String, String>> {
    let base_url = simulator.base_url();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", REFRESH_TOKEN),
        ("client_id", APP_ID),
        ("client_secret", APP_SECRET),
        ("scope", "https://api.partner.microsoft.com/.default"),
    ];
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let token = http.post(format!("{base_url}/{PARTNER_TENANT}/oauth2/v2.0/token")).body(form);
    let token = token.send().await.unwrap().bytes().await.unwrap();
    let token: serde_json::Value = serde_json::from_slice(&token).unwrap();
    let resource = format!("pricesheets(Market='{market}',PricesheetView='updatedlicensebased')");
    let answer = http
        .get(format!("{base_url}/v1.0/sales/{resource}/$value"))
        .bearer_auth(token["access_token"].as_str().unwrap())
        .header("client-request-id", uuid::Uuid::new_v4().to_string());
    let csv = answer.send().await.unwrap().bytes().await.unwrap();
    let csv = csv.strip_prefix(b"\xef\xbb\xbf").unwrap();
    csv::Reader::from_reader(csv).deserialize().collect::<Result<_, _>>().unwrap()
}

#[test]
fn two_cycles_and_some_offers_are_left_for_the_screen_to_tell() {
    let plans = plans::plans().unwrap();
    assert!(price(&plans, "Microsoft 365 E5", "P3Y/Triennial", "USD").is_none());
    assert!(price(&plans, "Power BI Pro", "P1M/Monthly", "NOK").is_none());
    assert!(price(&plans, "Power BI Pro", "P1Y/Monthly", "NOK").is_some());
    assert!(plans.iter().all(|plan| !plan.name.contains("Azure") && !plan.name.contains("Tailspin")));
    let unpriced = plans.iter().filter(|plan| plan.prices.is_empty()).count();
    assert_eq!((plans.len(), unpriced), (28, 0));
}

#[test]
fn a_store_is_filled_once_and_a_real_one_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let demo = store(folder.path());
    Demo::fill(&demo).unwrap();
    let plans = demo.read(|txn| txn.plans()).unwrap();
    assert!(!plans.is_empty());
    assert_eq!(demo.secret(SecretName::RefreshToken).unwrap().unwrap().expose_secret(), REFRESH_TOKEN);
    // What the operator has changed stays.
    let rotated = SecretString::from("1.rotated");
    demo.put_secret(SecretName::RefreshToken, &rotated).unwrap();
    Demo::fill(&demo).unwrap();
    assert_eq!(demo.read(|txn| txn.plans()).unwrap(), plans);
    assert_eq!(demo.secret(SecretName::RefreshToken).unwrap().unwrap().expose_secret(), "1.rotated");

    let folder = tempfile::tempdir().unwrap();
    let real = store(folder.path());
    real.write(|txn| {
        let mut settings = Settings::default();
        settings
            .set("csp_domain", "contoso.onmicrosoft.com")
            .map_err(|e| StoreError::Fault(e.to_string()))?;
        txn.put_settings(0, &settings)
    })
    .unwrap();
    let before = std::fs::read(real.path()).unwrap();
    assert!(matches!(Demo::fill(&real), Err(DemoError::RealStore { .. })));
    assert_eq!(std::fs::read(real.path()).unwrap(), before);
}

#[test]
fn only_a_store_of_the_simulators_partner_is_offered_plans() {
    let here: Url = "http://127.0.0.1:18080/".parse().unwrap();
    let away: Url = "https://api.partnercenter.microsoft.com/".parse().unwrap();
    let endpoints = |url: &Url| Endpoints {
        login: url.clone(),
        partner_center: url.clone(),
        pricing: url.clone(),
        graph: url.clone(),
        key_vault: url.clone(),
        managed_identity: url.clone(),
    };
    let app = |id: &str| {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        let settings = Settings { cpv_app_id: Some(id.to_owned()), ..Settings::default() };
        store.write(|txn| txn.put_settings(0, &settings)).unwrap();
        (folder, store)
    };
    let plans = |store: &Store| store.read(|txn| txn.plans()).unwrap().len();

    let (_folder, simulated) = app(APP_ID);
    offer_plans(&simulated, &endpoints(&away)).unwrap();
    assert_eq!(plans(&simulated), 0);
    offer_plans(&simulated, &endpoints(&here)).unwrap();
    assert_eq!(plans(&simulated), 28);
    offer_plans(&simulated, &endpoints(&here)).unwrap();
    assert_eq!(plans(&simulated), 28);

    // A real partner behind a proxy on this machine.
    let (_folder, real) = app("11111111-2222-4333-8444-555555555555");
    offer_plans(&real, &endpoints(&here)).unwrap();
    assert_eq!(plans(&real), 0);
}
