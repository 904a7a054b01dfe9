//! What keeps a key vault from serving, told apart by the jobs that meet it.

use cspdeck::jobs::JobError;
use cspdeck::jobs::token::{look, renew};
use cspdeck::partner_center::{ApiError, VaultError};
use cspdeck::simulator::{APP_ID, APP_SECRET, Faults, PARTNER_DOMAIN, REFRESH_TOKEN};
use cspdeck::store::SecretName;

use crate::browser;
use crate::support::{Desk, TOKEN_IN_VAULT};

fn vault_error(error: JobError) -> VaultError {
    match error {
        JobError::Vault(error) => error,
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_reason_is_told_apart_and_costs_nothing() {
    type Case = (&'static str, fn(&mut Faults), fn(&VaultError) -> bool, &'static str);
    let cases: [Case; 6] = [
        (
            "app",
            |it| it.vault_forbidden = true,
            |it| matches!(it, VaultError::Denied { .. }),
            "Key Vault Secrets Officer",
        ),
        ("app", |it| it.vault_firewall = true, |it| matches!(it, VaultError::Firewall { .. }), "Networking"),
        ("app", |it| it.vault_disabled = true, |it| matches!(it, VaultError::Disabled { .. }), "Enable it"),
        (
            "app",
            |it| it.vault_foreign_challenge = true,
            |it| matches!(it, VaultError::ForeignChallenge { .. }),
            "Nothing secret was sent",
        ),
        (
            "managed",
            |it| it.no_managed_identity = true,
            |it| matches!(it, VaultError::NoManagedIdentity { .. }),
            "no managed identity",
        ),
        (
            "app",
            |it| it.reject_token = Some(7_000_222),
            |it| matches!(it, VaultError::AppRefused { .. }),
            "secret",
        ),
    ];
    for (identity, fault, is_it, words) in cases {
        let desk = Desk::signed_in().await;
        desk.save(&desk.vault(identity), &[]).await.unwrap();
        desk.faults(fault);
        let error = vault_error(renew(&desk.store, &desk.reach, false).await.unwrap_err());
        assert!(is_it(&error), "{error:?}");
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(desk.token_in_vault().as_deref(), Some(REFRESH_TOKEN));
        assert_eq!(desk.standing(), "well", "it says nothing against the token");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_that_may_only_be_read_keeps_its_token() {
    let desk = Desk::with_vault().await;
    desk.faults(|it| it.vault_read_only = true);
    let error = renew(&desk.store, &desk.reach, false).await.unwrap_err();
    assert!(matches!(error, JobError::Api(ApiError::TokenNotKept { .. })), "{error}");
    assert!(!error.is_worth_retrying_later(), "a role is missing");
    assert!(error.to_string().contains("Key Vault Secrets Officer"), "{error}");
    assert_eq!(desk.token_in_vault().as_deref(), Some(REFRESH_TOKEN));
    desk.faults(|it| it.vault_read_only = false);
    renew(&desk.store, &desk.reach, false).await.unwrap();
    assert_ne!(desk.token_in_vault().as_deref(), Some(REFRESH_TOKEN));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_that_is_not_there_may_be_later() {
    let desk = Desk::with_vault().await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    desk.set(&[("key_vault_url", &format!("http://{closed}"))]);
    let error = renew(&desk.store, &desk.reach, false).await.unwrap_err();
    assert!(error.is_worth_retrying_later(), "{error}");
    assert!(matches!(vault_error(error), VaultError::Exchange(ApiError::NetworkDown { .. })));
}

/// Deletes the token in the vault, so that it could be recovered.
async fn delete_token(desk: &Desk) {
    let base = desk.simulator.base_url();
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("grant_type", "client_credentials"),
            ("client_id", APP_ID),
            ("client_secret", APP_SECRET),
            ("scope", "https://vault.azure.net/.default"),
        ])
        .finish();
    let request = browser::browser().post(format!("{base}/{PARTNER_DOMAIN}/oauth2/v2.0/token"));
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
    let answer = request.send().await.unwrap().text().await.unwrap();
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    let token = answer["access_token"].as_str().unwrap();
    let address = format!("{base}/secrets/{TOKEN_IN_VAULT}?api-version=7.4");
    let deleted = browser::browser().delete(address).bearer_auth(token).send().await.unwrap();
    assert!(deleted.status().is_success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_token_is_told_with_the_way_back() {
    let desk = Desk::with_vault().await;
    delete_token(&desk).await;
    let error = vault_error(renew(&desk.store, &desk.reach, false).await.unwrap_err());
    assert!(matches!(error, VaultError::Deleted { .. }), "{error}");
    assert!(error.to_string().contains("az keyvault secret recover"), "{error}");
    // Its name is taken for whoever wants to move a secret there, too.
    desk.set(&[("mfa_method", "manual")]);
    desk.store.put_secret(SecretName::RefreshToken, &REFRESH_TOKEN.into()).unwrap();
    let error = vault_error(desk.save(&desk.vault("app"), &[]).await.unwrap_err());
    assert!(matches!(error, VaultError::Deleted { .. }), "{error}");
    assert_eq!(desk.token().as_deref(), Some(REFRESH_TOKEN));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_gone_for_good_is_missing_here_too() {
    let desk = Desk::with_vault().await;
    desk.set(&[("key_vault_name_refresh_token", "never-there")]);
    look(&desk.store, &desk.reach).await.unwrap();
    assert_eq!(desk.standing(), "missing");
    let error = renew(&desk.store, &desk.reach, false).await.unwrap_err();
    assert!(error.to_string().contains("the refresh token is not set"), "{error}");
}
