//! Drafts as they are stored: by identity, never by row number.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::domain::client::ClientEdit;
use crate::domain::ids::{CustomerId, ServiceKey};
use crate::domain::portfolio::Portfolio;
use crate::domain::service::ServiceEdit;
use crate::ui::widgets::grid::Direction;

use super::draft::find_service;
use super::{Focus, Migration, Scope};

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
    /// All ticked clients, where their ticks changed.
    pub client_ticks: Option<Vec<CustomerId>>,
    /// All ticked services, where their ticks changed.
    pub service_ticks: Option<Vec<ServiceKey>>,
    /// Clients' edits; none: taken back.
    pub clients: Vec<(CustomerId, Option<ClientEdit>)>,
    /// Services' edits; none: taken back.
    pub services: Vec<(ServiceKey, Option<ServiceEdit>)>,
    /// Where the operator is.
    pub view: SavedView,
}

impl Migration {
    /// Whether something is not stored yet.
    #[must_use]
    pub fn has_unsaved_drafts(&self) -> bool {
        self.restored && self.change != self.saved_change
    }

    /// Whether the stored drafts were taken up: before, nothing may be stored over them.
    #[must_use]
    pub fn may_save_drafts(&self) -> bool {
        self.restored
    }

    /// What is to be stored. It counts as stored once [`Migration::drafts_saved`] says so.
    #[must_use]
    pub fn draft_change(&self) -> DraftChange {
        let portfolio = &self.portfolio;
        DraftChange {
            change: self.change,
            client_ticks: self.client_ticks_changed.then(|| {
                let ticked = self.clients.ticks.iter().map(|row| portfolio.clients[row as usize].id.clone());
                ticked.chain(self.lost_client_ticks.iter().cloned()).collect()
            }),
            service_ticks: self.service_ticks_changed.then(|| {
                let ticked = self.services.ticks.iter();
                ticked
                    .map(|row| portfolio.service_key(&portfolio.services[row as usize]))
                    .chain(self.lost_service_ticks.iter().cloned())
                    .collect()
            }),
            clients: self
                .draft
                .unsaved_clients
                .iter()
                .map(|row| (portfolio.clients[*row as usize].id.clone(), self.draft.client(*row).cloned()))
                // They may have been typed just before their row vanished.
                .chain(self.draft.lost_clients.iter().map(|(id, edit)| (id.clone(), Some(edit.clone()))))
                .collect(),
            services: self
                .draft
                .unsaved_services
                .iter()
                .map(|row| {
                    let key = portfolio.service_key(&portfolio.services[*row as usize]);
                    (key, self.draft.service(*row).cloned())
                })
                .chain(self.draft.lost_services.iter().map(|(key, edit)| (key.clone(), Some(edit.clone()))))
                .collect(),
            view: self.saved_view(),
        }
    }

    /// The store has everything up to a change.
    pub fn drafts_saved(&mut self, change: u64) {
        self.saved_change = self.saved_change.max(change);
        if change == self.change {
            self.client_ticks_changed = false;
            self.service_ticks_changed = false;
            self.draft.unsaved_clients.clear();
            self.draft.unsaved_services.clear();
        }
    }

    fn saved_view(&self) -> SavedView {
        let sort = |s: Option<(usize, Direction)>| s.map(|(c, d)| (c, d == Direction::Down));
        let service = self.services.current().map(|row| &self.portfolio.services[row as usize]);
        SavedView {
            client: self.clients.current().map(|row| self.portfolio.clients[row as usize].id.clone()),
            service: service.map(|row| self.portfolio.service_key(row)),
            client_filter: self.client_filter.clone(),
            service_filter: self.service_filter.clone(),
            client_sort: sort(self.clients.sort),
            service_sort: sort(self.services.sort),
            scope: self.scope as u8,
            services_focused: self.focus == Focus::Services,
            zoomed: self.zoomed,
        }
    }

    /// Takes up what was stored. Ticks and edits of rows that are not there now wait for them.
    pub(super) fn restore(&mut self, saved: SavedDrafts) {
        let portfolio = std::sync::Arc::clone(&self.portfolio);
        let finder = Finder::new(&portfolio);
        for id in saved.client_ticks {
            match finder.client(&id) {
                Some(row) => drop(self.clients.ticks.set(row, true)),
                None => drop(self.lost_client_ticks.insert(id)),
            }
        }
        for key in saved.service_ticks {
            match finder.service(&key) {
                Some(row) => drop(self.services.ticks.set(row, true)),
                None => drop(self.lost_service_ticks.insert(key)),
            }
        }
        let mut clients = Vec::new();
        for (id, edit) in saved.clients {
            match finder.client(&id) {
                Some(row) => clients.push((row, edit)),
                None => drop(self.draft.lost_clients.insert(id, edit)),
            }
        }
        let mut services = Vec::new();
        for (key, edit) in saved.services {
            match finder.service(&key) {
                Some(row) => services.push((row, edit)),
                None => drop(self.draft.lost_services.insert(key, edit)),
            }
        }
        self.draft.restore(clients, services);
        if let Some(view) = saved.view {
            let sort = |s: Option<(usize, bool)>, columns: usize| {
                s.filter(|(column, _)| *column < columns)
                    .map(|(column, down)| (column, if down { Direction::Down } else { Direction::Up }))
            };
            self.clients.sort = sort(view.client_sort, super::columns::ClientColumn::ALL.len());
            self.services.sort = sort(view.service_sort, super::columns::ServiceColumn::ALL.len());
            self.client_filter = view.client_filter;
            self.service_filter = view.service_filter;
            self.scope = match view.scope {
                1 => Scope::Ticked,
                2 => Scope::All,
                _ => Scope::Cursor,
            };
            self.focus = if view.services_focused { Focus::Services } else { Focus::Clients };
            self.zoomed = view.zoomed;
            self.cursor_wanted = (
                view.client.and_then(|id| finder.client(&id)),
                view.service.and_then(|key| finder.service(&key)),
            );
        }
    }

    /// Ticks of rows that came back are theirs again.
    pub(super) fn find_lost_ticks(&mut self) {
        if self.lost_client_ticks.is_empty() && self.lost_service_ticks.is_empty() {
            return;
        }
        let portfolio = std::sync::Arc::clone(&self.portfolio);
        let finder = Finder::new(&portfolio);
        let ticks = &mut self.clients.ticks;
        self.lost_client_ticks.retain(|id| match finder.client(id) {
            Some(row) => {
                ticks.set(row, true);
                false
            }
            None => true,
        });
        let ticks = &mut self.services.ticks;
        self.lost_service_ticks.retain(|key| match finder.service(key) {
            Some(row) => {
                ticks.set(row, true);
                false
            }
            None => true,
        });
    }
}

/// Rows by identity.
pub(super) struct Finder<'a> {
    portfolio: &'a Portfolio,
    clients: HashMap<&'a CustomerId, u32>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(portfolio: &'a Portfolio) -> Self {
        let clients =
            portfolio.clients.iter().enumerate().map(|(i, client)| (&client.id, i as u32)).collect();
        Self { portfolio, clients }
    }

    pub(super) fn client(&self, id: &CustomerId) -> Option<u32> {
        self.clients.get(id).copied()
    }

    pub(super) fn service(&self, key: &ServiceKey) -> Option<u32> {
        find_service(self.portfolio, self.client(&key.customer)?, key.subscription.as_str())
    }
}
