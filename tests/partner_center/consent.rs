//! The consent: against the simulator, and against logins that answer oddly.

use cspdeck::partner_center::Timeouts;
use cspdeck::partner_center::consent::{Consent, ConsentOptions, Grant, Loopback, Page, RedirectError};
use cspdeck::simulator::{APP_ID, APP_SECRET as SIMULATED_SECRET, Faults, PARTNER_DOMAIN, PARTNER_TENANT};

use super::*;
use crate::server::raw;
use crate::simulator::start;

const REDIRECT: &str = "http://localhost:8400";

fn consent_options(login: &str) -> ConsentOptions {
    ConsentOptions {
        login: login.parse().unwrap(),
        partner_center: "https://api.partnercenter.microsoft.com".parse().unwrap(),
        tenant: "acme.example".to_owned(),
        client_id: "app".to_owned(),
        client_secret: SecretString::from(APP_SECRET),
        redirect_uri: REDIRECT.to_owned(),
        registered_uri: REDIRECT.to_owned(),
        timeouts: Timeouts {
            connect: Duration::from_secs(5),
            read: Duration::from_secs(5),
            request: Duration::from_secs(10),
        },
        max_attempts: 3,
    }
}

fn simulated(login: &str) -> ConsentOptions {
    ConsentOptions {
        tenant: PARTNER_TENANT.to_owned(),
        client_id: APP_ID.to_owned(),
        client_secret: SecretString::from(SIMULATED_SECRET),
        ..consent_options(login)
    }
}

/// Where the simulator's sign-in page sends the browser.
async fn browse(address: &str) -> String {
    let browser = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    let answer = browser.build().unwrap().get(address).send().await.unwrap();
    assert_eq!(answer.status(), 302);
    answer.headers()["location"].to_str().unwrap().to_owned()
}

fn state(consent: &Consent) -> String {
    let address: url::Url = consent.address().parse().unwrap();
    address.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
}

/// Redeems a code at a login that always answers so; how often it was asked.
async fn redeemed(answer: Reply) -> (Result<Grant, ApiError>, usize) {
    let server = Server::start(move |_, _| answer.clone()).await;
    let consent = Consent::begin(consent_options(&server.url)).unwrap();
    let code = consent.read_redirect(&format!("code=the-code&state={}", state(&consent))).unwrap();
    let outcome = consent.redeem(&code).await;
    if let Err(error) = &outcome {
        assert_clean(error);
        assert!(!format!("{error} {error:?}").contains("the-code"), "{error:?}");
    }
    (outcome, server.asked("token").len())
}

fn refusal(error: &str, code: u32) -> Reply {
    let body = format!(
        r#"{{"error":"{error}","error_description":"AADSTS{code}: of {APP_SECRET} and the-code","error_codes":[{code}],"trace_id":"trace-1"}}"#
    );
    reply("400 Bad Request", &[], body)
}

#[test]
fn the_address_is_what_microsoft_documents_and_short() {
    let options = ConsentOptions {
        client_id: APP_ID.to_owned(),
        ..consent_options("https://login.microsoftonline.com")
    };
    let consent = Consent::begin(options.clone()).unwrap();
    let address = consent.address();
    assert!(address.starts_with("https://login.microsoftonline.com/acme.example/oauth2/v2.0/authorize?"));
    let url: url::Url = address.parse().unwrap();
    let pairs: std::collections::HashMap<_, _> = url.query_pairs().into_owned().collect();
    for (name, value) in [
        ("client_id", APP_ID),
        ("response_type", "code"),
        ("response_mode", "query"),
        ("redirect_uri", REDIRECT),
        ("scope", "https://api.partnercenter.microsoft.com/user_impersonation offline_access"),
        ("code_challenge_method", "S256"),
        ("prompt", "login"),
    ] {
        assert_eq!(pairs.get(name).map(String::as_str), Some(value), "{name}");
    }
    assert_eq!((pairs["state"].len(), pairs["code_challenge"].len(), pairs.len()), (22, 43, 9));
    assert!(address.len() < 450, "{} bytes", address.len());
    let other = Consent::begin(options).unwrap();
    assert_ne!(state(&consent), state(&other));
    assert!(!format!("{consent:?}").contains(&state(&consent)));
}

