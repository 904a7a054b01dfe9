//! How a sign-in ends: by the page, by the fault, and what the tokens are good for then.

use crate::login_client::{AUDIENCE, Login, USER_SCOPE, assert_refused, query};
use crate::support::{Answer, claims, faults, read, text};
use cspdeck::simulator::{
    Faults, OTHER_DOMAIN, OTHER_TENANT, Options, PARTNER_DOMAIN, PARTNER_TENANT, REFRESH_TOKEN, SignIn,
};
use serde_json::json;
use std::time::Duration;

async fn as_user(sign_in: SignIn) -> Login {
    Login::with(Options { faults: faults(|it| it.sign_in_as = sign_in), ..Options::default() }).await
}

async fn ask(login: &Login, path: &str, token: &str) -> Answer {
    let url = format!("{}{path}", login.simulator.base_url());
    let request = login.http.get(url).bearer_auth(token).header("validatemfa", "true");
    read(request.send().await.unwrap()).await
}

#[tokio::test]
async fn every_user_is_told_apart_by_token_and_by_answer() {
    let admin = format!("admin@{PARTNER_DOMAIN}");
    let trainee = format!("trainee@{PARTNER_DOMAIN}");
    let stranger = format!("admin@{OTHER_DOMAIN}");
    let mfa = json!(["pwd", "mfa"]);
    for (sign_in, amr, upn, tenant, status, code, compliant) in [
        (SignIn::Admin, &mfa, &admin, PARTNER_TENANT, 200, json!(null), "true"),
        (SignIn::NoMfa, &json!(["pwd"]), &admin, PARTNER_TENANT, 401, json!(900_421), "false"),
        (SignIn::NoRole, &mfa, &trainee, PARTNER_TENANT, 403, json!(900_308), "true"),
        (SignIn::OtherTenant, &mfa, &stranger, OTHER_TENANT, 403, json!(900_150), "true"),
    ] {
        let login = as_user(sign_in).await;
        let granted = login.redeem(&login.code().await).await;
        // What was granted without MFA stays so, in another simulator too.
        let later = Login::start().await;
        let refreshed = later.refresh(&text(&granted, "refresh_token"), USER_SCOPE).await;
        let again = later.refresh(&text(&refreshed, "refresh_token"), USER_SCOPE).await;
        for (login, answer) in [(&login, &granted), (&later, &refreshed), (&later, &again)] {
            let token = text(answer, "access_token");
            let claims = claims(&token);
            assert_eq!(&claims["amr"], amr, "{sign_in:?}");
            assert_eq!((claims["upn"].as_str(), claims["tid"].as_str()), (Some(upn.as_str()), Some(tenant)));
            for path in ["/v1/profiles/organization", "/v1/profiles/mpn", "/v1/customers"] {
                let answer = ask(login, path, &token).await;
                assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (status, &code), "{path}");
                assert_eq!(answer.header("ismfacompliant"), Some(compliant), "{sign_in:?}");
            }
        }
        assert_eq!(claims_of_id_token(&granted), upn.as_str());
    }
}

