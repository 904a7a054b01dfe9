//! `audit`: who changed what and when, and whether the chain is whole.

use serde_json::{Value, json};

use super::Desk;
use super::arguments::AuditArguments;
use super::failure::{Exit, Failure};
use super::table::Table;
use crate::store::{AuditCheck, AuditEntry};

pub(super) fn run(desk: &Desk, arguments: &AuditArguments) -> Result<Exit, Failure> {
    if arguments.verify {
        return verify(desk);
    }
    let entries = desk.store.read(|txn| {
        let first = txn.audit_len()?.saturating_sub(arguments.limit as u64) + 1;
        txn.audit(first, arguments.limit)
    })?;
    let items: Vec<Value> = entries.iter().map(item).collect();
    desk.output.list(&items, |_| table(&entries))?;
    Ok(Exit::Done)
}

fn verify(desk: &Desk) -> Result<Exit, Failure> {
    match desk.store.read(|txn| txn.verify_audit())? {
        AuditCheck::Whole { entries, head } => {
            let line = format!(
                "the audit chain is whole: {entries} entries. The last one's hash is {head}; noted elsewhere, it proves \
                 later that none before it was altered"
            );
            let document = json!({ "whole": true, "entries": entries, "head": head });
            desk.output.document(&document, &[line])?;
            Ok(Exit::Done)
        }
        AuditCheck::Broken { seq, why } => {
            let line = format!(
                "the audit chain is broken at entry {seq}: {why}. Somebody altered the store from outside; \
                 keep the file as it is, and compare it with a backup"
            );
            desk.output.document(&json!({ "whole": false, "seq": seq, "why": why }), &[line])?;
            Ok(Exit::Findings)
        }
    }
}

fn item(entry: &AuditEntry) -> Value {
    json!({
        "seq": entry.seq,
        "at": entry.at,
        "operator": entry.operator.name,
        "uid": entry.operator.uid,
        "sudo_user": entry.operator.sudo_user,
        "ssh_client": entry.operator.ssh_client,
        "action": entry.action,
        "subject": entry.subject,
        "detail": entry.detail,
        "previous": entry.previous,
        "hash": entry.hash,
    })
}

fn table(entries: &[AuditEntry]) -> Table {
    let mut table =
        Table::new(&[">SEQ", "AT (UTC)", "BY", "ACTION", "SUBJECT", "DETAIL"], "nothing was changed yet");
    for entry in entries {
        table.row([
            entry.seq.to_string(),
            entry.at.strftime("%F %T").to_string(),
            entry.operator.name.clone(),
            entry.action.clone(),
            entry.subject.clone(),
            entry.detail.clone(),
        ]);
    }
    table
}
