//! The tables of the file. Keys and values are bytes throughout; `codec` says what they hold.

use redb::TableDefinition;

/// A table of the file.
pub(super) type Table<'a> = TableDefinition<'a, &'static [u8], &'static [u8]>;

/// Schema version, generation, current snapshot, head of the audit chain.
pub(super) const META: &str = "meta";
/// One record, the CSP settings.
pub(super) const SETTINGS: &str = "settings";
/// Plans by id.
pub(super) const PLANS: &str = "plans";
/// How operators call and sort offers, by offer.
pub(super) const OFFER_LABELS: &str = "offer_labels";
/// Former versions of repriced plans, by the reprice's number.
pub(super) const REPRICES: &str = "reprices";
/// Clients by customer.
pub(super) const CLIENTS: &str = "clients";
/// Services by customer and subscription.
pub(super) const SERVICES: &str = "services";
/// What is known of the app's consent in tenants, by customer.
pub(super) const APPLICATION_CONSENTS: &str = "application_consents";
/// Price sheets by name.
pub(super) const SHEETS: &str = "sheets";
/// Price sheets' rows in chunks, by the record's `data`, piece and part.
pub(super) const SHEET_ROWS: &str = "sheet_rows";
/// Saved mappings by name; what they hold is not the store's.
pub(super) const MAPPINGS: &str = "mappings";
/// The last revision of removed records, by table and key: a record that comes back goes on counting, so that a write based on
/// the removed one is still noticed.
pub(super) const REMOVED: &str = "removed";
/// Sealed secrets by name.
pub(super) const SECRETS: &str = "secrets";
/// Staging areas by number.
pub(super) const STAGING: &str = "staging";
/// Ticked rows by operator, screen, grid and list.
pub(super) const DRAFT_TICKS: &str = "draft_ticks";
/// Typed values by operator, screen, grid and row.
pub(super) const DRAFT_EDITS: &str = "draft_edits";
/// Cursor, filter and sort by operator and screen.
pub(super) const DRAFT_VIEWS: &str = "draft_views";
/// How often ticks and edits were saved, by operator and screen.
pub(super) const DRAFT_COUNTS: &str = "draft_counts";
/// Jobs by id.
pub(super) const JOBS: &str = "jobs";
/// Items of jobs by job, state and key.
pub(super) const JOB_ITEMS: &str = "job_items";
/// Leases by name.
pub(super) const LEASES: &str = "leases";
/// The audit chain by sequence number.
pub(super) const AUDIT: &str = "audit";

/// Keys of [`META`].
pub(super) mod meta {
    pub(in super::super) const SCHEMA: &[u8] = b"schema_version";
    pub(in super::super) const GENERATION: &[u8] = b"generation";
    pub(in super::super) const SNAPSHOT: &[u8] = b"snapshot";
    pub(in super::super) const NEXT_SHEET: &[u8] = b"next_sheet";
    pub(in super::super) const NEXT_STAGING: &[u8] = b"next_staging";
    pub(in super::super) const LAST_CHECK: &[u8] = b"last_check";
    pub(in super::super) const AUDIT_HEAD: &[u8] = b"audit_head";
}

/// The tables that belong to one snapshot, or to the staging area that becomes it.
pub(super) struct SnapshotTables {
    /// Customers by id.
    pub(super) customers: String,
    /// Subscriptions by customer and subscription.
    pub(super) subscriptions: String,
    /// Customers whose subscriptions are staged.
    pub(super) done: String,
    /// Failures by customer and stage.
    pub(super) failures: String,
}

impl SnapshotTables {
    pub(super) fn of(id: u64) -> Self {
        Self {
            customers: format!("customers.{id}"),
            subscriptions: format!("subscriptions.{id}"),
            done: format!("done.{id}"),
            failures: format!("failures.{id}"),
        }
    }
}
