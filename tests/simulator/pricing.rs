//! What the pricing API of the simulator says.

use crate::support::{Answer, SCOPE, Session, direct, faulty, options, read, refresh, session};
use cspdeck::simulator::{CatalogueKind, Faults, Options, catalogue};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io::{Cursor, Read};

const PRICING: &str = "https://api.partner.microsoft.com/.default";
const REQUEST_ID: &str = "0b9f2d7e-6a1c-4c55-9d0f-1f2e3d4c5b6a";

type Row = HashMap<String, String>;

/// Asks below `/v1.0/sales/`, with a token for the scope.
fn request(session: &Session, token: &str, path: &str) -> reqwest::RequestBuilder {
    let url = format!("{}/v1.0/sales/{path}", session.simulator.base_url());
    session.http.get(url).bearer_auth(token).header("client-request-id", REQUEST_ID)
}

async fn token(session: &Session, scope: &str) -> String {
    let answer = refresh(&session.http, &session.simulator.base_url(), scope).await;
    assert_eq!(answer.status, 200);
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

async fn get(session: &Session, path: &str) -> Answer {
    let token = token(session, PRICING).await;
    read(request(session, &token, path).send().await.unwrap()).await
}

fn sheet(market: &str, view: &str) -> String {
    format!("pricesheets(Market='{market}',PricesheetView='{view}')/$value")
}

fn month(month: &str) -> String {
    format!("{}?timeline=history&month={month}", sheet("US", "updatedlicensebased"))
}

fn rows(csv: &[u8]) -> Vec<Row> {
    let csv = csv.strip_prefix(b"\xef\xbb\xbf").unwrap();
    csv::Reader::from_reader(csv).deserialize().collect::<Result<_, _>>().unwrap()
}

async fn rows_of(session: &Session, path: &str) -> Vec<Row> {
    let answer = get(session, path).await;
    assert_eq!(answer.status, 200, "{path}");
    rows(&answer.body)
}

fn error(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.json()["error"]["code"].as_str().unwrap().to_owned())
}

fn set(rows: &[Row], column: &str) -> BTreeSet<String> {
    rows.iter().map(|row| row[column].clone()).collect()
}

#[tokio::test]
async fn a_sheet_comes_plain_or_in_a_zip() {
    let session = direct(1).await;
    let path = sheet("US", "updatedlicensebased");
    let plain = get(&session, &path).await;
    assert_eq!(plain.status, 200);
    assert_eq!(plain.header("content-type"), Some("application/octet-stream"));
    assert_eq!(plain.header("content-disposition"), Some("attachment; filename=pricesheet"));
    assert_eq!(plain.header("client-request-id"), Some(REQUEST_ID));
    assert!(plain.header("request-id").is_some() && plain.header("etag").is_some());

    let token = token(&session, PRICING).await;
    let zipped = request(&session, &token, &path).header("accept-encoding", "deflate");
    let zipped = read(zipped.send().await.unwrap()).await;
    assert_eq!((zipped.header("content-encoding"), zipped.header("etag")), (None, plain.header("etag")));
    let mut archive = zip::ZipArchive::new(Cursor::new(zipped.body)).unwrap();
    assert_eq!(archive.len(), 1);
    let mut csv = Vec::new();
    archive.by_index(0).unwrap().read_to_end(&mut csv).unwrap();
    assert!(csv == plain.body);
    assert_eq!(session.simulator.requests().price_sheets, 2);
}

#[tokio::test]
async fn what_is_older_than_april_2020_comes_plain_only() {
    let session = direct(1).await;
    let token = token(&session, PRICING).await;
    for (month, is_zip) in [("202003", false), ("202004", true)] {
        let path = format!("{}?timeline=history&month={month}", sheet("US", "azure_consumption"));
        let answer = request(&session, &token, &path).header("accept-encoding", "gzip, deflate");
        let answer = read(answer.send().await.unwrap()).await;
        assert_eq!(answer.body.starts_with(b"PK\x03\x04"), is_zip, "{month}");
    }
}

#[tokio::test]
async fn every_licence_has_a_price_for_each_cycle_and_segment() {
    let session = direct(1).await;
    let rows = rows_of(&session, &sheet("us", "updatedlicensebased")).await;
    let known: HashSet<[&str; 5]> = rows
        .iter()
        .map(|row| {
            ["ProductId", "SkuId", "TermDuration", "BillingPlan", "Segment"].map(|it| row[it].as_str())
        })
        .collect();
    let licences = catalogue().iter().filter(|item| item.kind == CatalogueKind::Licence);
    for item in licences {
        for (term, billing) in item.cycles {
            let plan = format!("{}{}", billing[..1].to_uppercase(), &billing[1..]);
            for segment in ["Commercial", "Education", "Charity", "Government"] {
                let key = [item.product_id, item.sku_id, term, plan.as_str(), segment];
                assert!(known.contains(&key), "{key:?}");
            }
        }
    }
    assert_eq!(set(&rows, "Market"), ["US".to_owned()].into());
    assert_eq!(set(&rows, "Currency"), ["USD".to_owned()].into());
}

