//! Consents that come to nothing: each says why, and leaves what was there.

use std::time::Duration;

use cspdeck::jobs::JobError;
use cspdeck::jobs::consent::{ConsentError, ConsentSetup, Stage};
use cspdeck::partner_center::ApiError;
use cspdeck::simulator::{self, PARTNER_DOMAIN, PARTNER_TENANT, REFRESH_TOKEN, SignIn};
use cspdeck::store::{JobState, SecretName};
use secrecy::SecretString;

use crate::browser;
use crate::consent::{Attempt, Begin};
use crate::support::Desk;

/// The token and the settings are as they were, and the journal says what the operator was told.
fn is_untouched(desk: &Desk, error: &JobError, state: JobState) {
    assert_eq!(desk.token().as_deref(), Some(REFRESH_TOKEN));
    assert!(desk.token_info().refused.is_none());
    assert_eq!(desk.settings().csp_domain.as_deref(), Some(PARTNER_DOMAIN));
    let job = desk.job();
    assert_eq!((job.state, job.message), (state, Some(error.to_string())));
}

/// A consent that a browser ends so, and what its page says.
async fn refused(desk: &Desk, sign_in: SignIn) -> (JobError, String) {
    desk.faults(|it| it.sign_in_as = sign_in);
    let mut attempt = Begin::at(desk).go();
    let page = browser::visit(&browser::sign_in(&attempt.address().await).await).await;
    let error = attempt.error().await;
    is_untouched(desk, &error, JobState::Failed);
    (error, page)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_sign_in_that_is_no_good_says_why_in_both_places() {
    for (sign_in, kind, words) in [
        (SignIn::NoMfa, "mfa_missing", "the sign-in of admin@fabrikam-csp.onmicrosoft.com was without multi"),
        (SignIn::NoRole, "no_role", "the user trainee@fabrikam-csp.onmicrosoft.com may not use"),
        (
            SignIn::OtherTenant,
            "other_tenant",
            "the sign-in of admin@contoso-csp.onmicrosoft.com was to the tenant 9c41e7d8",
        ),
        (SignIn::Declined, "consent_refused", "the user declined the consent"),
    ] {
        let desk = Desk::signed_in().await;
        desk.set(&[("microsoft_id", PARTNER_TENANT)]);
        let (error, page) = refused(&desk, sign_in).await;
        let JobError::Consent(error) = &error else { panic!("{sign_in:?}: {error}") };
        assert_eq!(error.kind(), kind, "{error}");
        let text = error.to_string();
        assert!(text.to_lowercase().contains(&words.to_lowercase()), "{text}");
        assert!(page.contains("No consent"), "{page}");
        assert!(page.to_lowercase().contains(&words.to_lowercase()), "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_microsoft_id_partner_center_tells_the_other_tenant() {
    let desk = Desk::signed_in().await;
    let (error, _) = refused(&desk, SignIn::OtherTenant).await;
    assert!(matches!(error, JobError::Consent(ConsentError::NoRole { .. })), "{error}");
    assert!(error.to_string().contains("tenant of the caller"), "{error}");
    assert!(error.to_string().contains(&format!("not a user of the partner {PARTNER_DOMAIN}")), "{error}");
    let (error, _) = refused(&desk, SignIn::NoRole).await;
    assert!(!error.to_string().contains("user of the partner"), "{error}");
    assert_eq!(desk.settings().microsoft_id, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_of_another_tenant_is_noticed() {
    let desk = Desk::signed_in().await;
    desk.set(&[("microsoft_id", PARTNER_TENANT)]);
    desk.faults(|it| it.wrong_tenant = true);
    let (error, _) = refused(&desk, SignIn::Admin).await;
    assert!(matches!(error, JobError::Consent(ConsentError::OtherTenant { .. })), "{error}");
}

fn rejected(error: &JobError) -> &str {
    match error {
        JobError::Api(ApiError::TokenRejected { code, .. }) => code,
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_expired_or_was_used_is_told_as_such() {
    let desk = Desk::signed_in().await;
    let (error, page) = refused(&desk, SignIn::ExpiredCode).await;
    assert!(rejected(&error).ends_with("AADSTS70008"), "{error}");
    assert!(page.contains("has expired: it lives for some minutes only"), "{page}");

    desk.faults(|it| it.sign_in_as = SignIn::Admin);
    let mut attempt = Begin::at(&desk).go();
    let end = browser::sign_in(&attempt.address().await).await;
    use_code(&desk, &end).await;
    attempt.paste(end).await;
    let error = attempt.error().await;
    assert!(rejected(&error).ends_with("AADSTS54005"), "{error}");
    assert!(error.to_string().contains("was used before"), "{error}");
    is_untouched(&desk, &error, JobState::Failed);
}

/// Somebody else hands the code in.
async fn use_code(desk: &Desk, end: &str) {
    let end: url::Url = end.parse().unwrap();
    let code = end.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("client_id", simulator::APP_ID),
            ("client_secret", simulator::APP_SECRET),
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", "http://localhost/elsewhere"),
        ])
        .finish();
    let endpoint = format!("{}/{PARTNER_DOMAIN}/oauth2/v2.0/token", desk.simulator.base_url());
    let request = browser::browser()
        .post(endpoint)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    assert!(!request.send().await.unwrap().status().is_success());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_login_has_against_app_and_tenant_is_told() {
    let desk = Desk::signed_in().await;
    desk.faults(|it| it.no_refresh_token = true);
    let (error, _) = refused(&desk, SignIn::Admin).await;
    assert!(matches!(error, JobError::Api(ApiError::NoRefreshToken { .. })), "{error}");
    desk.faults(|it| it.no_refresh_token = false);

    // The new token can't be exchanged: better the one that is there.
    let mut attempt = Begin::at(&desk).go();
    let end = browser::sign_in(&attempt.address().await).await;
    desk.faults(|it| it.reject_token = Some(50_057));
    attempt.paste(end).await;
    let error = attempt.error().await;
    assert!(rejected(&error).ends_with("AADSTS50057"), "{error}");
    is_untouched(&desk, &error, JobState::Failed);
    desk.faults(|it| it.reject_token = None);

    let domain = "unknown.example".to_owned();
    let error = Begin { domain, by_code: true, ..Begin::at(&desk) }.go().error().await;
    assert!(rejected(&error).ends_with("AADSTS90002"), "{error}");
    is_untouched(&desk, &error, JobState::Failed);

    desk.store.put_secret(SecretName::CpvAppSecret, &SecretString::from("wrong")).unwrap();
    let (error, _) = refused(&desk, SignIn::Admin).await;
    assert!(rejected(&error).ends_with("AADSTS7000215"), "{error}");
    assert!(error.to_string().contains("secret"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn device_codes_end_as_the_person_decides() {
    for (sign_in, words) in [
        (SignIn::Declined, "declined"),
        (SignIn::ExpiredCode, "within the time of the code"),
        (SignIn::NoMfa, "without multi-factor"),
    ] {
        let desk = Desk::signed_in().await;
        desk.faults(|it| (it.sign_in_as, it.pending_polls) = (sign_in, Some(0)));
        let error = Begin { by_code: true, ..Begin::at(&desk) }.go().error().await;
        assert!(error.to_string().contains(words), "{sign_in:?}: {error}");
        is_untouched(&desk, &error, JobState::Failed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_nobody_gives_ends_in_time() {
    let desk = Desk::signed_in().await;
    let setup = ConsentSetup { limit: Duration::from_millis(200), ..Begin::at(&desk).setup };
    let error = Begin { setup, ..Begin::at(&desk) }.go().error().await;
    assert!(matches!(error, JobError::Consent(ConsentError::TimeOver)), "{error}");
    is_untouched(&desk, &error, JobState::Failed);

    desk.faults(|it| (it.pending_polls, it.device_life) = (Some(1000), Some(Duration::from_millis(1500))));
    let error = Begin { by_code: true, ..Begin::at(&desk) }.go().error().await;
    assert!(error.to_string().contains("nobody signed in within the time of the code"), "{error}");
    is_untouched(&desk, &error, JobState::Failed);
}

async fn cancelled(desk: &Desk, attempt: Attempt) {
    attempt.cancel.cancel();
    let error = attempt.error().await;
    assert!(matches!(error, JobError::Consent(ConsentError::Cancelled)), "{error}");
    is_untouched(desk, &error, JobState::Cancelled);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_can_be_cancelled_at_each_stage() {
    let desk = Desk::signed_in().await;
    let mut attempt = Begin::at(&desk).go();
    attempt.address().await;
    cancelled(&desk, attempt).await;

    desk.faults(|it| it.pending_polls = Some(1000));
    let mut attempt = Begin { by_code: true, ..Begin::at(&desk) }.go();
    assert!(matches!(attempt.next().await, Stage::Code { .. }));
    cancelled(&desk, attempt).await;

    let mut attempt = Begin::at(&desk).go();
    let end = browser::sign_in(&attempt.address().await).await;
    desk.faults(|it| it.latency = Duration::from_millis(500));
    let page = tokio::spawn(async move { browser::visit(&end).await });
    assert_eq!(attempt.next().await, Stage::Checking);
    cancelled(&desk, attempt).await;
    assert!(page.await.unwrap().contains("Cancelled; nothing was stored"));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_partner_center_does_not_answer_the_consent_counts_with_a_remark() {
    let desk = Desk::signed_in().await;
    let mut attempt = Begin::at(&desk).go();
    let end = browser::sign_in(&attempt.address().await).await;
    desk.faults(|it| it.error_every = Some(1));
    attempt.paste(end).await;
    let consented = attempt.end().await.unwrap();
    assert!(consented.remarks.iter().any(|it| it.contains("could not be asked what it is worth")));
    assert_ne!(desk.token().as_deref(), Some(REFRESH_TOKEN));
}
