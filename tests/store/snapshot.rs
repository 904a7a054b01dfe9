//! Pulls: what is staged, what is published, what is amended.

use cspdeck::domain::portfolio::SubscriptionFacts;
use cspdeck::store::{JobId, PullFailure, ReadTxn, StoreError};

use super::support::{customer, customer_id, open, subscription};

fn failure(customer: &str, stage: &str) -> PullFailure {
    PullFailure {
        customer: customer_id(customer),
        name: format!("Company {customer}"),
        stage: stage.into(),
        reason: "500".into(),
    }
}

#[test]
fn what_is_staged_is_not_seen_until_it_is_published() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "anna");
    assert_eq!(store.read(ReadTxn::snapshot).unwrap(), None);
    assert!(store.read(ReadTxn::subscriptions).unwrap().is_empty());
    let (first, second) = (JobId::new(), JobId::new());
    store
        .write(|txn| {
            let area = txn.begin_staging(&first)?;
            txn.stage_customers(area, &[customer("t1", "Old"), customer("t2", "Gone")])?;
            txn.stage_subscriptions(area, &customer_id("t1"), &[subscription("t1", "s1")])?;
            txn.publish_staging(area, 3)
        })
        .unwrap();
    let old = store.read(ReadTxn::snapshot).unwrap().unwrap();
    assert_eq!((old.customers, old.subscriptions, old.requests), (2, 1, 3));
    let generation = store.read(ReadTxn::generation).unwrap();

    let area = store.write(|txn| txn.begin_staging(&second)).unwrap();
    store
        .write(|txn| {
            txn.stage_customers(area, &[customer("t1", "Newer")])?;
            txn.stage_customers(area, &[customer("t1", "New"), customer("t3", "Third")])?;
            txn.stage_subscriptions(area, &customer_id("t1"), &[subscription("t1", "s1")])?;
            let again = [subscription("t1", "s2"), subscription("t1", "s3")];
            txn.stage_subscriptions(area, &customer_id("t1"), &again)?;
            txn.stage_failure(area, &failure("t3", "subscriptions"))
        })
        .unwrap();
    // Another process that resumes the job finds what is there; everybody else still sees the old snapshot.
    let resumed = open(folder.path(), "bert");
    assert_eq!(resumed.write(|txn| txn.begin_staging(&second)).unwrap(), area);
    resumed
        .read(|txn| {
            assert_eq!(txn.staging(&second)?.map(|s| (s.id, s.by)), Some((area, "anna".to_owned())));
            assert_eq!(txn.staged_done(area)?, [customer_id("t1")].into());
            assert_eq!(txn.staged_failures(area)?, [failure("t3", "subscriptions")]);
            let names: Vec<String> = txn.staged_customers(area)?.into_iter().map(|c| c.name).collect();
            assert_eq!(names, ["New", "Third"]);
            assert_eq!(txn.snapshot()?, Some(old.clone()));
            assert_eq!(txn.customers()?, [customer("t1", "Old"), customer("t2", "Gone")]);
            assert_eq!(txn.subscriptions_of(&customer_id("t1"))?, [subscription("t1", "s1")]);
            assert_eq!(txn.generation()?.data, generation.data);
            Ok(())
        })
        .unwrap();

    resumed.write(|txn| txn.publish_staging(area, 9)).unwrap();
    store
        .read(|txn| {
            let snapshot = txn.snapshot()?.ok_or(StoreError::NoSnapshot)?;
            assert_eq!((snapshot.customers, snapshot.subscriptions, snapshot.by.as_str()), (2, 2, "bert"));
            assert_eq!(snapshot.failures, [failure("t3", "subscriptions")]);
            assert_eq!(txn.customer(&customer_id("t1"))?, Some(customer("t1", "New")));
            assert_eq!(txn.customer(&customer_id("t2"))?, None);
            assert_eq!(txn.subscriptions()?, [subscription("t1", "s2"), subscription("t1", "s3")]);
            let whole = txn.subscriptions()?.into_iter().map(SubscriptionFacts::from);
            let mut facts = Vec::new();
            txn.each_subscription(|s| facts.push(s))?;
            assert_eq!(facts, whole.collect::<Vec<_>>());
            assert!(txn.stagings()?.is_empty());
            assert_eq!(txn.generation()?.data, generation.data + 1);
            Ok(())
        })
        .unwrap();
    let late = store.write(|txn| txn.stage_customers(area, &[customer("t9", "Late")]));
    assert!(matches!(late, Err(StoreError::NoStaging { .. })));
}

#[test]
fn a_dropped_area_leaves_nothing_and_the_snapshot_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "anna");
    let job = JobId::new();
    let area = store.write(|txn| txn.begin_staging(&job)).unwrap();
    store.write(|txn| txn.stage_customers(area, &[customer("t1", "A")])).unwrap();
    store.write(|txn| txn.drop_staging(area)).unwrap();
    store.write(|txn| txn.drop_staging(area)).unwrap();
    assert_eq!(store.read(|txn| txn.staging(&job)).unwrap(), None);
    assert!(store.read(|txn| txn.staged_customers(area)).unwrap().is_empty());
    assert_eq!(store.read(ReadTxn::snapshot).unwrap(), None);
    assert_ne!(store.write(|txn| txn.begin_staging(&job)).unwrap(), area);
}

#[test]
fn a_retry_amends_the_snapshot_and_takes_the_failure_away() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "anna");
    let t1 = customer_id("t1");
    let early = store.write(|txn| txn.replace_subscriptions(&t1, None, &[]));
    assert!(matches!(early, Err(StoreError::NoSnapshot)));
    store
        .write(|txn| {
            let area = txn.begin_staging(&JobId::new())?;
            txn.stage_customers(area, &[customer("t1", "A"), customer("t2", "B")])?;
            let stale =
                cspdeck::domain::subscription::Subscription { stale: true, ..subscription("t1", "s1") };
            txn.stage_failure(area, &failure("t1", "details"))?;
            txn.stage_subscriptions(area, &t1, &[stale])?;
            txn.stage_failure(area, &failure("t1", "subscriptions"))?;
            txn.stage_failure(area, &failure("t2", "details"))?;
            txn.publish_staging(area, 1)
        })
        .unwrap();
    let failures = || store.read(ReadTxn::snapshot).unwrap().unwrap().failures;
    assert_eq!(failures(), [failure("t1", "subscriptions"), failure("t2", "details")]);
    let fresh = [subscription("t1", "s1"), subscription("t1", "s2")];
    store.write(|txn| txn.replace_subscriptions(&t1, Some(&customer("t1", "A2")), &fresh)).unwrap();
    assert_eq!(failures(), [failure("t2", "details")]);
    assert_eq!(store.read(ReadTxn::subscriptions).unwrap(), fresh);
    assert_eq!(store.read(|txn| txn.customer(&t1)).unwrap().unwrap().name, "A2");
    assert_eq!(store.read(ReadTxn::snapshot).unwrap().unwrap().subscriptions, 2);
}

#[test]
fn a_subscription_of_another_customer_is_not_staged() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "anna");
    let refused = store.write(|txn| {
        let area = txn.begin_staging(&JobId::new())?;
        txn.stage_subscriptions(area, &customer_id("t1"), &[subscription("t2", "s1")])
    });
    assert!(matches!(refused, Err(StoreError::Fault(_))));
}
