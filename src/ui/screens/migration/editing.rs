//! Editing a cell, or a column of all ticked rows.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Zoned;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::domain::client::{ClientStatus, check_username, fill_username};
use crate::domain::cycle::BillingCycle;
use crate::domain::date::parse_typed;
use crate::domain::ids::PlanId;
use crate::domain::money::{Currency, grouped};
use crate::domain::plan::Plan;
use crate::domain::subscription::SubscriptionStatus;
use crate::domain::text::counted;
use crate::domain::text::printable;
use crate::ui::layers::{Choose, Layer, Prompt, PromptFor};
use crate::ui::messages;
use crate::ui::messages::Ask;
use crate::ui::messages::migration::{Choice, ClientColumn, Edit, Editable, ServiceColumn, Target};
use crate::ui::out::Out;

use super::columns::{CLIENTS, SERVICES_OF_ONE};
use super::{Focus, Migration};

impl Migration {
    /// The rows of a target, in the grid that has the keys.
    fn targeted(&self, target: Target) -> Vec<u32> {
        match target {
            Target::Cursor => self.grid().current().into_iter().collect(),
            Target::Ticked => self.grid().ticks.iter().collect(),
        }
    }

    pub(super) fn begin_edit(&mut self, target: Target, out: &mut Out) {
        self.rested();
        let at = self.grid().column;
        let (column, title, editable) = match self.focus {
            Focus::Clients => {
                (Editable::Client(ClientColumn::ALL[at]), CLIENTS[at].title, CLIENTS[at].editable)
            }
            Focus::Services => {
                let column = &SERVICES_OF_ONE[at];
                (Editable::Service(ServiceColumn::ALL[at]), column.title, column.editable)
            }
        };
        if !editable {
            return out
                .done(format!("{title} comes from Microsoft; l and h go to the columns that can be edited"));
        }
        let rows = self.targeted(target);
        if rows.is_empty() {
            return out.done(match target {
                Target::Cursor => "no row here",
                Target::Ticked => "nothing is ticked in this grid: Space ticks a row, a all that are shown",
            });
        }
        let edit = Edit { target, column };
        let heading = self.edit_heading(target, title, rows.len());
        let layer = match column {
            Editable::Client(ClientColumn::Username) => {
                let now = self.draft.client_values(&self.portfolio, rows[0]).username;
                let prompt = Prompt::new(PromptFor::Value(Ask::Migration(edit)), heading, &now);
                Layer::Prompt(prompt.with_hint("{email} {domain}: each client's own"))
            }
            Editable::Client(ClientColumn::Registered) => {
                let now = self.draft.client_values(&self.portfolio, rows[0]).registered_on;
                Layer::Prompt(self.date_prompt(edit, heading, now))
            }
            Editable::Service(ServiceColumn::Start) => {
                let now = self.draft.service_values(&self.portfolio, rows[0]).invoice.start;
                Layer::Prompt(self.date_prompt(edit, heading, now))
            }
            Editable::Service(ServiceColumn::End) => {
                let now = self.draft.service_values(&self.portfolio, rows[0]).invoice.end;
                Layer::Prompt(self.date_prompt(edit, heading, now))
            }
            Editable::Client(_) | Editable::Service(_) => {
                let (choices, current) = self.choices(column, &rows);
                if choices.is_empty() {
                    return out.done("no plan sells this offer; plans are made on the tab Plans (3)");
                }
                let choices = choices
                    .into_iter()
                    .map(|(name, choice)| (name, messages::Choice::Migration(edit, choice)))
                    .collect();
                Layer::Choose(Choose::new(heading, choices, current))
            }
        };
        out.open(layer);
    }

    fn edit_heading(&self, target: Target, title: &str, rows: usize) -> String {
        match target {
            Target::Cursor => format!("{title} "),
            Target::Ticked => {
                let what = if self.focus == Focus::Clients { "clients" } else { "services" };
                match self.grid().hidden_ticks() {
                    0 => format!("{title} of {rows} ticked {what} "),
                    hidden => format!("{title} of {rows} ticked {what} ({hidden} hidden) "),
                }
            }
        }
    }

