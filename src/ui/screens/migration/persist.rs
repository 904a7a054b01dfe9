//! Drafts as they are stored: by identity, never by row number.

use std::hash::Hash;
use std::sync::Arc;

use crate::domain::client::ClientEdit;
use crate::domain::ids::{CustomerId, ServiceKey};
use crate::domain::portfolio::Portfolio;
use crate::domain::service::ServiceEdit;
use crate::ui::messages::migration::{ClientColumn, ServiceColumn};
use crate::ui::messages::migration::{DraftChange, SavedDrafts, SavedView, Ticked};
use crate::ui::widgets::grid::Direction;

use super::draft::Renumbering;
use super::finder::Finder;
use super::tick_set::{Moved, TickChange, TickSet};
use super::{Focus, Migration, Scope};

fn ticked<K: Hash + Eq + Clone>(change: &TickChange<K>, key: impl Fn(u32) -> K) -> Ticked<K> {
    Ticked { on: change.on.keys(&key).collect(), off: change.off.keys(&key).collect() }
}

/// The ticks that the store has, as far as this dashboard knows, and those that are on their way there.
#[derive(Debug, Default)]
pub(super) struct Stored {
    clients: TickSet<CustomerId>,
    services: TickSet<ServiceKey>,
    client_change: TickChange<CustomerId>,
    service_change: TickChange<ServiceKey>,
}

impl Stored {
    fn follow(&mut self, clients: &Moved<'_, CustomerId>, services: &Moved<'_, ServiceKey>) {
        self.clients.follow(clients);
        self.services.follow(services);
        self.client_change.follow(clients);
        self.service_change.follow(services);
    }
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

    /// What is to be stored, against what the store has as far as this dashboard knows. It counts as stored once
    /// [`Migration::drafts_saved`] says so; what was handed out before and did not get there is part of it.
    pub fn draft_change(&mut self) -> DraftChange {
        let portfolio = Arc::clone(&self.portfolio);
        let finder = Finder::new(&portfolio);
        let Stored { clients, services, .. } = std::mem::take(&mut self.stored);
        let client_change = self.with_client_ticks(|now| TickChange::between(&clients, now));
        let service_change = self.with_service_ticks(|now| TickChange::between(&services, now));
        let change = DraftChange {
            change: self.change,
            client_ticks: ticked(&client_change, |row| finder.client_key(row)),
            service_ticks: ticked(&service_change, |row| finder.service_key(row)),
            clients: self.draft.clients.send(|id| finder.client(id)),
            services: self.draft.services.send(|key| finder.service(key)),
            view: self.saved_view(),
        };
        self.stored = Stored { clients, services, client_change, service_change };
        change
    }

    /// The store has made the change that was handed out last, which has this number.
    pub fn drafts_saved(&mut self, change: u64) {
        self.saved_change = self.saved_change.max(change);
        let stored = &mut self.stored;
        std::mem::take(&mut stored.client_change).make(&mut stored.clients);
        std::mem::take(&mut stored.service_change).make(&mut stored.services);
        let portfolio = Arc::clone(&self.portfolio);
        let finder = Finder::new(&portfolio);
        self.draft.clients.saved(|id| finder.client(id));
        self.draft.services.saved(|key| finder.service(key));
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

    /// Takes what another dashboard of the operator has stored. What was changed here and is not stored yet stays.
    pub fn take_in(&mut self, saved: SavedDrafts) {
        self.take_in_rows(saved.client_ticks, saved.service_ticks, saved.clients, saved.services);
        if self.scope == Scope::Ticked {
            self.rescope();
        }
        self.restatus();
    }

    fn take_in_rows(
        &mut self,
        client_ticks: Vec<CustomerId>,
        service_ticks: Vec<ServiceKey>,
        clients: Vec<(CustomerId, ClientEdit)>,
        services: Vec<(ServiceKey, ServiceEdit)>,
    ) {
        let portfolio = Arc::clone(&self.portfolio);
        let finder = Finder::new(&portfolio);
        let stored = TickSet::of(client_ticks, |id| finder.client(id));
        let before = std::mem::replace(&mut self.stored.clients, stored.clone());
        self.with_client_ticks(|now| {
            let ours = TickChange::between(&before, now);
            *now = stored;
            ours.make(now);
        });
        let stored = TickSet::of(service_ticks, |key| finder.service(key));
        let before = std::mem::replace(&mut self.stored.services, stored.clone());
        self.with_service_ticks(|now| {
            let ours = TickChange::between(&before, now);
            *now = stored;
            ours.make(now);
        });
        self.draft.take_in(&finder, clients, services);
    }

    /// Follows the rows to their new numbers.
    pub(super) fn follow(&mut self, old: &Portfolio, new: &Portfolio, to: &Renumbering) {
        let finder = Finder::new(new);
        let clients = Moved {
            to: &to.clients,
            key: &|row| old.clients[row as usize].id.clone(),
            find: &|id| finder.client(id),
        };
        let services = Moved {
            to: &to.services,
            key: &|row| old.service_key(&old.services[row as usize]),
            find: &|key| finder.service(key),
        };
        self.draft.follow(&clients, &services);
        self.stored.follow(&clients, &services);
        self.with_client_ticks(|set| set.follow(&clients));
        self.with_service_ticks(|set| set.follow(&services));
    }

    /// Takes up what was stored. Ticks and edits of rows that are not there now wait for them.
    pub(super) fn restore(&mut self, saved: SavedDrafts) {
        self.take_in_rows(saved.client_ticks, saved.service_ticks, saved.clients, saved.services);
        let portfolio = Arc::clone(&self.portfolio);
        let finder = Finder::new(&portfolio);
        if let Some(view) = saved.view {
            let sort = |s: Option<(usize, bool)>, columns: usize| {
                s.filter(|(column, _)| *column < columns)
                    .map(|(column, down)| (column, if down { Direction::Down } else { Direction::Up }))
            };
            self.clients.sort = sort(view.client_sort, ClientColumn::ALL.len());
            self.services.sort = sort(view.service_sort, ServiceColumn::ALL.len());
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
}
