//! The login: every grant, every error, and what the tokens are good for.

use crate::login_client::{AUDIENCE, Login, REDIRECT, USER_SCOPE, VERIFIER, assert_refused, query};
use crate::support::{Session, direct, form, post, read, refresh, text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cspdeck::simulator::{APP_ID, APP_SECRET, PARTNER_DOMAIN, REFRESH_TOKEN};
use serde_json::{Value, json};

#[tokio::test]
async fn a_refresh_token_gives_another_and_stays_valid_itself() {
    let login = Login::start().await;
    let fields = |token| [("grant_type", "refresh_token"), ("scope", USER_SCOPE), ("refresh_token", token)];
    let first = login.token("v2.0/token", &fields(REFRESH_TOKEN)).await;
    let rotated = text(&first, "refresh_token");
    assert_ne!(rotated, REFRESH_TOKEN);
    let second = login.token("v2.0/token", &fields(&rotated)).await;
    assert_ne!(text(&second, "refresh_token"), rotated);
    assert_eq!(login.token("v2.0/token", &fields(REFRESH_TOKEN)).await.status, 200);
    assert_eq!(second.json()["expires_in"], 3599);
    assert_eq!(login.calls_api(&text(&second, "access_token")).await.status, 200);

    // A token outlives the simulator that issued it.
    let later = Login::start().await;
    assert_eq!(later.token("v2.0/token", &fields(&rotated)).await.status, 200);

    let mut forged = rotated.clone();
    forged.pop();
    for wrong in [forged.as_str(), "1.AXoA", "nonsense"] {
        assert_refused(&login.token("v2.0/token", &fields(wrong)).await, 400, "invalid_grant", 70_000);
    }
    assert_eq!(login.simulator.requests().token, 6);
}

#[tokio::test]
async fn without_offline_access_there_is_no_refresh_token() {
    let login = Login::start().await;
    let scope = format!("{AUDIENCE}/.default");
    let fields =
        [("grant_type", "refresh_token"), ("scope", scope.as_str()), ("refresh_token", REFRESH_TOKEN)];
    let answer = login.token("v2.0/token", &fields).await;
    assert_eq!(answer.status, 200);
    assert!(answer.json().get("refresh_token").is_none());
}

#[tokio::test]
async fn the_older_form_takes_a_resource_and_writes_numbers_as_text() {
    let login = Login::start().await;
    let fields = [("grant_type", "refresh_token"), ("resource", AUDIENCE), ("refresh_token", REFRESH_TOKEN)];
    let answer = login.token("token", &fields).await;
    assert_eq!(text(&answer, "expires_in"), "3599");
    assert!(text(&answer, "expires_on").parse::<i64>().is_ok());
    assert_eq!(text(&answer, "resource"), AUDIENCE);
    assert_ne!(text(&answer, "refresh_token"), REFRESH_TOKEN);
    assert_eq!(login.calls_api(&text(&answer, "access_token")).await.status, 200);
}

#[tokio::test]
async fn an_authorization_code_works_once_and_with_its_verifier_only() {
    let login = Login::start().await;
    let redirected = query(&login.authorize(&[]).await);
    assert_eq!(redirected["state"], "a state/with+signs");
    fn fields<'a>(code: &'a str, verifier: &'a str, redirect: &'a str) -> [(&'a str, &'a str); 5] {
        [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("code_verifier", verifier),
            ("redirect_uri", redirect),
            ("scope", USER_SCOPE),
        ]
    }
    let code = redirected["code"].as_str();
    let answer = login.token("v2.0/token", &fields(code, VERIFIER, REDIRECT)).await;
    assert_eq!(login.calls_api(&text(&answer, "access_token")).await.status, 200);
    assert!(text(&answer, "refresh_token").starts_with("1.AXoA"));
    assert!(text(&answer, "id_token").starts_with("eyJ"));
    let again = login.token("v2.0/token", &fields(code, VERIFIER, REDIRECT)).await;
    assert_refused(&again, 400, "invalid_grant", 54_005);

    for (verifier, redirect, expected) in [
        ("another-verifier-that-is-long-enough-to-be-one", REDIRECT, 50_148),
        ("", REDIRECT, 50_148),
        (VERIFIER, "http://localhost:8401/callback", 500_112),
    ] {
        let code = login.code().await;
        let answer = login.token("v2.0/token", &fields(&code, verifier, redirect)).await;
        assert_refused(&answer, 400, "invalid_grant", expected);
    }
    let unknown = login.token("v2.0/token", &fields("1.AXoA-unknown", VERIFIER, REDIRECT)).await;
    assert_refused(&unknown, 400, "invalid_grant", 70_000);
}

#[tokio::test]
async fn a_wrong_sign_in_is_shown_or_sent_back() {
    let login = Login::start().await;
    for (change, code) in [
        (("client_id", "11111111-2222-3333-4444-555555555555"), "AADSTS700016"),
        (("redirect_uri", "https://evil.example/callback"), "AADSTS50011"),
        (("redirect_uri", ""), "AADSTS900144"),
    ] {
        let answer = login.authorize(&[change]).await;
        assert_eq!(answer.status, 400);
        assert!(String::from_utf8_lossy(&answer.body).contains(code), "{change:?}");
    }
    for change in [
        ("response_type", "token"),
        ("code_challenge", ""),
        ("code_challenge", "short"),
        ("code_challenge_method", "plain"),
        ("scope", "https://unknown.example/.default"),
        ("state", ""),
    ] {
        let sent_back = query(&login.authorize(&[change]).await);
        assert!(sent_back.contains_key("error") && !sent_back.contains_key("code"), "{change:?}");
    }
}

