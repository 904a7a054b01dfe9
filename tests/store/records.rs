//! Settings, plans, clients, services: revisions, conflicts, generations.

use cspdeck::domain::ids::PlanId;
use cspdeck::domain::settings::Settings;
use cspdeck::store::{DraftDelta, Prepared, ReadTxn, StoreError};

use super::support::{client, open, plan, service};

#[test]
fn a_record_keeps_its_revision_and_who_wrote_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "anna");
    assert_eq!(store.read(ReadTxn::settings).unwrap().revision, 0);
    let settings = Settings { csp_domain: Some("fabrikam.example".into()), ..Settings::default() };
    assert_eq!(store.write(|txn| txn.put_settings(0, &settings)).unwrap(), 1);

    let mut changed = client("t1");
    store.write(|txn| txn.put_client(0, &changed)).unwrap();
    changed.username = "ops@t1.example".into();
    let bert = open(folder.path(), "bert");
    assert_eq!(bert.write(|txn| txn.put_client(1, &changed)).unwrap(), 2);
    let stored = store.read(|txn| txn.client(&changed.id)).unwrap().unwrap();
    assert_eq!((stored.revision, stored.updated_by.as_str()), (2, "bert"));
    assert_eq!(stored.value, changed);
}

#[test]
fn who_comes_second_is_refused_and_shown_both() {
    let folder = tempfile::tempdir().unwrap();
    let (anna, bert) = (open(folder.path(), "anna"), open(folder.path(), "bert"));
    let sold = service("t1", "s1", "p1");
    anna.write(|txn| txn.put_service(0, &sold)).unwrap();
    let before = bert.read(|txn| txn.service(&sold.key())).unwrap();

    let by_anna = cspdeck::domain::service::Service { quantity: 7, ..sold.clone() };
    let by_bert = cspdeck::domain::service::Service { quantity: 9, ..sold.clone() };
    anna.write(|txn| txn.put_service(1, &by_anna)).unwrap();
    let prepared = Prepared::service(before.as_ref(), &by_bert).unwrap();
    for refused in
        [bert.write(|txn| txn.put_service(1, &by_bert)), bert.write(|txn| txn.put_prepared(&prepared))]
    {
        let Err(StoreError::Conflict(conflict)) = refused else { panic!("{refused:?}") };
        assert_eq!((conflict.expected, conflict.found, conflict.by.as_str()), (1, 2, "anna"));
        let [difference] = &conflict.differences[..] else { panic!("{:?}", conflict.differences) };
        assert_eq!(difference.to_string(), "quantity: 7 -> 9");
    }
    assert_eq!(anna.read(|txn| txn.service(&sold.key())).unwrap().unwrap().value, by_anna);
    // Someone thought it was new.
    assert!(matches!(bert.write(|txn| txn.put_service(0, &by_bert)), Err(StoreError::Conflict(_))));
}

#[test]
fn one_conflict_does_not_undo_the_other_rows() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "anna");
    store.write(|txn| txn.put_client(0, &client("t1"))).unwrap();
    store
        .write(|txn| {
            let other = cspdeck::domain::client::Client { username: "x@y".into(), ..client("t1") };
            assert!(matches!(txn.put_client(0, &other), Err(StoreError::Conflict(_))));
            txn.put_client(0, &client("t2"))
        })
        .unwrap();
    assert_eq!(store.read(ReadTxn::clients).unwrap().len(), 2);
}

#[test]
fn a_record_that_comes_back_is_not_taken_for_the_one_that_was_removed() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "anna");
    let id = client("t1").id;
    store.write(|txn| txn.put_client(0, &client("t1"))).unwrap();
    store.write(|txn| txn.remove_client(1, &id)).unwrap();
    let refused = store.write(|txn| txn.put_client(1, &client("t1"))).unwrap_err();
    assert!(refused.to_string().contains("removed by another operator"), "{refused}");
    assert_eq!(store.write(|txn| txn.put_client(0, &client("t1"))).unwrap(), 2);
    assert!(matches!(store.write(|txn| txn.remove_client(1, &id)), Err(StoreError::Conflict(_))));
}

