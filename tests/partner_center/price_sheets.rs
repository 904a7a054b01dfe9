//! Price sheets: from the simulator, and from a server that says what a test tells it to.

use std::collections::HashMap;
use std::io::{Cursor, Read};

use cspdeck::partner_center::{Edition, PriceSheetFile, Received, SheetOrder, SheetView};
use cspdeck::simulator::{Faults, Simulator};

use super::simulator::start;
use super::*;

fn order(market: &str, edition: Edition) -> SheetOrder {
    SheetOrder { market: market.parse().unwrap(), view: SheetView::Licences, edition }
}

fn month(text: &str) -> Edition {
    Edition::Month(text.parse().unwrap())
}

async fn fetch(client: &PartnerCenter, order: &SheetOrder) -> Result<PriceSheetFile, ApiError> {
    client.price_sheet(order, &|_| {}).await
}

/// The CSV that is in the ZIP.
fn unzipped(file: &PriceSheetFile) -> Vec<u8> {
    let mut csv = Vec::new();
    let mut archive = zip::ZipArchive::new(Cursor::new(&file.bytes)).unwrap();
    archive.by_index(0).unwrap().read_to_end(&mut csv).unwrap();
    csv
}

fn rows(csv: &[u8]) -> Vec<HashMap<String, String>> {
    let csv = csv.strip_prefix(b"\xef\xbb\xbf").unwrap();
    csv::Reader::from_reader(csv).deserialize().collect::<Result<_, _>>().unwrap()
}

/// A simulator with faults that begin once the client has its token for prices.
async fn signed_in_then(change: impl FnOnce(&mut Faults)) -> (Simulator, PartnerCenter) {
    let (simulator, client) = start(1, Faults::default()).await;
    fetch(&client, &order("US", month("201909"))).await.unwrap();
    simulator.set_faults(change);
    (simulator, client)
}

#[tokio::test]
async fn a_sheet_comes_as_the_server_has_it() {
    let (_simulator, client) = start(1, Faults::default()).await;
    let heard = Mutex::new(Vec::<Received>::new());
    let file = client
        .price_sheet(&order("DE", Edition::Current), &|part| heard.lock().unwrap().push(part))
        .await
        .unwrap();
    assert!(file.bytes.starts_with(b"PK\x03\x04"));
    let rows = rows(&unzipped(&file));
    assert!(rows.len() > 1000 && rows.iter().all(|row| row["Market"] == "DE"));
    assert_eq!(file.etag.as_ref().map(String::len), Some(18), "{:?}", file.etag);
    assert!(!file.call.request_id.is_empty() && !file.call.correlation_id.is_empty());

    let length = file.bytes.len() as u64;
    let heard = heard.into_inner().unwrap();
    assert!(heard.is_sorted_by_key(|part| part.bytes) && heard.iter().all(|part| part.of == Some(length)));
    assert_eq!(heard.last().unwrap().bytes, length);
    // The token for prices stands beside that for customers.
    assert_eq!(client.customers_page(None).await.unwrap().customers.len(), 1);
}

#[tokio::test]
async fn history_goes_back_month_by_month_and_becomes_plain() {
    let (_simulator, client) = start(1, Faults::default()).await;
    let mut tags = Vec::new();
    for (edition, is_zip) in [
        (Edition::Current, true),
        (Edition::Preview, true),
        (month("202610"), true),
        (month("202004"), true),
        (month("202003"), false),
    ] {
        let file = fetch(&client, &order("us", edition)).await.unwrap();
        assert_eq!(file.bytes.starts_with(b"PK\x03\x04"), is_zip, "{edition:?}");
        let csv = if is_zip { unzipped(&file) } else { file.bytes };
        assert!(!rows(&csv).is_empty());
        tags.push(file.etag.unwrap());
    }
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 5);
    let current = fetch(&client, &order("US", month("202611"))).await.unwrap();
    assert!(tags.contains(&current.etag.unwrap()));
}