#[test]
fn what_cannot_end_in_a_consent_is_refused_at_once() {
    let good = consent_options("https://login.example");
    for redirect_uri in [
        "",
        "localhost",
        "http://acme.example",
        "ftp://localhost",
        "http://localhost/?x=1",
        "http://a:b@localhost",
    ] {
        let bad = ConsentOptions { redirect_uri: redirect_uri.to_owned(), ..good.clone() };
        let error = Consent::begin(bad).unwrap_err();
        assert!(error.to_string().contains("redirect address"), "{redirect_uri}: {error}");
    }
    for redirect_uri in ["http://localhost", "http://127.0.0.1:1/x", "https://acme.example/signed-in"] {
        assert!(
            Consent::begin(ConsentOptions { redirect_uri: redirect_uri.to_owned(), ..good.clone() }).is_ok()
        );
    }
    for bad in [
        ConsentOptions { tenant: "a/b".to_owned(), ..good.clone() },
        ConsentOptions { client_id: " ".to_owned(), ..good.clone() },
        ConsentOptions { client_secret: SecretString::from(""), ..good.clone() },
        ConsentOptions { login: "http://login.example".parse().unwrap(), ..good.clone() },
        ConsentOptions { timeouts: Timeouts { read: Duration::ZERO, ..good.timeouts }, ..good.clone() },
        ConsentOptions { max_attempts: 0, ..good.clone() },
    ] {
        assert_eq!(Consent::begin(bad).unwrap_err().kind(), ErrorKind::BadOption);
    }
    assert!(!format!("{good:?}").contains(APP_SECRET));
}

#[tokio::test]
async fn a_consent_is_given_through_the_listener() {
    let (simulator, _) = start(1, Faults::default()).await;
    let mut loopback = Loopback::bind(0, "/").await.unwrap();
    let redirect_uri = format!("http://localhost:{}", loopback.port());
    let consent =
        Consent::begin(ConsentOptions { redirect_uri, ..simulated(&simulator.base_url()) }).unwrap();
    let target = browse(consent.address()).await;
    let browser = tokio::spawn(async move {
        let browser = reqwest::Client::builder().no_proxy().build().unwrap();
        browser.get(target).send().await.unwrap().text().await.unwrap()
    });
    let arrived = loopback.next().await;
    let code = consent.read_redirect(&arrived.query).unwrap();
    let grant = consent.redeem(&code).await.unwrap();
    arrived.reply.answer(Page::done(grant.claims.user.as_deref())).await;
    drop(loopback);
    let user = format!("admin@{PARTNER_DOMAIN}");
    assert!(browser.await.unwrap().contains(&user));

    let claims = &grant.claims;
    assert_eq!((claims.mfa, claims.user.as_deref()), (Some(true), Some(user.as_str())));
    assert_eq!((claims.tenant.as_deref(), claims.app_id.as_deref()), (Some(PARTNER_TENANT), Some(APP_ID)));
    assert_eq!(claims.scopes, ["user_impersonation"]);
    assert_eq!(grant.life, Some(Duration::from_secs(3599)));
    assert!(!format!("{grant:?}").contains(grant.refresh_token.expose_secret()));
    let options = Options {
        tenant: PARTNER_TENANT.to_owned(),
        client_id: APP_ID.to_owned(),
        client_secret: SecretString::from(SIMULATED_SECRET),
        refresh_token: grant.refresh_token,
        ..options(&simulator.base_url())
    };
    PartnerCenter::new(options, keeper().0).unwrap().organization().await.unwrap();

    let again = consent.redeem(&code).await.unwrap_err();
    assert!(again.to_string().contains("used before") && again.to_string().contains("54005"), "{again}");
}

#[tokio::test]
async fn an_answer_to_another_attempt_is_not_taken() {
    let (simulator, _) = start(1, Faults::default()).await;
    let first = Consent::begin(simulated(&simulator.base_url())).unwrap();
    let second = Consent::begin(simulated(&simulator.base_url())).unwrap();
    let target = browse(first.address()).await;
    assert_eq!(second.read_redirect(&target).unwrap_err(), RedirectError::WrongState);
    // Even with the right state, the code of another attempt lacks its proof.
    let forged = target.replace(&state(&first), &state(&second));
    let error = second.redeem(&second.read_redirect(&forged).unwrap()).await.unwrap_err();
    assert!(error.to_string().contains("PKCE"), "{error}");
}