    fn date_prompt(&self, edit: Edit, heading: String, now: Option<Date>) -> Prompt {
        let text = now.map(|d| d.to_string()).unwrap_or_default();
        Prompt::new(PromptFor::Value(Ask::Migration(edit)), heading, &text)
            .with_hint("today  +30d  -1m  2026-11-01")
    }

    /// What can be chosen, and which of it stands in the first row now.
    fn choices(&self, column: Editable, rows: &[u32]) -> (Vec<(String, Choice)>, usize) {
        let named = |choices: Vec<Choice>, current: Option<Choice>| {
            let at = current.and_then(|c| choices.iter().position(|o| *o == c)).unwrap_or(0);
            (choices.into_iter().map(|c| (self.choice_name(&c), c)).collect(), at)
        };
        let portfolio = &self.portfolio;
        match column {
            Editable::Client(ClientColumn::Currency) => {
                let now = self.draft.client_values(portfolio, rows[0]).currency;
                named(
                    self.currencies().into_iter().map(Choice::Currency).collect(),
                    now.map(Choice::Currency),
                )
            }
            Editable::Client(_) => {
                let now = self.draft.client_values(portfolio, rows[0]).status;
                named(
                    ClientStatus::usual().map(Choice::ClientStatus).to_vec(),
                    Some(Choice::ClientStatus(now)),
                )
            }
            Editable::Service(ServiceColumn::Plan) => {
                let now = self.draft.service_values(portfolio, rows[0]).plan;
                let plans = self.plans_for(rows);
                let at = now.and_then(|id| plans.iter().position(|p| p.id == id)).unwrap_or(0);
                let named = plans.iter().map(|p| (self.plan_offer(p, rows[0]), Choice::Plan(p.id.clone())));
                (named.collect(), at)
            }
            Editable::Service(ServiceColumn::Cycle) => {
                let now = self.draft.service_values(portfolio, rows[0]).cycle;
                let cycles = self.cycles_for(rows).into_iter().map(Choice::Cycle).collect();
                named(cycles, now.map(|c| Choice::Cycle((*c).clone())))
            }
            Editable::Service(ServiceColumn::Status) => {
                let now = self.draft.service_values(portfolio, rows[0]).status;
                named(
                    SubscriptionStatus::usual().map(Choice::ServiceStatus).to_vec(),
                    Some(Choice::ServiceStatus(now)),
                )
            }
            Editable::Service(_) => {
                let now = self.draft.service_values(portfolio, rows[0]).invoice.generate;
                // The other value comes first: it is what one opens this for.
                named(vec![Choice::Generate(!now), Choice::Generate(now)], None)
            }
        }
    }

    /// A plan as it is offered for a row: with what a seat costs the customer in the row's cycle and currency.
    fn plan_offer(&self, plan: &Plan, row: u32) -> String {
        let service = &self.portfolio.services[row as usize];
        let cycle = self.draft.service_values(&self.portfolio, row).cycle;
        let currency = self.draft.client_values(&self.portfolio, service.client).currency;
        let price = match (cycle, currency) {
            (Some(cycle), Some(currency)) => match plan.price(&cycle, currency) {
                Some(price) => format!("{currency} {} a seat, {cycle}", grouped(price.price, currency)),
                None => format!("no price for {cycle} in {currency}"),
            },
            (None, _) => "choose a cycle then".to_owned(),
            (_, None) => "its client has no currency".to_owned(),
        };
        printable(&format!("{}  {}  {price}", plan.name, plan.segment)).into_owned()
    }

    fn choice_name(&self, choice: &Choice) -> String {
        match choice {
            Choice::Currency(currency) => currency.to_string(),
            Choice::ClientStatus(status) => status.to_string(),
            Choice::Plan(id) => id.to_string(),
            Choice::Cycle(cycle) => printable(&cycle.to_string()).into_owned(),
            Choice::ServiceStatus(status) => printable(&status.to_string()).into_owned(),
            Choice::Generate(true) => "yes".to_owned(),
            Choice::Generate(false) => "no".to_owned(),
        }
    }