#[tokio::test]
async fn a_sheet_that_is_not_there_is_named() {
    let (_simulator, client) = start(1, Faults::default()).await;
    for (order, part) in [
        (order("US", month("203001")), "the licence price sheet of US for 203001"),
        (order("XX", Edition::Current), "the current licence price sheet of XX"),
        (
            SheetOrder { view: SheetView::Marketplace, ..order("US", Edition::Current) },
            "the current marketplace price sheet of US",
        ),
    ] {
        let error = fetch(&client, &order).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoPriceSheet);
        let text = error.to_string();
        assert!(
            text.contains(part) && text.contains("itemNotFound") && text.contains("request-id"),
            "{text}"
        );
        assert!(!error.is_worth_retrying_later() && !error.concerns_everything());
    }
    assert_eq!(client.requests_made(), 3);
}

#[tokio::test]
async fn a_user_without_the_role_is_told_what_is_needed() {
    let (_simulator, client) = signed_in_then(|it| it.deny_price_sheets = true).await;
    let error = fetch(&client, &order("US", Edition::Current)).await.unwrap_err();
    assert_clean(&error);
    assert_eq!(error.kind(), ErrorKind::PricingDenied);
    let text = error.to_string();
    for part in ["HTTP 400", "invalidRequest", "Admin Agent or a Sales Agent", "consent"] {
        assert!(text.contains(part), "{text}");
    }
    // Customers can be read all the same.
    client.customers_page(None).await.unwrap();
}

