//! Saving settings: all of it or nothing, in the store and in the vault.

use std::sync::Arc;
use std::time::Duration;

use cspdeck::domain::settings::MfaMethod;
use cspdeck::jobs::settings::SettingsUpdate;
use cspdeck::jobs::token::renew;
use cspdeck::jobs::{JobError, settings};
use cspdeck::partner_center::VaultError;
use cspdeck::simulator::{APP_ID, APP_SECRET, PARTNER_DOMAIN, REFRESH_TOKEN};
use cspdeck::store::{SecretName, SecretPlace, StoreError};

use crate::support::{Desk, TOKEN_IN_VAULT, update};

#[tokio::test(flavor = "multi_thread")]
async fn who_was_first_is_not_overwritten_anywhere() {
    let desk = Desk::signed_in().await;
    let before = desk.versioned_settings();
    desk.set(&[("csp_user_id", "first@fabrikam.example")]);
    let typed = [(SecretName::RefreshToken, "typed"), (SecretName::CpvAppSecret, "typed too")];
    let error = desk.save_over(before, &desk.vault("app"), &typed).await.unwrap_err();
    assert!(matches!(error, JobError::Store(StoreError::Conflict(_))), "{error}");
    assert!(error.to_string().contains("nothing was overwritten"), "{error}");
    assert_eq!(desk.settings().mfa_method, MfaMethod::Manual);
    assert_eq!(desk.token().as_deref(), Some(REFRESH_TOKEN));
    assert_eq!(desk.secret(SecretName::CpvAppSecret).as_deref(), Some(APP_SECRET));
    assert_eq!(desk.token_in_vault(), None);
    assert_eq!(desk.simulator.requests().key_vault, 0, "it is not even asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn typed_secrets_go_where_the_new_settings_say() {
    let desk = Desk::signed_in().await;
    let saved = desk.save(&[], &[(SecretName::SmtpPassword, "mail")]).await.unwrap();
    assert_eq!((saved.moved.len(), saved.remarks.len()), (0, 0));
    assert_eq!(desk.secret(SecretName::SmtpPassword).as_deref(), Some("mail"));

    let typed = [(SecretName::RefreshToken, "typed"), (SecretName::KeyVaultSecret, APP_SECRET)];
    let mut changes = desk.vault("app");
    changes[2].1 = format!("app:{APP_ID}");
    let saved = desk.save(&changes, &typed).await.unwrap();
    assert_eq!(saved.moved, [SecretName::CpvAppSecret, SecretName::SmtpPassword]);
    assert_eq!(desk.token_in_vault().as_deref(), Some("typed"));
    assert_eq!(desk.token(), None);
    let info = desk.token_info();
    assert!(matches!(info.place, SecretPlace::KeyVault { .. }));
    assert_eq!(info.obtained.map(|it| it.at), Some(info.set_at), "it is a new one");
    assert_eq!(desk.secret(SecretName::KeyVaultSecret).as_deref(), Some(APP_SECRET));

    let manual = [("mfa_method", "manual".to_owned())];
    let saved = desk.save(&manual, &[(SecretName::RefreshToken, "typed here")]).await.unwrap();
    assert_eq!(saved.moved, [SecretName::CpvAppSecret, SecretName::SmtpPassword]);
    assert_eq!(desk.token().as_deref(), Some("typed here"));
    assert_eq!(desk.token_in_vault().as_deref(), Some("typed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_that_does_not_open_changes_nothing() {
    let desk = Desk::signed_in().await;
    let error = desk.save(&desk.vault("app"), &[(SecretName::CpvAppSecret, "wrong")]).await.unwrap_err();
    assert!(matches!(error, JobError::Vault(VaultError::AppRefused { .. })), "{error}");
    // Where the secret itself goes into the vault, that can't be opened without.
    let error = desk.save(&desk.vault("app:5a1f0c3e-71d2-4a4a-9c9c-1f2e3d4c5b6a"), &[]).await.unwrap_err();
    assert!(error.to_string().contains("cspdeck settings secret key_vault_secret"), "{error}");
    for fault in [true, false] {
        desk.faults(|it| (it.vault_read_only, it.vault_firewall) = (fault, !fault));
        assert!(matches!(desk.save(&desk.vault("managed"), &[]).await, Err(JobError::Vault(_))));
    }
    desk.faults(|it| (it.vault_read_only, it.vault_firewall) = (false, false));
    assert_eq!(desk.settings().mfa_method, MfaMethod::Manual);
    assert_eq!(desk.secret(SecretName::CpvAppSecret).as_deref(), Some(APP_SECRET));
    assert!(matches!(desk.token_info().place, SecretPlace::Store));
    desk.center().await.sign_in().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_off_behind_the_vault_leaves_the_store_as_it_was() {
    let desk = Desk::signed_in().await;
    let before = desk.versioned_settings();
    let update = update(before, &desk.vault("app"), &[(SecretName::SmtpPassword, "mail")]);
    desk.faults(|it| it.latency = Duration::from_millis(100));
    let (impatient, reach) = (desk.impatient(), desk.reach.clone());
    let save = tokio::spawn(async move { settings::save(&impatient, &reach, update).await });
    while desk.simulator.requests().key_vault == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // Nothing can be written here from now on, so the vault has copies that nobody uses yet, and that is all.
    let held = desk.hold();
    let error = save.await.unwrap().unwrap_err();
    drop(held);
    assert!(error.is_worth_retrying_later(), "{error}");
    let told = "the key vault had taken refresh_token, smtp_password";
    assert!(error.to_string().contains(told), "{error}");
    assert_eq!(desk.settings().mfa_method, MfaMethod::Manual);
    assert_eq!(desk.token().as_deref(), Some(REFRESH_TOKEN));
    desk.center().await.sign_in().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_somebody_set_since_another_was_typed_is_not_overwritten() {
    let desk = Desk::signed_in().await;
    let name = SecretName::RefreshToken;
    let typed = || {
        let info = desk.store.read(|txn| txn.secret_info(name)).unwrap();
        vec![(name, info.as_ref().map(settings::set_by_somebody))]
    };
    let save = async |typed_over| {
        let update =
            SettingsUpdate { typed_over, ..update(desk.versioned_settings(), &[], &[(name, "mine")]) };
        settings::save(&desk.store, &desk.reach, update).await
    };
    let seen = typed();
    renew(&desk.store, &desk.reach, false).await.unwrap();
    save(seen.clone()).await.unwrap();
    assert_eq!(desk.token().as_deref(), Some("mine"), "a renewal is nobody's change");
    let seen = typed();
    desk.store.put_secret(name, &"theirs".into()).unwrap();
    let error = save(seen).await.unwrap_err();
    assert!(error.to_string().starts_with("refresh_token was set by "), "{error}");
    assert_eq!(desk.token().as_deref(), Some("theirs"));
    save(typed()).await.unwrap();
    assert_eq!(desk.token().as_deref(), Some("mine"), "typed again in the knowledge of theirs");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_do_not_fit_together_are_refused() {
    let desk = Desk::signed_in().await;
    let error = desk.save(&[("mfa_method", "key_vault".to_owned())], &[]).await.unwrap_err();
    assert!(matches!(error, JobError::Settings(_)), "{error}");
    let mut changes = desk.vault("app");
    changes.push(("key_vault_name_smtp_password", TOKEN_IN_VAULT.to_owned()));
    let error = desk.save(&changes, &[]).await.unwrap_err();
    assert!(error.to_string().contains("another secret has that name"), "{error}");
    assert_eq!(desk.simulator.requests().key_vault, 0);
}

/// A token was set while the one before it was on its way, and before the vault had the copy of that: by the vault's clock the copy
/// is the younger one.
async fn overtaken() -> (Arc<Desk>, JobError) {
    let desk = Arc::new(Desk::signed_in().await);
    desk.faults(|it| it.latency = Duration::from_millis(200));
    let mover = Arc::clone(&desk);
    let save = tokio::spawn(async move { mover.save(&mover.vault("app"), &[]).await });
    while desk.simulator.requests().key_vault == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    desk.store.put_secret(SecretName::RefreshToken, &"newer".into()).unwrap();
    let error = save.await.unwrap().unwrap_err();
    (desk, error)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_set_while_the_old_one_moves_is_not_lost() {
    let (desk, error) = overtaken().await;
    assert!(error.to_string().contains("refresh_token was renewed or set anew"), "{error}");
    assert_eq!(desk.token().as_deref(), Some("newer"));
    assert_eq!(desk.settings().mfa_method, MfaMethod::Manual);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_was_overtaken_on_its_way_is_not_taken_for_the_newer_one() {
    let (desk, error) = overtaken().await;
    assert!(error.to_string().contains("the key vault had taken refresh_token"), "{error}");
    assert_eq!(desk.token_in_vault().as_deref(), Some(REFRESH_TOKEN));
    desk.faults(|it| it.latency = Duration::ZERO);
    let saved = desk.save(&desk.vault("app"), &[]).await.unwrap();
    assert_eq!(saved.moved, [SecretName::RefreshToken]);
    assert_eq!(desk.token_in_vault().as_deref(), Some("newer"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_one_that_the_vault_does_not_give_takes_no_place() {
    let desk = Desk::signed_in().await;
    desk.age_token();
    desk.simulator.put_expired_vault_secret(TOKEN_IN_VAULT, "expired in the vault");
    let error = desk.save(&desk.vault("app"), &[]).await.unwrap_err();
    assert!(matches!(error, JobError::Vault(VaultError::Expired { .. })), "{error}");
    assert_eq!(desk.token().as_deref(), Some(REFRESH_TOKEN));
    assert_eq!(desk.settings().mfa_method, MfaMethod::Manual);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moved_token_is_no_newer_than_it_was() {
    let desk = Desk::signed_in().await;
    desk.age_token();
    assert_eq!(desk.standing(), "lapsed");
    desk.save(&desk.vault("app"), &[]).await.unwrap();
    assert_eq!(desk.standing(), "lapsed", "in the vault");
    let (other, _folder) = desk.other_host();
    let typed = [(SecretName::CpvAppSecret, APP_SECRET)];
    let joining = update(other.read(|txn| txn.settings()).unwrap(), &with_app(&desk), &typed);
    settings::save(&other, &desk.reach, joining).await.unwrap();
    let seen = other.read(|txn| txn.secret_info(SecretName::RefreshToken)).unwrap().unwrap();
    assert_eq!(seen.set_at, desk.token_info().set_at, "on another host that shares it");
    desk.save(&[("mfa_method", "manual".to_owned())], &[]).await.unwrap();
    assert_eq!(desk.standing(), "lapsed", "and back");
}

/// The settings of another host beside the same vault.
fn with_app(desk: &Desk) -> Vec<(&'static str, String)> {
    let mut changes = desk.vault("app");
    changes.push(("cpv_app_id", APP_ID.to_owned()));
    changes.push(("csp_domain", PARTNER_DOMAIN.to_owned()));
    changes
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_vault_has_lost_is_missing_here_and_told() {
    let desk = Desk::with_vault().await;
    // Under another name there is none.
    desk.set(&[("key_vault_name_refresh_token", "never-there")]);
    let manual = [("mfa_method", "manual".to_owned())];
    let error = desk.save(&manual, &[]).await.unwrap_err();
    assert!(matches!(&error, JobError::NotGiven { name: "refresh_token", .. }), "{error}");
    assert_eq!(desk.settings().mfa_method, MfaMethod::KeyVault);
    let leaving = SettingsUpdate { leaves_secrets: true, ..update(desk.versioned_settings(), &manual, &[]) };
    let saved = settings::save(&desk.store, &desk.reach, leaving).await.unwrap();
    assert!(saved.remarks.iter().any(|remark| remark.contains("refresh_token")), "{saved:?}");
    assert_eq!(desk.standing(), "missing");
}
