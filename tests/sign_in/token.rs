//! The life of the refresh token: renewed while it is in use, and what is said of one that is refused.

use std::time::Duration;

use cspdeck::domain::token::Token;
use cspdeck::jobs::token::{look, renew};
use cspdeck::jobs::{JobError, connect};
use cspdeck::partner_center::ApiError;
use cspdeck::simulator::{APP_SECRET, PARTNER_TENANT, REFRESH_TOKEN};
use cspdeck::store::{Origin, SecretName};

use crate::support::Desk;

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_brings_a_new_token_that_goes_on_for_the_old_one() {
    let desk = Desk::signed_in().await;
    let before = desk.token_info();
    let renewed = renew(&desk.store, &desk.reach, false).await.unwrap();
    let after = desk.token_info();
    assert!(renewed.is_new);
    assert_ne!(desk.token().as_deref(), Some(REFRESH_TOKEN));
    assert_eq!(after.obtained, before.obtained);
    assert!(after.set_at > before.set_at);
    let Token::Held(held) = renewed.token else { panic!("{renewed:?}") };
    assert_eq!((held.rotated_at, held.obtained_at), (after.set_at, before.obtained.map(|it| it.at)));
    // The new one serves in turn.
    assert!(renew(&desk.store, &desk.reach, false).await.unwrap().is_new);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_due_is_left_alone() {
    let desk = Desk::signed_in().await;
    let renewed = renew(&desk.store, &desk.reach, true).await.unwrap();
    assert!(!renewed.is_new);
    assert_eq!(desk.token().as_deref(), Some(REFRESH_TOKEN));
    assert_eq!(desk.simulator.requests().token, 0);
    desk.age_token();
    assert_eq!(desk.standing(), "lapsed");
    assert!(renew(&desk.store, &desk.reach, true).await.unwrap().is_new);
    assert_ne!(desk.token().as_deref(), Some(REFRESH_TOKEN));
    assert!(!renew(&desk.store, &desk.reach, true).await.unwrap().is_new);
}

#[tokio::test(flavor = "multi_thread")]
async fn none_can_be_renewed_where_there_is_none() {
    let desk = Desk::new().await;
    assert_eq!(renew(&desk.store, &desk.reach, true).await.unwrap().token, Token::Missing);
    let error = renew(&desk.store, &desk.reach, false).await.unwrap_err();
    assert!(error.to_string().contains("give the consent"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_can_not_be_stored_is_not_used() {
    let desk = Desk::signed_in().await;
    let store = desk.impatient();
    let (center, _) = connect::partner_center(&store, &desk.reach).await.unwrap();
    let held = desk.hold();
    let error = center.sign_in().await.unwrap_err();
    drop(held);
    assert!(matches!(error, ApiError::TokenNotKept { .. }), "{error}");
    assert!(error.to_string().contains("in use"), "{error}");
    assert!(error.to_string().contains("The one before it stays valid"), "{error}");
    assert_eq!(desk.token().as_deref(), Some(REFRESH_TOKEN));
    // Once the store is free, the same client goes on.
    center.sign_in().await.unwrap();
    assert_ne!(desk.token().as_deref(), Some(REFRESH_TOKEN));

    let before = desk.token();
    let (center, _) = connect::partner_center(&store, &desk.reach).await.unwrap();
    desk.allow_identity(0o644);
    let error = center.sign_in().await.unwrap_err();
    desk.allow_identity(0o600);
    assert!(matches!(error, ApiError::TokenNotKept { .. }), "{error}");
    assert_eq!(desk.token(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_can_not_be_opened_is_not_called_well() {
    let desk = Desk::signed_in().await;
    std::fs::remove_file(desk.identity()).unwrap();
    for error in [
        look(&desk.store, &desk.reach).await.unwrap_err(),
        renew(&desk.store, &desk.reach, true).await.unwrap_err(),
    ] {
        assert!(error.to_string().contains("identity file") && !error.is_worth_retrying_later(), "{error}");
        assert!(error.to_string().contains("--remove"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_noted_by_its_kind_until_another_token_is_set() {
    for (number, word) in [
        (50_173, "revoked"),
        (700_082, "expired"),
        (50_076, "mfa_missing"),
        (70_043, "sign_in_frequency"),
        (7_000_215, "app_refused"),
        (50_057, "user_refused"),
        (53_003, "blocked"),
        (90_002, "tenant_unknown"),
        (70_000, "refused"),
    ] {
        let desk = Desk::signed_in().await;
        desk.faults(|it| it.reject_token = Some(number));
        let error = renew(&desk.store, &desk.reach, false).await.unwrap_err();
        assert!(matches!(error, JobError::Api(ApiError::TokenRejected { .. })), "{error}");
        assert_eq!(desk.standing(), word, "{number}");
        assert_eq!(desk.token().as_deref(), Some(REFRESH_TOKEN));
        // It is not tried again by itself, however old it is.
        desk.age_token();
        let asked = desk.simulator.requests().token;
        assert!(!renew(&desk.store, &desk.reach, true).await.unwrap().is_new);
        assert_eq!(desk.simulator.requests().token, asked);
        desk.faults(|it| it.reject_token = None);
        renew(&desk.store, &desk.reach, false).await.unwrap();
        assert_eq!(desk.standing(), "well", "{number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_works_disproves_the_refusal_even_without_a_new_token() {
    let desk = Desk::signed_in().await;
    desk.faults(|it| it.reject_token = Some(50_057));
    renew(&desk.store, &desk.reach, false).await.unwrap_err();
    assert_eq!(desk.standing(), "user_refused");
    desk.faults(|it| (it.reject_token, it.no_refresh_token) = (None, true));
    let renewed = renew(&desk.store, &desk.reach, false).await.unwrap();
    assert!(!renewed.is_new);
    assert_eq!(desk.standing(), "well");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_for_another_audience_disproves_only_what_holds_for_all() {
    for (number, word, after) in
        [(53_003, "blocked", "blocked"), (65_001, "refused", "refused"), (50_173, "revoked", "well")]
    {
        let mut desk = Desk::signed_in().await;
        desk.reach.graph = desk.simulator.base_url().replace("127.0.0.1", "localhost").parse().unwrap();
        desk.faults(|it| it.reject_token = Some(number));
        renew(&desk.store, &desk.reach, false).await.unwrap_err();
        assert_eq!(desk.standing(), word);
        desk.faults(|it| it.reject_token = None);
        let before = desk.token();
        desk.center().await.probe_graph_billing().await.unwrap();
        assert_ne!(desk.token(), before, "it brought a new token");
        assert_eq!(desk.standing(), after, "{number}");
        desk.center().await.sign_in().await.unwrap();
        assert_eq!(desk.standing(), "well", "{number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_by_itself_is_not_held_against_the_token() {
    let desk = Desk::signed_in().await;
    desk.faults(|it| it.reject_token = Some(50_196));
    let error = renew(&desk.store, &desk.reach, false).await.unwrap_err();
    assert!(error.to_string().contains("AADSTS50196"), "{error}");
    assert_eq!(desk.standing(), "well");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_app_or_tenant_is_not_blamed_for_the_one_before() {
    for (key, other) in
        [("cpv_app_id", "11111111-71d2-4a4a-9c9c-1f2e3d4c5b6a"), ("csp_domain", "other.onmicrosoft.com")]
    {
        let desk = Desk::signed_in().await;
        desk.faults(|it| it.reject_token = Some(90_002));
        renew(&desk.store, &desk.reach, false).await.unwrap_err();
        desk.set(&[("csp_user_id", "somebody@fabrikam.example")]);
        assert_eq!(desk.standing(), "tenant_unknown");
        desk.set(&[(key, other)]);
        assert_eq!(desk.standing(), "well", "{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_says_nothing_of_the_token_does_not_make_a_revoked_one_well() {
    let desk = Desk::signed_in().await;
    desk.faults(|it| it.revoke_refresh_tokens = true);
    renew(&desk.store, &desk.reach, false).await.unwrap_err();
    assert_eq!(desk.standing(), "revoked");
    desk.store.put_secret(SecretName::CpvAppSecret, &APP_SECRET.into()).unwrap();
    assert_eq!(desk.standing(), "revoked", "another secret of the app");
    desk.set(&[("microsoft_id", PARTNER_TENANT)]);
    assert_eq!(desk.standing(), "revoked", "another name of the tenant");
    desk.save(&desk.vault("app"), &[]).await.unwrap();
    assert_eq!(desk.standing(), "revoked", "another place");
    let app = desk.settings().cpv_app_id.unwrap();
    for other in ["11111111-71d2-4a4a-9c9c-1f2e3d4c5b6a", app.as_str()] {
        desk.set(&[("cpv_app_id", other)]);
        assert_eq!(desk.standing(), "revoked", "another app, there and back");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apps_refusal_ends_with_its_secret_and_a_tenants_with_its_name() {
    for (number, word) in [(7_000_215, "app_refused"), (90_002, "tenant_unknown")] {
        let desk = Desk::signed_in().await;
        desk.faults(|it| it.reject_token = Some(number));
        renew(&desk.store, &desk.reach, false).await.unwrap_err();
        assert_eq!(desk.standing(), word);
        match number {
            90_002 => desk.set(&[("microsoft_id", PARTNER_TENANT)]),
            _ => desk.store.put_secret(SecretName::CpvAppSecret, &APP_SECRET.into()).unwrap(),
        }
        assert_eq!(desk.standing(), "well", "{word}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_is_told_from_one_that_was_set_since() {
    let desk = Desk::signed_in().await;
    desk.faults(|it| it.revoke_refresh_tokens = true);
    renew(&desk.store, &desk.reach, false).await.unwrap_err();
    assert_eq!(desk.standing(), "revoked");
    desk.store.put_secret(SecretName::RefreshToken, &REFRESH_TOKEN.into()).unwrap();
    assert_eq!(desk.standing(), "well");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_was_set_meanwhile_is_not_replaced() {
    let desk = Desk::signed_in().await;
    let center = desk.center().await;
    desk.store.put_secret(SecretName::RefreshToken, &"set by hand".into()).unwrap();
    center.sign_in().await.unwrap();
    assert_eq!(desk.token().as_deref(), Some("set by hand"));
    desk.store.write(|txn| txn.remove_secret(SecretName::RefreshToken)).unwrap();
    center.sign_in().await.unwrap();
    assert_eq!(desk.token(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_that_is_overtaken_says_so() {
    let desk = Desk::signed_in().await;
    desk.faults(|it| it.latency = Duration::from_millis(300));
    let (store, reach) = (desk.store.clone(), desk.reach.clone());
    let renewal = tokio::spawn(async move { renew(&store, &reach, false).await });
    while desk.simulator.requests().token == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    desk.store.put_secret(SecretName::RefreshToken, &"set by hand".into()).unwrap();
    let renewed = renewal.await.unwrap().unwrap();
    assert!(!renewed.is_new);
    assert!(renewed.remark.unwrap().contains("set it anew or removed it meanwhile"), "{renewed:?}");
    assert_eq!(desk.token().as_deref(), Some("set by hand"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_renewals_at_once_neither_is_a_failure() {
    let desk = Desk::signed_in().await;
    desk.faults(|it| it.latency = Duration::from_millis(100));
    let renewal = || renew(&desk.store, &desk.reach, false);
    let (one, other) = tokio::join!(renewal(), renewal());
    for renewed in [one.unwrap(), other.unwrap()] {
        assert!(renewed.is_new, "{renewed:?}");
    }
    assert_ne!(desk.token().as_deref(), Some(REFRESH_TOKEN));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_without_a_new_token_is_no_renewal() {
    let desk = Desk::signed_in().await;
    desk.faults(|it| it.no_refresh_token = true);
    let renewed = renew(&desk.store, &desk.reach, false).await.unwrap();
    assert!(!renewed.is_new);
    assert!(renewed.remark.unwrap().contains("gave no new refresh token"), "{renewed:?}");
    assert_eq!(desk.token().as_deref(), Some(REFRESH_TOKEN));
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_vault_it_is_due_by_the_age_of_its_version() {
    let desk = Desk::with_vault().await;
    assert!(!renew(&desk.store, &desk.reach, true).await.unwrap().is_new);
    let cspdeck::store::SecretPlace::KeyVault { version } = desk.token_info().place else {
        panic!("in the vault")
    };
    let (set_at, obtained) = ("2020-01-01T00:00:00Z".parse().unwrap(), desk.token_info().obtained);
    let moved = Origin::Moved { set_at, obtained };
    desk.store.write(|txn| txn.put_in_vault(SecretName::RefreshToken, &version, set_at, moved)).unwrap();
    assert!(renew(&desk.store, &desk.reach, true).await.unwrap().is_new);
    assert_ne!(desk.token_in_vault().as_deref(), Some(REFRESH_TOKEN));
    assert!(matches!(look(&desk.store, &desk.reach).await.unwrap(), Token::Held(_)));
    assert_eq!(desk.standing(), "well");
}
