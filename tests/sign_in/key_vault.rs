//! The secrets in a key vault, beside other hosts that use the same one.

use std::sync::Arc;
use std::time::Duration;

use cspdeck::domain::settings::{KeyVaultIdentity, MfaMethod};
use cspdeck::domain::token::Token;
use cspdeck::jobs::JobError;
use cspdeck::jobs::secrets::Secrets;
use cspdeck::jobs::settings::SettingsUpdate;
use cspdeck::jobs::token::{look, renew};
use cspdeck::jobs::{connect, settings};
use cspdeck::simulator::{APP_ID, APP_SECRET, IDENTITY_CLIENT_ID, REFRESH_TOKEN};
use cspdeck::store::{Origin, SecretName, SecretPlace};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use tokio::task::JoinHandle;

use crate::support::{Desk, TOKEN_IN_VAULT, update};

const APP_SECRET_IN_VAULT: &str = "cspdeck-cpv-app-secret";
const PASSWORD_IN_VAULT: &str = "cspdeck-smtp-password";

fn version(desk: &Desk, name: SecretName) -> String {
    match desk.info(name).place {
        SecretPlace::KeyVault { version } => version,
        SecretPlace::Store => panic!("{name:?} is in the store"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secrets_move_there_and_back() {
    let desk = Desk::signed_in().await;
    desk.store.put_secret(SecretName::SmtpPassword, &"mail".into()).unwrap();
    let before = desk.token_info();
    let saved = desk.save(&desk.vault("managed"), &[]).await.unwrap();
    let all = [SecretName::CpvAppSecret, SecretName::RefreshToken, SecretName::SmtpPassword];
    assert_eq!((saved.moved.as_slice(), saved.remarks.len()), (all.as_slice(), 0));
    for (name, in_vault, value) in [
        (SecretName::CpvAppSecret, APP_SECRET_IN_VAULT, APP_SECRET),
        (SecretName::RefreshToken, TOKEN_IN_VAULT, REFRESH_TOKEN),
        (SecretName::SmtpPassword, PASSWORD_IN_VAULT, "mail"),
    ] {
        assert_eq!(desk.simulator.vault_secret(in_vault).as_deref(), Some(value));
        assert_eq!(desk.secret(name), None, "nothing of it is here");
        assert!(!version(&desk, name).is_empty());
    }
    let moved = desk.token_info();
    assert_eq!((moved.obtained, moved.set_at), (before.obtained.clone(), before.set_at), "it is no newer");
    // All of it serves from there.
    assert!(desk.center().await.probe_customers().await.unwrap());

    let in_vault = desk.token_in_vault();
    let saved = desk.save(&[("mfa_method", "manual".to_owned())], &[]).await.unwrap();
    assert_eq!(saved.moved, all);
    assert_eq!(desk.token(), in_vault);
    assert_eq!(desk.secret(SecretName::CpvAppSecret).as_deref(), Some(APP_SECRET));
    assert_eq!(desk.secret(SecretName::SmtpPassword).as_deref(), Some("mail"));
    assert_eq!(desk.token_info().obtained, before.obtained);
    assert_eq!(desk.token_in_vault(), in_vault, "nothing is deleted there");
    desk.faults(|it| it.vault_firewall = true);
    assert!(desk.center().await.probe_customers().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_tokens_the_newer_one_stays() {
    let desk = Desk::signed_in().await;
    desk.simulator.put_vault_secret(TOKEN_IN_VAULT, "newer in the vault");
    desk.age_token();
    let saved = desk.save(&desk.vault("app"), &[]).await.unwrap();
    assert_eq!(saved.moved, []);
    assert_eq!(desk.token_in_vault().as_deref(), Some("newer in the vault"));
    assert_eq!(desk.token_info().obtained, None, "nobody noted there where it came from");

    let desk = Desk::new().await;
    desk.simulator.put_vault_secret(TOKEN_IN_VAULT, "older in the vault");
    desk.store.put_secret(SecretName::RefreshToken, &REFRESH_TOKEN.into()).unwrap();
    let saved = desk.save(&desk.vault("app"), &[]).await.unwrap();
    assert_eq!(saved.moved, [SecretName::RefreshToken]);
    assert_eq!(desk.token_in_vault().as_deref(), Some(REFRESH_TOKEN));

    let desk = Desk::new().await;
    desk.simulator.put_vault_secret(TOKEN_IN_VAULT, REFRESH_TOKEN);
    desk.save(&desk.vault("app"), &[]).await.unwrap();
    assert_eq!(desk.standing(), "well", "the only one is noted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_one_of_the_vault_takes_the_place_of_ours_only_where_that_is_asked_for() {
    let desk = Desk::signed_in().await;
    let (store, _folder) = desk.other_host();
    let settings = store.read(|txn| txn.settings()).unwrap();
    let changes = desk.vault("app");
    tokio::time::sleep(Duration::from_millis(1100)).await;
    store.put_secret(SecretName::RefreshToken, &"of another partner".into()).unwrap();
    store.put_secret(SecretName::CpvAppSecret, &APP_SECRET.into()).unwrap();
    let mut theirs = update(settings, &changes, &[]);
    theirs.settings.cpv_app_id = Some(APP_ID.to_owned());
    settings::save(&store, &desk.reach, theirs).await.unwrap();
    assert_eq!(desk.token_in_vault().as_deref(), Some("of another partner"));

    let ours = || update(desk.versioned_settings(), &changes, &[]);
    let careful = SettingsUpdate { takes_newer: false, ..ours() };
    let error = settings::save(&desk.store, &desk.reach, careful).await.unwrap_err();
    assert!(matches!(error, JobError::NewerInVault { name: "refresh_token" }), "{error}");
    assert!(error.to_string().contains("key_vault_name_refresh_token"), "{error}");
    assert_eq!(desk.token().as_deref(), Some(REFRESH_TOKEN));
    assert_eq!(desk.settings().mfa_method, MfaMethod::Manual);
    desk.center().await.sign_in().await.unwrap();
    // Under another name there is room for ours.
    let elsewhere =
        [changes.clone(), vec![("key_vault_name_refresh_token", "our-token".to_owned())]].concat();
    let careful = SettingsUpdate { takes_newer: false, ..update(desk.versioned_settings(), &elsewhere, &[]) };
    settings::save(&desk.store, &desk.reach, careful).await.unwrap();
    desk.center().await.sign_in().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_that_goes_to_a_vault_that_was_left_says_so() {
    let desk = Arc::new(Desk::with_vault().await);
    desk.faults(|it| it.latency = Duration::from_millis(300));
    let (store, reach) = (desk.store.clone(), desk.reach.clone());
    let asked = desk.simulator.requests().token;
    let renewing = tokio::spawn(async move { renew(&store, &reach, false).await });
    // The vault is signed in to for the look and for the token; then that is exchanged.
    while desk.simulator.requests().token < asked + 3 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    desk.set(&[("mfa_method", "manual")]);
    desk.store.put_secret(SecretName::RefreshToken, &"taken out".into()).unwrap();
    let renewed = renewing.await.unwrap().unwrap();
    assert!(!renewed.is_new && renewed.remark.is_some(), "{renewed:?}");
    assert_eq!(desk.token().as_deref(), Some("taken out"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_secret_is_none_and_a_line_break_at_its_end_is_no_part_of_it() {
    let desk = Desk::with_vault().await;
    for (value, standing) in [("\n", "missing"), ("with a line break\n", "well")] {
        desk.simulator.put_vault_secret(TOKEN_IN_VAULT, value);
        look(&desk.store, &desk.reach).await.unwrap();
        assert_eq!(desk.standing(), standing, "{value:?}");
    }
    let secrets = Secrets::of(&desk.store, &desk.reach, desk.settings()).await.unwrap();
    let token = secrets.get(SecretName::RefreshToken).await.unwrap().unwrap();
    assert_eq!(token.expose_secret(), "with a line break");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_use_leaves_a_new_version_of_the_same_origin() {
    let desk = Desk::with_vault().await;
    let (before, first) = (desk.token_info(), version(&desk, SecretName::RefreshToken));
    let center = desk.center().await;
    center.sign_in().await.unwrap();
    let (second, in_vault) = (version(&desk, SecretName::RefreshToken), desk.token_in_vault());
    assert_ne!(second, first);
    assert_ne!(in_vault.as_deref(), Some(REFRESH_TOKEN));
    assert_eq!(desk.token_info().obtained, before.obtained);
    assert!(desk.token_info().set_at > before.set_at);
    center.sign_in().await.unwrap();
    assert_ne!(version(&desk, SecretName::RefreshToken), second);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_host_does_is_seen_here() {
    let desk = Desk::with_vault().await;
    let here = desk.center().await;
    let (other, _folder) = desk.other_host();
    let before = other.read(|txn| txn.settings()).unwrap();
    let update = SettingsUpdate {
        before,
        settings: desk.settings(),
        secrets: vec![(SecretName::CpvAppSecret, APP_SECRET.into())],
        typed_over: Vec::new(),
        leaves_secrets: false,
        takes_newer: true,
    };
    settings::save(&other, &desk.reach, update).await.unwrap();
    let there = other.read(|txn| txn.secret_info(SecretName::RefreshToken)).unwrap().unwrap();
    assert_eq!(there.obtained, desk.token_info().obtained, "by the tags");
    assert_eq!(there.place, desk.token_info().place);

    renew(&other, &desk.reach, false).await.unwrap();
    let newer = desk.token_in_vault();
    let noted = version(&desk, SecretName::RefreshToken);
    look(&desk.store, &desk.reach).await.unwrap();
    assert_ne!(version(&desk, SecretName::RefreshToken), noted);
    // Who is signed in here since before does not put an older one on top.
    here.sign_in().await.unwrap();
    assert_eq!(desk.token_in_vault(), newer);
    // The next one begins with what is there.
    let (center, _) = connect::partner_center(&desk.store, &desk.reach).await.unwrap();
    center.sign_in().await.unwrap();
    assert_ne!(desk.token_in_vault(), newer);

    let secrets = Secrets::of(&other, &desk.reach, desk.settings()).await.unwrap();
    let token = SecretString::from("by a consent there");
    let origin = Origin::Consent(Some("eve@fabrikam.example".to_owned()));
    secrets.put(SecretName::RefreshToken, &token, origin).await.unwrap();
    look(&desk.store, &desk.reach).await.unwrap();
    let obtained = desk.token_info().obtained.unwrap();
    assert_eq!(obtained.user.as_deref(), Some("eve@fabrikam.example"));
    assert_eq!(
        Some(obtained),
        other.read(|txn| txn.secret_info(SecretName::RefreshToken)).unwrap().unwrap().obtained
    );
}

/// A look at the token that takes long, once the vault was asked.
async fn long_look(desk: &Desk) -> JoinHandle<Result<Token, JobError>> {
    desk.faults(|it| it.latency = Duration::from_millis(300));
    let (store, reach) = (desk.store.clone(), desk.reach.clone());
    let asked = desk.simulator.requests().key_vault;
    let looking = tokio::spawn(async move { look(&store, &reach).await });
    while desk.simulator.requests().key_vault == asked {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    looking
}

#[tokio::test(flavor = "multi_thread")]
async fn who_worked_from_the_vault_leaves_the_token_alone_that_was_taken_out() {
    let desk = Desk::with_vault().await;
    let (signed_in, newer) = (desk.center().await, desk.center().await);
    let manual = [("mfa_method", "manual".to_owned())];
    desk.save(&manual, &[]).await.unwrap();
    let here = desk.token();
    assert!(here.is_some());
    signed_in.sign_in().await.unwrap();
    assert_eq!(desk.token(), here, "an exchange that went to the vault");
    newer.sign_in().await.unwrap();
    assert_eq!(desk.token(), here);

    let desk = Arc::new(Desk::with_vault().await);
    let looking = long_look(&desk).await;
    desk.set(&[("mfa_method", "manual")]);
    desk.store.put_secret(SecretName::RefreshToken, &"taken out".into()).unwrap();
    looking.await.unwrap().unwrap();
    assert_eq!(desk.token().as_deref(), Some("taken out"), "a look that began before");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_that_took_long_puts_nothing_over_a_newer_note() {
    let desk = Arc::new(Desk::with_vault().await);
    // This host knows nothing of the version yet that is there.
    let stale = |version: &str| {
        desk.store.write(|txn| {
            txn.put_in_vault(
                SecretName::RefreshToken,
                version,
                Timestamp::now(),
                Origin::Renewal { is_own: true },
            )
        })
    };
    stale("older").unwrap();
    let looking = long_look(&desk).await;
    stale("newest").unwrap();
    looking.await.unwrap().unwrap();
    assert_eq!(version(&desk, SecretName::RefreshToken), "newest");
    // The next look finds what is there.
    desk.faults(|it| it.latency = Duration::ZERO);
    look(&desk.store, &desk.reach).await.unwrap();
    assert_ne!(version(&desk, SecretName::RefreshToken), "newest");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_identity_opens_it() {
    let managed = format!("managed:{IDENTITY_CLIENT_ID}");
    let app = format!("app:{APP_ID}");
    for identity in ["managed", &managed, "app", &app] {
        let desk = Desk::signed_in().await;
        let mut changes = desk.vault("managed");
        changes[2].1 = identity.to_owned();
        let typed: &[_] = if identity == app { &[(SecretName::KeyVaultSecret, APP_SECRET)] } else { &[] };
        desk.save(&changes, typed).await.unwrap();
        assert_eq!(desk.token_in_vault().as_deref(), Some(REFRESH_TOKEN), "{identity}");
        // What opens the vault is not in it.
        let app_secret = desk.simulator.vault_secret(APP_SECRET_IN_VAULT);
        assert_eq!(app_secret.is_none(), identity == "app", "{identity}");
        assert_eq!(desk.secret(SecretName::CpvAppSecret).is_some(), identity == "app", "{identity}");
        assert_eq!(desk.secret(SecretName::KeyVaultSecret).is_some(), identity == app, "{identity}");
        desk.center().await.sign_in().await.unwrap();
        assert_ne!(desk.token_in_vault().as_deref(), Some(REFRESH_TOKEN), "{identity}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_identity_takes_the_apps_secret_along() {
    let desk = Desk::with_vault().await;
    let saved = desk.save(&[("key_vault_identity", "managed".to_owned())], &[]).await.unwrap();
    assert_eq!(saved.moved, [SecretName::CpvAppSecret]);
    assert_eq!(desk.secret(SecretName::CpvAppSecret), None);
    desk.center().await.sign_in().await.unwrap();
    // On the way back it is in the vault that it is to open.
    let saved = desk.save(&[("key_vault_identity", "app".to_owned())], &[]).await.unwrap();
    assert_eq!(saved.moved, [SecretName::CpvAppSecret]);
    assert_eq!(desk.secret(SecretName::CpvAppSecret).as_deref(), Some(APP_SECRET));
    desk.center().await.sign_in().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_can_not_open_the_vault_is_not_saved() {
    let desk = Desk::with_vault().await;
    let managed = [("key_vault_identity", "managed".to_owned())];
    let app = [("key_vault_identity", format!("app:{APP_ID}"))];
    let wrong_secret = [(SecretName::KeyVaultSecret, "wrong")];
    let is_it = |error: &JobError| matches!(error, JobError::NotOpened { .. });
    desk.faults(|it| it.no_managed_identity = true);
    for (change, typed) in [(&managed, &[][..]), (&app, &wrong_secret)] {
        let error = desk.save(change, typed).await.unwrap_err();
        assert!(is_it(&error), "{error}");
        assert_eq!(desk.settings().key_vault_identity, KeyVaultIdentity::App);
        desk.center().await.sign_in().await.unwrap();
    }
    desk.save(&app, &[(SecretName::KeyVaultSecret, APP_SECRET)]).await.unwrap();
    let error = desk.save(&[], &wrong_secret).await.unwrap_err();
    assert!(is_it(&error), "{error}");
    desk.center().await.sign_in().await.unwrap();
    // Who knows better says so.
    let other = [("key_vault_identity", format!("app:{IDENTITY_CLIENT_ID}"))];
    let leaving = SettingsUpdate { leaves_secrets: true, ..update(desk.versioned_settings(), &other, &[]) };
    let saved = settings::save(&desk.store, &desk.reach, leaving).await.unwrap();
    assert!(saved.remarks.iter().any(|remark| remark.contains("does not give")), "{saved:?}");
    assert!(matches!(desk.token_info().place, SecretPlace::KeyVault { .. }));
    // A wrong identity is mended by a right one, though the old one opens nothing.
    desk.save(&app, &[]).await.unwrap();
    desk.center().await.sign_in().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_follows_to_another_name_in_the_vault() {
    let desk = Desk::with_vault().await;
    let saved = desk.save(&[("key_vault_name_refresh_token", "other-name".to_owned())], &[]).await.unwrap();
    assert_eq!(saved.moved, [SecretName::RefreshToken]);
    assert_eq!(desk.simulator.vault_secret("other-name").as_deref(), Some(REFRESH_TOKEN));
    desk.center().await.sign_in().await.unwrap();
    assert_ne!(desk.simulator.vault_secret("other-name").as_deref(), Some(REFRESH_TOKEN));
    assert_eq!(desk.token_in_vault().as_deref(), Some(REFRESH_TOKEN));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_that_is_lost_can_be_left() {
    let desk = Desk::with_vault().await;
    desk.faults(|it| it.vault_firewall = true);
    let manual = [("mfa_method", "manual".to_owned())];
    let error = desk.save(&manual, &[]).await.unwrap_err();
    assert!(matches!(&error, JobError::NotGiven { name: "refresh_token", .. }), "{error}");
    assert!(error.to_string().contains("--leave-secrets"), "{error}");
    assert_eq!(desk.settings().mfa_method, MfaMethod::KeyVault);
    assert!(matches!(desk.token_info().place, SecretPlace::KeyVault { .. }));

    let leaving = SettingsUpdate { leaves_secrets: true, ..update(desk.versioned_settings(), &manual, &[]) };
    let saved = settings::save(&desk.store, &desk.reach, leaving).await.unwrap();
    assert_eq!(saved.moved, []);
    let [remark] = saved.remarks.as_slice() else { panic!("{:?}", saved.remarks) };
    assert!(remark.contains("refresh_token, smtp_password") && remark.contains("firewall"), "{remark}");
    assert_eq!(desk.standing(), "missing", "nobody is told that there is one here");
    desk.store.put_secret(SecretName::RefreshToken, &REFRESH_TOKEN.into()).unwrap();
    desk.center().await.sign_in().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_read_that_is_not_asked_for() {
    let desk = Desk::with_vault().await;
    let secrets = Secrets::of(&desk.store, &desk.reach, desk.settings()).await.unwrap();
    let asked = desk.simulator.requests().key_vault;
    let app_secret = secrets.get(SecretName::CpvAppSecret).await.unwrap().unwrap();
    assert_eq!(app_secret.expose_secret(), APP_SECRET);
    assert_eq!(desk.simulator.requests().key_vault, asked, "that one opens the vault, so it is here");
    assert!(secrets.get(SecretName::SmtpPassword).await.unwrap().is_none());
    assert!(desk.simulator.requests().key_vault > asked);
}