#[tokio::test]
async fn a_consent_without_the_pricing_api_is_told_as_that() {
    for (code, part) in [(65_001, "Microsoft Partner"), (700_082, "90 days")] {
        let (_simulator, client) = start(1, Faults { reject_token: Some(code), ..Faults::default() }).await;
        let error = fetch(&client, &order("US", Edition::Current)).await.unwrap_err();
        assert_clean(&error);
        assert_eq!(error.kind(), ErrorKind::TokenRejected);
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[tokio::test]
async fn a_token_of_another_audience_is_refused_after_one_renewal() {
    let body =
        r#"{"error":{"code":"unauthenticated","message":"Invalid Authorization header","target":"x"}}"#;
    let server = signed_in(move |_, _| reply("401 Unauthorized", &[("request-id", "req-9")], body)).await;
    let client = client(&server);
    let error = fetch(&client, &order("US", Edition::Current)).await.unwrap_err();
    assert_clean(&error);
    assert_eq!((error.kind(), client.requests_made()), (ErrorKind::PricingDenied, 2));
    let text = error.to_string();
    assert!(text.contains("unauthenticated") && text.contains("request-id req-9"), "{text}");
    let scopes: Vec<String> = server.asked("oauth2").into_iter().map(|asked| asked.body).collect();
    let audience: String = url::form_urlencoded::byte_serialize(server.url.as_bytes()).collect();
    assert!(
        scopes.len() == 2 && scopes.iter().all(|body| body.contains(&format!("scope={audience}"))),
        "{scopes:?}"
    );
}

#[tokio::test]
async fn a_request_carries_its_headers_and_a_new_id_each_time() {
    let server = signed_in(|n, asked| {
        if !asked.path.contains("sales") {
            return ok(r#"{"items":[]}"#);
        }
        if n == 0 {
            reply("500 Oops", &[], "")
        } else {
            reply("200 OK", &[("ETag", "\"7\"")], "ProductTitle\r\n")
        }
    })
    .await;
    // Another name for the same place, and so another audience.
    let prices = server.url.replace("127.0.0.1", "localhost");
    let options = Options { pricing: prices.parse().unwrap(), ..options(&server.url) };
    let client = PartnerCenter::new(options, keeper().0).unwrap();
    let file = fetch(&client, &order("de", month("202602"))).await.unwrap();
    assert_eq!((file.bytes.as_slice(), file.etag.as_deref()), (&b"ProductTitle\r\n"[..], Some("\"7\"")));
    client.subscriptions(&customer()).await.unwrap();

    let asked = server.asked("sales");
    let path = "/v1.0/sales/pricesheets(Market='DE',PricesheetView='updatedlicensebased')/$value?timeline=history&month=202602";
    assert_eq!((asked.len(), asked[0].path.as_str()), (2, path));
    assert_eq!(asked[0].header("Accept-Encoding"), Some("deflate"));
    assert_eq!(asked[0].header("client-request-id").unwrap().len(), 36);
    assert_ne!(asked[0].header("client-request-id"), asked[1].header("client-request-id"));
    assert_eq!(file.call.request_id, asked[1].header("client-request-id").unwrap());

    // One token for each audience, from the same chain of refresh tokens.
    let logins = server.asked("oauth2");
    let customers = server.asked("/v1/customers");
    assert!(logins[0].body.contains("localhost") && logins[1].body.contains("127.0.0.1"));
    assert!(logins[1].body.contains("refresh-token-1"));
    assert_eq!(asked[1].header("Authorization"), Some("Bearer access-1"));
    assert_eq!(customers[0].header("Authorization"), Some("Bearer access-2"));
}

#[tokio::test]
async fn throttling_and_failures_pass() {
    let (simulator, client) = signed_in_then(|it| {
        it.throttle_every = Some(2);
        it.error_every = Some(3);
    })
    .await;
    let before = simulator.requests().price_sheets;
    for market in ["US", "DE", "JP"] {
        let file = fetch(&client, &order(market, Edition::Current)).await.unwrap();
        assert!(!rows(&unzipped(&file)).is_empty());
    }
    assert!(simulator.requests().price_sheets > before + 3);
}

#[tokio::test]
async fn a_cut_body_is_tried_again_and_is_an_error_in_the_end() {
    let (_simulator, client) = signed_in_then(|it| it.cut_body_every = Some(2)).await;
    let heard = Mutex::new(Vec::<u64>::new());
    for _ in 0..2 {
        let file = client
            .price_sheet(&order("US", Edition::Current), &|part| heard.lock().unwrap().push(part.bytes))
            .await
            .unwrap();
        assert!(!rows(&unzipped(&file)).is_empty());
    }
    let heard = heard.into_inner().unwrap();
    assert!(!heard.is_sorted(), "after a cut, the count begins anew: {heard:?}");

    let server = signed_in(|_, _| ok("ProductTitle,ProductId\r\n").cut_by(9)).await;
    let error = fetch(&super::client(&server), &order("US", Edition::Current)).await.unwrap_err();
    assert_clean(&error);
    assert_eq!((error.kind(), server.asked("sales").len()), (ErrorKind::CutShort, 3));
    assert!(error.is_worth_retrying_later());
}

#[tokio::test]
async fn what_cannot_be_a_sheet_is_an_error() {
    for (body, kind, part, requests) in [
        (&b"<html><title>Sign in</title>"[..], ErrorKind::BadBody, "Sign in", 1),
        (b"{\"value\":[]}", ErrorKind::BadBody, "broken JSON", 1),
        (b"", ErrorKind::BadBody, "an empty body", 1),
        (b"PK\x03\x04 and no end", ErrorKind::CutShort, "ends too early", 3),
    ] {
        let server = signed_in(move |_, _| reply("200 OK", &[], body)).await;
        let client = client(&server);
        let error = fetch(&client, &order("US", Edition::Current)).await.unwrap_err();
        assert_clean(&error);
        assert_eq!((error.kind(), client.requests_made()), (kind, requests), "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }
    let huge = "HTTP/1.1 200 OK\r\nContent-Length: 300000000\r\nConnection: close\r\n\r\nPK";
    let server = signed_in(move |_, _| server::raw(huge)).await;
    let error = fetch(&client(&server), &order("US", Edition::Current)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadBody);
    assert!(error.to_string().contains("more than 256 MB"), "{error}");
}