#[tokio::test]
async fn an_app_on_its_own_may_list_customers_but_not_see_profiles() {
    let login = Login::start().await;
    let scope = format!("{AUDIENCE}/.default");
    let fields = [("grant_type", "client_credentials"), ("scope", scope.as_str())];
    let answer = login.token("v2.0/token", &fields).await;
    assert!(answer.json().get("refresh_token").is_none());
    let token = text(&answer, "access_token");
    let refused = login.calls_api(&token).await;
    assert_eq!((refused.status.as_u16(), refused.json()["code"].as_u64()), (403, Some(900_329)));
    let url = format!("{}/v1/customers", login.simulator.base_url());
    let list = login.http.get(url).bearer_auth(&token).send().await.unwrap();
    assert_eq!(list.status(), 200);

    let fields = [("grant_type", "client_credentials"), ("scope", USER_SCOPE)];
    assert_refused(&login.token("v2.0/token", &fields).await, 400, "invalid_scope", 1_002_012);
}

#[tokio::test]
async fn a_device_code_is_pending_at_first_and_then_works_once() {
    let login = Login::start().await;
    let (device_code, start) = login.device_code().await;
    assert_eq!(text(&start, "user_code").len(), 9);
    assert_eq!(start.json()["interval"], 1);
    for _ in 0..2 {
        let pending = login.poll(&device_code).await;
        assert_refused(&pending, 400, "authorization_pending", 70_016);
    }
    let granted = login.poll(&device_code).await;
    assert_eq!(login.calls_api(&text(&granted, "access_token")).await.status, 200);
    assert!(granted.json()["refresh_token"].is_string());
    let again = login.poll(&device_code).await;
    assert_refused(&again, 400, "bad_verification_code", 7_000_014);
}

#[tokio::test]
async fn wrong_clients_and_requests_get_their_codes() {
    let login = Login::start().await;
    let good = [("grant_type", "refresh_token"), ("scope", USER_SCOPE), ("refresh_token", REFRESH_TOKEN)];
    for (change, status, error, code) in [
        (("client_id", "11111111-2222-3333-4444-555555555555"), 400, "unauthorized_client", 700_016),
        (("client_secret", "wrong"), 401, "invalid_client", 7_000_215),
        (("client_secret", ""), 401, "invalid_client", 7_000_218),
        (("grant_type", "password"), 400, "unsupported_grant_type", 70_003),
        (("grant_type", ""), 400, "invalid_request", 900_144),
        (("scope", "https://unknown.example/.default"), 400, "invalid_resource", 500_011),
        (("scope", "openid"), 400, "invalid_scope", 70_011),
        (
            ("scope", "https://graph.microsoft.com/.default https://vault.azure.net/.default"),
            400,
            "invalid_scope",
            70_011,
        ),
    ] {
        let fields = [&good[..], &[change]].concat();
        assert_refused(&login.token("v2.0/token", &fields).await, status, error, code);
    }
    for (tenant, status) in [(PARTNER_DOMAIN, 200), ("organizations", 200), ("contoso.onmicrosoft.com", 400)]
    {
        let url = format!("{}/{tenant}/oauth2/v2.0/token", login.simulator.base_url());
        let fields = [&good[..], &[("client_id", APP_ID), ("client_secret", APP_SECRET)]].concat();
        let answer = post(&login.http, &url, &fields).await;
        assert_eq!(answer.status.as_u16(), status, "{tenant}");
        if status == 400 {
            assert_refused(&answer, 400, "invalid_request", 90_002);
        }
    }
}

#[tokio::test]
async fn the_client_may_name_itself_in_a_header() {
    let login = Login::start().await;
    let body =
        form(&[("grant_type", "refresh_token"), ("scope", USER_SCOPE), ("refresh_token", REFRESH_TOKEN)]);
    for (secret, status) in [(APP_SECRET, 200), ("wrong%2Bsecret", 401)] {
        let credentials = STANDARD.encode(format!("{APP_ID}:{secret}"));
        let request = login.http.post(login.url("v2.0/token")).body(body.clone());
        let answer = request.header("authorization", format!("Basic {credentials}")).send().await;
        assert_eq!(answer.unwrap().status().as_u16(), status);
    }
}

#[tokio::test]
async fn tokens_are_good_for_their_audience_only() {
    let Session { simulator, http, .. } = direct(1).await;
    let own = format!("{}/.default", simulator.base_url());
    for (scope, status, code) in [
        ("https://api.partnercenter.microsoft.com/.default", 200, Value::Null),
        (own.as_str(), 200, Value::Null),
        ("fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd/.default", 200, Value::Null),
        ("https://graph.microsoft.com/.default", 401, json!(900_420)),
        ("https://api.partner.microsoft.com/.default", 401, json!(900_420)),
    ] {
        let token = text(&refresh(&http, &simulator.base_url(), scope).await, "access_token");
        let url = format!("{}/v1/customers", simulator.base_url());
        let answer = read(http.get(url).bearer_auth(token).send().await.unwrap()).await;
        assert_eq!(answer.status.as_u16(), status, "{scope}");
        assert_eq!(answer.json()["code"], code, "{scope}");
    }
}

#[tokio::test]
async fn calls_without_a_token_or_with_a_made_up_one_answer_401() {
    let login = Login::start().await;
    let url = format!("{}/v1/customers", login.simulator.base_url());
    let without = read(login.http.get(&url).send().await.unwrap()).await;
    assert_eq!(without.status, 401);
    assert!(without.body.is_empty() && without.header("www-authenticate").is_some());
    let foreign = read(login.http.get(&url).bearer_auth("eyJ.made.up").send().await.unwrap()).await;
    assert_eq!(foreign.status, 401);
    assert!(foreign.header("content-type").unwrap().starts_with("text/html"));
}