#[tokio::test]
async fn the_exchange_of_a_code_is_what_microsoft_documents() {
    let server = Server::start(|n, _| token(n)).await;
    let consent = Consent::begin(consent_options(&server.url)).unwrap();
    let code = consent.read_redirect(&format!("code=a%2Fb&state={}", state(&consent))).unwrap();
    let grant = consent.redeem(&code).await.unwrap();
    assert_eq!(grant.refresh_token.expose_secret(), "refresh-token-1");
    assert_eq!((grant.claims.mfa, grant.claims.user), (None, None), "an opaque token tells nothing");
    let asked = &server.asked("oauth2")[0];
    assert!(asked.head.starts_with("POST /acme.example/oauth2/v2.0/token HTTP/1.1"), "{}", asked.head);
    assert_eq!(asked.header("Content-Type"), Some("application/x-www-form-urlencoded"));
    let form: std::collections::HashMap<_, _> =
        url::form_urlencoded::parse(asked.body.as_bytes()).into_owned().collect();
    for (key, value) in [
        ("grant_type", "authorization_code"),
        ("code", "a/b"),
        ("client_id", "app"),
        ("client_secret", APP_SECRET),
        ("redirect_uri", REDIRECT),
        ("scope", "https://api.partnercenter.microsoft.com/user_impersonation offline_access"),
    ] {
        assert_eq!(form.get(key).map(String::as_str), Some(value), "{key}");
    }
    assert!(form["code_verifier"].len() >= 43);
}

