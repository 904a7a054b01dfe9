//! The client for Partner Center against a server that fails in every way that one can think of.

#![expect(clippy::unwrap_used, reason = "a helper of a test that fails fails the test")]

mod application_consents;
mod consent;
mod key_vault;
mod loopback;
mod price_sheets;
mod probes;
mod server;
mod sign_in;
mod simulator;
mod throttling;
mod wire;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cspdeck::domain::ids::CustomerId;
use cspdeck::partner_center::{ApiError, ErrorKind, KeepToken, Options, PartnerCenter};
use secrecy::{ExposeSecret, SecretString};
use server::{Asked, Reply, Server, ok, reply};

const APP_SECRET: &str = "s3cret~app/value+1";
const FIRST_TOKEN: &str = "refresh-token-0";

/// What was kept, in order.
type Kept = Arc<Mutex<Vec<String>>>;

fn options(server: &str) -> Options {
    Options {
        login: server.parse().unwrap(),
        partner_center: server.parse().unwrap(),
        pricing: server.parse().unwrap(),
        graph: server.parse().unwrap(),
        tenant: "acme.example".to_owned(),
        client_id: "app".to_owned(),
        client_secret: SecretString::from(APP_SECRET),
        refresh_token: SecretString::from(FIRST_TOKEN),
        requests_per_minute: 600_000,
        concurrency: 4,
        connect_timeout: Duration::from_secs(5),
        read_timeout: Duration::from_secs(5),
        request_timeout: Duration::from_secs(10),
        max_attempts: 3,
        page_size: 2,
    }
}

fn keeper() -> (KeepToken, Kept) {
    let kept = Kept::default();
    let log = Arc::clone(&kept);
    let keep = move |token: &SecretString| {
        log.lock().unwrap().push(token.expose_secret().to_owned());
        Ok(())
    };
    (Arc::new(keep), kept)
}

fn client(server: &Server) -> PartnerCenter {
    PartnerCenter::new(options(&server.url), keeper().0).unwrap()
}

/// A login that answers as Microsoft's does; the tokens carry their number.
fn token(number: usize) -> Reply {
    let next = number + 1;
    ok(format!(
        r#"{{"token_type":"Bearer","expires_in":"3599","access_token":"access-{next}","refresh_token":"refresh-token-{next}"}}"#
    ))
}

/// A server whose login works and whose API follows the script.
async fn signed_in(api: impl Fn(usize, &Asked) -> Reply + Send + Sync + 'static) -> Server {
    Server::start(move |n, asked| if asked.path.contains("oauth2") { token(n) } else { api(n, asked) }).await
}

fn customer() -> CustomerId {
    CustomerId::parse("c1").unwrap()
}

/// No text about an error may hold a secret, and each names its call by id.
fn assert_clean(error: &ApiError) {
    let mut texts = format!("{error} {error:?}");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        texts.push_str(&format!("{cause} {cause:?}"));
        source = cause.source();
    }
    for secret in [APP_SECRET, "s3cret%7Eapp", "refresh-token-", "access-1", "access-2", "Bearer access"] {
        assert!(!texts.contains(secret), "{secret} in {texts}");
    }
    assert!(!texts.contains('\u{1b}') && !texts.contains('\u{202e}'), "{texts}");
    let call = error.call().unwrap();
    assert!(!call.request_id.is_empty() && error.to_string().contains(&call.request_id), "{error}");
}

/// The subscriptions' error of a server that answers every request with this.
async fn failure(answer: Reply) -> ApiError {
    let server = signed_in(move |_, _| answer.clone()).await;
    let error = client(&server).subscriptions(&customer()).await.unwrap_err();
    assert_clean(&error);
    error
}

