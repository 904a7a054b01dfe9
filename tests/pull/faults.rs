//! Everything that the simulator can do wrong.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cspdeck::jobs::Progress;
use cspdeck::simulator::{self, Tier, subscription_count};
use cspdeck::store::{JobState, SecretName};
use secrecy::{ExposeSecret, SecretString};

use crate::support::Desk;

#[tokio::test(flavor = "multi_thread")]
async fn passing_faults_cost_time_and_nothing_else() {
    let desk = Desk::new(40, Tier::Direct).await;
    desk.faults(|f| {
        f.throttle_every = Some(37);
        f.error_every = Some(11);
        f.cut_body_every = Some(13);
        f.stall_every = Some(53);
    });
    let pulled = desk.pull().await.unwrap();
    assert_eq!((pulled.customers, pulled.failures), (40, vec![]));
    assert_eq!(pulled.subscriptions, subscription_count(40, 1, Tier::Direct));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_slows_a_pull_is_told() {
    let mut desk = Desk::new(20, Tier::Direct).await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let watch = |told: &Arc<Mutex<Vec<Progress>>>| {
        let told = Arc::clone(told);
        move |progress: &Progress| told.lock().expect("no panic").push(progress.clone())
    };
    desk.pull_watched(watch(&told)).await.unwrap();
    assert!(told.lock().unwrap().iter().all(|p| p.throttled.is_none() && p.held_at.is_none()));

    desk.reach.requests_per_minute = 900;
    desk.pull_watched(watch(&told)).await.unwrap();
    assert!(told.lock().unwrap().iter().any(|p| p.held_at == Some(900)));

    told.lock().unwrap().clear();
    desk.reach.requests_per_minute = 100_000;
    // Every request waits then, so that nothing would be told if only what comes were.
    desk.faults(|f| {
        f.throttle_every = Some(15);
        f.retry_after = Some(3);
    });
    desk.pull_watched(watch(&told)).await.unwrap();
    let told = told.lock().unwrap();
    let waits: Vec<_> = told.iter().filter_map(|p| p.throttled).collect();
    assert!(waits.iter().any(|wait| wait.as_secs() < 2), "the wait is counted down: {waits:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_expires_in_mid_pull_is_renewed() {
    let desk = Desk::new(40, Tier::Direct).await;
    desk.faults(|f| {
        f.token_life = Some(Duration::from_millis(150));
        f.latency = Duration::from_millis(15);
    });
    let pulled = desk.pull().await.unwrap();
    assert_eq!((pulled.customers, pulled.failures), (40, vec![]));
    assert!(desk.simulator.requests().token > 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_set_by_hand_in_mid_pull_stays() {
    let desk = Desk::new(40, Tier::Direct).await;
    desk.faults(|f| {
        f.token_life = Some(Duration::from_millis(150));
        f.latency = Duration::from_millis(15);
    });
    let by_hand = SecretString::from("set-by-hand");
    let (store, set) = (desk.store.clone(), AtomicBool::new(false));
    let before = desk.simulator.requests().token;
    let pulled = desk.pull_watched(move |_| {
        if !set.swap(true, Ordering::Relaxed) {
            store.put_secret(SecretName::RefreshToken, &by_hand).expect("set by hand");
        }
    });
    // The pull goes on with its own tokens.
    assert_eq!(pulled.await.unwrap().customers, 40);
    assert!(desk.simulator.requests().token > before + 1, "the token was rotated after that");
    let stored = desk.store.secret(SecretName::RefreshToken).unwrap().unwrap();
    assert_eq!(stored.expose_secret(), "set-by-hand");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_that_fails_is_listed_keeps_its_old_data_and_is_retried_alone() {
    let desk = Desk::new(30, Tier::Direct).await;
    desk.pull().await.unwrap();
    let total = subscription_count(30, 1, Tier::Direct);
    desk.faults(|f| f.fail_customers = vec![4, 7]);
    let pulled = desk.pull().await.unwrap();
    assert_eq!(pulled.failures.len(), 2);
    assert!(pulled.failures.iter().all(|f| f.stage == "subscriptions" && !f.reason.is_empty()));
    assert_eq!(pulled.subscriptions, total, "their old subscriptions are kept");
    let stale = desk.store.read(|txn| Ok(txn.subscriptions()?.into_iter().filter(|s| s.stale).count()));
    assert!(stale.unwrap() > 0, "and marked");
    assert_eq!(desk.job().state, JobState::DoneInPart);

    let again = desk.retry().await.unwrap();
    assert_eq!(again.failures.len(), 2);
    desk.faults(|f| f.fail_customers.clear());
    let asked = desk.simulator.requests().subscriptions;
    let mended = desk.retry().await.unwrap();
    assert_eq!((mended.failures, mended.subscriptions), (vec![], total));
    assert_eq!(desk.simulator.requests().subscriptions - asked, 2);
    let stale = desk.store.read(|txn| Ok(txn.subscriptions()?.into_iter().filter(|s| s.stale).count()));
    assert_eq!(stale.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_that_vanishes_between_two_pages_is_told_and_stops_nothing() {
    let desk = Desk::new(30, Tier::Direct).await;
    desk.faults(|f| f.vanish = vec![20]);
    let pulled = desk.pull().await.unwrap();
    let stages: Vec<&str> = pulled.failures.iter().map(|f| f.stage.as_str()).collect();
    assert_eq!(stages, ["details", "subscriptions"]);
    assert_eq!(pulled.customers, 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_repeats_ends_the_pull_with_a_reason() {
    let desk = Desk::new(60, Tier::Direct).await;
    desk.faults(|f| f.repeat_page = true);
    let error = desk.pull().await.unwrap_err().to_string();
    assert!(error.contains("again") || error.contains("repeat"), "{error}");
    assert_eq!(desk.job().state, JobState::Failed);
    assert!(desk.simulator.requests().customers_pages < 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn absurd_totals_unknown_values_and_hostile_names_are_kept() {
    let desk = Desk::new(60, Tier::Direct).await;
    desk.faults(|f| {
        f.absurd_total = true;
        f.unknown_values = true;
        f.hostile_names = true;
    });
    let pulled = desk.pull().await.unwrap();
    assert_eq!((pulled.customers, pulled.failures.len()), (60, 0));
    assert_eq!(pulled.odd, 2, "items that are no items are counted");
    let job = desk.job();
    assert_eq!(job.state, JobState::DoneInPart, "what is missing is not done");
    assert!(job.message.unwrap().ends_with("2 list items could not be read (the log says which)"));
    let names = desk.store.read(|txn| Ok(txn.customers()?.into_iter().map(|c| c.name).collect::<Vec<_>>()));
    assert!(names.unwrap().iter().any(|name| name.contains('\u{1b}')), "names are kept as they came");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_token_stops_at_once_and_says_what_to_do() {
    let desk = Desk::new(60, Tier::Direct).await;
    desk.faults(|f| f.reject_token = Some(700082));
    let error = desk.pull().await.unwrap_err().to_string();
    assert!(error.contains("700082") && error.to_lowercase().contains("consent"), "{error}");
    assert_eq!(desk.simulator.requests().customers_pages, 0);

    let refused =
        || desk.store.read(|txn| txn.secret_info(SecretName::RefreshToken)).unwrap().unwrap().refused;
    assert_eq!(refused().unwrap().code, "invalid_grant, AADSTS700082");
    // That was no reason of the app's.
    let app_secret = SecretString::from(simulator::APP_SECRET);
    desk.store.put_secret(SecretName::CpvAppSecret, &app_secret).unwrap();
    assert!(refused().is_some());
    let token = SecretString::from(simulator::REFRESH_TOKEN);
    desk.store.put_secret(SecretName::RefreshToken, &token).unwrap();
    assert_eq!(refused(), None);
    desk.faults(|f| f.reject_token = None);
    desk.pull().await.unwrap();
    assert_eq!(refused(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_was_set_meanwhile_is_not_the_refused_one() {
    let desk = Desk::new(20, Tier::Direct).await;
    desk.faults(|f| f.reject_token = Some(700082));
    let store = desk.store.clone();
    let pulled = desk.pull_watched(move |_| {
        store.put_secret(SecretName::RefreshToken, &SecretString::from("set-by-hand")).expect("set");
    });
    assert!(pulled.await.is_err());
    let info = desk.store.read(|txn| txn.secret_info(SecretName::RefreshToken)).unwrap().unwrap();
    assert_eq!(info.refused, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_network_the_pull_stops_and_can_be_resumed() {
    let mut desk = Desk::new(20, Tier::Direct).await;
    let there = desk.reach.clone();
    desk.reach.partner_center = "http://127.0.0.1:9/".parse().unwrap();
    desk.reach.login = desk.reach.partner_center.clone();
    desk.reach.max_attempts = 2;
    let error = desk.pull().await.unwrap_err();
    assert!(error.is_worth_retrying_later(), "{error}");
    desk.reach = there;
    assert_eq!(desk.resume(desk.job()).await.unwrap().customers, 20);
}
