//! What was typed over the rows and not yet saved, with undo and redo. Rows are numbers here; [`Draft::follow`] follows them
//! when the rows are read anew.

use std::collections::HashMap;

use rust_decimal::prelude::ToPrimitive;

use crate::domain::client::ClientEdit;
use crate::domain::ids::{CustomerId, ServiceKey};
use crate::domain::money::Currency;
use crate::domain::plan::Amounts;
use crate::domain::portfolio::{Portfolio, ServiceRow};
use crate::domain::service::ServiceEdit;
use crate::domain::typed::Typed;
use crate::domain::values::{self, ClientValues, NotPriced, ServiceValues};

use super::edits::Edits;
use super::finder::{Finder, find_service};
use super::tick_set::{Moved, TickChange};
use crate::ui::messages::migration::EditChange;

/// How many rows all undo steps together may keep; the oldest go first.
const UNDO_ROWS: usize = 400_000;

/// What a step changed. Rows that were not there at the time, or that another dashboard changed, are not its business.
#[derive(Debug, Default)]
pub struct Step {
    /// What it was, for the notice.
    pub label: String,
    /// Clients' edits.
    pub clients: Vec<(u32, EditChange<ClientEdit>)>,
    /// Services' edits.
    pub services: Vec<(u32, EditChange<ServiceEdit>)>,
    /// The clients grid's ticks.
    pub client_ticks: TickChange<CustomerId>,
    /// The services grid's ticks.
    pub service_ticks: TickChange<ServiceKey>,
}

impl Step {
    fn rows(&self) -> usize {
        let ticks = self.client_ticks.words() + self.service_ticks.words();
        1 + self.clients.len() + self.services.len() + ticks
    }

    fn is_empty(&self) -> bool {
        let ticks = self.client_ticks.is_empty() && self.service_ticks.is_empty();
        ticks && self.clients.is_empty() && self.services.is_empty()
    }

