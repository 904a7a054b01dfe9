//! Sign-in: rotation, renewal, refusal.

use cspdeck::domain::token::MFA_MISSING;
use cspdeck::partner_center::{NotKept, TokenKeeper};

use super::*;

fn refusal(error: &str, code: u32) -> Reply {
    let body = format!(
        r#"{{"error":"{error}","error_description":"AADSTS{code}: told {APP_SECRET} and {FIRST_TOKEN}\u001b[2J","error_codes":[{code}],
            "trace_id":"trace-1","correlation_id":"corr-1"}}"#
    );
    reply("400 Bad Request", &[("Content-Type", "application/json")], body)
}

#[tokio::test]
async fn the_exchange_is_what_microsoft_documents() {
    let server = signed_in(|_, _| ok("[]")).await;
    client(&server).subscriptions(&customer()).await.unwrap();
    let asked = &server.asked("oauth2")[0];
    assert!(asked.head.starts_with("POST /acme.example/oauth2/v2.0/token HTTP/1.1"), "{}", asked.head);
    assert_eq!(asked.header("Authorization"), None);
    let form: std::collections::HashMap<_, _> =
        url::form_urlencoded::parse(asked.body.as_bytes()).into_owned().collect();
    let scope = format!("{}/.default offline_access", server.url);
    for (key, value) in [
        ("grant_type", "refresh_token"),
        ("refresh_token", FIRST_TOKEN),
        ("client_id", "app"),
        ("client_secret", APP_SECRET),
        ("scope", &scope),
    ] {
        assert_eq!(form.get(key).map(String::as_str), Some(value), "{key}");
    }
}

#[tokio::test]
async fn the_rotated_token_is_kept_before_the_new_one_is_used() {
    let server =
        Arc::new(signed_in(|n, _| if n == 0 { reply("401 Unauthorized", &[], "") } else { ok("[]") }).await);
    let kept = Kept::default();
    let keep: KeepToken = Arc::new({
        let (kept, server) = (Arc::clone(&kept), Arc::clone(&server));
        move |token: &SecretString| {
            let used = server.asked("/v1/").len();
            kept.lock().unwrap().push(format!("{} after {used} requests", token.expose_secret()));
            Ok(())
        }
    });
    let client = PartnerCenter::new(options(&server.url), keep).unwrap();
    client.subscriptions(&customer()).await.unwrap();
    let kept = kept.lock().unwrap().clone();
    assert_eq!(kept, ["refresh-token-1 after 0 requests", "refresh-token-2 after 1 requests"]);
    let logins = server.asked("oauth2");
    assert!(logins[0].body.contains("refresh-token-0") && logins[1].body.contains("refresh-token-1"));
    let bearers: Vec<_> =
        server.asked("/v1/").iter().map(|a| a.header("Authorization").unwrap().to_owned()).collect();
    assert_eq!(bearers, ["Bearer access-1", "Bearer access-2"]);
}

#[tokio::test]
async fn a_token_that_cannot_be_kept_is_not_used() {
    let server = signed_in(|_, _| ok("[]")).await;
    let refusals = Mutex::new(1);
    let keep: KeepToken = Arc::new(move |token: &SecretString| {
        let mut refusals = refusals.lock().unwrap();
        *refusals -= 1;
        if *refusals >= 0 { Err(format!("disk full for {}", token.expose_secret())) } else { Ok(()) }
    });
    let client = PartnerCenter::new(options(&server.url), keep).unwrap();
    let error = client.subscriptions(&customer()).await.unwrap_err();
    assert_clean(&error);
    assert_eq!(error.kind(), ErrorKind::TokenNotKept);
    assert!(error.concerns_everything() && error.to_string().contains("disk full"), "{error}");
    assert_eq!(server.asked("/v1/").len(), 0);

    client.subscriptions(&customer()).await.unwrap();
    assert!(server.asked("oauth2")[1].body.contains("refresh-token-0"), "the old one stays in use");
}

#[tokio::test]
async fn a_keeper_that_panics_is_an_error() {
    let server = signed_in(|_, _| ok("[]")).await;
    let client =
        PartnerCenter::new(options(&server.url), Arc::new(|_: &SecretString| panic!("store is gone")))
            .unwrap();
    assert_eq!(client.subscriptions(&customer()).await.unwrap_err().kind(), ErrorKind::TokenNotKept);
}

