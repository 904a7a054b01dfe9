//! Data Migration: the clients grid and the services grid.
//!
//! ```text
//! Clients 12,402  /acme 38 shown
//!   grid
//! Services of Acme Norge AS  3
//!   grid
//! 14 clients ticked (3 hidden by the filter), 31 services   USD 12,480.00
//! ```

mod app_consent;
mod columns;
mod draft;
mod draw;
mod editing;
mod edits;
mod export;
mod finder;
mod persist;
mod pricing;
mod ready_rows;
mod screen;
mod sources;
mod status;
mod tick_set;
mod ticking;
mod update;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_of_drafts;
#[cfg(test)]
mod tests_of_updates;

use std::collections::HashSet;
use std::sync::Arc;

use crate::domain::ids::{CustomerId, ServiceKey};
use crate::domain::portfolio::Portfolio;
use crate::ui::action::Action;
use crate::ui::effect::Effect;
use crate::ui::layers::{Confirm, Layer, Prompt, PromptFor};
use crate::ui::messages::migration::{ClientColumn, ReadyRows, SavedDrafts, ServiceColumn, Target};
use crate::ui::out::Out;
use crate::ui::screens::Screen;
use crate::ui::widgets::fit::fit;
use crate::ui::widgets::grid::{Direction, GridState, SearchIndex, Source, Ticks};

pub use ready_rows::ready;
pub use status::Status;

use draft::{Draft, Renumbering};
use persist::Stored;
use sources::{Clients, Searchable, Services};

/// Which grid has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// The clients grid.
    Clients,
    /// The services grid.
    Services,
}

/// Whose services the services grid shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The client's under the cursor.
    Cursor,
    /// The ticked clients', and those that are ticked themselves.
    Ticked,
    /// All.
    All,
}

/// The tab's state.
#[derive(Debug)]
pub struct Migration {
    portfolio: Arc<Portfolio>,
    draft: Draft,
    clients: GridState,
    services: GridState,
    client_index: SearchIndex,
    service_index: SearchIndex,
    client_widths: Vec<u16>,
    service_widths: Vec<u16>,
    client_filter: String,
    service_filter: String,
    focus: Focus,
    scope: Scope,
    zoomed: bool,
    /// The client whose services are shown; follows the cursor when it rests.
    shown_client: Option<u32>,
    status: Status,
    lost_client_ticks: HashSet<CustomerId>,
    lost_service_ticks: HashSet<ServiceKey>,
    /// What the store has of the ticks.
    stored: Stored,
    cursor_wanted: (Option<u32>, Option<u32>),
    /// Counts changes of drafts, ticks and view.
    change: u64,
    saved_change: u64,
    loaded: bool,
    /// Whether the stored drafts were taken up; before, nothing may be stored over them.
    restored: bool,
    /// Whether a snapshot was ever completed.
    has_snapshot: bool,
    /// Whose consent customers' tenants are asked for.
    app: app_consent::App,
    /// An Update was asked for before all rows were read: its preview opens when they are.
    update_waits: bool,
}

impl Default for Migration {
    fn default() -> Self {
        Self {
            portfolio: Arc::default(),
            draft: Draft::default(),
            clients: GridState::default(),
            services: GridState::default(),
            client_index: SearchIndex::default(),
            service_index: SearchIndex::default(),
            client_widths: Vec::new(),
            service_widths: Vec::new(),
            client_filter: String::new(),
            service_filter: String::new(),
            focus: Focus::Clients,
            scope: Scope::Cursor,
            zoomed: false,
            shown_client: None,
            status: Status::default(),
            lost_client_ticks: HashSet::new(),
            lost_service_ticks: HashSet::new(),
            stored: Stored::default(),
            cursor_wanted: (None, None),
            change: 0,
            saved_change: 0,
            loaded: false,
            restored: false,
            has_snapshot: false,
            app: app_consent::App::default(),
            update_waits: false,
        }
    }
}

