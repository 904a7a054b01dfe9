//! What was typed over the rows and not yet saved, with undo and redo. Rows are numbers here; [`Draft::renumber`] follows them
//! when the rows are read anew.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rust_decimal::prelude::ToPrimitive;

use crate::domain::client::ClientEdit;
use crate::domain::ids::{CustomerId, ServiceKey};
use crate::domain::money::Currency;
use crate::domain::plan::Amounts;
use crate::domain::portfolio::{Portfolio, ServiceRow};
use crate::domain::service::ServiceEdit;
use crate::domain::values::{self, ClientValues, NotPriced, ServiceValues};
use crate::ui::widgets::grid::Ticks;

/// How many rows all undo steps together may keep; the oldest go first.
const UNDO_ROWS: usize = 400_000;

/// What a step changes: each row with what it had before, ticks as they were.
#[derive(Debug, Default)]
pub struct Step {
    /// What it was, for the notice.
    pub label: String,
    /// Clients' edits before.
    pub clients: Vec<(u32, Option<ClientEdit>)>,
    /// Services' edits before.
    pub services: Vec<(u32, Option<ServiceEdit>)>,
    /// The clients grid's ticks before.
    pub client_ticks: Option<Ticks>,
    /// The services grid's ticks before.
    pub service_ticks: Option<Ticks>,
}

impl Step {
    fn rows(&self) -> usize {
        let words = |ticks: &Option<Ticks>| ticks.as_ref().map_or(0, |t| t.count() / 64 + 1);
        1 + self.clients.len() + self.services.len() + words(&self.client_ticks) + words(&self.service_ticks)
    }
}

/// Where old row numbers went; `None` for rows that are gone.
#[derive(Debug)]
pub struct Renumbering {
    /// Clients.
    pub clients: Vec<Option<u32>>,
    /// Services.
    pub services: Vec<Option<u32>>,
}

impl Renumbering {
    /// Compares identities; `None` where every row kept its number.
    #[must_use]
    pub fn between(old: &Portfolio, new: &Portfolio) -> Option<Self> {
        let same = old.clients.len() == new.clients.len()
            && old.services.len() == new.services.len()
            && old.clients.iter().zip(&new.clients).all(|(a, b)| a.id == b.id)
            && old.services.iter().zip(&new.services).all(|(a, b)| a.client == b.client && a.id == b.id);
        if same {
            return None;
        }
        let at: HashMap<&CustomerId, u32> =
            new.clients.iter().enumerate().map(|(i, client)| (&client.id, i as u32)).collect();
        let clients: Vec<Option<u32>> = old.clients.iter().map(|c| at.get(&c.id).copied()).collect();
        let services = old
            .services
            .iter()
            .map(|service| {
                let client = clients[service.client as usize]?;
                find_service(new, client, service.id.as_str())
            })
            .collect();
        Some(Self { clients, services })
    }
}

/// The row of a subscription below a client's row.
#[must_use]
pub fn find_service(portfolio: &Portfolio, client: u32, subscription: &str) -> Option<u32> {
    let mut rows = portfolio.clients[client as usize].services.clone();
    rows.find(|row| portfolio.services[*row as usize].id.as_str() == subscription)
}

/// See the module.
#[derive(Debug, Default)]
pub struct Draft {
    clients: HashMap<u32, ClientEdit>,
    services: HashMap<u32, ServiceEdit>,
    /// Edits of rows that the present data does not have; they wait for the row to come back.
    pub(super) lost_clients: HashMap<CustomerId, ClientEdit>,
    pub(super) lost_services: HashMap<ServiceKey, ServiceEdit>,
    /// What each service's first period is worth to us, in minor units, for sums that cost nothing.
    worth: Vec<Option<(Currency, i64)>>,
    undo: Vec<Step>,
    redo: Vec<Step>,
    /// Rows whose edit differs from what is stored.
    pub(super) unsaved_clients: HashSet<u32>,
    pub(super) unsaved_services: HashSet<u32>,
}

impl Draft {
    /// A client's edit.
    #[must_use]
    pub fn client(&self, row: u32) -> Option<&ClientEdit> {
        self.clients.get(&row)
    }

