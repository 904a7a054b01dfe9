//! What a connection can do, and what a body can hold.

use cspdeck::partner_center::{NextPage, RepeatGuard};

use super::*;

#[tokio::test]
async fn a_body_cut_short_is_tried_again() {
    let whole = r#"{"items":[{"id":"s1","quantity":1}]}"#;
    let server = signed_in(move |n, _| match n {
        0 => ok(whole).cut_by(10),
        1 => server::raw(format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", &whole[..20])),
        _ => ok(whole),
    })
    .await;
    let client = client(&server);
    assert_eq!(client.subscriptions(&customer()).await.unwrap().items.len(), 1);
    assert_eq!(client.requests_made(), 3);

    let error = failure(ok(whole).cut_by(10)).await;
    assert_eq!((error.kind(), error.is_worth_retrying_later()), (ErrorKind::CutShort, true));
    assert!(error.to_string().contains("26 bytes came"), "{error}");
    assert_eq!(failure(server::raw("")).await.kind(), ErrorKind::CutShort);
    assert_eq!(failure(server::raw("garbage\r\n\r\n")).await.kind(), ErrorKind::CutShort);
}

#[tokio::test]
async fn silence_is_a_stall_before_and_in_the_body() {
    let long = Duration::from_secs(20);
    for stalled in [server::raw("").then_silence(long), ok("[1,2,3]").cut_by(3).then_silence(long)] {
        let server = signed_in(move |_, _| stalled.clone()).await;
        for (read, whole, said) in
            [(100, 9000, "nothing came for 0.1 s"), (9000, 100, "no whole answer within 0.1 s")]
        {
            let options = Options {
                read_timeout: Duration::from_millis(read),
                request_timeout: Duration::from_millis(whole),
                max_attempts: 1,
                ..options(&server.url)
            };
            let error = PartnerCenter::new(options, keeper().0)
                .unwrap()
                .subscriptions(&customer())
                .await
                .unwrap_err();
            assert_clean(&error);
            assert_eq!((error.kind(), error.is_worth_retrying_later()), (ErrorKind::Stalled, true));
            assert!(error.to_string().contains(said), "{error}");
        }
    }
}

#[tokio::test]
async fn a_refused_connection_concerns_everything() {
    let login = signed_in(|_, _| ok("[]")).await;
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let closed: url::Url = format!("http://{closed}").parse().unwrap();
    let good = Options { max_attempts: 2, ..options(&login.url) };
    for options in
        [Options { partner_center: closed.clone(), ..good.clone() }, Options { login: closed, ..good }]
    {
        let error =
            PartnerCenter::new(options, keeper().0).unwrap().subscriptions(&customer()).await.unwrap_err();
        assert_clean(&error);
        assert_eq!(error.kind(), ErrorKind::NetworkDown);
        assert!(error.concerns_everything() && error.is_worth_retrying_later());
        assert!(error.to_string().contains("refused") && error.to_string().contains("127.0.0.1"), "{error}");
    }
}

#[tokio::test]
async fn bodies_that_are_no_list_are_described_and_not_retried() {
    let echo = format!("<html><head><title>Sign in {FIRST_TOKEN} access-1\u{1b}[2J</title>");
    let huge = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n[";
    for (answer, said) in [
        (ok("<html><title>Proxy\u{202e} says\r\nno</title>"), "a page of HTML: Proxy says no"),
        (ok(""), "an empty body"),
        (ok("Bearer access-1 was here"), "not JSON: Bearer … was here"),
        (ok(r#"{"value":1}"#), "JSON without a list"),
        (ok(echo.replace(FIRST_TOKEN, "")), "a page of HTML: Sign in …?[2J"),
        (server::raw(huge), "more than 64 MB"),
    ] {
        let error = failure(answer).await;
        assert_eq!((error.kind(), error.is_worth_retrying_later()), (ErrorKind::BadBody, false));
        assert!(error.to_string().contains(said), "{error}");
        assert!(!error.concerns_everything());
    }
    let error = failure(reply("500 Oops", &[], vec![b'x'; 3 * 1024 * 1024])).await;
    assert!(error.to_string().len() < 1000, "{error}");
}

#[tokio::test]
async fn a_byte_order_mark_odd_items_and_absurd_totals_do_no_harm() {
    let body = "\u{feff}{\"totalCount\":\"-18446744073709551616\",\"Items\":[null,{\"id\":\"S1\",\"quantity\":\"5\"},{\"id\":\"s1\"}]}";
    let server = signed_in(move |_, _| ok(body)).await;
    let read = client(&server).subscriptions(&customer()).await.unwrap();
    assert_eq!((read.items.len(), read.items[0].quantity, read.odd.len()), (1, 5, 2));
}

fn page(ids: &[&str], next: &str) -> Reply {
    let items: Vec<_> = ids
        .iter()
        .map(|id| format!(r#"{{"id":"{id}","companyProfile":{{"companyName":"{id}"}}}}"#))
        .collect();
    ok(format!(r#"{{"totalCount":18446744073709551616,"items":[{}],"links":{{{next}}}}}"#, items.join(",")))
}

fn next(uri: &str, token: &str) -> String {
    format!(
        r#""next":{{"uri":"{uri}","method":"GET","headers":[{{"key":"X-Evil","value":"1"}},{{"key":"MS-ContinuationToken","value":"{token}"}}]}}"#
    )
}

#[tokio::test]
async fn pages_are_followed_with_their_continuation_only() {
    let server = signed_in(|_, asked| match asked.header("MS-ContinuationToken") {
        None => page(&["a", "b"], &next("/customers?size=2?seekOperation=Next", "T1")),
        Some("T1") => page(&["c"], ""),
        Some(_) => reply("400 Bad Request", &[], r#"{"code":2001,"description":"token is gone"}"#),
    })
    .await;
    let client = client(&server);
    let mut guard = RepeatGuard::default();
    let first = client.customers_page(None).await.unwrap();
    assert_eq!((first.customers.len(), guard.admit(&first).unwrap()), (2, 2));
    let stored = serde_json::to_string(&first.next.unwrap()).unwrap();
    let next: NextPage = serde_json::from_str(&stored).unwrap();
    let second = client.customers_page(Some(&next)).await.unwrap();
    assert_eq!(
        (second.customers[0].name.as_str(), guard.admit(&second).unwrap(), second.next),
        ("c", 1, None)
    );

    let asked = server.asked("/v1/customers");
    assert_eq!(asked[0].path, "/v1/customers?size=2");
    assert_eq!(
        (asked[1].path.as_str(), asked[1].header("X-Evil")),
        ("/v1/customers?size=2&seekOperation=Next", None)
    );

    let lost: NextPage = serde_json::from_str(&stored.replace("T1", "T9")).unwrap();
    let error = client.customers_page(Some(&lost)).await.unwrap_err();
    assert_clean(&error);
    assert_eq!((error.kind(), error.is_worth_retrying_later()), (ErrorKind::ContinuationLost, true));
}

#[tokio::test]
async fn a_foreign_link_or_an_injected_header_is_not_followed() {
    for next in [
        next("https://evil.example/v1/customers", "T1"),
        next("//evil.example/v1/customers", "T1"),
        next("/customers", r"T1\r\nX-Evil: 1"),
        next("/customers", "T1").replace("GET", "POST"),
    ] {
        let server = signed_in(move |_, _| page(&["a"], &next)).await;
        let error = client(&server).customers_page(None).await.unwrap_err();
        assert_clean(&error);
        assert_eq!(error.kind(), ErrorKind::ForeignLink);
        assert_eq!(server.asked("/v1/").len(), 1);
    }
    let tampered: NextPage = serde_json::from_str(r#"{"uri":"https://evil.example/v1/customers"}"#).unwrap();
    let server = signed_in(|_, _| page(&["a"], "")).await;
    let error = client(&server).customers_page(Some(&tampered)).await.unwrap_err();
    assert_eq!((error.kind(), server.asked("/v1/").len()), (ErrorKind::ForeignLink, 0));
}

#[tokio::test]
async fn a_page_that_repeats_is_noticed() {
    let server = signed_in(|_, _| page(&["a", "b"], &next("/customers?seekOperation=Next", "T1"))).await;
    let client = client(&server);
    let first = client.customers_page(None).await.unwrap();
    let error = client.customers_page(first.next.as_ref()).await.unwrap_err();
    assert_clean(&error);
    assert_eq!(error.kind(), ErrorKind::RepeatedPage);

    let server = signed_in(|n, _| page(&["a", "b"], &next("/x?seekOperation=Next", &format!("T{n}")))).await;
    let error = self::client(&server).subscriptions(&customer()).await.unwrap_err();
    assert_clean(&error);
    assert_eq!((error.kind(), server.asked("/v1/").len()), (ErrorKind::RepeatedPage, 2));
}

#[tokio::test]
async fn single_documents_are_read() {
    let server = signed_in(|_, asked| match asked.path.as_str() {
        "/v1/customers/c1" => {
            ok(r#"{"id":"C1","billingProfile":{"email":"a@b.example","defaultAddress":{"country":"DE"}}}"#)
        }
        "/v1/customers/c2" => ok(r#"{"id":"c1"}"#),
        "/v1/customers/c1/relationships" => ok(r#"{"items":[{"id":"R","name":"Blue","mpnId":"512"}]}"#),
        "/v1/profiles/organization" => ok(r#"{"id":"p","companyName":"Acme","tenantId":"T"}"#),
        _ => reply("404 Not Found", &[], ""),
    })
    .await;
    let client = client(&server);
    let details = client.customer_details(&customer()).await.unwrap();
    assert_eq!((details.email.as_deref(), details.country.as_deref()), (Some("a@b.example"), Some("DE")));
    let other = client.customer_details(&CustomerId::parse("c2").unwrap()).await.unwrap_err();
    assert_eq!(other.kind(), ErrorKind::BadBody);
    assert_eq!(client.resellers_of(&customer()).await.unwrap()[0].mpn_id.as_deref(), Some("512"));
    assert_eq!(client.organization().await.unwrap().company_name, "Acme");
    let gone = client.subscriptions(&customer()).await.unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
    let steering = client.subscriptions(&CustomerId::parse("c\u{202e}/../1").unwrap()).await.unwrap_err();
    assert_clean(&steering);
    assert!(server.asked("/v1/customers/c%E2%80%AE%2F..%2F1/subscriptions").len() == 1, "{steering}");
}