#[tokio::test]
async fn a_european_sheet_has_every_european_currency() {
    let session = direct(1).await;
    let rows = rows_of(&session, &sheet("FR", "updatedlicensebased")).await;
    let expected = ["CHF", "DKK", "EUR", "GBP", "NOK", "SEK"].map(str::to_owned);
    assert_eq!(set(&rows, "Currency"), expected.into());
    let mut keys = BTreeMap::<_, usize>::new();
    for row in rows.iter().filter(|row| row["Currency"] == "EUR") {
        *keys
            .entry((
                &row["ProductId"],
                &row["SkuId"],
                &row["TermDuration"],
                &row["BillingPlan"],
                &row["Segment"],
            ))
            .or_default() += 1;
    }
    // One key with two validities, as real sheets have it.
    assert!(keys.values().any(|count| *count == 2) && keys.values().all(|count| *count <= 2));
}

#[tokio::test]
async fn a_sheet_has_the_quirks_of_real_ones() {
    let session = direct(1).await;
    let path = sheet("US", "updatedlicensebased");
    let body = get(&session, &path).await.body;
    let text = String::from_utf8(body.clone()).unwrap();
    assert!(text.starts_with("\u{feff}\"ProductTitle\",\"ProductId\",\"SkuId\""));
    assert!(text.contains("\"ERP Price\",\"Segment\"\r\n"));
    let rows = rows(&body);
    let descriptions = set(&rows, "SkuDescription");
    for mark in [",", "\"", "\r\n", "“"] {
        assert!(descriptions.iter().any(|text| text.contains(mark)), "{mark:?}");
    }
    let trial = rows.iter().find(|row| row["Tags"] == "License;Trial").unwrap();
    assert_eq!((trial["BillingPlan"].as_str(), trial["UnitPrice"].as_str()), ("None", "0"));
    assert!(rows.iter().any(|row| row["Tags"] == "License" && row["UnitPrice"] == "0"));
    assert!(rows.iter().any(|row| row["EffectiveStartDate"].starts_with("1753-01-01")));
    assert!(rows.iter().any(|row| row["EffectiveEndDate"].starts_with("9999-12-31")));

    let starts = |rows: &[Row]| set(rows, "EffectiveStartDate");
    assert!(starts(&rows_of(&session, &month("202610")).await).contains("1/1/1753 0:00"));
    assert!(starts(&rows_of(&session, &month("202609")).await).contains("1/1/1753 12:00:00 AM"));
}

/// What a month's sheet says of each key: price, retail price, start, description. The first row of a key counts.
async fn standing(session: &Session, text: &str) -> BTreeMap<Vec<String>, [String; 4]> {
    let mut standing = BTreeMap::new();
    for row in rows_of(session, &month(text)).await {
        let key = ["ProductId", "SkuId", "TermDuration", "BillingPlan", "Segment"].map(|it| row[it].clone());
        let start = row["EffectiveStartDate"].clone();
        let values =
            [row["UnitPrice"].clone(), row["ERP Price"].clone(), start, row["SkuDescription"].clone()];
        standing.entry(key.to_vec()).or_insert(values);
    }
    standing
}

#[tokio::test]
async fn every_kind_of_change_happens_between_two_months_of_one_style() {
    let session = direct(1).await;
    let (before, after) = (standing(&session, "202608").await, standing(&session, "202611").await);
    let price = |values: &[String; 4]| values[0].parse::<f64>().unwrap();
    let both: Vec<_> = before.iter().filter_map(|(key, values)| Some((values, after.get(key)?))).collect();
    assert!(before.keys().any(|key| !after.contains_key(key)), "withdrawn");
    assert!(after.keys().any(|key| !before.contains_key(key)), "new");
    assert!(both.iter().any(|(before, after)| price(before) < price(after)), "raised");
    assert!(both.iter().any(|(before, after)| price(before) > price(after)), "lowered");
    let alone = |column: usize| {
        both.iter().any(|(before, after)| (0..4).all(|it| (before[it] == after[it]) == (it != column)))
    };
    assert!(alone(1) && alone(2) && alone(3), "retail price, validity and text move alone");
    assert!(both.iter().any(|(before, after)| before == after), "and much stays");
}

#[tokio::test]
async fn the_same_seed_gives_the_same_sheets_and_the_current_month_is_in_the_history() {
    let first = direct(1).await;
    let second = direct(1).await;
    let other = session(Options { seed: 43, ..options(1) }).await;
    let path = month("202605");
    let body = get(&first, &path).await.body;
    assert!(body == get(&second, &path).await.body);
    assert!(body != get(&other, &path).await.body);
    let current = get(&first, &sheet("US", "updatedlicensebased")).await.body;
    assert!(current == get(&first, &month("202611")).await.body);
}