    fn turn_round(&mut self) {
        self.clients.iter_mut().for_each(|(_, change)| change.turn_round());
        self.services.iter_mut().for_each(|(_, change)| change.turn_round());
        self.client_ticks.turn_round();
        self.service_ticks.turn_round();
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

/// See the module.
#[derive(Debug, Default)]
pub struct Draft {
    pub(super) clients: Edits<CustomerId, ClientEdit>,
    pub(super) services: Edits<ServiceKey, ServiceEdit>,
    /// What each service's first period is worth to us, in minor units, for sums that cost nothing.
    worth: Vec<Option<(Currency, i64)>>,
    undo: Vec<Step>,
    redo: Vec<Step>,
}

impl Draft {
    /// A client's edit.
    #[must_use]
    pub fn client(&self, row: u32) -> Option<&ClientEdit> {
        self.clients.get(row)
    }

    /// A service's edit.
    #[must_use]
    pub fn service(&self, row: u32) -> Option<&ServiceEdit> {
        self.services.get(row)
    }

    /// Every edited client.
    pub fn clients(&self) -> impl Iterator<Item = (u32, &ClientEdit)> {
        self.clients.iter()
    }

    /// Every edited service.
    pub fn services(&self) -> impl Iterator<Item = (u32, &ServiceEdit)> {
        self.services.iter()
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

    /// See [`Draft::amounts`]: what it would be worth at its plan's present price.
    ///
    /// # Errors
    /// The rule that leaves it without amounts.
    pub fn amounts_at_plan_price(&self, portfolio: &Portfolio, row: u32) -> Result<Amounts, NotPriced> {
        let service: &ServiceRow = &portfolio.services[row as usize];
        let values = ServiceValues { at_plan_price: true, ..self.service_values(portfolio, row) };
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
            of_clients.flat_map(|(client, _)| portfolio.clients[client as usize].services.clone()).collect();
        rows.extend(self.services.iter().map(|(row, _)| row));
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
        if (row as usize) < self.worth.len() {
            self.worth[row as usize] = self.worth_now(portfolio, row);
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
            let before = self.clients.get(row).cloned();
            let mut after = before.clone().unwrap_or_else(|| ClientEdit {
                base_revision: portfolio.clients[row as usize].managed.as_ref().map_or(0, |m| m.revision),
                ..ClientEdit::default()
            });
            edit(row, &mut after);
            if before.as_ref() != Some(&after) {
                step.clients.push((row, EditChange { before, now: Some(after) }));
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
            let before = self.services.get(row).cloned();
            let mut after = before.clone().unwrap_or_else(|| ServiceEdit {
                base_revision: portfolio.services[row as usize].sold.as_ref().map_or(0, |s| s.revision),
                ..ServiceEdit::default()
            });
            edit(row, &mut after);
            if before.as_ref() != Some(&after) {
                step.services.push((row, EditChange { before, now: Some(after) }));
            }
        }
        self.take(portfolio, step);
    }

    /// Makes a step's edits, and keeps it for undo.
    fn take(&mut self, portfolio: &Portfolio, step: Step) {
        if !step.is_empty() {
            self.make(portfolio, &step);
            self.remember(step);
        }
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

    /// Makes a step's edits. Ticks are the caller's.
    fn make(&mut self, portfolio: &Portfolio, step: &Step) {
        for (row, change) in &step.clients {
            self.change_client(portfolio, *row, |edits, key| edits.make(*row, key, change));
        }
        for (row, change) in &step.services {
            self.services.make(*row, service_key(portfolio, *row), change);
            self.revalue(portfolio, *row);
        }
    }

    /// Changes a client's edit; `work` returns the one before. A currency moves the amounts of its services.
    fn change_client(
        &mut self,
        portfolio: &Portfolio,
        row: u32,
        work: impl FnOnce(&mut Edits<CustomerId, ClientEdit>, CustomerId) -> Option<ClientEdit>,
    ) {
        let client = &portfolio.clients[row as usize];
        let before = work(&mut self.clients, client.id.clone());
        if before.and_then(|edit| edit.currency) != self.client(row).and_then(|edit| edit.currency) {
            for service in client.services.clone() {
                self.revalue(portfolio, service);
            }
        }
    }

    /// Takes the last step back. The caller makes the returned step's change of ticks.
    pub fn undo(&mut self, portfolio: &Portfolio) -> Option<&Step> {
        let mut step = self.undo.pop()?;
        step.turn_round();
        self.make(portfolio, &step);
        self.redo.push(step);
        self.redo.last()
    }

    /// Does the last undone step again; see [`Draft::undo`].
    pub fn redo(&mut self, portfolio: &Portfolio) -> Option<&Step> {
        let mut step = self.redo.pop()?;
        step.turn_round();
        self.make(portfolio, &step);
        self.undo.push(step);
        self.undo.last()
    }

    /// Takes edits that are stored, without an undo step; what was typed here and is not stored yet stays.
    pub fn take_in(
        &mut self,
        finder: &Finder<'_>,
        clients: Vec<(CustomerId, ClientEdit)>,
        services: Vec<(ServiceKey, ServiceEdit)>,
    ) {
        let portfolio = finder.portfolio();
        let key = |row: u32| portfolio.clients[row as usize].id.clone();
        for row in self.clients.take_in(clients, key, |id| finder.client(id)) {
            for service in portfolio.clients[row as usize].services.clone() {
                self.revalue(portfolio, service);
            }
        }
        let key = |row: u32| service_key(portfolio, row);
        for row in self.services.take_in(services, key, |key| finder.service(key)) {
            self.revalue(portfolio, row);
        }
    }

    /// Drops the edits of rows.
    pub fn forget(&mut self, portfolio: &Portfolio, clients: &[u32], services: &[u32]) {
        for row in clients {
            self.change_client(portfolio, *row, |edits, key| edits.set(*row, key, None));
        }
        for row in services {
            self.services.set(*row, service_key(portfolio, *row), None);
            self.revalue(portfolio, *row);
        }
    }

    /// Takes a client's edits out of what can be undone and redone.
    pub fn forget_client_steps(&mut self, row: u32) {
        self.clean_steps(|step| step.clients.retain(|(at, _)| *at != row));
    }

    /// Takes a service's edits out of what can be undone and redone.
    pub fn forget_service_steps(&mut self, row: u32) {
        self.clean_steps(|step| step.services.retain(|(at, _)| *at != row));
    }

    fn clean_steps(&mut self, clean: impl Fn(&mut Step)) {
        for steps in [&mut self.undo, &mut self.redo] {
            steps.iter_mut().for_each(&clean);
            steps.retain(|step| !step.is_empty());
        }
    }

    /// Forgets what could be undone and redone.
    pub fn forget_steps(&mut self) {
        self.undo.clear();
        self.redo.clear();
    }

    /// Says that a row's edit was made in the knowledge of a newer revision, also where undo or redo bring it back.
    pub fn rebase_client(&mut self, portfolio: &Portfolio, row: u32, revision: u64) {
        let edit = self.client(row).cloned().map(|edit| rebased(edit, revision));
        self.clients.set(row, portfolio.clients[row as usize].id.clone(), edit);
        for step in self.undo.iter_mut().chain(&mut self.redo) {
            rebase(&mut step.clients, row, revision);
        }
    }

    /// See [`Draft::rebase_client`].
    pub fn rebase_service(&mut self, portfolio: &Portfolio, row: u32, revision: u64) {
        let edit = self.service(row).cloned().map(|edit| rebased(edit, revision));
        self.services.set(row, service_key(portfolio, row), edit);
        for step in self.undo.iter_mut().chain(&mut self.redo) {
            rebase(&mut step.services, row, revision);
        }
    }

    /// Follows the rows to their new numbers. Edits of rows that are gone are kept by identity, and come back with them.
    pub fn follow(&mut self, clients: &Moved<'_, CustomerId>, services: &Moved<'_, ServiceKey>) {
        self.clients.follow(clients);
        self.services.follow(services);
        for step in self.undo.iter_mut().chain(&mut self.redo) {
            step.clients = moved(std::mem::take(&mut step.clients), clients.to);
            step.services = moved(std::mem::take(&mut step.services), services.to);
            step.client_ticks.follow(clients);
            step.service_ticks.follow(services);
        }
    }
}

fn service_key(portfolio: &Portfolio, row: u32) -> ServiceKey {
    portfolio.service_key(&portfolio.services[row as usize])
}

fn rebased<E: Typed>(mut edit: E, revision: u64) -> E {
    edit.rebase(revision);
    edit
}

fn rebase<E: Typed>(changes: &mut [(u32, EditChange<E>)], row: u32, revision: u64) {
    let of_row = changes.iter_mut().filter(|(at, _)| *at == row);
    for edit in of_row.flat_map(|(_, change)| [&mut change.before, &mut change.now]).flatten() {
        edit.rebase(revision);
    }
}

fn moved<T>(rows: Vec<(u32, T)>, to: &[Option<u32>]) -> Vec<(u32, T)> {
    rows.into_iter()
        .filter_map(|(row, what)| Some((to.get(row as usize).copied().flatten()?, what)))
        .collect()
}