impl Migration {
    /// Takes newly read rows. Cursor, filter, sort, ticks and edits stay with their rows.
    pub fn load(&mut self, rows: ReadyRows, drafts: Option<SavedDrafts>, has_snapshot: bool) {
        let old = std::mem::replace(&mut self.portfolio, rows.portfolio);
        let new = Arc::clone(&self.portfolio);
        let mut client = self.clients.current();
        let mut service = self.services.current();
        let (client_place, service_place) = (self.clients.position(), self.services.position());
        if let Some(to) = Renumbering::between(&old, &new) {
            self.follow(&old, &new, &to);
            client = client.and_then(|row| to.clients[row as usize]);
            service = service.and_then(|row| to.services[row as usize]);
            self.shown_client = self.shown_client.and_then(|row| to.clients[row as usize]);
            self.clients.anchor = None;
            self.services.anchor = None;
        }
        if let Some(saved) = drafts {
            self.restored = true;
            self.restore(saved);
            let (wanted_client, wanted_service) = std::mem::take(&mut self.cursor_wanted);
            client = wanted_client.or(client);
            service = wanted_service.or(service);
        }
        self.draft.take_worth(&new, rows.worth);
        // The indexes know nothing of edits, which may be taken back: edited rows are looked at one by one.
        self.client_index = rows.client_index;
        self.service_index = rows.service_index;
        self.client_widths = rows.client_widths;
        self.service_widths = rows.service_widths;
        self.loaded = true;
        self.has_snapshot = has_snapshot;

        let rows = (0..new.clients.len() as u32).collect();
        self.with_clients(|state, source| state.set_rows(rows, source));
        self.filter_clients();
        self.clients.go_to_row_or(client, client_place);
        self.shown_client = self.clients.current();
        self.rescope();
        self.services.go_to_row_or(service, service_place);
        self.restatus();
    }