#[tokio::test]
async fn a_preview_has_what_will_be_new_otherwise_or_gone() {
    let session = direct(1).await;
    let path = sheet("US", "updatedlicensebased");
    let current = rows_of(&session, &path).await;
    let preview = rows_of(&session, &format!("{path}?timeline=future")).await;
    assert!(preview.len() < current.len() / 2, "{} {}", preview.len(), current.len());
    let ids = |rows: &[Row]| set(rows, "ProductId");
    assert_eq!(ids(&preview).difference(&ids(&current)).count(), 1);
    let gone: Vec<&Row> = preview.iter().filter(|row| !row["EndofSaleDate"].is_empty()).collect();
    assert_eq!(gone.iter().map(|row| &row["ProductId"]).collect::<HashSet<_>>().len(), 1);
    assert!(gone.iter().all(|row| row["EffectiveEndDate"] == "11/30/2026 11:59:59 PM"), "{:?}", gone[0]);
}

#[tokio::test]
async fn azure_software_and_the_offer_matrix_are_served_too() {
    let session = direct(1).await;
    let azure = rows_of(&session, &sheet("DE", "azure_consumption")).await;
    assert_eq!(set(&azure, "Currency"), ["USD".to_owned()].into());
    assert!(azure.iter().any(|row| {
        row["PricingTierRangeMax"].parse::<u64>().is_err_and(|_| row["PricingTierRangeMax"].len() > 20)
    }));
    let software = rows_of(&session, &sheet("US", "software")).await;
    assert!(
        set(&software, "TermDuration").contains("OneTime") && software[0].contains_key("ChangeIndicator")
    );
    let matrix = rows_of(&session, "offermatrix(Month='202611')/$value").await;
    assert!(matrix.iter().any(|row| row["MaxLicenses"] == "300" && row["ProvisioningId"].len() == 36));
}

#[tokio::test]
async fn only_a_user_with_a_token_for_prices_gets_them() {
    let session = direct(1).await;
    let path = sheet("US", "updatedlicensebased");
    let ask = async |token: &str| read(request(&session, token, &path).send().await.unwrap()).await;

    let wrong = ask(&token(&session, SCOPE).await).await;
    assert_eq!(error(&wrong), (401, "unauthenticated".to_owned()));
    assert_eq!(error(&ask("made.up.token").await), (401, "unauthenticated".to_owned()));
    let good = token(&session, PRICING).await;
    assert_eq!(ask(&good).await.status, 200);
    // And the token for prices is no token for customers.
    let url = format!("{}/v1/customers", session.simulator.base_url());
    assert_eq!(session.http.get(url).bearer_auth(&good).send().await.unwrap().status(), 401);

    session.simulator.set_faults(|it| it.deny_price_sheets = true);
    assert_eq!(error(&ask(&good).await), (400, "invalidRequest".to_owned()));
    session.simulator.set_faults(|it| it.deny_price_sheets = false);

    let url = format!("{}/v1.0/sales/{path}", session.simulator.base_url());
    let without_id = read(session.http.get(url).bearer_auth(&good).send().await.unwrap()).await;
    assert_eq!(error(&without_id), (400, "invalidRequest".to_owned()));
    assert_eq!(without_id.json()["error"]["target"], "client-request-id");
}

#[tokio::test]
async fn what_there_is_no_sheet_of_is_refused() {
    let session = direct(1).await;
    let licences = sheet("US", "updatedlicensebased");
    for (path, status, code) in [
        (sheet("XX", "updatedlicensebased"), 404, "itemNotFound"),
        (sheet("US", "everything"), 400, "invalidRequest"),
        (sheet("US", "marketplace"), 404, "itemNotFound"),
        (month("202612"), 404, "itemNotFound"),
        (month("201908"), 404, "itemNotFound"),
        (month("2026-1"), 400, "invalidRequest"),
        (format!("{licences}?timeline=history"), 400, "invalidRequest"),
        (format!("{licences}?timeline=past"), 400, "invalidRequest"),
        ("pricesheets(Market='US')/$value".to_owned(), 400, "invalidRequest"),
        ("offermatrix(Month='203001')/$value".to_owned(), 404, "itemNotFound"),
        ("fish(Month='202611')/$value".to_owned(), 404, "itemNotFound"),
    ] {
        assert_eq!(error(&get(&session, &path).await), (status, code.to_owned()), "{path}");
    }
}

#[tokio::test]
async fn faults_hit_sheets_as_they_hit_all_else() {
    let session = faulty(1, Faults::default()).await;
    let token = token(&session, PRICING).await;
    let path = sheet("US", "azure_consumption");
    let ask = || request(&session, &token, &path).send();
    session.simulator.set_faults(|it| {
        it.throttle_every = Some(1);
        it.retry_after = Some(3);
    });
    let throttled = read(ask().await.unwrap()).await;
    assert_eq!((throttled.status.as_u16(), throttled.header("retry-after")), (429, Some("3")));
    session.simulator.set_faults(|it| {
        it.throttle_every = None;
        it.error_every = Some(1);
    });
    assert_eq!(error(&read(ask().await.unwrap()).await), (500, "generalException".to_owned()));
    session.simulator.set_faults(|it| {
        it.error_every = None;
        it.cut_body_every = Some(1);
    });
    let cut = ask().await.unwrap();
    assert_eq!(cut.status(), 200);
    assert!(cut.bytes().await.is_err());
}