    /// A service's edit.
    #[must_use]
    pub fn service(&self, row: u32) -> Option<&ServiceEdit> {
        self.services.get(&row)
    }

    /// Every edited client.
    pub fn clients(&self) -> impl Iterator<Item = (u32, &ClientEdit)> {
        self.clients.iter().map(|(row, edit)| (*row, edit))
    }

    /// Every edited service.
    pub fn services(&self) -> impl Iterator<Item = (u32, &ServiceEdit)> {
        self.services.iter().map(|(row, edit)| (*row, edit))
    }

    /// How many rows have edits.
    #[must_use]
    pub fn len(&self) -> usize {
        self.clients.len() + self.services.len()
    }

    /// A client's values with its edit.
    #[must_use]
    pub fn client_values(&self, portfolio: &Portfolio, row: u32) -> ClientValues {
        values::of_client(&portfolio.clients[row as usize], self.client(row))
    }

    /// A service's values with its edit.
    #[must_use]
    pub fn service_values(&self, portfolio: &Portfolio, row: u32) -> ServiceValues {
        values::of_service(&portfolio.services[row as usize], self.service(row))
    }

    /// What a service is worth, with its edit and its client's.
    ///
    /// # Errors
    /// The rule that leaves it without amounts.
    pub fn amounts(&self, portfolio: &Portfolio, row: u32) -> Result<Amounts, NotPriced> {
        let service: &ServiceRow = &portfolio.services[row as usize];
        let values = self.service_values(portfolio, row);
        let currency = self.client_values(portfolio, service.client).currency;
        values::amounts(service, &values, currency, &portfolio.plans)
    }

    /// A service's worth to us: its customer's first period, in minor units.
    #[must_use]
    pub fn worth(&self, row: u32) -> Option<(Currency, i64)> {
        self.worth.get(row as usize).copied().flatten()
    }

    /// Every row's worth without regard to what is typed: only what is sold has one.
    #[must_use]
    pub fn worth_of_all(&self, portfolio: &Portfolio) -> Vec<Option<(Currency, i64)>> {
        let rows = portfolio.services.iter().enumerate();
        rows.map(|(row, service)| service.sold.as_ref().and_then(|_| self.worth_now(portfolio, row as u32)))
            .collect()
    }

    /// Takes the rows' worth as they were read, and works out anew what is typed over.
    pub fn take_worth(&mut self, portfolio: &Portfolio, worth: Vec<Option<(Currency, i64)>>) {
        self.worth = worth;
        let of_clients = self.clients.iter().filter(|(_, edit)| edit.currency.is_some());
        let mut rows: Vec<u32> =
            of_clients.flat_map(|(client, _)| portfolio.clients[*client as usize].services.clone()).collect();
        rows.extend(self.services.keys());
        for row in rows {
            self.revalue(portfolio, row);
        }
    }

    fn worth_now(&self, portfolio: &Portfolio, row: u32) -> Option<(Currency, i64)> {
        let amounts = self.amounts(portfolio, row).ok()?;
        let scale = rust_decimal::Decimal::from(10u32.pow(amounts.currency.minor_units()));
        let minor = amounts.customer_order.checked_mul(scale)?.to_i64()?;
        Some((amounts.currency, minor))
    }

    fn revalue(&mut self, portfolio: &Portfolio, row: u32) {
        let worth = self.worth_now(portfolio, row);
        if let Some(slot) = self.worth.get_mut(row as usize) {
            *slot = worth;
        }
    }

    /// Changes rows as one step that can be undone. `edit` gets each row's present edit; an edit that ends up empty is dropped.
    pub fn edit_clients(
        &mut self,
        portfolio: &Portfolio,
        rows: &[u32],
        label: String,
        edit: impl Fn(u32, &mut ClientEdit),
    ) {
        let mut step = Step { label, ..Step::default() };
        for &row in rows {
            let before = self.clients.get(&row).cloned();
            let mut after = before.clone().unwrap_or_else(|| ClientEdit {
                base_revision: portfolio.clients[row as usize].managed.as_ref().map_or(0, |m| m.revision),
                ..ClientEdit::default()
            });
            edit(row, &mut after);
            if before.as_ref() != Some(&after) {
                step.clients.push((row, Some(after)));
            }
        }
        self.take(portfolio, step);
    }