    fn clients_source(&self) -> Clients<'_> {
        Clients { portfolio: &self.portfolio, draft: &self.draft }
    }

    fn services_source(&self) -> Services<'_> {
        Services { portfolio: &self.portfolio, draft: &self.draft, of_many: self.scope != Scope::Cursor }
    }

    fn with_clients(&mut self, work: impl FnOnce(&mut GridState, &Clients<'_>)) {
        let source = Clients { portfolio: &self.portfolio, draft: &self.draft };
        work(&mut self.clients, &source);
    }

    fn with_services(&mut self, work: impl FnOnce(&mut GridState, &Services<'_>)) {
        let of_many = self.scope != Scope::Cursor;
        let source = Services { portfolio: &self.portfolio, draft: &self.draft, of_many };
        work(&mut self.services, &source);
    }

    fn grid(&self) -> &GridState {
        match self.focus {
            Focus::Clients => &self.clients,
            Focus::Services => &self.services,
        }
    }

    fn grid_mut(&mut self) -> &mut GridState {
        match self.focus {
            Focus::Clients => &mut self.clients,
            Focus::Services => &mut self.services,
        }
    }

    /// The filter of the grid that has the keys.
    #[must_use]
    pub fn filter(&self) -> &str {
        match self.focus {
            Focus::Clients => &self.client_filter,
            Focus::Services => &self.service_filter,
        }
    }

    fn filter_grid(&mut self, text: &str, out: &mut Out) {
        self.change += 1;
        match self.focus {
            Focus::Clients => {
                text.clone_into(&mut self.client_filter);
                self.filter_clients();
            }
            Focus::Services => {
                text.clone_into(&mut self.service_filter);
                self.filter_services();
            }
        }
        self.follow_cursor(out);
        self.restatus();
    }

    fn found_clients(&self) -> Option<Ticks> {
        let mut found = self.client_index.find(&self.client_filter)?;
        let rows: Vec<u32> = self.draft.clients().map(|(row, _)| row).collect();
        let source = self.clients_source();
        for_edited(&mut found, &rows, &self.client_filter, |row, index| source.push_search(row, index));
        Some(found)
    }

    fn found_services(&self) -> Option<Ticks> {
        let mut found = self.service_index.find(&self.service_filter)?;
        let rows: Vec<u32> = self.draft.services().map(|(row, _)| row).collect();
        let source = self.services_source();
        for_edited(&mut found, &rows, &self.service_filter, |row, index| source.push_search(row, index));
        Some(found)
    }

    fn filter_clients(&mut self) {
        let found = self.found_clients();
        self.clients.set_matches(found);
    }

    fn filter_services(&mut self) {
        let found = self.found_services();
        self.services.set_matches(found);
    }

    /// Puts the services in scope into their grid.
    fn rescope(&mut self) {
        let portfolio = Arc::clone(&self.portfolio);
        let rows: Vec<u32> = match self.scope {
            Scope::Cursor => self
                .shown_client
                .map(|client| portfolio.clients[client as usize].services.clone().collect())
                .unwrap_or_default(),
            Scope::Ticked => {
                let clients = self.clients.ticks.iter();
                let mut rows: Ticks =
                    clients.flat_map(|client| portfolio.clients[client as usize].services.clone()).collect();
                for row in self.services.ticks.iter() {
                    rows.set(row, true);
                }
                rows.iter().collect()
            }
            Scope::All => (0..portfolio.services.len() as u32).collect(),
        };
        let current = self.services.current();
        self.services.anchor = None;
        self.with_services(|state, source| state.set_rows(rows, source));
        self.filter_services();
        self.services.go_to_row(current);
    }

    fn restatus(&mut self) {
        self.status = Status::of(self);
    }

    /// The cursor has rested on a client: its services are shown.
    pub fn rested(&mut self) {
        if self.scope == Scope::Cursor && self.shown_client != self.clients.current() {
            self.shown_client = self.clients.current();
            self.rescope();
            self.restatus();
        }
    }

    fn take_action(&mut self, action: Action, out: &mut Out) {
        let needs_rows = matches!(
            action,
            Action::Tick
                | Action::Range
                | Action::TickShown
                | Action::InvertShown
                | Action::CopyCell
                | Action::Sort
                | Action::SortDirection
        );
        if needs_rows && self.grid().current().is_none() {
            return out.done("no row here");
        }
        let needs_all = matches!(
            action,
            Action::Save
                | Action::Export
                | Action::Scope
                | Action::Propose
                | Action::PlanPrice
                | Action::SetColumn
                | Action::TickShown
                | Action::InvertShown
                | Action::ClearTicks
                | Action::Undo
                | Action::Redo
        );
        let partly = self.loaded && !self.portfolio.complete;
        if action == Action::Save && (partly || !self.loaded) {
            self.update_waits = true;
            return self.restatus();
        }
        if needs_all && partly {
            return out.done("still reading the store: in a moment");
        }
        match action {
            Action::Go(step) => {
                let columns = match self.focus {
                    Focus::Clients => ClientColumn::ALL.len(),
                    Focus::Services => ServiceColumn::ALL.len(),
                };
                self.grid_mut().go(step, columns);
                self.follow_cursor(out);
            }
            Action::NextPane | Action::PreviousPane => self.change_focus(out),
            Action::Zoom => {
                self.zoomed = !self.zoomed;
                self.change += 1;
            }
            Action::Scope => self.next_scope(),
            Action::Tick => self.tick(out),
            Action::Range => {
                let current = self.grid().current();
                let state = self.grid_mut();
                state.anchor = if state.anchor.is_some() { None } else { current };
                if state.anchor.is_some() {
                    out.done("a range begins here: move, then Space ticks it, Esc ends it");
                }
            }
            Action::TickShown => self.tick_shown(out),
            Action::InvertShown => drop(self.change_ticks("invert", out, GridState::invert_shown)),
            Action::ClearTicks => self.clear_ticks(out),
            Action::Sort => self.sort(),
            Action::SortDirection => self.turn_sort(),
            Action::Filter => {
                let text = self.filter().to_owned();
                out.open(Layer::Prompt(Prompt::new(PromptFor::Filter, "/", &text)));
            }
            Action::NextMatch => self.next_match(true, out),
            Action::PreviousMatch => self.next_match(false, out),
            Action::EditCell => self.begin_edit(Target::Cursor, out),
            Action::SetColumn => self.begin_edit(Target::Ticked, out),
            Action::Propose => self.propose(out),
            Action::PlanPrice => self.take_plan_price(out),
            Action::Undo => self.undo(out),
            Action::Redo => self.redo(out),
            Action::AppConsent => self.ask_app_consent(out),
            Action::Request => out.open(Layer::Confirm(self.ask_request())),
            Action::Save => self.ask_update(out),
            Action::CopyCell => self.copy(out),
            Action::Export => {
                out.open(Layer::Prompt(Prompt::new(PromptFor::ExportPath, "write to ", self.export_name())));
            }
            Action::Close => self.close(out),
            _ => {}
        }
    }

    /// Takes back an Update that waits for rows; whether one did.
    pub fn stop_update(&mut self) -> bool {
        let waited = std::mem::take(&mut self.update_waits);
        if waited {
            self.restatus();
        }
        waited
    }

    /// Whether an Update waits that need not wait any longer.
    #[must_use]
    pub fn may_update(&self) -> bool {
        self.update_waits && self.portfolio.complete
    }

    fn follow_cursor(&mut self, out: &mut Out) {
        if self.focus == Focus::Clients && self.scope == Scope::Cursor {
            out.effect(Effect::Rest);
        }
    }

    fn change_focus(&mut self, out: &mut Out) {
        self.rested();
        self.focus = match self.focus {
            Focus::Clients => Focus::Services,
            Focus::Services => Focus::Clients,
        };
        self.change += 1;
        if self.focus == Focus::Services && self.services.in_scope() == 0 && self.loaded {
            out.done("no services here; o shows those of the ticked clients, or of all");
        }
    }

    fn next_scope(&mut self) {
        self.scope = match self.scope {
            Scope::Cursor => Scope::Ticked,
            Scope::Ticked => Scope::All,
            Scope::All => Scope::Cursor,
        };
        self.shown_client = self.clients.current();
        self.change += 1;
        self.rescope();
        self.restatus();
    }

    fn sort(&mut self) {
        let state = self.grid_mut();
        let column = state.column;
        state.sort = match state.sort {
            Some((sorted, _)) if sorted == column => None,
            _ => Some((column, Direction::Up)),
        };
        self.resort();
    }

    fn turn_sort(&mut self) {
        let state = self.grid_mut();
        state.sort = match state.sort {
            Some((column, Direction::Up)) => Some((column, Direction::Down)),
            Some((column, Direction::Down)) => Some((column, Direction::Up)),
            None => Some((state.column, Direction::Down)),
        };
        self.resort();
    }

    fn resort(&mut self) {
        self.change += 1;
        match self.focus {
            Focus::Clients => self.with_clients(|state, source| state.resort(source)),
            Focus::Services => self.with_services(|state, source| state.resort(source)),
        }
    }

    fn next_match(&mut self, forward: bool, out: &mut Out) {
        let found = match self.focus {
            Focus::Clients => self.found_clients(),
            Focus::Services => self.found_services(),
        };
        match found {
            None => out.done("nothing to look for yet: / asks for a text"),
            Some(found) => {
                if !self.grid_mut().go_to_match(&found, forward) {
                    out.done("no row here holds that text");
                }
                self.follow_cursor(out);
            }
        }
    }

    fn undo(&mut self, out: &mut Out) {
        let portfolio = Arc::clone(&self.portfolio);
        let Some(step) = self.draft.undo(&portfolio) else {
            return out.done("nothing to undo");
        };
        out.done(format!("undone: {}", step.label));
        let (clients, services) = (step.client_ticks.clone(), step.service_ticks.clone());
        self.make_ticks(&clients, &services);
        self.after_edits(!clients.is_empty());
    }

    fn redo(&mut self, out: &mut Out) {
        let portfolio = Arc::clone(&self.portfolio);
        let Some(step) = self.draft.redo(&portfolio) else {
            return out.done("nothing to redo");
        };
        out.done(format!("done again: {}", step.label));
        let (clients, services) = (step.client_ticks.clone(), step.service_ticks.clone());
        self.make_ticks(&clients, &services);
        self.after_edits(!clients.is_empty());
    }

    fn after_edits(&mut self, client_ticks: bool) {
        self.change += 1;
        if client_ticks {
            self.ticks_changed(Focus::Clients);
        }
        self.restatus();
    }

    fn ask_request(&self) -> Confirm {
        let known = self.portfolio.clients.iter().filter(|c| c.at_microsoft).count();
        let have = if known > 0 {
            format!("The {known} customers read last stay until the new ones are complete.")
        } else {
            "Nothing was read yet; this is the first time.".to_owned()
        };
        Confirm::new(
            "Request CSP data",
            vec![
                "Reads every customer and its subscriptions from Partner Center.".to_owned(),
                have,
                "Nothing is changed at Microsoft. Ticks and edits stay.".to_owned(),
            ],
            vec![Effect::Pull],
        )
    }

    fn copy(&self, out: &mut Out) {
        let Some(row) = self.grid().current() else { return };
        let column = self.grid().column;
        let text = match self.focus {
            Focus::Clients => self.clients_source().cell(row, column).text.into_owned(),
            Focus::Services => self.services_source().cell(row, column).text.into_owned(),
        };
        out.done(format!("sent to your terminal's clipboard (OSC 52): {}", fit_notice(&text)));
        out.effect(Effect::Copy(text));
    }

    fn close(&mut self, out: &mut Out) {
        if self.grid().anchor.is_some() {
            self.grid_mut().anchor = None;
        } else if !self.filter().is_empty() {
            self.set_filter("", out);
        }
    }

    /// Whether something is typed or ticked.
    #[must_use]
    pub fn has_work(&self) -> bool {
        self.draft.len() > 0 || self.clients.ticks.count() + self.services.ticks.count() > 0
    }
}

fn fit_notice(text: &str) -> std::borrow::Cow<'_, str> {
    fit(text, 40, crate::ui::widgets::fit::Cut::Middle, "..")
}

/// Edited rows are found by what they hold now, not by what was read.
fn for_edited(found: &mut Ticks, rows: &[u32], pattern: &str, push: impl Fn(u32, &mut SearchIndex)) {
    let mut index = SearchIndex::default();
    for row in rows {
        push(*row, &mut index);
    }
    if let Some(matching) = index.find(pattern) {
        for (at, row) in rows.iter().enumerate() {
            found.set(*row, matching.has(at as u32));
        }
    }
}