#[tokio::test]
async fn a_token_refused_twice_ends_the_call() {
    let server =
        signed_in(|_, _| reply("401 Unauthorized", &[], r#"{"code":900420,"description":"bad access-2"}"#))
            .await;
    let client = client(&server);
    let error = client.subscriptions(&customer()).await.unwrap_err();
    assert_clean(&error);
    assert_eq!((error.kind(), error.concerns_everything()), (ErrorKind::NotSignedIn, true));
    assert_eq!((client.requests_made(), server.asked("oauth2").len()), (2, 2));
}

/// A keeper that remembers what was refused.
#[derive(Default)]
struct Refusals(Mutex<Vec<String>>);

impl TokenKeeper for Refusals {
    fn keep(&self, _: &SecretString, _: bool) -> Result<(), NotKept> {
        Ok(())
    }

    fn refused(&self, code: &str) {
        self.0.lock().unwrap().push(code.to_owned());
    }
}

#[tokio::test]
async fn a_token_without_mfa_ends_the_call_at_once_and_is_told() {
    for status in ["401 Unauthorized", "403 Forbidden"] {
        let server =
            signed_in(move |_, _| reply(status, &[], r#"{"code":900421,"description":"MFA required"}"#))
                .await;
        let refusals = Arc::new(Refusals::default());
        let client = PartnerCenter::new(options(&server.url), Arc::clone(&refusals) as KeepToken).unwrap();
        let error = client.subscriptions(&customer()).await.unwrap_err();
        assert_clean(&error);
        assert_eq!((error.kind(), error.concerns_everything()), (ErrorKind::MfaMissing, true));
        assert_eq!((client.requests_made(), server.asked("oauth2").len()), (1, 1));
        assert_eq!(*refusals.0.lock().unwrap(), [MFA_MISSING]);
    }
}

#[tokio::test]
async fn the_verdict_beside_a_success_is_told_too() {
    for (verdict, told) in [("false", 1), ("true", 0), ("perhaps", 0)] {
        let server =
            signed_in(move |_, _| reply("200 OK", &[("isMfaCompliant", verdict)], r#"{"id":"t"}"#)).await;
        let refusals = Arc::new(Refusals::default());
        let client = PartnerCenter::new(options(&server.url), Arc::clone(&refusals) as KeepToken).unwrap();
        client.organization().await.unwrap();
        assert_eq!(refusals.0.lock().unwrap().len(), told, "{verdict}");
    }
}

#[tokio::test]
async fn many_callers_share_one_exchange() {
    let server = signed_in(|_, asked| {
        let is_stale = asked.header("Authorization") == Some("Bearer access-1");
        if is_stale { reply("401 Unauthorized", &[], "") } else { ok("[]") }
    })
    .await;
    let client = client(&server);
    let id = customer();
    futures_util::future::try_join_all((0..16).map(|_| client.subscriptions(&id))).await.unwrap();
    assert_eq!(server.asked("oauth2").len(), 2, "one to begin with, one after the token was refused");
}

#[tokio::test]
async fn a_refused_sign_in_is_explained_and_not_repeated() {
    let server = Server::start(|_, _| refusal("invalid_grant", 700_082)).await;
    let client = client(&server);
    let id = customer();
    let results = futures_util::future::join_all((0..8).map(|_| client.subscriptions(&id))).await;
    for result in results {
        let error = result.unwrap_err();
        assert_clean(&error);
        assert_eq!((error.kind(), error.concerns_everything()), (ErrorKind::TokenRejected, true));
        let text = error.to_string();
        for part in ["90 days", "AADSTS700082", "invalid_grant", "Redo the consent", "trace-1", "corr-1"] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
    assert_eq!(
        (server.asked("oauth2").len(), client.requests_made()),
        (1, 0),
        "who waited gets the same answer"
    );
}

#[tokio::test]
async fn an_unknown_refusal_shows_microsofts_words_without_secrets() {
    let server = Server::start(|_, _| refusal("invalid_grant", 123)).await;
    let error = client(&server).subscriptions(&customer()).await.unwrap_err();
    assert_clean(&error);
    assert!(error.to_string().contains("told … and …?[2J"), "{error}");
}

#[tokio::test]
async fn odd_answers_of_the_login_are_errors_of_the_sign_in() {
    for (answer, kind, exchanges) in [
        (ok(r#"{"token_type":"Bearer","refresh_token":"refresh-token-1"}"#), ErrorKind::BadBody, 1),
        (ok(r#"{"access_token":"access-1\r\nX: y"}"#), ErrorKind::BadBody, 1),
        (ok("<html><title>Portal</title> access-1"), ErrorKind::BadBody, 1),
        (ok(r#"{"access_token":"access-1","#), ErrorKind::CutShort, 2),
        (reply("404 Not Found", &[], "<html><title>Nobody</title>"), ErrorKind::BadBody, 1),
        (reply("302 Found", &[("Location", "http://evil.example")], ""), ErrorKind::Redirected, 1),
        (reply("503 Service Unavailable", &[], ""), ErrorKind::ServerError, 2),
        (reply("400 Bad Request", &[], r#"{"error":"temporarily_unavailable"}"#), ErrorKind::ServerError, 2),
    ] {
        let server = Server::start(move |_, _| answer.clone()).await;
        let client =
            PartnerCenter::new(Options { max_attempts: 2, ..options(&server.url) }, keeper().0).unwrap();
        let error = client.subscriptions(&customer()).await.unwrap_err();
        assert_clean(&error);
        assert_eq!((error.kind(), error.concerns_everything()), (kind, true), "{error}");
        assert_eq!((server.asked("oauth2").len(), server.asked("/v1/").len()), (exchanges, 0), "{error}");
    }
}

#[tokio::test]
async fn a_cancelled_caller_does_not_lose_the_rotated_token() {
    let server = Server::start(|n, asked| {
        if asked.path.contains("oauth2") {
            std::thread::sleep(Duration::from_millis(150));
            token(n)
        } else {
            ok("[]")
        }
    })
    .await;
    let (keep, kept) = keeper();
    let client = PartnerCenter::new(options(&server.url), keep).unwrap();
    let cancelled = tokio::time::timeout(Duration::from_millis(30), client.subscriptions(&customer())).await;
    assert!(cancelled.is_err());
    client.subscriptions(&customer()).await.unwrap();
    assert_eq!(
        (kept.lock().unwrap().clone(), server.asked("oauth2").len()),
        (vec!["refresh-token-1".to_owned()], 1)
    );
}