#[tokio::test]
async fn a_read_carries_its_headers_and_nothing_else() {
    let server = signed_in(|_, _| ok(r#"{"items":[{"id":"S1","quantity":1}]}"#)).await;
    let client = client(&server);
    assert_eq!(client.subscriptions(&customer()).await.unwrap().items[0].id.as_str(), "s1");
    client.subscriptions(&customer()).await.unwrap();
    let asked = server.asked("/v1/customers/c1/subscriptions");
    let first = &asked[0];
    assert!(first.head.starts_with("GET /v1/customers/c1/subscriptions HTTP/1.1"));
    for (name, value) in [
        ("Authorization", "Bearer access-1"),
        ("Accept", "application/json"),
        ("MS-PartnerCenter-Application", "cspdeck"),
        ("X-Locale", "en-US"),
    ] {
        assert_eq!(first.header(name), Some(value), "{name}");
    }
    for name in ["MS-RequestId", "MS-CorrelationId"] {
        assert_eq!(first.header(name).unwrap().len(), 36);
        assert_ne!(first.header(name), asked[1].header(name), "{name}");
    }
    assert_eq!((client.requests_made(), server.asked("oauth2").len()), (2, 1));
    assert_eq!(format!("{client:?}"), "PartnerCenter { host: \"127.0.0.1\", .. }");
}

#[tokio::test]
async fn each_status_has_its_kind_and_is_retried_or_not() {
    for (status, body, kind, requests, later) in [
        ("400 Bad Request", r#"{"code":2000,"description":"missing"}"#, ErrorKind::BadRequest, 1, false),
        ("403 Forbidden", r#"{"code":20002,"description":"no"}"#, ErrorKind::Forbidden, 1, false),
        ("404 Not Found", "", ErrorKind::NotFound, 1, false),
        ("409 Conflict", "{}", ErrorKind::BadRequest, 1, false),
        ("301 Moved Permanently", "", ErrorKind::Redirected, 1, false),
        ("408 Request Timeout", "", ErrorKind::ServerError, 2, true),
        ("500 Internal Server Error", "<html>", ErrorKind::ServerError, 2, true),
        ("503 Service Unavailable", "", ErrorKind::ServerError, 2, true),
    ] {
        let ids = [
            ("MS-RequestId", "req-77"),
            ("MS-CorrelationId", "cor-88"),
            ("Location", "http://evil.example/"),
        ];
        let server = signed_in(move |_, _| reply(status, &ids, body)).await;
        let client =
            PartnerCenter::new(Options { max_attempts: 2, ..options(&server.url) }, keeper().0).unwrap();
        let error = client.subscriptions(&customer()).await.unwrap_err();
        assert_clean(&error);
        assert_eq!(error.kind(), kind, "{status}");
        assert_eq!(client.requests_made(), requests, "{status}");
        assert_eq!(error.is_worth_retrying_later(), later, "{status}");
        assert!(!error.concerns_everything());
        let text = error.to_string();
        assert!(text.contains("c1") && text.contains("req-77") && text.contains("cor-88"), "{text}");
    }
}

#[tokio::test]
async fn a_failure_of_the_server_passes() {
    let server =
        signed_in(|n, _| if n < 2 { reply("500 Oops", &[], "") } else { ok(r#"{"items":[]}"#) }).await;
    let client = client(&server);
    assert!(client.subscriptions(&customer()).await.unwrap().items.is_empty());
    let asked = server.asked("/v1/");
    assert_eq!(asked.len(), 3);
    assert_ne!(asked[0].header("MS-RequestId"), asked[1].header("MS-RequestId"));
    assert_eq!(asked[0].header("MS-CorrelationId"), asked[2].header("MS-CorrelationId"));
}

#[test]
fn what_cannot_work_is_refused_before_anything_is_sent() {
    let good = options("http://127.0.0.1:1");
    for (bad, option) in [
        (Options { tenant: "../x".to_owned(), ..good.clone() }, "tenant"),
        (Options { tenant: " ".to_owned(), ..good.clone() }, "tenant"),
        (Options { client_id: String::new(), ..good.clone() }, "app id"),
        (Options { client_secret: SecretString::from(""), ..good.clone() }, "app secret"),
        (Options { refresh_token: SecretString::from(" "), ..good.clone() }, "refresh token"),
        (Options { login: "http://login.example".parse().unwrap(), ..good.clone() }, "login"),
        (Options { partner_center: "ftp://127.0.0.1".parse().unwrap(), ..good.clone() }, "Partner Center"),
        (Options { pricing: "http://prices.example".parse().unwrap(), ..good.clone() }, "pricing"),
        (Options { graph: "http://graph.example".parse().unwrap(), ..good.clone() }, "Microsoft Graph"),
        (Options { concurrency: 0, ..good.clone() }, "concurrency"),
        (Options { max_attempts: 0, ..good.clone() }, "attempts"),
    ] {
        let error = PartnerCenter::new(bad, keeper().0).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadOption);
        assert!(error.concerns_everything() && error.to_string().contains(option), "{error}");
    }
    assert!(!format!("{good:?}").contains(APP_SECRET) && !format!("{good:?}").contains(FIRST_TOKEN));
}