    /// The currencies that plans have prices in, then those of the clients.
    fn currencies(&self) -> Vec<Currency> {
        let mut all: BTreeSet<Currency> = self
            .portfolio
            .plans
            .all()
            .iter()
            .flat_map(|p| p.prices.iter().map(|price| price.currency))
            .collect();
        for row in 0..self.portfolio.clients.len() as u32 {
            all.extend(self.draft.client_values(&self.portfolio, row).currency);
        }
        all.into_iter().collect()
    }

    /// The plans that sell what the rows are; for rows of several offers, all that fit any of them.
    fn plans_for(&self, rows: &[u32]) -> Vec<Arc<Plan>> {
        let mut offers: Vec<_> =
            rows.iter().map(|row| &self.portfolio.services[*row as usize].offer).collect();
        offers.sort_unstable();
        offers.dedup();
        let mut plans: Vec<Arc<Plan>> =
            offers.iter().flat_map(|offer| self.portfolio.plans.selling(offer)).cloned().collect();
        plans.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.id.cmp(&b.id)));
        plans.dedup_by(|a, b| a.id == b.id);
        plans
    }

    /// The cycles that the rows' plans have a price for; where no plan is chosen, the usual ones.
    fn cycles_for(&self, rows: &[u32]) -> Vec<BillingCycle> {
        let mut cycles: Vec<BillingCycle> = Vec::new();
        let mut plans: BTreeSet<PlanId> = BTreeSet::new();
        for row in rows {
            plans.extend(self.draft.service_values(&self.portfolio, *row).plan);
        }
        for plan in plans.iter().filter_map(|id| self.portfolio.plans.get(id)) {
            for price in &plan.prices {
                if !cycles.contains(&price.cycle) {
                    cycles.push(price.cycle.clone());
                }
            }
        }
        if cycles.is_empty() { BillingCycle::usual().to_vec() } else { cycles }
    }

    /// Takes a typed value; the sentence says why it can't be taken.
    ///
    /// # Errors
    /// When the text does not fit the column.
    pub fn type_value(&mut self, edit: Edit, text: &str, out: &mut Out) -> Result<(), String> {
        let today = Zoned::now().with_time_zone(TimeZone::UTC).date();
        match edit.column {
            Editable::Client(ClientColumn::Username) => {
                self.type_username(edit, text.trim(), out)?;
            }
            Editable::Client(_) => {
                let date = parse_typed(text, today).map_err(|e| e.to_string())?;
                self.set_clients(edit, "reg. date", out, |_, e| e.registered_on = Some(date));
            }
            Editable::Service(column) => {
                let date = match text.trim() {
                    "" | "-" => None,
                    typed => Some(parse_typed(typed, today).map_err(|e| e.to_string())?),
                };
                if column == ServiceColumn::End {
                    self.set_services(edit, "invoice end", out, |e| e.invoice_end = Some(date));
                } else {
                    self.set_services(edit, "invoice start", out, |e| e.invoice_start = Some(date));
                }
            }
        }
        Ok(())
    }

    fn type_username(&mut self, edit: Edit, typed: &str, out: &mut Out) -> Result<(), String> {
        let portfolio = Arc::clone(&self.portfolio);
        let filled = |row: u32| {
            let client = &portfolio.clients[row as usize];
            fill_username(typed, &client.domain, client.email.as_deref())
        };
        let mut without = 0;
        for row in self.targeted(edit.target) {
            match filled(row) {
                Some(name) => check_username(&name).map_err(|e| e.to_string())?,
                None => without += 1,
            }
        }
        self.set_clients(edit, "username", out, |row, e| {
            if let Some(name) = filled(row) {
                e.username = Some(name);
            }
        });
        if without > 0 {
            out.done(format!("{} without an e-mail address and left as before", counted(without, "client")));
        }
        Ok(())
    }

    /// Takes a chosen value.
    pub fn choose_value(&mut self, edit: Edit, choice: &Choice, out: &mut Out) {
        match choice {
            Choice::Currency(currency) => {
                self.set_clients(edit, "currency", out, |_, e| e.currency = Some(*currency));
            }
            Choice::ClientStatus(status) => {
                self.set_clients(edit, "status", out, |_, e| e.status = Some(status.clone()));
            }
            Choice::Plan(id) => self.set_services(edit, "plan", out, |e| e.plan = Some(id.clone())),
            Choice::Cycle(cycle) => {
                self.set_services(edit, "cycle", out, |e| e.cycle = Some(cycle.clone()));
            }
            Choice::ServiceStatus(status) => {
                self.set_services(edit, "status", out, |e| e.status = Some(status.clone()));
            }
            Choice::Generate(generate) => {
                self.set_services(edit, "invoice", out, |e| e.invoice_generate = Some(*generate));
            }
        }
    }

    fn set_clients(
        &mut self,
        edit: Edit,
        what: &str,
        out: &mut Out,
        set: impl Fn(u32, &mut crate::domain::client::ClientEdit),
    ) {
        let rows = self.targeted(edit.target);
        let portfolio = Arc::clone(&self.portfolio);
        let label = format!("{what} of {}", counted(rows.len(), "client"));
        out.done(format!("{label}, not saved yet: Ctrl-S shows what an Update would do"));
        self.draft.edit_clients(&portfolio, &rows, label, set);
        self.after_edits(false);
    }

    fn set_services(
        &mut self,
        edit: Edit,
        what: &str,
        out: &mut Out,
        set: impl Fn(&mut crate::domain::service::ServiceEdit),
    ) {
        let rows = self.targeted(edit.target);
        let portfolio = Arc::clone(&self.portfolio);
        let label = format!("{what} of {}", counted(rows.len(), "service"));
        out.done(format!("{label}, not saved yet: Ctrl-S shows what an Update would do"));
        self.draft.edit_services(&portfolio, &rows, label, |_, e| set(e));
        self.after_edits(false);
    }

    /// Takes the proposed plans, for the ticked services; without any, for the one under the cursor.
    pub(super) fn propose(&mut self, out: &mut Out) {
        self.rested();
        let rows = self.chosen_services();
        let portfolio = Arc::clone(&self.portfolio);
        let source = self.services_source();
        let mut proposed: std::collections::HashMap<u32, PlanId> = std::collections::HashMap::new();
        let mut open = 0;
        for row in &rows {
            let values = source.draft.service_values(&portfolio, *row);
            if values.plan.is_some() {
                continue;
            }
            open += 1;
            let service = &portfolio.services[*row as usize];
            let currency = source.draft.client_values(&portfolio, service.client).currency;
            if let (Some(cycle), Some(currency)) = (values.cycle, currency)
                && let Some(plan) = portfolio.plans.proposal(&service.offer, &cycle, currency)
            {
                proposed.insert(*row, plan.id.clone());
            }
        }
        if rows.is_empty() {
            return out.done("no service here");
        }
        let without = open - proposed.len();
        if proposed.is_empty() {
            return out.done(match open {
                0 => "every one of them has a plan already".to_owned(),
                _ => format!("no single plan fits {}: e chooses one", counted(without, "service")),
            });
        }
        let taken: Vec<u32> = rows.into_iter().filter(|row| proposed.contains_key(row)).collect();
        let label = format!("plans of {}", counted(taken.len(), "service"));
        let rest = if without > 0 {
            format!("; no single plan fits {}", counted(without, "other"))
        } else {
            String::new()
        };
        out.done(format!("{label}, not saved yet{rest}"));
        self.draft.edit_services(&portfolio, &taken, label, |row, e| e.plan = proposed.get(&row).cloned());
        self.after_edits(false);
    }
}

/// Both grids' columns are addressed by their place.
const _: () =
    assert!(CLIENTS.len() == ClientColumn::ALL.len() && SERVICES_OF_ONE.len() == ServiceColumn::ALL.len());
