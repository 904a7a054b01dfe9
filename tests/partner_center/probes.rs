//! What a check of the settings asks.

use super::*;

fn probing(server: &Server) -> PartnerCenter {
    PartnerCenter::new(Options { max_attempts: 2, ..options(&server.url) }, keeper().0).unwrap()
}

/// A login that refuses the exchange in mid-flight for want of a permission.
fn not_consented() -> Reply {
    let body = r#"{"error":"invalid_grant","error_description":"AADSTS65001: no consent","error_codes":[65001],"trace_id":"t-1"}"#;
    reply("400 Bad Request", &[], body)
}

#[tokio::test]
async fn a_sign_in_is_one_exchange_and_nothing_else() {
    let server = signed_in(|_, _| ok("[]")).await;
    let (keep, kept) = keeper();
    let client = PartnerCenter::new(options(&server.url), keep).unwrap();
    client.sign_in().await.unwrap();
    client.sign_in().await.unwrap();
    assert_eq!(
        (server.asked("oauth2").len(), server.asked("").len()),
        (2, 2),
        "a token at hand is no sign-in"
    );
    assert_eq!(*kept.lock().unwrap(), ["refresh-token-1", "refresh-token-2"]);
    assert_eq!(client.requests_made(), 0);
}

#[tokio::test]
async fn the_list_of_customers_is_probed_by_a_page_of_one() {
    for (body, some) in [(r#"{"items":[{"id":"c1"}]}"#, true), (r#"{"items":[]}"#, false)] {
        let server = signed_in(move |_, _| ok(body)).await;
        assert_eq!(probing(&server).probe_customers().await.unwrap(), some);
        assert_eq!(server.asked("/v1/")[0].path, "/v1/customers?size=1");
    }
    let server = signed_in(|_, _| reply("403 Forbidden", &[], r#"{"code":2032}"#)).await;
    let error = probing(&server).probe_customers().await.unwrap_err();
    assert_clean(&error);
    assert_eq!(error.kind(), ErrorKind::Forbidden);
}

#[tokio::test]
async fn multi_factor_authentication_is_told_by_a_header() {
    for (header, expected) in
        [(Some("true"), Some(true)), (Some("False"), Some(false)), (Some("?"), None), (None, None)]
    {
        let server = signed_in(move |_, _| {
            let headers: Vec<_> = header.map(|value| ("isMfaCompliant", value)).into_iter().collect();
            reply("200 OK", &headers, r#"{"id":"p","companyName":"Acme","tenantId":"T"}"#)
        })
        .await;
        let organization = probing(&server).organization().await.unwrap();
        assert_eq!(organization.mfa_compliant, expected, "{header:?}");
        let asked = &server.asked("/v1/profiles/organization")[0];
        assert_eq!(asked.header("ValidateMfa"), Some("true"));
    }
}

#[tokio::test]
async fn a_price_sheet_is_left_at_its_first_bytes() {
    let begun = "HTTP/1.1 200 OK\r\nContent-Length: 90000000\r\n\r\nPK\x03\x04";
    let server = signed_in(move |_, _| server::raw(begun).then_silence(Duration::from_secs(30))).await;
    probing(&server).probe_pricing().await.unwrap();
    let asked = server.asked("/v1.0/sales/");
    assert_eq!(asked.len(), 1);
    assert!(asked[0].path.contains("Market='US'"), "{}", asked[0].path);

    for (answer, kind) in [
        (ok("<html><title>Portal</title>"), ErrorKind::BadBody),
        (reply("400 Bad Request", &[], r#"{"error":{"code":"invalidRequest"}}"#), ErrorKind::PricingDenied),
        (reply("403 Forbidden", &[], ""), ErrorKind::PricingDenied),
    ] {
        let server = signed_in(move |_, _| answer.clone()).await;
        let error = probing(&server).probe_pricing().await.unwrap_err();
        assert_clean(&error);
        assert_eq!(error.kind(), kind, "{error}");
    }
}

#[tokio::test]
async fn graph_denies_or_knows_no_such_export() {
    let envelope = |code: &str| format!(r#"{{"error":{{"code":"{code}","message":"words of Graph"}}}}"#);
    for (status, body, kind) in [
        ("404 Not Found", envelope("NotFound"), None),
        ("404 Not Found", "<html><title>Nobody</title>".to_owned(), Some(ErrorKind::BadBody)),
        ("404 Not Found", String::new(), Some(ErrorKind::BadBody)),
        ("403 Forbidden", envelope("Authorization_RequestDenied"), Some(ErrorKind::GraphDenied)),
        ("401 Unauthorized", envelope("InvalidAuthenticationToken"), Some(ErrorKind::GraphDenied)),
        ("200 OK", "{}".to_owned(), Some(ErrorKind::BadBody)),
        ("503 Service Unavailable", String::new(), Some(ErrorKind::ServerError)),
    ] {
        let server = signed_in(move |_, _| reply(status, &[("request-id", "g-1")], &body)).await;
        let outcome = probing(&server).probe_graph_billing().await;
        let asked = server.asked("/v1.0/reports/partners/billing/operations/");
        assert_eq!(asked[0].header("client-request-id").map(str::len), Some(36));
        assert!(server.asked("oauth2")[0].body.contains("%2F.default"));
        assert_eq!(outcome.as_ref().err().map(ApiError::kind), kind, "{status}");
        if let Err(error) = outcome {
            assert_clean(&error);
            assert!(error.to_string().contains("request-id g-1"), "{error}");
            let names_the_permission = error.to_string().contains("PartnerBilling.Read.All");
            assert_eq!(names_the_permission, kind == Some(ErrorKind::GraphDenied), "{error}");
        }
    }
}

#[tokio::test]
async fn what_the_consent_does_not_cover_is_named_by_the_audience() {
    let server = Server::start(|_, _| not_consented()).await;
    let client = probing(&server);
    let graph = client.probe_graph_billing().await.unwrap_err();
    assert!(graph.to_string().contains("PartnerBilling.Read.All"), "{graph}");
    let pricing = client.probe_pricing().await.unwrap_err();
    assert!(pricing.to_string().contains("\"Microsoft Partner\""), "{pricing}");
    let sign_in = client.sign_in().await.unwrap_err();
    assert!(sign_in.to_string().contains("not consented"), "{sign_in}");
    for error in [graph, pricing, sign_in] {
        assert_eq!(error.kind(), ErrorKind::TokenRejected);
    }
    assert_eq!(server.asked("").len(), 3, "nothing but sign-ins");
}
