//! A consent that is given while its token has no place.

use std::sync::{Arc, Mutex};

use cspdeck::jobs::JobError;
use cspdeck::jobs::consent::{ConsentError, Stage};
use cspdeck::simulator::REFRESH_TOKEN;
use cspdeck::store::{JobState, SecretPlace};

use crate::browser;
use crate::consent::{ADMIN, Attempt, Begin};
use crate::support::{self, Desk, Held};

/// An attempt whose store somebody else is in from the moment that a sign-in is being checked.
fn shut_out(desk: &Desk) -> (Attempt, Arc<Mutex<Option<Held>>>) {
    let (store, holder) = (desk.impatient(), desk.store.clone());
    let held = Arc::new(Mutex::new(None));
    let keep = Arc::clone(&held);
    let hears = Box::new(move |stage: &Stage| {
        if *stage == Stage::Checking {
            *keep.lock().unwrap() = Some(support::hold(holder.clone()));
        }
    });
    (Begin { store, hears, ..Begin::at(desk) }.go(), held)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_in_use_costs_the_consent_and_says_so() {
    let desk = Desk::signed_in().await;
    let (mut attempt, held) = shut_out(&desk);
    let page = browser::visit(&browser::sign_in(&attempt.address().await).await).await;
    let error = attempt.error().await;
    drop(held.lock().unwrap().take());
    assert!(matches!(error, JobError::Consent(ConsentError::NotKept { .. })), "{error}");
    for words in ["could not be stored", "in use", "The token before stays", "give the consent again"] {
        assert!(error.to_string().contains(words), "{words}: {error}");
    }
    assert!(page.contains("could not be stored"), "{page}");
    assert_eq!(desk.token().as_deref(), Some(REFRESH_TOKEN));
    assert_eq!(desk.settings().microsoft_id, None, "all or nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_open_to_others_costs_the_consent_and_says_so() {
    let desk = Desk::signed_in().await;
    let mut attempt = Begin::at(&desk).go();
    let end = browser::sign_in(&attempt.address().await).await;
    desk.allow_identity(0o644);
    attempt.paste(end).await;
    let error = attempt.error().await;
    desk.allow_identity(0o600);
    assert!(matches!(error, JobError::Consent(ConsentError::NotKept { .. })), "{error}");
    assert_eq!(desk.token().as_deref(), Some(REFRESH_TOKEN));
    let job = desk.job();
    assert_eq!((job.state, job.message), (JobState::Failed, Some(error.to_string())));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vault_takes_the_token_with_where_it_came_from() {
    let desk = Desk::with_vault().await;
    let mut attempt = Begin::at(&desk).go();
    let end = browser::sign_in(&attempt.address().await).await;
    attempt.paste(end).await;
    let consented = attempt.end().await.unwrap();
    assert!(consented.in_vault && consented.summary().contains("in the key vault"), "{consented:?}");
    assert_ne!(desk.token_in_vault().as_deref(), Some(REFRESH_TOKEN));
    assert_eq!(desk.token(), None, "nothing of it is here");
    let info = desk.token_info();
    assert!(matches!(info.place, SecretPlace::KeyVault { .. }));
    assert_eq!(info.obtained.unwrap().user.as_deref(), Some(ADMIN));
    assert!(desk.settings().microsoft_id.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_goes_where_the_settings_say_in_the_end() {
    let desk = Desk::signed_in().await;
    let mut attempt = Begin::at(&desk).go();
    let end = browser::sign_in(&attempt.address().await).await;
    desk.save(&desk.vault("app"), &[]).await.unwrap();
    attempt.paste(end).await;
    let consented = attempt.end().await.unwrap();
    assert!(consented.in_vault, "{consented:?}");
    assert_eq!(desk.token(), None);
    assert_ne!(desk.token_in_vault().as_deref(), Some(REFRESH_TOKEN));
    assert_eq!(desk.token_info().obtained.unwrap().user.as_deref(), Some(ADMIN));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_for_another_app_or_tenant_than_is_set_by_then_is_not_stored() {
    for (key, other, words) in [
        ("cpv_app_id", "11111111-71d2-4a4a-9c9c-1f2e3d4c5b6a", "the CPV App ID was changed"),
        ("microsoft_id", "11111111-71d2-4a4a-9c9c-1f2e3d4c5b6a", "the CSP Microsoft ID was changed"),
    ] {
        let desk = Desk::signed_in().await;
        let mut attempt = Begin::at(&desk).go();
        let end = browser::sign_in(&attempt.address().await).await;
        desk.set(&[(key, other)]);
        attempt.paste(end).await;
        let error = attempt.error().await;
        assert!(matches!(error, JobError::Consent(ConsentError::NotKept { .. })), "{error}");
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(desk.token().as_deref(), Some(REFRESH_TOKEN));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_that_does_not_take_the_token_costs_the_consent_and_says_so() {
    let desk = Desk::with_vault().await;
    let mut attempt = Begin::at(&desk).go();
    let end = browser::sign_in(&attempt.address().await).await;
    desk.faults(|it| it.vault_read_only = true);
    let page = browser::visit(&end).await;
    let error = attempt.error().await;
    assert!(matches!(error, JobError::Consent(ConsentError::NotKept { .. })), "{error}");
    assert!(error.to_string().contains("Key Vault Secrets Officer"), "{error}");
    assert!(page.contains("could not be stored"), "{page}");
    assert_eq!(desk.token_in_vault().as_deref(), Some(REFRESH_TOKEN));
    assert_eq!(desk.token(), None, "nor in a place that nobody expects");
    assert_eq!(desk.settings().microsoft_id, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_that_is_away_is_told_before_anybody_signs_in() {
    let desk = Desk::with_vault().await;
    desk.faults(|it| it.vault_firewall = true);
    let error = Begin::at(&desk).go().error().await;
    assert!(matches!(error, JobError::Vault(_)), "{error}");
    // A token that is disabled there is one more reason for a new one.
    desk.faults(|it| (it.vault_firewall, it.vault_disabled) = (false, true));
    let mut attempt = Begin::at(&desk).go();
    let end = browser::sign_in(&attempt.address().await).await;
    desk.faults(|it| it.vault_disabled = false);
    attempt.paste(end).await;
    attempt.end().await.unwrap();
    assert_ne!(desk.token_in_vault().as_deref(), Some(REFRESH_TOKEN));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_vault_has_counts_even_if_it_can_not_be_noted_here() {
    let desk = Desk::with_vault().await;
    let (mut attempt, held) = shut_out(&desk);
    let end = browser::sign_in(&attempt.address().await).await;
    attempt.paste(end).await;
    let consented = attempt.end().await.unwrap();
    drop(held.lock().unwrap().take());
    assert!(consented.remarks.iter().any(|it| it.contains("settings could not be changed")), "{consented:?}");
    assert_ne!(desk.token_in_vault().as_deref(), Some(REFRESH_TOKEN));
    // The next look brings the note up to date.
    cspdeck::jobs::token::look(&desk.store, &desk.reach).await.unwrap();
    assert_eq!(desk.token_info().obtained.unwrap().user.as_deref(), Some(ADMIN));
}
