//! The customer list: pages, continuations, filters.

use crate::support::{direct, ids, indirect, read};
use serde_json::{Value, json};
use std::collections::HashSet;

#[tokio::test]
async fn the_whole_list_has_each_customer_once() {
    let session = direct(1234).await;
    let pages = session.pages("/customers?size=100", usize::MAX).await;
    assert_eq!(pages.len(), 13);
    let totals: Vec<u64> = pages.iter().map(|page| page["totalCount"].as_u64().unwrap()).collect();
    assert_eq!(totals, [vec![100; 12], vec![34]].concat());
    let all: HashSet<String> = pages.iter().flat_map(ids).collect();
    assert_eq!(all.len(), 1234);
    assert_eq!(session.simulator.requests().customers_pages, 13);
}

#[tokio::test]
async fn twenty_thousand_customers_are_listed_at_once() {
    let session = direct(20_000).await;
    let all: HashSet<String> = session.customer_ids().await.into_iter().collect();
    assert_eq!(all.len(), 20_000);
    assert_eq!(session.simulator.requests().customers_pages, 40);
}

#[tokio::test]
async fn a_page_that_ends_with_the_list_has_no_next_link() {
    let session = direct(200).await;
    let pages = session.pages("/customers?size=100", usize::MAX).await;
    assert_eq!(pages.len(), 2);
}

#[tokio::test]
async fn the_next_link_without_its_header_leads_to_the_first_page() {
    let session = direct(30).await;
    let first = session.get("/customers?size=10").await.json();
    let next = &first["links"]["next"];
    assert_eq!(next["headers"][0]["key"], "MS-ContinuationToken");
    let uri = next["uri"].as_str().unwrap();
    assert!(uri.contains("seekOperation=Next"), "{uri}");
    assert_eq!(ids(&session.get(uri).await.json()), ids(&first));
    let second = &session.pages("/customers?size=10", 2).await[1];
    assert_ne!(ids(second), ids(&first));
}

#[tokio::test]
async fn sizes_have_a_default_and_a_cap() {
    let session = direct(700).await;
    for (query, expected) in [("", 100), ("?size=0", 100), ("?size=7", 7), ("?size=5000", 500)] {
        let page = session.get(&format!("/customers{query}")).await.json();
        assert_eq!(ids(&page).len(), expected, "{query}");
    }
    let wrong = session.get("/customers?size=many").await;
    assert_eq!((wrong.status.as_u16(), wrong.json()["code"].clone()), (400, json!(2000)));
}

#[tokio::test]
async fn a_made_up_continuation_is_refused() {
    let session = direct(30).await;
    let request = session
        .request("/customers?size=10&seekOperation=Next")
        .header("MS-ContinuationToken", "AAABBBcccDDD==");
    assert_eq!(read(request.send().await.unwrap()).await.status, 400);
}

fn filter(field: &str, value: &str) -> String {
    let json = json!({ "Field": field, "Value": value, "Operator": "starts_with" }).to_string();
    url::form_urlencoded::byte_serialize(json.as_bytes()).collect()
}

#[tokio::test]
async fn filters_find_by_the_start_of_a_name_over_several_pages() {
    let session = direct(900).await;
    for field in ["CompanyName", "Domain"] {
        let path = format!("/customers?size=5&filter={}", filter(field, "OAKMONT"));
        let pages = session.pages(&path, usize::MAX).await;
        assert!(pages.len() > 1, "{field}");
        let key = if field == "Domain" { "domain" } else { "companyName" };
        for item in pages.iter().flat_map(|page| page["items"].as_array().unwrap()) {
            let text = item["companyProfile"][key].as_str().unwrap().to_lowercase();
            assert!(text.starts_with("oakmont"), "{text}");
        }
    }
    let wrong = format!("/customers?filter={}", filter("Colour", "red"));
    assert_eq!(session.get(&wrong).await.status, 400);
}

#[tokio::test]
async fn the_resellers_customers_add_up_to_all_customers() {
    let session = indirect(400).await;
    let path = "/relationships?relationship_type=IsIndirectCloudSolutionProviderOf";
    let resellers = session.get(path).await.json();
    assert_eq!(resellers["totalCount"], 12);
    let mut found = HashSet::new();
    for reseller in resellers["items"].as_array().unwrap() {
        assert_eq!(reseller["mpnId"].as_str().unwrap().len(), 7);
        let id = reseller["id"].as_str().unwrap();
        let path = format!("/customers?size=500&filter={}", filter("IndirectReseller", id));
        for page in session.pages(&path, usize::MAX).await {
            for customer in ids(&page) {
                assert!(found.insert(customer), "a customer has two resellers");
            }
        }
    }
    assert_eq!(found.len(), 400);
}

#[tokio::test]
async fn list_items_are_thin() {
    let session = direct(3).await;
    let page = session.get("/customers").await.json();
    let item: &Value = &page["items"][0];
    let keys: Vec<&String> = item.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["attributes", "companyProfile", "id", "links", "relationshipToPartner"]);
    assert!(item["companyProfile"].get("email").is_none());
}