    /// See [`Draft::edit_clients`].
    pub fn edit_services(
        &mut self,
        portfolio: &Portfolio,
        rows: &[u32],
        label: String,
        edit: impl Fn(u32, &mut ServiceEdit),
    ) {
        let mut step = Step { label, ..Step::default() };
        for &row in rows {
            let before = self.services.get(&row).cloned();
            let mut after = before.clone().unwrap_or_else(|| ServiceEdit {
                base_revision: portfolio.services[row as usize].sold.as_ref().map_or(0, |s| s.revision),
                ..ServiceEdit::default()
            });
            edit(row, &mut after);
            if before.as_ref() != Some(&after) {
                step.services.push((row, Some(after)));
            }
        }
        self.take(portfolio, step);
    }

    /// Puts a step's edits in force and keeps what they replace for undo.
    fn take(&mut self, portfolio: &Portfolio, step: Step) {
        if step.clients.is_empty() && step.services.is_empty() {
            return;
        }
        let before = self.swap(portfolio, step);
        self.remember(before);
    }

    /// Keeps a step for undo.
    pub fn remember(&mut self, step: Step) {
        self.redo.clear();
        self.undo.push(step);
        let mut rows: usize = self.undo.iter().map(Step::rows).sum();
        while rows > UNDO_ROWS && self.undo.len() > 1 {
            rows -= self.undo.remove(0).rows();
        }
    }

    /// Puts a step's edits in force; returns the step that takes them back. Ticks are the caller's.
    fn swap(&mut self, portfolio: &Portfolio, step: Step) -> Step {
        let mut back = Step {
            label: step.label,
            client_ticks: step.client_ticks,
            service_ticks: step.service_ticks,
            ..Step::default()
        };
        let mut revalued: Vec<u32> = Vec::new();
        for (row, edit) in step.clients {
            let edit = edit.filter(|e| !e.is_empty());
            let currency = |e: &Option<ClientEdit>| e.as_ref().and_then(|e| e.currency);
            let new_currency = currency(&edit);
            let before = match edit {
                Some(edit) => self.clients.insert(row, edit),
                None => self.clients.remove(&row),
            };
            if currency(&before) != new_currency {
                revalued.extend(portfolio.clients[row as usize].services.clone());
            }
            self.unsaved_clients.insert(row);
            back.clients.push((row, before));
        }
        for (row, edit) in step.services {
            let before = match edit.filter(|e| !e.is_empty()) {
                Some(edit) => self.services.insert(row, edit),
                None => self.services.remove(&row),
            };
            self.unsaved_services.insert(row);
            back.services.push((row, before));
            revalued.push(row);
        }
        for row in revalued {
            self.revalue(portfolio, row);
        }
        back
    }

    /// Takes the last step back. The returned step is the one that does it again: where it holds ticks, the caller swaps them
    /// with those in force.
    pub fn undo(&mut self, portfolio: &Portfolio) -> Option<&mut Step> {
        let step = self.undo.pop()?;
        let back = self.swap(portfolio, step);
        self.redo.push(back);
        self.redo.last_mut()
    }

    /// Does the last undone step again; see [`Draft::undo`].
    pub fn redo(&mut self, portfolio: &Portfolio) -> Option<&mut Step> {
        let step = self.redo.pop()?;
        let back = self.swap(portfolio, step);
        self.undo.push(back);
        self.undo.last_mut()
    }

    /// Takes edits that were stored, without an undo step.
    pub fn restore(
        &mut self,
        clients: impl IntoIterator<Item = (u32, ClientEdit)>,
        services: impl IntoIterator<Item = (u32, ServiceEdit)>,
    ) {
        self.clients.extend(clients);
        self.services.extend(services);
    }

