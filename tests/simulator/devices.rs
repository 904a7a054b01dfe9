//! Device codes: how their sign-ins end, by themselves and on the page.

use crate::login_client::{Login, assert_refused};
use crate::support::{Answer, claims, faults, form, post, read, text};
use cspdeck::simulator::{Faults, Options, SignIn};
use serde_json::json;
use std::time::Duration;

async fn start(change: impl FnOnce(&mut Faults)) -> Login {
    Login::with(Options { faults: faults(change), ..Options::default() }).await
}

#[tokio::test]
async fn a_sign_in_ends_by_itself_as_the_fault_says() {
    let without_mfa = start(|it| {
        it.sign_in_as = SignIn::NoMfa;
        it.pending_polls = Some(0);
    })
    .await;
    let (code, _) = without_mfa.device_code().await;
    let granted = without_mfa.poll(&code).await;
    assert_eq!(claims(&text(&granted, "access_token"))["amr"], json!(["pwd"]));
    assert!(granted.json()["refresh_token"].is_string());

    for (sign_in, error, code) in
        [(SignIn::Declined, "authorization_declined", 65_004), (SignIn::ExpiredCode, "expired_token", 70_020)]
    {
        let login = start(|it| {
            it.sign_in_as = sign_in;
            it.pending_polls = Some(1);
        })
        .await;
        let (device_code, _) = login.device_code().await;
        assert_refused(&login.poll(&device_code).await, 400, "authorization_pending", 70_016);
        for _ in 0..2 {
            assert_refused(&login.poll(&device_code).await, 400, error, code);
        }
    }
}

#[tokio::test]
async fn a_code_lives_as_long_as_the_answer_says() {
    let login = start(|it| it.device_life = Some(Duration::ZERO)).await;
    let (code, answer) = login.device_code().await;
    assert_eq!(answer.json()["expires_in"], 0);
    assert_refused(&login.poll(&code).await, 400, "expired_token", 70_020);

    login.simulator.set_faults(|it| it.device_life = Some(Duration::from_millis(60_500)));
    assert_eq!(login.device_code().await.1.json()["expires_in"], 61);
    login.simulator.set_faults(|it| it.device_life = None);
    assert_eq!(login.device_code().await.1.json()["expires_in"], 900);
}

#[tokio::test]
async fn hasty_polls_are_slowed_down_only_as_a_fault() {
    let login = start(|it| it.pending_polls = Some(1000)).await;
    let (code, _) = login.device_code().await;
    for _ in 0..5 {
        assert_refused(&login.poll(&code).await, 400, "authorization_pending", 70_016);
    }
    login.simulator.set_faults(|it| it.slow_down = true);
    // However slow the machine is, one of so many polls comes within a second of the one before.
    let mut slowed = false;
    for _ in 0..50 {
        slowed = slowed || login.poll(&code).await.json()["error"] == "slow_down";
    }
    assert!(slowed);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_refused(&login.poll(&code).await, 400, "authorization_pending", 70_016);
}

async fn page(login: &Login, query: &str) -> Answer {
    let url = format!("{}/devicelogin{query}", login.simulator.base_url());
    read(login.http.get(url).send().await.unwrap()).await
}

async fn choose(login: &Login, user_code: &str, sign_in_as: &str) -> Answer {
    let url = format!("{}/devicelogin", login.simulator.base_url());
    post(&login.http, &url, &[("user_code", user_code), ("sign_in_as", sign_in_as)]).await
}

#[tokio::test]
async fn with_the_page_polls_wait_for_the_person() {
    let login = Login::with(Options { sign_in_page: true, ..Options::default() }).await;
    let (code, answer) = login.device_code().await;
    let address = format!("{}/devicelogin", login.simulator.base_url());
    assert_eq!(text(&answer, "verification_uri"), address);
    assert!(text(&answer, "message").contains(&address));
    for _ in 0..5 {
        assert_refused(&login.poll(&code).await, 400, "authorization_pending", 70_016);
    }

    assert!(String::from_utf8_lossy(&page(&login, "").await.body).contains("name=\"user_code\""));
    let user_code = text(&answer, "user_code").to_lowercase();
    // As people type it.
    let typed = format!(" {}-{} ", &user_code[..4], &user_code[4..]);
    let buttons = page(&login, &format!("?{}", form(&[("user_code", &typed)]))).await;
    assert_eq!(buttons.status, 200);
    assert!(String::from_utf8_lossy(&buttons.body).contains("value=\"no-role\""));
    assert_refused(&login.poll(&code).await, 400, "authorization_pending", 70_016);

    assert_eq!(choose(&login, &typed, "nobody").await.status, 400);
    assert_eq!(choose(&login, &typed, "other-tenant").await.status, 200);
    let token = text(&login.poll(&code).await, "access_token");
    assert_eq!(login.calls_api(&token).await.json()["code"], 900_150);
    assert_refused(&login.poll(&code).await, 400, "bad_verification_code", 7_000_014);
    // A code that was used is none.
    assert_eq!(choose(&login, &typed, "admin").await.status, 400);
    assert_eq!(page(&login, "?user_code=WRONG1234").await.status, 400);
}

#[tokio::test]
async fn a_person_may_decline_on_the_page() {
    let login = Login::with(Options { sign_in_page: true, ..Options::default() }).await;
    let (code, answer) = login.device_code().await;
    assert_eq!(choose(&login, &text(&answer, "user_code"), "declined").await.status, 200);
    assert_refused(&login.poll(&code).await, 400, "authorization_declined", 65_004);
}
