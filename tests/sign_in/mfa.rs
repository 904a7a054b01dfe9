//! A token without multi-factor authentication: Microsoft exchanges it, but Partner Center takes nothing that it brings.

use std::sync::Arc;

use cspdeck::domain::token::{MFA_MISSING, Refusal};
use cspdeck::jobs::JobError;
use cspdeck::jobs::pull::{KIND, Pull};
use cspdeck::jobs::run::Run;
use cspdeck::jobs::token::renew;
use cspdeck::partner_center::{ApiError, ErrorKind};
use cspdeck::simulator::{self, SignIn};
use cspdeck::store::{JobRecord, SecretName};
use tokio_util::sync::CancellationToken;

use crate::browser;
use crate::support::Desk;

/// Signs in without it, past the consent that would refuse that, and stores what comes of it.
pub async fn desk_without_mfa() -> Desk {
    let desk = Desk::new().await;
    desk.faults(|it| it.sign_in_as = SignIn::NoMfa);
    let base = desk.simulator.base_url();
    let (app, scope) = (simulator::APP_ID, "https%3A%2F%2Fapi.partnercenter.microsoft.com");
    let tenant = simulator::PARTNER_DOMAIN;
    let address = format!(
        "{base}/{tenant}/oauth2/authorize?client_id={app}&response_type=code&redirect_uri=http://localhost&resource={scope}&state=s"
    );
    let end: url::Url = browser::sign_in(&address).await.parse().unwrap();
    let code = end.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("client_id", app),
            ("client_secret", simulator::APP_SECRET),
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", "http://localhost"),
        ])
        .finish();
    let request = browser::browser().post(format!("{base}/{tenant}/oauth2/token"));
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
    let answer = request.send().await.unwrap().text().await.unwrap();
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    let token = answer["refresh_token"].as_str().expect("a refresh token");
    desk.store.put_secret(SecretName::RefreshToken, &token.into()).unwrap();
    desk
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_meets_it_has_it_noted() {
    let desk = desk_without_mfa().await;
    let center = desk.center().await;
    center.sign_in().await.unwrap();
    assert_eq!(desk.standing(), "well", "nobody can know yet");
    let asked = desk.simulator.requests().token;
    let error = center.probe_customers().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MfaMissing, "{error}");
    assert!(error.concerns_everything());
    assert!(error.to_string().contains("redo the consent"), "{error}");
    assert_eq!(desk.simulator.requests().token, asked, "another exchange would bring the same");
    assert_eq!(desk.standing(), "mfa_missing");
    assert_eq!(desk.token_info().refused.unwrap().code, MFA_MISSING);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_renewal_makes_it_good_and_a_new_one_does() {
    let desk = desk_without_mfa().await;
    desk.center().await.organization().await.unwrap_err();
    assert_eq!(desk.standing(), "mfa_missing");
    assert!(renew(&desk.store, &desk.reach, false).await.unwrap().is_new);
    assert_eq!(desk.standing(), "mfa_missing");
    // Nor does another secret of the app, which may cure other refusals.
    desk.store.put_secret(SecretName::CpvAppSecret, &simulator::APP_SECRET.into()).unwrap();
    assert_eq!(desk.standing(), "mfa_missing");
    // Nor does another place.
    desk.save(&desk.vault("app"), &[]).await.unwrap();
    assert_eq!(desk.standing(), "mfa_missing");
    desk.save(&[("mfa_method", "manual".to_owned())], &[]).await.unwrap();
    assert_eq!(desk.standing(), "mfa_missing");
    desk.store.put_secret(SecretName::RefreshToken, &simulator::REFRESH_TOKEN.into()).unwrap();
    assert_eq!(desk.standing(), "well");
}

#[tokio::test(flavor = "multi_thread")]
async fn partner_center_that_finds_it_clears_what_was_noted() {
    let desk = Desk::signed_in().await;
    // The exchange itself says nothing of it, whether it brings a new token or not.
    for gives_none in [true, false] {
        let (_, mark) = desk.store.marked_secret(SecretName::RefreshToken).unwrap().unwrap();
        let refusal = Refusal { at: jiff::Timestamp::now(), code: MFA_MISSING.to_owned() };
        desk.store.note_refusal(SecretName::RefreshToken, &mark, refusal).unwrap();
        desk.faults(|it| it.no_refresh_token = gives_none);
        let center = desk.center().await;
        center.sign_in().await.unwrap();
        assert_eq!(desk.standing(), "mfa_missing");
        center.organization().await.unwrap();
        assert_eq!(desk.standing(), "well");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_ends_with_it() {
    let desk = desk_without_mfa().await;
    let run = Run {
        store: desk.store.clone(),
        reach: desk.reach.clone(),
        cancel: CancellationToken::new(),
        leave: CancellationToken::new(),
        report: Arc::new(|_| {}),
    };
    let error = Pull { run }.run(JobRecord::start(KIND, "Request CSP data", "ana"), false).await.unwrap_err();
    assert!(matches!(error, JobError::Api(ApiError::MfaMissing { .. })), "{error}");
    assert_eq!(desk.standing(), "mfa_missing");
}