#[test]
fn what_is_in_use_is_not_removed() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "anna");
    let sold = service("t1", "s1", "p1");
    store
        .write(|txn| {
            txn.put_plan(0, &plan("p1"))?;
            txn.put_client(0, &client("t1"))?;
            txn.put_service(0, &sold)
        })
        .unwrap();
    let plan_id = PlanId::parse("p1").unwrap();
    let refused = store.write(|txn| txn.remove_plan(1, &plan_id)).unwrap_err();
    assert_eq!(refused.to_string(), "plan p1 is still used by 1 services; remove or change those first");
    assert!(matches!(
        store.write(|txn| txn.remove_client(1, &sold.customer_id)),
        Err(StoreError::StillUsed { count: 1, .. })
    ));
    store
        .write(|txn| {
            txn.remove_service(1, &sold.key())?;
            txn.remove_client(1, &sold.customer_id)?;
            txn.remove_plan(1, &plan_id)
        })
        .unwrap();
    assert!(store.read(ReadTxn::plans).unwrap().is_empty());
}

#[test]
fn a_clients_services_are_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "anna");
    let keys = [("t1", "s2"), ("t1", "s1"), ("t10", "s1"), ("t1-a", "s1"), ("t", "s1")];
    store
        .write(|txn| keys.iter().try_for_each(|(c, s)| txn.put_service(0, &service(c, s, "p1")).map(drop)))
        .unwrap();
    let of = |id| store.read(|txn| txn.services_of(&client(id).id)).unwrap();
    let names: Vec<String> = of("t1").into_iter().map(|s| s.value.key().to_string()).collect();
    assert_eq!(names, ["t1/s1", "t1/s2"]);
    assert_eq!(of("t").len(), 1);
    assert_eq!(store.read(ReadTxn::services).unwrap().len(), 5);
}

#[test]
fn the_generation_moves_only_with_what_it_is_about() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "anna");
    let generation = || store.read(ReadTxn::generation).unwrap();
    let start = generation();

    store.write(|txn| txn.put_client(0, &client("t1"))).unwrap();
    let with_client = generation();
    assert_eq!((with_client.all, with_client.data), (start.all + 1, start.data + 1));

    let delta = DraftDelta { view: Some(vec![1]), ..DraftDelta::default() };
    store.write(|txn| txn.save_drafts(1, "migration", &delta, |_, _| Ok(None))).unwrap();
    let with_drafts = generation();
    assert_eq!((with_drafts.all, with_drafts.data), (with_client.all + 1, with_client.data));

    // The same again, something that is refused, and nothing at all.
    assert_eq!(store.write(|txn| txn.put_client(1, &client("t1"))).unwrap(), 1);
    assert!(
        store
            .write(|txn| txn.put_client(0, &client("t2")).and(Err::<(), _>(StoreError::NoSnapshot)))
            .is_err()
    );
    store.write(|txn| txn.clients().map(drop)).unwrap();
    assert_eq!(generation(), with_drafts);
    assert_eq!(store.read(ReadTxn::clients).unwrap().len(), 1);
}

#[test]
fn the_file_looks_different_after_a_write() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "anna");
    let before = store.stamp();
    store.write(|txn| txn.put_client(0, &client("t1"))).unwrap();
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(60);
    let file = std::fs::File::options().write(true).open(store.path()).unwrap();
    file.set_modified(old).unwrap();
    let after = store.stamp();
    assert_ne!(before, after);
    assert_eq!(store.stamp(), after);
    store.write(|txn| txn.put_client(0, &client("t2"))).unwrap();
    assert_ne!(store.stamp(), after);
}

#[test]
fn a_panic_in_a_write_keeps_nothing_and_leaves_the_store_usable() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "anna");
    store.write(|txn| txn.put_client(0, &client("t1"))).unwrap();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        store.write(|txn| -> Result<(), StoreError> {
            txn.put_client(0, &client("t2"))?;
            panic!("a fault elsewhere")
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(store.read(ReadTxn::clients).unwrap().len(), 1);
    store.write(|txn| txn.put_client(0, &client("t2"))).unwrap();
    assert_eq!(store.read(ReadTxn::clients).unwrap().len(), 2);
}
