//! What is known of the app's consent in customers' tenants, and the items of jobs.

use cspdeck::domain::application_consent::{ApplicationConsent, ConsentOutcome};
use cspdeck::store::{ItemState, JobItem, JobRecord, JobState};

use crate::support::{customer_id, open};

const APP: &str = "5a1f0c3e-0000-4a4a-9c9c-1f2e3d4c5b6a";

fn consent(customer: &str, outcome: ConsentOutcome) -> ApplicationConsent {
    ApplicationConsent {
        customer: customer_id(customer),
        app_id: APP.to_owned(),
        at: "2026-11-25T23:30:00Z".parse().unwrap(),
        by: "anna".to_owned(),
        outcome,
        grants: Some("Microsoft Graph: User.Read.All".to_owned()),
    }
}

#[test]
fn what_is_changed_in_a_tenant_is_audited_and_the_last_word_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "anna");
    let failed = |removed| ConsentOutcome::Failed { reason: "HTTP 403".to_owned(), removed };
    let before = store.read(|txn| txn.generation()).unwrap();
    let all = [
        consent("a", failed(false)),
        consent("b", ConsentOutcome::Already),
        consent("a", ConsentOutcome::Given),
        consent("c", ConsentOutcome::Replaced),
        consent("d", failed(true)),
    ];
    store.write(|txn| all.iter().try_for_each(|consent| txn.put_application_consent(consent))).unwrap();
    assert_eq!(store.read(|txn| txn.generation()).unwrap().data, before.data, "nobody reads for each");
    store.write(|txn| txn.close_application_consents(APP, "2 given")).unwrap();
    let (kept, audit, now) =
        store.read(|txn| Ok((txn.application_consents()?, txn.audit(1, 9)?, txn.generation()?))).unwrap();
    assert_eq!(now.data, before.data + 1);
    assert_eq!(kept, [&all[2], &all[1], &all[3], &all[4]].map(Clone::clone));
    let noted: Vec<(&str, &str)> = audit.iter().map(|e| (e.action.as_str(), e.subject.as_str())).collect();
    assert_eq!(
        noted,
        [
            ("application_consent.give", "a"),
            ("application_consent.replace", "c"),
            ("application_consent.remove", "d"),
            ("application_consent.batch", APP),
        ]
    );
    assert!(audit[0].detail.contains(APP) && audit[0].detail.contains("User.Read.All"));
    let since = |at: usize| kept[at].since().map(|day| day.to_string());
    assert_eq!((since(0).as_deref(), since(1).as_deref()), (Some("2026-11-25"), Some("2026-11-25")));
    assert_eq!(since(3), None);
    let one = store.read(|txn| txn.application_consent(&customer_id("b"))).unwrap();
    assert_eq!(one, Some(all[1].clone()));
}

#[test]
fn an_item_stands_in_one_state_and_goes_with_its_job() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "anna");
    let item = |key: &str| JobItem { key: key.to_owned(), name: key.to_uppercase(), note: String::new() };
    let job = JobRecord::start("application-consents", "App consent", "anna");
    let other = JobRecord::start("application-consents", "App consent", "anna");
    let read = |state| store.read(|txn| txn.job_items(&job.id, state)).unwrap();
    store
        .write(|txn| {
            txn.put_job_items(&job.id, ItemState::Open, &["a", "b", "c"].map(item))?;
            txn.put_job_items(&other.id, ItemState::Open, &[item("a")])?;
            txn.put_job_items(&job.id, ItemState::Done, &[item("b")])?;
            txn.put_job_items(&job.id, ItemState::Failed, &[item("a")])?;
            txn.put_job_items(&job.id, ItemState::Done, &[item("a")])
        })
        .unwrap();
    assert_eq!((read(ItemState::Open), read(ItemState::Failed)), (vec![item("c")], vec![]));
    assert_eq!(read(ItemState::Done), ["a", "b"].map(item));

    let ended: Vec<JobRecord> = (0..301)
        .map(|_| JobRecord { state: JobState::Done, ..JobRecord::start("apply", "Update", "anna") })
        .collect();
    let job_ended = JobRecord { state: JobState::Done, ..job.clone() };
    store
        .write(|txn| {
            txn.put_job(&job_ended)?;
            ended.iter().try_for_each(|job| txn.put_job(job))
        })
        .unwrap();
    assert_eq!(read(ItemState::Done), []);
    let kept = store.read(|txn| txn.job_items(&other.id, ItemState::Open)).unwrap();
    assert_eq!(kept, [item("a")]);
    store.write(|txn| txn.drop_job_items(&other.id)).unwrap();
    assert_eq!(store.read(|txn| txn.job_items(&other.id, ItemState::Open)).unwrap(), []);
}