    /// Forgets the edits of rows that were written.
    pub fn forget(&mut self, portfolio: &Portfolio, clients: &[u32], services: &[u32]) {
        let mut revalued = Vec::new();
        for row in clients {
            if self.clients.remove(row).is_some() {
                self.unsaved_clients.insert(*row);
                revalued.extend(portfolio.clients[*row as usize].services.clone());
            }
        }
        for row in services {
            if self.services.remove(row).is_some() {
                self.unsaved_services.insert(*row);
                revalued.push(*row);
            }
        }
        // What was written is the store's now; taking it back is a new edit, not an undo of the old one.
        self.undo.clear();
        self.redo.clear();
        for row in revalued {
            self.revalue(portfolio, row);
        }
    }

    /// Says that a row's edit was made in the knowledge of a newer revision.
    pub fn rebase_client(&mut self, row: u32, revision: u64) {
        if let Some(edit) = self.clients.get_mut(&row) {
            edit.base_revision = revision;
            self.unsaved_clients.insert(row);
        }
    }

    /// See [`Draft::rebase_client`].
    pub fn rebase_service(&mut self, row: u32, revision: u64) {
        if let Some(edit) = self.services.get_mut(&row) {
            edit.base_revision = revision;
            self.unsaved_services.insert(row);
        }
    }

    /// Follows the rows to their new numbers. Edits of rows that are gone are kept by identity, and come back with them.
    pub fn renumber(&mut self, old: &Portfolio, new: &Arc<Portfolio>, to: &Renumbering) {
        for (row, edit) in std::mem::take(&mut self.clients) {
            match to.clients[row as usize] {
                Some(row) => drop(self.clients.insert(row, edit)),
                None => drop(self.lost_clients.insert(old.clients[row as usize].id.clone(), edit)),
            }
        }
        for (row, edit) in std::mem::take(&mut self.services) {
            match to.services[row as usize] {
                Some(row) => drop(self.services.insert(row, edit)),
                None => {
                    drop(self.lost_services.insert(old.service_key(&old.services[row as usize]), edit));
                }
            }
        }
        let moved = |rows: &HashSet<u32>, to: &[Option<u32>]| -> HashSet<u32> {
            rows.iter().filter_map(|row| to[*row as usize]).collect()
        };
        self.unsaved_clients = moved(&self.unsaved_clients, &to.clients);
        self.unsaved_services = moved(&self.unsaved_services, &to.services);
        for step in self.undo.iter_mut().chain(&mut self.redo) {
            step.clients = std::mem::take(&mut step.clients)
                .into_iter()
                .filter_map(|(row, edit)| Some((to.clients[row as usize]?, edit)))
                .collect();
            step.services = std::mem::take(&mut step.services)
                .into_iter()
                .filter_map(|(row, edit)| Some((to.services[row as usize]?, edit)))
                .collect();
            step.client_ticks = step.client_ticks.as_ref().map(|t| renumber_ticks(t, &to.clients));
            step.service_ticks = step.service_ticks.as_ref().map(|t| renumber_ticks(t, &to.services));
        }
        self.find_lost(new);
    }

    fn find_lost(&mut self, portfolio: &Portfolio) {
        if self.lost_clients.is_empty() && self.lost_services.is_empty() {
            return;
        }
        let at: HashMap<&CustomerId, u32> =
            portfolio.clients.iter().enumerate().map(|(i, client)| (&client.id, i as u32)).collect();
        for (id, edit) in std::mem::take(&mut self.lost_clients) {
            match at.get(&id) {
                Some(row) => drop(self.clients.insert(*row, edit)),
                None => drop(self.lost_clients.insert(id, edit)),
            }
        }
        for (key, edit) in std::mem::take(&mut self.lost_services) {
            let row = at
                .get(&key.customer)
                .and_then(|client| find_service(portfolio, *client, key.subscription.as_str()));
            match row {
                Some(row) => drop(self.services.insert(row, edit)),
                None => drop(self.lost_services.insert(key, edit)),
            }
        }
    }
}

/// Ticks under their rows' new numbers; those of rows that are gone are left out.
#[must_use]
pub fn renumber_ticks(ticks: &Ticks, to: &[Option<u32>]) -> Ticks {
    ticks.iter().filter_map(|row| to.get(row as usize).copied().flatten()).collect()
}