fn claims_of_id_token(answer: &Answer) -> String {
    claims(&text(answer, "id_token"))["upn"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn prices_are_for_the_admin_with_mfa_only() {
    for (sign_in, status) in
        [(SignIn::Admin, 200), (SignIn::NoMfa, 401), (SignIn::NoRole, 400), (SignIn::OtherTenant, 400)]
    {
        let login = as_user(sign_in).await;
        let granted = login.redeem(&login.code().await).await;
        let scope = "https://api.partner.microsoft.com/.default";
        let token = text(&login.refresh(&text(&granted, "refresh_token"), scope).await, "access_token");
        let path = "/v1.0/sales/pricesheets(Market='US',PricesheetView='software')/$value";
        let url = format!("{}{path}", login.simulator.base_url());
        let request = login.http.get(url).bearer_auth(token);
        let request = request.header("client-request-id", "11111111-2222-4333-8444-555555555555");
        assert_eq!(request.send().await.unwrap().status().as_u16(), status, "{sign_in:?}");
    }
}

#[tokio::test]
async fn a_declined_consent_and_an_expired_code_end_as_at_microsoft() {
    let login = as_user(SignIn::Declined).await;
    let declined = query(&login.authorize(&[]).await);
    assert_eq!(declined["error"], "access_denied");
    assert!(declined["error_description"].starts_with("AADSTS65004: "), "{declined:?}");
    assert_eq!(declined["state"], "a state/with+signs");
    assert!(!declined.contains_key("code"));

    let login = as_user(SignIn::ExpiredCode).await;
    let code = login.code().await;
    assert_refused(&login.redeem(&code).await, 400, "invalid_grant", 70_008);

    // The same comes of a code that lives too shortly.
    let login = Login::with(Options {
        faults: faults(|it| it.code_life = Some(Duration::ZERO)),
        ..Options::default()
    })
    .await;
    let code = login.code().await;
    assert_refused(&login.redeem(&code).await, 400, "invalid_grant", 70_008);
}

#[tokio::test]
async fn the_page_offers_every_end_and_each_button_leads_to_it() {
    let login = Login::with(Options { sign_in_page: true, ..Options::default() }).await;
    let hostile = "\"><script>&'";
    let page = login.authorize(&[("state", hostile)]).await;
    assert_eq!(page.status, 200);
    let page = String::from_utf8(page.body).unwrap();
    assert!(!page.contains("<script") && page.contains("&quot;&gt;&lt;script&gt;&amp;&#39;"), "{page}");

    for name in ["admin", "no-mfa", "no-role", "other-tenant", "declined", "expired-code"] {
        assert!(page.contains(&format!("<button name=\"sign_in_as\" value=\"{name}\">")), "{name}");
        let back = query(&login.authorize(&[("sign_in_as", name), ("state", hostile)]).await);
        assert_eq!(back["state"], hostile);
        match name {
            "declined" => assert_eq!(back["error"], "access_denied"),
            "expired-code" => {
                assert_refused(&login.redeem(&back["code"]).await, 400, "invalid_grant", 70_008);
            }
            _ => {
                let token = text(&login.redeem(&back["code"]).await, "access_token");
                let works = name == "admin";
                assert_eq!(login.calls_api(&token).await.status == 200, works, "{name}");
            }
        }
    }
    // The page's own form holds all that it must send again.
    let fields = hidden_fields(&page);
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let back = login.authorize(&[&fields[..], &[("sign_in_as", "admin")]].concat()).await;
    assert!(query(&back).contains_key("code"));
}

fn hidden_fields(page: &str) -> Vec<(String, String)> {
    let inputs = page.split("<input type=\"hidden\" name=\"").skip(1);
    let plain = |text: &str| {
        text.replace("&quot;", "\"")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&#39;", "'")
            .replace("&amp;", "&")
    };
    inputs
        .map(|input| {
            let (name, rest) = input.split_once("\" value=\"").unwrap();
            (plain(name), plain(rest.split_once('"').unwrap().0))
        })
        .collect()
}

#[tokio::test]
async fn a_wrong_request_never_reaches_the_page_and_without_the_page_nobody_chooses() {
    let login = Login::with(Options { sign_in_page: true, ..Options::default() }).await;
    let refused = query(&login.authorize(&[("code_challenge", "")]).await);
    assert_eq!(refused["error"], "invalid_request");
    assert_eq!(login.authorize(&[("redirect_uri", "https://evil.example/")]).await.status, 400);

    let login = Login::start().await;
    let back = query(&login.authorize(&[("sign_in_as", "declined")]).await);
    assert!(back.contains_key("code"));
    assert_eq!(login.redeem(&back["code"]).await.status, 200);
}

#[tokio::test]
async fn revoking_refuses_the_refresh_tokens_up_to_now_and_no_later_ones() {
    let login = Login::start().await;
    let early = text(&login.refresh(REFRESH_TOKEN, USER_SCOPE).await, "refresh_token");
    login.simulator.set_faults(|it| it.revoke_refresh_tokens = true);
    for token in [early.as_str(), REFRESH_TOKEN] {
        assert_refused(&login.refresh(token, USER_SCOPE).await, 400, "invalid_grant", 50_173);
    }
    let consented = text(&login.redeem(&login.code().await).await, "refresh_token");
    // Other changes leave the time of the revocation as it is.
    login.simulator.set_faults(|it| it.no_mfa_header = true);
    let rotated = login.refresh(&consented, USER_SCOPE).await;
    assert_eq!(rotated.status, 200);
    assert_eq!(login.refresh(&text(&rotated, "refresh_token"), USER_SCOPE).await.status, 200);
    assert_refused(&login.refresh(&early, USER_SCOPE).await, 400, "invalid_grant", 50_173);
    login.simulator.set_faults(|it| it.revoke_refresh_tokens = false);
    assert_eq!(login.refresh(&early, USER_SCOPE).await.status, 200);

    let later =
        Login::with(Options { faults: faults(|it| it.revoke_refresh_tokens = true), ..Options::default() })
            .await;
    assert_refused(&later.refresh(&early, USER_SCOPE).await, 400, "invalid_grant", 50_173);
}

#[tokio::test]
async fn a_grant_may_come_without_a_refresh_token() {
    let login =
        Login::with(Options { faults: faults(|it| it.no_refresh_token = true), ..Options::default() }).await;
    let granted = login.redeem(&login.code().await).await;
    assert_eq!(login.calls_api(&text(&granted, "access_token")).await.status, 200);
    assert!(granted.json().get("refresh_token").is_none());
    let fields = [("grant_type", "refresh_token"), ("resource", AUDIENCE), ("refresh_token", REFRESH_TOKEN)];
    assert!(login.token("token", &fields).await.json().get("refresh_token").is_none());
}

#[tokio::test]
async fn rights_and_the_header_can_be_taken_away() {
    let login = Login::start().await;
    let token = text(&login.refresh(REFRESH_TOKEN, USER_SCOPE).await, "access_token");
    let change = |change: fn(&mut Faults)| login.simulator.set_faults(change);

    change(|it| it.no_mfa_header = true);
    assert_eq!(ask(&login, "/v1/profiles/organization", &token).await.header("ismfacompliant"), None);

    change(|it| it.deny_customers = true);
    let list = ask(&login, "/v1/customers", &token).await;
    assert_eq!((list.status.as_u16(), &list.json()["code"]), (403, &json!(900_308)));
    assert_eq!(ask(&login, "/v1/profiles/organization", &token).await.status, 200);

    change(|it| it.wrong_tenant = true);
    let profile = ask(&login, "/v1/profiles/organization", &token).await.json();
    assert_eq!(profile["tenantId"], OTHER_TENANT);
    assert_eq!(profile["domain"], OTHER_DOMAIN);
}
