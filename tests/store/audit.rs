//! The audit chain.

use cspdeck::domain::client::{Client, ClientStatus};
use cspdeck::store::{AuditCheck, AuditEvent, ReadTxn, Store};
use redb::{Database, ReadableTable, TableDefinition};

use super::support::{client, open};

type Bytes = &'static [u8];
const AUDIT: TableDefinition<'_, Bytes, Bytes> = TableDefinition::new("audit");

/// Does something to the table, at the key of the second entry.
type Tamper = fn(&mut redb::Table<'_, Bytes, Bytes>, &[u8]);

fn three_entries(store: &Store) {
    store.write(|txn| txn.put_client(0, &client("t1"))).unwrap();
    let suspended = Client { status: ClientStatus::Suspended, ..client("t1") };
    store.write(|txn| txn.put_client(1, &suspended)).unwrap();
    let event = AuditEvent { action: "plan.reprice".into(), subject: "p1".into(), detail: "3 prices".into() };
    store.write(|txn| txn.audit(event)).unwrap();
}

/// Works on the file behind the store's back.
fn tamper(store: &Store, with: impl FnOnce(&mut redb::Table<'_, Bytes, Bytes>)) {
    let database = Database::open(store.path()).unwrap();
    let transaction = database.begin_write().unwrap();
    with(&mut transaction.open_table(AUDIT).unwrap());
    transaction.commit().unwrap();
}

#[test]
fn every_change_is_noted_with_who_and_what() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), "anna");
    three_entries(&store);
    assert_eq!(store.read(ReadTxn::audit_len).unwrap(), 3);
    let entries = store.read(|txn| txn.audit(1, 10)).unwrap();
    let told: Vec<_> = entries.iter().map(|e| (e.seq, e.action.as_str(), e.subject.as_str())).collect();
    assert_eq!(told, [(1, "client.create", "t1"), (2, "client.change", "t1"), (3, "plan.reprice", "p1")]);
    assert_eq!(entries[1].detail, "status: active -> suspended");
    assert!(entries[0].detail.contains("username: admin@t1.example"), "{}", entries[0].detail);
    assert!(entries.iter().all(|e| e.operator == *store.operator()));
    assert_eq!(entries[1].previous, entries[0].hash);
    assert_eq!(store.read(|txn| txn.audit(2, 1)).unwrap(), entries[1..2]);
    assert_eq!(store.read(|txn| txn.audit(4, 10)).unwrap(), []);
    let whole = AuditCheck::Whole { entries: 3, head: entries[2].hash.clone() };
    assert_eq!(store.read(ReadTxn::verify_audit).unwrap(), whole);
}

#[test]
fn a_chain_that_was_tampered_with_is_found_out() {
    let second = 2u64.to_be_bytes();
    let tampers: [(&str, u64, Tamper); 4] = [
        ("altered", 2, |table, second| {
            let mut bytes = table.get(second).unwrap().unwrap().value().to_vec();
            let at = bytes.windows(9).position(|w| w == b"suspended").unwrap();
            bytes[at..at + 9].copy_from_slice(b"suspendEd");
            table.insert(second, &bytes[..]).unwrap();
        }),
        ("missing", 2, |table, second| {
            table.remove(second).unwrap();
        }),
        ("replaced by another", 2, |table, second| {
            let bytes = table.get(&1u64.to_be_bytes()[..]).unwrap().unwrap().value().to_vec();
            table.insert(second, &bytes[..]).unwrap();
        }),
        ("cut off at the end", 3, |table, _| {
            table.remove(&3u64.to_be_bytes()[..]).unwrap();
        }),
    ];
    for (name, seq, with) in tampers {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path(), "anna");
        three_entries(&store);
        tamper(&store, |table| with(table, &second));
        let check = store.read(ReadTxn::verify_audit).unwrap();
        assert!(matches!(check, AuditCheck::Broken { seq: at, .. } if at == seq), "{name}: {check:?}");
    }
}
