//! Data Migration: its drafts on their way to the store and back, its rows as they are read, and what is asked for a cell.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::client::{ClientEdit, ClientStatus};
use crate::domain::cycle::BillingCycle;
use crate::domain::ids::{CustomerId, PlanId, ServiceKey};
use crate::domain::money::Currency;
use crate::domain::portfolio::Portfolio;
use crate::domain::service::ServiceEdit;
use crate::domain::subscription::SubscriptionStatus;
use crate::ui::widgets::grid::SearchIndex;

/// Everything of an operator that was stored.
#[derive(Debug, Default, PartialEq)]
pub struct SavedDrafts {
    /// Ticked clients.
    pub client_ticks: Vec<CustomerId>,
    /// Ticked services.
    pub service_ticks: Vec<ServiceKey>,
    /// Edited clients.
    pub clients: Vec<(CustomerId, ClientEdit)>,
    /// Edited services.
    pub services: Vec<(ServiceKey, ServiceEdit)>,
    /// Cursor, filter and sort.
    pub view: Option<SavedView>,
}

/// Where the operator was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedView {
    /// The client under the cursor.
    pub client: Option<CustomerId>,
    /// The service under the cursor.
    pub service: Option<ServiceKey>,
    /// The clients grid's filter.
    pub client_filter: String,
    /// The services grid's filter.
    pub service_filter: String,
    /// The clients grid's sort: column, and whether largest come first.
    pub client_sort: Option<(usize, bool)>,
    /// The services grid's sort.
    pub service_sort: Option<(usize, bool)>,
    /// 0: of the cursor's client, 1: of the ticked, 2: of all.
    pub scope: u8,
    /// Whether the services grid had the keys.
    pub services_focused: bool,
    /// Whether one grid had the whole screen.
    pub zoomed: bool,
}

/// What changed since the last save.
#[derive(Debug, Default, PartialEq)]
pub struct DraftChange {
    /// The number of the change, to be reported back.
    pub change: u64,
    /// Clients that were ticked and unticked.
    pub client_ticks: Ticked<CustomerId>,
    /// Services that were ticked and unticked.
    pub service_ticks: Ticked<ServiceKey>,
    /// Clients' edits.
    pub clients: Vec<(CustomerId, EditChange<ClientEdit>)>,
    /// Services' edits.
    pub services: Vec<(ServiceKey, EditChange<ServiceEdit>)>,
    /// Where the operator is.
    pub view: SavedView,
}

/// Rows that were ticked and unticked.
#[derive(Debug, PartialEq)]
pub struct Ticked<K> {
    /// Ticked.
    pub on: Vec<K>,
    /// Unticked.
    pub off: Vec<K>,
}

impl<K> Default for Ticked<K> {
    fn default() -> Self {
        Self { on: Vec::new(), off: Vec::new() }
    }
}

/// A row's edit before and after a change.
#[derive(Debug, Clone, PartialEq)]
pub struct EditChange<E> {
    /// Before; none: nothing was typed.
    pub before: Option<E>,
    /// After.
    pub now: Option<E>,
}

impl<E> EditChange<E> {
    /// Makes the opposite change of it.
    pub fn turn_round(&mut self) {
        std::mem::swap(&mut self.before, &mut self.now);
    }
}

/// Rows, ready to be shown. Nothing here knows of edits.
#[derive(Debug)]
pub struct ReadyRows {
    /// The rows.
    pub portfolio: Arc<Portfolio>,
    /// To find clients.
    pub client_index: SearchIndex,
    /// To find services.
    pub service_index: SearchIndex,
    /// The columns of the clients grid.
    pub client_widths: Vec<u16>,
    /// The columns of the services grid.
    pub service_widths: Vec<u16>,
    /// What each service's first period is worth to us, in minor units.
    pub worth: Vec<Option<(Currency, i64)>>,
}

/// Which rows an edit is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The row under the cursor.
    Cursor,
    /// Every ticked row, hidden ones included.
    Ticked,
}

/// An edit that is being typed or chosen: column and rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edit {
    /// Which rows.
    pub target: Target,
    /// Which column.
    pub column: Editable,
}

/// A column of either grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Editable {
    /// Of the clients grid.
    Client(ClientColumn),
    /// Of the services grid.
    Service(ServiceColumn),
}

/// A value to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the column of its name")]
pub enum Choice {
    Currency(Currency),
    ClientStatus(ClientStatus),
    Plan(PlanId),
    Cycle(BillingCycle),
    ServiceStatus(SubscriptionStatus),
    Generate(bool),
}

/// A column of the clients grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientColumn {
    /// Company.
    Name,
    /// Domain; the e-mail address stands in the column beside it.
    Domain,
    /// E-mail address.
    Email,
    /// Country, city, number of services.
    Info,
    /// MPN ID.
    Mpn,
    /// User name with us.
    Username,
    /// Billing currency.
    Currency,
    /// Registration date.
    Registered,
    /// `new`, or the client's standing.
    Status,
    /// Since when the app has the consent of its tenant.
    AppConsent,
}

impl ClientColumn {
    /// In the grid's order.
    pub const ALL: [Self; 10] = [
        Self::Name,
        Self::Domain,
        Self::Email,
        Self::Info,
        Self::Mpn,
        Self::Username,
        Self::Currency,
        Self::Registered,
        Self::Status,
        Self::AppConsent,
    ];
}

/// A column of the services grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceColumn {
    /// Microsoft's name of the offer.
    Offer,
    /// The subscription's id.
    Subscription,
    /// The chosen or proposed plan.
    Plan,
    /// Whether invoices are made.
    Generate,
    /// The first day billed.
    Start,
    /// The last day billed.
    End,
    /// Seats.
    Quantity,
    /// Standing.
    Status,
    /// Term and billing plan.
    Cycle,
    /// What the reseller pays first.
    ResellerOrder,
    /// What the reseller pays later.
    ResellerRenewal,
    /// What the customer pays first.
    CustomerOrder,
    /// What the customer pays later.
    CustomerRenewal,
    /// Whose it is.
    Client,
}

impl ServiceColumn {
    /// In the grid's order.
    pub const ALL: [Self; 14] = [
        Self::Offer,
        Self::Subscription,
        Self::Plan,
        Self::Generate,
        Self::Start,
        Self::End,
        Self::Quantity,
        Self::Status,
        Self::Cycle,
        Self::ResellerOrder,
        Self::ResellerRenewal,
        Self::CustomerOrder,
        Self::CustomerRenewal,
        Self::Client,
    ];
}