#[tokio::test]
async fn a_code_is_sent_again_only_where_it_is_surely_unspent() {
    for (answer, kind, asked) in [
        (reply("503 Service Unavailable", &[], ""), ErrorKind::ServerError, 3),
        (reply("429 Too Many Requests", &[], ""), ErrorKind::ServerError, 3),
        (reply("429 Too Many Requests", &[("Retry-After", "300")], ""), ErrorKind::ServerError, 1),
        (reply("400 Bad Request", &[], r#"{"error":"temporarily_unavailable"}"#), ErrorKind::ServerError, 3),
        (reply("500 Oops", &[], "<html>"), ErrorKind::CodeSpent, 1),
        (reply("504 Gateway Timeout", &[], ""), ErrorKind::CodeSpent, 1),
        (token(0).cut_by(20), ErrorKind::CodeSpent, 1),
        (ok(r#"{"access_token":"access-1","#), ErrorKind::CodeSpent, 1),
        (raw(""), ErrorKind::CodeSpent, 1),
        (ok("<html><title>Portal</title>access-1"), ErrorKind::BadBody, 1),
        (reply("302 Found", &[("Location", "http://evil.example")], ""), ErrorKind::Redirected, 1),
        (ok(r#"{"access_token":"access-1"}"#), ErrorKind::NoRefreshToken, 1),
        (refusal("invalid_grant", 70_008), ErrorKind::TokenRejected, 1),
    ] {
        let (outcome, count) = redeemed(answer).await;
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), count), (kind, asked), "{error}");
        if matches!(kind, ErrorKind::CodeSpent | ErrorKind::NoRefreshToken) {
            assert!(error.to_string().contains("start the consent again"), "{error}");
        }
    }
    let nobody = Consent::begin(consent_options("http://127.0.0.1:1")).unwrap();
    let code = nobody.read_redirect(&format!("code=c&state={}", state(&nobody))).unwrap();
    assert_eq!(nobody.redeem(&code).await.unwrap_err().kind(), ErrorKind::NetworkDown);
}

#[tokio::test]
async fn refusals_fit_a_consent_that_is_under_way() {
    for (error, code, parts) in [
        ("invalid_grant", 54_005, ["works once", "Start the consent again"]),
        ("invalid_grant", 70_008, ["has expired", "Start the consent again"]),
        ("invalid_grant", 50_148, ["PKCE", "newest address"]),
        ("invalid_grant", 500_112, ["another redirect address", REDIRECT]),
        ("invalid_request", 50_011, ["not registered", REDIRECT]),
        ("invalid_client", 7_000_215, ["secret is wrong", "value, not its id"]),
        ("invalid_client", 700_025, ["public client", "Web"]),
        ("invalid_grant", 123, ["AADSTS123: of … and …", "Start the consent again"]),
    ] {
        let (outcome, _) = redeemed(refusal(error, code)).await;
        let text = outcome.unwrap_err().to_string();
        assert!(parts.iter().all(|part| text.contains(part)), "{parts:?} in {text}");
        assert!(!text.contains("edo the consent") && text.contains("trace-1"), "{text}");
    }
}

fn device(interval: u32, expires_in: u32) -> Reply {
    ok(format!(
        r#"{{"user_code":"ABCD-EFGH","device_code":"the-code","verification_uri":"https://microsoft.com/devicelogin","expires_in":{expires_in},"interval":{interval}}}"#
    ))
}

/// A login whose device code lives so long, and whose token endpoint answers in this order, the last for ever.
async fn device_login(expires_in: u32, answers: Vec<Reply>) -> (Server, Consent) {
    let server = Server::start(move |n, asked| {
        if asked.path.ends_with("/devicecode") {
            device(1, expires_in)
        } else {
            answers[n.min(answers.len() - 1)].clone()
        }
    })
    .await;
    let consent = Consent::begin(consent_options(&server.url)).unwrap();
    (server, consent)
}

#[tokio::test]
async fn a_consent_is_given_by_a_device_code() {
    let (simulator, _) = start(1, Faults::default()).await;
    let consent = Consent::begin(simulated(&simulator.base_url())).unwrap();
    let code = consent.device_code().await.unwrap();
    assert_eq!((code.user_code.len(), code.expires_in.as_secs()), (9, 900));
    assert_eq!(code.verification_uri, "https://microsoft.com/devicelogin");
    assert!(code.message.contains(&code.user_code));
    let grant = consent.wait_for_device(&code).await.unwrap();
    assert_eq!((grant.claims.mfa, grant.claims.tenant.as_deref()), (Some(true), Some(PARTNER_TENANT)));
}

#[tokio::test]
async fn a_device_code_is_asked_for_through_faults() {
    let answers = vec![
        refusal("authorization_pending", 70_016),
        raw(""),
        refusal("invalid_client", 700_025),
        reply("503 Service Unavailable", &[], ""),
        token(0),
    ];
    let (server, consent) = device_login(900, answers).await;
    let code = consent.device_code().await.unwrap();
    assert!(code.message.contains("ABCD-EFGH") && code.message.contains("https://microsoft.com/devicelogin"));
    let grant = consent.wait_for_device(&code).await.unwrap();
    assert_eq!(grant.refresh_token.expose_secret(), "refresh-token-1");
    let begun = &server.asked("devicecode")[0].body;
    assert!(begun.contains("scope=") && !begun.contains("client_secret"), "{begun}");
    let secrets: Vec<_> =
        server.asked("token").iter().map(|asked| asked.body.contains("client_secret")).collect();
    assert_eq!(secrets, [true, true, true, false, false], "a public client has no secret");
}

#[tokio::test]
async fn a_device_code_ends_in_one_way_or_another() {
    for (expires_in, answer, kind, part) in [
        (900, refusal("authorization_declined", 0), ErrorKind::TokenRejected, "declined"),
        (900, refusal("expired_token", 70_020), ErrorKind::TokenRejected, "within the time"),
        (900, refusal("bad_verification_code", 7_000_014), ErrorKind::TokenRejected, "not known"),
        (900, ok("<html>"), ErrorKind::BadBody, "can't be read"),
        (2, refusal("authorization_pending", 70_016), ErrorKind::TokenRejected, "within the time"),
        (2, reply("502 Bad Gateway", &[], ""), ErrorKind::ServerError, "502"),
    ] {
        let (_server, consent) = device_login(expires_in, vec![answer]).await;
        let code = consent.device_code().await.unwrap();
        let error = consent.wait_for_device(&code).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(part) && !format!("{error:?}").contains("the-code"), "{error}");
    }
    let unable = Server::start(|_, _| refusal("invalid_request", 90_002)).await;
    let error = Consent::begin(consent_options(&unable.url)).unwrap().device_code().await.unwrap_err();
    assert_clean(&error);
    assert!(error.to_string().contains("tenant was not found"), "{error}");
}

#[tokio::test]
async fn a_wait_that_was_dropped_loses_no_answer() {
    let server = Server::start(|_, asked| {
        if asked.path.ends_with("/devicecode") {
            device(1, 900)
        } else {
            std::thread::sleep(Duration::from_millis(600));
            token(0)
        }
    })
    .await;
    let consent = Consent::begin(consent_options(&server.url)).unwrap();
    let code = consent.device_code().await.unwrap();
    while server.asked("token").is_empty() {
        let dropped = tokio::time::timeout(Duration::from_millis(50), consent.wait_for_device(&code)).await;
        assert!(dropped.is_err());
    }
    assert_eq!(
        consent.wait_for_device(&code).await.unwrap().refresh_token.expose_secret(),
        "refresh-token-1"
    );
    assert_eq!(server.asked("token").len(), 1);
}
